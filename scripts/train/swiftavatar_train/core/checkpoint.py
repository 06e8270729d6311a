"""Checkpoints and caches that are never half written, how far a training is, and the moving average of weights."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import torch

PROGRESS = "progress.json"


class Average:
    """Exponential moving average of a network's state."""

    def __init__(self, net: torch.nn.Module, decay: float) -> None:
        self.decay, self.updates = decay, 0
        self.state = {key: value.detach().clone() for key, value in net.state_dict().items()}

    @torch.no_grad()
    def update(self, net: torch.nn.Module) -> None:
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        state = net.state_dict()
        moving = [key for key, value in state.items() if value.is_floating_point()]
        torch._foreach_lerp_([self.state[key] for key in moving], [state[key] for key in moving], 1 - decay)


def save(path: Path, **content: object) -> None:
    """torch.save through a temporary name: a stopped run never leaves half a checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.part")
    torch.save(content, temporary)
    temporary.replace(path)


def save_arrays(path: Path, **arrays: np.ndarray) -> None:
    """np.savez through a temporary name and without the time of day: equal arrays make equal files."""
    temporary = path.with_name(f"{path.name}.part")
    with zipfile.ZipFile(temporary, "w") as archive:
        for name, values in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(values), allow_pickle=False)
    temporary.replace(path)


def load(path: Path) -> dict:
    return torch.load(path, map_location="cpu", weights_only=True)


def note_progress(folder: Path, what: str, step: int, steps: int) -> None:
    """Says beside the checkpoints how far they are, for who asks for the status."""
    (folder / PROGRESS).write_text(json.dumps({"training": what, "step": step, "steps": steps}) + "\n")


def seed_step(seed: int, step: int) -> None:
    """What is random inside of a step (dropout, noise) follows from the seed and the step, too."""
    torch.manual_seed(1_000_003 * seed + step)
