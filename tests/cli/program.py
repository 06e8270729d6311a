"""Runs the real program and reads what it wrote."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import jsonschema
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("SWIFTAVATAR", ROOT / "build/dev/bin/swiftavatar"))
PHOTO = ROOT / "examples/astronaut.png"
TINY = ROOT / "tests/data/engines/tiny/definition.json"
PHOTOS = ROOT.parent / "shared/photos"

SANITIZED = "ASAN_OPTIONS" in os.environ  # a program that is slow, and whose libraries load in another way
FAST = ("--inversion", "none")


class Run:
    """A finished run of the program."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.status = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr.decode(errors="replace")

    @property
    def json(self) -> Any:
        """stdout, which has to be one JSON document and nothing else."""
        return json.loads(self.stdout)

    @property
    def jsonl(self) -> list[Any]:
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def lines(self) -> list[str]:
        return self.stdout.decode(errors="surrogateescape").splitlines()

    @property
    def log(self) -> list[str]:
        """The program's own lines on stderr."""
        return [line for line in self.stderr.splitlines() if line.startswith("swiftavatar: ")]


def environment(**changes: str) -> dict[str, str]:
    """No data folder of the user's; one thread, because several that wait for each other on a busy machine take minutes."""
    env = {key: value for key, value in os.environ.items() if key not in ("SWIFTAVATAR_DATA", "SWIFTAVATAR_STYLES", "XDG_DATA_HOME")}
    return {**env, "OMP_NUM_THREADS": "1", "HOME": "/nonexistent", **changes}


def swiftavatar(*args: object, cwd: Path, status: int | tuple[int, ...] = 0, stdin: bytes = b"", **options: Any) -> Run:
    """Runs `swiftavatar ARGS…` in `cwd` and expects the exit status, or one of several. Arguments may be paths, texts or bytes."""
    command = [arg if isinstance(arg, bytes) else str(arg) for arg in (PROGRAM, *args)]
    options.setdefault("env", environment())
    run = Run(subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, timeout=600, check=False, **options))
    assert run.status in (status if isinstance(status, tuple) else (status,)), f"exit status {run.status}, expected {status}\n{command}\n{run.stderr}"
    return run


def estimate(*args: object, cwd: Path, status: int = 0, **options: Any) -> Run:
    """`estimate` without an inversion, which takes most of the time: for tests of something else."""
    return swiftavatar("estimate", *args, *FAST, cwd=cwd, status=status, **options)


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((ROOT / "docs/result.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check(document: Any) -> Any:
    """The document, which has to be what docs/result.schema.json says."""
    validator().validate(document)
    return document


def load(path: Path) -> Any:
    """A JSON file of the program's, checked against the schema."""
    return check(json.loads(path.read_bytes()))


def check_previews(result: Any, folder: Path) -> None:
    for name, preview in result["previews"].items():
        data = (folder / preview["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == preview["sha256"], name


def without_timing(document: Any) -> Any:
    return {key: value for key, value in document.items() if key != "timing_ms"}


def alike(one: Any, other: Any) -> bool:
    """Equal but for numbers that differ by less than 1e-3 and colours by two levels."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(*pair) for pair in zip(one, other))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < 1e-3
    if isinstance(one, str) and isinstance(other, str) and one[:1] == other[:1] == "#" and len(one) == len(other) == 7:
        return all(abs(int(one[at:at + 2], 16) - int(other[at:at + 2], 16)) <= 2 for at in (1, 3, 5))
    return one == other


def sentence(run: Run, *words: str) -> str:
    """The one sentence on stderr that says why nothing was done."""
    own = [line for line in run.log if "No usable GPU was found" not in line]
    assert len(own) == 1, run.stderr
    for trace in ("terminate called", "what():", "Exception raised from", "frame #", "Traceback", "internal error"):
        assert trace not in run.stderr
    for word in words:
        assert word in own[0], own[0]
    return own[0]


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def read_rgb(path: Path = PHOTO) -> np.ndarray:
    """The pixels as they are stored, [H,W,3], B first as OpenCV has them."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert image is not None, path
    return image


def write_image(path: Path, image: np.ndarray, *options: int) -> Path:
    """Encodes in memory: OpenCV itself cannot write every name."""
    ok, data = cv2.imencode(path.suffix, image, list(options))
    assert ok
    path.write_bytes(data.tobytes())
    return path
