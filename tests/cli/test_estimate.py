"""`swiftavatar estimate`: from a photo to an avatar."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from program import (FAST, PHOTO, PROGRAM, TINY, alike, check, check_previews, environment, estimate, files_below, load, read_rgb,
                     swiftavatar, without_timing, write_image)

PICTURES = {"avatar", "face", "domain", "sheet"}


def stamp(folder: Path) -> dict[str, int]:
    return {name: (folder / name).stat().st_mtime_ns for name in files_below(folder)}


def avatar_of(file: Path) -> Any:
    """What a result says of the face; pictures differ where a slider does, in the fourth digit."""
    return {key: value for key, value in load(file).items() if key not in ("timing_ms", "previews", "input")}


# What one photo gives.

def test_json_and_four_pictures_of_the_right_sizes(full: tuple[Path, Any]) -> None:
    folder, result = full
    assert files_below(folder) == sorted(f"astronaut.{name}" for name in
                                         ("avatar.json", "avatar.png", "face.png", "domain.png", "sheet.png"))
    sizes = {name: cv2.imread(str(folder / f"astronaut.{name}.png"), cv2.IMREAD_UNCHANGED).shape for name in PICTURES}
    assert sizes["avatar"] == (512, 512, 4)
    assert sizes["sheet"] == (256, 4 * 256, 3)
    assert sizes["face"] == sizes["domain"]
    assert sizes["face"][2] == 3
    assert result["inversion"]["method"] == "optimize"


def test_previews_name_the_pictures_by_hash(full: tuple[Path, Any]) -> None:
    folder, result = full
    assert set(result["previews"]) == PICTURES
    check_previews(result, folder)


def test_pictures_show_something(full: tuple[Path, Any]) -> None:
    folder, _ = full
    avatar = cv2.imread(str(folder / "astronaut.avatar.png"), cv2.IMREAD_UNCHANGED)
    assert len(np.unique(avatar.reshape(-1, 4), axis=0)) > 20
    assert cv2.imread(str(folder / "astronaut.face.png")).std() > 10
    # The inversion has the photo's colours in the same places: the sheet's first two panels are the same face.
    sheet = cv2.imread(str(folder / "astronaut.sheet.png")).astype(int)
    assert np.abs(sheet[:, :256] - sheet[:, 256:512]).mean() < 40


def test_result_describes_the_astronaut(full: tuple[Path, Any]) -> None:
    _, result = full
    assert result["face"]["count"] == 1
    x, y, width, height = result["face"]["box"]
    assert x < 224 < x + width and y < 120 < y + height
    assert abs(result["face"]["yaw"]) < 20
    assert result["attributes"]["glasses"] == "none"
    assert result["attributes"]["facial_hair"] == "none"
    assert result["attributes"]["mouth"] == "teeth"
    assert result["attributes"]["skin_tone"] <= 4


def test_every_parameter_has_a_confidence(full: tuple[Path, Any]) -> None:
    _, result = full
    for group, entries in result["avatar"].items():
        assert set(entries) == set(result["confidence"][group])


def test_avatar_has_every_parameter_of_the_engine(full: tuple[Path, Any], tmp_path: Path) -> None:
    _, result = full
    engine = swiftavatar("engines", "show", "tiktok", "--json", cwd=tmp_path).json
    assert result["engine"]["sha256"] == engine["sha256"]
    assert set(result["avatar"]["discrete"]) == set(engine["components"])
    assert set(result["avatar"]["continuous"]) == set(engine["sliders"])
    assert set(result["avatar"]["colors"]) == set(engine["colors"])
    for name, value in result["avatar"]["continuous"].items():
        assert engine["sliders"][name]["min"] <= value <= engine["sliders"][name]["max"]


def test_input_and_models_are_named_by_hash(full: tuple[Path, Any]) -> None:
    _, result = full
    assert result["input"]["sha256"] == hashlib.sha256(PHOTO.read_bytes()).hexdigest()
    assert (result["input"]["width"], result["input"]["height"]) == (512, 512)
    bundle = PHOTO.parents[1] / "models/default"
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert result["models"]["bundle"] == "default"
    for role, digest in result["models"]["files"].items():
        assert hashlib.sha256((bundle / manifest["models"][role]["file"]).read_bytes()).hexdigest() == digest


def test_same_photo_gives_the_same_json_again(full: tuple[Path, Any], tmp_path: Path) -> None:
    _, first = full
    swiftavatar("estimate", PHOTO, "--engine", "tiktok", "-o", tmp_path, cwd=tmp_path)
    assert without_timing(load(tmp_path / "astronaut.avatar.json")) == without_timing(first)


@pytest.mark.parametrize(("method", "pictures", "panels"), [("none", {"avatar", "sheet"}, 2), ("encoder", PICTURES, 4)])
def test_inversion_decides_on_the_pictures(tmp_path: Path, method: str, pictures: set[str], panels: int) -> None:
    swiftavatar("estimate", PHOTO, "--inversion", method, "-o", tmp_path, cwd=tmp_path)
    result = load(tmp_path / "astronaut.avatar.json")
    assert result["inversion"]["method"] == method
    assert set(result["previews"]) == pictures
    assert files_below(tmp_path) == sorted(["astronaut.avatar.json", *(f"astronaut.{name}.png" for name in pictures)])
    assert cv2.imread(str(tmp_path / "astronaut.sheet.png")).shape == (256, 256 * panels, 3)


def test_optimisation_comes_nearer_to_the_photo_than_the_encoder(full: tuple[Path, Any], tmp_path: Path) -> None:
    swiftavatar("estimate", PHOTO, "--inversion", "encoder", "-o", tmp_path, cwd=tmp_path)
    encoder = load(tmp_path / "astronaut.avatar.json")
    assert full[1]["inversion"]["loss"] < encoder["inversion"]["loss"]
    # The estimator reads the photo itself, so the avatar is the same.
    assert encoder["avatar"] == full[1]["avatar"]


def test_steps(tmp_path: Path) -> None:
    swiftavatar("estimate", PHOTO, "--steps", 3, "--previews", "none", "-o", tmp_path, cwd=tmp_path)
    assert load(tmp_path / "astronaut.avatar.json")["inversion"]["steps"] == 3


def test_previews_are_a_choice(tmp_path: Path) -> None:
    estimate(PHOTO, "--previews", "avatar", "-o", "some", cwd=tmp_path)
    estimate(PHOTO, "--previews", "none", "-o", "none", cwd=tmp_path)
    assert files_below(tmp_path / "some") == ["astronaut.avatar.json", "astronaut.avatar.png"]
    assert files_below(tmp_path / "none") == ["astronaut.avatar.json"]
    assert load(tmp_path / "none/astronaut.avatar.json")["previews"] == {}


def test_another_engine(tmp_path: Path) -> None:
    """An engine that no estimator was trained for is driven by its semantics alone."""
    estimate(PHOTO, "--engine", TINY, "-o", tmp_path, cwd=tmp_path)
    result = load(tmp_path / "astronaut.avatar.json")
    assert result["engine"]["name"] == "tiny"
    check_previews(result, tmp_path)


# Done already.

def test_second_run_skips(fast: tuple[Path, Any], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(fast[0], tmp_path / "out"))
    before = stamp(folder)
    run = estimate(PHOTO, "-o", folder, "--json", cwd=tmp_path)
    assert stamp(folder) == before
    assert check(run.json) == fast[1]


def test_force_redoes(fast: tuple[Path, Any], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(fast[0], tmp_path / "out"))
    before = stamp(folder)
    estimate(PHOTO, "-o", folder, "--force", cwd=tmp_path)
    after = stamp(folder)
    assert all(after[name] != before[name] for name in before)


def test_changed_options_redo(fast: tuple[Path, Any], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(fast[0], tmp_path / "out"))
    estimate(PHOTO, "-o", folder, "--face", "center", cwd=tmp_path)
    assert load(folder / "astronaut.avatar.json")["options"]["face"] == "center"


def test_same_engine_by_another_path_is_not_redone(tmp_path: Path, photo: Path) -> None:
    """Options count by what they mean: where a definition lies does not change the avatar."""
    shutil.copytree(TINY.parent, tmp_path / "tiny")
    estimate(photo, "--engine", TINY, "-o", "out", cwd=tmp_path)
    before = stamp(tmp_path / "out")
    estimate(photo, "--engine", "tiny/definition.json", "-o", "out", cwd=tmp_path)
    assert stamp(tmp_path / "out") == before


@pytest.mark.parametrize("damage", ["picture gone", "picture changed", "json cut", "photo changed"])
def test_what_is_not_whole_is_redone(fast: tuple[Path, Any], tmp_path: Path, photo: Path, damage: str) -> None:
    folder = Path(shutil.copytree(fast[0], tmp_path / "out"))
    for file in list(folder.iterdir()):
        file.rename(folder / file.name.replace("astronaut", "photo"))
    estimate(photo, "-o", folder, "--force", cwd=tmp_path)
    before = (folder / "photo.avatar.json").stat().st_mtime_ns
    picture = folder / "photo.avatar.png"
    if damage == "picture gone":
        picture.unlink()
    elif damage == "picture changed":
        picture.write_bytes(picture.read_bytes() + b"\0")
    elif damage == "json cut":
        text = (folder / "photo.avatar.json").read_bytes()
        (folder / "photo.avatar.json").write_bytes(text[:len(text) // 2])
    else:
        write_image(photo, read_rgb()[:, ::-1])
    estimate(photo, "-o", folder, cwd=tmp_path)
    result = load(folder / "photo.avatar.json")
    check_previews(result, folder)
    assert (folder / "photo.avatar.json").stat().st_mtime_ns != before


def test_dry_run_says_and_does_nothing(people: Path, tmp_path: Path) -> None:
    estimate(people / "a.png", "-o", "out", cwd=tmp_path)
    before = stamp(tmp_path)
    run = estimate(people, "-o", "out", "--dry-run", cwd=tmp_path)
    assert [line.split("\t") for line in run.lines] == [
        ["skip", str(people / "a.png"), "out/a.avatar.json"],
        ["do", str(people / "b.png"), "out/b.avatar.json"],
        ["do", str(people / "c.jpg"), "out/c.avatar.json"]]
    assert stamp(tmp_path) == before


# Many photos.

def test_folder_gives_what_single_photos_give(people: Path, tmp_path: Path) -> None:
    run = estimate(people, "-o", "all", "--json", cwd=tmp_path)
    document = check(run.json)
    assert document["schema"] == "swiftavatar.run/1"
    assert document["summary"]["done"] == document["summary"]["avatars"] == 3
    assert document["error"] is None
    for photo in sorted(people.iterdir()):
        estimate(photo, "-o", "one", cwd=tmp_path)
        assert alike(avatar_of(tmp_path / f"one/{photo.stem}.avatar.json"), avatar_of(tmp_path / f"all/{photo.stem}.avatar.json"))
    assert [Path(result["input"]["path"]).name for result in document["results"]] == ["a.png", "b.png", "c.jpg"]


def test_one_job_gives_the_same_bytes_each_time(people: Path, tmp_path: Path) -> None:
    swiftavatar("estimate", people, "-o", "all", "--jobs", "1", "--inversion", "encoder", cwd=tmp_path)
    for photo in sorted(people.iterdir()):
        swiftavatar("estimate", photo, "-o", "one", "--jobs", "1", "--inversion", "encoder", cwd=tmp_path)
    assert files_below(tmp_path / "all") == files_below(tmp_path / "one")
    for name in files_below(tmp_path / "all"):
        one, other = tmp_path / "one" / name, tmp_path / "all" / name
        if name.endswith(".json"):
            assert without_timing(load(one)) == without_timing(load(other))
        else:
            assert one.read_bytes() == other.read_bytes(), name


@pytest.mark.parametrize("method", ["none", "encoder", "optimize"])
def test_jobs_and_batches_change_nothing(people: Path, tmp_path: Path, method: str) -> None:
    (tmp_path / "in").mkdir()
    for number in range(7):  # more than a batch
        source = sorted(people.iterdir())[number % 3]
        shutil.copy(source, tmp_path / f"in/{number}{source.suffix}")
    (tmp_path / "in/31.jpg").write_bytes(b"no picture at all")
    common = ("estimate", "in", "--inversion", method, "--steps", "3", "--previews", "avatar")
    plain = swiftavatar(*common, "-o", "plain", "--jobs", "1", cwd=tmp_path, status=1)
    parallel = swiftavatar(*common, "-o", "parallel", "--jobs", "3", "--batch-size", "2", cwd=tmp_path, status=1)
    assert [line.replace("plain", "parallel") for line in plain.lines] == parallel.lines, "in the order of the photos"
    assert files_below(tmp_path / "plain") == files_below(tmp_path / "parallel")
    for name in files_below(tmp_path / "plain"):
        if name.endswith(".avatar.json"):
            assert alike(avatar_of(tmp_path / "plain" / name), avatar_of(tmp_path / "parallel" / name)), name


def test_a_failure_ends_the_run_early_with_any_number_of_jobs(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/00.jpg").write_bytes(b"no picture at all")
    for number in range(1, 20):
        shutil.copy(photo, tmp_path / f"in/{number:02}.png")
    run = estimate("in", "--previews", "none", "--fail-fast", "--jobs", "2", "-o", "out", cwd=tmp_path, status=1)
    assert len(run.lines) < 10, "what was in hand is finished, nothing else"


def test_the_official_recipe_is_said_in_the_result(photo: Path, tmp_path: Path) -> None:
    swiftavatar("estimate", photo, "--recipe", "official", "--steps", "4", "-o", "out", cwd=tmp_path)
    result = load(next((tmp_path / "out").glob("*.avatar.json")))
    assert result["options"]["recipe"] == "official"
    assert result["inversion"]["steps"] == result["options"]["steps"] == 4


def test_recursive_keeps_the_tree(tmp_path: Path) -> None:
    for name in ("in/x.png", "in/deep/er/x.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PHOTO, tmp_path / name)
    estimate("in", "-o", "flat", "--previews", "none", cwd=tmp_path)
    estimate("in", "-o", "tree", "--previews", "none", "--recursive", cwd=tmp_path)
    assert files_below(tmp_path / "flat") == ["x.avatar.json"]
    assert files_below(tmp_path / "tree") == ["deep/er/x.avatar.json", "x.avatar.json"]


def test_own_pictures_are_no_photos(photo: Path, tmp_path: Path) -> None:
    """Run twice in the photos' own folder: the avatars of the first run are not taken for people."""
    estimate(".", cwd=tmp_path)
    run = estimate(".", "--json", cwd=tmp_path)
    assert check(run.json)["input"]["path"].endswith("photo.png")


