"""The estimator's training: heads, losses, calibration, resuming; on tiny runs."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from estimator_fixture import write_photos

from swiftavatar_train.attributes import learner, losses
from swiftavatar_train.attributes.network import EstimatorNet, Head, imagenet, lay_out
from swiftavatar_train.core.batches import stream
from swiftavatar_train.core.labels import ATTRIBUTES, STYLES, one_hot
from swiftavatar_train.engines.semantics import Semantics
from swiftavatar_train.estimator import calibrate
from swiftavatar_train.estimator.face_features import FEATURES
from swiftavatar_train.estimator.fusion import Fusion
from swiftavatar_train.estimator.heads import allowed_variants, semantic_loss
from swiftavatar_train.estimator.region_features import RegionFeatures
from swiftavatar_train.photos.augment import augment
from swiftavatar_train.photos.labelled import LabelledPhotos
from swiftavatar_train.release.export import check_early, second_network

MESH = np.random.default_rng(3).random((8, 478, 2)).astype(np.float32)


def test_heads_lie_one_after_the_other() -> None:
    heads = losses.attribute_heads(MESH)
    assert lay_out(heads) == sum(len(values) for values in (*ATTRIBUTES.values(), *STYLES.values())) + 9
    assert [head.offset for head in heads[:3]] == [0, 3, 8]


def test_unknown_labels_give_no_loss() -> None:
    output = torch.zeros(2, 2, requires_grad=True)
    assert losses.share_loss(output, torch.zeros(2, 2)).item() == 0
    loss = losses.share_loss(output, torch.tensor([[0.0, 1.0], [0.0, 0.0]]))
    loss.backward()
    assert output.grad[0].abs().sum() > 0 and output.grad[1].abs().sum() == 0


def test_group_loss_does_not_mind_which_value_of_the_group() -> None:
    values = ATTRIBUTES["hair_color"]
    truth = torch.from_numpy(one_hot(np.array([values.index("brown"), -1]), len(values))).float()

    def loss(value: str) -> float:
        output = torch.zeros(2, len(values))
        output[:, values.index(value)] = 5
        return losses.group_loss("hair_color", output, truth).item()

    assert loss("dark_brown") == pytest.approx(loss("brown"), abs=1e-6)
    assert loss("black") > loss("brown") + 3


def test_batches_are_the_same_for_any_number_of_workers() -> None:
    picture = np.zeros((512, 512, 3), np.uint8)
    cv2.setNumThreads(2)
    augment(picture, 256, np.random.default_rng(0))  # OpenCV has threads by now

    def draw(rng: np.random.Generator) -> np.ndarray:
        return augment(picture + rng.integers(0, 255, 3, np.uint8), 256, rng)[0]

    drawn = [[next(batches) for _ in range(3)] for batches in (stream(draw, seed=5, workers=workers) for workers in (0, 2))]
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0][0], drawn[0][1])


def test_labels_share_probability_among_the_variants_they_allow() -> None:
    semantics = Semantics(["hair"], {"hair": {"bob": {"hair_length": ["medium"]}, "wave": {"hair_length": ["medium"]},
                                              "crop": {"hair_length": ["short"]}}}, {})
    head = Head("discrete", "hair", ["bob", "wave", "crop"])
    lay_out([head])
    tables = {"hair": allowed_variants(head, semantics)}
    labels = {"hair_length": np.array([ATTRIBUTES["hair_length"].index("medium")])}
    def loss(*logits: float) -> float:
        return semantic_loss([head], torch.tensor([logits]), labels, tables).item()

    assert loss(5, 0, -5) == pytest.approx(loss(0, 5, -5), abs=1e-4)
    assert loss(0, 0, 5) > loss(0, 0, 0) > loss(2, 2, 0)


def shipped(stretch: float, second: EstimatorNet | None = None) -> tuple[EstimatorNet, calibrate.Exported]:
    """A network and what ships of it, where the face heads say nothing."""
    net = EstimatorNet(losses.attribute_heads(MESH), 64).eval()
    total = net.linear.out_features
    count = FEATURES + RegionFeatures().count
    state = {"mean": torch.zeros(count), "deviation": torch.ones(count), "weight": torch.zeros(count + 1, total),
             "network": torch.ones(total)}
    return net, calibrate.Exported(net, Fusion(state), stretch, second=second)


def test_exported_tone_is_an_ordinal_peak() -> None:
    net, exported = shipped(1.2)
    with torch.no_grad():
        output = exported(torch.zeros(1, 3, 64, 64), torch.zeros(1, 13, 32, 32), torch.rand(1, 478, 2))
    tone = next(head for head in net.heads if head.name == "skin_tone")
    logits = output[0, tone.slice]
    best = int(logits.argmax())
    assert (logits[:best].diff() > 0).all() and (logits[best:].diff() < 0).all()


def test_face_heads_that_say_nothing_change_nothing() -> None:
    net, exported = shipped(1.0)
    image = torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        one, other = exported(image, torch.zeros(2, 13, 32, 32), torch.rand(2, 478, 2)), net(image)
    tone = next(head for head in net.heads if head.name == "skin_tone")
    rest = [place for place in range(one.shape[1]) if not tone.slice.start <= place < tone.slice.stop]
    assert torch.allclose(one[:, rest], other[:, rest], atol=1e-6)


def test_a_second_network_is_asked_for_the_mean() -> None:
    second = EstimatorNet(losses.attribute_heads(MESH), 64, "lite2").eval()
    with torch.no_grad():
        second.linear.bias.normal_()
    net, exported = shipped(1.0, second)
    image = torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        found, wanted = exported(image, torch.zeros(2, 13, 32, 32), torch.rand(2, 478, 2)), (net(image) + second(image)) / 2
    tone = next(head for head in net.heads if head.name == "skin_tone")
    rest = [place for place in range(found.shape[1]) if not tone.slice.start <= place < tone.slice.stop]
    assert torch.allclose(found[:, rest], wanted[:, rest], atol=1e-6)


def test_only_the_second_network_that_fusion_heard_ships(tmp_path) -> None:
    heads = [Head("attribute", "mouth", ["closed", "teeth"])]
    net, second, other = (EstimatorNet(own, 64, trunk) for own, trunk in (
        ([*map(replace, heads), Head("slider", "eye_size", engine="tiktok")], "lite0"), (list(map(replace, heads)), "lite2"),
        ([Head("attribute", "mouth", ["teeth", "closed"])], "lite2")))
    (tmp_path / "estimator").mkdir()
    with pytest.raises(SystemExit, match="was fitted on lite2, not on lite0"):
        second_network(tmp_path, net, {"trunks": ["lite2"]})
    for written in (None, net, other):
        if written:
            learner.save_network(tmp_path / "estimator/second_attributes.pt", written)
        assert second_network(tmp_path, net, {"trunks": ["lite0"]}) is None
        with pytest.raises(SystemExit, match="is not the network of lite2 that stage fusion heard"):
            second_network(tmp_path, net, {"trunks": ["lite0", "lite2"]})
    learner.save_network(tmp_path / "estimator/second_attributes.pt", second)
    assert second_network(tmp_path, net, {"trunks": ["lite0", "lite2"]}).trunk_name == "lite2"


def test_dark_tones_are_stretched_and_light_ones_are_not() -> None:
    sure = torch.full((10, 10), -20.0).fill_diagonal_(20.0)
    assert calibrate.stretched_tone(sure, 1.5).tolist() == pytest.approx([1, 2, 3, 4.5, 6, 7.5, 9, 10.5, 12, 13.5], abs=1e-3)


def test_the_trunk_is_turned_and_else_imagenets() -> None:
    """Beside the network as its package makes it, with TensorFlow's padding."""
    net = EstimatorNet([Head("measure", "age")], 64).eval()
    image = torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        cells, _ = net.late(net.early(image))
        wanted = imagenet("lite0").extract_features(image)
    assert torch.allclose(cells.unflatten(2, (2, 2)).flip(2, 3), wanted, atol=1e-3)


