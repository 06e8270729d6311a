"""Training of the generators on tiny runs: it learns, and a resumed run is the run that was not interrupted."""

import json
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from swiftavatar_train.core.bundle import NO_COMPOSITION
from swiftavatar_train.core.folds import source_weights, sources
from swiftavatar_train.core.image import to_tensor
from swiftavatar_train.core.labels import ATTRIBUTES
from swiftavatar_train.gan.data import UNKNOWN, FaceSet, Mixture, augment_faces, one_hot, soften
from swiftavatar_train.gan.encoder import Encoder
from swiftavatar_train.gan.generator import CODES, DIM, Generator
from swiftavatar_train.gan.inversion import invert
from swiftavatar_train.gan.losses import PartOverlap, mask_loss, part_pixel_loss, pixel_loss, psnr, rgb_to_lab
from swiftavatar_train.gan.perceptual import load_perceptual
from swiftavatar_train.gan.train_avatar import AvatarTrainer, CodeTie, fresh_avatars
from swiftavatar_train.gan.train_real import GeneratorTrainer
from swiftavatar_train.pairs.make import augment_code, keep_best

CONFIG = {"seed": 3, "lr": 1e-3, "ema": 0.9, "steps_64": 4, "steps_128": 2, "steps_decay": 2, "batch_64": 2,
          "batch_128": 2, "perceptual": 1.0, "perceptual_every": 3}


def faces(count: int = 4) -> FaceSet:
    """Discs of skin colour on a ground: enough of a face for a tiny run."""
    y, x = np.mgrid[:128, :128]
    images, labels = [], []
    for index in range(count):
        disc = (x - 64) ** 2 + (y - 60 - 3 * index) ** 2 < (30 + 4 * index) ** 2
        labels.append(disc.astype(np.uint8))
        images.append(np.where(disc[..., None], [200 - 30 * index, 140, 110], [40, 60, 40 * index]).astype(np.uint8))
    return FaceSet(np.stack(images), np.stack(labels), np.full(count, 1 / count))


@pytest.fixture(scope="module")
def perceptual():
    return load_perceptual()


def test_resumed_run_equals_the_uninterrupted_one(tmp_path, perceptual) -> None:
    data = Mixture([(faces(), 1.0)])
    whole = GeneratorTrainer(CONFIG)
    for _ in range(2):
        whole.train_step(data, perceptual)
    whole.save(tmp_path / "state.pt")
    resumed = GeneratorTrainer({**CONFIG})
    resumed.load(tmp_path / "state.pt")
    for trainer in (whole, resumed):
        trainer.train_step(data, perceptual)
    assert resumed.step == whole.step == 3
    for one_net, other_net in ((whole.generator, resumed.generator), (whole.encoder, resumed.encoder),
                               (whole.average, resumed.average)):
        for one, two in zip(one_net.parameters(), other_net.parameters()):
            assert torch.equal(one, two)


def test_avatars_are_drawn_anew_for_each_step_and_for_a_resumed_run_as_they_would_have_been() -> None:
    cfg = {"engine": "tiktok", "engines": str(Path(__file__).parents[3] / "configs/engines"), "render_command": "", "seed": 1, "batch": 2,
           "workers": 0}
    whole = [[image for image, part in batch if image.shape[:2] == part.shape == (128, 128)]
             for batch in islice(fresh_avatars(cfg | {"fresh_renders": 2}, 0), 3)]
    assert len({image.tobytes() for images in whole for image in images}) == 6
    resumed = [image for image, _ in next(fresh_avatars(cfg | {"fresh_renders": 2}, 2))]
    assert all(np.array_equal(one, other) for one, other in zip(whole[2], resumed, strict=True))
    assert [len(next(fresh_avatars(cfg | {"fresh_renders": count}, 0))) for count in (0, 5)] == [0, 2]


def test_photos_keep_their_parts_and_colours_in_the_avatar_generator() -> None:
    torch.manual_seed(2)
    generator = Generator()
    trainer = SimpleNamespace(cfg={"seed": 1, "batch": 2}, step=0, photos=faces(), photo_codes=torch.randn(4, CODES, DIM), generator=generator)
    optimizer, losses = torch.optim.Adam(generator.parameters(), lr=3e-3), []
    for _ in range(12):
        loss = AvatarTrainer.photo_loss(trainer, 64)  # of the same photos each time
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]


def test_training_lowers_the_loss_and_changes_size(perceptual) -> None:
    trainer, data = GeneratorTrainer({**CONFIG, "steps_64": 12, "lr": 4e-3}), Mixture([(faces(), 1.0)])
    first = trainer.train_step(data, perceptual)
    assert trainer.size() == 64
    for _ in range(11):
        last = trainer.train_step(data, perceptual)
    assert last["pixel"] + last["mask"] < 0.9 * (first["pixel"] + first["mask"])
    assert trainer.size() == 128


def test_inversion_improves_each_picture_alone(perceptual) -> None:
    torch.manual_seed(0)
    generator, encoder, data = Generator().eval(), Encoder().eval(), faces(2)
    rgb, parts = to_tensor(data.image), one_hot(torch.from_numpy(data.label).long())
    with torch.no_grad():
        start = encoder(rgb, parts)
        before = psnr(generator(start, NO_COMPOSITION)[0], rgb)
    codes = invert(generator, start, rgb, parts, perceptual, 3)
    with torch.no_grad():
        after = psnr(generator(codes, NO_COMPOSITION)[0], rgb)
    assert (after > before).all()
    alone = invert(generator, start[:1], rgb[:1], parts[:1], perceptual, 3)
    assert torch.allclose(alone[0], codes[0], atol=5e-3)


