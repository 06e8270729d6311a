"""Face heads: what is measured on a parsed face, and how its answer joins the network's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from swiftavatar_train.data import ATTRIBUTES
from swiftavatar_train.face_features import HAIR, SKIN, FaceFeatures
from swiftavatar_train.folds import assign_folds, sources
from swiftavatar_train.fusion import Fusion, example_weights, fit_linear, fuse, out_of_fold, widths

POINTS = torch.rand(1, 478, 2, generator=torch.Generator().manual_seed(5))


def parts(hair_rows: int, size: int = 128) -> torch.Tensor:
    """Hair above, skin below."""
    found = torch.zeros(1, 13, size, size)
    found[:, HAIR, :hair_rows], found[:, SKIN, hair_rows:] = 1, 1
    return found


def test_features_are_finite_and_the_same_at_any_size() -> None:
    """The picture may come at another size than the features are read at."""
    module, small = FaceFeatures(), torch.rand(1, 3, 16, 16) * 2 - 1
    one, other = (module(torch.nn.functional.interpolate(small, size=(size, size), mode="bilinear"), parts(64), POINTS)
                  for size in (256, 192))
    assert torch.isfinite(one).all() and one.shape == other.shape
    assert (one - other).abs().median() < 0.02


def test_features_survive_a_face_without_parts() -> None:
    empty = FaceFeatures()(torch.zeros(1, 3, 128, 128), torch.zeros(1, 13, 128, 128), torch.zeros(1, 478, 2))
    assert torch.isfinite(empty).all()


def test_features_do_not_mix_the_faces_of_a_batch() -> None:
    image = torch.rand(3, 3, 128, 128) * 2 - 1
    masks, points = torch.softmax(torch.randn(3, 13, 128, 128), 1), torch.rand(3, 478, 2)
    together = FaceFeatures()(image, masks, points)
    alone = torch.cat([FaceFeatures()(image[i:i + 1], masks[i:i + 1], points[i:i + 1]) for i in range(3)])
    assert torch.allclose(together, alone, atol=1e-4)


def test_more_hair_is_seen() -> None:
    image = torch.zeros(1, 3, 128, 128)
    little, much = (FaceFeatures()(image, parts(rows), POINTS)[0, HAIR] for rows in (20, 80))
    assert much > little


def test_persons_stay_in_one_fold_and_sources_in_all() -> None:
    names = np.array([f"{source}-{i}.jpg" for source in ("a", "b") for i in range(20)])
    persons = np.array([f"{source}{i // 2}" for source in ("a", "b") for i in range(20)])
    fold = assign_folds(persons, names)
    assert all(len(set(fold[persons == person])) == 1 for person in persons)
    assert all(set(fold[sources(names) == source]) == set(range(5)) for source in ("a", "b"))


def test_heads_learn_what_a_feature_tells_and_are_judged_out_of_fold() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    features = torch.from_numpy(rng.normal(size=(200, 5)) + 2 * labels[:, None]).float()
    answers = out_of_fold(features, labels, torch.ones(200), np.arange(200) % 5, 2, 0.01)
    assert (answers.argmax(1).numpy() == labels).mean() > 0.95
    weight, bias = fit_linear(torch.randn(200, 5), torch.from_numpy(labels), torch.ones(200), 2, 10.0)
    assert weight.abs().max() < 0.1  # a strong penalty silences noise


def test_both_sides_of_a_balanced_attribute_count_the_same() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    weight = example_weights("earrings", labels, np.array(["a"] * 100)).numpy()
    assert weight[:90].sum() == pytest.approx(weight[90:].sum(), rel=1e-4)


def test_only_the_named_attributes_are_fused() -> None:
    total = sum(len(values) for values in ATTRIBUTES.values())
    state = {"mean": torch.zeros(4), "deviation": torch.ones(4), "weight": torch.randn(4, total), "bias": torch.randn(total)}
    biases = {"mouth": [0.5, -0.5], "fringe": [0.1, -0.1]}
    output, features = torch.randn(2, total + 3), torch.randn(2, 4)
    fused = Fusion(state, ["mouth"], biases)(output, features)
    place = widths()["mouth"]
    untouched = torch.ones(total + 3, dtype=torch.bool)
    untouched[place] = False
    assert torch.equal(fused[:, untouched], output[:, untouched])
    face = (features @ state["weight"] + state["bias"])[:, place]
    assert torch.allclose(fused[:, place], fuse(output[:, place] + torch.tensor([0.5, -0.5]), face), atol=1e-5)
