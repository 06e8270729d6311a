"""The whole way: from clones and tables to a folder of photos with masks, landmarks and a list of what is missing."""

from __future__ import annotations

import csv
import io
import re
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from swiftavatar_train.photos import __main__ as command
from swiftavatar_train.photos import networks, stage
from swiftavatar_train.photos.cutting import fingerprint
from swiftavatar_train.photos.faces import largest_face
from swiftavatar_train.photos.git_objects import object_id
from swiftavatar_train.photos.tables import LABELS, SETS, excluded, person_groups, people, read_pictures, read_table
from bundle_networks import BundleNetworks, example
from made_clone import commit, make_clone

DOCUMENT = Path(__file__).parents[3] / "docs/dataset.md"
BOX = (60, 0, 400, 330)


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tables of five photos, of which three can be had, one is excluded, and a clone whose newest commit has none of them."""
    source = Image.fromarray(example())
    file = io.BytesIO()
    source.save(file, "PNG")
    folder = make_clone(tmp_path / "clones", "some/team", {"team/a.png": file.getvalue(), "team/b.png": b"no picture"})
    at = commit(folder, {"README": b"."})
    for name in ("a.png", "b.png"):
        (folder / "team" / name).unlink()
    commit(folder, {"README": b".."})

    labels = tmp_path / "labels"
    labels.mkdir()
    cut = source.crop(BOX)
    five = " ".join(f"{value:.1f}" for value in largest_face(np.asarray(cut), BundleNetworks()).five.ravel())
    rows = [("train", "a.jpg", "team/a.png", object_id(file.getvalue())), ("world", "a.jpg", "team/a.png", ""),
            ("world", "b.jpg", "team/b.png", ""), ("world", "c.jpg", "team/c.png", ""), ("world", "d.jpg", "team/a.png", "")]
    write(labels / "sources.csv", [{"set": name, "file": file, "person": "", "licence": "CC0", "repository": "some/team",
                                    "path": path, "commit": at, "blob": blob} for name, file, path, blob in rows])
    write(labels / "pictures.csv", [{"set": name, "file": file, "width": cut.width, "height": cut.height, "five": five,
                                     "fingerprint": fingerprint(cut)} for name, file, _, _ in rows])
    write(labels / "excluded.csv", [{"set": "world", "file": "d.jpg", "reason": "is in dev"}])
    write(labels / "duplicates.csv", [{"group": 7, "set": name, "file": "a.jpg"} for name in ("train", "world")])
    write(labels / "world.csv", [{"file": f"{letter}.jpg", "glasses": "none"} for letter in "abcd"])
    monkeypatch.setattr(command, "Networks", lambda *_: BundleNetworks())
    monkeypatch.setattr(BundleNetworks, "fetch", lambda self: None)
    monkeypatch.setattr(networks, "SOURCES", {})
    monkeypatch.setattr(sys, "argv", ["photos", "--clones", str(tmp_path / "clones"), "--labels", str(labels)])
    return tmp_path


def run(*more: str) -> int:
    given = sys.argv[:5]  # those of the fixture
    sys.argv[:] = [*given, *more]
    return command.main()


def test_folder_is_made(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = data / "photos"
    assert run("--out", str(out)) == 1  # for something is missing
    wanted = example()[BOX[1]:BOX[3], BOX[0]:BOX[2]].astype(int)
    for name in ("train", "world"):
        made = cv2.cvtColor(cv2.imread(str(out / name / "a.jpg")), cv2.COLOR_BGR2RGB).astype(int)
        assert made.shape == wanted.shape and np.abs(made - wanted).mean() < 3  # JPEG
        mask = cv2.imread(str(out / "masks" / name / "a.png"), cv2.IMREAD_GRAYSCALE)
        assert mask.shape == wanted.shape[:2] and len(np.unique(mask)) >= 8
        with np.load(out / f"landmarks_{name}.npz") as arrays:
            assert arrays["files"].tolist() == ["a.jpg"] and arrays["points"].shape == (1, 478, 2)
            five = arrays["points"][0, [468, 473]]
        assert np.ptp(five[:, 0]) > 30 and np.isin(mask[five[:, 1].astype(int), five[:, 0].astype(int)], 2).all()
    assert {(row["file"], row["reason"]) for row in read_table(out / "missing.csv")} == {
        ("b.jpg", "is no picture that can be read"), ("c.jpg", "no such file in the commit")}
    assert "world: 1 found, 0 there before, 2 missing" in capsys.readouterr().out
    assert [row["file"] for row in read_table(out / "world.csv")] == ["a.jpg", "b.jpg", "c.jpg"]
    assert {row["file"]: row["person"] for row in read_table(out / "sources.csv")} == {
        "train/a.jpg": "7", "world/a.jpg": "7", "world/b.jpg": "", "world/c.jpg": ""}


def test_second_run_goes_on(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = data / "photos"
    run("--out", str(out), "--set", "world")
    (out / "world/a.jpg").write_bytes((out / "world/a.jpg").read_bytes() + b"mark")
    shutil.rmtree(out / "masks")
    run("--out", str(out))
    assert "world: 0 found, 1 there before" in capsys.readouterr().out
    assert (out / "world/a.jpg").read_bytes().endswith(b"mark") and (out / "masks/world/a.png").exists()
    assert (out / "train/a.jpg").exists()


def test_dry_run_writes_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(data.rglob("*"))
    assert run("--dry-run") == 0
    assert sorted(data.rglob("*")) == before
    told = capsys.readouterr().out
    assert "train: 1 found" in told and "1 missing of some/team: no such file in the commit" in told


def test_wrong_object_is_missing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = data / "labels/sources.csv"
    table.write_text(re.sub(r"(train,a\.jpg,.*),\w+$", rf"\1,{'1' * 40}", table.read_text(), flags=re.M))
    run("--dry-run", "--set", "train")
    assert "1 missing of some/team: no object 111111111" in capsys.readouterr().out


# The stage.

@pytest.fixture
def settings(data: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setattr(stage, "LABELS", data / "labels")
    monkeypatch.setattr(stage, "Networks", lambda *_: BundleNetworks())
    return {"clones": str(data / "clones"), "sets": ["train", "world"], "most_missing": 2}


def test_stage_makes_the_folder_of_its_sets(data: Path, settings: dict) -> None:
    stage.run(settings | {"sets": ["train"], "most_missing": 0}, data / "work")
    out = data / "work/photos"
    assert (out / "train/a.jpg").exists() and (out / "masks/train/a.png").exists() and not (out / "world").exists()


def test_stage_stops_where_too_much_is_missing_and_goes_on(data: Path, settings: dict, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2 pictures are missing, .*missing.csv says why"):
        stage.run(settings | {"most_missing": 1}, data / "work")
    stage.run(settings, data / "work")
    assert "world: 0 found, 1 there before, 2 missing" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="no picture of dev could be had"):
        stage.run(settings | {"sets": ["dev"]}, data / "work")


def test_stage_tells_and_writes_nothing(data: Path, settings: dict, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(data.rglob("*"))
    stage.tell(settings, data / "work")
    assert sorted(data.rglob("*")) == before and "train: 1 found" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="nowhere: there is no such folder"):
        stage.tell(settings | {"clones": str(data / "nowhere")}, data / "work")


def test_people_are_those_of_the_folder_and_of_the_tables(tmp_path: Path) -> None:
    """Whom either takes for one person is one, also by way of the other."""
    write(tmp_path / "duplicates.csv", [{"group": group, "set": "train", "file": file}
                                        for group, file in ((1, "a"), (1, "b"), (2, "c"), (2, "d"), (3, "e"), (3, "f"))])
    found = people({"train/b": "anna", "train/c": "anna", "train/g": "anna", "train/h": "1", "train/i": ""}, tmp_path)
    assert len({found[f"train/{name}"] for name in "abcdg"}) == 1 and found["train/e"] == found["train/f"]
    assert len(set(found.values())) == 3 and "train/i" not in found


@pytest.mark.parametrize("line", re.findall(r"^ {4}scripts/train/run\.sh photos (.*--dry-run.*)$", DOCUMENT.read_text(), re.M))
def test_dry_run_of_the_document(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With no clone at all, every picture of the real tables is told as missing."""
    (tmp_path / "CLONES").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["photos", *line.split()])
    assert command.main() == 0
    told = capsys.readouterr().out
    assert "missing of fossasia/2019.fossasia.org: no clone" in told
    assert "hair_segmentation.tflite is missing: neither in networks nor in a clone of google-ai-edge/mediapipe" in told


