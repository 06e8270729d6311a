"""Stage `generator`: the realistic generator G_r and the encoder E, trained together to reconstruct faces."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.bundle import NO_COMPOSITION
from ..core.checkpoint import save
from .data import Mixture, augment_faces, load_faces, load_photos, one_hot, shrink, soften
from .encoder import Encoder
from .generator import Generator
from .inversion import evaluate, load_average
from .loop import run_steps, start
from .losses import coarse_loss, color_loss, mask_loss, pixel_loss
from .perceptual import Perceptual, load_perceptual


class GeneratorTrainer:
    """G_r, E, their averages (EMA), the optimiser and the step: everything that a checkpoint holds."""

    def __init__(self, cfg: dict) -> None:
        torch.manual_seed(cfg["seed"])
        self.cfg = cfg
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.generator, self.encoder = Generator().to(self.device), Encoder().to(self.device)
        self.average = copy.deepcopy(nn.ModuleDict({"generator": self.generator, "encoder": self.encoder}))
        self.average.requires_grad_(False).eval()
        self.optimizer = torch.optim.Adam(self.parameters(), lr=cfg["lr"], betas=(0.9, 0.99))
        self.step, self.hours = 0, 0.0

    def live(self) -> nn.ModuleDict:
        return nn.ModuleDict({"generator": self.generator, "encoder": self.encoder})

    def parameters(self) -> list[nn.Parameter]:
        return [p for net in (self.generator, self.encoder) for p in net.parameters() if p.requires_grad]

    def size(self) -> int:
        """Output size of the current phase: 64 first, then 128."""
        return 64 if self.step < self.cfg["steps_64"] else 128

    def learning_rate(self) -> float:
        """Warm-up, then constant; a cosine to a tenth over the last part of the 128 px phase."""
        total = self.cfg["steps_64"] + self.cfg["steps_128"]
        start = total - self.cfg["steps_decay"]
        progress = min(1.0, max(0.0, (self.step - start) / max(1, self.cfg["steps_decay"])))
        return float(self.cfg["lr"] * min(1.0, (self.step + 1) / 200) * (0.1 + 0.45 * (1 + np.cos(np.pi * progress))))

    def update_average(self) -> None:
        decay = min(self.cfg["ema"], (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            live = self.live()
            for ours, theirs in zip(self.average.parameters(), live.parameters()):
                ours.lerp_(theirs, 1 - decay)

    def save(self, path: Path) -> None:
        """In full precision: a run that goes on from here is the run that was not stopped."""
        save(path, generator=self.generator.state_dict(), encoder=self.encoder.state_dict(),
             average={name: value.detach() for name, value in self.average.named_parameters()},
             optimizer=self.optimizer.state_dict(), step=self.step, hours=self.hours)

    def start_from(self, path: Path) -> None:
        """The weights of another training; the optimiser starts afresh."""
        load_average(path, self.generator, self.encoder)
        self.generator.requires_grad_(True).train()
        self.encoder.requires_grad_(True).train()
        for ours, theirs in zip(self.average.parameters(), self.live().parameters()):
            ours.data.copy_(theirs.data)

    def load(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.generator.load_state_dict(state["generator"])
        self.encoder.load_state_dict(state["encoder"])
        for name, value in self.average.named_parameters():
            value.data.copy_(state["average"][name].float())
        self.optimizer.load_state_dict(state["optimizer"])  # casts the moments back to the parameters' type
        self.step, self.hours = state["step"], state["hours"]

    def losses(self, codes: Tensor, rgb: Tensor, label: Tensor, perceptual: Perceptual) -> dict[str, Tensor]:
        """All weighted losses of reconstructing one batch at 128 px from its codes; the output size is the phase's."""
        size = self.size()
        out, mask, coarse = self.generator(codes, NO_COMPOSITION.to(rgb.device), size)
        target, label = shrink(rgb, label, size)
        terms = {"pixel": 2.0 * pixel_loss(out, target, label), "mask": 0.5 * mask_loss(mask, label),
                 "coarse": 0.25 * coarse_loss(coarse, label), "color": 1.0 * color_loss(out, target, label),
                 "code": 0.003 * codes.square().mean()}
        if self.step % self.cfg["perceptual_every"] == 0:
            small, wanted = (F.avg_pool2d(x, size // 64) if size > 64 else x for x in (out, target))
            with torch.no_grad():
                features = perceptual(wanted)
            distance = (perceptual(small) - features).square().sum(1).mean()
            terms["perceptual"] = self.cfg["perceptual"] * distance
        return terms

    def train_step(self, data: Mixture, perceptual: Perceptual) -> dict[str, float]:
        """One step; everything random follows from the seed and the step, so a resumed run repeats it."""
        rng = np.random.default_rng([self.cfg["seed"], self.step])
        batch = self.cfg["batch_64"] if self.size() == 64 else self.cfg["batch_128"]
        rgb, label = augment_faces(*data.draw(batch, rng), rng)
        parts = soften(one_hot(label), rng)
        rgb, label, parts = (value.to(self.device) for value in (rgb, label, parts))
        codes = self.encoder(rgb, parts)
        terms = self.losses(codes, rgb, label, perceptual)
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        self.optimizer.zero_grad(set_to_none=True)
        sum(terms.values()).backward()
        nn.utils.clip_grad_norm_(self.parameters(), 2.0)
        self.optimizer.step()
        self.update_average()
        self.step += 1
        return {name: float(value.detach()) for name, value in terms.items()}


def load_data(cfg: dict, work: Path) -> Mixture:
    """Photos, photos with things drawn on, and MakeHuman heads where the settings have them."""
    cache, photos, drawn = work / "cache", cfg["photo_share"], cfg["draw_on_share"]
    heads = load_faces(cache / "makehuman.npz") if cfg["with_makehuman"] else None
    return Mixture([(load_photos(work, "train"), photos * (1 - drawn)), (load_faces(cache / "draw_ons.npz"), photos * drawn),
                    (heads, 1 - photos)])


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    trainer = GeneratorTrainer(cfg)
    start(trainer, cfg, work / "restored" / "generator.pt")
    data, perceptual, dev = load_data(cfg, work), load_perceptual().to(trainer.device), load_photos(work, "dev")
    run_steps(trainer, cfg, work / "generator" / "state.pt", work / "runs" / "generator", lambda: trainer.train_step(data, perceptual),
              lambda: evaluate(trainer.average["generator"], trainer.average["encoder"], dev.image[::4], dev.label[::4]))
