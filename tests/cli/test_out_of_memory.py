"""A batch that memory does not suffice for is halved until it does; and what other faults of networks are."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch

from program import ROOT, alike, check, environment, files_below, sentence, swiftavatar

DEFAULT = ROOT / "models/default"


class Narrow(torch.nn.Module):
    """A network that has memory for two faces at once; TorchScript tells the reason in words alone, as it does on a GPU."""

    def __init__(self, inner: torch.nn.Module, most: int, words: str) -> None:
        super().__init__()
        self.inner, self.most, self.words = inner, most, words

    def forward(self, image: torch.Tensor, parts: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        if image.size(0) > self.most:
            raise RuntimeError(self.words)
        return self.inner(image, parts, points)


def narrow_bundle(folder: Path, most: int, words: str) -> Path:
    shutil.copytree(DEFAULT, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    entry = manifest["models"]["estimator:tiktok"]
    network = torch.jit.script(Narrow(torch.jit.load(folder / entry["file"]), most, words))
    torch.jit.save(network, folder / "narrow.pt")
    entry["file"], entry["sha256"] = "narrow.pt", hashlib.sha256((folder / "narrow.pt").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def avatars(folder: Path, people: Path, *options: object) -> list[object]:
    run = swiftavatar("estimate", people, "--inversion", "none", "--previews", "none", "--json", "--force", "-o", folder,
                      "--batch-size", "8", "--jobs", "3", *options, cwd=folder)
    return [[result["status"], result["avatar"]] for result in run.json["results"]]


@pytest.mark.parametrize("words", ["CUDA out of memory. Tried to allocate 2.00 GiB", "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
                                   "DefaultCPUAllocator: not enough memory"])
def test_a_batch_is_halved(tmp_path: Path, people: Path, words: str) -> None:
    halved = avatars(tmp_path, people, "--bundle", narrow_bundle(tmp_path / "bundle", 1, words))
    assert alike(halved, avatars(tmp_path, people))


def test_a_photo_that_does_not_fit_alone_fails(tmp_path: Path, people: Path) -> None:
    run = swiftavatar("estimate", people, "--inversion", "none", "--json", "--bundle", narrow_bundle(tmp_path / "bundle", 0, "out of memory"),
                      "-o", tmp_path, cwd=tmp_path, status=1)
    assert {result["status"] for result in run.json["results"]} == {"out_of_memory"}
    assert run.json["summary"]["errors"] == {"out_of_memory": 3}


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("previews", ["none", "avatar"])
def test_two_faces_that_do_not_fit_are_one_failed_photo(tmp_path: Path, two_faces: Path, batch: int, previews: str) -> None:
    """MALLOC_PERTURB_ fills memory that was given back: what is used after it ends the program."""
    run = swiftavatar("estimate", two_faces, "--inversion", "none", "--face", "all", "--json", "--previews", previews, "--bundle",
                      narrow_bundle(tmp_path / "bundle", 0, "out of memory"), "--batch-size", batch, "--jobs", "2", "-o", "out",
                      cwd=tmp_path, status=1, env=environment(MALLOC_PERTURB_="165"))
    result = check(run.json)
    assert result["status"] == result["error"]["code"] == "out_of_memory"
    assert "two.png" in result["error"]["message"]
    assert files_below(tmp_path / "out") == ["two.error.json"]


def test_two_faces_of_a_photo_fit_one_by_one(tmp_path: Path, two_faces: Path) -> None:
    """--batch-size counts faces: by one at a time they fit where two do not."""
    bundle = narrow_bundle(tmp_path / "bundle", 1, "out of memory")
    for batch in (1, 8):
        run = swiftavatar("estimate", two_faces, "--inversion", "none", "--face", "all", "--json", "--previews", "none", "--bundle",
                          bundle, "--batch-size", batch, "--force", "-v", "-o", "out", cwd=tmp_path)
        assert [result["face"]["index"] for result in run.json["results"]] == [1, 2]


@pytest.mark.parametrize("words", ["CUDA error: an illegal memory access was encountered", "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"])
def test_a_gpu_that_fails_ends_the_run_and_no_model_is_blamed(tmp_path: Path, people: Path, words: str) -> None:
    run = swiftavatar("estimate", people, "--inversion", "none", "--json", "--bundle", narrow_bundle(tmp_path / "bundle", 0, words),
                      "-o", "out", cwd=tmp_path, status=4)
    assert check(run.json)["error"]["code"] == "device_failed"
    assert "narrow.pt" not in sentence(run, "GPU", "nvidia-smi")


def test_the_cause_is_shown_with_v_alone(tmp_path: Path, people: Path) -> None:
    bundle = narrow_bundle(tmp_path / "bundle", 0, "no such thing")
    command = ("estimate", people, "--inversion", "none", "--bundle", bundle, "-o", "out")
    assert "no such thing" not in swiftavatar(*command, cwd=tmp_path, status=3).stderr
    assert "no such thing" in swiftavatar(*command, "-v", cwd=tmp_path, status=3).stderr


def test_any_other_fault_of_a_network_ends_the_run(tmp_path: Path, people: Path) -> None:
    swiftavatar("estimate", people, "--inversion", "none", "--bundle", narrow_bundle(tmp_path / "bundle", 0, "no such thing"),
                "-o", tmp_path, cwd=tmp_path, status=3)
