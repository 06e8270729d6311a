"""The matching test: fair quizzes, sheets without a key, and a rate that means something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from swiftavatar_train.evaluation.agreement import ROWS
from swiftavatar_train.evaluation.matching import SIDE, Person, automatic_rate, draw_quizzes, look_alikes, read_answers, sheet

ROOT = Path(__file__).parents[3]
PHOTOS = ROOT.parent / "shared" / "photos"


def people(tmp_path: Path, count: int = 12) -> list[Person]:
    """Persons whose avatars show exactly what their labels say."""
    rng, found = np.random.default_rng(4), []
    cv2.imwrite(str(tmp_path / "picture.png"), np.full((64, 64, 3), 200, np.uint8))
    for number in range(count):
        label = {"hair_length": ("short", "long")[number % 2], "skin_tone": str(3 + number % 4)}
        for row in ROWS:
            if row.groups and row.attribute not in label:
                label[row.attribute] = str(rng.choice([group[0] for group in row.groups]))
        mesh = rng.random((478, 2)) * 200
        found.append(Person(f"{number}.jpg", f"person {number // 2}", label, tmp_path / "picture.png",
                            tmp_path / "picture.png", dict(label), mesh, rng.random(6),
                            {"skin": "#aa8866", "hair": "#332211"}))
    return found


def test_others_look_alike_and_are_other_people(tmp_path: Path) -> None:
    some = people(tmp_path, 40)
    for index, four in draw_quizzes(some, None, 1):
        assert index in four and len(set(four)) == 4
        for other in four:
            assert some[other].label["hair_length"] == some[index].label["hair_length"]
            assert abs(int(some[other].label["skin_tone"]) - int(some[index].label["skin_tone"])) <= 1
            assert other == index or some[other].person != some[index].person


def test_a_photo_without_enough_others_is_left_out(tmp_path: Path) -> None:
    some = people(tmp_path, 4)
    assert len(look_alikes(some, 0)) < 3 and draw_quizzes(some, None, 1) == []


def test_the_place_of_the_right_one_is_random(tmp_path: Path) -> None:
    some = people(tmp_path, 200)
    places = [four.index(index) for index, four in draw_quizzes(some, None, 1)]
    assert np.bincount(places, minlength=4).min() > 0.15 * len(places)


def test_faithful_avatars_are_found_and_shuffled_ones_are_not(tmp_path: Path) -> None:
    some = people(tmp_path, 120)
    quizzes = draw_quizzes(some, None, 1)
    assert automatic_rate(some, quizzes, tmp_path, "dev") > 0.9
    for one, other in zip(some, [*some[7:], *some[:7]]):
        one.shown = dict(other.label)
    assert automatic_rate(some, quizzes, tmp_path, "dev") < 0.5


def test_answers_are_letters_however_they_are_written() -> None:
    assert read_answers("a b\nC,d") == "ABCD"


def test_score_compares_with_the_key(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(json.dumps("ABCD"))
    (tmp_path / "answers.txt").write_text("ABCA")
    run = subprocess.run([sys.executable, "-m", "swiftavatar_train.evaluation.matching", "score", tmp_path / "key.json",
                          tmp_path / "answers.txt"], cwd=ROOT / "scripts" / "train", capture_output=True, text=True)
    assert json.loads(run.stdout) == {"photos": 4, "rate": 0.75}


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="no photos beside the checkout")
def test_a_sheet_shows_the_photo_and_four_avatars(tmp_path: Path) -> None:
    landmarks = np.load(PHOTOS / "landmarks_dev.npz")
    some = people(tmp_path, 8)
    for one, name, mesh in zip(some, landmarks["files"].tolist(), landmarks["points"]):
        one.photo, one.mesh = PHOTOS / "dev" / name, mesh[:, :2].astype(np.float64)
    picture = sheet(some, [(0, [2, 0, 4, 6]), (1, [3, 5, 1, 7])], 1)
    assert picture.shape == (2 * SIDE, 5 * SIDE, 3)
    assert picture[:, :SIDE].std() > 20
