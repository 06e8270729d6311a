"""The aligned crop: FFHQ's square, enlarged. The C++ program's src/face/align.cpp computes the same."""

from __future__ import annotations

import cv2
import numpy as np

# Mesh points (478-point face mesh) that fix the alignment; left and right are sides of the picture.
EYE_LEFT, EYE_RIGHT, NOSE_TIP, MOUTH_LEFT, MOUTH_RIGHT = 468, 473, 1, 61, 291
DEFAULT_CROP = 1.18


def five_points(mesh: np.ndarray) -> np.ndarray:
    """Eye centres, nose tip and mouth corners [5, 2] of a mesh [478, 2]."""
    return mesh[[EYE_LEFT, EYE_RIGHT, NOSE_TIP, MOUTH_LEFT, MOUTH_RIGHT], :2].astype(np.float64)


def align_transform(five: np.ndarray, size: int, crop: float = DEFAULT_CROP) -> np.ndarray:
    """Similarity [2, 3] from photo pixels to pixels of the aligned crop.

    The square is that of FFHQ (Karras et al. 2019): its half side follows the larger of twice the distance between the
    eyes and 1.8 times that from eyes to mouth; `crop` enlarges it about its centre.
    """
    eyes = (five[0] + five[1]) / 2
    mouth = (five[3] + five[4]) / 2
    eye_to_eye = five[1] - five[0]
    eye_to_mouth = mouth - eyes
    x = eye_to_eye - np.array([-eye_to_mouth[1], eye_to_mouth[0]])
    x *= max(2.0 * np.linalg.norm(eye_to_eye), 1.8 * np.linalg.norm(eye_to_mouth)) / np.linalg.norm(x)
    centre = eyes + 0.1 * eye_to_mouth
    half = x * crop  # half of the square's side, along the crop's horizontal axis
    scale = size / (2.0 * np.linalg.norm(half))
    cos, sin = half / np.linalg.norm(half)
    linear = scale * np.array([[cos, sin], [-sin, cos]])
    return np.hstack([linear, (size / 2.0 - linear @ centre)[:, None]])


def transform_points(points: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """Points [N, 2] through a [2, 3] transform."""
    return points @ transform[:, :2].T + transform[:, 2]


def align_image(image: np.ndarray, transform: np.ndarray, size: int, *, nearest: bool = False,
                border: int | None = None) -> np.ndarray:
    """The aligned crop of an image or mask; area-averaged when shrinking, reflected (or `border`) outside.

    Pixel centres lie at integers for OpenCV and at halves for us, hence the half-pixel shift.
    """
    scale = float(np.hypot(transform[0, 0], transform[0, 1]))
    source = image
    matrix = transform.copy()
    if not nearest:
        shrink = int(np.floor(1.0 / scale))
        if shrink >= 2:
            height, width = image.shape[:2]
            small = (max(1, width // shrink), max(1, height // shrink))
            source = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
            matrix[:, 0] *= width / small[0]
            matrix[:, 1] *= height / small[1]
    matrix[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
    mode = cv2.BORDER_REFLECT_101 if border is None else cv2.BORDER_CONSTANT
    return cv2.warpAffine(source, matrix, (size, size), flags=cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR,
                          borderMode=mode, borderValue=border or 0)
