"""`python -m swiftavatar_train.calibration.iris_color --work DIR`: the weights by which src/estimate/iris.cpp tells light irises from brown ones.

labels/irises.csv says what colour the eyes have, read off close-ups by an AI model that looks at pictures ("blue/gray" is a
hesitation, the likelier first). Logistic regression on the logarithms of the iris's light over that of the skin and of the
eyes' white, which coloured light changes alike, and on who the person is: skin tone 4, tone 5 to 10, black hair. Prints the
weights in that order, the bias last, and how often they are right out of fold and on `dev`.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import cv2
import numpy as np
import torch

from ..core.color import to_linear
from ..core.folds import person_folds
from ..core.labels import ATTRIBUTES, PARTS
from ..core.linear import fit_linear
from ..core.paths import LABELS

IRISES = LABELS / "irises.csv"
BROWN, LIGHT = ("dark_brown", "brown", "hazel"), ("green", "blue", "gray")
EYES = ((468, (469, 470, 471, 472), (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)),
        (473, (474, 475, 476, 477), (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)))
PUPIL, RIM, WHITE = 0.35, 0.95, 1.15  # in radii of the iris
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def between(samples: np.ndarray, low: float, high: float) -> np.ndarray:
    """Those [N, 3] whose luminance rank lies in [low, high)."""
    order = np.argsort(samples @ LUMINANCE, kind="stable")
    return samples[order[round(low * len(order)):round(high * len(order))]]


def above_mouth(mask: np.ndarray) -> np.ndarray:
    """Skin and nose without their edges, down to the upper lip: below it a beard may count as skin."""
    def inside(part: str, border: int) -> np.ndarray:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * border + 1, 2 * border + 1))
        return cv2.erode((mask == PARTS.index(part)).astype(np.uint8), kernel) > 0

    where, mouth = inside("skin", 3) | inside("nose", 2), np.nonzero(mask == PARTS.index("mouth"))[0]
    if len(mouth) > 50:
        where[max(0, int(mouth.mean() - 0.04 * len(mask))):] = False
    return where


def ratios(image: np.ndarray, mesh: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """Logarithms [6] of iris over skin and over white from an aligned crop uint8 [S, S, 3], its mesh [478, 2] in 0..1 and
    its parts [S, S]; None where too little is seen. As find_irises and light_irises have them, but for the masks, which are
    those of stage `data`."""
    light, points, size = to_linear(image / 255), mesh * len(image), len(image)
    down, across = np.mgrid[:size, :size] + 0.5
    irises, whites = [], []
    for center, rim, lids in EYES:
        radius = np.linalg.norm(points[list(rim)] - points[center], axis=1).mean()
        if radius < 1:
            continue
        away = np.hypot(across - points[center][0], down - points[center][1]) / radius
        opened = np.zeros((size, size), np.uint8)
        cv2.fillPoly(opened, [np.round(points[list(lids)]).astype(np.int32)], 1)
        irises.append(light[(opened > 0) & (away > PUPIL) & (away < RIM)])
        whites.append(light[(opened > 0) & (away > WHITE)])
    iris, white = np.concatenate([np.zeros((0, 3)), *irises]), np.concatenate([np.zeros((0, 3)), *whites])
    face = between(light[above_mouth(mask)], 0.25, 0.90)
    if len(iris) < 24 or len(white) < 12 or len(face) < 200:
        return None
    seen = np.median(between(iris, 0.10, 0.75), 0)
    beside = face.mean(0), between(white, 0.70, 0.97).mean(0)
    return np.concatenate([np.log((seen + 2e-3) / (other + 2e-3)) for other in beside])


def read(work: Path, split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ratios and person [N, 9], 1 for light and 0 for brown [N], and folds [N] of the photos whose eyes can be seen."""
    with open(IRISES, newline="") as file:
        said = {row["photo"]: row["iris"].split("/")[0] for row in csv.DictReader(file) if row["split"] == split}
    with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
        found = [ratios(*one) for one in zip(arrays["image"], arrays["mesh"], arrays["mask"])]
        names, fold = arrays["name"].tolist(), person_folds(arrays["person"], arrays["name"])
        tone, black = arrays["skin_tone"] + 1, arrays["hair_color"] == ATTRIBUTES["hair_color"].index("black")
        person = np.stack([tone == 4, tone >= 5, black], 1)
    rows = [row for row, name in enumerate(names) if found[row] is not None and said.get(name) in (*BROWN, *LIGHT)]
    light = np.array([said[names[row]] in LIGHT for row in rows], np.int64)
    return np.stack([np.append(found[row], person[row]) for row in rows]), light, fold[rows]


def fit(seen: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Weights [F + 1], the bias last, of the log-odds of light irises from [N, F]; both kinds count the same."""
    share = np.where(light, light.mean(), 1 - light.mean())
    weight, bias = fit_linear(torch.from_numpy(seen).float(), torch.from_numpy(light), torch.from_numpy(0.5 / share).float(), 2, 1e-4)
    return np.append((weight[:, 1] - weight[:, 0]).numpy(), float(bias[1] - bias[0]))


def right(weights: np.ndarray, seen: np.ndarray, light: np.ndarray) -> list[float]:
    """Shares of brown and of light irises that are told right by weights [F + 1], or [N, F + 1]: each by its own."""
    said = (seen * weights[..., :-1]).sum(1) + weights[..., -1] > 0
    return [round(float((said[light == kind] == kind).mean()), 3) for kind in (0, 1)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="iris_color", description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args().work
    seen, light, fold = read(work, "train")
    weights = fit(seen, light)
    unseen = np.zeros((len(seen), seen.shape[1] + 1))
    for index in np.unique(fold):
        unseen[fold == index] = fit(seen[fold != index], light[fold != index])
    print(json.dumps({"weights": weights.round(2).tolist(), "photos": len(light), "brown, light out of fold": right(unseen, seen, light),
                      "brown, light on dev": right(weights, *read(work, "dev")[:2])}))


if __name__ == "__main__":
    main()
