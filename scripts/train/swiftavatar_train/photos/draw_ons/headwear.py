"""Headwear drawn onto a face: cap, beanie, brimmed hat and headband, sized to cover the hair that it hides."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .drawing import EAR, HAIR, HAT, SKIN, UNKNOWN, Face, blur, darken, ellipse, fill, over, strand_noise, stroke

KINDS = {"cap": 0.35, "beanie": 0.3, "brim": 0.2, "headband": 0.15}
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


def _dome(face: Face, mask: np.ndarray | None, base: float, rng: np.random.Generator) -> Dome | None:
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


def _crown(face: Face, dome: Dome, roundness: float, sag: float, count: int = 40) -> np.ndarray:
    """Outline of the dome: a superellipse on top, the lower edge bent down by `sag` in the middle."""
    origin = (face.points[468] + face.points[473]) / 2
    angle = np.linspace(0, np.pi, count)
    power = 2.0 / roundness
    x = dome.middle + dome.half * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    y = dome.base + (dome.top - dome.base) * np.abs(np.sin(angle)) ** power
    t = np.linspace(-1, 1, count)
    lower_x, lower_y = dome.middle + dome.half * t, dome.base - sag * (1 - t**2)
    return np.concatenate([face.at(origin, x, y), face.at(origin, lower_x, lower_y)])


def _cloth(face: Face, dome: Dome, size: int, colour: np.ndarray, rng: np.random.Generator, grain: float) -> np.ndarray:
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


def _lay(image: np.ndarray, mask: np.ndarray | None, shape: np.ndarray,
         body: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    image = over(image, body, shape)
    if mask is not None:
        mask = np.where((shape > 0.5) & (mask != UNKNOWN), np.uint8(HAT), mask)
    return image, mask


def _remove_hair(image: np.ndarray, mask: np.ndarray, face: Face, base: float,
                 crown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Strands that would stick out above the hat become what is around them."""
    _, y = face.coordinates(mask.shape[0])
    rest = np.isin(mask, (HAIR, SKIN)) & (y > base + 0.1) & (crown < 0.5)
    if rest.any():
        hole = cv2.dilate(rest.astype(np.uint8), np.ones((3, 3), np.uint8))
        hole[crown > 0.5] = 0
        small = np.clip(image * 255, 0, 255).astype(np.uint8)
        image = cv2.inpaint(small, hole, 3, cv2.INPAINT_TELEA).astype(np.float32) / 255.0
        mask = np.where(rest, np.uint8(0), mask)
    return image, mask


def draw_headwear(image: np.ndarray, mask: np.ndarray | None, face: Face,
                  rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None, dict[str, str]]:
    """`image` float [S, S, 3]. Returns no attribute where the hair is too big for the hat drawn."""
    size = image.shape[0]
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    origin = (face.points[468] + face.points[473]) / 2
    hairline = float((face.points[10] - origin) @ face.up) / face.unit
    brows = max(float((face.points[k] - origin) @ face.up) for k in (105, 334)) / face.unit
    if kind == "headband":
        return _headband(image, mask, face, hairline, rng)
    base = brows + (hairline - brows) * rng.uniform(*{"cap": (0.35, 0.75), "beanie": (0.2, 0.8), "brim": (0.4, 0.8)}[kind])
    dome = _dome(face, mask, base, rng)
    if dome is None:
        return image, mask, {}
    colour = CLOTHS[rng.choice(len(CLOTHS), p=CLOTH_WEIGHTS)] * rng.uniform(0.85, 1.1)
    colour = np.clip(colour + rng.normal(0, 0.02, 3), 0.02, 0.95).astype(np.float32)
    hair_before = 0 if mask is None else int((mask == HAIR).sum())

    crown = fill(size, [_crown(face, dome, {"cap": 2.2, "beanie": 2.1, "brim": 3.2}[kind], 0.08)])
    if mask is not None:
        image, mask = _remove_hair(image, mask, face, base, crown)
    image = darken(image, blur(np.roll(crown, int(0.10 * face.unit), axis=0), 0.06 * face.unit) * (1 - crown)
                   * rng.uniform(0.2, 0.5))
    body = _cloth(face, dome, size, colour, rng, 0.05 if kind != "beanie" else 0.03)
    draw = {"cap": _cap, "beanie": _beanie, "brim": _brim}[kind]
    image, mask = draw(image, mask, face, dome, crown, body, colour, rng)
    changed: dict[str, str] = {"headwear": "hat", "fringe": "no"}
    if mask is not None and hair_before and (mask == HAIR).sum() < 0.2 * hair_before:
        changed["hair_length"] = "hidden"
    return image, mask, changed


