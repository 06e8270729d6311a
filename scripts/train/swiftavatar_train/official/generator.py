"""SemanticStyleGAN's generator (Shi et al., CVPR 2022) with the weights of a published checkpoint, for inference.

Everything that does not depend on the code is folded: learned scales and demodulation of the render net, the positional
code, noise maps. The local generators run as one batched product over parts; their feature maps are never made, for the
fusion is linear in them: mask times features of each part, summed, is one product with the masked layers before them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .published_way import fuse, local_generator, render_stage

GAIN = math.sqrt(2.0)
SLOPE = 0.2
MAPPING_RATE = 0.01  # learning-rate multiplier of the mapping network; part of its scales
TINY = 1e-8
State = dict[str, Tensor]


@dataclass(frozen=True)
class Sizes:
    """The sizes that a checkpoint's `args` name."""

    size: int
    latent: int
    n_mlp: int
    seg_dim: int
    local_layers: int
    local_channel: int
    base_layers: int
    depth_layers: int
    coarse_size: int
    coarse_channel: int
    min_feat_size: int
    residual_refine: bool
    transparent_dims: tuple[int, ...]

    @property
    def codes(self) -> int:
        """Rows of a W+ code: the base codes, then shape and texture of each part."""
        return self.base_layers + 2 * self.seg_dim

    @property
    def expanded(self) -> int:
        """Rows of an expanded code: one for each layer of each part."""
        return self.seg_dim * self.local_layers


def activate(x: Tensor, slope: float = SLOPE, gain: float = GAIN) -> Tensor:  # TorchScript takes defaults, not globals
    return F.leaky_relu(x, slope) * gain


def normalise(x: Tensor, dim: int, tiny: float = TINY) -> Tensor:
    """x with sums of squares of 1 along `dim`."""
    return x * torch.rsqrt(x.square().sum(dim, keepdim=True) + tiny)


def positional_code(weight: Tensor, size: int, coarse: int) -> Tensor:
    """[C, coarse^2]: x, y and their sines and cosines at doubling frequencies, projected by `weight` [C, F, 1, 1]."""
    line = torch.linspace(-1, 1, coarse)
    y, x = torch.meshgrid(line, line, indexing="ij")
    place = torch.stack([x, y]).flatten(1)
    waves = [place]
    for power in range(int(math.log2(size))):
        waves += [torch.sin(place * 2.0**power), torch.cos(place * 2.0**power)]
    features = torch.cat(waves)
    matrix = weight.flatten(1)
    return matrix @ features / math.sqrt(matrix.shape[1])


def scaled(weight: Tensor, modulation: Tensor, demodulate: bool) -> Tensor:
    """A render convolution's weight [out, in, k, k] with its equalised scale, input scales and demodulation."""
    weight = weight * modulation / math.sqrt(weight[0].numel())
    if demodulate:
        weight = weight * torch.rsqrt(weight.square().sum((1, 2, 3), keepdim=True) + TINY)
    return weight


class RenderConvolution(nn.Module):
    """3x3 convolution, doubling the size where it has a blur; fixed noise and bias; leaky ReLU.

    Leaky ReLU is positively homogeneous: its gain is in weights, noise and bias.
    """

    def __init__(self, state: State, noise: Tensor) -> None:
        super().__init__()
        weight = scaled(state["weight"], state["modulation"], True) * GAIN
        self.up = "blur.kernel" in state
        out = weight.shape[0]
        if self.up:
            weight = weight.transpose(0, 1).contiguous()
            self.register_buffer("blur", state["blur.kernel"].flip(0, 1).expand(out, 1, -1, -1).contiguous())
        else:
            self.register_buffer("blur", torch.zeros(0))
        self.out = out
        self.register_buffer("weight", weight)
        self.register_buffer("bias", state["activate.bias"].flatten() * GAIN)
        self.register_buffer("noise", state["noise.weight"] * noise * GAIN)

    def forward(self, x: Tensor) -> Tensor:
        if self.up:
            x = F.conv_transpose2d(x, self.weight, stride=2)
            x = F.conv2d(x, self.blur, self.bias, padding=1, groups=self.out)
        else:
            x = F.conv2d(x, self.weight, self.bias, padding=1)
        return F.leaky_relu_(x.add_(self.noise), 0.2)

    def weights(self) -> list[Tensor]:
        """As `render_convolution` of published_way takes them."""
        weight = self.weight.transpose(0, 1) if self.up else self.weight
        return [weight, torch.ones_like(weight[:1, :, :1, :1]), self.bias / math.sqrt(2.0),
                torch.ones_like(self.bias[:1]), self.noise / math.sqrt(2.0)]


