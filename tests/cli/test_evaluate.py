"""`swiftavatar evaluate`: how well avatars agree with labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from program import PHOTOS, check, estimate, sentence, swiftavatar

HEADER = "file,glasses,facial_hair,hair_length,hair_texture,fringe,hair_color,skin_tone,headwear,mouth,earrings,confidence"


@pytest.fixture(scope="session")
def avatars(fast: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of four photos, as `estimate` writes them but for what the avatars show."""
    folder = tmp_path_factory.mktemp("avatars")
    shown = {"a": ("none", "short", 3), "b": ("none", "long", 5), "c": ("eyeglasses", "long", 9),
             "d": ("eyeglasses", "tied", 6)}
    for name, (glasses, length, tone) in shown.items():
        result = json.loads(json.dumps(fast[1]))
        result["attributes"] |= {"glasses": glasses, "hair_length": length, "skin_tone": tone}
        (folder / f"{name}.avatar.json").write_text(json.dumps(check(result)))
    return folder


def labels(tmp_path: Path, *rows: tuple[str, str, str, int]) -> Path:
    """A table of file, glasses, hair length and skin tone; the rest is not labelled."""
    lines = [HEADER, *(f"{file},{glasses},unseen,{length},,,,{tone},,,,1" for file, glasses, length, tone in rows)]
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "labels.csv"


def metrics(report: Any) -> dict[str, Any]:
    return {metric["name"]: metric for metric in report["metrics"]}


def test_numbers_are_those_of_a_hand_count(avatars: Path, tmp_path: Path) -> None:
    table = labels(tmp_path, ("a.jpg", "none", "very_short", 4), ("b.jpg", "eyeglasses", "medium", 5),
                   ("c.jpg", "sunglasses", "short", 6), ("d.jpg", "none", "tied", 6))
    report = swiftavatar("evaluate", table, avatars, "--json", cwd=tmp_path).json
    assert (report["photos"], report["avatars"]) == (4, 4)
    found = metrics(report)
    # Glasses: of two without, one shows none; of two with, one shows some (sunglasses count as glasses).
    assert found["glasses"]["value"] == pytest.approx(0.5) and found["glasses"]["n"] == 4
    # Hair: short for very short, long for medium and tied for tied are right; long for short is wrong.
    assert found["hair_length"]["value"] == pytest.approx(0.75)
    # Skin within one step: 3 for 4, 5 for 5, 6 for 6; not 9 for 6. The first is too light to count from 5 on.
    assert found["skin_tone"]["value"] == pytest.approx(0.75)
    assert found["skin_tone 5 to 10"]["value"] == pytest.approx(2 / 3) and found["skin_tone 5 to 10"]["n"] == 3
    assert found["hair_texture"]["value"] is None and found["hair_texture"]["n"] == 0


def test_balanced_accuracy_weighs_classes_alike(avatars: Path, tmp_path: Path) -> None:
    table = labels(tmp_path, ("a.jpg", "none", "", 4), ("b.jpg", "none", "", 5), ("d.jpg", "none", "", 6),
                   ("c.jpg", "eyeglasses", "", 9))
    report = swiftavatar("evaluate", table, avatars, "--json", cwd=tmp_path).json
    assert metrics(report)["glasses"]["value"] == pytest.approx((2 / 3 + 1) / 2)


def test_photo_without_an_avatar_counts_as_wrong(avatars: Path, tmp_path: Path) -> None:
    table = labels(tmp_path, ("a.jpg", "none", "short", 3), ("gone.jpg", "none", "short", 3))
    report = swiftavatar("evaluate", table, avatars, "--json", cwd=tmp_path).json
    assert (report["photos"], report["avatars"]) == (2, 1)
    assert metrics(report)["hair_length"]["value"] == pytest.approx(0.5)


def test_text_and_markdown_say_the_same(avatars: Path, tmp_path: Path) -> None:
    table = labels(tmp_path, ("a.jpg", "none", "short", 3), ("c.jpg", "none", "short", 3))
    text = swiftavatar("evaluate", table, avatars, cwd=tmp_path).stdout.decode()
    markdown = swiftavatar("evaluate", table, avatars, "--format", "markdown", cwd=tmp_path).stdout.decode()
    assert "glasses            0.500 " in text and "by skin tone       1 to 3" in text
    assert "| glasses | 0.500 | balanced accuracy | 2 |" in markdown
    assert "2 of 2 photos" in text and "2 of 2 photos" in markdown


