"""TFLite flatbuffers to PyTorch modules, for the float networks of Google's MediaPipe.

TFLite holds activations as NHWC and convolution weights as [out, h, w, in]; the module built here takes and keeps NCHW
and undoes the difference only where the layout shows (RESHAPE). Paddings are resolved at build time from the static
shapes that the file states, so a module takes inputs of that height and width and any batch size.

Only the operators that these networks use are written; any other one raises `UnsupportedOperator` with its name.
Operator semantics: https://www.tensorflow.org/mlir/tfl_ops; the custom ones are MediaPipe's own, in its util/tflite.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tflite
import torch
from torch import Tensor, nn

from .tflite_layers import (Add, Concatenate, Conv, Multiply, Pad, PoolWithIndices, PRelu, Reshape, ResizeBilinear, TransposedConv,
                            Unpool)

OPERATOR_NAMES = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
NUMPY_TYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
}
SAME_IN_CUSTOM_OPTIONS = 1  # kTfLitePaddingSame


class UnsupportedOperator(ValueError):
    """The file uses an operator, or an option of one, that this converter does not know."""


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
        self.wiring: list[tuple[list[int], list[int]]] = []  # per layer: tensors read, tensors written
        for index in range(reader.graph.OperatorsLength()):
            try:
                step = reader.layer(reader.graph.Operators(index))
            except UnsupportedOperator as error:
                raise UnsupportedOperator(f"{path}: operator {index}: {error}") from None
            if step is not None:
                layer, sources, targets = step
                self.layers.append(layer)
                self.wiring.append((sources, targets))

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        values = dict(zip(self.inputs, inputs, strict=True))
        for layer, (sources, targets) in zip(self.layers, self.wiring, strict=True):
            written = layer(*(values[source] for source in sources))
            values.update(zip(targets, written if len(targets) > 1 else (written,), strict=True))
        return tuple(values[output] for output in self.outputs)


Step = tuple[nn.Module, list[int], list[int]]


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
        if name == "CUSTOM":
            name = code.CustomCode().decode()
        sources = [int(i) for i in operator.InputsAsNumpy()]
        targets = [int(i) for i in operator.OutputsAsNumpy()]
        target = targets[0]

        if name == "DEQUANTIZE" and sources[0] in self.constants:  # weights stored as float16
            self.constants[target] = self.constants[sources[0]].astype(np.float32)
            return None
        builders: dict[str, Callable[[], nn.Module]] = {
            "CONV_2D": lambda: self._conv(operator, sources, depthwise=False),
            "DEPTHWISE_CONV_2D": lambda: self._conv(operator, sources, depthwise=True),
            "MAX_POOL_2D": lambda: self._pool(operator, sources[0], nn.MaxPool2d),
            "AVERAGE_POOL_2D": lambda: self._pool(operator, sources[0], nn.AvgPool2d),
            "RESIZE_BILINEAR": lambda: self._resize(operator, target),
            "Convolution2DTransposeBias": lambda: self._transposed_conv(operator, sources, target),
            "MaxPoolingWithArgmax2D": lambda: self._pool_with_indices(operator),
            "MaxUnpooling2D": lambda: self._unpool(sources[0], target),
            "PRELU": lambda: PRelu(self._constant(sources[1]).reshape(-1)),
            "RELU": nn.ReLU,
            "HARD_SWISH": nn.Hardswish,
            "LOGISTIC": nn.Sigmoid,
            "MUL": lambda: self._multiply(operator, sources),
            "ADD": lambda: Add(_activation(_options(operator, tflite.AddOptions).FusedActivationFunction())),
            "PAD": lambda: self._pad(sources[1]),
            "RESHAPE": lambda: Reshape(self.shapes[target][1:]),
            "CONCATENATION": lambda: self._concatenate(operator, target),
        }
        if name not in builders:
            raise UnsupportedOperator(f"{name} is not implemented")
        return builders[name](), [source for source in sources if source not in self.constants], targets

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

    def _pool(self, operator: tflite.Operator, source: int, kind: type[nn.Module]) -> nn.Module:
        options = _options(operator, tflite.Pool2DOptions)
        kernel = (options.FilterHeight(), options.FilterWidth())
        stride = (options.StrideH(), options.StrideW())
        _, height, width, _ = self.shapes[source]
        padded = _same_padding(height, kernel[0], stride[0]) + _same_padding(width, kernel[1], stride[1])
        if options.Padding() == tflite.Padding.SAME and any(padded):
            raise UnsupportedOperator("pooling with padding is not implemented")
        return kind(kernel, stride)

    def _multiply(self, operator: tflite.Operator, sources: list[int]) -> Multiply:
        if any(source in self.constants for source in sources):
            raise UnsupportedOperator("MUL with a constant is not implemented")
        if _options(operator, tflite.MulOptions).FusedActivationFunction() != tflite.ActivationFunctionType.NONE:
            raise UnsupportedOperator("MUL with a fused activation is not implemented")
        return Multiply()

    def _resize(self, operator: tflite.Operator, target: int) -> ResizeBilinear:
        options = _options(operator, tflite.ResizeBilinearOptions)
        if options.AlignCorners() or not options.HalfPixelCenters():
            raise UnsupportedOperator("RESIZE_BILINEAR is implemented for pixel centres at halves only")
        return ResizeBilinear(self.shapes[target][1:3])

    def _transposed_conv(self, operator: tflite.Operator, sources: list[int], target: int) -> TransposedConv:
        padding, stride_width, stride_height = _custom_options(operator, 3)
        if padding != SAME_IN_CUSTOM_OPTIONS:
            raise UnsupportedOperator("Convolution2DTransposeBias is implemented for padding SAME only")
        weight = self._constant(sources[1]).permute(3, 0, 1, 2)  # [out, h, w, in] to PyTorch's [in, out, h, w]
        return TransposedConv(weight.contiguous(), self._constant(sources[2]), (stride_height, stride_width),
                              self.shapes[target][1:3])

    def _pool_with_indices(self, operator: tflite.Operator) -> PoolWithIndices:
        if any(size != 2 for size in _custom_options(operator, 5)[1:]):
            raise UnsupportedOperator("MaxPoolingWithArgmax2D is implemented for 2 x 2 only")
        return PoolWithIndices()

    def _unpool(self, source: int, target: int) -> Unpool:
        if [2 * side for side in self.shapes[source][1:3]] != self.shapes[target][1:3]:
            raise UnsupportedOperator("MaxUnpooling2D is implemented for 2 x 2 only")
        return Unpool()

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


def _custom_options(operator: tflite.Operator, count: int) -> tuple[int, ...]:
    """The first numbers of a custom operator's options, a C struct."""
    return struct.unpack_from(f"<{count}i", operator.CustomOptionsAsNumpy().tobytes())


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
