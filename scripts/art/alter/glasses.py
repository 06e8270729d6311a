"""Glasses with plump frames and large lenses. The box is centred between the eyes (256, 244)."""

from __future__ import annotations

from alter.soft import slope
from glasses import LENSES
from shapes import color, component, flip, line, path, shade, smooth, variant

CENTRE, GROWTH = (311.0, 246.0), 1.13
MORE = {
    "hexagon": [(290, 214, "c"), (333, 214, "c"), (355, 246, "c"), (333, 280, "c"), (290, 280, "c"), (268, 246, "c")],
    "heart": [(311, 290, "c"), (280, 262), (268, 236), (278, 214), (298, 212), (311, 228, "c"), (326, 210), (350, 212), (360, 234), (346, 262)],
    "shield": [(262, 222), (311, 212), (360, 212), (372, 228), (362, 262), (336, 280), (296, 276), (268, 256)],
}


def _grown(lens: list) -> list:
    return [(CENTRE[0] + (x - CENTRE[0]) * GROWTH, CENTRE[1] + (y - CENTRE[1]) * GROWTH, *corner) for x, y, *corner in lens]


def _frame(name: str, width: float, bridge: float, arm: float, tint: tuple[str, str] | None = None, brow: float = 0.0, rim: bool = True) -> list[dict]:
    """`width`: of the rim; `bridge`: y of the bridge; `arm`: y where the arms join; `tint`: colours of a dark lens above and below."""
    lens = _grown((LENSES | MORE)[name])
    sides = [smooth(lens), smooth(flip(lens))]
    inner, outer = min(p[0] for p in lens), max(p[0] for p in lens)
    frame = color("glasses")
    parts: list[dict] = []
    if tint:
        parts.append(slope(f"{name}Tint", [(0, tint[0], 0.97), (1, tint[1], 0.82)]))
        parts += [path(d, f"url(#{name}Tint)") for d in sides]
    else:
        parts += [path(d, "#e9f5ff", opacity=0.05) for d in sides]
    for s in (0, 1):
        x = 311 if s == 0 else 201
        parts.append(shade([(x - 26, bridge + 18, "c"), (x + 10, bridge - 18, "c"), (x + 24, bridge - 18, "c"), (x - 18, bridge + 26, "c")], 0.28 if tint else 0.13, "#ffffff"))
    if rim:
        parts += [path(d, "none", stroke=frame, stroke_width=width, stroke_linejoin="round") for d in sides]
    if brow:
        upper = [(inner + 1, bridge + 4), *sorted([p[:2] for p in lens if p[1] < bridge - 4]), (outer, bridge + 2)]
        parts += [line(points, frame, brow) for points in (upper, flip(upper))]
    parts.append(line([(512 - inner - 1, bridge), (256, bridge - 6), (inner + 1, bridge)], frame, max(width, 5)))
    parts += [line(points, frame, max(width, 5.5)) for points in ([(outer - 1, arm), (382, arm - 1), (394, arm + 3)], [(513 - outer, arm), (130, arm - 1), (118, arm + 3)])]
    return parts


DARK, BROWN = ("#101116", "#3c3f4c"), ("#2a1608", "#8a5a34")
CLEAR = {
    "round": dict(width=6, bridge=240, arm=236, weight=1.8), "rectangle": dict(width=7.5, bridge=238, arm=231, weight=2), "square": dict(width=10, bridge=236, arm=230, weight=2),
    "panto": dict(width=8, bridge=236, arm=231, weight=1.5), "catEye": dict(width=8, bridge=236, arm=218, weight=1.2), "halfRim": dict(width=2, bridge=236, arm=231, brow=8.5, weight=1.2),
    "thin": dict(width=3.6, bridge=241, arm=237, weight=1.5), "hexagon": dict(width=5, bridge=240, arm=240, weight=0.8),
}
SHADES = {"wayfarer": dict(width=9, bridge=234, arm=224, tint=DARK, weight=1.2), "aviator": dict(width=4.6, bridge=232, arm=227, tint=BROWN, weight=1), "roundShades": dict(width=5.5, bridge=240, arm=236, tint=DARK, weight=0.6),
          "shield": dict(width=5.5, bridge=234, arm=228, tint=DARK, weight=0.5), "heartShades": dict(width=7, bridge=236, arm=226, tint=("#7a1030", "#d8567a"), weight=0.15)}
LENS_OF = {"thin": "oval", "roundShades": "round", "heartShades": "heart"}


def glasses() -> dict:
    drawn = {}
    for name, style in (CLEAR | SHADES).items():
        values = dict(style)
        weight = values.pop("weight")
        drawn[name] = variant("glasses", *_frame(LENS_OF.get(name, name), **values), weight=weight)
    return component(512, 488, drawn, probability=30)


def meanings() -> dict[str, dict]:
    return {"none": {"glasses": "none"}} | {n: {"glasses": "eyeglasses"} for n in CLEAR} | {n: {"glasses": "sunglasses"} for n in SHADES}
