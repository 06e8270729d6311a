"""`swiftavatar render`: an avatar is drawn from its parameters alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from xml.etree import ElementTree

from librsvg import rasterise
from program import TINY, files_below, sentence, swiftavatar


@pytest.fixture
def result(fast: tuple[Path, Any], tmp_path: Path) -> Path:
    """A copy of the JSON alone, without any picture."""
    return Path(shutil.copy(fast[0] / "astronaut.avatar.json", tmp_path / "in.avatar.json"))


def picture(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(int)


def edit(result: Path, **groups: dict[str, Any]) -> None:
    document = json.loads(result.read_text())
    for group, values in groups.items():
        document["avatar"][group].update(values)
    result.write_text(json.dumps(document))


def test_same_picture_as_estimate(result: Path, fast: tuple[Path, Any], tmp_path: Path) -> None:
    swiftavatar("render", result, "-o", "again.png", cwd=tmp_path)
    assert (tmp_path / "again.png").read_bytes() == (fast[0] / "astronaut.avatar.png").read_bytes()


def test_default_name_is_in_the_current_folder(result: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    swiftavatar("render", result, cwd=tmp_path / "here")
    assert files_below(tmp_path / "here") == ["in.avatar.png"]


@pytest.mark.parametrize("change", ["glasses=round", "hair=bald", "headwear=cap", "eye_size=0.1", "skin=#604134"])
def test_set_changes_the_picture(result: Path, tmp_path: Path, change: str) -> None:
    swiftavatar("render", result, "-o", "before.png", cwd=tmp_path)
    swiftavatar("render", result, "--set", change, "-o", "after.png", cwd=tmp_path)
    assert np.abs(picture(tmp_path / "before.png") - picture(tmp_path / "after.png")).max() > 20


def test_set_may_be_given_often(result: Path, tmp_path: Path) -> None:
    """Several changes at once draw what an edited JSON draws."""
    changes = ("--set", "glasses=round", "--set", "eye_size=0.8", "--set", "skin=#604134")
    swiftavatar("render", result, *changes, "-o", "set.png", cwd=tmp_path)
    edit(result, discrete={"glasses": "round"}, continuous={"eye_size": 0.8}, colors={"skin": "#604134"})
    swiftavatar("render", result, "-o", "edited.png", cwd=tmp_path)
    assert (tmp_path / "set.png").read_bytes() == (tmp_path / "edited.png").read_bytes()


def test_skin_is_the_colour_that_was_set(result: Path, tmp_path: Path) -> None:
    swiftavatar("render", result, "--set", "skin=#123456", "-o", "blue.png", cwd=tmp_path)
    pixels = picture(tmp_path / "blue.png")
    assert (pixels[:, :, :3] == [0x56, 0x34, 0x12]).all(axis=2).sum() > 5000


def test_none_takes_a_component_away(result: Path, tmp_path: Path) -> None:
    swiftavatar("render", result, "--set", "glasses=none", "-o", "without.png", cwd=tmp_path)
    swiftavatar("render", result, "--set", "glasses=round", "--set", "glasses=none", "-o", "taken.png", cwd=tmp_path)
    assert (tmp_path / "taken.png").read_bytes() == (tmp_path / "without.png").read_bytes()


@pytest.mark.parametrize(("change", "word"), [
    ("nose_ring=gold", "nose_ring"), ("hair=mohawk", "mohawk"), ("hair=none", "hair"), ("eye_size=huge", "eye_size"),
    ("eye_size=9", "9"), ("eye_size=nan", "eye_size"), ("skin=#zzzzzz", "#zzzzzz"), ("skin=red", "red")])
def test_what_the_engine_lacks_is_refused(result: Path, tmp_path: Path, change: str, word: str) -> None:
    sentence(swiftavatar("render", result, "--set", change, "-o", "out.png", cwd=tmp_path, status=3), word)
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(("group", "entry"), [("discrete", {"wings": "large"}), ("discrete", {"hair": "mohawk"}),
                                              ("continuous", {"wing_span": 1}), ("colors", {"wings": "#ffffff"}),
                                              ("colors", {"skin": "url(#x)"})])
def test_unknown_names_in_a_result_are_refused(result: Path, tmp_path: Path, group: str, entry: dict[str, Any]) -> None:
    edit(result, **{group: entry})
    sentence(swiftavatar("render", result, "-o", "out.png", cwd=tmp_path, status=3))
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize("bad", ["{", "[]", "{}", '{"engine": {"name": "tiktok"}}',
                                 '{"engine": {"name": "tiktok"}, "avatar": []}',
                                 '{"engine": {"name": "tiktok"}, "avatar": {"discrete": {"hair": 1}}}',
                                 '{"engine": {"name": "tiktok"}, "avatar": {"moods": {}}}'])
def test_what_is_no_result(tmp_path: Path, bad: str) -> None:
    (tmp_path / "bad.json").write_text(bad)
    sentence(swiftavatar("render", "bad.json", "-o", "out.png", cwd=tmp_path, status=2), "bad.json")
    assert not (tmp_path / "out.png").exists()


def test_failed_photo_cannot_be_drawn(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")
    swiftavatar("estimate", "photo.jpg", cwd=tmp_path, status=1)
    sentence(swiftavatar("render", "photo.error.json", cwd=tmp_path, status=2), "holds no avatar")


def test_two_svgs_in_one_page(result: Path, tmp_path: Path) -> None:
    """The right one is drawn as without the left one: they share no ids."""
    swiftavatar("render", result, "--set", "headwear=cap", "-o", "left.svg", cwd=tmp_path)
    swiftavatar("render", result, "--set", "headwear=none", "--set", "glasses=round", "-o", "right.svg", cwd=tmp_path)

    def place(name: str, x: int) -> str:
        return (tmp_path / name).read_text().replace("<svg ", f'<svg x="{x}" ', 1)

    def right_half(*drawings: str) -> np.ndarray:
        page = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 512">' + "".join(drawings) + "</svg>"
        return rasterise(page, 1024, 512)[:, 512:]

    alone, both = right_half(place("right.svg", 512)), right_half(place("left.svg", 0), place("right.svg", 512))
    assert alone.astype(int).max() > 0
    assert (alone == both).all()


def test_svg_output(result: Path, tmp_path: Path) -> None:
    swiftavatar("render", result, "-o", "out.svg", cwd=tmp_path)
    root = ElementTree.parse(tmp_path / "out.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(root.iter())) > 20


@pytest.mark.parametrize("size", [1, 64, 1024])
def test_size(result: Path, tmp_path: Path, size: int) -> None:
    swiftavatar("render", result, "--size", size, "-o", "out.png", cwd=tmp_path)
    assert picture(tmp_path / "out.png").shape == (size, size, 4)


@pytest.mark.parametrize("size", ["0", "8193", "-5", "big"])
def test_wrong_size(result: Path, tmp_path: Path, size: str) -> None:
    sentence(swiftavatar("render", result, f"--size={size}", "-o", "out.png", cwd=tmp_path, status=2), "--size")


def test_native_avatar_of_an_engine(tmp_path: Path) -> None:
    """Nothing is said about any parameter: the engine's default avatar."""
    (tmp_path / "avatar.json").write_text('{"discrete": {}, "continuous": {}, "colors": {}}')
    swiftavatar("render", "--engine", TINY, "--native", "avatar.json", "-o", "native.png", cwd=tmp_path)
    assert picture(tmp_path / "native.png")[:, :, 3].max() == 255


