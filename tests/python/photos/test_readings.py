"""What further readers say of labels."""

from __future__ import annotations

import numpy as np

from swiftavatar_train.core.labels import ATTRIBUTES
from swiftavatar_train.core.paths import LABELS
from swiftavatar_train.photos.readings import READ, label_shares, read_readings, said

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
    for photo, rows in read_readings(LABELS / "readings.csv").items():
        assert [row["reader"] for row in rows] == ["a", "b"], photo
        for row in rows:
            for name in READ:
                words = row[name].split("/")
                assert len(words) in (1, 2) and all(word in (*ATTRIBUTES[name], "na") for word in words), (photo, row)
