"""Values of options at their edges: a usage error with the range, before any work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from program import PHOTO, TINY, check, estimate, files_below, sentence, swiftavatar


@pytest.mark.parametrize(("verb", "option", "value", "range"), [
    ("estimate", "--max-failures", "-1", "0 to 1000000000"), ("estimate", "--max-failures", "1e3", "0 to 1000000000"),
    ("estimate", "--jobs", "0", "1 to 1024"), ("estimate", "--jobs", "99999999999999999999", "1 to 1024"),
    ("estimate", "--batch-size", "1025", "1 to 1024"), ("estimate", "--steps", "0x10", "1 to 100000"),
    ("estimate", "--decode-timeout", "0", "1 to 86400"), ("estimate", "--render-timeout", "nan", "0.1 to 3600"),
    ("estimate", "--render-timeout", "inf", "0.1 to 3600"), ("render", "--size", "8193", "1 to 8192"),
    ("render", "--render-timeout", "0", "0.1 to 3600"), ("report", "--size", "15", "16 to 1024"),
    ("study build", "--count", "-1", "0 to 500"), ("study build", "--count", "501", "0 to 500"),
    ("study build", "--seed", "18446744073709551616", "0 to 18446744073709551615"),
    ("bench", "--batch-size", "1,0", "1 to 256"), ("bench", "--repeats", "0", "1 to 1000"),
    ("bench", "--photos", "10001", "1 to 10000"), ("bench", "--jobs", "-1", "1 to 1024")])
def test_numbers_out_of_range(tmp_path: Path, verb: str, option: str, value: str, range: str) -> None:
    run = swiftavatar(*verb.split(), option, value, "--nonsense", cwd=tmp_path, status=2)
    sentence(run, option, range)
    assert value.split(",")[-1] in run.stderr


@pytest.mark.parametrize("arguments", [
    ("estimate", PHOTO, "-o", ""), ("estimate", PHOTO, "--results", ""), ("estimate", PHOTO, "--shard", ""),
    ("estimate", PHOTO, "--previews", ""), ("estimate", "--files-from", ""), ("estimate", PHOTO, "--engine", ""),
    ("estimate", PHOTO, "--bundle", ""), ("estimate", PHOTO, "--data-dir", ""), ("estimate", PHOTO, "--semantics", ""),
    ("estimate", PHOTO, "--render-command", ""), ("invert", PHOTO, "-o", ""), ("generate", ""),
    ("render", "--engine", TINY, "--set", "eye=open", "-o", ""), ("render", ""), ("engines", "show", ""),
    ("models", "verify", "--bundle", ""), ("evaluate", "", "."), ("evaluate", "x.csv", ".", "--by", ""), ("report", ""),
    ("study", "build", "a=a", "b=b", "--photos", ""), ("study", "score", "")],
    ids=lambda value: " ".join(str(word) or "''" for word in value if word != PHOTO))
def test_empty_values(tmp_path: Path, arguments: tuple[object, ...]) -> None:
    sentence(swiftavatar(*arguments, cwd=tmp_path, status=2), "empty")
    assert files_below(tmp_path) == []


def test_suffixes_may_be_capitals(tmp_path: Path, photo: Path) -> None:
    swiftavatar("render", "--engine", TINY, "--set", "eye=open", "-o", "X.SVG", cwd=tmp_path)
    swiftavatar("render", "--engine", TINY, "--set", "eye=open", "-o", "X.Png", cwd=tmp_path)
    assert (tmp_path / "X.SVG").read_bytes().startswith(b"<svg")
    assert (tmp_path / "X.Png").read_bytes().startswith(b"\x89PNG")
    estimate(photo, "-o", "Y.JSON", "--previews", "none", cwd=tmp_path)
    assert files_below(tmp_path) == ["X.Png", "X.SVG", "Y.JSON", "photo.png"]


def test_a_colour_with_alpha_is_no_colour(tmp_path: Path) -> None:
    run = swiftavatar("render", "--engine", "tiktok", "--set", "skin=#aabbccdd", "-o", "x.svg", cwd=tmp_path, status=2)
    sentence(run, "#aabbccdd", "#rrggbb")
    assert files_below(tmp_path) == []
    swiftavatar("render", "--engine", "tiktok", "--set", "skin=#ABC", "-o", "x.svg", cwd=tmp_path)


@pytest.mark.parametrize("arguments", [
    ("render", "--engine", TINY, "--set", "eye=open", "-o", "pipe.svg"),
    ("render", "--engine", TINY, "--set", "eye=open", "-o", "pipe.png"),
    ("report", ".", "-o", "pipe.html"), ("engines", "semantics", TINY, "-o", "pipe.json", "--force"),
    ("estimate", PHOTO, "-o", "pipe.json")], ids=lambda value: str(value[0]))
def test_a_pipe_is_not_replaced_by_a_file(tmp_path: Path, arguments: tuple[object, ...]) -> None:
    pipe = tmp_path / str(next(word for word in arguments if str(word).startswith("pipe.")))
    os.mkfifo(pipe)
    sentence(swiftavatar(*arguments, cwd=tmp_path, status=2), pipe.name, "pipe")
    assert pipe.is_fifo()
    assert files_below(tmp_path) == []


def test_results_never_wait_for_a_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    sentence(estimate(PHOTO, "--results", "pipe", cwd=tmp_path, status=5), "--results pipe", "nobody reads")


def test_results_may_go_to_a_pipe(tmp_path: Path) -> None:
    """As of a shell's process substitution."""
    reader, writer = os.pipe()
    run = estimate(PHOTO, "--results", f"/dev/fd/{writer}", "--jsonl", "--previews", "none", cwd=tmp_path, pass_fds=(writer,))
    os.close(writer)
    with os.fdopen(reader, "rb") as results:
        assert results.read() == run.stdout


@pytest.mark.parametrize("out", ["n" * 300 + ".json", "n" * 300, "deep/" + "n" * 300 + ".json"])
def test_an_output_of_a_name_too_long(tmp_path: Path, out: str) -> None:
    run = estimate(PHOTO, "-o", out, "--json", cwd=tmp_path, status=5)
    assert check(run.json)["error"]["code"] == "output_unwritable"
    assert "too long" in sentence(run)


def test_estimate_has_no_seed(tmp_path: Path) -> None:
    """Nothing in it is random."""
    sentence(estimate(PHOTO, "--seed", "1", cwd=tmp_path, status=2), "--seed")