def test_empty_folder_is_done_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    run = estimate("none", "--json", cwd=tmp_path)
    assert check(run.json)["summary"]["photos"] == 0
    assert any("no photo" in line for line in run.log)


def test_shards_share_the_photos(people: Path, tmp_path: Path) -> None:
    planned = [estimate(people, "--shard", f"{part}/2", "--dry-run", cwd=tmp_path).lines for part in (1, 2)]
    assert sorted(planned[0] + planned[1]) == estimate(people, "--dry-run", cwd=tmp_path).lines
    assert [len(lines) for lines in planned] == [2, 1]
    run = estimate(people, "--shard", "2/2", "-o", "out", "--previews", "none", "--json", cwd=tmp_path)
    assert check(run.json)["schema"] == "swiftavatar.run/1", "how many photos a shard has does not change what it prints"
    run = estimate(people, "--shard", "1/2", "-o", "out", "--previews", "none", "--json", cwd=tmp_path)
    summary = check(run.json)["summary"]
    assert (summary["shard"], summary["photos"], summary["done"]) == ("1/2", 2, 2)
    assert any(line.startswith("swiftavatar: shard 1/2: 2 of 2 photos done") for line in run.log)
    assert files_below(tmp_path / "out") == [f"{name}.avatar.json" for name in "abc"]