def test_engine_finds_the_definition_of_a_result(tmp_path: Path) -> None:
    """A result of an engine that is not installed names it, but only its user knows where it lies."""
    document = {"engine": {"name": "tiny"}, "avatar": {"discrete": {}, "continuous": {}, "colors": {}}}
    (tmp_path / "in.json").write_text(json.dumps(document))
    sentence(swiftavatar("render", "in.json", cwd=tmp_path, status=3), "tiny")
    swiftavatar("render", "in.json", "--engine", TINY, "-o", "out.png", cwd=tmp_path)
    assert picture(tmp_path / "out.png")[:, :, 3].max() == 255


def test_changed_definition_is_warned_of(result: Path, tmp_path: Path) -> None:
    document = json.loads(result.read_text())
    document["engine"]["sha256"] = "0" * 64
    result.write_text(json.dumps(document))
    run = swiftavatar("render", result, "-o", "out.png", cwd=tmp_path)
    assert "another definition" in sentence(run)
    assert (tmp_path / "out.png").exists()


def test_other_suffix_is_refused(result: Path, tmp_path: Path) -> None:
    sentence(swiftavatar("render", result, "-o", "out.gif", cwd=tmp_path, status=2), "out.gif", ".svg")


def test_output_that_cannot_be_written(result: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    sentence(swiftavatar("render", result, "-o", "file/out.png", cwd=tmp_path, status=5), "file/out.png")


def test_drawing_is_the_same_each_time(result: Path, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        swiftavatar("render", result, "-o", name, cwd=tmp_path)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
