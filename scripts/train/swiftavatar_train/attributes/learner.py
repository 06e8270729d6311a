"""A network in training, its checkpoint, and what is read back from it."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from ..core.checkpoint import Average, load, note_progress, save, seed_step
from ..core.image import shrink_all, to_tensor
from .network import WHOLE_TRUNK, EstimatorNet, Head

SAVE_SECONDS = 180  # between checkpoints


@torch.no_grad()
def answers(net: EstimatorNet, images: np.ndarray, size: int) -> np.ndarray:
    """Raw outputs [N, total] of the network for aligned crops uint8 [N, S, S, 3]."""
    small, device = shrink_all(images, size), net.look.device
    return torch.cat([net(to_tensor(small[at:at + 16]).to(device)).cpu() for at in range(0, len(small), 16)]).numpy()


def save_network(path: Path, net: EstimatorNet, state: dict[str, Tensor] | None = None) -> None:
    """What `load_network` reads: the network, with the weights `state` where given."""
    save(path, ema=state or net.state_dict(), size=net.size, trunk=net.trunk_name, heads=json.dumps([asdict(head) for head in net.heads]))


class Learner:
    """A network in training: AdamW with a cosine schedule over `steps`, and the average of its weights."""

    def __init__(self, net: EstimatorNet, steps: int, cfg: dict) -> None:
        self.net, self.steps = net.to(cfg.get("device", "cpu"), memory_format=torch.channels_last), steps
        net.freeze(cfg["frozen_blocks"])
        if cfg.get("bfloat16"):
            net.use_bfloat16()
        trunk, head = cfg["trunk_rate"], cfg["head_rate"]
        groups = [{"params": [value for value in net.trunk.parameters() if value.requires_grad], "lr": trunk},
                  {"params": [*net.linear.parameters(), *net.fine.parameters()], "lr": head},
                  {"params": [net.look, net.fine_look], "lr": 5 * head, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, weight_decay=1e-4)
        self.rates = [group["lr"] for group in groups]
        self.average = Average(net, cfg["ema"])
        net.train()

    def learn(self, loss: Tensor, step: int) -> None:
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.follow(step)

    def follow(self, step: int) -> None:
        """One step along the gradients that a loss has left."""
        warm = min(1.0, (step + 1) / 50)
        cosine = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        for group, rate in zip(self.optimiser.param_groups, self.rates):
            group["lr"] = rate * warm * max(cosine, 0.01)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimiser.step()
        self.average.update(self.net)

    def state(self) -> dict[str, object]:
        """All that a training goes on from but the step."""
        return {"net": self.net.state_dict(), "ema": self.average.state, "updates": self.average.updates, "optimiser": self.optimiser.state_dict()}

    def load_state(self, saved: dict) -> None:
        self.net.load_state_dict(saved["net"])
        self.optimiser.load_state_dict(saved["optimiser"])
        for key, value in saved["ema"].items():
            self.average.state[key].copy_(value)
        self.average.updates = saved["updates"]


Feed = Callable[[int], Iterator[Any]]  # batches from a step on


def train(net: EstimatorNet, feed: Feed, loss: Callable[[EstimatorNet, Any], Tensor], steps: int, cfg: dict, path: Path,
          log: SummaryWriter) -> Average:
    """`loss(net, batch)` for each of the batches that `feed` gives. Goes on from the checkpoint `path`: the run that was stopped is
    the run that was not."""
    torch.manual_seed(cfg["seed"])
    learner, first = Learner(net, steps, cfg), 0
    if path.exists():
        saved = load(path)
        learner.load_state(saved)
        first = saved["step"]
    written, batches = time.monotonic(), feed(first)
    for step in tqdm(range(first, steps), initial=first, total=steps, desc=path.stem, mininterval=20):
        batch = next(batches)
        seed_step(cfg["seed"], step)
        value = loss(net, batch)
        learner.learn(value, step)
        if step % 20 == 0:
            log.add_scalar(f"{path.stem}/loss", value.item(), step)
        if time.monotonic() - written > SAVE_SECONDS or step + 1 == steps:
            written = time.monotonic()
            save(path, step=step + 1, **learner.state())
            note_progress(path.parent, path.stem, step + 1, steps)
    if hasattr(batches, "close"):
        batches.close()
    return learner.average


def train_at_rest(net: EstimatorNet, feed: Feed, loss: Callable[[EstimatorNet, Any], Tensor], base: EstimatorNet, cfg: dict, path: Path,
                  log: SummaryWriter) -> None:
    """`engine_steps` in which the trunk rests, and so do the heads that the network has from `base`."""
    average = train(net, feed, loss, cfg["engine_steps"], {**cfg, "frozen_blocks": WHOLE_TRUNK}, path, log)
    net.cpu().load_state_dict(average.state)
    net.adopt(base.state_dict(), base.heads)  # weight decay has touched them


def load_network(path: Path) -> EstimatorNet:
    """The averaged network of a checkpoint, ready to evaluate."""
    saved = load(path)
    net = EstimatorNet([Head(**head) for head in json.loads(saved["heads"])], saved["size"], saved["trunk"])
    net.load_state_dict(saved["ema"])
    return net.eval()


def soup(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of the weights of networks that began alike: as good as asking all of them, at the price of one (Wortsman et al.
    2022, "Model soups")."""
    return {key: torch.stack([state[key] for state in states]).mean(0) if value.is_floating_point() else value
            for key, value in states[0].items()}
