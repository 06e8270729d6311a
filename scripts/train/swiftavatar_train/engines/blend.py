"""Blending of drawings, as src/avatar/blend.cpp does it: numbers of a variant move by the difference of two others with its structure.

Elements are those of a definition: {"type": "element" | "component" | "text", "name", "attributes", "children"}.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

BLENDED = ("cx", "cy", "d", "height", "opacity", "points", "r", "rx", "ry", "stroke-width", "transform", "width", "x", "x1", "x2", "y",
           "y1", "y2")
NOT_OF_REFERENCES = ("height", "width", "x", "y")  # x and y of a component reference are a move of its own, the others mean nothing
NUMBER = re.compile(r"\+?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|-(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
SEPARATORS = " ,\t\n\r\f"
COMMANDS = "MmLlHhVvCcSsQqTtAaZz"

Step = tuple[float, list[dict], list[dict]]  # amount, from, to


@lru_cache(maxsize=1 << 15)  # a definition's texts, each asked for with every avatar
def split_numbers(value: str, is_path: bool) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """A value's numbers, and what stands between them without separators; there is one literal more than numbers. Of a path, the
    flags of arc commands are literals."""
    literals: list[str] = []
    numbers: list[float] = []
    literal, command, argument, place = "", "", 0, 0
    while place < len(value):
        letter = value[place]
        if letter in SEPARATORS:
            place += 1
        elif is_path and command in ("A", "a") and argument % 7 in (3, 4) and letter in "01":
            literal, argument, place = literal + letter, argument + 1, place + 1  # "01.5" is a flag, a flag and a number
        elif found := NUMBER.match(value, place):
            literals.append(literal)
            numbers.append(float(found[0]))
            literal, argument, place = "", argument + 1, found.end()
        else:
            if is_path and letter in COMMANDS:
                command, argument = letter, 0
            literal, place = literal + letter, place + 1
    return (*literals, literal), tuple(numbers)


def format_number(value: float) -> str:
    """At most six decimals, without trailing zeros."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def join_numbers(literals: Sequence[str], numbers: Sequence[float]) -> str:
    """The reverse of split_numbers; blanks keep flags and numbers apart."""
    pieces = [piece for literal, number in zip(literals, numbers) for piece in (*_spaced(literal), format_number(number))]
    return " ".join([*pieces, *_spaced(literals[-1])])


def _spaced(literal: str) -> list[str]:
    """A literal as words: arc flags each for itself, all else as it is."""
    return [literal[:1], *_spaced(literal[1:])] if literal[:1].isdigit() else [literal] if literal else []


def blended_attributes(element: dict) -> dict[str, str]:
    """The attributes of an element whose numbers blending moves."""
    attributes = element.get("attributes", {})
    kept = [name for name in BLENDED if name in attributes and attributes[name] is not None]
    if element["type"] == "component":
        kept = [name for name in kept if name not in NOT_OF_REFERENCES]
    return {name: str(attributes[name]) for name in kept}


def structure(elements: list[dict]) -> tuple:
    """Equal for drawings that blend: the same elements, with the same blended attributes of the same commands and counts of numbers."""
    return tuple((element["type"], element.get("name", ""),
                  tuple((name, tuple(split_numbers(value, name == "d")[0])) for name, value in blended_attributes(element).items()),
                  structure(element.get("children", []))) for element in elements)


def blend(elements: list[dict], steps: Sequence[Step]) -> list[dict]:
    """The elements after all steps: each adds amount * (to - from) to their numbers, unless their structure is not that of `from`."""
    kept = [step for step in steps if step[0] and structure(elements) == structure(step[1])] if steps else []
    return [_moved(element, [(amount, start[place], end[place]) for amount, start, end in kept])
            for place, element in enumerate(elements)] if kept else elements


def _moved(element: dict, steps: list[tuple[float, dict, dict]]) -> dict:
    attributes = dict(element.get("attributes", {}))
    ends = [(amount, blended_attributes(start), blended_attributes(end)) for amount, start, end in steps]
    for name, value in blended_attributes(element).items():
        literals, numbers = split_numbers(value, name == "d")
        moved = list(numbers)
        for amount, start, end in ends:
            here, there = (split_numbers(values[name], name == "d")[1] for values in (start, end))
            moved = [number + amount * (b - a) for number, a, b in zip(moved, here, there)]
        attributes[name] = join_numbers(literals, moved)
    if element["type"] == "component":
        for name in ("x", "y"):
            way = sum(amount * (_offset(end, name) - _offset(start, name)) for amount, start, end in steps)
            if way:
                attributes[name] = _offset(element, name) + way
    found = {**element, "attributes": attributes}
    if "children" in element:
        found["children"] = [_moved(child, [(amount, start["children"][place], end["children"][place]) for amount, start, end in steps])
                             for place, child in enumerate(element["children"])]
    return found


def _offset(element: dict, name: str) -> float:
    return float(element.get("attributes", {}).get(name, 0))
