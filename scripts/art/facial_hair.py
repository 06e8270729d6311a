"""Beards, moustaches, stubble. The box is centred on the upper lip (y 345), so that a longer chin stretches the beard and
leaves the moustache. On the canvas, `facialHair` lies in the mask `faceWide`: it ends 9 pixels outside the face, whatever
its shape. Two tied components hold what needs another mask: `facialHairSkin` (stubble, inside the face) and
`facialHairFall` (a long beard below the chin, no mask)."""

from __future__ import annotations

from shapes import color, component, element, line, mirrored, path, shade, smooth, variant

HEIGHT = 690  # twice the height of the upper lip
PROBABILITY = 28

MOUSTACHE = [(256, 338), (264, 334), (284, 338), (306, 350), (318, 366, "c"), (302, 361), (280, 354), (264, 351), (256, 353)]


def _hair(d: str, *details: dict, opacity: float | None = None) -> list[dict]:
    return [path(d, color("facialHair"), opacity=opacity), *details]


def _moustache(points: list = MOUSTACHE) -> list[dict]:
    d = smooth(mirrored(points))
    strands = [line([(256 + s * 10, 341), (256 + s * 30, 347), (256 + s * 48, 357)], "#ffffff", 2.2, opacity=0.13) for s in (-1, 1)]
    return _hair(d, *strands)


def _jaw_beard(cheek: list, mouth_gap: list) -> str:
    """Everything below the cheek line but for the opening around the mouth."""
    return smooth(_ring(cheek)) + smooth(mirrored(mouth_gap))


def _ring(cheek: list) -> list:
    """Closed outline: from the upper lip along the right cheek line to the temple, and far outside the jaw back."""
    return mirrored([cheek[0], *cheek[1:], (424, 232, "c"), (424, 520, "c"), (256, 520, "c")])


FULL_CHEEK = [(256, 339), (278, 338), (306, 349), (332, 352), (356, 328), (369, 290), (376, 262), (390, 232, "c")]
LOW_CHEEK = [(256, 339), (278, 338), (304, 350), (326, 372), (350, 366), (368, 326), (375, 270), (390, 232, "c")]
GAP = [(256, 354), (282, 353), (304, 358), (309, 366), (300, 384), (280, 392), (256, 391)]
SOUL = [(256, 354), (282, 353), (304, 358), (309, 368), (299, 386), (276, 393), (268, 388), (256, 386)]


def _beard(cheek: list, gap: list, *extra: dict) -> list[dict]:
    body = element("path", d=_jaw_beard(cheek, gap), fill=color("facialHair"), fill_rule="evenodd")
    dark = shade(smooth(mirrored([(256, 418), (300, 412), (340, 384), (364, 330), (430, 330, "c"), (430, 540, "c"), (256, 540, "c")])), 0.13)
    return [body, dark, *extra]


def _strands() -> list[dict]:
    lines = []
    for s in (-1, 1):
        for points in ([(322, 384), (318, 412), (306, 434)], [(344, 366), (342, 392), (332, 414)], [(298, 402), (296, 422), (288, 440)],
                       [(362, 330), (361, 352), (355, 374)]):
            lines.append(line([(256 + s * (x - 256), y) for x, y in points], "#ffffff", 2.4, opacity=0.10))
    return lines


def _stubble(opacity: float) -> list[dict]:
    gap = [(256, 353), (282, 352), (305, 357), (309, 366), (300, 382), (278, 388), (256, 388)]
    cheek = [(256, 332), (280, 333), (306, 346), (332, 350), (358, 326), (374, 288), (381, 256), (392, 236, "c")]
    body = element("path", d=_jaw_beard(cheek, gap), fill=color("facialHair"), fill_rule="evenodd", opacity=opacity)
    soft = element("path", d=_jaw_beard([(x, y + 7 if y < 340 else y + 3, *r) for x, y, *r in cheek], gap), fill=color("facialHair"),
                   fill_rule="evenodd", opacity=opacity * 0.55)
    return [body, soft]


