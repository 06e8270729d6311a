"""The engine `alter`: the committed files are what scripts/art/build_alter.py draws, and every variant shows."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.core.labels import ATTRIBUTES, PARTS
from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.rasterise import rasterise
from swiftavatar_train.engines.sampling import random_avatar
from swiftavatar_train.engines.semantics import Semantics

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "configs/engines/alter"
UNSEEN = {("hair", "bald")}  # nothing to draw


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load(FOLDER / "definition.json")


@pytest.fixture(scope="module")
def semantics() -> Semantics:
    return Semantics.load(FOLDER / "semantics.json")


def test_committed_files_are_the_generated_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts/art"))
    before = set(sys.modules)
    spec = importlib.util.spec_from_file_location("art_build_alter", ROOT / "scripts/art/build_alter.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    texts = build.texts()
    for name in set(sys.modules) - before:  # the art's modules have common names (head, hair): leave none behind
        del sys.modules[name]
    assert set(texts) == {"definition.json", "semantics.json", "catalogue.json"}
    for name, text in texts.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name} is out of date: run python scripts/art/build_alter.py"


def test_it_has_what_the_engine_promises(engine: Engine, semantics: Semantics) -> None:
    least = {"hair": 40, "facialHair": 8, "glasses": 8, "clothes": 10, "brows": 6, "eyes": 6, "nose": 5, "mouth": 8, "head": 6, "earrings": 3}
    for component, count in least.items():
        assert len(engine.variants[component]) >= count, component
    hats = [v for v in engine.variants["headwear"] if semantics.meaning("headwear", v)["headwear"] == ["hat"]]
    assert len(hats) >= 6
    assert not engine.sliders and set(engine.optional) - set(engine.tied) == {"facialHair", "glasses", "earrings", "headwear", "lines"}
    assert set(semantics.colors["skin"]["anchors"]) == {str(tone) for tone in range(1, 11)}
    assert semantics.definition_sha256 == engine.sha256 and semantics.impossible == []


def test_every_attribute_value_can_be_shown(engine: Engine, semantics: Semantics) -> None:
    rng = np.random.default_rng(0)
    for attribute, values in ATTRIBUTES.items():
        for value in values:
            if value == "other" and attribute == "hair_color":
                continue
            shown = semantics.read(random_avatar(engine, rng, semantics, {attribute: str(value)}))
            assert shown[attribute] == str(value)


def picture(engine: Engine, avatar: dict) -> np.ndarray:
    """The avatar with a quarter of the canvas around it."""
    svg = engine.svg(engine.tie(avatar)).replace('viewBox="0 0 512 512"', 'viewBox="-128 -128 768 768"')
    return rasterise(svg, 192)[..., :3].astype(int)


def test_every_variant_shows_inside_the_canvas(engine: Engine) -> None:
    plain = engine.default_avatar()
    plain["discrete"] |= {name: None for name in engine.optional} | {"hair": "bald"}
    inside = np.zeros((192, 192), bool)
    inside[32:160, 32:160] = True
    for component in set(engine.variants) - set(engine.tied):
        seen: list[np.ndarray] = []
        bare = {**plain, "discrete": {**plain["discrete"], component: None}}
        without = picture(engine, bare)
        for variant in engine.variants[component]:
            if (component, variant) in UNSEEN:
                continue
            drawn = picture(engine, {**plain, "discrete": {**plain["discrete"], component: variant}})
            changed = np.abs(drawn - without).max(-1) > 12
            assert changed.sum() >= 8, (component, variant)
            share = 0.25 if component in ("clothes", "neck") else 0.6  # clothes run on below the canvas
            assert (changed & inside).sum() >= share * changed.sum(), (component, variant)
            assert all(np.abs(drawn - other).max() > 12 for other in seen), f"{component} {variant} looks like another one"
            seen.append(drawn)


def test_labels_and_anchors_agree_on_the_face(engine: Engine, semantics: Semantics) -> None:
    rng = np.random.default_rng(1)
    plain = {"glasses": "none", "headwear": "none", "hair_length": "bald", "facial_hair": "none"}
    for _ in range(6):
        avatar = random_avatar(engine, rng, semantics, plain)
        labels, points = engine.labels(avatar, 512), engine.anchors(avatar)
        for index, part in ((468, "eye"), (473, "eye"), (168, "nose")):
            x, y = points[index]
            assert PARTS[labels[round(y) + (4 if index == 168 else 0), round(x)]] == part
        assert PARTS[labels[round(points[152][1]) - 4, 256]] == "skin" and PARTS[labels[round(points[152][1]) + 4, 256]] in ("neck", "cloth")


def test_catalogue_has_only_known_names() -> None:
    catalogue = json.loads((FOLDER / "catalogue.json").read_text())
    known = {"avatars/head/avr_head_a_01", "avatars/skin/avr_skin_a_01", "avatars/neck/avr_neck_a_01", "avatars/lashes/avr_lashes_a_01",
             *(f"avatars/hair/avr_hair_a_{n}" for n in ("02", "05", "117")), *(f"avatars/brows/avr_brows_a_{n}" for n in ("02", "05")),
             *(f"avatars/eyes/avr_eyes_a_{n}" for n in ("01", "03", "06"))}
    used = [*catalogue["always"], *catalogue["colors"]["skin"].values(), *(item for slot in catalogue["components"].values() for item in slot["items"].values())]
    assert {item if isinstance(item, str) else item["name"] for item in used if item} == known
