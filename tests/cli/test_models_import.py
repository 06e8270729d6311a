"""`swiftavatar models import`: published SemanticStyleGAN checkpoints, and the pictures they were published with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from program import PHOTO, PROGRAM, ROOT, environment, sentence, swiftavatar

FIXTURES = ROOT.parent / "shared/fixtures/semanticstylegan"
CHECKPOINT = FIXTURES / "official-tiny-13.pt"
TOLERANCE = 1e-4

pytestmark = pytest.mark.skipif(not CHECKPOINT.exists(), reason="no checkpoint beside the checkout")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("import")
    report = swiftavatar("models", "import", CHECKPOINT, CHECKPOINT, "--name", "tiny", "-o", "tiny", "--json", cwd=folder).json
    assert report["name"] == "tiny" and report["roles"] == ["avatar_generator:tiktok", "real_generator"]
    return folder / "tiny"


@pytest.fixture(scope="module")
def published() -> dict[str, np.ndarray]:
    with np.load(FIXTURES / "official-tiny-13-io.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


def generate(folder: Path, bundle: Path, codes: np.ndarray, *options: str) -> dict[str, np.ndarray]:
    np.save(folder / "some.npy", codes)
    swiftavatar("generate", "some.npy", "--bundle", bundle, "--raw", *options, cwd=folder)
    return {name: np.load(folder / f"some.{name}.npy") for name in ("rgb", "mask", "coarse")}


@pytest.mark.parametrize("codes, space, suffix", [
    ("latent", "auto", ""), ("latent", "w+", ""), ("latent_expanded", "expanded", ""),
    ("latent_expanded_perturbed", "auto", "_perturbed"),
])
def test_published_pictures(tmp_path: Path, bundle: Path, published, codes: str, space: str, suffix: str) -> None:
    found = generate(tmp_path, bundle, published[codes], "--space", space)
    assert np.abs(found["rgb"] - published["rgb" + suffix]).max() < TOLERANCE
    assert np.abs(found["mask"] - published["seg" + suffix]).max() < TOLERANCE
    if not suffix:
        assert np.abs(found["coarse"] - published["seg_coarse"]).max() < TOLERANCE


def test_z_and_w_give_one_picture(tmp_path: Path, bundle: Path, published) -> None:
    one = generate(tmp_path, bundle, published["z"], "--space", "z")
    other = generate(tmp_path, bundle, published["w"], "--space", "w", "--domain", "avatar")
    assert np.abs(one["rgb"] - other["rgb"]).max() < TOLERANCE


def test_parts_can_be_left_out(tmp_path: Path, bundle: Path, published) -> None:
    np.save(tmp_path / "keep.npy", published["composition_mask"])
    found = generate(tmp_path, bundle, published["latent"], "--composition", "keep.npy")
    assert np.abs(found["rgb"] - published["rgb_masked"]).max() < TOLERANCE


def test_a_photo_is_inverted_from_the_mean_code(tmp_path: Path, bundle: Path) -> None:
    run = swiftavatar("invert", PHOTO, "--bundle", bundle, "--steps", "4", "--json", cwd=tmp_path).json
    assert run["results"][0]["shape"] == [1, 27, 64]
    codes = np.load(tmp_path / run["results"][0]["codes"])
    assert np.isfinite(codes).all()
    failed = swiftavatar("invert", PHOTO, "--bundle", bundle, "--inversion", "encoder", cwd=tmp_path, status=3)
    assert "no encoder" in sentence(failed)


def test_an_avatar_comes_from_the_default_bundles_estimator(tmp_path: Path, bundle: Path) -> None:
    own = swiftavatar("estimate", PHOTO, "--bundle", bundle, "--inversion", "none", "--json", "-o", "own", cwd=tmp_path).json
    default = swiftavatar("estimate", PHOTO, "--inversion", "none", "--json", "-o", "default", cwd=tmp_path).json
    assert own["avatar"] == default["avatar"] and own["models"]["bundle"] == "tiny"


def test_estimate_needs_the_13_parts(tmp_path: Path, bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["parts"] = manifest["parts"][:8]
    other = bundle.parent / "eight"
    other.mkdir(exist_ok=True)
    for file in bundle.glob("*.pt"):
        (other / file.name).write_bytes(file.read_bytes())
    (other / "manifest.json").write_text(json.dumps(manifest))
    failed = swiftavatar("estimate", PHOTO, "--bundle", other, cwd=tmp_path, status=3)
    assert "13 parts" in sentence(failed)


def test_what_is_there_is_not_replaced(tmp_path: Path, bundle: Path) -> None:
    failed = swiftavatar("models", "import", CHECKPOINT, "--name", "tiny", "-o", bundle, cwd=tmp_path, status=2)
    assert "--force" in sentence(failed)


def test_a_file_that_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "some.pt").write_bytes(b"not a checkpoint")
    failed = swiftavatar("models", "import", "some.pt", "--name", "x", "-o", "x", cwd=tmp_path, status=3)
    assert "some.pt" in sentence(failed) and not (tmp_path / "x").exists()


def test_a_python_that_is_not_there(tmp_path: Path) -> None:
    failed = swiftavatar("models", "import", CHECKPOINT, "--name", "x", "-o", "x", cwd=tmp_path, status=2,
                         env=environment(SWIFTAVATAR_PYTHON="/nonexistent/python"))
    assert "SWIFTAVATAR_PYTHON" in sentence(failed)


def test_bench_compares_with_the_published_way(tmp_path: Path, bundle: Path) -> None:
    run = swiftavatar("bench", PHOTO, "--bundle", bundle, "--reference", "--repeats", "1", "--batch-size", "1", "--json", cwd=tmp_path)
    rows = {row["what"]: row for row in run.json["rows"]}
    assert set(rows) == {"generator", "generator, published", "inversion step", "inversion step, published"}
    assert rows["inversion step, published"]["times_ours"] > 1  # weight gradients and features in every step alone are more
    failed = swiftavatar("bench", PHOTO, "--reference", cwd=tmp_path, status=2)
    assert "models import" in sentence(failed)


def test_fused_operators_of_an_imported_generator(bundle: Path) -> None:
    """The unit test that needs such a generator: the same picture and gradients with fused operators in it."""
    generator = bundle / json.loads((bundle / "manifest.json").read_text())["models"]["real_generator"]["file"]
    program = PROGRAM.with_name("test_model_late")
    done = subprocess.run([program, "--gtest_filter=*AnImportedGenerator*"], env=environment(SWIFTAVATAR_IMPORTED=str(generator)),
                          capture_output=True, check=False)
    assert done.returncode == 0 and b"[  PASSED  ]" in done.stdout and b"AnImportedGenerator" in done.stdout, done.stdout.decode()
