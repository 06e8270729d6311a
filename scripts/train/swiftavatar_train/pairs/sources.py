"""Pictures to learn attributes from: renders, MakeHuman heads, photos, pairs; and one network that learns from a mix of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ..attributes.learner import train
from ..attributes.losses import attribute_heads, class_weights, photo_loss
from ..attributes.network import EstimatorNet
from ..core.batches import prefetch
from ..core.folds import sources
from ..core.image import to_tensor
from ..core.labels import ATTRIBUTES, measures, one_hot
from ..engines.engine import Engine
from ..engines.semantics import Semantics
from ..engines.visible import drawn_mesh
from ..gan.avatars import avatars_path
from ..photos.augment import augment
from ..photos.labelled import Batch
from .files import hidden, pairs_path


class Source:
    """Pictures uint8 [N, S, S, 3] with attribute indices (-1 unknown) and measures, as deviations within the source."""

    def __init__(self, image: np.ndarray, labels: dict[str, np.ndarray], lengths: dict[str, np.ndarray],
                 weight: np.ndarray | None = None) -> None:
        self.image, self.labels = image, labels
        self.lengths = {name: (value - value.mean()) / (value.std() + 1e-9) for name, value in lengths.items()}
        self.weight = None if weight is None else weight / weight.sum()

    def draw(self, count: int, size: int, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        rows = rng.choice(len(self.image), count, p=self.weight)
        images = np.stack([augment(self.image[row], size, rng)[0] for row in rows])
        return images, {**{name: values[rows] for name, values in self.labels.items()},
                        **{f"measure:{name}": values[rows] for name, values in self.lengths.items()}}


def of_photos(cache: Path) -> Source:
    with np.load(cache, allow_pickle=False) as arrays:
        kind = sources(arrays["name"])
        counts = dict(zip(*np.unique(kind, return_counts=True)))
        return Source(arrays["image"], {name: arrays[name].astype(np.int64) for name in ATTRIBUTES},
                      measures(arrays["checked"].astype(np.float64)), np.array([counts[one] ** -0.5 for one in kind]))


def of_heads(cache: Path) -> Source:
    with np.load(cache, allow_pickle=False) as arrays:
        return Source(arrays["image"], {name: arrays[name].astype(np.int64) for name in ATTRIBUTES},
                      measures(arrays["mesh"].astype(np.float64)))


def of_avatars(image: np.ndarray, vectors: list[dict], engine: Engine, semantics: Semantics) -> Source:
    """Pictures that show avatars: renders, or faces made for them; `vectors` has one for each picture."""
    shown = [semantics.read(vector) for vector in vectors]
    labels = {name: np.array([values.index(one[name]) if one.get(name) in values else -1 for one in shown])
              for name, values in ATTRIBUTES.items()}
    drawn = [measures(drawn_mesh(engine, vector)) for vector in vectors]
    return Source(image, labels, {name: np.array([float(one[name]) for one in drawn]) for name in drawn[0]})


def of_pairs(cache: Path, engine: Engine, semantics: Semantics) -> Source:
    with np.load(cache, allow_pickle=False) as arrays:
        vectors = [json.loads(text) for text in arrays["vectors"]]
        found = of_avatars(arrays["image"], [vectors[row] for row in arrays["vector"]], engine, semantics)
        for name, faces in hidden(arrays).items():
            found.labels[name][faces] = -1
        return found


def load_sources(cfg: dict, work: Path, wanted: list[str]) -> dict[str, Source]:
    """The sources of these names, those of BATCHES."""
    folder, name = Path(cfg["engines"]) / cfg["engine"], cfg["engine"]
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")

    def renders() -> Source:
        with np.load(avatars_path(work, name), allow_pickle=False) as arrays:
            return of_avatars(arrays["image"], [json.loads(text) for text in arrays["vector"]], engine, semantics)

    def pairs(augment: str) -> Source:
        return of_pairs(pairs_path(work, name, augment), engine, semantics)

    there_are = {"renders": renders,
                 "pairs_plain": lambda: pairs("none"),
                 "pairs": lambda: pairs("colors"),
                 "makehuman": lambda: of_heads(work / "cache" / "makehuman.npz"),
                 "photos": lambda: of_photos(work / "cache" / "train.npz")}
    return {source: there_are[source]() for source in wanted}


def train_row(batch: dict[str, int], data: dict[str, Source], seed: int, cfg: dict, path: Path,
              log: SummaryWriter) -> EstimatorNet:
    """One network from the sources of `batch`. Class weights come from those sources alone."""
    torch.manual_seed(seed)
    labels = {name: np.concatenate([data[source].labels[name] for source in batch]) for name in ATTRIBUTES}
    weights = {name: class_weights(one_hot(labels[name], len(values))) for name, values in ATTRIBUTES.items()}
    net = EstimatorNet(attribute_heads(np.random.default_rng(0).random((8, 478, 2)), styles=False), cfg["size"])
    for head in net.heads:
        head.mean, head.std = 0.0, 1.0

    def draw(rng: np.random.Generator) -> Batch:
        drawn = [data[source].draw(count, cfg["size"], rng) for source, count in batch.items()]
        return (np.concatenate([images for images, _ in drawn]),
                {key: np.concatenate([targets[key] for _, targets in drawn]) for key in drawn[0][1]})

    def loss(network: EstimatorNet, drawn: Batch) -> Tensor:
        return photo_loss(network, network(to_tensor(drawn[0])), drawn[1], weights)

    averaged = train(net, lambda first: prefetch(draw, seed, first), loss, cfg["steps"], cfg | {"seed": seed}, path, log)
    net.load_state_dict(averaged.state)
    return net.eval()