class RenderStage(nn.Module):
    """Two convolutions, then colours and parts added to the upsampled sums of the stages before."""

    def __init__(self, state: State, stage: int) -> None:
        super().__init__()
        def part(prefix: str) -> State:
            return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}

        first, second = 2 * stage, 2 * stage + 1
        self.first = RenderConvolution(part(f"convs.{first}."), state[f"noises.noise_{first}"])
        self.second = RenderConvolution(part(f"convs.{second}."), state[f"noises.noise_{second}"])
        heads = [part(f"to_rgbs.{stage}."), part(f"to_segs.{stage}.")]
        # one 1x1 convolution for colours and parts, one skip sum for both
        self.register_buffer("head", torch.cat([scaled(h["conv.weight"], h["conv.modulation"], False) for h in heads]))
        self.register_buffer("bias", torch.cat([h["bias"].flatten() for h in heads]))
        self.outputs = self.bias.shape[0]
        self.register_buffer("kernel", heads[0]["upsample.kernel"].expand(self.outputs, 1, -1, -1).contiguous())

    def forward(self, x: Tensor, skip: Tensor) -> tuple[Tensor, Tensor]:
        x = self.second(self.first(x))
        out = F.conv2d(x, self.head, self.bias)
        if skip.numel() > 0:
            out = out + F.conv_transpose2d(skip, self.kernel, stride=2, padding=1, groups=self.outputs)
        return x, out

    def weights(self) -> list[Tensor]:
        """As `render_stage` of published_way takes them."""
        return self.first.weights() + self.second.weights() + [self.head[:3], self.bias[:3], self.head[3:], self.bias[3:]]


