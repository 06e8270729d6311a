"""The program on a GPU against the same program on the CPU. Skipped, with a line that says so, where there is no GPU."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from program import PHOTO, PHOTOS, ROOT, environment, swiftavatar


@cache
def has_gpu() -> bool:
    """Whether this build finds a GPU that it can use."""
    with_status = swiftavatar("doctor", "--device", "auto", "--json", cwd=ROOT)
    found = {finding["subject"]: finding["text"] for finding in with_status.json["findings"]}
    return found["device"].startswith("cuda")


@pytest.fixture(autouse=True)
def gpu() -> None:
    if not has_gpu():
        pytest.skip("no GPU here that this build can use")


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight photos."""
    folder = tmp_path_factory.mktemp("faces")
    photos = sorted((PHOTOS / "dev").glob("*.jpg"))[:8] or [PHOTO]
    for photo in photos:
        shutil.copy(photo, folder)
    return folder


def estimates(folder: Path, faces: Path, device: str, *options: str, **changes: str) -> dict[str, Any]:
    run = swiftavatar("estimate", faces, "--device", device, "--json", "-o", folder / device, "--force", "--previews", "none",
                      *options, cwd=folder, env=environment(**changes))
    results = run.json["results"] if "results" in run.json else [run.json]
    return {Path(result["input"]["path"]).name: result for result in results}


def differences(one: dict[str, Any], other: dict[str, Any], group: str, what: str = "avatar") -> list[tuple[Any, Any]]:
    return [(one[name][what][group][key], other[name][what][group][key]) for name in one for key in one[name][what][group]]


def test_doctor_counts_the_fused_operators(tmp_path: Path) -> None:
    report = swiftavatar("doctor", "--device", "cuda", "--json", cwd=tmp_path).json
    text = next(finding["text"] for finding in report["findings"] if finding["subject"] == "fused operators")
    counts, precision = text.split("; ")
    assert precision == "without TF32"
    numbers = {role: int(count) for role, count in (part.rsplit(" ", 1) for part in counts.split(", "))}
    assert {"real_generator", "inversion"} <= set(numbers) and min(numbers.values()) > 0, text


def test_the_generators_pictures(tmp_path: Path) -> None:
    manifest = json.loads((ROOT / "models/default/manifest.json").read_text())
    mean = np.array(manifest["latent"]["mean"], np.float32)
    np.save(tmp_path / "some.npy", mean + 0.4 * np.random.default_rng(1).standard_normal((9, *mean.shape)).astype(np.float32))
    for domain in ("real", "avatar"):
        for device in ("cpu", "cuda"):
            swiftavatar("generate", "some.npy", "--raw", "--domain", domain, "--device", device, "-o", device, cwd=tmp_path)
        for name in ("rgb", "mask", "coarse"):
            cpu, gpu = (np.load(tmp_path / device / f"some.{name}.npy") for device in ("cpu", "cuda"))
            assert np.abs(cpu - gpu).max() < 1e-4, (domain, name)


@pytest.mark.parametrize("options, tolerance", [(("--inversion", "encoder"), 5e-3), (("--steps", "4"), 3e-2),
                                                (("--steps", "4", "--recipe", "official"), 3e-2)])
def test_the_codes_of_a_photo(tmp_path: Path, options: tuple[str, ...], tolerance: float) -> None:
    """Looser than one network alone: what differs in the landmarks' last digits moves the crop and the part masks."""
    codes, losses = [], []
    for device in ("cpu", "cuda"):
        run = swiftavatar("invert", PHOTO, "--device", device, "-o", device, *options, "--json", cwd=tmp_path).json["results"][0]
        codes.append(np.load(tmp_path / run["codes"]))
        losses.append(run["inversion"]["loss"])
    assert np.abs(codes[0] - codes[1]).max() < tolerance
    assert losses[0] == pytest.approx(losses[1], abs=2e-3)


@pytest.mark.parametrize("options", [("--inversion", "none"), ("--inversion", "encoder"), ("--steps", "4")])
def test_the_avatars(tmp_path: Path, faces: Path, options: tuple[str, ...]) -> None:
    cpu, gpu = (estimates(tmp_path, faces, device, *options) for device in ("cpu", "cuda"))
    assert set(cpu) == set(gpu)
    assert {result["status"] for result in gpu.values()} == {"ok"}
    for result in gpu.values():
        assert result["tool"]["device"] == "cuda:0" and result["tool"]["tf32"] is False
        assert result["tool"]["fused"] > 0 or "none" in options
    choices = differences(cpu, gpu, "discrete")
    assert sum(one != other for one, other in choices) <= len(choices) // 50  # choices whose odds are even to four digits
    assert max(abs(one - other) for one, other in differences(cpu, gpu, "continuous", "confidence")) < 0.02
    for name, result in cpu.items():
        if result["inversion"]["loss"] is not None:
            assert result["inversion"]["loss"] == pytest.approx(gpu[name]["inversion"]["loss"], abs=3e-3)


def test_a_batch_gives_what_each_photo_alone_gives(tmp_path: Path, faces: Path) -> None:
    alone, together = (estimates(tmp_path, faces, "cuda", "--steps", "6", "--batch-size", size) for size in ("1", "8"))
    choices = differences(alone, together, "discrete")
    assert sum(one != other for one, other in choices) <= len(choices) // 100
    for name, result in alone.items():
        assert result["inversion"]["loss"] == pytest.approx(together[name]["inversion"]["loss"], abs=2e-3)


def test_too_little_memory_for_the_batch_halves_it(tmp_path: Path, faces: Path) -> None:
    """A share of the GPU's memory that the whole batch does not fit into."""
    many = tmp_path / "many"
    many.mkdir()
    for index in range(12):
        for photo in faces.iterdir():
            shutil.copy(photo, many / f"{index}-{photo.name}")
    size = str(len(list(many.iterdir())))
    options = ("--steps", "2", "--batch-size", size)
    plain = estimates(tmp_path, many, "cuda", *options)
    tight = estimates(tmp_path, many, "cuda", *options, PYTORCH_ALLOC_CONF="per_process_memory_fraction:0.006")
    assert {result["status"] for result in tight.values()} == {"ok"}
    for name, result in plain.items():
        assert result["inversion"]["loss"] == pytest.approx(tight[name]["inversion"]["loss"], abs=2e-3)
