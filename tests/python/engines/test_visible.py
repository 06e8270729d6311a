"""What nobody can see in an avatar is no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.semantics import Semantics
from swiftavatar_train.engines.visible import LEAST, SIDE, covered, unseen
from swiftavatar_train.evaluation.agreement import Seen

ENGINES = Path(__file__).parents[3] / "configs/engines"


def load(name: str) -> tuple[Engine, Semantics]:
    return Engine.load(ENGINES / name / "definition.json"), Semantics.load(ENGINES / name / "semantics.json")


def dressed(engine: Engine) -> dict:
    """An avatar with long hair and studs, and nothing else that can be left out."""
    avatar = engine.default_avatar()
    avatar["discrete"] |= {name: None for name in engine.optional} | {"hair": "longStraight", "earrings": "studs"}
    return engine.tie(avatar)


def test_every_attribute_of_a_usual_avatar_is_seen() -> None:
    engine, semantics = load("tiktok")
    assert unseen(engine, semantics, dressed(engine)) == set()


def test_an_earring_that_is_not_drawn_is_not_seen() -> None:
    engine, semantics = load("tiktok")
    engine.components["earrings"]["variants"]["studs"]["elements"] = []
    avatar = dressed(engine)
    assert unseen(engine, semantics, avatar) == {"earrings"}
    shown = semantics.read(avatar)
    seen = Seen(ENGINES)
    seen.read["tiktok"] = engine, semantics
    result = {"attributes": shown, "avatar": avatar, "engine": {"name": "tiktok"}}
    assert seen(result) == {name: value for name, value in shown.items() if name != "earrings"}
    assert Seen(ENGINES)(result) == shown and Seen(ENGINES)({}) == {}


def test_stubble_is_seen_though_another_component_draws_it() -> None:
    engine, semantics = load("tiktok")
    avatar = dressed(engine)
    avatar["discrete"] = {name: variant for name, variant in avatar["discrete"].items() if name not in engine.tied}
    avatar["discrete"]["facialHair"] = "stubble"
    assert unseen(engine, semantics, avatar) == set() and not engine.tied.keys() & avatar["discrete"].keys()


def test_nothing_needs_to_be_drawn_for_what_is_not_there() -> None:
    engine, semantics = load("tiktok")
    avatar = dressed(engine)
    avatar["discrete"] |= {"hair": None, "earrings": None}
    assert unseen(engine, semantics, engine.tie(avatar)) == set()


@pytest.mark.parametrize("name", ["tiktok", "alter"])
def test_every_variant_that_shows_an_attribute_can_be_seen(name: str) -> None:
    """On a bald default face; an earring is the smallest."""
    engine, semantics = load(name)
    bare = engine.default_avatar()
    bare["discrete"] |= dict.fromkeys((*engine.optional, "hair"), None)
    small = []
    for component in semantics.order:
        for variant in engine.variants[component]:
            meaning = semantics.meaning(component, variant)
            if not meaning or meaning.get("hair_length", [""])[0] in ("bald", "very_short"):
                continue
            avatar = engine.tie(bare | {"discrete": bare["discrete"] | {component: variant}})
            if covered(engine, avatar, component, engine.render(avatar, SIDE)) < LEAST:
                small.append((component, variant, meaning))
    assert not small
