"""Heads of the attributes and measures, and what their answers are judged by."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..core.labels import ATTRIBUTES, GROUPS, grouped, measures
from .network import EstimatorNet, Head


def group_logits(logits: Tensor, groups: list[list[int]]) -> Tensor:
    """[N, C] -> [N, G]: log of the groups' summed probabilities."""
    logs = torch.log_softmax(logits, 1)
    return torch.stack([torch.logsumexp(logs[:, group], 1) for group in groups], 1)


def attribute_heads(checked: np.ndarray) -> list[Head]:
    """Heads for the attributes and measures of the design; measures are standardised by the training photos' meshes."""
    heads = [Head("attribute", name, list(values)) for name, values in ATTRIBUTES.items()]
    for name, values in measures(checked).items():
        heads.append(Head("measure", name, mean=float(values.mean()), std=float(values.std())))
    return heads


def class_weights(labels: np.ndarray, count: int) -> Tensor:
    """1 / sqrt(frequency), mean 1 over the labelled photos."""
    frequency = np.bincount(labels[labels >= 0], minlength=count).astype(np.float64)
    weight = 1 / np.sqrt(np.maximum(frequency, 4))
    return torch.tensor(weight * frequency.sum() / (weight * frequency).sum(), dtype=torch.float32)


def attribute_loss(head: Head, output: Tensor, target: Tensor, weight: Tensor, shares: Tensor | None = None) -> Tensor:
    """Weighted cross-entropy. `shares` [N, C], how likely each value is, goes before the label, and is not smoothed further; skin
    tone takes a soft target, for its labels are sure within one step only."""
    target, weight = target.to(output.device), weight.to(output.device)
    known, target = target >= 0, target.clamp(min=0)
    if shares is not None:
        return F.cross_entropy(output, shares, weight, reduction="sum") / known.sum().clamp(min=1)
    if head.name == "skin_tone":
        steps = torch.arange(head.width, device=target.device)[None] - target[:, None]
        soft = torch.softmax(-steps.float() ** 2 / (2 * 0.7 ** 2), 1)
        loss = -(soft * torch.log_softmax(output, 1)).sum(1)
    else:
        loss = F.cross_entropy(output, target, reduction="none", label_smoothing=0.05)
    return (loss * weight[target] * known).sum() / known.sum().clamp(min=1)


def group_loss(head: Head, output: Tensor, target: Tensor, shares: Tensor | None = None) -> Tensor:
    """Cross-entropy of the groups that an attribute is judged by (docs/testing.md): telling brown from dark brown hair, or
    a goatee from a beard, shall not cost what telling black from brown, or stubble from a beard, is worth."""
    groups = torch.from_numpy(grouped(head.name, np.arange(head.width))).to(output.device)
    each = [groups == group for group in range(int(groups.max()) + 1)]
    scores = torch.stack([torch.logsumexp(output[:, group], 1) for group in each], 1)
    if shares is not None:
        wanted = torch.stack([shares[:, group].sum(1) for group in each], 1)
        return F.cross_entropy(scores, wanted, reduction="sum") / wanted.sum().clamp(min=1)
    target = target.to(output.device)
    target = torch.where(target < 0, -1, groups[target.clamp(min=0)])
    return F.cross_entropy(scores, target, ignore_index=-1, reduction="sum") / (target >= 0).sum().clamp(min=1)


def photo_loss(net: EstimatorNet, output: Tensor, labels: dict[str, np.ndarray], weights: dict[str, Tensor],
               by_group: float = 0.0) -> Tensor:
    """Loss of the engine-free heads on photos; `by_group` weighs the group losses."""
    total = output.new_zeros(())
    for head in net.heads:
        if head.kind == "attribute":
            target, shares = torch.from_numpy(labels[head.name]), labels.get(f"{head.name}:shares")
            if shares is not None:
                shares = torch.from_numpy(shares).to(output)
            total = total + attribute_loss(head, output[:, head.slice], target, weights[head.name], shares)
            if by_group and head.name in GROUPS:
                total = total + by_group * group_loss(head, output[:, head.slice], target, shares)
        elif head.kind == "measure":
            target = (torch.from_numpy(labels[f"measure:{head.name}"]).float() - head.mean) / head.std
            total = total + 0.1 * F.smooth_l1_loss(output[:, head.offset], target.to(output.device))
    return total
