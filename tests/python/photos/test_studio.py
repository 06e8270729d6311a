"""Photos in another photo's light, before another's background: people stay who they are."""

from __future__ import annotations

import numpy as np
from estimator_fixture import write_photos

from swiftavatar_train.core.labels import PARTS
from swiftavatar_train.photos import labelled
from swiftavatar_train.photos.labelled import LabelledPhotos, augmented_photos
from swiftavatar_train.photos.studio import Studio, relit

SIDE = 64
SKIN, HAIR = PARTS.index("skin"), PARTS.index("hair")
EVERYBODY = np.ones(2, bool)


def photo(skin: tuple[int, int, int], hair: tuple[int, int, int], wall: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A block of hair above one of skin, before a wall; picture and mask."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[12:28, 16:48], mask[28:, 16:48] = HAIR, SKIN
    image = np.full((SIDE, SIDE, 3), wall, np.uint8)
    image[mask == HAIR], image[mask == SKIN] = hair, skin
    return image, mask


def studio(tones: tuple[int, int] = (2, 2)) -> Studio:
    """A grey-haired person in cool light before a blue wall, and a dark-haired one in warm light before a red wall."""
    photos = photo((180, 160, 160), (140, 140, 140), (90, 110, 140)), photo((220, 160, 110), (50, 40, 30), (150, 40, 30))
    images, masks = (np.stack(each) for each in zip(*photos))
    return Studio(images, masks, np.array(tones), np.array(["one", "other"]))


def test_light_of_gain_one_changes_nothing_but_highlights() -> None:
    image = np.arange(220, dtype=np.uint8).repeat(3).reshape(1, -1, 3)
    assert np.abs(relit(image, np.ones(3)).astype(int) - image).max() <= 1
    assert 240 < relit(np.full((1, 1, 3), 255, np.uint8), np.ones(3)).min() < 255


def test_the_whole_picture_goes_to_the_donors_light() -> None:
    made = studio()
    image, mask = made.images[0], made.masks[0]
    warm = made.light(image, 0, np.array([False, True]), np.random.default_rng(0)).astype(int)
    for part in (SKIN, HAIR):  # redder and less blue, hair as the skin: grey hair in warm light looks blond
        before, after = image[mask == part].astype(int).mean(0), warm[mask == part].mean(0)
        assert after[0] > before[0] + 5 and after[2] < before[2] - 5
    assert warm[0, 0, 2] < image[0, 0, 2] - 5


def test_people_whose_skin_is_of_another_tone_give_no_light() -> None:
    made = studio(tones=(2, 3))
    assert np.array_equal(made.light(made.images[0], 0, np.array([False, True]), np.random.default_rng(0)), made.images[0])
    made.tone_steps = 1
    assert not np.array_equal(made.light(made.images[0], 0, np.array([False, True]), np.random.default_rng(0)), made.images[0])
    assert np.array_equal(studio((-1, 2)).light(made.images[0], 0, EVERYBODY, np.random.default_rng(0)), made.images[0])


def test_the_person_stands_before_the_donors_wall_and_the_donor_is_gone() -> None:
    made = studio()
    moved = made.background(made.images[0], 0, np.array([False, True]), np.random.default_rng(0)).astype(int)
    inside = np.zeros((SIDE, SIDE), bool)
    inside[16:, 20:44] = True
    assert np.abs(moved[inside] - made.images[0][inside]).max() <= 2
    wall = made.images[1][0, 0].astype(int)
    away = np.abs(moved - wall).max(2)
    assert away[:8].max() < 12 and away[:, :8].max() < 12 and away[:, -8:].max() < 12


def test_a_donor_larger_than_the_person_leaves_no_trace() -> None:
    made = studio()
    made.masks[1][4:, 6:58] = HAIR
    made.images[1][4:, 6:58] = (50, 40, 30)
    moved = made.background(made.images[0], 0, np.array([False, True]), np.random.default_rng(0)).astype(int)
    assert np.abs(moved[8:, 8:12] - made.images[1][0, 0].astype(int)).max() < 40


def test_a_mask_without_a_person_is_not_used() -> None:
    """Neither is its photo cut out, nor is it a background: the person would still be in it."""
    made = studio()
    made.masks[0] = 0
    made = Studio(made.images, made.masks, made.skin_tone, made.source)
    for row in (0, 1):
        kept = made.background(made.images[row], row, np.array([True, False]), np.random.default_rng(0))
        assert np.array_equal(kept, made.images[row])


def test_every_photographer_is_met_as_often_as_any_other() -> None:
    made = studio()
    made.source = np.array(["one"] * 9 + ["other"])
    rng = np.random.default_rng(0)
    assert 70 < sum(made.donor(np.arange(10), rng) == 9 for _ in range(200)) < 130


def test_photos_in_the_studio_change_and_keep_their_labels(tmp_path, monkeypatch) -> None:
    """But for earrings: what hangs below an ear may have gone with the wall."""
    monkeypatch.setattr(labelled, "augment", lambda image, size, rng, share: (image, ()))
    write_photos(tmp_path / "cache/train.npz")
    plain, lit = (LabelledPhotos(tmp_path / "cache", ["train"]) for _ in range(2))
    made = studio()
    for photos in (plain, lit):
        photos.image[:], photos.mask = 128, np.zeros_like(photos.mask)
        photos.image[:2, :, :], photos.mask[:2] = made.images, made.masks
        photos.labels["skin_tone"][:] = 2
        photos.only(np.arange(8) < 2)
    lit.use_studio(1.0, tone_steps=0)
    (before, labels), (after, kept) = (photos.draw(6, SIDE, np.random.default_rng(3)) for photos in (plain, lit))
    assert (kept.pop("earrings") == -1).all() and (labels.pop("earrings") >= 0).all()
    assert not kept.pop("earrings:shares").any() and labels.pop("earrings:shares").any()
    assert np.array_equal(labels["row"], kept["row"]) and all(np.array_equal(labels[key], kept[key]) for key in labels)
    assert np.abs(after.astype(int) - before).mean() > 5


def test_photos_are_augmented_as_the_settings_say(tmp_path) -> None:
    write_photos(tmp_path / "cache/train.npz")
    settings = {"training": ["train"], "degrade_share": 0.3, "draw_on_share": 0.0, "studio_share": 0.5, "tone_steps": 1, "recolor_share": 0.4}
    lit, plain = augmented_photos(settings, tmp_path), augmented_photos(settings | {"studio_share": 0.0, "recolor_share": 0.0}, tmp_path)
    assert (lit.recolor_share, lit.studio_share, lit.studio.tone_steps) == (0.4, 0.5, 1)
    assert plain.studio_share == plain.recolor_share == plain.draw_on_share == 0


def test_nothing_is_known_of_earrings_before_another_wall(tmp_path) -> None:
    """Not by those that are drawn on, either: pictures before another wall would be known to wear some, or nothing."""
    write_photos(tmp_path / "cache/train.npz")
    photos = LabelledPhotos(tmp_path / "cache", ["train"])
    photos.use_studio(0.5)
    photos.studio.background, photos.studio.light = lambda image, *_: np.zeros_like(image), lambda image, *_: image
    photos.draw_on, photos.draw_on_share = lambda image, mask, mesh, rng, long_hair: (image.copy(), mask, {"earrings": "yes"}), 0.5
    found = [photos.picture(0, np.random.default_rng(seed)) for seed in range(24)]
    assert {changed["earrings"] for image, changed in found if not image.any()} == {0.0}
    assert {int(np.argmax(changed["earrings"])) if "earrings" in changed else None for image, changed in found if image.any()} == {None, 1}


def test_photos_that_are_kept_apart_take_nothing_from_each_other(tmp_path) -> None:
    write_photos(tmp_path / "cache/train.npz")
    photos, asked = LabelledPhotos(tmp_path / "cache", ["train"]), []

    class Listener(Studio):
        def background(self, image: np.ndarray, row: int, allowed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            asked.append((row, np.flatnonzero(allowed).tolist()))
            return image

    photos.use_studio(1.0)
    photos.studio.__class__ = Listener
    photos.keep_apart(np.arange(8) % 2)
    photos.draw(12, SIDE, np.random.default_rng(0))
    assert asked and all(rows == list(range(row % 2, 8, 2)) for row, rows in asked)
