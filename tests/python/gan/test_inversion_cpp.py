"""The C++ program lowers the training package's loss as far as the training package does."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from swiftavatar_train.core.align import align_image, align_transform, five_points
from swiftavatar_train.core.bundle import Bundle, parse
from swiftavatar_train.core.image import to_tensor
from swiftavatar_train.gan.inversion import InversionLoss, invert
from swiftavatar_train.gan.perceptual import load_perceptual

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("SWIFTAVATAR", ROOT / "build/dev/bin/swiftavatar"))
BUNDLE, PHOTO, STEPS = ROOT / "models/default", ROOT / "examples/astronaut.png", 16


@pytest.mark.skipif(not (PROGRAM.parent / "face_landmarks").exists(), reason=f"{PROGRAM} is not built")
def test_the_program_comes_as_far(tmp_path: Path) -> None:
    subprocess.run([PROGRAM, "invert", PHOTO, "--steps", str(STEPS), "-o", tmp_path], check=True)
    theirs = torch.from_numpy(np.load(tmp_path / "astronaut.codes.npy"))
    found = subprocess.run([PROGRAM.parent / "face_landmarks", BUNDLE, PHOTO], check=True, capture_output=True, text=True)
    mesh = np.array(json.loads(found.stdout)["mesh"])
    photo = cv2.cvtColor(cv2.imread(str(PHOTO)), cv2.COLOR_BGR2RGB)
    rgb = to_tensor(align_image(photo, align_transform(five_points(mesh), 128), 128)[None])
    bundle = Bundle(BUNDLE)
    generator, parts = bundle.generator("real_generator"), parse(bundle.module("parser"), rgb)
    with torch.no_grad():
        start = bundle.module("inverter")(rgb, parts)
    perceptual, mean = load_perceptual(), bundle.mean_code()
    ours = invert(generator, start, rgb, parts, perceptual, STEPS, mean=mean)
    measure = InversionLoss(rgb, parts, perceptual, mean)

    def loss(codes: torch.Tensor) -> float:
        with torch.no_grad():
            out, mask, _ = generator(codes)
            return float(measure.plain(codes, out, mask) + measure.distance(out))

    # Crops differ by hundredths of a pixel, and Adam's first steps go by signs: the ways part, what they lead to does not.
    assert loss(theirs) == pytest.approx(loss(ours), abs=0.1 * (loss(start) - loss(ours)))
