"""Mouths: closed ones and ones that show teeth. Box 140 x 100, centre (70, 50)."""

from __future__ import annotations

from shapes import SHADE, color, component, element, group, line, mirrored, path, shade, smooth, variant

CX = 70.0


def _closed(half: float, corner: float, top: float, bottom: float, seam: float, weight: float, skew: float = 0.0) -> dict:
    """`half`: half width; `corner`: y of the corners; `top`, `bottom`: y of the lips' edges; `seam`: y between the lips."""
    upper = [(CX - half, corner + skew, "c"), (CX - half * 0.55, (corner + top) / 2 - 3.2), (CX - 9, top - 0.5), (CX, top + 3),
             (CX + 9, top - 0.5), (CX + half * 0.55, (corner + top) / 2 - 3.2), (CX + half, corner - skew, "c")]
    middle = [(CX + half, corner - skew, "c"), (CX + half * 0.5, seam - 0.3 - skew * 0.4), (CX + 9, seam), (CX, seam + 1.4), (CX - 9, seam),
              (CX - half * 0.5, seam - 0.3 + skew * 0.4), (CX - half, corner + skew, "c")]
    lower = [(CX - half * 0.62, bottom - 5.5), (CX - 10, bottom), (CX + 10, bottom), (CX + half * 0.62, bottom - 5.5)]
    whole = smooth(upper + lower[::-1])
    return variant(
        "mouth", path(whole, color("lips")), shade(smooth(upper + middle[1:-1]), 0.17, SHADE),
        line(middle, "#3c1114", 2.8, opacity=0.75),
        shade([(CX - 13, bottom - 7.5), (CX, bottom - 9), (CX + 13, bottom - 7.5), (CX, bottom - 4.5)], 0.20, "#ffffff"),
        line([(CX - half - 3, corner + skew - 3.5), (CX - half + 0.5, corner + skew), (CX - half - 2, corner + skew + 3.5)], SHADE, 2, opacity=0.22),
        line([(CX + half + 3, corner - skew - 3.5), (CX + half - 0.5, corner - skew), (CX + half + 2, corner - skew + 3.5)], SHADE, 2, opacity=0.22),
        line([(CX - 15, bottom + 8), (CX, bottom + 10.5), (CX + 15, bottom + 8)], SHADE, 3.2, opacity=0.20), weight=weight)


