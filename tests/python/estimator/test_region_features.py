"""What ImageNet's early layers say of hair, jaw, cheeks and glasses."""

from __future__ import annotations

import torch

from swiftavatar_train.attributes.network import EstimatorNet, Head
from swiftavatar_train.estimator.face_features import FEATURES as FACE
from swiftavatar_train.estimator.region_features import (
    CLOTH,
    CLOTH_REGIONS,
    EAR,
    EAR_REGIONS,
    EARRING,
    EYE_REGIONS,
    HAIR,
    REGIONS,
    SKIN,
    RegionFeatures,
    kinds,
    regions,
    statistics,
)


def face(size: int = 96) -> tuple[torch.Tensor, torch.Tensor]:
    """Hair in the upper third, skin below; eyes, nose, lip and chin one below the other."""
    parts = torch.zeros(1, 13, size, size)
    parts[:, HAIR, :size // 3], parts[:, SKIN, size // 3:] = 1, 1
    points = torch.full((1, 478, 2), 0.5)
    for index, x, y in ((33, 0.36, 0.4), (133, 0.44, 0.4), (362, 0.56, 0.4), (263, 0.64, 0.4), (2, 0.5, 0.6), (13, 0.5, 0.7), (152, 0.5, 0.9), (234, 0.25, 0.5),
                        (454, 0.75, 0.5)):
        points[0, index] = torch.tensor([x, y])
    return parts, points


def test_regions_lie_where_the_face_has_them() -> None:
    above, below, hair, jaw, chin, lip, cheeks, *_ = regions(*face(), 24)[0]
    rows = torch.arange(24) / 24
    assert above[rows < 0.3].all() and not above[rows > 0.34].any() and torch.equal(above, hair) and not below.any()
    for region, first, last in ((jaw, 0.7, 0.93), (chin, 0.72, 0.93), (lip, 0.55, 0.71), (cheeks, 0.35, 0.61)):
        seen = rows[region.any(1)]
        assert region.any() and seen.min() >= first and seen.max() <= last
    assert not jaw[:, :6].any() and not jaw[:, 18:].any(), "the neck beside the jaw is no jaw"


def test_rims_of_glasses_lie_around_both_eyes_alike() -> None:
    over, under, outside, inside = regions(*face(), 96)[0, EYE_REGIONS]
    rows, columns = torch.arange(96) / 96, torch.arange(96) / 96
    for rim in (over, under, outside, inside):
        assert rim.any() and torch.equal(rim, rim.flip(1))
    assert rows[over.any(1)].max() < 0.4 < rows[under.any(1)].min()
    assert not (outside * inside).any() and columns[outside.any(0)].min() < 0.3 and columns[inside.any(0)].min() > 0.4


def test_clothes_are_below_the_chin_and_ears_take_what_hangs_beside_them() -> None:
    parts, points = face()
    parts[:, :, 92:] = 0
    parts[:, CLOTH, 92:] = 1
    parts[:, :, 50:58, 10:16] = 0
    parts[:, EAR, 50:54, 10:16], parts[:, EARRING, 54:58, 10:16] = 1, 1
    found = regions(parts, points, 96)[0]
    cloth, collar, ears = (found[place] for place in (*CLOTH_REGIONS, *EAR_REGIONS))
    rows = torch.arange(96) / 96
    assert cloth[92:].all() and not cloth[:92].any()
    assert rows[collar.any(1)].min() > 0.9 and not collar[:, :20].any()
    assert ears[49:59, 9:17].all() and ears.sum() == 10 * 8


def test_each_feature_knows_its_region() -> None:
    module = RegionFeatures()
    assert module.region.shape == (module.count,) and module.region.unique().tolist() == list(range(REGIONS))
    assert module.region[:48].tolist() == [0] * 24 + [1] * 24, "channels of a region lie together"


def test_statistics_do_not_tell_where_in_its_region_something_is() -> None:
    cells = torch.zeros(2, 1, 8, 8)
    cells[0, 0, 1, 1], cells[1, 0, 2, 6] = 5, 5
    weights = torch.zeros(2, 1, 8, 8)
    weights[:, :, :4] = 1
    one, other = statistics(cells, weights)
    assert torch.allclose(one, other) and one[0] > 0 and one[1] > one[0]


def test_a_region_that_is_not_there_says_nothing() -> None:
    found = statistics(torch.randn(1, 4, 8, 8), torch.zeros(1, 2, 8, 8))
    assert found.abs().max() < 0.01


def test_hair_is_read_where_the_hair_is() -> None:
    """The trunk sees faces turned by half a turn: what changes in the hair changes what is said of hair, and nothing else."""
    net, module = EstimatorNet([Head("measure", "age")], 96).eval(), RegionFeatures()
    parts, points = face()
    plain = torch.zeros(1, 3, 96, 96)
    changed = plain.clone()
    changed[:, :, 8:16, 20:76:2] = 1  # stripes, far above the skin
    with torch.no_grad():
        one, other = (module(net.early(image), parts, points) for image in (plain, changed))
    assert one.shape == (1, module.count)
    early = 24 * REGIONS  # of stride 4: its means
    difference = (one - other).abs()[0, :early].view(REGIONS, 24).amax(1)
    assert difference[0] > 0.01 and difference[3:].max() < 1e-4
    assert set(module.region[:early][(one - other).abs()[0, :early] > 1e-4].tolist()) <= {0, 1, 2}


def test_faces_of_a_batch_are_not_mixed() -> None:
    net, module = EstimatorNet([Head("measure", "age")], 96).eval(), RegionFeatures()
    image, parts, points = torch.rand(3, 3, 96, 96) * 2 - 1, torch.softmax(4 * torch.randn(3, 13, 96, 96), 1), torch.rand(3, 478, 2)
    with torch.no_grad():
        together = module(net.early(image), parts, points)
        alone = torch.cat([module(net.early(image[i:i + 1]), parts[i:i + 1], points[i:i + 1]) for i in range(3)])
    assert torch.allclose(together, alone, atol=1e-3)


def test_kinds_of_features_are_those_of_the_face_and_of_its_regions() -> None:
    found = kinds("lite0")
    apart = torch.stack([found[name] for name in ("face", "regions", "eyes", "clothes", "ears")])
    assert (apart.sum(0) == 1).all() and found["face"].sum() == FACE
    assert torch.equal(found["face and ears"], found["face"] | found["ears"])
