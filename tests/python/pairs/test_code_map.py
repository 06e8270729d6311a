"""From the codes of avatars to those of photos."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from swiftavatar_train.pairs.code_map import CodeMap, moments, weigh

RNG = torch.Generator().manual_seed(3)


def codes(count: int, mean: float, spread: float) -> torch.Tensor:
    """[count, 28, 64] whose 64 values are correlated."""
    mixed = torch.randn(count, 28, 64, generator=RNG) @ torch.randn(64, 64, generator=RNG)
    return mean + spread * mixed / 8


def even(count: int) -> np.ndarray:
    return np.full(count, 1 / count)


def test_mapped_avatars_have_the_mean_and_covariance_of_photos() -> None:
    avatars, photos = codes(3000, 1.0, 0.3), codes(2000, -0.5, 0.8)
    mapped = CodeMap(avatars, even(3000), photos, keep=[4])(avatars)
    wanted, found = moments(photos, torch.full((2000,), 1 / 2000)), moments(mapped, torch.full((3000,), 1 / 3000))
    assert torch.allclose(found[0][5:], wanted[0][5:], atol=1e-3)
    assert (found[1][5:] - wanted[1][5:]).abs().max() < 0.15 * wanted[1].abs().max()
    assert torch.allclose(mapped[:, 4], avatars[:, 4], atol=1e-5), "a vector that is kept"


def test_who_had_more_of_something_has_more_of_it_afterwards() -> None:
    avatars, photos = codes(500, 0.0, 1.0), codes(500, 3.0, 0.5)
    mapped = CodeMap(avatars, even(500), photos, [])(avatars)
    difference = (avatars[0] - avatars[1]).flatten(), (mapped[0] - mapped[1]).flatten()
    assert torch.nn.functional.cosine_similarity(*difference, dim=0) > 0.5


def test_a_share_goes_part_of_the_way() -> None:
    avatars, photos = codes(300, 0.0, 1.0), codes(300, 3.0, 0.5)
    mapping = CodeMap(avatars, even(300), photos, [])
    assert torch.equal(mapping(avatars[0], 0.0), avatars[0])
    assert torch.allclose(mapping(avatars[0], 0.5), (avatars[0] + mapping(avatars[0])) / 2, atol=1e-4)


def test_avatars_are_weighed_to_show_what_photos_show() -> None:
    rng = np.random.default_rng(0)
    shown = [{"glasses": str(rng.choice(["none", "eyeglasses"])), "hair_length": length,
              **({} if length == "bald" else {"hair_color": str(rng.choice(["black", "blond", "red"]))})}
             for length in rng.choice(["bald", "short", "long"], 2000)]
    shares = {"glasses": {"none": 0.8, "eyeglasses": 0.2}, "hair_length": {"bald": 0.1, "short": 0.6, "long": 0.3},
              "hair_color": {"black": 0.5, "blond": 0.5}}
    weights = weigh(shown, shares)
    assert weights.sum() == pytest.approx(1) and weights.min() >= 0

    def share(name: str, value: str) -> float:
        return float(sum(weight for weight, one in zip(weights, shown) if one.get(name) == value))

    assert share("glasses", "none") == pytest.approx(0.8, abs=0.02)
    assert share("hair_length", "bald") == pytest.approx(0.1, abs=0.02)
    # The bald tenth has no colour, and red is nowhere asked for: such avatars keep the weight they have.
    black, blond = share("hair_color", "black"), share("hair_color", "blond")
    assert black == pytest.approx(blond, rel=0.05)


def test_no_avatar_is_everybody() -> None:
    shown = [{"glasses": "none"}] * 999 + [{"glasses": "sunglasses"}]
    weights = weigh(shown, {"glasses": {"none": 0.1, "sunglasses": 0.9}})
    assert weights.max() < 0.2
