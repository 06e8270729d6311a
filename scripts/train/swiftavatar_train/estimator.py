"""Stage `estimator`: trains the Avatar Estimator on labelled photos and, where they exist, on pairs.

Phases, each resumable. `attributes`: photos with labels only (the engine-free heads; also the net that ties the
generators), and a second network of these heads alone, which is asked beside the first. `engine`: starts from the first and
adds one head per parameter of the engine; pairs from the dual-domain generators supervise those, and photos supervise them
through the engine's semantics: the variants that a label allows share its probability. `heads` adds another engine's heads to a finished network (settings `joins`: whose) and changes
nothing else in it, so that one file serves several engines. `refine` (estimator_refine.py) goes on with photos alone;
`distil` (estimator_distil.py) sets the engines' heads on the trunk that photos alone have taught.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from .batches import stream
from .data import ATTRIBUTES, measures
from .engine import Engine
from .estimator_engine import Pairs, allowed_variants, engine_heads, pair_loss, semantic_loss
from .estimator_net import WHOLE_TRUNK, EstimatorNet, Head
from .groups import GROUPS, grouped
from .labelled_photos import Batch, LabelledPhotos, augmented_photos
from .pair_table import pairs_path, untaught
from .semantics import Semantics


def attribute_heads(checked: np.ndarray) -> list[Head]:
    """Heads for the attributes and measures of the design; measures are standardised by the training photos' meshes."""
    heads = [Head("attribute", name, list(values)) for name, values in ATTRIBUTES.items()]
    for name, values in measures(checked).items():
        heads.append(Head("measure", name, mean=float(values.mean()), std=float(values.std())))
    return heads


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


def attribute_loss(head: Head, output: Tensor, target: Tensor, weight: Tensor, shares: Tensor | None = None) -> Tensor:
    """Weighted cross-entropy. `shares` [N, C], how likely each value is, goes before the label, and is not smoothed further; skin
    tone takes a soft target, for its labels are sure within one step only."""
    target, weight = target.to(output.device), weight.to(output.device)
    known, target = target >= 0, target.clamp(min=0)
    if shares is not None:
        return F.cross_entropy(output, shares, weight, reduction="sum") / known.sum().clamp(min=1)
    if head.name == "skin_tone":
        steps = torch.arange(head.width, device=target.device)[None] - target[:, None]
        soft = torch.softmax(-steps.float() ** 2 / (2 * 0.7 ** 2), 1)
        loss = -(soft * torch.log_softmax(output, 1)).sum(1)
    else:
        loss = F.cross_entropy(output, target, reduction="none", label_smoothing=0.05)
    return (loss * weight[target] * known).sum() / known.sum().clamp(min=1)


def group_loss(head: Head, output: Tensor, target: Tensor, shares: Tensor | None = None) -> Tensor:
    """Cross-entropy of the groups that an attribute is judged by (docs/testing.md): telling brown from dark brown hair, or
    a goatee from a beard, shall not cost what telling black from brown, or stubble from a beard, is worth."""
    groups = torch.from_numpy(grouped(head.name, np.arange(head.width))).to(output.device)
    each = [groups == group for group in range(int(groups.max()) + 1)]
    scores = torch.stack([torch.logsumexp(output[:, group], 1) for group in each], 1)
    if shares is not None:
        wanted = torch.stack([shares[:, group].sum(1) for group in each], 1)
        return F.cross_entropy(scores, wanted, reduction="sum") / wanted.sum().clamp(min=1)
    target = target.to(output.device)
    target = torch.where(target < 0, -1, groups[target.clamp(min=0)])
    return F.cross_entropy(scores, target, ignore_index=-1, reduction="sum") / (target >= 0).sum().clamp(min=1)


def photo_loss(net: EstimatorNet, output: Tensor, labels: dict[str, np.ndarray], weights: dict[str, Tensor],
               by_group: float = 0.0) -> Tensor:
    """Loss of the engine-free heads on photos; `by_group` weighs the group losses."""
    total = output.new_zeros(())
    for head in net.heads:
        if head.kind == "attribute":
            target, shares = torch.from_numpy(labels[head.name]), labels.get(f"{head.name}:shares")
            if shares is not None:
                shares = torch.from_numpy(shares).to(output)
            total = total + attribute_loss(head, output[:, head.slice], target, weights[head.name], shares)
            if by_group and head.name in GROUPS:
                total = total + by_group * group_loss(head, output[:, head.slice], target, shares)
        elif head.kind == "measure":
            target = (torch.from_numpy(labels[f"measure:{head.name}"]).float() - head.mean) / head.std
            total = total + 0.1 * F.smooth_l1_loss(output[:, head.offset], target.to(output.device))
    return total


