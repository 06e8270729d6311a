"""What a person would measure on a parsed, meshed face: colours, areas, edges and distances, as one vector.

The Avatar Estimator reads these beside the network's own features. Everything is plain tensor arithmetic, so that the
same code runs in training and, traced, in the shipped file.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..gan.losses import rgb_to_lab

FEATURES = 448
SIZE = 128  # pixels at which colours and edges are read
SKIN, EYE, BROW, MOUTH, EAR, HAIR, NECK, CLOTH, GLASSES, HAT, EARRING = 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12
COLORED_PARTS = (0, SKIN, EYE, BROW, MOUTH, EAR, HAIR, NECK, CLOTH)
TILTED_PARTS = (SKIN, HAIR, EYE)  # whose lightest and darkest colours count,
TILTS = (12.0, -12.0)             # softly
# Mesh points (MediaPipe's numbering) whose surroundings tell of skin, beard, glasses and mouth.
PATCHES = (50, 280, 205, 425, 151, 9, 108, 337, 6, 168, 4, 164, 167, 393, 18, 199, 175, 172, 397, 136, 365, 150, 379,
           119, 348, 127, 356, 13, 14, 33, 263, 133, 362, 55, 285)
FOREHEAD = (10, 338, 297, 332, 109, 67, 103, 151, 9, 108, 337, 69, 299)
# Pairs whose distance over the face's height (10 to 152) is a feature.
SPANS = ((234, 454), (172, 397), (10, 9), (168, 2), (105, 159), (334, 386), (133, 362), (33, 133), (263, 362),
         (129, 358), (61, 291), (13, 14), (0, 17), (159, 145), (386, 374), (2, 0), (17, 152), (107, 336), (70, 46),
         (234, 1), (454, 1), (10, 151), (152, 164), (61, 13), (291, 13), (55, 107), (58, 288), (127, 356))


class Windows:
    """The 8 x 8 pixels around each point [N, P, 2] in 0..1 of images [N, C, size, size], borders repeated.

    Blurs are wanted at few places, so they are taken there alone.
    """

    def __init__(self, points: Tensor, size: int) -> None:
        at = (points * size - 0.5).clamp(0, size - 1)
        corner = at.floor()
        self.between = at - corner  # of the pixels 3 and 4 of a window, across and down
        rows = (corner.long()[:, :, None] + torch.arange(-3, 5)[:, None]).clamp(0, size - 1)  # [N, P, 8, 2]
        self.places = (rows[:, :, :, None, 1] * size + rows[:, :, None, :, 0]).flatten(1).unsqueeze(1)

    def __call__(self, image: Tensor) -> Tensor:
        """Windows [N x P, C, 8, 8]."""
        count, channels = image.shape[:2]
        found = image.flatten(2).gather(2, self.places.expand(-1, channels, -1))
        return found.reshape(count, channels, -1, 64).transpose(1, 2).reshape(-1, channels, 8, 8)

    def value(self, corners: Tensor) -> Tensor:
        """Of what was made of each window for its pixels 3 and 4, [N x P, C, 2, 2], the value [N, C, P] at the point."""
        count, points, _ = self.between.shape
        across, down = self.between.reshape(-1, 1, 2).unbind(2)
        rows = torch.lerp(corners[..., 0], corners[..., 1], across[..., None])
        return torch.lerp(rows[..., 0], rows[..., 1], down).reshape(count, points, -1).transpose(1, 2)


def blurred(windows: Tensor, size: int) -> Tensor:
    """Means of `size` x `size` around the pixels 3 and 4 of windows [M, C, 8, 8] -> [M, C, 2, 2]."""
    border = (7 - size) // 2
    return F.avg_pool2d(windows[:, :, border:8 - border, border:8 - border], size, stride=1)


def sums(values: Tensor, weights: Tensor) -> Tensor:
    """Sums [N, P, C] of values [N, C, H, W] under weights [N, P, H, W]: one matrix product for all parts."""
    return weights.flatten(2) @ values.flatten(2).transpose(1, 2)


class FaceFeatures(nn.Module):
    """image [N, 3, S, S] in -1..1, part probabilities [N, 13, P, P], mesh [N, 478, 2] in 0..1 of the crop -> [N, F]."""

    def forward(self, image: Tensor, parts: Tensor, points: Tensor) -> Tensor:
        small = F.interpolate(image, size=(SIZE, SIZE), mode="bilinear", align_corners=False, antialias=True)
        lab = rgb_to_lab(small) * torch.tensor([0.01, 0.02, 0.02]).view(1, 3, 1, 1)
        if parts.shape[-1] != SIZE:
            parts = F.interpolate(parts, size=(SIZE, SIZE), mode="bilinear", align_corners=False)
        sure = torch.relu(2 * parts[:, :COLORED_PARTS[-1] + 1] - 1)
        found = [parts.mean((2, 3)), self.part_colors(lab, sure), self.shape_of_parts(parts, points),
                 self.patches(lab, points), self.spans(points)]
        return torch.cat(found, 1)

    @staticmethod
    def part_colors(lab: Tensor, sure: Tensor) -> Tensor:
        """Mean and spread of each part's colour, and the light and dark ends of skin, hair and eyes: soft maxima and minima."""
        moments = sums(torch.cat([lab, lab ** 2, torch.ones_like(lab[:, :1])], 1), sure)[:, COLORED_PARTS]
        area = moments[:, :, 6:]
        mean, square = (moments[:, :, :6] / (area + 1e-2)).chunk(2, 2)
        spread = (square - mean ** 2).clamp(min=0).add(1e-6).sqrt()
        there = (area / SIZE**2 * 400).clamp(max=1)  # a part that is not there has the skin's colour
        skin = COLORED_PARTS.index(SKIN)
        colors = torch.cat([mean * there + mean[:, skin:skin + 1] * (1 - there), spread * there], 2)

        tilt = torch.exp(torch.tensor(TILTS).view(1, 2, 1, 1) * (lab[:, :1] - 0.5))
        tilted = (sure[:, TILTED_PARTS, None] * tilt[:, None]).flatten(1, 2)  # [N, parts x 2, H, W]
        ends = sums(torch.cat([lab, torch.ones_like(lab[:, :1])], 1), tilted)
        return torch.cat([colors.flatten(1), (ends[:, :, :3] / (ends[:, :, 3:] + 1e-4)).flatten(1)], 1)

    def shape_of_parts(self, parts: Tensor, points: Tensor) -> Tensor:
        """Where hair, glasses, hat, skin and earrings lie: coarse maps, and hair on the forehead."""
        hair = F.adaptive_avg_pool2d(parts[:, HAIR:HAIR + 1], 8).flatten(1)
        coarse = F.adaptive_avg_pool2d(parts[:, (SKIN, GLASSES, HAT, CLOTH), :, :], 4).flatten(1)
        windows = Windows(points[:, FOREHEAD], SIZE)
        forehead = windows.value(blurred(windows(parts[:, (HAIR, SKIN), :, :]), 3))
        beads = F.adaptive_max_pool2d(parts[:, EARRING:EARRING + 1], 2).flatten(1)
        return torch.cat([hair, coarse, beads, forehead.flatten(1)], 1)

    def patches(self, lab: Tensor, points: Tensor) -> Tensor:
        """Colour, edge strength and fine texture around mesh points."""
        light = lab[:, :1]
        right, down = light[:, :, :, 2:] - light[:, :, :, :-2], light[:, :, 2:] - light[:, :, :-2]
        edges = F.pad(right.abs(), [1, 1, 0, 0]) + F.pad(down.abs(), [0, 0, 1, 1])
        windows = Windows(points[:, PATCHES], SIZE)
        around = windows(torch.cat([lab, edges], 1))
        mean, square = blurred(around[:, :1], 7), blurred(around[:, :1] ** 2, 7)
        texture = (square - mean ** 2).clamp(min=0).add(1e-6).sqrt()
        return windows.value(torch.cat([blurred(around, 5), texture], 1)).flatten(1)

    @staticmethod
    def spans(points: Tensor) -> Tensor:
        def distance(pairs: tuple[tuple[int, int], ...]) -> Tensor:
            first, second = points[:, [a for a, _ in pairs]], points[:, [b for _, b in pairs]]
            return (first - second).pow(2).sum(2).add(1e-9).sqrt()

        lengths = distance(SPANS) / distance(((10, 152),))
        smile = (points[:, (61, 291), 1] - points[:, (13, 14), 1]) / distance(((10, 152),))
        return torch.cat([lengths, smile], 1)
