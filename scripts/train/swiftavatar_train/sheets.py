"""Contact sheets by which the generators are judged: inversions of photos, and one code in both generators."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from .avatar_generator import load_avatars
from .encoder import Encoder
from .generator import NO_COMPOSITION, Generator
from .generator_data import FaceSet, load_photos, one_hot, to_rgb
from .inverter import load_average
from .perceptual import load_perceptual
from .train_generator import invert


def to_pictures(rgb: Tensor) -> np.ndarray:
    """[N, 3, H, W] in -1..1 to uint8 [N, H, W, 3]."""
    return ((rgb.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()


def tile(groups: list[list[np.ndarray]], columns: int, gap: int = 4) -> np.ndarray:
    """Groups of equal pictures side by side, `columns` groups a row, on white."""
    height, width = groups[0][0].shape[:2]
    rows = -(-len(groups) // columns)
    group_width = len(groups[0]) * width
    sheet = np.full((rows * (height + gap) + gap, columns * (group_width + gap) + gap, 3), 255, np.uint8)
    for place, group in enumerate(groups):
        y, x = gap + place // columns * (height + gap), gap + place % columns * (group_width + gap)
        sheet[y:y + height, x:x + group_width] = np.hstack(group)
    return sheet


def inversion_sheet(work: Path, faces: FaceSet, rows: np.ndarray, steps: int) -> np.ndarray:
    """photo | encoder | after `steps` Adam steps."""
    generator, encoder = Generator(), Encoder()
    load_average(work / "generator" / "state.pt", generator, encoder)
    rgb, parts = to_rgb(faces.image[rows]), one_hot(torch.from_numpy(faces.label[rows]).long())
    with torch.no_grad():
        codes = encoder(rgb, parts)
    better = invert(generator, codes, rgb, parts, load_perceptual(), steps)
    with torch.no_grad():
        pictures = [faces.image[rows]] + [to_pictures(generator(c, NO_COMPOSITION)[0]) for c in (codes, better)]
    return tile([list(group) for group in zip(*pictures)], 4)


def pair_sheet(work: Path, engine: str, count: int) -> np.ndarray:
    """Half of the pairs from photos (photo's code in G_r | G_a), half from held-out avatars."""
    real, encoder, avatar, avatar_encoder = Generator(), Encoder(), Generator(), Encoder()
    load_average(work / "generator" / "state.pt", real, encoder)
    load_average(work / "avatar_generator" / f"{engine}.pt", avatar, avatar_encoder)
    photos, avatars = load_photos(work, "train"), load_avatars(work / "cache" / f"avatars_{engine}.npz")
    rows = np.random.default_rng(7).choice(len(photos), count // 2, replace=False, p=photos.weight)
    with torch.no_grad():
        codes = torch.cat([net(to_rgb(faces.image[chosen]), one_hot(torch.from_numpy(faces.label[chosen]).long()))
                           for net, faces, chosen in ((encoder, photos, rows),
                                                      (avatar_encoder, avatars, np.arange(-(count - count // 2), 0)))])
        pictures = [to_pictures(generator(codes, NO_COMPOSITION)[0]) for generator in (real, avatar)]
    return tile([list(group) for group in zip(*pictures)], 6)


def free_rows(work: Path, sources: Path, split: str, count: int) -> np.ndarray:
    """Rows of a split's cache whose photos are CC0 by sources.csv, spread evenly."""
    with open(sources, newline="") as file:
        free = {row["file"].split("/", 1)[1] for row in csv.DictReader(file)
                if row["file"].startswith(f"{split}/") and row["licence"].startswith("CC0")}
    with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
        rows = np.flatnonzero([name in free for name in arrays["name"]])
    return rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("inversions", "code-pairs"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sources", type=Path, help="sources.csv: shows only its CC0 photos of dev")
    parser.add_argument("--engine", default="tiktok")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.kind == "inversions":
        faces = load_photos(arguments.work, "dev")
        rows = np.linspace(0, len(faces) - 1, arguments.count).astype(int) if arguments.sources is None else \
            free_rows(arguments.work, arguments.sources, "dev", arguments.count)
        sheet = inversion_sheet(arguments.work, faces, rows, arguments.steps)
    else:
        sheet = pair_sheet(arguments.work, arguments.engine, arguments.count)
    cv2.imwrite(str(arguments.out), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
