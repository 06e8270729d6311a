"""From an engine's parts to its files, the same for every engine that is drawn here."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

META = {"license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}, "creator": {"name": "swiftavatar"}}


def definition_text(definition: dict) -> str:
    """One variant a line."""
    return json.dumps(definition, indent=None, separators=(",", ":"), ensure_ascii=False).replace('{"elements"', '\n{"elements"') + "\n"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def outline_anchors(outlines: dict[str, list]) -> dict[str, dict]:
    """Cheek, jaw and chin points of every head's right half, on both sides; what `oval` has is the default."""
    result = {}
    for knot, right, left in ((5, 454, 234), (7, 397, 172), (10, 152, None)):
        for index, side in ((right, 1), (left, -1)):
            if index is None:
                continue
            places = {name: [256 + side * (half[knot][0] - 256), half[knot][1]] for name, half in outlines.items()}
            x, y = places.pop("oval")
            result[str(index)] = {"component": "head", "x": x, "y": y, "variants": {n: p for n, p in places.items() if p != [x, y]}}
    return result


def write(texts: dict[str, str], default: Path) -> None:
    """Writes file name -> content into the folder of the command line, or `default`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        print(f"{folder / name}: {len(text.encode()) / 1024:.0f} KiB")
