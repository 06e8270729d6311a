"""Measures that the program takes off mesh and parts: the same numbers here and in src/face/measure.cpp."""

from __future__ import annotations

import numpy as np
import pytest
from swiftavatar_train.core.labels import ear_size, mesh_measures


def face() -> np.ndarray:
    """tests/unit/face/measure_test.cpp has the same points."""
    mesh = np.random.default_rng(1).uniform(0, 150, (478, 2))
    for points, place in {(10,): (60, 0), (152,): (60, 150), (133,): (45, 50), (362,): (75, 50), (33,): (21, 50), (263,): (99, 50),
                          (61,): (40, 120), (291,): (80, 120), (0,): (60, 114), (13,): (60, 119), (14,): (60, 124), (17,): (60, 132),
                          (63, 105, 66, 293, 334, 296): (30, 30), (53, 52, 65, 283, 282, 295): (30, 35)}.items():
        mesh[list(points)] = place
    return mesh


def test_shares_of_the_faces_height() -> None:
    wanted = {"eye_height": 100, "mouth_height": 30, "chin_length": 18, "lip_fullness": 13, "brow_thickness": 5}
    found = mesh_measures(face())
    for name, pixels in wanted.items():
        assert found[name] == pytest.approx(pixels / 150), name
    assert found["eye_tilt"] == pytest.approx(0)


def test_many_people_at_once_and_in_any_similarity_frame() -> None:
    mesh = np.stack([face(), 3 * face() @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + 7])
    for name, values in mesh_measures(mesh).items():
        if not name.endswith("tilt"):
            assert values[0] == pytest.approx(values[1]), name


def test_ears_are_as_tall_as_the_taller_one_that_is_seen() -> None:
    mesh, ears = np.zeros((478, 2)), np.zeros((100, 100), bool)
    mesh[10], mesh[152] = (0.5, 0.2), (0.5, 0.7)
    assert np.isnan(ear_size(ears, mesh))
    ears[40:48, 20:26] = True
    assert np.isnan(ear_size(ears, mesh))
    ears[35:51, 75:81] = True
    assert ear_size(ears, mesh) == pytest.approx(15 / 50)
