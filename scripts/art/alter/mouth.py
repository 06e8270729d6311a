"""Mouths with soft, full lips: closed ones and ones that show teeth. Box 140 x 100, centre (70, 50)."""

from __future__ import annotations

from alter.soft import glow, veil
from shapes import SHADE, color, component, element, group, line, mirrored, path, shade, smooth, variant

CX = 70.0


def _corners(half: float, corner: float, skew: float = 0.0) -> dict:
    return group(*[glow(CX + s * (half + 3), corner - s * skew, 6, 7, "darkSpot", 0.34) for s in (-1, 1)])


def _under(bottom: float) -> dict:
    return glow(CX, bottom + 9, 26, 7, "darkSpot", 0.32)


def _closed(half: float, corner: float, top: float, bottom: float, seam: float, weight: float, skew: float = 0.0) -> dict:
    """`half`: half width; `corner`: y of the corners; `top`, `bottom`: y of the lips' edges; `seam`: y between the lips."""
    upper = [(CX - half, corner + skew, "c"), (CX - half * 0.55, (corner + top) / 2 - 3), (CX - 10, top - 0.5), (CX, top + 2.6), (CX + 10, top - 0.5),
             (CX + half * 0.55, (corner + top) / 2 - 3), (CX + half, corner - skew, "c")]
    middle = [(CX + half, corner - skew, "c"), (CX + half * 0.5, seam - 0.3 - skew * 0.4), (CX + 10, seam), (CX, seam + 1.4), (CX - 10, seam), (CX - half * 0.5, seam - 0.3 + skew * 0.4),
              (CX - half, corner + skew, "c")]
    lower = [(CX - half * 0.64, bottom - 5.5), (CX - 12, bottom), (CX + 12, bottom), (CX + half * 0.64, bottom - 5.5)]
    whole, lip = smooth(upper + lower[::-1]), smooth(upper + middle[1:-1])
    return variant("mouth", _under(bottom), path(whole, color("lips")), shade(lip, 0.16, SHADE), veil(whole, "downDark", 0.22),
                   line([(x, y + 1.5) for x, y, *_ in middle], "#3c0d12", 4, opacity=0.22), line(middle, "#43101a", 2.4, opacity=0.8),
                   glow(CX - 4, bottom - 8.2, 19, 5, "lightSpot", 0.49), glow(CX - 4, bottom - 8.8, 10, 2.4, "lightSpot", 0.45), glow(CX - 10, top + 3.4, 8, 3.4, "lightSpot", 0.34),
                   _corners(half, corner, skew), weight=weight)


def _open(name: str, half: float, corner: float, top: float, bottom: float, lip: float, teeth: float, weight: float, low: bool = False) -> dict:
    """`top`, `bottom`: edges of the opening; `lip`: thickness of the lower lip; `teeth`: height of the upper row; `low`: lower teeth too."""
    opening = [(CX - half + 4, corner + 1, "c"), (CX - half * 0.55, top + (corner - top) * 0.35), (CX, top + 1), (CX + half * 0.55, top + (corner - top) * 0.35), (CX + half - 4, corner + 1, "c"),
               (CX + half * 0.64, bottom - (bottom - corner) * 0.26), (CX, bottom), (CX - half * 0.64, bottom - (bottom - corner) * 0.26)]
    outer = [(CX - half - 1, corner - 0.5, "c"), (CX - half * 0.55, top - 5.5 + (corner - top) * 0.3), (CX - 10, top - 9.5), (CX, top - 6.5), (CX + 10, top - 9.5), (CX + half * 0.55, top - 5.5 + (corner - top) * 0.3),
             (CX + half + 1, corner - 0.5, "c"), (CX + half * 0.68, bottom + lip * 0.5 - (bottom - corner) * 0.2), (CX, bottom + lip), (CX - half * 0.68, bottom + lip * 0.5 - (bottom - corner) * 0.2)]
    inside, rim = smooth(opening), smooth(outer)
    row = smooth([(CX - half, corner - 14, "c"), (CX + half, corner - 14, "c"), (CX + half - 5, top + teeth * 0.6), (CX + half * 0.5, top + teeth * 0.94), (CX, top + teeth), (CX - half * 0.5, top + teeth * 0.94),
                  (CX - half + 5, top + teeth * 0.6)])
    tongue = mirrored([(CX, bottom - 8), (CX + half * 0.46, bottom - 3), (CX + half * 0.4, bottom + 8), (CX, bottom + 8)], CX)
    lower_row = [path(mirrored([(CX, bottom - 6), (CX + half * 0.5, bottom - 8), (CX + half * 0.5, bottom + 6), (CX, bottom + 6)], CX), "#ece4dc")] if low else []
    inner = [path(inside, "#4a0f1c"), element("clipPath", [path(inside, "#ffffff")], id=f"{name}Inside"),
             group(path(tongue, "#e0636d"), glow(CX - 4, bottom - 4, 16, 7, "lightSpot", 0.3), *lower_row, path(row, "#ffffff"),
                   *[line([(CX + x, top - 4), (CX + x, top + teeth - 4)], "#a99a94", 1, opacity=0.22) for x in (-21, -7, 7, 21)],
                   veil(inside, "lidDark", 0.34),
                   *[glow(CX + s * (half - 4), corner + 6, 16, 16, "darkSpot", 0.44) for s in (-1, 1)], clip_path=f"url(#{name}Inside)")]
    return variant("mouth", _under(bottom + lip), path(rim, color("lips")), shade(smooth(outer[:7] + [(CX, corner - 1)]), 0.14, SHADE), veil(rim, "downDark", 0.16), *inner,
                   glow(CX - 3, bottom + lip * 0.44, 17, lip * 0.34, "lightSpot", 0.49), glow(CX - 3, bottom + lip * 0.4, 9, lip * 0.18, "lightSpot", 0.45),
                   _corners(half + 1, corner), weight=weight)


CLOSED = {
    "softSmile": dict(half=44, corner=45, top=40, bottom=67, seam=51.5, weight=3),
    "neutral": dict(half=40, corner=50.5, top=41, bottom=66, seam=51.5, weight=3),
    "smile": dict(half=49, corner=40.5, top=43.5, bottom=68, seam=54.5, weight=3),
    "full": dict(half=41, corner=50, top=35.5, bottom=73, seam=52, weight=1.5),
    "thin": dict(half=43, corner=49.5, top=45, bottom=61, seam=51.5, weight=1.2),
    "smirk": dict(half=45, corner=47, top=42, bottom=66, seam=52, skew=4.5, weight=1),
    "serious": dict(half=40, corner=55, top=42.5, bottom=66, seam=51, weight=1),
    "pout": dict(half=32, corner=51, top=37, bottom=70, seam=51.5, weight=0.7),
}
OPEN = {
    "teethSmile": dict(half=54, corner=41.5, top=45, bottom=64, lip=10, teeth=16, weight=3.5),
    "grin": dict(half=58, corner=37.5, top=43.5, bottom=71, lip=9.5, teeth=18, weight=2),
    "laugh": dict(half=54, corner=38.5, top=42.5, bottom=82, lip=9, teeth=15, weight=1),
    "slightTeeth": dict(half=48, corner=45.5, top=46, bottom=58.5, lip=12, teeth=11, weight=2),
    "bigGrin": dict(half=57, corner=38.5, top=43, bottom=70, lip=9.5, teeth=15, low=True, weight=0.8),
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
