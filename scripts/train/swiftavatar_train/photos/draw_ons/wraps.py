"""Headwear without a brim: traditional caps (kufi, fila, songkok, fez), turbans, head wraps, scarves and hijabs.

Few photos at hand have them, and they are what a hat is in half of the world.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .crown import Dome, cloth_colour, embroidered, lay, light_on, patterned
from .drawing import OVAL, Face, blur, darken, ellipse, fill, over, smooth, stroke

# Coverage [S, S] and cloth [S, S, 3] of one piece.
Draw = Callable[[Face, Dome, int, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def _origin(face: Face) -> np.ndarray:
    return (face.points[468] + face.points[473]) / 2


def _shape(face: Face, size: int, points: list[tuple[float, float]]) -> np.ndarray:
    """Coverage of a smooth closed outline through points of the face's axes."""
    x, y = np.array(points).T
    return fill(size, [smooth(face.at(_origin(face), x, y), 10, closed=True)])


def _edge(dome: Dome, sag: float, count: int = 9) -> list[tuple[float, float]]:
    t = np.linspace(-1, 1, count)
    return list(zip(dome.middle + dome.half * t, dome.base - sag * (1 - t**2)))


def _traditional(face: Face, dome: Dome, size: int, rng: np.random.Generator) -> np.ndarray:
    """Cloth of traditional caps: embroidered, or as that of other headwear."""
    return embroidered(face, dome, size, rng) if rng.random() < 0.45 else patterned(face, dome, size, rng, plain=0.5)


def kufi(face: Face, dome: Dome, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A close cap with a flat or rounded top and upright sides; coverage and cloth."""
    height, narrow, sag = rng.uniform(0.5, 1.4), rng.uniform(0.8, 1.08), rng.uniform(-0.12, 0.14)
    top, crown = dome.base + height, rng.uniform(0.0, 0.35)
    upper = [(dome.middle + dome.half * narrow * t, top + crown * (1 - t**2)) for t in (0.97, 0.6, 0.0, -0.6, -0.97)]
    shape = _shape(face, size, _edge(dome, sag) + upper)
    cloth = _traditional(face, dome, size, rng) * light_on(face, dome, size, rng)
    if rng.random() < 0.4:  # seams or rows of embroidery around it
        rows = [face.at(_origin(face), *np.array([(x, y + height * share) for x, y in _edge(dome, sag)]).T)
                for share in rng.uniform(0.1, 0.9, rng.integers(1, 5))]
        cloth = over(cloth, cloth_colour(rng, 0.6), stroke(size, rows, rng.uniform(0.015, 0.06) * face.unit) * rng.uniform(0.3, 0.9))
    return shape, cloth


def fila(face: Face, dome: Dome, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A tall soft cap whose top leans or is folded over to one side."""
    side = rng.choice([-1.0, 1.0])
    high, low, lean = rng.uniform(0.8, 1.7), rng.uniform(0.45, 1.1), rng.uniform(0.0, 0.4) * side
    left, right = dome.middle - dome.half * rng.uniform(0.8, 1.0) + lean, dome.middle + dome.half * rng.uniform(0.8, 1.0) + lean
    tops = (high, low) if side < 0 else (low, high)
    upper = [(right, dome.base + tops[1]), ((left + right) / 2 + lean * 0.3, dome.base + max(tops) * rng.uniform(0.95, 1.1)),
             (left, dome.base + tops[0])]
    shape = _shape(face, size, _edge(dome, rng.uniform(0.0, 0.15)) + upper)
    cloth = _traditional(face, dome, size, rng) * light_on(face, dome, size, rng, folds=rng.uniform(0.05, 0.2))
    start, end = (dome.middle - side * dome.half * rng.uniform(0.2, 0.9), dome.base + low * rng.uniform(0.2, 0.8)), upper[1]
    fold = face.at(_origin(face), *np.array([start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 0.08), end]).T)
    shade = blur(stroke(size, [smooth(fold, 10)], 0.06 * face.unit), 0.04 * face.unit)
    return shape, darken(cloth, shade * rng.uniform(0.2, 0.6))


