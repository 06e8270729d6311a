"""The nine measures at rest: what a smile adds to the width of mouth and nose is taken away.

A slider shall follow the person, not the moment. The slopes are fitted by calibration/smile.py.
"""

from __future__ import annotations

import numpy as np

from ..core.labels import measures

# What calibration/smile.py prints: by how much each grows with the corners' lift and the lips' opening, and both of these at rest.
SLOPES = {"nose_width": (0.735, 0.068), "mouth_width": (1.951, 0.316)}
REST = (0.0099, 0.0036)


def smile(mesh: np.ndarray) -> np.ndarray:
    """Lift of the mouth's corners above the lips' middle, and opening of the lips [..., 2], in face heights, of meshes
    [..., 478, 2] in any similarity frame."""
    down = mesh[..., 152, :] - mesh[..., 10, :]
    middle, corners = (mesh[..., 13, :] + mesh[..., 14, :]) / 2, (mesh[..., 61, :] + mesh[..., 291, :]) / 2
    lift = ((middle - corners) * down).sum(-1) / (down * down).sum(-1)
    opening = np.linalg.norm(mesh[..., 14, :] - mesh[..., 13, :], axis=-1) / np.linalg.norm(down, axis=-1)
    return np.stack([lift, opening], -1)


def at_rest(mesh: np.ndarray) -> dict[str, np.ndarray]:
    """The nine measures, mouth and nose as wide as they would be without the smile."""
    found, away = measures(mesh), smile(mesh) - np.array(REST)
    return {name: value - away @ np.array(SLOPES[name]) if name in SLOPES else value for name, value in found.items()}
