"""Stage `variants`: linear heads on FaceFeatures and RegionFeatures that choose among an engine's variants which show the same.

Attributes say that hair is short and straight; whether it is parted or brushed up, and what a nose is like, is for the
engine's own heads, which learnt from generated faces. For an engine with labels/ENGINE.csv (what a person would pick in its menus, read off the
photos) heads that read the photo take their place among those variants; how likely the variants are together stays as the
network says.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .bundle import Bundle
from .estimator import find_checkpoint, restore
from .estimator_engine import NONE
from .estimator_net import Head
from .face_features import FEATURES as FACE
from .folds import assign_folds, sources
from .fusion import Standard, fit_linear, measured, out_of_fold, source_weights
from .region_features import EYE_REGIONS, RegionFeatures
from .semantics import Semantics

LABELS = Path(__file__).parents[1] / "labels"
LEAST = 20  # labelled photos, below which a head would learn these photos by heart


def equals(head: Head, semantics: Semantics) -> list[list[str]]:
    """The options of a component in groups that show the same, as the program sees it: of several values the first."""
    groups: dict[str, list[str]] = {}
    for option in head.options:
        meaning = semantics.meaning(head.name, None if option == NONE else option)
        if option not in semantics.exclude.get(head.name, []):
            groups.setdefault(json.dumps({name: values[0] for name, values in sorted(meaning.items())}), []).append(option)
    return [group for group in groups.values() if len(group) > 1]


def read_labels(path: Path, split: str) -> list[dict[str, str]]:
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


def groups_of(heads: list[Head], semantics: Semantics, labels: list[dict[str, str]], photos: list[str]) -> list[Group]:
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


def kinds(trunk: str) -> dict[str, Tensor]:
    """Features that a head may be fitted on, by name: True [F] for each of them."""
    eyes = torch.isin(RegionFeatures(trunk).region, torch.tensor(EYE_REGIONS))
    none = torch.zeros(FACE, dtype=torch.bool)
    found = {"face": torch.cat([~none, torch.zeros_like(eyes)]), "regions": torch.cat([none, ~eyes]), "eyes": torch.cat([none, eyes])}
    return found | {"face and regions": found["face"] | found["regions"], "face and eyes": found["face"] | found["eyes"]}


@dataclass
class GroupHead:
    """Weight [F + 1, options] on the features of one kind, 0 on others, and the out-of-fold logits of the group's photos."""

    kind: str
    weight: Tensor
    answers: Tensor


def fit_group(group: Group, features: Tensor, chosen: dict[str, Tensor], source: np.ndarray, fold: np.ndarray,
              penalties: list[float]) -> GroupHead:
    """The head that does best out of fold among those on each kind of features [N, F], with each penalty."""
    features = features[group.photos]
    labels, folds, count = torch.from_numpy(group.labels), fold[group.photos], len(group.options)
    weights = source_weights(source[group.photos])

    def error(logits: Tensor) -> float:
        return float((nn.functional.cross_entropy(logits, labels, reduction="none") * weights).mean())

    tried = {(kind, penalty): out_of_fold(features[:, columns], group.labels, weights, folds, count, penalty)
             for kind, columns in chosen.items() for penalty in penalties}
    kind, penalty = min(tried, key=lambda one: error(tried[one]))
    weight = torch.zeros(features.shape[1] + 1, count)
    weight[:-1][chosen[kind]], weight[-1] = fit_linear(features[:, chosen[kind]], labels, weights, count, penalty)
    return GroupHead(kind, weight, tried[kind, penalty])


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    engine = cfg["engine"]
    semantics = Semantics.load(Path(cfg["engines"]) / engine / "semantics.json")
    net = restore(find_checkpoint(work, engine)).eval()
    heads = [head for head in net.heads if head.engine == engine and head.kind == "discrete"]
    fused = torch.load(work / "estimator" / "fusion.pt", weights_only=True)
    with np.load(work / "cache" / "train.npz", allow_pickle=False) as arrays:
        source, fold = sources(arrays["name"]), assign_folds(arrays["person"], arrays["name"])
        photos = [str(name) for name in arrays["name"]]
        raw = measured(Bundle(Path(cfg["bundle"])).module("parser"), net, arrays["image"], arrays["mesh"])
    features, chosen = Standard(fused["mean"], fused["deviation"])(raw), kinds(net.trunk_name)
    state: dict[str, list] = {"places": [], "weights": []}
    for group in groups_of(heads, semantics, read_labels(LABELS / f"{engine}.csv", "train"), photos):
        head = fit_group(group, features, chosen, source, fold, cfg["variant_penalties"])
        state["places"].append(group.places)
        state["weights"].append(head.weight)
        print(json.dumps({"component": group.name, "among": group.options, "photos": len(group.labels), "by": head.kind,
                          "right out of fold": round(float((head.answers.argmax(1).numpy() == group.labels).mean()), 3),
                          "the most frequent": round(float(np.bincount(group.labels).max() / len(group.labels)), 3)}), flush=True)
    if not state["places"]:
        raise SystemExit(f"{LABELS / f'{engine}.csv'}: no group of variants has {LEAST} labelled photos in the cache; heads need more")
    torch.save(state, work / "estimator" / f"variants_{engine}.pt")
