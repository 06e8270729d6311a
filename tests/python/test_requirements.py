"""The training's packages are pinned, in one version."""

from __future__ import annotations

import re
from pathlib import Path

import tomllib

ROOT = Path(__file__).parents[2]
REQUIREMENTS = (ROOT / "scripts/requirements-train.txt").read_text().split()


def test_every_requirement_is_pinned() -> None:
    assert [line for line in REQUIREMENTS if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line)] == []


def test_the_package_asks_for_the_same_versions() -> None:
    asked = tomllib.loads((ROOT / "scripts/train/pyproject.toml").read_text())["project"]["dependencies"]
    assert set(asked) <= set(REQUIREMENTS) and len(asked) == len(set(asked))
