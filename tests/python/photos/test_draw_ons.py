"""Draw-ons: each kind changes the picture where its mask says, keeps the unknown, and names what it changed."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from swiftavatar_train.core.labels import ATTRIBUTES, PARTS, STYLES, read_rows
from swiftavatar_train.photos.cache import aligned_photo
from swiftavatar_train.photos.draw_ons import headwear
from swiftavatar_train.photos.draw_ons.crown import Dome, cut_at_top
from swiftavatar_train.photos.draw_ons.draw_on import KINDS, draw_on, random_kinds
from swiftavatar_train.photos.draw_ons.drawing import UNKNOWN, Face, fill, stroke
from swiftavatar_train.photos.draw_ons.glasses import SHAPES, lens_outline

PHOTOS = Path(__file__).resolve().parents[4] / "shared" / "photos"
WORDS = ATTRIBUTES | {"headwear_style": STYLES["headwear"]}
PART = {"glasses": "glasses", "headwear": "hat", "earrings": "earring", "facial_hair": "skin"}
SIZE = 128


@pytest.fixture(scope="module")
def photos() -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Aligned photos (image, mask, mesh) of people who wear nothing, hair short enough for a hat."""
    if not PHOTOS.is_dir():
        pytest.skip(f"{PHOTOS}: no photos here")
    landmarks = np.load(PHOTOS / "landmarks_dev.npz", allow_pickle=False)
    meshes = dict(zip(landmarks["files"].tolist(), landmarks["points"]))
    found = []
    for row in read_rows(PHOTOS / "dev.csv"):
        bare = row["glasses"] == row["headwear"] == row["facial_hair"] == "none" and row["earrings"] == "no"
        if not bare or row["hair_length"] != "short" or (mesh := meshes.get(row["file"])) is None:
            continue
        image = cv2.imread(str(PHOTOS / "dev" / row["file"]))[:, :, ::-1]
        mask = cv2.imread(str(PHOTOS / "masks" / "dev" / f"{Path(row['file']).stem}.png"), cv2.IMREAD_GRAYSCALE)
        found.append(aligned_photo(image, mesh, mask, SIZE)[:3])
        if len(found) == 4:
            break
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_drawn_where_its_mask_says(photos, kind: str) -> None:
    part, drawn = PARTS.index(PART[kind]), 0
    for index, (image, mask, mesh) in enumerate(photos):
        before = image.copy(), mask.copy()
        out, label, changed = draw_on(image, mask, mesh, np.random.default_rng(index), [kind])
        assert (image == before[0]).all() and (mask == before[1]).all(), "the inputs are left as they are"
        assert out.dtype == np.uint8 and out.shape == image.shape and label.dtype == np.uint8
        assert ((label == UNKNOWN) == (mask == UNKNOWN)).all()
        if not changed:
            assert (out == image).all() or kind in ("earrings", "headwear")
            continue
        drawn += 1
        assert kind in changed and all(value in (*WORDS[name], "unseen") for name, value in changed.items())
        difference = np.abs(out.astype(int) - image).sum(2)
        if kind != "facial_hair":
            new = (label == part) & (mask != part)
            assert new.any()
            assert difference[new].mean() > 4 * difference[label != part].mean()
        else:
            lower = np.zeros_like(mask, bool)
            lower[int(mesh[2, 1] * SIZE):] = True
            assert difference[lower].mean() > 5 * difference[~lower].mean()
    assert drawn >= 3


def test_every_frame_shape_encloses_the_pupils_of_a_frontal_face(photos) -> None:
    for name, shape in SHAPES.items():
        outline = lens_outline(shape, 0.36)
        assert np.abs(outline[:, 0]).max() <= 1.0 + 1e-9, name
        assert outline[:, 1].min() < -0.1 < 0.1 < outline[:, 1].max(), name


