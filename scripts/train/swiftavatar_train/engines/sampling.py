"""Random avatars that look like people: natural colours, and parts that go together."""

from __future__ import annotations

import numpy as np

from ..core.color import ciede2000, from_lab, to_lab
from .definition import Avatar
from .engine import Engine
from .semantics import ROLE_ATTRIBUTES, Semantics, nearest

# How common the values are among the pictures that train the avatar generator: flatter than among people, so that rare
# values are learnt too.
SKIN_TONES = {"1": 8, "2": 12, "3": 14, "4": 12, "5": 12, "6": 10, "7": 10, "8": 8, "9": 7, "10": 7}
HAIR_COLORS = {"black": 5, "dark_brown": 5, "brown": 5, "blond": 4, "red": 2.5, "gray_white": 4}
DARK_SKIN_HAIR = {"black": 10, "dark_brown": 4, "brown": 0.7, "blond": 0.3, "red": 0.2, "gray_white": 2}
# Pairs of attribute values that few people show together: the share of such draws that is kept.
RARE = (
    ("facial_hair", ("moustache", "goatee", "beard", "stubble"), "hair_length", ("long",), 0.12),
    ("facial_hair", ("moustache", "goatee", "beard", "stubble"), "hair_length", ("medium", "tied"), 0.3),
    ("facial_hair", ("moustache", "goatee", "beard", "stubble"), "headwear", ("headscarf",), 0.0),
    ("facial_hair", ("moustache", "goatee", "beard", "stubble"), "earrings", ("yes",), 0.25),
    ("hair_length", ("bald", "very_short"), "earrings", ("yes",), 0.35),
)
CLOSE = 14.0  # CIEDE2000
PALETTE_STEP = 3.0  # standard deviation in L* of random colours about those of a palette


def random_avatar(engine: Engine, rng: np.random.Generator, semantics: Semantics, attributes: dict[str, str] | None = None) -> Avatar:
    """Variants by weight, sliders spread over their ranges, natural colours.

    `attributes` fixes what the avatar must show. Raises ValueError where no choice of variants shows it.
    """
    wanted = {name: str(value) for name, value in (attributes or {}).items()}
    choices = {component: _choices(engine, semantics, component, wanted)
               for component in engine.variants if component not in engine.tied}
    avatar: Avatar = {"discrete": {}, "continuous": {}, "colors": {}}
    for _ in range(64):
        for component, (names, weights) in choices.items():
            picked = names[rng.choice(len(names), p=weights)]
            avatar["discrete"][component] = picked
        engine.tie(avatar)
        shown = semantics.read(avatar)
        if all(shown.get(name) == value for name, value in wanted.items() if name in _shown_by_parts(semantics)) and \
                rng.random() < _commonness(shown):
            break
    for name, spec in engine.sliders.items():
        # most faces near the middle, the ends well covered
        share = rng.beta(2.5, 2.5) if not name.endswith("_tilt") else rng.beta(4.0, 4.5)
        avatar["continuous"][name] = round(float(spec["min"] + share * (spec["max"] - spec["min"])), 3)
    _colors(engine, rng, semantics, wanted, avatar)
    return avatar


def _shown_by_parts(semantics: Semantics) -> set[str]:
    return {attribute for variants in semantics.components.values() for meaning in variants.values()
            for attribute in meaning}


def _choices(engine: Engine, semantics: Semantics, component: str,
             wanted: dict[str, str]) -> tuple[list[str | None], np.ndarray]:
    """Variants (None: absent) of a component that can go with the wanted attributes, and their probabilities."""
    excluded = set(semantics.exclude.get(component, []))
    variants = engine.components[component]["variants"]
    weights: dict[str | None, float] = {name: float(spec.get("weight", 1)) for name, spec in variants.items()
                                        if name not in excluded}
    if component in engine.optional:
        total = sum(weights.values())
        chance = engine.optional[component]
        weights = {name: chance * weight / total for name, weight in weights.items()}
        weights[None] = 1 - chance
    for attribute, value in wanted.items():
        providers = [c for c in semantics.order if any(value in meaning.get(attribute, ())
                                                       for meaning in semantics.components.get(c, {}).values())]
        if not providers:
            if not any(ROLE_ATTRIBUTES.get(role) == attribute for role in semantics.colors):
                raise ValueError(f"this engine cannot show {attribute} {value}")
            continue
        first = semantics.order.index(providers[0])
        if component not in semantics.order or semantics.order.index(component) < first:
            continue
        kept = {}
        for name, weight in weights.items():
            values = semantics.meaning(component, name).get(attribute)
            # the first component that can show the value must; later ones must not hide it
            if (values is None and component != providers[0]) or (values is not None and value == values[0]):
                kept[name] = weight
        if not kept:
            raise ValueError(f"no variant of {component} shows {attribute} {value}")
        weights = kept
    names = list(weights)
    probabilities = np.array([weights[name] for name in names], float)
    if probabilities.sum() <= 0:
        probabilities[:] = 1
    return names, probabilities / probabilities.sum()


