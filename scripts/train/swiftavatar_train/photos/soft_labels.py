"""What the readers of a photo say of it, as shares of the values of each attribute and of each component's styles.

Two readers of ten differ in hair's texture, four in its style. A share for each value teaches what a majority would hide. The
first set, `train`, has one label for most attributes; what further readers say of its hair is joined by a regression (readings.py).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..core.labels import ATTRIBUTES, STYLES, attribute_index
from ..core.paths import LABELS
from .readings import READ, label_shares, read_readings

Shares = dict[str, np.ndarray]  # NAME or "style:COMPONENT" -> [N, C]; all zero where nothing is known
TONE_SPREAD = 0.7               # steps by which a reader's skin tone is unsure
# The column of a reading that names each component's style, and the attribute that says whether there is one.
STYLE_COLUMNS = {"hair": ("hair_style", ""), "facialHair": ("facial_style", "facial_hair"), "glasses": ("glasses_style", "glasses"),
                 "headwear": ("headwear_style", "headwear"), "clothes": ("clothes", "")}
WIDTHS = {**{name: len(values) for name, values in ATTRIBUTES.items()}, **{f"style:{name}": len(values) for name, values in STYLES.items()}}


def attribute_vote(name: str, value: str) -> np.ndarray | None:
    """What a reader's value says [C]; None where it says nothing (na, unseen, empty)."""
    index = attribute_index(name, value)
    if index < 0:
        return None
    if name == "skin_tone":
        vote = np.exp(-(np.arange(len(ATTRIBUTES[name])) - index) ** 2 / (2 * TONE_SPREAD ** 2))
        return vote / vote.sum()
    return np.eye(len(ATTRIBUTES[name]))[index]


def style_vote(component: str, reading: dict[str, str]) -> np.ndarray | None:
    """Which style a reader picked [C], or "none" where the reader saw no such thing; None where no style was asked for or suits."""
    column, attribute = STYLE_COLUMNS[component]
    style, values = reading.get(column, ""), STYLES[component]
    if attribute and reading.get(attribute) == "none":
        style = "none"
    elif component == "headwear" and style == "other" and reading.get(attribute) == "hat":
        style = "kufi"  # nearly all hats for which the first menus had no style are caps without a brim
    return np.eye(len(values))[values.index(style)] if style in values else None


def votes(reading: dict[str, str]) -> Iterator[tuple[str, np.ndarray]]:
    for name in ATTRIBUTES:
        if (vote := attribute_vote(name, reading.get(name, ""))) is not None:
            yield name, vote
    for component in STYLES:
        if (vote := style_vote(component, reading)) is not None:
            yield f"style:{component}", vote


def mean_votes(readings: list[list[dict[str, str]]]) -> Shares:
    """Shares [N, C] of photos, each with its readers' rows."""
    shares = {name: np.zeros((len(readings), width)) for name, width in WIDTHS.items()}
    for row, rows in enumerate(readings):
        for reading in rows:
            for name, vote in votes(reading):
                shares[name][row] += vote
    for values in shares.values():
        values /= np.maximum(values.sum(1, keepdims=True), 1e-9)
    return shares


def rows_by_file(path: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    if path.exists():
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["file"], []).append(row)
    return found


def menu_choices(path: Path, split: str) -> dict[str, list[dict[str, str]]]:
    """The table photo, component, variant, second_reading as rows of readers."""
    columns, found = {name: column for name, (column, _) in STYLE_COLUMNS.items()}, {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row["split"] == split and row["component"] in columns:
                for choice in filter(None, (row["variant"], row["second_reading"])):
                    found.setdefault(row["photo"], []).append({columns[row["component"]]: choice})
    return found


def train_shares(rows: list[dict[str, str]], reading_share: float, labels: Path) -> Shares:
    """Of the first set: its one label for each attribute, three readings of the hair, choices in menus, and what was read later."""
    files = [row["file"] for row in rows]
    menus, later = menu_choices(labels / "tiktok.csv", "train"), rows_by_file(labels / "train-readings.csv")
    shares = mean_votes([[row, *menus.get(name, ()), *later.get(name, ())] for name, row in zip(files, rows)])
    ours = mean_votes([[row] for row in rows])
    for name in ATTRIBUTES:  # who read later did so for headwear and for what the first reading lacks
        if name != "headwear" and ours[name].any():
            shares[name] = ours[name]
    if reading_share:
        readings = read_readings(labels / "readings.csv")
        for name in READ:
            index = np.array([attribute_index(name, row[name]) for row in rows])
            shares[name] = label_shares(name, files, index, readings, reading_share)
    return shares


def photo_shares(split: str, rows: list[dict[str, str]], reading_share: float, labels: Path = LABELS) -> Shares:
    """The shares of a set's photos from its label table's rows, or where there are several readings of a photo, from these."""
    if split == "train":
        return train_shares(rows, reading_share, labels)
    readings = rows_by_file(labels / f"{split}-readings.csv")
    return mean_votes([readings.get(row["file"], [row]) for row in rows])
