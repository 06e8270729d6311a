"""Writes the engine `tiktok`: configs/engines/tiktok/definition.json and semantics.json. The same input gives the same bytes.

    python scripts/art/build.py [FOLDER]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import brows  # noqa: E402
import clothes  # noqa: E402
import earrings  # noqa: E402
import eyes  # noqa: E402
import facial_hair  # noqa: E402
import glasses  # noqa: E402
import hair  # noqa: E402
import head  # noqa: E402
import headwear  # noqa: E402
import lines  # noqa: E402
import mouth  # noqa: E402
import nose  # noqa: E402
from engine_files import META, definition_text, digest, write  # noqa: E402
from palette import COLORS, HAIR, SKIN  # noqa: E402
from shapes import SHADE, element, group, reference  # noqa: E402
from sliders import parameters  # noqa: E402

FOLDER = Path(__file__).resolve().parents[2] / "configs" / "engines" / "tiktok"
# From the drawing to the aligned crop: a scale of 0.957 about (256, 333.7) lays the eyes, nose, mouth and chin on the
# median landmarks of the training photos.
PLACE = "translate(11 14.35) scale(0.957)"
TIED = {"hairBack": "hair", "headwearMask": "headwear", "facialHairSkin": "facialHair", "facialHairFall": "facialHair"}

# Roles whose colours follow the photo freely -> the palette's name.
FREE_ROLES = {"brows": "brows", "facial_hair": "facialHair", "eyes": "eyes", "lips": "lips", "glasses": "glasses",
              "clothes": "clothes", "headwear": "headwear", "background": "background"}


def mirrored_pair(name: str, x: float, y: float) -> list[dict]:
    """A part drawn for the image's left side, and its mirror image."""
    return [reference(name, f"translate({x:g} {y:g})"), reference(name, f"translate({512 - x:g} {y:g}) scale(-1 1)")]


def canvas() -> dict:
    face = group(*head.face_shade(), mask="url(#face)")
    shadow = group(group(element("rect", width=512, height=512, fill=SHADE, opacity=0.16), mask="url(#hairFall)"), reference("facialHairSkin"), mask="url(#face)")
    return {"width": 512, "height": 512, "elements": [group(
        *head.masks(),
        group(reference("hairBack"), mask="url(#hairCover)"),
        reference("neck"),
        reference("clothes"),
        *mirrored_pair("ears", 95, 218),
        reference("head"),
        face,
        reference("lines"),
        reference("nose", "translate(196 137.5)"),
        shadow,
        *mirrored_pair("eyes", 162, 214),
        *mirrored_pair("brows", 141, 184),
        reference("facialHairFall"),
        group(reference("facialHair"), mask="url(#faceWide)"),
        reference("mouth", "translate(186 312)"),
        reference("glasses"),
        group(reference("hair"), mask="url(#hairCover)"),
        reference("headwear"),
        *mirrored_pair("earrings", 95, 218),
        transform=PLACE)]}


def definition() -> dict:
    beard = facial_hair.facial_hair()
    components = {"head": head.head(), "hair": hair.hair(), "hairBack": hair.hair_back(), "headwear": headwear.headwear(),
                  "headwearMask": headwear.headwear_mask(), "glasses": glasses.glasses(), "facialHair": beard, "facialHairSkin": facial_hair.facial_hair_skin(list(beard["variants"])),
                  "facialHairFall": facial_hair.facial_hair_fall(list(beard["variants"])),
                  "eyes": eyes.eyes(), "brows": brows.brows(), "nose": nose.nose(), "mouth": mouth.mouth(), "ears": head.ear(),
                  "earrings": earrings.earrings(), "neck": head.neck(), "clothes": clothes.clothes(), "lines": lines.lines()}
    anchors = {"10": {"component": "hair", "instance": 1, "x": 256, "y": 148}, "9": {"component": "brows", "x": 115, "y": 25.2}}
    for family in (head, eyes, brows, nose, mouth):
        anchors |= family.anchors()
    return {
        "meta": META,
        "attributes": {"fill": "none"},
        "canvas": canvas(),
        "components": components,
        "colors": {name: {"values": values} for name, values in COLORS.items()},
        "parameters": parameters(),
        "tied": TIED,
        "anchors": dict(sorted(anchors.items(), key=lambda item: int(item[0]))),
    }


def semantics(definition_sha256: str) -> dict:
    return {
        "schema": "swiftavatar.semantics/1",
        "definition_sha256": definition_sha256,
        "order": ["hair", "facialHair", "glasses", "mouth", "earrings", "headwear", "lines"],
        "components": {"hair": hair.meanings(), "facialHair": facial_hair.meanings(), "glasses": glasses.meanings(),
                       "mouth": mouth.meanings(), "earrings": earrings.meanings(), "headwear": headwear.meanings(), "lines": lines.meanings()},
        "colors": {"skin": {"color": "skin", "anchors": SKIN}, "hair": {"color": "hair", "anchors": HAIR}}
        | {role: {"color": color} for role, color in FREE_ROLES.items()},
        "exclude": {"head": list(head.MORPHS)},
        "impossible": [],
    }


def texts() -> dict[str, str]:
    """File name -> content."""
    drawn = definition_text(definition())
    meaning = json.dumps(semantics(digest(drawn)), indent=2) + "\n"
    return {"definition.json": drawn, "semantics.json": meaning}


if __name__ == "__main__":
    write(texts(), FOLDER)
