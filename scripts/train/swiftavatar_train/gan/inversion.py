"""Codes of pictures: by the encoder, and by Adam on them as the program does it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..core.bundle import NO_COMPOSITION
from ..core.checkpoint import save
from ..core.image import to_tensor
from .data import FaceSet, one_hot
from .encoder import Encoder
from .generator import MASK_SCALE, Generator
from .losses import PartOverlap, part_means, psnr
from .perceptual import Perceptual


@torch.no_grad()
def decode(generator: Generator, codes: Tensor) -> Tensor:
    return torch.cat([generator(codes[at:at + 16], NO_COMPOSITION)[0] for at in range(0, len(codes), 16)])


def save_weights(path: Path, generator: Generator, encoder: Encoder) -> None:
    """Both nets in the layout of a trainer's checkpoint, at step 0."""
    average = {f"{name}.{key}": value.detach() for name, net in (("generator", generator), ("encoder", encoder))
               for key, value in net.named_parameters()}
    save(path, generator=generator.state_dict(), encoder=encoder.state_dict(), average=average, step=0)


def load_average(path: Path, generator: Generator, encoder: Encoder) -> int:
    """Fills both nets with the averaged weights of a trainer's checkpoint; returns its step."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    for name, net in (("generator", generator), ("encoder", encoder)):
        net.load_state_dict(state[name])
        for key, value in net.named_parameters():
            value.data.copy_(state["average"][f"{name}.{key}"].float())
        net.requires_grad_(False).eval()
    return int(state["step"])


@torch.no_grad()
def encode_all(encoder: Encoder, faces: FaceSet, chunk: int = 32) -> Tensor:
    """Codes [N, 28, 64] of a whole set."""
    codes = []
    for at in range(0, len(faces), chunk):
        label = torch.from_numpy(faces.label[at:at + chunk]).long()
        codes.append(encoder(to_tensor(faces.image[at:at + chunk]), one_hot(label)))
    return torch.cat(codes)


def chroma(rgb: Tensor) -> Tensor:
    """RGB [N, 3, S, S] less its luma (BT.601), at 32 px."""
    small = F.adaptive_avg_pool2d(rgb, 32)
    luma = 0.299 * small[:, 0] + 0.587 * small[:, 1] + 0.114 * small[:, 2]
    return small - luma[:, None]


class InversionLoss:
    """How far G_r's picture of codes is from photos [N, 3, S, S] with part probabilities [N, 13, S, S]; weights and terms as in
    the program (src/gan/recipe.h)."""

    def __init__(self, rgb: Tensor, parts: Tensor, perceptual: Perceptual | None, mean: Tensor | None) -> None:
        self.rgb, self.parts, self.perceptual, self.mean = rgb, parts, perceptual, mean
        self.reduction = max(1, rgb.shape[2] // 128)  # the perceptual network sees at most 128 px
        with torch.no_grad():
            self.features = None if perceptual is None else perceptual(F.avg_pool2d(rgb, self.reduction))
            there = (part_means(rgb, parts)[1] > 0.002).float()
            self.there = there / there.sum(1, keepdim=True).clamp(min=1)

    def plain(self, codes: Tensor, out: Tensor, mask: Tensor) -> Tensor:
        """All terms but the perceptual one, [N]."""
        off = out - self.rgb
        loss = 2 * off.abs().mean([1, 2, 3]) + 3 * chroma(off).abs().mean([1, 2, 3])
        loss = loss - 0.5 * (self.parts * F.log_softmax(MASK_SCALE * mask, 1)).sum(1).mean([1, 2])
        loss = loss + (part_means(off, self.parts)[0].abs().mean(2) * self.there).sum(1)
        return loss if self.mean is None else loss + 0.003 * (codes - self.mean).square().mean([1, 2])

    def distance(self, out: Tensor) -> Tensor:
        """The perceptual term, [N]."""
        if self.perceptual is None:
            return out.new_zeros(len(out))
        return 1.25 * (self.perceptual(F.avg_pool2d(out, self.reduction)) - self.features).square().sum(1)


def invert(generator: Generator, start: Tensor, rgb: Tensor, parts: Tensor, perceptual: Perceptual | None, steps: int,
           lr: float = 0.1, mean: Tensor | None = None) -> Tensor:
    """Adam on the codes [N, 28, 64] as the C++ program does it (src/gan/inverter.cpp); the best codes seen. Each picture
    goes its own way, whatever the batch."""
    codes = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([codes], lr=lr, betas=(0.9, 0.99))
    measure = InversionLoss(rgb, parts, perceptual, mean)
    best, best_loss = codes.detach().clone(), torch.full((len(codes),), float("inf"), device=codes.device)
    for step in range(steps + 1):
        out, mask, _ = generator(codes, NO_COMPOSITION.to(codes.device))
        loss = measure.plain(codes, out, mask)
        if perceptual is None or step % 2 == 0 or step == steps:
            distance = measure.distance(out)
            better = (loss + distance).detach() < best_loss
            best[better] = codes.detach()[better]
            best_loss = torch.where(better, (loss + distance).detach(), best_loss)
            loss = loss + 2 * distance  # it stands for two steps
        if step == steps:
            break
        optimizer.param_groups[0]["lr"] = lr * (1 - 0.9 * step / steps)
        codes.grad, = torch.autograd.grad(loss.sum(), codes)
        optimizer.step()
    return best


@torch.no_grad()
def evaluate(generator: Generator, encoder: Encoder, image: np.ndarray, label: np.ndarray,
             steps: int = 0, perceptual: Perceptual | None = None, lr: float = 0.1,
             chunk: int = 16) -> dict[str, float]:
    """PSNR at 128 px and mean IoU of the ten photo parts of inverted pictures: by the encoder, or after Adam steps."""
    overlap, quality = PartOverlap(), []
    device = next(generator.parameters()).device
    for at in range(0, len(image), chunk):
        rgb, wanted = to_tensor(image[at:at + chunk]).to(device), torch.from_numpy(label[at:at + chunk].astype(np.int64))
        parts = one_hot(wanted)
        parts = parts.to(device)
        codes = encoder(rgb, parts)
        if steps:
            with torch.enable_grad():
                codes = invert(generator, codes, rgb, parts, perceptual, steps, lr)
        out, mask, _ = generator(codes, NO_COMPOSITION.to(device))
        quality.append(psnr(out, rgb).cpu())
        overlap.add(mask.cpu(), wanted)
    return {"psnr": float(torch.cat(quality).mean()), "iou": overlap.mean(),
            **{f"iou_{part}": value for part, value in overlap.parts().items()}}
