"""The aligned crop and the measures: what the C++ program must agree with."""

from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.core.align import align_image, align_transform, five_points, transform_points
from swiftavatar_train.core.labels import ATTRIBUTES, attribute_index, measures, read_rows
from swiftavatar_train.photos.cache import aligned_photo

PHOTOS = Path(__file__).parents[4] / "shared" / "photos"

FIVE = np.array([[100.0, 100.0], [160.0, 100.0], [130.0, 135.0], [110.0, 170.0], [150.0, 170.0]])


def test_upright_face_stands_in_the_middle() -> None:
    points = transform_points(FIVE, align_transform(FIVE, 256))
    assert points[:, 0].mean() == pytest.approx(128, abs=1e-6)
    assert points[0, 1] == pytest.approx(points[1, 1])
    # FFHQ's half side is the larger of 2 x 60 and 1.8 x 70 = 126 pixels, here times 1.18.
    assert points[1, 0] - points[0, 0] == pytest.approx(60 * 256 / (2 * 126 * 1.18))


def test_rotated_and_scaled_face_gives_the_same_points() -> None:
    angle, scale = 0.4, 2.5
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = FIVE @ turn.T + [300, -40]
    expected = transform_points(FIVE, align_transform(FIVE, 128))
    assert transform_points(moved, align_transform(moved, 128)) == pytest.approx(expected)


def test_crop_reflects_outside_the_photo() -> None:
    image = np.full((200, 260, 3), 90, np.uint8)
    image[:, :130] = 30
    crop = align_image(image, align_transform(FIVE, 64), 64)
    assert crop.shape == (64, 64, 3)
    assert set(np.unique(crop)) >= {30, 90} and crop.min() >= 30


def test_measures_do_not_change_with_the_frame() -> None:
    mesh = np.random.default_rng(0).random((478, 2))
    turned = mesh @ (3 * np.array([[0.0, -1.0], [1.0, 0.0]])).T + 7
    for name, value in measures(mesh).items():
        assert measures(turned)[name] == pytest.approx(value), name


def test_labels_that_say_nothing_are_unknown() -> None:
    assert attribute_index("hair_texture", "na") == -1
    assert attribute_index("earrings", "unseen") == -1
    assert ATTRIBUTES["skin_tone"][attribute_index("skin_tone", "7")] == "7"


@pytest.mark.skipif(not PHOTOS.exists(), reason="the shared photos are not here")
def test_eyes_of_real_photos_lie_on_the_anchors() -> None:
    import cv2
    landmarks = np.load(PHOTOS / "landmarks_dev.npz")
    meshes = dict(zip(landmarks["files"].tolist(), landmarks["points"]))
    for row in read_rows(PHOTOS / "dev.csv")[:5]:
        image = cv2.imread(str(PHOTOS / "dev" / row["file"]))
        crop, _, mesh, _ = aligned_photo(image, meshes[row["file"]], None, 128)
        assert crop.shape == (128, 128, 3)
        eyes = five_points(mesh)[:2]
        assert eyes.mean(0) == pytest.approx([0.5, 0.478], abs=0.02)