class OfficialGenerator(nn.Module):
    """Codes [N, codes, D] or [N, expanded, D] -> colours [N, 3, S, S], parts [N, P, S, S], coarse parts [N, P, s, s].

    `composition` [N, P] of 0 and 1 leaves parts out; an empty tensor keeps all of them.
    """

    def __init__(self, layout: Sizes, state: State) -> None:
        super().__init__()
        self.parts, self.layers, self.base, self.depth_layers = (layout.seg_dim, layout.local_layers, layout.base_layers,
                                                                 layout.depth_layers)
        self.coarse, self.pooled, self.refine = layout.coarse_size, layout.min_feat_size, layout.residual_refine
        self.codes, self.expanded = layout.codes, layout.expanded

        mapping = [state[f"style.{index}.weight"] for index in range(1, layout.n_mlp + 1)]
        self.register_buffer("map_weight", torch.stack([w * MAPPING_RATE / math.sqrt(w.shape[1]) for w in mapping]))
        self.register_buffer("map_bias", torch.stack([state[f"style.{index}.bias"] * MAPPING_RATE
                                                      for index in range(1, layout.n_mlp + 1)]))
        self.register_buffer("position", positional_code(state["pos_embed.weights"], layout.size, layout.coarse_size))

        def stack(name: str) -> Tensor:
            return torch.stack([torch.stack([state[f"local_nets.{part}.linears.{layer}.{name}"]
                                             for part in range(self.parts)]) for layer in range(self.layers)])

        channels = layout.local_channel
        self.register_buffer("weight", stack("conv.weight").flatten(2).view(self.layers, self.parts, channels, channels)
                             / math.sqrt(channels))
        self.register_buffer("style_weight", stack("conv.modulation.weight") / math.sqrt(layout.latent))
        self.register_buffer("style_bias", stack("conv.modulation.bias"))
        self.register_buffer("bias", stack("activate.bias") * GAIN)  # as in RenderConvolution

        def head(part: int, name: str) -> tuple[Tensor, Tensor]:
            prefix = f"local_nets.{part}.{name}."
            if prefix + "bias" not in state:  # the background's depth is 0
                return torch.zeros(1, channels), torch.zeros(1)
            weight = scaled(state[prefix + "conv.weight"], state[prefix + "conv.modulation"], False)
            return weight.flatten(1), state[prefix + "bias"].flatten()

        depths, features = ([head(part, name) for part in range(self.parts)] for name in ("to_depth", "to_feat"))
        self.register_buffer("depth_weight", torch.cat([weight for weight, _ in depths]))
        self.register_buffer("depth_bias", torch.cat([bias for _, bias in depths]))
        self.register_buffer("feature_weight", torch.cat([weight for weight, _ in features], 1))  # [F, P * C]
        self.register_buffer("feature_bias", torch.stack([bias for _, bias in features], 1))      # [F, P]
        transparent = torch.zeros(1, self.parts, 1)
        transparent[:, list(layout.transparent_dims)] = 1
        self.register_buffer("transparent", transparent)

        render = {key.removeprefix("render_net."): value for key, value in state.items() if key.startswith("render_net.")}
        self.stages = nn.ModuleList(RenderStage(render, stage)
                                    for stage in range(int(math.log2(layout.size // layout.min_feat_size))))

    @torch.jit.export
    def map(self, z: Tensor) -> Tensor:
        """z [N, D] -> w [N, D]."""
        x = z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)
        for layer in range(self.map_weight.shape[0]):
            x = activate(F.linear(x, self.map_weight[layer], self.map_bias[layer]))
        return x

    def of_layer(self, codes: Tensor, layer: int) -> Tensor:
        """The code of each part [N, P, D] that a layer reads."""
        if codes.shape[1] == self.expanded:
            return codes[:, layer::self.layers]
        parts = codes[:, self.base:]
        second = 1 if layer >= self.depth_layers else 0
        chosen = parts[:, second::2]
        if layer < self.base:  # what all parts but the background share
            shared = codes[:, layer:layer + 1].expand(-1, self.parts - 1, -1)
            chosen = torch.cat([chosen[:, :1], shared], 1)
        return chosen

    def forward(self, codes: Tensor, composition: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        count = codes.shape[0]
        x = self.position.expand(count, self.parts, -1, -1)
        depth = torch.zeros(0)
        for layer in range(self.layers):
            style = torch.einsum("npd,pcd->npc", self.of_layer(codes, layer), self.style_weight[layer]) + self.style_bias[layer]
            weight = self.weight[layer] * style.unsqueeze(2)
            weight = normalise(weight, 3) * math.sqrt(2.0)
            x = F.leaky_relu_(torch.matmul(weight, x).add_(self.bias[layer].unsqueeze(2)), 0.2)
            if layer + 1 == self.depth_layers:
                depth = (x * self.depth_weight.unsqueeze(2)).sum(2) + self.depth_bias.unsqueeze(1)
        mask = torch.softmax(depth, 1)
        if composition.numel() > 0:
            mask = mask * composition.unsqueeze(2)
            mask = mask / mask.sum(1, keepdim=True)
        opaque = mask * (1 - self.transparent)
        share = opaque / opaque.sum(1, keepdim=True) + mask * self.transparent
        features = torch.matmul(self.feature_weight, (x * share.unsqueeze(2)).flatten(1, 2)) + torch.matmul(self.feature_bias, share)
        features = features.view(count, -1, self.coarse, self.coarse)
        coarse = mask.view(count, self.parts, self.coarse, self.coarse) * 2 - 1

        y, skip = F.adaptive_avg_pool2d(features, self.pooled), torch.zeros(0)
        for stage in self.stages:
            if y.shape[2] == self.coarse:
                y = torch.cat([y, features], 1)
            y, skip = stage(y, skip)
            if self.refine and y.shape[2] == self.coarse:
                skip = torch.cat([skip[:, :3], skip[:, 3:] + coarse], 1)
        return skip[:, :3], skip[:, 3:], coarse

    @torch.jit.export
    def weights(self) -> list[Tensor]:
        """As `published` takes them: each part's layers and heads, then each stage's convolutions and heads."""
        listed: list[Tensor] = []
        channels = self.bias.shape[2]
        for part in range(self.parts):
            for layer in range(self.layers):
                listed += [self.style_weight[layer, part], self.style_bias[layer, part], self.weight[layer, part],
                           self.bias[layer, part] / math.sqrt(2.0)]
            listed += [self.depth_weight[part], self.depth_bias[part],
                       self.feature_weight[:, part * channels:(part + 1) * channels], self.feature_bias[:, part]]
        for stage in self.stages:
            listed += stage.weights()
        return listed

    @torch.jit.export
    def published(self, codes: Tensor, weights: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """What `forward` gives for W+ or expanded codes, computed the way it was published."""
        count, side, per_part = codes.shape[0], self.coarse, 4 * self.layers + 4
        position = self.position.view(1, -1, side, side).expand(count, -1, -1, -1)
        depths: list[Tensor] = []
        features: list[Tensor] = []
        for part in range(self.parts):
            own = weights[part * per_part:(part + 1) * per_part]
            read = torch.stack([self.of_layer(codes, layer)[:, part] for layer in range(self.layers)], 1)
            depth, feature = local_generator(position, read, own, self.depth_layers)
            depths.append(depth)
            features.append(feature)
        mixed, mask = fuse(torch.cat(depths, 1), features, self.transparent.flatten())
        coarse = mask * 2 - 1
        y, skip = F.adaptive_avg_pool2d(mixed, self.pooled), torch.zeros(0)
        first, used = self.parts * per_part, 14
        for stage in self.stages:
            if y.shape[2] == side:
                y = torch.cat([y, mixed], 1)
            y, skip = render_stage(y, skip, weights[first:first + used], stage.kernel[0, 0])
            first += used
            if self.refine and y.shape[2] == side:
                skip = torch.cat([skip[:, :3], skip[:, 3:] + coarse], 1)
        return skip[:, :3], skip[:, 3:], coarse
