"""`python -m swiftavatar_train.official_import REAL.pt [AVATAR.pt] --name NAME -o DIR`: published checkpoints as a bundle.

Reads checkpoints of SemanticStyleGAN (their `g_ema` and `args`), writes TorchScript of plain operators and a manifest that
extends the default bundle. A checkpoint is a pickle: it is read with PyTorch's weights-only reader, which runs no code, and
of classes only argparse.Namespace (`args`) is allowed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
import re
import sys
from pathlib import Path

import torch
from torch import Tensor

from ..core.labels import PARTS
from ..core.torchscript import save_frozen
from .generator import OfficialGenerator, Sizes, State

LARGEST_FILE = 4 << 30
LICENCE = "CC-BY-NC-SA-4.0"
CREDIT = ("SemanticStyleGAN (Shi, Yang, Wan, Shen, CVPR 2022), ByteDance; the checkpoint's terms hold, which allow "
          "non-commercial use only")
MEAN_SAMPLES = 10_000
# Least and largest value of what `args` must name.
RANGES = {"size": (16, 2048), "latent": (1, 4096), "n_mlp": (1, 32), "seg_dim": (2, 64), "local_layers": (2, 64),
          "local_channel": (1, 1024), "base_layers": (0, 32), "depth_layers": (1, 64), "coarse_size": (4, 512),
          "coarse_channel": (1, 4096), "min_feat_size": (2, 512)}


class ImportFailure(Exception):
    """What is wrong with a checkpoint, for a person."""


def read_checkpoint(path: Path) -> tuple[Sizes, State]:
    """The sizes and the averaged generator's weights of a checkpoint."""
    if not path.is_file():
        raise ImportFailure(f"{path}: there is no such file")
    if path.stat().st_size > LARGEST_FILE:
        raise ImportFailure(f"{path}: is larger than {LARGEST_FILE >> 30} GiB, which no checkpoint of this kind is")
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ImportFailure(f"{path}: cannot be read as a checkpoint without running code from it "
                            f"({str(error).splitlines()[0][:120]}); give a file of SemanticStyleGAN") from error
    if not isinstance(content, dict) or not isinstance(content.get("g_ema"), dict) or "args" not in content:
        raise ImportFailure(f"{path}: holds no g_ema and args; give a checkpoint that SemanticStyleGAN's training wrote")
    state = content["g_ema"]
    for key, value in state.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise ImportFailure(f"{path}: g_ema holds something that is no tensor")
        if not torch.isfinite(value).all():
            raise ImportFailure(f"{path}: {key} has values that are not numbers")
    return read_layout(path, content["args"]), {key: value.float() for key, value in state.items()}


def read_layout(path: Path, args: object) -> Sizes:
    given = vars(args) if isinstance(args, argparse.Namespace) else args
    if not isinstance(given, dict):
        raise ImportFailure(f"{path}: args are no settings")
    values: dict[str, int] = {}
    for name, (least, most) in RANGES.items():
        value = given.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ImportFailure(f"{path}: args.{name} is {value!r}, it must be a whole number from {least} to {most}")
        values[name] = value
    transparent = given.get("transparent_dims") or ()
    if not isinstance(transparent, (list, tuple)) or not all(isinstance(one, int) and 0 <= one < values["seg_dim"] for one in transparent):
        raise ImportFailure(f"{path}: args.transparent_dims is {transparent!r}, it must list parts below {values['seg_dim']}")
    for name in ("size", "coarse_size", "min_feat_size"):
        if values[name] & (values[name] - 1):
            raise ImportFailure(f"{path}: args.{name} is {values[name]}, it must be a power of two")
    if not values["min_feat_size"] <= values["coarse_size"] <= values["size"] or values["min_feat_size"] == values["size"]:
        raise ImportFailure(f"{path}: args must have min_feat_size <= coarse_size <= size, and less than size")
    if not values["base_layers"] <= values["depth_layers"] <= values["local_layers"]:
        raise ImportFailure(f"{path}: args must have base_layers <= depth_layers <= local_layers")
    return Sizes(**values, residual_refine=bool(given.get("residual_refine")),
                  transparent_dims=tuple(transparent))


def build(path: Path, layout: Sizes, state: State) -> OfficialGenerator:
    """The network; fails where the weights are not those of the layout."""
    try:
        generator = OfficialGenerator(layout, state).eval()
        with torch.no_grad():
            generator(torch.zeros(1, layout.codes, layout.latent), torch.zeros(0))
    except KeyError as error:
        raise ImportFailure(f"{path}: g_ema has no {error.args[0]}, which its args call for") from error
    except (RuntimeError, IndexError, ValueError) as error:
        raise ImportFailure(f"{path}: the weights are not of the sizes that args name "
                            f"({str(error).splitlines()[0][:120]})") from error
    return generator


