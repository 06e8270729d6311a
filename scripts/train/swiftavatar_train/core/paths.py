"""Where things lie in the source tree."""

from __future__ import annotations

from pathlib import Path

TRAIN = Path(__file__).resolve().parents[2]  # scripts/train
ROOT = TRAIN.parents[1]
CONFIGS = TRAIN / "configs"
LABELS = TRAIN / "labels"
ENGINES = ROOT / "configs" / "engines"
BUNDLE = ROOT / "models" / "default"
