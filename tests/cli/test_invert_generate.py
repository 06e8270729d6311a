"""`swiftavatar invert` and `generate`: photo to codes to pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from program import PHOTO, check, files_below, sentence, swiftavatar

PARTS, BASE, WIDTH = 13, 2, 64


@pytest.fixture(scope="session")
def codes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example photo's codes, by the same method as `estimate` by default."""
    folder = tmp_path_factory.mktemp("codes")
    swiftavatar("invert", PHOTO, "-o", folder, cwd=folder)
    assert files_below(folder) == ["astronaut.codes.npy"]
    return folder / "astronaut.codes.npy"


def test_codes_are_w_plus(codes: Path) -> None:
    array = np.load(codes)
    assert array.shape == (1, BASE + 2 * PARTS, WIDTH)
    assert array.dtype == np.float32
    assert np.isfinite(array).all() and array.std() > 0.01


@pytest.mark.parametrize(("domain", "preview"), [("real", "face"), ("avatar", "domain")])
def test_round_trip_gives_the_previews_of_estimate(codes: Path, full: tuple[Path, Any], tmp_path: Path, domain: str,
                                                   preview: str) -> None:
    """The same photo, models and steps: the codes' pictures are those that `estimate` wrote."""
    run = swiftavatar("generate", codes, "--domain", domain, "-o", "out", cwd=tmp_path)
    assert run.lines == ["out/astronaut.codes.png"]
    made = cv2.imread(str(tmp_path / "out/astronaut.codes.png")).astype(int)
    wanted = cv2.imread(str(full[0] / f"astronaut.{preview}.png")).astype(int)
    assert made.shape == wanted.shape
    assert np.abs(made - wanted).max() <= 1


def test_inversion_as_json(codes: Path, tmp_path: Path) -> None:
    run = swiftavatar("invert", PHOTO, "--inversion", "encoder", "--json", cwd=tmp_path)
    result, = run.json["results"]
    assert result["status"] == "ok" and result["shape"] == [1, 28, 64]
    assert result["inversion"]["method"] == "encoder"
    # The encoder's codes are where the optimisation starts, not where it ends.
    assert not np.array_equal(np.load(tmp_path / result["codes"]), np.load(codes))