@torch.no_grad()
def mean_code(generator: OfficialGenerator, layout: Sizes) -> list[float]:
    """Mean [D] of mapped random codes."""
    z = torch.randn(MEAN_SAMPLES, layout.latent, generator=torch.Generator().manual_seed(0))
    return [round(float(value), 6) for value in torch.cat([generator.map(part) for part in z.split(1000)]).mean(0)]


def part_names(layout: Sizes) -> list[str]:
    """The 13 parts by name; any other number of parts is only numbered."""
    return list(PARTS) if layout.seg_dim == len(PARTS) else [f"part{index}" for index in range(layout.seg_dim)]


def entry(path: Path, layout: Sizes, mean: list[float], file: str, out: Path) -> dict:
    """The generator's manifest entry."""
    def described(name: str, shape: list) -> dict:
        return {"name": name, "shape": shape, "range": [-1, 1], **({"order": "RGB"} if name == "rgb" else {})}

    size, coarse, parts = layout.size, layout.coarse_size, layout.seg_dim
    return {
        "file": file, "licence": LICENCE, "crop": 1.0, "sha256": hashlib.sha256((out / file).read_bytes()).hexdigest(),
        "inputs": [{"name": "codes", "shape": ["N", layout.codes, layout.latent]}],
        "outputs": [described("rgb", ["N", 3, size, size]), described("mask", ["N", parts, size, size]),
                    described("coarse", ["N", parts, coarse, coarse])],
        "latent": {"dim": layout.latent, "base_codes": layout.base_layers, "expanded_codes": layout.expanded,
                   "mean": [mean] * layout.codes},
        "source": {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "credit": CREDIT},
    }


def write_bundle(real: Path, avatar: Path | None, name: str, engine: str, out: Path, base: str = "default") -> dict:
    """Writes the bundle into `out` and returns its manifest. `base`: folder or name of the bundle that it extends; beside
    it, the name is enough."""
    folder = Path(base)
    if folder.is_absolute() and folder.parent == out.absolute().parent:
        base = folder.name
    given = [("real_generator", real, "real_generator.pt")]
    if avatar is not None:
        given.append((f"avatar_generator:{engine}", avatar, f"avatar_generator_{engine}.pt"))
    read = {role: (path, file, *read_checkpoint(path)) for role, path, file in given}
    layouts = [layout for _, _, layout, _ in read.values()]
    if len({(one.codes, one.latent, one.seg_dim) for one in layouts}) > 1:
        raise ImportFailure(f"{avatar}: has other codes or parts than {real}; the two must be a pair, one tuned from the other")
    built = {role: build(path, layout, state) for role, (path, _, layout, state) in read.items()}
    out.mkdir(parents=True, exist_ok=True)
    models = {}
    for role, (path, file, layout, _) in read.items():
        save_frozen(torch.jit.script(built[role]), out / file, ["map", "weights", "published"])
        models[role] = entry(path, layout, mean_code(built[role], layout), file, out)
    first = layouts[0]
    names = part_names(first)
    manifest = {
        "schema": "swiftavatar.bundle/1", "name": name, "version": "1", "extends": base, "size": first.size, "crop": 1.0,
        "parts": [{"name": part, "transparent": index in first.transparent_dims} for index, part in enumerate(names)],
        "latent": models["real_generator"]["latent"],
        # its codes are not those of the bundle that is extended, whose encoder and avatar generators are of no use here
        "without": ["inverter", "avatar_generator"],
        "models": models,
        "training": {"method": "imported", "torch": torch.__version__},
    }
    part = out / "manifest.json.part"
    part.write_text(json.dumps(manifest, indent=1) + "\n")
    part.replace(out / "manifest.json")
    return manifest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real", type=Path, help="checkpoint of the realistic generator")
    parser.add_argument("avatar", type=Path, nargs="?", help="checkpoint of the avatar generator that was tuned from it")
    parser.add_argument("--name", required=True, help="the bundle's name")
    parser.add_argument("--engine", default="tiktok", help="the engine that the avatar generator stands for")
    parser.add_argument("--extends", default="default", help="folder or name of the bundle that supplies all other roles")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the bundle's folder")
    arguments = parser.parse_args()
    for text in (arguments.name, arguments.engine):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", text):
            parser.error(f"{text!r} is no name of letters, digits, - and _")
    try:
        manifest = write_bundle(arguments.real, arguments.avatar, arguments.name, arguments.engine, arguments.output,
                                arguments.extends)
    except ImportFailure as failure:
        print(failure, file=sys.stderr)
        return 3
    print(json.dumps({"bundle": str(arguments.output), "roles": sorted(manifest["models"])}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
