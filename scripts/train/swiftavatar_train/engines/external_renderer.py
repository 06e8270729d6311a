"""Avatars drawn by a user's program: JSON on stdin, PNG on stdout, as `swiftavatar --render-command` does it."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import cv2
import numpy as np

SECONDS = 30
SIDE = 8192


def draw(command: str, engine: str, avatar: dict, size: int, seconds: float = SECONDS) -> np.ndarray:
    """uint8 [size, size, 4] RGBA: the program's picture, in the middle of a clear square where it is not one itself.

    Runs `/bin/sh -c command` in a process group of its own. Raises RuntimeError with the program's last stderr line.
    """
    request = json.dumps({"engine": engine, "avatar": avatar, "size": size}) + "\n"
    with subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True) as program:
        try:
            output, errors = program.communicate(request.encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"render_command took longer than {seconds} s and was stopped") from None
        finally:
            try:
                os.killpg(program.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    said = errors.decode(errors="replace").strip().rpartition("\n")[2]
    if program.returncode != 0:
        raise RuntimeError(f"render_command failed with exit status {program.returncode}: {said}")
    image = cv2.imdecode(np.frombuffer(output, np.uint8), cv2.IMREAD_UNCHANGED) if output.startswith(b"\x89PNG") else None
    if image is None or max(image.shape[:2]) > SIDE:
        raise RuntimeError(f"render_command printed no PNG of at most {SIDE} pixels a side")
    if image.dtype == np.uint16:
        image = (image / 257).astype(np.uint8)
    to_rgba = {2: cv2.COLOR_GRAY2RGBA, 3: cv2.COLOR_BGR2RGBA, 4: cv2.COLOR_BGRA2RGBA}
    image = cv2.cvtColor(image, to_rgba[2 if image.ndim == 2 else image.shape[2]])
    scale = size / max(image.shape[:2])
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    if scale != 1:
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square = np.zeros((size, size, 4), np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top:top + height, left:left + width] = image
    return square
