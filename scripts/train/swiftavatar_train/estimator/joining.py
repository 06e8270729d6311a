"""Fits the heads on measured features and the weights that join them with the network's, all out of fold."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor
from torch.nn import functional as F

from ..attributes.losses import group_logits
from ..core.folds import source_weights
from ..core.labels import ATTRIBUTES, BALANCED, GROUPS, groups_of
from ..core.linear import fit_linear, fit_ridge, minimise
from .calibrate import stretched_tone
from .face_features import FEATURES as FACE


def widths() -> dict[str, slice]:
    """Where each attribute's outputs lie, in the network's layout: attributes come first, then a place a measure."""
    places, at = {}, 0
    for name, values in ATTRIBUTES.items():
        places[name] = slice(at, at + len(values))
        at += len(values)
    return places


def example_weights(name: str, labels: np.ndarray, source: np.ndarray, balance: float | None = None) -> Tensor:
    """Weights [N], mean 1: those of the sources, and the sides of a BALANCED attribute, the classes of others, count by their
    frequency to the power -`balance`: 0 as they come, 1 all the same. By default 1 for BALANCED, 0.5 for others."""
    weight = source_weights(source)
    if balance is None:
        balance = 1.0 if name in BALANCED else 0.5
    groups = GROUPS[name] if name in BALANCED else None
    if groups:
        group = np.array([next(place for place, values in enumerate(groups) if ATTRIBUTES[name][label] in values)
                          for label in labels])
        mass = np.bincount(group, weight, minlength=len(groups))
        weight = weight / mass[group] ** balance
    else:
        frequency = np.bincount(labels, minlength=len(ATTRIBUTES[name]))
        weight = weight / np.maximum(frequency, 4)[labels] ** balance
    return torch.from_numpy(weight / weight.mean()).float()


def out_of_fold(features: Tensor, labels: np.ndarray, weights: Tensor, fold: np.ndarray, count: int, penalty: float,
                shares: Tensor | None = None) -> Tensor:
    """Logits [N, count] of linear heads for photos that they did not see; `shares` [N, count]: how likely each label is."""
    known, found = labels >= 0, torch.zeros(len(labels), count)
    wanted = torch.from_numpy(labels) if shares is None else shares
    for index in np.unique(fold):
        rows = known & (fold != index)
        weight, bias = fit_linear(features[rows], wanted[rows], weights[rows[known]], count, penalty)
        found[fold == index] = features[fold == index] @ weight + bias
    return found


@dataclass
class Judge:
    """How far logits are from labels: first the group, then a little the value inside it, as the program decides."""

    groups: list[list[int]]
    labels: Tensor     # [N]
    weights: Tensor    # [N], mean 1

    @property
    def wanted(self) -> Tensor:
        """Each label's group [N]."""
        place = torch.empty(sum(map(len, self.groups)), dtype=torch.long)
        for index, group in enumerate(self.groups):
            place[group] = index
        return place[self.labels]

    def __call__(self, logits: Tensor, inside: float = 0.25) -> Tensor:
        wrong = F.cross_entropy(group_logits(logits, self.groups), self.wanted, reduction="none")
        if inside:
            wrong = wrong + inside * F.cross_entropy(logits, self.labels, reduction="none")
        return (wrong * self.weights).mean()

    def of(self, rows: Tensor) -> Judge:
        return Judge(self.groups, self.labels[rows], self.weights[rows])


def fit_witnesses(witnesses: list[Tensor], judge: Judge) -> tuple[Tensor, Tensor]:
    """Weights (>= 0) of the witnesses' logits [N, C] and the class biases [C] that explain the labels best; drawn a little
    to equal shares and no bias."""
    scales = torch.full((len(witnesses),), 1 / len(witnesses), requires_grad=True)
    bias = torch.zeros(witnesses[0].shape[1], requires_grad=True)
    prior = scales.detach().clone()

    def loss() -> Tensor:
        return judge(joined(witnesses, scales.clamp(min=0), bias)) + 0.003 * (scales - prior).pow(2).sum() + 0.003 * bias.pow(2).sum()

    minimise([scales, bias], loss)
    return scales.detach().clamp(min=0), bias.detach() - bias.detach().mean()


def joined(witnesses: list[Tensor], scales: Tensor, bias: Tensor) -> Tensor:
    return (scales[:, None, None] * torch.stack(witnesses)).sum(0) + bias


def cross_fitted(witnesses: list[Tensor], judge: Judge, fold: Tensor) -> Tensor:
    """Joined logits [N, C], of each fold by weights and biases fitted on the others."""
    found = torch.zeros_like(witnesses[0])
    for index in fold.unique():
        rows, rest = fold == index, fold != index
        found[rows] = joined([one[rows] for one in witnesses], *fit_witnesses([one[rest] for one in witnesses], judge.of(rest)))
    return found


