"""Heads of the attributes and measures, and what their answers are judged by."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..core.labels import ATTRIBUTES, GROUPS, STYLES, grouped, measures, one_hot
from .network import EstimatorNet, Head

SMOOTHING = 0.03
NEAR = 0.3  # of a style's share goes to what other readers would have said
STYLE_WEIGHT = {"style:hair": 1.0, "style:facialHair": 0.5, "style:glasses": 0.5, "style:headwear": 0.5, "style:clothes": 0.3}


def group_logits(logits: Tensor, groups: list[list[int]]) -> Tensor:
    """[N, C] -> [N, G]: log of the groups' summed probabilities."""
    logs = torch.log_softmax(logits, 1)
    return torch.stack([torch.logsumexp(logs[:, group], 1) for group in groups], 1)


def attribute_heads(checked: np.ndarray, styles: bool = True) -> list[Head]:
    """Heads for attributes, measures and, where wanted, styles; measures are standardised by the training photos' meshes [N, 478, 2]."""
    heads = [Head("attribute", name, list(values)) for name, values in ATTRIBUTES.items()]
    for name, values in measures(checked).items():
        heads.append(Head("measure", name, mean=float(values.mean()), std=float(values.std())))
    return heads + [Head("style", component, list(values)) for component, values in STYLES.items() if styles]


def class_weights(shares: np.ndarray, power: float = 0.5) -> Tensor:
    """frequency ^ -power [C] of shares [N, C], mean 1 over the labelled photos."""
    frequency = shares.sum(0)
    weight = np.maximum(frequency, 4) ** -power
    return torch.tensor(weight * frequency.sum() / (weight * frequency).sum(), dtype=torch.float32)


def loss_weights(shares: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """`class_weights` of each head: rare values of an attribute count more, rare styles a little."""
    return {name: class_weights(values, 0.25 if name.startswith("style:") else 0.5) for name, values in shares.items()}


def nearness(shares: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """"style:COMPONENT" -> [C, C]: what another reader says of a photo of which one said row c. Styles that readers mix up are near."""
    found = {}
    for name, values in shares.items():
        if name.startswith("style:"):
            both = values.T @ values
            found[name] = torch.from_numpy((both + np.eye(len(both))) / (both.sum(1, keepdims=True) + 1)).float()
    return found


def share_loss(output: Tensor, shares: Tensor, weight: Tensor | None = None) -> Tensor:
    """Cross-entropy with shares [N, C], mean over the pictures of which something is known (rows that are not all zero)."""
    known = (shares.sum(1) > 0).sum().clamp(min=1)
    return F.cross_entropy(output, shares, weight, reduction="sum") / known


def group_loss(name: str, output: Tensor, shares: Tensor) -> Tensor:
    """Cross-entropy of the groups that an attribute is judged by (docs/testing.md): telling brown from dark brown hair, or
    a goatee from a beard, shall not cost what telling black from brown, or stubble from a beard, is worth."""
    groups = torch.from_numpy(grouped(name, np.arange(output.shape[1]))).to(output.device)
    each = [groups == group for group in range(int(groups.max()) + 1)]
    scores = torch.stack([torch.logsumexp(output[:, group], 1) for group in each], 1)
    return share_loss(scores, torch.stack([shares[:, group].sum(1) for group in each], 1))


def photo_loss(net: EstimatorNet, output: Tensor, labels: dict[str, np.ndarray], weights: dict[str, Tensor],
               by_group: float = 0.0, near: dict[str, Tensor] | None = None) -> Tensor:
    """Loss of the engine-free heads on photos. `labels`: shares "NAME:shares" [N, C] or indices NAME [N] (-1 unknown), and
    "measure:NAME"; heads of which there is neither learn nothing. `by_group` weighs the group losses; `near`: see `nearness`."""
    total = output.new_zeros(())
    for head in net.heads:
        if head.kind in ("attribute", "style"):
            name = head.name if head.kind == "attribute" else f"style:{head.name}"
            found = labels.get(f"{name}:shares")
            if found is None and name not in labels:
                continue
            shares = torch.from_numpy(one_hot(labels[name], head.width) if found is None else found).to(output)
            if near and name in near:
                shares = (1 - NEAR) * shares + NEAR * shares @ near[name].to(shares)
            smooth = (1 - SMOOTHING) * shares + SMOOTHING * shares.sum(1, keepdim=True) / head.width
            total = total + STYLE_WEIGHT.get(name, 1.0) * share_loss(output[:, head.slice], smooth, weights[name].to(output))
            if by_group and head.name in GROUPS and head.kind == "attribute":
                total = total + by_group * group_loss(head.name, output[:, head.slice], shares)
        elif head.kind == "measure":
            target = (torch.from_numpy(labels[f"measure:{head.name}"]).float() - head.mean) / head.std
            total = total + 0.1 * F.smooth_l1_loss(output[:, head.offset], target.to(output.device))
    return total
