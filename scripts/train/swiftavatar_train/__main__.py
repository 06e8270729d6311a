"""`python -m swiftavatar_train run --config FILE --work DIR [STAGE…]`: from photos to a bundle, each stage when it must run.

Without STAGE, all that makes and measures a bundle. `status` says what would run, and why.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .core.paths import CONFIGS
from .flow.run import Flow
from .flow.settings import load_settings
from .flow.stages import DEFAULT, declare


def main() -> None:
    parser = argparse.ArgumentParser(prog="swiftavatar_train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("run", "status"))
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"made with all that it needs; default: {DEFAULT}")
    parser.add_argument("--config", type=Path, default=CONFIGS / "default.toml", help="settings; default: those of the default bundle")
    parser.add_argument("--work", type=Path, required=True, help="folder of caches, checkpoints, stamps and the bundle")
    parser.add_argument("--dry-run", action="store_true", help="say which stages would run, and why")
    parser.add_argument("--trust-code", action="store_true", help="keep what earlier code made: changed code is no reason to run")
    arguments = parser.parse_intermixed_args()
    config = load_settings(arguments.config)
    flow = Flow(config, declare(config), arguments.work, arguments.trust_code)
    wanted = arguments.stages or [DEFAULT]
    if arguments.command == "status":
        print(flow.status(wanted))
    else:
        flow.run(wanted, arguments.dry_run)


if __name__ == "__main__":
    main()
