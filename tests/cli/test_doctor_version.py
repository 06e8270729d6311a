"""`swiftavatar doctor` and `version`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from program import ROOT, swiftavatar


def test_version_is_the_projects(tmp_path: Path) -> None:
    number = re.search(r"project\(\s*swiftavatar\s+VERSION\s+(\S+)", (ROOT / "CMakeLists.txt").read_text())
    assert number is not None
    assert swiftavatar("version", cwd=tmp_path).lines == [f"swiftavatar {number[1]}"]
    assert swiftavatar("version", "--json", cwd=tmp_path).json == {"name": "swiftavatar", "version": number[1]}


def test_healthy_installation(tmp_path: Path) -> None:
    report = swiftavatar("doctor", "--device", "cpu", "--json", cwd=tmp_path).json
    assert report["ok"] is True
    subjects = {finding["subject"]: finding for finding in report["findings"]}
    assert {"program", "decoder", "data", "device", "bundle", "engine tiktok"} <= set(subjects)
    assert {finding["status"] for finding in report["findings"]} == {"ok"}
    lines = swiftavatar("doctor", "--device", "cpu", cwd=tmp_path).lines
    assert len(lines) == len(report["findings"]) and all(line.startswith("ok ") for line in lines)


def test_broken_model_is_a_fault(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "models/default", tmp_path / "bundle")
    (tmp_path / "bundle/parser.pt").write_bytes(b"broken")
    report = swiftavatar("doctor", "--bundle", "bundle", "--json", cwd=tmp_path, status=3).json
    assert report["ok"] is False
    faults = [finding for finding in report["findings"] if finding["status"] != "ok"]
    assert [(fault["subject"], fault["status"]) for fault in faults] == [("bundle", "model_corrupt")]
    assert "parser.pt" in faults[0]["text"]


def test_missing_data_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    run = swiftavatar("doctor", "--data-dir", "nothing", cwd=tmp_path, status=3)
    assert any(line.startswith("fault  bundle: ") for line in run.lines)


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="this machine has a GPU")
def test_missing_gpu_is_a_fault_where_it_was_asked_for(tmp_path: Path) -> None:
    swiftavatar("doctor", "--device", "cuda", cwd=tmp_path, status=4)


@pytest.mark.parametrize("verb", [(), ("estimate",), ("engines", "check"), ("models", "verify")])
def test_help(tmp_path: Path, verb: tuple[str, ...]) -> None:
    run = swiftavatar(*verb, "--help", cwd=tmp_path)
    assert b"Usage: swiftavatar" in run.stdout and run.stderr == ""


def test_help_names_every_verb(tmp_path: Path) -> None:
    text = swiftavatar("--help", cwd=tmp_path).stdout.decode()
    for verb in ("estimate", "invert", "generate", "render", "engines", "models", "evaluate", "doctor", "version"):
        assert re.search(rf"^  {verb} ", text, re.M)
