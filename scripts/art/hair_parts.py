"""What hair styles are made of: the base tone with light and dark strands over it, and common outlines (right halves)."""

from __future__ import annotations

from typing import Sequence

from shapes import Element, Point, color, curls, line, mirrored, path, shade, smooth

DARK, LIGHT = 0.17, 0.13


def tone(d: str | Sequence[Point], opacity: float | None = None) -> Element:
    return path(d, color("hair"), opacity=opacity)


def strands(lines: Sequence[Sequence[Point]], width: float = 4.0, both: bool = True) -> list[Element]:
    """Dark strands along lines given on the right half (`both`: on the left half too)."""
    return _lines(lines, "#000000", DARK, width, both)


def shine(lines: Sequence[Sequence[Point]], width: float = 6.0, both: bool = True) -> list[Element]:
    return _lines(lines, "#ffffff", LIGHT, width, both)


def _lines(lines: Sequence[Sequence[Point]], ink: str, opacity: float, width: float, both: bool) -> list[Element]:
    result = []
    for points in lines:
        for side in ((points, [(512 - p[0], *p[1:]) for p in points]) if both else (points,)):
            result.append(line(side, ink, width, opacity=opacity))
    return result


def crown(top: float, side: float, end: float = 262) -> list[Point]:
    """Outer outline over the right half of the skull: `top`, `side` are pixels of hair on it, `end` y of the sideburn."""
    return [(256, 50 - top), (312, 57 - top * 0.95), (357 + side * 0.7, 86 - top * 0.7), (383 + side, 138 - top * 0.25),
            (388 + side, 205), (384 + side * 0.5, end, "c")]


# Hairlines, from the sideburn up to the axis.
HAIRLINE = [(371, 262, "c"), (367, 224), (359, 194, "c"), (345, 166), (304, 149), (256, 146)]
HIGH = [(371, 262, "c"), (367, 222), (362, 190, "c"), (346, 146), (306, 124), (256, 118)]


def cap(outer: Sequence[Point], hairline: Sequence[Point]) -> str:
    """Hair that frames the forehead: an outer outline and a hairline, both right halves."""
    right = [*outer, *hairline]
    left = [(512 - p[0], *p[1:]) for p in reversed(right)]
    return smooth([*right, *[p for p in left if abs(p[0] - 256) > 0.01]])


def curtain(outer: Sequence[Point], inner: Sequence[Point]) -> str:
    """One closed outline per side, for hair that parts in the middle: `outer` from the parting down, `inner` back up."""
    right = smooth([*outer, *inner])
    left = smooth([(512 - p[0], *p[1:]) for p in [*outer, *inner]])
    return right + left


def behind(points: Sequence[Point], dark: float = 0.20) -> list[Element]:
    """The back of the hair: the same tone, in shadow."""
    d = smooth(mirrored(points))
    return [tone(d), shade(d, dark)]


def behind_curls(points: Sequence[Point], size: float, dark: float = 0.20) -> list[Element]:
    d = curls(mirrored(points), size)
    return [tone(d), shade(d, dark)]
