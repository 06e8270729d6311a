"""Readings become shares, and photos are drawn with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from estimator_fixture import write_photos

from swiftavatar_train.attributes import losses
from swiftavatar_train.core.labels import ATTRIBUTES, STYLES, one_hot, read_rows
from swiftavatar_train.core.paths import LABELS
from swiftavatar_train.photos.labelled import LabelledPhotos, shares_of_drawn
from swiftavatar_train.photos.soft_labels import attribute_vote, mean_votes, photo_shares, style_vote

HATS = STYLES["headwear"]


def test_readers_that_differ_share_the_label() -> None:
    shares = mean_votes([[{"mouth": "teeth"}, {"mouth": "teeth"}, {"mouth": "closed"}], [{"mouth": "unseen"}]])["mouth"]
    assert np.allclose(shares, [[1 / 3, 2 / 3], [0, 0]])


def test_a_skin_tone_is_sure_within_a_step() -> None:
    vote = attribute_vote("skin_tone", "5")
    assert vote.argmax() == 4 and vote[3] == vote[5] > 0.1 and np.isclose(vote.sum(), 1)


def test_who_sees_no_hat_picks_none_and_a_hat_without_a_style_is_a_cap_without_a_brim() -> None:
    assert HATS[style_vote("headwear", {"headwear": "none", "headwear_style": ""}).argmax()] == "none"
    assert HATS[style_vote("headwear", {"headwear": "hat", "headwear_style": "other"}).argmax()] == "kufi"
    assert style_vote("headwear", {"headwear": "other", "headwear_style": "other"}) is None
    assert style_vote("hair", {"hair_style": ""}) is None


def test_every_shipped_reading_is_of_known_values() -> None:
    for path in LABELS.glob("world*-readings.csv"):
        for row in read_rows(path):
            for name, values in ATTRIBUTES.items():
                assert row[name] in (*values, "na", "unseen", ""), (path.name, row["file"], name)


def test_world_photos_have_shares_of_every_kind() -> None:
    rows = read_rows(LABELS / "world-more.csv")[:40]
    shares = photo_shares("world-more", rows, 0.0)
    assert all(values.shape[0] == 40 and np.isin(values.sum(1).round(6), (0, 1)).all() for values in shares.values())
    assert all(shares[name].any() for name in ("lines", "style:hair", "style:clothes", "skin_tone"))


def test_photos_are_drawn_with_their_shares_and_what_is_drawn_on_is_sure(tmp_path: Path) -> None:
    write_photos(tmp_path / "train.npz")
    photos = LabelledPhotos(tmp_path, ["train"])
    _, labels = photos.draw(6, 32, np.random.default_rng(1))
    for name in ("glasses", "style:headwear"):
        assert np.array_equal(labels[f"{name}:shares"], photos.shares[name][labels["row"]])
        assert np.array_equal(labels[name], photos.labels[name][labels["row"]])
    drawn = {"headwear": "hat", "headwear_style": "kufi"}
    photos.draw_on, photos.draw_on_share = lambda image, mask, mesh, rng, long_hair: (image, mask, drawn), 1.0
    _, labels = photos.draw(4, 32, np.random.default_rng(1))
    assert (labels["headwear"] == 1).all() and (labels["style:headwear"] == HATS.index("kufi")).all()
    assert (labels["style:hair"] == -1).all() and not labels["style:hair:shares"].any(), "a hat hides the hair's style"


def test_drawn_glasses_have_no_style_that_is_known() -> None:
    changed = shares_of_drawn({"glasses": "eyeglasses", "earrings": "unseen"})
    assert changed["style:glasses"] == 0.0 and changed["earrings"] == 0.0 and changed["glasses"].argmax() == 1


def test_losses_by_shares_are_those_of_the_values_weighed_by_the_shares() -> None:
    import torch

    output, weight = torch.randn(5, 7), torch.rand(7) + 0.5
    shares = torch.from_numpy(one_hot(np.array([0, 3, -1, 1, 6]), 7)).float()
    known = shares.any(1)
    chosen = (torch.log_softmax(output, 1) * shares).sum(1)[known]
    assert torch.allclose(losses.share_loss(output, shares, weight), -(chosen * (weight * shares).sum(1)[known]).mean())
    half = torch.tensor([[0.5, 0, 0, 0, 0, 0.5, 0]])
    one, other = (losses.group_loss("hair_color", output[:1], torch.eye(7)[[value]]) for value in (0, 5))
    assert torch.allclose(losses.group_loss("hair_color", output[:1], half), (one + other) / 2)


def test_styles_that_readers_mix_up_are_near() -> None:
    shares = {"style:hair": np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]), "mouth": np.ones((3, 2)) / 2}
    near = losses.nearness(shares)
    assert list(near) == ["style:hair"] and near["style:hair"][0, 1] > 3 * near["style:hair"][0, 2]
    assert np.allclose(near["style:hair"].sum(1), 1)