def test_glasses_stay_thin_at_any_size(photos) -> None:
    image, mask, mesh = photos[0]
    for size in (96, 192, 256):
        _, label, _ = draw_on(cv2.resize(image, (size, size)), cv2.resize(mask, (size, size), interpolation=cv2.INTER_NEAREST),
                              mesh, np.random.default_rng(1), ["glasses"])
        assert 0.003 < (label == PARTS.index("glasses")).mean() < 0.09


def test_no_mask_is_needed_and_seeds_repeat(photos) -> None:
    image, _, mesh = photos[0]
    first, none, changed = draw_on(image, None, mesh, np.random.default_rng(5))
    again, _, same = draw_on(image, None, mesh, np.random.default_rng(5))
    assert none is None and changed == same and (first == again).all() and (first != image).any()


def test_what_the_mask_already_wears_is_not_drawn_twice(photos) -> None:
    image, mask, mesh = photos[0]
    worn = mask.copy()
    worn[60:62, 40:90] = PARTS.index("glasses")
    out, label, changed = draw_on(image, worn, mesh, np.random.default_rng(0), ["glasses"])
    assert changed == {} and (out == image).all() and (label == worn).all()


def test_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match="monocle"):
        draw_on(np.zeros((8, 8, 3), np.uint8), None, np.zeros((478, 2)), np.random.default_rng(0), ["monocle"])


def test_random_kinds_come_from_those_allowed() -> None:
    rng = np.random.default_rng(2)
    drawn = [random_kinds(rng, ("glasses", "earrings")) for _ in range(200)]
    assert all(drawn) and {kind for kinds in drawn for kind in kinds} == {"glasses", "earrings"}
    assert random_kinds(rng, ()) == ()


def test_shapes_cover_their_area() -> None:
    square = np.array([(10.0, 10.0), (20.5, 10.0), (20.5, 30.0), (10.0, 30.0)])
    assert fill(64, [square]).sum() == pytest.approx(210, rel=0.05)
    assert stroke(64, [np.array([(5.0, 20.0), (45.0, 20.0)])], 2.0).sum() == pytest.approx(80, rel=0.2)  # round ends


def test_a_turned_head_keeps_its_unit() -> None:
    frontal = np.zeros((478, 2))
    frontal[[468, 473, 10, 152, 127, 356, 168]] = (40, 50), (60, 50), (50, 23), (50, 77), (27, 50), (73, 50), (50, 48)
    turned = frontal.copy()
    turned[[468, 473, 127, 356, 168], 0] = 55, 67, 30, 71, 64
    assert Face(turned).unit == pytest.approx(Face(frontal).unit, rel=0.02)
    assert Face(turned).left_side.share > 0.7 and Face(frontal).left_side.share == pytest.approx(0.5)


def test_headwear_goes_with_the_hair() -> None:
    """Caps without a brim are worn over short hair, scarves over long hair; a reader of photos uses that, too."""
    def share(style: str, long_hair: bool) -> float:
        weights = {name: long if long_hair else short for name, (_, short, long, _) in headwear.STYLES.items()}
        return weights[style] / sum(weights.values())

    assert share("kufi", long_hair=False) > 3 * share("kufi", long_hair=True)
    assert share("headwrap", long_hair=True) > 3 * share("headwrap", long_hair=False)


def test_a_photo_that_ends_within_the_hat_goes_on_as_its_mirror_image() -> None:
    image, mesh = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32), np.full((478, 2), 32.0)
    mesh[468], mesh[473], mesh[127], mesh[356] = (26, 32), (38, 32), (20, 32), (44, 32)
    face, dome = Face(mesh), Dome(-1, 1, 0.6, 1.6)
    before = image.copy()
    cut, _ = cut_at_top(image, None, face, dome, np.random.default_rng(1))
    row = next(y for y in range(64) if (cut[y:] == before[y:]).all())
    assert 0 < row < 32 and (cut[:row] == before[2 * row: row: -1]).all()
