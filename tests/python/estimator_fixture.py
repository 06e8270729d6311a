"""A few photos of noise and networks that say something of their own, for the stages that train the estimator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from swiftavatar_train.attributes import learner, losses
from swiftavatar_train.attributes.network import EstimatorNet, Head
from swiftavatar_train.core.labels import ATTRIBUTES, one_hot
from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.semantics import Semantics
from swiftavatar_train.estimator.heads import engine_heads
from swiftavatar_train.photos.soft_labels import WIDTHS

ENGINES = Path(__file__).parents[2] / "configs/engines"
SIZE = 64
SETTINGS = {"engine": "tiktok", "engines": str(ENGINES), "engine_draw_on_share": 0.0, "size": SIZE, "trunk": "lite0", "batch": 4,
            "seed": 1, "workers": 0, "device": "cpu", "trunk_rate": 1e-3, "head_rate": 3e-2, "ema": 0.5, "frozen_blocks": 3,
            "group_weight": 0.5, "training": ["train"], "degrade_share": 1.0}


def write_photos(path: Path, source: str = "pif") -> np.ndarray:
    """A cache of eight photos of noise, one reading each; returns them."""
    rng = np.random.default_rng(5)
    image = rng.integers(0, 255, (8, SIZE, SIZE, 3), np.uint8)
    mesh = rng.random((8, 478, 2)).astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    labels = {name: rng.integers(0, width, 8) for name, width in WIDTHS.items()}
    np.savez(path, image=image, mesh=mesh, checked=mesh, mask=np.zeros((8, SIZE, SIZE), np.uint8),
             name=np.array([f"{source}-{i}" for i in range(8)]), person=np.array([f"{source} person {i}" for i in range(8)]),
             **{name: labels[name] for name in ATTRIBUTES},
             **{f"shares:{name}": one_hot(values, WIDTHS[name]).astype(np.float32) for name, values in labels.items()})
    return image


def write_net(path: Path, heads: list[Head], trunk: str = "lite0") -> EstimatorNet:
    """A network that says something of its own."""
    net = EstimatorNet(heads, SIZE, trunk).eval()
    with torch.no_grad():
        trunk = net.trunk._blocks[-1]._project_conv.weight
        trunk.add_(0.1 * trunk.std() * torch.randn_like(trunk))
        net.linear.bias.add_(2 * torch.randn_like(net.linear.bias))
    path.parent.mkdir(parents=True, exist_ok=True)
    learner.save_network(path, net)
    return net


def tiktok_heads(seed: int) -> list[Head]:
    """Those of everybody, whose measures have another scale for each seed, and the engine's."""
    engine, semantics = Engine.load(ENGINES / "tiktok/definition.json"), Semantics.load(ENGINES / "tiktok/semantics.json")
    return [*losses.attribute_heads(np.random.default_rng(seed).random((8, 478, 2))), *engine_heads(engine, semantics, "tiktok")]
