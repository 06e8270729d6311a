"""What stops a whole run: one sentence, the exit status that docs/result-json.md names, and no output."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from program import (FAST, PHOTO, PROGRAM, ROOT, TINY, check, check_previews, environment, estimate, files_below, load, sentence,
                     swiftavatar)

BUNDLE = ROOT / "models/default"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLE, tmp_path / "bundle"))


def fails(tmp_path: Path, status: int, code: str, *options: object, words: tuple[str, ...] = (), out: str = "out",
          photos: tuple[object, ...] = (PHOTO,)) -> None:
    """`estimate` ends so, with and without --json, and makes no file."""
    plain = swiftavatar("estimate", *photos, *FAST, "-o", out, *options, cwd=tmp_path, status=status)
    sentence(plain, *words)
    assert plain.stdout == b""
    run = swiftavatar("estimate", *photos, *FAST, "-o", out, "--json", *options, cwd=tmp_path, status=status)
    document = check(run.json)
    assert document["schema"] == "swiftavatar.run/1"
    assert document["error"]["code"] == code
    assert document["results"] == []
    if (tmp_path / out).is_dir():
        assert files_below(tmp_path / out) == []


# Models.

def test_missing_model(tmp_path: Path, bundle: Path) -> None:
    (bundle / "parser.pt").unlink()
    fails(tmp_path, 3, "model_missing", "--bundle", bundle, words=("parser.pt",))


def test_flipped_bit_in_a_model(tmp_path: Path, bundle: Path) -> None:
    data = bytearray((bundle / "mesh.pt").read_bytes())
    data[len(data) // 2] ^= 1
    (bundle / "mesh.pt").write_bytes(data)
    fails(tmp_path, 3, "model_corrupt", "--bundle", bundle, words=("mesh.pt", "SHA-256"))


def test_truncated_model(tmp_path: Path, bundle: Path) -> None:
    data = (bundle / "parser.pt").read_bytes()
    (bundle / "parser.pt").write_bytes(data[:len(data) // 2])
    fails(tmp_path, 3, "model_corrupt", "--bundle", bundle, words=("parser.pt",))


def test_empty_model(tmp_path: Path, bundle: Path) -> None:
    (bundle / "detector.pt").write_bytes(b"")
    fails(tmp_path, 3, "model_corrupt", "--bundle", bundle, words=("detector.pt",))


def test_swapped_model_files(tmp_path: Path, bundle: Path) -> None:
    (bundle / "mesh.pt").rename(bundle / "other")
    (bundle / "parser.pt").rename(bundle / "mesh.pt")
    (bundle / "other").rename(bundle / "parser.pt")
    fails(tmp_path, 3, "model_corrupt", "--bundle", bundle)


@pytest.mark.parametrize(("role", "other"), [("mesh", "parser"), ("parser", "detector"), ("estimator:tiktok", "parser"),
                                             ("detector", "iris")])
def test_model_of_another_role(tmp_path: Path, bundle: Path, role: str, other: str) -> None:
    """The hashes hold, but the manifest names the wrong file for a role."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    for key in ("file", "sha256"):
        manifest["models"][role][key] = manifest["models"][other][key]
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    fails(tmp_path, 3, "model_corrupt", "--bundle", bundle, words=(manifest["models"][other]["file"],))


@pytest.mark.parametrize(("text", "word"), [("{", "JSON"), ("[]", "JSON"), ("{}", "schema"),
                                            ('{"schema": "swiftavatar.bundle/1"}', "models")])
def test_wrong_manifest(tmp_path: Path, bundle: Path, text: str, word: str) -> None:
    (bundle / "manifest.json").write_text(text)
    fails(tmp_path, 3, "model_corrupt", "--bundle", bundle, words=("manifest.json", word))


