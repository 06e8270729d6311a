"""The head: skull and jaw in six shapes, ears, neck, and the shading that lies on the skin."""

from __future__ import annotations

from engine_files import outline_anchors
from shapes import (SHADE, color, component, element, ellipse, group, line, mirrored, path, reference, shade,
                    smooth, variant)

# The right half of the outline, top to chin. Every shape has these eleven knots, so that shapes can blend.
# Knots 5 (cheek), 7 (jaw) and 10 (chin) are the mesh points 454, 397 and 152.
OVAL = [(256, 50), (309, 56), (352, 84), (379, 134), (386, 206), (382, 277), (375, 334), (358.3, 387), (326, 423), (291, 443),
        (256, 449)]


def reshaped(moves: dict[int, tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x + moves.get(i, (0, 0))[0], y + moves.get(i, (0, 0))[1]) for i, (x, y) in enumerate(OVAL)]


SHAPES = {
    "oval": OVAL,
    "round": reshaped({4: (1, 0), 5: (3, 0), 6: (7, 2), 7: (8, 1), 8: (9, 0), 9: (6, -2), 10: (0, -4)}),
    "square": reshaped({6: (5, 4), 7: (11, 8), 8: (14, 6), 9: (10, 3), 10: (0, -1)}),
    "heart": reshaped({3: (2, 0), 4: (2, 0), 6: (-3, -3), 7: (-10, -1), 8: (-11, 2), 9: (-9, 3), 10: (0, 2)}),
    "long": reshaped({3: (-2, 0), 4: (-2, 0), 5: (-3, 0), 6: (-2, 3), 7: (-4, 5), 8: (-3, 6), 9: (-2, 7), 10: (0, 8)}),
    "diamond": reshaped({2: (-6, 2), 3: (-7, 2), 4: (-3, 0), 5: (4, 0), 6: (2, 0), 7: (-7, 2), 8: (-8, 3), 9: (-5, 2),
                         10: (0, 3)}),
}
# Ends of the blend drives: what a slider adds to any shape.
JAW = {5: (0, 0), 6: (4, 0), 7: (11, 3), 8: (12, 3), 9: (7, 1)}
CHIN = {6: (0, 2), 7: (0, 6), 8: (0, 11), 9: (0, 14), 10: (0, 15)}
SKULL = {0: (0, -13), 1: (0, -13), 2: (1, -10), 3: (1, -5)}


def _morph(moves: dict[int, tuple[float, float]], sign: int) -> list[tuple[float, float]]:
    return reshaped({i: (sign * x, sign * y) for i, (x, y) in moves.items()})


MORPHS = {"jawNarrow": _morph(JAW, -1), "jawWide": _morph(JAW, 1), "chinShort": _morph(CHIN, -1), "chinLong": _morph(CHIN, 1),
          "skullLow": _morph(SKULL, -1), "skullHigh": _morph(SKULL, 1)}
WEIGHTS = {"oval": 3, "round": 2, "square": 2, "heart": 1.5, "long": 1.5, "diamond": 1}


def head() -> dict:
    """Only the silhouette: masks that follow the face are made of it, so it carries no stroke of its own."""
    outlines = SHAPES | MORPHS
    return component(512, 512, {name: variant("skin", path(mirrored(half), color("skin")), weight=WEIGHTS.get(name, 0))
                                for name, half in outlines.items()})


def anchors() -> dict[str, dict]:
    """Points of every shape, and how the blends move them."""
    return outline_anchors(SHAPES | MORPHS)


def ear() -> dict:
    """The image's left ear; its box is centred where it joins the head, so that it grows outwards."""
    outline = [(42, 26), (28, 14), (14, 17), (6, 34), (7, 54), (13, 72), (17, 88), (27, 97), (38, 92), (46, 70)]
    inner = [(31, 30), (20, 27), (13, 40), (15, 56), (22, 66)]
    return component(70, 110, {"natural": variant(
        "ear", path(outline, color("skin")), shade(outline, 0.10, SHADE),
        line(inner, SHADE, 3.6, opacity=0.34), line([(29, 46), (22, 52), (24, 62), (20, 74)], SHADE, 3, opacity=0.26))})


def neck() -> dict:
    outline = mirrored([(256, 380, "c"), (336, 380, "c"), (335, 440), (339, 468), (366, 488), (420, 506), (452, 540, "c"),
                        (256, 540, "c")])
    throat = mirrored([(256, 380, "c"), (336, 380, "c"), (334, 448, "c"), (306, 474), (256, 484)])
    return component(512, 512, {"natural": variant("neck", path(outline, color("skin")), shade(outline, 0.07, SHADE),
                                                   shade(throat, 0.20, SHADE))})


def face_shade() -> list[dict]:
    """On the canvas, inside the head's mask: a darker far side, warm cheeks, a lighter forehead."""
    far = smooth([(366, 40, "c"), (371, 150), (369, 260), (352, 360), (316, 420), (262, 452, "c"), (262, 520, "c"),
                  (470, 520, "c"), (470, 40, "c")])
    return [shade(far, 0.075, SHADE),
            *[ellipse(x, 312, 40, 30, "url(#blush)", opacity=0.45) for x in (178, 334)]]


def masks() -> list[dict]:
    """`face`: the head; `faceWide`: the head and 9 pixels around it (beards); `hairCover`: the hair where no hat hides it;
    `hairFall`: the hair, lowered, as the shadow it throws on the forehead."""
    def mask(name: str, kind: str, *children: dict) -> dict:
        return element("mask", children, id=name, mask_type=kind, maskUnits="userSpaceOnUse", x=-64, y=-64, width=640, height=640)

    blush = element("radialGradient", [element("stop", offset=o, stop_color="#f0452e", stop_opacity=a) for o, a in ((0, 0.28), (0.5, 0.18), (1, 0))],
                    id="blush")
    return [element("defs", [
        blush,
        mask("face", "alpha", reference("head")),
        mask("faceWide", "alpha", group(reference("head"), stroke="#ffffff", stroke_width=18, stroke_linejoin="round")),
        mask("hairFall", "alpha", group(group(reference("hair"), mask="url(#hairCover)"), reference("headwear"), transform="translate(3 9)")),
        mask("hairCover", "luminance", element("rect", x=-64, y=-64, width=640, height=640, fill="#ffffff"),
             reference("headwearMask"))])]
