"""Stage `data`: photos, masks, landmarks and labels as aligned arrays in work/cache.

Crops and meshes are those that the program itself will find (`landmark_tool`); checked landmarks only say what is to be
measured.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Container
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm

from ..core.align import align_image, align_transform, five_points, transform_points
from ..core.bundle import parse
from ..core.checkpoint import save_arrays
from ..core.image import shrink_images, to_tensor
from ..core.labels import ATTRIBUTES, attribute_index, read_rows
from ..core.paths import LABELS
from .soft_labels import photo_shares
from .tables import excluded, people

SIZE = 256
SPLITS = ("train", "dev", "congress")


def aligned_photo(image: np.ndarray, mesh: np.ndarray, mask: np.ndarray | None,
                  size: int = SIZE) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray]:
    """Crop, mask (255 outside the photo), mesh in 0..1 of the crop, and the transform from photo to crop."""
    transform = align_transform(five_points(mesh), size)
    crop = align_image(image, transform, size)
    part = None if mask is None else align_image(mask, transform, size, nearest=True, border=255)
    return crop, part, (transform_points(mesh, transform) / size).astype(np.float32), transform


def own_landmarks(tool: Path, bundle: Path, folder: Path, out: Path) -> dict[str, np.ndarray | None]:
    """The program's mesh [478, 2] of each photo in `folder`, by name; None where it finds no face. Kept in `out`."""
    if not out.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = out.with_suffix(".tmp")
        with open(temporary, "w") as file:
            subprocess.run([tool, bundle, *sorted(folder.iterdir())], stdout=file, check=True)
        temporary.replace(out)
    found = {}
    for line in out.read_text().splitlines():
        entry = json.loads(line)
        found[entry["file"]] = None if entry["mesh"] is None else np.array(entry["mesh"], np.float64)
    return found


def build_split(photos: Path, split: str, persons: dict[str, str], own: dict[str, np.ndarray | None], left_out: Container[str] = (),
                parser: torch.jit.ScriptModule | None = None, reading_share: float = 0.0) -> dict[str, np.ndarray]:
    """All arrays of one split: `mesh` is the program's own, `checked` the one that came with the photos, and the program's own where
    none did; masks that did not come with the photos are the parser's. Left out are SET/FILE in `left_out`, and photos without any
    mesh, which are named. Labels are indices NAME [N] (-1 unknown), and what readers say is "shares:NAME" [N, C]."""
    meshes = given_meshes(photos / f"landmarks_{split}.npz")
    kept, columns = [], {key: [] for key in ("image", "mask", "mesh", "checked", "name", "person", "confidence", *ATTRIBUTES)}
    for row in tqdm(read_rows(label_table(photos, split)), desc=split):
        name = row["file"]
        if f"{split}/{name}" in left_out:
            continue
        mesh, found = meshes.get(name), own.get(name)
        checked = found if mesh is None else mesh[:, :2].astype(np.float64)
        if checked is None or (meshes and mesh is None):
            print(f"{split}/{name}: no landmarks, left out")
            continue
        if found is None:
            print(f"{split}/{name}: the program finds no face")
            found = checked
        image = cv2.imread(str(photos / split / name), cv2.IMREAD_COLOR)[:, :, ::-1]
        mask = cv2.imread(str(photos / "masks" / split / (Path(name).stem + ".png")), cv2.IMREAD_GRAYSCALE)
        crop, part, points, transform = aligned_photo(image, found, mask)
        columns["image"].append(crop)
        columns["mask"].append(parsed(parser, crop) if part is None and parser is not None else part)
        columns["mesh"].append(points)
        columns["checked"].append((transform_points(checked, transform) / SIZE).astype(np.float32))
        columns["name"].append(name)
        columns["person"].append(persons.get(f"{split}/{name}") or f"{split}/{name}")
        columns["confidence"].append(int(row.get("confidence") or 1))
        for attribute in ATTRIBUTES:
            columns[attribute].append(attribute_index(attribute, row.get(attribute, "")))
        kept.append(row)
    arrays = {key: np.array(value) for key, value in columns.items()}
    shares = photo_shares(split, kept, reading_share)
    return {key: value.astype(np.int8) if key in ATTRIBUTES else value for key, value in arrays.items()} | {
        f"shares:{name}": value.astype(np.float32) for name, value in shares.items()}


def given_meshes(path: Path) -> dict[str, np.ndarray]:
    if not path.exists():
        return {}
    landmarks = np.load(path, allow_pickle=False)
    return dict(zip(landmarks["files"].tolist(), landmarks["points"]))


def label_table(photos: Path, split: str) -> Path:
    """The table that came with the photos, or the repository's."""
    path = photos / f"{split}.csv"
    return path if path.exists() else LABELS / f"{split}.csv"


@torch.no_grad()
def parsed(parser: torch.jit.ScriptModule, crop: np.ndarray) -> np.ndarray:
    """The parser's mask uint8 [S, S] of a crop uint8 [S, S, 3]."""
    parts = parse(parser, to_tensor(shrink_images(crop[None]))).argmax(1)[0].byte().numpy()
    return cv2.resize(parts, crop.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def run(cfg: dict, work: Path) -> None:
    photos = Path(cfg["photos"])
    persons, left_out = people({row["file"]: row["person"] for row in read_rows(photos / "sources.csv")}), excluded()
    parser = torch.jit.load(str(Path(cfg["bundle"]) / "parser.pt")).eval()
    out = work / "cache"
    out.mkdir(parents=True, exist_ok=True)
    for split in dict.fromkeys((*SPLITS, *cfg["training"])):
        own = own_landmarks(Path(cfg["landmark_tool"]), Path(cfg["bundle"]), photos / split, Path(cfg["scratch"]) / f"{split}.jsonl")
        save_arrays(out / f"{split}.npz", **build_split(photos, split, persons, own, left_out, parser, cfg["reading_share"]))
