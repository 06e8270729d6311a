"""The estimator's second phase: heads for one engine's parameters, from pairs and from photos through the semantics.

Pairs (face from G_r, avatar vector) supervise variants and sliders directly. A labelled photo does it through the
engine's semantics: the variants that its label allows share the probability (their sum is what the loss raises).
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..attributes.network import Head
from ..core.labels import ATTRIBUTES, STYLES
from ..engines.engine import Engine
from ..engines.semantics import Semantics
from ..pairs.files import hidden
from ..photos.augment import degrade, relight, warp

NONE = "none"


def styled(component: str, options: list[str]) -> bool:
    """Whether the heads of styles choose among a component's options: it has most of the styles that readers name. The program decides
    by the same rule (src/estimate/choose_variants.cpp)."""
    styles = STYLES.get(component, ())
    return 2 * len(set(styles) & set(options)) > len(styles) > 0


def engine_heads(engine: Engine, semantics: Semantics, name: str, all_components: bool = False) -> list[Head]:
    """The heads of the engine called `name`: one head per free component (with "none" where it may be absent) that no head of styles
    serves, or for `all_components`, and per slider."""
    heads = []
    for component, variants in engine.variants.items():
        if component in engine.tied:
            continue
        options = [name for name in variants if name not in semantics.exclude.get(component, [])]
        if component in engine.optional:
            options.append(NONE)
        if len(options) > 1 and (all_components or not styled(component, options)):
            heads.append(Head("discrete", component, options, engine=name))
    heads += [Head("slider", slider, engine=name) for slider in engine.sliders]
    return heads


def has_options(avatar: dict, heads: list[Head]) -> bool:
    """Whether the heads have an option for every variant of the avatar."""
    return all((avatar["discrete"].get(head.name) or NONE) in head.options for head in heads if head.kind == "discrete")


class Pairs:
    """Pictures that show avatars, with the avatars' vectors as targets of the engine heads: faces from the dual-domain
    generators (stage `pairs`), or the renders themselves (their file has one vector for each picture). Attributes that a face does not
    show (pairs/filter.py) are unknown, and so are the components that decide them."""

    def __init__(self, file: Path, engine: Engine, semantics: Semantics, heads: list[Head]) -> None:
        data = np.load(file)
        of_renders = "vectors" not in data
        self.image, self.vector = data["image"], np.arange(len(data["vector"])) if of_renders else data["vector"]
        vectors = [json.loads(text) for text in data["vector" if of_renders else "vectors"]]
        self.targets: dict[str, np.ndarray] = {}
        allowed = np.array([has_options(vector, heads) for vector in vectors])
        self.rows = np.flatnonzero(allowed[self.vector])  # pictures made before a variant was excluded are left out
        for head in heads:
            if head.kind == "discrete":
                chosen = [vector["discrete"].get(head.name) or NONE for vector in vectors]
                # a variant that the semantics have excluded since the pairs were made says nothing
                place = {name: index for index, name in enumerate(head.options)}
                self.targets[f"discrete:{head.name}"] = np.array([place.get(name, -1) for name in chosen])
            elif head.kind == "slider":
                spec = engine.sliders[head.name]
                values = np.array([vector["continuous"][head.name] for vector in vectors])
                self.targets[f"slider:{head.name}"] = (values - spec["min"]) / (spec["max"] - spec["min"])
        shown = [semantics.read(vector) for vector in vectors]
        for name, values in ATTRIBUTES.items():
            self.targets[name] = np.array([values.index(one[name]) if one.get(name) in values else -1 for one in shown])
        attributes = hidden(data)
        self.hidden = dict(attributes)  # what a face does not show, attributes and what decides them
        for head in heads if attributes else ():
            if head.kind == "discrete" and (decides := allowed_variants(head, semantics).keys() & attributes.keys()):
                self.hidden[f"discrete:{head.name}"] = np.any([attributes[name] for name in decides], 0)

    def draw(self, count: int, size: int, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Augmented faces uint8 [count, size, size, 3] and their targets."""
        rows = rng.choice(self.rows, count)
        images = []
        for row in rows:
            large = cv2.resize(self.image[row], (size, size), interpolation=cv2.INTER_CUBIC)
            images.append(degrade(relight(warp(large, size, rng), rng), rng))
        targets = {name: values[self.vector[rows]] for name, values in self.targets.items()}
        for name, faces in self.hidden.items():
            targets[name][faces[rows]] = -1
        return np.stack(images), targets


def allowed_variants(head: Head, semantics: Semantics) -> dict[str, np.ndarray]:
    """attribute -> [values, options] of 0 and 1: which variants of the component may show which value.

    Only attributes that the component decides are listed: those of which at least two values appear among its variants.
    """
    tables = {}
    for attribute, values in ATTRIBUTES.items():
        table = np.zeros((len(values), len(head.options)), np.float32)
        for place, option in enumerate(head.options):
            for value in semantics.components.get(head.name, {}).get(option, {}).get(attribute, ()):
                if value in values:
                    table[values.index(value), place] = 1
        if (table.sum(1) > 0).sum() >= 2:
            tables[attribute] = table
    return tables


def semantic_loss(heads: list[Head], output: Tensor, labels: dict[str, np.ndarray],
                  tables: dict[str, dict[str, np.ndarray]]) -> Tensor:
    """-log of the summed probability of the variants that each photo's labels allow together."""
    total = output.new_zeros(())
    for head in heads:
        if head.kind != "discrete" or not tables[head.name]:
            continue
        allowed = torch.ones(len(output), head.width)
        for attribute, table in tables[head.name].items():
            label = labels[attribute]
            rows = torch.from_numpy(table)[np.maximum(label, 0)]
            rows[torch.from_numpy(label < 0)] = 1
            both = allowed * rows
            # two labels that no variant shows together: the first one counts
            allowed = torch.where(both.sum(1, keepdim=True) > 0, both, allowed)
        allowed = allowed.to(output.device)
        useful = (allowed.sum(1) > 0) & (allowed.sum(1) < head.width)
        if useful.any():
            logits = output[:, head.slice][useful]
            masked = logits.masked_fill(allowed[useful] == 0, -1e9)
            total = total + (torch.logsumexp(logits, 1) - torch.logsumexp(masked, 1)).sum() / len(output)
    return total


def pair_loss(heads: list[Head], output: Tensor, targets: dict[str, np.ndarray]) -> Tensor:
    """Cross-entropy of variants and robust regression of sliders."""
    total = output.new_zeros(())
    for head in heads:
        if head.kind == "discrete":
            target = torch.from_numpy(targets[f"discrete:{head.name}"]).to(output.device)
            if (target >= 0).any():
                total = total + 0.5 * F.cross_entropy(output[:, head.slice], target, ignore_index=-1, label_smoothing=0.1)
        elif head.kind == "slider":
            target = torch.from_numpy(targets[f"slider:{head.name}"]).float()
            total = total + F.smooth_l1_loss(torch.sigmoid(output[:, head.offset]), target.to(output.device), beta=0.1)
    return total
