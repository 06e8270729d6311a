"""Photos and results that many tests of the command line share."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from program import FAST, PHOTO, PHOTOS, PROGRAM, environment, load, read_rgb, swiftavatar, write_image


@pytest.fixture(scope="session", autouse=True)
def program() -> Path:
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not built; the variable SWIFTAVATAR may name another one")
    return PROGRAM


@pytest.fixture(scope="session")
def dev_photos() -> Path:
    """Labelled photos that lie beside the checkout on some machines."""
    folder = PHOTOS / "dev"
    if not folder.is_dir():
        pytest.skip("the labelled photos are not beside this checkout")
    return folder


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """The example photo under a plain name in the test's folder."""
    return Path(shutil.copy(PHOTO, tmp_path / "photo.png"))


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Folder and result of `estimate examples/astronaut.png --engine tiktok -o DIR`. Read only."""
    folder = tmp_path_factory.mktemp("full")
    swiftavatar("estimate", PHOTO, "--engine", "tiktok", "-o", folder, cwd=folder)
    return folder, load(folder / "astronaut.avatar.json")


@pytest.fixture(scope="session")
def fast(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """As `full`, without an inversion."""
    folder = tmp_path_factory.mktemp("fast")
    swiftavatar("estimate", PHOTO, *FAST, "-o", folder, cwd=folder)
    return folder, load(folder / "astronaut.avatar.json")


@pytest.fixture(scope="session")
def two_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of two people: the example photo's head, on the left at two thirds of its size on the right."""
    image = cv2.resize(read_rgb()[:300, 80:380], (512, 512), interpolation=cv2.INTER_CUBIC)
    small = cv2.resize(image, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA)
    left = np.full_like(image, 90)
    left[60:60 + small.shape[0], 85:85 + small.shape[1]] = small
    return write_image(tmp_path_factory.mktemp("two") / "two.png", np.hstack([left, image]))


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three photos: the example, its mirror image and a darker one."""
    folder = tmp_path_factory.mktemp("people")
    image = read_rgb()
    write_image(folder / "a.png", image)
    write_image(folder / "b.png", np.ascontiguousarray(image[:, ::-1]))
    write_image(folder / "c.jpg", (image * 0.7).astype(np.uint8))
    return folder


@pytest.fixture(scope="session")
def dev_results(dev_photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `estimate` makes of the labelled photos; minutes. Status 1: a few of them have no face to be found."""
    folder = tmp_path_factory.mktemp("dev")
    run = subprocess.run([PROGRAM, "estimate", dev_photos, "-q", "-o", folder], env=environment(), capture_output=True,
                         timeout=3000, check=False)
    assert run.returncode in (0, 1), run.stderr
    return folder
