"""Noses: a skin-coloured region (seen only in label maps) under light and shade. The box is centred on the bridge."""

from __future__ import annotations

from shapes import INK, SHADE, color, component, line, mirrored, path, shade, smooth, variant

CX = 60.0  # box 120 x 200, centre (60, 100) = mesh 168


def _nose(wing: float, base: float, bridge: float, tip: float, droop: float, nostril: float, weight: float,
          hump: float = 0.0, ball: float = 0.0) -> dict:
    """Half widths of wings, bridge and tip; `base`: y of the wings' foot; `droop`: how far the tip hangs below it."""
    low = base + droop
    region = mirrored([(CX, 98, "c"), (CX + bridge, 100), (CX + bridge * 0.9, 130), (CX + wing * 0.72, base - 22),
                       (CX + wing, base - 8), (CX + wing * 0.82, base + 2), (CX + tip * 0.8, low + 1), (CX, low + 3)], CX)
    under = smooth(mirrored([(CX, low - 7), (CX + tip * 0.75, low - 8), (CX + wing * 0.72, base - 5), (CX + wing * 0.93, base - 9),
                             (CX + wing * 0.86, base + 1), (CX + tip, low), (CX, low + 4)], CX))
    side = smooth([(CX + bridge + 1, 96, "c"), (CX + bridge * 0.75 + hump, 124), (CX + bridge * 0.9, 146), (CX + wing * 0.62, base - 20),
                   (CX + wing, base - 8, "c"), (CX + wing * 0.74, base - 4), (CX + tip * 0.95, base - 24), (CX + bridge * 0.3 + hump, 140),
                   (CX + bridge * 0.35, 112)])
    wings = [line([(CX + s * wing * 0.84, base - 19), (CX + s * wing * 1.02, base - 9), (CX + s * wing * 0.88, base + 1)], SHADE, 2.6,
                  opacity=0.38) for s in (-1, 1)]
    holes = [path([(CX + s * (nostril - 6), base + 0.5 + droop * 0.35), (CX + s * nostril, base - 3), (CX + s * (nostril + 6), base - 0.5),
                   (CX + s * nostril, base + 2.6)], INK, opacity=0.48) for s in (-1, 1)]
    shine = smooth([(CX, base - 27), (CX + 5.5, base - 20), (CX + 1, base - 12 - ball), (CX - 6, base - 13 - ball), (CX - 8, base - 20), (CX - 5, base - 26)])
    return variant("nose", path(region, color("skin")), shade(side, 0.10, SHADE), shade(under, 0.17, SHADE), *wings, *holes,
                   shade(shine, 0.13, "#ffffff"), weight=weight)


STYLES = {
    "straight": dict(wing=36.5, base=182, bridge=13, tip=17, droop=4, nostril=17, weight=3),
    "button": dict(wing=34.5, base=181, bridge=12, tip=19, droop=1.5, nostril=16, weight=2, ball=2),
    "wide": dict(wing=43, base=182, bridge=16, tip=22, droop=3, nostril=20, weight=2, ball=2),
    "aquiline": dict(wing=35.5, base=181, bridge=15, tip=15, droop=8, nostril=17, weight=1.5, hump=4),
    "pointed": dict(wing=33, base=181, bridge=11, tip=12, droop=5.5, nostril=15, weight=1.5),
    "broad": dict(wing=39.5, base=183, bridge=17, tip=23, droop=5, nostril=19, weight=1.5),
}


def nose() -> dict:
    return component(120, 200, {name: _nose(**style) for name, style in STYLES.items()})


def anchors() -> dict[str, dict]:
    result = {"168": {"component": "nose", "x": CX, "y": 99.8}}
    first = STYLES["straight"]
    result["2"] = {"component": "nose", "x": CX, "y": 188.2,
                   "variants": {n: [CX, 188.2 + (s["base"] + 0.6 * s["droop"]) - (first["base"] + 0.6 * first["droop"])]
                                for n, s in STYLES.items() if n != "straight"}}
    for index, side in ((129, -1), (358, 1)):
        result[str(index)] = {"component": "nose", "x": CX + side * (first["wing"] + 1), "y": 171,
                              "variants": {n: [CX + side * (s["wing"] + 1), 171] for n, s in STYLES.items() if n != "straight"}}
    for anchor in result.values():
        for place in anchor.get("variants", {}).values():
            place[1] = round(place[1], 2)
    return result
