"""Contact sheets by which a bundle is judged: inversions of photos, one code in both generators, and people beside their
avatars."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from ..core.bundle import Bundle, parse
from ..core.image import to_images, to_tensor
from ..core.paths import BUNDLE
from ..gan.data import FaceSet, load_photos
from ..gan.generator import DIM
from ..gan.inversion import invert
from ..gan.perceptual import load_perceptual


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


def encode(bundle: Bundle, faces: FaceSet, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures [N, 3, 128, 128], the parser's parts of them, and the encoder's codes."""
    rgb = to_tensor(faces.image[rows])
    parts = parse(bundle.module("parser"), rgb)
    with torch.no_grad():
        return rgb, parts, bundle.module("inverter")(rgb, parts)


def inversion_sheet(bundle: Bundle, faces: FaceSet, rows: np.ndarray, steps: int) -> np.ndarray:
    """photo | encoder | after `steps` Adam steps."""
    generator = bundle.generator("real_generator")
    rgb, parts, codes = encode(bundle, faces, rows)
    better = invert(generator, codes, rgb, parts, load_perceptual(), steps, mean=bundle.mean_code())
    with torch.no_grad():
        pictures = [faces.image[rows]] + [to_images(generator(c)[0]) for c in (codes, better)]
    return tile([list(group) for group in zip(*pictures)], 4)


def pair_sheet(bundle: Bundle, engine: str, faces: FaceSet, rows: np.ndarray, count: int) -> np.ndarray:
    """G_r | G_a of the same code: codes of the photos in `rows`, then sampled ones, `count` in all."""
    real, avatar = bundle.generator("real_generator"), bundle.generator(f"avatar_generator:{engine}")
    torch.manual_seed(7)
    with torch.no_grad():
        sampled = real.map(0.7 * torch.randn(count - len(rows), DIM))
        codes = torch.cat([encode(bundle, faces, rows)[2], sampled])
        pictures = [to_images(generator(codes)[0]) for generator in (real, avatar)]
    return tile([list(group) for group in zip(*pictures)], 6)


def likeness_sheet(results: Path, names: list[str], side: int = 150) -> np.ndarray:
    """photo | inversion | avatar of the named photos, out of the `*.sheet.png` of a folder of results."""
    groups = []
    for name in names:
        sheet = cv2.imread(str(results / f"{Path(name).stem}.sheet.png"))
        if sheet is None:
            raise SystemExit(f"{results}: no sheet of {name}; run swiftavatar estimate --previews sheet over all photos")
        panels = np.split(sheet[..., ::-1], sheet.shape[1] // sheet.shape[0], axis=1)
        groups.append([cv2.resize(panels[place], (side, side), interpolation=cv2.INTER_AREA) for place in (0, 1, -1)])
    return tile(groups, 4)


def free_names(sources: Path, split: str) -> list[str]:
    """The split's photos that are CC0 by sources.csv."""
    with open(sources, newline="") as file:
        return sorted(row["file"].split("/", 1)[1] for row in csv.DictReader(file)
                      if row["file"].startswith(f"{split}/") and row["licence"].startswith("CC0"))


def free_rows(work: Path, sources: Path, split: str, count: int) -> np.ndarray:
    """Rows of a split's cache whose photos are CC0 by sources.csv, spread evenly."""
    free = set(free_names(sources, split))
    with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
        rows = np.flatnonzero([name in free for name in arrays["name"]])
    return rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("inversions", "code-pairs", "likeness"))
    parser.add_argument("--work", type=Path, help="folder with the photo cache of stage `data`")
    parser.add_argument("--results", type=Path, help="likeness: what `swiftavatar estimate --previews sheet` wrote for dev")
    parser.add_argument("--seed", type=int, default=1, help="likeness: which photos are drawn")
    parser.add_argument("--bundle", type=Path, default=BUNDLE)
    parser.add_argument("--sources", type=Path, help="sources.csv: shows only its CC0 photos of dev")
    parser.add_argument("--engine", default="tiktok")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.kind == "likeness":
        if arguments.results is None or arguments.sources is None:
            parser.error("likeness needs --results and --sources")
        names = np.random.default_rng(arguments.seed).permutation(free_names(arguments.sources, "dev"))[:arguments.count]
        cv2.imwrite(str(arguments.out), likeness_sheet(arguments.results, list(names))[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
        return
    if arguments.work is None:
        parser.error(f"{arguments.kind} needs --work")
    bundle, faces = Bundle(arguments.bundle), load_photos(arguments.work, "dev")
    wanted = arguments.count if arguments.kind == "inversions" else arguments.count // 2
    rows = np.linspace(0, len(faces) - 1, wanted).astype(int) if arguments.sources is None else \
        free_rows(arguments.work, arguments.sources, "dev", wanted)
    sheet = inversion_sheet(bundle, faces, rows, arguments.steps) if arguments.kind == "inversions" else \
        pair_sheet(bundle, arguments.engine, faces, rows, arguments.count)
    cv2.imwrite(str(arguments.out), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
