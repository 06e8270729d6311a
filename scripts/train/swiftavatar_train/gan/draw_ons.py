"""Stage `draw-ons`: train photos with drawn-on glasses, earrings, headwear and beards at 128 px (work/cache/draw_ons.npz)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..core.checkpoint import save_arrays
from ..core.image import shrink_images, shrink_labels
from ..photos.draw_ons.draw_on import draw_on, random_kinds

WORN = ("glasses", "earrings", "headwear", "facial_hair")
COPIES = 2


def run(cfg: dict, work: Path) -> None:
    """What a photo has already, or may have (label unknown), is not drawn again."""
    rng = np.random.default_rng([cfg["seed"], 77])
    images, labels = [], []
    with np.load(work / "cache" / "train.npz", allow_pickle=False) as file:
        arrays = {key: file[key] for key in ("image", "mask", "mesh", *WORN)}
    for index in range(len(arrays["image"])):
        allowed = [kind for kind in WORN if arrays[kind][index] == 0]
        for _ in range(COPIES if allowed else 0):
            image, label, _ = draw_on(arrays["image"][index], arrays["mask"][index], arrays["mesh"][index], rng,
                                      random_kinds(rng, allowed))
            images.append(image)
            labels.append(label)
    save_arrays(work / "cache" / "draw_ons.npz", image=shrink_images(np.stack(images)), mask=shrink_labels(np.stack(labels)))
