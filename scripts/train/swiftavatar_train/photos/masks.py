"""Part masks of photos without a parser: mesh polygons, a hair network, a person network and a rule about skin colour.

It is a start, to be corrected by labels and by a parser that learns from it: it knows no glasses, headwear and earrings,
takes long beards for hair and misses braids.
"""

from __future__ import annotations

import cv2
import numpy as np

from .faces import MARGIN, Face
from .networks import Networks

# Values of a mask, in the order of the design's parts.
(BACKGROUND, SKIN, EYE, BROW, MOUTH, NOSE, EAR, HAIR, NECK, CLOTH) = range(10)
UNKNOWN = 255

CROP = 1.75 * MARGIN / 1.5  # side of what is looked at, times the square of the mesh
ABOVE = 0.56                # share of that side above the square's centre
SIZE = 512                  # its longer side as the networks see it
PERSON_SIZE = 256

# Outlines in the mesh, as polygons.
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136,
        172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))
EYES = ((33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
        (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382))
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
NOSE_OUTLINE = (168, 122, 174, 198, 49, 48, 64, 98, 97, 2, 326, 327, 294, 278, 279, 420, 399, 351)
FOREHEAD, CHEEKS, MIDDLE_BROWS, JAW_CORNERS = 10, (234, 454), (105, 334), (172, 397)


def part_mask(image: np.ndarray, face: Face, networks: Networks) -> np.ndarray:
    """The mask [H, W] uint8 of an RGB photo: parts of this face's head and body, 255 where nobody looked."""
    height, width = image.shape[:2]
    side = int(face.square.side * CROP)
    left, top = (int(v) for v in face.square.centre - (side / 2, side * ABOVE))
    rows = slice(max(0, top), min(height, top + side))
    columns = slice(max(0, left), min(width, left + side))
    crop = image[rows, columns]
    scale = SIZE / max(crop.shape[:2])
    size = tuple(round(n * scale) for n in crop.shape[1::-1])
    enlarged = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    parts = head_parts(enlarged, (face.mesh - (columns.start, rows.start)) * scale, networks)
    mask = np.full((height, width), UNKNOWN, np.uint8)
    mask[rows, columns] = cv2.resize(parts, crop.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return mask


def head_parts(image: np.ndarray, mesh: np.ndarray, networks: Networks) -> np.ndarray:
    """The mask of a picture that shows one head, with its mesh in pixels."""
    person = ask(networks.person, image, PERSON_SIZE) > 0.5
    hair = (ask(networks.hair, image, SIZE) > 0.5) & person
    oval, lips = polygon(image, mesh, OVAL), polygon(image, mesh, LIPS)
    eyes = np.logical_or(*(polygon(image, mesh, eye) for eye in EYES))
    brows = np.logical_or(*(polygon(image, mesh, brow) for brow in BROWS))
    skin = skin_colored(image, oval & ~hair & ~eyes & ~brows & ~lips)

    y = np.arange(image.shape[0])[:, None]
    off_centre = np.abs(np.arange(image.shape[1])[None] - mesh[list(CHEEKS), 0].mean())
    face_width = np.linalg.norm(mesh[CHEEKS[1]] - mesh[CHEEKS[0]])
    below_jaw = y > mesh[list(JAW_CORNERS), 1].mean()
    forehead = (y < mesh[FOREHEAD, 1] + 0.1 * face_width) & (off_centre < 0.5 * face_width)

    mask = np.where(person, CLOTH, BACKGROUND).astype(np.uint8)
    if is_gray(image):  # no colour tells skin from cloth
        mask[person] = UNKNOWN
    else:
        mask[person & skin & below_jaw] = NECK
        mask[person & skin & ~below_jaw & ~oval & (off_centre <= 0.72 * face_width)] = EAR
    mask[person & forehead & ~hair & ~oval] = SKIN
    mask[oval] = SKIN
    mask[hair & ~(oval & (y >= mesh[list(MIDDLE_BROWS), 1].mean()))] = HAIR  # in the face, hair ends at the brows
    mask[polygon(image, mesh, NOSE_OUTLINE)] = NOSE
    mask[brows], mask[eyes], mask[lips] = BROW, EYE, MOUTH
    return mask


def ask(network: object, image: np.ndarray, size: int) -> np.ndarray:
    """What a network of [size, size, 3] says of each pixel of a picture, 0..1."""
    way = cv2.INTER_AREA if max(image.shape[:2]) > size else cv2.INTER_LINEAR
    small = cv2.resize(image, (size, size), interpolation=way).astype(np.float32) / 255
    return cv2.resize(network(small), image.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def polygon(image: np.ndarray, mesh: np.ndarray, outline: tuple[int, ...]) -> np.ndarray:
    """The inside of an outline: bool [H, W]."""
    inside = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(mesh[list(outline)]).astype(np.int32)], 1)
    return inside > 0


def is_gray(image: np.ndarray) -> bool:
    """Whether a picture is black and white, or in shades of one colour."""
    return bool(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)[..., 1:].std((0, 1)).max() < 3)


def skin_colored(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Where a picture has about the chroma of `known` pixels and is not much darker. Nowhere, if none is known."""
    if not known.any():
        return np.zeros(image.shape[:2], bool)
    colors = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    middle = np.median(colors[known], 0)
    off = np.abs(colors - middle)
    return (off[..., 1] < 12) & (off[..., 2] < 14) & (colors[..., 0] > 0.35 * middle[0])
