"""Earrings at the image's left ear; referenced twice, mirrored, with the ear's box."""

from __future__ import annotations

from shapes import circle, component, ellipse, group, line, shade, variant

GOLD, SILVER = "#e2b13c", "#d8dde3"


def earrings() -> dict:
    return component(70, 110, {
        "studs": variant("earring", circle(27, 94, 5.5, SILVER), circle(25.4, 92.2, 2, "#ffffff"), weight=1.5),
        "hoops": variant("earring", circle(25, 108, 15, "none", stroke=GOLD, stroke_width=4.2),
                         line([(14, 112), (18, 118), (25, 120)], "#7a5208", 2, opacity=0.4), weight=1.5),
        "drops": variant("earring", circle(27, 93, 4, GOLD), line([(27, 95), (27, 104)], GOLD, 2.4),
                         group(ellipse(27, 115, 6.5, 10.5, "#2f8f83"), ellipse(25, 111, 2, 3.6, "#ffffff", opacity=0.6)), weight=1),
        "pearls": variant("earring", circle(27, 96, 7.5, "#f3ece2"), shade("M20 98C22 105 32 105 34 97C31 101 24 102 20 98Z", 0.18),
                          circle(25, 93.5, 2.4, "#ffffff"), weight=1),
    }, probability=22)


def meanings() -> dict[str, dict]:
    return {"none": {"earrings": "no"}} | {n: {"earrings": "yes"} for n in ("studs", "hoops", "drops", "pearls")}
