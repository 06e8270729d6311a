"""Reference avatars: what a photo's labels and checked landmarks determine in an engine, by a rule; no mask, no network.

They stand in for the avatars that designers make. The rule (docs/comparison.md tells it in words):
- variants: those whose meaning in the semantics agrees best with the labels (PRIORITY); of equal ones the first of TYPICAL,
  then of the definition;
- sliders: the measure's rank among the train photos' people, so that the drawn face has that measure;
  where an engine has no sliders, the head whose width and jaw are nearest to the person's;
- colours: anchors of the labelled skin tone and hair colour, the skin's hue half way to that of the cheeks; iris and lips
  half way from the palette's nearest to what is seen at the landmarks.
What nothing determines is left at the engine's default.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from ...core.color import ciede2000, from_lab, to_hex, to_lab
from ...core.labels import ATTRIBUTES, GROUPS, measures
from ...engines.definition import Avatar
from ...engines.engine import Engine
from ...engines.semantics import Semantics, nearest
from ...engines.visible import drawn_mesh

PRIORITY = {"hair_length": 8.0, "fringe": 3.0}  # of attributes that one component decides together; others 1
TYPICAL = ("sidePart", "buzz", "lowBun", "goatee", "shortBeard", "rectangle", "softSmile", "teethSmile")
CHEEKS = (50, 280, 205, 425)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
MOUTH = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
IRISES = ((468, 469, 471), (473, 474, 476))  # centre and two ends of a diameter
LOW, SPAN = 0.05, 0.9   # ranks fill the middle of a slider, as in the program
DARKER = 0.85           # lightness of brows and facial hair relative to the hair
TURNED = 2.0            # the nose is this much nearer to one side of the face than to the other: measures say little
ROUNDS = 12
GREY = 5.0              # chroma below which a black-and-white photo shows no hue


@dataclass
class Reference:
    """The avatar, and what else would be as right: `allowed` lists equal variants of a component, `free` names sliders,
    colours and components of which labels and landmarks say nothing."""

    avatar: Avatar
    allowed: dict[str, list[str | None]]
    free: dict[str, list[str]] = field(default_factory=dict)

    def nearest_to(self, avatar: Avatar) -> Avatar:
        """The equally right avatar that is most like `avatar`: it follows it in all that the rule leaves open."""
        follower = copy.deepcopy(self.avatar)
        for component, names in self.allowed.items():
            if avatar["discrete"].get(component) in names:
                follower["discrete"][component] = avatar["discrete"].get(component)
        for group, names in self.free.items():
            follower[group].update({name: avatar[group][name] for name in names if name in avatar[group]})
        return follower


def points_of(mesh: np.ndarray, indices: tuple[int, ...], side: int) -> np.ndarray:
    return np.round(mesh[list(indices)] * side).astype(np.int32)


def median_color(crop: np.ndarray, inside: np.ndarray) -> str | None:
    """The median of the pixels in a mask, as hex; None where there are too few."""
    pixels = crop[inside > 0]
    return to_hex(tuple(np.median(pixels, 0))) if len(pixels) >= 8 else None


def cheek_color(crop: np.ndarray, mesh: np.ndarray) -> str | None:
    mask = np.zeros(crop.shape[:2], np.uint8)
    for x, y in points_of(mesh, CHEEKS, crop.shape[0]):
        cv2.circle(mask, (int(x), int(y)), crop.shape[0] // 50, 255, -1)
    return median_color(crop, mask)


def lip_color(crop: np.ndarray, mesh: np.ndarray) -> str | None:
    mask = np.zeros(crop.shape[:2], np.uint8)
    cv2.fillPoly(mask, [points_of(mesh, LIPS, crop.shape[0])], 255)
    cv2.fillPoly(mask, [points_of(mesh, MOUTH, crop.shape[0])], 0)
    return median_color(crop, mask)


def iris_color(crop: np.ndarray, mesh: np.ndarray) -> str | None:
    """The lower half of both irises' rings: lids and lashes shade the upper one."""
    mask, side = np.zeros(crop.shape[:2], np.uint8), crop.shape[0]
    for centre, first, last in IRISES:
        x, y = mesh[centre] * side
        radius = float(np.linalg.norm(mesh[first] - mesh[last])) * side / 2
        for share, value in ((0.9, 255), (0.45, 0)):
            cv2.ellipse(mask, (round(x), round(y)), (max(1, round(radius * share)),) * 2, 0, -10, 190, value, -1)
    return median_color(crop, mask)


