"""The labelled photos as the estimator's training sees them: drawn by rarity, augmented, with more than they came with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..core.folds import source_weights, sources
from ..core.labels import ATTRIBUTES, measures
from .augment import augment
from .readings import all_shares

Batch = tuple[np.ndarray, dict[str, np.ndarray]]


class LabelledPhotos:
    """The labelled photos, drawn so that small sources and rare values are seen often enough.

    `reading_share`: how much of a label goes to what further annotators say (photos/readings.py) in the attributes' own losses; what
    the engine's heads learn through its semantics is by the label alone. `degrade_share`: how many of the pictures lose
    detail."""

    def __init__(self, cache: Path, reading_share: float = 0.0, degrade_share: float = 1.0) -> None:
        data = np.load(cache)
        self.image, self.mesh, self.mask = data["image"], data["mesh"], data["mask"]
        self.labels = {name: data[name].astype(np.int64) for name in ATTRIBUTES}
        self.shares = all_shares(data["name"].tolist(), self.labels, reading_share)
        self.degrade_share = degrade_share
        self.source = sources(data["name"])
        weight = source_weights(self.source)
        rare = 1 + 1.5 * (self.labels["facial_hair"] >= 1) + 1.5 * (self.labels["skin_tone"] >= 4)
        rare += 1.0 * (self.labels["hair_length"] == ATTRIBUTES["hair_length"].index("tied"))
        self.weight = weight * rare / (weight * rare).sum()
        self.checked = data["checked"]
        self.measures = measures(self.checked)
        self.chance = self.weight
        self.apart = np.zeros(len(self.image), int)
        self.draw_on_share = self.recolor_share = self.studio_share = 0.0
        self.recolor = None

    def only(self, rows: np.ndarray) -> None:
        """From now on, `draw` draws among these rows (bool [N])."""
        self.chance = np.where(rows, self.weight, 0) / self.weight[rows].sum()

    def keep_apart(self, groups: np.ndarray) -> None:
        """From now on, photos take colours, light and backgrounds from those of their own group [N] alone."""
        self.apart = groups

    def draw(self, count: int, size: int, rng: np.random.Generator) -> Batch:
        """`count` augmented crops uint8 [count, size, size, 3], their labels (int64, -1 unknown), rows, and where further
        annotators were asked, "NAME:shares" [count, C]: how likely each value is."""
        rows = rng.choice(len(self.image), count, p=self.chance)
        labels = {name: values[rows].copy() for name, values in self.labels.items()}
        labels["row"] = rows
        images = []
        for place, row in enumerate(rows):
            image, changed = self.picture(row, rng)
            for name, value in changed.items():
                labels[name][place] = value
            images.append(augment(image, size, rng, self.degrade_share))
        for name, values in self.shares.items():  # of what a draw-on or another colour has changed the label is sure
            changed = labels[name] != self.labels[name][rows]
            labels[f"{name}:shares"] = np.where(changed[:, None], np.eye(values.shape[1])[labels[name]], values[rows])
        for name, values in self.measures.items():
            labels[f"measure:{name}"] = values[rows]
        return np.stack(images), labels

    def picture(self, row: int, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, int]]:
        """Photo `row` as it is shown this time, and the labels (-1 unknown) that are no longer the photo's."""
        image, changed = self.image[row], {}
        donors = (self.chance > 0) & (self.apart == self.apart[row])
        if self.recolor_share and rng.random() < self.recolor_share:
            recolored = self.recolor.draw(row, donors, rng)
            if recolored:
                image, changed["hair_color"] = recolored
        before = image
        if self.studio_share and rng.random() < self.studio_share:
            image = self.studio.background(image, row, donors, rng)
        moved = image is not before
        if self.studio_share and rng.random() < self.studio_share:
            image = self.studio.light(image, row, donors, rng)
        if rng.random() < self.draw_on_share:
            image, _, drawn = self.draw_on(image, None, self.mesh[row], rng)
            changed |= {name: ATTRIBUTES[name].index(value) for name, value in drawn.items()}
        if moved:
            changed["earrings"] = -1
        return image, changed

    def use_draw_ons(self, share: float) -> None:
        from .draw_ons.draw_on import draw_on
        self.draw_on, self.draw_on_share = draw_on, share

    def vary(self, recolor_share: float, tone_steps: int) -> None:
        """What differs between the networks whose weights are averaged."""
        self.use_recolor(recolor_share)
        if self.studio_share:
            self.studio.tone_steps = tone_steps

    def use_studio(self, share: float) -> None:
        """From now on, a `share` of the pictures is before another photo's background, and a `share` in another's light."""
        from .studio import Studio
        self.studio, self.studio_share = Studio(self.image, self.mask, self.labels["skin_tone"], self.source), share

    def use_recolor(self, share: float) -> None:
        from .recolor import Recolor
        if share and self.recolor is None:  # it looks at every photo once
            self.recolor = Recolor(self.image, self.mask, self.labels["hair_color"])
        self.recolor_share = share


def augmented_photos(cfg: dict, work: Path) -> LabelledPhotos:
    """The labelled photos as stage `attributes` sees them, but for hair in other colours."""
    photos = LabelledPhotos(work / "cache" / "train.npz", cfg["reading_share"], cfg["degrade_share"])
    if cfg["draw_on_share"]:
        photos.use_draw_ons(cfg["draw_on_share"])
    if cfg["studio_share"]:
        photos.use_studio(cfg["studio_share"])
    return photos
