"""Hats: cap, beanie, brimmed hat and headband."""

from __future__ import annotations

import numpy as np

from .crown import CLOTHS, CLOTH_WEIGHTS, dome_over, lay, shaded
from .drawing import blur, darken, ellipse, fill, over, stroke


def cap(image, mask, face, dome, crown, body, colour, rng):
    size = image.shape[0]
    origin = (face.points[468] + face.points[473]) / 2
    seams = [face.at(origin, dome.middle + dome.half * k * np.sin(np.linspace(0.1, np.pi / 2, 12)),
                     dome.base + (dome.top - dome.base) * np.cos(np.linspace(0.1, np.pi / 2, 12))) for k in (-0.5, 0.0, 0.5)]
    body = over(body, colour * 0.5, stroke(size, seams, 0.02 * face.unit) * 0.5)
    if rng.random() < 0.35:  # a badge on the front
        badge = fill(size, [ellipse(face.at(origin, dome.middle, dome.base + 0.42), 0.26 * face.unit * face.right,
                                    rng.uniform(0.12, 0.24) * face.unit * face.up)])
        body = over(body, rng.uniform(0.1, 0.95, 3), badge * 0.9)
    image, mask = lay(image, mask, crown, body)
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
    image, mask = lay(image, mask, visor, np.clip(visor_colour * light, 0, 1))
    edge = stroke(size, [lower], 0.025 * face.unit) * 0.5
    return over(image, np.clip(visor_colour * 0.5, 0, 1), edge), mask


def beanie(image, mask, face, dome, crown, body, colour, rng):
    size = image.shape[0]
    x, y = face.coordinates(size)
    across = np.clip((x - dome.middle) / (dome.half + 1e-3), -0.999, 0.999)
    # Knitted ribs run over the dome, closer together towards its sides.
    ribs = np.sin(np.arcsin(across) * rng.uniform(22, 40))
    body = body * (1.0 + rng.uniform(0.04, 0.14) * ribs)[..., None]
    image, mask = lay(image, mask, crown, np.clip(body, 0, 1))
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
        image, mask = lay(image, mask, cuff, np.clip(body * rng.uniform(0.85, 1.15), 0, 1))
    return image, mask


def brim(image, mask, face, dome, crown, body, colour, rng):
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
    image, mask = lay(image, mask, brim, np.clip(colour * light, 0, 1))
    image, mask = lay(image, mask, crown * np.clip(1 - 2 * (fill(size, [face.at(centre, x, y - height * 0.9)]) > 0.5) * (
        rows < dome.base), 0, 1), body)
    t = np.linspace(-1, 1, 24)
    ribbon_height = rng.uniform(0.12, 0.24)
    bend = 0.08 * (1 - t**2)
    ribbon = fill(size, [np.concatenate([face.at(origin, dome.middle + dome.half * 0.99 * t, dome.base - bend + 0.03),
                                         face.at(origin, dome.middle + dome.half * 0.99 * t[::-1],
                                                 dome.base - bend + ribbon_height)])])
    ribbon_colour = CLOTHS[rng.choice(len(CLOTHS), p=CLOTH_WEIGHTS)]
    return lay(image, mask, ribbon, np.clip(ribbon_colour * (0.5 + body.mean(axis=2, keepdims=True)), 0, 1))


def bucket(image, mask, face, dome, crown, body, colour, rng):
    """A soft crown that goes over into a short brim, slanting down all round."""
    size = image.shape[0]
    origin = (face.points[468] + face.points[473]) / 2
    wide, drop = dome.half * rng.uniform(1.12, 1.35), rng.uniform(0.12, 0.4)
    t = np.linspace(-1, 1, 30)
    upper = face.at(origin, dome.middle + dome.half * t, dome.base + rng.uniform(0.12, 0.3) + 0.1 * (1 - t**2))
    lower = face.at(origin, dome.middle + wide * t, dome.base - drop * 0.6 - rng.uniform(-0.05, 0.1) * (1 - t**2))
    brim_shape = fill(size, [np.concatenate([upper, lower[::-1]])])
    image, mask = lay(image, mask, crown, body)
    image = darken(image, blur(np.roll(brim_shape, int(0.15 * face.unit), axis=0), 0.1 * face.unit) * (1 - brim_shape) * rng.uniform(0.25, 0.6))
    image, mask = lay(image, mask, brim_shape, np.clip(body * rng.uniform(0.75, 1.05), 0, 1))
    return over(image, np.clip(colour * 0.4, 0, 1), stroke(size, [upper, lower], 0.02 * face.unit) * 0.5), mask


def headband(image, mask, face, hairline, rng):
    """A band over the forehead or the front hair; the hair stays visible above and below it."""
    size = image.shape[0]
    dome = dome_over(face, mask, hairline * 0.9, rng)
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
    body = shaded(face, dome, size, colour, rng, 0.05)
    image = darken(image, blur(band, 0.05 * face.unit) * 0.3)
    image, mask = lay(image, mask, band, body)
    return image, mask, {"headwear": "other", "headwear_style": "headband"}
