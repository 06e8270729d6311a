"""Files out of git clones: by commit and path, by object id, and why not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from swiftavatar_train.photos.git_objects import Clone, Missing, object_id
from made_clone import commit, git, make_clone

OLD, NEW = b"old picture", b"new picture"


@pytest.fixture
def clone(tmp_path: Path) -> tuple[Path, str]:
    """The folder of clones, and the commit that has OLD as team/a.jpg; a later one has NEW there."""
    folder = make_clone(tmp_path, "some/team", {"team/a.jpg": OLD})
    first = git(folder, "rev-parse", "HEAD")
    commit(folder, {"team/a.jpg": NEW})
    return tmp_path, first


def test_reads_the_file_of_the_commit_not_of_the_checkout(clone: tuple[Path, str]) -> None:
    clones, first = clone
    assert Clone(clones, "some/team").read(first, "team/a.jpg") == OLD
    assert Clone(clones, "some/team").read(first[:9], "team/a.jpg") == OLD


def test_bare_clone(clone: tuple[Path, str]) -> None:
    clones, first = clone
    subprocess.run(["git", "clone", "-q", "--bare", clones / "some/team", clones / "other/team.git"], check=True)
    assert Clone(clones, "other/team").read(first, "team/a.jpg") == OLD


def test_object_id_is_gits(clone: tuple[Path, str]) -> None:
    clones, first = clone
    assert object_id(OLD) == git(clones / "some/team", "rev-parse", f"{first}:team/a.jpg")


def test_object_id_finds_the_file_without_its_commit(clone: tuple[Path, str]) -> None:
    clones, _ = clone
    assert Clone(clones, "some/team").read("0" * 40, "gone.jpg", object_id(OLD)) == OLD


@pytest.mark.parametrize(("repository", "at", "path", "blob", "why"), [
    ("no/body", None, "team/a.jpg", "", "no clone of no/body"),
    ("some/team", "0" * 40, "team/a.jpg", "", "no commit 000000000"),
    ("some/team", None, "team/b.jpg", "", "no such file"),
    ("some/team", None, "team/a.jpg", "1" * 40, "no object 111111111"),
    ("some/team", None, "team", "", "cannot be read"),
])
def test_says_what_is_missing(clone: tuple[Path, str], repository: str, at: str | None, path: str, blob: str, why: str) -> None:
    clones, first = clone
    with pytest.raises(Missing, match=why):
        Clone(clones, repository).read(at or first, path, blob)


def test_corrupted_object_is_refused(clone: tuple[Path, str]) -> None:
    """A loose object whose content is another one's: git names it by its place, we by its content."""
    clones, _ = clone
    objects = clones / "some/team/.git/objects"
    old, new = (objects / name[:2] / name[2:] for name in (object_id(OLD), object_id(NEW)))
    old.chmod(0o644)
    old.write_bytes(new.read_bytes())
    with pytest.raises(Missing, match="differs from its object id|cannot be read"):
        Clone(clones, "some/team").read("0" * 40, "team/a.jpg", object_id(OLD))
