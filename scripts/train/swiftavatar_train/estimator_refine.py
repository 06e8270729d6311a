"""Phase `refine` of stage `estimator`: a finished network goes on with the labelled photos alone.

The engines' heads are kept to what they said before (Li and Hoiem 2016, "Learning without Forgetting"), so that neither
pairs nor renders are needed; attributes and measures go on learning.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter

from .batches import stream
from .data import ATTRIBUTES
from .estimator import class_weights, find_checkpoint, photo_loss, restore, save_network, to_tensor, train
from .estimator_engine import allowed_variants, semantic_loss
from .estimator_net import EstimatorNet, Head
from .labelled_photos import LabelledPhotos
from .semantics import Semantics


def kept_loss(heads: list[Head], output: Tensor, before: Tensor) -> Tensor:
    """How far the engines' heads are from what they said before: cross-entropy of choices, robust distance of sliders."""
    total = output.new_zeros(())
    for head in heads:
        if head.kind == "discrete":
            total = total + 0.5 * F.cross_entropy(output[:, head.slice], torch.softmax(before[:, head.slice], 1))
        elif head.kind == "slider":
            total = total + F.smooth_l1_loss(torch.sigmoid(output[:, head.offset]), torch.sigmoid(before[:, head.offset]), beta=0.1)
    return total


def variant_tables(heads: list[Head], engines: Path) -> dict[str, tuple[list[Head], dict[str, dict[str, np.ndarray]]]]:
    """engine -> its heads, and what its semantics allow by component."""
    tables = {}
    for name in sorted({head.engine for head in heads if head.engine}):
        semantics = Semantics.load(engines / name / "semantics.json")
        own = [head for head in heads if head.engine == name]
        tables[name] = own, {head.name: allowed_variants(head, semantics) for head in own if head.kind == "discrete"}
    return tables


def engines_kept(before: EstimatorNet, photos: LabelledPhotos, cfg: dict) -> Callable[[EstimatorNet], tuple[Tensor, dict[str, np.ndarray], Tensor]]:
    """ask(net) shows a network with the heads of `before` the next photos -> its output, their labels, and the loss of the engines'
    heads: what `before` says of these photos, and which variants the labels allow."""
    tables = variant_tables(before.heads, Path(cfg["engines"]))
    batches = stream(lambda rng: photos.draw(cfg["batch"], before.size, rng), cfg["seed"], cfg["workers"])

    def ask(net: EstimatorNet) -> tuple[Tensor, dict[str, np.ndarray], Tensor]:
        images, labels = next(batches)
        pictures = to_tensor(images).to(cfg["device"])
        with torch.no_grad():
            earlier = before(pictures)
        output = net(pictures)
        allowed = sum(semantic_loss(heads, output, labels, table) for heads, table in tables.values())
        return output, labels, kept_loss(net.heads, output, earlier) + 0.5 * allowed

    return ask


def between(first: dict[str, Tensor], last: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Weights at `share` of the way: better on photos unlike those of the training than either end (Wortsman et al. 2022,
    "Robust fine-tuning of zero-shot models")."""
    return {key: torch.lerp(first[key], last[key].cpu(), share) if first[key].is_floating_point() else first[key] for key in first}


def train_refine(cfg: dict, work: Path, log: SummaryWriter) -> None:
    """From the network that `export` would take to work/estimator/refined_ENGINE.pt, which it takes from then on."""
    photos = LabelledPhotos(work / "cache" / "train.npz", cfg.get("reading_share", 0.0), cfg.get("degrade_share", 1.0))
    photos.use_draw_ons(cfg["engine_draw_on_share"])
    photos.use_recolor(cfg["recolor_share"])
    weights = {name: class_weights(photos.labels[name], len(values)) for name, values in ATTRIBUTES.items()}
    net = restore(find_checkpoint(work, cfg["engine"], finished=False)).train()
    before = copy.deepcopy(net).to(cfg["device"]).eval()
    first = {key: value.clone() for key, value in net.state_dict().items()}
    ask = engines_kept(before, photos, cfg)

    def step_loss(net: EstimatorNet, step: int) -> Tensor:
        output, labels, kept = ask(net)
        return photo_loss(net, output, labels, weights, cfg["group_weight"]) + kept

    path = work / "estimator" / f"refined_{cfg['engine']}.pt"
    rates = {key: cfg[key] * cfg["refine_rate_share"] for key in ("trunk_rate", "head_rate")}
    average = train(net, step_loss, cfg["refine_steps"], {**cfg, **rates, "ema": cfg["refine_ema"]},
                    path.with_name(f"{path.stem}_steps.pt"), log)
    net.load_state_dict(between(first, average.state, cfg["refine_share"]))
    save_network(path, net)
