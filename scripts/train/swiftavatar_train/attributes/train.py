"""Stage `attributes`: the networks that name attributes, measures and styles, from labelled photos alone.

Each of `folds` networks is blind to some sources. What they say of the photos that they did not see is what everything after is
chosen by; the mean of their weights, which has seen all photos, is what ships: as good as asking all of them, at the price of one
(Wortsman et al. 2022, "Model soups"). A second family of networks, where there is one, is asked beside the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..core.batches import stream
from ..core.checkpoint import save_arrays
from ..core.folds import assign_folds
from ..core.image import to_tensor
from ..photos.labelled import Batch, LabelledPhotos, augmented_photos
from .learner import answers, load_network, save_network, soup, train
from .losses import attribute_heads, loss_weights, nearness, photo_loss
from .network import EstimatorNet


def members(cfg: dict) -> list[tuple[str, dict]]:
    """The families of networks whose answers are averaged: the prefix of each one's files, and its settings."""
    if not cfg["second"]:
        return [("", cfg)]
    second = {**cfg, **cfg["second"]}
    if second["trunk"] == cfg["trunk"] or second["size"] != cfg["size"]:  # of one trunk, layers at rest would be the same twice
        raise SystemExit("[estimator] second: needs another trunk, and pictures of the same size")
    return [("", cfg), ("second_", second)]


def begun(photos: LabelledPhotos, cfg: dict, work: Path, prefix: str) -> EstimatorNet:
    """A network before its training: with ImageNet's weights, or, `from_restored`, with those of the bundle that the flow goes on from,
    which has seen the photos of SEEN_BY_ALL."""
    torch.manual_seed(cfg["seed"])
    net = EstimatorNet(attribute_heads(photos.checked), cfg["size"], cfg["trunk"])
    if cfg["from_restored"]:
        earlier = load_network(work / "restored" / f"{prefix}attributes.pt")
        net.adopt(earlier.state_dict(), earlier.heads)
    return net


def train_family(cfg: dict, work: Path, log: SummaryWriter, prefix: str = "") -> np.ndarray:
    """To work/estimator/PREFIXattributes.pt: the mean of the weights of networks each blind to one fold. Returns what they say of the
    photos of their fold, raw outputs [N, total]; NaN of photos that all have seen."""
    photos = augmented_photos(cfg, work)
    fold = assign_folds(photos.split, photos.source, cfg["folds"])
    photos.keep_apart(fold)  # what a network is blind to reaches it by no donor either
    weights, near = loss_weights(photos.shares), nearness(photos.shares)

    def feed(first: int) -> Iterator[Batch]:
        return stream(lambda rng: photos.draw(cfg["batch"], cfg["size"], rng), cfg["seed"], cfg["workers"], first)

    def loss(net: EstimatorNet, batch: Batch) -> Tensor:
        images, labels = batch
        return photo_loss(net, net(to_tensor(images).to(cfg["device"])), labels, weights, near, cfg["group_weight"])

    states, said = [], None
    for number in range(cfg["folds"]):
        left_out = np.isin(photos.person, photos.person[fold == number])
        photos.only(~left_out)
        path = Path(cfg["scratch"]) / f"{prefix}attributes_{number}.pt"
        net = begun(photos, cfg, work, prefix)
        states.append(train(net, feed, loss, cfg["attribute_steps"], cfg, path, log).state)
        net.load_state_dict(states[-1])
        found = answers(net.eval(), photos.image[fold == number], net.size)
        said = np.full((len(photos), found.shape[1]), np.nan, np.float32) if said is None else said
        said[fold == number] = found
    net.load_state_dict(soup(states))
    save_network(work / "estimator" / f"{prefix}attributes.pt", net)
    return said


def run(cfg: dict, work: Path) -> None:
    """Writes the networks and cache/out_of_fold.npz: `answers` [N, total], the mean of the families, and their `trunks`."""
    torch.set_num_threads(cfg["threads"])
    with SummaryWriter(str(work / "runs" / "attributes")) as log:
        said = [train_family(own, work, log, prefix) for prefix, own in members(cfg)]
    save_arrays(work / "cache" / "out_of_fold.npz", answers=np.mean(said, 0), trunks=np.array([own["trunk"] for _, own in members(cfg)]))
