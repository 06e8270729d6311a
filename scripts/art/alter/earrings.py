"""Earrings at the image's left ear; referenced twice, mirrored, with the ear's box."""

from __future__ import annotations

from alter.soft import glow
from shapes import circle, component, ellipse, line, path, variant

GOLD, SILVER = "#f0bd42", "#dfe5ec"


def _ball(x: float, y: float, r: float, fill: str) -> list[dict]:
    return [circle(x, y, r, fill), glow(x - r * 0.3, y - r * 0.35, r * 0.75, r * 0.75, "lightSpot", 0.49)]


STYLES = {
    "studs": ([*_ball(25, 95, 7, SILVER)], 1.5),
    "hoops": ([circle(24, 113, 18, "none", stroke=GOLD, stroke_width=5)], 1.5),
    "drops": ([*_ball(25, 95, 5, GOLD), line([(25, 98), (25, 108)], GOLD, 3), ellipse(25, 121, 8.5, 13.5, "#1fa393"), glow(22, 116, 5, 8, "lightSpot", 0.49)], 1),
    "pearls": ([*_ball(25, 98, 9.5, "#f7efe4")], 1),
    "stars": ([path("M25 90L28.8 99.6L39 100.2L31 106.8L33.8 116.8L25 111.2L16.2 116.8L19 106.8L11 100.2L21.2 99.6Z", GOLD)], 0.6),
    "cuffs": ([circle(24, 110, 10, "none", stroke=SILVER, stroke_width=4.4), *_ball(10, 62, 4, SILVER)], 0.5),
}


def earrings() -> dict:
    return component(70, 110, {name: variant("earring", *parts, weight=weight) for name, (parts, weight) in STYLES.items()}, probability=22)


def meanings() -> dict[str, dict]:
    return {"none": {"earrings": "no"}} | {name: {"earrings": "yes"} for name in STYLES}
