"""F2P (ICCV 2019): a search for each photo: Adam on an avatar's parameters, judged through the imitator.

Writes results as the program does (avatar, attributes, face), one a photo, so that the same measurements read them; colours
are those that the program measures in the photo (taken from the results of cfg["colors_of"]).
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from ...core.bundle import Bundle
from ...core.image import to_tensor
from ...engines.semantics import Semantics
from ...evaluation.agreement import ROWS, figure, read_split
from .bundles import estimate
from .f2p_v2 import imitator_of
from .imitator import Imitator, ParameterLayout
from .likeness_losses import Features, likeness, part_colors, photo_parts


def search(imitator: Imitator, layout: ParameterLayout, features: Features, seen: Tensor, parts: Tensor, colors: Tensor, steps: int,
           rate: float, recognition: float, parsing: float) -> np.ndarray:
    """Raw parameters [N, P] after `steps` of Adam from even odds; choices grow sharper as the search goes on."""
    width = sum(head.width for head in layout.heads)
    raw = torch.zeros(len(seen), width, requires_grad=True)
    optimiser = torch.optim.Adam([raw], lr=rate)
    for step in range(steps):
        drawn = imitator(layout.relaxed(raw, colors, 1 - 0.7 * step / steps))
        loss = likeness(drawn, seen, parts, features, recognition, parsing).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return raw.detach().numpy()


class Searcher:
    """Photos to avatars of one engine, with the search's settings."""

    def __init__(self, cfg: dict, work: Path, name: str, log: SummaryWriter) -> None:
        self.imitator, self.layout, self.engine = imitator_of(cfg, work, name, log)
        self.semantics = Semantics.load(Path(cfg["engines"]) / name / "semantics.json")
        self.features, self.cfg = Features(), cfg
        self.parser = Bundle(Path(cfg["bundle"])).module("parser")

    def __call__(self, images: np.ndarray, measured: list[dict], recognition: float, parsing: float) -> list[dict]:
        """Avatars of aligned crops, in the colours of the program's results `measured`."""
        parts = photo_parts(self.parser, images)
        with torch.no_grad():
            seen = self.features(to_tensor(images))
        inputs = part_colors(images, parts, self.engine.default_avatar()["colors"])
        colors = torch.from_numpy(np.stack([self.layout.encode_colors(one) for one in inputs]))
        raw = search(self.imitator, self.layout, self.features, seen, parts, colors, self.cfg["search_steps"], self.cfg["search_rate"],
                     recognition, parsing)
        return [self.layout.decode(row, self.engine, result["avatar"]["colors"]) for row, result in zip(raw, measured)]

    def write(self, out: Path, name: str, avatar: dict, measured: dict, milliseconds: float) -> None:
        shown = self.semantics.read(avatar)
        result = {"avatar": avatar, "attributes": shown, "face": measured["face"], "engine": measured["engine"],
                  "timing_ms": {**measured["timing_ms"], "estimate": milliseconds}}
        (out / f"{Path(name).stem}.avatar.json").write_text(json.dumps(result) + "\n")


def results_of(folder: Path, names: list[str]) -> dict[int, dict]:
    """Row -> the program's result, of the photos in which it found a face."""
    files = {row: folder / f"{Path(name).stem}.avatar.json" for row, name in enumerate(names)}
    return {row: json.loads(file.read_text()) for row, file in files.items() if file.exists()}


def search_all(searcher: Searcher, images: np.ndarray, names: list[str], measured: dict[int, dict], out: Path,
               weights: tuple[float, float], milliseconds: float) -> None:
    """Results for all of `measured` (many photos at once), with the time that one alone takes."""
    out.mkdir(parents=True, exist_ok=True)
    rows = [row for row in measured if not (out / f"{Path(names[row]).stem}.avatar.json").exists()]
    for at in tqdm(range(0, len(rows), 24), desc=f"f2p {out.parent.name}", mininterval=20):
        chosen = rows[at:at + 24]
        for row, avatar in zip(chosen, searcher(images[chosen], [measured[row] for row in chosen], *weights)):
            searcher.write(out, names[row], avatar, measured[row], milliseconds)


def tune(searcher: Searcher, cfg: dict, work: Path, name: str) -> tuple[float, float]:
    """The weights of the two losses whose avatars of some photos of the tuning split say most of what their labels say."""
    folder = work / "comparison" / name / "f2p-tuning"
    kept = folder / "chosen.json"
    if kept.exists():
        return tuple(json.loads(kept.read_text())["chosen"])
    split = cfg["tune_split"]
    with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
        images, names = arrays["image"], arrays["name"].tolist()
    out = folder / cfg["colors_of"]
    estimate(cfg, work / "comparators" / name / cfg["colors_of"], name, Path(cfg["photos"]) / split, out, "--shard", cfg["tune_shard"])
    measured = results_of(out, names)
    found = {}
    for weights in cfg["tune_weights"]:
        out = folder / f"{weights[0]:g}-{weights[1]:g}"
        search_all(searcher, images, names, measured, out, tuple(weights), 0.0)
        seen = read_split(Path(cfg["photos"]), split, out)
        there = np.array([bool(answer) for answer in seen.answers])
        found[tuple(weights)] = float(np.nanmean([figure(row, seen, there) for row in ROWS if row.attribute not in ("skin_tone", "hair_color")]))
    chosen = max(found, key=found.get)
    kept.write_text(json.dumps({"chosen": chosen, "tried": [[*key, round(value, 3)] for key, value in found.items()]}) + "\n")
    print(kept.read_text(), flush=True)
    return chosen


def chosen_rows(count: int, cfg: dict) -> set[int]:
    """The photos that are searched: cfg["searched_photos"] of `count`, drawn by the seed."""
    order = np.random.default_rng([cfg["seed"], 37]).permutation(count)
    return set(order[:cfg["searched_photos"]].tolist())


def run(cfg: dict, work: Path) -> None:
    """Results of cfg["split"] for cfg["targets"], beside those of cfg["colors_of"] in work/comparison."""
    with np.load(work / "cache" / f"{cfg['split']}.npz", allow_pickle=False) as arrays:
        images, names = arrays["image"], arrays["name"].tolist()
    with SummaryWriter(str(work / "runs" / "f2p")) as log:
        for name in cfg["targets"]:
            searcher = Searcher(cfg, work, name, log)
            weights = tune(searcher, cfg, work, name)
            searched = chosen_rows(len(names), cfg)
            measured = {row: result for row, result in results_of(work / "comparison" / name / cfg["colors_of"], names).items()
                        if row in searched}
            if not measured:
                raise SystemExit(f"{work / 'comparison' / name / cfg['colors_of']}: no results; stage comparison makes them")
            alone = []
            for row in list(measured)[:cfg["timed_photos"]]:
                start = time.monotonic()
                searcher(images[row:row + 1], [measured[row]], *weights)
                alone.append(1000 * (time.monotonic() - start))
            search_all(searcher, images, names, measured, work / "comparison" / name / "f2p", weights, float(np.median(alone)))
