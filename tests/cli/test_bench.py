"""`swiftavatar bench`: times of the parts of the work."""

from __future__ import annotations

from pathlib import Path

from program import PHOTO, swiftavatar


def test_every_part_has_a_time(tmp_path: Path) -> None:
    run = swiftavatar("bench", PHOTO, "--repeats", "1", "--batch-size", "1,2", "--jobs", "1", "--photos", "2", "--json", cwd=tmp_path)
    assert run.json["jobs"] == 1
    rows = {(row["what"], row["batch"]): row for row in run.json["rows"]}
    assert {"generator", "inversion step", "estimator", "estimator, network alone"} == {what for what, batch in rows if batch == 2}
    for name in ("decode to parse", "photo, inversion none", "photo, inversion encoder", "photo, inversion optimize"):
        assert rows[name, 1]["ms"] > 0
    assert all(row["per_second"] > 0 for row in rows.values())
    assert rows["photo, inversion none", 1]["ms"] < rows["photo, inversion optimize", 1]["ms"]
    assert list(tmp_path.iterdir()) == []


def test_a_photo_without_a_face_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"no picture at all")
    run = swiftavatar("bench", "x.jpg", cwd=tmp_path, status=1)
    assert "x.jpg" in run.stderr and run.stdout == b""
