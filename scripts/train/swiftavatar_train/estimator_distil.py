"""Phase `distil` of stage `estimator`: the engines' heads of a finished network, on the trunk of the attributes' network.

Pairs teach the engines' heads, and attributes nothing that labelled photos do not teach better (docs/likeness.md). So photos
alone teach the trunk (phase `attributes`, as the networks of stage `folds`), and with the trunk at rest heads for the engines
learn what those of the finished network say of the same pictures (Hinton et al. 2015, "Distilling the knowledge in a neural
network").
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from .estimator import find_checkpoint, restore, save_network, train_at_rest
from .estimator_net import EstimatorNet
from .estimator_refine import engines_kept
from .labelled_photos import LabelledPhotos


def train_distil(cfg: dict, work: Path, log: SummaryWriter) -> None:
    """From attributes.pt and the network that `export` would take to work/estimator/distilled_ENGINE.pt, which it takes from then
    on, unless phase `refine` has made one."""
    folder = work / "estimator"
    photos = LabelledPhotos(work / "cache" / "train.npz", cfg.get("reading_share", 0.0), cfg.get("degrade_share", 1.0))
    photos.use_draw_ons(cfg["engine_draw_on_share"])
    before = restore(find_checkpoint(work, cfg["engine"], finished=False)).to(cfg["device"])
    learnt = restore(folder / "attributes.pt")
    net = EstimatorNet([replace(head) for head in before.heads], learnt.size, learnt.trunk_name)
    net.adopt(learnt.state_dict(), learnt.heads)
    ask = engines_kept(before, photos, cfg)
    path = folder / f"distilled_{cfg['engine']}.pt"
    train_at_rest(net, lambda net, step: ask(net)[-1], learnt, cfg, path.with_name(f"{path.stem}_steps.pt"), log)
    save_network(path, net)