def join_measures(features: Tensor, network: Tensor, targets: Tensor, fold: np.ndarray,
                  penalties: list[float]) -> tuple[Tensor, Tensor, Tensor]:
    """For measures [N, M] in deviations: the network's weight [M], face weights with their bias [F + 1, M], and what the
    joined heads say of photos [N, M] that the face heads did not see."""
    joint, heads, answers = [], [], []
    for column in range(targets.shape[1]):
        target, own = targets[:, column], network[:, column]

        def unseen(penalty: float) -> Tensor:
            found = torch.zeros_like(target)
            for index in np.unique(fold):
                weight, bias = fit_ridge(features[fold != index], target[fold != index], penalty)
                found[fold == index] = features[fold == index] @ weight + bias
            return found

        tried = {penalty: unseen(penalty) for penalty in penalties}
        penalty = min(tried, key=lambda one: float((tried[one] - target).square().mean()))
        face = tried[penalty]
        (first, second), bias = fit_ridge(torch.stack([own, face], 1), target, 1.0)
        weight, offset = fit_ridge(features, target, penalty)
        joint.append(first)
        heads.append(torch.cat([second * weight, (second * offset + bias)[None]]))
        answers.append(first * own + second * face + bias)
    return torch.stack(joint), torch.stack(heads, 1), torch.stack(answers, 1)


def calibration_error(logits: Tensor, judge: Judge, bins: int = 10) -> float:
    """How far the probability of the chosen group is from the share of right choices, weighted mean over ten bins."""
    shares = group_logits(logits, judge.groups).exp()
    confidence, chosen = shares.max(1)
    right, total = (chosen == judge.wanted).float(), 0.0
    for low in torch.arange(bins) / bins:
        rows = (confidence > low) & (confidence <= low + 1 / bins)
        mass = judge.weights[rows].sum()
        if mass > 0:
            total += float(((confidence - right)[rows] * judge.weights[rows]).sum().abs())
    return total / float(judge.weights.sum())


def within_one(tone: Tensor, labels: np.ndarray) -> tuple[float, float]:
    """Share of tones (1..10, real) that lie within one step of labels (0-based) after rounding: all people, tone 5 up."""
    near = ((tone.round() - 1 - torch.from_numpy(labels)).abs() <= 1)[labels >= 0].float()
    return float(near.mean()), float(near[labels[labels >= 0] >= 4].mean())


def choose_stretch(logits: Tensor, labels: np.ndarray, choices: list[float]) -> float:
    """The stretch from tone 3 under which most people, dark ones counted as much as all, are within one step."""
    return max(choices, key=lambda stretch: sum(within_one(stretched_tone(logits, stretch), labels)))


@dataclass
class Train:
    """What the heads are fitted on: standardised features [N, F], of which the first FACE are FaceFeatures, the network's
    out-of-fold outputs [N, total], fold [N] and source [N] of each photo, value indices of its labels (-1 unknown), its
    measures [N], which features [F] are of the kinds that attributes' heads may be fitted on, and how likely each value is to
    be a photo's label [N, C] where further annotators said so (photos/readings.py)."""

    features: Tensor
    network: Tensor
    fold: np.ndarray
    source: np.ndarray
    labels: dict[str, np.ndarray]
    lengths: dict[str, np.ndarray]
    kinds: dict[str, Tensor]
    shares: dict[str, Tensor] = field(default_factory=dict)

    def targets(self) -> Tensor:
        """The measures [N, M] in deviations from their means."""
        return torch.from_numpy(np.stack([(value - value.mean()) / value.std() for value in self.lengths.values()], 1)).float()


@dataclass
class LinearHead:
    """A head on one kind of features: which they are [F], its weight and bias, and its out-of-fold logits [N, C] of all photos."""

    columns: Tensor
    weight: Tensor
    bias: Tensor
    answers: Tensor


def fit_head(name: str, train: Train, columns: Tensor, penalties: list[float]) -> LinearHead:
    """The head of an attribute, with the penalty that does best out of fold."""
    labels, count, features = train.labels[name], len(ATTRIBUTES[name]), train.features[:, columns]
    known = labels >= 0
    target, weights = torch.from_numpy(labels[known]), example_weights(name, labels[known], train.source[known])
    shares = train.shares.get(name)
    tried = {penalty: out_of_fold(features, labels, weights, train.fold, count, penalty, shares) for penalty in penalties}
    penalty = min(tried, key=lambda one: float((F.cross_entropy(tried[one][known], target, reduction="none") * weights).mean()))
    wanted = target if shares is None else shares[known]
    return LinearHead(columns, *fit_linear(features[known], wanted, weights, count, penalty), tried[penalty])


