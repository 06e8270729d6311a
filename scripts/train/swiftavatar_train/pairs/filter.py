"""What faces made for avatars show, one by one: a pair teaches an attribute only where a reader sees it in the face.

A generator that blurs loses glasses from some faces and keeps them in others, and a skin may come out lighter than the avatar's.
So each face is read by a network that never saw such faces (stage `readers`): one that has seen no photo for pairs that shall
read no label, one of labelled photos for the others.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..attributes.learner import load_network
from ..attributes.losses import group_logits
from ..attributes.network import EstimatorNet
from ..core.image import to_tensor
from ..core.labels import ATTRIBUTES, groups_of
from .files import reader_path

LEAST = 0.3  # probability of what the avatar shows, below which the face does not teach it
BY_DONORS = {"labels": "photos", "colors": "without photos", "none": "without photos"}  # by how donors were found


def reader_of(work: Path, augment: str) -> EstimatorNet:
    """The network that reads pairs made so."""
    return load_network(reader_path(work, BY_DONORS[augment]))


@torch.no_grad()
def outputs(net: EstimatorNet, rgb: Tensor) -> Tensor:
    """The network's answers for pictures [N, 3, H, W] in -1..1, resized to what it reads."""
    small = F.interpolate(rgb.clamp(-1, 1), size=(net.size, net.size), mode="bilinear", align_corners=False, antialias=True)
    return torch.cat([net(small[at:at + 16]) for at in range(0, len(small), 16)])


def near(probability: Tensor, place: int, reach: int) -> Tensor:
    """The probability [N] of a value and of those up to `reach` steps from it."""
    return probability[:, max(0, place - reach):place + reach + 1].sum(1)


def seen(net: EstimatorNet, images: np.ndarray, shown: list[dict[str, str]]) -> dict[str, np.ndarray]:
    """attribute -> [N] bool: False where the reader finds what the avatar shows (its group of values, evaluation/agreement.py; a tone within
    one step) less likely than LEAST in pictures uint8 [N, S, S, 3]."""
    output = torch.cat([outputs(net, to_tensor(images[at:at + 64])) for at in range(0, len(images), 64)])
    found = {}
    for head in net.heads:
        if head.kind != "attribute":
            continue
        groups = [[place] for place in range(head.width)] if head.name == "skin_tone" else groups_of(head.name)
        probability = group_logits(output[:, head.slice], groups).exp()
        reach, sees = int(head.name == "skin_tone"), np.ones(len(images), bool)
        for place, group in enumerate(groups):
            values = {head.options[index] for index in group}
            rows = np.array([one.get(head.name) in values for one in shown])
            sees[rows] = (near(probability, place, reach) >= LEAST).numpy()[rows]
        found[head.name] = sees
    return found | {name: np.ones(len(images), bool) for name in ATTRIBUTES if name not in found}
