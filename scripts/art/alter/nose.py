"""Small soft noses, made of light and shade. `noseBase` (tied) is the skin under them: it joins the head's silhouette, and names
the region in label maps."""

from __future__ import annotations

from alter.soft import glow, soften
from shapes import SHADE, color, component, ellipse, line, mirrored, path, shade, smooth, variant

CX = 60.0  # box 120 x 200, centre (60, 100) = mesh 168

# Half widths of wings and tip; `base`: y of the wings' foot; `droop`: how far the tip hangs below it; `bridge`: strength of the ridge's light.
STYLES = {
    "straight": dict(wing=31, base=181, tip=19, droop=4, bridge=0.30, weight=3),
    "button": dict(wing=27, base=178, tip=20, droop=1, bridge=0.12, weight=2.5),
    "wide": dict(wing=39, base=182, tip=22, droop=3, bridge=0.18, weight=2),
    "aquiline": dict(wing=30, base=180, tip=17, droop=9, bridge=0.42, weight=1.5),
    "pointed": dict(wing=26, base=180, tip=14, droop=6, bridge=0.36, weight=1.5),
    "broad": dict(wing=36, base=184, tip=25, droop=5, bridge=0.26, weight=1.5),
    "small": dict(wing=22, base=176, tip=16, droop=1, bridge=0.10, weight=1),
}


def _region(wing: float, base: float, tip: float, droop: float, **_: float) -> str:
    low = base + droop
    return smooth(mirrored([(CX, 98, "c"), (CX + 12, 100), (CX + 12, 132), (CX + wing * 0.72, base - 24), (CX + wing, base - 8), (CX + wing * 0.82, base + 2),
                            (CX + tip * 0.8, low + 1), (CX, low + 3)], CX))


def _nose(wing: float, base: float, tip: float, droop: float, bridge: float, weight: float) -> dict:
    low = base + droop
    under = smooth(mirrored([(CX, low - 5), (CX + tip * 0.8, low - 8), (CX + wing * 0.9, base - 6), (CX + wing * 0.86, base + 4), (CX + tip, low + 3), (CX, low + 7)], CX))
    side = smooth([(CX + 13, 98), (CX + 12, 140), (CX + tip + 6, base - 22), (CX + wing + 4, base - 8), (CX + wing, base + 4), (CX + tip * 0.9, base - 6), (CX + tip * 0.6, base - 34), (CX + 4, 130)])
    wings = [line([(CX + s * wing * 0.92, base - 20), (CX + s * wing * 1.06, base - 9), (CX + s * wing * 0.9, base + 3)], SHADE, 4.6, opacity=0.42) for s in (-1, 1)]
    holes = [path([(CX + s * (tip * 0.95 - 7), low - 2.5), (CX + s * tip * 0.95, low - 6.5), (CX + s * (tip * 0.95 + 7), low - 4.5), (CX + s * tip, low - 0.5)], "#2a0f0c", opacity=0.48)
             for s in (-1, 1)]
    soft = soften("blurNose", shade(side, 0.22, SHADE), shade(under, 0.42, SHADE), *wings, line([(CX - 3, 108), (CX - 3, 138), (CX - 3, base - 26)], "#ffffff", 8, opacity=bridge * 0.66))
    return variant("nose", soft, glow(CX, base - 12, tip * 1.35, 20, "warmSpot", 0.13), *holes, ellipse(CX - 6, base - 17, tip * 0.42, 6.2, "url(#lightSpot)", opacity=0.42),
                   glow(CX - 2, base - 14, tip, 15, "lightSpot", 0.24), weight=weight)


def nose() -> dict:
    return component(120, 200, {name: _nose(**style) for name, style in STYLES.items()})


def nose_base() -> dict:
    return component(120, 200, {name: variant("nose", path(_region(**style), color("skin"))) for name, style in STYLES.items()})


def anchors() -> dict[str, dict]:
    result = {"168": {"component": "nose", "x": CX, "y": 99.8}}
    low = {n: s["base"] + 0.6 * s["droop"] + 4 for n, s in STYLES.items()}
    result["2"] = {"component": "nose", "x": CX, "y": round(low["straight"], 2), "variants": {n: [CX, round(y, 2)] for n, y in low.items() if n != "straight"}}
    for index, side in ((129, -1), (358, 1)):
        result[str(index)] = {"component": "nose", "x": CX + side * 32, "y": 171, "variants": {n: [CX + side * (s["wing"] + 1), 171] for n, s in STYLES.items() if n != "straight"}}
    return result
