"""What the parser learns from photos: composite masks gated by the attribute labels, and the student's own relabelling.

The composite masks (mesh polygons, a hair net, a person net, a colour rule) have no glasses, hats or earrings and mistake
beards for hair. The attribute labels tell where they must be wrong; those pixels become unknown (255).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.labels import ATTRIBUTES
from ..photos.draw_ons.drawing import (
    BACKGROUND,
    BROW,
    CLOTH,
    EARRING,
    EYE,
    GLASSES,
    HAIR,
    HAT,
    JAW,
    MOUTH,
    NECK,
    NOSE,
    OVAL,
    SKIN,
    UNKNOWN,
    Face,
    ellipse,
    fill,
)

KEPT = (EYE, BROW, MOUTH, NOSE)  # drawn by the mesh, better than any student at 128 px
MINIMUM_SHARE = {GLASSES: 0.003, HAT: 0.01, EARRING: 0.0003}  # less of a labelled part than this is a miss


def regions(face: Face, size: int) -> dict[str, np.ndarray]:
    """Where glasses, headwear, earrings and a beard can be: bool [S, S] each."""
    x, y = face.coordinates(size)
    oval = fill(size, [face.points[list(OVAL)]]) > 0.5
    brows = max(float((face.points[k] - (face.points[468] + face.points[473]) / 2) @ face.up) for k in (105, 334))
    lobes = []
    for side, jaw in ((face.left_side, 132), (face.right_side, 361)):
        centre = 0.5 * side.tragus + 0.5 * face.points[jaw] + 0.12 * face.unit * side.outward
        lobes.append(ellipse(centre, 0.33 * face.unit * face.right, 0.5 * face.unit * face.up))
    chin = face.points[list(JAW)]
    below = [chin, chin - 0.5 * face.unit * face.up]
    jaw = (fill(size, below + [np.concatenate([below[0], below[1][::-1]])]) > 0.5) & (
        y < (face.points[2] - (face.points[468] + face.points[473]) / 2) @ face.up / face.unit)
    return {"glasses": (np.abs(x) < 1.35) & (y > -0.62) & (y < 0.5),
            "headwear": ~oval | (y > brows / face.unit + 0.05),
            "earrings": fill(size, lobes) > 0.5, "facial_hair": jaw, "oval": oval}


def gate(mask: np.ndarray, mesh: np.ndarray, labels: Mapping[str, int]) -> np.ndarray:
    """A composite mask [S, S] with what the labels (index in ATTRIBUTES, -1 unknown) contradict set to 255."""
    size = mask.shape[0]
    where = regions(Face(np.asarray(mesh, np.float64) * size), size)
    out = mask.copy()
    if labels["facial_hair"] != 0:  # a beard is skin, and hides the neck's edge
        beard = where["facial_hair"]
        out[beard & where["oval"] & (out == HAIR)] = SKIN
        out[beard & ~where["oval"] & np.isin(out, (HAIR, NECK, CLOTH))] = UNKNOWN
    if labels["glasses"] != 0:
        dark = labels["glasses"] == ATTRIBUTES["glasses"].index("sunglasses")
        kept = () if dark else (EYE,)
        out[where["glasses"] & ~np.isin(out, (BACKGROUND, *kept))] = UNKNOWN
    if labels["earrings"] != 0:
        out[where["earrings"]] = UNKNOWN
    if labels["headwear"] != 0:
        out[where["headwear"]] = UNKNOWN
    return out


def relabel(mask: np.ndarray, mesh: np.ndarray, labels: Mapping[str, int], probability: np.ndarray,
            sure: float = 0.6) -> np.ndarray:
    """The student's reading [13, S, S] (probabilities) joined with the composite mask [S, S] under the labels.

    Eyes, brows, nose and mouth stay the mesh's. A part the label denies cannot appear, one that it asserts must: where the
    student misses it, the gate's 255 stays. Elsewhere a sure student wins, an unsure one leaves only what both say.
    """
    size = mask.shape[0]
    gated = gate(mask, mesh, labels)
    where = regions(Face(np.asarray(mesh, np.float64) * size), size)
    p = probability.copy()
    for part, attribute in ((GLASSES, "glasses"), (HAT, "headwear"), (EARRING, "earrings")):
        if labels[attribute] == 0:
            p[part] = 0
        else:
            p[part] *= where[attribute]
    p /= p.sum(axis=0, keepdims=True) + 1e-6
    student, trust = p.argmax(axis=0).astype(np.uint8), p.max(axis=0)

    out = np.where(trust > sure, student, np.where(student == mask, student, UNKNOWN)).astype(np.uint8)
    for part, attribute in ((GLASSES, "glasses"), (HAT, "headwear"), (EARRING, "earrings")):
        if labels[attribute] != 0 and (student == part).mean() < MINIMUM_SHARE[part]:
            missed = where[attribute] & (gated == UNKNOWN)
            out[missed] = UNKNOWN
    # The mesh's own parts, except under what is worn, and none of theirs where the mesh has none.
    worn = np.isin(out, (GLASSES, HAT, EARRING))
    out[~worn & np.isin(out, KEPT) & ~np.isin(mask, KEPT)] = SKIN
    keep = np.isin(mask, KEPT) & ~worn & ~((gated == UNKNOWN) & (out == UNKNOWN))
    out[keep] = mask[keep]
    if labels["facial_hair"] > 0:
        out[where["facial_hair"] & where["oval"] & (out == HAIR)] = SKIN
    out[mask == UNKNOWN] = UNKNOWN  # outside the photo
    return out
