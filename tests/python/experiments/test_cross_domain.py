"""What is read from generated faces, and what a face does not teach."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from swiftavatar_train.attributes.network import Head, lay_out
from swiftavatar_train.core.labels import ATTRIBUTES
from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.sampling import random_avatar
from swiftavatar_train.engines.semantics import Semantics
from swiftavatar_train.estimator.heads import Pairs, engine_heads
from swiftavatar_train.evaluation.network_agreement import TABLE as READ
from swiftavatar_train.experiments.cross_domain import attribute_agreement, labelled

TIKTOK = Path(__file__).parents[3] / "configs/engines/tiktok"


def reader(answers: list[dict[str, str]]) -> SimpleNamespace:
    """A network that gives these answers, in the order of the pictures."""
    heads = [Head("attribute", name, list(values)) for name, values in ATTRIBUTES.items()]
    total, rows = lay_out(heads), iter(answers)

    class Net:
        size = 32

        def __call__(self, pictures: torch.Tensor) -> torch.Tensor:
            output = torch.zeros(len(pictures), total)
            for row in output:
                answer = next(rows)
                for head in heads:
                    row[head.offset + head.options.index(answer.get(head.name, head.options[0]))] = 1
            return output

    net = Net()
    net.heads = heads
    return net


def test_faces_are_judged_as_avatars_are() -> None:
    usual = {name: values[0] for name, values in ATTRIBUTES.items()} | {"fringe": "no", "skin_tone": "3"}
    shown = [usual] * 9 + [usual | {"fringe": "yes", "skin_tone": "6"}]
    found = attribute_agreement(reader([{"fringe": "no", "skin_tone": "4"}] * 10), torch.zeros(10, 3, 32, 32), shown)
    assert found["fringe"] == pytest.approx(0.5)     # both answers count the same: a constant one gains nothing
    assert found["skin_tone"] == pytest.approx(0.9)  # 4 is within one step of 3, not of 6


def test_photos_show_what_their_labels_say(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    np.savez(tmp_path / "cache/dev.npz", **{name: np.array([len(values) - 1, -1], np.int8) for name, values in ATTRIBUTES.items()})
    assert labelled(tmp_path, "dev") == [{name: values[-1] for name, values in ATTRIBUTES.items()}, {}]


def test_every_attribute_with_an_aim_is_read() -> None:
    assert {row.attribute for row in READ} == set(ATTRIBUTES) - {"headwear", "lines"}


def test_pairs_do_not_teach_what_their_faces_do_not_show(tmp_path: Path) -> None:
    engine, semantics = Engine.load(TIKTOK / "definition.json"), Semantics.load(TIKTOK / "semantics.json")
    rng = np.random.default_rng(1)
    vectors = np.array([json.dumps(random_avatar(engine, rng, semantics)) for _ in range(8)])
    np.savez(tmp_path / "pairs.npz", image=np.zeros((8, 16, 16, 3), np.uint8), vector=np.arange(8), vectors=vectors,
             seen_fringe=np.zeros(8, bool), seen_skin_tone=np.ones(8, bool), seen_glasses=np.arange(8) < 1)
    heads = engine_heads(engine, semantics, "tiktok", all_components=True)
    _, targets = Pairs(tmp_path / "pairs.npz", engine, semantics, heads).draw(32, 32, rng)
    assert (targets["fringe"] == -1).all() and (targets["skin_tone"] >= 0).all()
    assert (targets["discrete:hair"] == -1).all()  # which decides the fringe
    assert ((targets["discrete:glasses"] >= 0) == (targets["glasses"] >= 0)).all() and (targets["glasses"] == -1).any()
