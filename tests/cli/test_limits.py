"""Limits of the system (ulimit) and readers that go away: one error within seconds, never a signal or a hang."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from program import FAST, PHOTO, PROGRAM, SANITIZED, Run, check, check_previews, environment, estimate, files_below, load, sentence, swiftavatar

SOMEBODY = 54321  # a user without processes, whose limit counts this program's alone


def limited(kind: int, most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (most, most))


# Threads and processes.

def as_somebody(tmp_path: Path, most: int, *arguments: object) -> Run:
    if os.geteuid() != 0:
        pytest.skip("only root may become another user")
    (tmp_path / "out").mkdir()
    for folder in (tmp_path, *tmp_path.parents[:3], tmp_path / "out"):
        folder.chmod(folder.stat().st_mode | 0o755)
    os.chown(tmp_path / "out", SOMEBODY, SOMEBODY)
    command = [str(word) for word in (PROGRAM, *arguments, "-o", tmp_path / "out")]
    done = subprocess.run(command, cwd=tmp_path / "out", env=environment(), capture_output=True, timeout=120, check=False,
                          user=SOMEBODY, group=SOMEBODY, extra_groups=[], preexec_fn=limited(resource.RLIMIT_NPROC, most))
    return Run(done)


@pytest.mark.parametrize("verb", [("estimate", PHOTO, *FAST), ("invert", PHOTO, "--inversion", "encoder")],
                         ids=lambda verb: verb[0])
def test_no_thread_can_be_started(tmp_path: Path, verb: tuple[object, ...]) -> None:
    """LibTorch would wait for a thread that it could not start, for ever."""
    run = as_somebody(tmp_path, 1, *verb, "--json")
    assert run.status == 1, run.stderr
    assert check(run.json)["error"]["code"] == "out_of_memory"
    sentence(run, "ulimit -u")
    assert files_below(tmp_path / "out") == []


def test_few_threads_are_enough(tmp_path: Path) -> None:
    run = as_somebody(tmp_path, 6, "estimate", PHOTO, *FAST, "--jobs", "4", "--json")
    assert run.status == 0, run.stderr
    assert check(run.json)["status"] == "ok"
    assert sum("fewer threads" in line for line in run.log) == 1


# Memory.

@pytest.mark.skipif(SANITIZED, reason="the sanitizer needs terabytes of address space")
@pytest.mark.parametrize("mebibytes", [200, 400, 480, 500, 520])
def test_no_room_for_the_libraries(tmp_path: Path, mebibytes: int) -> None:
    """The loader finds no room, or a library throws while it is loaded, where no handler is."""
    run = estimate(PHOTO, "--json", cwd=tmp_path, status=1, preexec_fn=limited(resource.RLIMIT_AS, mebibytes << 20))
    document = check(run.json)
    assert (document["error"] or document["results"][0]["error"])["code"] == "out_of_memory"
    said = sentence(run)
    assert "memory" in said or "ulimit -v" in said  # where the libraries fit, threads do not
    assert "install" not in said


@pytest.mark.skipif(SANITIZED, reason="the sanitizer needs terabytes of address space")
@pytest.mark.parametrize("mebibytes", [700, 740, 780, 820, 880])
def test_little_room_for_the_networks(tmp_path: Path, mebibytes: int) -> None:
    """oneDNN finds no memory for a kernel in the midst of a photo: the model's file is not to blame."""
    run = swiftavatar("estimate", PHOTO, *FAST, "--json", cwd=tmp_path, status=(0, 1),
                      preexec_fn=limited(resource.RLIMIT_AS, mebibytes << 20))
    document = check(run.json)
    if run.status:
        assert (document["error"] or document["results"][0]["error"])["code"] == "out_of_memory"


# The size of files.

def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    """SIGXFSZ, which would end the program, is an error of that write."""
    run = estimate(PHOTO, "-o", "out", "--json", cwd=tmp_path, status=5, preexec_fn=limited(resource.RLIMIT_FSIZE, 1024))
    assert check(run.json)["error"]["code"] == "output_unwritable"
    sentence(run, "avatar.png", "ulimit -f")
    assert files_below(tmp_path / "out") == [], "no temporary stays"


def test_the_limit_also_holds_for_standard_output(tmp_path: Path) -> None:
    with open(tmp_path / "stdout", "wb") as stdout:
        done = subprocess.run([PROGRAM, "estimate", "--help"], cwd=tmp_path, env=environment(), stdout=stdout,
                              stderr=subprocess.PIPE, preexec_fn=limited(resource.RLIMIT_FSIZE, 1024), check=False)
        assert done.returncode >= 0
    with open(tmp_path / "stdout", "wb") as stdout:
        done = subprocess.run([PROGRAM, "completion", "man"], cwd=tmp_path, env=environment(), stdout=stdout,
                              stderr=subprocess.PIPE, preexec_fn=limited(resource.RLIMIT_FSIZE, 1024), check=False)
    assert done.returncode == 5
    assert b"standard output cannot be written" in done.stderr


# A reader that goes away.

def piped(folder: Path, arguments: list[object], reads: str) -> subprocess.CompletedProcess[str]:
    """The program's status and stderr, and what the reader got."""
    command = 'set -o pipefail; "$@" | ' + reads
    return subprocess.run(["bash", "-c", command, "bash", PROGRAM, *map(str, arguments)], cwd=folder, env=environment(),
                          capture_output=True, text=True, check=False)


def test_a_run_whose_reader_goes_away_is_not_done(people: Path, tmp_path: Path) -> None:
    options = [people, "--jobs", "1", "-o", "out"]
    done = piped(tmp_path, ["estimate", *options, *FAST, "--jsonl"], "head -1")
    assert done.returncode == 141, done.stderr
    assert "photos were done" in done.stderr and "of 3 photos" in done.stderr
    assert check(json.loads(done.stdout))["status"] == "ok"
    for name in files_below(tmp_path / "out"):
        assert not name.startswith(".")
        if name.endswith(".json"):
            check_previews(load(tmp_path / "out" / name), tmp_path / "out")
    run = estimate(*options, "--json", cwd=tmp_path)
    assert run.json["summary"]["skipped"] + run.json["summary"]["done"] == 3
    assert run.json["summary"]["skipped"] >= 1


def test_a_reader_that_takes_all_is_no_error(people: Path, tmp_path: Path) -> None:
    done = piped(tmp_path, ["estimate", people, *FAST, "--jsonl", "--previews", "none"], "head -3")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3


@pytest.mark.parametrize("arguments", [["engines", "show", "tiktok"], ["completion", "bash"],
                                       ["engines", "list", "--json", "--nonsense"]], ids=" ".join)
def test_other_verbs_end_quietly_too(tmp_path: Path, arguments: list[object]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        done = subprocess.run([PROGRAM, *arguments], cwd=tmp_path, env=environment(), stdout=stdout, stderr=subprocess.PIPE,
                              check=False)
    nonsense = "--nonsense" in arguments
    assert done.returncode == (2 if nonsense else 141), done.stderr
    assert done.stderr.count(b"\n") == nonsense


def test_sigpipe_and_sigxfsz_are_not_inherited(tmp_path: Path, photo: Path) -> None:
    """A program that draws the avatars is started as from a shell."""
    report = tmp_path / "signals"
    estimate(photo, "--render-command", f"grep SigIgn /proc/self/status > '{report}'; exit 1", cwd=tmp_path, status=1)
    ignored = int(report.read_text().split()[1], 16)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        assert not ignored >> (number - 1) & 1
