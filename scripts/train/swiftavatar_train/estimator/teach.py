"""Stages `teacher` and `heads`: an engine's heads, from pairs and photos.

One head per parameter of the engine: pairs from the dual-domain generators supervise them, and photos do through the engine's
semantics: the variants that a label allows share its probability. `teacher` starts from the attributes' network and lets all of it
learn; stage `distil` then sets its heads on the trunk that photos alone have taught. `heads` adds another engine's heads to a
finished network and changes nothing else in it, so that one file serves several engines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..attributes.learner import load_network, save_network, train, train_at_rest
from ..attributes.losses import loss_weights, nearness, photo_loss
from ..attributes.network import EstimatorNet
from ..core.batches import stream
from ..core.image import to_tensor
from ..engines.engine import Engine
from ..engines.semantics import Semantics
from ..pairs.files import pairs_path
from ..photos.labelled import LabelledPhotos
from .heads import Pairs, allowed_variants, engine_heads, pair_loss, semantic_loss


class Lesson:
    """What an engine's heads learn from, beside a network `base` whose heads come first."""

    def __init__(self, cfg: dict, work: Path, base: EstimatorNet) -> None:
        folder, self.cfg = Path(cfg["engines"]) / cfg["engine"], cfg
        engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")
        self.photos = LabelledPhotos(work / "cache", cfg["training"])  # all degraded, as the generated faces
        self.photos.use_draw_ons(cfg["engine_draw_on_share"])
        self.heads = engine_heads(engine, semantics, cfg["engine"])
        self.net = EstimatorNet([*map(replace, base.heads), *self.heads], base.size, base.trunk_name)
        self.net.adopt(base.state_dict(), base.heads)
        self.tables = {head.name: allowed_variants(head, semantics) for head in self.heads if head.kind == "discrete"}
        self.pairs = Pairs(pairs_path(work, cfg["engine"]), engine, semantics, self.heads)

    def feed(self, first: int) -> Iterator[Any]:
        of_pairs, size = self.cfg["pairs_in_batch"], self.net.size
        return stream(lambda rng: (self.photos.draw(self.cfg["batch"] - of_pairs, size, rng), self.pairs.draw(of_pairs, size, rng)),
                      self.cfg["seed"], self.cfg["workers"], first)

    def outputs(self, net: EstimatorNet, batch: Any) -> tuple[Tensor, Tensor]:
        """Of the photos, and of the pairs' faces."""
        (images, _), (faces, _) = batch
        output = net(to_tensor(np.concatenate([images, faces])).to(self.cfg["device"]))
        return output[:len(images)], output[len(images):]

    def engine_loss(self, on_photos: Tensor, on_pairs: Tensor, batch: Any) -> Tensor:
        (_, labels), (_, targets) = batch
        return 0.5 * semantic_loss(self.heads, on_photos, labels, self.tables) + pair_loss(self.heads, on_pairs, targets)


def run_teacher(cfg: dict, work: Path) -> None:
    """From attributes.pt to work/estimator/teacher.pt."""
    torch.set_num_threads(cfg["threads"])
    lesson = Lesson(cfg, work, load_network(work / "estimator" / "attributes.pt"))
    weights, near = loss_weights(lesson.photos.shares), nearness(lesson.photos.shares)

    def loss(net: EstimatorNet, batch: Any) -> Tensor:
        on_photos, on_pairs = lesson.outputs(net, batch)
        return lesson.engine_loss(on_photos, on_pairs, batch) + photo_loss(net, on_photos, batch[0][1], weights, cfg["group_weight"], near)

    rates = {name: cfg[name] * cfg["engine_rate_share"] for name in ("trunk_rate", "head_rate")}
    with SummaryWriter(str(work / "runs" / "teacher")) as log:
        average = train(lesson.net, lesson.feed, loss, cfg["engine_steps"], cfg | rates, Path(cfg["scratch"]) / "teacher.pt", log)
    save_network(work / "estimator" / "teacher.pt", lesson.net, average.state)


def run_heads(cfg: dict, work: Path) -> None:
    """From the network that cfg["base"] names to work/estimator/heads_ENGINE.pt."""
    torch.set_num_threads(cfg["threads"])
    base = load_network(work / cfg["base"])
    lesson = Lesson(cfg, work, base)
    with SummaryWriter(str(work / "runs" / f"heads_{cfg['engine']}")) as log:
        train_at_rest(lesson.net, lesson.feed, lambda net, batch: lesson.engine_loss(*lesson.outputs(net, batch), batch), base, cfg,
                      Path(cfg["scratch"]) / "heads.pt", log)
    save_network(work / "estimator" / f"heads_{cfg['engine']}.pt", lesson.net)
