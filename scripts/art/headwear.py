"""Headwear, and for each piece the region where it hides the hair (`headwearMask`, black on the mask's white)."""

from __future__ import annotations

from shapes import circle, color, component, element, line, mirrored, path, shade, smooth, variant

BAND = [(388, 196), (330, 150), (256, 140)]


def _hide(points: list) -> list[dict]:
    """Black above a line from the right edge to the axis: no hair there."""
    return [path(smooth(mirrored([(256, -70, "c"), (600, -70, "c"), *points])), "#000000")]


def pieces() -> dict[str, tuple[list, list, dict, float]]:
    """name -> (drawing, what it hides, meaning, weight)"""
    main = color("headwear")
    cap_dome = mirrored([(256, 22), (322, 30), (374, 74), (394, 140), (396, 182, "c"), (336, 156), (256, 148)])
    visor = mirrored([(256, 140), (330, 148), (394, 176), (412, 204, "c"), (350, 184), (256, 176)])
    beanie = mirrored([(256, 8), (322, 18), (376, 66), (396, 140), (398, 180), (330, 164), (256, 160)])
    cuff = mirrored([(256, 122), (330, 128), (398, 148), (404, 196), (394, 204, "c"), (330, 184), (256, 178)])
    crown_hat = mirrored([(256, 6), (306, 4), (350, 14), (366, 60), (376, 132), (330, 140), (256, 140)])
    brim = mirrored([(256, 122), (330, 120), (400, 124), (470, 118), (484, 136), (440, 160), (350, 172), (256, 174)])
    ribbon = mirrored([(256, 96), (320, 96), (371, 100), (376, 130), (330, 136), (256, 138)])
    scarf_out = [(256, 4), (340, 16), (408, 80), (436, 180), (434, 290), (416, 380), (424, 440), (476, 500), (520, 560, "c"), (256, 560, "c")]
    window = mirrored([(256, 126), (318, 136), (358, 176), (374, 240), (372, 320), (352, 392), (310, 436), (256, 452)])
    scarf = element("path", d=smooth(mirrored(scarf_out)) + smooth(window), fill=main, fill_rule="evenodd")
    kufi = mirrored([(256, 34), (318, 38), (362, 52), (380, 84), (396, 172, "c"), (334, 140), (256, 132)])
    kufi_band = mirrored([(256, 106), (330, 114), (389, 138), (396, 172, "c"), (334, 140), (256, 132)])
    kerchief = mirrored([(256, 4), (334, 14), (392, 62), (412, 140), (410, 220), (400, 250, "c"), (384, 196), (352, 156), (306, 136), (256, 129)])
    turban = mirrored([(256, -22), (330, -16), (396, 30), (424, 100), (412, 168), (392, 204, "c"), (356, 172), (310, 140), (256, 112)])
    folds = [[(256, 112), (310, 92), (380, 96), (418, 120)], [(262, 84), (320, 58), (384, 60), (420, 90)], [(268, 52), (320, 26), (370, 24), (396, 40)], [(300, 132), (350, 126), (406, 152)]]
    band = mirrored([(256, 82), (320, 90), (368, 118), (392, 164), (392, 204, "c"), (366, 160), (316, 124), (256, 114)])
    wrap = mirrored([(256, -18), (336, -8), (396, 50), (404, 130), (392, 190, "c"), (350, 152), (306, 132), (256, 124)])
    knot = [path([(256, 100), (216, 58), (192, 60), (200, 100), (236, 124)], main), path([(256, 100), (296, 58), (320, 60), (312, 100), (276, 124)], main),
            shade([(256, 100), (216, 58), (192, 60), (200, 100), (236, 124)], 0.14), shade([(256, 100), (296, 58), (320, 60), (312, 100), (276, 124)], 0.14), circle(256, 108, 19, main), shade("M240 112A19 19 0 0 0 273 112Z", 0.12)]

    def strands(lines: list, opacity: float = 0.16, width: float = 4) -> list[dict]:
        return [line(p if s > 0 else [(512 - x, y) for x, y in p], "#000000", width, opacity=opacity) for p in lines for s in (1, -1)]

    hat_hide = _hide([(600, 200, "c"), (404, 196, "c"), *BAND[1:]])
    return {
        "cap": ([path(cap_dome, main), *strands([[(256, 24), (300, 60), (318, 146)]], 0.12, 3), shade(smooth(mirrored([(256, 118), (330, 124), (394, 150), (396, 182, "c"), (336, 156), (256, 148)])), 0.14), path(visor, main), shade(smooth(visor), 0.20),
                 line([(112, 196), (180, 164), (256, 156), (332, 164), (400, 196)], "#ffffff", 3, opacity=0.18), circle(256, 24, 7, main), shade(smooth([(190, 50), (230, 36), (210, 80), (180, 104)]), 0.12, "#ffffff")],
                hat_hide, {"headwear": "hat"}, 1.5),
        "beanie": ([path(beanie, main), *strands([[(256 + 24 * i, 24 + i * i * 4), (256 + 38 * i, 70 + i * 4), (256 + 40 * i, 128 + i * 4)] for i in range(4)], 0.12, 3.4), path(cuff, main), shade(smooth(cuff), 0.12),
                    *strands([[(256 + 26 * i, 126 + i * 2), (256 + 26 * i, 176 + i * 4)] for i in range(6)], 0.14, 3.4), circle(256, 4, 21, main), shade("M236 8A21 21 0 0 0 276 8Z", 0.14), shade(smooth([(180, 66), (214, 44), (200, 90), (176, 110)]), 0.10, "#ffffff")],
                   hat_hide, {"headwear": "hat"}, 1.5),
        "brimmedHat": ([path(crown_hat, main), shade(smooth([(256, 6), (300, 10), (270, 40), (240, 42), (212, 10)]), 0.16), path(ribbon, main), shade(smooth(ribbon), 0.38), path(brim, main), shade(smooth(mirrored([(256, 146), (360, 144), (484, 136), (440, 160), (350, 172), (256, 174)])), 0.16),
                        shade(smooth([(172, 60), (190, 30), (200, 60), (186, 94)]), 0.12, "#ffffff")], _hide([(600, 150, "c"), (404, 160, "c"), (330, 160), (256, 160)]), {"headwear": "hat"}, 1.2),
        "bucketHat": ([path(mirrored([(256, 14), (320, 16), (356, 40), (376, 110), (320, 122), (256, 124)]), main), path(mirrored([(256, 100), (330, 102), (378, 108), (424, 190), (410, 204), (340, 182), (256, 176)]), main),
                       shade(smooth(mirrored([(256, 100), (330, 102), (378, 108), (424, 190), (410, 204), (340, 182), (256, 176)])), 0.12), line([(134, 110), (190, 118), (256, 120), (322, 118), (378, 110)], "#000000", 3, opacity=0.2),
                       line([(100, 176), (176, 156), (256, 150), (336, 156), (412, 176)], "#ffffff", 2.6, opacity=0.2)], hat_hide, {"headwear": "hat"}, 0.8),
        "kufi": ([path(kufi, main), shade(smooth(kufi_band), 0.14), *strands([[(256 + 34 * i, 44 + i * i * 2.2), (256 + 42 * i, 78 + i * i * 2), (256 + 45 * i, 112 + i * 2.4)] for i in range(3)], 0.13, 3),
                  line([(121, 147), (182, 120), (256, 112), (330, 120), (391, 147)], "#ffffff", 3, opacity=0.3), line([(117, 163), (180, 136), (256, 128), (332, 136), (395, 163)], "#ffffff", 2.4, opacity=0.22),
                  line([(140, 76), (190, 48), (256, 40), (322, 48), (372, 76)], "#000000", 3, opacity=0.14), shade(smooth([(176, 66), (214, 46), (206, 80), (176, 108)]), 0.10, "#ffffff")],
                 hat_hide, {"headwear": "hat"}, 1.2),
        "headscarf": ([path(kerchief, main), *strands([[(262, 30), (330, 44), (388, 96)], [(262, 62), (336, 76), (402, 150)], [(270, 96), (346, 112), (404, 196)], [(300, 126), (364, 154), (398, 236)]], 0.14, 4),
                       shade(smooth(mirrored([(256, 116), (312, 122), (362, 146), (396, 196), (400, 250, "c"), (384, 196), (352, 156), (306, 136), (256, 129)])), 0.14), shade(smooth([(176, 44), (226, 22), (208, 60), (160, 96)]), 0.10, "#ffffff")],
                      [element("rect", x=-64, y=-64, width=640, height=640, fill="#000000")], {"headwear": "headscarf", "hair_length": "hidden", "fringe": "no"}, 0.7),
        "hijab": ([scarf, *strands([[(268, 40), (340, 60), (392, 130), (406, 240), (392, 350)], [(300, 26), (372, 66), (420, 160), (424, 280)], [(372, 400), (330, 456), (256, 480)], [(404, 400), (380, 470), (300, 520)]], 0.14, 4),
                       shade(element_window(window), 0.16, fill_rule="evenodd"), shade(smooth([(180, 40), (236, 22), (214, 60), (160, 100)]), 0.10, "#ffffff")],
                      [element("rect", x=-64, y=-64, width=640, height=640, fill="#000000")], {"headwear": "headscarf", "hair_length": "hidden", "fringe": "no"}, 1.5),
        "headwrap": ([path(wrap, main), *strands([[(262, 60), (330, 40), (390, 80)], [(264, 100), (336, 92), (400, 140)], [(300, 130), (360, 140), (394, 176)]], 0.14, 4), *knot], [path(smooth(mirrored([(256, -70, "c"), (600, -70, "c"), (600, 600, "c"), (256, 600, "c")])), "#000000")],
                     {"headwear": "headscarf", "hair_length": "hidden", "fringe": "no"}, 0.7),
        "turban": ([path(turban, main), *strands(folds, 0.17, 4.4), path(smooth([(256, 112), (236, 96), (228, 66), (256, 44), (284, 66), (276, 96)]), main), shade(smooth([(256, 112), (236, 96), (228, 66), (256, 44), (284, 66), (276, 96)]), 0.12),
                    shade(smooth([(170, 10), (220, -8), (200, 24), (160, 44)]), 0.12, "#ffffff")], [element("rect", x=-64, y=-64, width=640, height=640, fill="#000000")], {"headwear": "turban", "hair_length": "hidden", "fringe": "no"}, 1.2),
        "headband": ([path(band, main), shade(smooth(mirrored([(256, 100), (318, 108), (366, 138), (392, 190), (392, 204, "c"), (366, 160), (316, 124), (256, 114)])), 0.15), line([(158, 108), (210, 92), (256, 90), (302, 92), (354, 108)], "#ffffff", 3, opacity=0.25)],
                     [], {"headwear": "other"}, 0.8),
    }


def element_window(window: list) -> str:
    """A ring of shadow along a scarf's opening."""
    wider = [((p[0] - 256) * 1.07 + 256, (p[1] - 290) * 1.05 + 290) for p in window]
    return smooth(wider) + smooth(window)


def headwear() -> dict:
    return component(512, 512, {name: variant("hat", *drawing, weight=weight) for name, (drawing, _, _, weight) in pieces().items()}, probability=16)


def headwear_mask() -> dict:
    return component(512, 512, {name: variant("hat", *(hidden or [element("g")])) for name, (_, hidden, _, _) in pieces().items()}, probability=16)


def meanings() -> dict[str, dict]:
    return {"none": {"headwear": "none"}} | {name: meaning for name, (_, _, meaning, _) in pieces().items()}
