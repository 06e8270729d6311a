"""The labelled photos as the estimator's training sees them: drawn by rarity, augmented, with more than they came with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..core.folds import source_weights, sources
from ..core.labels import ATTRIBUTES, STYLES, measures
from .augment import augment
from .soft_labels import WIDTHS, attribute_vote

Batch = tuple[np.ndarray, dict[str, np.ndarray]]
# What is no longer known of a person who has something drawn on: hats hide hair, and drawn things have styles of their own.
HIDDEN_BY = {"headwear": ("style:hair", "style:headwear", "hair_texture"), "glasses": ("style:glasses",), "facial_hair": ("style:facialHair",)}


class PhotoSet:
    """Photos of several splits: aligned crops uint8 [N, S, S, 3], meshes [N, 478, 2], masks [N, S, S], and what readers say of
    them, `shares` NAME -> [N, C] (photos/soft_labels.py); `labels` has the likeliest index of each, -1 where nothing is known."""

    def __init__(self, cache: Path, splits: list[str]) -> None:
        parts = [dict(np.load(cache / f"{split}.npz")) for split in splits]
        self.image, self.mesh, self.mask, self.checked, self.name, self.person = (
            np.concatenate([part[key] for part in parts]) for key in ("image", "mesh", "mask", "checked", "name", "person"))
        self.split = np.concatenate([[split] * len(part["name"]) for split, part in zip(splits, parts)])
        self.source = sources(self.name)
        self.shares = {name: np.concatenate([part[f"shares:{name}"] for part in parts]) for name in WIDTHS}
        self.labels = {name: np.where(values.any(1), values.argmax(1), -1) for name, values in self.shares.items()}

    def __len__(self) -> int:
        return len(self.image)


class LabelledPhotos(PhotoSet):
    """A PhotoSet from which batches are drawn, so that small sources and rare values are seen often enough.

    `degrade_share`: how many of the pictures lose detail."""

    def __init__(self, cache: Path, splits: list[str], degrade_share: float = 1.0) -> None:
        super().__init__(cache, splits)
        self.degrade_share = degrade_share
        self.weight = source_weights(self.source) * self.rarity()
        self.weight /= self.weight.sum()
        self.measures = measures(self.checked)
        self.chance = self.weight
        self.apart = np.zeros(len(self), int)
        self.draw_on_share = self.recolor_share = self.studio_share = 0.0
        self.recolor = None

    def rarity(self) -> np.ndarray:
        """How much more often than others of its source each photo is drawn [N]."""
        tied = ATTRIBUTES["hair_length"].index("tied")
        return (1 + 1.5 * (self.labels["facial_hair"] >= 1) + 1.5 * (self.labels["skin_tone"] >= 4) + 1.0 * (self.labels["hair_length"] == tied)
                + 6.0 * (self.labels["headwear"] >= 1) + 1.0 * (self.labels["hair_color"] >= ATTRIBUTES["hair_color"].index("blond"))
                + 2.0 * (self.labels["lines"] == ATTRIBUTES["lines"].index("deep")))

    def only(self, rows: np.ndarray) -> None:
        """From now on, `draw` draws among these rows (bool [N])."""
        self.chance = np.where(rows, self.weight, 0) / self.weight[rows].sum()

    def keep_apart(self, groups: np.ndarray) -> None:
        """From now on, photos take colours, light and backgrounds from those of their own group [N] alone."""
        self.apart = groups

    def draw(self, count: int, size: int, rng: np.random.Generator) -> Batch:
        """`count` augmented crops uint8 [count, size, size, 3], and their labels: indices NAME [count] (-1 unknown), shares
        "NAME:shares" [count, C], measures "measure:NAME", and the photos' rows."""
        rows = rng.choice(len(self), count, p=self.chance)
        shares = {name: values[rows].copy() for name, values in self.shares.items()}
        images = []
        for place, row in enumerate(rows):
            image, changed = self.picture(row, rng)
            for name, vote in changed.items():
                shares[name][place] = vote
            image, unknown = augment(image, size, rng, self.degrade_share)
            for name in unknown:
                shares[name][place] = 0
            images.append(image)
        labels = {name: np.where(values.any(1), values.argmax(1), -1) for name, values in shares.items()}
        labels |= {f"{name}:shares": values for name, values in shares.items()} | {"row": rows}
        labels |= {f"measure:{name}": values[rows] for name, values in self.measures.items()}
        return np.stack(images), labels

    def picture(self, row: int, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray | float]]:
        """Photo `row` as it is shown this time, and the shares that are no longer the photo's; 0: nothing is known any more."""
        image, changed = self.image[row], {}
        donors = (self.chance > 0) & (self.apart == self.apart[row])
        if self.recolor_share and rng.random() < self.recolor_share:
            recolored = self.recolor.draw(row, donors, rng)
            if recolored:
                image, colour = recolored
                changed["hair_color"] = np.eye(WIDTHS["hair_color"])[colour]
        before = image
        if self.studio_share and rng.random() < self.studio_share:
            image = self.studio.background(image, row, donors, rng)
        moved = image is not before
        if self.studio_share and rng.random() < self.studio_share:
            image = self.studio.light(image, row, donors, rng)
        if rng.random() < self.draw_on_share:
            length = self.labels["hair_length"][row]
            image, _, drawn = self.draw_on(image, self.mask[row], self.mesh[row], rng,
                                           long_hair=None if length < 0 else ATTRIBUTES["hair_length"][length] not in ("bald", "very_short", "short"))
            changed |= shares_of_drawn(drawn)
        if moved:
            changed["earrings"] = 0.0
        return image, changed

    def use_draw_ons(self, share: float) -> None:
        from .draw_ons.draw_on import draw_on
        self.draw_on, self.draw_on_share = draw_on, share

    def use_studio(self, share: float, tone_steps: int = 1) -> None:
        """From now on, a `share` of the pictures is before another photo's background, and a `share` in another's light, whose
        person's skin tone is at most `tone_steps` away."""
        from .studio import Studio
        self.studio, self.studio_share = Studio(self.image, self.mask, self.labels["skin_tone"], self.source, tone_steps), share

    def use_recolor(self, share: float) -> None:
        from .recolor import Recolor
        if share and self.recolor is None:  # it looks at every photo once
            self.recolor = Recolor(self.image, self.mask, self.labels["hair_color"])
        self.recolor_share = share


def shares_of_drawn(drawn: dict[str, str]) -> dict[str, np.ndarray | float]:
    """The shares that draw-ons change, from the values that `draw_on` returns."""
    changed: dict[str, np.ndarray | float] = {name: 0.0 for kind in drawn for name in HIDDEN_BY.get(kind, ())}
    for name, value in drawn.items():
        if name == "headwear_style":
            changed["style:headwear"] = np.eye(WIDTHS["style:headwear"])[STYLES["headwear"].index(value)]
        else:
            vote = attribute_vote(name, value)
            changed[name] = 0.0 if vote is None else vote
    return changed


def augmented_photos(cfg: dict, work: Path) -> LabelledPhotos:
    """The labelled photos as stage `attributes` sees them."""
    photos = LabelledPhotos(work / "cache", cfg["training"], cfg["degrade_share"])
    if cfg["draw_on_share"]:
        photos.use_draw_ons(cfg["draw_on_share"])
    if cfg["studio_share"]:
        photos.use_studio(cfg["studio_share"], cfg["tone_steps"])
    photos.use_recolor(cfg["recolor_share"])
    return photos
