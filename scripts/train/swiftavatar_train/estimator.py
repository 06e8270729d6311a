"""Stage `estimator`: trains the Avatar Estimator on labelled photos and, where they exist, on pairs.

Phases, each resumable. `attributes`: photos with labels only (the engine-free heads; also the net that ties the
generators). `engine`: starts from it and adds one head per parameter of the engine; pairs from the dual-domain
generators supervise those, and photos supervise them through the engine's semantics: the variants that a label allows
share its probability. `heads` adds another engine's heads to a finished network (settings `joins`: whose) and changes
nothing else in it, so that one file serves several engines.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from .augment import augment
from .data import ATTRIBUTES, measures
from .engine import Engine
from .estimator_engine import Pairs, allowed_variants, engine_heads, pair_loss, semantic_loss
from .estimator_net import WHOLE_TRUNK, EstimatorNet, Head
from .semantics import Semantics

Batch = tuple[np.ndarray, dict[str, np.ndarray]]


def attribute_heads(checked: np.ndarray) -> list[Head]:
    """Heads for the attributes and measures of the design; measures are standardised by the training photos' meshes."""
    heads = [Head("attribute", name, list(values)) for name, values in ATTRIBUTES.items()]
    for name, values in measures(checked).items():
        heads.append(Head("measure", name, mean=float(values.mean()), std=float(values.std())))
    return heads


class Photos:
    """The labelled photos, drawn so that small sources and rare values are seen often enough."""

    def __init__(self, cache: Path) -> None:
        data = np.load(cache)
        self.image, self.mesh, self.mask = data["image"], data["mesh"], data["mask"]
        self.labels = {name: data[name].astype(np.int64) for name in ATTRIBUTES}
        source = np.array([name.split("-")[0] for name in data["name"]])
        counts = {name: (source == name).sum() for name in np.unique(source)}
        weight = np.array([1 / np.sqrt(counts[name]) for name in source])
        rare = 1 + 1.5 * (self.labels["facial_hair"] >= 1) + 1.5 * (self.labels["skin_tone"] >= 4)
        rare += 1.0 * (self.labels["hair_length"] == ATTRIBUTES["hair_length"].index("tied"))
        self.weight = weight * rare / (weight * rare).sum()
        self.checked = data["checked"]
        self.measures = measures(self.checked)
        self.chance = self.weight

    def only(self, rows: np.ndarray) -> None:
        """From now on, `draw` draws among these rows (bool [N])."""
        self.chance = np.where(rows, self.weight, 0) / self.weight[rows].sum()

    def draw(self, count: int, size: int, rng: np.random.Generator) -> Batch:
        """`count` augmented crops uint8 [count, size, size, 3] and their labels (int64, -1 unknown)."""
        rows = rng.choice(len(self.image), count, p=self.chance)
        labels = {name: values[rows].copy() for name, values in self.labels.items()}
        images = []
        for place, row in enumerate(rows):
            image = self.image[row]
            if rng.random() < self.draw_on_share:
                image, _, changed = self.draw_on(image, None, self.mesh[row], rng)
                for name, value in changed.items():
                    labels[name][place] = ATTRIBUTES[name].index(value)
            images.append(augment(image, size, rng))
        for name, values in self.measures.items():
            labels[f"measure:{name}"] = values[rows]
        return np.stack(images), labels

    draw_on_share = 0.0

    def use_draw_ons(self, share: float) -> None:
        from .draw_ons import draw_on
        self.draw_on, self.draw_on_share = draw_on, share


def prefetch(make: Callable[[], Batch]) -> Iterator[Batch]:
    """Batches made one ahead by a thread, so that augmentation hides behind the network."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(make)
        while True:
            ready = waiting.result()
            waiting = pool.submit(make)
            yield ready


def to_tensor(images: np.ndarray) -> Tensor:
    """uint8 [N, S, S, 3] -> float [N, 3, S, S] in -1..1."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1


def class_weights(labels: np.ndarray, count: int) -> Tensor:
    """1 / sqrt(frequency), mean 1 over the labelled photos."""
    frequency = np.bincount(labels[labels >= 0], minlength=count).astype(np.float64)
    weight = 1 / np.sqrt(np.maximum(frequency, 4))
    return torch.tensor(weight * frequency.sum() / (weight * frequency).sum(), dtype=torch.float32)


