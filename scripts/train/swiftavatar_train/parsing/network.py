"""The face parser's network: a small U-Net from an aligned crop to the 13 parts."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.labels import PARTS

WIDTHS = (24, 48, 96, 128)


def block(inputs: int, outputs: int, convolutions: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index in range(convolutions):
        layers += [nn.Conv2d(inputs if index == 0 else outputs, outputs, 3, padding=1, bias=False),
                   nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class Parser(nn.Module):
    """[N, 3, S, S] RGB in -1..1 (S a multiple of 8, trained at 128) -> part logits [N, 13, S, S].

    A U-Net (Ronneberger et al. 2015) whose decoder adds the skips to a 1x1-reduced coarser level instead of joining them,
    with one convolution at full size: half the arithmetic, which full size would otherwise dominate. Crops are aligned, so
    a learned map of logits says where each part usually lies; `set_prior` starts it from masks.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.encoder = nn.ModuleList(
            block(inputs, outputs, 1 if level == 0 else 2)
            for level, (inputs, outputs) in enumerate(zip((3, *widths), widths)))
        self.reduce = nn.ModuleList(nn.Conv2d(wide, narrow, 1) for narrow, wide in zip(widths, widths[1:]))
        self.decoder = nn.ModuleList(block(width, width, 1) for width in widths[:-1])
        self.head = nn.Conv2d(widths[0], len(PARTS), 1)
        self.prior = nn.Parameter(torch.zeros(1, len(PARTS), 32, 32))

    @torch.no_grad()
    def set_prior(self, labels: Tensor) -> None:
        """Log frequencies of the parts at each place, from labels [N, S, S] (others than 0..12 do not count)."""
        share = torch.stack([(labels == part).float().mean(0) for part in range(len(PARTS))])[None]
        share = F.adaptive_avg_pool2d((share + share.flip(3)) / 2, self.prior.shape[-1])
        share = F.avg_pool2d(F.pad(share, (1, 1, 1, 1), mode="replicate"), 3, 1)
        self.prior.copy_(torch.log(share / share.sum(1, keepdim=True) + 1e-3))

    def forward(self, rgb: Tensor) -> Tensor:
        skips = []
        x = rgb
        for level, stage in enumerate(self.encoder):
            x = stage(x if level == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        for level in range(len(self.decoder) - 1, -1, -1):
            x = F.interpolate(self.reduce[level](x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = self.decoder[level](x + skips[level])
        prior = F.interpolate(self.prior, size=x.shape[-2:], mode="bilinear", align_corners=False)
        return self.head(x) + prior


def segmentation_loss(logits: Tensor, labels: Tensor, class_weight: Tensor, ignore: int = 255) -> Tensor:
    """Weighted cross-entropy + mean Dice loss of the parts present; labels int64 [N, H, W], `ignore` has no loss."""
    entropy = F.cross_entropy(logits, labels, class_weight, ignore_index=ignore)
    known = (labels != ignore)[:, None]
    probability = torch.softmax(logits, 1) * known
    wanted = F.one_hot(labels.where(known[:, 0], torch.zeros_like(labels)), logits.shape[1]).permute(0, 3, 1, 2) * known
    overlap = (probability * wanted).sum((0, 2, 3))
    total = (probability + wanted).sum((0, 2, 3))
    present = wanted.sum((0, 2, 3)) > 0
    return entropy + (1 - (2 * overlap + 1) / (total + 1))[present].mean()
