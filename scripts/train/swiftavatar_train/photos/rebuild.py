"""The folder of photos, made anew from clones of the repositories that the pictures lie in.

    FOLDER/SET/FILE               the pictures
    FOLDER/SET.csv                their labels, and FOLDER/SET-readings.csv where there are several readings
    FOLDER/masks/SET/FILE.png     part masks (masks.py)
    FOLDER/landmarks_SET.npz      files [N], points [N, 478, 2] in pixels
    FOLDER/sources.csv            where each SET/FILE comes from; `person` is the same for pictures of one person
    FOLDER/missing.csv            what could not be had, and why
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from .cutting import cut_picture, decode
from .faces import largest_face
from .git_objects import Clone, Missing
from .masks import part_mask
from .networks import Networks
from .tables import LABELS, SETS, Picture, excluded, person_groups, read_table, wanted_pictures


@dataclass
class Report:
    """How many pictures there are now, by set, and what is missing: rows of missing.csv."""

    made: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    missing: list[dict[str, str]] = field(default_factory=list)

    def lacks(self, picture: Picture, reason: str) -> None:
        self.missing.append({"set": picture.set, "file": picture.file, "repository": picture.repository, "path": picture.path,
                             "reason": reason})


def rebuild(sets: Collection[str], clones: Path, folder: Path, networks: Networks, labels: Path = LABELS) -> Report:
    """The whole folder, of these sets. What is there already stays."""
    networks.fetch()  # before the long work
    folder.mkdir(parents=True, exist_ok=True)
    report = rebuild_pictures(wanted_pictures(sets, labels), clones, folder, networks)
    copy_labels(labels, folder, excluded(labels))
    for name in sets:
        if (folder / name).is_dir():
            for file in annotate(folder, name, networks):
                print(f"{name}/{file}: no face found, so no mask and no landmarks")
    return report


def tell(report: Report) -> None:
    """A line a set, then a line a reason."""
    lacking = Counter(row["set"] for row in report.missing)
    for name in SETS:
        found, kept = report.made[name], report.kept[name]
        if found + kept + lacking[name]:
            print(f"{name}: {found} found, {kept} there before, {lacking[name]} missing")
    for (repository, reason), count in sorted(Counter((row["repository"], row["reason"]) for row in report.missing).items()):
        print(f"  {count} missing of {repository}: {reason}")


def check(pictures: list[Picture], clones: Path) -> Report:
    """Which pictures the clones have; writes nothing."""
    def look(picture: Picture, content: bytes) -> None:
        decode(content)

    return _each(pictures, clones, lambda picture: False, look, "looking")


def rebuild_pictures(pictures: list[Picture], clones: Path, folder: Path, networks: Networks) -> Report:
    """Cuts the pictures that are not there yet, and lists in missing.csv those that cannot be."""
    def make(picture: Picture, content: bytes) -> None:
        path = folder / picture.set / picture.file
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        image = cut_picture(decode(content), picture, networks)
        image.save(temporary, "JPEG", quality=SETS[picture.set].quality)
        temporary.replace(path)

    report = _each(pictures, clones, lambda picture: (folder / picture.set / picture.file).exists(), make, "cutting")
    write_table(folder / "missing.csv", report.missing, ("set", "file", "repository", "path", "reason"))
    return report


def copy_labels(labels: Path, folder: Path, left_out: Container[str]) -> None:
    """The tables without the pictures SET/FILE that are left out, beside the pictures."""
    for name in SETS:
        for table in (f"{name}.csv", f"{name}-readings.csv"):
            if (labels / table).exists():
                rows = read_table(labels / table)
                write_table(folder / table, [row for row in rows if f"{name}/{row['file']}" not in left_out], rows[0])
    people = person_groups(labels)
    rows = []
    for row in read_table(labels / "sources.csv"):
        name = f"{row.pop('set')}/{row['file']}"
        if name not in left_out:
            rows.append({**row, "file": name, "person": people.get(name, "")})
    write_table(folder / "sources.csv", rows, ("file", "person", "licence", "repository", "path", "commit", "blob"))


def _each(pictures: list[Picture], clones: Path, there: Callable[[Picture], bool], do: Callable[[Picture, bytes], None],
          what: str) -> Report:
    report = Report()
    repositories = {name: Clone(clones, name) for name in {picture.repository for picture in pictures}}
    for picture in tqdm(pictures, desc=what, disable=None):
        if there(picture):
            report.kept[picture.set] += 1
            continue
        try:
            do(picture, repositories[picture.repository].read(picture.commit, picture.path, picture.blob))
            report.made[picture.set] += 1
        except Missing as missing:
            report.lacks(picture, str(missing))
    return report


def write_table(path: Path, rows: list[dict[str, str]], columns: Iterable[str]) -> None:
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, list(columns), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def annotate(folder: Path, name: str, networks: Networks) -> list[str]:
    """Landmarks and masks of the pictures of one set; those without them are made. Returns where no face is found."""
    known: dict[str, np.ndarray] = {}
    landmarks, masks = folder / f"landmarks_{name}.npz", folder / "masks" / name
    if landmarks.exists():
        with np.load(landmarks) as arrays:
            known = dict(zip(arrays["files"].tolist(), arrays["points"]))
    masks.mkdir(parents=True, exist_ok=True)
    points: dict[str, np.ndarray] = {}
    without = []
    for path in tqdm(sorted((folder / name).glob("*.jpg")), desc=f"masks of {name}", disable=None):
        mask = masks / f"{path.stem}.png"
        if path.name in known and mask.exists():
            points[path.name] = known[path.name]
            continue
        image = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        face = largest_face(image, networks)
        if face is None:
            without.append(path.name)
            continue
        points[path.name] = face.mesh
        cv2.imwrite(str(mask), part_mask(image, face, networks))
    np.savez_compressed(landmarks, files=np.array(list(points), str), points=np.array(list(points.values()), np.float32).reshape(-1, 478, 2))
    return without
