"""Resampling of many pictures at once."""

from __future__ import annotations

import cv2
import numpy as np


def shrink_all(images: np.ndarray, size: int) -> np.ndarray:
    """uint8 [N, S, S, 3] -> [N, size, size, 3], area-averaged."""
    return np.stack([cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA) for image in images])
