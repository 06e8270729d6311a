"""The example catalogue of the engine `alter`: the publicly known item names of Alter's SDK, nothing else.

Nobody outside knows what most of these items look like, and glasses, beards, hats, noses, mouths and clothes have no publicly known
name at all. So many variants share an item, and many have none; a user with a real catalogue gives it with --catalogue.
"""

from __future__ import annotations

from alter import brows, eyes, hair, head
from alter.palette import SKIN

HAIR_OF = {"bald": None, "very_short": "a_02", "short": "a_02", "medium": "a_05", "long": "a_117", "tied": "a_117"}
EYES_OF = {"round": "a_01", "lashes": "a_01", "narrow": "a_03", "hooded": "a_03", "sleepy": "a_03"}
BROWS_OF = {"thin": "a_02", "arched": "a_02", "rounded": "a_02", "short": "a_02"}


def _path(slot: str, number: str | None) -> str | None:
    return number and f"avatars/{slot}/avr_{slot}_{number}"


def _length(meaning: dict) -> str:
    value = meaning["hair_length"]
    return value if isinstance(value, str) else value[0]


def catalogue() -> dict:
    def skin(variant: str) -> dict:
        return {"name": _path("skin", "a_01"), "properties": {"materialVariant": f"avr_skin_{variant}"}}

    return {
        "schema": "swiftavatar.alter-catalogue/1",
        "$comment": "Example: only the item names that are publicly known. Variants share the nearest known item of their slot; null and components "
                    "that are not listed have none. Give a complete catalogue with --catalogue.",
        "always": [_path("neck", "a_01"), {"name": _path("lashes", "a_01"), "properties": {"colorLashes": "#000000"}}],
        "components": {
            "head": {"items": {name: _path("head", "a_01") for name in head.SHAPES}},
            "eyes": {"colors": {"colorEyes": "eyes"}, "items": {name: _path("eyes", EYES_OF.get(name, "a_06")) for name in eyes.eyes()["variants"]}},
            "brows": {"colors": {"colorBrows": "brows"}, "items": {name: _path("brows", BROWS_OF.get(name, "a_05")) for name in brows.LINES}},
            "hair": {"colors": {"colorHair": "hair", "colorHighlight": {"color": "hair", "lighter": 0.2}},
                     "items": {name: _path("hair", HAIR_OF[_length(meaning)]) for name, meaning in hair.meanings().items()}},
        },
        "colors": {"skin": {SKIN["3"]: skin("a_01_03"), SKIN["7"]: skin("a_01_06")}},
    }
