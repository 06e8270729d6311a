"""Where pairs and their readers lie, and what stage `readers` found about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..core.labels import ATTRIBUTES


def pairs_path(work: Path, engine: str, augment: str = "labels") -> Path:
    """Where pairs lie: those that ship (donors found by label) and, for the ablation, the others."""
    return work / "cache" / f"pairs_{engine}{'' if augment == 'labels' else '_' + augment}.npz"


def hidden(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """attribute -> [N] bool: which faces of a file of pairs do not show it (pairs/filter.py); empty where none was read."""
    return {name: ~arrays[f"seen_{name}"] for name in ATTRIBUTES if f"seen_{name}" in arrays}


def reader_path(work: Path, name: str) -> Path:
    """The checkpoint of a network of stage `readers`."""
    return work / "readers" / f"{name.replace(' ', '_')}.pt"


def shares_path(work: Path) -> Path:
    return work / "readers" / "shares.json"


def reader_shares(work: Path) -> dict[str, dict[str, float]]:
    """How often photos show each value, as the reader says that has seen none (stage `readers`)."""
    return json.loads(shares_path(work).read_text())
