"""What stage `evaluate` counts."""

from __future__ import annotations

import numpy as np

from swiftavatar_train.core.labels import ATTRIBUTES
from swiftavatar_train.evaluation.evaluate import scores


def of_two(**changed: list[int]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Answers and labels of two photos, which show the first and the last group of every attribute; answers are right but for `changed`."""
    labels = {name: np.array([0, len(values) - 1]) for name, values in ATTRIBUTES.items()} | {"hair_color": np.array([0, 1])}
    return labels | {name: np.array(values) for name, values in changed.items()}, labels


def test_scores_count_groups_not_values() -> None:
    found = scores(*of_two())
    assert all(one["agreement"] == 1 for one in found.values())
    assert scores(*of_two(hair_color=[0, 2]))["hair_color"] == {"agreement": 1.0, "n": 2}  # brown for dark brown is right
    assert scores(*of_two(hair_color=[0, 3]))["hair_color"] == {"agreement": 0.5, "n": 2}  # blond is not


def test_one_side_alone_has_no_balanced_agreement() -> None:
    answers, labels = of_two()
    found = scores(answers, labels | {"earrings": np.array([0, 0])})
    assert found["earrings"] == {"agreement": None, "n": [2, 0]} and found["fringe"] == {"agreement": 1.0, "n": [1, 1]}
