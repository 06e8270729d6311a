"""`estimate --follow`: one program that answers as paths come."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from program import FAST, PHOTO, PROGRAM, check, environment, estimate, load, sentence


class Follower:
    """A running `estimate --follow` that is asked and answers."""

    def __init__(self, folder: Path, *options: object) -> None:
        command = [str(arg) for arg in (PROGRAM, "estimate", "--files-from", "-", "--follow", "--jsonl", *FAST, "-o", folder, *options)]
        self.process = subprocess.Popen(command, cwd=folder, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)

    def ask(self, *photos: object, end: bytes = b"\n") -> None:
        self.process.stdin.write(b"".join(str(photo).encode() + end for photo in photos))
        self.process.stdin.flush()

    def answer(self) -> Any:
        return check(json.loads(self.process.stdout.readline()))


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[Follower]:
    follower = Follower(tmp_path, "--jobs", 2)
    yield follower
    follower.process.kill()
    follower.process.communicate()


def test_answers_before_the_list_ends(follower: Follower, tmp_path: Path, fast: tuple[Path, Any]) -> None:
    first = Path(shutil.copy(PHOTO, tmp_path / "first.png"))
    second = Path(shutil.copy(PHOTO, tmp_path / "second.png"))
    follower.ask(first)
    assert follower.answer()["avatar"] == fast[1]["avatar"]
    assert load(tmp_path / "first.avatar.json")["status"] == "ok"
    follower.ask(tmp_path / "gone.png", second, first)  # a photo that was there before is answered again
    answers = [follower.answer() for _ in range(3)]
    assert [(answer["status"], Path(answer["input"]["path"]).name) for answer in answers] == [
        ("io_error", "gone.png"), ("ok", "second.png"), ("ok", "first.png")]
    _, log = follower.process.communicate(timeout=60)
    assert follower.process.returncode == 1
    assert b"of 4 photos done, 1 skipped" in log


def test_a_batch_does_not_wait_for_more_photos(tmp_path: Path) -> None:
    follower = Follower(tmp_path, "--batch-size", 8)
    follower.ask(PHOTO, end=b"\n")
    assert follower.answer()["status"] == "ok"
    follower.process.communicate(timeout=60)
    assert follower.process.returncode == 0


def test_the_last_path_needs_no_line_feed(tmp_path: Path) -> None:
    run = estimate("--files-from", "-", "--follow", "-0", "--jsonl", "-o", tmp_path, cwd=tmp_path, stdin=str(PHOTO).encode())
    assert [result["status"] for result in run.jsonl] == ["ok"]


def test_an_interrupt_ends_the_wait(follower: Follower) -> None:
    follower.ask(PHOTO)
    follower.answer()
    follower.process.send_signal(signal.SIGINT)
    assert follower.process.wait(timeout=60) == 130


def test_photos_of_one_name_end_the_run(follower: Follower, tmp_path: Path) -> None:
    other = tmp_path / "other/astronaut.png"
    other.parent.mkdir()
    shutil.copy(PHOTO, other)
    follower.ask(PHOTO)
    follower.answer()
    follower.ask(other)
    out, log = follower.process.communicate(timeout=60)
    assert follower.process.returncode == 2
    assert json.loads(out)["error"]["code"] == "usage"
    assert b"would both write" in log


@pytest.mark.parametrize("arguments", [("--follow",), ("--follow", "--files-from", "list"), ("--follow", "--files-from", "-", "a.png"),
                                       ("--follow", "--files-from", "-", "--shard", "1/2"), ("--follow", "--files-from", "-", "-o", "x.json")])
def test_needs_the_list_on_standard_input(arguments: tuple[str, ...], tmp_path: Path) -> None:
    sentence(estimate(*arguments, cwd=tmp_path, status=2), "--follow", "--files-from -")


def test_a_path_without_end_is_refused(tmp_path: Path) -> None:
    sentence(estimate("--files-from", "-", "--follow", cwd=tmp_path, status=2, stdin=b"x" * 100_000), "longer")
