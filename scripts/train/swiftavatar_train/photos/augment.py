"""Photo augmentation for the estimator: geometry, light, colour, and the traces of cameras and files."""

from __future__ import annotations

import cv2
import numpy as np


def warp(image: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """A jittered crop of `size`: scale, shift, rotation, flip; image is an aligned crop uint8 [S, S, 3]."""
    side = image.shape[0]
    scale = size / side * rng.uniform(0.92, 1.12)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), rng.normal(0, 4.0), scale)
    matrix[:, 2] += size / 2 - side / 2 + rng.normal(0, 0.02, 2) * size
    if rng.random() < 0.5:
        matrix[0] = -matrix[0]
        matrix[0, 2] += size - 1
    return cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT_101)


def relight(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Exposure, white balance, contrast, saturation and a soft side light.

    White balance varies by as much as between photographers, not within one studio: nearly all grey hair of the train photos
    is of one source, and a network that trusts its light takes grey hair in warm light for blond.
    """
    gain = np.exp(rng.normal(0, 0.10)) * np.exp(rng.normal(0, 0.07, 3))
    levels = np.linspace(0, 1, 256)[:, None]
    table = np.power(np.clip(levels * gain, 0, 1), np.exp(rng.normal(0, 0.10))) * 255
    out = cv2.LUT(image, table.astype(np.uint8)[None])
    grey = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    share = rng.uniform(0.7, 1.25)
    out = cv2.addWeighted(out, share, grey, 1 - share, 0)
    if rng.random() < 0.3:
        ramp = 1 + np.linspace(-1, 1, out.shape[1], dtype=np.float32) * np.float32(rng.normal(0, 0.10))
        out = np.clip(out * ramp[None, :, None], 0, 255).astype(np.uint8)
    return out


def degrade(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random resampling, JPEG and noise, so that no source can be told by its traces."""
    size = image.shape[0]
    if rng.random() < 0.5:
        small = int(rng.uniform(0.45, 1.0) * size)
        image = cv2.resize(cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA), (size, size),
                           interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.4:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(40, 95))])
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if rng.random() < 0.3:
        noise = rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(1, 6))
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return image


def odd_light(image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, tuple[str, ...]]:
    """A few pictures as stages, phones and scanners make them: in coloured light, over-exposed, grey; and which labels such a picture
    no longer tells."""
    chance = rng.random()
    if chance < 0.05:  # light of one colour
        gains = np.exp(rng.normal(0, 0.35, 3))
        levels = np.linspace(0, 1, 256)[:, None] * (gains / gains.max() * rng.uniform(0.7, 1.3))
        return cv2.LUT(image, (np.clip(levels, 0, 1) * 255).astype(np.uint8)[None]), ("hair_color",)
    if chance < 0.08:
        levels = np.clip(np.linspace(0, 1, 256) * rng.uniform(1.2, 1.7), 0, 1)
        return cv2.LUT(image, (levels * 255).astype(np.uint8)), ("hair_color",)
    if chance < 0.11:
        return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), ("hair_color", "skin_tone")
    return image, ()


def tiny(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As a face of 30 to 80 pixels is stored."""
    size, small = image.shape[0], int(rng.uniform(40, 110))
    image = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(50, 95))])
    return cv2.resize(cv2.imdecode(data, cv2.IMREAD_COLOR), (size, size), interpolation=cv2.INTER_LINEAR)


def augment(image: np.ndarray, size: int, rng: np.random.Generator, degrade_share: float = 1.0) -> tuple[np.ndarray, tuple[str, ...]]:
    """All of it: uint8 [S, S, 3] -> uint8 [size, size, 3], and the labels that the picture no longer tells; a `degrade_share` of the
    pictures are degraded, and one in sixteen is tiny."""
    lit, unknown = odd_light(relight(warp(image, size, rng), rng), rng)
    if degrade_share < 1 and rng.random() < 0.06:
        return tiny(lit, rng), unknown
    return (degrade(lit, rng) if degrade_share == 1 or rng.random() < degrade_share else lit), unknown
