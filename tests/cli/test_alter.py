"""The engine `alter`: its AvatarMatrix in results, drawn again by render, and catalogues of a user's own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from program import FAST, PHOTO, ROOT, load, sentence, swiftavatar

CATALOGUE = ROOT / "configs/engines/alter/catalogue.json"


@pytest.fixture(scope="module")
def estimated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("alter")
    swiftavatar("estimate", PHOTO, "--engine", "alter", *FAST, "--previews", "avatar", "-o", folder, cwd=folder)
    return folder, load(folder / "astronaut.avatar.json")


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """The example, with an item for each pair of glasses."""
    document = json.loads(CATALOGUE.read_text())
    names = swiftavatar("engines", "show", "alter", "--json", cwd=tmp_path).json["components"]["glasses"]["variants"]
    document["components"]["glasses"] = {"colors": {"colorPrimary": "glasses"}, "items": {name: f"accessories/glasses/{name}" for name in names}}
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document))
    return path


def test_check(tmp_path: Path) -> None:
    assert swiftavatar("engines", "check", "alter", "--json", cwd=tmp_path).json["ok"] is True


def test_native_is_an_avatar_matrix(estimated: tuple[Path, Any]) -> None:
    result = estimated[1]
    native = result["native"]
    assert set(native) == {"name", "items", "blendshapes", "boneBlenderPresetWeights", "boneBlenderWeights"}
    for item in native["items"]:
        assert set(item) <= {"name", "properties"} and item["name"].startswith("avatars/")
        assert all(isinstance(value, str) for value in item.get("properties", {}).values())
    slots = [item["name"].split("/")[1] for item in native["items"]]
    assert len(slots) == len(set(slots)) and {"head", "neck", "skin", "eyes", "brows", "lashes"} <= set(slots)
    assert result["avatar"]["continuous"] == {} and None not in result["attributes"].values()
    assert result["options"]["catalogue_sha256"] == hashlib.sha256(CATALOGUE.read_bytes()).hexdigest()


def test_render_draws_the_native_file(estimated: tuple[Path, Any], tmp_path: Path) -> None:
    (tmp_path / "native.json").write_text(json.dumps(estimated[1]["native"]))
    swiftavatar("render", "--engine", "alter", "--native", "native.json", "-o", "a.png", cwd=tmp_path)
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_own_catalogue(estimated: tuple[Path, Any], catalogue: Path, tmp_path: Path) -> None:
    """It counts as an option, its items are written, and read back to the same avatar."""
    native = estimated[1]["native"] | {"items": [*estimated[1]["native"]["items"], {"name": "accessories/glasses/round", "properties": {"colorPrimary": "#B03347"}}]}
    (tmp_path / "native.json").write_text(json.dumps(native))
    draw = ("render", "--engine", "alter", "--native", "native.json", "-o", "a.svg")
    sentence(swiftavatar(*draw, cwd=tmp_path, status=2), "accessories/glasses/round", "--catalogue")
    swiftavatar(*draw, "--catalogue", catalogue, cwd=tmp_path)
    assert "#b03347" in (tmp_path / "a.svg").read_text()
    again = ("estimate", PHOTO, "--engine", "alter", *FAST, "--previews", "none", "-o", tmp_path)
    swiftavatar(*again, "--catalogue", catalogue, cwd=tmp_path)
    options = load(tmp_path / "astronaut.avatar.json")["options"]
    assert options["catalogue_sha256"] == hashlib.sha256(catalogue.read_bytes()).hexdigest()
    assert options["digest"] != estimated[1]["options"]["digest"]


def test_bad_catalogue(catalogue: Path, tmp_path: Path) -> None:
    document = json.loads(catalogue.read_text())
    document["components"]["hair"]["items"]["mullet"] = "avatars/hair/x"
    catalogue.write_text(json.dumps(document))
    run = swiftavatar("render", "--engine", "alter", "--set", "hair=bob", "--catalogue", catalogue, cwd=tmp_path, status=3)
    sentence(run, "own.json", "/components/hair/items/mullet")


def test_other_engines_have_no_catalogue(catalogue: Path, tmp_path: Path) -> None:
    sentence(swiftavatar("render", "--engine", "tiktok", "--set", "hair=bob", "--catalogue", catalogue, cwd=tmp_path, status=2), "--catalogue", "alter")
