"""A mouth is as wide at rest as the person's, whatever they do with it."""

from __future__ import annotations

import numpy as np

from swiftavatar_train.calibration.smile import fit_slopes, stays
from swiftavatar_train.core.labels import measures
from swiftavatar_train.photos.smile import SLOPES, at_rest, smile

RNG = np.random.default_rng(4)


def face(lift: float = 0.0, opening: float = 0.0) -> np.ndarray:
    """A mesh [478, 2] whose face is 100 high; the corners of the mouth lie `lift` above its middle."""
    mesh = np.random.default_rng(1).random((478, 2)) * 100
    mesh[10], mesh[152] = (50, 0), (50, 100)
    mesh[13], mesh[14] = (50, 70 - opening / 2), (50, 70 + opening / 2)
    mesh[61], mesh[291] = (35, 70 - lift), (65, 70 - lift)
    return mesh


def test_a_smile_is_seen_in_any_frame() -> None:
    mesh = face(lift=3.0, opening=5.0)
    turn = 7 * np.array([[0.6, -0.8], [0.8, 0.6]])
    for seen in (mesh, mesh @ turn.T + 40):
        assert np.allclose(smile(seen), (0.03, 0.05))


def test_only_mouth_and_nose_are_narrower_at_rest() -> None:
    smiling = face(lift=6.0, opening=8.0)
    raw, rested = measures(smiling), at_rest(smiling)
    for name, value in raw.items():
        assert rested[name] < value - 0.01 if name in SLOPES else rested[name] == value


def test_slopes_are_those_within_people_not_between_them() -> None:
    """Who has a wide mouth smiles wider: between people the slope would be twice as steep."""
    trait, smiles = RNG.normal(0, 1, 60).repeat(2), RNG.random((120, 2))
    smiles[:, 0] += trait
    values = trait + 2 * smiles[:, 0] + 0.5 * smiles[:, 1]
    people = list(np.arange(120).reshape(60, 2))
    slopes = fit_slopes(smiles, values, people)
    assert np.allclose(slopes, (2, 0.5))
    assert stays(values - smiles @ slopes, smiles, people) > 0.99 > stays(values, smiles, people)
