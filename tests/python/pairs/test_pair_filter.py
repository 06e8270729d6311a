"""A face teaches only what a reader sees in it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from swiftavatar_train.attributes.learner import save_network
from swiftavatar_train.attributes.network import EstimatorNet, Head, lay_out
from swiftavatar_train.core.labels import ATTRIBUTES
from swiftavatar_train.pairs.filter import reader_of, seen

HEADS = [Head("attribute", name, list(ATTRIBUTES[name])) for name in ("glasses", "skin_tone", "hair_color")]
TOTAL = lay_out(HEADS)


class Reader(SimpleNamespace):
    """Is as sure as can be that every face has no glasses, tone 5 and brown hair."""

    heads, size = HEADS, 16

    def __call__(self, pictures: torch.Tensor) -> torch.Tensor:
        output = torch.full((len(pictures), TOTAL), -9.0)
        for head, value in zip(HEADS, ("none", "5", "dark_brown")):
            output[:, head.offset + head.options.index(value)] = 9.0
        return output


def test_a_face_teaches_what_is_seen_in_it() -> None:
    shown = [{"glasses": "none", "skin_tone": "5", "hair_color": "dark_brown"}, {"glasses": "eyeglasses", "skin_tone": "6"},
             {"glasses": "none", "skin_tone": "7", "hair_color": "light_brown"}, {"hair_color": "blond"}]
    found = seen(Reader(), np.zeros((4, 16, 16, 3), np.uint8), shown)
    assert found["glasses"].tolist() == [True, False, True, True]     # nothing shown is nothing denied
    assert found["skin_tone"].tolist() == [True, True, False, True]   # within one step
    assert found["hair_color"].tolist() == [True, True, True, False]  # both browns are one group
    assert found["fringe"].all() and set(found) == set(ATTRIBUTES)


def test_pairs_without_labels_are_read_by_a_network_without_photos(tmp_path: Path) -> None:
    (tmp_path / "readers").mkdir()
    save_network(tmp_path / "readers/without_photos.pt", EstimatorNet([Head("attribute", "mouth", ["closed", "teeth"])], 32))
    with pytest.raises(FileNotFoundError):
        reader_of(tmp_path, "labels")
    assert reader_of(tmp_path, "colors").size == reader_of(tmp_path, "none").size == 32
