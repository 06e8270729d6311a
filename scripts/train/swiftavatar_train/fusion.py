"""Stage `fusion`: joins the network's attribute heads with linear heads on FaceFeatures and RegionFeatures, calibrated out of fold.

What a person would measure (a part's colour, hair on the forehead, an edge at the nose's bridge) and what ImageNet's layers
say of a region (the texture of hair or a jaw) need few examples; what a network sees in the whole picture needs many.
Their log-odds are added, with weights and class biases fitted on answers for photos that none of them saw (stage
`folds`). Nothing here looks at `dev` or `congress`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn
from torch.nn import functional as F

from .bundle import parse, parser_to_ship
from .calibrate import BALANCED, stretched_tone
from .data import ATTRIBUTES
from .estimator import find_checkpoint, restore, to_tensor
from .estimator_net import EstimatorNet
from .evaluate import GROUPS
from .face_features import FEATURES as FACE
from .face_features import FaceFeatures
from .folds import assign_folds, source_weights, sources
from .fusion_prior import Prior
from .labelled_photos import LabelledPhotos
from .linear import fit_linear, fit_ridge, minimise
from .readings import all_shares
from .region_features import RegionFeatures, kinds
from .resize import shrink_all
from .smile import at_rest

LARGEST_DEVIATION = 4.0  # features further out than this say no more


def widths() -> dict[str, slice]:
    """Where each attribute's outputs lie, in the network's layout: attributes come first, then a place a measure."""
    places, at = {}, 0
    for name, values in ATTRIBUTES.items():
        places[name] = slice(at, at + len(values))
        at += len(values)
    return places


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


def example_weights(name: str, labels: np.ndarray, source: np.ndarray, balance: float | None = None) -> Tensor:
    """Weights [N], mean 1: those of the sources, and the sides of a BALANCED attribute, the classes of others, count by their
    frequency to the power -`balance`: 0 as they come, 1 all the same. By default 1 for BALANCED, 0.5 for others."""
    weight = source_weights(source)
    if balance is None:
        balance = 1.0 if name in BALANCED else 0.5
    groups = BALANCED.get(name)
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


def groups_of(name: str) -> list[list[int]]:
    """The attribute's value indices by what counts as one answer; a value outside every group is one of its own."""
    groups = [[ATTRIBUTES[name].index(value) for value in values] for values in GROUPS.get(name, ())]
    known = {index for group in groups for index in group}
    return groups + [[index] for index in range(len(ATTRIBUTES[name])) if index not in known]


def group_logits(logits: Tensor, groups: list[list[int]]) -> Tensor:
    """[N, C] -> [N, G]: log of the groups' summed probabilities."""
    logs = torch.log_softmax(logits, 1)
    return torch.stack([torch.logsumexp(logs[:, group], 1) for group in groups], 1)


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
    be a photo's label [N, C] where further readers said so (readings.py)."""

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


def join(train: Train, prior: Prior, cfg: dict) -> dict[str, Tensor]:
    """`network`, `weight`, `stretch` and `quantiles` of the state: of the attributes in cfg["by_folds"] by the network's
    out-of-fold answers, of others by what is known of its training; "measures" may be in that list, too, else they are
    read off the face alone."""
    network, weight, stretch = [], [], torch.tensor(cfg["tone_stretch"])
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
            heads = stack_heads(train.features.shape[1], [], prior.bias(name))
        network.append(torch.full((place.stop - place.start,), scale))
        weight.append(heads)
    targets, first = train.targets(), sum(map(len, network))
    own = train.network[:, first:first + len(train.lengths)] if "measures" in cfg["by_folds"] else torch.zeros_like(targets)
    scale, heads, answers = join_measures(train.features[:, :FACE], own, targets, train.fold, cfg["measure_penalties"])
    print(json.dumps({"rank correlation out of fold": {name: round(float(spearmanr(answers[:, column], targets[:, column]).statistic), 3)
                                                       for column, name in enumerate(train.lengths)}}))
    return {"network": torch.cat([*network, scale]), "weight": torch.cat([*weight, wide(heads, train)], 1), "stretch": stretch,
            "quantiles": torch.quantile(answers, torch.linspace(0, 1, 21), dim=0)}


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    parser, net = parser_to_ship(Path(cfg["bundle"]), work), restore(find_checkpoint(work, cfg["engine"])).eval()
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
        path = work / "cache" / "out_of_fold.npz"
        with np.load(path, allow_pickle=False) as arrays:
            if "trunks" not in arrays:
                raise SystemExit(f"{path}: does not say whose answers these are; run stage folds again")
            train.fold, train.network, trunks = arrays["fold"], torch.from_numpy(arrays["folds"]), arrays["trunks"].tolist()
    joined = join(train, Prior(labels, LabelledPhotos(work / "cache" / "train.npz").weight, cfg["prior_strength"]), cfg)
    (work / "estimator").mkdir(parents=True, exist_ok=True)
    scale = torch.tensor([[float(value.mean()), float(value.std())] for value in lengths.values()])
    state = {"early": net.early_sha256(), "trunks": trunks, "mean": standard.mean, "deviation": standard.deviation, "scale": scale, **joined}
    torch.save(state, work / "estimator" / "fusion.pt")