def songkok(face: Face, dome: Dome, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A stiff cap like a cut cone: black velvet, or red felt with a tassel."""
    height, narrow, bend = rng.uniform(0.6, 1.2), rng.uniform(0.72, 1.0), rng.uniform(0, 0.1)
    top, edge = dome.base + height, np.array(_edge(dome, rng.uniform(0, 0.12)))
    upper = np.array([(dome.middle + dome.half * narrow * t, top + bend * (1 - t**2)) for t in np.linspace(1, -1, 9)])
    x, y = np.concatenate([edge, upper]).T
    shape = fill(size, [face.at(_origin(face), x, y)])
    colour = np.array([(0.05, 0.05, 0.06), (0.5, 0.06, 0.09), (0.1, 0.1, 0.22)][rng.choice(3, p=[0.6, 0.25, 0.15])], np.float32)
    cloth = np.broadcast_to(colour, (size, size, 3)) * light_on(face, dome, size, rng) * 1.1
    if colour[0] > 0.4 and rng.random() < 0.7:
        side = dome.middle + dome.half * rng.uniform(0.3, 0.8) * rng.choice([-1.0, 1.0])
        tassel = face.at(_origin(face), np.array([dome.middle, side, side]), np.array([top, top - 0.05, top - height * 0.7]))
        cloth = over(cloth, cloth_colour(rng) * 0.4, stroke(size, [tassel], 0.08 * face.unit))
    return shape, cloth


def turban(face: Face, dome: Dome, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cloth wound round the head: its layers rise from both sides to the middle of the forehead."""
    width, height, peak = dome.half * rng.uniform(1.08, 1.4), rng.uniform(1.0, 1.55), rng.uniform(0.05, 0.35)
    base = dome.base - rng.uniform(0.0, 0.3)
    lower = [(dome.middle + width * t, base + peak * (1 - abs(t)) - 0.25 * abs(t)) for t in np.linspace(-1, 1, 9)]
    upper = [(dome.middle + width * x, base + height * y) for x, y in ((1.06, 0.45), (0.72, 0.88), (0.0, 1.05), (-0.72, 0.88), (-1.06, 0.45))]
    shape = _shape(face, size, lower + upper)
    colours = patterned(face, dome, size, rng, plain=0.8)
    x, y = face.coordinates(size)
    slope = rng.uniform(0.4, 1.1)
    layers = np.sin(((y - base) + slope * np.abs(x - dome.middle - rng.uniform(-0.1, 0.1))) * rng.uniform(9, 22))
    light = light_on(face, dome, size, rng, folds=0.06)[..., 0] * (1 + rng.uniform(0.08, 0.25) * layers)
    return shape, colours * light[..., None].astype(np.float32)


def headwrap(face: Face, dome: Dome, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A large cloth tied over all hair, often stiff, with wide folds or a knot (gele, doek)."""
    width, height, sag = dome.half * rng.uniform(1.05, 1.6), rng.uniform(0.9, 1.9), rng.uniform(0.0, 0.15)
    jag = rng.uniform(0.88, 1.15, 7)
    upper = [(dome.middle + width * x * j, dome.base + height * y * j) for (x, y), j in
             zip(((1.0, 0.25), (0.95, 0.6), (0.6, 0.92), (0.0, 1.0), (-0.6, 0.92), (-0.95, 0.6), (-1.0, 0.25)), jag)]
    shape = _shape(face, size, _edge(dome, sag) + upper)
    if rng.random() < 0.45:  # a knot on the forehead or the top
        x, y = dome.middle + dome.half * rng.uniform(-0.6, 0.6), dome.base + height * rng.uniform(0.3, 1.0)
        knot = fill(size, [ellipse(face.at(_origin(face), x, y), rng.uniform(0.2, 0.55) * face.unit * face.right,
                                   rng.uniform(0.15, 0.4) * face.unit * face.up)])
        shape = np.maximum(shape, knot)
    cloth = patterned(face, dome, size, rng, plain=0.35, vivid=0.75) * light_on(face, dome, size, rng, folds=rng.uniform(0.08, 0.25))
    return shape, cloth


def headscarf(face: Face, dome: Dome, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A scarf tied close over the hair and behind the neck, which it leaves free."""
    width, height = dome.half * rng.uniform(1.0, 1.12), rng.uniform(0.85, 1.25)
    low = rng.uniform(0.2, 1.1)  # how far down it reaches at the sides
    lower = [(dome.middle + width * t, dome.base - low * abs(t) ** 5 + rng.uniform(0, 0.05)) for t in np.linspace(-1, 1, 9)]
    upper = [(dome.middle + width * x, dome.base + height * y) for x, y in ((1.02, 0.4), (0.7, 0.85), (0.0, 1.0), (-0.7, 0.85), (-1.02, 0.4))]
    cloth = patterned(face, dome, size, rng, plain=0.4) * light_on(face, dome, size, rng, folds=rng.uniform(0.05, 0.2))
    return _shape(face, size, lower + upper), cloth


def hijab(face: Face, dome: Dome, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A scarf round the face that covers hair, ears and neck."""
    points, origin = face.points, _origin(face)
    oval = points[list(OVAL)]
    middle = oval.mean(0)
    opening = middle + (oval - middle) * rng.uniform(0.9, 1.0)
    forehead = origin + face.up * face.unit * (dome.base + rng.uniform(-0.1, 0.1))
    above = (opening - forehead) @ face.up
    opening = opening - np.clip(above, 0, None)[:, None] * face.up  # cut off straight, a little bent
    opening = smooth(opening[::2], 6, closed=True)
    chin = float((points[152] - origin) @ face.up) / face.unit
    width, top = dome.half * rng.uniform(1.08, 1.3), dome.top * rng.uniform(0.92, 1.05)
    wide = rng.uniform(1.2, 2.4)
    outline = [(dome.middle + width * x, y) for x, y in
               ((-1.05, 0.2), (-1.0, 0.9), (-0.65, top - 0.15), (0.0, top), (0.65, top - 0.15), (1.0, 0.9), (1.05, 0.2), (1.0, chin * 0.8),
                (wide, chin - 1.0), (wide * 1.1, chin - 4.0), (-wide * 1.1, chin - 4.0), (-wide, chin - 1.0), (-1.0, chin * 0.8))]
    shape = np.clip(_shape(face, size, outline) - fill(size, [opening]), 0, 1)
    folds = light_on(face, dome, size, rng, folds=rng.uniform(0.04, 0.16), angle=rng.uniform(-0.9, 0.9))
    cloth = patterned(face, dome, size, rng, plain=0.75, vivid=0.4) * np.clip(folds * rng.uniform(1.0, 1.3), 0, 1.3)
    rim = blur(stroke(size, [opening], 0.1 * face.unit, closed=True), 0.04 * face.unit)
    return shape, darken(cloth, rim * rng.uniform(0.1, 0.45))


def put_on(image: np.ndarray, mask: np.ndarray | None, face: Face, shape: np.ndarray, cloth: np.ndarray,
           rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None]:
    """Lays cloth over the photo in its `shape`, with the shadow that it casts; dim or bright as the face's light is."""
    skin = float(np.median(image[shape < 0.1])) if (shape < 0.1).any() else 0.5
    cloth = np.clip(cloth * np.clip(0.75 + 0.7 * skin, 0.7, 1.3) * np.exp(rng.normal(0, 0.05, 3)), 0, 1).astype(np.float32)
    image = darken(image, blur(np.roll(shape, int(0.1 * face.unit), axis=0), 0.06 * face.unit) * (1 - shape) * rng.uniform(0.15, 0.5))
    return lay(image, mask, blur(shape, rng.uniform(0.3, 1.0)), cloth)
