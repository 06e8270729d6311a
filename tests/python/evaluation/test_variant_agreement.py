"""The table of variants: what the photos' avatars have, against what one or two readers would pick."""

from __future__ import annotations

import json
from pathlib import Path

from swiftavatar_train.evaluation.variant_agreement import table

HAIR = [["crop", "quiff"]]


def write(folder: Path, **hair: str) -> Path:
    for photo, variant in hair.items():
        (folder / f"{photo}.avatar.json").write_text(json.dumps({"avatar": {"discrete": {"hair": variant}}}))
    return folder


def label(photo: str, variant: str, second: str) -> dict[str, str]:
    return {"photo": f"{photo}.jpg", "component": "hair", "variant": variant, "second_reading": second}


def test_shares_of_the_first_reading_of_either_and_of_the_most_frequent(tmp_path: Path) -> None:
    results = write(tmp_path, a="crop", b="quiff", c="crop", d="quiff")
    labels = [label("a", "crop", "crop"), label("b", "crop", "quiff"), label("c", "crop", "crop"), label("d", "crop", "crop"),
              label("e", "quiff", "crop")]
    # Of e there is no avatar: it counts as wrong.
    assert table(results, labels, {"hair": HAIR}).splitlines()[-1] == "| hair | 5 | 0.400 | 0.600 | 0.600 (5) | 0.800 |"


def test_a_photo_that_was_read_once_says_nothing_of_how_readers_agree(tmp_path: Path) -> None:
    labels = [label("a", "crop", "crop"), label("b", "crop", "")]
    assert "| 1.000 (1) |" in table(write(tmp_path, a="crop", b="crop"), labels, {"hair": HAIR})
    assert "| - (0) |" in table(tmp_path, labels[1:], {"hair": HAIR})
