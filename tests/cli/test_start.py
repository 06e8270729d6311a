"""The program loads what a verb needs and no more, and says what is missing of it. (`bench` times the start.)"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from program import FAST, PHOTO, PROGRAM, ROOT, SANITIZED, environment, sentence, swiftavatar


LARGE = ("libtorch", "libswiftavatar-networks", "libswiftavatar-codecs", "libopencv_imgcodecs")  # seconds, or tenths of one


@pytest.mark.parametrize("args", [("version",), ("--help",), ("estimate", "--help"), ("completion", "bash"), ("engines", "list")],
                         ids=" ".join)
def test_nothing_large_is_loaded_to_answer(args: tuple[str, ...], tmp_path: Path) -> None:
    env = environment(LD_DEBUG="files", LD_DEBUG_OUTPUT=str(tmp_path / "files"))
    swiftavatar(*args, cwd=tmp_path, env=env)
    loaded = "".join(file.read_text() for file in tmp_path.glob("files.*"))
    assert "libopencv_core" in loaded  # the file does tell what is loaded
    assert not [name for name in LARGE if name in loaded]


@pytest.mark.parametrize("library", ["networks", "codecs"])
def test_missing_library_is_named(library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one stays: each is found beside the program, wherever that lies."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").mkdir()
    program = Path(shutil.copy(PROGRAM, tmp_path / "bin/swiftavatar"))
    shutil.copy(PROGRAM.with_name("swiftavatar-decode"), tmp_path / "bin")
    for other in {"networks", "codecs"} - {library}:
        (tmp_path / f"lib/libswiftavatar-{other}.so").symlink_to(PROGRAM.parents[1] / f"lib/libswiftavatar-{other}.so")
    monkeypatch.setattr("program.PROGRAM", program)
    swiftavatar("version", cwd=tmp_path)
    swiftavatar("engines", "check", "tiktok", "--data-dir", ROOT, cwd=tmp_path)
    run = swiftavatar("estimate", PHOTO, "--inversion", "none", "--data-dir", ROOT, "--device", "cpu", "-q", cwd=tmp_path, status=70)
    sentence(run, f"libswiftavatar-{library}.so", "install the program again")
    assert not list(tmp_path.glob("*.json"))


def test_missing_decoder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").symlink_to(PROGRAM.parents[1] / "lib")
    shutil.copy(PROGRAM.with_name("swiftavatar-draw"), tmp_path / "bin")
    monkeypatch.setattr("program.PROGRAM", Path(shutil.copy(PROGRAM, tmp_path / "bin/swiftavatar")))
    run = swiftavatar("estimate", PHOTO, *FAST, "--data-dir", ROOT, "--device", "cpu", "-q", cwd=tmp_path, status=70)
    sentence(run, str(tmp_path / "bin/swiftavatar-decode"), str(tmp_path / "libexec/swiftavatar/swiftavatar-decode"),
             "install the program again")
    report = swiftavatar("doctor", "--data-dir", ROOT, "--device", "cpu", "--json", cwd=tmp_path, status=70).json
    assert [finding["subject"] for finding in report["findings"] if finding["status"] != "ok"] == ["decoder", "sandbox"]
    # Where an installation has it.
    (tmp_path / "libexec/swiftavatar").mkdir(parents=True)
    (tmp_path / "libexec/swiftavatar/swiftavatar-decode").symlink_to(PROGRAM.with_name("swiftavatar-decode"))
    swiftavatar("estimate", PHOTO, *FAST, "--data-dir", ROOT, cwd=tmp_path)


@pytest.mark.skipif(SANITIZED, reason="under the sanitizers libraries share their symbols")
def test_networks_keep_to_their_own_blas(tmp_path: Path) -> None:
    """OpenCV has put a slow BLAS into the program before LibTorch comes."""
    env = environment(LD_DEBUG="bindings", LD_DEBUG_OUTPUT=str(tmp_path / "bindings"))
    swiftavatar("estimate", PHOTO, *FAST, "--device", "cpu", cwd=tmp_path, env=env)
    lines = [line for file in tmp_path.glob("bindings.*") for line in file.read_text().splitlines()]
    torch = [line for line in lines if "binding file" in line and "libtorch_cpu.so" in line.split(" to ")[0]]
    assert torch
    assert not [line for line in torch if "libblas" in line.split(" to ")[1] or "liblapack" in line.split(" to ")[1]]
