"""Python and C++ draw the same avatars of random definitions: every attribute that blends, drives, nested and tied components, offsets."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.core.paths import ROOT
from swiftavatar_train.engines.blend import BLENDED, blend, join_numbers, split_numbers, structure
from swiftavatar_train.engines.engine import Engine
from swiftavatar_train.engines.rasterise import rasterise

PROGRAM = Path(os.environ.get("SWIFTAVATAR", ROOT / "build/dev/bin/swiftavatar"))
SIZE = 96
DEFINITIONS, AVATARS = 12, 4
needs_program = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")


class Maker:
    """Random definitions. Variants of one component that a blend joins have one structure and other numbers."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def number(self, low: float, high: float) -> str:
        value = self.rng.uniform(low, high)
        return [f"{value:.3f}", f"{value:.1f}", str(round(value))][self.rng.integers(3)]

    def color(self) -> object:
        return {"type": "color", "name": "ink"} if self.rng.random() < 0.3 else f"#{self.rng.integers(0, 1 << 24):06x}"

    def shape(self, kind: str) -> dict:
        """An element whose numbers are drawn anew each time, and whose structure follows from its kind alone."""
        n = self.number
        numbers = {
            "path": lambda: {"d": f"M{n(0, 20)} {n(0, 20)}l{n(5, 40)},{n(-9, 9)} C{n(0, 60)} {n(0, 60)} {n(0, 60)},{n(0, 60)} {n(0, 60)} {n(0, 60)}Z"},
            "arc": lambda: {"d": f"M{n(5, 20)} {n(5, 20)}a{n(8, 20)} {n(8, 20)} {n(0, 90)} 01{n(5, 30)} {n(5, 30)}z"},
            "circle": lambda: {"cx": n(10, 50), "cy": n(10, 50), "r": n(3, 20)},
            "ellipse": lambda: {"cx": n(10, 50), "cy": n(10, 50), "rx": n(3, 20), "ry": n(3, 20), "opacity": f"{self.rng.uniform(0.3, 1):.2f}"},
            "rect": lambda: {"x": n(0, 30), "y": n(0, 30), "width": n(10, 30), "height": n(10, 30), "rx": n(1, 5)},
            "line": lambda: {"x1": n(0, 60), "y1": n(0, 60), "x2": n(0, 60), "y2": n(0, 60), "stroke": "#123456", "stroke-width": n(1, 6)},
            "polygon": lambda: {"points": f"{n(0, 60)},{n(0, 60)} {n(0, 60)},{n(0, 60)} {n(0, 60)} {n(0, 60)}"},
            "turned": lambda: {"transform": f"translate({n(0, 9)} {n(0, 9)}) rotate({n(-30, 30)}) scale({n(0.5, 1.5)})",
                               "width": n(10, 30), "height": n(10, 30)},
        }[kind]()
        name = {"arc": "path", "turned": "rect"}.get(kind, kind)
        return {"type": "element", "name": name, "attributes": numbers | ({} if kind == "line" else {"fill": self.color()})}

    def group(self, kinds: list[str], nested: str | None) -> list[dict]:
        inside = [self.shape(kind) for kind in kinds[1:]]
        if nested:
            inside.append({"type": "component", "name": nested,
                           "attributes": {"transform": f"translate({self.number(0, 20)} {self.number(0, 20)})", "x": self.number(0, 9), "y": "3"}})
        group = {"type": "element", "name": "g", "attributes": {"transform": f"rotate({self.number(-20, 20)})"}, "children": inside}
        return [self.shape(kinds[0]), group]

    def component(self, nested: str | None = None, optional: bool = False) -> dict:
        kinds = list(self.rng.permutation(["path", "arc", "circle", "ellipse", "rect", "line", "polygon", "turned"])[:4])
        variants = {name: {"elements": self.group(kinds, nested)} for name in ("plain", "low", "high")}
        variants["odd"] = {"elements": [self.shape("circle")]}  # of another structure: blends do not move it
        return {"width": 60, "height": 60, "variants": variants, **({"probability": 50} if optional else {}),
                **({"keepStroke": True} if self.rng.random() < 0.4 else {})}

    def slider(self, component: str, property: str, start: object, end: object, instance: int | None = None) -> dict:
        low, high = sorted(float(value) for value in self.rng.uniform(-2, 2, 2).round(3))
        return {"min": low, "max": high, "default": round(float(self.rng.uniform(low, high)), 3),
                "drives": [{"component": component, "property": property, "from": start, "to": end,
                            **({} if instance is None else {"instance": instance})}]}

    def definition(self) -> dict:
        def reference(name: str) -> dict:
            attributes = {"transform": f"translate({self.number(0, 90)} {self.number(0, 90)})"}
            return {"type": "component", "name": name, "attributes": attributes | ({"x": self.number(0, 20)} if self.rng.random() < 0.5 else {})}

        return {
            "canvas": {"width": 200, "height": 200, "elements": [
                reference("hair"), reference("eyes"), reference("eyes"),
                {"type": "element", "name": "g", "attributes": {"transform": "scale(0.8)"}, "children": [reference("hat")]}]},
            "components": {"hair": self.component("dot"), "eyes": self.component(), "hat": self.component(optional=True), "dot": self.component()},
            "colors": {"ink": {"values": ["#aa3311"]}, "background": {"values": ["#eeddcc"]}},
            "parameters": {"curl": self.slider("hair", "blend", "low", "high"), "bow": self.slider("hair", "blend", "plain", "low"),
                           "lid": self.slider("eyes", "blend", "low", "high", 0), "dot": self.slider("dot", "blend", "low", "high"),
                           "wide": self.slider("eyes", "scaleX", 0.6, 1.5), "lift": self.slider("eyes", "translateY", -9.5, 12),
                           "turn": self.slider("hat", "rotate", -40, 30), "tall": self.slider("hat", "scaleY", 0.7, 1.3)},
            "anchors": {"1": {"component": "eyes", "instance": 1, "x": 5, "y": 6, "variants": {"low": [1, 2], "high": [9, 7]}},
                        "2": {"component": "hair", "x": 20, "y": 0, "variants": {"low": [16, 1], "high": [28, 3]}}}}

    def avatar(self, engine: Engine) -> dict:
        return {"discrete": {name: None if name in engine.optional and self.rng.random() < 0.3 else str(self.rng.choice(variants))
                             for name, variants in engine.variants.items()},
                "continuous": {name: round(float(self.rng.uniform(spec["min"], spec["max"])), 4) for name, spec in engine.sliders.items()},
                "colors": {"ink": "#2244aa", "background": "#eeddcc"}}


