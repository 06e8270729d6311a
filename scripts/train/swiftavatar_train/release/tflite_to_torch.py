"""TFLite flatbuffers to PyTorch modules, for the float networks of Google's MediaPipe.

TFLite holds activations as NHWC and convolution weights as [out, h, w, in]; the module built here takes and keeps NCHW
and undoes the difference only where the layout shows (RESHAPE). Paddings are resolved at build time from the static
shapes that the file states, so a module takes inputs of that height and width and any batch size.

Only the operators that these networks use are written; any other one raises `UnsupportedOperator` with its name.
Operator semantics: https://www.tensorflow.org/mlir/tfl_ops.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tflite
import torch
import torch.nn.functional as F
from torch import Tensor, nn

OPERATOR_NAMES = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
NUMPY_TYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
}


class UnsupportedOperator(ValueError):
    """The file uses an operator, or an option of one, that this converter does not know."""


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


class TFLiteNetwork(nn.Module):
    """The graph of a TFLite file as a module: NCHW inputs to a tuple of outputs, both in the file's order.

    Four-dimensional outputs are NCHW, others are as in the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        model = tflite.Model.GetRootAsModel(path.read_bytes(), 0)
        if model.SubgraphsLength() != 1:
            raise UnsupportedOperator(f"{path}: has {model.SubgraphsLength()} subgraphs, expected 1")
        reader = _GraphReader(model)
        self.inputs = [int(i) for i in reader.graph.InputsAsNumpy()]
        self.outputs = [int(i) for i in reader.graph.OutputsAsNumpy()]
        self.layers = nn.ModuleList()
        self.wiring: list[tuple[list[int], int]] = []  # per layer: tensors read, tensor written
        for index in range(reader.graph.OperatorsLength()):
            try:
                step = reader.layer(reader.graph.Operators(index))
            except UnsupportedOperator as error:
                raise UnsupportedOperator(f"{path}: operator {index}: {error}") from None
            if step is not None:
                layer, sources, target = step
                self.layers.append(layer)
                self.wiring.append((sources, target))

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        values = dict(zip(self.inputs, inputs, strict=True))
        for layer, (sources, target) in zip(self.layers, self.wiring, strict=True):
            values[target] = layer(*(values[source] for source in sources))
        return tuple(values[output] for output in self.outputs)


Step = tuple[nn.Module, list[int], int]


