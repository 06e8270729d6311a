"""Stage `folds`: out-of-fold answers of the estimator's network over the train photos, by which everything is chosen.

Five networks, each blind to the persons of one fold, and a sixth that never saw the largest source and answers for it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from .data import ATTRIBUTES
from .estimator import Photos, attribute_heads, class_weights, photo_loss, prefetch, restore, to_tensor, train
from .estimator_net import EstimatorNet
from .folds import FOLDS, assign_folds, sources
from .resize import shrink_all

LARGEST = "ukparl"


@torch.no_grad()
def answers(net: EstimatorNet, images: np.ndarray, size: int) -> np.ndarray:
    """Raw outputs [N, total] of the network for aligned crops uint8 [N, S, S, 3]."""
    small = shrink_all(images, size)
    return torch.cat([net(to_tensor(small[at:at + 16])) for at in range(0, len(small), 16)]).numpy()


def train_fold(cfg: dict, work: Path, photos: Photos, left_out: np.ndarray, name: str, log: SummaryWriter) -> np.ndarray:
    """Trains on all photos but `left_out` (bool [N]) and answers for those."""
    path = work / "estimator" / f"{name}.pt"
    photos.only(~left_out)
    weights = {key: class_weights(photos.labels[key][~left_out], len(values)) for key, values in ATTRIBUTES.items()}
    rng = np.random.default_rng(cfg["seed"])
    batches = prefetch(lambda: photos.draw(cfg["batch"], cfg["size"], rng))

    def step_loss(net: EstimatorNet, step: int) -> Tensor:
        images, labels = next(batches)
        return photo_loss(net, net(to_tensor(images)), labels, weights)

    train(EstimatorNet(attribute_heads(photos.checked), cfg["size"]), step_loss, cfg["fold_steps"], cfg, path, log)
    batches.close()
    return answers(restore(path), photos.image[left_out], cfg["size"])


def run(cfg: dict, work: Path) -> None:
    cfg = {**cfg["stages"]["estimator"], **cfg}
    torch.set_num_threads(cfg["threads"])
    torch.manual_seed(cfg["seed"])
    (work / "estimator").mkdir(parents=True, exist_ok=True)
    photos = Photos(work / "cache" / "train.npz")
    if cfg["draw_on_share"]:
        photos.use_draw_ons(cfg["draw_on_share"])
    with np.load(work / "cache" / "train.npz", allow_pickle=False) as arrays:
        fold, source = assign_folds(arrays["person"], arrays["name"]), sources(arrays["name"])
    outputs: dict[str, np.ndarray] = {}
    with SummaryWriter(str(work / "runs" / "folds")) as log:
        for index in range(FOLDS):
            found = train_fold(cfg, work, photos, fold == index, f"fold{index}", log)
            outputs.setdefault("folds", np.full((len(fold), found.shape[1]), np.nan, np.float32))[fold == index] = found
            np.savez(work / "cache" / "out_of_fold.npz", fold=fold, **outputs)
        large = source == LARGEST
        if cfg["leave_out_largest"] and large.any() and not large.all():
            outputs["largest"] = train_fold(cfg, work, photos, large, "fold_largest", log)
    np.savez(work / "cache" / "out_of_fold.npz", fold=fold, **outputs)
