"""Eyes. One eye is drawn (the image's left one, its outer corner at the left) and referenced twice, mirrored."""

from __future__ import annotations

from shapes import INK, SHADE, circle, color, component, element, group, line, path, shade, smooth, tapered, variant

# Box 80 x 60, centre (40, 30); the corners are the mesh points 33 and 133 at the median of the photos.
OUTER, INNER = (16.2, 29.0), (63.9, 32.4)


def _eye(name: str, top: list, bottom: list, lash: tuple[list, list], crease: list | None, iris: tuple[float, float] = (40.5, 28),
         radius: float = 13.4, extra: tuple = (), weight: float = 1) -> dict:
    """`top` and `bottom`: inner knots of the lids, left to right; `lash`: knots and widths of the upper lash line."""
    outline = [(*OUTER, "c"), *top, (*INNER, "c"), *bottom[::-1]]
    ball = smooth(outline)
    x, y = iris
    lid_shadow = smooth([(10, 0, "c"), (70, 0, "c"), (70, 26, "c"), *[(px, py + 5.0) for px, py in top[::-1]], (10, 26, "c")])
    parts = [
        path(ball, "#fdfaf7"),
        element("clipPath", [path(ball, "#ffffff")], id=f"{name}Ball"),
        group(circle(x, y, radius, color("eyes")), circle(x, y, radius, "none", stroke="#000000", stroke_width=2.2, opacity=0.35),
              circle(x, y + 3.5, radius * 0.62, "#ffffff", opacity=0.16),
              circle(x, y, radius * 0.48, "#140d0c"), shade(lid_shadow, 0.16, "#30140e"),
              circle(x + 4.2, y - 4.6, 3.1, "#ffffff"), circle(x - 4.0, y + 4.8, 1.5, "#ffffff", opacity=0.45),
              clip_path=f"url(#{name}Ball)"),
        line([OUTER, *bottom, INNER], SHADE, 1.6, opacity=0.34),
        path(tapered(*lash), INK),
        *extra,
    ]
    if crease:
        parts.append(line(crease, SHADE, 2.2, opacity=0.36))
    return variant("eye", *parts, weight=weight)


def eyes() -> dict:
    return component(80, 60, {
        "almond": _eye("almond", [(25, 20.5), (40, 16.5), (55, 22.5)], [(27, 38.5), (41, 41), (55, 38.5)],
                       ([(12.5, 28), (24, 19.5), (40, 15.2), (56, 21.5), (65, 31.5)], [1.2, 4.6, 4.4, 3.4, 1.2]),
                       [(17, 19), (28, 11.5), (42, 9), (57, 15)], weight=3),
        "round": _eye("round", [(23, 18.5), (39, 12.8), (55, 20)], [(26, 41), (40, 44.2), (55, 40.5)],
                      ([(13, 27.5), (22, 17.5), (39, 11.6), (56, 18.8), (65, 31.5)], [1.2, 4.4, 4.2, 3.4, 1.2]),
                      [(18, 14.5), (30, 7), (44, 5.5), (58, 12.5)], radius=14.2, weight=2),
        "hooded": _eye("hooded", [(24, 22.5), (40, 19.5), (55, 23.5)], [(27, 38), (41, 40.5), (55, 38.5)],
                       ([(11.5, 30), (23, 21.8), (40, 18), (56, 22.6), (65, 31.5)], [1.4, 5.2, 5.0, 3.6, 1.2]),
                       None, extra=(shade([(10, 25, "c"), (24, 14), (42, 11.5), (60, 19, "c"), (40, 17.5), (22, 20.5)], 0.17, SHADE),),
                       weight=1.5),
        "narrow": _eye("narrow", [(26, 22.5), (41, 20), (55, 24.5)], [(28, 36.5), (42, 38.5), (55, 37)],
                       ([(11, 25.5), (25, 21), (41, 18.6), (56, 23.6), (65.5, 33)], [1.4, 5.0, 4.8, 3.6, 1.4]),
                       [(26, 13.5), (41, 11.5), (54, 15.5)], radius=12.8, weight=2),
        "upturned": _eye("upturned", [(24, 19), (39, 16), (55, 22.5)], [(26, 36.5), (41, 40.5), (56, 38.5)],
                         ([(7.5, 20.5), (22, 18.8), (39, 14.6), (56, 21.5), (65, 31.8)], [1.0, 6.0, 4.8, 3.4, 1.2]),
                         [(18, 15), (29, 9.5), (43, 8.5), (57, 14.5)], weight=1.5),
        "lashes": _eye("lashes", [(24, 19.5), (40, 15), (55, 21.5)], [(26, 39), (41, 41.8), (55, 39)],
                       ([(11, 25.5), (23, 18.3), (40, 13.4), (56, 20.2), (65, 31.5)], [1.2, 6.2, 5.6, 3.8, 1.2]),
                       [(18, 13), (30, 7.5), (44, 6.5), (57, 12.5)],
                       extra=(path(tapered([(15, 25.5), (9, 22.5), (4.5, 17.5)], [4.6, 3.0, 0.6]), INK),
                              path(tapered([(20, 20.5), (15, 16), (12.5, 10.5)], [4.4, 2.8, 0.6]), INK),
                              path(tapered([(28, 16.5), (25, 11.5), (24.5, 7)], [4.0, 2.4, 0.6]), INK)), weight=2),
    })


def anchors() -> dict[str, dict]:
    places = {}
    for instance, indices in ((0, (33, 133, 159, 145, 468)), (1, (263, 362, 386, 374, 473))):
        for index, (x, y) in zip(indices, (OUTER, INNER, (36, 19.6), (38, 36), (39, 27))):
            places[str(index)] = {"component": "eyes", "instance": instance, "x": x, "y": y}
    return places
