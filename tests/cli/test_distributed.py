"""Several machines share the work: shards as schedulers start them, and the Ray job of scripts/distributed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from program import FAST, PHOTO, PROGRAM, ROOT, alike, environment, estimate, without_timing
from swiftavatar_ray.program import Estimator

JOB = ROOT / "scripts/distributed/estimate.py"


# Shards.

@pytest.fixture
def shared(tmp_path: Path, people: Path) -> tuple[Path, dict[str, str]]:
    """A folder with `photos`, and an environment in whose PATH the program is."""
    shutil.copytree(people, tmp_path / "photos")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/swiftavatar").write_text(f'#!/bin/sh\nverb=$1; shift\nexec {PROGRAM} "$verb" {" ".join(FAST)} "$@"\n')
    (tmp_path / "bin/swiftavatar").chmod(0o755)
    return tmp_path, environment(PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin")


def all_done(folder: Path) -> bool:
    return {file.name for file in folder.glob("*.avatar.json")} == {"a.avatar.json", "b.avatar.json", "c.avatar.json"}


def test_slurm_array(shared: tuple[Path, dict[str, str]]) -> None:
    folder, env = shared
    for task in ("1", "2"):
        subprocess.run([ROOT / "examples/slurm-array.sh", "photos", "avatars"], cwd=folder, check=True,
                       env={**env, "SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_COUNT": "2"})
    assert all_done(folder / "avatars")
    lines = [len((folder / f"avatars.{task}.jsonl").read_text().splitlines()) for task in (1, 2)]
    assert lines == [2, 1]


def test_kubernetes_job(shared: tuple[Path, dict[str, str]]) -> None:
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load((ROOT / "examples/kubernetes-job.yaml").read_text())["spec"]
    container = job["template"]["spec"]["containers"][0]
    (script,) = container["args"]
    assert job["completionMode"] == "Indexed" and f"/{job['completions']}\"" in script
    folder, env = shared
    (folder / "photos/z.jpg").write_text("no picture")  # a photo that fails is no reason to try again
    for index in range(job["completions"]):
        subprocess.run([*container["command"], script], cwd=folder, check=True, env={**env, "JOB_COMPLETION_INDEX": str(index)})
    assert all_done(folder / "avatars")
    assert (folder / "avatars/z.error.json").exists()


# One worker's program, without Ray.

@pytest.fixture
def estimator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Estimator]:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    estimator = Estimator(str(PROGRAM), [*FAST, "--face", "all"])
    yield estimator
    estimator.close()


def test_one_program_answers_batch_after_batch(estimator: Estimator, two_faces: Path) -> None:
    answers = estimator([b"no picture", two_faces.read_bytes(), PHOTO.read_bytes()])
    assert [[face["status"] for face in faces] for faces in answers] == [["not_an_image"], ["ok", "ok"], ["ok"]]
    first = estimator._process
    assert first is not None
    assert [face["status"] for face in estimator([PHOTO.read_bytes()])[0]] == ["ok"]
    assert estimator._process is first
    first.kill()
    first.wait()
    assert [face["status"] for face in estimator([PHOTO.read_bytes()])[0]] == ["ok"]


def test_a_run_that_cannot_be_is_no_photos_fault(tmp_path: Path) -> None:
    estimator = Estimator(str(PROGRAM), ["--engine", "gone"])
    with pytest.raises(RuntimeError, match="exit status 3\n.*gone"):
        estimator([PHOTO.read_bytes()])
    estimator.close()


def test_a_photo_that_kills_the_program_is_one_row(tmp_path: Path) -> None:
    """A stand-in for the program dies of one photo; the others are done."""
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\n" + textwrap.dedent("""
        import json, os, sys
        for line in iter(sys.stdin.readline, ""):
            if open(line.strip()).read() == "poison":
                os.kill(os.getpid(), 9)
            print(json.dumps({"status": "no_face", "error": {}}), flush=True)
        """))
    program.chmod(0o755)
    estimator = Estimator(str(program), [])
    answers = estimator([b"a", b"poison", b"b", b"poison", b"c"])
    estimator.close()
    assert [faces[0]["status"] for faces in answers] == ["no_face", "crashed", "no_face", "crashed", "no_face"]


# Ray.

def workers_programs() -> dict[int, tuple[int, Path]]:
    """Programs that Ray's workers of this machine run: worker -> program, output folder."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            worker = Path(f"/proc/{parent}/cmdline").read_bytes()
        except OSError:
            continue
        if command[0].endswith(b"swiftavatar") and b"--follow" in command and worker.startswith(b"ray::"):
            found[parent] = (int(entry.name), Path(os.fsdecode(command[command.index(b"-o") + 1])))
    return found


