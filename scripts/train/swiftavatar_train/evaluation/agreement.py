"""`python -m swiftavatar_train.evaluation.agreement --photos DIR dev=RESULTS [congress=RESULTS]`: do the avatars say what the labels say?

Prints a table over attributes: the agreement on the first split with its 95 % interval (2,000 bootstrap draws, by person where persons are known),
on the rows whose label is sure (`confidence` 1), by skin tone, and on all splits together with its standard error. Behind each figure
stands of how many photos it is, for a balanced one of how many of each class; where only one class is there is no balanced figure. A bar is
met if the first split reaches it and all together are not more than one standard error below. What cannot be seen in the
avatar (engines/visible.py) is no answer; engines without a definition here are taken at their word.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.labels import GROUPS, read_rows
from ..core.paths import ENGINES
from ..engines.engine import Engine
from ..engines.semantics import Semantics
from ..engines.visible import unseen
from .splits import role_of

DRAWS = 2000
TONES = ((1, 3), (4, 5), (6, 10))
Groups = tuple[tuple[str, ...], ...]


@dataclass
class Row:
    """One line of the table: what counts as the same answer, and how answers are averaged."""

    name: str
    attribute: str
    groups: Groups | None          # None: skin tone, right within one step
    balanced: bool = False
    bar: float | None = None
    darkest_left_out: int = 0      # of skin tones
    of_all: bool = False           # the bar is for all splits together: one alone shows too few people


ROWS = (
    Row("glasses", "glasses", GROUPS["glasses"], True, 0.97),
    Row("facial hair", "facial_hair", GROUPS["facial_hair"], True, 0.90),
    Row("hair length", "hair_length", GROUPS["hair_length"], False, 0.95),
    Row("fringe", "fringe", GROUPS["fringe"], True, 0.90),
    Row("hair colour", "hair_color", GROUPS["hair_color"], False, 0.86),
    Row("hair texture", "hair_texture", GROUPS["hair_texture"], False, 0.82),
    Row("hair texture, balanced", "hair_texture", GROUPS["hair_texture"], True, 0.70),
    Row("skin tone", "skin_tone", None, False, 0.95),
    Row("skin tone 5 to 10", "skin_tone", None, False, 0.80, 4, True),
    Row("mouth", "mouth", GROUPS["mouth"], False, 0.93),
    Row("earrings", "earrings", GROUPS["earrings"], True, 0.85),
    Row("headwear", "headwear", (("none",), ("hat", "headscarf", "turban")), True),
    Row("lines", "lines", GROUPS["lines"], False),
)


@dataclass
class Answers:
    """Labels and answers of photos, with the person, the label's confidence and the skin tone of each (0: unknown)."""

    labels: list[dict[str, str]]
    answers: list[dict[str, object]]
    person: np.ndarray
    sure: np.ndarray
    tone: np.ndarray
    known: np.ndarray | None = None  # whether it is known who is in it; else the photo stands for a person of its own

    def __add__(self, other: Answers) -> Answers:
        return Answers(self.labels + other.labels, self.answers + other.answers,
                       *(np.concatenate([getattr(self, key), getattr(other, key)]) for key in ("person", "sure", "tone", "known")))


class Seen:
    """What the avatars of results show, and can be seen to show."""

    def __init__(self, engines: Path) -> None:
        self.engines = engines
        self.read: dict[str, tuple[Engine, Semantics] | None] = {}

    def __call__(self, result: dict) -> dict[str, object]:
        shown = result.get("attributes") or {}
        if not shown:
            return {}
        name = result["engine"]["name"]
        folder = self.engines / Path(name).name
        if name not in self.read:
            files = folder / "definition.json", folder / "semantics.json"
            known = all(file.exists() for file in files)
            self.read[name] = (Engine.load(files[0]), Semantics.load(files[1])) if known else None
        away = unseen(*self.read[name], result["avatar"]) if self.read[name] else set()
        return {attribute: value for attribute, value in shown.items() if attribute not in away}


def read_result(results: Path, photo: str) -> dict:
    """The result of a photo, by its file name; {} if it has none."""
    file = results / f"{Path(photo).stem}.avatar.json"
    return json.loads(file.read_text()) if file.exists() else {}


def read_split(photos: Path, split: str, results: Path, engines: Path = ENGINES) -> Answers:
    """All labelled photos of a split; one without an avatar has no answers. `photos` has SPLIT.csv and sources.csv, whose rows name the
    set in a column of its own (scripts/train/labels) or before the file. In tables without `confidence` no label is known to be sure."""
    seen = Seen(engines)
    persons = {f"{row['set']}/{row['file']}" if "set" in row else row["file"]: row["person"] for row in read_rows(photos / "sources.csv")}
    labels = read_rows(photos / f"{split}.csv")
    answers = [seen(read_result(results, row["file"])) for row in labels]
    who = [persons.get(f"{split}/{row['file']}", "") for row in labels]
    return Answers(labels, answers, np.array([person or row["file"] for person, row in zip(who, labels)]),
                   np.array([row.get("confidence") == "1" for row in labels]),
                   np.array([int(row["skin_tone"]) if row["skin_tone"].isdigit() else 0 for row in labels]),
                   np.array([bool(person) for person in who]))