def _open(name: str, half: float, corner: float, top: float, bottom: float, lip: float, teeth: float, weight: float,
          lower_teeth: bool = False) -> dict:
    """`top`, `bottom`: edges of the opening; `lip`: thickness of the lower lip; `teeth`: height of the upper row."""
    opening = [(CX - half + 5, corner + 1, "c"), (CX - half * 0.55, top + (corner - top) * 0.35), (CX, top + 1), (CX + half * 0.55, top + (corner - top) * 0.35),
               (CX + half - 5, corner + 1, "c"), (CX + half * 0.62, bottom - (bottom - corner) * 0.28), (CX, bottom),
               (CX - half * 0.62, bottom - (bottom - corner) * 0.28)]
    outer = [(CX - half, corner - 0.5, "c"), (CX - half * 0.55, top - 5 + (corner - top) * 0.3), (CX - 9, top - 9), (CX, top - 6), (CX + 9, top - 9),
             (CX + half * 0.55, top - 5 + (corner - top) * 0.3), (CX + half, corner - 0.5, "c"), (CX + half * 0.66, bottom + lip * 0.5 - (bottom - corner) * 0.22),
             (CX, bottom + lip), (CX - half * 0.66, bottom + lip * 0.5 - (bottom - corner) * 0.22)]
    inside = smooth(opening)
    row = smooth([(CX - half, corner - 12, "c"), (CX + half, corner - 12, "c"), (CX + half - 6, top + teeth * 0.55), (CX + half * 0.5, top + teeth * 0.92), (CX, top + teeth),
                  (CX - half * 0.5, top + teeth * 0.92), (CX - half + 6, top + teeth * 0.55)])
    inner = [path(inside, "#571420"), element("clipPath", [path(inside, "#ffffff")], id=f"{name}Inside")]
    tongue = path(mirrored([(CX, bottom - 7), (CX + half * 0.5, bottom - 2), (CX + half * 0.4, bottom + 8), (CX, bottom + 8)], CX), "#d9626a")
    low = [path(mirrored([(CX, bottom - 5), (CX + half * 0.5, bottom - 7), (CX + half * 0.5, bottom + 6), (CX, bottom + 6)], CX), "#efe7df")] if lower_teeth else []
    inner.append(group(tongue, *low, path(row, "#fffdf9"),
                       *[line([(CX + x, top - 4), (CX + x, top + teeth - 3)], "#c9b9ae", 1, opacity=0.35) for x in (-24, -12, 0, 12, 24)],
                       shade(smooth([(CX - half, top - 12, "c"), (CX + half, top - 12, "c"), (CX + half, corner + 2, "c"), (CX, top + 5), (CX - half, corner + 2, "c")]),
                             0.18, "#40101a"), clip_path=f"url(#{name}Inside)"))
    folds = [line([(CX + s * (half + 5), corner - 9), (CX + s * (half + 8.5), corner), (CX + s * (half + 5), corner + 8)], SHADE, 2.6, opacity=0.2) for s in (-1, 1)]
    return variant("mouth", path(smooth(outer), color("lips")), shade(smooth(outer[:7] + [(CX, corner - 1)]), 0.13, SHADE), *inner,
                   shade([(CX - 13, bottom + lip * 0.42), (CX, bottom + lip * 0.3), (CX + 13, bottom + lip * 0.42), (CX, bottom + lip * 0.66)], 0.20, "#ffffff"),
                   *folds, line([(CX - 15, bottom + lip + 7), (CX, bottom + lip + 9), (CX + 15, bottom + lip + 7)], SHADE, 3, opacity=0.18), weight=weight)


CLOSED = {
    "softSmile": dict(half=48.5, corner=44, top=40.5, bottom=66, seam=51.5, weight=3),
    "neutral": dict(half=46, corner=50, top=41.5, bottom=64.5, seam=51, weight=3),
    "smile": dict(half=51.5, corner=40, top=43, bottom=66, seam=53.5, weight=3),
    "full": dict(half=46, corner=49.5, top=36.5, bottom=71, seam=51.5, weight=1.5),
    "thin": dict(half=47.5, corner=49, top=44.5, bottom=60.5, seam=51, weight=1.5),
    "smirk": dict(half=48.5, corner=46, top=41.5, bottom=65, seam=51.5, skew=3.5, weight=1),
    "serious": dict(half=46, corner=54, top=42.5, bottom=65, seam=51, weight=1),
}
OPEN = {
    "teethSmile": dict(half=57, corner=41.5, top=44.5, bottom=62, lip=9.5, teeth=17, weight=3.5),
    "grin": dict(half=61, corner=38, top=43.5, bottom=69, lip=9, teeth=16.5, weight=2),
    "laugh": dict(half=56.5, corner=39, top=42, bottom=78, lip=8.5, teeth=14, weight=1),
    "slightTeeth": dict(half=52, corner=45.5, top=46, bottom=57.5, lip=11, teeth=13, weight=2),
}


def mouth() -> dict:
    return component(140, 100, {n: _closed(**s) for n, s in CLOSED.items()} | {n: _open(n, **s) for n, s in OPEN.items()})


def meanings() -> dict[str, dict]:
    return {n: {"mouth": "closed"} for n in CLOSED} | {n: {"mouth": "teeth"} for n in OPEN}


def anchors() -> dict[str, dict]:
    styles = CLOSED | OPEN
    base = styles["softSmile"]
    return {str(index): {"component": "mouth", "x": CX + side * base["half"], "y": base["corner"],
                         "variants": {n: [CX + side * s["half"], s["corner"]] for n, s in styles.items() if n != "softSmile"}}
            for index, side in ((61, -1), (291, 1))}
