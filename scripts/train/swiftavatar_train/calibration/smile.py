"""`python -m swiftavatar_train.calibration.smile --work DIR`: what a smile adds to the width of mouth and nose.

A slider shall follow the person, not the moment. The slopes are those within persons who are in the train photos more than once,
most of them neutral and smiling: between people, a wide mouth smiles wider, and a regression over all would take part of the
trait away. Prints slopes and rest, and the rank correlation of the same people at less and more of a smile, as measured
and at rest (out of fold by person). Measures and meshes as in core/labels.py and photos/cache.py.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from ..core.labels import measures
from ..photos.smile import smile


def fit_slopes(smiles: np.ndarray, values: np.ndarray, people: list[np.ndarray]) -> np.ndarray:
    """Slopes [2] of `values` [N] by `smiles` [N, 2] within `people`, rows of the same person each."""
    def within(array: np.ndarray) -> np.ndarray:
        return np.concatenate([array[rows] - array[rows].mean(0) for rows in people])

    return np.linalg.lstsq(within(smiles), within(values), rcond=None)[0]


def stays(values: np.ndarray, smiles: np.ndarray, people: list[np.ndarray]) -> float:
    """Rank correlation of `values` [N] of the same people where they smile least and most."""
    ends = np.array([[rows[smiles[rows, 0].argmin()], rows[smiles[rows, 0].argmax()]] for rows in people])
    return float(spearmanr(values[ends[:, 0]], values[ends[:, 1]]).statistic)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="work folder of stage `data`")
    with np.load(parser.parse_args().work / "cache" / "train.npz", allow_pickle=False) as arrays:
        mesh, person, mouth = arrays["checked"].astype(np.float64), arrays["person"], arrays["mouth"]
    people = [rows for rows in (np.flatnonzero(person == name) for name in np.unique(person)) if len(rows) > 1]
    smiles, found = smile(mesh), measures(mesh)
    print(json.dumps({"people": len(people), "rest": np.median(smiles[mouth == 0], 0).round(4).tolist()}))
    for name in found:
        rested = found[name].copy()
        for fold in range(5):
            slopes = fit_slopes(smiles, found[name], [rows for place, rows in enumerate(people) if place % 5 != fold])
            for rows in people[fold::5]:
                rested[rows] -= smiles[rows] @ slopes
        print(json.dumps({"measure": name, "slopes": fit_slopes(smiles, found[name], people).round(3).tolist(),
                          "the same people, as measured": round(stays(found[name], smiles, people), 3),
                          "at rest": round(stays(rested, smiles, people), 3)}))


if __name__ == "__main__":
    main()
