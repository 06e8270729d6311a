"""Irises that are told to be light or brown."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np

from swiftavatar_train.calibration.iris_color import EYES, fit, ratios, right
from swiftavatar_train.core.labels import PARTS

SOURCE = Path(__file__).parents[3] / "src" / "estimate" / "iris.cpp"


def eyes(iris: tuple[int, int, int], light: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray | None:
    """Ratios of a face that is all skin, with two eyes of that colour."""
    image, mesh = np.full((256, 256, 3), (205, 155, 125), np.uint8), np.full((478, 2), 0.5)
    for (center, rim, lids), x in zip(EYES, (100, 156)):
        cv2.ellipse(image, (x, 115), (16, 9), 0, 0, 360, (235, 228, 222), -1)
        cv2.circle(image, (x, 115), 7, iris, -1)
        mesh[center] = x + 0.5, 115.5
        for turn, point in enumerate(rim):
            mesh[point] = x + 0.5 + 7.5 * np.cos(turn * np.pi / 2), 115.5 + 7.5 * np.sin(turn * np.pi / 2)
        for turn, point in enumerate(lids):
            mesh[point] = x + 0.5 - 15 * np.cos(turn * np.pi / 8), 115.5 + 8 * np.sin(turn * np.pi / 8)
    lit = np.clip(255 * ((image / 255) ** 2.2 * light) ** (1 / 2.2), 0, 255).astype(np.uint8)
    return ratios(lit, mesh / 256, np.full((256, 256), PARTS.index("skin"), np.uint8))


def test_what_light_does_to_all_three_does_not_count() -> None:
    assert np.allclose(eyes((105, 125, 145)), eyes((105, 125, 145), (0.8, 0.6, 0.5)), atol=0.12)
    assert not np.allclose(eyes((105, 125, 145)), eyes((95, 65, 35)), atol=0.5)


def test_a_fit_tells_blue_from_brown_and_a_closed_eye_tells_nothing() -> None:
    rng = np.random.default_rng(0)
    kinds = np.arange(40) % 2
    colors = np.where(kinds[:, None], (105, 125, 145), (95, 65, 35)) + rng.normal(0, 12, (40, 3))
    seen = np.stack([eyes(tuple(color)) for color in np.clip(colors, 1, 250).astype(int).tolist()])
    assert min(right(fit(seen, kinds), seen, kinds)) > 0.9
    assert ratios(np.zeros((64, 64, 3), np.uint8), np.full((478, 2), 0.5), np.zeros((64, 64), np.uint8)) is None


def test_the_program_has_weights_that_tell_blue_from_brown_as_this_does() -> None:
    """The same ratios by the weights in iris.cpp: what the C++ tests paint is told as they want it."""
    source = SOURCE.read_text()
    found = [re.search(pattern, source)[1] for pattern in (r"kToSkin\(([^)]*)\)", r"kToWhite\(([^)]*)\)", r"kBias = ([\d.]+)")]
    weights = np.array([float(value) for values in found for value in values.split(",")])
    assert eyes((105, 125, 145)) @ weights[:6] + weights[6] > 0 > eyes((95, 65, 35)) @ weights[:6] + weights[6]
