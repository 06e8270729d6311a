"""Photos whose hair takes another photo's colour."""

import numpy as np

from swiftavatar_train.core.labels import ATTRIBUTES
from swiftavatar_train.photos.recolor import HAIR, SKIN, Recolor, lab_of

BLACK, BLOND = (ATTRIBUTES["hair_color"].index(name) for name in ("black", "blond"))
DARK_HAIR, LIGHT_HAIR, FACE = (30, 25, 22), (200, 170, 110), (210, 160, 140)


def heads_of_hair(colors: list[tuple[int, int, int]], hair: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Pictures [N, 64, 64, 3] with hair above a face, a little noisy, and their masks."""
    rng = np.random.default_rng(1)
    images, masks = np.zeros((len(colors), 64, 64, 3)), np.zeros((len(colors), 64, 64), np.uint8)
    for image, mask, color in zip(images, masks, colors):
        image[:] = 90
        image[4:24, 10:54], mask[4:24, 10:54] = color, HAIR if hair else 0
        image[24:60, 16:48], mask[24:60, 16:48] = FACE, SKIN
    return np.clip(images + rng.normal(0, 4, images.shape), 0, 255).astype(np.uint8), masks


def test_hair_takes_a_donors_colour_and_its_label_and_nothing_else_changes() -> None:
    images, masks = heads_of_hair([DARK_HAIR] * 4 + [LIGHT_HAIR] * 4)
    recolor = Recolor(images, masks, np.array([BLACK] * 4 + [BLOND] * 4))
    everybody, rng = np.ones(8, bool), np.random.default_rng(0)
    drawn = [recolor.draw(0, everybody, rng) for _ in range(40)]
    image, color = next(each for each in drawn if each)  # None where no photo has the colour that was drawn
    assert color == BLOND
    assert np.abs(lab_of(image)[6:22, 12:52].mean((0, 1)) - lab_of(images[4])[6:22, 12:52].mean((0, 1))).max() < 4
    assert np.array_equal(image[40:], images[0][40:])


def test_donors_are_only_those_that_may_be_seen() -> None:
    images, masks = heads_of_hair([DARK_HAIR, LIGHT_HAIR, LIGHT_HAIR])
    recolor = Recolor(images, masks, np.array([BLACK, BLOND, BLOND]))
    rng = np.random.default_rng(0)
    assert all(recolor.draw(0, np.array([True, False, False]), rng) is None for _ in range(40))


def test_where_no_hair_is_seen_none_changes_colour() -> None:
    images, masks = heads_of_hair([DARK_HAIR, LIGHT_HAIR], hair=False)
    recolor = Recolor(images, masks, np.array([BLACK, BLOND]))
    assert all(recolor.draw(0, np.ones(2, bool), np.random.default_rng(seed)) is None for seed in range(20))
