"""Stage `fusion`: joins the network's attribute heads with linear heads on FaceFeatures and RegionFeatures, calibrated out of fold.

What a person would measure (a part's colour, hair on the forehead, an edge at the nose's bridge) and what ImageNet's layers
say of a region (the texture of hair or a jaw) need few examples; what a network sees in the whole picture needs many.
Their log-odds are added, with weights and class biases fitted on answers for photos that none of them saw (stage
`folds`). Nothing here looks at `dev` or `congress`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..attributes.learner import load_network
from ..attributes.network import EstimatorNet
from ..core.bundle import parse
from ..core.folds import assign_folds, sources
from ..core.image import shrink_all, to_tensor
from ..core.labels import ATTRIBUTES
from ..photos.readings import all_shares
from ..photos.smile import at_rest
from .face_features import FaceFeatures
from .joining import Train, join
from .region_features import RegionFeatures, kinds

LARGEST_DEVIATION = 4.0  # features further out than this say no more

@torch.no_grad()
def measured(parser: torch.jit.ScriptModule, net: EstimatorNet, images: np.ndarray, mesh: np.ndarray) -> Tensor:
    """FaceFeatures and RegionFeatures side by side [N, F] of aligned crops uint8 [N, S, S, 3] with meshes [N, 478, 2] in
    0..1."""
    face, region, found = FaceFeatures(), RegionFeatures(net.trunk_name), []
    for at in range(0, len(images), 32):
        crops, points = images[at:at + 32], torch.from_numpy(mesh[at:at + 32]).float()
        parts, pictures = parse(parser, to_tensor(shrink_all(crops, 128))), to_tensor(shrink_all(crops, net.size))
        found.append(torch.cat([face(pictures, parts, points), region(net.early(pictures), parts, points)], 1))
    return torch.cat(found)


class Standard(nn.Module):
    """Features in deviations from the train photos' mean."""

    def __init__(self, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def forward(self, features: Tensor) -> Tensor:
        return ((features - self.mean) / self.deviation).clamp(-LARGEST_DEVIATION, LARGEST_DEVIATION)


class Fusion(nn.Module):
    """The network's attribute and measure heads joined with linear heads on the features: witnesses, weighted, and a bias.

    state: `mean` and `deviation` [F] of the features, `weight` [F + 1, T] (the last row is added for everybody),
    `network` [T], the network's weight. Beside them stage `fusion` writes `stretch` of the skin tone, `scale`
    [M, 2] (mean and deviation) of the measures, and their `quantiles` [21, M] in deviations, as the joined heads give them
    for photos they did not see, `early`, whose features they are (`EstimatorNet.early_sha256`), and `trunks`, of the networks
    whose answers they are joined with.
    forward(output [N, total], features [N, F] as `standard` gives them) -> output with those heads replaced; they come first
    in it.
    """

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__()
        self.standard = Standard(state["mean"], state["deviation"])
        for name in ("weight", "network"):
            self.register_buffer(name, state[name])

    def forward(self, output: Tensor, features: Tensor) -> Tensor:
        count = self.network.shape[0]
        one = torch.ones_like(features[:, :1])
        heads = torch.cat([features, one], 1) @ self.weight
        return torch.cat([self.network * output[:, :count] + heads, output[:, count:]], 1)


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    parser, net = torch.jit.load(str(work / "export" / "parser.pt")).eval(), load_network(work / cfg["network"])
    with np.load(work / "cache" / "train.npz", allow_pickle=False) as arrays:
        source, fold = sources(arrays["name"]), assign_folds(arrays["person"], arrays["name"])
        labels = {name: arrays[name].astype(np.int64) for name in ATTRIBUTES}
        lengths = at_rest(arrays["checked"].astype(np.float64))
        raw = measured(parser, net, arrays["image"], arrays["mesh"])
        shares = all_shares(arrays["name"].tolist(), labels, cfg["reading_share"])
    standard = Standard(raw.mean(0), raw.std(0) + 1e-4)
    of = kinds(net.trunk_name)
    train = Train(standard(raw), torch.zeros(0), fold, source, labels, lengths, {"face": of["face"], "region": of["regions"]},
                  {name: torch.from_numpy(values).float() for name, values in shares.items()})
    trunks = [net.trunk_name]
    if cfg["by_folds"]:
        with np.load(work / "cache" / "out_of_fold.npz", allow_pickle=False) as arrays:
            train.fold, train.network, trunks = arrays["fold"], torch.from_numpy(arrays["folds"]), arrays["trunks"].tolist()
    joined = join(train, cfg)
    scale = torch.tensor([[float(value.mean()), float(value.std())] for value in lengths.values()])
    state = {"early": net.early_sha256(), "trunks": trunks, "mean": standard.mean, "deviation": standard.deviation, "scale": scale, **joined}
    torch.save(state, work / "estimator" / "fusion.pt")
