"""Face heads: what is measured on a parsed face, and how its answer joins the network's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from swiftavatar_train.core.folds import assign_folds, person_folds, sources
from swiftavatar_train.core.labels import ATTRIBUTES, PARTS, STYLES, groups_of, one_hot
from swiftavatar_train.core.linear import fit_linear
from swiftavatar_train.estimator import fusion
from swiftavatar_train.estimator.calibrate import stretched_tone
from swiftavatar_train.estimator.face_features import FEATURES, HAIR, SKIN, FaceFeatures, Windows, blurred
from swiftavatar_train.estimator.fusion import Fusion
from swiftavatar_train.estimator.joining import (
    Judge,
    LinearHead,
    Train,
    calibration_error,
    choose_stretch,
    cross_fitted,
    example_weights,
    fit_head,
    fit_witnesses,
    join_head,
    join_measures,
    out_of_fold,
    stack_heads,
    within_one,
)

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


@pytest.mark.parametrize("size", [3, 5, 7])
def test_blurs_at_points_are_the_whole_pictures_there(size: int) -> None:
    """Also at the border, where pixels repeat, and outside it."""
    image, points = torch.rand(2, 3, 32, 32), torch.rand(2, 50, 2) * 1.2 - 0.1
    windows = Windows(points, 32)
    whole = torch.nn.functional.avg_pool2d(torch.nn.functional.pad(image, [size // 2] * 4, mode="replicate"), size, 1)
    wanted = torch.nn.functional.grid_sample(whole, points[:, None] * 2 - 1, padding_mode="border", align_corners=False)
    assert torch.allclose(windows.value(blurred(windows(image), size)), wanted[:, :, 0], atol=1e-5)


def test_more_hair_is_seen() -> None:
    image = torch.zeros(1, 3, 128, 128)
    little, much = (FaceFeatures()(image, parts(rows), POINTS)[0, HAIR] for rows in (20, 80))
    assert much > little


def test_persons_stay_in_one_fold_and_sources_in_all() -> None:
    names = np.array([f"{source}-{i}.jpg" for source in ("a", "b") for i in range(20)])
    persons = np.array([f"{source}{i // 2}" for source in ("a", "b") for i in range(20)])
    fold = person_folds(persons, names)
    assert all(len(set(fold[persons == person])) == 1 for person in persons)
    assert all(set(fold[sources(names) == source]) == set(range(5)) for source in ("a", "b"))


def test_heads_learn_what_a_feature_tells_and_are_judged_out_of_fold() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    features = torch.from_numpy(rng.normal(size=(200, 5)) + 2 * labels[:, None]).float()
    shares = torch.from_numpy(one_hot(labels, 2)).float()
    answers = out_of_fold(features, shares, torch.ones(200), np.arange(200) % 5, 0.01)
    assert (answers.argmax(1).numpy() == labels).mean() > 0.95
    weight, bias = fit_linear(torch.randn(200, 5), torch.from_numpy(labels), torch.ones(200), 2, 10.0)
    assert weight.abs().max() < 0.1  # a strong penalty silences noise


def test_heads_learn_what_labels_could_have_been_where_that_is_known() -> None:
    """A feature tells the reader's mind; labels are that in three photos of four."""
    rng = np.random.default_rng(0)
    mind = rng.integers(0, 2, 400)
    labels = np.where(rng.random(400) < 0.75, mind, 1 - mind)
    features = torch.from_numpy(np.stack([8.0 * mind, *rng.normal(size=(40, 400))], 1)).float()
    shares = np.stack([1 - (0.25 + 0.5 * mind), 0.25 + 0.5 * mind], 1)

    def train(shares: np.ndarray) -> Train:
        return Train(features, torch.zeros(0), np.arange(400) % 5, np.array(["a"] * 400), {"mouth": shares}, {}, {})

    hard, soft = (fit_head("mouth", train(one), torch.ones(41, dtype=torch.bool), [0.001]) for one in (one_hot(labels, 2), shares))
    sure = torch.softmax(soft.answers, 1)[torch.arange(400), torch.from_numpy(mind)]
    assert sure.mean().item() == pytest.approx(0.75, abs=0.03) and sure.std() < 0.05
    assert torch.softmax(hard.answers, 1)[torch.arange(400), torch.from_numpy(mind)].std() > 2 * sure.std()


