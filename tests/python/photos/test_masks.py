"""The composite masks: polygons over what the networks say, unknown where nobody looked."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from swiftavatar_train.core.labels import PARTS
from swiftavatar_train.photos import masks
from swiftavatar_train.photos.faces import largest_face
from swiftavatar_train.photos.masks import part_mask
from swiftavatar_train.photos.networks import SOURCES, Networks
from bundle_networks import BundleNetworks, example

SHARED = Path(__file__).parents[4] / "shared"


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """The example's mesh and mask."""
    face = largest_face(example(), BundleNetworks())
    return face.mesh, part_mask(example(), face, BundleNetworks())


def at(mask: np.ndarray, point: np.ndarray) -> str:
    x, y = np.round(point).astype(int)
    return PARTS[mask[y, x]]


def test_values_are_the_designs_parts() -> None:
    names = ("BACKGROUND", "SKIN", "EYE", "BROW", "MOUTH", "NOSE", "EAR", "HAIR", "NECK", "CLOTH")
    assert [getattr(masks, name) for name in names] == [PARTS.index(name.lower()) for name in names]


def test_parts_lie_where_the_mesh_says(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    mesh, mask = drawn
    assert at(mask, mesh[468]) == at(mask, mesh[473]) == "eye"
    assert at(mask, (mesh[0] + mesh[17]) / 2) == "mouth"
    assert at(mask, mesh[4]) == "nose"
    assert at(mask, mesh[[105, 52]].mean(0)) == "brow"
    assert at(mask, mesh[50]) == at(mask, mesh[280]) == "skin"


def test_people_and_hair_are_the_networks(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    """Those of the test: a person in the middle of what was looked at, hair in its upper third, which ends at the brows."""
    mesh, mask = drawn
    top = mesh[10] - 0.4 * (mesh[152] - mesh[10])
    assert at(mask, top) == "hair"
    below = mask[int(mesh[[105, 334], 1].mean()) + 1:]
    face = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(face, np.round(mesh[list(masks.OVAL)]).astype(np.int32), 1)
    assert not ((below == PARTS.index("hair")) & (face[-len(below):] > 0)).any()
    row = int(mesh[152, 1] + 0.2 * np.ptp(mesh[:, 1]))
    known = np.flatnonzero(mask[row] != masks.UNKNOWN)
    person = np.flatnonzero(np.isin(mask[row], (masks.NECK, masks.CLOTH)))
    assert abs(len(person) / len(known) - 0.5) < 0.03


def test_unknown_where_nobody_looked() -> None:
    wide = cv2.copyMakeBorder(example(), 0, 300, 0, 900, cv2.BORDER_CONSTANT, value=(90, 90, 90))
    face = largest_face(wide, BundleNetworks())
    mask = part_mask(wide, face, BundleNetworks())
    assert (mask[:, -500:] == masks.UNKNOWN).all()
    x, y = np.round(face.mesh).astype(int).T
    assert (mask[y, x] != masks.UNKNOWN).all()


def test_black_and_white_does_not_tell_neck_from_cloth(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    gray = cv2.cvtColor(cv2.cvtColor(example(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    face = largest_face(gray, BundleNetworks())
    mask = part_mask(gray, face, BundleNetworks())
    assert not np.isin(mask, (masks.EAR, masks.NECK, masks.CLOTH)).any()
    assert np.isin(drawn[1], (masks.NECK, masks.CLOTH)).sum() <= (mask == masks.UNKNOWN).sum()
    assert at(mask, face.mesh[468]) == "eye" and (mask == masks.HAIR).any() and (mask == masks.BACKGROUND).any()


def test_head_that_the_photo_cuts(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    mesh, _ = drawn
    chin = int(mesh[152, 1])
    short = example()[:chin]
    face = largest_face(example(), BundleNetworks())
    mask = part_mask(short, replace(face), BundleNetworks())
    assert mask.shape == short.shape[:2] and (mask == PARTS.index("eye")).any()


def networks(folder: Path) -> Networks:
    if not all((folder / name).exists() for name in SOURCES):
        pytest.skip(f"{' or '.join(SOURCES)} is not in {folder} (PHOTO_NETWORKS names another folder)")
    return Networks(folder, Path("/none"))


@pytest.mark.parametrize("photo", ["congress/congress-0026.jpg", "train/canada-0119.jpg", "train/ukparl-0000.jpg"])
def test_masks_and_landmarks_are_those_of_the_data_set(photo: str) -> None:
    """With the three networks, and the masks and landmarks that were given."""
    found = networks(Path(os.environ.get("PHOTO_NETWORKS", SHARED / "face-models")))
    name, file = photo.split("/")
    image = cv2.cvtColor(cv2.imread(str(SHARED / "photos" / photo)), cv2.COLOR_BGR2RGB)
    given = cv2.imread(str(SHARED / "photos/masks" / name / f"{Path(file).stem}.png"), cv2.IMREAD_GRAYSCALE)
    with np.load(SHARED / f"photos/landmarks_{name}.npz") as arrays:
        points = arrays["points"][arrays["files"].tolist().index(file)]
    face = largest_face(image, found)
    eyes = np.linalg.norm(points[473] - points[468])
    assert np.linalg.norm(face.mesh - points, axis=1).mean() < 0.015 * eyes
    mask = part_mask(image, face, found)
    both = (mask != masks.UNKNOWN) & (given != masks.UNKNOWN)
    assert (mask[both] == given[both]).mean() > 0.975
