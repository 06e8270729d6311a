"""The C++ program and the training package invert a photo to the same face: same losses, same steps, same rate."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from swiftavatar_train.align import align_image, align_transform, five_points
from swiftavatar_train.bundle import Bundle, parse
from swiftavatar_train.generator_data import to_rgb
from swiftavatar_train.perceptual import load_perceptual
from swiftavatar_train.train_generator import invert

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("SWIFTAVATAR", ROOT / "build/dev/bin/swiftavatar"))
BUNDLE, PHOTO, STEPS = ROOT / "models/default", ROOT / "examples/astronaut.png", 6


@pytest.mark.skipif(not (PROGRAM.parent / "face_landmarks").exists(), reason=f"{PROGRAM} is not built")
def test_same_face_as_the_program(tmp_path: Path) -> None:
    subprocess.run([PROGRAM, "invert", PHOTO, "--steps", str(STEPS), "-o", tmp_path], check=True)
    theirs = torch.from_numpy(np.load(tmp_path / "astronaut.codes.npy"))
    found = subprocess.run([PROGRAM.parent / "face_landmarks", BUNDLE, PHOTO], check=True, capture_output=True, text=True)
    mesh = np.array(json.loads(found.stdout)["mesh"])
    photo = cv2.cvtColor(cv2.imread(str(PHOTO)), cv2.COLOR_BGR2RGB)
    rgb = to_rgb(align_image(photo, align_transform(five_points(mesh), 128), 128)[None])
    bundle = Bundle(BUNDLE)
    generator, parts = bundle.generator("real_generator"), parse(bundle.module("parser"), rgb)
    with torch.no_grad():
        start = bundle.module("inverter")(rgb, parts)
    ours = invert(generator, start, rgb, parts, load_perceptual(), STEPS, mean=bundle.mean_code())
    with torch.no_grad():
        start, ours, theirs = (generator(codes)[0] for codes in (start, ours, theirs))
    apart, moved = (float((one - theirs).abs().mean()) for one in (ours, start))
    # Crops differ by hundredths of a pixel, from which each run goes its way: 0.13 apart. Without the chroma term: 0.34.
    assert apart < 0.2 * moved, f"{apart:.4f} apart, after {moved:.4f} from the start"
