"""Big eyes. One is drawn (the image's left one, its outer corner at the left) and referenced twice, mirrored."""

from __future__ import annotations

from alter.soft import fade, glow, veil
from shapes import INK, SHADE, circle, color, component, element, ellipse, group, line, path, shade, smooth, tapered, variant

# Box 100 x 80, centre (50, 40): 11 pixels more than the eye of `tiktok` in every direction.
OUTER, INNER = (21.5, 40.0), (79.0, 43.5)


def _eye(name: str, top: list, bottom: list, lash: list[float], iris: tuple[float, float] = (50.5, 40.5), radius: float = 17.6, lashes: tuple = (),
         lid: float = 0.0, weight: float = 1, outer: tuple[float, float] = OUTER) -> dict:
    """`top`, `bottom`: inner knots of the lids, left to right; `lash`: widths of the lash line; `lid`: height of a lid that hangs over the eye."""
    ball = smooth([(*outer, "c"), *top, (*INNER, "c"), *bottom[::-1]])
    x, y = iris
    upper = [outer, *top, INNER]
    crease = [(px + (2 if i == 0 else 0), py - 7.5 - lid * 0.3) for i, (px, py) in enumerate(upper[:-1])] + [(INNER[0] - 6, INNER[1] - 12)]
    parts = [
        glow(50, 36, 40, 22, "darkSpot", 0.24),
        path(ball, "#ffffff"),
        element("clipPath", [path(ball, "#ffffff")], id=f"{name}Ball"),
        fade(f"{name}Iris", [(0, "#ffffff", 0.34), (0.42, "#ffffff", 0.10), (0.7, "#000000", 0.04), (1, "#000000", 0.62)], cx=0.5, cy=0.66, r=0.62),
        group(glow(x, y + 24, 34, 22, "darkSpot", 0.20),
              circle(x, y, radius, color("eyes")), circle(x, y, radius, f"url(#{name}Iris)", opacity=0.49), circle(x, y, radius, f"url(#{name}Iris)", opacity=0.4),
              circle(x, y, radius * 0.50, "#0d0808"), ellipse(x, y + radius * 0.58, radius * 0.52, radius * 0.26, "#ffffff", opacity=0.22),
              veil(ball, "lidDark", 0.45),
              clip_path=f"url(#{name}Ball)"),
        circle(x + 5.8, y - 6.4, 4.6, "#ffffff"), circle(x - 6.2, y + 6.6, 2.1, "#ffffff", opacity=0.49),
        line([outer, *bottom, INNER], "#7a2a20", 1.7, opacity=0.30),
    ]
    if lid:
        skin = smooth([(outer[0] - 2, outer[1] - 1, "c"), *[(a, b - 9) for a, b in top], (INNER[0], INNER[1] - 4), (*INNER, "c"), *[(a, b + lid) for a, b in top[::-1]]])
        parts += [path(skin, color("skin")), shade(skin, 0.12, SHADE)]
        upper = [outer, *[(a, b + lid) for a, b in top], INNER]
    parts.append(path(tapered([(outer[0] - 4.5, outer[1] - 0.5), *[(a, b - 1.4) for a, b in upper[1:-1]], (INNER[0] + 0.5, INNER[1] - 0.8)], lash), INK))
    parts += [path(tapered(points, widths), INK) for points, widths in lashes]
    parts.append(path(tapered(crease, [0.8, *[3.0] * (len(crease) - 2), 0.8]), SHADE, opacity=0.28))
    return variant("eye", *parts, weight=weight)


def eyes() -> dict:
    thin, thick = [1.4, 4.8, 4.8, 3.8, 1.2], [1.6, 6.6, 6.4, 4.6, 1.2]
    long_lashes = tuple((points, [4.8, 3.0, 0.6]) for points in ([(21, 37), (14, 33), (9, 26)], [(27, 29.5), (21, 24), (18, 17)], [(36, 23.5), (32.5, 17.5), (32, 11.5)]))
    return component(100, 80, {
        "almond": _eye("almond", [(33, 27), (50, 21.5), (68, 29)], [(34, 54), (51, 58), (68, 54.5)], thin, weight=3),
        "round": _eye("round", [(31, 24), (49, 16.5), (68, 26)], [(33, 57), (50, 62.5), (68, 57.5)], thin, radius=18.6, weight=2.5),
        "hooded": _eye("hooded", [(33, 26), (50, 21), (68, 28)], [(35, 54), (51, 57.5), (68, 54)], thick, lid=5.5, weight=1.5),
        "narrow": _eye("narrow", [(34, 30.5), (51, 26.5), (68, 32.5)], [(36, 51.5), (52, 54.5), (69, 52.5)], thick, radius=16.4, weight=2),
        "upturned": _eye("upturned", [(31, 25), (49, 21), (68, 29)], [(33, 51), (51, 57.5), (69, 55)], [1.2, 7.0, 5.4, 4.0, 1.2], outer=(18, 34.5), weight=1.5),
        "lashes": _eye("lashes", [(32, 25.5), (50, 19), (68, 27.5)], [(33, 55.5), (51, 60), (68, 56)], thick, radius=18, lashes=long_lashes, weight=2.5),
        "downturned": _eye("downturned", [(31, 30), (50, 22), (67, 26.5)], [(31, 56), (49, 59.5), (67, 54.5)], thin, outer=(19.5, 44.5), weight=1.2),
        "sleepy": _eye("sleepy", [(33, 28), (50, 23), (68, 29.5)], [(35, 55), (51, 58.5), (68, 55)], thick, lid=8.5, weight=0.8),
    })


def anchors() -> dict[str, dict]:
    places = {}
    for instance, indices in ((0, (33, 133, 159, 145, 468)), (1, (263, 362, 386, 374, 473))):
        for index, (x, y) in zip(indices, (OUTER, INNER, (47, 22.5), (49, 56), (50, 40))):
            places[str(index)] = {"component": "eyes", "instance": instance, "x": x, "y": y}
    return places
