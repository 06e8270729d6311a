"""Lines of the face: faint strokes on the skin, at the mouth and the eyes, on the forehead and the neck."""

from __future__ import annotations

from shapes import SHADE, component, line, variant

# Of the image's left half, each with its width and opacity. The mouth is at (256, 357), the eyes at y = 244, brows at y = 205.
FOLD = [(211, 304), (196, 326), (190, 350)]          # from the nose's wing past the mouth's corner
CROWS_FEET = ([(155, 236), (145, 231), (138, 224)], [(154, 246), (143, 248), (134, 252)])
UNDER_EYE = [(176, 270), (196, 280), (220, 276)]
FOREHEAD = ([(184, 172), (216, 166), (256, 168)], [(194, 154), (222, 149), (256, 151)])
FROWN = [(243, 186), (245, 198), (242, 208)]
CORNER = [(206, 384), (200, 396), (201, 408)]        # below the mouth's corner
NECK = [(196, 466), (224, 475), (256, 477)]


def strokes(parts: list[tuple[list, float, float]]) -> list[dict]:
    both = [(points, width, opacity, sign) for points, width, opacity in parts for sign in (1, -1)]
    return [line(points if sign > 0 else [(512 - x, y) for x, y in points], SHADE, width, opacity=opacity) for points, width, opacity, sign in both]


def lines(strength: float = 1.0) -> dict:
    some = [(FOLD, 3.0, 0.15), *[(foot, 2.2, 0.12) for foot in CROWS_FEET]]
    deep = [(FOLD, 4.0, 0.30), *[(foot, 2.8, 0.26) for foot in CROWS_FEET], (UNDER_EYE, 3.0, 0.20), *[(furrow, 3.2, 0.24) for furrow in FOREHEAD],
            (FROWN, 2.8, 0.22), (CORNER, 3.0, 0.22), (NECK, 3.2, 0.20)]
    return component(512, 512, {name: variant("lines", *strokes([(points, width, opacity * strength) for points, width, opacity in parts]), weight=weight)
                                for name, parts, weight in (("some", some, 2), ("deep", deep, 1))}, probability=45)


def meanings() -> dict[str, dict]:
    return {name: {"lines": name} for name in ("none", "some", "deep")}
