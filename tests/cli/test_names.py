"""Names of photos as people, other systems and other programs have them: a bad one costs that photo, never the run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from program import PHOTO, PROGRAM, Run, check, environment, estimate, files_below, load, sentence, swiftavatar

PLAIN = ("--previews", "none", "--jobs", "1")


def said(run: Run, *words: str) -> bool:
    """Whether one line of the log has all the words."""
    return sum(all(word in line for word in words) for line in run.log) == 1


def copies(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(PHOTO, folder / name)
    return folder


# Names that no file, or none of the outputs, can have.

@pytest.mark.parametrize("length", [240, 245, 251, 255])
def test_a_name_too_long_for_its_outputs_costs_that_photo(tmp_path: Path, length: int) -> None:
    """A folder's names have at most 255 bytes, so that of a photo may be longer than its JSON's can be."""
    name = "m" * (length - 4) + ".png"
    copies(tmp_path / "in", "a.png", name, "z.png")
    fits = len(name) - 4 + len(".avatar.json") <= 255
    run = estimate("in", "-o", "out", "--json", *PLAIN, cwd=tmp_path, status=0 if fits else 1)
    document = check(run.json)
    assert [result["status"] for result in document["results"]] == ["ok", "ok" if fits else "io_error", "ok"]
    assert {"a.avatar.json", "z.avatar.json"} <= set(files_below(tmp_path / "out"))
    if not fits:
        assert said(run, "too long", name[:-4])


def test_invert_goes_on_after_a_name_too_long(tmp_path: Path) -> None:
    copies(tmp_path / "in", "a.png", "m" * 247 + ".png", "z.png")
    run = swiftavatar("invert", "in", "", "-o", "out", "--inversion", "encoder", "--json", cwd=tmp_path, status=1)
    assert [result["status"] for result in run.json["results"]] == ["ok", "io_error", "ok", "io_error"]
    assert files_below(tmp_path / "out") == ["a.codes.npy", "z.codes.npy"]


def test_a_folder_in_the_place_of_an_output_costs_that_photo(tmp_path: Path) -> None:
    copies(tmp_path / "in", "a.png", "b.png", "z.png")
    (tmp_path / "out/b.avatar.json").mkdir(parents=True)
    run = estimate("in", "-o", "out", "--json", *PLAIN, cwd=tmp_path, status=1)
    assert [result["status"] for result in check(run.json)["results"]] == ["ok", "io_error", "ok"]
    assert load(tmp_path / "out/b.error.json")["error"]["code"] == "io_error"
    assert said(run, "b.avatar.json", "a folder has this name")


def test_a_part_of_the_tree_that_cannot_be_written_costs_its_photos(tmp_path: Path) -> None:
    copies(tmp_path / "in", "z.png")
    copies(tmp_path / "in/below", "a.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/below").write_text("a file in the way")
    run = estimate("in", "--recursive", "-o", "out", "--json", *PLAIN, cwd=tmp_path, status=1)
    assert [result["status"] for result in check(run.json)["results"]] == ["io_error", "ok"]


def test_an_empty_name_costs_that_name(tmp_path: Path, photo: Path) -> None:
    run = estimate(photo, "", "-o", "out", "--json", *PLAIN, cwd=tmp_path, status=1)
    assert [result["status"] for result in check(run.json)["results"]] == ["ok", "io_error"]
    assert said(run, "the name is empty")
    assert files_below(tmp_path / "out") == ["photo.avatar.json"]
    listed = estimate(photo, "", "-o", "new", "--dry-run", cwd=tmp_path)
    assert [line.split("\t")[:2] for line in listed.lines] == [["do", str(photo)], ["do", ""]]
    assert not (tmp_path / "new").exists()


def test_a_pipe_in_the_place_of_an_output_stays(tmp_path: Path, photo: Path) -> None:
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out/photo.avatar.png")
    estimate(photo, "-o", "out", cwd=tmp_path, status=1)
    assert (tmp_path / "out/photo.avatar.png").is_fifo()
    assert load(tmp_path / "out/photo.error.json")["error"]["code"] == "io_error"


# Folders.

def test_a_folder_gives_all_its_pictures_and_counts_the_rest(tmp_path: Path) -> None:
    copies(tmp_path / "in", "a.jfif", "b.JPE", "c.mpo", "d.hif")
    for name in ("notes.txt", "more.TXT", "paper.pdf", "README", ".hidden.txt", "d.avatar.json"):
        (tmp_path / "in" / name).write_text("no picture")
    run = estimate("in", "-o", "out", "--json", *PLAIN, cwd=tmp_path)
    document = check(run.json)
    assert [Path(result["input"]["path"]).name for result in document["results"]] == ["a.jfif", "b.JPE", "c.mpo", "d.hif"]
    assert document["summary"]["left_out"] == {".txt": 2, ".pdf": 1, "": 1}
    assert sum("4 photos; left out 4 files that are no pictures (.txt 2" in line for line in run.log) == 1


def test_nothing_left_out_is_not_said(tmp_path: Path) -> None:
    copies(tmp_path / "in", "a.png", "b.png")
    run = estimate("in", "-o", "out", "--json", "--dry-run", cwd=tmp_path)
    assert "left out" not in run.stderr


# Lists.

WINDOWS = {"mark and CR LF": "\ufeffphoto.png\r\n\r\n".encode(),
           "UTF-16, little": "\ufeffphoto.png\r\n".encode("utf-16-le"),
           "UTF-16, big": "\ufeffphoto.png\r\n".encode("utf-16-be"),
           "plain": b"photo.png\n"}


@pytest.mark.parametrize("text", WINDOWS.values(), ids=WINDOWS)
def test_lists_that_windows_writes(tmp_path: Path, photo: Path, text: bytes) -> None:
    (tmp_path / "list.txt").write_bytes(text)
    for source, stdin in (("list.txt", b""), ("-", text)):
        run = estimate("--files-from", source, "--dry-run", cwd=tmp_path, stdin=stdin)
        assert run.lines == ["do\tphoto.png\t./photo.avatar.json"]


@pytest.mark.parametrize("text", ["photo.png\r\n".encode("utf-16-le"), b"photo.png\0photo.png\0"], ids=["UTF-16", "NUL"])
def test_a_list_that_is_no_text_is_refused_before_work(tmp_path: Path, photo: Path, text: bytes) -> None:
    (tmp_path / "list.txt").write_bytes(text)
    run = estimate("--files-from", "list.txt", "-o", "out", cwd=tmp_path, status=2)
    sentence(run, "list.txt", "UTF-8", "-0")
    assert not (tmp_path / "out").exists()


def test_an_empty_list_is_called_a_list(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"\n")
    run = estimate("--files-from", "list.txt", cwd=tmp_path)
    assert "the list" in sentence(run) and "folder" not in sentence(run)


def test_follow_reads_what_windows_writes(tmp_path: Path, photo: Path) -> None:
    run = estimate("--files-from", "-", "--follow", "--jsonl", *PLAIN, "-o", "out", cwd=tmp_path, status=1,
                   stdin="\ufeffphoto.png\r\n".encode() + b"no\0name.png\r\n")
    assert [check(result)["status"] for result in run.jsonl] == ["ok", "io_error"]
    refused = estimate("--files-from", "-", "--follow", cwd=tmp_path, status=2, stdin="\ufeffphoto.png\n".encode("utf-16-le"))
    sentence(refused, "UTF-16")


# The current folder.

@pytest.mark.parametrize("arguments", [("estimate", "../photo.png", "-o", "x"), ("estimate", str(PHOTO), "-o", "/tmp/x"),
                                       ("models", "list", "--json")], ids=["relative", "absolute", "another verb"])
def test_a_current_folder_that_is_gone(tmp_path: Path, photo: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "gone").mkdir()
    done = subprocess.run(["sh", "-c", 'rmdir ../gone && exec "$@"', "sh", PROGRAM, *arguments], cwd=tmp_path / "gone",
                          env=environment(), capture_output=True, timeout=60, check=False)
    assert done.returncode == 5, done.stderr
    assert b"the current folder cannot be used" in done.stderr and done.stderr.count(b"\n") == 1
    if "--json" in arguments:
        assert check(json.loads(done.stdout))["error"]["code"] == "output_unwritable"
