"""The generator: a compositional StyleGAN after SemanticStyleGAN (Shi et al., CVPR 2022), scaled down to 0.5 M weights.

W+ codes [N, 28, 64]: 0 and 1 coarse structure, shared by all parts but the background; then for part i (design order)
2 + 2i shape and 3 + 2i texture. Thirteen small coordinate networks, computed as one batched product, give each part a
pseudo-depth and features on a 32x32 grid; a softmax over the depths is the coarse mask; a convolutional net renders the
mixed features. The depth is read before the texture layers: a texture code cannot move the coarse mask.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PART_COUNT = 13
BASE_CODES = 2
CODES = BASE_CODES + 2 * PART_COUNT
DIM = 64
BACKGROUND = 0
TRANSPARENT = (10, 12)  # glasses, earring: what lies behind them stays visible
MASK_SCALE = 5.0  # cross-entropy logits = MASK_SCALE * mask output, for the mask output lives in about -1..1
GRID = 32
LOCAL_WIDTH = 32
FEATURES = 64
# Layers of a local net and the code each reads: -2 and -1 the coarse ones, 0 the part's shape, 1 its texture.
LAYER_CODES = (-2, -1, 0, 0, 1, 1)
DEPTH_LAYERS = 4
FREQUENCIES = 5  # the fifth has a period of six cells; one more would leave stripes


def layer_code_table() -> Tensor:
    """Index of the code that layer l of part p reads, [layers, parts]. The background knows no coarse codes."""
    table = torch.zeros(len(LAYER_CODES), PART_COUNT, dtype=torch.long)
    for layer, kind in enumerate(LAYER_CODES):
        for part in range(PART_COUNT):
            if kind < 0:
                table[layer, part] = BASE_CODES + 2 * part if part == BACKGROUND else kind + 2
            else:
                table[layer, part] = BASE_CODES + 2 * part + kind
    return table


def coordinate_grid() -> Tensor:
    """Homogeneous coordinates [3, GRID * GRID]: x, y in -1..1, 1."""
    axis = torch.linspace(-1, 1, GRID)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x.flatten(), y.flatten(), torch.ones(GRID * GRID)])


class LocalGenerators(nn.Module):
    """All local nets at once. forward(codes [N, 28, 64], composition) gives mixed features [N, 64, 32, 32], the coarse
    mask [N, 13, 32, 32] as probabilities, and the picture of plain part colours [N, 3, 32, 32]."""

    def __init__(self) -> None:
        super().__init__()
        layers, width = len(LAYER_CODES), LOCAL_WIDTH
        self.side = GRID
        self.depth_layers = DEPTH_LAYERS
        self.frequencies = FREQUENCIES
        encoded = 2 + 4 * FREQUENCIES
        # High frequencies start weak, or masks and colours come out striped.
        strength = torch.cat([torch.ones(2), torch.tensor([1, 1, 1, 0.7, 0.4]).repeat_interleave(4)])
        self.position = nn.Parameter(torch.randn(width, encoded) / math.sqrt(encoded) * 1.4 * strength)
        # Where each part's grid lies in the picture: identity for photos, learned for a drawn style.
        self.warp = nn.Parameter(torch.tensor([[1.0, 0, 0], [0, 1, 0]]).repeat(PART_COUNT, 1, 1), requires_grad=False)
        self.weight = nn.Parameter(torch.randn(layers, PART_COUNT, width, width))
        self.bias = nn.Parameter(torch.zeros(layers, PART_COUNT, width))
        self.style_weight = nn.Parameter(torch.randn(layers * PART_COUNT, DIM, width) / math.sqrt(DIM) * 0.5)
        self.style_bias = nn.Parameter(torch.ones(layers * PART_COUNT, 1, width))
        self.depth_weight = nn.Parameter(torch.randn(PART_COUNT, 1, width) / math.sqrt(width) * 0.3)
        self.depth_bias = nn.Parameter(torch.zeros(PART_COUNT, 1, 1))
        self.feature_weight = nn.Parameter(torch.randn(FEATURES, PART_COUNT * width) / math.sqrt(width))
        self.feature_bias = nn.Parameter(torch.zeros(FEATURES, PART_COUNT))
        self.color_weight = nn.Parameter(torch.randn(PART_COUNT, DIM, 3) / math.sqrt(DIM) * 0.3)
        self.color_bias = nn.Parameter(torch.zeros(PART_COUNT, 1, 3))
        self.register_buffer("layer_codes", layer_code_table().flatten())
        self.register_buffer("grid", coordinate_grid())
        opaque = torch.ones(PART_COUNT)
        opaque[list(TRANSPARENT)] = 0
        self.register_buffer("opaque", opaque.view(1, PART_COUNT, 1))
        foreground = torch.ones(PART_COUNT)
        foreground[BACKGROUND] = 0
        self.register_buffer("foreground", foreground.view(PART_COUNT, 1, 1))

    def positions(self) -> Tensor:
        """Fourier features of each part's warped grid, projected: [13, 32, 1024]."""
        xy = torch.matmul(self.warp, self.grid)
        features = [xy]
        for k in range(self.frequencies):
            features.append(torch.sin(xy * (2.0**k)))
            features.append(torch.cos(xy * (2.0**k)))
        return torch.matmul(self.position, torch.cat(features, 1))

    def layer_weights(self, codes: Tensor) -> Tensor:
        """Modulated and demodulated weights of every layer for every sample, [layers, N, 13, out, in]."""
        n, layers, parts, width = codes.shape[0], self.weight.shape[0], self.weight.shape[1], self.weight.shape[2]
        style = torch.bmm(codes[:, self.layer_codes].transpose(0, 1), self.style_weight) + self.style_bias
        style = style.view(layers, parts, n, width).transpose(1, 2).unsqueeze(3)
        weight = self.weight.unsqueeze(1) * style
        return weight * torch.rsqrt(weight.square().sum(4, keepdim=True) + 1e-8)

    def forward(self, codes: Tensor, composition: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        n, cells = codes.shape[0], self.grid.shape[1]
        layers, parts, width = self.weight.shape[0], self.weight.shape[1], self.weight.shape[2]
        # Leaky ReLU is positively homogeneous: its gain of sqrt 2 goes into weights and biases.
        weight = (self.layer_weights(codes) * math.sqrt(2.0)).reshape(layers, n * parts, width, width)
        bias = self.bias.unsqueeze(1).expand(layers, n, parts, width).reshape(layers, n * parts, width, 1)
        x = self.positions().unsqueeze(0).expand(n, parts, width, cells).reshape(n * parts, width, cells)
        depth = torch.zeros(0, device=codes.device)
        for layer in range(layers):
            # In place where autograd allows it: memory traffic, not arithmetic, is the cost here.
            x = F.leaky_relu_(torch.bmm(weight[layer], x).add_(bias[layer]), 0.2)
            if layer == self.depth_layers - 1:
                local = torch.matmul(self.depth_weight, x.view(n, parts, width, cells)) + self.depth_bias
                depth = (local * self.foreground).squeeze(2)
        mask = torch.softmax(depth, 1)
        if composition.numel() > 0:
            mask = mask * composition.unsqueeze(2)
            mask = mask / mask.sum(1, keepdim=True).clamp(min=1e-8)
        opaque = mask * self.opaque
        share = opaque / opaque.sum(1, keepdim=True).clamp(min=1e-8) + mask * (1 - self.opaque)
        weighted = (x.view(n, parts, width, cells) * share.unsqueeze(2)).view(n, parts * width, cells)
        features = torch.matmul(self.feature_weight, weighted) + torch.matmul(self.feature_bias, share)
        color = torch.bmm(codes[:, 3::2].transpose(0, 1), self.color_weight) + self.color_bias  # [13, N, 3]
        plain = torch.bmm(color.permute(1, 2, 0), share)
        side = self.side
        return features.view(n, -1, side, side), mask.view(n, parts, side, side), plain.view(n, 3, side, side)


class Stage(nn.Module):
    """Doubles the size: 3x3 convolution before the upsampling, one after; heads for RGB and mask."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.before = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.after = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.head = nn.Conv2d(outputs, 3 + PART_COUNT, 1)
        for conv in (self.before, self.after):
            nn.init.kaiming_normal_(conv.weight, 0.2)
            nn.init.zeros_(conv.bias)
        nn.init.zeros_(self.head.weight)  # a fresh stage starts as the enlarged picture of the one before
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu_(self.before(x), 0.2)
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return F.leaky_relu_(self.after(x), 0.2)


class Generator(nn.Module):
    """Codes to picture and masks.

    forward(codes [N, 28, 64], composition [N, 13] of 0/1 or empty [0], size 128, 64) gives
    rgb [N, 3, size, size], about -1..1, not clamped;
    mask [N, 13, size, size], about -1..1: argmax is the part, MASK_SCALE times it are logits;
    coarse [N, 13, 32, 32], -1..1: the softmax over depths before rendering.
    """

    def __init__(self, widths: tuple[int, int, int, int] = (96, 64, 48, 32)) -> None:
        super().__init__()
        self.local = LocalGenerators()
        self.stage16 = Stage(FEATURES, widths[0])
        self.stage32 = Stage(widths[0], widths[1])
        self.stage64 = Stage(widths[1] + FEATURES, widths[2])
        self.stage128 = Stage(widths[2], widths[3])
        # Codes of the training photos as a Gaussian: mean and scaled principal axes (set by `fit_map`).
        self.register_buffer("map_mean", torch.zeros(CODES * DIM))
        self.register_buffer("map_basis", torch.zeros(DIM, CODES * DIM))

    def forward(self, codes: Tensor, composition: Tensor, size: int = 128) -> tuple[Tensor, Tensor, Tensor]:
        features, coarse, plain = self.local(codes, composition)
        coarse = 2 * coarse - 1
        x = F.avg_pool2d(features, 4)
        x = self.stage16(x)
        skip = self.stage16.head(x)
        x = self.stage32(x)
        skip = F.interpolate(skip, scale_factor=2.0, mode="bilinear", align_corners=False) + self.stage32.head(x)
        skip = skip + torch.cat([plain, coarse], 1)
        x = self.stage64(torch.cat([x, features], 1))
        skip = F.interpolate(skip, scale_factor=2.0, mode="bilinear", align_corners=False) + self.stage64.head(x)
        if size == 128:
            x = self.stage128(x)
            skip = F.interpolate(skip, scale_factor=2.0, mode="bilinear", align_corners=False) + self.stage128.head(x)
        return skip[:, :3], skip[:, 3:], coarse

    @torch.jit.export
    def map(self, z: Tensor) -> Tensor:
        """Standard normal z [N, 64] to codes [N, 28, 64] distributed like those of the training photos."""
        return (self.map_mean + torch.matmul(z, self.map_basis)).view(z.shape[0], 28, 64)

    @torch.no_grad()
    def fit_map(self, codes: Tensor) -> None:
        """Fits `map` to codes [M, 28, 64]: their mean and their DIM strongest principal axes."""
        flat = codes.flatten(1).double()
        mean = flat.mean(0)
        _, strength, axes = torch.linalg.svd(flat - mean, full_matrices=False)
        rank = min(DIM, len(strength))
        self.map_mean.copy_(mean.float())
        self.map_basis.zero_()
        self.map_basis[:rank] = (strength[:rank, None] * axes[:rank] / math.sqrt(max(len(flat) - 1, 1))).float()


def as_parts(mask: Tensor) -> Tensor:
    """The mask output [N, 13, H, W] as probabilities of the parts."""
    return torch.softmax(MASK_SCALE * mask, 1)
