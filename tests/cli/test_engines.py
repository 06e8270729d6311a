"""`swiftavatar engines`: which engines there are, what they hold, and what is wrong with a definition."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from program import FAST, PHOTO, ROOT, TINY, check, sentence, swiftavatar

DEFINITION = ROOT / "configs/engines/tiktok/definition.json"
NEEDY = "facesjs\tneeds --facesjs DIR"


def test_list(tmp_path: Path) -> None:
    lines = swiftavatar("engines", "list", cwd=tmp_path).lines
    assert "tiktok" in lines
    assert swiftavatar("engines", "list", "--json", cwd=tmp_path).json == {"engines": [line for line in lines if "\t" not in line]}


def test_list_follows_the_data_folder(tmp_path: Path) -> None:
    shutil.copytree(TINY.parent, tmp_path / "data/configs/engines/mine")
    assert swiftavatar("engines", "list", "--data-dir", "data", cwd=tmp_path).lines == ["mine", NEEDY]


def test_list_names_the_engine_that_needs_a_folder(tmp_path: Path) -> None:
    """A loop over the JSON's names can use each as it stands; a person reads what the other one needs."""
    assert swiftavatar("engines", "list", cwd=tmp_path).lines[-1] == NEEDY
    assert "facesjs" not in swiftavatar("engines", "list", "--json", cwd=tmp_path).json["engines"]
    given = ("engines", "list", "--facesjs", ROOT / "tests/data/facesjs")
    assert swiftavatar(*given, cwd=tmp_path).lines[-1] == "facesjs"
    assert swiftavatar(*given, "--json", cwd=tmp_path).json["engines"][-1] == "facesjs"
    sentence(swiftavatar("engines", "list", "--facesjs", "nowhere", cwd=tmp_path, status=3), "nowhere")


def test_show_has_what_the_definition_has(tmp_path: Path) -> None:
    definition = json.loads(DEFINITION.read_text())
    engine = swiftavatar("engines", "show", "tiktok", "--json", cwd=tmp_path).json
    assert engine["sha256"] == hashlib.sha256(DEFINITION.read_bytes()).hexdigest()
    assert set(engine["sliders"]) == set(definition["parameters"])
    assert set(engine["components"]) <= set(definition["components"])
    assert set(engine["components"]["hair"]["variants"]) == set(definition["components"]["hair"]["variants"])
    assert engine["semantics"] is True


def test_show_as_text(tmp_path: Path) -> None:
    lines = swiftavatar("engines", "show", "tiktok", cwd=tmp_path).lines
    assert lines[0].startswith("tiktok\t")
    kinds = {line.split("\t")[0] for line in lines[1:]}
    assert kinds == {"licence", "creator", "counts", "component", "slider", "colour"}
    assert any(line.startswith("slider\teye_size\t0 to 1") for line in lines)


@pytest.mark.parametrize("engine", ["tiktok", TINY, TINY.parent])
def test_good_engines_pass(tmp_path: Path, engine: Any) -> None:
    assert swiftavatar("engines", "check", engine, "--json", cwd=tmp_path).json["ok"] is True


@pytest.mark.parametrize("action", ["show", "check"])
def test_unknown_engine(tmp_path: Path, action: str) -> None:
    sentence(swiftavatar("engines", action, "nobody", cwd=tmp_path, status=3), "nobody", "tiktok")


def change_components(definition: Any) -> str:
    component = next(iter(definition["components"]))
    definition["components"][component]["variants"] = 3
    return component


def change_slider(definition: Any) -> str:
    slider = next(iter(definition["parameters"]))
    definition["parameters"][slider]["min"] = 5
    return slider


def change_script(definition: Any) -> str:
    definition["canvas"]["elements"].append({"type": "element", "name": "script"})
    return "script"


def change_link(definition: Any) -> str:
    definition["canvas"]["elements"].append(
        {"type": "element", "name": "image", "attributes": {"href": "file:///etc/passwd"}})
    return "image"


def change_root(definition: Any) -> str:
    definition["surprise"] = {}
    return "surprise"


@pytest.mark.parametrize("change", [change_components, change_slider, change_script, change_link, change_root])
def test_first_mistake_is_named(tmp_path: Path, change: Any) -> None:
    definition = json.loads(DEFINITION.read_text())
    word = change(definition)
    (tmp_path / "definition.json").write_text(json.dumps(definition))
    run = swiftavatar("engines", "check", "./definition.json", "--json", cwd=tmp_path, status=3)
    sentence(run, word)
    assert check(run.json)["error"]["code"] == "engine_invalid"


def test_semantics_of_a_changed_definition(tmp_path: Path) -> None:
    """Semantics hold for one definition; when that changes, somebody has to look at them again."""
    shutil.copytree(TINY.parent, tmp_path / "engine")
    definition = tmp_path / "engine/definition.json"
    definition.write_text(definition.read_text() + "\n")
    sentence(swiftavatar("engines", "check", "engine/definition.json", cwd=tmp_path, status=3), "semantics.json")


