"""The engines' heads from pairs and photos."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..attributes.learner import load_network, save_network, train, train_at_rest
from ..attributes.losses import class_weights, photo_loss
from ..attributes.network import EstimatorNet
from ..attributes.train import members, train_attributes
from ..core.batches import stream
from ..core.image import to_tensor
from ..core.labels import ATTRIBUTES
from ..engines.engine import Engine
from ..engines.semantics import Semantics
from ..pairs.files import pairs_path
from ..photos.labelled import LabelledPhotos
from .heads import Pairs, allowed_variants, engine_heads, pair_loss, semantic_loss


def find_checkpoint(work: Path, engine: str, finished: bool = True) -> Path:
    """The newest whole network with the heads of `engine`: a trained one goes before one restored from a bundle, and one
    distilled from either, where `finished`, before both."""
    for name in (*([f"distilled_{engine}"] if finished else []), engine, f"restored_{engine}", "attributes"):
        if (path := work / "estimator" / f"{name}.pt").exists():
            return path
    raise SystemExit(f"{work / 'estimator'}: no network has the heads of {engine}; run stage estimator or load_network first")


def train_engine(cfg: dict, work: Path, log: SummaryWriter) -> None:
    folder = Path(cfg["engines"]) / cfg["engine"]
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")
    photos = LabelledPhotos(work / "cache" / "train.npz", cfg.get("reading_share", 0.0))  # all degraded, as the generated faces
    photos.use_draw_ons(cfg["engine_draw_on_share"])
    weights = {name: class_weights(photos.labels[name], len(values)) for name, values in ATTRIBUTES.items()}
    adds = cfg["phase"] == "heads"
    base = load_network(find_checkpoint(work, cfg["joins"]) if adds else work / "estimator" / "attributes.pt")
    heads = engine_heads(engine, semantics, cfg["engine"])
    net = EstimatorNet([*map(replace, base.heads), *heads], base.size, base.trunk_name)
    net.adopt(base.state_dict(), base.heads)
    tables = {head.name: allowed_variants(head, semantics) for head in heads if head.kind == "discrete"}
    pairs = Pairs(pairs_path(work, cfg["engine"]), engine, semantics, heads)
    counts = cfg["batch"] - cfg["pairs_in_batch"], cfg["pairs_in_batch"]
    batches = stream(lambda rng: (photos.draw(counts[0], base.size, rng), pairs.draw(counts[1], base.size, rng)),
                     cfg["seed"], cfg["workers"])

    def step_loss(net: EstimatorNet, step: int) -> Tensor:
        (images, labels), (faces, targets) = next(batches)
        output = net(to_tensor(np.concatenate([images, faces])).to(cfg["device"]))
        on_photos, on_pairs = output[:len(images)], output[len(images):]
        loss = 0.5 * semantic_loss(heads, on_photos, labels, tables)
        if adds:
            return loss + pair_loss(heads, on_pairs, targets)
        return (loss + photo_loss(net, on_photos, labels, weights, cfg["group_weight"])
                + pair_loss(net.heads, on_pairs, targets))

    path = work / "estimator" / f"{cfg['engine']}.pt"
    if not adds:
        rates = {"trunk_rate": cfg["trunk_rate"] * cfg["engine_rate_share"],
                 "head_rate": cfg["head_rate"] * cfg["engine_rate_share"]}
        train(net, step_loss, cfg["engine_steps"], {**cfg, **rates}, path, log)
        return
    train_at_rest(net, step_loss, base, cfg, path.with_name(f"{cfg['engine']}_heads.pt"), log)
    save_network(path, net)


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    torch.manual_seed(cfg["seed"])
    (work / "estimator").mkdir(parents=True, exist_ok=True)
    with SummaryWriter(str(work / "runs" / "estimator")) as log:
        if cfg["phase"] in ("all", "attributes"):
            for prefix, own in members(cfg):
                train_attributes(own, work, log, prefix)
        if cfg["phase"] in ("all", "engine", "heads"):
            train_engine(cfg, work, log)
        if cfg["phase"] in ("all", "distil"):
            from .distil import train_distil
            train_distil(cfg, work, log)
