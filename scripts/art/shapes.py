"""Drawing tools: smooth outlines through points, and the DiceBear elements that the art is made of.

The canvas is 512 x 512 pixels, the aligned crop of a photo; `MIDDLE` is the face's axis. Outlines are lists of (x, y), or
(x, y, "c") where the outline has a corner.
"""

from __future__ import annotations

import re
from typing import Sequence

Point = tuple
Element = dict

MIDDLE = 256.0
SHADE = "#3a1006"  # warm dark: shading on skin, right on every skin tone
INK = "#2a1a18"  # lash lines, nostrils


def number(value: float) -> str:
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def color(name: str) -> dict:
    return {"type": "color", "name": name}


def flip(points: Sequence[Point], middle: float = MIDDLE) -> list[Point]:
    """Mirror image, in the reversed order (so that the outline keeps its sense)."""
    return [(2 * middle - p[0], *p[1:]) for p in reversed(points)]


def mirrored(right: Sequence[Point], middle: float = MIDDLE) -> list[Point]:
    """A closed symmetric outline from its right half; points on the axis are not doubled."""
    left = [p for p in flip(right, middle) if abs(p[0] - middle) > 0.01]
    return list(right) + left


def arch(left: Sequence[Point], middle: float = MIDDLE) -> list[Point]:
    """An open symmetric line from its left half, which ends at the axis."""
    return list(left) + [p for p in flip(left, middle) if abs(p[0] - middle) > 0.01]


def shift(points: Sequence[Point], x: float, y: float) -> list[Point]:
    return [(p[0] + x, p[1] + y, *p[2:]) for p in points]


def smooth(points: Sequence[Point], closed: bool = True, tension: float = 1.0) -> str:
    """Path data of a Catmull-Rom curve through the points, with corners where they are marked."""
    count = len(points)

    def handle(index: int, sign: int, neighbour: int) -> tuple[float, float]:
        """Control point of the knot towards its neighbour: a sixth of the chord, never past a third of the segment."""
        x, y = points[index][:2]
        if len(points[index]) > 2 or (not closed and index in (0, count - 1)):
            return x, y
        before, after = points[index - 1], points[(index + 1) % count]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = (dx * dx + dy * dy) ** 0.5 or 1.0
        reach = ((points[neighbour][0] - x) ** 2 + (points[neighbour][1] - y) ** 2) ** 0.5 * tension / 3.0
        return x + sign * dx / length * reach, y + sign * dy / length * reach

    parts = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for i in range(count if closed else count - 1):
        j = (i + 1) % count
        a, b = handle(i, 1, j), handle(j, -1, i)
        parts.append("C" + " ".join(number(v) for v in (*a, *b, *points[j][:2])))
    return "".join(parts) + ("Z" if closed else "")


def element(name: str, children: Sequence[Element] = (), **attributes: object) -> Element:
    """`fill_opacity=0.2` becomes fill-opacity; numbers become text; None is left out."""
    values = {key.rstrip("_").replace("_", "-"): value if isinstance(value, (str, dict)) else f"{value:g}"
              for key, value in attributes.items() if value is not None}
    result: Element = {"type": "element", "name": name}
    if values:
        result["attributes"] = values
    if children:
        result["children"] = list(children)
    return result


def path(d: str | Sequence[Point], fill: str | dict = "none", **attributes: object) -> Element:
    return element("path", d=d if isinstance(d, str) else smooth(d), fill=fill, **attributes)


def shade(d: str | Sequence[Point], opacity: float, fill: str = "#000000", **attributes: object) -> Element:
    """A faint overlay: darker or lighter tone of whatever lies under it."""
    return path(d, fill, opacity=opacity, **attributes)


def line(d: str | Sequence[Point], stroke: str | dict, width: float, **attributes: object) -> Element:
    return element("path", d=d if isinstance(d, str) else smooth(d, closed=False), fill="none", stroke=stroke,
                   stroke_width=width, stroke_linecap="round", stroke_linejoin="round", **attributes)


def group(*children: Element, **attributes: object) -> Element:
    return element("g", children, **attributes)


def circle(x: float, y: float, r: float, fill: str | dict, **attributes: object) -> Element:
    return element("circle", cx=x, cy=y, r=r, fill=fill, **attributes)


def ellipse(x: float, y: float, rx: float, ry: float, fill: str | dict, **attributes: object) -> Element:
    return element("ellipse", cx=x, cy=y, rx=rx, ry=ry, fill=fill, **attributes)


def tapered(points: Sequence[Point], widths: Sequence[float]) -> str:
    """A brush stroke: the outline of a line whose width varies from knot to knot."""
    left, right = [], []
    for i, (point, width) in enumerate(zip(points, widths)):
        before, after = points[max(i - 1, 0)], points[min(i + 1, len(points) - 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = (dx * dx + dy * dy) ** 0.5 or 1.0
        nx, ny = -dy / length * width / 2, dx / length * width / 2
        end = ("c",) if i in (0, len(points) - 1) else ()
        left.append((point[0] + nx, point[1] + ny, *end))
        right.append((point[0] - nx, point[1] - ny, *end))
    return smooth(left + right[::-1])


def reference(name: str, transform: str | None = None) -> Element:
    result: Element = {"type": "component", "name": name}
    if transform:
        result["attributes"] = {"transform": transform}
    return result


def variant(part: str, *elements: Element, weight: float | None = None) -> dict:
    """A variant whose tag names the part of the face it is, for exact label maps."""
    result: dict = {"elements": list(elements), "tags": [part]}
    if weight is not None:
        result["weight"] = weight
    return result


def component(width: float, height: float, variants: dict[str, dict], probability: float | None = None) -> dict:
    result: dict = {"width": width, "height": height}
    if probability is not None:
        result["probability"] = probability
    result["variants"] = variants
    return result


def sample(points: Sequence[Point], step: float, closed: bool = True) -> list[tuple[float, float]]:
    """Points about `step` pixels apart on the curve that `smooth` draws."""
    values = [float(v) for v in re.findall(r"-?\d+\.?\d*", smooth(points, closed))]
    dense = [(values[0], values[1])]
    for i in range(2, len(values), 6):
        (x0, y0), (x1, y1, x2, y2, x3, y3) = dense[-1], values[i:i + 6]
        for k in range(1, 21):
            t = k / 20
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3
            dense.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    lengths = [0.0]
    for (xa, ya), (xb, yb) in zip(dense, dense[1:]):
        lengths.append(lengths[-1] + ((xb - xa) ** 2 + (yb - ya) ** 2) ** 0.5)
    count = max(2, round(lengths[-1] / step))
    result, at = [], 0
    for k in range(count if closed else count + 1):
        target = lengths[-1] * k / count
        while at < len(lengths) - 2 and lengths[at + 1] < target:
            at += 1
        share = (target - lengths[at]) / ((lengths[at + 1] - lengths[at]) or 1.0)
        result.append((dense[at][0] + share * (dense[at + 1][0] - dense[at][0]), dense[at][1] + share * (dense[at + 1][1] - dense[at][1])))
    return result


def curls(points: Sequence[Point], size: float, bulge: float = 0.6) -> str:
    """A closed clockwise outline made of round tufts, about `size` pixels each."""
    knots = sample(points, size)
    parts = [f"M{number(knots[0][0])} {number(knots[0][1])}"]
    for i in range(len(knots)):
        (x0, y0), (x1, y1) = knots[i], knots[(i + 1) % len(knots)]
        radius = number(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 * bulge)
        parts.append(f"A{radius} {radius} 0 0 1 {number(x1)} {number(y1)}")
    return "".join(parts) + "Z"
