"""Light and shade of the engine `alter`: filters that round a flat silhouette, blurs, and gradients.

Everything faint has an opacity below 0.5, so that label maps leave it out.
"""

from __future__ import annotations

from typing import Sequence

from shapes import SHADE, Element, Point, element, ellipse, group, path, smooth

CANVAS = (-90, -90, 692, 730)  # and what blurs reach


def _region(x: float, y: float, width: float, height: float) -> dict:
    """Where a filter works: librsvg's cost grows with it."""
    return {"filterUnits": "userSpaceOnUse", "x": x, "y": y, "width": width, "height": height}


def _inner(result: str, blur: float, dx: float, dy: float, ink: str, opacity: float) -> list[Element]:
    """The part of the silhouette that its own blurred copy, moved by (dx, dy), leaves free: a rim of light or shade."""
    return [element("feOffset", in_="SourceAlpha", dx=dx, dy=dy), element("feGaussianBlur", stdDeviation=blur, result=f"{result}Moved"),
            element("feFlood", flood_color=ink, flood_opacity=opacity),
            element("feComposite", in2=f"{result}Moved", operator="out", result=f"{result}Rim"),
            element("feComposite", in_=f"{result}Rim", in2="SourceAlpha", operator="in", result=result)]


def rounded(name: str, depth: float, dark: float, light: float, ink: str = SHADE, drop: tuple[float, float, float] | None = None, low: float = 0.8,
            region: tuple[float, float, float, float] = CANVAS) -> Element:
    """A filter that makes a silhouette look round: shade at the lower right, light at the upper left.

    `depth` in pixels; `drop`: blur, distance and opacity of the shadow that it throws on what lies under it; `low`: how far the
    shade moves up, as a share of the depth (librsvg cuts the silhouette at the canvas, so what leaves it at the bottom needs little)."""
    children = [*_inner("dark", depth, -depth * 0.55, -depth * low, ink, dark), *_inner("light", depth * 0.7, depth * 0.4, depth * 0.7, "#ffffff", light)]
    merged = ["SourceGraphic", "dark", "light"]
    if drop:
        blur, far, opacity = drop
        children += [element("feGaussianBlur", in_="SourceAlpha", stdDeviation=blur), element("feOffset", dx=far * 0.3, dy=far, result="fallen"),
                     element("feFlood", flood_color=ink, flood_opacity=opacity), element("feComposite", in2="fallen", operator="in", result="drop")]
        merged.insert(0, "drop")
    children.append(element("feMerge", [element("feMergeNode", in_=layer) for layer in merged]))
    return element("filter", children, id=name, color_interpolation_filters="sRGB", **_region(*region))


def blur(name: str, deviation: float, region: tuple[float, float, float, float] = CANVAS) -> Element:
    return element("filter", [element("feGaussianBlur", stdDeviation=deviation)], id=name, color_interpolation_filters="sRGB", **_region(*region))


def fade(name: str, stops: Sequence[tuple[float, str | dict, float]], **attributes: object) -> Element:
    """A radial gradient: (offset, colour, opacity) from the middle out."""
    return element("radialGradient", [element("stop", offset=o, stop_color=c, stop_opacity=a) for o, c, a in stops], id=name, **attributes)


def slope(name: str, stops: Sequence[tuple[float, str | dict, float]], **attributes: object) -> Element:
    """A linear gradient, downwards unless attributes say otherwise."""
    return element("linearGradient", [element("stop", offset=o, stop_color=c, stop_opacity=a) for o, c, a in stops], id=name,
                   **({"x1": 0, "y1": 0, "x2": 0, "y2": 1} | attributes))


def glow(x: float, y: float, rx: float, ry: float, gradient: str, opacity: float) -> Element:
    """A soft patch of light or shade. `opacity` below 0.5."""
    return ellipse(x, y, rx, ry, f"url(#{gradient})", opacity=opacity)


def veil(d: str | Sequence[Point], gradient: str, opacity: float, **attributes: object) -> Element:
    return path(d if isinstance(d, str) else smooth(d), f"url(#{gradient})", opacity=opacity, **attributes)


def soften(deviation: str, *children: Element) -> Element:
    """Children behind one of the shared blurs."""
    return group(*children, filter=f"url(#{deviation})")


def definitions() -> list[Element]:
    """What variants refer to by id."""
    return [
        rounded("roundSkin", 20, 0.34, 0.20, region=(100, 20, 312, 460)),
        rounded("roundHair", 15, 0.50, 0.24, "#000000", low=0.5),
        rounded("roundCloth", 11, 0.34, 0.20, "#0a0a18", drop=(7, 5, 0.25), low=0.1, region=(-60, 420, 632, 130)),
        rounded("roundHat", 17, 0.42, 0.26, "#0a0a18", drop=(6, 8, 0.30)),
        rounded("roundBeard", 9, 0.36, 0.16, "#000000", drop=(3, 2, 0.22), region=(90, 220, 332, 320)),
        rounded("roundGlasses", 2.2, 0.30, 0.42, "#000000", drop=(3.2, 6, 0.30), region=(90, 180, 332, 140)),
        blur("blurFall", 9, (90, -60, 332, 520)), blur("blurNose", 3, (0, 80, 120, 120)), blur("blurStubble", 3.6, (90, 220, 332, 260)),
        fade("lightSpot", [(0, "#ffffff", 1), (0.45, "#ffffff", 0.55), (1, "#ffffff", 0)]),
        fade("darkSpot", [(0, SHADE, 1), (0.5, SHADE, 0.55), (1, SHADE, 0)]),
        fade("warmSpot", [(0, "#f0402c", 1), (0.5, "#f0402c", 0.55), (1, "#f0402c", 0)]),
        slope("downDark", [(0, SHADE, 0), (1, SHADE, 1)]),
        slope("upDark", [(0, SHADE, 1), (1, SHADE, 0)]),
        slope("downSoft", [(0, SHADE, 1), (0.55, SHADE, 0.7), (1, SHADE, 0)]),
        slope("lidDark", [(0, "#1c0c14", 1), (0.22, "#1c0c14", 0.75), (0.5, "#1c0c14", 0)]),
        slope("browLight", [(0, "#ffffff", 1), (0.6, "#ffffff", 0)]),
        slope("earDark", [(0, SHADE, 0), (1, SHADE, 1)], y2=0, x2=1),
    ]
