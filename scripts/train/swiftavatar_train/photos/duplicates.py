"""Which photos show one person: pairs to be looked at, and the tables that follow from what was seen.

    python -m swiftavatar_train.photos.duplicates pairs PHOTOS PAIRS.csv    pairs of near faces, and of like file names
    python -m swiftavatar_train.photos.duplicates tables                    same_person.csv -> duplicates.csv, excluded.csv

Faces are compared by dlib's face recognition network (CC0; `pip install dlib-bin face-recognition-models`), which is a
tool for cleaning the data set only: nothing that ships has it, and people are nowhere named by it. The same picture in
another crop comes out nearer than 0.2, one person in another picture mostly nearer than 0.5, but so do many pairs of
different people, so eyes decide. People also call the pictures of one speaker alike year after year.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from .tables import LABELS, MEASURING, SETS, TRAINING, read_table

SEEN_IN = "shows, or seems to show, the person of"  # a reason of excluded.csv

CHIP = 150       # pixels
PADDING = 0.25   # around the face, of its size
NEAR = 0.43      # beyond that, hardly any pair shows one person
# Where dlib's network wants mesh points to be: outer and inner corners of the eyes, and under the nose; 0..1 of the face.
PLACES = {263: (0.8596, 0.2135), 362: (0.6461, 0.2290), 33: (0.1206, 0.2137), 133: (0.3341, 0.2291), 2: (0.4901, 0.6278)}


def face_chip(image: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """An RGB photo's face as the network wants it, [150, 150, 3], from its mesh [478, 2]."""
    wanted = (np.array(list(PLACES.values())) + PADDING) / (1 + 2 * PADDING) * CHIP
    given = mesh[list(PLACES)].astype(np.float64)
    # Least-squares similarity: as complex numbers, wanted = factor * given + shift.
    a, b = (points @ (1, 1j) for points in (given, wanted))
    factor = np.vdot(a - a.mean(), b - b.mean()) / np.vdot(a - a.mean(), a - a.mean()).real
    shift = b.mean() - factor * a.mean()
    transform = np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])
    shrink = int(1 / abs(factor))
    if shrink >= 2:
        height, width = image.shape[:2]
        small = (max(1, width // shrink), max(1, height // shrink))
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        transform[:, :2] *= (width / small[0], height / small[1])
    return cv2.warpAffine(image, transform, (CHIP, CHIP), borderMode=cv2.BORDER_REPLICATE)


def descriptors(chips: list[np.ndarray]) -> np.ndarray:
    """What the network says of chips [150, 150, 3]: [N, 128]."""
    models = importlib.util.find_spec("face_recognition_models")
    try:
        import dlib
    except ImportError:
        dlib = None
    if dlib is None or models is None or models.origin is None:
        raise SystemExit("To compare faces, run `pip install dlib-bin face-recognition-models==0.3.0` and try again.")
    weights = Path(models.origin).parent / "models" / "dlib_face_recognition_resnet_model_v1.dat"
    network = dlib.face_recognition_model_v1(str(weights))
    return np.array([network.compute_face_descriptor(chip) for chip in chips], np.float32).reshape(-1, 128)


def near_pairs(found: np.ndarray, nearer_than: float) -> list[tuple[int, int, float]]:
    """Pairs of rows of descriptors [N, D] nearer than a distance, with it; the nearest first."""
    pairs = []
    for row, one in enumerate(found[:-1]):
        distances = np.linalg.norm(found[row + 1:] - one, axis=1)
        pairs += [(row, row + 1 + int(k), float(distances[k])) for k in np.flatnonzero(distances < nearer_than)]
    return sorted(pairs, key=lambda pair: pair[2])


def write_pairs(photos: Path, out: Path) -> None:
    """Pairs of all sets of a folder (rebuild.py) whose faces are near, or whose sources are files of one name."""
    names, chips = [], []
    for name in SETS:
        if not (photos / f"landmarks_{name}.npz").exists():
            continue
        with np.load(photos / f"landmarks_{name}.npz") as arrays:
            for file, mesh in zip(arrays["files"].tolist(), arrays["points"]):
                image = cv2.imread(str(photos / name / file), cv2.IMREAD_COLOR)
                chips.append(face_chip(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), mesh))
                names.append(f"{name}/{file}")
    found = descriptors(chips)
    sources = {row["file"]: row["path"] for row in read_table(photos / "sources.csv")}
    pairs = {(first, second) for first, second, _ in near_pairs(found, NEAR)} | set(namesakes([sources[name] for name in names]))
    rows = sorted((float(np.linalg.norm(found[first] - found[second])), names[first], names[second]) for first, second in pairs)
    _write(out, ["first", "second", "distance"], [(first, second, f"{distance:.3f}") for distance, first, second in rows])


def namesakes(paths: list[str], shortest: int = 7, most: int = 4) -> list[tuple[int, int]]:
    """Pairs of rows whose files are called alike: the letters of the name, at least `shortest`, if no more than `most` files
    have them."""
    rows = defaultdict(list)
    for row, path in enumerate(paths):
        letters = re.sub(r"[^a-z]|photo|headshot|thumb|copy", "", Path(path).stem.lower())
        if len(letters) >= shortest and not re.fullmatch("[a-f]+", letters):  # what is left of a hash is no name
            rows[letters].append(row)
    return [pair for same in rows.values() if len(same) <= most for pair in combinations(same, 2)]


def group_people(pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Groups of photos SET/FILE that pairs join, sorted, training sets first."""
    group: dict[str, list[str]] = {}
    for pair in pairs:
        first, second = (group.setdefault(name, [name]) for name in pair)
        if first is not second:
            first += second
            group |= dict.fromkeys(second, first)
    return sorted((sorted(members, key=_order) for members in {id(g): g for g in group.values()}.values()), key=lambda g: _order(g[0]))


def _order(name: str) -> tuple[int, str]:
    return (*TRAINING, *MEASURING).index(name.split("/")[0]), name


def measured_too(people: list[list[str]]) -> dict[str, str]:
    """Photos of training sets that show somebody who is in a measuring set, and who that is."""
    found = {}
    for members in people:
        measured = [name for name in members if name.split("/")[0] in MEASURING]
        found |= {name: measured[0] for name in members if measured and name not in measured
                  and name.split("/")[0] in TRAINING}
    return found


def write_tables(labels: Path = LABELS) -> None:
    """duplicates.csv and excluded.csv, from pairs that were seen to show one person. What is excluded for other reasons
    stays so."""
    people = group_people([(row["first"], row["second"]) for row in read_table(labels / "same_person.csv")])
    _write(labels / "duplicates.csv", ["group", "set", "file"],
           [(number, *name.split("/")) for number, members in enumerate(people, 1) for name in members])
    reasons = {f"{row['set']}/{row['file']}": row["reason"] for row in read_table(labels / "excluded.csv")}
    reasons = {name: reason for name, reason in reasons.items() if not reason.startswith(SEEN_IN)}
    reasons |= {name: f"{SEEN_IN} {measured}" for name, measured in measured_too(people).items()}
    _write(labels / "excluded.csv", ["set", "file", "reason"],
           [(*name.split("/"), reasons[name]) for name in sorted(reasons, key=_order)])


def _write(path: Path, columns: list[str], rows: list[tuple]) -> None:
    with open(path, "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="swiftavatar_train.photos.duplicates", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    pairs = commands.add_parser("pairs", help="pairs of near faces, to be looked at")
    pairs.add_argument("photos", type=Path, help="folder of photos with landmarks_SET.npz")
    pairs.add_argument("out", type=Path, help="table to write: first, second, distance")
    commands.add_parser("tables", help="duplicates.csv and excluded.csv from same_person.csv")
    arguments = parser.parse_args()
    if arguments.command == "pairs":
        write_pairs(arguments.photos, arguments.out)
    else:
        write_tables()


if __name__ == "__main__":
    main()
