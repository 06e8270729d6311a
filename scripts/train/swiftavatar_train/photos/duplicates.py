"""Pairs of photos that may show one person, to be looked at: what labels/duplicates.csv and excluded.csv were made from.

Faces are compared by dlib's face recognition network (CC0; `pip install dlib-bin face-recognition-models`), which is a
tool for cleaning the data set only: nothing that ships has it, and people are nowhere named by it. The same picture in
another crop comes out nearer than 0.2, one person in another picture mostly nearer than 0.5, but so do some pairs of
different people, so eyes decide.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

CHIP = 150       # pixels
PADDING = 0.25   # around the face, of its size
# Where dlib's network wants mesh points to be: outer and inner corners of the eyes, and under the nose; 0..1 of the face.
PLACES = {263: (0.8596, 0.2135), 362: (0.6461, 0.2290), 33: (0.1206, 0.2137), 133: (0.3341, 0.2291), 2: (0.4901, 0.6278)}


def face_chip(image: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """An RGB photo's face as the network wants it, [150, 150, 3], from its mesh [478, 2]."""
    wanted = (np.array(list(PLACES.values())) + PADDING) / (1 + 2 * PADDING) * CHIP
    given = mesh[list(PLACES)].astype(np.float64)
    # Least-squares similarity: as complex numbers, wanted = factor * given + shift.
    a, b = (points @ (1, 1j) for points in (given, wanted))
    factor = np.vdot(a - a.mean(), b - b.mean()) / np.vdot(a - a.mean(), a - a.mean()).real
    shift = b.mean() - factor * a.mean()
    transform = np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])
    shrink = int(1 / abs(factor))
    if shrink >= 2:
        height, width = image.shape[:2]
        small = (max(1, width // shrink), max(1, height // shrink))
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        transform[:, :2] *= (width / small[0], height / small[1])
    return cv2.warpAffine(image, transform, (CHIP, CHIP), borderMode=cv2.BORDER_REPLICATE)


def descriptors(chips: np.ndarray) -> np.ndarray:
    """What the network says of chips [N, 150, 150, 3]: [N, 128]."""
    models = importlib.util.find_spec("face_recognition_models")
    try:
        import dlib
    except ImportError:
        dlib = None
    if dlib is None or models is None or models.origin is None:
        raise SystemExit("To compare faces, run `pip install dlib-bin face-recognition-models==0.3.0` and try again.")
    weights = Path(models.origin).parent / "models" / "dlib_face_recognition_resnet_model_v1.dat"
    network = dlib.face_recognition_model_v1(str(weights))
    return np.array([network.compute_face_descriptor(chip) for chip in chips], np.float32).reshape(-1, 128)


@dataclass(frozen=True)
class Pair:
    """Two photos by row, and how far apart their faces are."""

    first: int
    second: int
    distance: float


def near_pairs(found: np.ndarray, nearer_than: float) -> list[Pair]:
    """All pairs of descriptors [N, D] nearer than a distance, the nearest first."""
    pairs = []
    for row, one in enumerate(found[:-1]):
        distances = np.linalg.norm(found[row + 1:] - one, axis=1)
        pairs += [Pair(row, row + 1 + int(k), float(distances[k])) for k in np.flatnonzero(distances < nearer_than)]
    return sorted(pairs, key=lambda pair: pair.distance)


def groups(count: int, pairs: list[tuple[int, int]]) -> np.ndarray:
    """The group of each of `count` photos: the lowest row that pairs lead to."""
    group = np.arange(count)
    for first, second in pairs:
        low, high = sorted((group[first], group[second]))
        group[group == high] = low
    return group
