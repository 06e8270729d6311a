"""The imitator: a small network that draws an engine's avatars, differentiable in their parameters (F2P, ICCV 2019).

An avatar is a row of numbers: the probability of each variant (one-hot for a chosen one), sliders in 0..1, colours in -1..1.
The network draws 64 x 64 pixels and, beside them, the thirteen parts, so that the parsing loss needs no segmenter on drawings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from ...attributes.network import Head
from ...core.checkpoint import load, save
from ...core.color import from_hex
from ...core.image import shrink_all, to_tensor
from ...core.labels import PARTS
from ...engines.engine import Engine
from ...estimator.heads import NONE, has_options

SIDE = 64
CHANNELS = (160, 96, 64, 32, 16)  # from 4 x 4 to 64 x 64
HELD_OUT = 64


@dataclass
class ParameterLayout:
    """Where the parameters of an engine lie in a row: the heads' options and sliders in their order, then colours."""

    heads: list[Head]
    colors: list[str]

    @property
    def width(self) -> int:
        return sum(head.width for head in self.heads) + 3 * len(self.colors)

    def encode(self, avatars: list[dict], engine: Engine) -> Tensor:
        rows = np.zeros((len(avatars), self.width), np.float32)
        for row, avatar in zip(rows, avatars):
            at = 0
            for head in self.heads:
                if head.kind == "discrete":
                    row[at + head.options.index(avatar["discrete"].get(head.name) or NONE)] = 1
                else:
                    spec = engine.sliders[head.name]
                    row[at] = (avatar["continuous"][head.name] - spec["min"]) / (spec["max"] - spec["min"])
                at += head.width
            row[at:] = self.encode_colors(avatar["colors"])
        return torch.from_numpy(rows)

    def encode_colors(self, colors: dict[str, str]) -> np.ndarray:
        """[3 C] of "#rrggbb" by name."""
        return np.array([from_hex(colors[name][:7]) for name in self.colors], np.float32).reshape(-1) / 127.5 - 1

    def relaxed(self, raw: Tensor, colors: Tensor, temperature: float = 1.0) -> Tensor:
        """Rows from raw outputs [N, P] (logits of options, of sliders) and colours [N, 3 C]."""
        parts, at = [], 0
        for head in self.heads:
            part = raw[:, at:at + head.width]
            parts.append(torch.softmax(part / temperature, 1) if head.kind == "discrete" else torch.sigmoid(part))
            at += head.width
        return torch.cat([*parts, colors], 1)

    def decode(self, raw: np.ndarray, engine: Engine, colors: dict[str, str]) -> dict:
        """The avatar of one row of raw outputs: the likeliest variants, the sliders' positions."""
        avatar = engine.default_avatar()
        avatar["colors"], at = dict(colors), 0
        for head in self.heads:
            part = raw[at:at + head.width]
            at += head.width
            if head.kind == "discrete":
                name = head.options[int(part.argmax())]
                avatar["discrete"][head.name] = None if name == NONE else name
            else:
                spec = engine.sliders[head.name]
                avatar["continuous"][head.name] = float(spec["min"] + (spec["max"] - spec["min"]) / (1 + np.exp(-part[0])))
        return engine.tie(avatar)


class Imitator(nn.Module):
    """Rows [N, D] to pictures [N, 3, 64, 64] in -1..1 and part logits [N, 13, 64, 64]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(width, 512), nn.LeakyReLU(0.2), nn.Linear(512, CHANNELS[0] * 16), nn.LeakyReLU(0.2))
        self.blocks = nn.ModuleList([nn.Sequential(nn.Conv2d(before, after, 3, padding=1), nn.LeakyReLU(0.2))
                                     for before, after in zip(CHANNELS, CHANNELS[1:])])
        self.last = nn.Conv2d(CHANNELS[-1], 3 + len(PARTS), 3, padding=1)

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        x = self.first(2 * rows - 0.5).unflatten(1, (CHANNELS[0], 4, 4))
        for block in self.blocks:
            x = block(F.interpolate(x, scale_factor=2.0, mode="bilinear"))
        out = self.last(x)
        return torch.tanh(out[:, :3]), out[:, 3:]


def imitation_loss(out: tuple[Tensor, Tensor], image: Tensor, label: Tensor) -> Tensor:
    return 4 * (out[0] - image).abs().mean() + F.cross_entropy(out[1], label)


def train_imitator(cfg: dict, renders: Path, layout: ParameterLayout, engine: Engine, path: Path, log: SummaryWriter) -> Imitator:
    """On the file `renders`, all but the last few, which tell how well it draws (printed)."""
    torch.manual_seed(cfg["seed"])
    net = Imitator(layout.width)
    if path.exists():
        net.load_state_dict(load(path)["net"])
        return net.eval().requires_grad_(False)
    with np.load(renders, allow_pickle=False) as arrays:
        avatars = [json.loads(text) for text in arrays["vector"]]
        kept = [row for row, avatar in enumerate(avatars) if has_options(avatar, layout.heads)]
        images, labels = shrink_all(arrays["image"][kept], SIDE), arrays["mask"][kept, ::2, ::2]
        rows = layout.encode([avatars[row] for row in kept], engine)
    rng = np.random.default_rng([cfg["seed"], 29])
    optimiser = torch.optim.Adam(net.parameters(), lr=cfg["imitator_rate"], betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, cfg["imitator_rate"], cfg["imitator_steps"], pct_start=0.1)
    for step in tqdm(range(cfg["imitator_steps"]), desc=f"imitator {path.parent.name}", mininterval=20):
        chosen = rng.integers(0, len(rows) - HELD_OUT, cfg["imitator_batch"])
        loss = imitation_loss(net(rows[chosen]), to_tensor(images[chosen]), torch.from_numpy(labels[chosen]).long())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            log.add_scalar(f"imitator/{path.parent.name}", loss.item(), step)
    net.eval().requires_grad_(False)
    picture, parts = net(rows[-HELD_OUT:])
    print(json.dumps({"imitator": path.parent.name,
                      "mean absolute error of 255": round(float((picture - to_tensor(images[-HELD_OUT:])).abs().mean() * 127.5), 2),
                      "pixels with the right part": round(float((parts.argmax(1).numpy() == labels[-HELD_OUT:]).mean()), 3)}), flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, net=net.state_dict())
    return net
