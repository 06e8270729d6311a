"""Which photos teach, which choose and which only report. A set that has chosen flatters what it chose."""

from __future__ import annotations

ROLES = {
    "train": "teaches; penalties and weights are chosen on answers for its photos that the networks did not see",
    "world": "teaches",
    "world-more": "teaches",
    "congress": "chose between the first bundles, and settings of the inversion",
    "dev": "has chosen too (one of three inversions, and runs were compared on it): its figures are those of a validation set",
    "world-dev": "only reports: nothing is chosen on it",
}


def role_of(split: str) -> str:
    return ROLES.get(split, "no role is written down for it")
