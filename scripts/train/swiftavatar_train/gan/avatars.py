"""Stage `avatars`: random avatars of an engine as pictures with exact part labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..core.checkpoint import save_arrays
from ..core.image import SIZE
from ..engines.engine import Engine
from ..engines.sampling import random_avatar
from ..engines.semantics import Semantics

# Codes that an avatar determines; background, neck and cloth are filled from photos when pairs are made.
FREE_PARTS = (0, 8, 9)
Drawn = Sequence[tuple[np.ndarray, np.ndarray]]  # pictures and part labels


def draw_avatar(engine: Engine, semantics: Semantics, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, dict]:
    """A random avatar: its picture uint8 [size, size, 3], part labels [size, size] and vector."""
    avatar = random_avatar(engine, rng, semantics)
    return engine.render(avatar, size)[..., :3], engine.labels(avatar, size), avatar


def render_avatars(engine: Engine, semantics: Semantics, count: int, size: int, seed: int,
                   path: Path) -> None:
    """Random avatars as image, mask (exact part labels), vector (JSON) and shown attributes (JSON), once, into `path`."""
    rng = np.random.default_rng([seed, 5])
    images = np.empty((count, size, size, 3), np.uint8)
    labels = np.empty((count, size, size), np.uint8)
    vectors, attributes = [], []
    for index in tqdm(range(count), desc="avatars", mininterval=30):
        images[index], labels[index], avatar = draw_avatar(engine, semantics, size, rng)
        vectors.append(json.dumps(avatar))
        attributes.append(json.dumps(semantics.read(avatar)))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_arrays(path, image=images, mask=labels, vector=np.array(vectors), attributes=np.array(attributes))


def avatars_path(work: Path, engine: str) -> Path:
    return work / "cache" / f"avatars_{engine}.npz"


def run(cfg: dict, work: Path) -> None:
    folder = Path(cfg["engines"]) / cfg["engine"]
    engine = Engine.load(folder / "definition.json", cfg["render_command"])
    render_avatars(engine, Semantics.load(folder / "semantics.json"), cfg["avatars"], SIZE, cfg["seed"], avatars_path(work, cfg["engine"]))