def test_manifest_cannot_name_files_elsewhere(tmp_path: Path, bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["models"]["mesh"]["file"] = "../bundle/mesh.pt"
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    fails(tmp_path, 3, "model_corrupt", "--bundle", bundle)


def test_manifest_without_a_role(tmp_path: Path, bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    del manifest["models"]["parser"]
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    fails(tmp_path, 3, "model_missing", "--bundle", bundle, words=("parser",))


def set_in(document: Any, place: list[Any], value: Any) -> None:
    """document[place[0]][place[1]]... = value"""
    for key in place[:-1]:
        document = document[key]
    document[place[-1]] = value


ESTIMATOR = ["models", "estimator:tiktok"]


@pytest.mark.parametrize(("place", "value"), [
    (["parts", 0, "name"], 3), (["parts"], {"name": "skin"}), (["crop"], "wide"), (["models", "parser", "crop"], []),
    (["models", "parser", "inputs", 0, "shape"], []), (["models", "parser", "inputs"], {}),
    ([*ESTIMATOR, "inputs", 0, "shape"], []), ([*ESTIMATOR, "inputs", 1], 7), ([*ESTIMATOR, "inputs", 0, "name"], 3),
    ([*ESTIMATOR, "heads"], "many"), ([*ESTIMATOR, "heads", 0, "offset"], 2**63 - 1), ([*ESTIMATOR, "heads", 0, "kind"], None),
    ([*ESTIMATOR, "heads", 0, "options", 0], 1), ([*ESTIMATOR, "measures", "eye_size"], [1]), (["models", "parser"], 1),
    (["without"], 3), (["extends"], 3)], ids=lambda value: json.dumps(value)[:40])
def test_manifest_with_a_value_of_another_kind(tmp_path: Path, bundle: Path, place: list[Any], value: Any) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    if place != ["crop"]:
        set_in(manifest, place, value)
    else:
        for model in manifest["models"].values():
            model.pop("crop", None)
        manifest["crop"] = value
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    run = swiftavatar("estimate", PHOTO, *FAST, "--bundle", bundle, "-o", "out", "--json", cwd=tmp_path, status=3)
    assert check(run.json)["error"]["code"] == "model_corrupt"
    sentence(run, "manifest.json")


@pytest.mark.parametrize(("place", "value"), [
    (["latent", "dim"], "many"), (["latent", "base_codes"], 2**63 - 1), (["latent", "mean", 0], 3),
    (["models", "real_generator", "outputs", 0, "shape"], []), (["models", "real_generator", "inversion"], {"lr": "fast"})],
    ids=lambda value: json.dumps(value)[:40])
def test_manifest_with_codes_of_another_kind(tmp_path: Path, bundle: Path, place: list[Any], value: Any) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    set_in(manifest, place, value)
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    run = swiftavatar("invert", PHOTO, "--bundle", bundle, "-o", "out", "--json", cwd=tmp_path, status=3)
    assert check(run.json)["error"]["code"] == "model_corrupt"
    sentence(run, "manifest.json")


@pytest.mark.parametrize("name", ["parser.pt", "manifest.json"])
def test_folder_in_the_place_of_a_bundles_file(tmp_path: Path, bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    (bundle / name).mkdir()
    fails(tmp_path, 3, "model_missing", "--bundle", bundle, words=(str(bundle),))


def test_unknown_bundle(tmp_path: Path) -> None:
    fails(tmp_path, 3, "model_missing", "--bundle", "nobody", words=("nobody", "default"))


def test_bundle_of_another_place(tmp_path: Path, bundle: Path) -> None:
    """The copy itself is a good bundle: the faults above are what fails."""
    run = estimate(PHOTO, "--bundle", bundle, "--json", cwd=tmp_path)
    assert check(run.json)["status"] == "ok"


# Engines.

def test_unknown_engine(tmp_path: Path) -> None:
    fails(tmp_path, 3, "engine_unknown", "--engine", "nobody", words=("nobody", "tiktok"))


def test_missing_definition(tmp_path: Path) -> None:
    fails(tmp_path, 3, "engine_unknown", "--engine", "no/definition.json", words=("no/definition.json",))


def test_engine_without_semantics(tmp_path: Path) -> None:
    shutil.copy(TINY, tmp_path / "definition.json")
    fails(tmp_path, 3, "engine_invalid", "--engine", "./definition.json", words=("semantics",))


def test_semantics_of_another_definition(tmp_path: Path) -> None:
    fails(tmp_path, 3, "engine_invalid", "--semantics", TINY.parent / "semantics.json")


def test_broken_definition(tmp_path: Path) -> None:
    (tmp_path / "definition.json").write_text("{")
    fails(tmp_path, 3, "engine_invalid", "--engine", "./definition.json", words=("definition.json",))


def test_engine_in_a_folder_that_is_not_utf8(tmp_path: Path) -> None:
    """Such names are allowed on Linux; results spell them as well as JSON can."""
    folder = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(folder)
    for name in ("definition.json", "semantics.json"):
        shutil.copy(TINY.parent / name, folder + b"/" + name.encode())
    run = estimate(PHOTO, "--engine", b"\xff/definition.json", "--json", cwd=tmp_path)
    assert check(run.json)["status"] == "ok"


# Device.

@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="this machine has a GPU")
@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_gpu_that_is_not_there(tmp_path: Path, device: str) -> None:
    fails(tmp_path, 4, "no_device", "--device", device, words=(f"--device {device}",))


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="this machine has a GPU")
def test_falling_back_is_said_once(tmp_path: Path, people: Path) -> None:
    run = estimate(people, "--previews", "none", cwd=tmp_path)
    assert sum("No usable GPU" in line for line in run.log) == 1


def test_unknown_device(tmp_path: Path) -> None:
    fails(tmp_path, 2, "usage", "--device", "tpu", words=("tpu",))


# Output.

@pytest.mark.parametrize("out", ["file/deep", "file/X.json"])
def test_a_file_where_the_folder_should_be(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("in the way")
    fails(tmp_path, 5, "output_unwritable", out=out, words=("file",))
    assert files_below(tmp_path) == ["file"]


def test_name_of_the_json_that_is_too_long(tmp_path: Path) -> None:
    run = swiftavatar("estimate", PHOTO, *FAST, "-o", "x" * 300 + ".json", "--json", cwd=tmp_path, status=5)
    assert check(run.json)["error"]["code"] == "output_unwritable"
    sentence(run, "xxx", "too long")
    assert files_below(tmp_path) == []


@pytest.mark.parametrize("out", ["locked", "locked/X.json", "locked/deep", "locked/deep/X.json"])
def test_folder_that_must_not_be_entered(tmp_path: Path, out: str) -> None:
    (tmp_path / "locked").mkdir(mode=0)
    # Root may enter all folders, but not without these rights.
    command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    done = subprocess.run([*command, PROGRAM, "estimate", PHOTO, *FAST, "-o", out, "--json"], cwd=tmp_path, env=environment(),
                          capture_output=True, check=False)
    (tmp_path / "locked").chmod(0o700)
    assert done.returncode == 5, done.stderr
    assert check(json.loads(done.stdout))["error"]["code"] == "output_unwritable"
    assert b"locked" in done.stderr
    assert files_below(tmp_path) == []


def test_results_file_that_cannot_be_written(tmp_path: Path) -> None:
    fails(tmp_path, 5, "output_unwritable", "--results", "gone/faces.jsonl", words=("gone/faces.jsonl",))


def test_full_standard_output(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "estimate", PHOTO, *FAST, "--json"], cwd=tmp_path, env=environment(), stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 5
    assert b"standard output cannot be written" in done.stderr


def test_write_that_fails_half_way(tmp_path: Path) -> None:
    """The system refuses files over 8 KiB, as a full disk would: no half picture stays, and no JSON."""
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    run = swiftavatar("estimate", PHOTO, *FAST, "-o", "out", "--json", cwd=tmp_path, status=5, preexec_fn=limit)
    assert check(run.json)["error"]["code"] == "output_unwritable"
    sentence(run, "avatar.png")
    assert files_below(tmp_path / "out") == []


def expect_a_full_disk(folder: Path, people: Path, kibibytes: int) -> None:
    disk = folder / "disk"
    disk.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "none", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("no right to mount a small disk")
    try:
        run = estimate(people, "-o", disk, "--json", "--jobs", "1", cwd=folder, status=5)
        document = check(run.json)
        assert document["error"]["code"] == "disk_full"
        assert sum("the disk is full" in line for line in run.log) == 1
        names = files_below(disk)
        assert not [name for name in names if name.startswith(".")], "no temporary, no lock"
        for name in names:
            if name.endswith(".png"):
                assert (disk / name).read_bytes().endswith(b"IEND\xaeB`\x82")
        done = [name for name in names if name.endswith(".avatar.json")]
        assert len(done) == document["summary"]["done"] < 3
        for name in done:
            check_previews(load(disk / name), disk)
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("kibibytes", [16, 200, 400])
def test_full_disk_ends_the_run_at_the_first_photo(tmp_path: Path, people: Path, kibibytes: int) -> None:
    """At the first picture, at a later one, or between photos: no file is partial, and the run does not try the others."""
    expect_a_full_disk(tmp_path, people, kibibytes)


@pytest.mark.heavy
def test_full_disk_at_any_point(tmp_path: Path, people: Path) -> None:
    estimate(people, "-o", "all", cwd=tmp_path)
    whole = sum(-(-(tmp_path / "all" / name).stat().st_size // 4096) * 4 for name in files_below(tmp_path / "all"))
    for kibibytes in range(4, whole, 12):
        expect_a_full_disk(tmp_path, people, kibibytes)


# The command line.

def test_photos_of_one_name(tmp_path: Path, people: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("x.png", "x.jpg"):
        shutil.copy(PHOTO, tmp_path / "in" / name)
    fails(tmp_path, 2, "usage", photos=("in",), words=("x.png", "x.jpg", "out/x.avatar.json"))
    assert not (tmp_path / "out").exists()


def test_photos_of_one_name_in_different_shards(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("x.png", "x.jpg"):
        shutil.copy(PHOTO, tmp_path / "in" / name)
    fails(tmp_path, 2, "usage", "--shard", "1/2", photos=("in",), words=("x.png", "x.jpg"))


@pytest.mark.parametrize(("options", "word"), [
    (("--nonsense",), "--nonsense"), (("--inversion", "magic"), "magic"), (("--face", "both"), "both"),
    (("--steps", "0"), "--steps"), (("--steps", "many"), "many"),
    (("--max-failures", "-1"), "-1"), (("--shard", "0/2"), "0/2"), (("--shard", "3/2"), "3/2"), (("--shard", "half"), "half"),
    (("--previews", "avatar,portrait"), "portrait"),
    (("--files-from", "nolist"), "nolist")],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_wrong_option(tmp_path: Path, options: tuple[str, ...], word: str) -> None:
    run = swiftavatar("estimate", PHOTO, "-o", "out", *options, cwd=tmp_path, status=2)
    sentence(run, word)
    assert not (tmp_path / "out").exists()
    run = swiftavatar("estimate", PHOTO, "-o", "out", "--json", *options, cwd=tmp_path, status=2)
    assert check(run.json)["error"]["code"] == "usage"


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("estimate",), ("engines",), ("models",), ("render",),
                                       ("generate",), ("evaluate", "one.csv"), ("engines", "show")],
                         ids=lambda value: " ".join(value) or "nothing")
def test_incomplete_command(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    run = swiftavatar(*arguments, cwd=tmp_path, status=2)
    sentence(run)
    assert run.stdout == b""


def test_one_json_for_many_photos(tmp_path: Path, people: Path) -> None:
    fails(tmp_path, 2, "usage", photos=(people,), out="X.json", words=("X.json", "3 photos"))


def test_standard_input_cannot_be_two_things(tmp_path: Path) -> None:
    fails(tmp_path, 2, "usage", "--files-from", "-", photos=("-",))


@pytest.mark.parametrize("verb", [("estimate", PHOTO, *FAST), ("invert", PHOTO), ("models", "verify"), ("doctor",),
                                  ("engines", "list"), ("evaluate", "labels.csv", ".")],
                         ids=lambda value: str(value[0]))
def test_every_verb_reports_as_json(tmp_path: Path, verb: tuple[Any, ...]) -> None:
    run = swiftavatar(*verb, "--json", "--nonsense", cwd=tmp_path, status=2)
    assert check(run.json)["error"]["code"] == "usage"


def test_invert_needs_its_models(tmp_path: Path, bundle: Path) -> None:
    (bundle / "inverter.pt").unlink()
    run = swiftavatar("invert", PHOTO, "--bundle", bundle, "-o", "out", "--json", cwd=tmp_path, status=3)
    assert check(run.json)["error"]["code"] == "model_missing"
    assert not (tmp_path / "out").exists()