def test_both_sides_of_a_balanced_attribute_count_the_same() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    shares = one_hot(labels, 2)
    weight = example_weights("earrings", shares, np.array(["a"] * 100)).numpy()
    assert weight[:90].sum() == pytest.approx(weight[90:].sum(), rel=1e-4)
    weight = example_weights("earrings", shares, np.array(["a"] * 100), balance=0.5).numpy()
    assert weight[:90].sum() == pytest.approx(3 * weight[90:].sum(), rel=1e-4)  # root of 9 to 1


def test_rare_textures_count_more_than_they_come_unless_told_otherwise() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    shares = one_hot(labels, 3)
    weight = example_weights("hair_texture", shares, np.array(["a"] * 100)).numpy()
    assert weight[:90].sum() == pytest.approx(3 * weight[90:].sum(), rel=1e-4)
    assert example_weights("hair_texture", shares, np.array(["a"] * 100), balance=0.0).std() == 0


def test_witnesses_are_weighed_by_what_they_know() -> None:
    """One witness knows the answer, the others guess: the first gets the weight, and the joined answer is right."""
    rng = torch.Generator().manual_seed(1)
    labels = torch.randint(0, 2, (400,), generator=rng)
    knows = torch.nn.functional.one_hot(labels, 2).float() * 3 + 0.5 * torch.randn(400, 2, generator=rng)
    guesses = [torch.randn(400, 2, generator=rng) for _ in range(2)]
    judge = Judge([[0], [1]], torch.nn.functional.one_hot(labels, 2).float(), torch.ones(400))
    scales, bias = fit_witnesses([guesses[0], knows, guesses[1]], judge)
    assert scales[1] > 5 * scales[0] and scales[1] > 5 * scales[2] and abs(float(bias.sum())) < 1e-5
    found = cross_fitted([guesses[0], knows, guesses[1]], judge, torch.arange(400) % 5)
    assert (found.argmax(1) == labels).float().mean() > 0.97
    alone, _ = fit_witnesses(guesses[:1], judge)
    assert alone[0] < 0.6


def test_heads_on_several_kinds_of_features_are_added() -> None:
    features = torch.randn(5, 7)
    first = torch.arange(7) < 3
    heads = [(2.0, LinearHead(first, torch.randn(3, 4), torch.randn(4), torch.zeros(0))),
             (0.5, LinearHead(~first, torch.randn(4, 4), torch.randn(4), torch.zeros(0)))]
    bias = torch.randn(4)
    stacked = stack_heads(7, heads, bias)
    wanted = bias + sum(scale * (features[:, head.columns] @ head.weight + head.bias) for scale, head in heads)
    assert torch.allclose(torch.cat([features, torch.ones(5, 1)], 1) @ stacked, wanted, atol=1e-5)


def test_features_that_do_not_help_are_not_heard() -> None:
    """The network knows fringes; colours guess, and regions know them as well."""
    rng = torch.Generator().manual_seed(3)
    labels = torch.randint(0, 2, (300,), generator=rng)
    sign = labels.float()[:, None] * 2 - 1
    features = torch.randn(300, FEATURES + 4, generator=rng)
    features[:, FEATURES:] += sign
    own = torch.cat([-sign, sign], 1) + torch.randn(300, 2, generator=rng)
    face = torch.arange(FEATURES + 4) < FEATURES
    train = Train(features, own, np.arange(300) % 5, np.array(["a"] * 300), {"fringe": one_hot(labels.numpy(), 2)}, {},
                  {"fringe": {"face": face, "region": ~face}})
    joined = join_head("fringe", train, own, {"face": [1.0], "region": [0.01]})
    assert joined.scale > 0 and joined.weight[FEATURES:-1].abs().max() > 10 * joined.weight[:FEATURES].abs().max()
    assert joined.judge(joined.answers, 0) < min(joined.judge(one, 0) for one in joined.alone.values())


def test_photos_that_all_networks_saw_teach_heads_and_judge_nothing() -> None:
    rng = torch.Generator().manual_seed(4)
    labels = torch.randint(0, 2, (200,), generator=rng)
    features = torch.randn(200, FEATURES + 1, generator=rng)
    features[:, -1] = labels * 4.0 - 2
    fold, face = np.where(np.arange(200) < 100, -1, np.arange(200) % 2), torch.arange(FEATURES + 1) < FEATURES
    own = torch.randn(200, 2, generator=rng)
    own[:100] = torch.nan
    train = Train(features, own, fold, np.array(["a"] * 200), {"fringe": one_hot(labels.numpy(), 2)}, {}, {"fringe": {"region": ~face}})
    joined = join_head("fringe", train, own, {"region": [0.01]})
    assert len(joined.judge.shares) == 100 and joined.judge.right(joined.answers) > 0.95
    alone = out_of_fold(features[:, ~face], torch.from_numpy(train.shares["fringe"]).float(), torch.ones(200), fold, 0.01)
    assert not alone[:100].any() and alone[100:].any()


