"""The tables of the data set in scripts/train/labels: where each picture comes from, how it was cut, who is left out."""

from __future__ import annotations

import csv
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.paths import LABELS

TRAINING = ("train", "world", "world-more")
MEASURING = ("dev", "congress", "world-dev")


@dataclass(frozen=True)
class SetRule:
    """How the pictures of a set were stored: the longest side in pixels, JPEG quality."""

    longest: int
    quality: int


SETS = {"train": SetRule(560, 90), "dev": SetRule(560, 90), "congress": SetRule(560, 90),
        "world": SetRule(512, 87), "world-dev": SetRule(512, 87), "world-more": SetRule(448, 86)}


@dataclass(frozen=True)
class Picture:
    """One picture of the data set. `five`: irises, nose tip, corners of the mouth [5, 2] in its pixels, by which it is cut
    out of its source; `fingerprint`: what it looks like (cutting.fingerprint)."""

    set: str
    file: str
    repository: str
    path: str
    commit: str
    blob: str
    width: int
    height: int
    five: np.ndarray
    fingerprint: str

    @property
    def name(self) -> str:
        return f"{self.set}/{self.file}"


def read_table(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def wanted_pictures(sets: Container[str], labels: Path = LABELS) -> list[Picture]:
    """The pictures of some sets that are not left out."""
    left_out = excluded(labels)
    return [picture for picture in read_pictures(labels) if picture.set in sets and picture.name not in left_out]


def read_pictures(labels: Path = LABELS) -> list[Picture]:
    """All pictures that sources.csv lists."""
    cuts = {(row["set"], row["file"]): row for row in read_table(labels / "pictures.csv")}
    pictures = []
    for row in read_table(labels / "sources.csv"):
        cut = cuts[row["set"], row["file"]]
        five = np.array([float(value) for value in cut["five"].split()]).reshape(5, 2)
        pictures.append(Picture(row["set"], row["file"], row["repository"], row["path"], row["commit"], row["blob"],
                                int(cut["width"]), int(cut["height"]), five, cut["fingerprint"]))
    return pictures


def excluded(labels: Path = LABELS) -> dict[str, str]:
    """SET/FILE -> why the picture trains nothing, though it is listed."""
    return {f"{row['set']}/{row['file']}": row["reason"] for row in read_table(labels / "excluded.csv")}


def person_groups(labels: Path = LABELS) -> dict[str, str]:
    """SET/FILE -> the group of pictures that show one person, for those known to."""
    return {f"{row['set']}/{row['file']}": row["group"] for row in read_table(labels / "duplicates.csv")}


def people(named: dict[str, str], labels: Path = LABELS) -> dict[str, str]:
    """SET/FILE -> who it shows, from a folder's own names (SET/FILE -> name, may be empty) and the groups of the tables: what either
    takes for one person is one. Pictures of which nothing is known are not in it."""
    groups = {name: f"group {group}" for name, group in person_groups(labels).items()}
    first: dict[str, str] = {}

    def root(one: str) -> str:
        while one in first:
            one = first[one]
        return one

    known = {name: person for name, person in named.items() if person}
    for name in known.keys() & groups.keys():
        one, two = root(groups[name]), root(f"name {known[name]}")
        if one != two:
            first[max(one, two)] = min(one, two)
    return {name: root(groups[name] if name in groups else f"name {known[name]}") for name in known.keys() | groups.keys()}
