"""Phase `refine` of the estimator, and the photos with another hair colour that it learns from."""

import numpy as np
import torch
from estimator_fixture import SETTINGS, tiktok_heads, write_net, write_photos
from torch.utils.tensorboard import SummaryWriter

from swiftavatar_train.attributes.learner import load_network
from swiftavatar_train.attributes.network import Head, lay_out
from swiftavatar_train.core.image import to_tensor
from swiftavatar_train.core.labels import ATTRIBUTES
from swiftavatar_train.estimator.distil import kept_loss
from swiftavatar_train.estimator.refine import train_refine
from swiftavatar_train.estimator.teach import find_checkpoint
from swiftavatar_train.photos.recolor import HAIR, SKIN, Recolor, lab_of

BLACK, BLOND = (ATTRIBUTES["hair_color"].index(name) for name in ("black", "blond"))
DARK_HAIR, LIGHT_HAIR, FACE = (30, 25, 22), (200, 170, 110), (210, 160, 140)


def heads_of_hair(colors: list[tuple[int, int, int]], hair: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Pictures [N, 64, 64, 3] with hair above a face, a little noisy, and their masks."""
    rng = np.random.default_rng(1)
    images, masks = np.zeros((len(colors), 64, 64, 3)), np.zeros((len(colors), 64, 64), np.uint8)
    for image, mask, color in zip(images, masks, colors):
        image[:] = 90
        image[4:24, 10:54], mask[4:24, 10:54] = color, HAIR if hair else 0
        image[24:60, 16:48], mask[24:60, 16:48] = FACE, SKIN
    return np.clip(images + rng.normal(0, 4, images.shape), 0, 255).astype(np.uint8), masks


def test_hair_takes_a_donors_colour_and_its_label_and_nothing_else_changes() -> None:
    images, masks = heads_of_hair([DARK_HAIR] * 4 + [LIGHT_HAIR] * 4)
    recolor = Recolor(images, masks, np.array([BLACK] * 4 + [BLOND] * 4))
    everybody, rng = np.ones(8, bool), np.random.default_rng(0)
    drawn = [recolor.draw(0, everybody, rng) for _ in range(40)]
    image, color = next(each for each in drawn if each)  # None where no photo has the colour that was drawn
    assert color == BLOND
    assert np.abs(lab_of(image)[6:22, 12:52].mean((0, 1)) - lab_of(images[4])[6:22, 12:52].mean((0, 1))).max() < 4
    assert np.array_equal(image[40:], images[0][40:])


def test_donors_are_only_those_that_may_be_seen() -> None:
    images, masks = heads_of_hair([DARK_HAIR, LIGHT_HAIR, LIGHT_HAIR])
    recolor = Recolor(images, masks, np.array([BLACK, BLOND, BLOND]))
    rng = np.random.default_rng(0)
    assert all(recolor.draw(0, np.array([True, False, False]), rng) is None for _ in range(40))


def test_where_no_hair_is_seen_none_changes_colour() -> None:
    images, masks = heads_of_hair([DARK_HAIR, LIGHT_HAIR], hair=False)
    recolor = Recolor(images, masks, np.array([BLACK, BLOND]))
    assert all(recolor.draw(0, np.ones(2, bool), np.random.default_rng(seed)) is None for seed in range(20))


def test_engine_heads_are_kept_and_attributes_are_free() -> None:
    heads = [Head("attribute", "fringe", ["no", "yes"]), Head("discrete", "hair", ["bob", "crop"], engine="tiktok"),
             Head("slider", "eye_size", engine="tiktok")]
    before = torch.randn(3, lay_out(heads))
    free, moved = before.clone(), before.clone()
    free[:, 0] += 3
    moved[:, 2] += 3
    assert kept_loss(heads, free, before).item() == kept_loss(heads, before, before).item()
    assert kept_loss(heads, moved, before).item() > kept_loss(heads, before, before).item()


def test_the_refined_network_is_the_one_that_ships(tmp_path) -> None:
    folder = tmp_path / "estimator"
    folder.mkdir()
    for name in ("attributes", "restored_tiktok", "refined_tiktok"):
        (folder / f"{name}.pt").touch()
    assert find_checkpoint(tmp_path, "tiktok").name == "refined_tiktok.pt"
    assert find_checkpoint(tmp_path, "tiktok", finished=False).name == "restored_tiktok.pt"


def test_refining_goes_part_of_the_way_to_what_it_learnt(tmp_path) -> None:
    torch.manual_seed(1)
    pictures = to_tensor(write_photos(tmp_path / "cache/train.npz"))
    before = write_net(tmp_path / "estimator/tiktok.pt", tiktok_heads(1))
    cfg = {**SETTINGS, "refine_steps": 6, "refine_rate_share": 0.5, "refine_ema": 0.5, "recolor_share": 0.4}
    weights = {}
    for share in (0.0, 0.5, 1.0):
        with SummaryWriter(str(tmp_path / "log")) as log:
            train_refine({**cfg, "refine_share": share}, tmp_path, log)
        found = load_network(tmp_path / "estimator/refined_tiktok.pt")
        weights[share] = found.linear.weight.detach()
    labels = torch.from_numpy(np.load(tmp_path / "cache/train.npz")["mouth"])
    mouth = next(head.slice for head in before.heads if head.name == "mouth")
    with torch.no_grad():
        wrong = [torch.nn.functional.cross_entropy(net(pictures)[:, mouth], labels).item() for net in (before, found)]
    assert wrong[1] < wrong[0] - 0.1
    assert torch.allclose(weights[0.0], before.linear.weight)
    assert torch.allclose(weights[0.5], (weights[0.0] + weights[1.0]) / 2, atol=1e-6)
