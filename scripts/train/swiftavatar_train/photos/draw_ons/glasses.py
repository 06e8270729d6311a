"""Glasses drawn onto a face: twelve frame shapes, clear, tinted or dark lenses, glare, arms and a soft shadow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .drawing import GLASSES, HAIR, HAT, UNKNOWN, Face, Side, blur, darken, fill, over, stroke


@dataclass(frozen=True)
class FrameShape:
    """A lens outline: height in eye distances, squareness (2 ellipse, 6 nearly a rectangle), narrowing and tilt.

    `taper` narrows the lower half, `lift` raises the outer upper corner, `sag` lowers the outer lower part;
    `rim` is "full", "brow" (a heavy upper rim), "upper" (none below) or "none".
    """
    height: float
    squareness: float
    taper: float = 0.0
    lift: float = 0.0
    sag: float = 0.0
    rim: str = "full"


SHAPES: dict[str, FrameShape] = {
    "round": FrameShape(0.74, 2.0),
    "oval": FrameShape(0.54, 2.1),
    "rectangle": FrameShape(0.44, 5.0, taper=0.05),
    "square": FrameShape(0.62, 5.0, taper=0.06),
    "panto": FrameShape(0.68, 2.5, taper=0.14, lift=0.03),
    "wayfarer": FrameShape(0.60, 4.0, taper=0.16, lift=0.07),
    "aviator": FrameShape(0.70, 2.5, taper=0.10, sag=0.10),
    "cat_eye": FrameShape(0.54, 3.2, taper=0.20, lift=0.16),
    "clubmaster": FrameShape(0.58, 2.8, taper=0.10, lift=0.05, rim="brow"),
    "half_rim": FrameShape(0.44, 4.0, taper=0.07, rim="upper"),
    "rimless": FrameShape(0.48, 3.4, taper=0.05, rim="none"),
    "oversized": FrameShape(0.82, 3.0, taper=0.08),
}
# Frame colours (sRGB) with how often they are worn; metal rims are thin.
PLASTIC = (((0.05, 0.05, 0.06), 0.50), ((0.16, 0.09, 0.06), 0.22), ((0.30, 0.17, 0.08), 0.10), ((0.10, 0.13, 0.26), 0.05),
           ((0.42, 0.08, 0.10), 0.05), ((0.45, 0.45, 0.47), 0.04), ((0.80, 0.74, 0.68), 0.04))
METAL = (((0.22, 0.22, 0.24), 0.40), ((0.55, 0.56, 0.58), 0.28), ((0.62, 0.50, 0.28), 0.20), ((0.32, 0.22, 0.16), 0.12))
INNER, OUTER = 0.11, 0.84  # a lens's inner and outer edge between the middle of the nose (0) and the temple (1)


def _pick(table: tuple, rng: np.random.Generator) -> np.ndarray:
    weights = np.array([weight for _, weight in table])
    return np.array(table[rng.choice(len(table), p=weights / weights.sum())][0], np.float32)


def lens_outline(shape: FrameShape, width: float, count: int = 72) -> np.ndarray:
    """Outline [count, 2] round (0, 0): x from -1 (nose) to 1 (temple), y in eye distances, up. Starts at the temple."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    power = 2.0 / shape.squareness
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
    x = x * (1.0 - shape.taper * (1.0 - y) / 2.0)
    vertical = y * shape.height / 2.0
    vertical += shape.lift * width * np.clip(x, 0, 1) * (y + 1.0) / 2.0
    vertical -= shape.sag * width * np.clip(x, 0, 1) * (1.0 - y) / 2.0
    return np.stack([x, vertical], axis=1)


