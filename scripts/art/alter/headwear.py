"""Headwear: the pieces of `tiktok` with soft folds, and six more; with each what it hides of the hair (`headwearMask`)."""

from __future__ import annotations

from alter.hair import softened
from headwear import BAND, _hide
from shapes import circle, color, component, element, line, mirrored, path, shade, smooth, variant

import headwear as first

PROBABILITY = 16


def _more() -> dict[str, tuple[list, list, dict, float]]:
    main = color("headwear")
    hat = {"headwear": "hat"}
    hides = _hide([(600, 200, "c"), (404, 196, "c"), *BAND[1:]])
    beret = [(120, 148, "c"), (86, 116), (92, 58), (150, 14), (240, -10), (336, 2), (408, 46), (436, 104), (412, 146), (372, 158, "c"), (310, 142), (256, 138), (190, 144)]
    beret_band = mirrored([(256, 122), (320, 128), (376, 146), (388, 182, "c"), (326, 156), (256, 148)])
    tall = mirrored([(256, -60), (330, -58), (372, -50), (368, 20), (376, 122), (330, 132), (256, 134)])
    ribbon = mirrored([(256, 84), (330, 82), (371, 76), (376, 122), (330, 132), (256, 134)])
    brim = mirrored([(256, 116), (330, 112), (400, 114), (462, 118), (470, 138), (436, 158), (350, 168), (256, 171)])
    straw_crown = mirrored([(256, 22), (318, 26), (360, 52), (378, 124), (330, 138), (256, 140)])
    straw_brim = mirrored([(256, 108), (340, 110), (430, 128), (510, 168), (520, 190), (460, 186), (360, 172), (256, 168)])
    straw_band = mirrored([(256, 96), (320, 98), (372, 98), (379, 126), (330, 138), (256, 140)])
    dome = mirrored([(256, 20), (322, 28), (376, 72), (396, 138), (400, 190, "c"), (340, 160), (256, 150)])
    strap = mirrored([(256, 118), (330, 124), (398, 152), (400, 190, "c"), (340, 160), (256, 150)])
    window = mirrored([(256, 134), (314, 142), (354, 180), (372, 244), (370, 322), (350, 392), (308, 434), (256, 450)])
    hijab = element("path", d=smooth(mirrored([(256, 8), (336, 20), (400, 80), (426, 176), (428, 290), (416, 390), (400, 450), (440, 512), (500, 566, "c"), (256, 566, "c")])) + smooth(window), fill=main, fill_rule="evenodd")
    under = element("path", d=smooth(mirrored([(256, 116), (322, 128), (366, 174), (384, 240), (380, 300, "c"), (366, 250), (352, 190), (312, 148), (256, 140)])), fill="#ffffff", opacity=0.3)
    bandana = mirrored([(256, 30), (322, 38), (372, 80), (392, 138), (394, 178, "c"), (340, 150), (256, 138)])
    cups = [path(smooth([(256 + s * d, y) for d, y in ((118, 214), (142, 200), (160, 214), (166, 252), (160, 292), (142, 306), (118, 292))]), main) for s in (-1, 1)]
    bow = line([(120, 216), (112, 140), (150, 56), (256, 12), (362, 56), (400, 140), (392, 216)], main, 19)
    dots = [circle(256 + x, y, 6.5, "#ffffff", opacity=0.45) for x, y in ((0, 66), (-52, 78), (52, 78), (-28, 106), (28, 106), (-86, 104), (86, 104), (0, 126), (-70, 134), (70, 134), (-112, 144), (112, 144))]
    return {
        "beret": ([path(beret, main), line([(262, -8), (266, -26), (274, -32)], main, 9), line([(140, 60), (230, 96), (340, 96), (412, 70)], "#000000", 6, opacity=0.13), path(beret_band, main), shade(smooth(beret_band), 0.20)], hides, hat, 0.8),
        "topHat": ([path(tall, main), path(ribbon, main), shade(smooth(ribbon), 0.40), path(brim, main)], _hide([(600, 150, "c"), (404, 160, "c"), (330, 160), (256, 160)]), hat, 0.3),
        "strawHat": ([path(straw_crown, main), path(straw_band, main), shade(smooth(straw_band), 0.42, "#7a1c20"), path(straw_brim, main), *[line([(256 + s * 20, y), (256 + s * 120, y + 4), (256 + s * 220, y + 34)], "#000000", 4, opacity=0.14) for s in (-1, 1) for y in (122, 142)]],
                     _hide([(600, 170, "c"), (404, 170, "c"), (330, 162), (256, 160)]), hat, 0.9),
        "capBackward": ([path(dome, main), line([(256, 22), (304, 60), (320, 124)], "#000000", 5, opacity=0.13), line([(256, 22), (208, 60), (192, 124)], "#000000", 5, opacity=0.13), path(strap, main), shade(smooth(strap), 0.18), circle(256, 22, 9, main)], hides, hat, 1),
        "hijab": ([hijab, under, line([(372, 420), (330, 470), (230, 500)], "#000000", 7, opacity=0.16), line([(398, 440), (350, 500), (240, 540)], "#000000", 7, opacity=0.14), line([(150, 480), (190, 520), (240, 545)], "#000000", 6, opacity=0.12),
                   line([(330, 40), (386, 110), (400, 220)], "#000000", 6, opacity=0.10)], [element("rect", x=-64, y=-64, width=640, height=640, fill="#000000")],
                  {"headwear": "headscarf", "hair_length": "hidden", "fringe": "no"}, 1),
        "bandana": ([path(bandana, main), *dots, line([(122, 174), (176, 150), (256, 142), (336, 150), (390, 174)], "#000000", 5, opacity=0.16)], hides, {"headwear": "other"}, 0.5),
        "headphones": ([bow, *cups, *[shade(smooth([(256 + s * d, y) for d, y in ((122, 222), (132, 214), (138, 252), (132, 292), (122, 284))]), 0.35) for s in (-1, 1)]], [], {"headwear": "other"}, 0.5),
    }


def pieces() -> dict[str, tuple[list, list, dict, float]]:
    return {name: (softened(drawing), hidden, meaning, weight) for name, (drawing, hidden, meaning, weight) in (first.pieces() | _more()).items()}


def headwear() -> dict:
    return component(512, 512, {name: variant("hat", *drawing, weight=weight) for name, (drawing, _, _, weight) in pieces().items()}, probability=PROBABILITY)


def headwear_mask() -> dict:
    return component(512, 512, {name: variant("hat", *(hidden or [element("g")])) for name, (_, hidden, _, _) in pieces().items()}, probability=PROBABILITY)


def meanings() -> dict[str, dict]:
    return {"none": {"headwear": "none"}} | {name: meaning for name, (_, _, meaning, _) in pieces().items()}
