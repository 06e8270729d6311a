"""What a photo does not show is said in `warnings`, and nothing is said of a plain photo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from program import check, estimate, read_rgb, write_image

Picture = np.ndarray[Any, Any]


def small(image: Picture, face: Any) -> Picture:
    scale = 45 / max(face["box"][2:])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def tight(image: Picture, face: Any) -> Picture:
    x, y, width, height = face["box"]
    return np.ascontiguousarray(image[int(y - 0.03 * height):int(y + 1.2 * height), int(x - 0.3 * width):int(x + 1.3 * width)])


def dark(image: Picture, _: Any) -> Picture:
    return (image * 0.3).astype(np.uint8)


def over_exposed(image: Picture, _: Any) -> Picture:
    return np.clip(image * 1.6, 0, 255).astype(np.uint8)


def sunglasses(image: Picture, face: Any) -> Picture:
    left, right = (np.array(point) for point in face["landmarks"][:2])
    width = int(0.36 * np.linalg.norm(right - left))
    worn = image.copy()
    for eye in (left, right):
        cv2.ellipse(worn, tuple(int(value) for value in eye), (width, int(0.8 * width)), 0, 0, 360, (12, 12, 14), cv2.FILLED, cv2.LINE_AA)
    cv2.line(worn, tuple(int(value) for value in left), tuple(int(value) for value in right), (12, 12, 14), 3, cv2.LINE_AA)
    return worn


def lamp(red: float, green: float, blue: float) -> Callable[[Picture, Any], Picture]:
    def lit(image: Picture, _: Any) -> Picture:
        return np.clip((image / 255.0) * np.power([red, green, blue], 1 / 2.2) * 255, 0, 255).astype(np.uint8)
    return lit


def warnings_of(image: Picture, folder: Path) -> tuple[list[str], Any]:
    result = check(estimate(write_image(folder / "photo.png", image), "--previews", "none", "--json", cwd=folder).json)
    return result["warnings"], result


@pytest.mark.parametrize(("change", "words"), [
    (small, "pixels in the photo: details"), (tight, "cuts off the head"), (dark, "very dark"), (over_exposed, "over-exposed"),
    (sunglasses, "wears sunglasses"), (lamp(1, 0.4, 0.1), "strongly coloured"), (lamp(0.1, 0.3, 1), "strongly coloured")])
def test_what_is_not_seen_is_said(change: Callable[[Picture, Any], Picture], words: str, fast: tuple[Path, Any], tmp_path: Path) -> None:
    warnings, _ = warnings_of(change(read_rgb(), fast[1]["face"]), tmp_path)
    assert len(warnings) == 1 and words in warnings[0], warnings


def test_a_plain_photo_leaves_no_doubt(fast: tuple[Path, Any], tmp_path: Path) -> None:
    image, (x, y, width, height) = read_rgb(), fast[1]["face"]["box"]
    assert not fast[1]["warnings"]
    head = image[max(0, int(y - 0.4 * height)):int(y + 1.2 * height), max(0, int(x - 0.4 * width)):int(x + 1.4 * width)]
    for plain in (cv2.resize(image, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA), np.ascontiguousarray(head),
                  lamp(1, 0.9, 0.7)(image, None), (image * 0.7).astype(np.uint8)):
        assert not warnings_of(plain, tmp_path)[0], plain.shape


def test_behind_sunglasses_the_eyes_are_not_measured(fast: tuple[Path, Any], tmp_path: Path) -> None:
    _, result = warnings_of(sunglasses(read_rgb(), fast[1]["face"]), tmp_path)
    assert result["confidence"]["colors"]["eyes"] == 0
    assert fast[1]["confidence"]["colors"]["eyes"] > 0


def test_in_coloured_light_the_skin_is_of_a_natural_shade(tmp_path: Path) -> None:
    """Redder than green, greener than blue, whatever colour the lamp has."""
    _, result = warnings_of(lamp(0.1, 0.3, 1)(read_rgb(), None), tmp_path)
    red, green, blue = (int(result["avatar"]["colors"]["skin"][at:at + 2], 16) for at in (1, 3, 5))
    assert red > green > blue
