"""What an engine's variants and colours mean in the project's attributes (semantics.json)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from ..core.color import ciede2000


@dataclass
class Semantics:
    """`components[component][variant or "none"][attribute]` is a list of values; later components in `order` win."""
    order: list[str]
    components: dict[str, dict[str, dict[str, list[str]]]]
    colors: dict[str, dict]
    exclude: dict[str, list[str]] = field(default_factory=dict)
    impossible: list[str] = field(default_factory=list)
    definition_sha256: str = ""

    @classmethod
    def load(cls, path: str | Path) -> Semantics:
        data = json.loads(Path(path).read_text())
        components = {component: {variant: {attribute: [str(v) for v in (value if isinstance(value, list) else [value])]
                                            for attribute, value in meaning.items()}
                                  for variant, meaning in variants.items()}
                      for component, variants in data["components"].items()}
        return cls(data["order"], components, data["colors"], data.get("exclude", {}), data.get("impossible", []),
                   data.get("definition_sha256", ""))

    def meaning(self, component: str, variant: str | None) -> dict[str, list[str]]:
        """attribute -> values that a variant may show; empty when it says nothing."""
        return self.components.get(component, {}).get("none" if variant is None else variant, {})

    def read(self, avatar: dict) -> dict[str, str]:
        """What the avatar shows: colours by their nearest anchor, then the components in order, the first value each."""
        shown: dict[str, str] = {}
        for role, spec in self.colors.items():
            color = avatar["colors"].get(spec["color"])
            if color and role in ROLE_ATTRIBUTES:
                shown[ROLE_ATTRIBUTES[role]] = nearest(spec["anchors"], color)
        for component in self.order:
            for attribute, values in self.meaning(component, avatar["discrete"].get(component)).items():
                shown[attribute] = values[0]
        for attribute in self.impossible:
            shown.pop(attribute, None)
        return shown


ROLE_ATTRIBUTES = {"skin": "skin_tone", "hair": "hair_color"}


def nearest(anchors: dict[str, str], color: str) -> str:
    """The value whose anchor is nearest to a colour (an anchor may be one hex or a list)."""
    return min(anchors, key=lambda value: min(ciede2000(color, hexa) for hexa in
                                              ([anchors[value]] if isinstance(anchors[value], str) else anchors[value])))