def test_a_shard_may_be_empty(photo: Path, tmp_path: Path) -> None:
    run = estimate(photo, "--shard", "2/2", "--json", cwd=tmp_path)
    assert check(run.json)["summary"]["photos"] == 0
    assert any("no photo in this shard" in line for line in run.log)


# What stdout carries.

def test_json_on_stdout_is_the_file(fast: tuple[Path, Any], tmp_path: Path) -> None:
    run = estimate(PHOTO, "--json", "-v", cwd=tmp_path)
    assert check(run.json) == load(tmp_path / "astronaut.avatar.json")


def test_jsonl_has_one_line_a_face(people: Path, tmp_path: Path) -> None:
    run = estimate(people, "--jsonl", "-v", "--results", "faces.jsonl", cwd=tmp_path)
    assert len(run.jsonl) == 3
    for result in run.jsonl:
        assert check(result)["status"] == "ok"
    assert (tmp_path / "faces.jsonl").read_bytes() == run.stdout


def test_plain_stdout_names_the_files(people: Path, tmp_path: Path) -> None:
    run = estimate(people, "-o", "out", cwd=tmp_path)
    assert run.lines == ["out/a.avatar.json", "out/b.avatar.json", "out/c.avatar.json"]


def test_quiet_says_nothing(photo: Path, tmp_path: Path) -> None:
    assert estimate(photo, "-q", cwd=tmp_path).stderr == ""


