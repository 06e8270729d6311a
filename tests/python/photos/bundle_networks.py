"""Networks for tests that need faces: the bundle's own mesh stands in for the second one, which is no part of the checkout."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from swiftavatar_train.photos.networks import BUNDLE, Networks, _run

EXAMPLE = Path(__file__).parents[3] / "examples/astronaut.png"


class BundleNetworks(Networks):
    """Eye centres are the middles of the eyes' corners; hair is above the image's upper third, a person in its middle half."""

    def __init__(self) -> None:
        super().__init__(Path("/none"), Path("/none"))
        self.first_mesh = torch.jit.load(str(BUNDLE / "mesh.pt"), map_location="cpu")

    def mesh(self, image: np.ndarray) -> tuple[np.ndarray, float]:
        points, flag = _run(self.first_mesh, image)
        points = points.reshape(468, 3)
        irises = [np.repeat(points[[outer, inner]].mean(0, keepdims=True), 5, 0) for outer, inner in ((33, 133), (263, 362))]
        return np.concatenate([points, *irises]), float(1 / (1 + np.exp(-flag.reshape(-1)[0])))

    def person(self, image: np.ndarray) -> np.ndarray:
        shown = np.zeros(image.shape[:2], np.float32)
        shown[:, image.shape[1] // 4:image.shape[1] * 3 // 4] = 1
        return shown

    def hair(self, image: np.ndarray, passes: int = 2) -> np.ndarray:
        shown = np.zeros(image.shape[:2], np.float32)
        shown[:image.shape[0] // 3] = 1
        return shown


def example() -> np.ndarray:
    """An RGB photo with one face in it."""
    return cv2.cvtColor(cv2.imread(str(EXAMPLE), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
