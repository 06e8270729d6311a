"""What further annotators say of the train photos' hair, and so what each label could have been.

Of ten photos one is labelled otherwise by the next annotator: wavy or straight, black or dark brown. labels/readings.csv has two more
readings of every photo, made by an AI model that looks at pictures, where "wavy/straight" is a hesitation, the likelier
first. A regression says what the labeller would have put where the annotators say what they say, and training takes that for the
label (soft targets from what is known at training time only: Lopez-Paz et al. 2016, "Unifying distillation and
privileged information").
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import torch

from ..core.labels import ATTRIBUTES
from ..core.linear import fit_linear

READ = ("hair_length", "hair_texture", "hair_color")
FIRST = 0.65    # how much of a hesitation is the value named first
PENALTY = 3e-4  # of the regression


def read_readings(path: Path) -> dict[str, list[dict[str, str]]]:
    """Rows of the annotators, by photo."""
    found: dict[str, list[dict[str, str]]] = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["photo"], []).append(row)
    return found


def said(name: str, readings: list[dict[str, str]]) -> np.ndarray:
    """Mean over the annotators of the share that each gives a value [C + 1]; the last is for what is no value ("na")."""
    values = ATTRIBUTES[name]
    shares = np.zeros(len(values) + 1)
    for reading in readings:
        words = reading[name].split("/")
        for word, share in zip(words, (FIRST, 1 - FIRST) if len(words) == 2 else (1.0,)):
            shares[values.index(word) if word in values else -1] += share / len(readings)
    return shares


def label_shares(name: str, photos: list[str], labels: np.ndarray, readings: dict[str, list[dict[str, str]]], share: float) -> np.ndarray:
    """[N, C]: how likely each value is to be a photo's label; `share` of it by what the annotators say, the rest is the label
    (index, -1 unknown: zeros). Photos without readings keep their labels."""
    count = len(ATTRIBUTES[name])
    known = labels >= 0
    shares = np.zeros((len(labels), count))
    shares[known, labels[known]] = 1
    rows = np.array([bool(known[row] and photo in readings) for row, photo in enumerate(photos)])
    if not rows.any():
        return shares
    seen = np.stack([said(name, readings[photos[row]]) for row in np.flatnonzero(rows)])
    features = torch.from_numpy(np.concatenate([seen, seen ** 2], 1)).float()  # squared: whether the annotators agree
    weight, bias = fit_linear(features, torch.from_numpy(labels[rows]), torch.ones(len(features)), count, PENALTY)
    shares[rows] = (1 - share) * shares[rows] + share * torch.softmax(features @ weight + bias, 1).numpy()
    return shares
