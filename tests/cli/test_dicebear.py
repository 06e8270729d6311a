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


def compare(style: str) -> None:
    """Our pictures of random options against the core's; what we write as options is what was read."""
    rng = random.Random(style)
    natives = [random_options(style, rng) for _ in range(AVATARS)]
    answers, = draw([{"definition": str(style_file(style)), "natives": natives}])
    assert len(answers) == AVATARS
    canvas, pictures = definition(style)["canvas"], []
    height = round(256 * canvas["height"] / canvas["width"])
    for options, answer in zip(natives, answers, strict=True):
        ours = rasterise(answer["svg"], height=height)
        assert difference(ours, rasterise(core_svg(style, options), height=height)) == 0, options
        assert answer["native"] == options
        pictures.append(ours.tobytes())
    assert len(set(pictures)) > AVATARS / 2, "random avatars look alike: nothing was compared"


@pytest.mark.parametrize("style", FACE_STYLES)
def test_same_pixels_as_the_core(style: str) -> None:
    compare(style)


def test_same_pixels_with_rare_features() -> None:
    """Clips, masks, gradients, blend modes, aliases with ranges of their own, groups that vanish, a canvas that is no square."""
    compare(str(ROOT / "tests/data/engines/features.json"))


@pytest.mark.heavy
def test_same_pixels_in_every_other_style() -> None:
    others = {file.stem for file in style_file("micah").parent.glob("*.json")} - set(FACE_STYLES)
    assert len(others) > 30
    for style in sorted(others):
        compare(style)
