"""`python -m swiftavatar_train.evaluation.groups --labels SPLIT[,SPLIT] --results FOLDER[,FOLDER]`: is the avatar as right for everybody?

Prints Markdown tables over attributes, styles, the kind of headwear and lines, for all photos of the splits together and for groups of
people: by skin tone, age and headwear. A cell has the figure and, in brackets, of how many photos it is, of a balanced figure those of
each class. Attributes count as in evaluation.agreement. A style is right if either reader picked it; photos for which no reader found a
style that suits do not count. The kind of headwear is judged where the avatar has found some. Age is what most readers say. A photo without
an avatar counts as wrong, and so do lines too faint to be seen.

Then of each slider: the share of people whose slider stands within 0.03 of an end of its range, the share between 0.40 and 0.62 of it, and the rank
correlation with the measure that the program has taken of the photo (evaluation.geometry compares drawn measures with landmarks that it has
not seen). These are of people whose measure is known: a head that is turned has none, hidden ears have no size.
Results do not have the tilts; `--cache` (the folder of stage `data`, with SPLIT.npz) has the meshes that they are taken from.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.labels import ATTRIBUTES, STYLES, mesh_measures
from ..core.paths import ENGINES, LABELS
from ..engines.engine import Engine
from ..photos.soft_labels import mean_votes, menu_choices, rows_by_file
from .agreement import ROWS, Answers, Row, average_of, counts, hits, read_result, read_split, text
from .geometry import rank_correlation
from .splits import role_of

LABELLED = tuple(row for row in ROWS if row.name not in ("lines", "skin tone 5 to 10"))  # lines are the readers', tones have columns
HEADWEAR = next(row for row in ROWS if row.name == "headwear")
KIND = Row("kind of headwear found", "style:headwear",
           (("cap",), ("beanie", "kufi"), ("brimmedHat", "bucketHat"), ("headscarf", "hijab", "headwrap"), ("turban",)))
STYLED = tuple((component, Row(name, f"style:{component}", None)) for component, name in (
    ("hair", "hair style"), ("facialHair", "beard style"), ("glasses", "glasses style"), ("clothes", "clothes")))
LINES = Row("lines", "lines", None)
READ_ENGINES = ("tiktok", "alter")  # whose styles the readers picked
TONES = ((1, 3), (4, 5), (6, 8), (9, 10))
AGES = ("young", "middle", "old")
AT_END, MIDDLE = 0.03, (0.40, 0.62)
FEWEST = 3  # people of whom a correlation is taken


@dataclass
class People:
    """The labelled photos of splits: labels and answers, results ({}: none), what readers say of each, meshes [N, 478, 2] (NaN: unknown)."""

    photos: Answers
    results: list[dict]
    readings: list[list[dict[str, str]]]
    mesh: np.ndarray

    def __add__(self, other: People) -> People:
        return People(self.photos + other.photos, self.results + other.results, self.readings + other.readings,
                      np.concatenate([self.mesh, other.mesh]))


@dataclass
class Judged:
    """A row of the tables: class of each photo (-1: it does not count) and whether the avatar is right."""

    row: Row
    kind: np.ndarray
    hit: np.ndarray


def read_meshes(cache: Path | None, split: str, files: list[str]) -> np.ndarray:
    """The program's own meshes of the cache's photos [N, 478, 2], of which the results' measures are; NaN where it has none."""
    mesh = np.full((len(files), 478, 2), np.nan)
    if cache is not None:
        with np.load(cache / f"{split}.npz") as stored:
            known = dict(zip(stored["name"].tolist(), stored["mesh"]))
        for row, file in enumerate(files):
            mesh[row] = known.get(file, np.nan)
    return mesh


