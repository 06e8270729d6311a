"""Published SemanticStyleGAN checkpoints: the same pictures as the published code, and no code from the file."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from swiftavatar_train.core.bundle import Bundle
from swiftavatar_train.official.checkpoints import ImportFailure, build, read_checkpoint, write_bundle
from swiftavatar_train.official.generator import OfficialGenerator, Sizes

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT.parent / "shared" / "fixtures" / "semanticstylegan"
CHECKPOINT = FIXTURES / "official-tiny-13.pt"
TOLERANCE = 1e-4
ALL = torch.zeros(0)

needs_fixture = pytest.mark.skipif(not CHECKPOINT.exists(), reason="no checkpoint beside the checkout")


@pytest.fixture(scope="module")
def published() -> dict[str, torch.Tensor]:
    with np.load(FIXTURES / "official-tiny-13-io.npz") as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


@pytest.fixture(scope="module")
def generator() -> OfficialGenerator:
    return build(CHECKPOINT, *read_checkpoint(CHECKPOINT))


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return float((one - other).abs().max()) < TOLERANCE


@needs_fixture
def test_mapping_is_the_published_one(generator, published) -> None:
    assert close(generator.map(published["z"]), published["w"])


@needs_fixture
@pytest.mark.parametrize("codes, suffix", [("latent", ""), ("latent_expanded", ""), ("latent_expanded_perturbed", "_perturbed")])
def test_pictures_are_the_published_ones(generator, published, codes: str, suffix: str) -> None:
    with torch.no_grad():
        rgb, mask, coarse = generator(published[codes], ALL)
    assert close(rgb, published[f"rgb{suffix}"]) and close(mask, published[f"seg{suffix}"])
    if not suffix:
        assert close(coarse, published["seg_coarse"])


@needs_fixture
def test_parts_can_be_left_out_as_published(generator, published) -> None:
    with torch.no_grad():
        rgb, mask, _ = generator(published["latent"], published["composition_mask"])
    assert close(rgb, published["rgb_masked"]) and close(mask, published["seg_masked"])


@needs_fixture
def test_imported_bundle_gives_the_published_pictures(tmp_path: Path, published) -> None:
    manifest = write_bundle(CHECKPOINT, CHECKPOINT, "tiny", "tiktok", tmp_path)
    assert manifest["crop"] == 1.0 and manifest["latent"]["base_codes"] == 1 and manifest["latent"]["expanded_codes"] == 52
    assert manifest["models"]["real_generator"]["licence"] == "CC-BY-NC-SA-4.0"
    assert len(manifest["models"]["real_generator"]["source"]["sha256"]) == 64
    module = Bundle(tmp_path).module("avatar_generator:tiktok")
    with torch.no_grad():
        assert close(module(published["latent"], ALL)[0], published["rgb"])
        assert close(module.map(published["z"]), published["w"])
    kinds = {node.kind() for node in module.graph.nodes()}
    assert not [kind for kind in kinds if not kind.startswith(("aten::", "prim::"))]  # plain operators only


@needs_fixture
def test_gradients_reach_the_codes(generator, published) -> None:
    codes = published["latent"][:1].clone().requires_grad_()
    generator(codes, ALL)[0].square().mean().backward()
    assert float(codes.grad.abs().sum()) > 0


class Evil:
    """A class whose unpickling would run a command."""

    def __reduce__(self) -> tuple[Callable, tuple]:
        return print, ("code from the file ran",)


def test_code_in_a_checkpoint_does_not_run(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    torch.save({"args": argparse.Namespace(size=64), "g_ema": {}, "g": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(ImportFailure, match="without running code"):
        read_checkpoint(tmp_path / "evil.pt")
    assert "code from the file ran" not in capsys.readouterr().out


@needs_fixture
@pytest.mark.parametrize("change, word", [
    (lambda content: content.pop("g_ema"), "g_ema"),
    (lambda content: vars(content["args"]).update(size=63), "power of two"),
    (lambda content: vars(content["args"]).update(seg_dim=10**9), "seg_dim"),
    (lambda content: vars(content["args"]).update(transparent_dims=[40]), "transparent_dims"),
    (lambda content: content["g_ema"].pop("style.1.weight"), "style.1.weight"),
    (lambda content: content["g_ema"].update({"pos_embed.weights": torch.zeros(16, 27, 1, 1)}), "sizes"),
    (lambda content: content["g_ema"]["style.1.bias"].fill_(torch.nan), "not numbers"),
])
def test_a_wrong_checkpoint_is_refused_in_one_sentence(tmp_path: Path, change: Callable, word: str) -> None:
    with torch.serialization.safe_globals([argparse.Namespace]):
        content = torch.load(CHECKPOINT, weights_only=True)
    change(content)
    torch.save(content, tmp_path / "changed.pt")
    with pytest.raises(ImportFailure, match=word) as caught:
        build(tmp_path / "changed.pt", *read_checkpoint(tmp_path / "changed.pt"))
    assert "changed.pt" in str(caught.value) and "\n" not in str(caught.value)


def random_state(layout: Sizes, render: list[int]) -> dict[str, torch.Tensor]:
    """Weights of the published names and shapes; `render` has each stage's channels."""
    torch.manual_seed(0)
    state: dict[str, torch.Tensor] = {}
    kernel = torch.outer(torch.tensor([1.0, 3, 3, 1]), torch.tensor([1.0, 3, 3, 1])) / 16
    for index in range(1, layout.n_mlp + 1):
        state[f"style.{index}.weight"] = 100 * torch.randn(layout.latent, layout.latent)
        state[f"style.{index}.bias"] = torch.zeros(layout.latent)
    waves = 2 + 4 * int(np.log2(layout.size))
    state["pos_embed.weights"] = torch.randn(layout.local_channel, waves, 1, 1)
    channels = layout.local_channel
    for part in range(layout.seg_dim):
        for layer in range(layout.local_layers):
            prefix = f"local_nets.{part}.linears.{layer}."
            state[prefix + "conv.weight"] = torch.randn(1, channels, channels, 1, 1)
            state[prefix + "conv.modulation.weight"] = torch.randn(channels, layout.latent)
            state[prefix + "conv.modulation.bias"] = torch.ones(channels)
            state[prefix + "activate.bias"] = 0.1 * torch.randn(channels)
        for name, out in (("to_feat", layout.coarse_channel), *((("to_depth", 1),) if part else ())):
            prefix = f"local_nets.{part}.{name}."
            state[prefix + "conv.weight"] = torch.randn(out, channels, 1, 1)
            state[prefix + "conv.modulation"] = torch.ones(1, channels, 1, 1)
            state[prefix + "bias"] = torch.zeros(1, out, 1, 1)
    size, width = layout.min_feat_size, layout.coarse_channel
    for stage, out in enumerate(render):
        width = width + layout.coarse_channel if size == layout.coarse_size else width
        size *= 2
        for index, (first, last) in ((2 * stage, (width, out)), (2 * stage + 1, (out, out))):
            prefix = f"render_net.convs.{index}."
            state[prefix + "weight"], state[prefix + "modulation"] = torch.randn(last, first, 3, 3), torch.ones(1, first, 1, 1)
            state[prefix + "noise.weight"], state[prefix + "activate.bias"] = torch.randn(1), torch.zeros(last)
            state[f"render_net.noises.noise_{index}"] = torch.randn(1, 1, size, size)
        state[f"render_net.convs.{2 * stage}.blur.kernel"] = 4 * kernel
        for name, count in (("to_rgbs", 3), ("to_segs", layout.seg_dim)):
            prefix = f"render_net.{name}.{stage}."
            state[prefix + "conv.weight"], state[prefix + "conv.modulation"] = torch.randn(count, out, 1, 1), torch.ones(1, out, 1, 1)
            state[prefix + "bias"], state[prefix + "upsample.kernel"] = torch.zeros(1, count, 1, 1), 4 * kernel
        width = out
    return state


