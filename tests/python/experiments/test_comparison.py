"""Comparators and the comparison: tiny networks, the rule of the reference avatars, the tables."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.tensorboard import SummaryWriter

from swiftavatar_train.attributes.network import EstimatorNet, Head, imagenet
from swiftavatar_train.core.labels import ATTRIBUTES, PARTS
from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.sampling import random_avatar
from swiftavatar_train.engines.semantics import Semantics
from swiftavatar_train.engines.visible import drawn_mesh
from swiftavatar_train.estimator.heads import Pairs, engine_heads
from swiftavatar_train.evaluation.agreement import Answers
from swiftavatar_train.evaluation.geometry import SIX
from swiftavatar_train.experiments.comparison import compare, f2p
from swiftavatar_train.experiments.comparison.bundles import export_bundle
from swiftavatar_train.experiments.comparison.f2p_v2 import loop_back
from swiftavatar_train.experiments.comparison.imitator import Imitator, ParameterLayout, train_imitator
from swiftavatar_train.experiments.comparison.likeness_losses import Features, part_colors
from swiftavatar_train.experiments.comparison.reference import ReferenceMaker

ENGINES = Path(__file__).parents[3] / "configs" / "engines"
LABELS = {"glasses": "eyeglasses", "facial_hair": "goatee", "hair_length": "very_short", "hair_texture": "na", "fringe": "no",
          "hair_color": "red", "skin_tone": "7", "headwear": "none", "mouth": "teeth", "earrings": "unseen"}
PEOPLE = np.random.default_rng(5).normal(0.5, 0.1, (40, 478, 2))


def load(name: str) -> tuple[Engine, Semantics]:
    return Engine.load(ENGINES / name / "definition.json"), Semantics.load(ENGINES / name / "semantics.json")


def layout_of(engine: Engine, semantics: Semantics) -> ParameterLayout:
    return ParameterLayout(engine_heads(engine, semantics, engine.name, all_components=True), list(engine.palettes))


def straight_face() -> np.ndarray:
    """Somebody of PEOPLE who looks ahead."""
    mesh = PEOPLE[3].copy()
    mesh[1, 0] = (mesh[234, 0] + mesh[454, 0]) / 2
    return mesh


@pytest.mark.parametrize("name", ["tiktok", "alter"])
def test_a_reference_avatar_says_what_the_labels_say(name: str) -> None:
    engine, semantics = load(name)
    made = ReferenceMaker(engine, semantics, PEOPLE)(LABELS, np.full((64, 64, 3), 128, np.uint8), straight_face())
    shown = semantics.read(made.avatar)
    for attribute, value in LABELS.items():
        if value in ATTRIBUTES[attribute]:
            assert shown[attribute] == value
    assert made.avatar["discrete"]["headwear"] is None and made.avatar["discrete"]["earrings"] is None
    assert made.avatar["discrete"]["hair"] == "buzz" and len(made.allowed["hair"]) > 1


def test_the_nearest_reference_follows_only_what_is_left_open() -> None:
    engine, semantics = load("tiktok")
    made = ReferenceMaker(engine, semantics, PEOPLE)(LABELS, np.full((64, 64, 3), 128, np.uint8), straight_face())
    other = engine.default_avatar()
    other["discrete"].update(hair="combOver", facialHair="longBeard", brows="bushy")
    other["continuous"].update(face_width=0.9, ear_size=0.9)
    follower = made.nearest_to(other)
    assert (follower["discrete"]["hair"], follower["discrete"]["brows"]) == ("combOver", "bushy")
    assert follower["discrete"]["facialHair"] == made.avatar["discrete"]["facialHair"]
    assert follower["continuous"]["face_width"] == made.avatar["continuous"]["face_width"]
    assert follower["continuous"]["ear_size"] == 0.9


@pytest.mark.parametrize("name", SIX)
def test_reference_sliders_follow_the_person(name: str) -> None:
    engine, semantics = load("tiktok")
    maker, found = ReferenceMaker(engine, semantics, PEOPLE), []
    for share in (0.2, 0.8):
        avatar, lengths = engine.default_avatar(), {key: float(np.median(values)) for key, values in maker.people.items()}
        lengths[name] = float(np.quantile(maker.people[name], share))
        maker.set_sliders(avatar, lengths)
        found.append(float(compare.measures(drawn_mesh(engine, avatar))[name]))
    first, last = maker.ends[name]
    assert (found[1] - found[0]) / (last - first) == pytest.approx(0.54, abs=0.15)


def test_an_avatar_survives_the_imitators_layout() -> None:
    engine, semantics = load("tiktok")
    layout, avatar = layout_of(engine, semantics), random_avatar(engine, np.random.default_rng(2), semantics)
    row = layout.encode([avatar], engine)[0].numpy()
    raw = row[:len(row) - 3 * len(layout.colors)].clip(1e-3, 1 - 1e-3)
    again = layout.decode(np.log(raw / (1 - raw)), engine, avatar["colors"])
    assert again["discrete"] == avatar["discrete"]
    assert again["continuous"] == pytest.approx(avatar["continuous"], abs=2e-3)


def small_imitator(tmp_path: Path, steps: int) -> tuple[Imitator, ParameterLayout, Engine, np.ndarray, torch.Tensor]:
    engine, semantics = load("tiktok")
    rng, layout = np.random.default_rng(1), layout_of(engine, semantics)
    avatars = [random_avatar(engine, rng, semantics) for _ in range(70)]
    images = np.stack([engine.render(avatar, 128)[..., :3] for avatar in avatars])
    masks = np.stack([engine.labels(avatar, 128) for avatar in avatars])
    np.savez(tmp_path / "renders.npz", image=images, mask=masks, vector=np.array([json.dumps(avatar) for avatar in avatars]))
    cfg = {"seed": 1, "imitator_steps": steps, "imitator_batch": 4, "imitator_rate": 2e-3}
    with SummaryWriter(str(tmp_path / "runs")) as log:
        net = train_imitator(cfg, tmp_path / "renders.npz", layout, engine, tmp_path / "imitator.pt", log)
    return net, layout, engine, images, layout.encode(avatars, engine)


def test_the_imitator_learns_and_the_search_lowers_its_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net, layout, engine, images, rows = small_imitator(tmp_path, 30)
    untaught, target = Imitator(layout.width), torch.from_numpy(images[:4, ::2, ::2]).permute(0, 3, 1, 2) / 127.5 - 1
    assert (net(rows[:4])[0] - target).abs().mean() < 0.8 * (untaught(rows[:4])[0] - target).abs().mean()

    seen = []
    wanted = torch.softmax(net(rows[:2])[1], 1)

    def likeness(drawn, seen_features, parts, features, recognition, parsing) -> torch.Tensor:
        loss = -(wanted * torch.log_softmax(drawn[1], 1)).sum(1).mean((1, 2))
        seen.append(float(loss.detach().sum()))
        return loss

    monkeypatch.setattr(f2p, "likeness", likeness)
    raw = f2p.search(net, layout, lambda rgb: rgb, torch.zeros(2, 1), wanted, rows[:2, -3 * len(layout.colors):], 12, 0.2, 1.0, 1.0)
    assert seen[-1] < seen[0] and raw.shape == (2, sum(head.width for head in layout.heads))


def test_what_was_drawn_from_a_row_is_best_read_as_that_row() -> None:
    layout = ParameterLayout([Head("discrete", "hair", ["bob", "crop"]), Head("slider", "width")], [])
    row = torch.tensor([[1.0, 0.0, 0.8]])
    right, wrong = torch.tensor([[6.0, -6.0, 1.386]]), torch.tensor([[-6.0, 6.0, -1.386]])
    assert loop_back(layout, right, row) < 0.01 < loop_back(layout, wrong, row)


def test_colours_of_parts_are_their_means() -> None:
    parts = torch.zeros(1, len(PARTS), 64, 64)
    parts[0, PARTS.index("background")] = 1
    parts[0, :, 8:32, 8:32] = 0
    parts[0, PARTS.index("hair"), 8:32, 8:32] = 1
    image = np.zeros((1, 64, 64, 3), np.uint8)
    image[0, 8:32, 8:32] = (200, 100, 50)
    colors = part_colors(image, parts, {"skin": "#111111", "hair": "#222222"})[0]
    assert colors == {"skin": "#111111", "hair": "#c86432"}


def test_renders_with_excluded_variants_are_not_drawn(tmp_path: Path) -> None:
    engine, semantics = load("alter")
    avatars = [engine.default_avatar(), engine.default_avatar()]
    avatars[0]["discrete"]["hair"] = semantics.exclude["hair"][0]
    np.savez(tmp_path / "renders.npz", image=np.zeros((2, 16, 16, 3), np.uint8), vector=np.array([json.dumps(one) for one in avatars]))
    heads = engine_heads(engine, semantics, "alter", all_components=True)
    pairs = Pairs(tmp_path / "renders.npz", engine, semantics, heads)
    _, targets = pairs.draw(8, 16, np.random.default_rng(0))
    assert pairs.rows.tolist() == [1] and (targets["discrete:hair"] >= 0).all()


def test_a_bundle_lists_only_the_heads_that_were_taught(tmp_path: Path) -> None:
    heads = [Head("attribute", "skin_tone", list(ATTRIBUTES["skin_tone"])), Head("attribute", "mouth", ["closed", "teeth"]),
             Head("measure", "eye_size"), Head("slider", "eye_size", engine="tiktok")]
    net, cfg = EstimatorNet(heads, 32), {"bundle": tmp_path / "default"}
    export_bundle(net, tmp_path / "row", cfg, "tiktok", None, False)
    manifest = json.loads((tmp_path / "row" / "manifest.json").read_text())
    entry = manifest["models"]["estimator:tiktok"]
    assert manifest["extends"] == "default" and [head["name"] for head in entry["heads"]] == ["mouth", "eye_size"]
    assert [head["offset"] for head in entry["heads"]] == [10, 13] and "measures" not in entry
    export_bundle(net, tmp_path / "row", cfg, "tiktok", {"eye_size": np.arange(5.0)}, True)
    entry = json.loads((tmp_path / "row" / "manifest.json").read_text())["models"]["estimator:tiktok"]
    assert len(entry["heads"]) == 4 and entry["measures"]["eye_size"]["quantiles"][-1] == 4
    assert torch.jit.load(str(tmp_path / "row" / "estimator.pt"))(torch.zeros(2, 3, 32, 32)).shape == (2, 14)


def test_the_table_tells_methods_apart(tmp_path: Path) -> None:
    count = 12
    labels = [{**LABELS, "mouth": "teeth" if row % 2 else "closed", "confidence": "1"} for row in range(count)]
    split = compare.Split(np.zeros((count, 8, 8, 3), np.uint8), [f"{row}.jpg" for row in range(count)], labels, PEOPLE[:count],
                             np.arange(count))
    lengths = np.stack([compare.measures(split.mesh)[name] for name in SIX], 1)

    def figures(distance: float, right: bool, drawn: np.ndarray) -> compare.Figures:
        said = [{**one, **({} if right else {"mouth": "closed", "glasses": "none"})} for one in labels]
        answers = Answers(labels, said, split.person, np.ones(count, bool), np.full(count, 7))
        near = np.full(count, distance)
        return compare.Figures(near, near / 2, answers, drawn, near * 1000, near * 100, np.ones(count, bool))

    text = compare.table({"ours": figures(0.1, True, lengths), "baseline": figures(0.3, False, -lengths)}, split)
    ours, baseline = text.splitlines()[2:4]
    assert ours.startswith("| ours, equal budget | no | 0.100 (0.100 to 0.100) | 0.050 (0.050 to 0.050) | 1.000 (1.000 to 1.000) | 1.00 (")
    assert "| -1.00 (" in baseline and baseline.endswith("| 300 | 30 |")
    assert "| ours, equal budget - baseline | no | -0.200 (-0.200 to -0.200) |" in text
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- tiktok -->\nold\n<!-- end -->\nafter\n")
    compare.write_between(page, "tiktok", text)
    assert page.read_text() == f"before\n<!-- tiktok -->\n{text}\n<!-- end -->\nafter\n"
    with pytest.raises(SystemExit, match="no <!-- alter -->"):
        compare.write_between(page, "alter", text)


def test_features_have_unit_length_and_see_any_size() -> None:
    picture = torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        found = Features()(picture)
    assert found.shape == (2, 1280) and torch.allclose(found.norm(dim=1), torch.ones(2), atol=1e-5)
    assert not torch.allclose(found[0], found[1], atol=1e-3)


def test_features_are_imagenets_of_the_upright_picture() -> None:
    picture = torch.rand(2, 3, 96, 96) * 2 - 1
    with torch.no_grad():
        wanted = imagenet("lite0").extract_features(picture).mean((2, 3))
        assert torch.allclose(Features()(picture), torch.nn.functional.normalize(wanted, dim=1), atol=1e-4)