def test_unknown_pixels_teach_no_mask() -> None:
    mask = torch.zeros(1, 13, 8, 8, requires_grad=True)
    label = torch.full((1, 8, 8), UNKNOWN)
    label[0, 0, 0] = 7
    mask_loss(mask, label).backward()
    assert mask.grad[0, :, 1:].abs().sum() == 0 and mask.grad[0, 7, 0, 0] < 0


def test_the_face_counts_twice() -> None:
    label = torch.zeros(1, 2, 2, dtype=torch.long)
    label[0, 0, 0] = 1
    target = torch.zeros(1, 3, 2, 2)
    wrong_face, wrong_ground = target.clone(), target.clone()
    wrong_face[..., 0, 0], wrong_ground[..., 1, 1] = 1, 1
    assert pixel_loss(wrong_face, target, label) == pytest.approx(2 * float(pixel_loss(wrong_ground, target, label)))


def test_a_small_part_counts_as_much_as_a_large_one() -> None:
    label = torch.zeros(1, 64, 64, dtype=torch.long)
    label[:, 8:12, 8:12], label[:, :, 32:] = 5, 7
    target = torch.zeros(1, 3, 64, 64)
    off = [target.clone(), target.clone()]
    off[0][:, :, 8:12, 8:12], off[1][:, :, :, 32:] = 1.0, 1.0
    small, large = (part_pixel_loss(one, target, label) for one in off)
    assert 0.25 * large < small < large  # the part's surroundings count as well
    assert pixel_loss(off[0], target, label) < 0.05 * pixel_loss(off[1], target, label)
    assert part_pixel_loss(target, target, label) == 0


def test_lab_of_known_colours() -> None:
    rgb = torch.tensor([[255.0, 255, 255], [0, 0, 0], [255, 0, 0]]).T[None, :, None] / 127.5 - 1
    lab = rgb_to_lab(rgb)[0, :, 0].T
    expected = torch.tensor([[100.0, 0, 0], [0, 0, 0], [53.24, 80.09, 67.2]])
    assert torch.allclose(lab, expected, atol=0.05)


def test_overlap_counts_intersection_over_union() -> None:
    overlap = PartOverlap()
    mask = torch.zeros(1, 13, 4, 4)
    mask[0, 1, :2] = 1
    label = torch.zeros(1, 4, 4, dtype=torch.long)
    label[0, :, :2] = 1
    overlap.add(mask, label)
    assert overlap.parts(0)[1] == pytest.approx(4 / 12)


def test_sources_count_by_their_root() -> None:
    weight = source_weights(sources(np.array(["a-1.jpg"] * 16 + ["b-1.jpg"] * 4)))
    assert weight[:16].sum() / weight[16:].sum() == pytest.approx(2.0)


def test_augmentation_keeps_picture_and_labels_together() -> None:
    data = faces()
    rgb, label = augment_faces(to_tensor(data.image), torch.from_numpy(data.label).long(), np.random.default_rng(0))
    red_inside = [rgb[n, 0][label[n] == 1].mean() - rgb[n, 0][label[n] == 0].mean() for n in range(2)]
    assert min(red_inside) > 0.5 and set(label.unique().tolist()) <= {0, 1}
    parts = soften(one_hot(label), np.random.default_rng(0))
    assert torch.allclose(parts.sum(1), torch.ones(4, 128, 128), atol=1e-5) and (parts > 0).all()


def test_photo_codes_are_nearer_to_the_tie_than_others() -> None:
    torch.manual_seed(0)
    basis = torch.randn(8, CODES * DIM)
    codes = (torch.randn(300, 8) @ basis).view(-1, CODES, DIM)
    tie = CodeTie(codes, rank=8)
    inside, outside = tie(codes[:20]), tie(codes[:20] + torch.randn(20, CODES, DIM) * 3)
    assert inside < 0.2 * outside


class Lender:
    """Stands in for PhotoCodes: every photo has the code of its row number."""

    def __init__(self) -> None:
        self.codes = torch.arange(5.0).view(5, 1, 1).expand(5, CODES, DIM).clone() + 100
        self.asked: list[dict] = []

    def pick(self, rng: np.random.Generator, wanted: dict, near: int = 0) -> int:
        self.asked.append(wanted)
        return int(rng.integers(5))


def test_augmentation_swaps_free_parts_and_spares_shapes() -> None:
    lender = Lender()
    shown = {"skin_tone": "4", "hair_color": "black"}
    code = augment_code(torch.zeros(CODES, DIM), shown, lender, np.random.default_rng(0), 0.0, 0.0)
    for index in (2, 3, 18, 19, 20, 21):  # background, neck, cloth
        assert code[index].min() >= 100
    for index in (0, 1, 4, 6, 8, 10, 12, 14, 16):  # coarse codes and shapes, of which sliders tell
        assert code[index].abs().max() == 0
    assert all(set(wanted) <= {"skin_tone", "hair_color", "hair_texture"} for wanted in lender.asked)
    assert {name for name in shown} <= set(ATTRIBUTES) and json.dumps(shown)


def test_the_worst_of_each_group_are_dropped() -> None:
    score, groups = np.array([1.0, 2, 3, 4, 50, 60]), np.array(["a", "a", "a", "a", "rare", "rare"])
    assert keep_best(score, groups, 0.25).tolist() == [True, True, True, False, True, True]