def _cap(image, mask, face, dome, crown, body, colour, rng):
    size = image.shape[0]
    origin = (face.points[468] + face.points[473]) / 2
    seams = [face.at(origin, dome.middle + dome.half * k * np.sin(np.linspace(0.1, np.pi / 2, 12)),
                     dome.base + (dome.top - dome.base) * np.cos(np.linspace(0.1, np.pi / 2, 12))) for k in (-0.5, 0.0, 0.5)]
    body = over(body, colour * 0.5, stroke(size, seams, 0.02 * face.unit) * 0.5)
    if rng.random() < 0.35:  # a badge on the front
        badge = fill(size, [ellipse(face.at(origin, dome.middle, dome.base + 0.42), 0.26 * face.unit * face.right,
                                    rng.uniform(0.12, 0.24) * face.unit * face.up)])
        body = over(body, rng.uniform(0.1, 0.95, 3), badge * 0.9)
    image, mask = _lay(image, mask, crown, body)
    # The visor seen from the front: a crescent below the crown's edge, shifted to where the head turns.
    turn = (face.right_side.share - face.left_side.share) * -1.0
    x, width = dome.middle + 0.5 * turn, dome.half * rng.uniform(0.72, 0.9)
    drop, lift = rng.uniform(0.10, 0.34), rng.uniform(0.0, 0.16)
    t = np.linspace(-1, 1, 30)
    upper = face.at(origin, x + width * t, dome.base + 0.06 + lift * (1 - t**2))
    lower = face.at(origin, x + width * 1.03 * t, dome.base + 0.04 - drop * np.sqrt(np.clip(1 - t**2, 0, 1)))
    visor = fill(size, [np.concatenate([upper, lower[::-1]])])
    image = darken(image, blur(np.roll(visor, int(0.22 * face.unit), axis=0), 0.1 * face.unit) * (1 - visor) *
                   rng.uniform(0.2, 0.55))
    _, y = face.coordinates(size)
    light = np.clip(0.95 + 0.9 * (y - dome.base), 0.45, 1.15)[..., None]
    visor_colour = colour if rng.random() < 0.7 else CLOTHS[rng.choice(len(CLOTHS))]
    image, mask = _lay(image, mask, visor, np.clip(visor_colour * light, 0, 1))
    edge = stroke(size, [lower], 0.025 * face.unit) * 0.5
    return over(image, np.clip(visor_colour * 0.5, 0, 1), edge), mask


def _beanie(image, mask, face, dome, crown, body, colour, rng):
    size = image.shape[0]
    x, y = face.coordinates(size)
    across = np.clip((x - dome.middle) / (dome.half + 1e-3), -0.999, 0.999)
    # Knitted ribs run over the dome, closer together towards its sides.
    ribs = np.sin(np.arcsin(across) * rng.uniform(22, 40))
    body = body * (1.0 + rng.uniform(0.04, 0.14) * ribs)[..., None]
    image, mask = _lay(image, mask, crown, np.clip(body, 0, 1))
    if rng.random() < 0.7:  # the turned-up cuff, slightly wider
        height = rng.uniform(0.28, 0.5)
        origin = (face.points[468] + face.points[473]) / 2
        t = np.linspace(-1, 1, 24)
        bend = 0.10 * (1 - t**2)
        half = dome.half * 1.03
        band = np.concatenate([face.at(origin, dome.middle + half * t, dome.base - bend - 0.02),
                               face.at(origin, dome.middle + half * t[::-1], dome.base + height - bend * 0.6)])
        cuff = fill(size, [band])
        image = darken(image, blur(cuff, 0.03 * face.unit) * 0.25)
        image, mask = _lay(image, mask, cuff, np.clip(body * rng.uniform(0.85, 1.15), 0, 1))
    return image, mask


def _brim(image, mask, face, dome, crown, body, colour, rng):
    size = image.shape[0]
    origin = (face.points[468] + face.points[473]) / 2
    width, height = dome.half * rng.uniform(1.35, 1.9), rng.uniform(0.10, 0.26)
    tilt, curl = rng.uniform(-0.08, 0.08), rng.uniform(-0.1, 0.22)
    centre = face.at(origin, dome.middle, dome.base + 0.05)
    angle = np.linspace(0, 2 * np.pi, 64)
    x = width * np.cos(angle)
    y = height * np.sin(angle) + tilt * x + curl * (x / width) ** 2
    brim = fill(size, [face.at(centre, x, y)])
    image = darken(image, blur(np.roll(brim, int(0.2 * face.unit), axis=0), 0.1 * face.unit) * (1 - brim)
                   * rng.uniform(0.25, 0.6))
    _, rows = face.coordinates(size)
    light = np.clip(0.8 + 0.8 * (rows - dome.base), 0.45, 1.1)[..., None]
    image, mask = _lay(image, mask, brim, np.clip(colour * light, 0, 1))
    image, mask = _lay(image, mask, crown * np.clip(1 - 2 * (fill(size, [face.at(centre, x, y - height * 0.9)]) > 0.5) * (
        rows < dome.base), 0, 1), body)
    t = np.linspace(-1, 1, 24)
    ribbon_height = rng.uniform(0.12, 0.24)
    bend = 0.08 * (1 - t**2)
    ribbon = fill(size, [np.concatenate([face.at(origin, dome.middle + dome.half * 0.99 * t, dome.base - bend + 0.03),
                                         face.at(origin, dome.middle + dome.half * 0.99 * t[::-1],
                                                 dome.base - bend + ribbon_height)])])
    ribbon_colour = CLOTHS[rng.choice(len(CLOTHS), p=CLOTH_WEIGHTS)]
    return _lay(image, mask, ribbon, np.clip(ribbon_colour * (0.5 + body.mean(axis=2, keepdims=True)), 0, 1))


def _headband(image, mask, face, hairline, rng):
    """A band over the forehead or the front hair; the hair stays visible above and below it."""
    size = image.shape[0]
    dome = _dome(face, mask, hairline * 0.9, rng)
    if dome is None:
        return image, mask, {}
    origin = (face.points[468] + face.points[473]) / 2
    height, level = rng.uniform(0.14, 0.34), hairline + rng.uniform(-0.25, 0.1)
    t = np.linspace(-1, 1, 30)
    arch = rng.uniform(0.1, 0.3) * (1 - t**2)
    half = dome.half * 1.01
    band = fill(size, [np.concatenate([face.at(origin, dome.middle + half * t, level + arch - 0.1),
                                       face.at(origin, dome.middle + half * t[::-1], level + arch + height - 0.1)])])
    colour = CLOTHS[rng.choice(len(CLOTHS), p=CLOTH_WEIGHTS)]
    body = _cloth(face, dome, size, colour, rng, 0.05)
    image = darken(image, blur(band, 0.05 * face.unit) * 0.3)
    image, mask = _lay(image, mask, band, body)
    return image, mask, {"headwear": "other"}
