"""The tables by groups: who is in which, whose answer is right, and where the sliders stand."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.core.labels import ATTRIBUTES, mesh_measures
from swiftavatar_train.core.paths import ENGINES
from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.evaluation import groups
from swiftavatar_train.evaluation.agreement import Answers
from swiftavatar_train.evaluation.groups import People, ages, figures, judge, read_people, report, sliders

TIKTOK = Engine.load(ENGINES / "tiktok" / "definition.json")
NOWHERE = np.full((478, 2), np.nan)


def person(readings: list[dict[str, str]], label: dict[str, str] | None = None, discrete: dict[str, str | None] | None = None,
           shown: dict[str, object] | None = None, result: dict | None = None) -> People:
    full = dict.fromkeys(ATTRIBUTES, "na") | {"file": "a.jpg"} | (label or {})
    tone = int(full["skin_tone"]) if full["skin_tone"].isdigit() else 0
    photos = Answers([full], [shown or {}], np.array(["a"]), np.array([False]), np.array([tone]), np.array([False]))
    return People(photos, [{"avatar": {"discrete": discrete or {}}} if result is None else result], [readings], NOWHERE[None])


def together(*people: People) -> People:
    first, *others = people
    for other in others:
        first = first + other
    return first


def judged(people: People, name: str) -> tuple[list[int], list[bool]]:
    one = next(one for one in judge(people) if one.row.name == name)
    return one.kind.tolist(), one.hit.tolist()


def test_a_style_is_right_as_either_readers() -> None:
    two = [{"hair_style": "quiff"}, {"hair_style": "sidePart"}]
    people = together(person(two, discrete={"hair": "sidePart"}), person(two, discrete={"hair": "bob"}),
                      person([], discrete={"hair": "bob"}), person([{"hair_style": "other"}], discrete={"hair": "bob"}),
                      person(two, result={}))
    kind, hit = judged(people, "hair style")
    assert kind == [0, 0, -1, -1, 0]  # nobody read the third, nothing suits the fourth, the last has no avatar
    assert [h for h, k in zip(hit, kind) if k == 0] == [True, False, False]


def test_a_beard_that_one_reader_denies_is_judged_by_the_others_style() -> None:
    readings = [{"facial_hair": "none", "facial_style": ""}, {"facial_hair": "stubble", "facial_style": "stubble"}]
    people = together(person(readings, discrete={"facialHair": "stubble"}), person(readings, discrete={"facialHair": None}),
                      person(readings[:1], discrete={"facialHair": None}))
    assert judged(people, "beard style") == ([0, 0, -1], [True, False, False])


def test_the_kind_of_headwear_is_that_of_hats_that_were_found() -> None:
    hat, cap = {"headwear": "hat"}, [{"headwear": "hat", "headwear_style": "other"}]  # a cap for which the menu had no style
    people = together(person(cap, hat, {"headwear": "beanie"}, {"headwear": "hat"}),       # without a brim, too
                      person(cap, hat, {"headwear": "headscarf"}, {"headwear": "headscarf"}),
                      person(cap, hat, {"headwear": None}, {"headwear": "none"}),            # not found
                      person(cap, hat, {"headwear": "headband"}, {"headwear": "other"}),     # nor is this headwear
                      person([{"headwear": "hat", "headwear_style": "cap"}], hat, {"headwear": "kufi"}, {"headwear": "hat"}),
                      person([], {"headwear": "none"}, {"headwear": "cap"}, {"headwear": "hat"}))
    kind, hit = judged(people, "kind of headwear found")
    assert kind == [0, 0, -1, -1, 0, -1]
    assert [hit[0], hit[1], hit[4]] == [True, False, False]


def test_lines_are_right_as_either_readers_if_they_are_seen() -> None:
    readings = [{"lines": "none"}, {"lines": "some"}]
    people = together(*(person(readings, shown={"lines": value}) for value in ("none", "some", "deep")), person(readings, shown={}),
                      person([{"lines": ""}], shown={"lines": "some"}))
    assert judged(people, "lines") == ([0, 0, 0, 0, -1], [True, True, False, False, False])


def test_age_is_what_most_readers_say() -> None:
    assert ages([[{"age": "old"}, {"age": "middle"}, {"age": "old"}], [{"age": "old"}, {"age": "young"}], [{"age": ""}, {}],
                 [{"age": "young"}, {}]]).tolist() == ["old", "", "", "young"]


def test_groups_are_apart_and_say_of_how_many_they_are() -> None:
    def one(tone: str, headwear: str, age: str, shown: str) -> People:
        return person([{"age": age}], {"skin_tone": tone, "headwear": headwear, "mouth": "teeth"}, shown={"mouth": shown})

    found = figures(together(one("3", "none", "young", "teeth"), one("4", "hat", "young", "closed"), one("6", "none", "old", "teeth"),
                             one("8", "other", "", "closed"), one("9", "turban", "old", "teeth"), one("", "none", "old", "teeth")))
    assert {column: (cell["value"], cell["n"]) for column, cell in found["skin tone"]["mouth"].items()} == {
        "all": (0.6667, [6]), "tone 1 to 3": (1.0, [1]), "tone 4 to 5": (0.0, [1]), "tone 6 to 8": (0.5, [2]), "tone 9 to 10": (1.0, [1])}
    assert {column: cell["n"] for column, cell in found["age"]["mouth"].items()} == {"young": [2], "middle": [0], "old": [3]}
    assert found["age"]["mouth"]["middle"]["value"] is None
    assert {column: (cell["value"], cell["n"]) for column, cell in found["headwear"]["mouth"].items()} == {
        "no headwear": (1.0, [3]), "headwear": (0.5, [2])}
    assert found["headwear"]["headwear"]["headwear"] == {"value": None, "n": [0, 2]}  # one side alone


def moved(value: float, measures: dict[str, float] | None = None) -> People:
    measures = {"nose_width": value} if measures is None else measures
    return person([], result={"avatar": {"discrete": {}, "continuous": dict.fromkeys(TIKTOK.sliders, value)}, "measures": measures})


def test_sliders_at_ends_in_the_middle_and_after_their_measure() -> None:
    values = (0.0, 0.03, 0.04, 0.4, 0.5, 0.62, 0.7, 0.97, 1.0, 0.2)
    found = sliders(together(*(moved(value) for value in values), moved(0.5, {}), person([], result={})), TIKTOK)
    # Who turns the head or has no avatar does not count.
    assert found["nose_width"] == {"n": 10, "at_end": 0.4, "middle": 0.3, "correlation": 1.0}
    assert found["face_width"] == {"n": 10, "at_end": 0.4, "middle": 0.3, "correlation": None}  # no result has this measure
    assert len(found) == 17 == len(TIKTOK.sliders)
    against = sliders(together(*(moved(value, {"nose_width": -value}) for value in values)), TIKTOK)
    assert against["nose_width"]["correlation"] == -1.0
    assert sliders(together(moved(0.1), moved(0.2)), TIKTOK)["nose_width"]["correlation"] is None  # two people always lie on a line
    hidden = sliders(together(*(moved(value) for value in values), moved(0.5, {"face_width": 0.7})), TIKTOK)
    assert hidden["nose_width"]["n"] == 10  # it is not known of the last


def test_tilts_come_from_the_meshes() -> None:
    people = together(*(moved(value) for value in (0.1, 0.3, 0.6, 0.9)), moved(0.2, {}))
    people.mesh = np.random.default_rng(0).random((5, 478, 2))
    people.mesh[2] = np.nan  # not in the cache
    for outer, inner in ((33, 133), (263, 362)):  # eyes that rise with the slider; one who turns the head does not count
        for row, rise in ((0, 0.1), (1, 0.2), (3, 0.3), (4, -0.9)):
            people.mesh[row, inner], people.mesh[row, outer] = (0.5, 0.5), (0.7, 0.5 - rise)
    assert mesh_measures(people.mesh)["eye_tilt"][0] > 0
    assert sliders(people, TIKTOK)["eye_tilt"] == {"n": 3, "at_end": 0.0, "middle": 0.0, "correlation": 1.0}
    assert sliders(people, TIKTOK)["nose_width"]["n"] == 4


def folder(path: Path, engine: str = "tiktok") -> Path:
    """Tables of two splits, of two photos each, and results of which one is missing."""
    columns = ["file", *ATTRIBUTES]
    for split in ("dev", "world-dev"):
        (path / split).mkdir()
        with open(path / f"{split}.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            for number in range(2):
                writer.writerow(dict.fromkeys(columns, "na") | {"file": f"{number}.jpg", "mouth": "teeth", "skin_tone": "7"})
        continuous = dict.fromkeys(TIKTOK.sliders, 0.5)
        (path / split / "0.avatar.json").write_text(json.dumps({
            "engine": {"name": engine}, "attributes": {"mouth": "teeth", "skin_tone": 3}, "measures": {"nose_width": 0.3},
            "avatar": {"discrete": dict.fromkeys(TIKTOK.variants) | {"hair": "quiff", "head": "oval"},
                       "continuous": continuous, "colors": {name: values[0] for name, values in TIKTOK.palettes.items()}}}))
    (path / "sources.csv").write_text("set,file,person\ndev,0.jpg,anna\nworld-dev,1.jpg,bert\n")
    (path / "tiktok.csv").write_text("split,photo,component,variant,second_reading\ndev,0.jpg,hair,bob,quiff\ntrain,1.jpg,hair,bob,\n")
    (path / "world-dev-readings.csv").write_text("file,reading,hair_style,age\n0.jpg,a,bob,old\n1.jpg,a,bob,old\n")
    return path


def test_tables_of_results_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    tables = folder(tmp_path)
    monkeypatch.setattr(sys, "argv", ["groups", "--labels", "dev,world-dev", "--results", f"{tables / 'dev'},{tables / 'world-dev'}",
                                      "--tables", str(tables), "--json", str(tmp_path / "out.json")])
    groups.main()
    printed, written = capsys.readouterr().out, json.loads((tmp_path / "out.json").read_text())
    assert "| mouth | 0.500 (4) | - (0) | - (0) | 0.500 (4) | - (0) |" in printed
    assert "| hair style | 0.333 (3) |" in printed  # a menu's second reading of dev, two readings of world-dev
    assert "|  | young | middle | old |" in printed and "2 of 4 photos have no avatar. The age is known of 2." in printed
    assert "no headwear" not in printed  # of nobody it is known
    assert "world-dev: only reports" in printed
    assert written["figures"]["skin tone"]["mouth"]["tone 6 to 8"] == {"value": 0.5, "n": [4]}
    assert written["sliders"]["nose_width"]["middle"] == 1.0 and written["photos"] == 4


def test_persons_are_found_where_the_tables_name_the_set_apart(tmp_path: Path) -> None:
    people = read_people(folder(tmp_path), "dev", tmp_path / "dev")
    assert people.photos.person.tolist() == ["anna", "1.jpg"] and not people.photos.sure.any()


def test_the_cache_gives_the_meshes_by_file(tmp_path: Path) -> None:
    meshes = np.random.default_rng(0).random((2, 478, 2))
    np.savez(tmp_path / "dev.npz", name=np.array(["1.jpg", "elsewhere.jpg"]), mesh=meshes)
    people = read_people(folder(tmp_path), "dev", tmp_path / "dev", cache=tmp_path)
    assert np.isnan(people.mesh[0]).all() and (people.mesh[1] == meshes[0]).all()


def test_what_cannot_be_judged_is_refused(tmp_path: Path) -> None:
    tables = folder(tmp_path, engine="micah")
    with pytest.raises(ValueError, match="avatars of micah"):
        read_people(tables, "dev", tables / "dev")
    with pytest.raises(ValueError, match="no avatar of a photo of dev"):
        read_people(tables, "dev", tmp_path / "elsewhere")


@pytest.mark.parametrize(("results", "words"), [("a,b", "1 splits and 2 folders"), ("nowhere", "no avatar of a photo of dev")])
def test_wrong_arguments_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
                                   results: str, words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["groups", "--labels", "dev", "--results", results, "--tables", str(folder(tmp_path))])
    with pytest.raises(SystemExit):
        groups.main()
    assert words in capsys.readouterr().err


def test_the_report_leaves_out_what_is_not_there() -> None:
    people = person([], {"mouth": "teeth"}, shown={"mouth": "teeth"})
    text = report(people, figures(people), {}, ["dev"])
    assert "young" not in text and "| mouth | 1.000 (1) |" in text