def test_groups_are_those_of_a_column(avatars: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,glasses,studio\na.jpg,none,north\nb.jpg,sunglasses,north\nd.jpg,sunglasses,south\n")
    report = swiftavatar("evaluate", "labels.csv", avatars, "--by", "studio", "--json", cwd=tmp_path).json
    found = {group["name"]: group["metrics"]["glasses"]["value"] for group in report["groups"]}
    assert report["by"] == "studio" and found == {"north": 0.5, "south": 1.0}
    shown = {entry["label"]: entry["shown"] for entry in metrics(report)["glasses"]["classes"]}
    assert shown == {"none": {"none": 1}, "eyeglasses|sunglasses": {"none": 1, "eyeglasses|sunglasses": 1}}
    sentence(swiftavatar("evaluate", "labels.csv", avatars, "--by", "city", cwd=tmp_path, status=2), "city")


def test_quoted_fields_and_windows_line_ends(avatars: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(b'\xef\xbb\xbfnote,glasses,file\r\n"a, ""quoted"" note",none,"a.jpg"\r\n')
    report = swiftavatar("evaluate", "labels.csv", avatars, "--json", cwd=tmp_path).json
    assert metrics(report)["glasses"]["value"] == 1 and report["avatars"] == 1


@pytest.mark.parametrize("text", ["", "name,colour\na,b\n", "file\na.jpg\n", "glasses\nnone\n", "file,glasses\n,none\n"],
                         ids=["empty", "other columns", "no attribute", "no file", "nameless"])
def test_what_is_no_table_of_labels(avatars: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.csv").write_text(text)
    sentence(swiftavatar("evaluate", "labels.csv", avatars, cwd=tmp_path, status=2), "labels.csv")


def test_missing_table_and_folder(avatars: Path, tmp_path: Path) -> None:
    sentence(swiftavatar("evaluate", "gone.csv", avatars, cwd=tmp_path, status=2), "gone.csv")
    table = labels(tmp_path, ("a.jpg", "none", "short", 3))
    sentence(swiftavatar("evaluate", table, "gone", cwd=tmp_path, status=2), "gone")


def test_names_stay_inside_the_folder(avatars: Path, tmp_path: Path) -> None:
    table = labels(tmp_path, (f"../{avatars.name}/a.jpg", "none", "short", 3), (f"{avatars}/a.jpg", "none", "short", 3))
    report = swiftavatar("evaluate", table, avatars, "--json", cwd=tmp_path).json
    assert report["avatars"] == 0


def test_broken_result_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.avatar.json").write_text('{"schema": "swiftavatar.resu')
    table = labels(tmp_path, ("a.jpg", "none", "short", 3))
    assert swiftavatar("evaluate", table, "out", "--json", cwd=tmp_path).json["avatars"] == 0


def test_labelled_photos_end_to_end(dev_photos: Path, tmp_path: Path) -> None:
    """The first few photos of the labelled set, from the picture to the numbers."""
    table = (PHOTOS / "dev.csv").read_text().splitlines()[:6]
    (tmp_path / "labels.csv").write_text("\n".join(table) + "\n")
    estimate(*(dev_photos / row.split(",")[0] for row in table[1:]), "-o", "out", "--previews", "none", cwd=tmp_path)
    report = swiftavatar("evaluate", "labels.csv", "out", "--json", cwd=tmp_path).json
    assert report["avatars"] == report["photos"] == 5
    assert metrics(report)["glasses"]["value"] >= 0.5


FLOORS = {"glasses": 0.97, "facial_hair": 0.90, "hair_length": 0.91, "hair_texture": 0.74, "fringe": 0.92, "hair_color": 0.80,
          "skin_tone": 0.92, "skin_tone 5 to 10": 0.74, "mouth": 0.94, "earrings": 0.85}


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "floor"), FLOORS.items(), ids=FLOORS)
def test_agreement_with_labels(dev_results: Path, tmp_path: Path, name: str, floor: float) -> None:
    report = swiftavatar("evaluate", PHOTOS / "dev.csv", dev_results, "--json", cwd=tmp_path).json
    assert report["avatars"] >= 188
    assert metrics(report)[name]["value"] >= floor
