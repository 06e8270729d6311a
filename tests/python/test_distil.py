"""Phase `distil` of the estimator, and the mean of networks that phase `attributes` takes."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

from swiftavatar_train import estimator
from swiftavatar_train.data import ATTRIBUTES
from swiftavatar_train.engine import Engine
from swiftavatar_train.estimator_distil import train_distil
from swiftavatar_train.estimator_engine import engine_heads
from swiftavatar_train.estimator_net import EstimatorNet, Head
from swiftavatar_train.estimator_refine import kept_loss
from swiftavatar_train.semantics import Semantics

ENGINES = Path(__file__).parents[2] / "configs/engines"
SIZE = 64


def write_photos(path: Path) -> np.ndarray:
    """A cache of eight photos of noise; returns them."""
    rng = np.random.default_rng(5)
    image = rng.integers(0, 255, (8, SIZE, SIZE, 3), np.uint8)
    mesh = rng.random((8, 478, 2)).astype(np.float32)
    path.parent.mkdir(parents=True)
    np.savez(path, image=image, mesh=mesh, checked=mesh, mask=np.zeros((8, SIZE, SIZE), np.uint8),
             name=np.array([f"pif-{i}" for i in range(8)]), **{name: rng.integers(0, len(values), 8) for name, values in ATTRIBUTES.items()})
    return image


def write_net(path: Path, heads: list[Head]) -> EstimatorNet:
    """A network that says something of its own."""
    net = EstimatorNet(heads, SIZE).eval()
    with torch.no_grad():
        trunk = net.trunk._blocks[-1]._project_conv.weight
        trunk.add_(0.1 * trunk.std() * torch.randn_like(trunk))
        net.linear.bias.add_(2 * torch.randn_like(net.linear.bias))
    path.parent.mkdir(parents=True, exist_ok=True)
    estimator.save(path, ema=net.state_dict(), size=SIZE, trunk="lite0", heads=json.dumps([asdict(head) for head in heads]))
    return net


def test_engines_heads_move_to_the_attributes_network_and_that_stays_as_it_is(tmp_path) -> None:
    torch.manual_seed(1)
    image = write_photos(tmp_path / "cache/train.npz")
    engine, semantics = Engine.load(ENGINES / "tiktok/definition.json"), Semantics.load(ENGINES / "tiktok/semantics.json")
    free = estimator.attribute_heads(np.load(tmp_path / "cache/train.npz")["checked"])
    photos = write_net(tmp_path / "estimator/attributes.pt", free)
    before = write_net(tmp_path / "estimator/tiktok.pt",
                       [*estimator.attribute_heads(np.random.default_rng(1).random((8, 478, 2))), *engine_heads(engine, semantics, "tiktok")])
    cfg = {"engine": "tiktok", "engines": str(ENGINES), "engine_steps": 12, "engine_draw_on_share": 0.0, "size": SIZE, "trunk": "lite0",
           "batch": 4, "seed": 1, "workers": 0, "device": "cpu", "trunk_rate": 1e-3, "head_rate": 3e-2, "ema": 0.5}
    with SummaryWriter(str(tmp_path / "log")) as log:
        train_distil(cfg, tmp_path, log)

    found = estimator.restore(estimator.find_checkpoint(tmp_path, "tiktok"))
    for key, value in photos.trunk.state_dict().items():
        assert torch.equal(found.trunk.state_dict()[key], value), key
    pictures = estimator.to_tensor(image)
    with torch.no_grad():
        said, wanted, labels = found(pictures), before(pictures), photos(pictures)
    attributes = slice(0, labels.shape[1])
    assert torch.allclose(said[:, attributes], labels, atol=1e-4)
    assert [head.mean for head in found.heads if head.kind == "measure"] == [head.mean for head in free if head.kind == "measure"]
    started = torch.cat([labels, torch.zeros(8, said.shape[1] - labels.shape[1])], 1)
    assert kept_loss(found.heads, said, wanted) < 0.8 * kept_loss(found.heads, started, wanted)


def test_the_mean_of_networks_that_began_alike_is_one_of_them_where_they_agree() -> None:
    first = {"weight": torch.tensor([1.0, 2.0]), "steps": torch.tensor(3)}
    second = {"weight": torch.tensor([3.0, 2.0]), "steps": torch.tensor(3)}
    mean = estimator.soup([first, second])
    assert mean["weight"].tolist() == [2.0, 2.0] and mean["steps"].item() == 3
