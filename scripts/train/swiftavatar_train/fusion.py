"""Stage `fusion`: linear attribute heads on FaceFeatures, to stand beside the network's; regularised out of fold.

What a person would measure (a part's colour, hair on the forehead, an edge at the nose's bridge) needs few examples; what
a network sees in the whole picture needs many. Where both are good (`fused` of stage `export`), their log-odds are added.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .bundle import Bundle, parse
from .calibrate import BALANCED
from .data import ATTRIBUTES
from .estimator import to_tensor
from .evaluate import scores
from .face_features import FaceFeatures
from .folds import assign_folds, sources
from .resize import shrink_all

LARGEST_DEVIATION = 4.0  # features further out than this say no more


def widths() -> dict[str, slice]:
    """Where each attribute's outputs lie, in the network's layout: attributes come first."""
    places, at = {}, 0
    for name, values in ATTRIBUTES.items():
        places[name] = slice(at, at + len(values))
        at += len(values)
    return places


@torch.no_grad()
def face_features(parser: torch.jit.ScriptModule, images: np.ndarray, mesh: np.ndarray, size: int) -> np.ndarray:
    """FaceFeatures [N, F] of aligned crops uint8 [N, S, S, 3] with meshes [N, 478, 2] in 0..1."""
    module, found = FaceFeatures(), []
    for at in range(0, len(images), 32):
        crops = images[at:at + 32]
        parts = parse(parser, to_tensor(shrink_all(crops, 128)))
        found.append(module(to_tensor(shrink_all(crops, size)), parts, torch.from_numpy(mesh[at:at + 32]).float()))
    return torch.cat(found).numpy()


class Standard(nn.Module):
    """Features in deviations from the train photos' mean."""

    def __init__(self, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def forward(self, features: Tensor) -> Tensor:
        return ((features - self.mean) / self.deviation).clamp(-LARGEST_DEVIATION, LARGEST_DEVIATION)


def fuse(network: Tensor, face: Tensor) -> Tensor:
    """Two witnesses' log-probabilities, added."""
    return torch.log_softmax(network, 1) + torch.log_softmax(face, 1)


class Fusion(nn.Module):
    """Adds the log-probabilities of face heads to those of the network, for the attributes that are named.

    forward(output [N, total], bias [N] of the network's own heads, features [N, F]) -> output with those heads fused.
    """

    def __init__(self, state: dict[str, Tensor], fused: list[str], biases: dict[str, list[float]]) -> None:
        super().__init__()
        self.standard = Standard(state["mean"], state["deviation"])
        self.places = [place for name, place in widths().items() if name in fused]
        for name in ("weight", "bias"):
            self.register_buffer(name, torch.cat([state[name][..., place] for place in self.places], -1))
        self.own = [torch.tensor(biases.get(name, [0.0] * len(ATTRIBUTES[name]))) for name in widths() if name in fused]

    def forward(self, output: Tensor, features: Tensor) -> Tensor:
        heads = self.standard(features) @ self.weight + self.bias
        pieces, done, read = [], 0, 0
        for place, own in zip(self.places, self.own):
            width = place.stop - place.start
            pieces += [output[:, done:place.start], fuse(output[:, place] + own, heads[:, read:read + width])]
            done, read = place.stop, read + width
        return torch.cat([*pieces, output[:, done:]], 1)


def example_weights(name: str, labels: np.ndarray, source: np.ndarray) -> Tensor:
    """Weights [N], mean 1: sources by the root of their size; both sides of a BALANCED attribute count the same, the
    classes of others by the root of their frequency."""
    values, counts = np.unique(source, return_counts=True)
    weight = 1 / np.sqrt(counts[np.searchsorted(values, source)])
    groups = BALANCED.get(name)
    if groups:
        group = np.array([next(place for place, values in enumerate(groups) if ATTRIBUTES[name][label] in values)
                          for label in labels])
        mass = np.bincount(group, weight, minlength=len(groups))
        weight = weight / mass[group]
    else:
        frequency = np.bincount(labels, minlength=len(ATTRIBUTES[name]))
        weight = weight / np.maximum(frequency, 4)[labels] ** 0.5
    return torch.from_numpy(weight / weight.mean()).float()


def minimise(parameters: list[Tensor], loss) -> None:
    optimiser = torch.optim.LBFGS(parameters, max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return value

    optimiser.step(closure)


def fit_linear(features: Tensor, labels: Tensor, weights: Tensor, count: int, penalty: float) -> tuple[Tensor, Tensor]:
    """Multinomial logistic regression with a quadratic penalty: weight [F, count], bias [count]."""
    weight = torch.zeros(features.shape[1], count, requires_grad=True)
    bias = torch.zeros(count, requires_grad=True)
    minimise([weight, bias], lambda: (F.cross_entropy(features @ weight + bias, labels, reduction="none") * weights).mean()
             + penalty * weight.pow(2).sum())
    return weight.detach(), bias.detach()


def out_of_fold(features: Tensor, labels: np.ndarray, weights: Tensor, fold: np.ndarray, count: int,
                penalty: float) -> Tensor:
    """Logits [N, count] of linear heads for photos that they did not see."""
    known, found = labels >= 0, torch.zeros(len(labels), count)
    for index in np.unique(fold):
        rows = known & (fold != index)
        weight, bias = fit_linear(features[rows], torch.from_numpy(labels[rows]), weights[rows[known]], count, penalty)
        found[fold == index] = features[fold == index] @ weight + bias
    return found


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    parser = Bundle(Path(cfg["bundle"])).module("parser")
    with np.load(work / "cache" / "train.npz", allow_pickle=False) as arrays:
        source, fold = sources(arrays["name"]), assign_folds(arrays["person"], arrays["name"])
        all_labels = {name: arrays[name].astype(np.int64) for name in ATTRIBUTES}
        raw = torch.from_numpy(face_features(parser, arrays["image"], arrays["mesh"], cfg["size"]))
    standard = Standard(raw.mean(0), raw.std(0) + 1e-4)
    features, places = standard(raw), widths()
    total = sum(len(values) for values in ATTRIBUTES.values())
    weight, bias = torch.zeros(features.shape[1], total), torch.zeros(total)
    guess = {}
    for name, place in places.items():
        labels, count = all_labels[name], place.stop - place.start
        known = labels >= 0
        target, weights = torch.from_numpy(labels[known]), example_weights(name, labels[known], source[known])
        tried = {penalty: out_of_fold(features, labels, weights, fold, count, penalty) for penalty in cfg["penalties"]}

        def error(penalty: float) -> float:
            return float((F.cross_entropy(tried[penalty][known], target, reduction="none") * weights).mean())

        penalty = min(tried, key=error)
        guess[name] = tried[penalty].argmax(1).numpy()
        weight[:, place], bias[place] = fit_linear(features[known], target, weights, count, penalty)
        print(json.dumps({"attribute": name, "penalty": penalty, "error": round(error(penalty), 3)}), flush=True)
    print(json.dumps({"out of fold": {name: round(value, 3) for name, value in scores(guess, all_labels).items()}}))
    (work / "estimator").mkdir(parents=True, exist_ok=True)
    torch.save({"mean": standard.mean, "deviation": standard.deviation, "weight": weight, "bias": bias},
               work / "estimator" / "fusion.pt")
