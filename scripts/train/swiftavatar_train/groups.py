"""The groups of values that attributes are judged by (docs/testing.md)."""

from __future__ import annotations

import numpy as np

from .data import ATTRIBUTES

GROUPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "glasses": (("none",), ("eyeglasses", "sunglasses")),
    "facial_hair": (("none", "stubble"), ("moustache", "goatee", "beard")),
    "hair_length": (("bald", "very_short", "short"), ("medium", "long"), ("tied",)),
    "fringe": (("no",), ("yes",)),
    "hair_color": (("black",), ("dark_brown", "brown"), ("blond",), ("red",), ("gray_white",)),
    "hair_texture": (("straight",), ("wavy",), ("curly",)),
    "mouth": (("closed",), ("teeth",)),
    "earrings": (("no",), ("yes",)),
}
BALANCED = {"glasses", "facial_hair", "fringe", "earrings"}


def grouped(name: str, index: np.ndarray) -> np.ndarray:
    """Value indices to group indices; -1 stays (and values outside every group become -1)."""
    table = np.full(len(ATTRIBUTES[name]) + 1, -1)
    for group, values in enumerate(GROUPS[name]):
        for value in values:
            table[ATTRIBUTES[name].index(value)] = group
    return table[index]
