"""A training that was stopped and went on is the training that was not stopped: the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from estimator_fixture import SETTINGS, write_photos
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from swiftavatar_train.attributes import folds, learner, train
from swiftavatar_train.core.batches import prefetch, stream
from swiftavatar_train.core.checkpoint import load
from swiftavatar_train.photos.labelled import LabelledPhotos

AVERAGED = [{"recolor_share": 0.0, "tone_steps": 0}]


class Stopped(Exception):
    """As when the machine goes away."""


@pytest.fixture()
def settings(tmp_path: Path) -> dict:
    write_photos(tmp_path / "cache/train.npz")
    with np.load(tmp_path / "cache/train.npz") as arrays:
        np.savez(tmp_path / "cache/train.npz", person=np.array([f"p{i}" for i in range(8)]), **arrays)
    return {**SETTINGS, "threads": 1, "draw_on_share": 0.0, "studio_share": 0.0, "averaged": AVERAGED, "second": {}, "attribute_steps": 4,
            "fold_steps": 3, "leave_out_largest": False}


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Checkpoints after every step, and an end before `step`."""
    monkeypatch.setattr(learner, "SAVE_SECONDS", -1)
    monkeypatch.setattr(folds, "SAVE_SECONDS", -1)
    follow = learner.Learner.follow

    def until(self: learner.Learner, at: int) -> None:
        if at == step:
            raise Stopped
        follow(self, at)

    monkeypatch.setattr(learner.Learner, "follow", until)


def weights(path: Path) -> dict[str, Tensor]:
    return load(path)["ema"]


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_a_stopped_network_of_attributes_has_the_same_weights(tmp_path, settings, monkeypatch) -> None:
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    train.run(settings | {"scratch": str(tmp_path / "whole")}, tmp_path)
    whole = weights(tmp_path / "estimator/attributes.pt")
    with monkeypatch.context() as patch, pytest.raises(Stopped):
        stop_at(patch, 2)
        train.run(settings | {"scratch": str(tmp_path / "stopped")}, tmp_path)
    assert load(tmp_path / "stopped/attributes_0.pt")["step"] == 2
    train.run(settings | {"scratch": str(tmp_path / "stopped")}, tmp_path)
    assert same(weights(tmp_path / "estimator/attributes.pt"), whole)


def test_another_seed_gives_other_weights(tmp_path, settings) -> None:
    """Else the test above would say nothing."""
    found = []
    for seed in (1, 2):
        (tmp_path / str(seed)).mkdir()
        train.run(settings | {"seed": seed, "attribute_steps": 1, "scratch": str(tmp_path / str(seed))}, tmp_path)
        found.append(weights(tmp_path / "estimator/attributes.pt"))
    assert not same(*found)


def test_stopped_folds_say_the_same(tmp_path, settings, monkeypatch) -> None:
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    folds.run(settings | {"scratch": str(tmp_path / "whole")}, tmp_path)
    whole = np.load(tmp_path / "cache/out_of_fold.npz")["folds"]
    with monkeypatch.context() as patch, pytest.raises(Stopped):
        stop_at(patch, 1)
        folds.run(settings | {"scratch": str(tmp_path / "stopped")}, tmp_path)
    folds.run(settings | {"scratch": str(tmp_path / "stopped")}, tmp_path)
    assert np.array_equal(np.load(tmp_path / "cache/out_of_fold.npz")["folds"], whole)


@pytest.mark.parametrize("workers", [0, 1, None])
def test_batches_go_on_where_they_stopped(tmp_path, settings, workers: int | None) -> None:
    """By processes, by this one, and by a thread (None)."""
    photos = LabelledPhotos(tmp_path / "cache/train.npz")

    def batches(first: int) -> Iterator:
        def draw(rng: np.random.Generator) -> np.ndarray:
            return photos.draw(2, 32, rng)[0]
        return prefetch(draw, 5, first) if workers is None else stream(draw, 5, workers, first)

    whole, later = batches(0), batches(2)
    drawn = [next(whole) for _ in range(4)]
    assert np.array_equal(next(later), drawn[2]) and np.array_equal(next(later), drawn[3])
    assert not np.array_equal(drawn[2], drawn[0])


def test_a_checkpoint_says_how_far_it_is(tmp_path) -> None:
    from swiftavatar_train.attributes.network import EstimatorNet, Head

    net, image = EstimatorNet([Head("attribute", "mouth", ["closed", "teeth"])], 64), torch.rand(1, 3, 64, 64)
    with SummaryWriter(str(tmp_path / "log")) as log:
        learner.train(net, lambda first: iter([image] * 2), lambda net, batch: net(batch).square().mean(), 2, SETTINGS, tmp_path / "net.pt", log)
    assert (tmp_path / "progress.json").read_text() == '{"training": "net", "step": 2, "steps": 2}\n'
