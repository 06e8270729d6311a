"""`python -m swiftavatar_train.evaluation.matching`: can one tell whose avatar it is?

    matching sheets RESULTS --photos DIR --split dev -o SHEETS    pictures of photos with four avatars each, and key.json
    matching score SHEETS/key.json ANSWERS                        the rate; ANSWERS: one letter A to D a line, or words of
                                                                  letters, in the order of the sheets
    matching automatic RESULTS --photos DIR --split dev           the rate by attributes, colours and proportions, mean over
                                                                  ten draws of the three others

A photo's avatar stands among three others whose hair is as long and whose skin is within one Monk step, so that likeness
has to come from the rest; chance is 0.25. The sheets carry no key: write answers down before it is opened.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from ..core.align import align_image, align_transform, five_points
from ..core.color import to_lab
from ..core.labels import measures, read_rows
from ..core.paths import ENGINES
from ..engines.engine import Engine
from ..engines.visible import drawn_mesh
from .agreement import ROWS
from .geometry import SIX

OTHERS, ROWS_A_SHEET, SIDE = 3, 4, 224
DRAWS = 10  # of the three others, for the automatic rate
LETTERS = "ABCD"
COMPARED = ("glasses", "facial hair", "fringe", "hair colour", "hair texture", "mouth", "earrings")
PLACES = [(row.attribute, {value: number for number, values in enumerate(row.groups or ()) for value in values})
          for row in ROWS if row.name in COMPARED]  # attribute, and which group each of its values is in
SKIN, HAIR = 1, 7  # part indices of the masks


@dataclass
class Person:
    """One photo with its avatar."""

    file: str
    person: str
    label: dict[str, str]
    photo: Path
    picture: Path                # of the avatar
    shown: dict[str, object]     # the avatar's attributes
    mesh: np.ndarray             # checked landmarks in pixels of the photo
    drawn: np.ndarray            # the six measures on the avatar
    colors: dict[str, str]       # of the avatar


def read_people(results: Path, photos: Path, split: str, engine: Engine) -> list[Person]:
    landmarks = np.load(photos / f"landmarks_{split}.npz", allow_pickle=False)
    meshes = dict(zip(landmarks["files"].tolist(), landmarks["points"]))
    persons = {row["file"]: row["person"] for row in read_rows(photos / "sources.csv")}
    people = []
    for label in read_rows(photos / f"{split}.csv"):
        file = results / f"{Path(label['file']).stem}.avatar.json"
        if not file.exists() or label["file"] not in meshes:
            continue
        result = json.loads(file.read_text())
        drawn = measures(drawn_mesh(engine, result["avatar"]))
        people.append(Person(label["file"], persons.get(f"{split}/{label['file']}") or label["file"], label,
                             photos / split / label["file"], file.with_suffix("").with_suffix(".avatar.png"),
                             result["attributes"], meshes[label["file"]][:, :2].astype(np.float64),
                             np.array([float(drawn[key]) for key in SIX]), result["avatar"]["colors"]))
    return people


class Labelled(Protocol):
    """What look-alikes are found by."""

    person: str
    label: dict[str, str]


def look_alikes(people: Sequence[Labelled], index: int) -> list[int]:
    """Other persons whose hair is of the same length class and whose skin tone is at most one step away."""
    groups = next(row for row in ROWS if row.name == "hair length").groups or ()
    place = {value: number for number, values in enumerate(groups) for value in values}
    one = people[index]
    if one.label["hair_length"] not in place or not one.label["skin_tone"].isdigit():
        return []
    return [other for other, two in enumerate(people) if two.person != one.person
            and place.get(two.label["hair_length"]) == place[one.label["hair_length"]]
            and two.label["skin_tone"].isdigit()
            and abs(int(two.label["skin_tone"]) - int(one.label["skin_tone"])) <= 1]


def draw_quizzes(people: Sequence[Labelled], count: int | None, seed: int) -> list[tuple[int, list[int]]]:
    """(photo, four avatars in random order, its own among them) for `count` photos, or for all that have enough others."""
    rng, quizzes = np.random.default_rng(seed), []
    for index in rng.permutation(len(people)):
        others = look_alikes(people, int(index))
        if len(others) >= OTHERS:
            four = [int(index), *(int(one) for one in rng.choice(others, OTHERS, replace=False))]
            quizzes.append((int(index), [four[place] for place in rng.permutation(len(four))]))
    return quizzes if count is None else quizzes[:count]


def crop_of(person: Person, size: int) -> np.ndarray:
    image = cv2.imread(str(person.photo))
    return align_image(image, align_transform(five_points(person.mesh), size), size)


def avatar_of(person: Person, size: int) -> np.ndarray:
    image = cv2.imread(str(person.picture), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise SystemExit(f"{person.picture} is missing; make the results with --previews avatar.")
    if image.shape[2] == 4:
        share = image[:, :, 3:].astype(np.float32) / 255
        image = (image[:, :, :3] * share + 255 * (1 - share)).astype(np.uint8)
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)


def sheet(people: list[Person], quizzes: list[tuple[int, list[int]]], first: int) -> np.ndarray:
    """Rows of: number, photo, avatars A to D."""
    rows = []
    for number, (index, four) in enumerate(quizzes, first):
        cells = [crop_of(people[index], SIDE), *(avatar_of(people[one], SIDE) for one in four)]
        for text, cell in zip((f"{number}", *LETTERS), cells):
            cv2.putText(cell, text, (6, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 4)
            cv2.putText(cell, text, (6, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
        rows.append(np.hstack(cells))
    return np.vstack(rows)


def photo_colors(people: list[Person], photos: Path, split: str) -> np.ndarray:
    """Median L*a*b* of skin and hair under the photo's mask [N, 6]; NaN where the mask has none."""
    found = np.full((len(people), 6), np.nan)
    for row, person in enumerate(people):
        mask = cv2.imread(str(photos / "masks" / split / f"{Path(person.file).stem}.png"), cv2.IMREAD_GRAYSCALE)
        image = cv2.imread(str(person.photo))
        if mask is None or mask.shape != image.shape[:2]:
            continue
        lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_BGR2Lab)
        for place, part in enumerate((SKIN, HAIR)):
            pixels = lab[mask == part]
            if len(pixels) > 200:
                found[row, 3 * place:3 * place + 3] = np.median(pixels, 0)
    return found


