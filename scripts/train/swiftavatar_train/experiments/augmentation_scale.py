"""`python -m swiftavatar_train.experiments.augmentation_scale --work DIR`: how far semantic augmentation may move a code.

Train photos' codes are decoded by G_r as they are and with noise, or with parts of other people's codes as stage `pairs` swaps them;
the network of stage `attributes` reads both. Prints how often it gives the same answer (the groups of evaluation/agreement.py; mean over
attributes) by the noise of the coarse codes, by that of the part codes, by both, and for the swaps alone. `enough` is what [pairs]
`coarse_noise` and `part_noise` should be: the largest part noise, then coarse noise, that leave ENOUGH of the answers as they were.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..attributes.learner import load_network
from ..attributes.losses import group_logits
from ..attributes.network import EstimatorNet
from ..core.labels import ATTRIBUTES, attribute_values, groups_of
from ..evaluation.network_agreement import TABLE
from ..gan.encoder import Encoder
from ..gan.generator import Generator
from ..gan.inversion import decode, load_average
from ..pairs.filter import outputs
from ..pairs.make import PhotoCodes, augment_code, code_noise

ENOUGH = 0.95
NOISE = (0.1, 0.3, 0.5, 0.7, 1.0)
TOGETHER = ((0.3, 0.1), (0.5, 0.3), (0.7, 0.3), (1.0, 0.3), (0.7, 0.5), (1.0, 0.5))  # coarse and part noise
PHOTOS = 200


def answers(net: EstimatorNet, generator: Generator, codes: Tensor) -> dict[str, np.ndarray]:
    """The group of values that the network sees in the codes' faces, for each attribute."""
    output = outputs(net, decode(generator, codes))
    return {head.name: group_logits(output[:, head.slice], groups_of(head.name)).argmax(1).numpy()
            for head in net.heads if head.name in {row.attribute for row in TABLE}}


def kept(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> dict[str, float]:
    """The share of equal answers for each attribute; tones a step apart are equal (evaluation/agreement.py)."""
    reach = {name: 1 if name == "skin_tone" else 0 for name in before}
    return {name: float((np.abs(before[name] - after[name]) <= reach[name]).mean()) for name in before}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="work folder with photos, G_r and the attributes' network")
    work = parser.parse_args().work
    net, generator, encoder = load_network(work / "estimator" / "attributes.pt").eval(), Generator(), Encoder()
    load_average(work / "generator" / "state.pt", generator, encoder)
    photos = PhotoCodes(encoder, work)
    rows = np.random.default_rng(7).choice(len(photos.codes), PHOTOS, replace=False, p=photos.weight / photos.weight.sum())
    codes = photos.codes[rows]
    shown = attribute_values({name: photos.labels[name][rows] for name in ATTRIBUTES}, len(rows))
    before = answers(net, generator, codes)

    def tell(change: dict[str, object], moved: Callable[[Tensor, dict[str, str], np.random.Generator], Tensor]) -> float:
        rng = np.random.default_rng(11)
        same = kept(before, answers(net, generator, torch.stack([moved(code, one, rng) for code, one in zip(codes, shown)])))
        mean = float(np.mean(list(same.values())))
        print(json.dumps({**change, "same answers": round(mean, 3), **{name: round(value, 3) for name, value in same.items()}}), flush=True)
        return mean

    enough = []
    for coarse, part in (*((noise, 0.0) for noise in NOISE), *((0.0, noise) for noise in NOISE), *TOGETHER):
        same = tell({"coarse_noise": coarse, "part_noise": part}, lambda code, one, rng: code + code_noise(photos.codes, rng, coarse, part))
        enough += [(coarse, part)] * (same >= ENOUGH)
    tell({"swaps": "alone"}, lambda code, one, rng: augment_code(code, one, photos, rng, 0.0, 0.0))
    print(json.dumps({"enough": max((pair for pair in enough if min(pair)), key=lambda pair: pair[::-1], default=None)}))


if __name__ == "__main__":
    main()
