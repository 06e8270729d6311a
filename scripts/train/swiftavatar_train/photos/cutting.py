"""A picture of the data set, cut out of the picture in its source.

Where a face lies in the picture of the data set is known (five points), so finding the same face in the source gives the
rectangle that was cut and how much it was scaled, whatever rule it was cut by.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

from .faces import DOUBTFUL, searches
from .git_objects import Missing
from .networks import Networks
from .tables import SETS, Picture

MOST_PIXELS = 80_000_000
FITS = 0.06        # mean distance of the five points, of that of the eyes, up to which it is the same face
UNSCALED = 0.04    # a scale that near to 1 is 1, where the picture is smaller than its set allows
AT_BORDER = 0.015  # a rectangle that ends so near to the source's border, of its width, ends there
DIFFERENT = 12     # of the 64 bits of a fingerprint
PASSES = 3

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels of the source


def decode(content: bytes) -> Image.Image:
    """The upright RGB picture of a file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(content))
            if image.width * image.height > MOST_PIXELS:
                raise Missing("has too many pixels")
            return ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError:
        raise Missing("has too many pixels") from None
    except (OSError, SyntaxError, ValueError):
        raise Missing("is no picture that can be read") from None


def cut_picture(source: Image.Image, picture: Picture, networks: Networks) -> Image.Image:
    """The picture as it is in the data set. Raises Missing where the source does not show it."""
    result = source.resize((picture.width, picture.height), box=find_box(source, picture, networks), resample=Image.LANCZOS)
    different = fingerprint_distance(fingerprint(result), picture.fingerprint)
    if different > DIFFERENT:
        raise Missing(f"shows something else than it did ({different} of 64 bits differ)")
    return result


def find_box(source: Image.Image, picture: Picture, networks: Networks) -> Box:
    """The rectangle of the source that the picture shows.

    The face is looked for in the source, then again in what was cut: seen at the same size as when the five points were
    noted, it is found in the same way, and what is left tells how far the cut before was off."""
    whole = (0, 0, *source.size)
    if source.size == (picture.width, picture.height):
        return whole
    box = snap(fitting_box(source, picture, networks, whole), source.size, picture)
    for _ in range(PASSES - 1):
        seen = source.resize((picture.width, picture.height), box=box, resample=Image.LANCZOS)
        better = snap(fitting_box(seen, picture, networks, box), source.size, picture)
        if better == box:
            break
        box = better
    return box


def fitting_box(seen: Image.Image, picture: Picture, networks: Networks, shown: Box) -> np.ndarray:
    """The rectangle of the source (floats) that puts a face's five points where they are in `picture`. `seen` is the
    source's rectangle `shown`."""
    corner, size = np.array(shown[:2], float), np.subtract(shown[2:], shown[:2])
    best, least = None, FITS * float(np.linalg.norm(picture.five[1] - picture.five[0]))
    for faces in searches(np.asarray(seen), networks, DOUBTFUL):
        for face in faces:
            five = face.five * (size / seen.size) + corner
            middle, wanted = five.mean(0), picture.five.mean(0)
            scale = float(((picture.five - wanted) * (five - middle)).sum() / ((five - middle) ** 2).sum())
            off = float(np.linalg.norm((five - middle) * scale + wanted - picture.five, axis=1).mean())
            if scale > 0 and off < least:
                start = middle - wanted / scale
                best, least = np.concatenate([start, start + np.array([picture.width, picture.height]) / scale]), off
        if best is not None:
            return best
    raise Missing("shows no face that fits")


def snap(box: np.ndarray, source: tuple[int, int], picture: Picture) -> Box:
    """A rectangle of whole pixels inside the source: as large as the picture where it was not scaled, and up to a border
    that it all but reaches."""
    size = np.array([picture.width, picture.height])
    scale = picture.width / (box[2] - box[0])
    limits = np.array(source)
    if abs(scale - 1) < UNSCALED and size.max() < SETS[picture.set].longest and (size <= limits).all():
        start = np.clip(np.round((box[:2] + box[2:] - size) / 2), 0, limits - size).astype(int)
        return (*start.tolist(), *(start + size).tolist())
    near = AT_BORDER * (box[2] - box[0])
    start = np.where(box[:2] < near, 0, np.round(box[:2])).astype(int)
    end = np.where(box[2:] > limits - near, limits, np.round(box[2:])).astype(int)
    return (*start.tolist(), *end.tolist())


def fingerprint(image: Image.Image) -> str:
    """64 bits in hexadecimal: whether each of 8 x 8 places is brighter than the one at its right."""
    gray = np.asarray(image.convert("L").resize((9, 8), Image.BOX), int)
    return np.packbits(gray[:, :-1] > gray[:, 1:]).tobytes().hex()


def fingerprint_distance(a: str, b: str) -> int:
    """How many bits differ."""
    return (int(a, 16) ^ int(b, 16)).bit_count()
