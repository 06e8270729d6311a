"""Fits the heads on measured features and the weights that join them with the network's, all out of fold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor
from torch.nn import functional as F

from ..attributes.losses import group_logits
from ..core.folds import source_weights
from ..core.labels import ATTRIBUTES, BALANCED, GROUPS, MEASURES, STYLES, grouped, groups_of
from ..core.linear import fit_linear, fit_ridge, minimise
from ..photos.soft_labels import WIDTHS
from .calibrate import stretched_tone
from .face_features import FEATURES as FACE


def widths() -> dict[str, slice]:
    """Where each attribute's, and after the measures each style's outputs lie, in the layout of `attribute_heads`."""
    places, at = {}, 0
    for name, width in WIDTHS.items():
        if name == f"style:{next(iter(STYLES))}":
            at += MEASURES
        places[name] = slice(at, at + width)
        at += width
    return places


def example_weights(name: str, shares: np.ndarray, source: np.ndarray, balance: float | None = None) -> Tensor:
    """Weights [N], mean 1: those of the sources, and the sides of a BALANCED attribute, the classes of others, count by their
    frequency to the power -`balance`: 0 as they come, 1 all the same. By default 1 for BALANCED, 0.5 for other attributes, 0 for
    styles."""
    weight, labels = source_weights(source), shares.argmax(1)
    if balance is None:
        balance = 1.0 if name in BALANCED else 0.0 if name.startswith("style:") else 0.5
    if name in BALANCED:
        group = grouped(name, labels)
        mass = np.bincount(group, weight, minlength=len(GROUPS[name]))
        weight = weight / mass[group] ** balance
    else:
        weight = weight / np.maximum(shares.sum(0), 4)[labels] ** balance
    return torch.from_numpy(weight / weight.mean()).float()


def out_of_fold(features: Tensor, shares: Tensor, weights: Tensor, fold: np.ndarray, penalty: float) -> Tensor:
    """Logits [N, C] of linear heads for photos that they did not see; zero for those of no fold (-1), which all may see. `shares`
    [N, C]: how likely each value is; rows of zeros are not learnt from."""
    known, found = shares.any(1).numpy(), torch.zeros(shares.shape)
    for index in np.unique(fold[fold >= 0]):
        rows = known & (fold != index)
        weight, bias = fit_linear(features[rows], shares[rows], weights[rows[known]], shares.shape[1], penalty)
        found[fold == index] = features[fold == index] @ weight + bias
    return found


@dataclass
class Judge:
    """How far logits are from what readers say: first the group, then a little the value inside it, as the program decides."""

    groups: list[list[int]]
    shares: Tensor     # [N, C], each row's sum is 1
    weights: Tensor    # [N], mean 1

    @property
    def wanted(self) -> Tensor:
        """The shares of the groups [N, G]."""
        return torch.stack([self.shares[:, group].sum(1) for group in self.groups], 1)

    def __call__(self, logits: Tensor, inside: float = 0.25) -> Tensor:
        wrong = F.cross_entropy(group_logits(logits, self.groups), self.wanted, reduction="none")
        if inside:
            wrong = wrong + inside * F.cross_entropy(logits, self.shares, reduction="none")
        return (wrong * self.weights).mean()

    def right(self, logits: Tensor) -> float:
        """How often the likeliest group is one that a reader names."""
        chosen = group_logits(logits, self.groups).argmax(1, keepdim=True)
        return float((self.wanted.gather(1, chosen) > 0.2).float().mean())

    def of(self, rows: Tensor) -> Judge:
        return Judge(self.groups, self.shares[rows], self.weights[rows])


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
    """How far the probability of the chosen group is from the share of readers who name it, weighted mean over ten bins."""
    shares = group_logits(logits, judge.groups).exp()
    confidence, chosen = shares.max(1)
    right, total = judge.wanted.gather(1, chosen[:, None])[:, 0], 0.0
    for low in torch.arange(bins) / bins:
        rows = (confidence > low) & (confidence <= low + 1 / bins)
        mass = judge.weights[rows].sum()
        if mass > 0:
            total += float(((confidence - right)[rows] * judge.weights[rows]).sum().abs())
    return total / float(judge.weights.sum())


def within_one(tone: Tensor, labels: Tensor) -> tuple[float, float]:
    """Share of tones (1..10, real) that lie within one step of labels [N] (0-based) after rounding: all people, tone 5 up."""
    near = ((tone.round() - 1 - labels).abs() <= 1).float()
    return float(near.mean()), float(near[labels >= 4].mean())


def choose_stretch(logits: Tensor, labels: Tensor, choices: list[float]) -> float:
    """The stretch from tone 3 under which most people, dark ones counted as much as all, are within one step."""
    return max(choices, key=lambda stretch: sum(within_one(stretched_tone(logits, stretch), labels)))


@dataclass
class Train:
    """What the heads are fitted on: standardised features [N, F], of which the first FACE are FaceFeatures, the network's
    out-of-fold outputs [N, total], fold [N] (-1: seen by every network) and source [N] of each photo, what readers say of it
    NAME -> [N, C], its measures [N], and which features [F] are of the kinds that heads may be fitted on."""

    features: Tensor
    network: Tensor
    fold: np.ndarray
    source: np.ndarray
    shares: dict[str, np.ndarray]
    lengths: dict[str, np.ndarray]
    kinds: dict[str, dict[str, Tensor]]  # NAME -> kind -> columns

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
    """The head of an attribute or style, with the penalty that does best out of fold."""
    features, shares = train.features[:, columns], torch.from_numpy(train.shares[name]).float()
    known = shares.any(1).numpy()
    weights = example_weights(name, train.shares[name][known], train.source[known])
    judged = train.fold[known] >= 0

    def error(answers: Tensor) -> float:
        return float((F.cross_entropy(answers[known], shares[known], reduction="none") * weights)[judged].mean())

    tried = {penalty: out_of_fold(features, shares, weights, train.fold, penalty) for penalty in penalties}
    penalty = min(tried, key=lambda one: error(tried[one]))
    return LinearHead(columns, *fit_linear(features[known], shares[known], weights, shares.shape[1], penalty), tried[penalty])


def stack_heads(features: int, heads: list[tuple[float, LinearHead]], bias: Tensor) -> Tensor:
    """Weights of the features and the bias [F + 1, C] of heads that are weighed and added."""
    stacked = torch.zeros(features + 1, len(bias))
    stacked[-1] = bias
    for scale, head in heads:
        stacked[:-1][head.columns] += scale * head.weight
        stacked[-1] += scale * head.bias
    return stacked


@dataclass
class Joined:
    """One attribute or style: the network's weight, the features' weights with the bias [F + 1, C]; and out of fold, for the photos
    by which it was chosen, the joined logits, those of each witness alone, and their judge."""

    scale: float
    weight: Tensor
    answers: Tensor
    alone: dict[str, Tensor]
    judge: Judge


def join_head(name: str, train: Train, own: Tensor, penalties: dict[str, list[float]], balance: float | None = None) -> Joined:
    """Joins the network's logits `own` [N, C] with linear heads. A kind of features that does not help out of fold is not heard.
    `balance`: see `example_weights`; for joining, the heads have the default."""
    rows = train.shares[name].any(1) & (train.fold >= 0)
    shares = train.shares[name][rows]
    judge = Judge(groups_of(name), torch.from_numpy(shares).float(), example_weights(name, shares, train.source[rows], balance))
    heads = {kind: fit_head(name, train, columns, penalties[kind]) for kind, columns in train.kinds[name].items()}
    alone = {"network": own[rows], **{kind: head.answers[rows] for kind, head in heads.items()}}
    fold = torch.from_numpy(train.fold[rows])
    choices = [heard for count in range(len(heads) + 1) for heard in combinations(heads, count)]
    answers = {heard: cross_fitted([alone[kind] for kind in ("network", *heard)], judge, fold) for heard in choices}
    best = min(choices, key=lambda heard: float(judge(answers[heard], 0)))
    scales, shift = fit_witnesses([alone[kind] for kind in ("network", *best)], judge)
    weight = stack_heads(train.features.shape[1], list(zip(scales[1:].tolist(), [heads[kind] for kind in best])), shift)
    return Joined(float(scales[0]), weight, answers[best], alone, judge)


def wide(heads: Tensor, train: Train) -> Tensor:
    """Weights of FaceFeatures and the bias [FACE + 1, M] as weights of all features and the bias."""
    return torch.cat([heads[:-1], torch.zeros(train.features.shape[1] - FACE, heads.shape[1]), heads[-1:]])


def tell(name: str, joined: Joined) -> None:
    """Prints how far each witness and all together are from what readers say, and how often a reader says the same."""
    answers, judge = {**joined.alone, "joined": joined.answers}, joined.judge
    print(json.dumps({
        "name": name, "photos": len(judge.shares), "error": {key: round(float(judge(one, 0)), 3) for key, one in answers.items()},
        "right": {key: round(judge.right(one), 3) for key, one in answers.items()},
        "network's weight": round(joined.scale, 2), "confidence error": round(calibration_error(joined.answers, judge), 3)}), flush=True)


def join(train: Train, cfg: dict) -> dict[str, Tensor]:
    """`network`, `weight`, `stretch` and `quantiles` of the state, in the order of the network's heads."""
    network, weight, stretch = {}, {}, torch.tensor(1.0)
    penalties = {"face": cfg["penalties"], "region": cfg["region_penalties"]}
    places = widths()
    for name, place in places.items():
        joined = join_head(name, train, train.network[:, place], penalties, cfg["balance"].get(name))
        tell(name, joined)
        if name == "skin_tone":
            stretch = torch.tensor(choose_stretch(joined.answers, joined.judge.shares.argmax(1), cfg["stretches"]))
        network[place.start], weight[place.start] = torch.full((place.stop - place.start,), joined.scale), joined.weight
    first = places[list(ATTRIBUTES)[-1]].stop
    judged = train.fold >= 0
    targets = train.targets()[judged]
    scale, heads, answers = join_measures(train.features[judged][:, :FACE], train.network[judged][:, first:first + MEASURES], targets,
                                          train.fold[judged], cfg["measure_penalties"])
    network[first], weight[first] = scale, wide(heads, train)
    print(json.dumps({"rank correlation out of fold": {name: round(float(spearmanr(answers[:, column], targets[:, column]).statistic), 3)
                                                       for column, name in enumerate(train.lengths)}}))
    return {"network": torch.cat([network[at] for at in sorted(network)]), "weight": torch.cat([weight[at] for at in sorted(weight)], 1),
            "stretch": stretch, "quantiles": torch.quantile(answers, torch.linspace(0, 1, 21), dim=0)}
