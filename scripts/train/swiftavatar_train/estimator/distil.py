"""Stage `distil`: the engines' heads of the teacher, on the trunk of the attributes' network.

Pairs teach the engines' heads, and attributes nothing that labelled photos do not teach better (docs/likeness.md). So photos
alone teach the trunk (stage `attributes`, as the networks of stage `folds`), and with the trunk at rest heads for the engines
learn what those of the teacher say of the same pictures (Hinton et al. 2015, "Distilling the knowledge in a neural
network").
"""

from __future__ import annotations

from collections.abc import Iterator
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
from ..photos.labelled import Batch, LabelledPhotos
from .heads import allowed_variants, semantic_loss, styled


def kept_loss(heads: list[tuple[Head, Head]], output: Tensor, before: Tensor) -> Tensor:
    """How far the engines' heads are from what they said before: cross-entropy of choices, robust distance of sliders. `heads`: each
    as it lies in `output`, and as it lay in `before`."""
    total = output.new_zeros(())
    for head, old in heads:
        if head.kind == "discrete":
            total = total + 0.5 * F.cross_entropy(output[:, head.slice], torch.softmax(before[:, old.slice], 1))
        elif head.kind == "slider":
            total = total + F.smooth_l1_loss(torch.sigmoid(output[:, head.offset]), torch.sigmoid(before[:, old.offset]), beta=0.1)
    return total


def variant_tables(heads: list[Head], engines: Path) -> dict[str, tuple[list[Head], dict[str, dict[str, np.ndarray]]]]:
    """engine -> its heads, and what its semantics allow by component."""
    tables = {}
    for name in sorted({head.engine for head in heads if head.engine}):
        semantics = Semantics.load(engines / name / "semantics.json")
        own = [head for head in heads if head.engine == name]
        tables[name] = own, {head.name: allowed_variants(head, semantics) for head in own if head.kind == "discrete"}
    return tables


def run(cfg: dict, work: Path) -> None:
    """From attributes.pt and teacher.pt to work/estimator/distilled.pt."""
    torch.set_num_threads(cfg["threads"])
    folder = work / "estimator"
    photos = LabelledPhotos(work / "cache", cfg["training"], cfg["degrade_share"])
    photos.use_draw_ons(cfg["engine_draw_on_share"])
    teacher, learnt = load_network(folder / "teacher.pt").to(cfg["device"]), load_network(folder / "attributes.pt")
    kept = [head for head in teacher.heads if head.engine and not styled(head.name, head.options)]
    net = EstimatorNet([replace(head) for head in (*learnt.heads, *kept)], learnt.size, learnt.trunk_name)
    net.adopt(learnt.state_dict(), learnt.heads)
    own = net.heads[len(learnt.heads):]
    tables = variant_tables(own, Path(cfg["engines"]))

    def feed(first: int) -> Iterator[Batch]:
        return stream(lambda rng: photos.draw(cfg["batch"], teacher.size, rng), cfg["seed"], cfg["workers"], first)

    def loss(net: EstimatorNet, batch: Batch) -> Tensor:
        """What the teacher says of these photos, and which variants the labels allow."""
        pictures = to_tensor(batch[0]).to(cfg["device"])
        with torch.no_grad():
            said = teacher(pictures)
        output = net(pictures)
        allowed = sum(semantic_loss(heads, output, batch[1], table) for heads, table in tables.values())
        return kept_loss(list(zip(own, kept)), output, said) + 0.5 * allowed

    with SummaryWriter(str(work / "runs" / "distil")) as log:
        train_at_rest(net, feed, loss, learnt, cfg, Path(cfg["scratch"]) / "distilled.pt", log)
    save_network(folder / "distilled.pt", net)
