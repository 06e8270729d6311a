"""Pictures as arrays and as tensors, and their resampling."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

SIZE = 128  # pixels of the generators' pictures


def shrink_all(images: np.ndarray, size: int) -> np.ndarray:
    """uint8 [N, S, S, 3] -> [N, size, size, 3], area-averaged."""
    return np.stack([cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA) for image in images])


def shrink_images(images: np.ndarray, size: int = SIZE) -> np.ndarray:
    """uint8 [N, H, H, 3] to [N, size, size, 3] by area averaging."""
    if images.shape[1] == size:
        return images
    return np.stack([cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA) for image in images])


def shrink_labels(labels: np.ndarray, size: int = SIZE) -> np.ndarray:
    """Labels [N, H, H] to [N, size, size], the nearest one."""
    if labels.shape[1] == size:
        return labels
    return np.stack([cv2.resize(label, (size, size), interpolation=cv2.INTER_NEAREST) for label in labels])


def to_images(rgb: Tensor) -> np.ndarray:
    """Pictures uint8 [N, H, W, 3] of those in -1..1 [N, 3, H, W]."""
    return ((rgb.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()


def to_tensor(images: np.ndarray) -> Tensor:
    """uint8 [N, S, S, 3] -> float [N, 3, S, S] in -1..1."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
