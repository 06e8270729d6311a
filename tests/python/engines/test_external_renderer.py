"""A user's program draws the avatars that are trained on."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.external_renderer import draw

ROOT = Path(__file__).parents[3]
EXAMPLE = f"{shlex.quote(sys.executable)} {shlex.quote(str(ROOT / 'examples/render_command.py'))}"
AVATAR = {"discrete": {}, "continuous": {}, "colors": {"a": "#102030", "b": "#ffffff"}}


def test_example() -> None:
    image = draw(EXAMPLE, "mine", AVATAR, 64)
    assert image.shape == (64, 64, 4)
    assert (image[:, :32] == [0x10, 0x20, 0x30, 255]).all()
    assert (image[:, 32:] == 255).all()


def test_engine_uses_it() -> None:
    engine = Engine.load(ROOT / "tests/data/engines/tiny/definition.json", EXAMPLE)
    assert engine.name == "tiny"
    assert np.unique(engine.render(AVATAR, 16).reshape(-1, 4), axis=0).shape == (2, 4)


@pytest.mark.parametrize(("command", "word"), [("echo no licence >&2; exit 3", "exit status 3: no licence"), ("echo x", "no PNG"),
                                               ("true", "no PNG")])
def test_failures(command: str, word: str) -> None:
    with pytest.raises(RuntimeError, match=word):
        draw(command, "mine", AVATAR, 16)


def test_time_limit() -> None:
    with pytest.raises(RuntimeError, match="longer than 0.3 s"):
        draw("sleep 1000", "mine", AVATAR, 16, seconds=0.3)
