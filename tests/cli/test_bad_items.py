"""Bad photos among good ones: each fails by itself, with a code and a sentence, and the others are done."""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from program import Run, check, check_previews, estimate, files_below, load, read_rgb, write_image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb() -> bytes:
    """A PNG of about 400 bytes that claims 46340x46340 pixels."""
    header = struct.pack(">IIBBBBB", 46340, 46340, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(300_000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def landscape() -> np.ndarray:
    """A sky over a meadow: nobody is in it."""
    rows = np.linspace(0, 1, 240)[:, None, None]
    sky, meadow = np.array([235, 190, 120]), np.array([60, 140, 90])
    column = np.where(rows < 0.6, sky * (1 - 0.3 * rows), meadow * rows)
    return np.broadcast_to(column, (240, 320, 3)).astype(np.uint8)


BAD = {"empty.jpg": "not_an_image", "text.jpg": "not_an_image", "cut.jpg": "truncated", "cut.png": "truncated",
       "bomb.png": "too_large", "landscape.png": "no_face", "animation.gif": "unsupported_format",
       "missing.jpg": "io_error"}


@pytest.fixture(scope="session")
def batch(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """One run over all bad photos with a good one in their middle."""
    folder = tmp_path_factory.mktemp("bad")
    image = read_rgb()
    good = cv2.imencode(".jpg", image)[1].tobytes()
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("This is not a photo.\n" * 20)
    (folder / "cut.jpg").write_bytes(good[:len(good) * 2 // 3])
    png = cv2.imencode(".png", image)[1].tobytes()
    (folder / "cut_.png").write_bytes(png[:len(png) // 2])
    (folder / "bomb.png").write_bytes(bomb())
    write_image(folder / "landscape.png", landscape())
    (folder / "animation.gif").write_bytes(b"GIF89a" + bytes(60))
    (folder / "good.jpg").write_bytes(good)
    names = ["cut_.png" if name == "cut.png" else name for name in BAD]  # cut.jpg and cut.png would write the same files
    names.insert(3, "good.jpg")
    return folder, estimate(*names, "-o", "out", "--json", cwd=folder, status=1)


@pytest.mark.parametrize(("name", "code"), BAD.items(), ids=BAD)
def test_bad_photo_has_its_code(batch: tuple[Path, Run], name: str, code: str) -> None:
    folder, _ = batch
    name = "cut_.png" if name == "cut.png" else name
    stem = Path(name).stem
    result = load(folder / f"out/{stem}.error.json")
    assert result["status"] == result["error"]["code"] == code
    assert result["error"]["message"].startswith(name)
    assert result["input"]["path"] == name
    assert [file for file in files_below(folder / "out") if file.startswith(f"{stem}.")] == [f"{stem}.error.json"]


def test_the_good_photo_is_done(batch: tuple[Path, Run]) -> None:
    folder, _ = batch
    result = load(folder / "out/good.avatar.json")
    check_previews(result, folder / "out")
    assert not (folder / "out/good.error.json").exists()


def test_the_run_counts_and_names_failures(batch: tuple[Path, Run]) -> None:
    folder, run = batch
    document = check(run.json)
    assert document["summary"]["failed"] == len(BAD)
    assert document["summary"]["done"] == 1
    assert document["summary"]["errors"] == Counter(BAD.values())
    assert document["error"] is None
    summary = next(line for line in run.log if " photos done" in line)
    assert f"{len(BAD)} failed (1 io_error, 1 no_face, 2 not_an_image, 1 too_large, 2 truncated, 1 unsupported_format)" in summary
    for name in BAD:
        name = "cut_.png" if name == "cut.png" else name
        assert sum(line.startswith(f"swiftavatar: {name}: ") for line in run.log) == 1, run.stderr
    assert "Traceback" not in run.stderr and "terminate" not in run.stderr


def test_size_of_a_photo_without_a_face_is_known(batch: tuple[Path, Run]) -> None:
    result = load(batch[0] / "out/landscape.error.json")
    assert (result["input"]["width"], result["input"]["height"]) == (320, 240)


def test_single_failure_prints_its_object(tmp_path: Path) -> None:
    write_image(tmp_path / "landscape.png", landscape())
    result = check(estimate("landscape.png", "--json", cwd=tmp_path, status=1).json)
    assert result == load(tmp_path / "landscape.error.json")


def test_error_goes_when_the_photo_is_mended(tmp_path: Path, photo: Path) -> None:
    good = photo.read_bytes()
    photo.write_bytes(good[:1000])
    estimate(photo, "-o", "out", cwd=tmp_path, status=1)
    assert files_below(tmp_path / "out") == ["photo.error.json"]
    photo.write_bytes(good)
    estimate(photo, "-o", "out", cwd=tmp_path)
    assert files_below(tmp_path / "out") == ["photo.avatar.json", "photo.avatar.png", "photo.sheet.png"]


def test_avatar_goes_when_the_photo_is_spoilt(tmp_path: Path, photo: Path) -> None:
    """An avatar beside an error would be taken for the photo's."""
    estimate(photo, "-o", "out", cwd=tmp_path)
    photo.write_bytes(b"")
    estimate(photo, "-o", "out", cwd=tmp_path, status=1)
    assert files_below(tmp_path / "out") == ["photo.error.json"]


def test_no_face_may_be_skipped(tmp_path: Path, photo: Path) -> None:
    write_image(tmp_path / "landscape.png", landscape())
    estimate("landscape.png", "-o", "out", cwd=tmp_path, status=1)  # its error must not stay either
    run = estimate(photo, "landscape.png", "--on-no-face", "skip", "-o", "out", "--json", cwd=tmp_path)
    document = check(run.json)
    assert document["summary"]["without_face"] == 1 and document["summary"]["failed"] == 0
    assert [result["status"] for result in document["results"]] == ["ok", "no_face"]
    assert not [name for name in files_below(tmp_path / "out") if name.startswith("landscape")]


@pytest.mark.parametrize(("options", "failed"), [(("--fail-fast",), 1), (("--max-failures", 2), 2), ((), 4)],
                         ids=["fail fast", "two failures", "all"])
def test_stop_after_failures(tmp_path: Path, options: tuple[Any, ...], failed: int) -> None:
    for number in range(4):
        (tmp_path / f"{number}.jpg").write_bytes(b"no photo")
    # With more jobs, what is in hand is finished: test_estimate.py.
    run = estimate(".", "-o", "out", "--json", "--jobs", "1", *options, cwd=tmp_path, status=1)
    assert check(run.json)["summary"]["failed"] == failed
    assert len(files_below(tmp_path / "out")) == failed


def test_wrong_suffix_is_a_warning(tmp_path: Path, photo: Path) -> None:
    shutil.move(photo, tmp_path / "photo.jpg")
    result = check(estimate("photo.jpg", "--json", cwd=tmp_path).json)
    assert any(".jpg" in warning and "PNG" in warning for warning in result["warnings"])


def test_a_pipe_is_no_photo_to_wait_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.jpg")
    result = check(estimate("pipe.jpg", "--json", cwd=tmp_path, status=1).json)
    assert result["status"] == "io_error"
