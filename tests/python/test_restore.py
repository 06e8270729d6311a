"""Training can go on from a shipped bundle: what is restored computes what ships."""

from __future__ import annotations

from pathlib import Path

import torch

from swiftavatar_train.bundle import Bundle
from swiftavatar_train.calibrate import Exported
from swiftavatar_train.estimator_net import Head, lay_out
from swiftavatar_train.fusion import Fusion
from swiftavatar_train.generator import NO_COMPOSITION
from swiftavatar_train.restore import (estimator_heads, restore_encoder, restore_estimator, restore_fusion, restore_generator,
                                       restore_variants, variants_by_engine)
from swiftavatar_train.torchscript import unhalve_weights
from swiftavatar_train.variants import AmongEquals

BUNDLE = Bundle(Path(__file__).parents[2] / "models" / "default")


def test_the_realistic_generator_comes_back_exactly() -> None:
    codes = BUNDLE.mean_code()[None] + 0.3 * torch.randn(2, 28, 64)
    with torch.no_grad():
        wanted, found = BUNDLE.module("real_generator")(codes, NO_COMPOSITION), \
            restore_generator(BUNDLE.module("real_generator"))(codes, NO_COMPOSITION)
    for one, other in zip(wanted, found):
        assert torch.allclose(one, other, atol=1e-4)


def test_the_encoder_comes_back_exactly() -> None:
    picture, parts = torch.rand(2, 3, 128, 128) * 2 - 1, torch.softmax(torch.randn(2, 13, 128, 128), 1)
    with torch.no_grad():
        assert torch.allclose(BUNDLE.module("inverter")(picture, parts),
                              restore_encoder(BUNDLE.module("inverter"))(picture, parts), atol=1e-4)


def test_the_estimator_comes_back_exactly() -> None:
    entry, module = BUNDLE.manifest["models"]["estimator:tiktok"], unhalve_weights(BUNDLE.module("estimator:tiktok"))
    size = entry["inputs"][0]["shape"][-1]
    state = restore_fusion(module, entry)
    whole, attributes = restore_estimator(module, estimator_heads(BUNDLE.manifest, "tiktok"), entry)
    image = torch.rand(1, 3, size, size) * 2 - 1
    others = torch.softmax(torch.randn(1, 13, 128, 128), 1), torch.rand(1, 478, 2)
    with torch.no_grad():
        among_equals = AmongEquals(restore_variants(module, entry), whole.linear.out_features)
        found = Exported(whole.eval(), Fusion(state), float(state["stretch"]), among_equals).eval()(image, *others)
        assert torch.allclose(module(image, *others), found, atol=2e-3)
        assert torch.allclose(whole(image)[:, :attributes.linear.out_features], attributes.eval()(image), atol=1e-4)
    shipped = [(head["kind"], head["name"]) for head in entry["heads"] if head["kind"] in ("attribute", "measure")]
    assert [(head.kind, head.name) for head in attributes.heads] == shipped


def test_variants_are_told_apart_by_engine() -> None:
    heads = [Head("discrete", "hair", ["a", "b"], engine="one"), Head("discrete", "hair", ["a", "b", "c"], engine="other")]
    lay_out(heads)
    found = variants_by_engine({"places": [[3, 4], [0, 1], [2, 4]], "weights": ["x", "y", "z"]}, heads)
    assert found == {"one": {"places": [[0, 1]], "weights": ["y"]}, "other": {"places": [[3, 4], [2, 4]], "weights": ["x", "z"]}}
