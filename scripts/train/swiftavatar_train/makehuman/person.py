"""Random people for MakeHuman heads: shape, skin tint, hair, brows, eyes and clothes that go together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from ..photos.draw_ons.drawing import BROW, CLOTH, EYE, HAIR, SKIN
from .mesh import Asset, BaseMesh, vertex_normals
from .render import Item

TEETH_LABEL = 13  # told apart from lips until the mouth attribute is read off; then part `mouth`
MONK = ("f6ede4", "f3e7db", "f7ead0", "eadaba", "d7bd96", "a07e56", "825c43", "604134", "3a312a", "292420")
# Hair: asset -> (hair_length, hair_texture or None where the mesh could be either, worn by).
HAIR_STYLES: dict[str, tuple[str, str | None, str]] = {
    "afro01": ("medium", "curly", "mf"), "bob01": ("medium", "straight", "f"), "bob02": ("medium", "straight", "f"),
    "Braid01": ("tied", "straight", "f"), "long01": ("long", "straight", "f"), "ponytail01": ("tied", "straight", "f"),
    "short01": ("short", None, "mf"), "short02": ("short", None, "m"), "short03": ("short", None, "m"),
    "short04": ("short", None, "mf"),
}
HAIR_COLOURS: dict[str, tuple[float, float, float]] = {  # linear RGB
    "black": (0.012, 0.010, 0.009), "dark_brown": (0.045, 0.026, 0.016), "brown": (0.11, 0.058, 0.030),
    "blond": (0.46, 0.31, 0.15), "red": (0.30, 0.085, 0.03), "gray_white": (0.45, 0.45, 0.45)}
# Shape targets with two ends; a value below 0 is the first end, above 0 the second.
TWO_SIDED = tuple(f"{stem}-{{}}" for stem in (
    *(f"nose/nose-{name}" for name in ("scale-horiz", "scale-vert", "volume", "width1", "width2", "width3", "nostrils-width",
                                       "hump", "greek")),
    *(f"chin/chin-{name}" for name in ("width", "height", "prominent", "bones", "jaw-drop")),
    *(f"head/head-{name}" for name in ("fat", "scale-horiz", "scale-vert", "scale-depth")),
    *(f"mouth/mouth-{name}" for name in ("scale-horiz", "scale-vert", "upperlip-height", "lowerlip-height",
                                         "upperlip-volume", "lowerlip-volume")),
    *(f"forehead/forehead-{name}" for name in ("scale-vert", "temple", "nubian"))))
HEAD_SHAPES = tuple(f"head/head-{name}" for name in ("oval", "round", "square", "rectangular", "triangular",
                                                     "invertedtriangular", "diamond"))


@dataclass
class Person:
    vertices: np.ndarray
    items: list[Item]
    male: bool
    labels: dict[str, str]


def linear(hex_colour: str) -> np.ndarray:
    return (np.array([int(hex_colour[k:k + 2], 16) for k in (0, 2, 4)]) / 255.0) ** 2.2


@lru_cache(maxsize=64)
def _mean_skin(path: Path) -> np.ndarray:
    """Mean linear colour of a skin texture's face area (the upper middle of MakeHuman's layout is the head)."""
    pixels = np.asarray(Image.open(path).convert("RGB").resize((128, 128)), np.float32) / 255.0
    skin = pixels[(pixels.sum(2) > 0.25) & (pixels[..., 0] > pixels[..., 2])]
    return np.median(skin, axis=0) ** 2.2


class Wardrobe:
    """All assets, read when first used."""

    def __init__(self, folder: Path) -> None:
        proxies = folder / "proxies"
        if not proxies.is_dir():
            raise FileNotFoundError(f"{proxies}: not found; set [makehuman] makehuman to the folder of MakeHuman's assets")
        self.hair = {name: Asset(proxies / "hair" / name / f"{name}.json") for name in HAIR_STYLES}
        self.brows = [Asset(proxies / "eyebrows" / f"eyebrow{k:03d}" / f"eyebrow{k:03d}.json") for k in range(1, 13)]
        self.lashes = Asset(proxies / "eyelashes" / "Eyelashes01" / "Eyelashes01.json")
        eyes = proxies / "eyes" / "Low-Poly"
        self.eyes = {path.stem: Asset(eyes / "Low-Poly.json", path) for path in sorted((eyes / "textures").glob("*.png"))}
        self.teeth = Asset(proxies / "teeth" / "Teeth_Base" / "Teeth_Base.json")
        self.clothes = {sex: [Asset(path / f"{path.name}.json") for path in sorted((proxies / "clothes").glob(f"{name}_*"))]
                        for sex, name in (("m", "male"), ("f", "female"))}
        self.skins = sorted(path for path in folder.glob("skins/*/textures/*.png") if "special" not in path.name)


def random_shape(mesh: BaseMesh, male: bool, age: float, race: str, rng: np.random.Generator, *,
                 neutral: bool = False) -> np.ndarray:
    """Vertices of a random person; `age` 0 young .. 1 old; `neutral` without expression."""
    v = mesh.vertices.copy()
    other = str(rng.choice(("caucasian", "asian", "african")))
    share = rng.uniform(0.7, 1.0)
    manly = rng.uniform(0.8, 1.0) if male else rng.uniform(0.0, 0.15)
    weight = rng.uniform(-1, 1)
    for sex, sex_share in (("male", manly), ("female", 1 - manly)):
        for years, age_share in (("young", 1 - age), ("old", age)):
            part = sex_share * age_share
            mesh.apply(v, f"macrodetails/{race}-{sex}-{years}", part * share)
            mesh.apply(v, f"macrodetails/{other}-{sex}-{years}", part * (1 - share))
            heavy = "maxweight" if weight > 0 else "minweight"
            mesh.apply(v, f"macrodetails/universal-{sex}-{years}-averagemuscle-{heavy}", part * abs(weight))
            mesh.apply(v, f"macrodetails/universal-{sex}-{years}-averagemuscle-averageweight", part * (1 - abs(weight)))
    for target in TWO_SIDED:
        value = float(np.clip(rng.normal(0, 0.35), -1, 1))
        mesh.apply(v, target.format("incr" if value > 0 else "decr"), abs(value))
    mesh.apply(v, str(rng.choice(HEAD_SHAPES)), rng.uniform(0, 0.8))
    eye = float(np.clip(rng.normal(0, 0.4), -1, 1))
    for side in "lr":
        mesh.apply(v, f"eyes/{side}-eye-scale-{'incr' if eye > 0 else 'decr'}", abs(eye))
    if not neutral:
        if rng.random() < 0.6:
            mesh.apply(v, f"expression/units/{race}/mouth-corner-puller", rng.uniform(0, 0.8))
        if rng.random() < 0.3:
            mesh.apply(v, f"expression/units/{race}/mouth-open", rng.uniform(0.1, 0.5))
    return v


def random_person(mesh: BaseMesh, wardrobe: Wardrobe, rng: np.random.Generator, *, plain: bool = False) -> Person:
    """A person with what they wear; `plain`: bald and without expression, to find landmarks on."""
    male, age = rng.random() < 0.5, float(rng.choice((rng.uniform(0, 0.15), rng.uniform(0.3, 0.55), rng.uniform(0.8, 1))))
    tone = int(rng.integers(1, 11))
    race = str(rng.choice(("caucasian", "asian"))) if tone <= 4 else "african" if tone >= 7 else str(
        rng.choice(("caucasian", "asian", "african")))
    v = random_shape(mesh, male, age, race, rng, neutral=plain)
    labels: dict[str, str] = {"skin_tone": str(tone)}

    colour = _hair_colour(tone, age, rng)
    dye = np.array(HAIR_COLOURS[colour]) * np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.06, 3))
    items = []

    def wear(asset: Asset, part: int, layer: int = 0, **look: object) -> None:
        points = asset.fit(v)
        items.append(Item(points, vertex_normals(points, asset.faces), asset.faces, asset.texture, asset.texture_faces,
                          asset.image, part, layer, **look))

    # The darker skins' textures have short hair painted on the scalp: no bald heads with them.
    if plain or (male and race == "caucasian" and rng.random() < 0.2):
        labels["hair_length"] = "bald"
    else:
        sex = "m" if male else "f"
        names = [name for name, (_, _, worn) in HAIR_STYLES.items() if sex in worn]
        chance = np.array([(0.4 if tone < 6 else 2.5) if name == "afro01" else 1.0 for name in names])
        name = str(rng.choice(names, p=chance / chance.sum()))
        labels |= {"hair_length": HAIR_STYLES[name][0], "hair_color": colour}
        if HAIR_STYLES[name][1]:
            labels["hair_texture"] = HAIR_STYLES[name][1]
        wear(wardrobe.hair[name], HAIR, 1, tint=tuple(dye), dye=0.92, specular=0.2, gloss=20.0, wrap=(0.3, 0.3, 0.3))
    brow_dye = dye * 0.7 if colour != "gray_white" else np.array((0.15, 0.14, 0.13))
    wear(wardrobe.brows[rng.integers(12)], BROW, 2, tint=tuple(brow_dye), dye=0.9, wrap=(0.5, 0.5, 0.5))
    wear(wardrobe.lashes, EYE, 2, tint=(0.02, 0.02, 0.02), dye=1.0, wrap=(0.5, 0.5, 0.5))
    # Light eyes are rare with dark skin.
    names = [name for name in wardrobe.eyes if name.startswith("brown") or (tone <= 4 and race == "caucasian")]
    wear(wardrobe.eyes[str(rng.choice(names))], EYE, specular=0.9, gloss=120.0)
    wear(wardrobe.teeth, TEETH_LABEL, specular=0.3, gloss=30.0)
    clothes = wardrobe.clothes["m" if male else "f"]
    garment = clothes[rng.integers(len(clothes))]
    wear(garment, CLOTH, tint=tuple(rng.uniform(0.1, 1.3) * rng.uniform(0.8, 1.2, 3)), specular=0.05, gloss=8.0)

    keep = ~garment.hidden(len(v))[mesh.faces].any(axis=1)
    skin = _skin(wardrobe, male, age, race, rng)
    # The palest and the darkest Monk colours are beyond what skin is in a photo.
    wanted = linear(MONK[tone - 1]) * (0.62, 0.64, 0.64, 0.70, 0.85, 1.0, 1.0, 1.1, 1.5, 1.7)[tone - 1] * np.exp(rng.normal(0, 0.05, 3))
    items.insert(0, Item(v, vertex_normals(v, mesh.faces), mesh.faces[keep], mesh.texture, mesh.texture_faces[keep], skin,
                         SKIN, tint=tuple(wanted / _mean_skin(skin)), specular=rng.uniform(0.1, 0.45),
                         gloss=rng.uniform(10, 35), wrap=(0.4, 0.23, 0.15), is_body=True))
    return Person(v, items, male, labels)


def _hair_colour(tone: int, age: float, rng: np.random.Generator) -> str:
    names = list(HAIR_COLOURS)
    weight = np.array([0.2, 0.25, 0.25, 0.2, 0.1, 0.0]) if tone <= 4 else np.array([0.55, 0.25, 0.12, 0.04, 0.03, 0.0])
    weight[-1] = 1.2 if age > 0.7 else 0.25 if age > 0.25 else 0.02
    return str(rng.choice(names, p=weight / weight.sum()))


def _skin(wardrobe: Wardrobe, male: bool, age: float, race: str, rng: np.random.Generator) -> Path:
    years = "young" if age < 0.25 else "middleage" if age < 0.7 else "old"
    folder = f"{years}_{race}_{'male' if male else 'female'}"
    fitting = [path for path in wardrobe.skins if path.parts[-3] == folder] or wardrobe.skins
    return fitting[rng.integers(len(fitting))]
