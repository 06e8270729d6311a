"""Stage `attributes`: the networks that name attributes and measures, from labelled photos alone.

The second network, where there is one, is asked beside the first; each is the mean of the weights of several.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..core.batches import stream
from ..core.image import to_tensor
from ..core.labels import ATTRIBUTES
from ..photos.labelled import Batch, augmented_photos
from .learner import save_network, soup, train
from .losses import attribute_heads, class_weights, photo_loss
from .network import EstimatorNet


def members(cfg: dict) -> list[tuple[str, dict]]:
    """The networks whose answers on attributes and measures are averaged: the prefix of each one's files, and its settings."""
    if not cfg["second"]:
        return [("", cfg)]
    second = {**cfg, **cfg["second"]}
    if second["trunk"] == cfg["trunk"] or second["size"] != cfg["size"]:  # of one trunk, layers at rest would be the same twice
        raise SystemExit("[estimator] second: needs another trunk, and pictures of the same size")
    return [("", cfg), ("second_", second)]


def train_attributes(cfg: dict, work: Path, log: SummaryWriter, prefix: str = "") -> None:
    """To work/estimator/PREFIXattributes.pt: the mean of the weights of one network for each of `averaged`."""
    photos = augmented_photos(cfg, work)
    weights = {name: class_weights(photos.labels[name], len(values)) for name, values in ATTRIBUTES.items()}

    def feed(first: int) -> Iterator[Batch]:
        return stream(lambda rng: photos.draw(cfg["batch"], cfg["size"], rng), cfg["seed"], cfg["workers"], first)

    def loss(net: EstimatorNet, batch: Batch) -> Tensor:
        images, labels = batch
        return photo_loss(net, net(to_tensor(images).to(cfg["device"])), labels, weights, cfg["group_weight"])

    states = []
    for number, settings in enumerate(cfg["averaged"]):
        photos.vary(**settings)
        torch.manual_seed(cfg["seed"])
        net = EstimatorNet(attribute_heads(photos.checked), cfg["size"], cfg["trunk"])
        path = Path(cfg["scratch"]) / f"{prefix}attributes_{number}.pt"
        states.append(train(net, feed, loss, cfg["attribute_steps"], cfg | settings, path, log).state)
    save_network(work / "estimator" / f"{prefix}attributes.pt", net, soup(states))


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    with SummaryWriter(str(work / "runs" / "attributes")) as log:
        for prefix, own in members(cfg):
            train_attributes(own, work, log, prefix)
