"""MediaPipe's networks as modules: layers against their definitions, networks against TensorFlow Lite where it has them."""

from __future__ import annotations

import hashlib
import io
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from swiftavatar_train.photos import networks
from swiftavatar_train.photos.networks import Networks, Source, network_file
from swiftavatar_train.core.tflite_layers import PoolWithIndices, TransposedConv, Unpool
from made_clone import make_clone

FACE_MODELS = Path(__file__).parents[4] / "shared/face-models"


def test_transposed_convolution_pads_as_tflite() -> None:
    """Padding SAME: every input pixel stamps its kernel, and of the canvas (2 n + 1) the first 2 n rows and columns stay
    where the kernel is 3 wide, for TFLite puts the odd pixel of padding behind."""
    weight, bias = torch.rand(2, 3, 3, 3), torch.rand(3)
    x = torch.rand(1, 2, 4, 5)
    canvas = bias.view(3, 1, 1).repeat(1, 9, 11)
    for row in range(4):
        for column in range(5):
            canvas[:, 2 * row:2 * row + 3, 2 * column:2 * column + 3] += torch.einsum("i,iohw->ohw", x[0, :, row, column], weight)
    y = TransposedConv(weight, bias, (2, 2), [8, 10])(x)
    torch.testing.assert_close(y[0], canvas[:, :8, :10])


def test_unpooling_puts_maxima_back() -> None:
    x = torch.rand(1, 2, 6, 8) + 1
    maxima, indices = PoolWithIndices()(x)
    back = Unpool()(maxima, indices)
    assert back.shape == x.shape
    assert ((back == x) | (back == 0)).all() and (back > 0).sum() == maxima.numel()


@pytest.mark.skipif(not (FACE_MODELS / "face_landmarks_v2.tflite").exists(), reason="../shared/face-models is not there")
def test_second_mesh_matches_tensorflow_lite() -> None:
    path = FACE_MODELS / "face_landmarks_v2.tflite"
    interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter(str(path))
    interpreter.allocate_tensors()
    image = np.random.default_rng(3).random((192, 192, 3), np.float32)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
    interpreter.invoke()
    wanted, flag = (interpreter.get_tensor(output["index"]).reshape(-1) for output in interpreter.get_output_details()[:2])
    if len(wanted) == 1:
        wanted, flag = flag, wanted
    points, sure = Networks(FACE_MODELS, Path("/none")).mesh(image)
    np.testing.assert_allclose(points.reshape(-1), wanted, atol=1e-3)
    assert sure == pytest.approx(1 / (1 + np.exp(-flag[0])), abs=1e-4)


@pytest.mark.skipif(not (FACE_MODELS / "hair_segmentation.tflite").exists(), reason="../shared/face-models is not there")
def test_hair_network_gives_shares_and_hears_itself() -> None:
    """No other runtime has its operators: that the masks are right, test_masks.py shows."""
    asked = Networks(FACE_MODELS, Path("/none"))
    image = np.random.default_rng(3).random((512, 512, 3), np.float32)
    once, twice = asked.hair(image, 1), asked.hair(image, 2)
    assert once.shape == (512, 512) and 0 <= once.min() and once.max() <= 1
    assert not np.array_equal(once, twice)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Clones with one network as a file, another in a zip."""
    content, zipped = b"a network", io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("inner.tflite", b"another")
    folder = make_clone(tmp_path, networks.REPOSITORY, {"a.tflite": content, "b.task": zipped.getvalue()})
    blob = {name: subprocess.run(["git", "-C", folder, "rev-parse", f"HEAD:{name}"], capture_output=True, check=True, text=True).stdout.strip()
            for name in ("a.tflite", "b.task")}
    monkeypatch.setattr(networks, "SOURCES", {
        "a.tflite": Source(blob["a.tflite"], hashlib.sha256(content).hexdigest()),
        "b.tflite": Source(blob["b.task"][:8], hashlib.sha256(b"another").hexdigest(), "inner.tflite"),
        "c.tflite": Source("0" * 40, "0" * 64)})
    return tmp_path


def test_networks_come_out_of_the_clone(made: Path) -> None:
    assert network_file("a.tflite", made / "out", made).read_bytes() == b"a network"
    assert network_file("b.tflite", made / "out", made).read_bytes() == b"another"


def test_network_that_is_not_in_the_clone_is_said(made: Path) -> None:
    with pytest.raises(SystemExit, match="c.tflite is missing, and the clone of google-ai-edge/mediapipe"):
        network_file("c.tflite", made / "out", made)
    assert networks.has_network("a.tflite", made / "out", made) and not networks.has_network("c.tflite", made / "out", made)
    with pytest.raises(SystemExit, match="no clone of google-ai-edge/mediapipe"):
        network_file("a.tflite", made / "out", made / "elsewhere")


def test_changed_network_is_refused(made: Path) -> None:
    (made / "a.tflite").write_bytes(b"something else")
    with pytest.raises(SystemExit, match="a.tflite: SHA-256 is .* delete it"):
        network_file("a.tflite", made, made)
