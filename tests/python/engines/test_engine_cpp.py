"""The C++ composer and the Python one must draw the same avatar the same way."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.sampling import random_avatar
from swiftavatar_train.engines.semantics import Semantics

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("SWIFTAVATAR", ROOT / "build/dev/bin/swiftavatar"))
ENGINES = ROOT / "configs/engines"
SIZE = 256


@pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")
@pytest.mark.parametrize("name", ["tiktok", "alter"])
def test_same_picture_as_the_program(tmp_path: Path, name: str) -> None:
    definition = ENGINES / name / "definition.json"
    engine = Engine.load(definition)
    semantics = Semantics.load(ENGINES / name / "semantics.json")
    rng = np.random.default_rng(5)
    avatars = [engine.tie(engine.default_avatar())] + [random_avatar(engine, rng, semantics) for _ in range(15)]
    for avatar in avatars:
        native, picture = tmp_path / "avatar.json", tmp_path / "avatar.png"
        native.write_text(json.dumps(avatar))
        subprocess.run([PROGRAM, "render", "--engine", definition, "--native", native, "--size", str(SIZE),
                        "-o", picture], check=True)
        drawn = cv2.cvtColor(cv2.imread(str(picture), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)
        difference = np.abs(drawn.astype(int) - engine.render(avatar, SIZE).astype(int))
        assert difference.mean() < 0.1, avatar