def standard(values: np.ndarray) -> np.ndarray:
    """Columns in deviations from their mean; NaN (unknown) becomes 0."""
    return np.nan_to_num((values - np.nanmean(values, 0)) / (np.nanstd(values, 0) + 1e-9))


def wrong_attributes(label: dict[str, str], shown: dict[str, object]) -> int:
    """How many of the COMPARED attributes are not shown as labelled; an unknown label is not wrong."""
    return sum(label[attribute] in place and place.get(str(shown.get(attribute))) != place[label[attribute]] for attribute, place in PLACES)


def automatic_rate(people: list[Person], quizzes: list[tuple[int, list[int]]], photos: Path, split: str) -> float:
    """How often the nearest of the four avatars is the photo's own: labels against what the avatar shows, colours and
    proportions of the photo against the avatar's, each in deviations over the split."""
    seen = standard(photo_colors(people, photos, split))
    painted = standard(np.array([[*to_lab(one.colors["skin"]), *to_lab(one.colors["hair"])] for one in people]))
    true = standard(np.array([[float(measures(one.mesh)[key]) for key in SIX] for one in people]))
    drawn = standard(np.array([one.drawn for one in people]))

    def distance(one: int, other: int) -> float:
        return (wrong_attributes(people[one].label, people[other].shown) + 0.25 * float(np.abs(seen[one] - painted[other]).mean())
                + 0.75 * float(np.abs(true[one] - drawn[other]).mean()))

    right = [min(four, key=lambda other: distance(index, other)) == index for index, four in quizzes]
    return float(np.mean(right))


def read_answers(text: str) -> str:
    return "".join(re.findall(r"[A-D]", text.upper()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name in ("sheets", "automatic"):
        verb = verbs.add_parser(name)
        verb.add_argument("results", type=Path, help="folder of *.avatar.json and *.avatar.png")
        verb.add_argument("--photos", type=Path, required=True)
        verb.add_argument("--split", default="dev")
        verb.add_argument("--seed", type=int, default=0)
        verb.add_argument("--definition", type=Path,
                          default=ENGINES / "tiktok" / "definition.json")
        if name == "sheets":
            verb.add_argument("--count", type=int, default=48)
            verb.add_argument("-o", "--output", type=Path, required=True)
    score = verbs.add_parser("score")
    score.add_argument("key", type=Path)
    score.add_argument("answers", type=Path)
    arguments = parser.parse_args()

    if arguments.verb == "score":
        key, answers = json.loads(arguments.key.read_text()), read_answers(arguments.answers.read_text())
        if len(answers) != len(key):
            parser.error(f"{arguments.answers}: {len(answers)} letters for {len(key)} photos")
        print(json.dumps({"photos": len(key), "rate": round(float(np.mean([a == b for a, b in zip(answers, key)])), 3)}))
        return
    people = read_people(arguments.results, arguments.photos, arguments.split, Engine.load(arguments.definition))
    if arguments.verb == "automatic":
        drawn = [draw_quizzes(people, None, arguments.seed + place) for place in range(DRAWS)]
        rates = [automatic_rate(people, quizzes, arguments.photos, arguments.split) for quizzes in drawn]
        print(json.dumps({"photos": len(drawn[0]), "draws of others": DRAWS, "rate": round(float(np.mean(rates)), 3),
                          "lowest": round(min(rates), 3), "highest": round(max(rates), 3)}))
        return
    quizzes = draw_quizzes(people, arguments.count, arguments.seed)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(quizzes), ROWS_A_SHEET):
        picture = sheet(people, quizzes[first:first + ROWS_A_SHEET], first + 1)
        cv2.imwrite(str(arguments.output / f"sheet_{first // ROWS_A_SHEET + 1:02}.png"), picture)
    key = "".join(LETTERS[four.index(index)] for index, four in quizzes)
    (arguments.output / "key.json").write_text(json.dumps(key))


if __name__ == "__main__":
    main()