def test_bad_photos_do_not_stop_the_others(tmp_path: Path, photo: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    run = swiftavatar("invert", "bad.jpg", photo, "--inversion", "encoder", "-o", "out", "--json", cwd=tmp_path, status=1)
    assert [result["status"] for result in run.json["results"]] == ["not_an_image", "ok"]
    assert files_below(tmp_path / "out") == ["photo.codes.npy"]


def test_cuda_graphs_need_a_gpu(tmp_path: Path, photo: Path) -> None:
    run = swiftavatar("invert", photo, "--cuda-graphs", "--device", "cpu", "-o", "out", cwd=tmp_path, status=2)
    sentence(run, "--cuda-graphs", "CPU")


def test_all_faces(two_faces: Path, tmp_path: Path) -> None:
    swiftavatar("invert", two_faces, "--face", "all", "--inversion", "encoder", "-o", "out", cwd=tmp_path)
    assert files_below(tmp_path / "out") == ["two.face1.codes.npy", "two.face2.codes.npy"]


def test_raw_arrays(codes: Path, tmp_path: Path) -> None:
    swiftavatar("generate", codes, "--raw", "-o", tmp_path, cwd=tmp_path)
    rgb, mask, coarse = (np.load(tmp_path / f"astronaut.codes.{name}.npy") for name in ("rgb", "mask", "coarse"))
    assert {array.dtype for array in (rgb, mask, coarse)} == {np.dtype(np.float32)}
    height, width = rgb.shape[2:]
    assert rgb.shape == (1, 3, height, width)
    assert mask.shape == (1, PARTS, height, width)
    assert coarse.shape[:2] == (1, PARTS)
    assert -3 < rgb.min() < rgb.max() < 3
    # The masks say which part is where: a portrait has skin in the middle and more than a few parts in all.
    parts = mask[0].argmax(0)
    assert parts[height // 2, width // 2] != 0
    assert len(np.unique(parts)) > 4


def test_raw_and_picture_agree(codes: Path, tmp_path: Path) -> None:
    swiftavatar("generate", codes, "--raw", "-o", tmp_path, cwd=tmp_path)
    swiftavatar("generate", codes, "-o", tmp_path, cwd=tmp_path)
    rgb = np.load(tmp_path / "astronaut.codes.rgb.npy")[0].transpose(1, 2, 0)
    picture = cv2.imread(str(tmp_path / "astronaut.codes.png"))[:, :, ::-1].astype(float)
    assert np.abs((rgb.clip(-1, 1) + 1) * 127.5 - picture).max() <= 1


def test_batches_give_what_single_codes_give(codes: Path, tmp_path: Path) -> None:
    one = np.load(codes)
    np.save(tmp_path / "two.npy", np.concatenate([one, one[:, ::-1].copy()]))
    swiftavatar("generate", "two.npy", "--raw", "-o", "out", cwd=tmp_path)
    swiftavatar("generate", codes, "--raw", "-o", "out", cwd=tmp_path)
    both, single = np.load(tmp_path / "out/two.rgb.npy"), np.load(tmp_path / "out/astronaut.codes.rgb.npy")
    assert both.shape[0] == 2
    assert np.allclose(both[:1], single, atol=1e-4)
    swiftavatar("generate", "two.npy", "-o", "out", cwd=tmp_path)
    assert (tmp_path / "out/two-0000.png").exists() and (tmp_path / "out/two-0001.png").exists()


@pytest.mark.parametrize("space", ["z", "w"])
def test_sampled_codes(tmp_path: Path, space: str) -> None:
    np.save(tmp_path / "z.npy", np.random.default_rng(1).normal(size=(2, WIDTH)).astype(np.float32))
    run = swiftavatar("generate", "z.npy", "--space", space, "--raw", "--json", cwd=tmp_path)
    assert run.json["codes"] == [2, WIDTH]
    rgb = np.load(tmp_path / "z.rgb.npy")
    assert np.isfinite(rgb).all() and not np.allclose(rgb[0], rgb[1])


def test_auto_takes_three_axes_for_w_plus(codes: Path, tmp_path: Path) -> None:
    for space in ("auto", "w+"):
        swiftavatar("generate", codes, "--space", space, "-o", space, cwd=tmp_path)
    assert (tmp_path / "auto/astronaut.codes.png").read_bytes() == (tmp_path / "w+/astronaut.codes.png").read_bytes()


def test_composition_leaves_parts_out(codes: Path, tmp_path: Path) -> None:
    composition = np.ones((1, PARTS), np.float32)
    np.save(tmp_path / "all.npy", composition)
    composition[0, 7] = 0  # hair
    np.save(tmp_path / "bald.npy", composition)
    for name in ("all", "bald"):
        swiftavatar("generate", codes, "--composition", f"{name}.npy", "--raw", "-o", name, cwd=tmp_path)
    swiftavatar("generate", codes, "--raw", "-o", "plain", cwd=tmp_path)
    rgb = {name: np.load(tmp_path / name / "astronaut.codes.rgb.npy") for name in ("plain", "all", "bald")}
    assert np.allclose(rgb["plain"], rgb["all"], atol=1e-5)
    assert np.abs(rgb["bald"] - rgb["plain"]).max() > 0.1


def test_two_runs_give_the_same_codes(codes: Path, tmp_path: Path) -> None:
    swiftavatar("invert", PHOTO, cwd=tmp_path)
    assert (tmp_path / "astronaut.codes.npy").read_bytes() == codes.read_bytes()


@pytest.mark.parametrize("kind", ["missing", "text", "cut", "wrong width", "wrong axes", "numbers"])
def test_wrong_codes(codes: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "codes.npy"
    if kind == "text":
        file.write_text("no array")
    elif kind == "cut":
        file.write_bytes(codes.read_bytes()[:500])
    elif kind == "wrong width":
        np.save(file, np.zeros((1, 28, 63), np.float32))
    elif kind == "wrong axes":
        np.save(file, np.zeros(64, np.float32))
    elif kind == "numbers":
        np.save(file, np.array(["a", "b"]))
    run = swiftavatar("generate", "codes.npy", "-o", "out", "--json", cwd=tmp_path, status=2)
    sentence(run)
    assert check(run.json)["error"]["code"] == "usage"
    assert not (tmp_path / "out").exists() or files_below(tmp_path / "out") == []


def test_engine_without_a_generator(codes: Path, tmp_path: Path) -> None:
    run = swiftavatar("generate", codes, "--domain", "avatar", "--engine", "tiny", cwd=tmp_path, status=3)
    sentence(run, "avatar_generator:tiny")
