"""Avatar engines that draw: a definition, its drawings and their part labels."""

from __future__ import annotations

import numpy as np

from .definition import Avatar, Definition
from .drawing import Drawing, part_color
from .external_renderer import draw
from .rasterise import rasterise


class Engine(Definition):
    """A definition that draws its avatars."""

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
        drawing = Drawing(self, avatar, labels)
        out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}"']
        for name, value in self.definition.get("attributes", {}).items():
            out.append(drawing.attribute(name, value))
        out.append(' shape-rendering="crispEdges">' if labels else ">")
        background = avatar["colors"].get("background")
        if background or labels:
            fill = part_color(0) if labels else background
            out.append(f'<rect width="{self.width:g}" height="{self.height:g}" fill="{fill}"/>')
        for element in self.definition["canvas"]["elements"]:
            drawing.element(element, out, 0, False)
        out.append("</svg>")
        return "".join(out)
