"""Soft, thick eyebrows. One is drawn (the image's left one) and referenced twice, mirrored."""

from __future__ import annotations

from alter.soft import veil
from shapes import SHADE, color, component, path, tapered, variant

# Box 110 x 56, centre (55, 28). Mesh 105 is the middle of the upper edge.
TOP = (46.0, 19.0)
LINES: dict[str, tuple[list, list, float]] = {
    "natural": ([(12, 38), (28, 27.5), (48, 24), (72, 27), (95, 33)], [3.5, 10, 12.5, 13, 8], 3),
    "straight": ([(12, 32), (30, 27.5), (50, 26), (74, 27), (96, 29)], [3.5, 10.5, 13, 13.5, 8.5], 2),
    "arched": ([(10, 40), (24, 26), (42, 19), (69, 23.5), (97, 32)], [2.5, 7.5, 10.5, 11, 7], 2),
    "thin": ([(11, 38), (28, 27), (48, 22), (73, 25.5), (96, 32.5)], [2, 5, 6.4, 7, 5.6], 1.2),
    "bushy": ([(8, 38), (27, 26), (48, 22), (73, 25), (100, 32)], [6.5, 15, 18.5, 19, 12], 1.5),
    "angled": ([(12, 36), (27, 24.5), (40, 20.5), (69, 26), (98, 35)], [2.5, 10, 12.5, 12.5, 8.5], 1.2),
    "rounded": ([(12, 43), (26, 29), (47, 21.5), (72, 24.5), (95, 35)], [3, 8.5, 10.5, 11, 8.5], 1.5),
    "short": ([(24, 33), (36, 27), (52, 24.5), (72, 27.5), (92, 32)], [4, 11, 13.5, 13, 8], 0.8),
    "worried": ([(12, 40), (28, 33), (48, 27), (72, 23), (94, 21)], [3, 9, 11.5, 12, 8.5], 0.6),
}


def brows() -> dict:
    def drawn(points: list, widths: list, weight: float) -> dict:
        d = tapered(points, widths)
        below = tapered([(x + 1, y + 3) for x, y in points], widths)
        return variant("brow", path(below, SHADE, stroke=SHADE, stroke_width=3, stroke_linejoin="round", opacity=0.13),
                       path(d, color("brows"), stroke=color("brows"), stroke_width=2.4, stroke_linejoin="round"), veil(d, "browLight", 0.24), weight=weight)

    return component(110, 56, {name: drawn(*line) for name, line in LINES.items()})


def anchors() -> dict[str, dict]:
    return {str(index): {"component": "brows", "instance": instance, "x": TOP[0], "y": TOP[1]} for instance, index in ((0, 105), (1, 334))}
