"""What moves a head from the prior of its training to the wanted one, where no answers for unseen photos calibrate it.

Half way, by the settings (logit adjustment, Menon et al. 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..attributes.losses import class_weights
from ..core.labels import ATTRIBUTES
from .calibrate import BALANCED


def wanted_prior(name: str, frequency: np.ndarray) -> np.ndarray:
    """The class prior that an attribute's head should answer with; natural frequency unless BALANCED."""
    prior = frequency / frequency.sum()
    for group in BALANCED.get(name, ()):
        rows = [ATTRIBUTES[name].index(value) for value in group]
        prior[rows] *= 1 / len(BALANCED[name]) / prior[rows].sum()
    return prior


@dataclass
class Prior:
    """Value indices of the train photos' labels (-1 unknown), how often each photo is drawn [N], and how much of the way
    a head is moved, 0..1."""

    labels: dict[str, np.ndarray]
    chance: np.ndarray
    strength: float

    def bias(self, name: str) -> Tensor:
        """What to add to a head's logits [C]: the prior of its training is the photos' chance times the class weight. Skin
        tone, whose expectation is taken, stays as it is."""
        labels, count = self.labels[name], len(ATTRIBUTES[name])
        if name == "skin_tone":
            return torch.zeros(count)
        known = labels >= 0
        frequency = np.bincount(labels[known], minlength=count) + 1.0
        trained = np.bincount(labels[known], self.chance[known], minlength=count) * class_weights(labels, count).numpy()
        trained = trained + 1e-3 * trained.sum()
        bias = self.strength * (np.log(wanted_prior(name, frequency)) - np.log(trained / trained.sum()))
        return torch.from_numpy(bias - bias.mean()).float()
