"""What ships, taken apart and exported again by the flow, answers as it does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from swiftavatar_train.attributes import learner
from swiftavatar_train.attributes.network import EstimatorNet, Head
from swiftavatar_train.core.bundle import Bundle, parse
from swiftavatar_train.core.image import shrink_all, to_tensor
from swiftavatar_train.core.paths import BUNDLE, ROOT
from swiftavatar_train.estimator import variants
from swiftavatar_train.evaluation.evaluate import predict
from swiftavatar_train.release import export
from swiftavatar_train.release.export import origins

sys.path.insert(0, str(Path(__file__).parents[1] / "flow"))
from test_training_sequence import PHOTOS, PROGRAM, copy_photos, train  # noqa: E402


@pytest.mark.heavy
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="no photos beside the checkout")
def test_what_ships_comes_out_again(tmp_path: Path) -> None:
    copy_photos(tmp_path / "photos", 20)
    (tmp_path / "settings.toml").write_text(f'extends = "{ROOT / "scripts/train/configs/shipped.toml"}"\n[common]\nphotos = "photos"\ntraining = ["train"]\n'
                                            f'[data]\nlandmark_tool = "{PROGRAM.parent / "face_landmarks"}"\n')
    train(tmp_path, "run", "export")
    again, shipped = Bundle(tmp_path / "work/bundle"), Bundle(BUNDLE)
    assert again.manifest["models"].keys() == shipped.manifest["models"].keys()
    for role, entry in shipped.manifest["models"].items():
        if not role.startswith("estimator:"):
            assert again.manifest["models"][role]["sha256"] == entry["sha256"], role
    with np.load(tmp_path / "work/cache/dev.npz") as arrays:
        image, mesh = arrays["image"], arrays["mesh"]
    crops, points = to_tensor(shrink_all(image, 192)), torch.from_numpy(mesh).float()
    parts = parse(shipped.module("parser"), to_tensor(shrink_all(image, 128)))
    for role in ("estimator:tiktok", "estimator:alter"):
        with torch.no_grad():
            ours, theirs = (bundle.module(role)(crops, parts, points) for bundle in (again, shipped))
        assert (ours - theirs).abs().max() < 1e-3, role
        found, wanted = predict(again, role, image, mesh), predict(shipped, role, image, mesh)
        assert all((found[name] == values).all() for name, values in wanted.items()), role


def test_files_that_are_older_than_stamps_are_of_unknown_origin(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"training": {"files": {"mesh.pt": {"face-nets": "0123"}}}}))
    made = {"export/parser.pt": {"stage": "parser", "stamp": "4567", "restored": False},
            "export/mesh.pt": {"stage": "face-nets", "stamp": "89ab", "restored": True},
            "export/iris.pt": {"stage": "face-nets", "stamp": "89ab", "restored": True}}
    cfg = {"made_by": made, "restored": str(tmp_path)}
    assert origins(cfg, "parser.pt", "export/parser.pt") == {"parser": "4567"}
    assert origins(cfg, "mesh.pt", "export/mesh.pt") == {"face-nets": {"restored": {"face-nets": "0123"}}}
    assert origins(cfg, "iris.pt", "export/iris.pt") == {"face-nets": {"restored": "unknown"}}


def test_a_bundle_without_one_of_its_engines_is_not_exported(tmp_path: Path) -> None:
    learner.save_network(tmp_path / "net.pt", EstimatorNet([Head("slider", "eye_size", engine="tiktok")], 64))
    with pytest.raises(SystemExit, match="has heads of tiktok, and `targets` are alter, tiktok"):
        export.run({"threads": 1, "network": "net.pt", "targets": ["alter", "tiktok"]}, tmp_path)


def test_labels_of_an_engine_without_heads_are_an_error(tmp_path: Path) -> None:
    learner.save_network(tmp_path / "net.pt", EstimatorNet([Head("slider", "eye_size", engine="tiktok")], 64))
    with pytest.raises(SystemExit, match="the network has no heads of alter"):
        variants.run({"threads": 1, "network": "net.pt", "labels": {"tiktok": "tiktok", "alter": "tiktok"}}, tmp_path)
