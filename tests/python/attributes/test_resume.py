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

from swiftavatar_train.attributes import learner, train
from swiftavatar_train.core.batches import prefetch, stream
from swiftavatar_train.core.checkpoint import load
from swiftavatar_train.core.folds import assign_folds
from swiftavatar_train.photos.labelled import LabelledPhotos



class Stopped(Exception):
    """As when the machine goes away."""


@pytest.fixture()
def settings(tmp_path: Path) -> dict:
    for split, source in (("train", "pif"), ("world", "foss"), ("world-more", "tpo")):
        write_photos(tmp_path / f"cache/{split}.npz", source)
    rates = {"trunk_rate": 1e-3, "head_rate": 3e-2}
    return {**SETTINGS, "training": ["train", "world", "world-more"], "threads": 1, "draw_on_share": 0.0, "studio_share": 0.0,
            "tone_steps": 0, "recolor_share": 0.0, "second": {}, "folds": 2, "from_restored": False,
            "rounds": [{"steps": 3, **rates}, {"steps": 2, **rates}]}


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Checkpoints after every step, and an end before `step`."""
    monkeypatch.setattr(learner, "SAVE_SECONDS", -1)
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
    assert load(tmp_path / "stopped/attributes_0_0.pt")["step"] == 2
    train.run(settings | {"scratch": str(tmp_path / "stopped")}, tmp_path)
    assert same(weights(tmp_path / "estimator/attributes.pt"), whole)


def test_another_seed_gives_other_weights(tmp_path, settings) -> None:
    """Else the test above would say nothing."""
    found = []
    for seed in (1, 2):
        (tmp_path / str(seed)).mkdir()
        train.run(settings | {"seed": seed, "scratch": str(tmp_path / str(seed))}, tmp_path)
        found.append(weights(tmp_path / "estimator/attributes.pt"))
    assert not same(*found)


def test_each_photo_is_answered_by_a_network_that_saw_neither_it_nor_its_source(tmp_path, settings) -> None:
    (tmp_path / "scratch").mkdir()
    train.run(settings | {"scratch": str(tmp_path / "scratch")}, tmp_path)
    with np.load(tmp_path / "cache/out_of_fold.npz") as found:
        assert found["trunks"].tolist() == ["lite0"]
        answers = found["answers"]
    assert np.isnan(answers[:8]).all() and np.isfinite(answers[8:]).all()  # all networks learn from the first set
    photos = LabelledPhotos(tmp_path / "cache", settings["training"])
    fold = assign_folds(photos.split, photos.source, 2)
    assert (fold[:8] == -1).all() and len(set(fold[8:16])) == len(set(fold[16:])) == 1 and fold[8] != fold[16]
    blind = learner.load_network(tmp_path / "estimator/attributes.pt")
    blind.load_state_dict(load(tmp_path / f"scratch/attributes_{fold[8]}_1.pt")["ema"])
    assert np.allclose(learner.answers(blind, photos.image[8:16], blind.size), answers[8:16], atol=1e-4)


def test_people_of_a_fold_are_unseen_in_other_sources_too(tmp_path, settings, monkeypatch) -> None:
    with np.load(tmp_path / "cache/world-more.npz") as arrays:
        np.savez(tmp_path / "cache/world-more.npz", **{**arrays, "person": np.array(["foss person 3", *arrays["person"][1:]])})
    seen = []
    monkeypatch.setattr(LabelledPhotos, "only", lambda self, rows: seen.append(rows) or None)
    monkeypatch.setattr(train, "rounds_of_learning", lambda net, *rest: net.eval())
    (tmp_path / "scratch").mkdir()
    train.run(settings | {"scratch": str(tmp_path / "scratch")}, tmp_path)
    without_foss = next(rows for rows in seen if not rows[8])
    assert not without_foss[8:17].any() and without_foss[17:].all() and without_foss[:8].all()


def test_the_second_network_differs_where_its_settings_say_so() -> None:
    cfg = {**SETTINGS, "second": {"trunk": "lite2"}}
    assert [(prefix, own["trunk"], own["batch"]) for prefix, own in train.members(cfg)] == [("", "lite0", 4), ("second_", "lite2", 4)]
    assert [prefix for prefix, _ in train.members({**SETTINGS, "second": {}})] == [""]


@pytest.mark.parametrize("second", [{"studio_share": 0.0}, {"trunk": "lite2", "size": 128}])
def test_a_second_network_that_could_not_ship_is_refused_before_it_is_trained(second: dict) -> None:
    with pytest.raises(SystemExit, match="needs another trunk, and pictures of the same size"):
        train.members({**SETTINGS, "second": second})


@pytest.mark.parametrize("workers", [0, 1, None])
def test_batches_go_on_where_they_stopped(tmp_path, settings, workers: int | None) -> None:
    """By processes, by this one, and by a thread (None)."""
    photos = LabelledPhotos(tmp_path / "cache", ["train"])

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
