"""Stage `parser`: the mask student (the bundle's `parser`), and its relabelled masks of the train photos.

First it learns from photos whose composite masks are gated by the labels, from draw-ons and from MakeHuman heads; then it
relabels the train photos once (work/cache/train_masks.npy) and goes on with those.
"""

from __future__ import annotations

import copy
import json
import shutil
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from ..core.checkpoint import note_progress, save, seed_step
from ..core.folds import source_weights, sources
from ..core.labels import ATTRIBUTES, PARTS
from ..photos.draw_ons.draw_on import draw_on, random_kinds
from ..photos.draw_ons.drawing import GLASSES, UNKNOWN
from .gating import gate, relabel
from .network import Parser, segmentation_loss

SIZE = 128
WORN = ("glasses", "facial_hair", "headwear", "earrings")
CLASS_WEIGHT = {"eye": 1.5, "brow": 1.5, "mouth": 1.2, "ear": 1.5, "neck": 1.2, "glasses": 2.5, "hat": 1.5, "earring": 3.0}


class GatedPhotos:
    """A split of the photo cache at 128 px with the labels that gate its masks."""

    def __init__(self, work: Path, split: str, limit: int | None = None) -> None:
        with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
            self.image = np.stack([cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
                                   for image in arrays["image"][:limit]])
            self.composite = np.stack([cv2.resize(mask, (SIZE, SIZE), interpolation=cv2.INTER_NEAREST)
                                       for mask in arrays["mask"][:limit]])
            self.mesh = arrays["mesh"][:limit]
            self.label = {name: arrays[name][:limit].astype(int) for name in ATTRIBUTES}
            self.weight = source_weights(sources(arrays["name"][:limit]))
        self.mask = np.stack([gate(mask, mesh, self.labels(row))
                              for row, (mask, mesh) in enumerate(zip(self.composite, self.mesh))])

    def __len__(self) -> int:
        return len(self.image)

    def labels(self, row: int) -> dict[str, int]:
        return {name: int(self.label[name][row]) for name in WORN}