def test_the_group_comes_first_and_the_value_inside_it_second() -> None:
    """Three kinds of beard at 0.2 each outweigh "none" at 0.4."""
    logits = torch.tensor([[0.4, 0.25, 0.2, 0.15]]).log()
    right, wrong = (Judge([[0], [1, 2, 3]], torch.eye(4)[[label]], torch.ones(1))(logits, 0) for label in (2, 0))
    assert float(right) == pytest.approx(-np.log(0.6), abs=1e-5) and wrong > right


def test_every_value_is_in_one_group() -> None:
    for name, values in ATTRIBUTES.items():
        assert sorted(index for group in groups_of(name) for index in group) == list(range(len(values)))
    for name, values in STYLES.items():
        assert groups_of(f"style:{name}") == [[index] for index in range(len(values))]


def test_a_head_that_is_too_sure_has_a_confidence_error() -> None:
    labels = torch.tensor([0, 1] * 50)
    always = torch.tensor([[3.0, -3.0]]).repeat(100, 1)
    judge = Judge([[0], [1]], torch.nn.functional.one_hot(labels, 2).float(), torch.ones(100))
    assert calibration_error(always, judge) == pytest.approx(torch.sigmoid(torch.tensor(6.0)).item() - 0.5, abs=0.01)
    assert calibration_error(torch.zeros(100, 2), judge) == pytest.approx(0, abs=1e-6)


def test_joined_heads_are_the_weighted_sum_of_both() -> None:
    total, count = 6, 4
    state = {"mean": torch.randn(count), "deviation": torch.rand(count) + 0.5, "weight": 0.1 * torch.randn(count + 1, total),
             "network": torch.rand(total)}
    output, features = torch.randn(2, total + 3), torch.randn(2, count)
    fusion = Fusion(state)
    fused = fusion(output, fusion.standard(features))
    standard = ((features - state["mean"]) / state["deviation"]).clamp(-4, 4)
    wanted = state["network"] * output[:, :total] + standard @ state["weight"][:-1] + state["weight"][-1]
    assert torch.allclose(fused[:, :total], wanted, atol=1e-5)
    assert torch.equal(fused[:, total:], output[:, total:])


def test_measures_come_from_what_predicts_them() -> None:
    rng = torch.Generator().manual_seed(2)
    features = torch.randn(300, 6, generator=rng)
    target = (features @ torch.tensor([1.0, -1, 0.5, 0, 0, 0])[:, None])
    target = target / target.std()
    network = target + 2 * torch.randn(300, 1, generator=rng)
    scale, heads, answers = join_measures(features, network, target, np.arange(300) % 5, [0.1, 10.0])
    assert float(scale[0]) < 0.2  # the noisy witness has little to say
    assert np.corrcoef(answers[:, 0], target[:, 0])[0, 1] > 0.98
    again = scale * network + torch.cat([features, torch.ones(300, 1)], 1) @ heads
    assert np.corrcoef(again[:, 0], target[:, 0])[0, 1] > 0.98


def test_the_stretch_that_helps_dark_tones_is_chosen() -> None:
    labels = torch.arange(10)
    shy = torch.full((10, 10), -30.0)
    for row in range(10):  # answers that fall short of dark tones
        shy[row, round(2 + (row - 2) / 1.4) if row > 2 else row] = 30.0
    stretch = choose_stretch(shy, labels, [1.0, 1.4])
    assert stretch == 1.4
    everybody, dark = within_one(stretched_tone(shy, stretch), labels)
    assert everybody == dark == 1.0


def test_a_measure_that_nobody_shows_has_no_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that finds no ears must not put numbers that are none into the manifest."""
    nobody = torch.zeros(3, len(PARTS), 128, 128)
    monkeypatch.setattr(fusion, "parse", lambda parser, images: nobody[: len(images)])
    mesh = np.random.default_rng(0).random((3, 478, 2)).astype(np.float32)
    found = fusion.read_off(None, np.zeros((3, 128, 128, 3), np.uint8), mesh)
    assert "ear_size" not in found and "chin_length" in found
    assert all(torch.isfinite(values).all() and len(values) == 21 for values in found.values())
