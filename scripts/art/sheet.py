"""Contact sheets to judge the art by: random avatars, all variants of a component, slider ends, DiceBear styles.

    python scripts/art/sheet.py random|variants COMPONENT|sliders|style NAME -o FILE.png [--engine tiktok] [--count 36] [--size 192] [--seed 1]
"""

from __future__ import annotations

import argparse
import copy
import importlib.resources
import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "train"))

from swiftavatar_train.engines.engine import Engine  # noqa: E402
from swiftavatar_train.engines.rasterise import rasterise  # noqa: E402
from swiftavatar_train.engines.sampling import random_avatar  # noqa: E402
from swiftavatar_train.engines.semantics import Semantics  # noqa: E402

ENGINES = ROOT / "configs" / "engines"
LOOKS = (("sidePart", None, None, None), ("longWavy", None, "square", None), ("afro", None, "aviator", None), ("buzz", "fullBeard", "rectangle", None),
         ("bobFringe", None, "catEye", None), ("slickedBack", "longBeard", None, None), ("locs", "goatee", None, "beanie"), ("longCurly", None, None, "brimmedHat"),
         ("bald", "stubble", "round", None), ("bun", None, None, "headscarf"), ("shaggy", "circle", None, "cap"), ("coily", "shortBeard", None, "turban"))


def tile(pictures: list[np.ndarray], columns: int) -> Image.Image:
    size = pictures[0].shape[0]
    rows = math.ceil(len(pictures) / columns)
    sheet = np.full((rows * size, columns * size, 3), 255, np.uint8)
    for i, picture in enumerate(pictures):
        y, x = i // columns * size, i % columns * size
        alpha = picture[..., 3:] / 255.0
        sheet[y:y + size, x:x + size] = (picture[..., :3] * alpha + 255 * (1 - alpha)).round()
    return Image.fromarray(sheet)


def looks(engine: Engine, semantics: Semantics, seed: int) -> list[dict]:
    """The fixed combinations of LOOKS on random faces, sliders at rest."""
    rng = np.random.default_rng(seed)
    avatars = []
    for hair, beard, glasses, headwear in LOOKS:
        avatar = random_avatar(engine, rng, semantics)
        avatar["discrete"] |= {"hair": hair, "facialHair": beard, "glasses": glasses, "headwear": headwear}
        avatar["continuous"] = {name: spec["default"] for name, spec in engine.sliders.items()}
        avatars.append(engine.tie(avatar))
    return avatars


def uniform(engine: Engine, rng: np.random.Generator) -> dict:
    """Every choice of a style drawn as DiceBear does without semantics: each variant, each colour alike."""
    avatar = engine.default_avatar()
    for component, variants in engine.variants.items():
        left_out = component in engine.optional and rng.random() < 0.5
        avatar["discrete"][component] = None if left_out else str(rng.choice(list(variants)))
    for color, spec in engine.definition.get("colors", {}).items():
        avatar["colors"][color] = str(rng.choice(spec["values"]))
    return engine.tie(avatar)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("random", "variants", "sliders", "style"))
    parser.add_argument("name", nargs="?")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--engine", default="tiktok")
    parser.add_argument("--count", type=int, default=36)
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--labels", action="store_true", help="part maps instead of pictures")
    options = parser.parse_args()
    if options.kind == "style":
        folder = importlib.resources.files("dicebear_styles")
        engine, rng = Engine.load(Path(str(folder / f"{options.name}.json"))), np.random.default_rng(options.seed)
        documents = [engine.svg(uniform(engine, rng)) for _ in range(options.count)]
        tile([rasterise(document, options.size) for document in documents], options.columns).save(options.output)
        return
    engine, semantics = Engine.load(ENGINES / options.engine / "definition.json"), Semantics.load(ENGINES / options.engine / "semantics.json")
    rng = np.random.default_rng(options.seed)
    if options.kind == "random":
        avatars = [random_avatar(engine, rng, semantics) for _ in range(options.count)]
    elif options.kind == "variants":
        shown = [v for v in engine.variants[options.name] if v not in semantics.exclude.get(options.name, [])]
        avatars = []
        for i, variant in enumerate(shown):
            avatar = random_avatar(engine, np.random.default_rng(options.seed + i), semantics)
            avatar["discrete"] |= {name: None for name in engine.optional}
            if options.name != "hair":
                avatar["colors"] |= {"skin": ("#d2a071", "#f0cba8", "#8e5d40")[i % 3], "hair": "#46302a", "brows": "#46302a", "facialHair": "#46302a"}
                avatar["discrete"] |= {name: engine.variants[name][0] for name in ("eyes", "brows", "nose", "mouth", "head")}
            if options.name not in ("hair", "head"):
                avatar["discrete"]["hair"] = "shortCrop" if i % 2 else "longStraight"
            avatar["discrete"][options.name] = variant
            avatar["continuous"] = {name: spec["default"] for name, spec in engine.sliders.items()}
            avatars.append(engine.tie(avatar))
    else:
        avatars = []
        for base, (name, spec) in zip(looks(engine, semantics, options.seed) * 4, engine.sliders.items()):
            for value in (spec["min"], spec["default"], spec["max"]):
                avatar = copy.deepcopy(base)
                avatar["continuous"][name] = value
                avatars.append(avatar)
        for base in looks(engine, semantics, options.seed):
            for end in ("min", "max"):
                avatar = copy.deepcopy(base)
                avatar["continuous"] = {name: spec[end] for name, spec in engine.sliders.items()}
                avatars.append(avatar)
    pictures = [rasterise(engine.svg_labels(a) if options.labels else engine.svg(a), options.size) for a in avatars]
    tile(pictures, options.columns).save(options.output, optimize=True)


if __name__ == "__main__":
    main()
