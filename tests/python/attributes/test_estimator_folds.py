"""What is said of photos that a network did not see, where two networks say it."""

from __future__ import annotations

import numpy as np
import pytest
from estimator_fixture import SETTINGS, write_photos

from swiftavatar_train.attributes import folds
from swiftavatar_train.attributes.train import members


def test_the_second_network_differs_where_its_settings_say_so() -> None:
    cfg = {**SETTINGS, "second": {"trunk": "lite2"}}
    assert [(prefix, own["trunk"], own["batch"]) for prefix, own in members(cfg)] == [("", "lite0", 4), ("second_", "lite2", 4)]
    assert [prefix for prefix, _ in members({**SETTINGS, "second": {}})] == [""]


@pytest.mark.parametrize("second", [{"studio_share": 0.0}, {"trunk": "lite2", "size": 128}])
def test_a_second_network_that_could_not_ship_is_refused_before_it_is_trained(second: dict) -> None:
    with pytest.raises(SystemExit, match="needs another trunk, and pictures of the same size"):
        members({**SETTINGS, "second": second})


def test_answers_of_both_networks_are_averaged(tmp_path, monkeypatch) -> None:
    write_photos(tmp_path / "cache/train.npz")
    with np.load(tmp_path / "cache/train.npz") as arrays:
        np.savez(tmp_path / "cache/train.npz", person=np.array([f"p{i}" for i in range(8)]), **arrays)

    def say(left_out, photos, cfg, prefix):
        assert photos.draw_on_share == cfg["draw_on_share"] == (0.2 if prefix else 0.0)
        assert photos.apart.any()
        return {name: np.full((rows.sum(), 3), 3.0 if prefix else 1.0) + np.flatnonzero(rows)[:, None] for name, rows in left_out.items()}

    monkeypatch.setattr(folds, "member_answers", say)
    settings = {**SETTINGS, "second": {"trunk": "lite2", "draw_on_share": 0.2}, "draw_on_share": 0.0, "studio_share": 0.0}
    folds.run(settings | {"threads": 1, "leave_out_largest": False}, tmp_path)
    with np.load(tmp_path / "cache/out_of_fold.npz") as found:
        assert found["trunks"].tolist() == ["lite0", "lite2"]
        assert np.allclose(found["folds"], 2 + np.arange(8)[:, None])
