"""Clothes: what the tight crop shows of them, the neckline and the shoulders. They run on below the canvas."""

from __future__ import annotations

from shapes import color, component, line, mirrored, path, shade, smooth, variant

SHOULDERS = [(352, 478), (400, 492), (460, 508), (540, 540), (560, 600, "c"), (256, 600, "c")]


def _body(neckline: list) -> str:
    """A garment from the middle of its neckline over the right shoulder; mirrored."""
    return smooth(mirrored([*neckline, *SHOULDERS]))


def _fold() -> list[dict]:
    return [shade(smooth([(256 + s * 150, 540, "c"), (256 + s * 138, 512), (256 + s * 132, 498), (256 + s * 160, 520), (256 + s * 170, 545, "c")]), 0.10)
            for s in (-1, 1)]


def clothes() -> dict:
    main = color("clothes")
    crew = [(256, 497), (296, 490), (322, 474), (332, 464, "c")]
    vee = [(256, 540, "c"), (288, 504), (322, 468, "c")]
    scoop = [(256, 522), (296, 512), (326, 488), (340, 464, "c")]
    wrap = mirrored([(256, 497), (300, 488), (328, 470), (334, 456), (346, 456), (344, 476), (306, 500), (256, 508)])
    roll = mirrored([(256, 456), (300, 453), (332, 440), (344, 438), (350, 470), (352, 486), (300, 508), (256, 512)])
    collar = [(256, 494, "c"), (296, 476), (330, 448, "c"), (342, 452), (352, 474), (320, 520, "c")]
    lapel = [(262, 545, "c"), (300, 500), (340, 458, "c"), (362, 470), (352, 512), (300, 560, "c")]
    hood = mirrored([(256, 506), (300, 496), (330, 468), (340, 444), (372, 452), (392, 478), (360, 506), (300, 530), (256, 536)])
    shirt = _body([(256, 500, "c"), (300, 480), (332, 460, "c")])

    def both(points: list, fill: str | dict, dark: float = 0.0) -> list[dict]:
        sides = [points, [(512 - p[0], *p[1:]) for p in points]]
        return [path(p, fill) for p in sides] + ([shade(smooth(p), dark) for p in sides] if dark else [])

    jacket = [(256, 600, "c"), (262, 545, "c"), (300, 500), (338, 456, "c"), (362, 474), (410, 490), (468, 508), (545, 540), (560, 600, "c")]
    jackets = both(jacket, main)
    lapels = both(lapel, main, 0.16)
    white = "#f4f3f0"
    tie = mirrored([(256, 497), (268, 498), (272, 508), (266, 518), (274, 560, "c"), (256, 560, "c")])
    return component(512, 512, {
        "tee": variant("cloth", path(_body(crew), main), path(wrap, main), shade(smooth(wrap), 0.12), *_fold(), weight=2),
        "vNeck": variant("cloth", path(_body(vee), main), line([(314, 474), (286, 506), (256, 540), (226, 506), (198, 474)], "#000000", 5, opacity=0.14),
                         *_fold(), weight=1.5),
        "scoop": variant("cloth", path(_body(scoop), main), line([(338, 468), (324, 492), (296, 514), (256, 524), (216, 514), (188, 492), (174, 468)], "#000000", 4, opacity=0.13),
                         *_fold(), weight=1.2),
        "turtleneck": variant("cloth", path(_body([(256, 500), (310, 490), (346, 470)]), main), path(roll, main), shade(smooth(roll), 0.10),
                              line([(166, 468), (210, 484), (256, 488), (302, 484), (346, 468)], "#000000", 3, opacity=0.10), *_fold(), weight=1),
        "shirt": variant("cloth", path(shirt, main), *both(collar, main),
                         line([(330, 449), (296, 476), (256, 494), (216, 476), (182, 449)], "#ffffff", 3, opacity=0.35),
                         line([(320, 520), (286, 506), (256, 494), (226, 506), (192, 520)], "#000000", 2.6, opacity=0.25),
                         line([(256, 494), (256, 540)], "#000000", 2.2, opacity=0.20), *_fold(), weight=1.5),
        "suit": variant("cloth", path(shirt, white), *both(collar, white), line([(320, 520), (286, 506), (256, 494), (226, 506), (192, 520)], "#000000", 2, opacity=0.22),
                        path(tie, "#8c2433"), shade(smooth(mirrored([(256, 497), (268, 498), (272, 508), (266, 518), (256, 519)])), 0.15), *jackets, *lapels, weight=1.5),
        "blazer": variant("cloth", path(_body(scoop), white), shade(smooth(mirrored([*scoop, *SHOULDERS])), 0.04), *jackets, *lapels, weight=1.5),
        "hoodie": variant("cloth", path(_body(crew), main), path(hood, main), shade(smooth(hood), 0.13),
                          *[line([(256 + s * 26, 520), (256 + s * 28, 545)], "#ffffff", 4, opacity=0.7) for s in (-1, 1)], *_fold(), weight=1.2),
        "stripes": variant("cloth", path(_body(crew), main), *[line([(100, y), (180, y + 10), (256, y + 14), (332, y + 10), (412, y)], "#ffffff", 6, opacity=0.45)
                                                                for y in (500, 518)][1:], path(wrap, main), shade(smooth(wrap), 0.16), *_fold(), weight=0.8),
    })
