"""The component `hair` and its tied `hairBack`: the outlines of `tiktok`'s styles with soft locks instead of lines, and more styles."""

from __future__ import annotations

import math
import re

from alter import hair_new
from alter.soft import glow
from shapes import Element, component, element, group, sample, shade, tapered, variant

import hair_long
import hair_short

EMPTY = element("g")
HIGHLIGHT = group(glow(206, 92, 120, 92, "lightSpot", 0.30))  # for the canvas: light on whatever hair there is


def _is_lock(drawn: Element) -> bool:
    """A dark or light line over the hair's base tone."""
    values = drawn.get("attributes", {})
    return values.get("stroke") in ("#000000", "#ffffff") and "stroke-dasharray" not in values


def _lock(drawn: Element) -> Element:
    """The line as a brush stroke, wide in the middle and pointed at its ends."""
    values = drawn["attributes"]
    dark = values["stroke"] == "#000000"
    numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", values["d"])]
    knots = [(numbers[0], numbers[1]), *zip(numbers[6::6], numbers[7::6])]
    width = float(values["stroke-width"]) * (2.2 if dark else 1.9)
    length = sum(math.dist(p, q) for p, q in zip(knots, knots[1:]))
    knots = sample(knots, length / 4, closed=False)
    widths = [max(width * share, 0.8) for share in (0.1, 0.78, 1, 0.78, 0.1)]
    return shade(tapered(knots, widths), min(float(values["opacity"]) * (1.4 if dark else 1.2), 0.4 if dark else 0.2), values["stroke"])


def softened(elements: list[Element]) -> list[Element]:
    """Neighbouring lines become one group of wider locks."""
    result: list[Element] = []
    waiting: list[Element] = []
    for drawn in [*elements, None]:
        if drawn is not None and _is_lock(drawn):
            waiting.append(_lock(drawn))
            continue
        if waiting:
            result.append(group(*waiting))
            waiting = []
        if drawn is not None:
            result.append(drawn)
    return result


def styles() -> dict[str, tuple[list, list, dict, float]]:
    drawn = hair_short.styles() | hair_long.styles() | hair_new.styles()
    drawn["bald"] = ([], [], *drawn["bald"][2:])  # nothing but the head
    return {name: (softened(front), softened(back), meaning, weight) for name, (front, back, meaning, weight) in drawn.items()}


def hair() -> dict:
    return component(512, 512, {name: variant("hair", *(front or [EMPTY]), weight=weight) for name, (front, _, _, weight) in styles().items()})


def hair_back() -> dict:
    return component(512, 512, {name: variant("hair", *(back or [EMPTY])) for name, (_, back, _, _) in styles().items()})


def meanings() -> dict[str, dict]:
    return {name: meaning for name, (_, _, meaning, _) in styles().items()}
