"""The face parser: network, loss, label gates, relabelling, and a tiny training that resumes and exports."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from swiftavatar_train.core.labels import ATTRIBUTES, PARTS
from swiftavatar_train.parsing import train
from swiftavatar_train.parsing.gating import gate, regions, relabel
from swiftavatar_train.parsing.network import Parser, segmentation_loss
from swiftavatar_train.photos.draw_ons.drawing import BROW, EYE, GLASSES, HAIR, HAT, MOUTH, SKIN, UNKNOWN, Face

SIZE = 128
NOTHING = {"glasses": 0, "facial_hair": 0, "headwear": 0, "earrings": 0}


@pytest.fixture
def mesh() -> np.ndarray:
    """A schematic frontal face in 0..1: an oval of contour points and the few landmarks that the regions use."""
    points = np.full((478, 2), 0.5)
    points[[468, 473, 168, 10, 152, 127, 356, 234, 454, 2]] = (
        (0.40, 0.47), (0.60, 0.47), (0.5, 0.46), (0.5, 0.24), (0.5, 0.78), (0.29, 0.46), (0.71, 0.46), (0.28, 0.52),
        (0.72, 0.52), (0.5, 0.59))
    points[[105, 334]] = (0.38, 0.41), (0.62, 0.41)
    from swiftavatar_train.photos.draw_ons.drawing import JAW, OVAL
    angle = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False)
    points[list(OVAL)] = np.stack([0.5 + 0.22 * np.sin(angle), 0.51 - 0.27 * np.cos(angle)], 1)
    assert set(JAW) <= set(OVAL)
    return points


@pytest.fixture
def mask() -> np.ndarray:
    """Hair above, a skin disc with eyes and mouth, background around."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    out = np.zeros((SIZE, SIZE), np.uint8)
    out[((columns - 0.5) / 0.26) ** 2 + ((rows - 0.45) / 0.33) ** 2 < 1] = HAIR
    out[((columns - 0.5) / 0.22) ** 2 + ((rows - 0.53) / 0.25) ** 2 < 1] = SKIN
    out[58:62, 47:56] = out[58:62, 73:82] = EYE
    out[50:53, 45:56] = BROW
    out[84:90, 55:73] = MOUTH
    return out


def certain(labels: np.ndarray) -> np.ndarray:
    """Probabilities [13, S, S] of a student that is sure of `labels`."""
    return np.eye(len(PARTS), dtype=np.float32)[labels].transpose(2, 0, 1) * 0.94 + 0.005


def test_network_keeps_the_size_and_starts_from_the_prior() -> None:
    net = Parser().eval()
    rgb = torch.zeros(2, 3, SIZE, SIZE)
    assert net(rgb).shape == (2, len(PARTS), SIZE, SIZE)
    labels = torch.zeros(4, SIZE, SIZE, dtype=torch.long)
    labels[:, 64:] = 9
    net.set_prior(labels)
    torch.nn.init.zeros_(net.head.weight)
    torch.nn.init.zeros_(net.head.bias)
    read = net(rgb).argmax(1)
    assert (read[:, :56] == 0).all() and (read[:, 72:] == 9).all()


def test_unknown_pixels_have_no_gradient() -> None:
    logits = torch.randn(1, len(PARTS), 8, 8, requires_grad=True)
    labels = torch.randint(0, len(PARTS), (1, 8, 8))
    labels[:, :4] = UNKNOWN
    segmentation_loss(logits, labels, torch.ones(len(PARTS))).backward()
    assert logits.grad[:, :, :4].abs().sum() == 0 and logits.grad[:, :, 4:].abs().sum() > 0


def test_loss_is_least_for_the_right_answer(mask) -> None:
    labels = torch.from_numpy(mask.astype(np.int64))[None]
    right = torch.from_numpy(certain(mask)).log()[None]
    wrong = right.roll(1, dims=1)
    weight = torch.ones(len(PARTS))
    assert segmentation_loss(right, labels, weight) < 0.3 < segmentation_loss(wrong, labels, weight)


def test_gate_makes_unknown_what_the_labels_contradict(mesh, mask) -> None:
    assert (gate(mask, mesh, NOTHING) == mask).all()
    glasses = gate(mask, mesh, NOTHING | {"glasses": 1})
    assert (glasses[56, 60:68] == UNKNOWN).all() and (glasses[mask == EYE] == EYE).all()
    sunglasses = gate(mask, mesh, NOTHING | {"glasses": ATTRIBUTES["glasses"].index("sunglasses")})
    assert (sunglasses[mask == EYE] == UNKNOWN).all()
    hat = gate(mask, mesh, NOTHING | {"headwear": 1})
    assert (hat[:30] == UNKNOWN).all() and (hat[mask == MOUTH] == MOUTH).all()
    beard = mask.copy()
    beard[90:94, 50:78] = HAIR
    assert (gate(beard, mesh, NOTHING | {"facial_hair": 4})[90:94, 52:76] == SKIN).all()


