"""The head of `alter`: six rounded shapes on one skull (so that hair styles of `tiktok` fit), ears, neck, light on the skin."""

from __future__ import annotations

from alter.soft import glow, veil
from engine_files import outline_anchors
from shapes import SHADE, color, component, element, group, line, mirrored, path, reference, shade, smooth, variant

# The right half of the outline, top to chin. Knots 5, 7 and 10 are the mesh points 454, 397 and 152.
OVAL = [(256, 50), (309, 56), (352, 84), (380, 134), (388, 206), (386, 276), (380, 336), (360, 388), (328, 424), (291, 443), (256, 448)]


def _reshaped(moves: dict[int, tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x + moves.get(i, (0, 0))[0], y + moves.get(i, (0, 0))[1]) for i, (x, y) in enumerate(OVAL)]


SHAPES = {
    "oval": OVAL,
    "round": _reshaped({5: (3, 0), 6: (6, 2), 7: (7, 1), 8: (7, 0), 9: (5, -2), 10: (0, -4)}),
    "square": _reshaped({6: (4, 4), 7: (9, 8), 8: (12, 5), 9: (9, 3)}),
    "heart": _reshaped({4: (2, 0), 5: (1, 0), 6: (-4, -3), 7: (-13, -1), 8: (-16, 1), 9: (-14, 2), 10: (0, 3)}),
    "long": _reshaped({5: (-5, 0), 6: (-6, 3), 7: (-8, 6), 8: (-7, 8), 9: (-4, 9), 10: (0, 10)}),
    "diamond": _reshaped({3: (-3, 2), 5: (4, 0), 6: (0, 0), 7: (-11, 2), 8: (-13, 3), 9: (-9, 3), 10: (0, 4)}),
    "wide": _reshaped({5: (3, 0), 6: (7, -1), 7: (9, -3), 8: (10, -5), 9: (8, -6), 10: (0, -9)}),
    "slim": _reshaped({5: (-6, 0), 6: (-10, 0), 7: (-14, 0), 8: (-12, 1), 9: (-8, 2), 10: (0, 2)}),
}
WEIGHTS = {"oval": 3, "round": 2, "square": 2, "heart": 1.5, "long": 1.2, "diamond": 1, "wide": 1, "slim": 1.5}


def head() -> dict:
    """Only the silhouette: masks are made of it."""
    return component(512, 512, {name: variant("skin", path(mirrored(half), color("skin")), weight=WEIGHTS[name]) for name, half in SHAPES.items()})


def anchors() -> dict[str, dict]:
    return outline_anchors(SHAPES)


def ear() -> dict:
    """The image's left ear."""
    outline = [(46, 24), (30, 12), (13, 16), (4, 34), (5, 56), (12, 76), (19, 91), (30, 97), (41, 90), (50, 66)]
    hollow = [(34, 34), (24, 28), (15, 38), (16, 56), (23, 70), (31, 72), (30, 56)]
    small = [(x * 0.84 + 8, y * 0.84 + 10) for x, y in outline]
    small_hollow = [(x * 0.84 + 8, y * 0.84 + 10) for x, y in hollow]
    large = [(x * 1.12 - 6, y * 1.1 - 7) for x, y in outline]
    large_hollow = [(x * 1.12 - 6, y * 1.1 - 7) for x, y in hollow]

    def drawn(rim: list, inside: list, weight: float) -> dict:
        return variant("ear", path(rim, color("skin")), veil(rim, "earDark", 0.30), veil(inside, "warmSpot", 0.30), shade(inside, 0.20, SHADE),
                       line(inside[:5], SHADE, 3, opacity=0.22), glow(17, 34, 10, 16, "lightSpot", 0.30), weight=weight)

    return component(70, 110, {"natural": drawn(outline, hollow, 3), "small": drawn(small, small_hollow, 1), "large": drawn(large, large_hollow, 1)})


def neck() -> dict:
    outline = mirrored([(256, 380, "c"), (332, 380, "c"), (330, 440), (336, 470), (366, 490), (420, 508), (452, 542, "c"), (256, 542, "c")])
    throat = mirrored([(256, 380, "c"), (331, 380, "c"), (330, 448), (312, 480), (256, 500)])
    return component(512, 512, {"natural": variant("neck", path(outline, color("skin")), shade(outline, 0.10, SHADE), veil(throat, "downSoft", 0.46))})


def face_light() -> list[dict]:
    """On the canvas, inside the head's mask: light on forehead, cheeks and chin; shade in the sockets and under the cheeks."""
    eye_sockets = [glow(x, 238, 62, 48, "darkSpot", 0.15) for x in (202, 310)]
    cheeks = [glow(x, 318, 52, 42, "warmSpot", 0.20) for x in (170, 342)]
    return [group(glow(228, 130, 150, 96, "lightSpot", 0.24), *eye_sockets, *cheeks,
                  *[glow(x, 304, 34, 24, "lightSpot", 0.12) for x in (180, 330)],
                  glow(256, 424, 44, 24, "lightSpot", 0.22), glow(256, 394, 54, 16, "darkSpot", 0.10))]


def masks() -> list[dict]:
    """As in `tiktok`: `face`, `faceWide`, `hairCover` (hair where no hat hides it), `hairFall` (its shadow on the forehead)."""
    def mask(name: str, kind: str, *children: dict) -> dict:
        return element("mask", children, id=name, mask_type=kind, maskUnits="userSpaceOnUse", x=-64, y=-64, width=640, height=640)

    return [mask("face", "alpha", reference("head")),
            mask("faceWide", "alpha", group(reference("head"), stroke="#ffffff", stroke_width=16, stroke_linejoin="round")),
            mask("hairFall", "alpha", group(group(reference("hair"), mask="url(#hairCover)"), reference("headwear"), transform="translate(3 12)")),
            mask("hairShape", "alpha", group(reference("hair"), mask="url(#hairCover)")),
            mask("hairCover", "luminance", element("rect", x=-64, y=-64, width=640, height=640, fill="#ffffff"), reference("headwearMask"))]
