"""`python -m swiftavatar_train STAGE --config FILE --work DIR`: one command per stage of the training."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

import tomllib

from .core.paths import CONFIGS

# stage -> module whose run(cfg, work) does it; in the order of a full training (restore: see its module)
STAGES = {
    "face-nets": "release.face_nets",
    "data": "photos.cache",
    "makehuman": "makehuman.heads",
    "parser": "parsing.train",
    "generator": "gan.train_real",
    "avatar-generator": "gan.train_avatar",
    "inverter": "gan.export",
    "readers": "pairs.readers",
    "pairs": "pairs.make",
    "estimator": "estimator.teach",
    "folds": "attributes.folds",
    "fusion": "estimator.fusion",
    "variants": "estimator.variants",
    "export": "release.export",
    "evaluate": "evaluation.evaluate",
    "cross-domain": "experiments.cross_domain",
    "ablation": "experiments.ablation",
    "comparators": "experiments.comparison.comparators",
    "comparison": "experiments.comparison.compare",
    "restore": "release.restore",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="swiftavatar_train", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--config", type=Path, default=CONFIGS / "default.toml")
    parser.add_argument("--work", type=Path, required=True, help="folder for caches and checkpoints")
    arguments = parser.parse_args()
    with open(arguments.config, "rb") as file:
        config = tomllib.load(file)
    module = importlib.import_module(f"swiftavatar_train.{STAGES[arguments.stage]}")
    module.run({"stages": config, **config.get("common", {}), **config.get(arguments.stage, {})}, arguments.work)


if __name__ == "__main__":
    main()
