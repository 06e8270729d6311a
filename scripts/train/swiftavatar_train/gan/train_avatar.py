"""Stage `avatar-generator`: G_a, the avatar generator of one engine, transfer-learned from G_r, with its encoder E_a.

G_a reconstructs the engine's renders with their exact masks. What keeps a code's meaning the same in both generators are
ties on y = G_r(w), w = E_a(avatar): y has the avatar's part masks and part colours, w looks like a code of a photo, and
E reads w back from y. And one the other way: G_a's picture of a photo's code has the photo's part masks and part colours, or it
would get hats and glasses that avatars often wear.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.batches import stream
from ..core.bundle import NO_COMPOSITION
from ..core.checkpoint import save
from ..core.image import to_tensor
from ..engines.engine import Engine
from ..engines.semantics import Semantics
from .avatars import FREE_PARTS, Drawn, avatars_path, draw_avatar
from .data import FaceSet, load_faces, load_photos, one_hot, shrink, soften
from .encoder import Encoder
from .generator import BASE_CODES, CODES, Generator, as_parts
from .inversion import encode_all, load_average
from .loop import run_steps, start
from .losses import PartOverlap, coarse_loss, color_loss, mask_loss, part_means, part_pixel_loss, pixel_loss, psnr, rgb_to_lab
from .perceptual import Perceptual, load_perceptual

HELD_OUT = 48  # avatars by which G_a is measured
SHAPE_PARAMETERS = ("position", "depth_weight", "depth_bias")  # of LocalGenerators: where the parts are


class CodeTie(nn.Module):
    """How unlike the codes of photos a code is: its distance from their principal subspace, and the share of its values
    beyond two standard deviations. Fitted to codes [M, 28, 64]; free parts do not count."""

    def __init__(self, codes: Tensor, rank: int = 128) -> None:
        super().__init__()
        keep = torch.ones(CODES, 1)
        for part in FREE_PARTS:
            keep[BASE_CODES + 2 * part:BASE_CODES + 2 * part + 2] = 0
        self.register_buffer("keep", keep)
        self.register_buffer("mean", codes.mean(0))
        self.register_buffer("std", codes.std(0) + 0.02)
        flat = (((codes - self.mean) / self.std) * keep).flatten(1)
        _, _, axes = torch.linalg.svd(flat, full_matrices=False)
        self.register_buffer("axes", axes[:rank].clone())

    def forward(self, codes: Tensor) -> Tensor:
        scaled = (codes - self.mean) / self.std * self.keep
        flat = scaled.flatten(1)
        outside = flat - flat @ self.axes.T @ self.axes
        return 0.1 * outside.square().mean() + F.relu(scaled.abs() - 2).mean()


def photo_color_tie(rgb: Tensor, mask: Tensor, avatar: Tensor, label: Tensor) -> Tensor:
    """Mean CIELAB of skin, mouth and hair in the face (under its own mask) against the avatar's, in units of 50."""
    ours, own = part_means(rgb_to_lab(rgb), as_parts(mask.detach()))
    theirs, area = part_means(rgb_to_lab(avatar), one_hot(label))
    chosen = [1, 4, 7]
    present = ((area > 0.004) & (own > 0.002)).float()[:, chosen]
    return ((ours - theirs).abs().mean(2)[:, chosen] / 50 * present).sum() / present.sum().clamp(min=1)


