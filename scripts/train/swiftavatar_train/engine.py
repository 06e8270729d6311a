"""Avatar engines as data: reads a definition (DiceBear 10 plus `parameters`, `anchors`, `tied`) and draws avatars.

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
from xml.sax.saxutils import escape

import numpy as np

from .external_renderer import draw
from .rasterise import rasterise
from .semantics import Semantics

Avatar = dict[str, dict]

PARTS = ("background", "skin", "eye", "brow", "mouth", "nose", "ear", "hair", "neck", "cloth", "glasses", "hat",
         "earring")
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
ROUGH = 0.5  # elements fainter than this are shading: they carry no label of their own


@dataclass(frozen=True)
class Drive:
    """What a slider does to a component; see `Engine._place` for the arithmetic."""
    slider: str
    component: str
    property: str
    start: float | str
    end: float | str
    instance: int = -1


@dataclass
class Engine:
    """A definition, ready to draw. `variants[component]` excludes nothing; `optional` components may be None."""
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

    @classmethod
    def load(cls, path: str | Path, render_command: str = "") -> Engine:
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
        engine._numbers = {}
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

    def random_avatar(self, rng: np.random.Generator, semantics: Semantics,
                      attributes: dict[str, str] | None = None) -> Avatar:
        """A random, natural avatar; `attributes` fixes what it must show. See `sampling.random_avatar`."""
        from .sampling import random_avatar
        return random_avatar(self, rng, semantics, attributes or {})

    # -- drawing ------------------------------------------------------------------------------------------------------

    def svg(self, avatar: Avatar) -> str:
        """The avatar as an SVG document."""
        return self._document(avatar, labels=False)

    def svg_labels(self, avatar: Avatar) -> str:
        """The avatar in flat part colours without smoothing; `labels` turns its pixels into part indices.

        A variant's first tag that names a part says what it is; faint elements (shading) are left out.
        """
        return self._document(avatar, labels=True)

    def render(self, avatar: Avatar, size: int) -> np.ndarray:
        """uint8 [size, size, 4] RGBA."""
        if self.render_command:
            return draw(self.render_command, self.name, avatar, size)
        return rasterise(self.svg(avatar), size)

    def labels(self, avatar: Avatar, size: int) -> np.ndarray:
        """uint8 [size, size]: the part index of every pixel."""
        return rasterise(self.svg_labels(avatar), size)[..., 0] // 16

    def _document(self, avatar: Avatar, labels: bool) -> str:
        drawing = _Drawing(self, avatar, labels)
        out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}"']
        for name, value in self.definition.get("attributes", {}).items():
            out.append(drawing.attribute(name, value))
        out.append(' shape-rendering="crispEdges">' if labels else ">")
        background = avatar["colors"].get("background")
        if background or labels:
            fill = _part_color(0) if labels else background
            out.append(f'<rect width="{self.width:g}" height="{self.height:g}" fill="{fill}"/>')
        for element in self.definition["canvas"]["elements"]:
            drawing.element(element, out, 0, False)
        out.append("</svg>")
        return "".join(out)

    def position(self, avatar: Avatar, slider: str) -> float:
        """-1 at the slider's minimum, 0 at its default, 1 at its maximum, linear on either side."""
        spec = self.sliders[slider]
        value = avatar["continuous"].get(slider, spec["default"])
        span = spec["max"] - spec["default"] if value > spec["default"] else spec["default"] - spec["min"]
        return (value - spec["default"]) / span if span else 0.0

    def _place(self, avatar: Avatar, name: str, instance: int) -> tuple[float, float, float, float, float]:
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

    def _transform(self, avatar: Avatar, name: str, instance: int) -> str:
        """The drives as an SVG transform about the component's centre; empty when none moves it."""
        x, y, angle, scale_x, scale_y = self._place(avatar, name, instance)
        component = self.components[name]
        cx, cy = component.get("width", 0) / 2, component.get("height", 0) / 2
        parts = []
        if x or y:
            parts.append(f"translate({x:.4g} {y:.4g})")
        if angle:
            parts.append(f"rotate({angle:.4g} {cx:g} {cy:g})")
        if scale_x != 1 or scale_y != 1:
            parts.append(f"translate({cx:g} {cy:g}) scale({scale_x:.5g} {scale_y:.5g}) translate({-cx:g} {-cy:g})")
        return " ".join(parts)

    def _blends(self, avatar: Avatar, name: str) -> list[tuple[float, str, str]]:
        """(weight, from, to) of the blend drives that are not at rest: a path number gains weight * (to - from)."""
        found = [(self.position(avatar, d.slider) / 2, str(d.start), str(d.end)) for d in self.drives
                 if d.component == name and d.property == "blend"]
        return [blend for blend in found if blend[0]]

    def path_numbers(self, component: str, variant: str) -> list[np.ndarray]:
        """Numbers of every `d` of a variant, in document order."""
        key = (component, variant)
        if key not in self._numbers:
            paths: list[np.ndarray] = []
            _collect_paths(self.components[component]["variants"][variant]["elements"], paths)
            self._numbers[key] = paths
        return self._numbers[key]

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

            point = at(avatar["discrete"].get(name))
            for weight, start, end in self._blends(avatar, name):
                point = point + weight * (at(end) - at(start))
            x, y, angle, scale_x, scale_y = self._place(avatar, name, instance)
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


