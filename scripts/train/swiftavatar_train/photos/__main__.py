"""`python -m swiftavatar_train.photos --clones DIR --out DIR`: the photos of the data set from clones of their repositories.

--dry-run tells what the clones have and what is missing, and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .networks import Networks, missing_networks
from .rebuild import check, rebuild, tell
from .tables import LABELS, SETS, wanted_pictures


def main() -> int:
    parser = argparse.ArgumentParser(prog="swiftavatar_train.photos", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clones", type=Path, required=True, help="folder with git clones, OWNER/NAME each")
    parser.add_argument("--out", type=Path, help="folder of photos to make or to complete")
    parser.add_argument("--set", action="append", choices=SETS, dest="sets", help="only this set (more than once: these)")
    parser.add_argument("--networks", type=Path, help="folder for the three networks (default: OUT/networks)")
    parser.add_argument("--labels", type=Path, default=LABELS, help="folder of the tables (default: scripts/train/labels)")
    parser.add_argument("--dry-run", action="store_true", help="only tell what the clones have")
    arguments = parser.parse_args()
    if not arguments.clones.is_dir():
        parser.error(f"--clones {arguments.clones}: there is no such folder")
    if not arguments.dry_run and arguments.out is None:
        parser.error("--out is missing: where shall the photos go?")
    sets = arguments.sets or SETS
    folder = arguments.networks or (arguments.out or Path()) / "networks"
    if arguments.dry_run:
        tell(check(wanted_pictures(sets, arguments.labels), arguments.clones))
        for line in missing_networks(folder, arguments.clones):
            print(line)
        return 0
    report = rebuild(sets, arguments.clones, arguments.out, Networks(folder, arguments.clones), arguments.labels)
    tell(report)
    if report.missing:
        print(f"What is missing: {arguments.out / 'missing.csv'}")
    return 1 if report.missing else 0


if __name__ == "__main__":
    sys.exit(main())