def draw_pool(photos: GatedPhotos, copies: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`copies` draw-ons of each photo: images and masks; what a person wears already is not drawn again."""
    rng = np.random.default_rng([seed, 5])
    images, masks = [], []
    for row in tqdm(range(len(photos)), desc="draw-ons", mininterval=10):
        allowed = [name for name in WORN if photos.label[name][row] == 0]
        for _ in range(copies if allowed else 0):
            image, mask, _ = draw_on(photos.image[row], photos.mask[row], photos.mesh[row], rng, random_kinds(rng, allowed))
            images.append(image)
            masks.append(mask)
    return np.stack(images), np.stack(masks)


def makehuman_heads(work: Path) -> tuple[np.ndarray, np.ndarray]:
    with np.load(work / "cache" / "makehuman.npz", allow_pickle=False) as arrays:
        return arrays["image"], arrays["mask"]


def augment_batch(rgb: Tensor, label: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """RGB [N, 3, S, S] in 0..1 and labels [N, S, S]: flip, turn, scale, shift; light, colour, blur, noise. -> -1..1."""
    n = len(rgb)
    angle, scale = np.radians(rng.normal(0, 4, n)), np.exp(rng.normal(0, 0.06, n))
    flip, shift = np.where(rng.random(n) < 0.5, -1.0, 1.0), rng.normal(0, 0.04, (n, 2))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    matrix = np.stack([np.stack([cos * flip, -sin, shift[:, 0]], 1), np.stack([sin * flip, cos, shift[:, 1]], 1)], 1)
    grid = F.affine_grid(torch.from_numpy(matrix).float(), list(rgb.shape), align_corners=False)
    rgb = F.grid_sample(rgb, grid, padding_mode="reflection", align_corners=False)
    label = F.grid_sample(label[:, None].float(), grid, mode="nearest", padding_mode="reflection",
                          align_corners=False)[:, 0].round().long()

    def each(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).float().view(n, -1, 1, 1)

    rgb = rgb.clamp(0, 1) ** each(np.exp(rng.normal(0, 0.2, n))) * each(np.exp(rng.normal(0, 0.15, n)))
    rgb = rgb * each(np.exp(rng.normal(0, 0.06, (n, 3))))
    grey = rgb.mean(1, keepdim=True)
    rgb = grey + (rgb - grey) * each(np.where(rng.random(n) < 0.08, 0.0, rng.uniform(0.6, 1.3, n)))
    ramp = torch.linspace(-1, 1, rgb.shape[-1]).view(1, 1, 1, -1)
    rgb = rgb * (1 + ramp * each(rng.normal(0, 0.12, n)))
    if rng.random() < 0.3:
        rgb = F.avg_pool2d(F.pad(rgb, (1, 1, 1, 1), mode="replicate"), 3, 1)
    rgb = rgb + torch.randn_like(rgb) * each(np.abs(rng.normal(0, 0.02, n)))
    return rgb.clamp(0, 1) * 2 - 1, label


class Batches:
    """Batches of photos, draw-ons and MakeHuman heads in fixed numbers (MakeHuman's go to the others where there are none)."""

    def __init__(self, photos: GatedPhotos, drawn: tuple[np.ndarray, np.ndarray],
                 heads: tuple[np.ndarray, np.ndarray] | None, counts: tuple[int, int, int]) -> None:
        plain, with_draw_ons, rendered = counts
        if heads is None:
            plain, with_draw_ons, rendered = plain + rendered // 2, with_draw_ons + rendered - rendered // 2, 0
        self.sources = [(photos.image, photos.mask, photos.weight, plain), (*drawn, None, with_draw_ons)]
        if heads is not None:
            self.sources.append((*heads, None, rendered))

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        images, masks = [], []
        for image, mask, weight, count in self.sources:
            rows = rng.choice(len(image), count, p=weight)
            images.append(image[rows])
            masks.append(mask[rows])
        rgb = torch.from_numpy(np.concatenate(images)).permute(0, 3, 1, 2).float() / 255.0
        return augment_batch(rgb, torch.from_numpy(np.concatenate(masks)), rng)


@torch.no_grad()
def predict(net: Parser, images: np.ndarray, chunk: int = 32) -> np.ndarray:
    """Part probabilities float16 [N, 13, 128, 128] of uint8 images, mean of the picture and its mirror image."""
    net.eval()
    device = next((weight.device for weight in net.parameters()), torch.device("cpu"))  # an exported net has none
    out = []
    for start in range(0, len(images), chunk):
        rgb = torch.from_numpy(images[start:start + chunk]).permute(0, 3, 1, 2).float().to(device) / 127.5 - 1
        p = torch.softmax(net(rgb), 1) + torch.softmax(net(rgb.flip(3)), 1).flip(3)
        out.append((p / 2).half().cpu().numpy())
    return np.concatenate(out)


def score(net: Parser, photos: GatedPhotos) -> dict[str, float]:
    """IoU of each part with the gated composite masks, and how often glasses are seen in wearers and in others."""
    labels = predict(net, photos.image).argmax(1)
    known = photos.mask != UNKNOWN
    result = {}
    for part, name in enumerate(PARTS):
        said, wanted = (labels == part) & known, photos.mask == part
        if wanted.any():
            result[f"iou_{name}"] = float((said & wanted).sum() / (said | wanted).sum())
    result["iou_mean"] = float(np.mean(list(result.values())))
    share = (labels == GLASSES).mean((1, 2))
    wears = photos.label["glasses"] > 0
    if wears.any():
        result["glasses_found"] = float((share[wears] > 0.003).mean())
    result["glasses_false"] = float((share[photos.label["glasses"] == 0] > 0.003).mean())
    for name, part, least in (("headwear", "hat", 0.01), ("earrings", "earring", 0.0003)):
        seen = (labels == PARTS.index(part)).mean((1, 2)) > least
        if (photos.label[name] > 0).any():
            result[f"{part}_found"] = float(seen[photos.label[name] > 0].mean())
        result[f"{part}_false"] = float(seen[photos.label[name] == 0].mean())
    return result


class ParserTrainer:
    """The net, its moving average (which is shipped), the optimiser and the step: all that a checkpoint holds."""

    def __init__(self, cfg: dict) -> None:
        torch.manual_seed(cfg["seed"])
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.net = Parser().to(self.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net)
        self.rate = cfg["rate"]
        self.total = cfg["steps"] + cfg["relabelled_steps"]
        self.optimizer = torch.optim.AdamW(self.net.parameters(), self.rate, weight_decay=1e-4)
        self.weight = torch.tensor([CLASS_WEIGHT.get(name, 1.0) for name in PARTS], device=self.device)
        self.step = 0

    def train_step(self, rgb: Tensor, label: Tensor) -> float:
        self.net.train()
        warm, done = min(1.0, (self.step + 1) / 30), self.step / max(1, self.total)
        for group in self.optimizer.param_groups:
            group["lr"] = float(self.rate * warm * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * min(1.0, done)))))
        logits = self.net(rgb.to(self.device, memory_format=torch.channels_last))
        loss = segmentation_loss(logits, label.to(self.device), self.weight)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        keep = min(0.99, self.step / (self.step + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.state_dict().values(), self.net.state_dict().values()):
                mean.copy_(mean * keep + value * (1 - keep) if value.is_floating_point() else value)
        return float(loss.detach())

    def save(self, path: Path) -> None:
        save(path, net=self.net.state_dict(), average=self.average.state_dict(), optimizer=self.optimizer.state_dict(), step=self.step)

    def load(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        for name in ("net", "average", "optimizer"):
            getattr(self, name).load_state_dict(state[name])
        self.step = state["step"]


def export(net: Parser, path: Path) -> None:
    """Traced TorchScript for the C++ program: [N, 3, 128, 128] in -1..1 -> logits [N, 13, 128, 128]."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = copy.deepcopy(net).cpu().to(memory_format=torch.contiguous_format).eval()
    with torch.no_grad():
        torch.jit.freeze(torch.jit.trace(plain, torch.zeros(1, 3, SIZE, SIZE))).save(str(path))


def relabel_photos(net: Parser, photos: GatedPhotos) -> np.ndarray:
    """New masks uint8 [N, 128, 128] of all photos."""
    out = np.empty_like(photos.composite)
    for start in range(0, len(photos), 64):
        stop = min(len(photos), start + 64)
        for row, p in zip(range(start, stop), predict(net, photos.image[start:stop]).astype(np.float32)):
            out[row] = relabel(photos.composite[row], photos.mesh[row], photos.labels(row), p)
    return out


def run(cfg: dict, work: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    torch.set_num_threads(cfg["threads"])
    scratch = Path(cfg["scratch"])
    checkpoint, relabelled = scratch / "state.pt", scratch / "train_masks.npy"
    trainer, total = ParserTrainer(cfg), cfg["steps"] + cfg["relabelled_steps"]
    if checkpoint.exists():
        trainer.load(checkpoint)
    train, dev = GatedPhotos(work, "train"), GatedPhotos(work, "dev")
    heads = makehuman_heads(work) if cfg["with_makehuman"] else None
    figures: dict[str, dict[str, float]] = {}
    with SummaryWriter(str(work / "runs" / "parser")) as log:
        for phase, first, last in (("gated", 0, cfg["steps"]), ("relabelled", cfg["steps"], total)):
            if phase == "relabelled":
                if not relabelled.exists():  # once, by the first phase's net
                    np.save(relabelled, relabel_photos(trainer.average, train))
                train.mask = np.load(relabelled)
            if trainer.step >= last:
                continue
            data = Batches(train, draw_pool(train, cfg["draw_on_copies"], cfg["seed"] + first), heads,
                           (cfg["plain"], cfg["draw_ons"], cfg["makehuman_heads"]))
            if trainer.step == 0:
                for net in (trainer.net, trainer.average):
                    net.set_prior(torch.from_numpy(np.concatenate([source[1] for source in data.sources])).to(trainer.device))
            saved = time.monotonic()
            for step in tqdm(range(trainer.step, last), desc=f"parser, {phase}", mininterval=20):
                seed_step(cfg["seed"], step)
                loss = trainer.train_step(*data.draw(np.random.default_rng([cfg["seed"], step])))
                log.add_scalar("parser/loss", loss, trainer.step)
                if time.monotonic() - saved > cfg["save_seconds"] or trainer.step == last:
                    trainer.save(checkpoint)
                    note_progress(scratch, "parser", trainer.step, total)
                    saved = time.monotonic()
            figures[phase] = score(trainer.average, dev)
            for name, value in figures[phase].items():
                log.add_scalar(f"parser/{name}", value, trainer.step)
            print(phase, json.dumps({name: round(value, 3) for name, value in figures[phase].items()}))
    for folder in ("parser", "export"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "parser" / "dev.json").write_text(json.dumps(figures, indent=1) + "\n")
    shutil.copyfile(relabelled, work / "cache" / "train_masks.npy")
    export(trainer.average, work / "export" / "parser.pt")
