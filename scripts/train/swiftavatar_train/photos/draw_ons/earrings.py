"""Earrings drawn onto a face: studs, hoops and drops at the ear lobes that can be seen."""

from __future__ import annotations

import numpy as np

from .drawing import EAR, EARRING, HAIR, HAT, UNKNOWN, Face, Side, blur, darken, ellipse, fill, over, stroke

METALS = np.array([(0.85, 0.68, 0.34), (0.78, 0.79, 0.82), (0.82, 0.58, 0.46), (0.25, 0.25, 0.27)], np.float32)
PEARL = np.array((0.92, 0.89, 0.84), np.float32)


def _lobe(face: Face, side: Side, mask: np.ndarray | None) -> np.ndarray | None:
    """The ear lobe of one side, None where the far side, hair or headwear hides it."""
    if side.share < 0.36:
        return None
    jaw = face.points[132 if side is face.left_side else 361]
    ahead = max(0.0, side.share - 0.5)
    lobe = 0.55 * side.tragus + 0.45 * jaw + face.unit * (0.06 + 0.9 * ahead) * side.outward
    if mask is None:
        return lobe
    size = mask.shape[0]
    rows, columns = np.nonzero(mask == EAR)
    if len(rows):
        points = np.stack([columns + 0.5, rows + 0.5], axis=1)
        near = points[np.linalg.norm(points - lobe, axis=1) < 0.45 * face.unit]
        if len(near) >= 4:  # the lowest twentieth of the ear's pixels
            height = near @ face.up
            lowest = near[height <= np.percentile(height, 8)]
            lobe = lowest.mean(axis=0) + 0.03 * face.unit * face.up
    x, y = (int(np.clip(v, 0, size - 1)) for v in lobe)
    radius = max(1, int(0.04 * face.unit))
    around = mask[max(0, y - radius):y + radius + 1, max(0, x - radius):x + radius + 1]
    return None if np.isin(around, (HAIR, HAT, UNKNOWN)).mean() > 0.4 else lobe


def draw_earrings(image: np.ndarray, mask: np.ndarray | None, face: Face,
                  rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None, dict[str, str]]:
    """`image` float [S, S, 3]. Returns no attribute where no lobe can be seen."""
    size = image.shape[0]
    lobes = [lobe for side in face.sides if (lobe := _lobe(face, side, mask)) is not None]
    if not lobes:
        return image, mask, {}
    kind = str(rng.choice(("stud", "hoop", "drop"), p=(0.4, 0.35, 0.25)))
    metal = METALS[rng.choice(len(METALS), p=(0.45, 0.35, 0.12, 0.08))]
    stone = PEARL if rng.random() < 0.5 else np.clip(rng.uniform(0.1, 1.0, 3), 0, 1)
    radius = face.unit * {"stud": rng.uniform(0.03, 0.065), "hoop": rng.uniform(0.07, 0.26),
                          "drop": rng.uniform(0.035, 0.08)}[kind]
    narrow, length = rng.uniform(0.35, 0.9), rng.uniform(0.08, 0.35) * face.unit
    thickness = max(rng.uniform(0.012, 0.03) * face.unit, 0.6)
    for lobe in lobes:
        down = -face.up
        if kind == "hoop":
            ring = ellipse(lobe + radius * down, narrow * radius * face.right, radius * face.up)
            shape = stroke(size, [ring], thickness, closed=True)
        elif kind == "drop":
            bead = ellipse(lobe + (length + radius) * down, rng.uniform(0.6, 1.0) * radius * face.right, radius * face.up)
            shape = np.maximum(fill(size, [bead]), stroke(size, [np.stack([lobe, lobe + length * down])], thickness))
        else:
            shape = fill(size, [ellipse(lobe, radius * face.right, radius * face.up)])
        image = darken(image, blur(np.roll(shape, 1, axis=0), 0.03 * face.unit) * 0.35)
        base = metal if kind == "hoop" or rng.random() < 0.4 else stone
        x, y = face.coordinates(size)
        # Polished metal: bright where it faces the light, dark beside it.
        sheen = 0.75 + 0.45 * np.sin(x / (0.06 + 0.1 * narrow) + y / 0.07 + rng.uniform(0, 6))
        image = over(image, np.clip(base * sheen[..., None].astype(np.float32), 0, 1), shape * 0.95)
        spot = fill(size, [ellipse(lobe + 0.3 * radius * (face.up - face.right), 0.25 * radius * face.right,
                                   0.25 * radius * face.up)]) if kind != "hoop" else np.zeros_like(shape)
        image = over(image, np.ones(3, np.float32), spot * 0.7)
        if mask is not None:
            mask = np.where((shape > 0.3) & (mask != UNKNOWN), np.uint8(EARRING), mask)
    return image, mask, {"earrings": "yes"}
