"""Training can go on from a shipped bundle: what is restored computes what ships."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from swiftavatar_train.attributes.losses import attribute_heads
from swiftavatar_train.attributes.network import EstimatorNet, Head, lay_out
from swiftavatar_train.core.bundle import NO_COMPOSITION, Bundle
from swiftavatar_train.core.torchscript import save_frozen, unhalve_weights
from swiftavatar_train.estimator.calibrate import Exported
from swiftavatar_train.estimator.face_features import FEATURES
from swiftavatar_train.estimator.fusion import Fusion
from swiftavatar_train.estimator.region_features import RegionFeatures
from swiftavatar_train.estimator.variants import AmongEquals
from swiftavatar_train.release.unfreeze import (
    as_trained,
    estimator_heads,
    restore_encoder,
    restore_estimator,
    restore_fusion,
    restore_generator,
    restore_variants,
    variants_by_engine,
)

BUNDLE = Bundle(Path(__file__).parents[3] / "models" / "default")


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
    whole, attributes, second = restore_estimator(module, estimator_heads(BUNDLE.manifest, "tiktok"), entry)
    torch.manual_seed(5)
    image = torch.rand(1, 3, size, size) * 2 - 1
    others = torch.softmax(torch.randn(1, 13, 128, 128), 1), torch.rand(1, 478, 2)
    with torch.no_grad():
        among_equals = AmongEquals(restore_variants(module, entry), whole.linear.out_features)
        found = Exported(whole.eval(), Fusion(state), float(state["stretch"]), among_equals, second and second.eval()).eval()(image, *others)
        wanted = module(image, *others)
        # The file's maps are in half precision and sum to 1 within a thousandth; restored ones do so exactly.
        assert torch.allclose(wanted, found, atol=1e-2, rtol=1e-3) and (wanted - found).abs().mean() < 1e-3
        assert torch.allclose(whole(image)[:, :attributes.linear.out_features], attributes.eval()(image), atol=1e-4)
        assert state["trunks"] == [net.trunk_name for net in (whole, second) if net]
    shipped = [(head["kind"], head["name"]) for head in entry["heads"] if head["kind"] in ("attribute", "measure", "style")]
    assert [(head.kind, head.name) for head in attributes.heads] == shipped


def test_two_networks_come_back_each_with_its_own_weights(tmp_path) -> None:
    """In a file that holds both, and layers at rest as ImageNet left them."""
    free = attribute_heads(np.random.default_rng(2).random((8, 478, 2)))
    heads = [*free, Head("discrete", "hair", ["bob", "none"], engine="tiktok")]
    whole, second = EstimatorNet(heads, 64, "lite2").eval(), EstimatorNet([replace(head) for head in free], 64, "lite0").eval()
    with torch.no_grad():
        for net in (whole, second):
            net.freeze(net.SHARED)
            for value in net.parameters():
                value.add_(0.02 * value.requires_grad * torch.randn_like(value))
    total, count = second.linear.out_features, FEATURES + RegionFeatures("lite2").count
    state = {"mean": torch.randn(count), "deviation": 1 + torch.rand(count), "weight": torch.randn(count + 1, total),
             "network": torch.rand(total)}
    inputs = torch.rand(1, 3, 64, 64) * 2 - 1, torch.softmax(torch.randn(1, 13, 32, 32), 1), torch.rand(1, 478, 2)
    shipped = torch.jit.trace(Exported(whole, Fusion(state), 1.2, second=second).eval(), inputs)
    save_frozen(shipped, tmp_path / "estimator.pt")
    module = torch.jit.load(str(tmp_path / "estimator.pt"))
    entry = {"inputs": [{"shape": ["N", 3, 64, 64]}], "trunks": ["lite2", "lite0"]}
    found = restore_estimator(module, [replace(head) for head in heads], entry)
    with torch.no_grad():
        for net, again in zip((whole, second), (found[0], found[2])):
            assert torch.allclose(net(inputs[0]), again.eval()(inputs[0]), atol=1e-4)
        assert torch.allclose(whole(inputs[0])[:, :total], found[1].eval()(inputs[0]), atol=1e-4)


def test_restored_measures_have_the_scale_that_networks_learn_with() -> None:
    """Not that of widths at rest, which the manifest has."""
    checked = np.random.default_rng(2).random((8, 478, 2))
    net = EstimatorNet([Head("measure", "mouth_width", mean=9.0, std=9.0), Head("attribute", "fringe", ["no", "yes"])], 64)
    as_trained(net, checked)
    wanted = next(head for head in attribute_heads(checked) if head.name == "mouth_width")
    assert (net.heads[0].mean, net.heads[0].std) == (wanted.mean, wanted.std)


def test_variants_are_told_apart_by_engine() -> None:
    heads = [Head("discrete", "hair", ["a", "b"], engine="one"), Head("discrete", "hair", ["a", "b", "c"], engine="other")]
    lay_out(heads)
    found = variants_by_engine({"places": [[3, 4], [0, 1], [2, 4]], "weights": ["x", "y", "z"]}, heads)
    assert found == {"one": {"places": [[0, 1]], "weights": ["y"]}, "other": {"places": [[3, 4], [2, 4]], "weights": ["x", "z"]}}