class _GraphReader:
    """Reads the operators of a model's first graph one by one, in their order of execution."""

    def __init__(self, model: tflite.Model) -> None:
        self.model = model
        self.graph = model.Subgraphs(0)
        self.shapes: list[list[int]] = []
        self.constants: dict[int, np.ndarray] = {}
        for index in range(self.graph.TensorsLength()):
            tensor = self.graph.Tensors(index)
            shape = [int(size) for size in tensor.ShapeAsNumpy()] if tensor.ShapeLength() else []
            self.shapes.append(shape)
            buffer = model.Buffers(tensor.Buffer())
            if buffer.DataLength():
                if tensor.Type() not in NUMPY_TYPES:
                    raise UnsupportedOperator(f"constant of TFLite type {tensor.Type()}")
                self.constants[index] = np.frombuffer(buffer.DataAsNumpy(), NUMPY_TYPES[tensor.Type()]).reshape(shape)

    def layer(self, operator: tflite.Operator) -> Step | None:
        """The layer of an operator with the tensors it reads and writes; None where it only widens a constant."""
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        name = OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        sources = [int(i) for i in operator.InputsAsNumpy()]
        target = int(operator.OutputsAsNumpy()[0])

        if name == "DEQUANTIZE" and sources[0] in self.constants:  # weights stored as float16
            self.constants[target] = self.constants[sources[0]].astype(np.float32)
            return None
        builders: dict[str, Callable[[], nn.Module]] = {
            "CONV_2D": lambda: self._conv(operator, sources, depthwise=False),
            "DEPTHWISE_CONV_2D": lambda: self._conv(operator, sources, depthwise=True),
            "MAX_POOL_2D": lambda: self._max_pool(operator, sources[0]),
            "PRELU": lambda: PRelu(self._constant(sources[1]).reshape(-1)),
            "RELU": nn.ReLU,
            "ADD": lambda: Add(_activation(_options(operator, tflite.AddOptions).FusedActivationFunction())),
            "PAD": lambda: self._pad(sources[1]),
            "RESHAPE": lambda: Reshape(self.shapes[target][1:]),
            "CONCATENATION": lambda: self._concatenate(operator, target),
        }
        if name not in builders:
            raise UnsupportedOperator(f"{name} is not implemented")
        return builders[name](), [source for source in sources if source not in self.constants], target

    def _constant(self, index: int) -> Tensor:
        return torch.from_numpy(np.array(self.constants[index], dtype=np.float32))

    def _conv(self, operator: tflite.Operator, sources: list[int], depthwise: bool) -> Conv:
        options = _options(operator, tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions)
        weight = self._constant(sources[1])
        # [out, h, w, in], or [1, h, w, out] when depthwise, to PyTorch's [out, in / groups, h, w].
        weight = weight.permute(3, 0, 1, 2) if depthwise else weight.permute(0, 3, 1, 2)
        _, height, width, channels = self.shapes[sources[0]]
        stride = (options.StrideH(), options.StrideW())
        dilation = (options.DilationHFactor(), options.DilationWFactor())
        padding = [0, 0, 0, 0]
        if options.Padding() == tflite.Padding.SAME:
            padding = [*_same_padding(width, weight.shape[3], stride[1], dilation[1]),
                       *_same_padding(height, weight.shape[2], stride[0], dilation[0])]
        has_bias = len(sources) > 2 and sources[2] >= 0
        return Conv(weight.contiguous(), self._constant(sources[2]) if has_bias else None, stride, dilation, padding,
                    channels if depthwise else 1, _activation(options.FusedActivationFunction()))

    def _max_pool(self, operator: tflite.Operator, source: int) -> nn.Module:
        options = _options(operator, tflite.Pool2DOptions)
        kernel = (options.FilterHeight(), options.FilterWidth())
        stride = (options.StrideH(), options.StrideW())
        _, height, width, _ = self.shapes[source]
        padded = _same_padding(height, kernel[0], stride[0]) + _same_padding(width, kernel[1], stride[1])
        if options.Padding() == tflite.Padding.SAME and any(padded):
            raise UnsupportedOperator("MAX_POOL_2D with padding is not implemented")
        return nn.MaxPool2d(kernel, stride)

    def _pad(self, index: int) -> Pad:
        batch, rows, columns, channels = self.constants[index].tolist()
        if any(batch):
            raise UnsupportedOperator("PAD of the batch is not implemented")
        return Pad([*columns, *rows, *channels])

    def _concatenate(self, operator: tflite.Operator, target: int) -> Concatenate:
        rank = len(self.shapes[target])
        axis = _options(operator, tflite.ConcatenationOptions).Axis() % rank
        return Concatenate({0: 0, 1: 2, 2: 3, 3: 1}[axis] if rank == 4 else axis)


def _options(operator: tflite.Operator, kind: type) -> object:
    table, options = operator.BuiltinOptions(), kind()
    options.Init(table.Bytes, table.Pos)
    return options


def _activation(code: int) -> nn.Module:
    known = {
        tflite.ActivationFunctionType.NONE: nn.Identity,
        tflite.ActivationFunctionType.RELU: nn.ReLU,
        tflite.ActivationFunctionType.RELU6: nn.ReLU6,
    }
    if code not in known:
        raise UnsupportedOperator(f"fused activation {code} is not implemented")
    return known[code]()


def _same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Zeros before and after one axis so that the output has ceil(size / stride) entries; the odd one goes after."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2