def _place(face: Face, side: Side, bridge: np.ndarray, u: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Frame coordinates to pixels: u from the bridge (0) to the temple (1) of one side, y up in eye distances.

    Each side is stretched by itself, which is how a turned head shows a pair of glasses.
    """
    across = (side.temple - bridge) @ side.outward * side.outward
    return bridge + np.asarray(u)[..., None] * across + np.asarray(y)[..., None] * face.unit * face.up


def draw_glasses(image: np.ndarray, mask: np.ndarray | None, face: Face,
                 rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None, dict[str, str]]:
    """`image` float [S, S, 3]. The part `glasses` is the frame, and the lens where it is too dark to see the eye."""
    size = image.shape[0]
    name = str(rng.choice(list(SHAPES)))
    shape = SHAPES[name]
    dark = rng.random() < 0.2  # sunglasses
    metal = shape.rim in ("none", "upper") or rng.random() < (0.75 if name in ("aviator", "round", "oval") else 0.35)
    colour = _pick(METAL if metal else PLASTIC, rng)
    thickness = face.unit * (rng.uniform(0.012, 0.028) if metal else rng.uniform(0.028, 0.065))
    zoom = rng.uniform(0.90, 1.10)
    drop = rng.uniform(0.02, 0.12)  # the lens's middle lies a little under the pupil

    pupils = (face.left_side.iris + face.right_side.iris) / 2
    bridge = face.points[168] * 0.5 + face.points[6] * 0.5
    bridge = bridge + ((pupils - bridge) @ face.up - drop * face.unit) * face.up
    middle, half = (INNER + OUTER) / 2, (OUTER - INNER) / 2 * min(zoom, 1.06)
    outline = lens_outline(shape, half)
    outline[:, 1] *= zoom
    sides = [side for side in face.sides if side.share > 0.12]
    lenses = [_place(face, side, bridge, middle + half * outline[:, 0], outline[:, 1]) for side in sides]

    lens = fill(size, lenses)
    rim = _rim(size, face, shape, lenses, thickness)
    rim = np.maximum(rim, _bridge_and_arms(size, face, shape, bridge, outline, middle, half, thickness, mask, rng))

    shift = int(round(0.04 * face.unit))
    shadow = blur(np.roll(rim, shift, axis=0), 0.04 * face.unit) * rng.uniform(0.15, 0.45)
    image = darken(image, shadow * (1.0 - lens * 0.3))
    image = _lenses(image, face, lens, lenses, dark, rng)

    # A rim is a round bar: lighter above, darker below, now and then a shining spot.
    relief = np.gradient(blur(rim, 0.012 * face.unit))[0] * rng.uniform(0.1, 0.5 if metal else 0.3)
    shine = np.clip(relief, 0, 1) if not metal else np.abs(relief)
    light = float(np.clip(image.mean() * rng.uniform(1.4, 2.2), 0.5, 1.15))
    body = np.clip(colour * light + shine[..., None], 0, 1)
    opacity = rng.uniform(0.85, 1.0) if colour.mean() < 0.7 else rng.uniform(0.5, 0.8)
    faint = 0.55 if shape.rim == "none" else 1.0
    image = over(image, body, np.clip(rim * opacity * faint, 0, 1))

    if mask is not None:
        thick = _rim(size, face, shape, lenses, max(thickness, size / 128.0))  # never thinner than a 128 px pixel
        part = np.maximum(thick, rim) > 0.4
        if dark:
            part |= lens > 0.5
        mask = np.where(part & (mask != UNKNOWN), np.uint8(GLASSES), mask)
    return image, mask, {"glasses": "sunglasses" if dark else "eyeglasses"}


def _rim(size: int, face: Face, shape: FrameShape, lenses: list[np.ndarray], thickness: float) -> np.ndarray:
    if shape.rim == "none":  # the cut edge of the glass still shows as a fine line
        return stroke(size, lenses, 0.55 * thickness, closed=True)
    if shape.rim == "full":
        return stroke(size, lenses, thickness, closed=True)
    # The outline starts at the temple and runs over the top first: its first half is the upper rim.
    uppers = [lens[:len(lens) // 2 + 1] for lens in lenses]
    if shape.rim == "upper":
        return np.maximum(stroke(size, uppers, thickness), 0.35 * stroke(size, lenses, 0.4 * thickness, closed=True))
    heavy = [upper + 0.03 * face.unit * face.up for upper in uppers]
    return np.maximum(stroke(size, heavy, 2.4 * thickness), stroke(size, lenses, 0.45 * thickness, closed=True))


def _bridge_and_arms(size: int, face: Face, shape: FrameShape, bridge: np.ndarray, outline: np.ndarray, middle: float,
                     half: float, thickness: float, mask: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    inner, outer = middle - half, middle + half
    height = float(outline[:, 1].max())
    level = rng.uniform(0.2, 0.7) * height  # where the bridge joins the lenses
    join = 0.04 + inner
    left, right = (_place(face, side, bridge, np.array(join), np.array(level)) for side in face.sides)
    top = (left + right) / 2 + rng.uniform(0.01, 0.07) * face.unit * face.up
    parts = [stroke(size, [np.stack([left, 0.3 * left + 0.7 * top, 0.3 * right + 0.7 * top, right])],
                    thickness * rng.uniform(0.8, 1.3))]
    if shape.height > 0.68 and shape.taper == 0.10 and rng.random() < 0.8:  # the aviator's second bar
        bar = np.array(height * 0.95)
        parts.append(stroke(size, [np.stack([_place(face, side, bridge, np.array(join + 0.05), bar)
                                             for side in face.sides])], 0.8 * thickness))
    hinge = rng.uniform(0.3, 0.85) * height
    for side in face.sides:
        if side.share < 0.3:
            continue  # the far arm hides behind the lens
        reach = 1.0 + 1.6 * max(0.0, side.share - 0.5)
        start = _place(face, side, bridge, np.array(outer - 0.02), np.array(hinge))
        end = _place(face, side, bridge, np.array(max(reach, outer + 0.06)), np.array(hinge * 0.9 + 0.02))
        arm = stroke(size, [np.stack([start, end])], max(thickness, 0.03 * face.unit))
        if mask is not None:  # hair falls over the arms
            arm = arm * ~np.isin(mask, (HAIR, HAT, 0))
        parts.append(arm)
    return np.maximum.reduce(parts)


def _lenses(image: np.ndarray, face: Face, lens: np.ndarray, lenses: list[np.ndarray], dark: bool,
            rng: np.random.Generator) -> np.ndarray:
    size = image.shape[0]
    _, height = face.coordinates(size)
    if dark:
        tint = np.array(rng.choice([(0.04, 0.04, 0.05), (0.09, 0.06, 0.03), (0.03, 0.07, 0.05), (0.05, 0.05, 0.10)]))
        # Often paler towards the lower edge.
        fade = np.clip(1.0 - rng.uniform(0, 0.5) * np.clip(0.1 - height, 0, 0.5), 0, 1).astype(np.float32)
        image = over(image, tint, lens * fade * rng.uniform(0.82, 0.98))
    elif rng.random() < 0.25:
        tint = rng.uniform(0.2, 0.9, 3)
        image = over(image, tint, lens * rng.uniform(0.04, 0.2))
    if rng.random() < (0.5 if dark else 0.4):
        # Glare: a slanting band, or a window's spot, with a bluish or greenish coating.
        coating = np.clip(np.array([0.88, 0.95, 1.0]) + rng.uniform(-0.12, 0.05, 3), 0, 1)
        centre, slope = rng.uniform(-0.3, 0.4), rng.uniform(-0.8, 0.8)
        x, y = face.coordinates(size)
        local = np.where(x < 0, x + 0.5, x - 0.5)
        band = np.exp(-(((local - centre + slope * y) / rng.uniform(0.05, 0.2)) ** 2))
        if rng.random() < 0.5:
            band *= np.exp(-(((y - rng.uniform(-0.1, 0.25)) / 0.12) ** 2))
        image = over(image, coating, (lens * band * rng.uniform(0.1, 0.6)).astype(np.float32))
    return image
