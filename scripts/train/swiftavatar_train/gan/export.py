"""Stages `export-generator` and `export-avatar-generator`: generators, encoder and perceptual net as TorchScript in work/export."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from ..core.torchscript import save_frozen
from .data import load_photos
from .encoder import Encoder
from .generator import BASE_CODES, CODES, DIM, Generator
from .inversion import encode_all, load_average
from .perceptual import load_perceptual


class ExportedGenerator(nn.Module):
    """The generator with the signature of the bundle: forward(codes, composition) and map(z)."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, codes: Tensor, composition: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.generator(codes, composition)

    @torch.jit.export
    def map(self, z: Tensor) -> Tensor:
        return self.generator.map(z)


def export_real(work: Path, out: Path) -> None:
    """real_generator.pt, inverter.pt and latent.json from the checkpoint of stage `generator`."""
    generator, encoder = Generator(), Encoder()
    step = load_average(work / "generator" / "state.pt", generator, encoder)
    codes = encode_all(encoder, load_photos(work, "train"))
    generator.fit_map(codes)
    save_frozen(torch.jit.script(ExportedGenerator(generator).eval()), out / "real_generator.pt", ["map"])
    save_frozen(torch.jit.script(encoder.eval()), out / "inverter.pt")
    mean = [[round(float(value), 5) for value in row] for row in codes.mean(0)]
    assert len(mean) == CODES
    (out / "latent.json").write_text(json.dumps({"dim": DIM, "base_codes": BASE_CODES, "mean": mean}))
    print(f"{out}: real generator and inverter of step {step}")


def export_avatar(work: Path, out: Path, engine: str) -> None:
    """avatar_generator_ENGINE.pt; it samples the same codes as the real one, so `map` is fitted to the photos, too."""
    real, encoder = Generator(), Encoder()
    load_average(work / "generator" / "state.pt", real, encoder)
    generator, avatar_encoder = Generator(), Encoder()
    step = load_average(work / "avatar_generator" / f"{engine}.pt", generator, avatar_encoder)
    generator.fit_map(encode_all(encoder, load_photos(work, "train")))
    save_frozen(torch.jit.script(ExportedGenerator(generator).eval()), out / f"avatar_generator_{engine}.pt", ["map"])
    print(f"{out}: avatar generator {engine} of step {step}")


def run_real(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    out = work / "export"
    out.mkdir(parents=True, exist_ok=True)
    export_real(work, out)
    save_frozen(torch.jit.script(load_perceptual()), out / "perceptual.pt")


def run_avatar(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    export_avatar(work, work / "export", cfg["engine"])
