"""The words of labels: parts of a picture, attributes with their values and what counts as one answer, measures of a mesh."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

PARTS = ("background", "skin", "eye", "brow", "mouth", "nose", "ear", "hair", "neck", "cloth", "glasses", "hat",
         "earring")

# In the order of their values. Labels outside the list ("na", "unseen") read as -1.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "glasses": ("none", "eyeglasses", "sunglasses"),
    "facial_hair": ("none", "stubble", "moustache", "goatee", "beard"),
    "hair_length": ("bald", "very_short", "short", "medium", "long", "tied", "hidden"),
    "hair_texture": ("straight", "wavy", "curly"),
    "fringe": ("no", "yes"),
    "hair_color": ("black", "dark_brown", "brown", "blond", "red", "gray_white", "other"),
    "skin_tone": tuple(str(tone) for tone in range(1, 11)),
    "headwear": ("none", "hat", "headscarf", "turban", "other"),
    "mouth": ("closed", "teeth"),
    "earrings": ("no", "yes"),
    "lines": ("none", "some", "deep"),
}

# What readers pick in an engine's menus: for each component the drawn styles of the engine `tiktok`, which `alter` shares; "none"
# where the component may be absent.
STYLES: dict[str, tuple[str, ...]] = {
    "hair": ("shortCrop", "sidePart", "quiff", "slickedBack", "undercut", "spiky", "shortWavy", "shortCurly", "coily", "pixie",
             "frenchCrop", "receding", "balding", "buzz", "shaved", "bald", "combOver", "highTop", "bob", "bobFringe", "shoulder",
             "shaggy", "mediumWavy", "curtains", "mediumCurly", "curlyFringe", "afro", "longStraight", "longSide", "longFringe",
             "longWavy", "longCurly", "boxBraids", "locs", "bun", "lowBun", "ponytail", "highPony", "tiedFringe", "braids", "cornrows",
             "puff"),
    "facialHair": ("none", "stubble", "heavyStubble", "moustache", "handlebar", "horseshoe", "chinPatch", "goatee", "circle",
                   "shortBeard", "fullBeard", "chinCurtain", "longBeard"),
    "glasses": ("none", "round", "rectangle", "square", "panto", "catEye", "halfRim", "thin", "wayfarer", "aviator", "roundShades"),
    "headwear": ("none", "cap", "beanie", "brimmedHat", "bucketHat", "kufi", "headscarf", "hijab", "headwrap", "turban", "headband"),
    "clothes": ("tee", "vNeck", "scoop", "turtleneck", "shirt", "suit", "blazer", "hoodie", "stripes"),
}

# What counts as one answer when attributes are judged (docs/testing.md).
GROUPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "glasses": (("none",), ("eyeglasses", "sunglasses")),
    "facial_hair": (("none", "stubble"), ("moustache", "goatee", "beard")),
    "hair_length": (("bald", "very_short", "short"), ("medium", "long"), ("tied",)),
    "fringe": (("no",), ("yes",)),
    "hair_color": (("black",), ("dark_brown", "brown"), ("blond",), ("red",), ("gray_white",)),
    "hair_texture": (("straight",), ("wavy",), ("curly",)),
    "mouth": (("closed",), ("teeth",)),
    "earrings": (("no",), ("yes",)),
    "headwear": (("none",), ("hat", "headscarf", "turban", "other")),
    "lines": (("none",), ("some",), ("deep",)),
}
# Of these both sides count the same, however rare one is: to miss it is worse than a false one.
BALANCED = {"glasses", "facial_hair", "fringe", "earrings", "headwear"}


def attribute_index(name: str, value: str) -> int:
    """Index of a label's value in ATTRIBUTES, -1 where it says nothing (na, unseen, empty)."""
    values = ATTRIBUTES[name]
    return values.index(value) if value in values else -1


def one_hot(index: np.ndarray, count: int) -> np.ndarray:
    """Value indices [N] as shares [N, count]; zeros where nothing is known (-1)."""
    return np.eye(count + 1)[index][:, :count]


def attribute_values(columns: dict[str, np.ndarray], count: int) -> list[dict[str, str]]:
    """What the first `count` pictures show, by value indices; an unknown attribute (-1) is missing."""
    return [{name: values[columns[name][row]] for name, values in ATTRIBUTES.items() if columns[name][row] >= 0} for row in range(count)]


