"""DiceBear's styles as engines, against DiceBear's own core: the same options, the same pixels."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from librsvg import rasterise
from program import ROOT, environment, sentence, swiftavatar
from styles import FACE_STYLES, core_svg, definition, draw, random_options, require_dicebear, style_file

AVATARS = 20  # of each style


@pytest.fixture(autouse=True)
def dicebear() -> None:
    require_dicebear()


def difference(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def compare(style: str) -> None:
    """Our pictures of random options against the core's; what we write as options is what was read."""
    rng = random.Random(style)
    natives = [random_options(style, rng) for _ in range(AVATARS)]
    answers, = draw([{"definition": str(style_file(style)), "natives": natives}])
    assert len(answers) == AVATARS
    canvas, pictures = definition(style)["canvas"], []
    height = round(256 * canvas["height"] / canvas["width"])
    for options, answer in zip(natives, answers, strict=True):
        ours = rasterise(answer["svg"], height=height)
        assert difference(ours, rasterise(core_svg(style, options), height=height)) == 0, options
        assert answer["native"] == options
        pictures.append(ours.tobytes())
    assert len(set(pictures)) > AVATARS / 2, "random avatars look alike: nothing was compared"


@pytest.mark.parametrize("style", FACE_STYLES)
def test_same_pixels_as_the_core(style: str) -> None:
    compare(style)


def test_same_pixels_with_rare_features() -> None:
    """Clips, masks, gradients, blend modes, aliases with ranges of their own, groups that vanish, a canvas that is no square."""
    compare(str(ROOT / "tests/data/engines/features.json"))


@pytest.mark.heavy
def test_same_pixels_in_every_other_style() -> None:
    others = {file.stem for file in style_file("micah").parent.glob("*.json")} - set(FACE_STYLES)
    assert len(others) > 30
    for style in sorted(others):
        compare(style)


def test_list_has_the_styles_of_faces(tmp_path: Path) -> None:
    names = swiftavatar("engines", "list", cwd=tmp_path).lines
    assert [name for name in names if name.startswith("dicebear:")] == [f"dicebear:{style}" for style in FACE_STYLES]


def test_show_has_counts_licence_and_credit(tmp_path: Path) -> None:
    engine = swiftavatar("engines", "show", "dicebear:micah", "--json", cwd=tmp_path).json
    meta, components = definition("micah")["meta"], definition("micah")["components"]
    assert engine["license"] == {"name": meta["license"]["name"], "url": meta["license"]["url"]}
    assert engine["creator"]["name"] == meta["creator"]["name"]
    assert engine["source"]["url"] == meta["source"]["url"]
    assert engine["native"] is True
    assert engine["counts"] == {"components": len(components), "sliders": 0, "colors": len(definition("micah")["colors"]),
                                "variants": sum(len(component["variants"]) for component in components.values())}
    lines = swiftavatar("engines", "show", "dicebear:micah", cwd=tmp_path).lines
    assert lines[1].split("\t") == ["licence", meta["license"]["name"], meta["license"]["url"]]
    assert {line.split("\t")[0] for line in lines[1:]} == {"licence", "creator", "source", "counts", "component", "colour"}


def test_credit_stays_in_the_svg(tmp_path: Path) -> None:
    """CC BY asks for author, title, licence, and that changes are named."""
    swiftavatar("render", "--engine", "dicebear:micah", "--set", "hair=fonze", cwd=tmp_path, status=0)
    assert (tmp_path / "dicebear-micah.png").exists()
    swiftavatar("render", "--engine", "dicebear:micah", "--set", "hair=fonze", "-o", "out.svg", cwd=tmp_path)
    names = {"dc": "http://purl.org/dc/elements/1.1/", "dcterms": "http://purl.org/dc/terms/"}
    root, meta = ElementTree.parse(tmp_path / "out.svg").getroot(), definition("micah")["meta"]
    said = {tag: root.findtext(f".//{tag}", namespaces=names)
            for tag in ("dc:title", "dc:creator", "dc:source", "dcterms:license")}
    assert said == {"dc:title": meta["source"]["name"], "dc:creator": meta["creator"]["name"],
                    "dc:source": meta["source"]["url"], "dcterms:license": meta["license"]["url"]}
    assert (root.findtext(".//dc:rights", namespaces=names) or "").startswith("Arranged from")


