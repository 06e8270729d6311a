"""Phase `refine` of stage `estimator`: a finished network goes on with the labelled photos alone.

The engines' heads are kept to what they said before (Li and Hoiem 2016, "Learning without Forgetting"), so that neither
pairs nor renders are needed; attributes and measures go on learning.
"""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..attributes.learner import load_network, save_network, train
from ..attributes.losses import class_weights, photo_loss
from ..attributes.network import EstimatorNet
from ..core.labels import ATTRIBUTES
from ..photos.labelled import LabelledPhotos
from .distil import engines_kept
from .teach import find_checkpoint


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
    net = load_network(find_checkpoint(work, cfg["engine"], finished=False)).train()
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
