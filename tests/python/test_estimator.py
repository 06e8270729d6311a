"""The estimator's training: heads, losses, calibration, resuming; on tiny runs."""

import json

import numpy as np
import pytest
import torch
from torch.utils.tensorboard import SummaryWriter

from swiftavatar_train import calibrate, estimator, evaluate
from swiftavatar_train.data import ATTRIBUTES
from swiftavatar_train.estimator_engine import allowed_variants, semantic_loss
from swiftavatar_train.estimator_net import EstimatorNet, Head, lay_out
from swiftavatar_train.semantics import Semantics

MESH = np.random.default_rng(3).random((8, 478, 2)).astype(np.float32)


def test_heads_lie_one_after_the_other() -> None:
    heads = estimator.attribute_heads(MESH)
    assert lay_out(heads) == sum(len(values) for values in ATTRIBUTES.values()) + 9
    assert [head.offset for head in heads[:3]] == [0, 3, 8]


def test_unknown_labels_give_no_loss() -> None:
    head = Head("attribute", "mouth", ["closed", "teeth"])
    output = torch.zeros(2, 2, requires_grad=True)
    assert estimator.attribute_loss(head, output, torch.tensor([-1, -1]), torch.ones(2)).item() == 0
    loss = estimator.attribute_loss(head, output, torch.tensor([1, -1]), torch.ones(2))
    loss.backward()
    assert output.grad[0].abs().sum() > 0 and output.grad[1].abs().sum() == 0


def test_labels_share_probability_among_the_variants_they_allow() -> None:
    semantics = Semantics(["hair"], {"hair": {"bob": {"hair_length": ["medium"]}, "wave": {"hair_length": ["medium"]},
                                              "crop": {"hair_length": ["short"]}}}, {})
    head = Head("discrete", "hair", ["bob", "wave", "crop"])
    lay_out([head])
    tables = {"hair": allowed_variants(head, semantics)}
    labels = {"hair_length": np.array([ATTRIBUTES["hair_length"].index("medium")])}
    net = type("Net", (), {"heads": [head]})()

    def loss(*logits: float) -> float:
        return semantic_loss(net, torch.tensor([logits]), labels, tables).item()

    assert loss(5, 0, -5) == pytest.approx(loss(0, 5, -5), abs=1e-4)
    assert loss(0, 0, 5) > loss(0, 0, 0) > loss(2, 2, 0)


def test_bias_moves_the_answer_to_the_wanted_prior() -> None:
    """A head that only knows its training's prior must answer with the wanted one."""
    labels = np.array([0] * 90 + [1] * 10)
    rows = np.full(100, 0.01)
    weights = np.array([0.5, 3.0])
    bias = np.array(calibrate.prior_bias("earrings", labels, rows, weights, 1.0))
    trained = np.bincount(labels, rows) * weights
    answer = np.exp(np.log(trained / trained.sum()) + bias)
    assert (answer / answer.sum()) == pytest.approx([0.5, 0.5], abs=0.02)


def test_exported_tone_is_an_ordinal_peak() -> None:
    net = EstimatorNet(estimator.attribute_heads(MESH)).eval()
    with torch.no_grad():
        output = calibrate.Exported(net, 1.2)(torch.zeros(1, 3, 64, 64))
    tone = next(head for head in net.heads if head.name == "skin_tone")
    logits = output[0, tone.slice]
    best = int(logits.argmax())
    assert (logits[:best].diff() > 0).all() and (logits[best:].diff() < 0).all()


def test_training_resumes_where_it_stopped(tmp_path) -> None:
    cfg = {"trunk_rate": 1e-4, "head_rate": 1e-3, "ema": 0.9}
    torch.manual_seed(0)
    image = torch.rand(2, 3, 32, 32)

    def step_loss(net: EstimatorNet, step: int) -> torch.Tensor:
        return net.features(image).square().mean() + net.linear.weight.square().sum()

    net = EstimatorNet(estimator.attribute_heads(MESH))
    with SummaryWriter(str(tmp_path / "log")) as log:
        estimator.train(net, step_loss, 2, cfg, tmp_path / "net.pt", log)
        again = EstimatorNet(estimator.attribute_heads(MESH))
        estimator.train(again, step_loss, 3, cfg, tmp_path / "net.pt", log)
    saved = estimator.load(tmp_path / "net.pt")
    assert saved["step"] == 3
    restored = estimator.restore(tmp_path / "net.pt")
    assert [head.name for head in restored.heads] == [head["name"] for head in json.loads(saved["heads"])]


def test_scores_count_groups_not_values() -> None:
    labels = {name: np.array([0, 1]) for name in ATTRIBUTES}
    right = {name: values.copy() for name, values in labels.items()}
    assert all(value == 1 for key, value in evaluate.scores(right, labels).items() if "dark" not in key)
    # brown for dark brown is right, blond is not
    right["hair_color"] = np.array([0, 2])
    assert evaluate.scores(right, labels)["hair_color"] == 1
    right["hair_color"] = np.array([0, 3])
    assert evaluate.scores(right, labels)["hair_color"] == 0.5