def picture(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("style", ["avataaars", "cameo"])
def test_native_options_are_drawn(tmp_path: Path, style: str) -> None:
    """The program's PNG and SVG show what the core shows of the same file."""
    options = random_options(style, random.Random(3))
    (tmp_path / "options.json").write_text(json.dumps(options))
    arguments = ("render", "--engine", f"dicebear:{style}", "--native", "options.json", "--size", "256")
    swiftavatar(*arguments, "-o", "out.svg", cwd=tmp_path)
    core = rasterise(core_svg(style, options))
    assert difference(rasterise((tmp_path / "out.svg").read_text()), core) == 0
    swiftavatar(*arguments, "-o", "out.png", cwd=tmp_path)
    opaque = core[:, :, 3] == 255  # elsewhere the PNG has straight alpha
    assert opaque.sum() > 10_000
    assert difference(picture(tmp_path / "out.png")[opaque], core[opaque]) == 0


def test_style_file_is_an_engine(tmp_path: Path) -> None:
    """A definition that is not installed draws like the style of the package, and a result of it finds it again."""
    (tmp_path / "mine.json").write_bytes(style_file("dylan").read_bytes())
    (tmp_path / "options.json").write_text(json.dumps(random_options("dylan", random.Random(5))))
    swiftavatar("render", "--style-file", "mine.json", "--native", "options.json", "-o", "mine.png", cwd=tmp_path)
    swiftavatar("render", "--engine", "dicebear:dylan", "--native", "options.json", "-o", "dylan.png", cwd=tmp_path)
    assert (tmp_path / "mine.png").read_bytes() == (tmp_path / "dylan.png").read_bytes()
    assert swiftavatar("engines", "show", "--style-file", "mine.json", "--json", cwd=tmp_path).json["name"] == "dicebear:mine"
    swiftavatar("engines", "check", "--style-file", "mine.json", cwd=tmp_path)
    (tmp_path / "in.json").write_text('{"engine": {"name": "dicebear:mine"}, "avatar": {"discrete": {"mood": "happy"}}}')
    sentence(swiftavatar("render", "in.json", cwd=tmp_path, status=3), "--style-file")
    swiftavatar("render", "in.json", "--style-file", "mine.json", "-o", "again.png", cwd=tmp_path)


@pytest.mark.parametrize(("options", "word"), [
    ({"hairVariant": ["a", "b"]}, "hairVariant"), ({"flip": "horizontal"}, "flip"), ({"seed": "Felix"}, "seed"),
    ({"noseVariant": "big"}, "noseVariant"), ([], "options")])
def test_native_that_says_something_else(tmp_path: Path, options: Any, word: str) -> None:
    (tmp_path / "options.json").write_text(json.dumps(options))
    sentence(swiftavatar("render", "--engine", "dicebear:dylan", "--native", "options.json", "-o", "out.png", cwd=tmp_path,
                         status=2), "options.json", word)
    assert not (tmp_path / "out.png").exists()


def test_unknown_style(tmp_path: Path) -> None:
    sentence(swiftavatar("engines", "show", "dicebear:nobody", cwd=tmp_path, status=3), "nobody", "micah", "--style-file")
    (tmp_path / "data/models").mkdir(parents=True)
    missing = swiftavatar("engines", "show", "dicebear:micah", "--data-dir", "data", cwd=tmp_path, status=3)
    sentence(missing, "dicebear-styles", "SWIFTAVATAR_STYLES")
    env = environment(SWIFTAVATAR_STYLES=str(style_file("micah").parent))
    swiftavatar("engines", "show", "dicebear:micah", "--data-dir", "data", cwd=tmp_path, env=env)


def test_no_semantics_says_how_to_make_them(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(style_file("dylan").read_text() + "\n")
    run = swiftavatar("estimate", ROOT / "examples/astronaut.png", "--style-file", "mine.json", cwd=tmp_path, status=3)
    sentence(run, "swiftavatar engines semantics mine.json -o FILE", "--semantics")


def test_which_engine(tmp_path: Path) -> None:
    sentence(swiftavatar("engines", "show", cwd=tmp_path, status=2), "--style-file")


def test_install_copies_what_may_be_passed_on(tmp_path: Path) -> None:
    """CC0 and CC BY with the licence texts; the styles of other terms stay in the package."""
    script = tmp_path / "install.cmake"
    script.write_text(f'set(styles_from "{style_file("micah").parents[1]}")\n'
                      f'set(styles_list "{ROOT}/src/avatar/face_styles.inc")\nset(styles_to "{tmp_path}/styles")\n'
                      f'include("{ROOT}/cmake/InstallStyles.cmake")\n')
    subprocess.run(["cmake", "-P", script], check=True, capture_output=True)
    installed = {file.stem for file in (tmp_path / "styles").glob("*.json")}
    assert installed == {style for style in FACE_STYLES if definition(style)["meta"]["license"]["name"].startswith("CC")}
    assert "avataaars" not in installed
    assert "CC BY 4.0" in (tmp_path / "styles/LICENSE.md").read_text()


def test_notice_credits_every_installed_style() -> None:
    notice = (ROOT / "NOTICE").read_text()
    for style in FACE_STYLES:
        meta = definition(style)["meta"]
        if meta["license"]["name"].startswith("CC"):
            assert meta["creator"]["name"] in notice, style
            assert f"{style}" in notice, style