@needs_program
@pytest.mark.parametrize("seed", range(DEFINITIONS))
def test_random_definitions_are_drawn_as_the_program_draws_them(tmp_path: Path, seed: int) -> None:
    maker = Maker(seed)
    (tmp_path / "definition.json").write_text(json.dumps(maker.definition()))
    engine = Engine.load(tmp_path / "definition.json")
    for number in range(AVATARS):
        avatar = maker.avatar(engine)
        (tmp_path / "avatar.json").write_text(json.dumps(avatar))
        done = subprocess.run([PROGRAM, "render", "--engine", tmp_path / "definition.json", "--native", tmp_path / "avatar.json",
                               "-o", tmp_path / f"{number}.svg"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        theirs, ours = rasterise((tmp_path / f"{number}.svg").read_text(), SIZE), rasterise(engine.svg(avatar), SIZE)
        assert np.abs(theirs.astype(int) - ours.astype(int)).max() <= 3, (seed, avatar)


def test_every_blended_attribute_is_that_of_the_program() -> None:
    source = (ROOT / "src/avatar/blend.cpp").read_text()
    listed = re.search(r"to_array<std::string_view>\(\{(.*?)\}\)", source, re.S)
    assert listed is not None and tuple(re.findall(r'"([^"]+)"', listed[1])) == BLENDED


def test_random_definitions_have_all_attributes() -> None:
    """Else the differential test would say nothing of some."""
    drawn = {name for kind in ("path", "circle", "ellipse", "rect", "line", "polygon", "turned") for name in Maker(0).shape(kind)["attributes"]}
    assert set(BLENDED) <= drawn


def test_a_blended_radius_moves() -> None:
    def circle(radius: object) -> list[dict]:
        return [{"type": "element", "name": "circle", "attributes": {"r": radius, "fill": "#ff0000"}}]

    assert blend(circle("10"), [(0.5, circle("4"), circle(8))])[0]["attributes"] == {"r": "12", "fill": "#ff0000"}


def test_another_structure_is_not_blended() -> None:
    one = [{"type": "element", "name": "path", "attributes": {"d": "M0 0L1 1"}}]
    other = [{"type": "element", "name": "path", "attributes": {"d": "M0 0L1 1 2 2"}}]
    assert structure(one) != structure(other) and blend(one, [(1.0, other, other)]) == one


@pytest.mark.parametrize(("text", "literals", "numbers"), [
    ("M1,2 3-4", ["M", "", "", "", ""], [1, 2, 3, -4]), ("a1 1 0 01.5.5", ["a", "", "", "01", "", ""], [1, 1, 0, 0.5, 0.5]),
    ("M.5.5e1+2", ["M", "", "", ""], [0.5, 5, 2])])
def test_numbers_of_paths(text: str, literals: list[str], numbers: list[float]) -> None:
    assert split_numbers(text, True) == (tuple(literals), tuple(numbers))
    assert split_numbers(join_numbers(literals, numbers), True) == (tuple(literals), tuple(numbers))
