"""What all headwear is made of: the crown over the skull, cloth with a pattern, and what it covers."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import cv2
import numpy as np

from .drawing import EAR, HAIR, HAT, SKIN, UNKNOWN, Face, over, strand_noise

# Cloth colours (sRGB), sober ones first and more often.
CLOTHS = np.array([(0.07, 0.07, 0.08), (0.12, 0.15, 0.25), (0.30, 0.30, 0.31), (0.55, 0.55, 0.54), (0.82, 0.81, 0.78),
                   (0.25, 0.20, 0.15), (0.55, 0.45, 0.32), (0.45, 0.10, 0.11), (0.12, 0.25, 0.17), (0.16, 0.30, 0.50),
                   (0.70, 0.55, 0.20), (0.60, 0.35, 0.45)], np.float32)
CLOTH_WEIGHTS = np.array([5, 4, 3, 2, 2, 2, 2, 1.5, 1.5, 1.5, 0.7, 0.7]) / 25.9


@dataclass
class Dome:
    """The crown over the skull: its lower edge from `left` to `right` at `base`, its top at `top` (face axes)."""
    left: float
    right: float
    base: float
    top: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def half(self) -> float:
        return (self.right - self.left) / 2


def dome_over(face: Face, mask: np.ndarray | None, base: float, rng: np.random.Generator) -> Dome | None:
    """The crown that covers skull and hair above `base`; None where the hair is too big for a hat."""
    origin = (face.points[468] + face.points[473]) / 2
    edges = []
    for side in face.sides:
        # On a turned head the skull reaches on behind the near temple.
        behind = 0.10 + 1.3 * max(0.0, side.share - 0.5)
        edges.append((side.temple + behind * face.unit * side.outward - origin) @ face.right / face.unit)
    dome = Dome(edges[0], edges[1], base, rng.uniform(1.62, 1.85))
    if mask is None:
        return dome
    x, y = face.coordinates(mask.shape[0])
    above = (mask == HAIR) & (y > base)
    above |= np.isin(mask, (SKIN, EAR)) & (y > base + 0.3)  # a bald head's top
    if above.sum() < 10:
        return dome
    left, right = np.percentile(x[above], (1, 99))
    top = float(np.percentile(y[above], 99))
    # A hat presses the hair down a little.
    needed = Dome(min(dome.left, left + 0.06), max(dome.right, right - 0.06), base, max(dome.top, top + 0.04))
    if needed.half > 1.35 * dome.half or needed.top > 2.2:
        return None
    return needed


def crown_outline(face: Face, dome: Dome, roundness: float, sag: float, count: int = 40) -> np.ndarray:
    """Outline of the dome: a superellipse on top, the lower edge bent down by `sag` in the middle."""
    origin = (face.points[468] + face.points[473]) / 2
    angle = np.linspace(0, np.pi, count)
    power = 2.0 / roundness
    x = dome.middle + dome.half * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    y = dome.base + (dome.top - dome.base) * np.abs(np.sin(angle)) ** power
    t = np.linspace(-1, 1, count)
    lower_x, lower_y = dome.middle + dome.half * t, dome.base - sag * (1 - t**2)
    return np.concatenate([face.at(origin, x, y), face.at(origin, lower_x, lower_y)])


def shaded(face: Face, dome: Dome, size: int, colour: np.ndarray, rng: np.random.Generator, grain: float) -> np.ndarray:
    """A colour field [S, S, 3] shaded as a dome under light from above and one side, with the weave's grain."""
    x, y = face.coordinates(size)
    across = np.clip((x - dome.middle) / (dome.half + 1e-3), -1, 1)
    height = np.clip((y - dome.base) / (dome.top - dome.base + 1e-3), -0.5, 1)
    facing = np.sqrt(np.clip(1.0 - 0.85 * across**2, 0.02, 1))
    light = 0.45 + 0.45 * facing + rng.uniform(-0.18, 0.18) * across + 0.14 * height - 0.25 * np.clip(height - 0.6, 0, 1)
    light = light * (1.0 + grain * strand_noise(size, 0.01 * face.unit, 0.01 * face.unit, 0.0, rng))
    folds = strand_noise(size, 0.2 * face.unit, 0.10 * face.unit, rng.uniform(-1.2, 1.2), rng)
    light = light * (1.0 + 0.05 * folds)
    return np.clip(colour * light[..., None].astype(np.float32) + 0.01, 0, 1)


