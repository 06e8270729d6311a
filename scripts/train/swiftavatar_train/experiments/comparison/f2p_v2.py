"""F2P v2 (AAAI 2020): one pass from a photo's embedding to parameters, taught by photos without labels through the imitator.

The embedding is what the frozen trunk sees, the translator is the linear heads. Losses: the drawing's features and parts
against the photo's, and the loop back: read from its own drawing, the parameters must be those that made it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter

from ...attributes.learner import train
from ...attributes.network import WHOLE_TRUNK, EstimatorNet
from ...core.batches import prefetch
from ...core.bundle import Bundle
from ...core.image import shrink_all, to_tensor
from ...engines.engine import Engine
from ...engines.semantics import Semantics
from ...estimator.heads import engine_heads
from ...gan.avatars import avatars_path
from ...photos.labelled import LabelledPhotos
from .imitator import Imitator, ParameterLayout, train_imitator
from .likeness_losses import Features, likeness, part_colors, photo_parts


def imitator_of(cfg: dict, work: Path, name: str, log: SummaryWriter) -> tuple[Imitator, ParameterLayout, Engine]:
    """The engine's imitator, trained now if there is none."""
    folder = Path(cfg["engines"]) / name
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")
    layout = ParameterLayout(engine_heads(engine, semantics, name, all_components=True), list(engine.palettes))
    return train_imitator(cfg, avatars_path(work, name), layout, engine,
                          work / "comparators" / name / "imitator.pt", log), layout, engine


def loop_back(layout: ParameterLayout, read: Tensor, row: Tensor) -> Tensor:
    """How far raw outputs read from a drawing are from the row that it was drawn from."""
    total, at = read.new_zeros(()), 0
    for head in layout.heads:
        theirs, ours = row[:, at:at + head.width], read[:, at:at + head.width]
        total = total + (F.cross_entropy(ours, theirs) if head.kind == "discrete" else
                         F.smooth_l1_loss(torch.sigmoid(ours), theirs, beta=0.1))
        at += head.width
    return total / len(layout.heads)


def train_imitated(cfg: dict, work: Path, name: str, photos: LabelledPhotos, path: Path, log: SummaryWriter) -> EstimatorNet:
    imitator, layout, engine = imitator_of(cfg, work, name, log)
    torch.manual_seed(cfg["seed"])
    features = Features()
    parts = photo_parts(Bundle(Path(cfg["bundle"])).module("parser"), photos.image)
    defaults = engine.default_avatar()["colors"]
    colors = torch.from_numpy(np.stack([layout.encode_colors(one) for one in part_colors(photos.image, parts, defaults)]))
    crops = shrink_all(photos.image, cfg["size"])
    with torch.no_grad():
        seen = torch.cat([features(to_tensor(crops[at:at + 32])) for at in range(0, len(crops), 32)])

    def draw(rng: np.random.Generator) -> np.ndarray:
        return rng.choice(len(crops), cfg["imitated_batch"], p=photos.chance)

    def loss(net: EstimatorNet, chosen: np.ndarray) -> Tensor:
        rows = torch.from_numpy(chosen)
        row = layout.relaxed(net(to_tensor(crops[chosen])), colors[rows])
        drawn = imitator(row)
        value = likeness(drawn, seen[rows], parts[rows], features, cfg["recognition"], cfg["parsing"]).mean()
        again = net(F.interpolate(drawn[0].detach(), size=(net.size, net.size), mode="bilinear"))
        return value + cfg["loop_back"] * loop_back(layout, again, row.detach())

    net = EstimatorNet(layout.heads, cfg["size"])
    average = train(net, lambda first: prefetch(draw, cfg["seed"], first), loss, cfg["steps"], cfg | {"frozen_blocks": WHOLE_TRUNK}, path, log)
    net.load_state_dict(average.state)
    return net.eval()