class Average:
    """Exponential moving average of a network's state."""

    def __init__(self, net: torch.nn.Module, decay: float) -> None:
        self.decay, self.updates = decay, 0
        self.state = {key: value.detach().clone() for key, value in net.state_dict().items()}

    @torch.no_grad()
    def update(self, net: torch.nn.Module) -> None:
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        state = net.state_dict()
        moving = [key for key, value in state.items() if value.is_floating_point()]
        torch._foreach_lerp_([self.state[key] for key in moving], [state[key] for key in moving], 1 - decay)


def save(path: Path, **content: object) -> None:
    """torch.save through a temporary name: a stopped run never leaves half a checkpoint."""
    temporary = path.with_suffix(".tmp")
    torch.save(content, temporary)
    temporary.replace(path)


def save_network(path: Path, net: EstimatorNet, state: dict[str, Tensor] | None = None) -> None:
    """What `restore` reads: the network, with the weights `state` where given."""
    save(path, ema=state or net.state_dict(), size=net.size, trunk=net.trunk_name, heads=json.dumps([asdict(head) for head in net.heads]))


def load(path: Path) -> dict:
    return torch.load(path, map_location="cpu", weights_only=True)


# What photos a network sees: a checkpoint made with others is not gone on with.
DATA_SETTINGS = ("reading_share", "degrade_share", "draw_on_share", "studio_share", "recolor_share", "tone_steps")


class Learner:
    """A network in training: AdamW with a cosine schedule over `steps`, and the average of its weights."""

    def __init__(self, net: EstimatorNet, steps: int, cfg: dict) -> None:
        self.net, self.steps = net.to(cfg.get("device", "cpu"), memory_format=torch.channels_last), steps
        self.made_by = {name: cfg[name] for name in DATA_SETTINGS if name in cfg}
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

    def save(self, path: Path, step: int) -> None:
        """`step`: how many are done."""
        save(path, net=self.net.state_dict(), ema=self.average.state, updates=self.average.updates, step=step,
             optimiser=self.optimiser.state_dict(), size=self.net.size, trunk=self.net.trunk_name, made_by=self.made_by,
             heads=json.dumps([asdict(head) for head in self.net.heads]))

    def load(self, path: Path) -> int:
        """How many steps are done."""
        saved = load(path)
        if (saved.get("trunk", "lite0"), saved["size"], saved.get("made_by", self.made_by)) != (self.net.trunk_name, self.net.size, self.made_by):
            raise SystemExit(f"{path}: was made with other settings; move it away first")
        self.net.load_state_dict(saved["net"])
        self.optimiser.load_state_dict(saved["optimiser"])
        for key, value in saved["ema"].items():
            self.average.state[key].copy_(value)
        self.average.updates = saved["updates"]
        return saved["step"]


def train(net: EstimatorNet, step_loss, steps: int, cfg: dict, path: Path, log: SummaryWriter) -> Average:
    """`step_loss(net, step)` draws a batch and gives its loss. Resumes from `path`."""
    learner = Learner(net, steps, cfg)
    first = learner.load(path) if path.exists() else 0
    written = time.monotonic()
    for step in tqdm(range(first, steps), initial=first, total=steps, desc=path.stem, mininterval=20):
        loss = step_loss(net, step)
        learner.learn(loss, step)
        if step % 20 == 0:
            log.add_scalar(f"{path.stem}/loss", loss.item(), step)
        if time.monotonic() - written > 180 or step + 1 == steps:
            written = time.monotonic()
            learner.save(path, step + 1)
    return learner.average


def train_at_rest(net: EstimatorNet, step_loss, base: EstimatorNet, cfg: dict, path: Path, log: SummaryWriter) -> None:
    """`engine_steps` in which the trunk rests, and so do the heads that the network has from `base`."""
    average = train(net, step_loss, cfg["engine_steps"], {**cfg, "frozen_blocks": WHOLE_TRUNK}, path, log)
    net.cpu().load_state_dict(average.state)
    net.adopt(base.state_dict(), base.heads)  # weight decay has touched them


def restore(path: Path) -> EstimatorNet:
    """The averaged network of a checkpoint, ready to evaluate."""
    saved = load(path)
    net = EstimatorNet([Head(**head) for head in json.loads(saved["heads"])], saved["size"], saved.get("trunk", "lite0"))
    net.load_state_dict(saved["ema"])
    return net.eval()


def find_checkpoint(work: Path, engine: str, finished: bool = True) -> Path:
    """The newest whole network with the heads of `engine`: a trained one goes before one restored from a bundle, and one
    refined or distilled from either, where `finished`, before both."""
    for name in (*([f"refined_{engine}", f"distilled_{engine}"] if finished else []), engine, f"restored_{engine}", "attributes"):
        if (path := work / "estimator" / f"{name}.pt").exists():
            return path
    raise SystemExit(f"{work / 'estimator'}: no network has the heads of {engine}; run stage estimator or restore first")


