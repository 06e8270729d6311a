"""Rows of the ablation: what their networks are judged by, and what pairs teach."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from swiftavatar_train.core.labels import ATTRIBUTES, attribute_values
from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.sampling import random_avatar
from swiftavatar_train.engines.semantics import Semantics
from swiftavatar_train.evaluation.agreement import Answers
from swiftavatar_train.evaluation.geometry import SIX
from swiftavatar_train.evaluation.network_agreement import agreement_of
from swiftavatar_train.experiments.ablation import BATCHES, matching_rate
from swiftavatar_train.pairs.sources import Source, of_pairs

COUNT = 40


def heads() -> Source:
    """Pictures of random attributes; whether there are earrings is not known of the first half."""
    rng = np.random.default_rng(2)
    labels = {name: rng.integers(0, len(values), COUNT) for name, values in ATTRIBUTES.items()}
    labels["earrings"][:COUNT // 2] = -1
    return Source(np.zeros((COUNT, 4, 4, 3), np.uint8), labels, {})


def shown(source: Source) -> list[dict[str, str]]:
    return attribute_values(source.labels, COUNT)


def answers(source: Source, wrong: tuple[str, ...] = ()) -> np.ndarray:
    """Outputs that name every value, but the next one for the attributes in `wrong`."""
    found = []
    for name, values in ATTRIBUTES.items():
        named = source.labels[name] + (3 if name == "skin_tone" else 1) * (name in wrong)
        found.append(np.eye(len(values))[named % len(values)])
    return np.concatenate(found, 1)


def test_who_names_everything_is_right_in_everything() -> None:
    assert agreement_of(shown(heads()), answers(heads())) == dict.fromkeys(agreement_of(shown(heads()), answers(heads())), 1.0)


def test_an_unknown_value_does_not_count() -> None:
    source = heads()
    output = answers(source)
    at = sum(len(values) for name, values in list(ATTRIBUTES.items())[:list(ATTRIBUTES).index("earrings")])
    output[:COUNT // 2, at:at + 2] = output[:COUNT // 2, at:at + 2][:, ::-1]
    assert agreement_of(shown(source), output)["earrings"] == 1.0


def test_a_face_does_not_teach_what_it_does_not_show(tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "configs/engines/tiktok"
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")
    rng = np.random.default_rng(4)
    vectors = np.array([json.dumps(random_avatar(engine, rng, semantics)) for _ in range(4)])
    shown = np.array([True, False, True, False])
    np.savez(tmp_path / "pairs.npz", image=np.zeros((4, 8, 8, 3), np.uint8), vector=np.arange(4), vectors=vectors, seen_glasses=shown)
    source = of_pairs(tmp_path / "pairs.npz", engine, semantics)
    assert (source.labels["glasses"] >= 0).tolist() == shown.tolist() and (source.labels["skin_tone"] >= 0).all()


def test_who_is_right_about_everybody_tells_them_apart() -> None:
    source, rng = heads(), np.random.default_rng(3)
    source.labels["skin_tone"] = np.full(COUNT, 3)
    labels = [dict.fromkeys(ATTRIBUTES, "unknown") | one for one in shown(source)]
    photos = Answers(labels, [], np.arange(COUNT), np.ones(COUNT, bool), np.full(COUNT, 4))
    lengths = {name: rng.random(COUNT) for name in SIX}
    said = np.concatenate([answers(source), np.stack(list(lengths.values()), 1)], 1)
    assert matching_rate([said], photos, lengths) == 1
    assert matching_rate([said[::-1]], photos, lengths) < 0.5  # chance is 0.25


def test_rows_learn_in_batches_of_one_size() -> None:
    assert {sum(batch.values()) for batch in BATCHES.values()} == {24}