def grouped(name: str, index: np.ndarray) -> np.ndarray:
    """Value indices to group indices; -1 stays (and values outside every group become -1)."""
    table = np.full(len(ATTRIBUTES[name]) + 1, -1)
    for group, values in enumerate(GROUPS[name]):
        for value in values:
            table[ATTRIBUTES[name].index(value)] = group
    return table[index]


def groups_of(name: str) -> list[list[int]]:
    """The attribute's value indices by what counts as one answer; a value outside every group is one of its own, and so is each style
    ("style:COMPONENT")."""
    if name.startswith("style:"):
        return [[index] for index in range(len(STYLES[name.removeprefix("style:")]))]
    groups = [[ATTRIBUTES[name].index(value) for value in values] for values in GROUPS.get(name, ())]
    known = {index for group in groups for index in group}
    return groups + [[index] for index in range(len(ATTRIBUTES[name])) if index not in known]


MEASURES = 9  # of `measures`


# Mesh points at the upper and the lower edge of the brows.
BROW_EDGES = ((63, 53), (105, 52), (66, 65), (293, 283), (334, 282), (296, 295))


def measures(mesh: np.ndarray) -> dict[str, np.ndarray]:
    """The nine measures that the estimator has heads for, from meshes [..., 478, 2] in any similarity frame (src/face/measure.cpp)."""
    def distance(a: int, b: int) -> np.ndarray:
        return np.linalg.norm(mesh[..., a, :] - mesh[..., b, :], axis=-1)

    height, width = distance(10, 152), distance(234, 454)
    return {
        "face_width": width / height,
        "jaw_width": distance(172, 397) / width,
        "forehead_height": distance(10, 9) / height,
        "nose_length": distance(168, 2) / height,
        "brow_height": (distance(105, 159) + distance(334, 386)) / 2 / height,
        "eye_spacing": distance(133, 362) / width,
        "eye_size": (distance(33, 133) + distance(263, 362)) / 2 / width,
        "nose_width": distance(129, 358) / width,
        "mouth_width": distance(61, 291) / width,
    }


def mesh_measures(mesh: np.ndarray) -> dict[str, np.ndarray]:
    """The measures that the program reads off the mesh [..., 478, 2] alone: shares of the face's height, and two tilts in degrees."""
    def distance(a: int, b: int) -> np.ndarray:
        return np.linalg.norm(mesh[..., a, :] - mesh[..., b, :], axis=-1)

    def above_chin(*points: int) -> np.ndarray:
        return np.linalg.norm(mesh[..., points, :].mean(-2) - mesh[..., 152, :], axis=-1)

    def rise(outer: int, inner: int) -> np.ndarray:
        way = mesh[..., outer, :] - mesh[..., inner, :]
        return np.degrees(np.arctan2(-way[..., 1], np.abs(way[..., 0])))

    height = distance(10, 152)
    return {
        "chin_length": distance(17, 152) / height,
        "eye_height": above_chin(33, 133, 263, 362) / height,
        "mouth_height": above_chin(61, 291) / height,
        "lip_fullness": (distance(0, 13) + distance(14, 17)) / height,
        "brow_thickness": sum(distance(*pair) for pair in BROW_EDGES) / len(BROW_EDGES) / height,
        "eye_tilt": (rise(33, 133) + rise(263, 362)) / 2,
        "brow_tilt": (rise(70, 107) + rise(300, 336)) / 2,
    }


def ear_size(ears: np.ndarray, mesh: np.ndarray, least: float = 0.2) -> float:
    """The height of the taller visible ear of one person as a share of the face's: `ears` bool [S, S], `mesh` [478, 2] in 0..1. NaN where
    both are hidden."""
    chin = mesh[152] * len(ears)
    up = mesh[10] * len(ears) - chin
    height = float(np.linalg.norm(up))
    rows, columns = np.nonzero(ears)
    way = np.stack([columns, rows], 1) + 0.5 - chin
    rises, at_right = way @ up / height, way[:, 0] * up[1] - way[:, 1] * up[0] > 0
    longest = max((np.ptp(rises[side]) for side in (at_right, ~at_right) if side.any()), default=0.0) / height
    return longest if longest >= least else float("nan")


def read_rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
