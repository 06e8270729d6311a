"""What F2P and F2P v2 compare a photo and the imitator's drawing by: features of recognition, and parts."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...attributes.network import folded_trunk
from ...core.bundle import parse
from ...core.color import to_hex
from ...core.image import shrink_all, to_tensor
from ...core.labels import PARTS
from .imitator import SIDE

FEATURE_SIDE = 96  # pixels of a picture whose features are taken
# Parts that say most of a face count more; what no avatar takes from a face does not count.
PART_WEIGHTS = {"background": 0.5, "eye": 2.0, "brow": 2.0, "mouth": 2.0, "nose": 2.0, "glasses": 2.0, "hair": 1.5, "hat": 1.5,
                "earring": 2.0, "neck": 0.0, "cloth": 0.0}
COLOR_PARTS = {"skin": "skin", "hair": "hair", "brows": "brow", "lips": "mouth", "clothes": "cloth", "facialHair": "hair"}


class Features(nn.Module):
    """EfficientNet-Lite0's pooled features of ImageNet, of unit length: the stand-in for a recognition network."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = folded_trunk("lite0").eval().requires_grad_(False)

    def forward(self, rgb: Tensor) -> Tensor:
        """Pictures [N, 3, H, W] in -1..1 -> [N, 1280]."""
        if rgb.shape[-1] != FEATURE_SIDE:
            rgb = F.interpolate(rgb, size=(FEATURE_SIDE, FEATURE_SIDE), mode="bilinear", antialias=rgb.shape[-1] > FEATURE_SIDE)
        return F.normalize(self.trunk.extract_features(rgb).mean((2, 3)), dim=1)


def part_weights() -> Tensor:
    return torch.tensor([PART_WEIGHTS.get(name, 1.0) for name in PARTS])


def photo_parts(parser: torch.jit.ScriptModule, images: np.ndarray) -> Tensor:
    """Part probabilities [N, 13, 64, 64] of aligned crops."""
    found = [F.avg_pool2d(parse(parser, to_tensor(shrink_all(images[at:at + 32], 128))), 2) for at in range(0, len(images), 32)]
    return torch.cat(found)


def likeness(drawn: tuple[Tensor, Tensor], seen: Tensor, parts: Tensor, features: Features, recognition: float,
             parsing: float) -> Tensor:
    """The loss [N]: 1 - cosine of the features, and the cross-entropy of the drawing's parts against the photo's."""
    picture, logits = drawn
    unlike = 1 - (features(picture) * seen).sum(1)
    weight = part_weights()[:, None, None]
    wrong = -(weight * parts * torch.log_softmax(logits, 1)).sum(1).mean((1, 2))
    return recognition * unlike + parsing * wrong


def part_colors(images: np.ndarray, parts: Tensor, defaults: dict[str, str]) -> list[dict[str, str]]:
    """Colours for the imitator's input: the mean of each part where it is seen, the engine's default elsewhere."""
    small, found = shrink_all(images, SIDE).astype(np.float32), []
    for image, shares in zip(small, parts.numpy()):
        colors = dict(defaults)
        for name, part in COLOR_PARTS.items():
            weight = shares[PARTS.index(part)] ** 2
            if name in colors and weight.sum() > 4:
                colors[name] = to_hex(tuple((image * weight[..., None]).sum((0, 1)) / weight.sum()))
        found.append(colors)
    return found
