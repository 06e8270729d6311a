"""What a person would measure on a parsed, meshed face: colours, areas, edges and distances, as one vector.

The Avatar Estimator reads these beside the network's own features. Everything is plain tensor arithmetic, so that the
same code runs in training and, traced, in the shipped file.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .generator_losses import rgb_to_lab

FEATURES = 448
SIZE = 128  # pixels at which colours and edges are read
SKIN, EYE, BROW, MOUTH, EAR, HAIR, NECK, CLOTH, GLASSES, HAT, EARRING = 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12
COLORED_PARTS = (0, SKIN, EYE, BROW, MOUTH, EAR, HAIR, NECK, CLOTH)

# Mesh points (MediaPipe's numbering) whose surroundings tell of skin, beard, glasses and mouth.
PATCHES = (50, 280, 205, 425, 151, 9, 108, 337, 6, 168, 4, 164, 167, 393, 18, 199, 175, 172, 397, 136, 365, 150, 379,
           119, 348, 127, 356, 13, 14, 33, 263, 133, 362, 55, 285)
FOREHEAD = (10, 338, 297, 332, 109, 67, 103, 151, 9, 108, 337, 69, 299)
# Pairs whose distance over the face's height (10 to 152) is a feature.
SPANS = ((234, 454), (172, 397), (10, 9), (168, 2), (105, 159), (334, 386), (133, 362), (33, 133), (263, 362),
         (129, 358), (61, 291), (13, 14), (0, 17), (159, 145), (386, 374), (2, 0), (17, 152), (107, 336), (70, 46),
         (234, 1), (454, 1), (10, 151), (152, 164), (61, 13), (291, 13), (55, 107), (58, 288), (127, 356))


def box_blur(image: Tensor, size: int) -> Tensor:
    return F.avg_pool2d(F.pad(image, [size // 2] * 4, mode="replicate"), size, stride=1)


def sample(image: Tensor, points: Tensor) -> Tensor:
    """Values [N, C, P] of images [N, C, H, W] at points [N, P, 2] in 0..1."""
    return F.grid_sample(image, (points * 2 - 1).unsqueeze(1), mode="bilinear", padding_mode="border",
                         align_corners=False).squeeze(2)


def extreme(values: Tensor, weight: Tensor, sharpness: float) -> Tensor:
    """A soft maximum (minimum where `sharpness` is negative) [N, C] of values [N, C, H, W] under weights [N, 1, H, W]."""
    tilted = weight * torch.exp(sharpness * (values[:, :1] - 0.5))
    return (values * tilted).flatten(2).sum(2) / (tilted.flatten(2).sum(2) + 1e-4)


class FaceFeatures(nn.Module):
    """image [N, 3, S, S] in -1..1, part probabilities [N, 13, P, P], mesh [N, 478, 2] in 0..1 of the crop -> [N, F]."""

    def forward(self, image: Tensor, parts: Tensor, points: Tensor) -> Tensor:
        small = F.interpolate(image, size=(SIZE, SIZE), mode="bilinear", align_corners=False, antialias=True)
        lab = rgb_to_lab(small) * torch.tensor([0.01, 0.02, 0.02]).view(1, 3, 1, 1)
        parts = F.interpolate(parts, size=(SIZE, SIZE), mode="bilinear", align_corners=False)
        sure = (2 * parts - 1).clamp(min=0)
        found = [parts.mean((2, 3)), self.part_colors(lab, sure), self.shape_of_parts(parts, points),
                 self.patches(lab, points), self.spans(points)]
        return torch.cat(found, 1)

    def part_colors(self, lab: Tensor, sure: Tensor) -> Tensor:
        """Mean and spread of each part's colour, and the light and dark ends of skin, hair and eyes."""
        mean_skin = self.mean(lab, sure[:, SKIN:SKIN + 1])
        found = []
        for part in COLORED_PARTS:
            weight = sure[:, part:part + 1]
            mean = self.mean(lab, weight)
            spread = (self.mean(lab ** 2, weight) - mean ** 2).clamp(min=0).add(1e-6).sqrt()
            there = (weight.mean((2, 3)) * 400).clamp(max=1)  # a part that is not there has the skin's colour
            found += [mean * there + mean_skin * (1 - there), spread * there]
        for part in (SKIN, HAIR, EYE):
            weight = sure[:, part:part + 1]
            found += [extreme(lab, weight, 12.0), extreme(lab, weight, -12.0)]
        return torch.cat(found, 1)

    @staticmethod
    def mean(values: Tensor, weight: Tensor) -> Tensor:
        return (values * weight).flatten(2).sum(2) / (weight.flatten(2).sum(2) + 1e-2)

    @staticmethod
    def shape_of_parts(parts: Tensor, points: Tensor) -> Tensor:
        """Where hair, glasses, hat, skin and earrings lie: coarse maps, and hair on the forehead."""
        hair = F.adaptive_avg_pool2d(parts[:, HAIR:HAIR + 1], 8).flatten(1)
        coarse = F.adaptive_avg_pool2d(parts[:, (SKIN, GLASSES, HAT, CLOTH), :, :], 4).flatten(1)
        blurred = box_blur(parts[:, (HAIR, SKIN), :, :], 3)
        beads = F.adaptive_max_pool2d(parts[:, EARRING:EARRING + 1], 2).flatten(1)
        return torch.cat([hair, coarse, beads, sample(blurred, points[:, FOREHEAD]).flatten(1)], 1)

    @staticmethod
    def patches(lab: Tensor, points: Tensor) -> Tensor:
        """Colour, edge strength and fine texture around mesh points."""
        light = lab[:, :1]
        right, down = light[:, :, :, 2:] - light[:, :, :, :-2], light[:, :, 2:] - light[:, :, :-2]
        edges = F.pad(right.abs(), [1, 1, 0, 0]) + F.pad(down.abs(), [0, 0, 1, 1])
        mean = box_blur(light, 7)
        texture = (box_blur(light ** 2, 7) - mean ** 2).clamp(min=0).add(1e-6).sqrt()
        maps = torch.cat([box_blur(lab, 5), box_blur(edges, 5), texture], 1)
        return sample(maps, points[:, PATCHES]).flatten(1)

    @staticmethod
    def spans(points: Tensor) -> Tensor:
        def distance(pairs: tuple[tuple[int, int], ...]) -> Tensor:
            first, second = points[:, [a for a, _ in pairs]], points[:, [b for _, b in pairs]]
            return (first - second).pow(2).sum(2).add(1e-9).sqrt()

        lengths = distance(SPANS) / distance(((10, 152),))
        smile = (points[:, (61, 291), 1] - points[:, (13, 14), 1]) / distance(((10, 152),))
        return torch.cat([lengths, smile], 1)