def lay(image: np.ndarray, mask: np.ndarray | None, shape: np.ndarray,
         body: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    image = over(image, body, shape)
    if mask is not None:
        mask = np.where((shape > 0.5) & (mask != UNKNOWN), np.uint8(HAT), mask)
    return image, mask


def remove_hair(image: np.ndarray, mask: np.ndarray, face: Face, base: float | None,
                crown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Strands that would stick out above the hat become what is around them; with `base` None, all hair that it does not cover."""
    _, y = face.coordinates(mask.shape[0])
    rest = (mask == HAIR) if base is None else np.isin(mask, (HAIR, SKIN)) & (y > base + 0.1)
    rest &= crown < 0.5
    if rest.any():
        hole = cv2.dilate(rest.astype(np.uint8), np.ones((3, 3), np.uint8))
        hole[crown > 0.5] = 0
        small = np.clip(image * 255, 0, 255).astype(np.uint8)
        image = cv2.inpaint(small, hole, 3, cv2.INPAINT_TELEA).astype(np.float32) / 255.0
        mask = np.where(rest, np.uint8(0), mask)
    return image, mask


def cloth_colour(rng: np.random.Generator, vivid: float = 0.0) -> np.ndarray:
    """A colour of cloth; a `vivid` share is any colour there is."""
    if rng.random() < vivid:
        return np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.1, 0.85), rng.uniform(0.15, 0.85)), np.float32)
    colour = CLOTHS[rng.choice(len(CLOTHS), p=CLOTH_WEIGHTS)] * rng.uniform(0.85, 1.1)
    return np.clip(colour + rng.normal(0, 0.02, 3), 0.02, 0.95).astype(np.float32)


def patterned(face: Face, dome: Dome, size: int, rng: np.random.Generator, plain: float = 0.4, vivid: float = 0.6) -> np.ndarray:
    """Colours [S, S, 3] of a cloth, unshaded: a `plain` share has one colour; others are striped, checked, dotted, embroidered or
    printed in two or three."""
    ground = cloth_colour(rng, vivid)
    image = np.broadcast_to(ground, (size, size, 3)).copy()
    if rng.random() < plain:
        return image
    x, y = face.coordinates(size)
    x = x - dome.middle
    turn = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    wave = rng.uniform(6, 22)
    bend = rng.uniform(0, 0.15) * np.sin(along * wave * 0.5)
    patterns = {
        "stripes": np.sin((across + bend) * wave),
        "check": np.maximum(np.sin(along * wave), np.sin(across * wave)) - 0.5,
        "dots": np.cos(along * wave) * np.cos(across * wave) - rng.uniform(0.2, 0.5),
        "zigzag": np.sin((across + 0.12 * np.abs(((along * wave / 3) % 2) - 1)) * wave),
        "rings": np.sin(np.hypot(x, y - dome.base - rng.uniform(0, 0.8)) * wave),
        "print": strand_noise(size, 0.12 * face.unit, 0.06 * face.unit, rng.uniform(-1.5, 1.5), rng) - rng.uniform(-0.3, 0.6),
        "weave": strand_noise(size, 0.05 * face.unit, 0.02 * face.unit, turn, rng),
    }
    for _ in range(1 + (rng.random() < 0.4)):
        pattern = patterns[str(rng.choice(list(patterns)))]
        soft = np.clip(pattern * rng.uniform(1.5, 5) + 0.5, 0, 1).astype(np.float32)
        if rng.random() < 0.3:  # the embroidery is a border or a panel
            soft = soft * np.clip((rng.uniform(0.2, 0.5) - (y - dome.base)) * 12, 0, 1).astype(np.float32)
        image = over(image, cloth_colour(rng, vivid), soft * rng.uniform(0.4, 1.0))
    return image


def embroidered(face: Face, dome: Dome, size: int, rng: np.random.Generator) -> np.ndarray:
    """Colours [S, S, 3] of a cloth, unshaded, that is covered with one small motif, row by row round the head."""
    height, width = rng.integers(5, 15), 2 * rng.integers(2, 7)
    colours = np.stack([cloth_colour(rng, 0.35) for _ in range(4)])
    half = rng.choice(4, (height, width // 2), p=rng.permutation([0.55, 0.25, 0.15, 0.05]))
    motif = np.concatenate([half, half[:, ::-1]], 1)
    if rng.random() < 0.5:  # rows of the motif between plain ones
        motif[: rng.integers(1, height)] = 0
    x, y = face.coordinates(size)
    round_head = np.arcsin(np.clip((x - dome.middle) / (dome.half + 1e-3), -0.999, 0.999)) * dome.half
    pixel = rng.uniform(0.012, 0.035)
    cloth = colours[motif[np.floor((y - dome.base) / pixel).astype(int) % height, np.floor(round_head / pixel).astype(int) % width]]
    return cv2.GaussianBlur(cloth, (0, 0), max(0.3, 0.4 * pixel * face.unit))


def cut_at_top(image: np.ndarray, mask: np.ndarray | None, face: Face, dome: Dome,
               rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None]:
    """The photo as if it ended within or just above the hat: what lies beyond a photo's edge is its mirror image, as in every crop."""
    origin = (face.points[468] + face.points[473]) / 2
    edge = face.at(origin, dome.middle, rng.uniform(dome.base + 0.35, dome.top + 0.5))[1]
    row = int(np.clip(edge, 0, image.shape[0] // 2 - 1))
    if row:
        image[:row] = image[2 * row: row: -1]
        if mask is not None:
            mask[:row] = mask[2 * row: row: -1]
    return image, mask


def light_on(face: Face, dome: Dome, size: int, rng: np.random.Generator, folds: float = 0.0, angle: float | None = None) -> np.ndarray:
    """Light [S, S, 1] on cloth over the dome; `folds`: how deep its folds are, which run at `angle` from upright."""
    plain = shaded(face, dome, size, np.ones(3, np.float32), rng, 0.03).mean(2)
    if folds:
        angle = rng.uniform(-1.4, 1.4) if angle is None else angle
        deep = strand_noise(size, rng.uniform(0.4, 0.9) * face.unit, rng.uniform(0.06, 0.16) * face.unit, angle, rng)
        plain = plain * np.clip(1 + folds * deep, 0.35, 1.5)
    return plain[..., None].astype(np.float32)
