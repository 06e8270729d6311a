"""Heads that choose among variants that show the same."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import torch

from swiftavatar_train.attributes.network import Head, lay_out
from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.semantics import Semantics
from swiftavatar_train.estimator.heads import NONE, engine_heads
from swiftavatar_train.estimator.variants import (
    FACE_KINDS,
    LABELS,
    LEAST,
    AmongEquals,
    Group,
    Labelled,
    equals,
    fit_chosen,
    fit_engine,
    labelled_groups,
    read_variant_labels,
)

TIKTOK = Path(__file__).parents[3] / "configs/engines/tiktok"
ENGINE, SEMANTICS = Engine.load(TIKTOK / "definition.json"), Semantics.load(TIKTOK / "semantics.json")
# Also of the components that heads of styles serve: an engine with other names has heads of its own for these.
HEADS = {name: Head("discrete", name, [*variants, *([NONE] if name in ENGINE.optional else [])], engine="tiktok")
         for name, variants in ENGINE.variants.items() if name not in ENGINE.tied}


def test_equals_show_the_same_by_the_first_value_of_each_attribute() -> None:
    groups = equals(HEADS["hair"], SEMANTICS)
    assert ["pixie", "frenchCrop"] in groups and ["longStraight", "longSide"] in groups
    short = next(group for group in groups if "quiff" in group)
    assert {"quiff", "receding", "spiky"} <= set(short) and "shortWavy" not in short  # its hair shows as wavy


def test_every_label_is_a_variant_of_its_component_and_no_photo_has_two() -> None:
    seen = set()
    with open(LABELS / "tiktok.csv", newline="") as file:
        for row in csv.DictReader(file):
            assert row["variant"] in HEADS[row["component"]].options, row
            assert not row["second_reading"] or row["second_reading"] in HEADS[row["component"]].options, row
            assert row["split"] in ("train", "dev") and (row["split"], row["photo"], row["component"]) not in seen
            seen.add((row["split"], row["photo"], row["component"]))
    assert len(read_variant_labels(LABELS / "tiktok.csv", "train")) > 1000


def test_groups_of_few_photos_are_left_to_the_network() -> None:
    lay_out(list(HEADS.values()))
    labels = [{"photo": f"{i}.jpg", "component": "hair", "variant": ("pixie", "frenchCrop")[i % 2]} for i in range(LEAST)]
    labels += [{"photo": "0.jpg", "component": "glasses", "variant": "round"}, {"photo": "gone.jpg", "component": "hair", "variant": "pixie"}]
    found = labelled_groups(list(HEADS.values()), SEMANTICS, labels, [f"{i}.jpg" for i in range(LEAST)])
    assert [(group.name, group.options) for group in found] == [("hair", ["pixie", "frenchCrop"])]
    assert found[0].photos.tolist() == list(range(LEAST)) and found[0].labels.tolist() == [0, 1] * (LEAST // 2)
    assert found[0].places == [HEADS["hair"].offset + HEADS["hair"].options.index(name) for name in ("pixie", "frenchCrop")]


def test_a_head_divides_what_the_network_gives_its_group_and_changes_nothing_else() -> None:
    output, features = torch.randn(3, 7), torch.randn(3, 5)
    state = {"places": [[1, 4], [2, 3, 6]], "weights": [torch.randn(6, 2), torch.randn(6, 3)]}
    found = AmongEquals(state, 7)(output, features)
    assert torch.equal(found[:, [0, 5]], output[:, [0, 5]])
    for places, weight in zip(state["places"], state["weights"]):
        assert torch.allclose(torch.logsumexp(found[:, places], 1), torch.logsumexp(output[:, places], 1), atol=1e-5)
        wanted = torch.softmax(features @ weight[:-1] + weight[-1], 1)
        assert torch.allclose(torch.softmax(found[:, places], 1), wanted, atol=1e-5)


def test_a_head_learns_what_features_tell_and_the_frequency_where_they_tell_nothing() -> None:
    rng = np.random.default_rng(1)
    labels = (rng.random(200) < 0.3).astype(np.int64)
    lay_out(list(HEADS.values()))
    rows = [{"photo": str(i), "component": "hair", "variant": ("pixie", "frenchCrop")[label]} for i, label in enumerate(labels)]
    group, = labelled_groups(list(HEADS.values()), SEMANTICS, rows, [str(i) for i in range(200)])
    noise = torch.from_numpy(rng.standard_normal((200, 8))).float()
    telling = noise.clone()
    telling[:, 2] += torch.from_numpy(4.0 * labels).float()
    source, fold = np.array(["a"] * 200), np.arange(200) % 5
    first = torch.arange(8) < 4
    chosen = {"first": first, "last": ~first}
    head = fit_chosen(group, telling, chosen, source, fold, [0.01, 100.0])
    assert head.kind == "first" and (head.answers.argmax(1).numpy() == labels).mean() > 0.95
    assert head.weight.shape == (9, 2) and not head.weight[:-1][~first].any()
    head = fit_chosen(group, noise, chosen, source, fold, [0.01, 100.0])
    assert head.weight[:-1].abs().max() < 0.01 and torch.softmax(head.weight[-1], 0)[1] < 0.4
    assert (head.answers.argmax(1) == 0).all()


def test_a_variant_that_nobody_chose_is_never_chosen() -> None:
    rng = np.random.default_rng(2)
    labels, features = rng.integers(0, 2, 100), torch.from_numpy(rng.standard_normal((100, 4))).float()
    group = Group("hair", ["pixie", "frenchCrop", "bowl"], [3, 4, 5], np.arange(100), labels * 2)  # never the second
    head = fit_chosen(group, features, {"face": torch.ones(4, dtype=torch.bool)}, np.array(["a"] * 100), np.arange(100) % 5, [1.0]).among(group)
    answers = torch.softmax(torch.cat([features, torch.ones(100, 1)], 1) @ head.weight, 1)
    assert answers[:, 1].max() < 1e-6 and (answers[:, 0] > 0.2).all() and head.answers.shape == (100, 3)


def test_engines_whose_groups_are_the_same_share_a_fit() -> None:
    heads = list(HEADS.values())
    lay_out(heads)
    rng = np.random.default_rng(3)
    photos = [str(i) for i in range(40)]
    train = Labelled(photos, torch.from_numpy(rng.standard_normal((40, 6))).float(), {kind: torch.arange(6) >= 0 for kind in FACE_KINDS},
                     np.array(["a"] * 40), np.arange(40) % 5)
    fitted: dict = {}
    first = fit_engine("one", heads, SEMANTICS, picks(photos, "frenchCrop"), train, [1.0], fitted)
    assert len(fitted) == 1
    second = fit_engine("two", heads, SEMANTICS, picks(photos, "frenchCrop"), train, [1.0], fitted)
    assert len(fitted) == 1 and torch.equal(second["weights"][0], first["weights"][0])
    fit_engine("three", heads, SEMANTICS, picks(photos, "pixie"), train, [1.0], fitted)  # other choices of the same photos
    assert len(fitted) == 2


def test_options_that_nobody_chose_do_not_make_another_fit() -> None:
    photos = np.arange(4)
    few = Group("hair", ["pixie", "frenchCrop"], [0, 1], photos, np.array([0, 1, 1, 0]))
    more = Group("hair", ["pixie", "bowl", "frenchCrop"], [5, 6, 7], photos, np.array([0, 2, 2, 0]))
    other = Group("hair", ["pixie", "bowl", "frenchCrop"], [5, 6, 7], photos, np.array([0, 1, 1, 0]))
    assert few.task() == more.task() != other.task()


def picks(photos: list[str], rare: str) -> list[dict[str, str]]:
    """Every fourth photo has the `rare` one of pixie and frenchCrop, the others have the other."""
    names = ("pixie", "frenchCrop") if rare == "frenchCrop" else ("frenchCrop", "pixie")
    return [{"photo": photo, "component": "hair", "variant": names[place % 4 == 0]} for place, photo in enumerate(photos)]


def test_components_whose_styles_readers_name_have_no_heads_of_an_engine() -> None:
    names = {head.name for head in engine_heads(ENGINE, SEMANTICS, "tiktok")}
    assert not names & {"hair", "facialHair", "glasses", "headwear", "clothes"} and {"eyes", "brows", "mouth", "face_width"} < names
