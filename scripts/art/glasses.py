"""Glasses: the right lens is drawn, the left one is its mirror image. The box is centred between the eyes (256, 244)."""

from __future__ import annotations

from shapes import color, component, flip, line, path, shade, smooth, variant

# Lens outlines of the right eye (centre about 311, 246), clockwise from the inner upper corner.
LENSES = {
    "round": [(311, 212), (336, 222), (347, 247), (336, 272), (311, 282), (286, 272), (275, 247), (286, 222)],
    "rectangle": [(277, 225), (311, 222), (350, 224), (354, 240), (349, 264), (338, 270), (311, 271), (284, 269), (275, 260), (272, 238)],
    "square": [(276, 218), (311, 214), (352, 216), (357, 236), (352, 270), (340, 278), (311, 280), (286, 277), (276, 266), (271, 236)],
    "panto": [(280, 218), (311, 213), (344, 217), (353, 236), (346, 264), (330, 280), (308, 283), (286, 272), (275, 248), (274, 228)],
    "catEye": [(277, 226), (311, 219), (346, 210), (363, 207, "c"), (355, 238), (342, 264), (316, 274), (290, 267), (276, 248)],
    "halfRim": [(277, 224), (311, 221), (350, 223), (355, 238), (350, 262), (338, 269), (311, 270), (284, 268), (274, 258), (272, 236)],
    "aviator": [(276, 220), (312, 214), (350, 219), (358, 238), (350, 268), (332, 284), (310, 284), (288, 268), (274, 242)],
    "wayfarer": [(273, 219), (311, 214), (352, 213), (363, 219), (357, 248), (346, 274), (320, 281), (292, 275), (278, 256), (270, 232)],
    "oval": [(311, 222), (339, 230), (349, 247), (339, 264), (311, 272), (283, 264), (273, 247), (283, 230)],
}


def _frame(lens: list, width: float, bridge: float, arm: float, tint: str | None, opacity: float, rim: bool = True,
           brow: float = 0.0) -> list[dict]:
    """`width`: of the rim; `bridge`: y of the bridge; `arm`: y where the arms join; `tint`: lens colour (None: clear)."""
    right, left = smooth(lens), smooth(flip(lens))
    xs = [p[0] for p in lens]
    inner, outer = min(xs), max(xs)
    elements = []
    for d in (right, left):
        elements.append(path(d, tint or "#dff1ff", opacity=opacity))
    shine = [(outer - 30, bridge - 12), (outer - 16, bridge - 12), (outer - 46, bridge + 28), (outer - 58, bridge + 26)]
    for s in (0, 1):
        points = shine if s == 0 else [(p[0] - 110, p[1]) for p in shine]
        elements.append(shade("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z", 0.16 if tint else 0.16, "#ffffff"))
    frame = color("glasses")
    for d in (right, left):
        if rim:
            elements.append(path(d, "none", stroke=frame, stroke_width=width, stroke_linejoin="round"))
    if brow:
        upper = sorted([p for p in lens if p[1] < bridge - 4], key=lambda p: p[0])
        ends = [(inner + 1, bridge + 4), *upper, (outer, bridge + 2)]
        for points in (ends, flip(ends)):
            elements.append(line(points, frame, brow))
    elements.append(line([(512 - inner - 1, bridge), (256, bridge - 5), (inner + 1, bridge)], frame, max(width, 4)))
    for points in ([(outer - 1, arm), (374, arm - 1), (388, arm + 3)], [(513 - outer, arm), (138, arm - 1), (124, arm + 3)]):
        elements.append(line(points, frame, max(width, 4.5)))
    return elements


def glasses() -> dict:
    def eyeglasses(name: str, weight: float, **style: object) -> dict:
        return variant("glasses", *_frame(LENSES[name], tint=None, opacity=0.07, **style), weight=weight)

    def sunglasses(name: str, weight: float, **style: object) -> dict:
        return variant("glasses", *_frame(LENSES[name], tint="#17181d", opacity=0.86, **style), weight=weight)

    return component(512, 488, {
        "round": eyeglasses("round", 1.5, width=4.2, bridge=240, arm=236),
        "rectangle": eyeglasses("rectangle", 2, width=5.4, bridge=238, arm=232),
        "square": eyeglasses("square", 2, width=7.6, bridge=236, arm=230),
        "panto": eyeglasses("panto", 1.5, width=6, bridge=236, arm=231),
        "catEye": eyeglasses("catEye", 1.2, width=6, bridge=236, arm=222),
        "halfRim": eyeglasses("halfRim", 1.2, width=1.6, bridge=236, arm=231, brow=6),
        "thin": eyeglasses("oval", 1.5, width=2.8, bridge=241, arm=237),
        "wayfarer": sunglasses("wayfarer", 1.2, width=7, bridge=234, arm=226),
        "aviator": sunglasses("aviator", 1.0, width=3.4, bridge=232, arm=229),
        "roundShades": sunglasses("round", 0.6, width=4.2, bridge=240, arm=236),
    }, probability=30)


def meanings() -> dict[str, dict]:
    eye = {n: {"glasses": "eyeglasses"} for n in ("round", "rectangle", "square", "panto", "catEye", "halfRim", "thin")}
    sun = {n: {"glasses": "sunglasses"} for n in ("wayfarer", "aviator", "roundShades")}
    return {"none": {"glasses": "none"}} | eye | sun
