"""The inverter's encoder E: a photo and its part masks to W+ codes in one pass."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .generator import BASE_CODES, DIM, PART_COUNT

STATISTICS = 11  # per part: mean and deviation of RGB, area, centroid, spread


def part_statistics(rgb: Tensor, parts: Tensor) -> Tensor:
    """What a part's mask says at once: [N, 13, 11] = mean RGB, deviation RGB, root of area, centroid and spread (x, y
    in -1..1). Zeros, but for rounding, where the part is absent."""
    n, _, height, width = parts.shape
    area = parts.sum([2, 3]).unsqueeze(2)
    share = (parts / (area.unsqueeze(3) + 4.0)).flatten(2)
    y = torch.linspace(-1, 1, height, device=rgb.device).view(height, 1).expand(height, width)
    x = torch.linspace(-1, 1, width, device=rgb.device).view(1, width).expand(height, width)
    values = torch.cat([rgb, x.expand(n, 1, height, width), y.expand(n, 1, height, width)], 1).flatten(2)
    first = torch.bmm(share, values.transpose(1, 2))
    second = torch.bmm(share, values.square().transpose(1, 2))
    deviation = torch.sqrt(F.relu(second - first.square()) + 1e-4)
    return torch.cat([first[:, :, :3], deviation[:, :, :3], torch.sqrt(area / float(height * width)),
                      first[:, :, 3:], deviation[:, :, 3:]], 2)


class Block(nn.Module):
    """Halves the size, then refines: leaky(conv) + leaky(conv of it)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        self.refine = nn.Conv2d(outputs, outputs, 3, padding=1)
        for conv in (self.reduce, self.refine):
            nn.init.kaiming_normal_(conv.weight, 0.2)
            nn.init.zeros_(conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.reduce(x), 0.2)
        return (x + F.leaky_relu(self.refine(x), 0.2)) * 0.7


class Encoder(nn.Module):
    """forward(rgb [N, 3, S, S] in -1..1, parts [N, 13, S, S] probabilities) gives codes [N, 28, 64]; S is 128 (or 64).

    Part codes come from features pooled under the part's mask at three scales, the mask's statistics and a global
    vector; the coarse codes from the global vector and all statistics.
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (32, 64, 96, 128, 128), hidden: int = 64,
                 overall: int = 192) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3 + PART_COUNT, widths[0], 3, stride=2, padding=1)
        nn.init.kaiming_normal_(self.stem.weight, 0.2)
        self.block2 = Block(widths[0], widths[1])
        self.block3 = Block(widths[1], widths[2])
        self.block4 = Block(widths[2], widths[3])
        self.reduce5 = nn.Conv2d(widths[3], widths[4], 3, stride=2, padding=1)
        self.squeeze = nn.Conv2d(widths[4], 48, 1)
        self.overall = nn.Linear(48 * 16 + PART_COUNT * STATISTICS, overall)
        self.coarse = nn.Linear(overall, BASE_CODES * DIM)
        inputs = widths[1] + widths[2] + widths[3] + STATISTICS + overall
        self.hidden_weight = nn.Parameter(torch.randn(PART_COUNT, inputs, hidden) * math.sqrt(2.0 / inputs))
        self.hidden_bias = nn.Parameter(torch.zeros(PART_COUNT, 1, hidden))
        self.code_weight = nn.Parameter(torch.randn(PART_COUNT, hidden, 2 * DIM) * math.sqrt(0.5 / hidden))
        self.code_bias = nn.Parameter(torch.zeros(PART_COUNT, 1, 2 * DIM))

    def _pool(self, features: Tensor, parts: Tensor) -> Tensor:
        """Means of features [N, C, h, w] under each part: [N, 13, C]; towards zero where a part is tiny or absent."""
        share = F.adaptive_avg_pool2d(parts, (features.shape[2], features.shape[3])).flatten(2)
        share = share / (share.sum(2, keepdim=True) + 0.05)
        return torch.bmm(share, features.flatten(2).transpose(1, 2))

    def forward(self, rgb: Tensor, parts: Tensor) -> Tensor:
        n = rgb.shape[0]
        x = F.leaky_relu(self.stem(torch.cat([rgb, 2 * parts - 0.5], 1)), 0.2)
        x2 = self.block2(x)
        x3 = self.block3(x2)
        x4 = self.block4(x3)
        x5 = F.leaky_relu(self.squeeze(F.leaky_relu(self.reduce5(x4), 0.2)), 0.2)
        statistics = part_statistics(rgb, parts)
        x5 = F.adaptive_avg_pool2d(x5, (4, 4))
        overall = F.leaky_relu(self.overall(torch.cat([x5.flatten(1), statistics.flatten(1)], 1)), 0.2)
        local = torch.cat([self._pool(x2, parts), self._pool(x3, parts), self._pool(x4, parts), statistics,
                           overall.unsqueeze(1).expand(n, parts.shape[1], overall.shape[1])], 2).transpose(0, 1)
        hidden = F.leaky_relu(torch.bmm(local, self.hidden_weight) + self.hidden_bias, 0.2)
        part_codes = (torch.bmm(hidden, self.code_weight) + self.code_bias).transpose(0, 1)
        return torch.cat([self.coarse(overall).view(n, 2, -1),
                          part_codes.reshape(n, 2 * parts.shape[1], -1)], 1)
