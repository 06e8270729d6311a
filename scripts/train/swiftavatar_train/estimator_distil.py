"""Phase `distil` of stage `estimator`: the engines' heads of a finished network, on the trunk of the attributes' network.

Pairs teach the engines' heads, and attributes nothing that labelled photos do not teach better (docs/likeness.md). So photos
alone teach the trunk (phase `attributes`, as the networks of stage `folds`), and with the trunk at rest heads for the engines
learn what those of the finished network say of the same pictures (Hinton et al. 2015, "Distilling the knowledge in a neural
network").
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from .batches import stream
from .estimator import Photos, find_checkpoint, load, restore, save, to_tensor, train
from .estimator_engine import semantic_loss
from .estimator_net import WHOLE_TRUNK, EstimatorNet, Head
from .estimator_refine import kept_loss, variant_tables


def train_distil(cfg: dict, work: Path, log: SummaryWriter) -> None:
    """From attributes.pt and the network that `export` would take to work/estimator/distilled_ENGINE.pt, which it takes from then
    on."""
    folder = work / "estimator"
    photos = Photos(work / "cache" / "train.npz", cfg.get("reading_share", 0.0), cfg.get("degrade_share", 1.0))
    photos.use_draw_ons(cfg["engine_draw_on_share"])
    before = restore(find_checkpoint(work, cfg["engine"], finished=False)).to(cfg["device"])
    saved = load(folder / "attributes.pt")
    free = [Head(**head) for head in json.loads(saved["heads"])]
    net = EstimatorNet([replace(head) for head in before.heads], cfg["size"], cfg["trunk"])
    net.adopt(saved["ema"], free)
    tables = variant_tables(net.heads, Path(cfg["engines"]))
    batches = stream(lambda rng: photos.draw(cfg["batch"], net.size, rng), cfg["seed"], cfg["workers"])

    def step_loss(net: EstimatorNet, step: int) -> Tensor:
        images, labels = next(batches)
        pictures = to_tensor(images).to(cfg["device"])
        with torch.no_grad():
            earlier = before(pictures)
        output = net(pictures)
        loss = kept_loss(net.heads, output, earlier)
        return loss + sum(0.5 * semantic_loss(heads, output, labels, allowed) for heads, allowed in tables.values())

    path = folder / f"distilled_{cfg['engine']}.pt"
    average = train(net, step_loss, cfg["engine_steps"], {**cfg, "frozen_blocks": WHOLE_TRUNK},
                    path.with_name(f"{path.stem}_steps.pt"), log)
    net.cpu().load_state_dict(average.state)
    net.adopt(saved["ema"], free)  # weight decay has touched them
    save(path, ema=net.state_dict(), size=net.size, trunk=net.trunk_name, heads=json.dumps([asdict(head) for head in net.heads]))
