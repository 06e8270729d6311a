"""`python -m swiftavatar_train STAGE --config FILE --work DIR`: one command per stage of the training."""

from __future__ import annotations

import argparse
import importlib
import tomllib
from pathlib import Path

# stage -> module whose run(cfg, work) does it; in the order of a full training (restore: see its module)
STAGES = {
    "face-nets": "face_nets",
    "data": "data",
    "makehuman": "makehuman",
    "parser": "parser",
    "generator": "train_generator",
    "avatar-generator": "avatar_generator",
    "inverter": "inverter",
    "readers": "readers",
    "pairs": "pairs",
    "estimator": "estimator",
    "folds": "estimator_folds",
    "fusion": "fusion",
    "variants": "variants",
    "export": "export",
    "evaluate": "evaluate",
    "cross-domain": "cross_domain",
    "ablation": "ablation",
    "comparators": "comparators",
    "comparison": "comparison",
    "restore": "restore",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="swiftavatar_train", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--config", type=Path, default=Path(__file__).parents[1] / "configs" / "default.toml")
    parser.add_argument("--work", type=Path, required=True, help="folder for caches and checkpoints")
    arguments = parser.parse_args()
    with open(arguments.config, "rb") as file:
        config = tomllib.load(file)
    module = importlib.import_module(f"swiftavatar_train.{STAGES[arguments.stage]}")
    module.run({"stages": config, **config.get("common", {}), **config.get(arguments.stage, {})}, arguments.work)


if __name__ == "__main__":
    main()
