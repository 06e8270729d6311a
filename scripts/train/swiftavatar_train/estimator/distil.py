"""Phase `distil` of stage `estimator`: the engines' heads of a finished network, on the trunk of the attributes' network.

Pairs teach the engines' heads, and attributes nothing that labelled photos do not teach better (docs/likeness.md). So photos
alone teach the trunk (phase `attributes`, as the networks of stage `folds`), and with the trunk at rest heads for the engines
learn what those of the finished network say of the same pictures (Hinton et al. 2015, "Distilling the knowledge in a neural
network").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter

from ..attributes.learner import load_network, save_network, train_at_rest
from ..attributes.network import EstimatorNet, Head
from ..core.batches import stream
from ..core.image import to_tensor
from ..engines.semantics import Semantics
from ..photos.labelled import LabelledPhotos
from .heads import allowed_variants, semantic_loss
from .teach import find_checkpoint


def train_distil(cfg: dict, work: Path, log: SummaryWriter) -> None:
    """From attributes.pt and the network that `export` would take to work/estimator/distilled_ENGINE.pt, which it takes from then
    on, unless phase `refine` has made one."""
    folder = work / "estimator"
    photos = LabelledPhotos(work / "cache" / "train.npz", cfg.get("reading_share", 0.0), cfg.get("degrade_share", 1.0))
    photos.use_draw_ons(cfg["engine_draw_on_share"])
    before = load_network(find_checkpoint(work, cfg["engine"], finished=False)).to(cfg["device"])
    learnt = load_network(folder / "attributes.pt")
    net = EstimatorNet([replace(head) for head in before.heads], learnt.size, learnt.trunk_name)
    net.adopt(learnt.state_dict(), learnt.heads)
    ask = engines_kept(before, photos, cfg)
    path = folder / f"distilled_{cfg['engine']}.pt"
    train_at_rest(net, lambda net, step: ask(net)[-1], learnt, cfg, path.with_name(f"{path.stem}_steps.pt"), log)
    save_network(path, net)


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
