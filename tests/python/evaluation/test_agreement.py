"""The table of agreement: what counts as right, whom the averages count, and where a bar is met."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.evaluation.agreement import ROWS, Answers, Row, average, cell, figure, hits, person_draws, read_split, table

BY_NAME = {row.name: row for row in ROWS}


def photos(labels: list[dict[str, str]], answers: list[dict[str, object]], persons: list[str] | None = None) -> Answers:
    full = [{row.attribute: "na" for row in ROWS} | label for label in labels]
    return Answers(full, answers, np.array(persons or [str(i) for i in range(len(full))]), np.ones(len(full), bool),
                  np.array([int(label["skin_tone"]) if label["skin_tone"].isdigit() else 0 for label in full]))


def test_both_sides_of_a_balanced_row_count_the_same() -> None:
    some = photos([{"glasses": "none"}] * 8 + [{"glasses": "sunglasses"}] * 2,
                  [{"glasses": "none"}] * 9 + [{"glasses": "eyeglasses"}])
    assert figure(BY_NAME["glasses"], some) == pytest.approx((1.0 + 0.5) / 2)


def test_values_of_one_group_are_the_same_answer() -> None:
    some = photos([{"hair_color": "dark_brown"}, {"hair_color": "black"}, {"hair_color": "na"}],
                  [{"hair_color": "brown"}, {"hair_color": "brown"}, {"hair_color": "brown"}])
    kind, hit = hits(BY_NAME["hair colour"], some)
    assert kind.tolist() == [1, 0, -1] and hit[:2].tolist() == [True, False]


def test_a_photo_without_an_avatar_is_wrong() -> None:
    some = photos([{"mouth": "teeth", "skin_tone": "3"}] * 2, [{"mouth": "teeth", "skin_tone": 4}, {}])
    assert figure(BY_NAME["mouth"], some) == 0.5
    assert figure(BY_NAME["skin tone"], some) == 0.5


def test_the_dark_row_counts_dark_people_alone() -> None:
    some = photos([{"skin_tone": "3"}, {"skin_tone": "5"}, {"skin_tone": "9"}],
                  [{"skin_tone": 9}, {"skin_tone": 6}, {"skin_tone": 7}])
    assert figure(BY_NAME["skin tone 5 to 10"], some) == 0.5


def test_draws_take_persons_with_all_their_photos() -> None:
    counts = person_draws(np.array(["a", "a", "b"]), 50)
    assert (counts[:, 0] == counts[:, 1]).all() and counts.sum(1).max() <= 4
    assert ((counts[:, 0] + counts[:, 2]) == 2).all()


def test_the_spread_is_that_of_a_share() -> None:
    rng = np.random.default_rng(0)
    right = rng.random(400) < 0.8
    spread = average(Row("x", "x", (("a",),)), np.zeros(400, int), right, person_draws(np.arange(400).astype(str), 2000))
    assert spread.mean() == pytest.approx(right.mean(), abs=0.005)
    assert spread.std() == pytest.approx(np.sqrt(0.8 * 0.2 / 400), rel=0.15)


def test_table_of_results_on_disk(tmp_path: Path) -> None:
    columns = ["file", *{row.attribute for row in ROWS}, "confidence"]
    for split in ("dev", "congress"):
        (tmp_path / split).mkdir()
        with open(tmp_path / f"{split}.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            for number in range(4):
                writer.writerow({name: "na" for name in columns} | {
                    "file": f"{split}-{number}.jpg", "mouth": "teeth", "skin_tone": "6", "confidence": 1 + number % 2})
                answer = {"mouth": "teeth" if number else "closed", "skin_tone": 6}
                (tmp_path / split / f"{split}-{number}.avatar.json").write_text(
                    json.dumps({"attributes": answer, "engine": {"name": "elsewhere"}}))
    (tmp_path / "sources.csv").write_text("file,person\ndev/dev-0.jpg,anna\ndev/dev-1.jpg,\n")
    text = table({split: read_split(tmp_path, split, tmp_path / split) for split in ("dev", "congress")}, 100)
    lines = {line.split(" | ")[0].strip("| "): [cell.strip(" |") for cell in line.split(" | ")] for line in text.splitlines()}
    assert lines["mouth"][1] == "0.750 (4)" and lines["mouth"][-1] == "no"
    assert lines["mouth"][3] == "0.500 (2)"  # the sure labels
    assert lines["mouth"][-3].startswith("0.750 (8), s.e. 0.")
    assert lines["skin tone 5 to 10"][1] == "1.000 (4)" and lines["skin tone 5 to 10"][-1] == "yes"
    assert lines["glasses"][1] == "- (0 + 0)" and lines["glasses"][-1] == "-"
    assert "dev: who it is is known of 1 of 4 photos (1 persons)" in text and "dev: has chosen too" in text


def test_one_class_alone_has_no_balanced_figure() -> None:
    """Nobody wears a hat: who never sees one would be right about everybody."""
    some = photos([{"headwear": "none"}] * 5, [{"headwear": "none"}] * 5)
    assert np.isnan(figure(BY_NAME["headwear"], some)) and cell(BY_NAME["headwear"], some) == "- (5 + 0)"
    both = photos([{"headwear": "none"}] * 5 + [{"headwear": "hat"}], [{"headwear": "none"}] * 6)
    assert cell(BY_NAME["headwear"], both) == "0.500 (5 + 1)"
    assert cell(BY_NAME["headwear"], both, np.arange(6) < 5) == "- (5 + 0)"  # of these photos, none


def test_draws_without_a_class_do_not_count() -> None:
    kind, hit = np.array([0, 0, 1]), np.array([True, True, False])
    found = average(BY_NAME["glasses"], kind, hit, np.array([[1.0, 1, 1], [2, 1, 0]]))
    assert found[0] == 0.5 and np.isnan(found[1])
