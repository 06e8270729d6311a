"""Avatar engines in Python: the definition's rules on small made-up engines, and the engine `tiktok` itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.core.color import ciede2000, from_lab, to_lab
from swiftavatar_train.core.labels import ATTRIBUTES, PARTS, measures, mesh_measures
from swiftavatar_train.engines.blend import structure
from swiftavatar_train.engines.definition import parse_transform
from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.rasterise import rasterise
from swiftavatar_train.engines.sampling import random_avatar
from swiftavatar_train.engines.semantics import Semantics

TIKTOK = Path(__file__).parents[3] / "configs" / "engines" / "tiktok"

BOX = {
    "canvas": {"width": 100, "height": 100, "elements": [
        {"type": "component", "name": "box", "attributes": {"transform": "translate(10 20)"}},
        {"type": "element", "name": "g", "attributes": {"transform": "scale(0.5)"}, "children": [
            {"type": "component", "name": "box", "attributes": {"transform": "translate(190 20) scale(-1 1)"}}]}]},
    "components": {"box": {"width": 20, "height": 10, "variants": {
        name: {"tags": ["hair"], "elements": [{"type": "element", "name": "path", "attributes": {
            "d": f"M0 0L{width} 0L{width} 10L0 10Z", "fill": {"type": "color", "name": "ink"}}}]}
        for name, width in (("plain", 20), ("slim", 16), ("fat", 28))}}},
    "colors": {"ink": {"values": ["#ff0000"]}},
    "parameters": {
        "shift": {"min": 0, "max": 1, "default": 0.25, "drives": [{"component": "box", "property": "translateX", "from": -4, "to": 8}]},
        "size": {"min": 0, "max": 1, "default": 0.5, "drives": [{"component": "box", "property": "scaleY", "from": 0.5, "to": 2, "instance": 0}]},
        "turn": {"min": -1, "max": 1, "default": 0, "drives": [{"component": "box", "property": "rotate", "from": -90, "to": 90, "instance": 0}]},
        "girth": {"min": 0, "max": 1, "default": 0.5, "drives": [{"component": "box", "property": "blend", "from": "slim", "to": "fat"}]}},
    "anchors": {"1": {"component": "box", "x": 20, "y": 0, "variants": {"slim": [16, 0], "fat": [28, 0]}},
                "2": {"component": "box", "instance": 1, "x": 20, "y": 0}},
}


def test_kept_strokes_and_substitutes(tmp_path: Path) -> None:
    line = {"type": "element", "name": "path", "attributes": {"d": "M0 5L20 5", "stroke": "#ff0000", "stroke-width": "2"}}
    wide = {**line, "attributes": {**line["attributes"], "stroke-width": "6"}}
    definition = json.loads(json.dumps(BOX)) | {"substitutes": {"box": {"where": "hat", "shows": ["cap"], "draw": {"wide": "plain"}}}}
    definition["components"] = {
        "box": {"width": 20, "height": 10, "keepStroke": True, "variants": {"plain": {"elements": [line]}, "wide": {"elements": [wide]}}},
        "hat": {"width": 20, "height": 10, "probability": 10, "variants": {"cap": {"elements": []}}}}
    definition["parameters"] = {"size": BOX["parameters"]["size"]}
    (tmp_path / "definition.json").write_text(json.dumps(definition))
    engine = Engine.load(tmp_path / "definition.json")
    avatar = {"discrete": {"box": "wide", "hat": None}, "continuous": {"size": 1}, "colors": {"ink": "#ff0000"}}
    assert 'stroke-width="4"' in engine.svg(avatar)  # twice as high, so 6 / 1.5
    avatar["discrete"]["hat"] = "cap"
    assert 'stroke-width="4"' not in engine.svg(avatar)
    avatar["discrete"]["box"] = "plain"
    assert "<path" not in engine.svg(avatar)


@pytest.fixture()
def box(tmp_path: Path) -> Engine:
    path = tmp_path / "definition.json"
    path.write_text(json.dumps(BOX))
    return Engine.load(path)


@pytest.fixture(scope="module")
def tiktok() -> Engine:
    return Engine.load(TIKTOK / "definition.json")


@pytest.fixture(scope="module")
def semantics() -> Semantics:
    return Semantics.load(TIKTOK / "semantics.json")


def moved(engine: Engine, **sliders: float) -> dict:
    avatar = engine.default_avatar()
    avatar["continuous"] |= sliders
    return avatar


def test_sliders_at_rest_move_nothing(box: Engine) -> None:
    assert box.anchors(box.default_avatar()) == {1: (30, 20), 2: (85, 10)}


def test_sliders_are_linear_on_both_sides_of_an_uneven_default(box: Engine) -> None:
    assert box.anchors(moved(box, shift=0))[1] == (26, 20)
    assert box.anchors(moved(box, shift=0.625))[1] == (34, 20)
    assert box.anchors(moved(box, shift=1)) == {1: (38, 20), 2: (81, 10)}  # a mirrored reference mirrors its drive, scaled


def test_scale_and_rotation_turn_about_the_components_centre(box: Engine) -> None:
    assert box.anchors(moved(box, size=1))[1] == pytest.approx((30, 15))
    assert box.anchors(moved(box, turn=1))[1] == pytest.approx((25, 35))


def test_blend_adds_half_the_difference_of_its_variants(box: Engine) -> None:
    avatar = moved(box, girth=1)
    assert box.anchors(avatar)[1] == (36, 20)
    picture = box.render(avatar, 100)
    assert tuple(picture[25, 34]) == (255, 0, 0, 255) and picture[25, 38, 3] == 0


def test_labels_name_the_part_of_every_pixel(box: Engine) -> None:
    labels = box.labels(box.default_avatar(), 100)
    assert set(np.unique(labels)) == {0, PARTS.index("hair")}
    assert labels[25, 20] == PARTS.index("hair") and labels[5, 5] == 0


def test_transform_lists_multiply_from_the_left() -> None:
    matrix = parse_transform("translate(10 20) rotate(90 1 1) scale(2)")
    assert matrix @ (1, 0, 1) == pytest.approx((12, 22, 1))


def test_bad_svg_is_refused() -> None:
    with pytest.raises(ValueError, match="librsvg"):
        rasterise("no picture", 16)


def test_colours_agree_with_the_published_pairs() -> None:
    # Sharma et al. 2005 give L*a*b*; sRGB hexes round, so the well-known pair of pure colours stands in
    assert ciede2000("#ffffff", "#000000") == pytest.approx(100, abs=1e-3)
    assert ciede2000("#ff0000", "#00ff00") == pytest.approx(86.6, abs=0.1)
    assert from_lab(to_lab("#7a5238")) == "#7a5238"


def test_tiktok_has_what_the_engine_promises(tiktok: Engine, semantics: Semantics) -> None:
    least = {"hair": 24, "facialHair": 8, "glasses": 6, "brows": 6, "eyes": 6, "nose": 5, "mouth": 8, "head": 6, "earrings": 3, "headwear": 6, "clothes": 8}
    for component, count in least.items():
        assert len([v for v in tiktok.variants[component] if v not in semantics.exclude.get(component, [])]) >= count, component
    assert {"facialHair", "glasses", "earrings", "headwear"} <= set(tiktok.optional)
    assert len(tiktok.sliders) >= 17
    assert set(tiktok.palettes) == {"skin", "hair", "brows", "facialHair", "eyes", "lips", "glasses", "clothes", "headwear", "background"}
    assert semantics.definition_sha256 == tiktok.sha256


def test_every_variant_that_bears_an_attribute_has_a_meaning(tiktok: Engine, semantics: Semantics) -> None:
    for component, attribute in (("hair", "hair_length"), ("hair", "hair_texture"), ("hair", "fringe"), ("facialHair", "facial_hair"), ("glasses", "glasses"),
                                 ("headwear", "headwear"), ("mouth", "mouth"), ("earrings", "earrings")):
        choices = [*tiktok.variants[component], *([None] if component in tiktok.optional else [])]
        for variant in choices:
            values = semantics.meaning(component, variant)[attribute]
            assert set(values) <= {*ATTRIBUTES[attribute], "na"}, (component, variant)


def test_morphs_have_the_commands_of_the_shapes(tiktok: Engine) -> None:
    assert len({structure(tiktok.elements("head", variant)) for variant in tiktok.variants["head"]}) == 1


def test_random_avatars_show_what_is_asked(tiktok: Engine, semantics: Semantics) -> None:
    rng = np.random.default_rng(0)
    for wanted in ({"hair_length": "long", "hair_color": "red"}, {"hair_length": "hidden"}, {"facial_hair": "beard", "glasses": "sunglasses"},
                   {"skin_tone": "9", "mouth": "teeth", "earrings": "yes"}, {"headwear": "turban"}, {"fringe": "yes", "hair_texture": "curly"}):
        for _ in range(5):
            shown = semantics.read(random_avatar(tiktok, rng, semantics, wanted))
            assert {name: shown[name] for name in wanted} == wanted
    with pytest.raises(ValueError, match="hair_length nonsense"):
        random_avatar(tiktok, rng, semantics, {"hair_length": "nonsense"})


def test_random_avatars_repeat_with_their_seed(tiktok: Engine, semantics: Semantics) -> None:
    assert random_avatar(tiktok, np.random.default_rng(3), semantics) == random_avatar(tiktok, np.random.default_rng(3), semantics)


def test_labels_and_anchors_agree_on_the_face(tiktok: Engine, semantics: Semantics) -> None:
    rng = np.random.default_rng(1)
    plain = {"glasses": "none", "headwear": "none", "hair_length": "bald", "facial_hair": "none"}
    for _ in range(8):
        avatar = random_avatar(tiktok, rng, semantics, plain)
        labels, points = tiktok.labels(avatar, 512), tiktok.anchors(avatar)
        for index, part in ((468, "eye"), (473, "eye"), (168, "nose")):
            x, y = points[index]
            assert PARTS[labels[round(y) + (4 if index == 168 else 0), round(x)]] == part
        assert PARTS[labels[round(points[152][1]) - 4, 256]] == "skin" and PARTS[labels[round(points[152][1]) + 4, 256]] in ("neck", "cloth")
        x, y = points[234]
        assert PARTS[labels[round(y), round(x) + 4]] in ("skin", "ear")


def test_sliders_move_their_measure_up(tiktok: Engine) -> None:
    for name, spec in tiktok.sliders.items():
        if "measure" not in spec:
            continue
        found = []
        for value in (spec["min"], spec["default"], spec["max"]):
            mesh = np.full((478, 2), np.nan)
            for index, point in tiktok.anchors(moved(tiktok, **{name: value})).items():
                mesh[index] = point
            found.append(float((measures(mesh) | mesh_measures(mesh)).get(spec["measure"], np.nan)))
        if name not in ("chin_length", "lip_fullness", "brow_thickness", "brow_tilt", "ear_size"):  # no anchors there
            assert found[0] < found[1] < found[2], name
