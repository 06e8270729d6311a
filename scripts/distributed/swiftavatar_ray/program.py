"""One `swiftavatar estimate --follow` that stays alive, with its models loaded."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class ProgramDied(Exception):
    """A signal ended the program: it crashed, or somebody or the kernel killed it."""


class Estimator:
    """Photos' bytes in, result objects (docs/result-json.md) out. A program that dies is started again."""

    def __init__(self, program: str, options: Sequence[str]) -> None:
        self._command = [program, "estimate", *options, "--files-from", "-", "--follow", "--jsonl", "--quiet", "--force"]
        self._scratch = tempfile.TemporaryDirectory(prefix="swiftavatar-")  # gone with this object
        self.folder = Path(self._scratch.name)
        self._process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._scratch.cleanup()

    def __call__(self, photos: Sequence[bytes]) -> list[list[dict[str, Any]]]:
        """For each photo the objects of its faces, or one with its error. Raises RuntimeError where the program says that no
        photo can be done (a model is missing, a wrong option). Pictures lie in `folder` until the next call."""
        for old in self.folder.iterdir():
            old.unlink()
        paths = [self.folder / f"{number}.photo" for number in range(len(photos))]
        for path, data in zip(paths, photos, strict=True):
            path.write_bytes(data)
        answers: list[list[dict[str, Any]]] = []
        try:
            self._ask(paths, answers)
        except ProgramDied:
            # The photo that did it is among those in hand: the rest one at a time, so that it alone is lost.
            for path in paths[len(answers):]:
                try:
                    self._ask([path], answers)
                except ProgramDied as death:
                    answers.append([{"status": "crashed", "error": {"code": "crashed", "message": str(death)}}])
        return answers

    def _ask(self, paths: Sequence[Path], answers: list[list[dict[str, Any]]]) -> None:
        process = self._started()
        assert process.stdin is not None
        try:
            process.stdin.write(b"".join(b"%s\n" % bytes(path) for path in paths))
            process.stdin.flush()
        except BrokenPipeError:
            raise self._end() from None
        for _ in paths:
            faces = [self._read()]
            while len(faces) < self._faces(faces[0]):
                faces.append(self._read())
            answers.append(faces)

    def _faces(self, first: dict[str, Any]) -> int:
        """How many lines a photo has: with --face all one for each face."""
        everyone = first["status"] == "ok" and first["options"]["face"] == "all"
        return int(first["face"]["count"]) if everyone else 1

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._log = tempfile.TemporaryFile()
            self._process = subprocess.Popen([*self._command, "-o", str(self.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                             stderr=self._log)
        return self._process

    def _read(self) -> dict[str, Any]:
        assert self._process is not None and self._process.stdout is not None
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        if "status" not in answer:  # no face's object: the run has failed, and says why on stderr
            raise self._end()
        return answer

    def _end(self) -> Exception:
        assert self._process is not None
        status = self._process.wait()
        self._process = None
        self._log.seek(0)
        log = self._log.read().decode(errors="replace").strip()
        if status < 0:
            return ProgramDied(f"The program was ended by signal {-status}.")
        return RuntimeError(f"{' '.join(self._command)}: exit status {status}\n{log[-2000:]}")