class AvatarTrainer:
    """G_a, E_a, their averages and the optimiser, beside the frozen G_r and E."""

    def __init__(self, cfg: dict, work: Path) -> None:
        torch.manual_seed(cfg["seed"])
        self.cfg = cfg
        self.real, self.photo_encoder = Generator(), Encoder()
        load_average(work / "generator" / "state.pt", self.real, self.photo_encoder)
        self.photos = load_photos(work, "train")
        self.photo_codes = encode_all(self.photo_encoder, self.photos)
        self.tie = CodeTie(self.photo_codes)
        self.generator = copy.deepcopy(self.real).requires_grad_(True)  # its warp too: art is not where photos are
        self.encoder = copy.deepcopy(self.photo_encoder).requires_grad_(True)
        self.live = nn.ModuleDict({"generator": self.generator, "encoder": self.encoder})
        self.average = copy.deepcopy(self.live).requires_grad_(False).eval()
        slow, fast = [], []
        for name, value in self.generator.named_parameters():
            field = name.removeprefix("local.")
            (slow if name.startswith("local.") and field in (*SHAPE_PARAMETERS, "weight", "bias", "style_weight",
                                                             "style_bias") else fast).append(value)
        self.optimizer = torch.optim.Adam([{"params": fast, "scale": 1.0}, {"params": slow, "scale": cfg["shape_scale"]},
                                           {"params": list(self.encoder.parameters()), "scale": cfg["encoder_scale"]}],
                                          lr=cfg["lr"], betas=(0.9, 0.99))
        self.step, self.hours = 0, 0.0

    def size(self) -> int:
        return 64 if self.step < self.cfg["steps_64"] else 128

    def losses(self, rgb: Tensor, label: Tensor, parts: Tensor, perceptual: Perceptual) -> dict[str, Tensor]:
        size, cfg = self.size(), self.cfg
        codes = self.encoder(rgb, parts)
        out, mask, coarse = self.generator(codes, NO_COMPOSITION, size)
        target, wanted = shrink(rgb, label, size)
        terms = {"pixel": 2 * pixel_loss(out, target, wanted), "mask": 0.5 * mask_loss(mask, wanted),
                 "coarse": 0.25 * coarse_loss(coarse, wanted), "color": 0.5 * color_loss(out, target, wanted),
                 "part_pixel": cfg["part_pixel"] * part_pixel_loss(out, target, wanted),
                 "tie_code": cfg["tie_code"] * self.tie(codes)}
        face, face_mask, face_coarse = self.real(codes, NO_COMPOSITION, 64)
        small, small_label = shrink(rgb, label, 64)
        terms["tie_mask"] = cfg["tie_mask"] * (mask_loss(face_mask, small_label) + 0.5 * coarse_loss(face_coarse, small_label))
        terms["tie_color"] = cfg["tie_color"] * photo_color_tie(face, face_mask, small, small_label)
        if self.step % 3 == 0:
            shrunk = max(1, size // cfg["perceptual_size"])
            with torch.no_grad():
                features = perceptual(F.avg_pool2d(target, shrunk))
            distance = (perceptual(F.avg_pool2d(out, shrunk)) - features).square().sum(1).mean()
            terms["perceptual"] = cfg["perceptual"] * distance
        if self.step % 3 == 1:
            large = F.interpolate(torch.cat([face, face_mask], 1), scale_factor=2.0, mode="bilinear")
            back = self.photo_encoder(large[:, :3], as_parts(large[:, 3:]))
            terms["tie_back"] = cfg["tie_back"] * (((back - codes) / self.tie.std * self.tie.keep) ** 2).mean()
        if cfg["tie_photo"] and self.step % 2 == 0:
            terms["tie_photo"] = cfg["tie_photo"] * self.photo_loss(size)
        return terms

    def photo_loss(self, size: int) -> Tensor:
        """How unlike the photos' part masks and part colours G_a's pictures of some photos' codes are."""
        rows = np.random.default_rng([self.cfg["seed"], self.step, 7]).choice(len(self.photos), self.cfg["batch"], p=self.photos.weight)
        rgb, label = shrink(to_tensor(self.photos.image[rows]), torch.from_numpy(self.photos.label[rows]).long(), size)
        out, mask, coarse = self.generator(self.photo_codes[rows], NO_COMPOSITION, size)
        return mask_loss(mask, label) + 0.5 * coarse_loss(coarse, label) + photo_color_tie(out, mask, rgb, label)

    def train_step(self, faces: FaceSet, perceptual: Perceptual, fresh: Drawn = ()) -> dict[str, float]:
        """On a batch of `faces`, whose first ones make way for `fresh` pictures and labels, drawn for this step alone."""
        rng = np.random.default_rng([self.cfg["seed"], self.step, 3])
        rows = rng.integers(0, len(faces), self.cfg["batch"])
        image, part = faces.image[rows], faces.label[rows]
        for place, (drawn, drawn_part) in enumerate(fresh):
            image[place], part[place] = drawn, drawn_part
        rgb, label = to_tensor(image), torch.from_numpy(part).long()
        terms = self.losses(rgb, label, soften(one_hot(label), rng), perceptual)
        total = self.cfg["steps_64"] + self.cfg["steps_128"]
        rate = self.cfg["lr"] * min(1.0, (self.step + 1) / 50) * (0.1 + 0.45 * (1 + np.cos(np.pi * self.step / total)))
        for group in self.optimizer.param_groups:
            waits = self.step < self.cfg["encoder_first"] and group is not self.optimizer.param_groups[-1]
            group["lr"] = 0.0 if waits else float(rate * group["scale"])
        self.optimizer.zero_grad(set_to_none=True)
        sum(terms.values()).backward()
        nn.utils.clip_grad_norm_(self.live.parameters(), 2.0)
        self.optimizer.step()
        decay = min(self.cfg["ema"], (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for ours, theirs in zip(self.average.parameters(), self.live.parameters()):
                ours.lerp_(theirs, 1 - decay)
        self.step += 1
        return {name: float(value.detach()) for name, value in terms.items()}

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
        for ours, theirs in zip(self.average.parameters(), self.live.parameters()):
            ours.data.copy_(theirs.data)

    def load(self, path: Path) -> None:
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.generator.load_state_dict(state["generator"])
        self.encoder.load_state_dict(state["encoder"])
        for name, value in self.average.named_parameters():
            value.data.copy_(state["average"][name].float())
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.hours = state["step"], state["hours"]


@torch.no_grad()
def evaluate_avatars(average: nn.ModuleDict, real: Generator, faces: FaceSet, rows: slice) -> dict[str, float]:
    """G_a's PSNR and IoU on avatars through E_a, and the IoU of the same codes decoded in G_r."""
    rgb, label = to_tensor(faces.image[rows]), torch.from_numpy(faces.label[rows]).long()
    ours, theirs, quality = PartOverlap(), PartOverlap(), []
    for at in range(0, len(rgb), 16):
        part = slice(at, at + 16)
        codes = average["encoder"](rgb[part], one_hot(label[part]))
        out, mask, _ = average["generator"](codes, NO_COMPOSITION)
        quality.append(psnr(out, rgb[part]))
        ours.add(mask, label[part])
        theirs.add(real(codes, NO_COMPOSITION)[1], label[part])
    return {"psnr": float(torch.cat(quality).mean()), "iou": ours.mean(), "iou_real": theirs.mean()}


def fresh_avatars(cfg: dict, first: int) -> Iterator[Drawn]:
    """For each step from `first` on, `fresh_renders` avatars that no step has seen, drawn ahead by `workers` processes."""
    folder = Path(cfg["engines"]) / cfg["engine"]
    engine = Engine.load(folder / "definition.json", cfg["render_command"])
    semantics, count = Semantics.load(folder / "semantics.json"), min(cfg["fresh_renders"], cfg["batch"])
    return stream(lambda rng: [draw_avatar(engine, semantics, 128, rng)[:2] for _ in range(count)], 1_000_003 * cfg["seed"],
                  cfg["workers"], first)


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    faces = load_faces(avatars_path(work, cfg["engine"]))
    held_out = slice(len(faces) - HELD_OUT, len(faces))  # not trained on
    training = FaceSet(faces.image[:-HELD_OUT], faces.label[:-HELD_OUT], faces.weight[:-HELD_OUT])
    trainer, perceptual, name = AvatarTrainer(cfg, work), load_perceptual(), f"{cfg['engine']}.pt"
    start(trainer, cfg, work / "restored" / "avatar_generator" / name)
    fresh = fresh_avatars(cfg, trainer.step)
    run_steps(trainer, cfg, work / "avatar_generator" / name, work / "runs" / "avatar_generator",
              lambda: trainer.train_step(training, perceptual, next(fresh)),
              lambda: evaluate_avatars(trainer.average, trainer.real, faces, held_out))
