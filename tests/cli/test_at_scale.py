"""Folders of any size, and nothing lost: runs that are long, or are killed again and again. Minutes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from program import FAST, PHOTO, PROGRAM, alike, check, environment, estimate, files_below, load, read_rgb, without_timing, write_image
from test_bad_items import BAD, bomb, landscape

pytestmark = pytest.mark.heavy

PHOTOS, HOSTILE, KILLS = 950, 50, 50
REPEATABLE = ("--jobs", "1", "--batch-size", "1", "--device", "cpu")


def changes(image: np.ndarray) -> list[np.ndarray]:
    """The photo and what else a folder might hold of the same person."""
    small = cv2.resize(image, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    return [image, np.ascontiguousarray(image[:, ::-1]), (image * 0.85).astype(np.uint8), small, cv2.GaussianBlur(image, (3, 3), 0)]


def hostile(name: str, number: int) -> bytes:
    """Bytes that fail with BAD[name]; each number others."""
    jpeg = cv2.imencode(".jpg", read_rgb())[1].tobytes()
    png = cv2.imencode(".png", landscape())[1].tobytes()
    return {"empty.jpg": b"", "text.jpg": b"This is not a photo.\n" * (1 + number), "cut.jpg": jpeg[:len(jpeg) * (40 + number) // 100],
            "cut.png": png[:len(png) // 2 - number], "bomb.png": bomb() + bytes(number), "landscape.png": png + bytes(number),
            "animation.gif": b"GIF89a" + bytes(60 + number)}[name]


def resident(process: subprocess.Popen[bytes]) -> int:
    """Megabytes of memory in use."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def test_a_thousand_photos_with_fifty_hostile_ones(dev_photos: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    faces = sorted(file for file in dev_photos.iterdir() if file.suffix == ".jpg")
    written = 0
    for place in range(len(changes(read_rgb()))):
        for file in faces:
            if written < PHOTOS:
                write_image(tmp_path / f"in/{file.stem}-{place}.jpg", changes(read_rgb(file))[place])
                written += 1
    assert written == PHOTOS
    kinds = [name for name in BAD if name != "missing.jpg"]
    codes = Counter()
    for number in range(HOSTILE):
        name = kinds[number % len(kinds)]
        file = f"{number:02}-{name}".replace(".gif", ".png")  # a folder stands for the files whose names are of pictures
        (tmp_path / "in" / file).write_bytes(hostile(name, number))
        codes[BAD[name]] += 1
    expected = {f"{number:02}-{Path(kinds[number % len(kinds)]).stem}" for number in range(HOSTILE)}

    process = subprocess.Popen([PROGRAM, "estimate", "in", "-o", "out", "--jsonl", "--previews", "avatar", *FAST], cwd=tmp_path,
                               env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    memory, failed = [], set()
    for line in process.stdout:
        result = json.loads(line)
        if result["status"] != "ok":
            failed.add(Path(result["input"]["path"]).stem)
            codes[result["status"]] -= 1
        memory.append(resident(process))
    assert process.wait(timeout=60) == 1
    assert failed == expected and not any(codes.values()), codes
    assert len(memory) == PHOTOS + HOSTILE
    assert max(memory[300:]) - max(memory[200:300]) < 40 and max(memory) < 1500, (max(memory[200:300]), max(memory))
    assert len(list((tmp_path / "out").iterdir())) == 2 * PHOTOS + HOSTILE, "avatars, their pictures, and errors"
    again = estimate("in", "-o", "out", "--previews", "avatar", "--json", cwd=tmp_path, status=1)
    assert check(again.json)["summary"]["skipped"] == PHOTOS


@pytest.mark.parametrize("options", [REPEATABLE, ("--jobs", "2")], ids=["one job", "two jobs"])
def test_fifty_kills_lose_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    """SIGKILL at random moments, resumed each time: in the end all is as if nothing had happened."""
    (tmp_path / "in").mkdir()
    for number in range(16):
        write_image(tmp_path / f"in/{number:02}.jpg", np.roll(read_rgb(PHOTO), 2 * number, axis=1))
    estimate("in", "-o", "undisturbed", *options, cwd=tmp_path)
    chance, folder, kills = random.Random(7), 0, 0
    while kills < KILLS:
        process = subprocess.Popen([PROGRAM, "estimate", "in", "-o", f"out{folder}", *FAST, *options], cwd=tmp_path, env=environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 1.6))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()
        for file in (tmp_path / f"out{folder}").glob("*.avatar.json"):
            load(file)  # whatever has its final name is whole
        folder += process.returncode == 0  # it came to its end: the next one begins anew
    for number in range(folder + 1):
        out = tmp_path / f"out{number}"
        estimate("in", "-o", out, *options, cwd=tmp_path)
        assert files_below(out) == files_below(tmp_path / "undisturbed"), "nothing is missing and nothing left over"
        assert not [name for name in os.listdir(out) if name.startswith(".")]
        for name in files_below(out):
            one, other = out / name, tmp_path / "undisturbed" / name
            if options != REPEATABLE:
                assert name.endswith(".png") or alike(pictureless(one), pictureless(other)), name
            elif name.endswith(".png"):
                assert one.read_bytes() == other.read_bytes(), name
            else:
                assert without_timing(load(one)) == without_timing(load(other)), name


def pictureless(file: Path) -> dict[str, object]:
    """A result without what may differ between jobs: times, and the hashes of pictures."""
    return {key: value for key, value in load(file).items() if key not in ("timing_ms", "previews")}
