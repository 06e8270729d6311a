"""Caches and checkpoints as files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from swiftavatar_train.core.checkpoint import load, save, save_arrays


def test_equal_arrays_make_equal_files_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {"image": np.arange(12, dtype=np.uint8).reshape(3, 4), "name": np.array(["anna", "bert"]), "share": np.array([0.5, np.nan])}
    save_arrays(tmp_path / "one.npz", **arrays)
    monkeypatch.setattr(time, "localtime", lambda *now: time.gmtime(86400 * 365 * 20))
    monkeypatch.setattr(time, "time", lambda: 86400.0 * 365 * 20)
    save_arrays(tmp_path / "other.npz", **arrays)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()
    with np.load(tmp_path / "one.npz", allow_pickle=False) as found:
        assert all(np.array_equal(found[key], values, equal_nan=values.dtype == float) for key, values in arrays.items())


def test_a_checkpoint_is_whole_or_not_there(tmp_path: Path) -> None:
    save(tmp_path / "net.pt", weight=torch.ones(2), step=3)
    with pytest.raises(AttributeError):
        save(tmp_path / "net.pt", weight=lambda: 0)  # cannot be written
    assert load(tmp_path / "net.pt")["step"] == 3 and os.listdir(tmp_path)
