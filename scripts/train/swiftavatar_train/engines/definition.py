"""Avatar engines as data: reads a definition (DiceBear 10 plus `parameters`, `anchors`, `tied`), and says where its avatars' parts are.

The C++ program does the same in src/avatar; the two must stay in step. An avatar is the `avatar` object of a result:
{"discrete": {component: variant or None}, "continuous": {slider: value}, "colors": {name: "#rrggbb"}}.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from .blend import NUMBER, structure

Avatar = dict[str, dict]


@dataclass(frozen=True)
class Drive:
    """What a slider does to a component; see `Definition.place` for the arithmetic."""
    slider: str
    component: str
    property: str
    start: float | str
    end: float | str
    instance: int = -1


@dataclass
class Definition:
    """What a definition says. `variants[component]` excludes nothing; `optional` components may be None."""
    definition: dict
    sha256: str = ""
    width: float = 0.0
    height: float = 0.0
    variants: dict[str, list[str]] = field(default_factory=dict)
    optional: dict[str, float] = field(default_factory=dict)
    sliders: dict[str, dict] = field(default_factory=dict)
    palettes: dict[str, list[str]] = field(default_factory=dict)
    tied: dict[str, str] = field(default_factory=dict)
    drives: list[Drive] = field(default_factory=list)
    name: str = ""
    render_command: str = ""  # a program that draws the avatars; empty: the definition does
    _alike: dict[tuple[str, str, str], bool] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | Path, render_command: str = "") -> Self:
        """Reads definition.json. Raises ValueError naming what is wrong in it."""
        data = Path(path).read_bytes()
        definition = json.loads(data)
        canvas = definition.get("canvas")
        if not isinstance(canvas, dict) or "elements" not in canvas:
            raise ValueError(f"{path}: no canvas.elements, so this is no DiceBear definition")
        engine = cls(definition, hashlib.sha256(data).hexdigest(), canvas["width"], canvas["height"])
        engine.components = {}
        for name, component in definition.get("components", {}).items():
            source = definition["components"][component["extends"]] if "extends" in component else component
            engine.components[name] = source
            engine.variants[name] = list(source["variants"])
            if source.get("probability", 100) < 100:
                engine.optional[name] = source["probability"] / 100
        engine.palettes = {name: color["values"] for name, color in definition.get("colors", {}).items()}
        engine.sliders = definition.get("parameters", {})
        engine.tied = definition.get("tied", {})
        for slider, spec in engine.sliders.items():
            for drive in spec["drives"]:
                if drive["component"] not in engine.components:
                    raise ValueError(f"{path}: slider {slider} drives {drive['component']}, which is no component")
                engine.drives.append(Drive(slider, drive["component"], drive["property"], drive["from"], drive["to"],
                                           drive.get("instance", -1)))
        engine.name, engine.render_command = Path(path).absolute().parent.name, render_command
        return engine

    # -- avatars ------------------------------------------------------------------------------------------------------

    def default_avatar(self) -> Avatar:
        """First variant of every component, slider defaults, first colours."""
        return {"discrete": {name: variants[0] for name, variants in self.variants.items()},
                "continuous": {name: spec["default"] for name, spec in self.sliders.items()},
                "colors": {name: values[0] for name, values in self.palettes.items()}}

    def tie(self, avatar: Avatar) -> Avatar:
        """Sets tied components to their master's variant, in place."""
        for component, master in self.tied.items():
            avatar["discrete"][component] = avatar["discrete"][master]
        return avatar

    def position(self, avatar: Avatar, slider: str) -> float:
        """-1 at the slider's minimum, 0 at its default, 1 at its maximum, linear on either side."""
        spec = self.sliders[slider]
        value = avatar["continuous"].get(slider, spec["default"])
        span = spec["max"] - spec["default"] if value > spec["default"] else spec["default"] - spec["min"]
        return (value - spec["default"]) / span if span else 0.0

    def place(self, avatar: Avatar, name: str, instance: int) -> tuple[float, float, float, float, float]:
        """Sum or product of the drives on one reference: translate x, y, rotate (degrees), scale x, y."""
        x = y = angle = 0.0
        scale_x = scale_y = 1.0
        for drive in self.drives:
            if drive.component != name or drive.instance not in (-1, instance) or drive.property == "blend":
                continue
            at = self.position(avatar, drive.slider)
            end, share = (drive.start, -at) if at < 0 else (drive.end, at)
            if drive.property == "translateX":
                x += share * end
            elif drive.property == "translateY":
                y += share * end
            elif drive.property == "rotate":
                angle += share * end
            elif drive.property == "scaleX":
                scale_x *= 1 + share * (end - 1)
            elif drive.property == "scaleY":
                scale_y *= 1 + share * (end - 1)
        return x, y, angle, scale_x, scale_y

    def blends(self, avatar: Avatar, name: str, instance: int) -> list[tuple[float, str, str]]:
        """(amount, from, to) of the blend drives on one reference that are not at rest; from and to are variants."""
        found = [(self.position(avatar, drive.slider) / 2, str(drive.start), str(drive.end)) for drive in self.drives
                 if drive.component == name and drive.property == "blend" and drive.instance in (-1, instance)]
        return [blend for blend in found if blend[0]]

    def elements(self, component: str, variant: str) -> list[dict]:
        if variant not in self.components[component]["variants"]:
            raise ValueError(f"{component} has no variant {variant}")
        return self.components[component]["variants"][variant]["elements"]

    def blend_alike(self, component: str, one: str | None, other: str) -> bool:
        """Whether a variant has the structure of another, so that the other's blends move it."""
        if one is None:
            return False
        if (component, one, other) not in self._alike:
            self._alike[component, one, other] = structure(self.elements(component, one)) == structure(self.elements(component, other))
        return self._alike[component, one, other]

    # -- anchors ------------------------------------------------------------------------------------------------------

    def anchors(self, avatar: Avatar) -> dict[int, tuple[float, float]]:
        """Mesh index -> point of the drawn face in canvas pixels."""
        references = self._reference_matrices()
        points = {}
        for index, anchor in self.definition.get("anchors", {}).items():
            name, instance = anchor["component"], anchor.get("instance", 0)
            places = anchor.get("variants", {})

            def at(variant: str | None) -> np.ndarray:
                return np.array(places.get(variant, (anchor["x"], anchor["y"])), float)

            variant = avatar["discrete"].get(name)
            point = at(variant)
            for amount, start, end in self.blends(avatar, name, instance):
                if self.blend_alike(name, variant, start):
                    point = point + amount * (at(end) - at(start))
            x, y, angle, scale_x, scale_y = self.place(avatar, name, instance)
            component = self.components[name]
            centre = np.array([component.get("width", 0) / 2, component.get("height", 0) / 2])
            c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            local = np.array([[c, -s], [s, c]]) @ ((point - centre) * (scale_x, scale_y)) + centre + (x, y)
            moved = references[name][instance] @ np.append(local, 1.0)
            points[int(index)] = (float(moved[0]), float(moved[1]))
        return points

    def _reference_matrices(self) -> dict[str, list[np.ndarray]]:
        """Of each component: the matrices of its references, in document order."""
        if not hasattr(self, "_references"):
            self._references: dict[str, list[np.ndarray]] = {}
            self._find_references(self.definition["canvas"]["elements"], np.eye(3))
        return self._references

    def _find_references(self, elements: list[dict], matrix: np.ndarray) -> None:
        for element in elements:
            own = matrix @ parse_transform(element.get("attributes", {}).get("transform", ""))
            if element["type"] == "component":
                self._references.setdefault(element["name"], []).append(own)
                for variant in self.components[element["name"]]["variants"].values():
                    if any(e["type"] == "component" for e in variant["elements"]):
                        self._find_references(variant["elements"], own)
                        break
            self._find_references(element.get("children", []), own)


def parse_transform(text: str) -> np.ndarray:
    """3x3 matrix of an SVG transform list of translate, scale, rotate and matrix."""
    result = np.eye(3)
    for name, arguments in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        values = [float(n) for n in NUMBER.findall(arguments)]
        step = np.eye(3)
        if name == "translate":
            step[:2, 2] = (values + [0.0])[:2]
        elif name == "scale":
            step[0, 0], step[1, 1] = values[0], values[-1]
        elif name == "rotate":
            c, s = math.cos(math.radians(values[0])), math.sin(math.radians(values[0]))
            centre = np.array(values[1:3] or (0.0, 0.0))
            step[:2, :2] = [[c, -s], [s, c]]
            step[:2, 2] = centre - step[:2, :2] @ centre
        elif name == "matrix":
            step[:2] = np.array(values).reshape(3, 2).T
        else:
            raise ValueError(f"transform {name} is not supported")
        result = result @ step
    return result
