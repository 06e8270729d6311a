"""Photos as another photographer would have taken them: in the light of another photo, before its background.

Nearly all grey hair among the labelled photos was seen by one photographer, before one wall. A network takes the wall and
the light for the hair's colour, and is at a loss before another one (docs/likeness.md).
"""

from __future__ import annotations

import cv2
import numpy as np

from ..core.color import to_linear, to_srgb
from ..core.labels import PARTS

BACKGROUND, SKIN = PARTS.index("background"), PARTS.index("skin")
LEAST_SKIN = 0.015           # of the picture, to tell the light by
PERSON = (0.1, 0.9)          # of the picture: a mask with less or more of it is wrong
EDGE = 7                     # pixels around a person that are not taken for background
GAINS = (0.55, 1.8)          # of a channel
SHARES = (0.2, 0.8)          # of the way to the other light
SHOULDER = 0.8               # linear light from which on brightness is compressed
SMALL = 32                   # pixels of the picture in which the gap that a person leaves is filled
LEVELS = to_linear(np.arange(256) / 255)  # light of each level


def relit(image: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """The picture uint8 [S, S, 3] with each channel's linear light times its gain (von Kries 1902); what would clip is
    compressed."""
    light = LEVELS[:, None] * gains
    over = np.maximum(light - SHOULDER, 0) / (1 - SHOULDER)
    light = np.minimum(light, SHOULDER) + (1 - SHOULDER) * np.tanh(over)
    return cv2.LUT(image, (to_srgb(light) * 255 + 0.5).astype(np.uint8)[None])


def without_person(image: np.ndarray, background: np.ndarray) -> np.ndarray:
    """The picture uint8 [S, S, 3] with the gap around `background` (bool [S, S]) filled smoothly from its edges."""
    side = len(image)
    seen = cv2.erode(background.astype(np.float32), np.ones((EDGE, EDGE), np.float32))
    gap = (cv2.resize(seen, (SMALL, SMALL), interpolation=cv2.INTER_AREA) < 0.99).astype(np.uint8)
    small = cv2.inpaint(cv2.resize(image, (SMALL, SMALL), interpolation=cv2.INTER_AREA), gap, 3, cv2.INPAINT_TELEA)
    filled = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
    return mixed(image, filled, cv2.GaussianBlur(seen, (0, 0), side / 85))


def mixed(image: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`image` by `share` [S, S], and `other` by the rest."""
    share = share[..., None]
    return (image * share + other * (1 - share) + 0.5).astype(np.uint8)


class Studio:
    """images uint8 [N, S, S, 3], masks uint8 [N, S, S] of parts, skin_tone [N] (-1 unknown), source [N].

    Donors are drawn by source first, so that each photographer is met as often as any other; those of light among people
    whose skin is as dark, within `tone_steps`: more light is met with 1, and no tone blurred with 0.
    """

    def __init__(self, images: np.ndarray, masks: np.ndarray, skin_tone: np.ndarray, source: np.ndarray, tone_steps: int = 0) -> None:
        self.images, self.masks, self.skin_tone, self.source, self.tone_steps = images, masks, skin_tone, source, tone_steps
        self.skin = np.full((len(images), 3), np.nan)  # median linear light
        for row, (image, mask) in enumerate(zip(images, masks)):
            skin = mask == SKIN
            if skin.mean() > LEAST_SKIN and skin_tone[row] >= 0:
                self.skin[row] = np.median(LEVELS[image[skin]], 0)
        share = (masks != BACKGROUND).mean((1, 2))
        self.cut_out = (share > PERSON[0]) & (share < PERSON[1])

    def donor(self, rows: np.ndarray, rng: np.random.Generator) -> int:
        source = self.source[rows]
        return int(rng.choice(rows[source == rng.choice(np.unique(source))]))

    def light(self, image: np.ndarray, row: int, allowed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """`image`, photo `row` or what was made of it, in a light as that of another photo among `allowed` (bool [N])."""
        alike = np.abs(self.skin_tone - self.skin_tone[row]) <= self.tone_steps
        rows = np.flatnonzero(allowed & alike & ~np.isnan(self.skin[:, 0]))
        if np.isnan(self.skin[row, 0]) or len(rows) == 0:
            return image
        gains = np.clip((self.skin[self.donor(rows, rng)] + 1e-4) / (self.skin[row] + 1e-4), *GAINS)
        return relit(image, gains ** rng.uniform(*SHARES))

    def background(self, image: np.ndarray, row: int, allowed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """`image`, photo `row` or what was made of it, before the background of another photo among `allowed` (bool [N]), or
        itself where there is none. What the masks miss is lost: hoops below an ear, for one."""
        rows = np.flatnonzero(allowed & self.cut_out)
        if not self.cut_out[row] or len(rows) == 0:
            return image
        donor = self.donor(rows, rng)
        other, seen = self.images[donor], self.masks[donor] == BACKGROUND
        if rng.random() < 0.5:
            other, seen = np.ascontiguousarray(other[:, ::-1]), np.ascontiguousarray(seen[:, ::-1])
        person = (self.masks[row] != BACKGROUND).astype(np.float32)
        return mixed(image, without_person(other, seen), cv2.GaussianBlur(person, (0, 0), len(person) / 213))
