"""Pictures that crash or stall the decoder cost themselves, and no other photo."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from program import FAST, PHOTO, PROGRAM, ROOT, check, environment, estimate, files_below, load, swiftavatar


@pytest.fixture
def fragile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the program beside a decoder that does what the last word of a file says (tests/tools/fake_decoder.cpp).
    Gives the folder of the photos."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").symlink_to(PROGRAM.parents[1] / "lib")
    (tmp_path / "bin/swiftavatar-decode").symlink_to(PROGRAM.with_name("fake_decoder"))
    monkeypatch.setattr("program.PROGRAM", Path(shutil.copy(PROGRAM, tmp_path / "bin/swiftavatar")))
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, word in {"a": b"", "b": b"crash", "c": b"", "d": b"stall", "e": b"nonsense", "f": b"crash", "g": b""}.items():
        (photos / f"{name}.png").write_bytes(PHOTO.read_bytes() + word)
    return photos


@pytest.mark.parametrize("jobs", [1, 3])
def test_only_hostile_photos_fail(fragile: Path, jobs: int) -> None:
    run = estimate("photos", "-o", "out", "--json", "--data-dir", ROOT, "--jobs", jobs, "--decode-timeout", 3, "--device", "cpu",
                   cwd=fragile.parent, status=1)
    document = check(run.json)
    assert [result["status"] for result in document["results"]] == ["ok", "crashed", "ok", "timeout", "crashed", "crashed", "ok"]
    assert document["summary"]["errors"] == {"crashed": 3, "timeout": 1}
    assert "signal 11" in load(fragile.parent / "out/b.error.json")["error"]["message"]
    assert load(fragile.parent / "out/d.error.json")["error"]["message"].startswith("photos/d.png: was not decoded within 3 s")
    assert [name for name in files_below(fragile.parent / "out") if name.endswith(".json")] == [
        "a.avatar.json", "b.error.json", "c.avatar.json", "d.error.json", "e.error.json", "f.error.json", "g.avatar.json"]


def test_single_photo(fragile: Path) -> None:
    run = estimate("photos/b.png", "--json", "--data-dir", ROOT, cwd=fragile.parent, status=1)
    assert check(run.json)["status"] == "crashed"


def test_invert_goes_on(fragile: Path) -> None:
    run = swiftavatar("invert", "photos/b.png", "photos/a.png", "--inversion", "encoder", "--json", "--data-dir", ROOT,
                      cwd=fragile.parent, status=1)
    assert [result["status"] for result in run.json["results"]] == ["crashed", "ok"]


def test_a_system_without_seccomp_is_told_once(tmp_path: Path) -> None:
    """As in a container that forbids it: the work goes on, and nobody believes in a sandbox that is not there."""
    def run(*args: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([PROGRAM.with_name("without_sandbox"), PROGRAM, *map(str, args)], cwd=tmp_path, env=environment(),
                              capture_output=True, text=True, timeout=600, check=False)

    if run("version").returncode == 77:
        pytest.skip("no seccomp here at all")
    missing = "no landlock, no seccomp ("
    assert f"ok     sandbox: {missing}" in run("doctor", "--data-dir", ROOT).stdout
    for name in ("a.png", "b.png"):
        shutil.copy(PHOTO, tmp_path / name)
    done = run("estimate", "a.png", "b.png", "-o", "out", "--jobs", 2, "--data-dir", ROOT, *FAST)
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.splitlines() if "sandbox" in line]
    assert len(warnings) == 1
    assert warnings[0].startswith("swiftavatar: swiftavatar-decode, which reads photos, runs with limits on memory and files but without")
    assert missing in warnings[0]


def test_doctor_names_the_sandbox(tmp_path: Path) -> None:
    lines = swiftavatar("doctor", "--data-dir", ROOT, cwd=tmp_path).lines
    assert any(line.startswith("ok     sandbox: seccomp, ") for line in lines), lines


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_decoder_outlives_a_killed_program(fragile: Path) -> None:
    def decoders() -> list[Path]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                alive = (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
                if alive and (process / "cwd").resolve() == fragile and b"swiftavatar-decode" in (process / "cmdline").read_bytes():
                    found.append(process)
            except OSError:
                continue
        return found

    with subprocess.Popen([fragile.parent / "bin/swiftavatar", "estimate", "d.png", "--data-dir", ROOT, *FAST], cwd=fragile,
                          env=environment(), stderr=subprocess.DEVNULL) as program:
        deadline = time.monotonic() + 60
        while not decoders() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(2)  # into the photo, or near it
        assert decoders()
        program.kill()
    deadline = time.monotonic() + 10
    while decoders() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not decoders()
