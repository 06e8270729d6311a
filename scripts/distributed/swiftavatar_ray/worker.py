"""What one worker of the cluster does with a batch of rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from .photos import read_photo
from .program import Estimator


class Worker:
    """Rows with `path` and perhaps `bytes` in; out, one for each face or failed photo, rows with `path`, `status`, `result`
    (the JSON object as text) and a column `NAME_png` for each preview asked for."""

    def __init__(self, program: str, options: Sequence[str], previews: Sequence[str]) -> None:
        self._estimate = Estimator(program, [*options, "--previews", ",".join(previews) or "none"])
        self._previews = previews

    def __call__(self, batch: pa.Table) -> pa.Table:
        answers: dict[int, list[dict[str, Any]]] = {}
        photos: dict[int, bytes] = {}
        rows = batch.to_pylist()
        for number, row in enumerate(rows):
            try:
                photos[number] = row["bytes"] if row.get("bytes") is not None else read_photo(row["path"])
            except OSError as error:
                message = f"cannot be read ({error})."
                answers[number] = [{"status": "io_error", "error": {"code": "io_error", "message": message}}]
        answers.update(zip(photos, self._estimate(list(photos.values())), strict=True))
        return pa.Table.from_pylist([self._row(rows[number]["path"], face) for number in range(len(rows)) for face in answers[number]],
                                    schema=self._schema())

    def _row(self, path: str, face: dict[str, Any]) -> dict[str, Any]:
        previews = face.get("previews") or {}
        pictures = {f"{name}_png": (self._estimate.folder / previews[name]["path"]).read_bytes() if name in previews else None
                    for name in self._previews}
        face.pop("previews", None)  # they are columns
        # The program knows only its scratch file.
        given = face.setdefault("input", {}).get("path")
        face["input"]["path"] = path
        if "error" in face:
            message = face["error"]["message"]
            face["error"]["message"] = message.replace(given, path) if given else f"{path}: {message}"
        return {"path": path, "status": face["status"], "result": json.dumps(face, ensure_ascii=False), **pictures}

    def _schema(self) -> pa.Schema:
        columns = [("path", pa.string()), ("status", pa.string()), ("result", pa.string())]
        return pa.schema([*columns, *((f"{name}_png", pa.binary()) for name in self._previews)])
