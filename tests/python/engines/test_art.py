"""The committed engine `tiktok` is what scripts/art draws."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_committed_files_are_the_generated_ones(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts" / "art"))
    before = set(sys.modules)
    spec = importlib.util.spec_from_file_location("art_build", ROOT / "scripts" / "art" / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    texts = build.texts()
    for name in set(sys.modules) - before:  # the art's modules have common names (head, hair): leave none behind
        del sys.modules[name]
    for name, text in texts.items():
        committed = (ROOT / "configs" / "engines" / "tiktok" / name).read_text(encoding="utf-8")
        assert committed == text, f"{name} is out of date: run python scripts/art/build.py"
