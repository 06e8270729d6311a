"""From photos to a bundle that the program can use: the whole flow, a few steps each."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.core.paths import CONFIGS, LABELS, ROOT

PHOTOS = ROOT.parent / "shared" / "photos"
PROGRAM = Path(os.environ.get("SWIFTAVATAR", ROOT / "build/dev/bin/swiftavatar"))
PHOTO = ROOT / "examples/astronaut.png"
COUNT = 48
SPLITS = ("train", "dev", "congress")

# What is not a few steps by itself.
TINY = """
[parser]
steps = 2
relabelled_steps = 1
makehuman_heads = 0
draw_on_copies = 1

[generator]
steps_64 = 2
steps_128 = 2
steps_decay = 1
batch_64 = 2
batch_128 = 2

[avatars]
avatars = 64

[avatars.alter]
avatars = 64

[avatar-generator]
fresh_renders = 1
steps_64 = 2
steps_128 = 1
batch = 2

[avatar-generator.alter]
steps_64 = 1
steps_128 = 1

[readers]
steps = 1
batch = 4
size = 64

[pairs]
faces_per_vector = 1
improve_share = 0.02
improve_steps = 1

[pairs.alter]
improve_share = 0.02

[estimator]
workers = 0
size = 64
batch = 6
pairs_in_batch = 2
engine_steps = 2

[attributes]
folds = 2
rounds = [{steps = 1, trunk_rate = 2e-4, head_rate = 2e-3}, {steps = 1, trunk_rate = 1e-4, head_rate = 1e-3}]

[fusion]
penalties = [0.1]
region_penalties = [1.0]

[variants]
variant_penalties = [0.1]

[export]
size = 64
name = "tiny"

[evaluate]
inversion_steps = [0]

[cross-domain]
unseen = 8
reader_steps = 1
inverted = 4
invert_steps = 1
inversion_steps = [0]
batch = 4
size = 64
"""


def copy_photos(folder: Path, count: int = COUNT) -> None:
    """Some photos of every source, with what belongs to them; all three splits show the same people."""
    with open(PHOTOS / "train.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    by_source: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_source.setdefault(row["file"].split("-")[0], []).append(row)
    chosen = [row for place in range(count) for source in by_source.values() for row in source[place:place + 1]][:count]
    landmarks = np.load(PHOTOS / "landmarks_train.npz")
    place = {name: index for index, name in enumerate(landmarks["files"].tolist())}
    kept = [place[row["file"]] for row in chosen]
    for split in SPLITS:
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
    with open(LABELS / "world.csv", newline="") as file:  # a set without masks and landmarks of its own
        rows = list(csv.DictReader(file))
    (folder / "world").mkdir()
    chosen = [row for source in ("foss", "djus") for row in [row for row in rows if row["file"].startswith(source)][:count // 4]]
    with open(folder / "world.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(chosen)
    for row in chosen:
        shutil.copy(PHOTOS / "world" / row["file"], folder / "world")
    shutil.copy(PHOTOS / "sources.csv", folder)


def write_settings(path: Path, changes: str = TINY) -> None:
    """The default settings, with few steps; what the program's folder lies in may be another (SWIFTAVATAR)."""
    path.write_text(f'extends = "{CONFIGS / "default.toml"}"\n[common]\nphotos = "photos"\nmakehuman = ""\ntraining = ["train", "world"]\n'
                    f'[data]\nlandmark_tool = "{PROGRAM.parent / "face_landmarks"}"\n{changes}')


def train(folder: Path, *command: str) -> list[str]:
    """The lines that it prints. It is called from another folder than the package's: paths are those of the settings."""
    done = subprocess.run([sys.executable, "-m", "swiftavatar_train", *command, "--config", folder / "settings.toml", "--work", "work"],
                          cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT / "scripts/train")}, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}"
    return done.stdout.splitlines()


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="no photos beside the checkout")
def test_the_flow_makes_a_bundle_that_estimates(tmp_path: Path) -> None:
    copy_photos(tmp_path / "photos")
    write_settings(tmp_path / "settings.toml")
    train(tmp_path, "run")
    assert {line.split()[0] for line in train(tmp_path, "status")} == {"fresh"}
    train(tmp_path, "run", "cross-domain")
    manifest = json.loads((tmp_path / "work/bundle/manifest.json").read_text())
    assert set(manifest["training"]["files"]) == {entry["file"] for entry in manifest["models"].values()}

    options = ["--bundle", "./tiny", "--data-dir", ROOT]
    shutil.copytree(tmp_path / "work/bundle", tmp_path / "tiny")
    verified = subprocess.run([PROGRAM, "models", "verify", *options], cwd=tmp_path, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout
    for engine in ("tiktok", "alter"):
        made = subprocess.run([PROGRAM, "estimate", PHOTO, *options, "--engine", engine, "--steps", "1", "--json"], cwd=tmp_path,
                              capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        result = json.loads(made.stdout)
        assert result["models"]["bundle"] == "tiny" and result["avatar"]["discrete"]["head"]

    # A changed setting is seen by the stages that read it, and by what they are the input of.
    write_settings(tmp_path / "settings.toml", TINY.replace("region_penalties = [1.0]", "region_penalties = [2.0]"))
    stale = [line.split()[1] for line in train(tmp_path, "status") if line.startswith("stale")]
    assert stale == ["fusion", "variants", "export", "evaluate"]
