"""Training can go on from a shipped bundle: what is restored computes what ships."""

from __future__ import annotations

from pathlib import Path

import torch

from swiftavatar_train.bundle import Bundle
from swiftavatar_train.calibrate import Exported
from swiftavatar_train.generator import NO_COMPOSITION
from swiftavatar_train.restore import restore_encoder, restore_estimator, restore_generator

FUSED = {"fringe", "mouth", "earrings", "skin_tone"}  # export adds the face heads' answer to these
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


def test_the_estimators_attribute_heads_come_back_exactly() -> None:
    entry = BUNDLE.manifest["models"]["estimator:tiktok"]
    _, net = restore_estimator(BUNDLE.module("estimator:tiktok"), entry["heads"])
    image = torch.rand(1, 3, 192, 192) * 2 - 1
    others = [torch.softmax(torch.randn(1, 13, 128, 128), 1), torch.rand(1, 478, 2)][:len(entry["inputs"]) - 1]
    with torch.no_grad():
        wanted, found = BUNDLE.module("estimator:tiktok")(image, *others), Exported(net, 1.2).eval()(image)
    for head in net.heads:
        if head.name not in FUSED:  # nor the tone, whose stretch is part of the export
            shipped = next(e for e in entry["heads"] if (e["kind"], e["name"]) == (head.kind, head.name))["offset"]
            assert torch.allclose(wanted[:, shipped:shipped + head.width], found[:, head.slice], atol=1e-4), head.name
