"""Checkpoints that are never half written, and the moving average of weights."""

from __future__ import annotations

from pathlib import Path

import torch


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
    temporary = path.with_suffix(".tmp")
    torch.save(content, temporary)
    temporary.replace(path)


def load(path: Path) -> dict:
    return torch.load(path, map_location="cpu", weights_only=True)
