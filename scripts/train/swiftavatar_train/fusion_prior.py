"""Joining network and face heads where no out-of-fold answers of the network are at hand: by what is known of its training.

Each attribute head is moved from the prior of its training half way to the wanted one (logit adjustment, Menon et al. 2021);
for the attributes that are named the face heads count as much as the network; measures are read off the face alone.
"""

from __future__ import annotations

import json

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .calibrate import BALANCED
from .data import ATTRIBUTES
from .fusion import Train, example_weights, fit_linear, join_measures, out_of_fold, widths


def wanted_prior(name: str, frequency: np.ndarray) -> np.ndarray:
    """The class prior that an attribute's head should answer with; natural frequency unless BALANCED."""
    prior = frequency / frequency.sum()
    for group in BALANCED.get(name, ()):
        rows = [ATTRIBUTES[name].index(value) for value in group]
        prior[rows] *= 1 / len(BALANCED[name]) / prior[rows].sum()
    return prior


def prior_bias(name: str, labels: np.ndarray, row_weight: np.ndarray, class_weight: np.ndarray, strength: float) -> Tensor:
    """What to add to a head's logits: `strength` of the way from the prior of its training, which is the sampling weight of
    the rows times the class weight, to the wanted one."""
    count, known = len(ATTRIBUTES[name]), labels >= 0
    frequency = np.bincount(labels[known], minlength=count) + 1.0
    trained = np.bincount(labels[known], row_weight[known], minlength=count) * class_weight
    trained = trained + 1e-3 * trained.sum()
    bias = strength * (np.log(wanted_prior(name, frequency)) - np.log(trained / trained.sum()))
    return torch.from_numpy(bias - bias.mean()).float()


def join_by_prior(train: Train, row_weight: np.ndarray, class_weights: dict[str, np.ndarray], cfg: dict) -> dict[str, Tensor]:
    """`network`, `weight`, `stretch` and `quantiles` of the state of a Fusion."""
    features, weight = train.features, []
    for name, place in widths().items():
        labels, count = train.labels[name], place.stop - place.start
        heads, bias = torch.zeros(features.shape[1], count), torch.zeros(count)
        if name != "skin_tone":
            bias = prior_bias(name, labels, row_weight, class_weights[name], cfg["prior_strength"])
        if name in cfg["fused"]:
            known = labels >= 0
            target, weights = torch.from_numpy(labels[known]), example_weights(name, labels[known], train.source[known])
            errors = {penalty: float((F.cross_entropy(out_of_fold(features, labels, weights, train.fold, count, penalty)[known],
                                                      target, reduction="none") * weights).mean()) for penalty in cfg["penalties"]}
            penalty = min(errors, key=lambda one: errors[one])
            heads, own = fit_linear(features[known], target, weights, count, penalty)
            bias = bias + own
            print(json.dumps({"attribute": name, "penalty": penalty, "error": round(errors[penalty], 3)}), flush=True)
        weight.append(torch.cat([heads, bias[None]]))
    lengths = train.targets()
    _, heads, answers = join_measures(features, torch.zeros_like(lengths), lengths, train.fold, cfg["measure_penalties"])
    network = torch.ones(sum(map(len, ATTRIBUTES.values())))
    return {"network": torch.cat([network, torch.zeros(lengths.shape[1])]), "weight": torch.cat([*weight, heads], 1),
            "stretch": torch.tensor(cfg["tone_stretch"]),
            "quantiles": torch.quantile(answers, torch.linspace(0, 1, 21), dim=0)}
