"""Faces as people take photos: small in large pictures, many, in panoramas, on their side and on their head."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from program import ROOT, check, estimate, read_rgb, write_image

CASES = ROOT / "tests/data/cases"
HEAD = (slice(0, 330), slice(60, 390))  # of the example photo
QUIET = ("--previews", "none", "--json")
TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def group(size: tuple[int, int], places: list[tuple[int, int, int]]) -> np.ndarray:
    """A grey picture, [height, width], with the example's head at places (x, y, side)."""
    canvas = np.full((*size, 3), 120, np.uint8)
    for x, y, side in places:
        canvas[y:y + side, x:x + side] = cv2.resize(read_rgb()[HEAD], (side, side), interpolation=cv2.INTER_AREA)
    return canvas


def faces_of(path: Path | str, folder: Path, *options: str) -> list[Any]:
    """Results for all faces, in the order of their size."""
    run = estimate(path, "--face", "all", "--jsonl", "--previews", "none", *options, cwd=folder)
    return [check(result) for result in run.jsonl]


def assert_at(results: list[Any], places: list[tuple[int, int, int]]) -> None:
    noses = [result["face"]["landmarks"][2] for result in results]
    assert len(noses) == len(places)
    for x, y, side in places:
        assert sum(x < nose[0] < x + side and y < nose[1] < y + side for nose in noses) == 1, (x, y)


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("upright")
    write_image(folder / "photo.png", read_rgb()[:, :])
    return check(estimate("photo.png", *QUIET, cwd=folder).json)


@pytest.mark.parametrize("degrees", TURNS)
def test_a_turned_photo_is_read_as_the_upright_one(upright: Any, degrees: int, tmp_path: Path) -> None:
    write_image(tmp_path / "photo.png", cv2.rotate(read_rgb(), TURNS[degrees]))
    result = check(estimate("photo.png", *QUIET, cwd=tmp_path).json)
    assert result["attributes"] == upright["attributes"]
    words = "upside down" if degrees == 180 else "on its side"
    assert [words in warning for warning in result["warnings"]].count(True) == 1
    assert not any("turned upright" in warning for warning in upright["warnings"])
    for name, value in upright["measures"].items():
        assert result["measures"][name] == pytest.approx(value, rel=0.05), name
    # The box is in the turned photo's own pixels.
    x, y, width, height = upright["face"]["box"]
    side = read_rgb().shape[0]
    expected = {90: (side - y - height, x, height, width), 180: (side - x - width, side - y - height, width, height),
                270: (y, side - x - width, height, width)}[degrees]
    assert result["face"]["box"] == pytest.approx(expected, abs=6)


def test_nobody_upside_down_gets_a_beard(tmp_path: Path) -> None:
    result = check(estimate(CASES / "upside-down.jpg", *QUIET, "-o", ".", cwd=tmp_path).json)
    assert any("upside down" in warning for warning in result["warnings"])
    assert result["attributes"]["facial_hair"] == "none"
    left, right, nose, *mouth = result["face"]["landmarks"]
    assert left[0] > right[0] and left[1] > nose[1] > mouth[0][1]  # in the photo's own pixels


def test_small_faces_of_a_large_photo(tmp_path: Path) -> None:
    results = faces_of(CASES / "large-photo-small-faces.webp", tmp_path, "-o", ".")
    assert len(results) == 8
    for result in results:
        assert (result["input"]["width"], result["input"]["height"]) == (4000, 3000)
        assert 80 < max(result["face"]["box"][2:]) < 120
        assert result["face"]["count"] == 8


def test_a_group_photo(tmp_path: Path) -> None:
    places = [(150 + 640 * (n % 6), 500 + 1300 * (n // 6), 300 + 30 * n) for n in range(12)]
    write_image(tmp_path / "group.jpg", group((3000, 4000), places))
    results = faces_of("group.jpg", tmp_path)
    assert_at(results, places)
    # Of the example's head, 330 pixels, the face is 105 high: none is fitted badly.
    heights = [result["face"]["box"][3] for result in results]
    assert heights == pytest.approx([side * 105 / 330 for _, _, side in reversed(places)], rel=0.08)


def test_a_hundred_faces(tmp_path: Path) -> None:
    places = [(20 + 300 * (n % 10), 20 + 300 * (n // 10), 260) for n in range(100)]
    write_image(tmp_path / "crowd.jpg", group((3040, 3040), places))
    assert_at(faces_of("crowd.jpg", tmp_path), places)


@pytest.mark.parametrize("width", [3000, 6000])
def test_panorama(width: int, tmp_path: Path) -> None:
    places = [(x, 8, 240) for x in range(100, width - 240, 900)]
    write_image(tmp_path / "panorama.jpg", group((256, width), places))
    assert_at(faces_of("panorama.jpg", tmp_path), places)


def test_faces_too_small_are_said_to_be(tmp_path: Path) -> None:
    write_image(tmp_path / "small.png", group((300, 400), [(180, 120, 110)]))
    error = check(estimate("small.png", *QUIET, cwd=tmp_path, status=1).json)["error"]
    assert error["code"] == "no_face"
    assert "too small" in error["message"] and "pixels high; give a larger picture" in error["message"]


def test_small_faces_beside_others_are_left_out(tmp_path: Path) -> None:
    write_image(tmp_path / "two.png", group((480, 640), [(20, 60, 400), (500, 200, 110)]))
    results = faces_of("two.png", tmp_path)
    assert len(results) == 1
    assert any("too small" in warning for warning in results[0]["warnings"])
