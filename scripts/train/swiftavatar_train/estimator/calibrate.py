"""From trained heads to the shipped file's answers: the module that ships, and the tone's stretch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..attributes.network import EstimatorNet, Head
from .face_features import FaceFeatures
from .region_features import RegionFeatures


def stretched_tone(logits: Tensor, stretch: float) -> Tensor:
    """Skin tone 1..10 [N] of logits [N, 10]: the expectation, stretched from tone 3 (pale tones are so common that the
    expectation of a darker one is drawn to them)."""
    steps = torch.arange(1, logits.shape[1] + 1, dtype=logits.dtype)
    expected = (torch.softmax(logits, 1) * steps).sum(1)
    return torch.where(expected > 3, 3 + stretch * (expected - 3), expected)


class Exported(nn.Module):
    """The estimator as it ships: the network's heads joined with those on measured features, variants that show the same
    chosen by heads of their own (stage `variants`), skin tone as a narrow peak over the ten tones. Where a `second` network
    knows attributes and measures, these are the mean of what both say.

    forward(image [N, 3, S, S], parts [N, 13, P, P], points [N, 478, 2]) -> all heads [N, total].
    """

    def __init__(self, net: EstimatorNet, fusion: nn.Module, stretch: float, among_equals: nn.Module | None = None,
                 second: EstimatorNet | None = None, width: float = 0.8) -> None:
        super().__init__()
        self.net, self.fusion, self.among_equals, self.second = net, fusion, among_equals, second
        self.face, self.region = FaceFeatures(), RegionFeatures(net.trunk_name)
        self.stretch, self.width = stretch, width
        tone = next(head for head in net.heads if head.name == "skin_tone")
        self.first, self.count = tone.offset, tone.width

    def forward(self, image: Tensor, parts: Tensor, points: Tensor) -> Tensor:
        early = self.net.early(image)
        output = self.net.read(early)  # first, then the second network: stage `restore` tells convolutions apart by their order
        if self.second is not None:
            shared = self.second.linear.out_features
            output = torch.cat([(output[:, :shared] + self.second(image)) / 2, output[:, shared:]], 1)
        features = self.fusion.standard(torch.cat([self.face(image, parts, points), self.region(early, parts, points)], 1))
        output = self.fusion(output, features)
        if self.among_equals is not None:
            output = self.among_equals(output, features)
        before, after = output[:, :self.first], output[:, self.first + self.count:]
        tone = stretched_tone(output[:, self.first:self.first + self.count], self.stretch)
        steps = torch.arange(1, self.count + 1, dtype=torch.float32)
        return torch.cat([before, -(steps - tone[:, None]) ** 2 / (2 * self.width ** 2), after], 1)


def manifest_heads(heads: list[Head]) -> list[dict]:
    """The `heads` list of the manifest; the network's answers are calibrated already."""
    entries = []
    for head in heads:
        entry: dict = {"kind": head.kind, "name": head.name, "offset": head.offset}
        if head.options:
            entry.update(options=head.options, temperature=1.0, bias=[0.0] * head.width)
        elif head.kind == "measure":
            entry["mean"], entry["std"] = round(head.mean, 6), round(head.std, 6)
        entries.append(entry)
    return entries