def test_a_head_looks_where_its_map_says() -> None:
    """Two heads of equal weights differ by their maps alone."""
    net = EstimatorNet([Head("attribute", "mouth", ["closed", "teeth"]), Head("attribute", "fringe", ["no", "yes"])], 64).eval()
    image = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        net.linear.weight[2:] = net.linear.weight[:2]
        even = net(image)
        assert torch.allclose(even[:, :2], even[:, 2:], atol=1e-6)
        net.look[0, 1] = 9.0  # fringe: the first cell, at the lower right
        cells, _ = net.late(net.early(image))
        wanted = net.linear.weight[2:] @ cells[0, :, 0]
        looked = net(image)
    assert torch.allclose(looked[:, :2], even[:, :2], atol=1e-6)
    assert torch.allclose(looked[0, 2:], wanted, atol=2e-3)


def test_heads_move_to_another_network_with_their_maps() -> None:
    first = EstimatorNet(losses.attribute_heads(MESH), 64).eval()
    with torch.no_grad():
        for value in (first.look, first.fine_look, first.fine.weight):
            value.normal_()
    second = EstimatorNet([Head("slider", "eye_size"), *losses.attribute_heads(MESH)], 64).eval()
    second.adopt(first.state_dict(), first.heads)
    image = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(first(image), second(image)[:, 1:], atol=1e-4)


