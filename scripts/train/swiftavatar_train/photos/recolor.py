"""Photos whose hair takes the colour of another photo's hair, and its label with it.

Grey and blond hair is rare among the labelled photos, and comes from few photographers; a network takes the photographer's
light for the hair's colour. Colour moves by matching mean and spread of the hair in L*a*b* (Reinhard et al. 2001, "Color
Transfer between Images") to those of a donor whose skin looks most alike, so that the label fits the light.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..core.labels import ATTRIBUTES, PARTS

HAIR, SKIN = PARTS.index("hair"), PARTS.index("skin")
LEAST = 0.015          # of the picture that hair must cover
NEAR = 6               # donors, nearest by skin, of which one is drawn
TYPICAL = (0.15, 0.85) # quantiles of the lightness of hair of one label between which donors lie
SPREADS = (0.6, 1.6)
COLORS = ATTRIBUTES["hair_color"].index("other")  # colours before it


def lab_of(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


class Recolor:
    """images uint8 [N, S, S, 3], masks uint8 [N, S, S] of parts, hair_color [N] (-1 unknown)."""

    def __init__(self, images: np.ndarray, masks: np.ndarray, hair_color: np.ndarray) -> None:
        self.images, self.masks, self.hair_color = images, masks, hair_color
        self.moments = np.full((len(images), 2, 3), np.nan)  # mean and spread of the hair in L*a*b*
        self.skin = np.full((len(images), 3), np.nan)
        for row, (image, mask) in enumerate(zip(images, masks)):
            lab, hair, skin = lab_of(image), mask == HAIR, mask == SKIN
            if hair.mean() > LEAST and skin.mean() > LEAST:
                self.moments[row] = lab[hair].mean(0), lab[hair].std(0)
                self.skin[row] = lab[skin].mean(0)
        light = self.moments[:, 0, 0]
        self.typical = np.zeros(len(images), bool)
        for color in range(COLORS):
            rows = (hair_color == color) & ~np.isnan(light)
            if rows.any():
                low, high = np.quantile(light[rows], TYPICAL)
                self.typical |= rows & (light >= low) & (light <= high)

    def draw(self, row: int, allowed: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int] | None:
        """The photo with another colour of hair, and that colour's index; donors are among `allowed` (bool [N]). None where
        there is no hair or no donor."""
        if np.isnan(self.skin[row]).any() or not 0 <= self.hair_color[row] < COLORS:
            return None
        wanted = rng.choice([color for color in range(COLORS) if color != self.hair_color[row]])
        rows = np.flatnonzero(allowed & self.typical & (self.hair_color == wanted))
        if len(rows) == 0:
            return None
        away = ((self.skin[rows] - self.skin[row]) ** 2).sum(1)
        donor = int(rng.choice(rows[np.argsort(away, kind="stable")[:NEAR]]))
        return self.move(row, donor), int(wanted)

    def move(self, row: int, donor: int) -> np.ndarray:
        (mean, deviation), (wanted, spread) = self.moments[row], self.moments[donor]
        lab = lab_of(self.images[row])
        moved = ((lab - mean) * np.clip(spread / (deviation + 1e-3), *SPREADS) + wanted).astype(np.float32)
        moved[..., 0] = np.clip(moved[..., 0], 0, 100)
        hair = (self.masks[row] == HAIR).astype(np.float32)
        weight = cv2.GaussianBlur(hair, (0, 0), len(hair) / 128)[..., None]
        mixed = cv2.cvtColor(lab + weight * (moved - lab), cv2.COLOR_LAB2RGB)
        return np.clip(mixed * 255 + 0.5, 0, 255).astype(np.uint8)
