"""`--render-command`: a user's program draws the avatars."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from program import ROOT, check, estimate, load, sentence, swiftavatar, write_image

EXAMPLE = f"{shlex.quote(sys.executable)} {shlex.quote(str(ROOT / 'examples/render_command.py'))}"


def stripes(path: Path) -> list[str]:
    """Colours along the first row of a picture, as #rrggbb."""
    row = cv2.imread(str(path), cv2.IMREAD_COLOR)[0]
    changes = [0, *(np.flatnonzero((row[1:] != row[:-1]).any(axis=1)) + 1)]
    return ["#%02x%02x%02x" % tuple(row[i][::-1]) for i in changes]


def test_example_draws_the_preview(photo: Path, tmp_path: Path) -> None:
    estimate(photo, "--render-command", EXAMPLE, cwd=tmp_path)
    result = load(tmp_path / "photo.avatar.json")
    drawn = stripes(tmp_path / "photo.avatar.png")
    assert cv2.imread(str(tmp_path / "photo.avatar.png")).shape == (512, 512, 3)
    wanted = [color[:7] for color in list(result["avatar"]["colors"].values())[:8]]
    assert set(drawn) == set(wanted)
    assert result["options"]["render_command"] == EXAMPLE


def test_render_draws_with_it_at_any_size(fast: tuple[Path, Any], tmp_path: Path) -> None:
    swiftavatar("render", fast[0] / "astronaut.avatar.json", "--render-command", EXAMPLE, "--size", "100", "--set",
                "background=#123456", "-o", "out.png", cwd=tmp_path)
    assert cv2.imread(str(tmp_path / "out.png")).shape == (100, 100, 3)
    assert stripes(tmp_path / "out.png")[0] == "#123456"


def test_render_as_svg_is_refused(fast: tuple[Path, Any], tmp_path: Path) -> None:
    sentence(swiftavatar("render", fast[0] / "astronaut.avatar.json", "--render-command", EXAMPLE, "-o", "out.svg",
                         cwd=tmp_path, status=2), "out.svg", "PNG")


@pytest.mark.parametrize(("command", "word"), [
    ("echo first >&2; echo no licence found >&2; exit 4", "no licence found"), ("echo text", "PNG"), ("true", "PNG"),
    ("/nonexistent/program", "/nonexistent/program"), ("sleep 1000", "0.5 s")])
def test_failure_is_the_items_error(photo: Path, tmp_path: Path, command: str, word: str) -> None:
    run = estimate(photo, "--render-command", command, "--render-timeout", "0.5", "--json", cwd=tmp_path, status=1)
    result = check(run.json)
    failed = result["results"][0] if "results" in result else result
    assert failed["status"] == "render_failed"
    assert word in failed["error"]["message"]
    assert "photo.png" in failed["error"]["message"]
    assert (tmp_path / "photo.error.json").exists()
    assert not (tmp_path / "photo.avatar.json").exists()


@pytest.mark.parametrize(("color", "fails"), [("black", True), ("red", True), ("white", True), ("transparent", True),
                                              ("half", False)])
def test_picture_of_one_colour_is_a_failure(photo: Path, tmp_path: Path, color: str, fails: bool) -> None:
    """Channel by channel: black and red pictures are as empty as white ones."""
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[:] = {"black": (0, 0, 0, 255), "red": (0, 0, 255, 255), "white": (255, 255, 255, 255), "transparent": (0, 0, 0, 0),
                  "half": (0, 0, 255, 255)}[color]
    if color == "half":
        picture[:32] = (0, 255, 0, 255)
    write_image(tmp_path / "drawn.png", picture)
    run = estimate(photo, "--render-command", f"cat {shlex.quote(str(tmp_path / 'drawn.png'))}", "--json", cwd=tmp_path,
                   status=1 if fails else 0)
    assert run.json["status"] == ("render_failed" if fails else "ok")


def test_render_names_the_failure(fast: tuple[Path, Any], tmp_path: Path) -> None:
    run = swiftavatar("render", fast[0] / "astronaut.avatar.json", "--render-command", "echo broken >&2; false", "-o",
                      "out.png", cwd=tmp_path, status=1)
    sentence(run, "broken", "exit status 1")
    assert not (tmp_path / "out.png").exists()


def test_no_preview_no_command(photo: Path, tmp_path: Path) -> None:
    estimate(photo, "--render-command", f"touch {tmp_path}/ran; false", "--previews", "none", cwd=tmp_path)
    assert not (tmp_path / "ran").exists()


def test_another_command_does_the_work_again(photo: Path, tmp_path: Path) -> None:
    digests = set()
    for options in ([], ["--render-command", EXAMPLE], ["--render-command", EXAMPLE + " x"]):
        estimate(photo, *options, cwd=tmp_path)
        digests.add(json.loads((tmp_path / "photo.avatar.json").read_text())["options"]["digest"])
    assert len(digests) == 3