LAYOUT = Sizes(size=64, latent=16, n_mlp=2, seg_dim=8, local_layers=5, local_channel=8, base_layers=2, depth_layers=3,
                coarse_size=32, coarse_channel=24, min_feat_size=8, residual_refine=False, transparent_dims=(5,))


@pytest.mark.parametrize("layout", [LAYOUT, replace(LAYOUT, transparent_dims=()), replace(LAYOUT, residual_refine=True),
                                    replace(LAYOUT, base_layers=0), replace(LAYOUT, seg_dim=3, transparent_dims=(1, 2))])
def test_any_number_of_parts_and_codes(layout: Sizes) -> None:
    """W+ and the expanded code that says the same give the same picture; a part that is left out has no share."""
    generator = build(Path("some.pt"), layout, random_state(layout, [12, 12, 8]))
    codes = torch.randn(2, layout.codes, layout.latent)
    rows = []
    for part in range(layout.seg_dim):
        shape, texture = layout.base_layers + 2 * part, layout.base_layers + 2 * part + 1
        for layer in range(layout.local_layers):
            shared = layer < layout.base_layers and part > 0
            rows.append(codes[:, layer if shared else shape if layer < layout.depth_layers else texture])
    with torch.no_grad():
        plain, expanded = generator(codes, ALL), generator(torch.stack(rows, 1), ALL)
        kept = torch.ones(2, layout.seg_dim)
        kept[:, 1] = 0
        coarse = generator(codes, kept)[2]
    for one, other in zip(plain, expanded):
        assert close(one, other)
    assert plain[0].shape == (2, 3, layout.size, layout.size) and plain[1].shape[1] == layout.seg_dim
    assert torch.allclose(coarse[:, 1], torch.full_like(coarse[:, 1], -1)) and torch.isfinite(coarse).all()


@needs_fixture
def test_the_command_says_what_it_wrote_and_what_is_wrong(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "swiftavatar_train.official_import"]
    done = subprocess.run([*command, CHECKPOINT, "--name", "tiny", "-o", tmp_path / "tiny"], capture_output=True, text=True,
                          cwd=ROOT / "scripts" / "train")
    assert json.loads(done.stdout)["roles"] == ["real_generator"]
    failed = subprocess.run([*command, tmp_path / "none.pt", "--name", "x", "-o", tmp_path / "x"], capture_output=True, text=True,
                            cwd=ROOT / "scripts" / "train")
    assert failed.returncode == 3 and "none.pt: there is no such file" in failed.stderr and "Traceback" not in failed.stderr
