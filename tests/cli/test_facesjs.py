"""Engine `facesjs`: made-up drawings in the form of a faces.js install."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from program import ROOT, estimate, load, sentence, swiftavatar

DRAWINGS = ROOT / "tests/data/facesjs"
ENGINE = ("--engine", "facesjs", "--facesjs", DRAWINGS)
FEATURES = ("hairBg", "body", "jersey", "ear", "head", "eyeLine", "smileLine", "miscLine", "facialHair", "eye", "eyebrow",
            "hair", "mouth", "nose", "glasses", "accessories")


@pytest.fixture(scope="session")
def face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the example photo's avatar."""
    folder = tmp_path_factory.mktemp("facesjs")
    estimate(ROOT / "examples/astronaut.png", *ENGINE, "-o", folder, cwd=folder)
    return folder


def test_estimate_writes_a_face_config(face: Path) -> None:
    result = load(face / "astronaut.avatar.json")
    assert result["engine"]["name"] == "facesjs"
    native = result["native"]
    assert list(native)[:2] == ["fatness", "teamColors"]
    assert set(native) == {"fatness", "teamColors", *FEATURES}
    assert native["hair"]["id"] in {path.stem for path in (DRAWINGS / "svgs/hair").iterdir()}
    assert native["body"]["color"] == result["avatar"]["colors"]["skin"]
    assert native["head"]["shave"].startswith("rgba(0,0,0,")
    assert result["attributes"]["earrings"] is None


def test_numbers_are_fitted(face: Path) -> None:
    """Every slider has a witness in the photo, and its value stands in the FaceConfig."""
    result = load(face / "astronaut.avatar.json")
    assert all(confidence > 0 for confidence in result["confidence"]["continuous"].values()), result["confidence"]
    native, numbers = result["native"], result["avatar"]["continuous"]
    for value, slider in ((native["fatness"], "fatness"), (native["body"]["size"], "body_size"), (native["ear"]["size"], "ear_size"),
                          (native["nose"]["size"], "nose_size"), (native["eye"]["angle"], "eye_tilt"),
                          (native["eyebrow"]["angle"], "brow_tilt"), (native["smileLine"]["size"], "smile_line_size")):
        assert value == pytest.approx(numbers[slider], abs=1e-4)


def test_native_draws_the_preview(face: Path, tmp_path: Path) -> None:
    (tmp_path / "face.json").write_text(json.dumps(load(face / "astronaut.avatar.json")["native"]))
    swiftavatar("render", *ENGINE, "--native", "face.json", "-o", "face.png", cwd=tmp_path)
    assert (tmp_path / "face.png").read_bytes() == (face / "astronaut.avatar.png").read_bytes()


def test_result_draws_the_preview(face: Path, tmp_path: Path) -> None:
    swiftavatar("render", face / "astronaut.avatar.json", "--facesjs", DRAWINGS / "package", "-o", "again.png", cwd=tmp_path)
    assert (tmp_path / "again.png").read_bytes() == (face / "astronaut.avatar.png").read_bytes()


@pytest.mark.parametrize("where", ["svgs", "package", "package/lib/svgs.js"])
def test_every_form_of_the_drawings_is_one_engine(where: str, tmp_path: Path) -> None:
    shown = [swiftavatar("engines", "show", "facesjs", "--facesjs", path, "--json", cwd=tmp_path).json
             for path in (DRAWINGS, DRAWINGS / where)]
    assert shown[0] == shown[1]
    assert shown[0]["components"]["hair"]["variants"][0] == "short"


def test_check(tmp_path: Path) -> None:
    run = swiftavatar("engines", "check", "facesjs", "--facesjs", DRAWINGS, cwd=tmp_path)
    assert "definition and semantics" in run.lines[0]


def test_bad_drawings_are_left_out_with_a_warning(tmp_path: Path) -> None:
    shutil.copytree(DRAWINGS / "svgs", tmp_path / "svgs")
    (tmp_path / "svgs/hair/evil.svg").write_text("<svg><script>alert(1)</script></svg>")
    run = swiftavatar("engines", "check", "facesjs", "--facesjs", tmp_path, cwd=tmp_path)
    assert "hair/evil: left out, it has <script>, which is not allowed" in run.stderr


def test_nothing_of_a_script_is_run(tmp_path: Path) -> None:
    script = (DRAWINGS / "package/lib/svgs.js").read_text()
    (tmp_path / "svgs.js").write_text(script + "\nrequire('fs').writeFileSync('ran', 'x');\n")
    swiftavatar("engines", "check", "facesjs", "--facesjs", tmp_path, cwd=tmp_path)
    assert not (tmp_path / "ran").exists()


def test_the_option_is_asked_for(tmp_path: Path) -> None:
    sentence(swiftavatar("engines", "show", "facesjs", cwd=tmp_path, status=2), "--facesjs")
    sentence(swiftavatar("engines", "show", "tiktok", "--facesjs", DRAWINGS, cwd=tmp_path, status=2), "tiktok")


def test_a_broken_table_does_not_stop_drawing(tmp_path: Path) -> None:
    table = tmp_path / "data/configs/engines/facesjs/semantics.json"
    table.parent.mkdir(parents=True)
    table.write_text("{")
    engine = ("facesjs", "--facesjs", DRAWINGS, "--data-dir", "data")
    swiftavatar("render", "--engine", *engine, "--set", "hair=short", "-o", "face.png", cwd=tmp_path)
    sentence(swiftavatar("engines", "show", *engine, cwd=tmp_path), "semantics broken: ", "semantics.json")
    sentence(swiftavatar("engines", "check", *engine, cwd=tmp_path, status=3), "semantics.json")


@pytest.mark.parametrize(("make", "word"), [(None, "no such folder"), ("empty", "no faces.js drawings"), ("part", "body")])
def test_folders_without_a_face(tmp_path: Path, make: str | None, word: str) -> None:
    folder = tmp_path / "install"
    if make:
        folder.mkdir()
    if make == "part":
        shutil.copytree(DRAWINGS / "svgs/hair", folder / "hair")
    sentence(swiftavatar("engines", "check", "facesjs", "--facesjs", folder, cwd=tmp_path, status=3), word, str(folder))


@pytest.mark.parametrize(("face_config", "word"), [
    ({"hair": {"id": "mohawk"}}, "mohawk"), ({"fatness": "fat"}, "fatness"), ([], "object")])
def test_wrong_face_configs_are_named(tmp_path: Path, face_config: object, word: str) -> None:
    (tmp_path / "face.json").write_text(json.dumps(face_config))
    sentence(swiftavatar("render", *ENGINE, "--native", "face.json", cwd=tmp_path, status=2), "face.json", word)


def test_real_drawings(tmp_path: Path) -> None:
    where = os.environ.get("SWIFTAVATAR_FACESJS")
    if not where:
        pytest.skip("SWIFTAVATAR_FACESJS does not name the folder of the npm package facesjs")
    estimate(ROOT / "examples/astronaut.png", "--engine", "facesjs", "--facesjs", where, cwd=tmp_path)
    result = load(tmp_path / "astronaut.avatar.json")
    assert result["native"]["hair"]["id"] != "none"
    assert not result["warnings"]
