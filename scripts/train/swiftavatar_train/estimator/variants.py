"""Stage `variants`: linear heads on FaceFeatures and RegionFeatures that choose among an engine's variants which show the same.

Attributes say that hair is short and straight; whether it is parted or brushed up, and what a nose is like, is for the
engine's own heads, which learnt from generated faces. For an engine with a file in `labels` (what a person would pick in
its menus, read off the photos) heads that read the photo take their place among those variants; how likely the variants
are together stays as the network says.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..attributes.learner import load_network
from ..attributes.network import Head
from ..core.folds import person_folds, source_weights, sources
from ..core.labels import one_hot
from ..core.linear import fit_linear
from ..core.paths import LABELS
from ..engines.semantics import Semantics
from .fusion import Standard, measured
from .heads import NONE
from .joining import out_of_fold
from .region_features import kinds

LEAST = 20  # labelled photos, below which a head would learn these photos by heart
NEVER = -20.0  # log-odds of a variant that nobody chose
FACE_KINDS = ("face", "regions", "eyes", "face and regions", "face and eyes")
KINDS = {"clothes": ("clothes", "face and clothes"), "earrings": ("ears", "face and ears")}  # of others, FACE_KINDS


def equals(head: Head, semantics: Semantics) -> list[list[str]]:
    """The options of a component in groups that show the same, as the program sees it: of several values the first."""
    groups: dict[str, list[str]] = {}
    for option in head.options:
        meaning = semantics.meaning(head.name, None if option == NONE else option)
        if option not in semantics.exclude.get(head.name, []):
            groups.setdefault(json.dumps({name: values[0] for name, values in sorted(meaning.items())}), []).append(option)
    return [group for group in groups.values() if len(group) > 1]


def read_variant_labels(path: Path, split: str) -> list[dict[str, str]]:
    """Rows of photo, component, variant and second_reading (empty where there was none)."""
    with open(path, newline="") as file:
        return [row for row in csv.DictReader(file) if row["split"] == split]


@dataclass
class Group:
    """Options of one head that show the same: their places in the network's output, and the photos that show one of them."""

    name: str
    options: list[str]
    places: list[int]
    photos: np.ndarray  # [M] rows
    labels: np.ndarray  # [M] indices into options

    def task(self) -> tuple:
        """What a head of it learns: where it is the same of two engines' groups, one fit serves both."""
        return self.name, tuple(self.options[label] for label in np.unique(self.labels)), self.photos.tobytes(), self.ranks().tobytes()

    def ranks(self) -> np.ndarray:
        """The labels among those that somebody chose."""
        return np.unique(self.labels, return_inverse=True)[1]


def labelled_groups(heads: list[Head], semantics: Semantics, labels: list[dict[str, str]], photos: list[str]) -> list[Group]:
    """Those with at least LEAST labelled photos."""
    row, found = {name: place for place, name in enumerate(photos)}, []
    for head in heads:
        for options in equals(head, semantics):
            known = [(row[one["photo"]], options.index(one["variant"])) for one in labels
                     if one["component"] == head.name and one["variant"] in options and one["photo"] in row]
            if len(known) >= LEAST:
                rows, indices = np.array(known).T
                found.append(Group(head.name, options, [head.offset + head.options.index(option) for option in options], rows, indices))
    return found


class AmongEquals(nn.Module):
    """forward(output [N, total], features [N, F] in deviations) -> output, in which each group's linear head has divided the
    probability that the network gives the group's options together.

    state: `places` and `weights` ([F + 1, options], the bias last), a list each with one entry a group.
    """

    def __init__(self, state: dict[str, list], total: int) -> None:
        super().__init__()
        self.sizes = [len(places) for places in state["places"]]
        self.register_buffer("weight", torch.cat(state["weights"], 1))
        self.register_buffer("where", torch.zeros(sum(self.sizes), total))  # one 1 a row: its place in the output
        self.where[torch.arange(sum(self.sizes)), torch.tensor([place for places in state["places"] for place in places])] = 1

    def forward(self, output: Tensor, features: Tensor) -> Tensor:
        heads = torch.cat([features, torch.ones_like(features[:, :1])], 1) @ self.weight
        own = output @ self.where.T
        wanted = [torch.logsumexp(ours, 1, keepdim=True) + torch.log_softmax(theirs, 1)
                  for ours, theirs in zip(own.split(self.sizes, 1), heads.split(self.sizes, 1))]
        return output + (torch.cat(wanted, 1) - own) @ self.where


@dataclass
class GroupHead:
    """Weight [F + 1, options] on the features of one kind, 0 on others, and the out-of-fold logits of the group's photos."""

    kind: str
    weight: Tensor
    answers: Tensor

    def among(self, group: Group) -> GroupHead:
        """A head of the options that somebody chose as one of all options of the group: those that nobody chose are never chosen."""
        chosen = np.unique(group.labels)
        weight = torch.zeros(len(self.weight), len(group.options))
        answers = torch.full((len(self.answers), len(group.options)), NEVER)
        weight[-1] = NEVER
        weight[:, chosen], answers[:, chosen] = self.weight, self.answers
        return GroupHead(self.kind, weight, answers)


