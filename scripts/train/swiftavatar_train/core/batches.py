"""Training batches, made ahead so that augmentation hides behind the network.

Batch n follows from the seed and n alone, whatever makes it: a run that was stopped sees the batches that it would have seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
from torch.utils.data import DataLoader, Dataset

Draw = Callable[[np.random.Generator], Any]


class _Drawn(Dataset):
    def __init__(self, draw: Draw, seed: int) -> None:
        self.draw, self.seed = draw, seed

    def __getitem__(self, number: int) -> Any:
        return self.draw(np.random.default_rng([self.seed, number]))


def stream(draw: Draw, seed: int, workers: int, first: int = 0) -> Iterator[Any]:
    """draw(rng) for the batches from `first` on, for ever, by `workers` processes (0: by this one)."""
    if workers:
        cv2.setNumThreads(0)  # OpenCV's threads do not live on in forked processes, which would wait for them for ever
    return iter(DataLoader(_Drawn(draw, seed), batch_size=None, sampler=range(first, 1 << 40), num_workers=workers,
                           collate_fn=_as_is, prefetch_factor=4 if workers else None,
                           multiprocessing_context="fork" if workers else None))  # pictures are not copied to the processes


def prefetch(draw: Draw, seed: int, first: int = 0) -> Iterator[Any]:
    """The same batches, made one ahead by a thread: for pictures too many to copy to another process."""
    drawn = _Drawn(draw, seed)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(drawn.__getitem__, first)
        for number in itertools.count(first + 1):
            ready = waiting.result()
            waiting = pool.submit(drawn.__getitem__, number)
            yield ready


def _as_is(batch: Any) -> Any:
    return batch
