"""Stage `comparators`: the rivals of the default estimator as bundles, and rows of ours that had no more than they had.

Every network is the estimator's (EfficientNet-Lite0 and linear heads), learns for equal steps in equal batches, and is
read by the same program; what differs is what it learns from:

    baseline                renders of the engine alone
    frozen-backbone         the same, on features of ImageNet that stay as they are (the recipe of EasyCraft, in small)
    frozen-backbone-labels  and labelled photos
    f2p-v2                  photos without labels, through the imitator (f2p_v2.py)
    ours                    faces paired by the dual-domain generators (donors by colour: no label is read), MakeHuman heads,
                            some renders
    ours-labels             the same with donors by label, and labelled photos

`f2p` learns nothing for a photo beforehand: it searches, in stage `comparison`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ...attributes.learner import answers, train
from ...attributes.losses import attribute_heads, class_weights, photo_loss, share_loss
from ...attributes.network import WHOLE_TRUNK, EstimatorNet, Head
from ...core.batches import prefetch
from ...core.image import to_tensor
from ...core.labels import ATTRIBUTES, one_hot
from ...engines.engine import Engine
from ...engines.semantics import Semantics
from ...estimator.heads import Pairs, allowed_variants, engine_heads, pair_loss, semantic_loss
from ...gan.avatars import avatars_path
from ...pairs.files import pairs_path
from ...pairs.sources import Source, of_heads
from ...photos.labelled import Batch, LabelledPhotos
from .bundles import export_bundle, tune_colors
from .f2p_v2 import train_imitated


@dataclass(frozen=True)
class Recipe:
    batch: dict[str, int]         # pictures of each source in a batch
    frozen: bool = False          # the trunk keeps ImageNet's weights

    @property
    def reads_labels(self) -> bool:
        return "photos" in self.batch


RECIPES = {
    "baseline": Recipe({"renders": 24}),
    "frozen-backbone": Recipe({"renders": 24}, frozen=True),
    "frozen-backbone-labels": Recipe({"renders": 12, "photos": 12}, frozen=True),
    "ours": Recipe({"pairs": 14, "makehuman": 6, "renders": 4}),
    "ours-labels": Recipe({"photos": 12, "pairs_by_label": 7, "makehuman": 3, "renders": 2}),
}
IMITATED = "f2p-v2"


def load_engine(cfg: dict, name: str) -> tuple[Engine, Semantics]:
    folder = Path(cfg["engines"]) / name
    return Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")


class Lesson:
    """The sources of one recipe: what a batch is drawn from, and what each part of it is judged by."""

    def __init__(self, recipe: Recipe, cfg: dict, work: Path, name: str, photos: LabelledPhotos) -> None:
        engine, semantics = load_engine(cfg, name)
        self.engine_heads = engine_heads(engine, semantics, name, all_components=True)
        self.heads = [*attribute_heads(photos.checked, styles=False), *self.engine_heads]
        self.tables = {head.name: allowed_variants(head, semantics) for head in self.engine_heads if head.kind == "discrete"}
        self.recipe = recipe
        makers: dict[str, Callable[[], LabelledPhotos | Pairs | Source]] = {
            "renders": lambda: Pairs(avatars_path(work, name), engine, semantics, self.engine_heads),
            "pairs": lambda: Pairs(pairs_path(work, name, "colors"), engine, semantics, self.engine_heads),
            "pairs_by_label": lambda: Pairs(pairs_path(work, name), engine, semantics, self.engine_heads),
            "makehuman": lambda: of_heads(work / "cache" / "makehuman.npz"),
            "photos": lambda: photos}
        self.sources = {source: makers[source]() for source in recipe.batch}
        labels = {key: np.concatenate([self.labels(source)[key] for source in self.sources]) for key in ATTRIBUTES}
        self.weights = {key: class_weights(one_hot(labels[key], len(values))) for key, values in ATTRIBUTES.items()}

    def labels(self, source: str) -> dict[str, np.ndarray]:
        held = self.sources[source]
        return held.targets if isinstance(held, Pairs) else held.labels

    def draw(self, size: int, rng: np.random.Generator) -> dict[str, Batch]:
        return {source: self.sources[source].draw(count, size, rng) for source, count in self.recipe.batch.items()}

    def loss(self, net: EstimatorNet, drawn: dict[str, Batch]) -> Tensor:
        """Each source's loss by its share of the batch."""
        output = net(to_tensor(np.concatenate([images for images, _ in drawn.values()])))
        total, at = output.new_zeros(()), 0
        for source, (images, targets) in drawn.items():
            part = output[at:at + len(images)]
            at += len(images)
            total = total + len(images) / len(output) * self.part_loss(net, source, part, targets)
        return total

    def part_loss(self, net: EstimatorNet, source: str, output: Tensor, targets: dict[str, np.ndarray]) -> Tensor:
        if source == "photos":
            return photo_loss(net, output, targets, self.weights) + 0.5 * semantic_loss(net.heads, output, targets, self.tables)
        loss = sum((share_loss(output[:, head.slice], torch.from_numpy(one_hot(targets[head.name], head.width)).float(), self.weights[head.name])
                    for head in net.heads if head.kind == "attribute"), output.new_zeros(()))
        if source == "makehuman":
            return loss + 0.5 * semantic_loss(net.heads, output, targets, self.tables)
        return loss + pair_loss(net.heads, output, targets)


