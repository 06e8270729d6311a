"""The loop that the long trainings share: steps, TensorBoard, checkpoints with their figures, hours spent."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

from ..core.checkpoint import note_progress


class Trainer(Protocol):
    step: int      # done so far
    hours: float   # spent so far, over all sittings

    def size(self) -> int: ...
    def load(self, path: Path) -> None: ...
    def save(self, path: Path) -> None: ...
    def start_from(self, path: Path) -> None: ...


def checkpoint_of(cfg: dict) -> Path:
    """Where a training that was stopped goes on from."""
    return Path(cfg["scratch"]) / "state.pt"


def start(trainer: Trainer, cfg: dict, restored: Path) -> None:
    """Where the training stopped, else, with `from_restored`, at the weights that stage `restored` brought back."""
    if checkpoint_of(cfg).exists():
        trainer.load(checkpoint_of(cfg))
    elif cfg["from_restored"]:
        trainer.start_from(restored)


def run_steps(trainer: Trainer, cfg: dict, output: Path, runs: Path, train_step: Callable[[], dict[str, float]],
              figures: Callable[[], dict[str, float]]) -> None:
    """From the trainer's step to `steps_64 + steps_128` steps, of which `output` is the last state.

    Saves every `save_seconds` and at the end, and prints `figures` as a line of JSON each time.
    """
    from torch.utils.tensorboard import SummaryWriter

    checkpoint, writer, total = checkpoint_of(cfg), SummaryWriter(str(runs)), cfg["steps_64"] + cfg["steps_128"]
    last_save = mark = time.monotonic()
    with tqdm(total=total, initial=trainer.step, desc=output.parent.name, mininterval=30) as bar:
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
                note_progress(checkpoint.parent, output.parent.name, trainer.step, total)
                rounded = {name: round(value, 3) for name, value in figures().items()}
                print(json.dumps({"step": trainer.step, "hours": round(trainer.hours, 3), "size": trainer.size(), **rounded}),
                      flush=True)
                last_save = mark = time.monotonic()
    writer.close()
    trainer.save(output)
