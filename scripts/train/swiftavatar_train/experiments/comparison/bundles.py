"""Comparators as bundles that the C++ program runs; everything but the estimator is the default bundle's."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import torch

from ...attributes.network import EstimatorNet
from ...core.labels import GROUPS
from ...core.torchscript import save_frozen
from ...estimator.calibrate import manifest_heads
from ...evaluation.agreement import Row, figure, read_split
from ...release.export import APACHE, CROP, RGB, tensor

COLORS = ("skin_tone", "hair_color")


def export_bundle(net: EstimatorNet, bundle: Path, cfg: dict, engine: str, measured: dict[str, np.ndarray] | None,
                  color_heads: bool) -> None:
    """Traces the network into `bundle`. Measure heads are listed where `measured` has their answers for the train photos
    [N], whose quantiles are the measures' scales; without `color_heads` the program takes the colours that it measures."""
    bundle.mkdir(parents=True, exist_ok=True)
    size, file = net.size, bundle / "estimator.pt"
    save_frozen(torch.jit.trace(net.eval(), torch.rand(1, 3, size, size) * 2 - 1), file)
    heads = [head for head in net.heads
             if (head.kind != "measure" or measured) and (color_heads or head.name not in COLORS)]
    entry: dict = {"file": file.name, "licence": APACHE, "crop": CROP,
                   "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                   "inputs": [tensor("image", ["N", 3, size, size], [-1, 1], RGB)],
                   "outputs": [tensor("heads", ["N", int(net.linear.out_features)])], "heads": manifest_heads(heads)}
    if measured:
        entry["measures"] = {name: {"quantiles": [round(float(value), 6) for value in np.quantile(values, np.linspace(0, 1, 21))]}
                             for name, values in measured.items()}
    base = os.path.relpath(Path(cfg["bundle"]).absolute(), bundle.absolute().parent)
    manifest = {"schema": "swiftavatar.bundle/1", "name": bundle.name, "version": "1", "extends": base, "without": ["estimator"],
                "models": {f"estimator:{engine}": entry}}
    (bundle / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def estimate(cfg: dict, bundle: Path, engine: str, photos: Path, out: Path, *options: str) -> None:
    """The program's results for a folder of photos, one photo after the other on one core."""
    out.mkdir(parents=True, exist_ok=True)
    command = [cfg["program"], "estimate", photos, "--bundle", bundle, "--engine", engine, "--inversion", "none", "--previews",
               "none", "--device", "cpu", "--jobs", "1", "-q", "-o", out, *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode not in (0, 1):
        raise SystemExit(f"{bundle}: `{' '.join(map(str, command))}` failed")


def tune_colors(net: EstimatorNet, bundle: Path, cfg: dict, engine: str, measured: dict[str, np.ndarray] | None) -> dict[str, float]:
    """Exports the bundle with or without the colours' heads, whichever agrees better with the labels of the tuning split."""
    split, photos, found = cfg["tune_split"], Path(cfg["photos"]), {}
    rows = (Row("skin tone", "skin_tone", None), Row("hair colour", "hair_color", GROUPS["hair_color"]))
    for color_heads in (False, True):
        out = bundle.with_name(f"{bundle.name}-{split}-{'heads' if color_heads else 'measured'}")
        export_bundle(net, bundle, cfg, engine, measured, color_heads)
        estimate(cfg, bundle, engine, photos / split, out, "--shard", cfg["tune_shard"], "--force")
        seen = read_split(photos, split, out)
        there = np.array([bool(answer) for answer in seen.answers])
        found[color_heads] = float(np.mean([figure(row, seen, there) for row in rows]))
    best = found[True] > found[False]
    export_bundle(net, bundle, cfg, engine, measured, best)
    return {"colours measured": round(found[False], 3), "colours by heads": round(found[True], 3)}
