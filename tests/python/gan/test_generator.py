"""The generator and the encoder: shapes, the W+ layout, independence of the batch, TorchScript."""

import pytest
import torch

from swiftavatar_train.core.bundle import NO_COMPOSITION
from swiftavatar_train.core.torchscript import save_frozen
from swiftavatar_train.gan.encoder import Encoder, part_statistics
from swiftavatar_train.gan.export import ExportedGenerator
from swiftavatar_train.gan.generator import BASE_CODES, CODES, DIM, PART_COUNT, Generator, layer_code_table


@pytest.fixture(scope="module")
def generator() -> Generator:
    torch.manual_seed(0)
    net = Generator().eval()
    for stage in (net.stage16, net.stage32, net.stage64, net.stage128):
        torch.nn.init.normal_(stage.head.weight, std=0.02)  # as if trained: fresh heads are zero
    return net


@pytest.fixture(scope="module")
def codes() -> torch.Tensor:
    return torch.randn(3, CODES, DIM, generator=torch.Generator().manual_seed(1))


def test_layer_codes_follow_the_wplus_layout() -> None:
    table = layer_code_table()
    assert table[:, 7].tolist() == [0, 1, 16, 16, 17, 17]  # hair: coarse codes, then shape 16 and texture 17
    assert table[:, 0].tolist() == [2, 2, 2, 2, 3, 3]  # the background reads no coarse code
    assert table[:, 12].tolist() == [0, 1, 26, 26, 27, 27]


@torch.no_grad()
def test_shapes_and_ranges(generator: Generator, codes: torch.Tensor) -> None:
    rgb, mask, coarse = generator(codes, NO_COMPOSITION)
    assert rgb.shape == (3, 3, 128, 128) and mask.shape == (3, PART_COUNT, 128, 128) and coarse.shape == (3, PART_COUNT, 32, 32)
    assert generator(codes, NO_COMPOSITION, 64)[0].shape == (3, 3, 64, 64)
    assert torch.allclose(((coarse + 1) / 2).sum(1), torch.ones(3, 32, 32), atol=1e-5)


@torch.no_grad()
def test_a_batch_equals_its_singles(generator: Generator, codes: torch.Tensor) -> None:
    together = generator(codes, NO_COMPOSITION)
    for n in range(3):
        for one, many in zip(generator(codes[n:n + 1], NO_COMPOSITION), together):
            assert torch.allclose(one[0], many[n], atol=1e-4)


@torch.no_grad()
def test_a_texture_code_moves_no_coarse_mask_but_colours_its_part(generator: Generator, codes: torch.Tensor) -> None:
    for part in (0, 1, 7):
        changed = codes.clone()
        changed[:, BASE_CODES + 2 * part + 1] += 1.0
        before, after = generator.local(codes, NO_COMPOSITION), generator.local(changed, NO_COMPOSITION)
        assert torch.equal(before[1], after[1])
        assert not torch.allclose(before[2], after[2])


@torch.no_grad()
def test_a_shape_code_moves_its_part_and_coarse_codes_spare_the_background_net(generator: Generator,
                                                                              codes: torch.Tensor) -> None:
    changed = codes.clone()
    changed[:, BASE_CODES + 2 * 7] += 1.0
    assert not torch.allclose(generator.local(codes, NO_COMPOSITION)[1], generator.local(changed, NO_COMPOSITION)[1])
    only_background = torch.zeros(3, PART_COUNT)
    only_background[:, 0] = 1
    moved = codes.clone()
    moved[:, :BASE_CODES] += 1.0
    for one, two in zip(generator(codes, only_background), generator(moved, only_background)):
        assert torch.allclose(one, two)


@torch.no_grad()
def test_composition_leaves_parts_out(generator: Generator, codes: torch.Tensor) -> None:
    composition = torch.ones(3, PART_COUNT)
    composition[:, 7] = 0
    coarse = generator(codes, composition)[2]
    assert torch.allclose(coarse[:, 7], torch.tensor(-1.0))
    assert torch.allclose(((coarse + 1) / 2).sum(1), torch.ones(3, 32, 32), atol=1e-5)


@torch.no_grad()
def test_map_has_the_mean_and_spread_of_the_codes(generator: Generator) -> None:
    wanted = torch.randn(200, CODES, DIM) * torch.linspace(0.1, 2, DIM) + 3
    generator.fit_map(wanted)
    assert torch.allclose(generator.map(torch.zeros(1, DIM))[0], wanted.mean(0), atol=1e-4)
    sampled = generator.map(torch.randn(2000, DIM))
    share = sampled.flatten(1).var(0).sum() / wanted.flatten(1).var(0).sum()
    assert 0.4 < float(share) < 1.05  # the strongest axes of random codes, which have no structure


def test_encoder_reads_each_part_under_its_mask() -> None:
    torch.manual_seed(2)
    encoder = Encoder().eval()
    rgb, parts = torch.rand(2, 3, 128, 128) * 2 - 1, torch.zeros(2, PART_COUNT, 128, 128)
    parts[:, 0] = 1
    parts[:, 0, 32:64], parts[:, 1, 32:64] = 0, 1
    codes = encoder(rgb, parts)
    assert codes.shape == (2, CODES, DIM)
    assert torch.allclose(codes[:1], encoder(rgb[:1], parts[:1]), atol=1e-4)
    statistics = part_statistics(rgb, parts)
    assert torch.allclose(statistics[:, 1, :3], rgb[:, :, 32:64].mean([2, 3]), atol=1e-2)
    assert statistics[0, 1, 6] == pytest.approx(0.5, abs=1e-3)  # root of a quarter of the area
    assert statistics[:, 5].abs().max() < 0.02  # no nose


def test_export_keeps_values_map_and_gradients(generator: Generator, codes: torch.Tensor, tmp_path) -> None:
    save_frozen(torch.jit.script(ExportedGenerator(generator)), tmp_path / "generator.pt", ["map"])
    loaded = torch.jit.load(str(tmp_path / "generator.pt"))
    assert (tmp_path / "generator.pt").stat().st_size < 25e6
    free = codes[:1].clone().requires_grad_()
    rgb, _, _ = loaded(free, NO_COMPOSITION)
    assert torch.allclose(rgb, generator(codes[:1], NO_COMPOSITION)[0], atol=1e-4)
    rgb.square().mean().backward()
    assert float(free.grad.abs().sum()) > 0
    assert loaded.map(torch.zeros(2, DIM)).shape == (2, CODES, DIM)
