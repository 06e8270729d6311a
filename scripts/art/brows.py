"""Eyebrows. One is drawn (the image's left one) and referenced twice, mirrored."""

from __future__ import annotations

from shapes import color, component, path, tapered, variant

# Box 100 x 50, centre (50, 25): inner end at the right. Mesh 105 is the middle of the upper edge.
TOP = (41.0, 19.0)

LINES: dict[str, tuple[list, list, float]] = {
    "natural": ([(10, 36), (25, 26.5), (43, 23), (66, 25), (88, 30)], [2, 7, 9.5, 10.5, 7.5], 3),
    "straight": ([(11, 31), (27, 26), (45, 24.5), (67, 25), (88, 27)], [2.5, 8, 10, 10.5, 8], 2),
    "arched": ([(9, 37), (21, 25), (37, 18.5), (63, 22), (89, 28.5)], [1.5, 5.5, 8, 9, 6.5], 2),
    "thin": ([(10, 35), (25, 25), (43, 20.5), (66, 23.5), (88, 30)], [1.2, 3.6, 4.6, 5.4, 5], 1.2),
    "bushy": ([(7, 35), (24, 25), (43, 21.5), (66, 23.5), (91, 29)], [5, 12, 15, 15.5, 10.5], 1.5),
    "angled": ([(10, 33), (24, 22.5), (36, 19), (62, 23.5), (90, 31)], [2, 8, 10, 10.5, 8], 1.2),
    "rounded": ([(11, 39), (23, 27), (43, 20.5), (66, 22.5), (87, 31)], [2.5, 6.5, 8, 8.5, 8], 1.5),
}


def brows() -> dict:
    return component(100, 50, {name: variant("brow", path(tapered(points, widths), color("brows"), stroke=color("brows"),
                                                          stroke_width=1.6, stroke_linejoin="round"), weight=weight)
                               for name, (points, widths, weight) in LINES.items()})


def anchors() -> dict[str, dict]:
    return {str(index): {"component": "brows", "instance": instance, "x": TOP[0], "y": TOP[1]}
            for instance, index in ((0, 105), (1, 334))}
