"""Lines of the face: faint strokes on the skin, at the mouth and the eyes, on the forehead and the neck.

Each is a dark stroke with a light one below it, as the edge of a fold catches light. On fair skin the dark one is seen, on
dark skin the light one: one drawing suits every tone.
"""

from __future__ import annotations

from shapes import SHADE, component, line, shift, variant

LIGHT = "#f2c9a5"  # of light on skin

# Of the image's left half, each with its width and opacity. The mouth is at (256, 357), the eyes at y = 244, brows at y = 205.
FOLD = [(211, 304), (196, 326), (190, 350)]          # from the nose's wing past the mouth's corner
CROWS_FEET = ([(155, 236), (145, 231), (138, 224)], [(154, 246), (143, 248), (134, 252)])
UNDER_EYE = [(176, 270), (196, 280), (220, 276)]
FOREHEAD = ([(184, 172), (216, 166), (256, 168)], [(194, 154), (222, 149), (256, 151)])
FROWN = [(243, 186), (245, 198), (242, 208)]
CORNER = [(206, 384), (200, 396), (201, 408)]        # below the mouth's corner
NECK = [(196, 466), (224, 475), (256, 477)]


def strokes(parts: list[tuple[list, float, float]]) -> list[dict]:
    """Light strokes first: they lie below, and towards the ear of upright folds."""
    drawn = []
    for points, width, opacity in parts:
        (x0, y0), (x1, y1) = points[0], points[-1]
        upright = abs(y1 - y0) > abs(x1 - x0)
        lit = shift(points, -0.8 * width, 0) if upright else shift(points, 0, 0.8 * width)
        for one, color, strength in ((lit, LIGHT, 0.9 * opacity), (points, SHADE, opacity)):
            drawn += [line(side, color, width, opacity=round(strength, 3)) for side in (one, [(512 - x, y) for x, y in one])]
    return drawn


def lines(strength: float = 1.0) -> dict:
    some = [(FOLD, 3.0, 0.15), *[(foot, 2.2, 0.12) for foot in CROWS_FEET]]
    deep = [(FOLD, 4.0, 0.30), *[(foot, 2.8, 0.26) for foot in CROWS_FEET], (UNDER_EYE, 3.0, 0.20), *[(furrow, 3.2, 0.24) for furrow in FOREHEAD],
            (FROWN, 2.8, 0.22), (CORNER, 3.0, 0.22), (NECK, 3.2, 0.20)]
    return component(512, 512, {name: variant("lines", *strokes([(points, width, opacity * strength) for points, width, opacity in parts]), weight=weight)
                                for name, parts, weight in (("some", some, 2), ("deep", deep, 1))}, probability=45)


def meanings() -> dict[str, dict]:
    return {name: {"lines": name} for name in ("none", "some", "deep")}
