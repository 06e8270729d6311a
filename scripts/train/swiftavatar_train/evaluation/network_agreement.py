"""How often a network's own attribute heads say what pictures show, counted as for avatars."""

from __future__ import annotations

import numpy as np

from ..core.labels import ATTRIBUTES
from .agreement import ROWS, Answers, figure

TABLE = [row for row in ROWS if row.name not in ("hair texture, balanced", "skin tone 5 to 10", "headwear", "lines")]


def as_answers(output: np.ndarray, photos: Answers) -> Answers:
    """The attribute heads' answers [N, total] beside the photos' labels."""
    found: list[dict[str, object]] = [{} for _ in output]
    at = 0
    for name, values in ATTRIBUTES.items():
        for answer, best in zip(found, output[:, at:at + len(values)].argmax(1)):
            answer[name] = values[best]
        at += len(values)
    return Answers(photos.labels, found, photos.person, photos.sure, photos.tone)


def agreement_of(shown: list[dict[str, str]], output: np.ndarray) -> dict[str, float]:
    """Per attribute, how often the heads' answers [N, total] are what the pictures show, counted as for photos. An attribute
    that is missing in `shown` does not count."""
    labels = [dict.fromkeys(ATTRIBUTES, "") | one for one in shown]
    seen = as_answers(output, Answers(labels, [], np.arange(len(labels)), np.ones(len(labels), bool),
                                      np.array([int(one["skin_tone"] or 0) for one in labels])))
    return {row.attribute: figure(row, seen) for row in TABLE}
