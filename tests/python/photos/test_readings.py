"""What further readers say of labels, and losses by it."""

from __future__ import annotations

import csv

import numpy as np
import torch

from swiftavatar_train.attributes import losses
from swiftavatar_train.attributes.network import Head
from swiftavatar_train.core.labels import ATTRIBUTES
from swiftavatar_train.photos import readings
from swiftavatar_train.photos.labelled import LabelledPhotos
from swiftavatar_train.photos.readings import READ, READINGS, label_shares, read_readings, said

STRAIGHT, WAVY = (ATTRIBUTES["hair_texture"].index(value) for value in ("straight", "wavy"))


def reading(texture: str) -> dict[str, str]:
    return {"hair_texture": texture}


def test_a_hesitation_counts_for_both_values_and_more_for_the_first() -> None:
    shares = said("hair_texture", [reading("wavy/straight"), reading("wavy")])
    assert np.isclose(shares.sum(), 1) and shares[WAVY] > 0.8 and 0 < shares[STRAIGHT] < 0.2
    assert said("hair_texture", [reading("na")])[-1] == 1


def test_labels_are_what_the_labeller_puts_where_readers_say_so() -> None:
    """Readers call straight what the labeller calls wavy in one photo of four."""
    labels = np.array(([STRAIGHT] * 3 + [WAVY]) * 50 + [WAVY] * 100)
    photos = [str(row) for row in range(300)]
    said_of = {photo: [reading("straight" if row < 200 else "wavy")] * 2 for row, photo in enumerate(photos)}
    shares = label_shares("hair_texture", photos, labels, said_of, 1.0)
    assert np.allclose(shares.sum(1), 1, atol=1e-5)
    assert abs(shares[0, WAVY] - 0.25) < 0.05 and shares[250, WAVY] > 0.9
    half = label_shares("hair_texture", photos, labels, said_of, 0.5)
    assert np.allclose(half[0], (shares[0] + np.eye(3)[STRAIGHT]) / 2, atol=1e-5)


def test_a_photo_that_nobody_read_again_keeps_its_label_and_an_unknown_label_stays_unknown() -> None:
    labels = np.array([WAVY, -1, STRAIGHT])
    shares = label_shares("hair_texture", ["a", "b", "c"], labels, {"b": [reading("wavy")], "c": [reading("wavy")]}, 1.0)
    assert shares[0, WAVY] == 1 and not shares[1].any()
    assert np.array_equal(label_shares("hair_texture", ["a"], labels[:1], {}, 1.0), [np.eye(3)[WAVY]])


def test_every_shipped_reading_is_of_known_values() -> None:
    for photo, rows in read_readings(READINGS).items():
        assert [row["reader"] for row in rows] == ["a", "b"], photo
        for row in rows:
            for name in READ:
                words = row[name].split("/")
                assert len(words) in (1, 2) and all(word in (*ATTRIBUTES[name], "na") for word in words), (photo, row)


def test_photos_are_drawn_with_what_their_labels_could_have_been(tmp_path, monkeypatch) -> None:
    path = tmp_path / "readings.csv"
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, ["photo", "reader", *READ])
        table.writeheader()
        for row in range(8):
            table.writerow({"photo": f"a-{row}.jpg", "reader": "a", "hair_length": "short", "hair_texture": "straight",
                            "hair_color": "brown"})
    monkeypatch.setattr(readings, "READINGS", path)
    arrays = {name: np.zeros(8, np.int8) for name in ATTRIBUTES}
    arrays["hair_texture"] = np.array([STRAIGHT, WAVY] * 4, np.int8)
    arrays["hair_length"] = np.full(8, -1, np.int8)
    mesh = np.random.default_rng(0).random((8, 478, 2)).astype(np.float32)
    np.savez(tmp_path / "train.npz", image=np.zeros((8, 64, 64, 3), np.uint8), mesh=mesh, checked=mesh,
             mask=np.zeros((8, 64, 64), np.uint8), name=np.array([f"a-{row}.jpg" for row in range(8)]), **arrays)
    rng = np.random.default_rng(1)
    read = LabelledPhotos(tmp_path / "train.npz", 1.0)
    _, labels = read.draw(40, 32, rng)
    assert np.allclose(labels["hair_texture:shares"][:, [STRAIGHT, WAVY]], 0.5, atol=0.05) and not labels["hair_length:shares"].any()
    read.draw_on, read.draw_on_share = lambda image, mask, mesh, rng: (image, mask, {"hair_texture": "curly"}), 1.0
    _, labels = read.draw(4, 32, rng)
    assert (labels["hair_texture:shares"][:, ATTRIBUTES["hair_texture"].index("curly")] == 1).all(), "what was drawn on is sure"
    _, labels = LabelledPhotos(tmp_path / "train.npz").draw(40, 32, rng)
    assert "hair_texture:shares" not in labels


def test_losses_by_shares_are_those_by_labels_weighed_by_the_shares() -> None:
    head = Head("attribute", "hair_color", list(ATTRIBUTES["hair_color"]))
    output, target = torch.randn(5, head.width), torch.tensor([0, 3, -1, 1, 6])
    shares = torch.nn.functional.one_hot(target.clamp(min=0), head.width).float() * (target >= 0)[:, None]
    weight = torch.rand(head.width) + 0.5
    chosen = torch.log_softmax(output, 1)[target >= 0].gather(1, target[target >= 0][:, None])[:, 0]
    assert torch.allclose(losses.attribute_loss(head, output, target, weight, shares), -(chosen * weight[target[target >= 0]]).mean())
    assert torch.allclose(losses.group_loss(head, output, target, shares), losses.group_loss(head, output, target))
    half = torch.full((1, 2), 0.5) @ torch.nn.functional.one_hot(torch.tensor([0, 5]), head.width).float()
    one, other = (losses.group_loss(head, output[:1], torch.tensor([value])) for value in (0, 5))
    assert torch.allclose(losses.group_loss(head, output[:1], torch.tensor([0]), half), (one + other) / 2)