def train_recipe(recipe: Recipe, cfg: dict, work: Path, engine: str, photos: LabelledPhotos, path: Path, log: SummaryWriter) -> EstimatorNet:
    """The network of one recipe and engine; goes on where an earlier run stopped."""
    torch.manual_seed(cfg["seed"])
    lesson = Lesson(recipe, cfg, work, engine, photos)
    blocks, net = WHOLE_TRUNK if recipe.frozen else cfg["frozen_blocks"], EstimatorNet(lesson.heads, cfg["size"])
    average = train(net, lambda first: prefetch(lambda rng: lesson.draw(cfg["size"], rng), cfg["seed"], first), lesson.loss, cfg["steps"],
                    cfg | {"frozen_blocks": blocks}, path, log)
    net.load_state_dict(average.state)
    return net.eval()


def answers_for(net: EstimatorNet, images: np.ndarray, heads: list[Head]) -> dict[str, np.ndarray]:
    """What the measure heads say of crops, by name, in the measures' own units."""
    output = answers(net, images, net.size)
    return {head.name: head.mean + head.std * output[:, head.offset] for head in heads if head.kind == "measure"}


def run(cfg: dict, work: Path) -> None:
    """Trains, exports and tunes cfg["methods"] for each of cfg["targets"] (engines)."""
    torch.set_num_threads(cfg["threads"])
    photos = LabelledPhotos(work / "cache", ["train"])
    with SummaryWriter(str(work / "runs" / "comparators")) as log:
        for name in cfg["targets"]:
            folder = work / "comparators" / name
            folder.mkdir(parents=True, exist_ok=True)
            for method in cfg["methods"]:
                bundle = folder / method
                settled = bundle / "tuning.json"
                if settled.exists():
                    continue
                if method == IMITATED:
                    net = train_imitated(cfg, work, name, photos, Path(cfg["scratch"]) / f"{name}_{method}.pt", log)
                    export_bundle(net, bundle, cfg, name, None, False)
                    settled.write_text("{}\n")
                    continue
                recipe = RECIPES[method]
                net = train_recipe(recipe, cfg, work, name, photos, Path(cfg["scratch"]) / f"{name}_{method}.pt", log)
                scales = answers_for(net, photos.image, net.heads) if recipe.reads_labels else None
                chosen = tune_colors(net, bundle, cfg, name, scales)
                settled.write_text(json.dumps(chosen) + "\n")
                print(json.dumps({"engine": name, "method": method, **chosen}), flush=True)
