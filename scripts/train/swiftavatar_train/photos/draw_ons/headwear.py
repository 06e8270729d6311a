"""Headwear drawn onto a face, sized to cover the hair that it hides."""

from __future__ import annotations

import numpy as np

from . import hats, wraps
from .crown import Dome, cloth_colour, crown_outline, cut_at_top, dome_over, remove_hair, shaded
from .drawing import HAIR, Face, blur, darken, fill

# Each style of headwear with its attribute, how often short and long hair wears it, and how high above the brows its edge is, in shares
# of the way to the hairline. Who wears what is not the same, and a reader of photos uses that, too.
STYLES = {
    "cap": ("hat", 0.11, 0.11, (0.35, 0.75)),
    "beanie": ("hat", 0.09, 0.12, (0.2, 0.8)),
    "brimmedHat": ("hat", 0.08, 0.11, (0.4, 0.8)),
    "bucketHat": ("hat", 0.06, 0.06, (0.2, 0.7)),
    "kufi": ("hat", 0.45, 0.08, (0.3, 1.1)),
    "headwrap": ("headscarf", 0.03, 0.17, (0.4, 1.0)),
    "headscarf": ("headscarf", 0.02, 0.10, (0.5, 1.1)),
    "hijab": ("headscarf", 0.03, 0.14, (0.45, 0.9)),
    "turban": ("turban", 0.09, 0.03, (0.3, 0.8)),
    "headband": ("other", 0.04, 0.08, (0.0, 0.0)),
}
CUT_SHARE = 0.35  # of the pictures end within the headwear
HATS = {"cap": (hats.cap, 2.2), "beanie": (hats.beanie, 2.1), "brimmedHat": (hats.brim, 3.2), "bucketHat": (hats.bucket, 2.8)}
WRAPS = {"headwrap": ((wraps.headwrap, 1.0),), "headscarf": ((wraps.headscarf, 1.0),), "hijab": ((wraps.hijab, 1.0),), "turban": ((wraps.turban, 1.0),),
         "kufi": ((wraps.kufi, 0.45), (wraps.fila, 0.4), (wraps.songkok, 0.15))}  # all caps without a brim have one drawn style

Drawn = tuple[np.ndarray, np.ndarray | None, dict[str, str]]


def draw_headwear(image: np.ndarray, mask: np.ndarray | None, face: Face, rng: np.random.Generator, long_hair: bool | None = None) -> Drawn:
    """`image` float [S, S, 3]; `long_hair`: whether the person's hair is longer than short, None where that is not known. Returns no
    attribute where the hair is too big for what is drawn."""
    if long_hair is None:
        long_hair = rng.random() < 0.5
    shares = np.array([long if long_hair else short for _, short, long, _ in STYLES.values()])
    style = str(rng.choice(list(STYLES), p=shares / shares.sum()))
    attribute, _, _, heights = STYLES[style]
    origin = (face.points[468] + face.points[473]) / 2
    hairline = float((face.points[10] - origin) @ face.up) / face.unit
    brows = max(float((face.points[k] - origin) @ face.up) for k in (105, 334)) / face.unit
    if style == "headband":
        return hats.headband(image, mask, face, hairline, rng)
    dome = dome_over(face, mask, brows + (hairline - brows) * rng.uniform(*heights), rng)
    if dome is None:
        return image, mask, {}
    hair_before = 0 if mask is None else int((mask == HAIR).sum())
    if style in HATS:
        image, mask = _hat(style, image, mask, face, dome, rng)
    else:
        draws, often = zip(*WRAPS[style])
        draw = draws[rng.choice(len(draws), p=often)]
        image, mask = _wrap(draw, image, mask, face, dome, rng)
    if rng.random() < CUT_SHARE:
        image, mask = cut_at_top(image, mask, face, dome, rng)
    changed = {"headwear": attribute, "headwear_style": style, "fringe": "no"}
    if style == "hijab":
        changed["earrings"] = "unseen"
    if style in ("hijab", "turban", "headwrap") or (mask is not None and hair_before and (mask == HAIR).sum() < 0.2 * hair_before):
        changed["hair_length"] = "hidden"
    return image, mask, changed


def _hat(style: str, image: np.ndarray, mask: np.ndarray | None, face: Face, dome: Dome,
         rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None]:
    draw, roundness = HATS[style]
    size, colour = image.shape[0], cloth_colour(rng, 0.3)
    crown = fill(size, [crown_outline(face, dome, roundness, 0.08)])
    if mask is not None:
        image, mask = remove_hair(image, mask, face, dome.base, crown)
    image = darken(image, blur(np.roll(crown, int(0.10 * face.unit), axis=0), 0.06 * face.unit) * (1 - crown) * rng.uniform(0.2, 0.5))
    body = shaded(face, dome, size, colour, rng, 0.03 if style == "beanie" else 0.05)
    return draw(image, mask, face, dome, crown, body, colour, rng)


def _wrap(draw: wraps.Draw, image: np.ndarray, mask: np.ndarray | None, face: Face, dome: Dome,
          rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray | None]:
    shape, cloth = draw(face, dome, image.shape[0], rng)
    if mask is not None:
        image, mask = remove_hair(image, mask, face, None if draw in (wraps.hijab, wraps.headwrap, wraps.turban) else dome.base, shape)
    return wraps.put_on(image, mask, face, shape, cloth, rng)
