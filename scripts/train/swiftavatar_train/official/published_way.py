"""The official generator computed the way it was published, from the same weights: what `bench --reference` compares with.

The same pictures as OfficialGenerator's, at the published cost: thirteen local generators one after the other, each with a
feature map of its own; the render net's weights scaled and demodulated in every pass; every blur a one-channel convolution
with the channels folded into the batch, on a map that was enlarged with zeros where it doubles the size. The weights are
arguments, so that they may take gradients.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def up_fir(x: Tensor, kernel: Tensor, up: int, before: int, after: int) -> Tensor:
    """Puts up - 1 zeros after each pixel, pads with zeros and filters every channel by `kernel` [k, k]."""
    count, channels, height, width = x.shape
    x = x.reshape(count * channels, 1, height, 1, width, 1)
    x = F.pad(x, [0, up - 1, 0, 0, 0, up - 1]).reshape(count * channels, 1, height * up, width * up)
    x = F.conv2d(F.pad(x, [before, after, before, after]), kernel.view(1, 1, kernel.shape[0], kernel.shape[1]))
    return x.view(count, channels, x.shape[2], x.shape[3])


def activated(x: Tensor, bias: Tensor) -> Tensor:
    return F.leaky_relu(x + bias.view(1, -1, 1, 1), 0.2) * math.sqrt(2.0)


def modulated(x: Tensor, style: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """1x1 convolution of each sample by its own weights, demodulated: one convolution of N groups."""
    count, channels, height, width = x.shape
    weight = weight.view(1, weight.shape[0], weight.shape[1], 1, 1) * style.view(count, 1, -1, 1, 1)
    weight = weight * torch.rsqrt(weight.square().sum([2, 3, 4], keepdim=True) + 1e-8)
    x = F.conv2d(x.reshape(1, count * channels, height, width), weight.flatten(0, 1), groups=count)
    return activated(x.view(count, -1, height, width), bias)


def local_generator(x: Tensor, codes: Tensor, weights: list[Tensor], depth_layers: int) -> tuple[Tensor, Tensor]:
    """One part's depth [N, 1, s, s] and features [N, F, s, s]; `codes` [N, layers, D]; of `weights`, four for each layer
    (style, its bias, convolution, bias), then depth, its bias, features and their bias."""
    depth = x
    layers = codes.shape[1]
    for layer in range(layers):
        style = F.linear(codes[:, layer], weights[4 * layer], weights[4 * layer + 1])
        x = modulated(x, style, weights[4 * layer + 2], weights[4 * layer + 3])
        if layer + 1 == depth_layers:
            depth = head(x, weights[4 * layers].view(1, -1, 1, 1), weights[4 * layers + 1])
    feature = weights[4 * layers + 2]
    return depth, head(x, feature.view(feature.shape[0], feature.shape[1], 1, 1), weights[4 * layers + 3])


def head(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return F.conv2d(x, weight) + bias.view(1, -1, 1, 1)


def fuse(depth: Tensor, features: list[Tensor], transparent: Tensor) -> tuple[Tensor, Tensor]:
    """Features of all parts mixed by their depths [N, P, s, s], and the mask."""
    mask = torch.softmax(depth, 1)
    clear = transparent.view(1, -1, 1, 1)
    opaque = mask * (1 - clear)
    share = opaque / opaque.sum(1, keepdim=True) + mask * clear
    return (torch.stack(features, 1) * share.unsqueeze(2)).sum(1), mask


def render_convolution(x: Tensor, weights: list[Tensor], blur: Tensor) -> Tensor:
    """3x3; `weights`: convolution [out, in, 3, 3], scale, bias, strength of the noise, noise. `blur`: empty, or the filter of
    one that doubles the size."""
    weight = weights[0] * weights[1]
    weight = weight * torch.rsqrt(weight.square().sum([1, 2, 3], keepdim=True) + 1e-8)
    if blur.numel() > 0:
        x = up_fir(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2), blur, 1, 1, 1)
    else:
        x = F.conv2d(x, weight, padding=1)
    return activated(x + weights[3] * weights[4].detach(), weights[2])


def render_stage(x: Tensor, skip: Tensor, weights: list[Tensor], kernel: Tensor) -> tuple[Tensor, Tensor]:
    """Doubles the size; `weights`: five for each convolution, then colours, their bias, parts and their bias."""
    x = render_convolution(render_convolution(x, weights[:5], kernel), weights[5:10], torch.zeros(0))
    rgb, parts = head(x, weights[10], weights[11]), head(x, weights[12], weights[13])
    if skip.numel() > 0:
        rgb = rgb + up_fir(skip[:, :3], kernel, 2, 2, 1)
        parts = parts + up_fir(skip[:, 3:], kernel, 2, 2, 1)
    return x, torch.cat([rgb, parts], 1)
