"""What all draw-ons share: a face's own axes from its mesh, antialiased shapes, and layers laid over a photo.

Points are pixels (x, y) of the photo, y downwards, in float; colours are RGB in 0..1; alphas are float32 [S, S] in 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ...core.labels import PARTS

SKIN, EYE, BROW, MOUTH, EAR, HAIR, NECK, CLOTH, GLASSES, HAT, EARRING = (
    PARTS.index(name) for name in
    ("skin", "eye", "brow", "mouth", "ear", "hair", "neck", "cloth", "glasses", "hat", "earring"))
UNKNOWN = 255
SUBPIXEL_BITS = 4  # fixed-point fraction of OpenCV's drawing coordinates
# Outline of the face from the temple at the picture's left over the chin to that at its right, mesh indices.
JAW = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356)
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)


@dataclass
class Side:
    """One half of a face; `share` is its part of the face's visible width (0.5 when seen from the front)."""
    iris: np.ndarray
    temple: np.ndarray
    tragus: np.ndarray
    outward: np.ndarray
    share: float


@dataclass
class Face:
    """A face's landmarks in pixels with its own axes. `unit` is the distance between the eyes of a frontal view."""
    points: np.ndarray  # [478, 2]
    unit: float = field(init=False)
    right: np.ndarray = field(init=False)
    up: np.ndarray = field(init=False)
    left_side: Side = field(init=False)
    right_side: Side = field(init=False)

    def __post_init__(self) -> None:
        p = self.points
        eyes = p[473] - p[468]
        # A turned head brings the eyes together but keeps its height: 0.37 is their usual ratio.
        self.unit = float(max(np.linalg.norm(eyes), 0.37 * np.linalg.norm(p[10] - p[152])))
        across = p[356] - p[127]
        self.right = across / (np.linalg.norm(across) + 1e-6)
        self.up = np.array([self.right[1], -self.right[0]])
        bridge = p[168]
        widths = [abs(float((p[k] - bridge) @ self.right)) for k in (127, 356)]
        total = sum(widths) + 1e-6
        self.left_side = Side(p[468], p[127], p[234], -self.right, widths[0] / total)
        self.right_side = Side(p[473], p[356], p[454], self.right, widths[1] / total)

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.left_side, self.right_side

    def at(self, origin: np.ndarray, x: float | np.ndarray, y: float | np.ndarray) -> np.ndarray:
        """Point(s) `x` to the right and `y` up from `origin`, in units of the eye distance."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        return origin + self.unit * (x[..., None] * self.right + y[..., None] * self.up)

    def coordinates(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """(x, y) of every pixel [S, S] from the point between the eyes, in units of the eye distance, y up."""
        rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) + 0.5
        origin = (self.points[468] + self.points[473]) / 2
        dx, dy = columns - origin[0], rows - origin[1]
        return ((dx * self.right[0] + dy * self.right[1]) / self.unit, (dx * self.up[0] + dy * self.up[1]) / self.unit)


def _fixed(points: np.ndarray, scale: int) -> np.ndarray:
    # A pixel's centre lies at a half for us and at an integer for OpenCV.
    return np.round((np.asarray(points) * scale - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)


def _supersampling(size: int) -> int:
    return max(1, round(512 / size))


def fill(size: int, polygons: list[np.ndarray]) -> np.ndarray:
    """Coverage [S, S] in 0..1 of closed polygons."""
    scale = _supersampling(size)
    layer = np.zeros((size * scale, size * scale), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(layer, [_fixed(polygon, scale)], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    return _shrink(layer, size)


def stroke(size: int, lines: list[np.ndarray], width: float, *, closed: bool = False) -> np.ndarray:
    """Coverage [S, S] in 0..1 of lines of one width in pixels (lines thinner than a pixel come out faint)."""
    scale = _supersampling(size)
    layer = np.zeros((size * scale, size * scale), np.uint8)
    thickness = max(1, round(width * scale))
    for line in lines:
        cv2.polylines(layer, [_fixed(line, scale)], closed, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    return _shrink(layer, size)


def _shrink(layer: np.ndarray, size: int) -> np.ndarray:
    if layer.shape[0] != size:
        layer = cv2.resize(layer, (size, size), interpolation=cv2.INTER_AREA)
    return layer.astype(np.float32) / 255.0


def smooth(points: np.ndarray, count: int, *, closed: bool = False) -> np.ndarray:
    """A Catmull-Rom curve through `points` [K, 2], sampled at `count` points a segment."""
    points = np.asarray(points, np.float64)
    padded = (np.concatenate([points[-1:], points, points[:2]]) if closed
              else np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]]))
    t = np.linspace(0, 1, count, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:]):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(pieces if closed else [*pieces, points[-1:]])


def ellipse(centre: np.ndarray, x_axis: np.ndarray, y_axis: np.ndarray, start: float = 0.0, end: float = 2 * np.pi,
            count: int = 48) -> np.ndarray:
    """Points of an ellipse's arc, half axes given as vectors."""
    angle = np.linspace(start, end, count)[:, None]
    return centre + np.cos(angle) * x_axis + np.sin(angle) * y_axis


def blur(layer: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(layer, (0, 0), max(sigma, 0.1))


def over(image: np.ndarray, colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """`colour` ([3] or [S, S, 3]) laid over `image` [S, S, 3] with `alpha` [S, S]."""
    alpha = alpha[..., None]
    return image * (1.0 - alpha) + np.asarray(colour, np.float32) * alpha


def darken(image: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """A shadow: `amount` [S, S] of the light taken away."""
    return image * (1.0 - amount[..., None])


def strand_noise(size: int, length: float, thickness: float, angle: float, rng: np.random.Generator) -> np.ndarray:
    """Noise [S, S] of mean 0 and deviation 1 that runs in strands: lengths in pixels, `angle` in radians from down."""
    noise = rng.standard_normal((size, size)).astype(np.float32)
    reach = max(1, int(np.ceil(length)))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    tip = np.array([np.sin(angle), np.cos(angle)]) * length
    cv2.line(kernel, tuple(int(v) for v in np.round(reach - tip)), tuple(int(v) for v in np.round(reach + tip)), 1.0, 1,
             cv2.LINE_AA)
    noise = cv2.filter2D(noise, -1, kernel / kernel.sum())
    if thickness > 0.3:
        noise = blur(noise, thickness)
    return (noise - noise.mean()) / (noise.std() + 1e-6)


NOSE_OUTLINE = (168, 122, 174, 198, 49, 48, 64, 98, 97, 2, 326, 327, 294, 278, 279, 420, 399, 351)
BACKGROUND, NOSE = PARTS.index("background"), PARTS.index("nose")
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
        136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
