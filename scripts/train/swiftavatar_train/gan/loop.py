"""The loop that the long trainings share: steps, TensorBoard, checkpoints with their figures, hours spent."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tqdm import tqdm


class Trainer(Protocol):
    step: int      # done so far
    hours: float   # spent so far, over all sittings

    def size(self) -> int: ...
    def load(self, path: Path) -> None: ...
    def save(self, path: Path) -> None: ...


def run_steps(trainer: Trainer, cfg: dict, checkpoint: Path, runs: Path, train_step: Callable[[], dict[str, float]],
              figures: Callable[[], dict[str, float]]) -> None:
    """Goes on from `checkpoint`, where there is one, to `steps_64 + steps_128` steps.

    Saves every `save_seconds` and at the end, and prints `figures` as a line of JSON each time.
    """
    from torch.utils.tensorboard import SummaryWriter

    if checkpoint.exists():
        trainer.load(checkpoint)
    writer, total = SummaryWriter(str(runs)), cfg["steps_64"] + cfg["steps_128"]
    last_save = mark = time.monotonic()
    with tqdm(total=total, initial=trainer.step, desc=checkpoint.parent.name, mininterval=30) as bar:
        while trainer.step < total:
            terms = train_step()
            bar.update()
            now = time.monotonic()
            trainer.hours += (now - mark) / 3600
            mark = now
            if trainer.step % 50 == 0:
                for name, value in terms.items():
                    writer.add_scalar(name, value, trainer.step)
                bar.set_postfix({name: f"{value:.3f}" for name, value in terms.items()}, refresh=False)
            if now - last_save > cfg["save_seconds"] or trainer.step == total:
                trainer.save(checkpoint)
                rounded = {name: round(value, 3) for name, value in figures().items()}
                print(json.dumps({"step": trainer.step, "hours": round(trainer.hours, 3), "size": trainer.size(), **rounded}),
                      flush=True)
                last_save = mark = time.monotonic()
    writer.close()
