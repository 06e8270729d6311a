"""Group photos: memory does not grow with the people, and every face is answered, in order."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from program import FAST, PROGRAM, SANITIZED, check, environment, files_below, read_rgb, write_image

ROW, TILE = 10, 200
FEW, MANY = 10, 100


@pytest.fixture(scope="module")
def groups(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Pictures of one size, with few and with many times the example's face, each a little darker than the one before."""
    head = cv2.resize(read_rgb()[40:230, 130:320], (TILE, TILE), interpolation=cv2.INTER_AREA)
    photos = {}
    for count in (FEW, MANY):
        image = np.full((ROW * TILE, ROW * TILE, 3), 90, np.uint8)
        for place in range(count):
            y, x = divmod(place, ROW)
            image[y * TILE:(y + 1) * TILE, x * TILE:(x + 1) * TILE] = head * (1 - 0.003 * place)
        photos[count] = write_image(tmp_path_factory.mktemp("groups") / f"group{count}.png", image)
    return photos


def run(photo: Path, out: Path, *options: str) -> tuple[list[Any], int]:
    """The results of all faces, and the largest memory of the process, in KiB."""
    with subprocess.Popen([PROGRAM, "estimate", photo, *FAST, "--face", "all", "--json", "-q", "-o", out, *options],
                          env=environment(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        document = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return check(document)["results"], usage.ru_maxrss


def test_many_faces_take_hardly_more_memory_than_few(groups: dict[int, Path], tmp_path: Path) -> None:
    """One face's crop and parts are a megabyte: ninety more of them at once would be seen."""
    memory = {}
    for count, photo in groups.items():
        results, memory[count] = run(photo, tmp_path / str(count), "--previews", "avatar", "--jobs", "1")
        assert len(results) >= 0.9 * count
        assert [result["face"]["index"] for result in results] == list(range(1, len(results) + 1))
        assert all(result["face"]["count"] == len(results) for result in results)
        assert len(files_below(tmp_path / str(count))) == 2 * len(results)
    if not SANITIZED:  # whose allocator keeps what was given back
        assert memory[MANY] - memory[FEW] < 32 * 1024, memory