def test_relabel_takes_the_students_glasses_only_where_the_label_has_them(mesh, mask) -> None:
    seen = mask.copy()
    seen[54:56, 44:84] = GLASSES
    seen[66:68, 44:84] = GLASSES
    worn = relabel(mask, mesh, NOTHING | {"glasses": 1}, certain(seen))
    assert (worn[54:56, 44:84] == GLASSES).all() and (worn[mask == EYE] == EYE).all()
    denied = relabel(mask, mesh, NOTHING, certain(seen))
    assert not (denied == GLASSES).any()
    missed = relabel(mask, mesh, NOTHING | {"glasses": 1}, certain(mask))
    assert (missed[55, 60:68] == UNKNOWN).all()
    assert not (relabel(mask, mesh, NOTHING, certain(np.where(mask == HAIR, HAT, mask))) == HAT).any()


def test_relabel_keeps_the_mesh_parts_and_what_lies_outside(mesh, mask) -> None:
    outside = mask.copy()
    outside[:, :10] = UNKNOWN
    out = relabel(outside, mesh, NOTHING, certain(np.full_like(mask, SKIN)))
    assert (out[:, :10] == UNKNOWN).all()
    for part in (EYE, BROW, MOUTH):
        assert (out[mask == part] == part).all()


def test_regions_lie_around_the_eyes_and_below_the_nose(mesh) -> None:
    where = regions(Face(mesh * SIZE), SIZE)
    assert where["glasses"][60, 50] and not where["glasses"][100, 64]
    assert where["facial_hair"][92, 64] and not where["facial_hair"][50, 64]


@pytest.fixture
def work(tmp_path: Path, mesh, mask) -> Path:
    """A cache of 4 schematic photos in two colours."""
    rng = np.random.default_rng(0)
    palette = rng.integers(0, 255, (256, 3))
    (tmp_path / "cache").mkdir()
    for split in ("train", "dev"):
        images = np.stack([np.clip(palette[mask] + rng.normal(0, 8, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8)
                           for _ in range(4)])
        labels = {name: np.zeros(4, np.int8) for name in ATTRIBUTES}
        labels["glasses"][:1] = 1
        np.savez(tmp_path / "cache" / f"{split}.npz", image=images, mask=np.stack([mask] * 4),
                 mesh=np.stack([mesh] * 4).astype(np.float32), name=np.array([f"a-{k}.jpg" for k in range(4)]), **labels)
    return tmp_path


def test_training_learns_relabels_exports_and_goes_on_where_it_stopped(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cfg = {"seed": 1, "threads": 1, "steps": 3, "relabelled_steps": 2, "rate": 3e-3, "plain": 1, "draw_ons": 1, "makehuman_heads": 0,
           "draw_on_copies": 1, "save_seconds": -1, "with_makehuman": False}
    for name in ("whole", "stopped"):
        (work / name).mkdir()
    train.run(cfg | {"scratch": str(work / "whole")}, work)
    values = json.loads((work / "parser" / "dev.json").read_text())["relabelled"]
    assert values["iou_mean"] > 0.4 and 0 <= values["glasses_false"] <= 1
    masks = np.load(work / "cache" / "train_masks.npy")
    assert masks.shape == (4, SIZE, SIZE) and masks.dtype == np.uint8
    assert set(np.unique(masks)) <= {*range(len(PARTS)), UNKNOWN}
    net = torch.jit.load(str(work / "export" / "parser.pt"))
    assert net(torch.zeros(3, 3, SIZE, SIZE)).shape == (3, len(PARTS), SIZE, SIZE)

    learn = train.ParserTrainer.train_step

    def until(self: train.ParserTrainer, *batch: torch.Tensor) -> float:
        if self.step == 4:
            raise KeyboardInterrupt
        return learn(self, *batch)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(train.ParserTrainer, "train_step", until)
        train.run(cfg | {"scratch": str(work / "stopped")}, work)
    train.run(cfg | {"scratch": str(work / "stopped")}, work)
    whole, stopped = (torch.load(work / name / "state.pt", weights_only=True) for name in ("whole", "stopped"))
    assert whole["step"] == stopped["step"] == 5
    assert all(torch.equal(value, stopped["average"][key]) for key, value in whole["average"].items())