def test_frozen_blocks_do_not_learn() -> None:
    net = EstimatorNet([Head("attribute", "mouth", ["closed", "teeth"])], 64)
    net.freeze(3)
    net(torch.rand(1, 3, 64, 64)).square().sum().backward()
    assert net.trunk._conv_stem.weight.grad is None
    assert net.trunk._blocks[-1]._project_conv.weight.requires_grad


def test_heads_fitted_on_other_first_layers_do_not_ship(tmp_path) -> None:
    net = EstimatorNet([Head("attribute", "mouth", ["closed", "teeth"])], 64)
    state = {"early": net.early_sha256()}
    with torch.no_grad():
        net.trunk._conv_head.weight += 1  # a late layer: its outputs are not what the heads read
    check_early(tmp_path / "variants_tiktok.pt", state, net)
    with torch.no_grad():
        net.trunk._conv_stem.weight += 1e-3
    with pytest.raises(SystemExit, match="run stage variants again"):
        check_early(tmp_path / "variants_tiktok.pt", state, net)


def test_only_the_chosen_photos_are_drawn(tmp_path) -> None:
    write_photos(tmp_path / "train.npz")
    photos = LabelledPhotos(tmp_path, ["train"])
    photos.image = np.stack([np.full((256, 256, 3), 30 * row, np.uint8) for row in range(8)])
    photos.only(np.arange(8) == 7)
    images, _ = photos.draw(8, 64, np.random.default_rng(1))
    assert images.mean() > 120  # the light photo, whatever the augmentation does


def test_bfloat16_learns_nearly_the_same() -> None:
    """Gradients differ by rounding alone; answers are computed in single precision, as they ship."""
    torch.manual_seed(0)
    nets = [EstimatorNet(losses.attribute_heads(MESH), 64, dropout=0.0) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    image = torch.rand(4, 3, 64, 64) * 2 - 1
    learner.Learner(nets[1], 1, {"trunk_rate": 1e-4, "head_rate": 1e-3, "ema": 0.9, "frozen_blocks": 0, "bfloat16": True})
    types = set()
    for layer in nets[1].trunk.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(lambda layer, _, output: types.add((layer.groups > 1, output.dtype)))
    pulls = []
    for net in nets:
        net.train()(image).square().mean().backward()
        pulls.append(torch.cat([value.grad.flatten() for value in net.trunk.parameters() if value.grad is not None]))
        assert all(value.dtype == torch.float32 for value in net.parameters())
    assert {(True, torch.float32), (False, torch.bfloat16)} <= types and (True, torch.bfloat16) not in types
    assert torch.cosine_similarity(*pulls, dim=0) > 0.98
    with torch.no_grad():
        assert torch.equal(nets[0].eval()(image), nets[1].eval()(image))


def test_equal_names_of_two_engines_are_two_heads() -> None:
    """Both engines have `hair`: the second one's does not take the place of the first one's."""
    ours, theirs = (Head("discrete", "hair", ["bob", "none"], engine=name) for name in ("tiktok", "alter"))
    first = EstimatorNet([*losses.attribute_heads(MESH), ours], 64).eval()
    with torch.no_grad():
        first.linear.weight.normal_()
    second = EstimatorNet([*losses.attribute_heads(MESH), replace(ours), theirs], 64).eval()
    second.adopt(first.state_dict(), first.heads)
    image = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        both = second(image)
        assert torch.allclose(first(image), both[:, :-2], atol=1e-4)
        assert not torch.allclose(both[:, -4:-2], both[:, -2:], atol=1e-2)
