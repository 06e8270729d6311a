"""Writes the engine `alter`: definition.json, semantics.json and catalogue.json of configs/engines/alter. The same input gives the same bytes.

    python scripts/art/build_alter.py [FOLDER]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from alter import brows, clothes, earrings, eyes, facial_hair, glasses, hair, head, headwear, mouth, nose  # noqa: E402
from alter.catalogue import catalogue  # noqa: E402
from alter.palette import COLORS, HAIR, SKIN  # noqa: E402
from alter.soft import definitions, glow, soften  # noqa: E402
import lines  # noqa: E402
from engine_files import META, definition_text, digest, write  # noqa: E402
from shapes import SHADE, element, group, reference  # noqa: E402

FOLDER = Path(__file__).resolve().parents[2] / "configs" / "engines" / "alter"
PLACE = "translate(11 14.35) scale(0.957)"  # from the drawing to the aligned crop, as in `tiktok`
TIED = {"hairBack": "hair", "headwearMask": "headwear", "facialHairSkin": "facialHair", "facialHairFall": "facialHair", "noseBase": "nose"}
FREE_ROLES = {"brows": "brows", "facial_hair": "facialHair", "eyes": "eyes", "lips": "lips", "glasses": "glasses", "clothes": "clothes", "headwear": "headwear",
              "background": "background"}

# Chosen only where a photo asks for them loudly: random avatars, which trained the estimator, wear them as often as any.
RARE = {"spiky", "messy", "highTop", "topKnot", "crownBraid", "sideBraid", "pompadour", "wolfCut", "shaved", "bowl"}

NEVER = ["mohawk", "fauxHawk", "spaceBuns", "twinTails"]  # nobody's portrait has them, and the estimator sees them in neatly tied hair


def mirrored_pair(name: str, x: float, y: float) -> list[dict]:
    """A part drawn for the image's left side, and its mirror image."""
    return [reference(name, f"translate({x:g} {y:g})"), reference(name, f"translate({512 - x:g} {y:g}) scale(-1 1)")]


def rounded(name: str, *children: dict) -> dict:
    return group(*children, filter=f"url(#{name})")


def canvas() -> dict:
    fallen = group(soften("blurFall", group(element("rect", x=-64, y=-64, width=640, height=640, fill=SHADE), mask="url(#hairFall)")), opacity=0.34)
    return {"width": 512, "height": 512, "elements": [
        glow(256, 230, 330, 330, "lightSpot", 0.42),
        group(
            element("defs", [*definitions(), *head.masks()]),
            group(reference("hairBack"), mask="url(#hairCover)"),
            reference("neck"),
            rounded("roundCloth", reference("clothes")),
            *mirrored_pair("ears", 94, 220),
            rounded("roundSkin", reference("head"), reference("noseBase", "translate(196 137.5)")),
            group(*head.face_light(), fallen, reference("facialHairSkin"), mask="url(#face)"),
            reference("lines"),
            reference("nose", "translate(196 137.5)"),
            *mirrored_pair("eyes", 152, 203),
            *mirrored_pair("brows", 136, 172),
            rounded("roundBeard", reference("facialHairFall"), group(reference("facialHair"), mask="url(#faceWide)")),
            reference("mouth", "translate(186 312)"),
            rounded("roundGlasses", reference("glasses")),
            rounded("roundHair", group(reference("hair"), mask="url(#hairCover)")),
            group(hair.HIGHLIGHT, mask="url(#hairShape)"),
            rounded("roundHat", reference("headwear")),
            *mirrored_pair("earrings", 94, 220),
            transform=PLACE)]}


def definition() -> dict:
    components = {"head": head.head(), "hair": hair.hair(), "hairBack": hair.hair_back(), "headwear": headwear.headwear(), "headwearMask": headwear.headwear_mask(),
                  "glasses": glasses.glasses(), "facialHair": facial_hair.facial_hair(), "facialHairSkin": facial_hair.facial_hair_skin(),
                  "facialHairFall": facial_hair.facial_hair_fall(), "eyes": eyes.eyes(), "brows": brows.brows(), "nose": nose.nose(), "noseBase": nose.nose_base(),
                  "mouth": mouth.mouth(), "ears": head.ear(), "earrings": earrings.earrings(), "neck": head.neck(), "clothes": clothes.clothes(), "lines": lines.lines(0.9)}
    anchors = {"10": {"component": "hair", "instance": 1, "x": 256, "y": 148}, "9": {"component": "brows", "x": 120, "y": 30}}
    for family in (head, eyes, brows, nose, mouth):
        anchors |= family.anchors()
    return {
        "meta": META,
        "attributes": {"fill": "none"},
        "canvas": canvas(),
        "components": components,
        "colors": {name: {"values": values} for name, values in COLORS.items()},
        "tied": TIED,
        "anchors": dict(sorted(anchors.items(), key=lambda item: int(item[0]))),
    }


def semantics(definition_sha256: str) -> dict:
    return {
        "schema": "swiftavatar.semantics/1",
        "definition_sha256": definition_sha256,
        "order": ["hair", "facialHair", "glasses", "mouth", "earrings", "headwear", "lines"],
        "components": {"hair": hair.meanings(), "facialHair": facial_hair.meanings(), "glasses": glasses.meanings(), "mouth": mouth.meanings(),
                       "earrings": earrings.meanings(), "headwear": headwear.meanings(), "lines": lines.meanings()},
        "colors": {"skin": {"color": "skin", "anchors": SKIN}, "hair": {"color": "hair", "anchors": HAIR}} | {role: {"color": color} for role, color in FREE_ROLES.items()},
        "exclude": {"hair": NEVER},
        "prefer": {"components": {"hair": [name for name in hair.meanings() if name not in {*RARE, *NEVER}]}},
        "impossible": [],
    }


def texts() -> dict[str, str]:
    """File name -> content."""
    drawn = definition_text(definition())
    meaning = json.dumps(semantics(digest(drawn)), indent=2) + "\n"
    return {"definition.json": drawn, "semantics.json": meaning, "catalogue.json": json.dumps(catalogue(), indent=2) + "\n"}


if __name__ == "__main__":
    write(texts(), FOLDER)
