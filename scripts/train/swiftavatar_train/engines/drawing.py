"""From an avatar to an SVG document: one walk over a definition's canvas."""

from __future__ import annotations

from xml.sax.saxutils import escape

from ..core.labels import PARTS
from .blend import NOT_OF_REFERENCES, blend, format_number, join_numbers, split_numbers
from .definition import Avatar, Definition

ROUGH = 0.5  # elements fainter than this are shading: they carry no label of their own


class Drawing:
    """One walk over the canvas. Colours, drives, blends and, for labels, the part of each component are filled in."""

    def __init__(self, engine: Definition, avatar: Avatar, labels: bool) -> None:
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

    def element(self, element: dict, out: list[str], part: int, in_mask: bool, on_canvas: bool = True) -> None:
        if element["type"] == "text":
            value = element["value"]
            out.append(escape(value if isinstance(value, str) else ""))
            return
        if element["type"] == "component":
            self.component(element, out, in_mask, on_canvas)
            return
        name, attributes = element["name"], element.get("attributes", {})
        in_mask = in_mask or name == "mask"
        values = dict(attributes)
        if self.labels and not in_mask:
            if any(float(values.get(key, 1)) < ROUGH for key in ("opacity", "fill-opacity", "stroke-opacity")):
                return
            for key in ("opacity", "fill-opacity", "stroke-opacity", "filter"):
                values.pop(key, None)
            for key in ("fill", "stroke"):
                if key in values and values[key] != "none":
                    values[key] = part_color(part)
        if self.stroke != 1 and "stroke-width" in values:
            literals, numbers = split_numbers(str(values["stroke-width"]), False)
            values["stroke-width"] = join_numbers(literals, [number * self.stroke for number in numbers])
        children = element.get("children", [])
        inside: list[str] = []
        for child in children:
            self.element(child, inside, part, in_mask, on_canvas)
        if name == "g" and children and not inside and "id" not in values:
            return  # its optional components are absent
        out.append(f"<{name}" + "".join(self.attribute(key, value) for key, value in values.items()))
        out.extend([">", *inside, f"</{name}>"] if children else ["/>"])

    def component(self, element: dict, out: list[str], in_mask: bool, on_canvas: bool) -> None:
        engine, name = self.engine, element["name"]
        instance = self.seen.get(name, 0) if on_canvas else -1
        if on_canvas:
            self.seen[name] = instance + 1
        variant = self.drawn(name)
        if variant is None:
            return
        attributes = {key: value for key, value in element.get("attributes", {}).items() if key not in NOT_OF_REFERENCES}
        offset = [float(element.get("attributes", {}).get(key, 0)) for key in ("x", "y")]
        transform = f"{attributes.pop('transform', '')} {self.transform(name, instance, *offset)}".strip()
        if transform:
            attributes["transform"] = transform
        tags = engine.components[name]["variants"][variant].get("tags", []) if variant in engine.variants[name] else []
        part = next((PARTS.index(tag) for tag in tags if tag in PARTS), 0)
        steps = [(amount, engine.elements(name, start), engine.elements(name, end))
                 for amount, start, end in engine.blends(self.avatar, name, instance)]
        out.append("<g" + "".join(self.attribute(key, value) for key, value in attributes.items()) + ">")
        stroke = self.stroke
        if engine.components[name].get("keepStroke"):
            *_, scale_x, scale_y = engine.place(self.avatar, name, instance)
            self.stroke /= (scale_x + scale_y) / 2
        for child in blend(engine.elements(name, variant), steps):
            self.element(child, out, part, in_mask, on_canvas=False)
        self.stroke = stroke
        out.append("</g>")

    def transform(self, name: str, instance: int, offset_x: float, offset_y: float) -> str:
        """The drives as an SVG transform about the component's centre, then the reference's own move; empty where nothing moves."""
        x, y, angle, scale_x, scale_y = self.engine.place(self.avatar, name, instance)
        component = self.engine.components[name]
        cx, cy = component.get("width", 0) / 2 + offset_x, component.get("height", 0) / 2 + offset_y
        parts = []
        if x or y:
            parts.append(_call("translate", x, y))
        if angle:
            parts.append(_call("rotate", angle, cx, cy))
        if scale_x != 1 or scale_y != 1:
            parts += [_call("translate", cx, cy), _call("scale", scale_x, scale_y), _call("translate", -cx, -cy)]
        if offset_x or offset_y:
            parts.append(_call("translate", offset_x, offset_y))
        return " ".join(parts)


def _call(name: str, *values: float) -> str:
    return f"{name}({' '.join(map(format_number, values))})"


def part_color(part: int) -> str:
    level = part * 16 + 8  # the middle of sixteen levels: rounding in the rasteriser cannot change the part
    return f"#{level:02x}{level:02x}{level:02x}"


