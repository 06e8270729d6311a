"""ST-LPIPS (Ghildyal and Liu, ECCV 2022) as a feature vector: the distance of two pictures is that of two vectors.

The network is an AlexNet trunk whose strides are replaced by blur and subsampling. Its learned linear heads and the
averages over positions are folded into the features, so that
    distance(a, b) = sum((features(a) - features(b)) ** 2)
equals the published metric and a target's features are computed only once.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Statistics of the trunk's training pictures, on the scale -1..1 (LPIPS v0.1).
SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)


def weight_file() -> Path:
    """The AlexNet weights inside the installed `stlpips-pytorch` wheel, found without importing it."""
    spec = importlib.util.find_spec("stlpips_pytorch")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("ST-LPIPS weights are missing: install the PyPI package stlpips-pytorch")
    return Path(spec.submodule_search_locations[0]) / "weights" / "vST0.0" / "alex_shift_tolerant.pth"


class Perceptual(nn.Module):
    """RGB [N, 3, H, W] in -1..1 (H, W at least 32) to features [N, F]; squared distances are ST-LPIPS."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 11, padding=2)
        self.conv2 = nn.Conv2d(64, 192, 5, padding=2)
        self.conv3 = nn.Conv2d(192, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 256, 3, padding=1)
        self.conv5 = nn.Conv2d(256, 256, 3, padding=1)
        self.register_buffer("shift", torch.tensor(SHIFT).view(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor(SCALE).view(1, 3, 1, 1))
        binomial = torch.tensor([1.0, 2.0, 1.0])
        self.register_buffer("blur", (binomial[:, None] * binomial[None, :] / 16.0)[None, None])
        for index, conv in enumerate((self.conv1, self.conv2, self.conv3, self.conv4, self.conv5)):
            self.register_buffer(f"head{index}", torch.ones(1, conv.out_channels, 1, 1))
        self.requires_grad_(False)

    def _half(self, x: Tensor) -> Tensor:
        """Blur (reflected border) and keep every second position."""
        channels = x.shape[1]
        return F.conv2d(F.pad(x, [2, 2, 2, 2], mode="reflect"), self.blur.expand(channels, 1, 3, 3), stride=2,
                        groups=channels)

    def _tap(self, x: Tensor, head: Tensor) -> Tensor:
        """One layer's share: unit length per position, weighted by the root of the head, averaged over positions."""
        length = torch.sqrt(x.square().sum(1, keepdim=True) + 1e-20)  # a derivative at zero, too
        positions = float(x.shape[2] * x.shape[3])
        return (x / (length + 1e-10) * (head / positions**0.5)).flatten(1)

    def forward(self, rgb: Tensor) -> Tensor:
        x = F.relu(self._half(self.conv1((rgb - self.shift) / self.scale)))
        tap0 = self._tap(x, self.head0)
        x = F.relu(self.conv2(self._half(F.max_pool2d(x, 3, 1))))
        tap1 = self._tap(x, self.head1)
        x = F.relu(self.conv3(self._half(F.max_pool2d(x, 3, 1))))
        tap2 = self._tap(x, self.head2)
        x = F.relu(self.conv4(x))
        tap3 = self._tap(x, self.head3)
        x = F.relu(self.conv5(x))
        return torch.cat([tap0, tap1, tap2, tap3, self._tap(x, self.head4)], 1)


def load_perceptual() -> Perceptual:
    """The network with its published weights, frozen."""
    state = torch.load(weight_file(), map_location="cpu", weights_only=True)
    net = Perceptual()
    convs = ("slice1.0", "slice2.5", "slice3.9", "slice4.11", "slice5.13")
    for index, name in enumerate(convs):
        conv = getattr(net, f"conv{index + 1}")
        conv.weight.copy_(state[f"net.{name}.weight"])
        conv.bias.copy_(state[f"net.{name}.bias"])
        getattr(net, f"head{index}").copy_(state[f"lin{index}.model.1.weight"].clamp(min=0).sqrt())
    return net.eval()
