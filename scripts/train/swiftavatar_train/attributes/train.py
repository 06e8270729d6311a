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


def rounds_of_learning(net: EstimatorNet, photos: LabelledPhotos, cfg: dict, name: str, log: SummaryWriter) -> EstimatorNet:
    """The network after the rounds of `cfg`: each has steps and rates of its own, begins with the averaged weights of the one before,
    and sees other batches."""
    weights, near = loss_weights(photos.shares), nearness(photos.shares)

    def loss(net: EstimatorNet, batch: Batch) -> Tensor:
        images, labels = batch
        return photo_loss(net, net(to_tensor(images).to(cfg["device"])), labels, weights, cfg["group_weight"], near)

    for place, settings in enumerate(cfg["rounds"]):
        seed = cfg["seed"] + place

        def feed(first: int, seed: int = seed) -> Iterator[Batch]:
            return stream(lambda rng: photos.draw(cfg["batch"], cfg["size"], rng), seed, cfg["workers"], first)

        path = Path(cfg["scratch"]) / f"{name}_{place}.pt"
        learnt = train(net, feed, loss, settings["steps"], cfg | settings | {"seed": seed}, path, log).state
        net = EstimatorNet(net.heads, net.size, net.trunk_name)  # training has changed how the other one computes
        net.load_state_dict(learnt)
    return net.eval()


def train_family(cfg: dict, work: Path, log: SummaryWriter, prefix: str = "") -> np.ndarray:
    """To work/estimator/PREFIXattributes.pt: the mean of the weights of networks each blind to one fold. Returns what they say of the
    photos of their fold, raw outputs [N, total]; NaN of photos that all have seen."""
    photos = augmented_photos(cfg, work)
    fold = assign_folds(photos.split, photos.source, cfg["folds"])
    photos.keep_apart(fold)  # what a network is blind to reaches it by no donor either
    states, said = [], None
    for number in range(cfg["folds"]):
        photos.only(~np.isin(photos.person, photos.person[fold == number]))
        net = rounds_of_learning(begun(photos, cfg, work, prefix), photos, cfg, f"{prefix}attributes_{number}", log)
        states.append(net.state_dict())
        found = answers(net, photos.image[fold == number], net.size)
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
