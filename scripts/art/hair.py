"""The component `hair` (in front of the head) and its tied `hairBack` (behind it): every style has both, maybe empty."""

from __future__ import annotations

import hair_long
import hair_short
from shapes import component, element, variant

STYLES = hair_short.styles() | hair_long.styles()
EMPTY = element("g")


def hair() -> dict:
    return component(512, 512, {name: variant("hair", *(front or [EMPTY]), weight=weight) for name, (front, _, _, weight) in STYLES.items()})


def hair_back() -> dict:
    return component(512, 512, {name: variant("hair", *(back or [EMPTY])) for name, (_, back, _, _) in STYLES.items()})


def meanings() -> dict[str, dict]:
    return {name: meaning for name, (_, _, meaning, _) in STYLES.items()}
