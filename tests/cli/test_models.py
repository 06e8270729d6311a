"""`swiftavatar models`: which bundles there are, and whether they are whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from program import ROOT, environment, sentence, swiftavatar

BUNDLE = ROOT / "models/default"


def test_list(tmp_path: Path) -> None:
    roles = sorted(json.loads((BUNDLE / "manifest.json").read_text())["models"])
    bundles = swiftavatar("models", "list", "--json", cwd=tmp_path).json["bundles"]
    default, = (bundle for bundle in bundles if bundle["name"] == "default")
    assert default["roles"] == roles
    lines = swiftavatar("models", "list", cwd=tmp_path).lines
    assert [line.split("\t")[0] for line in lines] == [bundle["name"] for bundle in bundles]


def test_verify_a_whole_bundle(tmp_path: Path) -> None:
    report = swiftavatar("models", "verify", "--json", cwd=tmp_path).json
    assert report["ok"] is True and report["bundle"] == "default"
    assert {file["status"] for file in report["files"]} == {"ok"}
    assert {Path(file["file"]).name for file in report["files"]} == {file.name for file in BUNDLE.glob("*.pt")}
    assert all(file["licence"] for file in report["files"])
    lines = swiftavatar("models", "verify", cwd=tmp_path).lines
    assert [line.split("\t")[:2] for line in lines] == [["ok", file["role"]] for file in report["files"]]


def test_verify_finds_every_fault(tmp_path: Path) -> None:
    shutil.copytree(BUNDLE, tmp_path / "bundle")
    (tmp_path / "bundle/iris.pt").unlink()
    data = bytearray((tmp_path / "bundle/mesh.pt").read_bytes())
    data[-1] ^= 1
    (tmp_path / "bundle/mesh.pt").write_bytes(data)
    run = swiftavatar("models", "verify", "--bundle", "bundle", "--json", cwd=tmp_path, status=3)
    report = run.json
    assert report["ok"] is False
    faults = {file["role"]: file["status"] for file in report["files"] if file["status"] != "ok"}
    assert faults == {"iris": "model_missing", "mesh": "model_corrupt"}
    run = swiftavatar("models", "verify", "--bundle", "bundle", cwd=tmp_path, status=3)
    sentence(run, "iris.pt")
    assert len(run.lines) == len(report["files"])


def test_data_folder_of_the_environment(tmp_path: Path) -> None:
    shutil.copytree(BUNDLE, tmp_path / "data/models/mine")
    run = swiftavatar("models", "list", "--json", cwd=tmp_path, env=environment(SWIFTAVATAR_DATA=str(tmp_path / "data")))
    assert [bundle["name"] for bundle in run.json["bundles"]] == ["default", "mine"]


def test_a_bundle_may_extend_another(tmp_path: Path) -> None:
    """A small bundle that only names another one has all its models."""
    shutil.copytree(BUNDLE, tmp_path / "models/default")
    (tmp_path / "models/mine").mkdir()
    (tmp_path / "models/mine/manifest.json").write_text(
        '{"schema": "swiftavatar.bundle/1", "name": "mine", "extends": "default", "models": {}}')
    report = swiftavatar("models", "verify", "--bundle", "models/mine", "--json", cwd=tmp_path).json
    assert report["ok"] is True
    assert {Path(file["file"]).name for file in report["files"]} == {file.name for file in BUNDLE.glob("*.pt")}


def test_a_circle_of_bundles_ends(tmp_path: Path) -> None:
    for name, base in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(
            f'{{"schema": "swiftavatar.bundle/1", "extends": "{base}", "models": {{}}}}')
    sentence(swiftavatar("models", "verify", "--bundle", "a", cwd=tmp_path, status=3), "circle")
