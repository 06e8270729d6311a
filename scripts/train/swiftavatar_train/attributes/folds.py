"""Stage `folds`: out-of-fold answers of the estimator's network over the train photos, by which everything is chosen.

Five networks, each blind to the persons of one fold, and on request a sixth that never saw the largest source and answers for it.
Each is the mean of several, as stage `attributes` makes it; where that makes a second network, so does this, and
their answers are averaged.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ..core.batches import stream
from ..core.checkpoint import load, note_progress, save, save_arrays, seed_step
from ..core.folds import FOLDS, assign_folds, sources
from ..core.image import to_tensor
from ..core.labels import ATTRIBUTES
from ..photos.labelled import Batch, LabelledPhotos, augmented_photos
from .learner import SAVE_SECONDS, Learner, answers, soup
from .losses import attribute_heads, class_weights, photo_loss
from .network import EstimatorNet
from .train import members

LARGEST = "ukparl"


class Blind:
    """A network in training that never sees the photos `left_out` (bool [N])."""

    def __init__(self, left_out: np.ndarray, photos: LabelledPhotos, cfg: dict) -> None:
        self.left_out = left_out
        self.learner = Learner(EstimatorNet(attribute_heads(photos.checked), cfg["size"], cfg["trunk"]), cfg["fold_steps"], cfg)


def answer(nets: list[Blind], photos: LabelledPhotos) -> np.ndarray:
    """Raw outputs of the mean of networks that were blind to the same photos, for these."""
    net = nets[0].learner.net
    net.load_state_dict(soup([one.learner.average.state for one in nets]))
    return answers(net.eval(), photos.image[nets[0].left_out], net.size)


def learn(nets: list[Blind], batch: Batch, step: int, weights: dict[str, Tensor], cfg: dict) -> None:
    """One step of all networks on one batch. Their losses are taken together, which is one pass over the heads for all."""
    images, labels = to_tensor(batch[0]).to(cfg["device"]), batch[1]
    seen = [np.flatnonzero(~net.left_out[labels["row"]]) for net in nets]
    outputs = [net.learner.net(images[torch.from_numpy(rows).to(images.device)]) for net, rows in zip(nets, seen)]
    labels = {name: np.concatenate([values[rows] for rows in seen]) for name, values in labels.items()}
    loss = len(nets) * photo_loss(nets[0].learner.net, torch.cat(outputs), labels, weights, cfg["group_weight"])
    for net in nets:
        net.learner.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    for net in nets:
        net.learner.follow(step)


def learn_all(left_out: dict[str, np.ndarray], photos: LabelledPhotos, cfg: dict, path: Path) -> dict[str, Blind]:
    """A network blind to each of `left_out`; all learn from the same batches, each without its own left-out photos: what is drawn
    and augmented once serves them all. `path`: the checkpoint of all together."""
    weights = {name: class_weights(photos.labels[name], len(values)) for name, values in ATTRIBUTES.items()}
    torch.manual_seed(cfg["seed"])
    nets = {name: Blind(rows, photos, cfg) for name, rows in left_out.items()}
    steps, saved, first = cfg["fold_steps"], time.monotonic(), 0
    if path.exists():
        state = load(path)
        first = state["step"]
        for name, net in nets.items():
            net.learner.load_state(state[name])
    batches = stream(lambda rng: photos.draw(cfg["batch"], cfg["size"], rng), cfg["seed"], cfg["workers"], first)
    for step in tqdm(range(first, steps), initial=first, total=steps, desc="folds", mininterval=20):
        batch = next(batches)
        seed_step(cfg["seed"], step)
        learn(list(nets.values()), batch, step, weights, cfg)
        if time.monotonic() - saved > SAVE_SECONDS or step + 1 == steps:
            save(path, step=step + 1, **{name: net.learner.state() for name, net in nets.items()})
            note_progress(path.parent, path.stem, step + 1, steps)
            saved = time.monotonic()
    return nets


def member_answers(left_out: dict[str, np.ndarray], photos: LabelledPhotos, cfg: dict, prefix: str) -> dict[str, np.ndarray]:
    """What one of the estimator's networks says of the photos that it was blind to: raw outputs for each of `left_out`."""
    learnt = []
    for number, settings in enumerate(cfg["averaged"]):
        photos.vary(**settings)
        learnt.append(learn_all(left_out, photos, cfg | settings, Path(cfg["scratch"]) / f"{prefix}folds_{number}.pt"))
    return {name: answer([nets[name] for nets in learnt], photos) for name in left_out}


def run(cfg: dict, work: Path) -> None:
    """Writes cache/out_of_fold.npz."""
    torch.set_num_threads(cfg["threads"])
    with np.load(work / "cache" / "train.npz", allow_pickle=False) as arrays:
        fold, source = assign_folds(arrays["person"], arrays["name"]), sources(arrays["name"])
    left_out = {f"fold{index}": fold == index for index in range(FOLDS)}
    large = source == LARGEST
    if cfg["leave_out_largest"] and large.any() and not large.all():
        left_out["fold_largest"] = large
    said, trunks = [], []
    for prefix, own in members(cfg):
        photos = augmented_photos(own, work)
        photos.keep_apart(2 * fold + ("fold_largest" in left_out) * large)  # what a network is blind to reaches it by no donor either
        said.append(member_answers(left_out, photos, own, prefix))
        trunks.append(own["trunk"])
    outputs: dict[str, np.ndarray] = {}
    for name, rows in left_out.items():
        found = np.mean([answers[name] for answers in said], 0)
        if name == "fold_largest":
            outputs["largest"] = found
        else:
            outputs.setdefault("folds", np.full((len(fold), found.shape[1]), np.nan, np.float32))[rows] = found
    save_arrays(work / "cache" / "out_of_fold.npz", fold=fold, trunks=np.array(trunks), **outputs)