def test_broken_semantics_stop_only_what_needs_them(tmp_path: Path) -> None:
    """Drawing and looking go on, and a new draft is how they are mended."""
    shutil.copytree(TINY.parent, tmp_path / "engine")
    (tmp_path / "engine/semantics.json").write_text("{")
    engine = tmp_path / "engine/definition.json"
    sentence(swiftavatar("engines", "check", engine, cwd=tmp_path, status=3), "semantics.json")
    sentence(swiftavatar("estimate", PHOTO, *FAST, "--engine", engine, cwd=tmp_path, status=3), "semantics.json")

    shown = swiftavatar("engines", "show", engine, cwd=tmp_path)
    assert shown.lines[0].endswith("\tsemantics no")
    sentence(shown, "semantics broken: ", "semantics.json")
    assert swiftavatar("engines", "show", engine, "--json", cwd=tmp_path).json["semantics"] is False
    assert swiftavatar("render", "--engine", engine, "--set", "hair=long", "-o", "out.png", cwd=tmp_path).log == []
    swiftavatar("engines", "semantics", engine, "-o", "engine/semantics.json", "--force", "-q", cwd=tmp_path)
    swiftavatar("engines", "check", engine, cwd=tmp_path)


@pytest.mark.parametrize("text", ["", "null", "{", "[" * 100_000], ids=["empty", "null", "cut", "deep"])
def test_what_is_no_definition(tmp_path: Path, text: str) -> None:
    (tmp_path / "definition.json").write_text(text)
    sentence(swiftavatar("engines", "check", "./definition.json", cwd=tmp_path, status=3), "definition.json")


STYLES = ["adventurer", "avataaars", "micah", "personas", "pixel-art", "toon-head"]


def style_file(style: str) -> Path:
    try:
        import dicebear_styles
    except ImportError:
        pytest.skip("the package dicebear-styles is not installed (see scripts/setup.sh)")
    return Path(next(iter(dicebear_styles.__path__))) / f"{style}.json"


def with_semantics(definition: Path, semantics: Path, folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(definition, folder / "definition.json")
    shutil.copy(semantics, folder / "semantics.json")
    return folder / "definition.json"


@pytest.mark.parametrize("style", STYLES)
def test_semantics_of_styles_are_complete(tmp_path: Path, style: str) -> None:
    semantics = ROOT / f"configs/engines/semantics/{style}.json"
    swiftavatar("engines", "check", with_semantics(style_file(style), semantics, tmp_path / style), cwd=tmp_path)


def test_an_attribute_that_nothing_shows(tmp_path: Path) -> None:
    definition = with_semantics(TINY, TINY.parent / "semantics.json", tmp_path / "engine")
    semantics = json.loads((tmp_path / "engine/semantics.json").read_text())
    semantics["impossible"].remove("glasses")
    (tmp_path / "engine/semantics.json").write_text(json.dumps(semantics))
    sentence(swiftavatar("engines", "check", definition, cwd=tmp_path, status=3), "glasses", "impossible")


def test_draft(tmp_path: Path) -> None:
    swiftavatar("engines", "semantics", TINY, "-o", "semantics.json", "-q", cwd=tmp_path)
    draft = json.loads((tmp_path / "semantics.json").read_text())
    assert draft["$comment"]["draft"] is True
    assert draft["components"]["hat"]["cap"]["headwear"] == "hat"
    assert draft["components"]["hair"]["long"]["hair_length"] == "long"
    assert draft["components"]["hair"]["none"]["hair_length"] == "bald"
    assert draft["colors"]["skin"]["color"] == "skin"
    swiftavatar("engines", "check", with_semantics(TINY, tmp_path / "semantics.json", tmp_path / "engine"), cwd=tmp_path)
    run = swiftavatar("engines", "semantics", TINY, "-o", "semantics.json", cwd=tmp_path, status=2)
    sentence(run, "semantics.json", "--force")


def test_draft_of_a_style(tmp_path: Path) -> None:
    definition = style_file("toon-head")
    swiftavatar("engines", "semantics", definition, "-o", "semantics.json", "-q", cwd=tmp_path)
    draft = json.loads((tmp_path / "semantics.json").read_text())
    checked = json.loads((ROOT / "configs/engines/semantics/toon-head.json").read_text())
    for component in ("rearHair", "beard"):
        for variant, meaning in draft["components"][component].items():
            assert set(meaning) <= {"hair_length", "hair_texture", "facial_hair"}
    right = [draft["components"]["beard"][variant] == meaning for variant, meaning in checked["components"]["beard"].items()]
    assert sum(right) >= len(right) - 1
    swiftavatar("engines", "check", with_semantics(definition, tmp_path / "semantics.json", tmp_path / "engine"), cwd=tmp_path)