def _commonness(shown: dict[str, str]) -> float:
    share = 1.0
    for first, values, second, others, kept in RARE:
        if shown.get(first) in values and shown.get(second) in others:
            share *= kept
    return share


def _pick(rng: np.random.Generator, weights: dict[str, float]) -> str:
    names = list(weights)
    p = np.array([weights[name] for name in names], float)
    return names[rng.choice(len(names), p=p / p.sum())]


def jitter(rng: np.random.Generator, color: str, step: float) -> str:
    """A colour near `color`: normal noise on L*, a*, b*, `step` the standard deviation of L*."""
    l, a, b = to_lab(color)
    return from_lab((l + rng.normal(0, step), a + rng.normal(0, step * 0.5), b + rng.normal(0, step * 0.7)))


def _near_anchor(rng: np.random.Generator, anchors: dict[str, str | list[str]], value: str, step: float) -> str:
    """A random colour that still reads as `value`."""
    choices = [anchors[value]] if isinstance(anchors[value], str) else anchors[value]
    base = choices[rng.integers(len(choices))]
    for _ in range(8):
        color = jitter(rng, base, step)
        if nearest(anchors, color) == value:
            return color
    return base


def _colors(engine: Engine, rng: np.random.Generator, semantics: Semantics, wanted: dict[str, str],
            avatar: Avatar) -> None:
    colors = avatar["colors"]
    for name, values in engine.palettes.items():
        base = values[rng.integers(len(values))]
        colors[name] = jitter(rng, base, PALETTE_STEP) if name != "background" else base
    roles = semantics.colors
    tone = wanted.get("skin_tone") or _pick(rng, SKIN_TONES)
    if "skin" in roles:
        colors[roles["skin"]["color"]] = _near_anchor(rng, roles["skin"]["anchors"], tone, 1.0)
    if "hair" in roles:
        shade = wanted.get("hair_color") or _pick(rng, DARK_SKIN_HAIR if int(tone) >= 7 else HAIR_COLORS)
        anchors = roles["hair"]["anchors"]
        if shade not in anchors:
            shade = "dark_brown" if "dark_brown" in anchors else next(iter(anchors))
        hair = _near_anchor(rng, anchors, shade, 3.5)
        skin = colors.get(roles["skin"]["color"]) if "skin" in roles else None
        if skin and "hair_color" not in wanted and ciede2000(hair, skin) < CLOSE and "black" in anchors:
            hair = _near_anchor(rng, anchors, "black", 1.5)  # hair that no one could tell from the skin
        colors[roles["hair"]["color"]] = hair
        # brows and beard follow the hair: a little darker, fair ones much
        l, a, b = to_lab(hair)
        for name, low, high in (("brows", 0.62, 0.85), ("facialHair", 0.8, 1.0)):
            if name in engine.palettes:
                share = rng.uniform(low, high)
                share *= 0.85 if l > 55 and name == "brows" else 1.0
                colors[name] = from_lab((max(l * share, 9.0), a * 0.9, b * 0.9))
    if "eyes" in colors and int(tone) >= 6 and rng.random() < 0.93:
        dark = sorted(engine.palettes["eyes"], key=lambda value: to_lab(value)[0])[:2]
        colors["eyes"] = jitter(rng, dark[rng.integers(2)], PALETTE_STEP)
    if "lips" in colors and "skin" in roles:
        # mostly the skin's own red, sometimes lipstick from the palette
        lip = natural_lips(colors[roles["skin"]["color"]])
        painted = avatar["discrete"].get("facialHair") is None and rng.random() < 0.35
        colors["lips"] = colors["lips"] if painted else jitter(rng, lip, 2.0)


def natural_lips(skin: str) -> str:
    """Unpainted lips on a skin: darker and redder."""
    l, a, b = to_lab(skin)
    return from_lab((l * 0.74, a + 15.0, b * 0.72 + 1.0))