class _Drawing:
    """One walk over the canvas. Colours, drives, blends and, for labels, the part of each component are filled in."""

    def __init__(self, engine: Engine, avatar: Avatar, labels: bool) -> None:
        self.engine, self.avatar, self.labels = engine, avatar, labels
        self.seen: dict[str, int] = {}
        self.stroke = 1.0  # factor of stroke widths, inside components that keep them

    def drawn(self, name: str) -> str | None:
        """The variant that is drawn: the chosen one, or what `substitutes` puts in its place."""
        chosen = self.avatar["discrete"].get(name)
        rule = self.engine.definition.get("substitutes", {}).get(self.engine.tied.get(name, name))
        if rule and self.avatar["discrete"].get(rule["where"]) in rule["shows"]:
            return rule["draw"].get(chosen)
        return chosen

    def attribute(self, name: str, value: str | dict | None) -> str:
        if value is None:
            return ""
        if isinstance(value, dict):
            value = self.avatar["colors"].get(value["name"]) or "none"
        return f' {name}="{escape(str(value), {chr(34): "&quot;"})}"'

    def element(self, element: dict, out: list[str], part: int, in_mask: bool, paths: list | None = None) -> None:
        if element["type"] == "text":
            value = element["value"]
            out.append(escape(value if isinstance(value, str) else ""))
            return
        if element["type"] == "component":
            self.component(element, out, in_mask)
            return
        name, attributes = element["name"], element.get("attributes", {})
        in_mask = in_mask or name == "mask"
        values = dict(attributes)
        if paths and "d" in values:
            values["d"] = paths.pop(0)
        if self.labels and not in_mask:
            if any(float(values.get(key, 1)) < ROUGH for key in ("opacity", "fill-opacity", "stroke-opacity")):
                return
            for key in ("opacity", "fill-opacity", "stroke-opacity", "filter"):
                values.pop(key, None)
            for key in ("fill", "stroke"):
                if key in values and values[key] != "none":
                    values[key] = _part_color(part)
        if self.stroke != 1 and "stroke-width" in values:
            values["stroke-width"] = f"{float(values['stroke-width'].removesuffix('px')) * self.stroke:.6g}"
        children = element.get("children", [])
        inside: list[str] = []
        for child in children:
            self.element(child, inside, part, in_mask, paths)
        if name == "g" and children and not inside and "id" not in values:
            return  # its optional components are absent
        out.append(f"<{name}" + "".join(self.attribute(key, value) for key, value in values.items()))
        out.extend([">", *inside, f"</{name}>"] if children else ["/>"])

    def component(self, element: dict, out: list[str], in_mask: bool) -> None:
        engine, name = self.engine, element["name"]
        instance = self.seen.get(name, 0)
        self.seen[name] = instance + 1
        variant = self.drawn(name)
        if variant is None:
            return
        body = engine.components[name]["variants"].get(variant)
        if body is None:
            raise ValueError(f"{name} has no variant {variant}")
        attributes = dict(element.get("attributes", {}))
        transform = f"{attributes.pop('transform', '')} {engine._transform(self.avatar, name, instance)}".strip()
        if transform:
            attributes["transform"] = transform
        part = next((PARTS.index(tag) for tag in body.get("tags", []) if tag in PARTS), 0)
        paths = self.blended(name, variant)
        out.append("<g" + "".join(self.attribute(key, value) for key, value in attributes.items()) + ">")
        stroke = self.stroke
        if engine.components[name].get("keepStroke"):
            *_, scale_x, scale_y = engine._place(self.avatar, name, instance)
            self.stroke /= (scale_x + scale_y) / 2
        for child in body["elements"]:
            self.element(child, out, part, in_mask, paths)
        self.stroke = stroke
        out.append("</g>")

    def blended(self, name: str, variant: str) -> list[str] | None:
        """The `d` of every path after the blend drives, or None when nothing blends."""
        blends = self.engine._blends(self.avatar, name)
        if not blends:
            return None
        texts: list[str] = []
        _collect_texts(self.engine.components[name]["variants"][variant]["elements"], texts)
        result = []
        for index, (text, numbers) in enumerate(zip(texts, self.engine.path_numbers(name, variant))):
            moved = numbers.copy()
            for weight, start, end in blends:
                moved += weight * (self.engine.path_numbers(name, end)[index] - self.engine.path_numbers(name, start)[index])
            values = iter(moved)
            result.append(NUMBER.sub(lambda _: f"{next(values):.2f} ", text))
        return result


def _part_color(part: int) -> str:
    level = part * 16 + 8  # the middle of sixteen levels: rounding in the rasteriser cannot change the part
    return f"#{level:02x}{level:02x}{level:02x}"


def _collect_texts(elements: list[dict], out: list[str]) -> None:
    for element in elements:
        if "d" in element.get("attributes", {}):
            out.append(element["attributes"]["d"])
        _collect_texts(element.get("children", []), out)


def _collect_paths(elements: list[dict], out: list[np.ndarray]) -> None:
    texts: list[str] = []
    _collect_texts(elements, texts)
    out.extend(np.array([float(n) for n in NUMBER.findall(text)]) for text in texts)


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