def fit_chosen(group: Group, features: Tensor, kinds: dict[str, Tensor], source: np.ndarray, fold: np.ndarray,
               penalties: list[float]) -> GroupHead:
    """For the options that somebody chose, the head that does best out of fold among those on each kind of features [N, F],
    with each penalty."""
    features, indices = features[group.photos], group.ranks()
    labels, folds, count = torch.from_numpy(indices), fold[group.photos], int(indices.max()) + 1
    weights = len(labels) * torch.from_numpy(source_weights(source[group.photos])).float()

    def error(logits: Tensor) -> float:
        return float((nn.functional.cross_entropy(logits, labels, reduction="none") * weights).mean())

    shares = torch.from_numpy(one_hot(indices, count)).float()
    tried = {(kind, penalty): out_of_fold(features[:, columns], shares, weights, folds, penalty)
             for kind, columns in kinds.items() for penalty in penalties}
    kind, penalty = min(tried, key=lambda one: error(tried[one]))
    weight = torch.zeros(features.shape[1] + 1, count)
    weight[:-1][kinds[kind]], weight[-1] = fit_linear(features[:, kinds[kind]], labels, weights, count, penalty)
    return GroupHead(kind, weight, tried[kind, penalty])


@dataclass
class Labelled:
    """The train photos: names, features [N, F] in deviations, which of them each kind has, sources [N] and folds [N]."""

    photos: list[str]
    features: Tensor
    kinds: dict[str, Tensor]
    source: np.ndarray
    fold: np.ndarray


def fit_engine(name: str, heads: list[Head], semantics: Semantics, labels: list[dict[str, str]], train: Labelled,
               penalties: list[float], fitted: dict[tuple, GroupHead]) -> dict[str, list]:
    """The state of AmongEquals for one engine's discrete heads; prints how often each head is right out of fold. `fitted`
    keeps the heads of `fit_chosen` for engines whose photos and choices are the same."""
    state: dict[str, list] = {"places": [], "weights": []}
    for group in labelled_groups(heads, semantics, labels, train.photos):
        if group.task() not in fitted:
            chosen = {kind: train.kinds[kind] for kind in KINDS.get(group.name, FACE_KINDS)}
            fitted[group.task()] = fit_chosen(group, train.features, chosen, train.source, train.fold, penalties)
        head = fitted[group.task()].among(group)
        state["places"].append(group.places)
        state["weights"].append(head.weight)
        print(json.dumps({"engine": name, "component": group.name, "among": group.options, "photos": len(group.labels), "by": head.kind,
                          "right out of fold": round(float((head.answers.argmax(1).numpy() == group.labels).mean()), 3),
                          "the most frequent": round(float(np.bincount(group.labels).max() / len(group.labels)), 3)}), flush=True)
    return state


def run(cfg: dict, work: Path) -> None:
    """For each engine that has labels: cfg["labels"], engine -> the file they are in. Engines whose drawings have the same names share a
    file; a variant that nobody chose is not chosen."""
    torch.set_num_threads(cfg["threads"])
    net = load_network(work / cfg["network"])
    missing = set(cfg["labels"]) - {head.engine for head in net.heads}
    if missing:
        raise SystemExit(f"[variants] labels: the network has no heads of {', '.join(sorted(missing))}; give labels for its engines alone")
    fused = torch.load(work / "estimator" / "fusion.pt", weights_only=True)
    parser = torch.jit.load(str(work / "export" / "parser.pt")).eval()
    with np.load(work / "cache" / "train.npz", allow_pickle=False) as arrays:
        raw = measured(parser, net, arrays["image"], arrays["mesh"])
        train = Labelled([str(name) for name in arrays["name"]], Standard(fused["mean"], fused["deviation"])(raw),
                         kinds(net.trunk_name), sources(arrays["name"]), person_folds(arrays["person"], arrays["name"]))
    fitted: dict[tuple, GroupHead] = {}
    for engine, file in cfg["labels"].items():
        heads = [head for head in net.heads if head.engine == engine and head.kind == "discrete"]
        labels, semantics = LABELS / f"{file}.csv", Semantics.load(Path(cfg["engines"]) / engine / "semantics.json")
        state = fit_engine(engine, heads, semantics, read_variant_labels(labels, "train"), train, cfg["variant_penalties"], fitted)
        if not state["places"]:
            raise SystemExit(f"{labels}: no group of variants has {LEAST} labelled photos in the cache; heads need more")
        torch.save(state | {"early": net.early_sha256()}, work / "estimator" / f"variants_{engine}.pt")
