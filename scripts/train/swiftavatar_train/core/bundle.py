"""A shipped bundle in Python: its TorchScript files as modules, to measure and show what users get."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor, nn

NO_COMPOSITION = torch.zeros(0)


class BundledGenerator(nn.Module):
    """A generator of the bundle with the signature of `Generator`: forward(codes, composition), map(z)."""

    def __init__(self, module: torch.jit.ScriptModule) -> None:
        super().__init__()
        self.module = module

    def forward(self, codes: Tensor, composition: Tensor = NO_COMPOSITION) -> tuple[Tensor, Tensor, Tensor]:
        return self.module(codes, composition)

    def map(self, z: Tensor) -> Tensor:
        return self.module.map(z)


class Bundle:
    """Modules by role, loaded when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = json.loads((folder / "manifest.json").read_text())

    def module(self, role: str) -> torch.jit.ScriptModule:
        return torch.jit.load(str(self.folder / self.manifest["models"][role]["file"])).eval()

    def generator(self, role: str) -> BundledGenerator:
        return BundledGenerator(self.module(role))

    def mean_code(self) -> Tensor:
        """[28, 64]."""
        return torch.tensor(self.manifest["latent"]["mean"])


@torch.no_grad()
def parse(parser: torch.jit.ScriptModule, rgb: Tensor, chunk: int = 32) -> Tensor:
    """Part probabilities [N, 13, S, S] of pictures [N, 3, S, S] in -1..1."""
    return torch.cat([torch.softmax(parser(part), 1) for part in rgb.split(chunk)])
