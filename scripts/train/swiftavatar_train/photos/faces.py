"""Faces in photos with 478 mesh points each: BlazeFace proposes, MediaPipe's second face mesh confirms.

The program's own detector (src/model/face_detector.cpp) goes the same way with the first mesh; the second one is the
more exact measure, and what landmarks_*.npz of the data set hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from .networks import Networks

DETECTOR_SIZE, MESH_SIZE = 128, 192
PROPOSED, CONFIRMED = 0.5, 0.5  # least score of BlazeFace, least face flag of the mesh
DOUBTFUL = 0.02                 # least face flag where somebody knows that there is a face
SAME_FACE = 0.3                 # overlap (intersection over union) of two boxes of one face
MARGIN = 1.5                    # of the square around the face, as the mesh was trained
LEFT_EYE, RIGHT_EYE = 33, 263   # outer corners, by the picture's sides
FIVE = (468, 473, 1, 61, 291)   # irises, nose tip, corners of the mouth


@dataclass
class Square:
    """A rotated square of a photo: centre (x, y), side in pixels, angle in radians."""

    centre: np.ndarray
    side: float
    angle: float = 0.0

    def to_photo(self, size: int) -> np.ndarray:
        """Transform [2, 3] from pixels of the square's picture to the photo's."""
        scale = self.side / size
        cos, sin = scale * np.cos(self.angle), scale * np.sin(self.angle)
        linear = np.array([[cos, -sin], [sin, cos]])
        return np.hstack([linear, (self.centre - linear @ (size / 2, size / 2))[:, None]])


@dataclass
class Face:
    """A face: mesh [478, 2] in pixels, face flag 0..1, the square that the mesh was read in."""

    mesh: np.ndarray
    flag: float
    square: Square

    @property
    def box(self) -> np.ndarray:
        """Left, top, right, bottom of the mesh."""
        return np.concatenate([self.mesh.min(0), self.mesh.max(0)])

    @property
    def five(self) -> np.ndarray:
        return self.mesh[list(FIVE)]


def largest_face(image: np.ndarray, networks: Networks, least_flag: float = CONFIRMED) -> Face | None:
    """The largest face of those that the first search with any finds in an RGB photo."""
    faces = next((faces for faces in searches(image, networks, least_flag) if faces), [])
    return max(faces, key=lambda face: np.prod(face.box[2:] - face.box[:2]), default=None)


def searches(image: np.ndarray, networks: Networks, least_flag: float = CONFIRMED) -> Iterator[list[Face]]:
    """What is found in the whole photo, then in tiles of it, then in a wider view, for faces larger than the photo."""
    height, width = image.shape[:2]
    whole = Square(np.array([width / 2, height / 2]), max(width, height))
    for windows in ([whole], list(tiles(width, height, 0.6)), list(tiles(width, height, 0.3)),
                    [Square(whole.centre, 2 * whole.side)]):
        yield search(image, windows, networks, least_flag)


def tiles(width: int, height: int, share: float) -> Iterator[Square]:
    """Squares that cover the photo and overlap by a third; their side is `share` of the photo's longer one."""
    side = share * max(width, height)

    def centres(length: float) -> np.ndarray:
        if length <= side:
            return np.array([length / 2])
        return np.linspace(side / 2, length - side / 2, 1 + int(np.ceil((length - side) / (side * 0.67))))

    for y in centres(height):
        for x in centres(width):
            yield Square(np.array([x, y]), side)


def search(image: np.ndarray, windows: list[Square], networks: Networks, least_flag: float) -> list[Face]:
    faces: list[Face] = []
    for window in windows:
        for square in propose(image, window, networks):
            face = read_mesh(image, square, networks)
            if face.flag > least_flag and all(overlap(face.box, other.box) <= SAME_FACE for other in faces):
                faces.append(face)
    return faces


def propose(image: np.ndarray, window: Square, networks: Networks) -> Iterator[Square]:
    """Squares around what BlazeFace takes for faces in a window, the surest first."""
    crop = sample(image, window, DETECTOR_SIZE)
    values, logits = networks.detect(crop.astype(np.float32) / 127.5 - 1)
    scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
    left = [int(i) for i in np.argsort(-scores, kind="stable") if scores[i] >= PROPOSED]
    points = values.reshape(-1, 8, 2) / DETECTOR_SIZE  # centre, size, then six points
    points[:, [0, *range(2, 8)]] += ANCHORS[:, None]
    boxes = np.concatenate([points[:, 0] - points[:, 1] / 2, points[:, 0] + points[:, 1] / 2], 1)
    corner = window.centre - window.side / 2
    while left:
        same = [i for i in left if overlap(boxes[left[0]], boxes[i]) > SAME_FACE]
        mean = np.average(points[same], 0, scores[same])
        centre, eyes = corner + window.side * mean[0], mean[3] - mean[2]
        yield Square(centre, max(1.0, MARGIN * window.side * float(mean[1].max())), float(np.arctan2(eyes[1], eyes[0])))
        left = [i for i in left if i not in same]


def read_mesh(image: np.ndarray, square: Square, networks: Networks) -> Face:
    """What the mesh sees in a square. Read twice: the second time around the first one's points."""
    for again in (True, False):
        crop = sample(image, square, MESH_SIZE)
        points, flag = networks.mesh(crop.astype(np.float32) / 255)
        transform = square.to_photo(MESH_SIZE)
        mesh = points[:, :2] @ transform[:, :2].T + transform[:, 2]
        if again:
            square = enclosing_square(mesh)
    return Face(mesh.astype(np.float32), flag, square)


def enclosing_square(points: np.ndarray) -> Square:
    """The square around mesh points, upright as the eyes are."""
    eyes = points[RIGHT_EYE] - points[LEFT_EYE]
    angle = float(np.arctan2(eyes[1], eyes[0]))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    upright = points @ rotation
    low, high = upright.min(0), upright.max(0)
    return Square(rotation @ ((low + high) / 2), max(1.0, MARGIN * float((high - low).max())), angle)


def sample(image: np.ndarray, square: Square, size: int) -> np.ndarray:
    """The picture [size, size, 3] of a square; black outside the photo. A large photo is shrunk by areas first."""
    shrink = int(square.side / size)
    transform = square.to_photo(size)
    if shrink >= 2:
        height, width = image.shape[:2]
        small = (max(1, width // shrink), max(1, height // shrink))
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        transform = transform * np.array([[small[0] / width], [small[1] / height]])
    transform[:, 2] += transform[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV has pixel centres at integers
    return cv2.warpAffine(image, transform, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    inside = np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None))
    united = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - inside
    return float(inside / united) if united > 0 else 0.0


def _anchors() -> np.ndarray:
    """Centres [896, 2] of BlazeFace's anchors, 0..1."""
    return np.concatenate([np.repeat([((x + 0.5) / cells, (y + 0.5) / cells) for y in range(cells) for x in range(cells)], count, 0)
                           for cells, count in ((16, 2), (8, 6))])


ANCHORS = _anchors()
