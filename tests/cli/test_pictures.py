"""Pictures of every kind are shown as Pillow shows them, or as they were made; what is no photo is refused by name."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from picture_files import FAMILIES, Picture, seen_by_pillow
from program import FAST, PROGRAM, ROOT, environment, swiftavatar

TOOLS = [folder / "decode_picture" for folder in (PROGRAM.parent, ROOT / "build/dev/bin")]
CASES = ROOT / "tests/data/cases"
MOST = 3  # levels of 255, on average


def fault(picture: Picture, answer: dict[str, object], folder: Path) -> str | None:
    """What is wrong with the program's answer."""
    if picture.refused:
        code = answer.get("code", "was read")
        return None if code == "unsupported_format" else f"{picture.name}: {code}"
    if "code" in answer:
        return f"{answer['code']}: {answer['message']}"
    seen = np.asarray(Image.open(folder / f"{picture.name}.ppm")).astype(int)
    wanted = (seen_by_pillow(picture.data) if picture.truth is None else picture.truth).astype(int)
    if seen.shape != wanted.shape:
        return f"{picture.name}: {seen.shape} for {wanted.shape}"
    difference = np.abs(seen - wanted).mean()
    return None if difference <= MOST else f"{picture.name}: {difference:.1f} levels"


@pytest.mark.parametrize("family", FAMILIES)
def test_pictures_of_every_kind(family: str, tmp_path: Path) -> None:
    tool = next((tool for tool in TOOLS if tool.exists()), None)
    if tool is None:
        pytest.skip("decode_picture is not built beside the program")
    pictures = list(FAMILIES[family]())
    seen = tmp_path / "seen"
    seen.mkdir()
    for picture in pictures:
        (tmp_path / picture.name).write_bytes(picture.data)
    done = subprocess.run([tool, seen, *(tmp_path / picture.name for picture in pictures)], capture_output=True, timeout=300,
                          check=False, env=environment())
    assert done.returncode == 0, done.stderr.decode()
    answers = {answer["file"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    faults = [fault(picture, answers[picture.name], seen) for picture in pictures]
    assert not any(faults), "\n".join(text for text in faults if text)


def test_a_dark_colour_photo_is_no_black_and_white_photo(tmp_path: Path) -> None:
    """The photo of reference.png at an eighth of its brightness."""
    run = swiftavatar("estimate", CASES / "dark-colour.png", "-o", tmp_path / "out", "--json", *FAST, cwd=tmp_path)
    assert not [warning for warning in run.json["warnings"] if "black-and-white" in str(warning)]


def test_a_tinted_black_and_white_photo_is_one(tmp_path: Path) -> None:
    """Dark or bright, with the tint that JPEG or a scanner leaves."""
    grey = np.asarray(Image.open(CASES / "reference.png").convert("L")).astype(float)
    for brightness in (1.0, 0.15):
        tinted = np.clip(grey[..., None] * brightness + np.array([2, 0, 0]), 0, 255).astype(np.uint8)
        photo = tmp_path / f"{brightness}.png"
        file = io.BytesIO()
        Image.fromarray(tinted).save(file, "PNG")
        photo.write_bytes(file.getvalue())
        run = swiftavatar("estimate", photo, "-o", tmp_path / "out", "--json", *FAST, cwd=tmp_path)
        assert [warning for warning in run.json["warnings"] if "black-and-white" in str(warning)], brightness
