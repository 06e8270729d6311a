"""Stage `estimator`: trains the Avatar Estimator on labelled photos and, where they exist, on pairs.

Phases, each resumable. `attributes`: photos with labels only (the engine-free heads; also the net that ties the
generators), and a second network of these heads alone, which is asked beside the first. `engine`: starts from the first and
adds one head per parameter of the engine; pairs from the dual-domain generators supervise those, and photos supervise them
through the engine's semantics: the variants that a label allows share its probability. `heads` adds another engine's heads to a finished network (settings `joins`: whose) and changes
nothing else in it, so that one file serves several engines. `refine` (estimator/refine.py) goes on with photos alone;
`distil` (estimator/distil.py) sets the engines' heads on the trunk that photos alone have taught.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..core.batches import stream
from ..core.image import to_tensor
from ..core.labels import ATTRIBUTES
from ..photos.labelled import augmented_photos
from .learner import save_network, soup, train
from .losses import attribute_heads, class_weights, photo_loss
from .network import EstimatorNet


def members(cfg: dict) -> list[tuple[str, dict]]:
    """The networks whose answers on attributes and measures are averaged: the prefix of each one's files, and its settings."""
    if not cfg.get("second"):
        return [("", cfg)]
    second = {**cfg, **cfg["second"]}
    if second["trunk"] == cfg["trunk"] or second["size"] != cfg["size"]:  # of one trunk, layers at rest would be the same twice
        raise SystemExit("[estimator] second: needs another trunk, and pictures of the same size")
    return [("", cfg), ("second_", second)]


def train_attributes(cfg: dict, work: Path, log: SummaryWriter, prefix: str = "") -> None:
    """To work/estimator/PREFIXattributes.pt: the mean of the weights of one network for each of `averaged`."""
    photos = augmented_photos(cfg, work)
    weights = {name: class_weights(photos.labels[name], len(values)) for name, values in ATTRIBUTES.items()}

    def step_loss(net: EstimatorNet, step: int) -> Tensor:
        images, labels = next(batches)
        return photo_loss(net, net(to_tensor(images).to(cfg["device"])), labels, weights, cfg["group_weight"])

    path, states = work / "estimator" / f"{prefix}attributes.pt", []
    for number, settings in enumerate(cfg["averaged"]):
        photos.vary(**settings)
        batches = stream(lambda rng: photos.draw(cfg["batch"], cfg["size"], rng), cfg["seed"], cfg["workers"])
        torch.manual_seed(cfg["seed"])
        net = EstimatorNet(attribute_heads(photos.checked), cfg["size"], cfg["trunk"])
        states.append(train(net, step_loss, cfg["attribute_steps"], cfg | settings, path.with_name(f"{path.stem}_{number}.pt"), log).state)
    save_network(path, net, soup(states))
