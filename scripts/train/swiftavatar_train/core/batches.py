"""Training batches, made ahead by other processes so that augmentation hides behind the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
from torch.utils.data import DataLoader, Dataset


def prefetch(make: Callable[[], Any]) -> Iterator[Any]:
    """Batches made one ahead by a thread, so that augmentation hides behind the network."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(make)
        while True:
            ready = waiting.result()
            waiting = pool.submit(make)
            yield ready


class _Drawn(Dataset):
    def __init__(self, draw: Callable[[np.random.Generator], Any], seed: int) -> None:
        self.draw, self.seed = draw, seed

    def __getitem__(self, number: int) -> Any:
        return self.draw(np.random.default_rng([self.seed, number]))


def stream(draw: Callable[[np.random.Generator], Any], seed: int, workers: int) -> Iterator[Any]:
    """draw(rng) for ever, by `workers` processes (0: by this one). Batch n follows from the seed and n alone, whatever the
    number of workers."""
    if workers:
        cv2.setNumThreads(0)  # OpenCV's threads do not live on in forked processes, which would wait for them for ever
    return iter(DataLoader(_Drawn(draw, seed), batch_size=None, sampler=range(1 << 40), num_workers=workers,
                           collate_fn=_as_is, prefetch_factor=4 if workers else None))


def _as_is(batch: Any) -> Any:
    return batch
