"""Clothes: necklines and shoulders, all that the tight crop shows. Those of `tiktok`, and six more."""

from __future__ import annotations

from alter.hair import softened
from clothes import _body
from shapes import circle, color, component, line, mirrored, path, shade, smooth, variant

import clothes as first

CREW = [(256, 497), (296, 490), (322, 474), (332, 464, "c")]
WHITE = "#f6f4f0"


def _both(points: list, fill: str | dict, dark: float = 0.0) -> list[dict]:
    sides = [points, [(512 - p[0], *p[1:]) for p in points]]
    return [path(p, fill) for p in sides] + ([shade(smooth(p), dark) for p in sides] if dark else [])


def _more() -> dict[str, dict]:
    main = color("clothes")
    shirt = _body([(256, 500, "c"), (300, 480), (332, 460, "c")])
    polo = [(256, 500, "c"), (292, 484), (328, 456, "c"), (344, 464), (350, 486), (312, 520, "c")]
    open_front = [(256, 600, "c"), (286, 545, "c"), (312, 500), (340, 456, "c"), (364, 474), (410, 490), (468, 508), (545, 540), (560, 600, "c")]
    edge = [(262, 600, "c"), (286, 545), (312, 500), (340, 456, "c"), (354, 464), (330, 506), (304, 550), (284, 600, "c")]
    stand = mirrored([(256, 462), (300, 458), (330, 444), (346, 446), (354, 486), (300, 512), (256, 520)])
    strap = [(346, 470, "c"), (372, 480), (388, 540), (392, 600, "c"), (330, 600, "c"), (334, 540)]
    straps = [(338, 470, "c"), (364, 478), (372, 512), (420, 545), (440, 600, "c"), (256, 600, "c")]
    mandarin = mirrored([(262, 486), (300, 476), (332, 452), (344, 454), (346, 478), (304, 500), (264, 510)])
    return {
        "polo": variant("cloth", path(shirt, main), *_both(polo, main, 0.10), line([(256, 500), (256, 545)], "#000000", 3, opacity=0.25), circle(256, 520, 3.4, WHITE), weight=1.2),
        "cardigan": variant("cloth", path(_body(CREW), WHITE), path(mirrored([(256, 497), (300, 488), (328, 470), (334, 456), (346, 456), (344, 476), (306, 500), (256, 508)]), WHITE), *_both(open_front, main), *_both(edge, main, 0.14), weight=1),
        "puffer": variant("cloth", path(_body([(256, 500), (310, 490), (346, 470)]), main), path(stand, main), line([(256, 462), (256, 545)], "#000000", 3.4, opacity=0.3),
                          *[line([(256 + s * 8, y), (256 + s * 90, y + d), (256 + s * 190, y + 20 + d)], "#000000", 4, opacity=0.16) for s in (-1, 1) for y, d in ((486, -10), (520, 2))], weight=0.8),
        "dungarees": variant("cloth", path(_body(CREW), WHITE), *_both(strap, main), *[circle(256 + s * 104, 514, 6.5, "#e6c25a") for s in (-1, 1)], weight=0.7),
        "tankTop": variant("cloth", path(smooth(mirrored([(256, 540), (300, 530), (330, 500), *straps])), main), line([(336, 474), (326, 506), (298, 536), (256, 546), (214, 536), (186, 506), (176, 474)], "#000000", 5, opacity=0.14), weight=0.9),
        "bandCollar": variant("cloth", path(shirt, main), path(mandarin, main), shade(smooth(mandarin), 0.10), line([(256, 500), (256, 545)], "#000000", 2.6, opacity=0.25), *[circle(256, y, 2.8, WHITE) for y in (514, 532)], weight=0.9),
    }


def clothes() -> dict:
    known = first.clothes()["variants"]
    return component(512, 512, {name: style | {"elements": softened(style["elements"])} for name, style in known.items()} | _more())
