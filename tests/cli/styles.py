"""DiceBear's styles, random avatars of them, and the program's drawing of many avatars at once."""

from __future__ import annotations

import json
import random
import re
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from program import PROGRAM, ROOT

FACE_STYLES = re.findall(r'"([a-z-]+)"', (ROOT / "src/avatar/face_styles.inc").read_text())
TOOLS = [folder / "draw_avatars" for folder in (PROGRAM.parent, ROOT / "build/dev/bin")]


def require_dicebear() -> None:
    """Skips where the packages of the test environment are missing."""
    pytest.importorskip("dicebear", reason="the package dicebear-core is not installed")
    pytest.importorskip("dicebear_styles", reason="the package dicebear-styles is not installed")


def style_file(style: str) -> Path:
    """The definition of a style of the package, or `style` itself where it is a file's path."""
    if style.endswith(".json"):
        return Path(style)
    spec = find_spec("dicebear_styles")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / f"{style}.json"


@cache
def definition(style: str) -> Any:
    return json.loads(style_file(style).read_text())


def random_options(style: str, rng: random.Random) -> dict[str, Any]:
    """Options that leave nothing to chance. Colours are of the palette or any other."""
    options: dict[str, Any] = {}
    for name, component in definition(style).get("components", {}).items():
        if "extends" in component:
            continue
        optional = component.get("probability", 100) < 100
        shown = not optional or rng.random() < 0.7
        if shown:
            options[f"{name}Variant"] = rng.choice(sorted(component["variants"]))
        if optional:
            options[f"{name}Probability"] = 100 if shown else 0
    for name, color in definition(style).get("colors", {}).items():
        own = rng.random() < 0.3
        options[f"{name}Color"] = f"#{rng.randrange(1 << 24):06x}" if own else rng.choice(color["values"]).lower()
    return options


def core_svg(style: str, options: dict[str, Any]) -> str:
    """The picture that DiceBear's own core makes of the options, which it validates."""
    from dicebear import Avatar, Style
    return str(Avatar(core_style(style, Style), options))


@cache
def core_style(style: str, kind: Any) -> Any:
    return kind(definition(style))


def draw(requests: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Answers of tests/tools/draw_avatars.cpp."""
    tool = next((tool for tool in TOOLS if tool.exists()), None)
    if tool is None:
        pytest.skip("draw_avatars is not built beside the program")
    done = subprocess.run([tool], input=json.dumps(requests).encode(), capture_output=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