def read_people(labels: Path, split: str, results: Path, engines: Path = ENGINES, cache: Path | None = None) -> People:
    """Raises ValueError where the folder has no avatar of the split, or avatars of an engine whose styles nobody read."""
    photos = read_split(labels, split, results, engines)
    files = [label["file"] for label in photos.labels]
    found = [read_result(results, file) for file in files]
    engine = {result["engine"]["name"] for result in found if result}
    if not engine:
        raise ValueError(f"{results}: no avatar of a photo of {split}; give the folder that estimate has filled with its results")
    if not engine <= set(READ_ENGINES):
        raise ValueError(f"{results}: avatars of {', '.join(sorted(engine))}; readers picked styles of {' and '.join(READ_ENGINES)} alone")
    menus, readings = menu_choices(labels / "tiktok.csv", split), rows_by_file(labels / f"{split}-readings.csv")
    return People(photos, found, [[*menus.get(file, ()), *readings.get(file, ())] for file in files], read_meshes(cache, split, files))


def places(values: tuple[str, ...], chosen: list[str | None]) -> np.ndarray:
    """Index of each chosen value, -1 where it is none of them."""
    return np.array([values.index(one) if one in values else -1 for one in chosen])


def either(row: Row, said: np.ndarray, answer: np.ndarray) -> Judged:
    """Right is what any reader said: `said` bool [N, C], `answer` index [N], -1 for what nobody could have said."""
    return Judged(row, np.where(said.any(1), 0, -1), (answer >= 0) & said[np.arange(len(said)), answer])


def judge(people: People) -> Iterator[Judged]:
    """All rows of the tables."""
    def worn(component: str) -> np.ndarray:
        return places(STYLES[component], [result.get("avatar", {}).get("discrete", {}).get(component) for result in people.results])

    for row in LABELLED:
        yield Judged(row, *hits(row, people.photos))
    said = {name: shares > 0 for name, shares in mean_votes(people.readings).items()}
    for component, row in STYLED:
        styles = said[row.attribute]
        if "none" in STYLES[component]:  # whether there is one at all is the attribute's row
            styles[:, STYLES[component].index("none")] = False
        yield either(row, styles, worn(component))
    found, right = hits(HEADWEAR, people.photos)
    group = {style: number for number, styles in enumerate(KIND.groups or ()) for style in styles}
    member = np.array([[group.get(style) == number for number in range(len(KIND.groups or ()))] for style in STYLES["headwear"]])
    kind = np.array([group.get(STYLES["headwear"][style], -1) for style in worn("headwear")])
    judged = either(KIND, said["style:headwear"] @ member, kind)
    judged.kind[(found != 1) | ~right] = -1
    yield judged
    yield either(LINES, said["lines"], places(ATTRIBUTES["lines"], [answer.get("lines") for answer in people.photos.answers]))


def ages(readings: list[list[dict[str, str]]]) -> np.ndarray:
    """What most of a photo's readers say of the age; empty where nobody does, or where they are divided."""
    found = []
    for rows in readings:
        votes = Counter(row["age"] for row in rows if row.get("age")).most_common(2)
        found.append(votes[0][0] if votes and (len(votes) == 1 or votes[0][1] > votes[1][1]) else "")
    return np.array(found)


def groupings(people: People) -> dict[str, dict[str, np.ndarray]]:
    """Tables, their columns, and who is in each: bool [N]."""
    tone, age, wears = people.photos.tone, ages(people.readings), hits(HEADWEAR, people.photos)[0]
    return {"skin tone": {"all": np.ones(len(tone), bool)} | {f"tone {low} to {high}": (tone >= low) & (tone <= high) for low, high in TONES},
            "age": {name: age == name for name in AGES},
            "headwear": {"no headwear": wears == 0, "headwear": wears == 1}}


def number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def figures(people: People) -> dict[str, dict[str, dict[str, dict]]]:
    """Table -> row -> column -> the figure `value` (None: nobody counts), and of how many photos of each class it is, `n`."""
    rows = list(judge(people))
    return {table: {one.row.name: {column: {"value": number(average_of(one.row, one.kind, one.hit, chosen)),
                                            "n": counts(one.row, one.kind, chosen)} for column, chosen in columns.items()}
                    for one in rows} for table, columns in groupings(people).items()}


