"""From the codes of avatars to codes as photos have them.

Codes of renders decode to faces with the renders' flat light: between what E_a gives for avatars and what E gives for photos
lies a shift that tells the domains apart, not people. For each of a code's 28 vectors, the linear map that carries mean and
covariance of the one set to those of the other and moves codes least (optimal transport between Gaussians; Takatsu 2011,
Lemma 2.3) takes that shift away and keeps who is darker, rounder or curlier than whom. Avatars are first weighed to be as
often bald, dark or bespectacled as the people in the photos: else the map would make most of them lighter.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

RIDGE = 0.02         # of a vector's mean variance: directions that hardly vary must not be blown up
SWEEPS = 20          # of proportional fitting; shares settle in ten
LARGEST_WEIGHT = 20  # times the mean: a few avatars must not be all


def weigh(shown: list[dict[str, str]], shares: dict[str, dict[str, float]]) -> np.ndarray:
    """Weights [N], of sum 1, by which avatars show every attribute's values in `shares` (iterative proportional fitting).

    Avatars that show nothing of an attribute (a bald head has no hair colour) keep their part of it.
    """
    weights = np.full(len(shown), 1 / len(shown))
    columns = {name: np.array([one.get(name, "") for one in shown]) for name in shares}
    for _ in range(SWEEPS):
        for name, wanted in shares.items():
            known = np.isin(columns[name], list(wanted))
            total, there_are = weights[known].sum(), sum(wanted[value] for value in set(columns[name][known]))
            for value in set(columns[name][known]):
                rows = columns[name] == value
                weights[rows] *= total * wanted[value] / there_are / max(weights[rows].sum(), 1e-12)
        weights = np.minimum(weights, LARGEST_WEIGHT / len(shown))
        weights /= weights.sum()
    return weights


class CodeMap:
    """Fitted to codes [N, 28, 64] of avatars, with weights [N], and [M, 28, 64] of photos; the vectors in `keep` are not
    mapped."""

    def __init__(self, avatars: Tensor, weights: np.ndarray, photos: Tensor, keep: list[int]) -> None:
        self.start, ours = moments(avatars, torch.from_numpy(weights).float())
        self.end, theirs = moments(photos, torch.full((len(photos),), 1 / len(photos)))
        root, back = power(ours, 0.5), power(ours, -0.5)
        self.linear = back @ power(root @ theirs @ root, 0.5) @ back  # [28, 64, 64], symmetric
        self.end[keep], self.linear[keep] = self.start[keep], torch.eye(avatars.shape[-1])

    def __call__(self, codes: Tensor, share: float = 1.0) -> Tensor:
        """Codes [..., 28, 64] that have gone `share` of the way: 1 gives the avatars the photos' mean and covariance."""
        mapped = self.end + torch.einsum("...kd,kde->...ke", codes - self.start, self.linear)
        return torch.lerp(codes, mapped, share)


def moments(codes: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [28, 64] and covariance [28, 64, 64] of codes [N, 28, 64], with RIDGE on the diagonals."""
    mean = torch.einsum("n,nkd->kd", weights, codes)
    centred = codes - mean
    covariance = torch.einsum("n,nkd,nke->kde", weights, centred, centred)
    scale = covariance.diagonal(dim1=-2, dim2=-1).mean(-1) + 1e-6
    return mean, covariance + RIDGE * scale[:, None, None] * torch.eye(codes.shape[-1])


def power(matrices: Tensor, exponent: float) -> Tensor:
    """Symmetric positive definite matrices [..., D, D] to 0.5 or -0.5."""
    values, vectors = torch.linalg.eigh(matrices)
    return (vectors * values.clamp(min=1e-8).pow(exponent).unsqueeze(-2)) @ vectors.mT
