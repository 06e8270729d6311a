"""Batches for the generators: photos, MakeHuman heads and drawn-on photos as pictures with part labels at 128 px."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..core.folds import source_weights, sources
from ..core.image import shrink_images, shrink_labels, to_tensor
from .generator import PART_COUNT

SIZE = 128
UNKNOWN = 255


@dataclass
class FaceSet:
    """`image` uint8 [N, 128, 128, 3] RGB, `label` uint8 [N, 128, 128] (255 unknown), `weight` [N] summing to 1."""

    image: np.ndarray
    label: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.image)


def load_photos(work: Path, split: str) -> FaceSet:
    """A split of the photo cache; its train masks are the parser's relabelled ones where they exist."""
    with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
        image, label = shrink_images(arrays["image"]), shrink_labels(arrays["mask"])
        weight = source_weights(sources(arrays["name"]))
    relabelled = work / "cache" / f"{split}_masks.npy"
    if relabelled.exists():
        label = np.load(relabelled)
    return FaceSet(image, label, weight)


def load_faces(path: Path) -> FaceSet:
    """A cache with `image` and `mask`; all of its pictures weigh the same."""
    with np.load(path, allow_pickle=False) as arrays:
        image, label = shrink_images(arrays["image"]), shrink_labels(arrays["mask"])
    return FaceSet(image, label, np.full(len(image), 1.0 / len(image)))


class Mixture:
    """Several face sets, drawn with given shares (renormalised over those that exist)."""

    def __init__(self, sets: list[tuple[FaceSet | None, float]]) -> None:
        present = [(faces, share) for faces, share in sets if faces is not None and share > 0]
        self.sets = [faces for faces, _ in present]
        self.shares = np.array([share for _, share in present]) / sum(share for _, share in present)

    def draw(self, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """RGB float [count, 3, 128, 128] in -1..1 and labels int64 [count, 128, 128], not yet augmented."""
        images, labels = [], []
        for chosen in rng.choice(len(self.sets), count, p=self.shares):
            faces = self.sets[chosen]
            index = rng.choice(len(faces), p=faces.weight)
            images.append(faces.image[index])
            labels.append(faces.label[index])
        return to_tensor(np.stack(images)), torch.from_numpy(np.stack(labels).astype(np.int64))


def augment_faces(rgb: Tensor, label: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Mirror half of them; turn (sd 2.5 degrees), scale (5 %), shift (2 %) and change light and colour a little."""
    n = len(rgb)
    angle, scale = np.radians(rng.normal(0, 2.5, n)), np.exp(rng.normal(0, 0.04, n))
    shift, mirror = rng.normal(0, 0.03, (n, 2)), np.where(rng.random(n) < 0.5, -1.0, 1.0)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    matrix = np.stack([np.stack([cos * mirror, -sin, shift[:, 0]], 1), np.stack([sin * mirror, cos, shift[:, 1]], 1)], 1)
    grid = F.affine_grid(torch.from_numpy(matrix).float(), list(rgb.shape), align_corners=False)
    rgb = F.grid_sample(rgb, grid, padding_mode="reflection", align_corners=False)
    label = F.grid_sample(label[:, None].float(), grid, mode="nearest", padding_mode="reflection", align_corners=False)
    gain = torch.from_numpy(np.exp(rng.normal(0, 0.06, (n, 3, 1, 1)) + rng.normal(0, 0.08, (n, 1, 1, 1)))).float()
    return ((rgb + 1) * gain - 1).clamp(-1, 1), label[:, 0].round().long()


def one_hot(label: Tensor) -> Tensor:
    """Labels [N, H, W] to parts [N, 13, H, W]; unknown is spread evenly."""
    known = label != UNKNOWN
    parts = F.one_hot(torch.where(known, label, 0), PART_COUNT).permute(0, 3, 1, 2).float()
    return torch.where(known[:, None], parts, 1.0 / PART_COUNT)


def soften(parts: Tensor, rng: np.random.Generator) -> Tensor:
    """Parts as a parser would give them: blurred edges and doubt, of random strength."""
    blurred = F.avg_pool2d(parts, 3, 1, 1, count_include_pad=False)
    mix = torch.from_numpy(rng.random((len(parts), 1, 1, 1))).float()
    doubt = torch.from_numpy(rng.random((len(parts), 1, 1, 1)) * 0.05).float()
    return (parts + (blurred - parts) * mix) * (1 - doubt) + doubt / PART_COUNT


def shrink(rgb: Tensor, label: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Targets at the output size of a training phase."""
    if size == rgb.shape[2]:
        return rgb, label
    step = rgb.shape[2] // size
    return F.avg_pool2d(rgb, step), label[:, step // 2::step, step // 2::step]
