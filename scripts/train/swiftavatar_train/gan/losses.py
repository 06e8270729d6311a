"""Losses of the generators' training and the figures by which they are judged."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .data import UNKNOWN, one_hot
from .generator import MASK_SCALE, PART_COUNT

# Small parts would vanish beside large ones: eyes, brows and glasses count three times, the earring five times.
CLASS_WEIGHTS = torch.tensor([1.0, 1, 3, 3, 2, 1, 2, 1, 1, 1, 3, 1, 5])
FACE = (1, 2, 3, 4, 5)  # skin, eye, brow, mouth, nose: what makes the person
LAB_PARTS = (1, 2, 3, 4, 7, 9)  # skin, eye, brow, mouth, hair, cloth


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB [N, 3, ...] in -1..1 to CIELAB (D65) [N, 3, ...], differentiable."""
    value = ((rgb + 1) / 2).clamp(0, 1)
    linear = torch.where(value <= 0.04045, value / 12.92, ((value.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4)
    red, green, blue = linear.unbind(1)
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (torch.where(v > 0.008856, v.clamp(min=0.008856) ** (1 / 3), 7.787 * v + 16 / 116) for v in (x, y, z))
    return torch.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], 1)


def part_means(values: Tensor, parts: Tensor) -> tuple[Tensor, Tensor]:
    """Means [N, 13, C] of values [N, C, H, W] under parts [N, 13, H, W], and the parts' areas [N, 13] in 0..1."""
    area = parts.flatten(2).sum(2)
    means = torch.bmm(parts.flatten(2), values.flatten(2).transpose(1, 2)) / (area.unsqueeze(2) + 1e-3)
    return means, area / (parts.shape[2] * parts.shape[3])


def pixel_loss(rgb: Tensor, target: Tensor, label: Tensor) -> Tensor:
    """Mean absolute difference; the face counts twice, unknown places half."""
    weight = torch.ones_like(label, dtype=torch.float32)
    weight[(label >= FACE[0]) & (label <= FACE[-1])] = 2.0
    weight[label == UNKNOWN] = 0.5
    return ((rgb - target).abs().mean(1) * weight).sum() / weight.sum()


def part_pixel_loss(rgb: Tensor, target: Tensor, label: Tensor) -> Tensor:
    """Mean absolute difference in and closely around each part, the mean over the parts that are there: a nose counts as much
    as a coat."""
    parts = one_hot(label)
    off, _ = part_means((rgb - target).abs(), F.max_pool2d(parts, 5, 1, 2))
    present = (parts.flatten(2).sum(2) > 0).float()
    return (off.mean(2) * present).sum() / present.sum().clamp(min=1)


def mask_loss(mask: Tensor, label: Tensor) -> Tensor:
    """Class-weighted cross-entropy of the mask output (about -1..1) with labels; unknown places are left out."""
    return F.cross_entropy(MASK_SCALE * mask, label, CLASS_WEIGHTS.to(mask.device), ignore_index=UNKNOWN)


def coarse_loss(coarse: Tensor, label: Tensor) -> Tensor:
    """Cross-entropy of the coarse mask (-1..1) with the shares of the parts in its cells."""
    known = (label != UNKNOWN).float()[:, None]
    step = label.shape[2] // coarse.shape[2]
    weight = CLASS_WEIGHTS.to(coarse.device).view(1, PART_COUNT, 1, 1)
    share = F.avg_pool2d(one_hot(label) * known, step) * weight
    return -(share * torch.log(((coarse + 1) / 2).clamp(min=1e-5))).sum() / share.sum().clamp(min=1e-6)


def color_loss(rgb: Tensor, target: Tensor, label: Tensor) -> Tensor:
    """Distance of the parts' mean colours in CIELAB, in units of 50."""
    step = max(1, label.shape[2] // 64)
    parts = F.avg_pool2d(one_hot(label) * (label != UNKNOWN).float()[:, None], step)
    ours, area = part_means(rgb_to_lab(F.avg_pool2d(rgb, step)), parts)
    theirs, _ = part_means(rgb_to_lab(F.avg_pool2d(target, step)), parts)
    present = (area > 0.002).float()[:, list(LAB_PARTS)]
    distance = (ours - theirs).abs().mean(2)[:, list(LAB_PARTS)] / 50
    return (distance * present).sum() / present.sum().clamp(min=1)


def psnr(rgb: Tensor, target: Tensor) -> Tensor:
    """Peak signal-to-noise ratio per picture [N], dB, of pictures in -1..1."""
    return 10 * torch.log10(4.0 / (rgb.clamp(-1, 1) - target).square().mean([1, 2, 3]))


class PartOverlap:
    """Intersection over union of each part over a whole set."""

    def __init__(self) -> None:
        self.intersection, self.union = torch.zeros(PART_COUNT), torch.zeros(PART_COUNT)

    def add(self, mask: Tensor, label: Tensor) -> None:
        """`mask` [N, 13, H, W] scores, `label` [N, H, W]."""
        guess, known = mask.argmax(1), label != UNKNOWN
        for part in range(PART_COUNT):
            ours, theirs = (guess == part) & known, label == part
            self.intersection[part] += (ours & theirs).sum()
            self.union[part] += (ours | theirs).sum()

    def parts(self, minimum: int = 500) -> dict[int, float]:
        """Per part with more than `minimum` pixels in the union."""
        return {part: float(self.intersection[part] / self.union[part]) for part in range(PART_COUNT)
                if self.union[part] > minimum}

    def mean(self, parts: tuple[int, ...] = tuple(range(10))) -> float:
        """Mean over the ten parts that the photo masks have."""
        values = self.parts()
        return sum(values.get(part, 0.0) for part in parts) / len(parts)
