"""The networks that see faces, people and hair in the photos of the data set.

The face detector is the bundle's. The others never ship: they are Google's (MediaPipe, Apache-2.0), objects of the
repository google-ai-edge/mediapipe, so that a clone of it is enough. Masks and landmarks depend on these very files,
so their SHA-256 is checked.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..core.tflite_to_torch import TFLiteNetwork
from .git_objects import Clone, Missing

REPOSITORY = "google-ai-edge/mediapipe"
BUNDLE = Path(__file__).resolve().parents[4] / "models" / "default"


@dataclass(frozen=True)
class Source:
    """A TFLite file: the git object that it is, or the zip that has it as `member`; the SHA-256 of the file."""

    blob: str
    sha256: str
    member: str = ""


SOURCES = {
    "face_landmarks_v2.tflite": Source("7749e045", "bc5ee5de06d8c3a5465c3155227615b164480a52105a2b3df5748250ab4d914f",
                                       "face_landmarks_detector.tflite"),
    "hair_segmentation.tflite": Source("5c8e22e40d07c68c118125cbb3294315c3381f20",
                                       "d2c940c4fd80edeaf38f5d7387d1b4235ee320ed120080df67c663e749e77633"),
    "selfie_segmentation.tflite": Source("59db56edb7e2a588803ed978a8b26bfaeed244a2",
                                         "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c"),
}


def network_file(name: str, folder: Path, clones: Path) -> Path:
    """The TFLite file in `folder`; taken out of the clone where it is not there yet."""
    source, path = SOURCES[name], folder / name
    if not path.exists():
        try:
            content = Clone(clones, REPOSITORY).read("HEAD", "", source.blob)
        except Missing as missing:
            raise SystemExit(f"{path} is missing, and the clone of {REPOSITORY} does not give it ({missing}): "
                             f"put a clone with all history into {clones / REPOSITORY}.") from None
        if source.member:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read(source.member)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if actual != source.sha256:
        raise SystemExit(f"{path}: SHA-256 is {actual[:16]}, expected {source.sha256[:16]}: delete it and take it out of "
                         f"a clone of {REPOSITORY}.")
    return path


def has_network(name: str, folder: Path, clones: Path) -> bool:
    """Whether `network_file` will find the file; its hash is not checked yet."""
    try:
        return (folder / name).exists() or bool(Clone(clones, REPOSITORY).read("HEAD", "", SOURCES[name].blob))
    except Missing:
        return False


def missing_networks(folder: Path, clones: Path) -> list[str]:
    """A line for each network that could not be had."""
    return [f"{name} is missing: neither in {folder} nor in a clone of {REPOSITORY}"
            for name in SOURCES if not has_network(name, folder, clones)]


class Networks:
    """The networks, each read when it is first asked. All take float32 images [H, W, C] and give NumPy arrays."""

    def __init__(self, folder: Path, clones: Path, bundle: Path = BUNDLE) -> None:
        self.folder, self.clones, self.bundle = folder, clones, bundle

    def fetch(self) -> None:
        """Takes out of the clone what is not in the folder yet."""
        for name in SOURCES:
            network_file(name, self.folder, self.clones)

    @cached_property
    def _detector(self) -> torch.jit.ScriptModule:
        return torch.jit.load(str(self.bundle / "detector.pt"), map_location="cpu")

    @cached_property
    def _mesh(self) -> nn.Module:
        return self._convert("face_landmarks_v2.tflite")

    @cached_property
    def _hair(self) -> nn.Module:
        return self._convert("hair_segmentation.tflite")

    @cached_property
    def _person(self) -> nn.Module:
        return self._convert("selfie_segmentation.tflite")

    def _convert(self, name: str) -> nn.Module:
        return TFLiteNetwork(network_file(name, self.folder, self.clones)).eval()

    def detect(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """BlazeFace of [128, 128, 3] in -1..1: boxes [896, 16] and logits [896]."""
        boxes, logits = _run(self._detector, image)
        return boxes.reshape(-1, 16), logits.reshape(-1)

    def mesh(self, image: np.ndarray) -> tuple[np.ndarray, float]:
        """The face mesh of [192, 192, 3] in 0..1: 478 points (x, y, z) in its pixels, and how surely it is a face, 0..1."""
        points, flag = _run(self._mesh, image)
        return points.reshape(-1, 3), float(1 / (1 + np.exp(-flag.reshape(-1)[0])))

    def person(self, image: np.ndarray) -> np.ndarray:
        """How surely each pixel of [256, 256, 3] in 0..1 is a person's, 0..1."""
        return _run(self._person, image)[0][0, 0]

    def hair(self, image: np.ndarray, passes: int = 2) -> np.ndarray:
        """How surely each pixel of [512, 512, 3] in 0..1 is hair, 0..1. The network is also told what it said before."""
        seen = np.zeros(image.shape[:2] + (1,), np.float32)
        for _ in range(passes):
            logits = torch.from_numpy(_run(self._hair, np.concatenate([image, seen], 2))[0])
            seen = torch.softmax(logits, 1)[0, 1, :, :, None].numpy()
        return seen[:, :, 0]


def _run(network: nn.Module, image: np.ndarray) -> list[np.ndarray]:
    with torch.inference_mode():
        outputs = network(torch.from_numpy(np.ascontiguousarray(image, np.float32)).permute(2, 0, 1)[None])
    return [output.numpy() for output in outputs]
