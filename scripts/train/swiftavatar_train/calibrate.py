"""From a trained head to calibrated log-probabilities: the prior each head should answer with, and the tone's stretch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from .data import ATTRIBUTES
from .estimator_net import EstimatorNet, Head
from .face_features import FaceFeatures

# Attributes where missing the rare side is worse than a false one: both sides get half of the prior. The groups follow
# how the attribute is measured (docs/testing.md).
BALANCED: dict[str, tuple[tuple[str, ...], ...]] = {
    "glasses": (("none",), ("eyeglasses", "sunglasses")),
    "facial_hair": (("none", "stubble"), ("moustache", "goatee", "beard")),
    "fringe": (("no",), ("yes",)),
    "earrings": (("no",), ("yes",)),
}


def wanted_prior(name: str, frequency: np.ndarray) -> np.ndarray:
    """The class prior that an attribute's head should answer with; natural frequency unless BALANCED."""
    prior = frequency / frequency.sum()
    for group in BALANCED.get(name, ()):
        rows = [ATTRIBUTES[name].index(value) for value in group]
        prior[rows] *= 1 / len(BALANCED[name]) / prior[rows].sum()
    return prior


def prior_bias(name: str, labels: np.ndarray, row_weight: np.ndarray, class_weight: np.ndarray,
               strength: float) -> list[float]:
    """What to add to a head's log-probabilities to move it from the prior of its training to the wanted one.

    The training prior is known: sampling weight of the rows times class weight. (Logit adjustment, Menon et al. 2021.)
    """
    count = len(ATTRIBUTES[name])
    known = labels >= 0
    frequency = np.bincount(labels[known], minlength=count) + 1.0
    trained = np.bincount(labels[known], row_weight[known], minlength=count) * class_weight
    trained = trained + 1e-3 * trained.sum()
    bias = strength * (np.log(wanted_prior(name, frequency)) - np.log(trained / trained.sum()))
    return [round(float(value), 4) for value in bias - bias.mean()]


class Exported(nn.Module):
    """The estimator as it ships. Skin tone becomes an ordinal: its expectation, stretched from tone 3 (pale tones are
    so common that the expectation of a darker one is drawn to them), as a narrow peak over the ten tones. With a Fusion
    it also reads parts [N, 13, P, P] and mesh points [N, 478, 2]."""

    def __init__(self, net: EstimatorNet, stretch: float, fusion: nn.Module | None = None, width: float = 0.8) -> None:
        super().__init__()
        self.fusion, self.face = fusion, FaceFeatures()
        self.trunk, self.linear = net.trunk, net.linear
        self.stretch, self.width = stretch, width
        tone = next(head for head in net.heads if head.name == "skin_tone")
        self.first, self.count = tone.offset, tone.width

    def forward(self, image: Tensor, parts: Tensor | None = None, points: Tensor | None = None) -> Tensor:
        output = self.linear(self.trunk.extract_features(image).mean((2, 3)))
        if self.fusion is not None:
            output = self.fusion(output, self.face(image, parts, points))
        steps = torch.arange(1, self.count + 1, dtype=torch.float32)
        before = output[:, :self.first]
        tone = output[:, self.first:self.first + self.count]
        after = output[:, self.first + self.count:]
        expected = (torch.softmax(tone, 1) * steps).sum(1, keepdim=True)
        stretched = torch.where(expected > 3, 3 + self.stretch * (expected - 3), expected)
        return torch.cat([before, -(steps - stretched) ** 2 / (2 * self.width ** 2), after], 1)


def manifest_heads(heads: list[Head], biases: dict[str, list[float]], temperatures: dict[str, float]) -> list[dict]:
    """The `heads` list of the manifest."""
    entries = []
    for head in heads:
        entry: dict = {"kind": head.kind, "name": head.name, "offset": head.offset}
        if head.options:
            entry["options"] = head.options
            entry["temperature"] = temperatures.get(head.name, 1.0)
            entry["bias"] = biases.get(head.name, [0.0] * head.width) if head.kind == "attribute" else [0.0] * head.width
        elif head.kind == "measure":
            entry["mean"], entry["std"] = round(head.mean, 6), round(head.std, 6)
        entries.append(entry)
    return entries