def sliders(people: People, engine: Engine) -> dict[str, dict]:
    """Slider -> `n` people, shares `at_end` and `middle`, and `correlation` (None: fewer than FEWEST have it in results or cache)."""
    ahead = np.array([bool(result.get("measures")) for result in people.results])
    tilts = mesh_measures(people.mesh)
    found = {}
    for name, spec in engine.sliders.items():
        if not spec.get("measure"):
            continue
        measure = np.array([(result.get("measures") or {}).get(spec["measure"], np.nan) for result in people.results])
        if np.isnan(measure).all():
            measure = np.where(ahead, tilts.get(spec["measure"], np.nan), np.nan)
        known = ahead if np.isnan(measure).all() else ~np.isnan(measure)
        place = np.array([result["avatar"]["continuous"][name] if result else np.nan for result in people.results])[known]
        place = (place - spec["min"]) / (spec["max"] - spec["min"])
        low, high = MIDDLE
        related = rank_correlation(place, measure[known]) if len(place) >= FEWEST and not np.isnan(measure).all() else np.nan
        found[name] = {"n": len(place), "at_end": number(np.mean((place <= AT_END) | (place >= 1 - AT_END)) if len(place) else np.nan),
                       "middle": number(np.mean((place >= low) & (place <= high)) if len(place) else np.nan), "correlation": number(related)}
    return found


def markdown(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows))


def show(value: float | None) -> str:
    return text(np.nan if value is None else value)


def report(people: People, found: dict, moved: dict[str, dict], splits: list[str]) -> str:
    """All tables as Markdown, and what is to be known of the photos."""
    parts = []
    for rows in found.values():
        columns = list(next(iter(rows.values())))
        if not any(sum(cell["n"]) for cells in rows.values() for cell in cells.values()):
            continue  # nobody's group is known
        parts.append(markdown(["", *columns], [[name, *(f"{show(cell['value'])} ({' + '.join(map(str, cell['n']))})" for cell in cells.values())]
                                               for name, cells in rows.items()]))
    parts.append(markdown(["slider", "at an end", "in the middle", "correlation", "n"],
                          [[name, show(cell["at_end"]), show(cell["middle"]), show(cell["correlation"]), str(cell["n"])]
                           for name, cell in moved.items()]))
    total, none = len(people.results), sum(not result for result in people.results)
    aged = int((ages(people.readings) != "").sum())
    parts.append("\n".join([*(f"{split}: {role_of(split)}." for split in splits),
                            f"{none} of {total} photos have no avatar. The age is known of {aged}."]))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(prog="groups", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", required=True, metavar="SPLIT[,SPLIT]", help="splits that are judged together, such as dev,congress")
    parser.add_argument("--results", required=True, metavar="FOLDER[,FOLDER]", help="the folder of each split's *.avatar.json, in their order")
    parser.add_argument("--tables", type=Path, default=LABELS, help="folder of SPLIT.csv, SPLIT-readings.csv, tiktok.csv and sources.csv")
    parser.add_argument("--cache", type=Path, help="folder of SPLIT.npz, for the sliders of tilts")
    parser.add_argument("--engines", type=Path, default=ENGINES, help="folder of the engines' definitions")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    arguments = parser.parse_args()
    splits, folders = arguments.labels.split(","), [Path(folder) for folder in arguments.results.split(",")]
    if len(splits) != len(folders):
        parser.error(f"{len(splits)} splits and {len(folders)} folders of results; give one folder for each split")
    people = None
    for split, folder in zip(splits, folders):
        try:
            some = read_people(arguments.tables, split, folder, arguments.engines, arguments.cache)
        except (ValueError, FileNotFoundError) as error:
            parser.error(str(error))
        people = people + some if people else some
    name, *others = {result["engine"]["name"] for result in people.results if result}
    if others:
        parser.error(f"results of {name} and {' and '.join(others)}; give results of one engine")
    found, moved = figures(people), sliders(people, Engine.load(arguments.engines / name / "definition.json"))
    print(report(people, found, moved, splits))
    if arguments.json:
        arguments.json.write_text(json.dumps({"splits": splits, "photos": len(people.results), "figures": found, "sliders": moved}, indent=2) + "\n")


if __name__ == "__main__":
    main()
