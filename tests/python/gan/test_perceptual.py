"""ST-LPIPS as features equals the published package's own distance."""

import sys
import types

import pytest
import torch

from swiftavatar_train.gan.perceptual import load_perceptual


def package_distance(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The distance as the wheel's own code computes it. It imports torchvision, torchsummary and IPython, but uses none
    of them for this network: empty modules stand in where they are missing."""
    for name, members in (("torchvision", ("models",)), ("torchsummary", ("summary",)), ("IPython", ("embed",))):
        if name not in sys.modules:
            module = types.ModuleType(name)
            for member in members:
                setattr(module, member, types.ModuleType(member))
            sys.modules[name] = module
    from stlpips_pytorch import stlpips

    net = stlpips.LPIPS(net="alex", variant="shift_tolerant", verbose=False)
    return net(a, b).flatten()


@pytest.mark.parametrize("size", [64, 96])
def test_squared_distance_is_st_lpips(size: int) -> None:
    torch.manual_seed(0)
    a = torch.rand(2, 3, size, size) * 2 - 1
    b = torch.nn.functional.avg_pool2d(a, 9, 1, 4)
    net = load_perceptual()
    ours = (net(a) - net(b)).square().sum(1)
    with torch.no_grad():
        theirs = package_distance(a, b)
    assert float(theirs.min()) > 0.1  # blur is far
    assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_gradient_is_finite_where_features_vanish() -> None:
    net = load_perceptual()
    flat = torch.zeros(1, 3, 64, 64, requires_grad=True)
    net(flat).square().sum().backward()
    assert torch.isfinite(flat.grad).all()