def test_options_of_the_document(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["photos", "--help"])
    with pytest.raises(SystemExit):
        command.main()
    options = set(re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.M))
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", DOCUMENT.read_text(), re.M))
    assert re.search(r"scripts/train/run\.sh photos .*--dry-run", DOCUMENT.read_text())


# The tables themselves.

def test_tables_name_the_same_pictures() -> None:
    pictures = read_pictures()
    names = {picture.name for picture in pictures}
    assert len(names) == len(pictures)
    cuts = {f"{row['set']}/{row['file']}" for row in read_table(LABELS / "pictures.csv")}
    assert cuts == names
    for name in SETS:
        table = LABELS / f"{name}.csv"
        if table.exists():
            labelled = {f"{name}/{row['file']}" for row in read_table(table)}
            assert labelled | set(excluded()) >= {n for n in names if n.startswith(f"{name}/")} >= labelled
    assert set(excluded()) <= names and set(person_groups()) <= names


def test_nobody_who_is_measured_is_trained_on() -> None:
    """Of a group of photos of one person, those of training sets are excluded where one is in a measuring set."""
    measured = {group for name, group in person_groups().items() if name.split("/")[0] in ("dev", "congress", "world-dev")}
    left = {name for name, group in person_groups().items()
            if group in measured and name.split("/")[0] in ("train", "world", "world-more") and name not in excluded()}
    assert not left


def test_pictures_fit_their_sets() -> None:
    for picture in read_pictures():
        assert max(picture.width, picture.height) <= SETS[picture.set].longest
        assert re.fullmatch(r"[0-9a-f]{9}|[0-9a-f]{40}", picture.commit) and re.fullmatch(r"[0-9a-f]{16}", picture.fingerprint)
        assert (picture.five > -0.5 * picture.width).all() and (picture.five < 1.5 * picture.height + picture.width).all()