def test_a_reader_that_goes_away_ends_the_run(people: Path, tmp_path: Path) -> None:
    command = f"set -o pipefail; '{PROGRAM}' estimate '{people}' --inversion none --jsonl | true"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, check=False)
    assert done.returncode == 141, done.stderr


# Names.

def test_output_may_name_the_json(photo: Path, tmp_path: Path) -> None:
    estimate(photo, "-o", "deep/X.json", cwd=tmp_path)
    assert files_below(tmp_path / "deep") == ["X.avatar.png", "X.json", "X.sheet.png"]
    check_previews(load(tmp_path / "deep/X.json"), tmp_path / "deep")


def test_standard_input(fast: tuple[Path, Any], tmp_path: Path) -> None:
    run = estimate("-", "--json", cwd=tmp_path, stdin=PHOTO.read_bytes())
    result = check(run.json)
    assert result["input"]["path"] == "-"
    assert result["input"]["sha256"] == fast[1]["input"]["sha256"]
    assert result["avatar"] == fast[1]["avatar"]
    assert (tmp_path / "stdin.avatar.json").exists()


ODD_NAMES = {"line feed": b"a\nb.png", "unicode": "Zoë 雪.png".encode(), "dash": b"-o.png", "bytes": b"\xff\xfe.png",
             "blank": b" .x y.png", "quotes": b"'\"$(id).png"}


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of oddly named photos, all of them done by one run whose list came on standard input."""
    folder = tmp_path_factory.mktemp("odd")
    for name in ODD_NAMES.values():
        shutil.copy(PHOTO, os.fsdecode(os.fsencode(folder) + b"/" + name))
    estimate("--files-from", "-", "-0", "-o", "out", "--previews", "avatar", cwd=folder,
             stdin=b"".join(name + b"\0" for name in ODD_NAMES.values()))
    return folder


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_odd_names(odd: Path, name: bytes) -> None:
    stem = os.fsdecode(name.removesuffix(b".png"))
    result = load(odd / "out" / f"{stem}.avatar.json")
    given = base64.b64decode(result["input"]["path_bytes"]) if "path_bytes" in result["input"] \
        else result["input"]["path"].encode()
    assert given == name
    assert (odd / "out" / f"{stem}.avatar.png").exists()


def test_odd_names_are_skipped_when_done(odd: Path) -> None:
    run = estimate("--files-from", "-", "-0", "-o", "out", "--previews", "avatar", "--dry-run", "--jsonl", cwd=odd,
                   stdin=b"".join(name + b"\0" for name in ODD_NAMES.values()))
    assert [entry["action"] for entry in run.jsonl] == ["skip"] * len(ODD_NAMES)


def test_list_of_names_in_a_file(people: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"{people}/b.png\n\n{people}/a.png\n")
    run = estimate("--files-from", "list.txt", "--dry-run", cwd=tmp_path)
    assert [line.split("\t")[1] for line in run.lines] == [f"{people}/b.png", f"{people}/a.png"]


def test_same_photo_twice_is_one_item(photo: Path, tmp_path: Path) -> None:
    assert len(estimate(photo, "./photo.png", tmp_path, "--dry-run", cwd=tmp_path).lines) == 1


# Faces.

def test_largest_face_is_the_default(two_faces: Path, tmp_path: Path) -> None:
    face = check(estimate(two_faces, "--json", cwd=tmp_path).json)["face"]
    assert (face["index"], face["count"]) == (1, 2)
    assert face["box"][0] > 512


def test_all_faces_are_numbered_by_area(two_faces: Path, tmp_path: Path) -> None:
    run = estimate(two_faces, "--face", "all", "--json", cwd=tmp_path)
    document = check(run.json)
    assert document["summary"]["avatars"] == 2 and document["summary"]["photos"] == 1
    assert files_below(tmp_path) == [f"two.face{n}.{suffix}" for n in (1, 2) for suffix in
                                     ("avatar.json", "avatar.png", "sheet.png")]
    first, second = (load(tmp_path / f"two.face{n}.avatar.json") for n in (1, 2))
    assert [first["face"]["index"], second["face"]["index"]] == [1, 2]
    assert first["face"]["box"][2] > second["face"]["box"][2]
    for result in (first, second):
        check_previews(result, tmp_path)
    assert estimate(two_faces, "--face", "all", "--dry-run", cwd=tmp_path).lines[0].startswith("skip\t")


def test_several_faces_may_be_an_error(two_faces: Path, tmp_path: Path) -> None:
    run = estimate(two_faces, "--face", "error", "--json", cwd=tmp_path, status=1)
    assert check(run.json)["error"]["code"] == "several_faces"
    assert files_below(tmp_path) == ["two.error.json"]


def test_the_face_in_the_middle(two_faces: Path, tmp_path: Path) -> None:
    """With more wall to the left, the smaller face is the one in the middle."""
    image = read_rgb(two_faces)
    write_image(tmp_path / "wall.png", np.hstack([np.full((512, 400, 3), 90, np.uint8), image]))
    largest = check(estimate("wall.png", "--json", "-o", "largest", cwd=tmp_path).json)["face"]
    center = check(estimate("wall.png", "--face", "center", "--json", "-o", "center", cwd=tmp_path).json)["face"]
    assert [largest["index"], center["index"], center["count"]] == [1, 2, 2]
    assert center["box"][0] < 712 < largest["box"][0]


# The same pixels in another file.

def test_lossless_formats_give_the_same_avatar(people: Path, tmp_path: Path) -> None:
    image = read_rgb(people / "a.png")
    for suffix in ("png", "bmp", "tiff"):
        write_image(tmp_path / f"{suffix}.{suffix}", image)
    write_image(tmp_path / "webp.webp", image, cv2.IMWRITE_WEBP_QUALITY, 101)  # over 100: lossless
    run = estimate(*(f"{s}.{s}" for s in ("png", "bmp", "tiff", "webp")), "--jsonl", cwd=tmp_path)
    avatars = [check(result)["avatar"] for result in run.jsonl]
    assert len(avatars) == 4
    assert all(avatar == avatars[0] for avatar in avatars)


def test_alpha_does_not_matter_where_it_is_opaque(people: Path, tmp_path: Path) -> None:
    image = read_rgb(people / "a.png")
    write_image(tmp_path / "rgba.png", np.dstack([image, np.full(image.shape[:2], 255, np.uint8)]))
    rgba = check(estimate("rgba.png", "--json", cwd=tmp_path).json)
    plain = check(estimate(people / "a.png", "--json", cwd=tmp_path).json)
    assert rgba["avatar"] == plain["avatar"]


def test_a_transparent_background_is_white(people: Path, tmp_path: Path) -> None:
    image = read_rgb(people / "a.png")
    alpha = np.full(image.shape[:2], 255, np.uint8)
    alpha[:40] = 0
    write_image(tmp_path / "rgba.png", np.dstack([image, alpha]))
    image[:40] = 255
    write_image(tmp_path / "white.png", image)
    results = [check(result) for result in estimate("rgba.png", "white.png", "--jsonl", cwd=tmp_path).jsonl]
    assert results[0]["avatar"] == results[1]["avatar"]


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_exif_orientation(tmp_path: Path, orientation: int) -> None:
    turn = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}[orientation]
    upright = Image.open(PHOTO).convert("RGB").crop((16, 0, 480, 512))  # not square, so that width and height tell
    exif = Image.Exif()
    exif[0x0112] = orientation
    # Whole blocks, quantised alike both ways: JPEG loses the same of both, so that nothing but the turn can decide an attribute.
    whole = {"quality": 100, "subsampling": 0}
    upright.save(tmp_path / "plain.jpg", **whole)
    upright.transpose(turn).save(tmp_path / "turned.jpg", exif=exif, **whole)
    plain, turned = (check(result) for result in estimate("plain.jpg", "turned.jpg", "--jsonl", cwd=tmp_path).jsonl)
    assert turned["attributes"] == plain["attributes"]
    assert (turned["input"]["width"], turned["input"]["height"]) == (464, 512)
    assert np.allclose(turned["face"]["box"], plain["face"]["box"], atol=3)


# Interrupted.

def start_batch(folder: Path, *options: str, photos: int = 12) -> subprocess.Popen[bytes]:
    for number in range(photos):
        shutil.copy(PHOTO, folder / f"{number:02}.png")
    process = subprocess.Popen([PROGRAM, "estimate", ".", "-o", "out", "--jsonl", *options], cwd=folder,
                               env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["status"] == "ok"  # the first photo is done, others are not
    return process


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_leaves_whole_results(tmp_path: Path, sent: signal.Signals, status: int) -> None:
    process = start_batch(tmp_path)
    process.send_signal(sent)
    rest, _ = process.communicate(timeout=120)
    assert process.returncode == status
    *_, last = rest.splitlines()
    assert check(json.loads(last))["error"]["code"] == "interrupted"
    done = list((tmp_path / "out").glob("*.avatar.json"))
    assert 1 <= len(done) < 12
    for file in done:
        check_previews(load(file), tmp_path / "out")
    assert len(files_below(tmp_path / "out")) == 5 * len(done)  # no temporary file, no picture without its JSON
    again = swiftavatar("estimate", ".", "-o", "out", "--dry-run", cwd=tmp_path)
    assert [line.split("\t")[0] for line in again.lines].count("skip") == len(done)


def test_killed_run_is_finished_by_the_next(tmp_path: Path) -> None:
    process = start_batch(tmp_path, *FAST, photos=8)
    time.sleep(0.02)
    process.kill()
    process.communicate(timeout=60)
    for file in (tmp_path / "out").glob("*.avatar.json"):
        check_previews(load(file), tmp_path / "out")
    run = estimate(".", "-o", "out", "--json", cwd=tmp_path)
    summary = check(run.json)["summary"]
    assert summary["done"] + summary["skipped"] == 8 and summary["skipped"] >= 1
    assert len(list((tmp_path / "out").glob("*.avatar.json"))) == 8


def two_runs(folder: Path, *options: str) -> list[subprocess.Popen[bytes]]:
    return [subprocess.Popen([PROGRAM, "estimate", "in", "-o", "out", "--json", "--previews", "avatar", *FAST, *options], cwd=folder,
                             env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]


@pytest.mark.parametrize("options", [(), ("--jobs", "2")], ids=["plain", "jobs"])
def test_two_processes_share_a_folder(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "in").mkdir()
    for number in range(8):
        shutil.copy(PHOTO, tmp_path / f"in/{number}.png")
    runs = two_runs(tmp_path, *options)
    summaries = [check(json.loads(run.communicate(timeout=300)[0]))["summary"] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sum(summary["done"] for summary in summaries) == 8, "each photo is done once"
    assert all(summary["done"] + summary["skipped"] == 8 for summary in summaries)
    assert len(list((tmp_path / "out").iterdir())) == 16, "nothing is left over, hidden files included"
    for file in (tmp_path / "out").glob("*.json"):
        check_previews(load(file), tmp_path / "out")


def test_what_a_killed_process_had_in_hand_is_done_by_the_other(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    for number in range(8):
        shutil.copy(PHOTO, tmp_path / f"in/{number}.png")
    (tmp_path / "out/.swiftavatar-7.tmp").write_bytes(b"half a picture")  # of a run that died before
    first, second = two_runs(tmp_path)
    while not list((tmp_path / "out").glob("*.avatar.json")):
        time.sleep(0.01)
    first.kill()
    first.communicate(timeout=60)
    summary = check(json.loads(second.communicate(timeout=300)[0]))["summary"]
    assert second.returncode == 0
    assert summary["done"] + summary["skipped"] == 8
    left = [name for name in os.listdir(tmp_path / "out") if name.startswith(".swiftavatar")]
    assert all(name.endswith(".tmp") and name != ".swiftavatar-7.tmp" for name in left)
    estimate("in", "-o", "out", "--previews", "avatar", cwd=tmp_path)  # sweeps what the killed one was writing
    assert len(list((tmp_path / "out").iterdir())) == 16


@pytest.mark.heavy
def test_dev_photos_give_avatars(dev_photos: Path, dev_results: Path) -> None:
    photos = [file for file in dev_photos.iterdir() if file.suffix == ".jpg"]
    done = sorted(dev_results.glob("*.avatar.json"))
    assert len(photos) == 192
    assert len(done) >= 188
    assert len(done) + len(list(dev_results.glob("*.error.json"))) == len(photos)
    for file in done:
        check_previews(load(file), dev_results)