def facial_hair() -> dict:
    goatee = mirrored([(256, 396, "c"), (276, 398), (300, 388), (312, 370, "c"), (322, 362), (325, 392), (314, 424), (288, 446), (256, 452)])
    patch = mirrored([(256, 391), (266, 392), (268, 402), (282, 416), (284, 438), (270, 453), (256, 455)])
    circle = mirrored([(256, 338), (270, 334), (296, 338), (320, 352), (327, 376), (322, 408), (304, 436), (282, 450), (256, 454)])
    handlebar = [(256, 340), (266, 334), (290, 340), (314, 352), (330, 350), (338, 338), (334, 358), (316, 366), (290, 360), (266, 353), (256, 354)]
    horseshoe = [(256, 338), (266, 333), (294, 338), (318, 352), (326, 384), (326, 424), (308, 430), (306, 396), (300, 366), (276, 354), (256, 353)]
    chin_light = shade([(238, 420), (256, 424), (274, 420), (256, 434)], 0.10, "#ffffff")
    circled = element("path", d=smooth(circle) + smooth(mirrored(SOUL)), fill=color("facialHair"), fill_rule="evenodd")
    return component(512, HEIGHT, {
        "stubble": variant("skin", element("g"), weight=2.5),
        "heavyStubble": variant("skin", element("g"), weight=1.5),
        "moustache": variant("skin", *_moustache(), weight=1.2),
        "handlebar": variant("skin", *_moustache(handlebar), weight=0.5),
        "horseshoe": variant("skin", *_moustache(horseshoe), weight=0.4),
        "chinPatch": variant("skin", *_hair(smooth(patch), chin_light), weight=0.6),
        "goatee": variant("skin", *_hair(smooth(goatee), chin_light), *_moustache(), weight=1),
        "circle": variant("skin", circled, chin_light, weight=1.2),
        "shortBeard": variant("skin", *_beard(LOW_CHEEK, SOUL, *_strands()), weight=1.6),
        "fullBeard": variant("skin", *_beard(FULL_CHEEK, GAP, *_strands()), *_moustache(), weight=1.6),
        "chinCurtain": variant("skin", *_beard([(256, 404), (290, 404), (322, 396), (348, 370), (365, 322), (374, 268), (390, 232, "c")],
                                               [(256, 404), (258, 405), (256, 406)]), weight=0.5),
        "longBeard": variant("skin", *_beard(FULL_CHEEK, GAP, *_strands()), *_moustache(), weight=0.8),
    }, probability=PROBABILITY)


def facial_hair_skin(names: list[str]) -> dict:
    drawn = {"stubble": _stubble(0.22), "heavyStubble": _stubble(0.36)}
    return component(512, HEIGHT, {name: variant("skin", *drawn.get(name, [element("g")])) for name in names}, probability=PROBABILITY)


def facial_hair_fall(names: list[str]) -> dict:
    drop = smooth(mirrored([(256, 400, "c"), (318, 392, "c"), (362, 396), (360, 444), (332, 486), (294, 508), (256, 516)]))
    strands = [line([(256 + s * (x - 256), y) for x, y in points], ink, 2.6, opacity=0.14) for s in (-1, 1)
               for points, ink in (([(284, 452), (280, 478), (268, 498)], "#ffffff"), ([(318, 446), (312, 470), (298, 490)], "#000000"))]
    drawn = {"longBeard": [path(drop, color("facialHair")), shade(drop, 0.13), *strands]}
    return component(512, HEIGHT, {name: variant("skin", *drawn.get(name, [element("g")])) for name in names}, probability=PROBABILITY)


def meanings() -> dict[str, dict]:
    values = {"stubble": ("stubble", "heavyStubble"), "moustache": ("moustache", "handlebar", "horseshoe"),
              "goatee": ("chinPatch", "goatee", "circle"), "beard": ("shortBeard", "fullBeard", "chinCurtain", "longBeard")}
    return {"none": {"facial_hair": "none"}} | {n: {"facial_hair": v} for v, names in values.items() for n in names}