def hits(row: Row, photos: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Class of each photo's label (-1: it does not count) and whether the answer is right."""
    if row.groups is None:
        answer = np.array([int(one.get("skin_tone") or 0) for one in photos.answers])
        kind = np.where(photos.tone > row.darkest_left_out, 0, -1)
        return kind, (answer > 0) & (np.abs(answer - photos.tone) <= 1)
    place = {value: index for index, values in enumerate(row.groups) for value in values}
    kind = np.array([place.get(label.get(row.attribute, ""), -1) for label in photos.labels])
    answer = np.array([place.get(str(one.get(row.attribute)), -2) for one in photos.answers])
    return kind, kind == answer


def average(row: Row, kind: np.ndarray, hit: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The row's figure under each set of photo weights [D, N]; NaN where nobody counts.

    A balanced figure is the mean over the classes that the photos show. Where they show one class, or the weights leave one out, there
    is none: an answer that never changes would be right.
    """
    def share(chosen: np.ndarray) -> np.ndarray:
        total = weights @ chosen
        return np.divide(weights @ (chosen & hit), total, out=np.full(len(weights), np.nan), where=total > 0)

    if not row.balanced:
        return share(kind >= 0)
    classes = np.unique(kind[kind >= 0])
    if len(classes) < 2:
        return np.full(len(weights), np.nan)
    return np.stack([share(kind == one) for one in classes]).mean(0)


def counts(row: Row, kind: np.ndarray, chosen: np.ndarray | None = None) -> list[int]:
    """How many photos a figure is of; for a balanced one, of each class."""
    kind = kind if chosen is None else kind[chosen]
    classes = range(len(row.groups)) if row.balanced and row.groups else None
    return [int((kind == one).sum()) for one in classes] if classes else [int((kind >= 0).sum())]


def person_draws(person: np.ndarray, draws: int, seed: int = 0) -> np.ndarray:
    """How often each photo comes into each of `draws` bootstrap samples of persons: [D, N]."""
    names, index = np.unique(person, return_inverse=True)
    counts = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), draws)
    return counts[:, index].astype(np.float64)


def average_of(row: Row, kind: np.ndarray, hit: np.ndarray, chosen: np.ndarray | None = None) -> float:
    """The row's figure of all photos, or of those chosen."""
    everybody = np.ones((1, len(kind))) if chosen is None else chosen[None].astype(np.float64)
    return float(average(row, kind, hit, everybody)[0])


def figure(row: Row, photos: Answers, chosen: np.ndarray | None = None) -> float:
    return average_of(row, *hits(row, photos), chosen)


def text(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"


def cell(row: Row, photos: Answers, chosen: np.ndarray | None = None) -> str:
    """A figure and, in brackets, how many photos it is of; for a balanced one, of each class."""
    return f"{text(figure(row, photos, chosen))} ({' + '.join(map(str, counts(row, hits(row, photos)[0], chosen)))})"


def count_row(rows: Sequence[Row], photos: Answers, chosen: np.ndarray | None = None) -> list[str]:
    """How many photos the figures of each row are of, for tables that have a line for each network instead."""
    return [" + ".join(map(str, counts(row, hits(row, photos)[0], chosen))) for row in rows]


def line(row: Row, first: Answers, together: Answers | None, draws: int) -> list[str]:
    """The cells of one row of the table; `together`: all splits, where there are several."""
    kind, hit = hits(row, first)
    value, spread = figure(row, first), average(row, kind, hit, person_draws(first.person, draws))
    low, high = np.nanpercentile(spread, [2.5, 97.5]) if not np.isnan(spread).all() else (np.nan, np.nan)
    cells = [row.name, cell(row, first), f"{text(low)} to {text(high)}", cell(row, first, first.sure)]
    cells += [cell(row, first, (first.tone >= low) & (first.tone <= high)) for low, high in TONES]
    pooled, error = value, 0.0
    if together is not None:
        spread = average(row, *hits(row, together), person_draws(together.person, draws))
        pooled, error = figure(row, together), float(np.nanstd(spread)) if not np.isnan(spread).all() else np.nan
        cells.append(f"{cell(row, together)}, s.e. {text(error)}")
    if row.bar is None:
        return [*cells, "-", "-"]
    met = pooled >= row.bar if row.of_all else value >= row.bar and pooled >= row.bar - error
    return [*cells, f"{row.bar:.2f}", "-" if np.isnan(value) else "yes" if met else "no"]


def notes(splits: dict[str, Answers]) -> list[str]:
    """What a reader of the table must know of its photos."""
    found = [f"{name}: {role_of(name)}." for name in splits]
    for name, photos in splits.items():
        persons = len(np.unique(photos.person[photos.known]))
        found.append(f"{name}: who it is is known of {int(photos.known.sum())} of {len(photos.known)} photos ({persons} persons); intervals draw "
                     "these by person, the others by photo.")
    return found


def table(splits: dict[str, Answers], draws: int = DRAWS) -> str:
    """The table as Markdown, with the numbers of photos in brackets, and what is to be known of them below."""
    names = list(splits)
    first, together = splits[names[0]], None
    for name in names[1:]:
        together = (together or first) + splits[name]
    head = ["attribute", names[0], "95 %", "sure labels", *(f"tone {low} to {high}" for low, high in TONES),
            *([" + ".join(names)] if together is not None else []), "bar", "met"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(line(row, first, together, draws)) + " |" for row in ROWS]
    return "\n".join([*lines, "", *notes(splits)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", metavar="SPLIT=RESULTS", help="a split and the folder of its *.avatar.json")
    parser.add_argument("--photos", type=Path, required=True, help="folder of SPLIT.csv and sources.csv")
    arguments = parser.parse_args()
    splits = {}
    for entry in arguments.results:
        split, _, folder = entry.partition("=")
        if not Path(folder).is_dir():
            parser.error(f"{entry}: give SPLIT=FOLDER, such as dev=out")
        splits[split] = read_split(arguments.photos, split, Path(folder))
    print(table(splits))


if __name__ == "__main__":
    main()
