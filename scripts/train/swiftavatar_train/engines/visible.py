"""What of an avatar can be seen: an attribute counts only if its part covers LEAST pixels of a drawing of SIDE pixels."""

from __future__ import annotations

import numpy as np

from .engine import Engine
from .semantics import Semantics

SIDE, LEAST = 256, 30
DIFFERENCE = 8  # levels of a channel; less is not seen
ABSENCES = ("none", "no", "bald", "hidden")  # what shows these is not there


def covered(engine: Engine, avatar: dict, component: str, drawn: np.ndarray) -> int:
    """Pixels of `drawn` (the avatar at SIDE) that the component makes another."""
    bare = engine.tie(avatar | {"discrete": avatar["discrete"] | {component: None}})
    without = engine.render(bare, SIDE).astype(int)
    return int((np.abs(drawn.astype(int) - without).max(2) > DIFFERENCE).sum())


def unseen(engine: Engine, semantics: Semantics, avatar: dict) -> set[str]:
    """Attributes that the avatar shows by a component of fewer than LEAST pixels; colours of hair go with its length."""
    drawn, owners = None, {}
    avatar = engine.tie(avatar | {"discrete": dict(avatar["discrete"])})  # results do not name components that follow another
    for component in semantics.order:  # the last one that says something of an attribute shows it
        variant = avatar["discrete"].get(component)
        for attribute, values in semantics.meaning(component, variant).items():
            owners[attribute] = None if variant is None or values[0] in ABSENCES else component
    owners["hair_color"] = owners.get("hair_length")
    seen: dict[str, bool] = {}
    for component in {owner for owner in owners.values() if owner}:
        drawn = engine.render(avatar, SIDE) if drawn is None else drawn
        seen[component] = covered(engine, avatar, component, drawn) >= LEAST
    return {attribute for attribute, owner in owners.items() if owner and not seen[owner]}


def drawn_mesh(engine: Engine, avatar: dict) -> np.ndarray:
    """[478, 2]: the avatar's anchors at their mesh indices, NaN elsewhere."""
    mesh = np.full((478, 2), np.nan)
    for index, point in engine.anchors(avatar).items():
        mesh[int(index)] = point
    return mesh
