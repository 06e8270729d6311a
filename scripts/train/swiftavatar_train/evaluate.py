"""Stage `evaluate`: agreement of the estimator's attribute heads with labels, by the measures of `swiftavatar evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import torch

from .data import ATTRIBUTES
from .estimator import to_tensor

GROUPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "glasses": (("none",), ("eyeglasses", "sunglasses")),
    "facial_hair": (("none", "stubble"), ("moustache", "goatee", "beard")),
    "hair_length": (("bald", "very_short", "short"), ("medium", "long"), ("tied",)),
    "fringe": (("no",), ("yes",)),
    "hair_color": (("black",), ("dark_brown", "brown"), ("blond",), ("red",), ("gray_white",)),
    "hair_texture": (("straight",), ("wavy",), ("curly",)),
    "mouth": (("closed",), ("teeth",)),
    "earrings": (("no",), ("yes",)),
}
BALANCED = {"glasses", "facial_hair", "fringe", "earrings"}


def grouped(name: str, index: np.ndarray) -> np.ndarray:
    """Value indices to group indices; -1 stays (and values outside every group become -1)."""
    table = np.full(len(ATTRIBUTES[name]) + 1, -1)
    for group, values in enumerate(GROUPS[name]):
        for value in values:
            table[ATTRIBUTES[name].index(value)] = group
    return table[index]


def scores(predicted: dict[str, np.ndarray], labels: dict[str, np.ndarray]) -> dict[str, float]:
    """Agreement per attribute; `predicted` and `labels` hold value indices."""
    out = {}
    for name in GROUPS:
        truth = grouped(name, labels[name].astype(int))
        guess = grouped(name, predicted[name].astype(int))
        known = truth >= 0
        hit = (truth == guess)[known]
        if name in BALANCED:
            out[name] = float(np.mean([hit[truth[known] == group].mean() for group in np.unique(truth[known])]))
        else:
            out[name] = float(hit.mean())
    known = labels["skin_tone"] >= 0
    near = np.abs(predicted["skin_tone"].astype(int) - labels["skin_tone"])[known] <= 1
    dark = labels["skin_tone"][known] >= 4
    out["skin_tone_within_1"], out["skin_tone_dark_within_1"] = float(near.mean()), float(near[dark].mean())
    return out


def predict(module: torch.nn.Module, heads: list[dict], images: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """Value index per attribute for aligned crops uint8 [N, S, S, 3], through temperature and bias."""
    outputs = []
    with torch.no_grad():
        for first in range(0, len(images), 16):
            small = np.stack([cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
                              for image in images[first:first + 16]])
            outputs.append(module(to_tensor(small)))
    output = torch.cat(outputs)
    answers = {}
    for head in heads:
        if head["kind"] == "attribute":
            part = output[:, head["offset"]:head["offset"] + len(head["options"])]
            answers[head["name"]] = (part / head["temperature"] + torch.tensor(head["bias"])).argmax(1).numpy()
    return answers


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    bundle = Path(cfg["bundle"])
    entry = json.loads((bundle / "manifest.json").read_text())["models"][f"estimator:{cfg['engine']}"]
    module = torch.jit.load(str(bundle / entry["file"]))
    for split in cfg["splits"]:
        data = np.load(work / "cache" / f"{split}.npz")
        answers = predict(module, entry["heads"], data["image"], entry["inputs"][0]["shape"][-1])
        print(json.dumps({"split": split, **{key: round(value, 3) for key, value in
                                              scores(answers, {name: data[name] for name in ATTRIBUTES}).items()}}))
