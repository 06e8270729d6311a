"""What ships is small, and computes what was trained."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from swiftavatar_train.core.torchscript import save_frozen, unhalve_weights


class Small(nn.Module):
    """A kernel of some thousand weights, and means that must stay exact, however many they are."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(64, 32, 3)
        self.register_buffer("mean", torch.rand(32 * 6 * 6) + 1000)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).flatten(1) + self.mean


def shapes(module: torch.jit.ScriptModule) -> dict[tuple[int, ...], torch.dtype]:
    return {tuple(node.t("value").shape): node.t("value").dtype for node in module.graph.nodes()
            if node.kind() == "prim::Constant" and node.output().type().kind() == "TensorType"}


def test_halved_weights_are_half_as_large_and_nearly_the_same(tmp_path: Path) -> None:
    net, x = Small().eval(), torch.randn(2, 64, 8, 8)
    for name, halved in (("single.pt", False), ("half.pt", True)):
        save_frozen(torch.jit.trace(net, x), tmp_path / name, halved=halved)
    assert (tmp_path / "half.pt").stat().st_size < 0.6 * (tmp_path / "single.pt").stat().st_size
    with torch.no_grad():
        wanted, whole = net(x), torch.jit.load(str(tmp_path / "half.pt"))
        for _ in range(3):  # the executor optimises the second call
            found = whole(x)
            assert found.dtype == torch.float32
            assert 0 < (found - wanted).abs().max() < 0.01  # half precision's means would be off by 0.25


def test_halved_weights_come_back_in_single_precision(tmp_path: Path) -> None:
    net, x = Small().eval(), torch.randn(2, 64, 8, 8)
    save_frozen(torch.jit.trace(net, x), tmp_path / "half.pt", halved=True)
    loaded = torch.jit.load(str(tmp_path / "half.pt"))
    assert (shapes(loaded)[32, 64, 3, 3], shapes(loaded)[1152,]) == (torch.float16, torch.float32)
    loaded = unhalve_weights(loaded)
    assert shapes(loaded)[32, 64, 3, 3] == torch.float32
    assert torch.equal(loaded(x), torch.jit.load(str(tmp_path / "half.pt"))(x))
