"""From photos to a bundle that the program can use: every stage of docs/training.md, a few steps each."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tomllib

from swiftavatar_train.__main__ import STAGES

ROOT = Path(__file__).parents[3]
PHOTOS = ROOT.parent / "shared" / "photos"
PROGRAM = Path(os.environ.get("SWIFTAVATAR", ROOT / "build/dev/bin/swiftavatar"))
PHOTO = ROOT / "examples/astronaut.png"
COUNT = 48

# What is not a few steps by itself, by stage.
TINY: dict[str, dict[str, object]] = {
    "common": {"threads": 2},
    "estimator": {"averaged": [{"recolor_share": 0.4, "tone_steps": 1}, {"recolor_share": 0.0, "tone_steps": 0}],
                  "second": {"trunk": "lite0", "studio_share": 0.0, "averaged": [{"recolor_share": 0.4, "tone_steps": 0}]},
                  "attribute_steps": 2, "engine_steps": 2, "batch": 6, "pairs_in_batch": 2, "size": 64},
    "folds": {"fold_steps": 1, "leave_out_largest": False},
    "generator": {"steps_64": 2, "steps_128": 2, "steps_decay": 1, "batch_64": 2, "batch_128": 2},
    "avatar-generator": {"avatars": 96, "fresh_renders": 1, "steps_64": 2, "steps_128": 1, "batch": 2},
    "pairs": {"avatars": 96, "faces_per_vector": 1, "improve_share": 0.02, "improve_steps": 1},
    "parser": {"steps": 2, "relabelled_steps": 1, "makehuman_heads": 0, "draw_on_copies": 1},
    "fusion": {"penalties": [0.1], "region_penalties": [1.0]},
    "variants": {"variant_penalties": [0.1]},
    "export": {"size": 64, "name": "tiny"},
    "readers": {"steps": 1, "batch": 4, "size": 64},
    "cross-domain": {"unseen": 8, "reader_steps": 1, "inverted": 4, "invert_steps": 1, "inversion_steps": [0], "batch": 4, "size": 64},
}
SEQUENCE = ("data", "parser", "generator", "avatar-generator", "inverter", "readers", "pairs", "estimator", "folds", "fusion",
            "variants", "export", "evaluate", "cross-domain")


def test_the_documents_name_the_same_stages() -> None:
    text = (ROOT / "docs/training.md").read_text()
    assert tuple(re.search(r"for stage in (.+); do", text)[1].split()) == SEQUENCE


def test_another_engine_is_trained_by_the_same_settings() -> None:
    default, alter = (tomllib.loads((ROOT / f"scripts/train/configs/{name}.toml").read_text()) for name in ("default", "alter"))
    for stage in ("avatar-generator", "pairs"):
        assert set(alter[stage]) - {"render_command"} == set(default[stage]) - {"render_command"}, stage


def copy_photos(folder: Path) -> None:
    """Some photos of every source, with what belongs to them; all three splits show the same people."""
    with open(PHOTOS / "train.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    by_source: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_source.setdefault(row["file"].split("-")[0], []).append(row)
    chosen = [row for place in range(COUNT) for source in by_source.values() for row in source[place:place + 1]][:COUNT]
    landmarks = np.load(PHOTOS / "landmarks_train.npz")
    place = {name: index for index, name in enumerate(landmarks["files"].tolist())}
    kept = [place[row["file"]] for row in chosen]
    for split in ("train", "dev", "congress"):
        (folder / split).mkdir(parents=True)
        (folder / "masks" / split).mkdir(parents=True)
        for row in chosen:
            shutil.copy(PHOTOS / "train" / row["file"], folder / split)
            shutil.copy(PHOTOS / "masks/train" / f"{Path(row['file']).stem}.png", folder / "masks" / split)
        with open(folder / f"{split}.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(chosen)
        np.savez(folder / f"landmarks_{split}.npz", files=landmarks["files"][kept], points=landmarks["points"][kept])
    shutil.copy(PHOTOS / "sources.csv", folder)


def toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


def write_settings(path: Path, photos: Path, bundle: Path) -> None:
    with open(ROOT / "scripts/train/configs/default.toml", "rb") as file:
        settings = tomllib.load(file)
    for stage, changes in TINY.items():
        settings[stage].update(changes)
    settings["common"].update(photos=str(photos), makehuman="none")
    for stage in settings.values():
        for key, value in stage.items():
            if isinstance(value, str) and value.startswith("../../"):
                stage[key] = str((ROOT / "scripts/train" / value).resolve())
    settings["export"]["bundle"] = str(bundle)
    lines = []
    for stage, values in settings.items():
        lines.append(f"[{stage}]")
        lines += [f"{key} = {toml(value)}" for key, value in values.items()]
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.heavy
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="no photos beside the checkout")
def test_the_sequence_makes_a_bundle_that_estimates(tmp_path: Path) -> None:
    assert set(SEQUENCE) <= set(STAGES)
    copy_photos(tmp_path / "photos")
    shutil.copytree(ROOT / "models/default", tmp_path / "models/tiny")  # networks that are not trained here
    write_settings(tmp_path / "settings.toml", tmp_path / "photos", tmp_path / "models/tiny")
    for stage in SEQUENCE:
        done = subprocess.run([sys.executable, "-m", "swiftavatar_train", stage, "--config", tmp_path / "settings.toml",
                               "--work", tmp_path / "work"], cwd=ROOT / "scripts/train", capture_output=True, text=True)
        assert done.returncode == 0, f"{stage}\n{done.stderr[-3000:]}"
    verified = subprocess.run([PROGRAM, "models", "verify", "--bundle", "./models/tiny", "--data-dir", ROOT], cwd=tmp_path,
                              capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout
    made = subprocess.run([PROGRAM, "estimate", PHOTO, "--bundle", "./models/tiny", "--data-dir", ROOT, "--steps", "1", "--json"],
                          cwd=tmp_path, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    result = json.loads(made.stdout)
    assert result["models"]["bundle"] == "tiny" and result["avatar"]["discrete"]["head"]
