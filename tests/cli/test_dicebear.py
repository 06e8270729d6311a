"""DiceBear's styles as engines, against DiceBear's own core: the same options, the same pixels."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from librsvg import rasterise
from program import ROOT, environment, sentence, swiftavatar
from styles import FACE_STYLES, core_svg, definition, draw, random_options, require_dicebear, style_file

AVATARS = 20  # of each style


@pytest.fixture(autouse=True)
def dicebear() -> None:
    require_dicebear()


def difference(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


@pytest.mark.parametrize("style", FACE_STYLES)
def test_same_pixels_as_the_core(style: str) -> None:
    """Our picture, the core's picture of the same options, and the core's picture of the options that we write."""
    rng = random.Random(style)
    natives = [random_options(style, rng) for _ in range(AVATARS)]
    answers, = draw([{"definition": str(style_file(style)), "natives": natives}])
    assert len(answers) == AVATARS
    pictures = []
    for options, answer in zip(natives, answers, strict=True):
        ours = rasterise(answer["svg"])
        assert difference(ours, rasterise(core_svg(style, options))) == 0, options
        assert answer["native"] == options
        pictures.append(ours.tobytes())
    assert len(set(pictures)) > AVATARS / 2, "random avatars look alike: nothing was compared"
