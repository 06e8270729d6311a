"""Draw-ons: glasses, earrings, headwear and facial hair drawn onto aligned photos, with exact masks and labels.

No photo mask at hand has glasses, hats or earrings, and few people in the photos wear them; drawn ones teach the parser,
the generators and the estimator these parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .drawing import EARRING, GLASSES, HAT, Face
from .earrings import draw_earrings
from .glasses import draw_glasses
from .hair import draw_facial_hair
from .headwear import draw_headwear

# In the order in which they are laid on: a hat covers arms of glasses, glasses sit over a beard.
_DRAW = {"facial_hair": draw_facial_hair, "earrings": draw_earrings, "glasses": draw_glasses, "headwear": draw_headwear}
KINDS = tuple(_DRAW)
PROBABILITY = {"facial_hair": 0.25, "earrings": 0.25, "glasses": 0.5, "headwear": 0.35}
_PART = {"earrings": EARRING, "glasses": GLASSES, "headwear": HAT}


def random_kinds(rng: np.random.Generator, allowed: Sequence[str] = KINDS) -> tuple[str, ...]:
    """One or more of `allowed`, each as often as PROBABILITY says."""
    chosen = tuple(kind for kind in allowed if rng.random() < PROBABILITY[kind])
    if chosen or not allowed:
        return chosen
    weights = np.array([PROBABILITY[kind] for kind in allowed])
    return (str(rng.choice(list(allowed), p=weights / weights.sum())),)


def draw_on(image: np.ndarray, mask: np.ndarray | None, mesh: np.ndarray, rng: np.random.Generator,
            kinds: Sequence[str] | None = None, long_hair: bool | None = None) -> tuple[np.ndarray, np.ndarray | None, dict[str, str]]:
    """Draws the given kinds of KINDS (None: at random) onto an aligned photo.

    image uint8 [S, S, 3] RGB; mask uint8 [S, S] of parts with 255 = unknown, or None; mesh float [478, 2] in 0..1 of the
    crop. Returns a new image and mask (255 stays 255) and the attributes that the drawing changed, each with its new value of
    data.ATTRIBUTES. A kind whose part the mask already has, or that finds no room (no lobe
    in sight, hair too big for a hat), is left out and changes nothing. The caller leaves out kinds whose label is set.
    `long_hair`, where known, says which headwear is likely.
    """
    if kinds is None:
        kinds = random_kinds(rng)
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"draw_on: unknown kind {sorted(unknown)[0]!r}; the kinds are {', '.join(KINDS)}")
    size = image.shape[0]
    canvas = image.astype(np.float32) / 255.0
    face = Face(np.asarray(mesh, np.float64)[:, :2] * size)
    changed: dict[str, str] = {}
    for kind in KINDS:
        if kind not in kinds or (mask is not None and kind in _PART and (mask == _PART[kind]).any()):
            continue
        about = {"long_hair": long_hair} if kind == "headwear" else {}
        canvas, mask, values = _DRAW[kind](canvas, mask, face, rng, **about)
        changed.update(values)
    return np.clip(canvas * 255.0 + 0.5, 0, 255).astype(np.uint8), None if mask is None else mask.copy(), changed
