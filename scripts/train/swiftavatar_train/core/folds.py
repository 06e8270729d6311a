"""The train photos' sources, and folds over them for everything that is chosen on answers for photos not seen."""

from __future__ import annotations

import numpy as np

SEEN_BY_ALL = "train"  # the split that every network learns from: one of its sources is most of it, and studio portraits are easy


def sources(names: np.ndarray) -> np.ndarray:
    """The source of each photo, from its file's name."""
    return np.array([str(name).split("-")[0] for name in names])


def source_weights(source: np.ndarray) -> np.ndarray:
    """Weights [N], sum 1, of photos with these sources: a source counts by the root of its size."""
    _, inverse, counts = np.unique(source, return_inverse=True, return_counts=True)
    weight = 1 / np.sqrt(counts[inverse])
    return weight / weight.sum()


def person_folds(persons: np.ndarray, names: np.ndarray, count: int = 5, seed: int = 0) -> np.ndarray:
    """Fold 0..count-1 of each photo: a person is in one fold, and every source in all of them."""
    rng, source = np.random.default_rng(seed), sources(names)
    fold: dict[str, int] = {}
    for one in np.unique(source):
        for place, person in enumerate(rng.permutation(np.unique(persons[source == one]))):
            fold.setdefault(person, place % count)
    return np.array([fold[person] for person in persons])


def assign_folds(split: np.ndarray, source: np.ndarray, count: int) -> np.ndarray:
    """Fold 0..count-1 of each photo [N], -1 of the photos of SEEN_BY_ALL: whole sources lie in one fold, the largest first into the
    smallest fold."""
    fold = np.full(len(split), -1)
    free = split != SEEN_BY_ALL
    names, sizes = np.unique(source[free], return_counts=True)
    filled = np.zeros(count, int)
    for place in np.argsort(-sizes, kind="stable"):
        smallest = int(filled.argmin())
        filled[smallest] += sizes[place]
        fold[free & (source == names[place])] = smallest
    return fold
