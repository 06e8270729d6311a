"""The table of engines: what an engine cannot show is not held against it, and is said."""

from __future__ import annotations

import numpy as np

from swiftavatar_train.engines.semantics import Semantics
from swiftavatar_train.evaluation.agreement import ROWS, Answers
from swiftavatar_train.evaluation.engine_agreement import can_show, showable, table

BY_NAME = {row.name: row for row in ROWS}
LENGTHS = ["short", "long", "tied", "tied"]


def photos(answers: list[str]) -> Answers:
    labels = [{row.attribute: "na" for row in ROWS} | {"hair_length": length, "skin_tone": "na"} for length in LENGTHS]
    return Answers(labels, [{"hair_length": answer} for answer in answers], np.array(list("abcd")), np.ones(4, bool),
                  np.zeros(4, int))


def semantics(**hair: str) -> Semantics:
    return Semantics(["hair"], {"hair": {name: {"hair_length": [length]} for name, length in hair.items()}}, {},
                     exclude={"hair": ["joke"]})


def test_an_excluded_variant_shows_nothing() -> None:
    assert showable(semantics(crop="short", joke="tied"), "hair_length") == {"short"}


def test_a_tone_beside_the_label_is_enough() -> None:
    some = photos(LENGTHS)
    some.tone[:] = [1, 2, 5, 10]
    assert can_show(BY_NAME["skin tone"], some, {"1", "6"}).tolist() == [True, True, True, False]


def test_photos_that_an_engine_cannot_show_stand_apart() -> None:
    all_of_them, two = semantics(a="short", b="long", c="tied"), semantics(a="short", b="long")
    lines = table({"first": (photos(LENGTHS), all_of_them),
                   "second": (photos(["short", "long", "short", "short"]), two),
                   "third": (photos(["long", "long", "short", "short"]), two)}).splitlines()
    assert "| 1.000 (4) |" in lines[2] and lines[2].endswith("yes |")
    assert "| 0.500 (4); 1.000 (2) / 1.000 |" in lines[3] and lines[3].endswith("yes |")
    assert "| 0.250 (4); 0.500 (2) / 1.000 |" in lines[4] and lines[4].endswith("no |")
    assert lines[3].count("| - ") >= 8, "attributes that the engine does not know have no figure"