def start(folder: Path, command: str) -> subprocess.Popen[bytes]:
    (folder / "bin").mkdir(exist_ok=True)
    if not (folder / "bin/swiftavatar").exists():
        (folder / "bin/swiftavatar").symlink_to(PROGRAM)
    words = shlex.split(command)
    assert words[:2] == ["python", "scripts/distributed/estimate.py"]
    env = environment(PATH=f"{folder / 'bin'}:{os.environ['PATH']}", SWIFTAVATAR_DATA=str(ROOT), HOME=str(folder))
    return subprocess.Popen([sys.executable, JOB, *words[2:]], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def rows_of(folder: Path) -> dict[str, Any]:
    import json

    import pyarrow.parquet
    rows = pyarrow.parquet.read_table(folder).to_pylist()
    assert len({row["path"] for row in rows}) == len(rows)
    for row in rows:
        assert (row["avatar_png"] is None) == (row["status"] != "ok")
    return {row["path"]: json.loads(row["result"]) for row in rows}


def comparable(result: Any) -> Any:
    return {key: value for key, value in without_timing(result).items() if key != "previews"}


@pytest.fixture
def photos(tmp_path: Path, dev_photos: Path) -> Path:
    """24 photos and a file that is none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for photo in sorted(dev_photos.glob("*.jpg"))[:24]:
        shutil.copy(photo, folder)
    (folder / "none.jpg").write_text("no picture")
    return folder


@pytest.mark.heavy
def test_two_workers_of_which_one_is_killed(tmp_path: Path, photos: Path) -> None:
    """The command of docs/distributed.md gives what one process gives."""
    (command,) = re.findall(r"^ {4}(python scripts/distributed/.*)$", (ROOT / "docs/distributed.md").read_text(), re.M)
    assert "--workers 2" in command
    job = start(tmp_path, command)
    killed: tuple[int, Path] | None = None
    while job.poll() is None and killed is None:
        time.sleep(0.05)
        for worker, (program, folder) in workers_programs().items():
            if list(folder.glob("*.avatar.json")):
                os.kill(worker, signal.SIGKILL)
                killed = (program, folder)
                break
    out, log = job.communicate(timeout=600)
    assert job.returncode == 1, log.decode()
    assert killed is not None and not Path(f"/proc/{killed[0]}").exists()
    assert b"1\tnot_an_image" in out
    rows = rows_of(tmp_path / "results.parquet")
    alone = estimate("photos", "-o", "alone", "--jsonl", "--jobs", "1", "--previews", "avatar", cwd=tmp_path, status=1)
    assert len(alone.jsonl) == len(rows) == 25
    for one in alone.jsonl:
        (other,) = [row for path, row in rows.items() if path == one["input"]["path"]]
        assert alike(comparable(one), comparable(other))


@pytest.mark.heavy
@pytest.mark.parametrize("source", ["list.txt", "table.parquet"])
def test_other_sources(source: str, tmp_path: Path, people: Path) -> None:
    import pyarrow
    import pyarrow.parquet
    paths = [str(people / "a.png"), f"file://{people / 'b.png'}", str(people / "gone.png")]
    if source == "list.txt":
        (tmp_path / source).write_text("\n".join(paths))
    else:
        data = {"path": [*paths, "only/in/the/table.jpg"], "bytes": [None, None, None, (people / "c.jpg").read_bytes()]}
        pyarrow.parquet.write_table(pyarrow.table(data), tmp_path / source)
    job = start(tmp_path, f"python scripts/distributed/estimate.py {source} -o results.parquet -- --inversion none")
    _, log = job.communicate(timeout=600)
    assert job.returncode == 1, log.decode()
    statuses = {path: row["status"] for path, row in rows_of(tmp_path / "results.parquet").items()}
    wanted = dict(zip(paths, ["ok", "ok", "io_error"], strict=True))
    assert statuses == (wanted if source == "list.txt" else {**wanted, "only/in/the/table.jpg": "ok"})
