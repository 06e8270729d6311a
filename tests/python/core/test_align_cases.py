"""tests/data/align_cases.json holds what align.py computes; the C++ test reads the same file, so both must agree.

Written again by `python tests/python/test_align_cases.py`, after a wanted change of the geometry.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from swiftavatar_train.core.align import align_image, align_transform

CASES = Path(__file__).resolve().parents[2] / "data" / "align_cases.json"
FACES = [  # width, height of the photo; eyes, nose, mouth corners; size and factor of the crop
    (320, 240, [[130, 100], [190, 100], [160, 130], [140, 160], [180, 160]], 16, 1.0),   # upright
    (320, 240, [[120, 110], [185, 85], [165, 135], [150, 175], [200, 155]], 16, 1.18),   # rolled
    (320, 240, [[20, 30], [60, 36], [50, 55], [24, 72], [58, 76]], 16, 1.18),            # over the photo's corner
    (64, 48, [[30.5, 20.25], [34.5, 20.5], [33, 22], [31, 24], [34, 24.5]], 24, 1.18),   # enlarged
    (320, 240, [[150, 100], [178, 102], [190, 130], [152, 165], [176, 166]], 16, 1.18),  # turned: mouth decides the size
]


def picture(width: int, height: int) -> np.ndarray:
    """A smooth RGB picture that both languages compute from its formula."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    planes = [128 + 100 * np.sin(x / 17 + channel) * np.cos(y / 19) for channel in range(3)]
    return np.floor(np.stack(planes, 2) + 0.5).astype(np.uint8)


def compute() -> list[dict]:
    cases = []
    for width, height, five, size, crop in FACES:
        transform = align_transform(np.array(five, np.float64), size, crop)
        pixels = align_image(picture(width, height), transform, size)
        cases.append({"width": width, "height": height, "five": five, "size": size, "crop": crop,
                      "transform": transform.ravel().tolist(), "pixels": pixels.ravel().tolist()})
    return cases


def test_python_and_the_file_agree() -> None:
    for stored, now in zip(json.loads(CASES.read_text()), compute(), strict=True):
        np.testing.assert_allclose(now["transform"], stored["transform"], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(now["pixels"], stored["pixels"], atol=1)


if __name__ == "__main__":
    CASES.write_text(json.dumps(compute()) + "\n")
