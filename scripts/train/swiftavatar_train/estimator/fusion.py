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
from ..core.folds import assign_folds
from ..core.image import shrink_all, to_tensor
from ..core.labels import PARTS, ear_size, mesh_measures
from ..photos.labelled import PhotoSet
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


def read_off(parser: torch.jit.ScriptModule, images: np.ndarray, mesh: np.ndarray) -> dict[str, Tensor]:
    """The quantiles [21] of the measures that the program reads off mesh and parts, over all people who show them."""
    ears = []
    for at in range(0, len(images), 32):
        parts = parse(parser, to_tensor(shrink_all(images[at:at + 32], 128)))[:, PARTS.index("ear")].numpy() > 0.5
        ears += [ear_size(seen, points) for seen, points in zip(parts, mesh[at:at + 32])]
    found = {**mesh_measures(mesh), "ear_size": np.array(ears)}
    return {name: torch.from_numpy(np.nanquantile(values, np.linspace(0, 1, 21)).astype(np.float32)) for name, values in found.items()
            if np.isfinite(values).any()}


class Standard(nn.Module):
    """Features in deviations from the train photos' mean."""

    def __init__(self, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def forward(self, features: Tensor) -> Tensor:
        return ((features - self.mean) / self.deviation).clamp(-LARGEST_DEVIATION, LARGEST_DEVIATION)


class Fusion(nn.Module):
    """The network's heads of attributes, measures and styles joined with linear heads on the features: witnesses, weighted, and a bias.

    state: `mean` and `deviation` [F] of the features, `weight` [F + 1, T] (the last row is added for everybody),
    `network` [T], the network's weight. Beside them stage `fusion` writes `stretch` of the skin tone, `scale`
    [M, 2] (mean and deviation) of the measures, and their `quantiles` [21, M] in deviations, as the joined heads give them
    for photos they did not see, `read_off` NAME -> [21], those of the measures that the program reads off mesh and parts, `early`, whose features they are (`EstimatorNet.early_sha256`), and `trunks`, of the networks
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


# Which of the region features a head may be fitted on; of others, those of face and hair.
REGIONS = {"style:clothes": "clothes", "style:glasses": "eyes", "glasses": "eyes", "earrings": "ears"}


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    parser, net = torch.jit.load(str(work / "export" / "parser.pt")).eval(), load_network(work / cfg["network"])
    photos = PhotoSet(work / "cache", cfg["training"])
    raw = measured(parser, net, photos.image, photos.mesh)
    standard = Standard(raw.mean(0), raw.std(0) + 1e-4)
    of = kinds(net.trunk_name)
    with np.load(work / "cache" / "out_of_fold.npz", allow_pickle=False) as arrays:
        network, trunks = torch.from_numpy(arrays["answers"]), arrays["trunks"].tolist()
    lengths = at_rest(photos.checked.astype(np.float64))
    train = Train(standard(raw), network, assign_folds(photos.split, photos.source, cfg["folds"]), photos.source, photos.shares, lengths,
                  {name: {"face": of["face"], "region": of[REGIONS.get(name, "regions")]} for name in photos.shares})
    scale = torch.tensor([[float(value.mean()), float(value.std())] for value in lengths.values()])
    state = {"early": net.early_sha256(), "trunks": trunks, "mean": standard.mean, "deviation": standard.deviation, "scale": scale,
             "read_off": read_off(parser, photos.image, photos.mesh), **join(train, cfg)}
    torch.save(state, work / "estimator" / "fusion.pt")
