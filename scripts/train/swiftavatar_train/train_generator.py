"""Stage `generator`: the realistic generator G_r and the encoder E, trained together to reconstruct faces, and from step
`adversarial_from` on to make them, and faces mixed of the parts of several people, look like photos."""

from __future__ import annotations

import copy
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .adversary import Adversary, balance, mix_codes
from .encoder import Encoder
from .generator import BASE_CODES, MASK_SCALE, NO_COMPOSITION, Generator, as_parts
from .generator_data import (FaceSet, Mixture, augment, load_extra, load_photos, one_hot, prepare_draw_ons, shrink, soften,
                             to_rgb)
from .generator_losses import PartOverlap, coarse_loss, color_loss, mask_loss, part_means, pixel_loss, psnr
from .perceptual import Perceptual, load_perceptual
from .training_loop import run_steps


Faces = tuple[Tensor, Tensor]  # pictures and the probabilities of their parts


class Trainer:
    """G_r, E, their averages (EMA), the optimiser and the step: everything that a checkpoint holds."""

    def __init__(self, cfg: dict) -> None:
        torch.manual_seed(cfg["seed"])
        self.cfg = cfg
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.generator, self.encoder = Generator().to(self.device), Encoder().to(self.device)
        self.average = copy.deepcopy(nn.ModuleDict({"generator": self.generator, "encoder": self.encoder}))
        self.average.requires_grad_(False).eval()
        self.optimizer = torch.optim.Adam(self.parameters(), lr=cfg["lr"], betas=(0.9, 0.99))
        self.adversary = Adversary(cfg["discriminator_rate"], cfg["discriminator_penalty"])
        self.adversary.net.to(self.device)
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
        """The encoder's average and Adam's moments go in 16 bits; what runs on is rounded likewise, so that a resumed run is the
        same. The generator's average does not: of an avatar generator that costs 0.35 dB."""
        with torch.no_grad():
            for value in self.average["encoder"].parameters():
                value.copy_(value.half().float())
            for slot in self.optimizer.state.values():
                for key in ("exp_avg", "exp_avg_sq"):
                    slot[key].copy_(slot[key].bfloat16().float())
        optimizer = self.optimizer.state_dict()
        optimizer = {**optimizer, "state": {index: {key: value.bfloat16() if key.startswith("exp") else value
                                                    for key, value in slot.items()}
                                            for index, slot in optimizer["state"].items()}}
        average = {name: value.half() if name.startswith("encoder.") else value.detach() for name, value in self.average.named_parameters()}
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        torch.save({"generator": self.generator.state_dict(), "encoder": self.encoder.state_dict(), "average": average,
                    "optimizer": optimizer, "adversary": self.adversary.state_dict(), "step": self.step,
                    "hours": self.hours}, part)
        part.replace(path)

    def load(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.generator.load_state_dict(state["generator"])
        self.encoder.load_state_dict(state["encoder"])
        for name, value in self.average.named_parameters():
            value.data.copy_(state["average"][name].float())
        self.optimizer.load_state_dict(state["optimizer"])  # casts the moments back to the parameters' type
        self.adversary.load_state_dict(state["adversary"])
        self.step, self.hours = state["step"], state["hours"]

    def losses(self, codes: Tensor, rgb: Tensor, label: Tensor, perceptual: Perceptual) -> tuple[dict[str, Tensor], Faces]:
        """All weighted losses of reconstructing one batch at 128 px from its codes, and the faces; the output size is the
        phase's."""
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
        return terms, (out, as_parts(mask))

    def adversarial(self, codes: Tensor, faces: Faces, wanted: Tensor, photos: FaceSet,
                    rng: np.random.Generator) -> tuple[dict[str, Tensor], dict[str, float]]:
        """The adversarial loss, weighed against the loss `wanted`, and what the discriminator made of it. Every other
        step the faces are mixed ones, which no photo shows."""
        size = self.size()
        if self.step % 2:
            half = codes[:len(codes) // 2]
            mixed = mix_codes(half, BASE_CODES, torch.Generator().manual_seed(int(rng.integers(1 << 62))))
            out, mask, _ = self.generator(mixed, NO_COMPOSITION.to(self.device), size)
            faces = out, as_parts(mask)
        rgb, label = augment(*Mixture([(photos, 1.0)]).draw(len(faces[0]), rng), rng)
        rgb, label = shrink(rgb, label, size)
        real = rgb.to(self.device), soften(one_hot(label), rng).to(self.device)
        told = self.adversary.learn(real, faces, self.step)
        loss = self.adversary.loss(faces)
        head = self.generator.stage64.head if size == 64 else self.generator.stage128.head
        return {"adversarial": self.cfg["adversarial"] * balance(wanted, loss, head.weight) * loss}, told

    def train_step(self, data: Mixture, perceptual: Perceptual, photos: FaceSet) -> dict[str, float]:
        """One step; everything random follows from the seed and the step, so a resumed run repeats it."""
        rng = np.random.default_rng([self.cfg["seed"], self.step])
        batch = self.cfg["batch_64"] if self.size() == 64 else self.cfg["batch_128"]
        rgb, label = augment(*data.draw(batch, rng), rng)
        parts = soften(one_hot(label), rng)
        rgb, label, parts = (value.to(self.device) for value in (rgb, label, parts))
        codes = self.encoder(rgb, parts)
        terms, faces = self.losses(codes, rgb, label, perceptual)
        told = {}
        if self.step >= self.cfg["adversarial_from"]:
            more, told = self.adversarial(codes, faces, sum(terms.values()), photos, rng)
            terms |= more
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        self.optimizer.zero_grad(set_to_none=True)
        sum(terms.values()).backward()
        nn.utils.clip_grad_norm_(self.parameters(), 2.0)
        self.optimizer.step()
        self.update_average()
        self.step += 1
        return {name: float(value.detach()) for name, value in terms.items()} | told


def chroma(rgb: Tensor) -> Tensor:
    """RGB [N, 3, S, S] less its luma (BT.601), at 32 px."""
    small = F.adaptive_avg_pool2d(rgb, 32)
    luma = 0.299 * small[:, 0] + 0.587 * small[:, 1] + 0.114 * small[:, 2]
    return small - luma[:, None]


class InversionLoss:
    """How far G_r's picture of codes is from photos [N, 3, S, S] with part probabilities [N, 13, S, S]; weights and terms as in
    the program (src/gan/recipe.h)."""

    def __init__(self, rgb: Tensor, parts: Tensor, perceptual: Perceptual | None, mean: Tensor | None) -> None:
        self.rgb, self.parts, self.perceptual, self.mean = rgb, parts, perceptual, mean
        self.reduction = max(1, rgb.shape[2] // 128)  # the perceptual network sees at most 128 px
        with torch.no_grad():
            self.features = None if perceptual is None else perceptual(F.avg_pool2d(rgb, self.reduction))
            there = (part_means(rgb, parts)[1] > 0.002).float()
            self.there = there / there.sum(1, keepdim=True).clamp(min=1)

    def plain(self, codes: Tensor, out: Tensor, mask: Tensor) -> Tensor:
        """All terms but the perceptual one, [N]."""
        off = out - self.rgb
        loss = 2 * off.abs().mean([1, 2, 3]) + 3 * chroma(off).abs().mean([1, 2, 3])
        loss = loss - 0.5 * (self.parts * F.log_softmax(MASK_SCALE * mask, 1)).sum(1).mean([1, 2])
        loss = loss + (part_means(off, self.parts)[0].abs().mean(2) * self.there).sum(1)
        return loss if self.mean is None else loss + 0.003 * (codes - self.mean).square().mean([1, 2])

    def distance(self, out: Tensor) -> Tensor:
        """The perceptual term, [N]."""
        if self.perceptual is None:
            return out.new_zeros(len(out))
        return 1.25 * (self.perceptual(F.avg_pool2d(out, self.reduction)) - self.features).square().sum(1)


def invert(generator: Generator, start: Tensor, rgb: Tensor, parts: Tensor, perceptual: Perceptual | None, steps: int,
           lr: float = 0.1, mean: Tensor | None = None) -> Tensor:
    """Adam on the codes [N, 28, 64] as the C++ program does it (src/gan/inverter.cpp); the best codes seen. Each picture
    goes its own way, whatever the batch."""
    codes = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([codes], lr=lr, betas=(0.9, 0.99))
    measure = InversionLoss(rgb, parts, perceptual, mean)
    best, best_loss = codes.detach().clone(), torch.full((len(codes),), float("inf"), device=codes.device)
    for step in range(steps + 1):
        out, mask, _ = generator(codes, NO_COMPOSITION.to(codes.device))
        loss = measure.plain(codes, out, mask)
        if perceptual is None or step % 2 == 0 or step == steps:
            distance = measure.distance(out)
            better = (loss + distance).detach() < best_loss
            best[better] = codes.detach()[better]
            best_loss = torch.where(better, (loss + distance).detach(), best_loss)
            loss = loss + 2 * distance  # it stands for two steps
        if step == steps:
            break
        optimizer.param_groups[0]["lr"] = lr * (1 - 0.9 * step / steps)
        codes.grad, = torch.autograd.grad(loss.sum(), codes)
        optimizer.step()
    return best


@torch.no_grad()
def evaluate(generator: Generator, encoder: Encoder, image: np.ndarray, label: np.ndarray,
             steps: int = 0, perceptual: Perceptual | None = None, lr: float = 0.1,
             chunk: int = 16) -> dict[str, float]:
    """PSNR at 128 px and mean IoU of the ten photo parts of inverted pictures: by the encoder, or after Adam steps."""
    overlap, quality = PartOverlap(), []
    device = next(generator.parameters()).device
    for at in range(0, len(image), chunk):
        rgb, wanted = to_rgb(image[at:at + chunk]).to(device), torch.from_numpy(label[at:at + chunk].astype(np.int64))
        parts = one_hot(wanted)
        parts = parts.to(device)
        codes = encoder(rgb, parts)
        if steps:
            with torch.enable_grad():
                codes = invert(generator, codes, rgb, parts, perceptual, steps, lr)
        out, mask, _ = generator(codes, NO_COMPOSITION.to(device))
        quality.append(psnr(out, rgb).cpu())
        overlap.add(mask.cpu(), wanted)
    return {"psnr": float(torch.cat(quality).mean()), "iou": overlap.mean(),
            **{f"iou_{part}": value for part, value in overlap.parts().items()}}


def load_data(cfg: dict, work: Path) -> Mixture:
    """Photos, photos with things drawn on, and MakeHuman heads, as far as their caches exist."""
    photos = cfg["photo_share"]
    drawn = load_extra(work, "draw_ons*.npz")
    drawn_share = cfg["draw_on_share"] if drawn is not None else 0.0
    return Mixture([(load_photos(work, "train"), photos * (1 - drawn_share)), (drawn, photos * drawn_share),
                    (load_extra(work, "makehuman*.npz"), 1 - photos)])


def data_files(work: Path) -> list[tuple[str, float]]:
    """What `load_data` reads, with times: other stages may add to it or improve it while this one runs."""
    names = ("train_masks.npy", "draw_ons*.npz", "makehuman*.npz")
    return [(str(path), path.stat().st_mtime) for name in names for path in sorted((work / "cache").glob(name))
            if time.time() - path.stat().st_mtime > 10]  # not one that is still being written


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    trainer = Trainer(cfg)
    prepare_draw_ons(work, cfg["seed"])
    data, perceptual = load_data(cfg, work), load_perceptual().to(trainer.device)
    files, photos, dev = data_files(work), load_photos(work, "train"), load_photos(work, "dev")

    def figures() -> dict[str, float]:
        nonlocal data, files
        if files != (files := data_files(work)):  # MakeHuman heads that were rendered meanwhile
            data = load_data(cfg, work)
        return evaluate(trainer.average["generator"], trainer.average["encoder"], dev.image[::4], dev.label[::4])

    run_steps(trainer, cfg, work / "generator" / "state.pt", work / "runs" / "generator",
              lambda: trainer.train_step(data, perceptual, photos), figures)