def stack_heads(features: int, heads: list[tuple[float, LinearHead]], bias: Tensor) -> Tensor:
    """Weights of the features and the bias [F + 1, C] of heads that are weighed and added."""
    stacked = torch.zeros(features + 1, len(bias))
    stacked[-1] = bias
    for scale, head in heads:
        stacked[:-1][head.columns] += scale * head.weight
        stacked[-1] += scale * head.bias
    return stacked


def join_attribute(name: str, train: Train, own: Tensor, penalties: dict[str, list[float]],
                   balance: float | None = None) -> tuple[float, Tensor, Tensor, Judge, dict[str, Tensor]]:
    """For one attribute: the network's weight, the features' weights with the bias [F + 1, C], then, for the photos whose label is
    known, joined logits, their judge, and the logits of each witness alone; all out of fold. A kind of features that does
    not help out of fold is not heard. `balance`: see `example_weights`; for joining, the heads have the default."""
    labels = train.labels[name]
    known = labels >= 0
    weights = example_weights(name, labels[known], train.source[known], balance)
    judge = Judge(groups_of(name), torch.from_numpy(labels[known]), weights)
    heads = {kind: fit_head(name, train, columns, penalties[kind]) for kind, columns in train.kinds.items()}
    alone = {"network": own[known], **{kind: head.answers[known] for kind, head in heads.items()}}
    fold = torch.from_numpy(train.fold[known])
    choices = [heard for count in range(len(heads) + 1) for heard in combinations(heads, count)]
    answers = {heard: cross_fitted([alone[kind] for kind in ("network", *heard)], judge, fold) for heard in choices}
    best = min(choices, key=lambda heard: float(judge(answers[heard], 0)))
    scales, shift = fit_witnesses([alone[kind] for kind in ("network", *best)], judge)
    weight = stack_heads(train.features.shape[1], list(zip(scales[1:].tolist(), [heads[kind] for kind in best])), shift)
    return float(scales[0]), weight, answers[best], judge, alone


def wide(heads: Tensor, train: Train) -> Tensor:
    """Weights of FaceFeatures and the bias [FACE + 1, M] as weights of all features and the bias."""
    return torch.cat([heads[:-1], torch.zeros(train.features.shape[1] - FACE, heads.shape[1]), heads[-1:]])


def tell(name: str, joined: Tensor, judge: Judge, alone: dict[str, Tensor], scale: float) -> None:
    """Prints how far each witness and all together are from the labels, and how often they are right."""
    answers = {**alone, "joined": joined}
    print(json.dumps({
        "attribute": name, "error": {key: round(float(judge(one, 0)), 3) for key, one in answers.items()},
        "right": {key: round(float((group_logits(one, judge.groups).argmax(1) == judge.wanted).float().mean()), 3) for key, one in answers.items()},
        "network's weight": round(scale, 2), "confidence error": round(calibration_error(joined, judge), 3)}), flush=True)


def join(train: Train, cfg: dict) -> dict[str, Tensor]:
    """`network`, `weight`, `stretch` and `quantiles` of the state: of the attributes in cfg["by_folds"] by the network's
    out-of-fold answers; what the network says of others stays as it is; "measures" may be in that list, too, else they are
    read off the face alone."""
    network, weight, stretch = [], [], torch.tensor(1.0)
    penalties = {"face": cfg["penalties"], "region": cfg["region_penalties"]}
    for name, place in widths().items():
        scale = 1.0
        if name in cfg["by_folds"]:
            balance = cfg["balance"].get(name)
            scale, heads, joined, judge, alone = join_attribute(name, train, train.network[:, place], penalties, balance)
            tell(name, joined, judge, alone, scale)
            if name == "skin_tone":
                stretch = torch.tensor(choose_stretch(joined, judge.labels.numpy(), cfg["stretches"]))
        else:
            heads = stack_heads(train.features.shape[1], [], torch.zeros(place.stop - place.start))
        network.append(torch.full((place.stop - place.start,), scale))
        weight.append(heads)
    targets, first = train.targets(), sum(map(len, network))
    own = train.network[:, first:first + len(train.lengths)] if "measures" in cfg["by_folds"] else torch.zeros_like(targets)
    scale, heads, answers = join_measures(train.features[:, :FACE], own, targets, train.fold, cfg["measure_penalties"])
    print(json.dumps({"rank correlation out of fold": {name: round(float(spearmanr(answers[:, column], targets[:, column]).statistic), 3)
                                                       for column, name in enumerate(train.lengths)}}))
    return {"network": torch.cat([*network, scale]), "weight": torch.cat([*weight, wide(heads, train)], 1), "stretch": stretch,
            "quantiles": torch.quantile(answers, torch.linspace(0, 1, 21), dim=0)}
