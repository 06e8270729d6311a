"""Pairs of faces, and the groups and exclusions that follow from what was seen."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from swiftavatar_train.photos.duplicates import (PLACES, SEEN_IN, face_chip, group_people, measured_too, namesakes, near_pairs,
                                                 write_tables)
from swiftavatar_train.photos.faces import largest_face
from swiftavatar_train.photos.tables import LABELS, read_table
from bundle_networks import BundleNetworks, example


def test_chip_has_the_face_where_the_network_wants_it() -> None:
    """Eyes level and at their places, whatever way up and how large the photo is."""
    image = example()
    mesh = largest_face(image, BundleNetworks()).mesh
    upright = face_chip(image, mesh).astype(int)
    turned = face_chip(np.rot90(image).copy(), np.stack([mesh[:, 1], image.shape[1] - 1 - mesh[:, 0]], 1)).astype(int)
    assert np.abs(upright - turned).mean() < 3
    large = face_chip(image.repeat(3, 0).repeat(3, 1), mesh * 3 + 1).astype(int)
    assert np.abs(upright - large).mean() < 6
    assert set(PLACES) == {263, 362, 33, 133, 2}


def test_near_pairs_come_nearest_first() -> None:
    found = np.array([[0.0, 0], [1, 0], [0, 0.3], [9, 9]], np.float32)
    assert [(a, b) for a, b, _ in near_pairs(found, 1.1)] == [(0, 2), (0, 1), (1, 2)]
    assert near_pairs(found, 0.35) == [(0, 2, np.float32(0.3))]


def test_namesakes_need_a_name() -> None:
    paths = ["2016/JohnExample.jpg", "2017/john_example_2.png", "x/abcdefabcdef01.jpg", "y/abcdefabcdef02.jpg", "a/bo.jpg", "b/bo.jpg",
             *(f"{k}/governor.jpg" for k in range(5))]
    assert namesakes(paths) == [(0, 1)]


def test_groups_join_what_pairs_join() -> None:
    assert group_people([("world/a.jpg", "world/b.jpg"), ("dev/c.jpg", "world/d.jpg"), ("world/d.jpg", "world/b.jpg"),
                         ("train/x.jpg", "train/y.jpg")]) == [
        ["train/x.jpg", "train/y.jpg"], ["world/a.jpg", "world/b.jpg", "world/d.jpg", "dev/c.jpg"]]


def test_who_is_measured_does_not_train() -> None:
    people = [["train/a.jpg", "world/b.jpg"], ["world/c.jpg", "world-more/d.jpg", "congress/e.jpg"], ["dev/f.jpg", "world-dev/g.jpg"]]
    assert measured_too(people) == {"world/c.jpg": "congress/e.jpg", "world-more/d.jpg": "congress/e.jpg"}


def test_tables_follow_from_what_was_seen(tmp_path: Path) -> None:
    for name in ("same_person.csv", "excluded.csv"):
        (tmp_path / name).write_text((LABELS / name).read_text())
    write_tables(tmp_path)
    for name in ("duplicates.csv", "excluded.csv"):
        assert (tmp_path / name).read_text() == (LABELS / name).read_text()


def test_other_reasons_stay(tmp_path: Path) -> None:
    (tmp_path / "same_person.csv").write_text("first,second,distance\nworld/a.jpg,dev/b.jpg,0.1\n")
    with open(tmp_path / "excluded.csv", "w", newline="") as file:
        csv.writer(file).writerows([("set", "file", "reason"), ("world", "c.jpg", "a child"), ("world", "d.jpg", f"{SEEN_IN} dev/x.jpg")])
    write_tables(tmp_path)
    assert {row["file"]: row["reason"] for row in read_table(tmp_path / "excluded.csv")} == {
        "c.jpg": "a child", "a.jpg": f"{SEEN_IN} dev/b.jpg"}