def attribute_loss(head: Head, output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Weighted cross-entropy; skin tone takes a soft target, for its labels are sure within one step only."""
    known = target >= 0
    if not known.any():
        return output.new_zeros(())
    output, target = output[known], target[known]
    if head.name == "skin_tone":
        steps = torch.arange(head.width)[None] - target[:, None]
        soft = torch.softmax(-steps.float() ** 2 / (2 * 0.7 ** 2), 1)
        loss = -(soft * torch.log_softmax(output, 1)).sum(1)
    else:
        loss = F.cross_entropy(output, target, reduction="none", label_smoothing=0.05)
    return (loss * weight[target]).sum() / known.numel()


def photo_loss(net: EstimatorNet, output: Tensor, labels: dict[str, np.ndarray], weights: dict[str, Tensor]) -> Tensor:
    """Loss of the engine-free heads on photos."""
    total = output.new_zeros(())
    for head in net.heads:
        if head.kind == "attribute":
            total = total + attribute_loss(head, output[:, head.slice], torch.from_numpy(labels[head.name]),
                                           weights[head.name])
        elif head.kind == "measure":
            target = (torch.from_numpy(labels[f"measure:{head.name}"]).float() - head.mean) / head.std
            total = total + 0.1 * F.smooth_l1_loss(output[:, head.offset], target)
    return total


class Average:
    """Exponential moving average of a network's state."""

    def __init__(self, net: torch.nn.Module, decay: float) -> None:
        self.decay = decay
        self.state = {key: value.detach().clone() for key, value in net.state_dict().items()}
        self.updates = 0

    def update(self, net: torch.nn.Module) -> None:
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for key, value in net.state_dict().items():
            self.state[key].lerp_(value, 1 - decay) if value.is_floating_point() else self.state[key].copy_(value)


def save(path: Path, **content: object) -> None:
    """torch.save through a temporary name: a stopped run never leaves half a checkpoint."""
    temporary = path.with_suffix(".tmp")
    torch.save(content, temporary)
    temporary.replace(path)


def load(path: Path) -> dict:
    return torch.load(path, weights_only=True)


def train(net: EstimatorNet, step_loss, steps: int, cfg: dict, path: Path, log: SummaryWriter) -> Average:
    """AdamW with a cosine schedule; `step_loss(net, step)` draws a batch and gives its loss. Resumes from `path`."""
    rates = (cfg["trunk_rate"], cfg["head_rate"])
    net.freeze(cfg["frozen_blocks"])
    trunk = [value for value in net.trunk.parameters() if value.requires_grad]
    heads = [*net.linear.parameters(), *net.fine.parameters()]
    optimiser = torch.optim.AdamW([{"params": trunk, "lr": rates[0]}, {"params": heads, "lr": rates[1]},
                                   {"params": [net.look, net.fine_look], "lr": rates[1], "weight_decay": 0.0}],
                                  weight_decay=1e-4)
    average, first = Average(net, cfg["ema"]), 0
    if path.exists():
        saved = load(path)
        net.load_state_dict(saved["net"])
        optimiser.load_state_dict(saved["optimiser"])
        average.state, average.updates, first = saved["ema"], saved["updates"], saved["step"]
    net.train().to(memory_format=torch.channels_last)
    written = time.monotonic()
    for step in tqdm(range(first, steps), initial=first, total=steps, desc=path.stem, mininterval=20):
        warm = min(1.0, (step + 1) / 50)
        cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
        for group, rate in zip(optimiser.param_groups, (*rates, 5 * rates[1])):
            group["lr"] = rate * warm * max(cosine, 0.01)
        loss = step_loss(net, step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        average.update(net)
        if step % 20 == 0:
            log.add_scalar(f"{path.stem}/loss", loss.item(), step)
        if time.monotonic() - written > 180 or step + 1 == steps:
            written = time.monotonic()
            save(path, net=net.state_dict(), ema=average.state, updates=average.updates, step=step + 1,
                 optimiser=optimiser.state_dict(), size=net.size, heads=json.dumps([asdict(head) for head in net.heads]))
    return average


def restore(path: Path) -> EstimatorNet:
    """The averaged network of a checkpoint, ready to evaluate."""
    saved = load(path)
    net = EstimatorNet([Head(**head) for head in json.loads(saved["heads"])], saved["size"])
    net.load_state_dict(saved["ema"])
    return net.eval()


def find_checkpoint(work: Path, engine: str) -> Path:
    """The newest whole network with the heads of `engine`: a trained one goes before one restored from a bundle."""
    for name in (engine, f"restored_{engine}", "attributes"):
        if (path := work / "estimator" / f"{name}.pt").exists():
            return path
    raise SystemExit(f"{work / 'estimator'}: no network has the heads of {engine}; run stage estimator or restore first")


def train_attributes(cfg: dict, work: Path, log: SummaryWriter) -> None:
    photos = Photos(work / "cache" / "train.npz")
    if cfg["draw_on_share"]:
        photos.use_draw_ons(cfg["draw_on_share"])
    weights = {name: class_weights(photos.labels[name], len(values)) for name, values in ATTRIBUTES.items()}
    rng = np.random.default_rng(cfg["seed"])

    batches = prefetch(lambda: photos.draw(cfg["batch"], cfg["size"], rng))

    def step_loss(net: EstimatorNet, step: int) -> Tensor:
        images, labels = next(batches)
        return photo_loss(net, net(to_tensor(images)), labels, weights)

    train(EstimatorNet(attribute_heads(photos.checked), cfg["size"]), step_loss, cfg["attribute_steps"], cfg,
          work / "estimator" / "attributes.pt", log)


def train_engine(cfg: dict, work: Path, log: SummaryWriter) -> None:
    folder = Path(cfg["engines"]) / cfg["engine"]
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")
    photos = Photos(work / "cache" / "train.npz")
    photos.use_draw_ons(cfg["engine_draw_on_share"])
    weights = {name: class_weights(photos.labels[name], len(values)) for name, values in ATTRIBUTES.items()}
    adds = cfg["phase"] == "heads"
    base = find_checkpoint(work, cfg["joins"]) if adds else work / "estimator" / "attributes.pt"
    saved = load(base)
    earlier = [Head(**head) for head in json.loads(saved["heads"])]
    heads = engine_heads(engine, semantics, cfg["engine"])
    net = EstimatorNet([*earlier, *heads], cfg["size"])
    net.adopt(saved["ema"], earlier)
    tables = {head.name: allowed_variants(head, semantics) for head in heads if head.kind == "discrete"}
    pairs = Pairs(work / "cache" / f"pairs_{cfg['engine']}.npz", engine, semantics, heads)
    rng = np.random.default_rng(cfg["seed"])
    counts = cfg["batch"] - cfg["pairs_in_batch"], cfg["pairs_in_batch"]
    batches = prefetch(lambda: (photos.draw(counts[0], cfg["size"], rng), pairs.draw(counts[1], cfg["size"], rng)))

    def step_loss(net: EstimatorNet, step: int) -> Tensor:
        (images, labels), (faces, targets) = next(batches)
        output = net(to_tensor(np.concatenate([images, faces])))
        on_photos, on_pairs = output[:len(images)], output[len(images):]
        loss = 0.5 * semantic_loss(heads, on_photos, labels, tables)
        if adds:
            return loss + pair_loss(heads, on_pairs, targets, 0.0)
        return (loss + photo_loss(net, on_photos, labels, weights)
                + pair_loss(net.heads, on_pairs, targets, cfg["pair_attribute_weight"]))

    path = work / "estimator" / f"{cfg['engine']}.pt"
    if not adds:
        rates = {"trunk_rate": cfg["trunk_rate"] * cfg["engine_rate_share"],
                 "head_rate": cfg["head_rate"] * cfg["engine_rate_share"]}
        train(net, step_loss, cfg["engine_steps"], {**cfg, **rates}, path, log)
        return
    average = train(net, step_loss, cfg["engine_steps"], {**cfg, "frozen_blocks": WHOLE_TRUNK},
                    path.with_name(f"{cfg['engine']}_heads.pt"), log)
    net.load_state_dict(average.state)
    net.adopt(saved["ema"], earlier)  # weight decay has touched them
    save(path, ema=net.state_dict(), size=net.size, heads=json.dumps([asdict(head) for head in net.heads]))


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    torch.manual_seed(cfg["seed"])
    (work / "estimator").mkdir(parents=True, exist_ok=True)
    with SummaryWriter(str(work / "runs" / "estimator")) as log:
        if cfg["phase"] in ("all", "attributes"):
            train_attributes(cfg, work, log)
        if cfg["phase"] in ("all", "engine", "heads"):
            train_engine(cfg, work, log)