def soup(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of the weights of networks that began alike: as good as asking all of them, at the price of one (Wortsman et al.
    2022, "Model soups")."""
    return {key: torch.stack([state[key] for state in states]).mean(0) if value.is_floating_point() else value
            for key, value in states[0].items()}


def members(cfg: dict) -> list[tuple[str, dict]]:
    """The networks whose answers on attributes and measures are averaged: the prefix of each one's files, and its settings."""
    if not cfg.get("second"):
        return [("", cfg)]
    second = {**cfg, **cfg["second"]}
    if second["trunk"] == cfg["trunk"] or second["size"] != cfg["size"]:  # of one trunk, layers at rest would be the same twice
        raise SystemExit("[estimator] second: needs another trunk, and pictures of the same size")
    return [("", cfg), ("second_", second)]


def train_attributes(cfg: dict, work: Path, log: SummaryWriter, prefix: str = "") -> None:
    """To work/estimator/PREFIXattributes.pt: the mean of the weights of one network for each of `averaged`."""
    photos = augmented_photos(cfg, work)
    weights = {name: class_weights(photos.labels[name], len(values)) for name, values in ATTRIBUTES.items()}

    def step_loss(net: EstimatorNet, step: int) -> Tensor:
        images, labels = next(batches)
        return photo_loss(net, net(to_tensor(images).to(cfg["device"])), labels, weights, cfg["group_weight"])

    path, states = work / "estimator" / f"{prefix}attributes.pt", []
    for number, settings in enumerate(cfg["averaged"]):
        photos.vary(**settings)
        batches = stream(lambda rng: photos.draw(cfg["batch"], cfg["size"], rng), cfg["seed"], cfg["workers"])
        torch.manual_seed(cfg["seed"])
        net = EstimatorNet(attribute_heads(photos.checked), cfg["size"], cfg["trunk"])
        states.append(train(net, step_loss, cfg["attribute_steps"], cfg | settings, path.with_name(f"{path.stem}_{number}.pt"), log).state)
    save_network(path, net, soup(states))


def train_engine(cfg: dict, work: Path, log: SummaryWriter) -> None:
    folder = Path(cfg["engines"]) / cfg["engine"]
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")
    photos = LabelledPhotos(work / "cache" / "train.npz", cfg.get("reading_share", 0.0))  # all degraded, as the generated faces
    photos.use_draw_ons(cfg["engine_draw_on_share"])
    weights = {name: class_weights(photos.labels[name], len(values)) for name, values in ATTRIBUTES.items()}
    adds = cfg["phase"] == "heads"
    base = restore(find_checkpoint(work, cfg["joins"]) if adds else work / "estimator" / "attributes.pt")
    heads = engine_heads(engine, semantics, cfg["engine"])
    net = EstimatorNet([*map(replace, base.heads), *heads], base.size, base.trunk_name)
    net.adopt(base.state_dict(), base.heads)
    tables = {head.name: allowed_variants(head, semantics) for head in heads if head.kind == "discrete"}
    pairs = Pairs(pairs_path(work, cfg["engine"]), engine, semantics, heads, untaught(work, cfg["engine"], "photos"))
    counts = cfg["batch"] - cfg["pairs_in_batch"], cfg["pairs_in_batch"]
    batches = stream(lambda rng: (photos.draw(counts[0], base.size, rng), pairs.draw(counts[1], base.size, rng)),
                     cfg["seed"], cfg["workers"])

    def step_loss(net: EstimatorNet, step: int) -> Tensor:
        (images, labels), (faces, targets) = next(batches)
        output = net(to_tensor(np.concatenate([images, faces])).to(cfg["device"]))
        on_photos, on_pairs = output[:len(images)], output[len(images):]
        loss = 0.5 * semantic_loss(heads, on_photos, labels, tables)
        if adds:
            return loss + pair_loss(heads, on_pairs, targets, 0.0)
        return (loss + photo_loss(net, on_photos, labels, weights, cfg["group_weight"])
                + pair_loss(net.heads, on_pairs, targets, cfg["pair_attribute_weight"]))

    path = work / "estimator" / f"{cfg['engine']}.pt"
    if not adds:
        rates = {"trunk_rate": cfg["trunk_rate"] * cfg["engine_rate_share"],
                 "head_rate": cfg["head_rate"] * cfg["engine_rate_share"]}
        train(net, step_loss, cfg["engine_steps"], {**cfg, **rates}, path, log)
        return
    train_at_rest(net, step_loss, base, cfg, path.with_name(f"{cfg['engine']}_heads.pt"), log)
    save_network(path, net)


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    torch.manual_seed(cfg["seed"])
    (work / "estimator").mkdir(parents=True, exist_ok=True)
    with SummaryWriter(str(work / "runs" / "estimator")) as log:
        if cfg["phase"] in ("all", "attributes"):
            for prefix, own in members(cfg):
                train_attributes(own, work, log, prefix)
        if cfg["phase"] in ("all", "engine", "heads"):
            train_engine(cfg, work, log)
        if cfg["phase"] == "refine":
            from .estimator_refine import train_refine
            train_refine(cfg, work, log)
        if cfg["phase"] in ("all", "distil"):
            from .estimator_distil import train_distil
            train_distil(cfg, work, log)
