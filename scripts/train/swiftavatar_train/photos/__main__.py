"""`python -m swiftavatar_train.photos --clones DIR --out DIR`: the photos of the data set from clones of their repositories.

--dry-run tells what the clones have and what is missing, and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from .networks import REPOSITORY, SOURCES, Networks, has_network, network_file
from .rebuild import Report, annotate, check, copy_labels, rebuild_pictures
from .tables import LABELS, SETS, excluded, read_pictures


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
    left_out = excluded(arguments.labels)
    pictures = [picture for picture in read_pictures(arguments.labels)
                if picture.set in (arguments.sets or SETS) and picture.name not in left_out]
    folder = arguments.networks or (arguments.out or Path()) / "networks"
    if arguments.dry_run:
        tell(check(pictures, arguments.clones))
        for name in SOURCES:
            if not has_network(name, folder, arguments.clones):
                print(f"{name} is missing: neither in {folder} nor in a clone of {REPOSITORY}")
        return 0
    arguments.out.mkdir(parents=True, exist_ok=True)
    networks = Networks(folder, arguments.clones)
    for name in SOURCES:  # before the long work
        network_file(name, networks.folder, networks.clones)
    report = rebuild_pictures(pictures, arguments.clones, arguments.out, networks)
    copy_labels(arguments.labels, arguments.out, left_out)
    for name in arguments.sets or SETS:
        if (arguments.out / name).is_dir():
            for file in annotate(arguments.out, name, networks):
                print(f"{name}/{file}: no face found, so no mask and no landmarks")
    tell(report)
    if report.missing:
        print(f"What is missing: {arguments.out / 'missing.csv'}")
    return 1 if report.missing else 0


def tell(report: Report) -> None:
    """A line a set, then a line a reason."""
    lacking = Counter(row["set"] for row in report.missing)
    for name in SETS:
        found, kept = report.made[name], report.kept[name]
        if found + kept + lacking[name]:
            print(f"{name}: {found} found, {kept} there before, {lacking[name]} missing")
    for (repository, reason), count in sorted(Counter((row["repository"], row["reason"]) for row in report.missing).items()):
        print(f"  {count} missing of {repository}: {reason}")


if __name__ == "__main__":
    sys.exit(main())
