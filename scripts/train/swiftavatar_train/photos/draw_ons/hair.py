"""Facial hair drawn onto a face: hair-coloured strands in the jaw, chin and lip regions of the mesh."""

from __future__ import annotations

import numpy as np

from .drawing import HAIR, JAW, LIPS, MOUTH, SKIN, UNKNOWN, Face, blur, darken, fill, over, smooth, strand_noise

NATURAL = np.array([(0.06, 0.05, 0.05), (0.12, 0.08, 0.06), (0.22, 0.14, 0.09), (0.34, 0.22, 0.13), (0.46, 0.30, 0.16),
                    (0.45, 0.43, 0.41), (0.66, 0.64, 0.62)], np.float32)
NATURAL_WEIGHTS = np.array([0.28, 0.26, 0.18, 0.08, 0.06, 0.08, 0.06])
STYLES = {"stubble": 0.4, "beard": 0.3, "goatee": 0.15, "moustache": 0.15}


def hair_colour(image: np.ndarray, mask: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """The person's own hair colour, a little darker, where the mask shows enough hair; else a natural one."""
    if mask is not None and (hair := mask == HAIR).mean() > 0.02:
        return np.clip(np.median(image[hair], axis=0) * rng.uniform(0.7, 1.05), 0.02, 0.85)
    return NATURAL[rng.choice(len(NATURAL), p=NATURAL_WEIGHTS)] * rng.uniform(0.8, 1.2)


def _jaw_region(face: Face, rng: np.random.Generator, below: float) -> np.ndarray:
    """From the sideburns along the cheeks to the moustache's upper edge, and `below` eye distances under the chin."""
    p = face.points
    outline = p[list(JAW[1:-1])]
    chin = p[152]
    # The lower the outline, the further the beard hangs below it.
    depth = np.clip(1.0 - ((outline - chin) @ face.up) / (1.1 * face.unit), 0, 1)[:, None]
    centre = (p[234] + p[454]) / 2
    outward = np.sign((outline - centre) @ face.right)[:, None] * face.right
    outline = outline - below * face.unit * depth * face.up + 0.25 * below * face.unit * depth * outward
    cheek = rng.uniform(0.25, 0.6)  # how high the cheek line runs between mouth corner and cheekbone
    left = cheek * p[205] + (1 - cheek) * p[57]
    right = cheek * p[425] + (1 - cheek) * p[287]
    upper = smooth(np.stack([p[454], 0.5 * p[454] + 0.5 * right - 0.1 * face.unit * face.up, right, p[322],
                             p[326], p[2] - 0.06 * face.unit * face.up, p[97], p[92], left,
                             0.5 * p[234] + 0.5 * left - 0.1 * face.unit * face.up, p[234]]), 6)
    return np.concatenate([outline, upper])


def _chin_region(face: Face, below: float) -> np.ndarray:
    p = face.points
    drop = below * face.unit * face.up
    return smooth(np.stack([p[61] - 0.06 * face.unit * face.right, p[202], p[210], p[170] - drop,
                            p[152] - 1.1 * drop, p[395] - drop, p[430], p[422],
                            p[291] + 0.06 * face.unit * face.right, p[405], p[17] - 0.05 * face.unit * face.up, p[181]]),
                  5, closed=True)


def _moustache_region(face: Face, rng: np.random.Generator) -> np.ndarray:
    p = face.points
    spread, droop = rng.uniform(0.02, 0.12) * face.unit, rng.uniform(-0.02, 0.12) * face.unit
    left = p[61] - spread * face.right - droop * face.up
    right = p[291] + spread * face.right - droop * face.up
    nose = 0.75 * p[2] + 0.25 * p[0]
    return smooth(np.stack([left, 0.5 * p[92] + 0.5 * p[165], 0.7 * p[97] + 0.3 * p[37], nose,
                            0.7 * p[326] + 0.3 * p[267], 0.5 * p[322] + 0.5 * p[391], right, p[269], p[0], p[39]]),
                  5, closed=True)


def draw_facial_hair(image: np.ndarray, mask: np.ndarray | None, face: Face,
                     rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None, dict[str, str]]:
    """`image` float [S, S, 3]. A beard is part `skin`, also where it hangs over neck and clothes."""
    size = image.shape[0]
    style = str(rng.choice(list(STYLES), p=list(STYLES.values())))
    stubble = style == "stubble"
    below = rng.uniform(0.0, 0.03) if stubble else float(np.clip(rng.exponential(0.13), 0.02, 0.55))
    polygons = {"moustache": lambda: [_moustache_region(face, rng)],
                "goatee": lambda: [_chin_region(face, 0.5 * below), _moustache_region(face, rng)],
                }.get(style, lambda: [_jaw_region(face, rng, below)])()
    if style == "beard" and rng.random() < 0.7:
        polygons.append(_moustache_region(face, rng))
    region = np.maximum.reduce([fill(size, [polygon]) for polygon in polygons])
    lips = fill(size, [face.points[list(LIPS)]])
    if style in ("beard", "stubble"):  # bare skin just below the lower lip's corners and on the lips
        lips = np.maximum(lips, blur(lips, 0.02 * face.unit))
    # Ragged edges: the border follows the strands.
    strands = strand_noise(size, 0.05 * face.unit, 0.008 * face.unit, rng.uniform(-0.5, 0.5), rng)
    softness = (0.10 if stubble else rng.uniform(0.03, 0.07)) * face.unit
    soft = blur(region, softness)
    edge = np.clip((soft - 0.5) * 2.2 + 0.5 + 0.12 * strands * (soft > 0.03), 0, 1) * (1 - lips)
    if mask is not None:
        edge = edge * ~np.isin(mask, (HAIR, MOUTH))

    colour = hair_colour(image, mask, rng)
    skin = np.median(image[edge > 0.5], axis=0) if (edge > 0.5).any() else np.full(3, 0.5)
    if stubble:
        # Single hairs too small to see darken and cool the skin; the coarser ones show as grain.
        strength = rng.uniform(0.25, 0.6)
        grain = strand_noise(size, 0.01 * face.unit, 0.0, 0.0, rng)
        alpha = np.clip(edge * strength * (0.75 + 0.35 * grain), 0, 0.85)
        image = over(image, np.minimum(colour, skin * 0.55) * 0.9 + 0.02, alpha.astype(np.float32))
    else:
        density = rng.uniform(0.75, 0.97)
        fine = strand_noise(size, 0.06 * face.unit, 0.006 * face.unit, rng.uniform(-0.4, 0.4), rng)
        # The photo's own shading shows through, so that the beard takes the face's light.
        shading = blur(image.mean(axis=2), 0.12 * face.unit) / (float(image[edge > 0.5].mean()) + 1e-3) if (
            edge > 0.5).any() else np.ones((size, size), np.float32)
        body = colour * np.clip(shading, 0.45, 1.5)[..., None] * (1.0 + 0.18 * strands + 0.18 * fine)[..., None]
        image = darken(image, blur(edge, 0.06 * face.unit) * 0.18)
        image = over(image, np.clip(body, 0.01, 0.95), (edge * density).astype(np.float32))
    if mask is not None:
        mask = np.where((edge > 0.5) & (mask != UNKNOWN), np.uint8(SKIN), mask)
    return image, mask, {"facial_hair": style}
