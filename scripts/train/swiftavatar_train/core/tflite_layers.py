"""The layers of TFLite files as PyTorch modules, NCHW; tflite_to_torch.py builds networks of them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Conv(nn.Module):
    """2-D convolution with TFLite padding and fused activation. Weight [out, in / groups, h, w]."""

    def __init__(self, weight: Tensor, bias: Tensor | None, stride: tuple[int, int], dilation: tuple[int, int],
                 padding: list[int], groups: int, activation: nn.Module) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.stride, self.dilation, self.groups = stride, dilation, groups
        left, right, top, bottom = padding
        symmetric = left == right and top == bottom
        self.conv_padding = (top, left) if symmetric else (0, 0)
        self.explicit_padding = None if symmetric else padding
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        if self.explicit_padding is not None:
            x = F.pad(x, self.explicit_padding)
        x = F.conv2d(x, self.weight, self.bias, self.stride, self.conv_padding, self.dilation, self.groups)
        return self.activation(x)


class PRelu(nn.Module):
    """Leaky ReLU with one slope per channel."""

    def __init__(self, slope: Tensor) -> None:
        super().__init__()
        self.register_buffer("slope", slope)

    def forward(self, x: Tensor) -> Tensor:
        return F.prelu(x, self.slope)


class Add(nn.Module):
    """Sum of two activations."""

    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self.activation = activation

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.activation(a + b)


class Pad(nn.Module):
    """Zero padding; `padding` in the order of `torch.nn.functional.pad` for NCHW: left, right, top, bottom, channels."""

    def __init__(self, padding: list[int]) -> None:
        super().__init__()
        self.padding = padding

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x, self.padding)


class Reshape(nn.Module):
    """Reshape as TFLite sees it: channels last. `shape` is the shape after the batch."""

    def __init__(self, shape: list[int]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() == 4:
            x = x.permute(0, 2, 3, 1)
        return x.reshape(x.shape[0], *self.shape)


class Concatenate(nn.Module):
    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, *parts: Tensor) -> Tensor:
        return torch.cat(parts, self.axis)


class Multiply(nn.Module):
    """Product of two activations; one of them may be a single pixel."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a * b


class ResizeBilinear(nn.Module):
    """Bilinear interpolation to [height, width], with pixel centres at halves."""

    def __init__(self, size: list[int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(x, size=self.size, mode="bilinear", align_corners=False)


class TransposedConv(nn.Module):
    """MediaPipe's transposed convolution: as TFLite's with padding SAME, plus a bias. Weight [in, out, h, w]."""

    def __init__(self, weight: Tensor, bias: Tensor, stride: tuple[int, int], size: list[int]) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.stride, self.size = stride, size

    def forward(self, x: Tensor) -> Tensor:
        height, width = self.size
        y = F.conv_transpose2d(x, self.weight, self.bias, self.stride)
        top, left = max(y.shape[2] - height, 0) // 2, max(y.shape[3] - width, 0) // 2
        return y[:, :, top:top + height, left:left + width]


class PoolWithIndices(nn.Module):
    """MediaPipe's 2 x 2 maximum pooling: the maxima and where each was, for `Unpool`."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return F.max_pool2d(x, 2, return_indices=True)


class Unpool(nn.Module):
    """Puts each value where `PoolWithIndices` found its maximum, zeros elsewhere."""

    def forward(self, x: Tensor, indices: Tensor) -> Tensor:
        return F.max_unpool2d(x, indices, 2)
