"""How often a face is read as before, after noise in its code."""

from __future__ import annotations

import numpy as np
import torch

from swiftavatar_train.attributes.losses import attribute_heads
from swiftavatar_train.attributes.network import EstimatorNet
from swiftavatar_train.evaluation.network_agreement import TABLE
from swiftavatar_train.experiments.augmentation_scale import answers, kept
from swiftavatar_train.gan.generator import CODES, DIM, Generator


def test_tones_a_step_apart_are_the_same_answer() -> None:
    before = {"skin_tone": np.array([2, 2, 2, 2]), "mouth": np.array([0, 0, 1, 1])}
    after = {"skin_tone": np.array([2, 3, 1, 4]), "mouth": np.array([0, 1, 1, 1])}
    assert kept(before, after) == {"skin_tone": 0.75, "mouth": 0.75}


def test_the_less_noise_the_more_answers_stay() -> None:
    torch.manual_seed(1)
    net, generator = EstimatorNet(attribute_heads(np.random.default_rng(0).random((8, 478, 2))), 32).eval(), Generator().eval()
    codes = torch.randn(3, CODES, DIM)
    with torch.no_grad():  # a network that says different things of different faces
        for value in (net.linear.weight, net.fine.weight):
            value.normal_(std=1.0)
    found = answers(net, generator, codes)
    assert set(found) == {row.attribute for row in TABLE}
    stays = [np.mean(list(kept(found, answers(net, generator, codes + noise * torch.randn_like(codes))).values())) for noise in (0.0, 3.0)]
    assert stays[0] == 1 > stays[1]
