"""Stage `distil`, and the mean of networks that stage `attributes` takes."""

import numpy as np
import torch
from estimator_fixture import SETTINGS, tiktok_heads, write_net, write_photos

from swiftavatar_train.attributes import learner, losses
from swiftavatar_train.attributes.network import Head, lay_out
from swiftavatar_train.core.image import to_tensor
from swiftavatar_train.estimator import distil
from swiftavatar_train.estimator.distil import kept_loss


def test_engines_heads_move_to_the_attributes_network_and_that_stays_as_it_is(tmp_path) -> None:
    torch.manual_seed(1)
    image = write_photos(tmp_path / "cache/train.npz")
    free = losses.attribute_heads(np.load(tmp_path / "cache/train.npz")["checked"])
    photos = write_net(tmp_path / "estimator/attributes.pt", free, "lite2")  # another trunk than that of the heads' teacher
    before = write_net(tmp_path / "estimator/teacher.pt", tiktok_heads(1))
    distil.run({**SETTINGS, "engine_steps": 8, "threads": 1, "scratch": str(tmp_path)}, tmp_path)

    found = learner.load_network(tmp_path / "estimator/distilled.pt")
    for key, value in photos.trunk.state_dict().items():
        assert torch.equal(found.trunk.state_dict()[key], value), key
    pictures = to_tensor(image)
    with torch.no_grad():
        said, wanted, labels = found(pictures), before(pictures), photos(pictures)
    attributes = slice(0, labels.shape[1])
    assert torch.allclose(said[:, attributes], labels, atol=1e-4)
    assert [head.mean for head in found.heads if head.kind == "measure"] == [head.mean for head in free if head.kind == "measure"]
    started = torch.cat([labels, torch.zeros(8, said.shape[1] - labels.shape[1])], 1)
    both = [(head, next(old for old in before.heads if (old.engine, old.name) == (head.engine, head.name)))
            for head in found.heads if head.engine]
    assert {head.name for head, _ in both if head.kind == "discrete"} == {"head", "eyes", "brows", "nose", "mouth", "earrings", "lines"}
    assert kept_loss(both, said, wanted) < 0.85 * kept_loss(both, started, wanted)


def test_the_mean_of_networks_that_began_alike_is_one_of_them_where_they_agree() -> None:
    first = {"weight": torch.tensor([1.0, 2.0]), "steps": torch.tensor(3)}
    second = {"weight": torch.tensor([3.0, 2.0]), "steps": torch.tensor(3)}
    mean = learner.soup([first, second])
    assert mean["weight"].tolist() == [2.0, 2.0] and mean["steps"].item() == 3


def test_engine_heads_are_kept_and_attributes_are_free() -> None:
    heads = [Head("attribute", "fringe", ["no", "yes"]), Head("discrete", "hair", ["bob", "crop"], engine="tiktok"),
             Head("slider", "eye_size", engine="tiktok")]
    before = torch.randn(3, lay_out(heads))
    free, moved = before.clone(), before.clone()
    free[:, 0] += 3
    moved[:, 2] += 3
    both = [(head, head) for head in heads]
    assert kept_loss(both, free, before).item() == kept_loss(both, before, before).item()
    assert kept_loss(both, moved, before).item() > kept_loss(both, before, before).item()
