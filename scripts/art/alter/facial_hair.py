"""Beards, moustaches, stubble: those of `tiktok` with soft strands, and four more. The boxes and masks are the same."""

from __future__ import annotations

from alter.hair import softened
from alter.soft import soften
from shapes import color, component, element, mirrored, path, smooth, variant

import facial_hair as first

HEIGHT, PROBABILITY = first.HEIGHT, first.PROBABILITY
NAMES = [*first.facial_hair()["variants"], "walrus", "vanDyke", "balbo", "muttonChops"]


def _fill(points: list) -> dict:
    return path(mirrored(points), color("facialHair"))


def _more() -> dict[str, dict]:
    walrus = [(256, 336), (270, 331), (296, 336), (320, 350), (332, 374), (318, 380, "c"), (300, 366), (276, 362), (256, 362)]
    pointed = [(256, 396, "c"), (272, 397), (290, 408), (286, 432), (272, 454), (256, 470)]
    anchor = [(256, 394), (268, 396), (282, 408), (308, 404), (326, 398, "c"), (322, 424), (296, 446), (256, 452)]
    chops = smooth([(384, 226, "c"), (366, 262), (366, 306), (352, 344), (326, 360), (322, 386, "c"), (344, 404), (380, 392), (420, 330), (430, 226, "c")])
    chops += smooth([(512 - x, y, *c) for x, y, *c in [(384, 226, "c"), (366, 262), (366, 306), (352, 344), (326, 360), (322, 386, "c"), (344, 404), (380, 392), (420, 330), (430, 226, "c")]])
    return {
        "walrus": variant("skin", _fill(walrus), weight=0.6),
        "vanDyke": variant("skin", _fill(first.MOUSTACHE), _fill(pointed), weight=0.7),
        "balbo": variant("skin", _fill(first.MOUSTACHE), _fill(anchor), weight=0.6),
        "muttonChops": variant("skin", path(chops, color("facialHair")), weight=0.4),
    }


def facial_hair() -> dict:
    known = first.facial_hair()["variants"]
    return component(512, HEIGHT, {name: style | {"elements": softened(style["elements"])} for name, style in known.items()} | _more(), probability=PROBABILITY)


def facial_hair_skin() -> dict:
    drawn = {"stubble": 0.26, "heavyStubble": 0.42}
    shadow = {name: [soften("blurStubble", *[part | {"attributes": part["attributes"] | {"opacity": f"{opacity if i == 0 else opacity * 0.5:g}"}}
                                       for i, part in enumerate(first._stubble(opacity))])] for name, opacity in drawn.items()}
    return component(512, HEIGHT, {name: variant("skin", *shadow.get(name, [element("g")])) for name in NAMES}, probability=PROBABILITY)


def facial_hair_fall() -> dict:
    known = first.facial_hair_fall(NAMES)["variants"]
    return component(512, HEIGHT, {name: style | {"elements": softened(style["elements"])} for name, style in known.items()}, probability=PROBABILITY)


def meanings() -> dict[str, dict]:
    return first.meanings() | {"walrus": {"facial_hair": "moustache"}, "vanDyke": {"facial_hair": "goatee"}, "balbo": {"facial_hair": "goatee"}, "muttonChops": {"facial_hair": "beard"}}