class ReferenceMaker:
    """Reference avatars of one engine; `people` are the train photos' checked landmarks [N, 478, 2]."""

    def __init__(self, engine: Engine, semantics: Semantics, people: np.ndarray) -> None:
        self.engine, self.semantics = engine, semantics
        self.people = {name: np.sort(values) for name, values in measures(people).items()}
        self.measured = {name: spec["measure"] for name, spec in engine.sliders.items() if spec.get("measure") in self.people}
        self.decided = [name for name in semantics.order if name in engine.variants]
        self.ends = {name: self.range_of(name) for name in self.measured}

    def range_of(self, slider: str) -> tuple[float, float]:
        """The drawn measure at the slider's minimum and maximum, all else at its default."""
        found = []
        for end in ("min", "max"):
            avatar = self.engine.default_avatar()
            avatar["continuous"][slider] = self.engine.sliders[slider][end]
            found.append(float(measures(drawn_mesh(self.engine, avatar))[self.measured[slider]]))
        return found[0], found[1]

    def __call__(self, labels: dict[str, str], crop: np.ndarray, mesh: np.ndarray) -> Reference:
        """`crop` uint8 [S, S, 3] is the aligned photo, `mesh` [478, 2] its checked landmarks in 0..1 of it."""
        avatar = self.engine.default_avatar()
        allowed = {component: self.variants_for(component, labels) for component in self.decided}
        for component, names in allowed.items():
            avatar["discrete"][component] = min(names, key=lambda name: TYPICAL.index(name) if name in TYPICAL else len(TYPICAL))
        undecided = [name for name in self.engine.variants if name not in allowed and name not in self.engine.tied]
        for component in undecided:
            if component in self.engine.optional:
                avatar["discrete"][component] = None
            allowed[component] = [*self.engine.variants[component], None]
        sides = [abs(float(mesh[1, 0] - mesh[index, 0])) + 1e-6 for index in (234, 454)]
        if max(sides) < TURNED * min(sides):
            lengths = {name: float(value) for name, value in measures(mesh.astype(float)).items()}
            if self.measured:
                self.set_sliders(avatar, lengths)
            elif "head" in allowed:
                avatar["discrete"]["head"] = self.nearest_head(lengths)
                allowed["head"] = [avatar["discrete"]["head"]]
        self.set_colors(avatar, labels, crop, mesh)
        roles = {spec["color"] for role, spec in self.semantics.colors.items() if role in ("skin", "hair", "brows", "facial_hair",
                                                                                           "eyes", "lips")}
        return Reference(self.engine.tie(avatar), allowed,
                         {"continuous": [name for name in self.engine.sliders if name not in self.measured],
                          "colors": [name for name in self.engine.palettes if name not in roles]})

    def variants_for(self, component: str, labels: dict[str, str]) -> list[str | None]:
        """The variants (None: absent) that agree best with the labels, in the definition's order."""
        excluded = self.semantics.exclude.get(component, [])
        options: list[str | None] = [name for name in self.engine.variants[component] if name not in excluded]
        if component in self.engine.optional:
            options.insert(0, None)

        def agreement(name: str | None) -> float:
            total = 0.0
            for attribute, values in self.semantics.meaning(component, name).items():
                label, weight = labels.get(attribute, ""), PRIORITY.get(attribute, 1.0)
                if label not in ATTRIBUTES.get(attribute, ()):
                    continue
                if values[0] == label:
                    total += weight
                else:
                    same = any(label in group and values[0] in group for group in GROUPS.get(attribute, ()))
                    total += weight / 2 if same else -weight
            return total

        scores = [agreement(name) for name in options]
        return [name for name, score in zip(options, scores) if score == max(scores)]

    def rank(self, measure: str, value: float) -> float:
        people = self.people[measure]
        return float(np.searchsorted(people, value)) / len(people)

    def set_sliders(self, avatar: Avatar, lengths: dict[str, float]) -> None:
        """Sliders by rank, then moved together until the drawn measures are those that each alone would give."""
        wanted, position = {}, {}
        for name, measure in self.measured.items():
            position[name] = LOW + SPAN * self.rank(measure, lengths[measure])
            first, last = self.ends[name]
            wanted[name] = first + position[name] * (last - first)
        for step in range(ROUNDS):
            for name, spec in ((name, self.engine.sliders[name]) for name in self.measured):
                avatar["continuous"][name] = round(spec["min"] + position[name] * (spec["max"] - spec["min"]), 4)
            drawn = measures(drawn_mesh(self.engine, avatar))
            for name, measure in self.measured.items():
                first, last = self.ends[name]
                if last != first:
                    position[name] = float(np.clip(position[name] + 0.6 * (wanted[name] - float(drawn[measure])) / (last - first), 0, 1))

    def nearest_head(self, lengths: dict[str, float]) -> str:
        """The head whose width and jaw deviate from the average head's as the person's do from the average person's."""
        names, columns = [name for name in self.engine.variants["head"] if name not in self.semantics.exclude.get("head", [])], []
        for measure in ("face_width", "jaw_width"):
            drawn = []
            for name in names:
                avatar = self.engine.default_avatar()
                avatar["discrete"]["head"] = name
                drawn.append(float(measures(drawn_mesh(self.engine, avatar))[measure]))
            people = self.people[measure]
            person = np.clip((lengths[measure] - people.mean()) / people.std(), -1.5, 1.5)
            columns.append((np.array(drawn) - np.mean(drawn)) / (np.std(drawn) + 1e-9) - person)
        return names[int(np.square(columns).sum(0).argmin())]

    def set_colors(self, avatar: Avatar, labels: dict[str, str], crop: np.ndarray, mesh: np.ndarray) -> None:
        roles, colors = self.semantics.colors, avatar["colors"]
        if "skin" in roles and labels["skin_tone"] in roles["skin"]["anchors"]:
            anchors = roles["skin"]["anchors"]
            colors[roles["skin"]["color"]] = tinted(first_of(anchors[labels["skin_tone"]]), cheek_color(crop, mesh), anchors)
        if "hair" in roles:
            anchors = roles["hair"]["anchors"]
            hair = first_of(anchors.get(labels["hair_color"]) or anchors.get("dark_brown") or next(iter(anchors.values())))
            colors[roles["hair"]["color"]] = hair
            lightness, a, b = to_lab(hair)
            for role in ("brows", "facial_hair"):
                if role in roles:
                    colors[roles[role]["color"]] = from_lab((lightness * DARKER, a, b))
        for role, seen in (("eyes", iris_color(crop, mesh)), ("lips", lip_color(crop, mesh))):
            palette = self.engine.palettes.get(roles.get(role, {}).get("color", ""), [])
            if seen and palette and chroma(seen) > GREY:
                near = to_lab(min(palette, key=lambda value: ciede2000(seen, value)))
                colors[roles[role]["color"]] = from_lab(tuple((a + b) / 2 for a, b in zip(near, to_lab(seen))))


def first_of(anchor: str | list[str]) -> str:
    return anchor if isinstance(anchor, str) else anchor[0]


def chroma(color: str) -> float:
    _, a, b = to_lab(color)
    return math.hypot(a, b)


def tinted(anchor: str, seen: str | None, anchors: dict[str, str | list[str]]) -> str:
    """The anchor with its hue half way to the colour that was seen, as long as it reads as the same value."""
    if seen is None or chroma(seen) < GREY:
        return anchor
    lightness, a, b = to_lab(anchor)
    _, seen_a, seen_b = to_lab(seen)
    color = from_lab((lightness, (a + seen_a) / 2, (b + seen_b) / 2))
    return color if nearest(anchors, color) == nearest(anchors, anchor) else anchor
