"""Stage `readers`: networks that name attributes and have never seen a face of G_r.

One has learnt from labelled photos, one from renders and MakeHuman heads alone. What they see in generated faces decides what
pairs teach (pairs/filter.py); how often photos show what, as the second one sees it, is how avatars are weighed
for pairs that read no label (pairs/code_map.py).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

from ..attributes.learner import save_network
from ..attributes.network import EstimatorNet
from ..core.image import to_tensor
from ..core.labels import ATTRIBUTES
from ..gan.data import load_photos
from .files import reader_path, shares_path
from .filter import outputs
from .sources import load_sources, train_row

READERS = {"photos": ("photos",), "without photos": ("renders", "makehuman")}  # by what they learn from


def train_reader(name: str, cfg: dict, work: Path, log: SummaryWriter) -> EstimatorNet:
    """Learns from MakeHuman heads where the settings have them."""
    there = [source for source in READERS[name] if source != "makehuman" or cfg["with_makehuman"]]
    batch = {source: cfg["batch"] // len(there) for source in there}
    path = reader_path(work, name)
    net = train_row(batch, load_sources(cfg, work, there), cfg["seed"], cfg, Path(cfg["scratch"]) / path.name, log)
    save_network(path, net)
    return net


def expected_shares(net: EstimatorNet, images: np.ndarray) -> dict[str, dict[str, float]]:
    """How often pictures uint8 [N, S, S, 3] show each value of an attribute, by the mean of its probabilities."""
    output = torch.cat([outputs(net, to_tensor(images[at:at + 64])) for at in range(0, len(images), 64)])
    return {head.name: dict(zip(ATTRIBUTES[head.name], output[:, head.slice].softmax(1).mean(0).tolist()))
            for head in net.heads if head.kind == "attribute"}


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    with SummaryWriter(str(work / "runs" / "readers")) as log:
        nets = {name: train_reader(name, cfg, work, log) for name in READERS}
    shares_path(work).write_text(json.dumps(expected_shares(nets["without photos"], load_photos(work, "train").image), indent=1) + "\n")
