"""Stage `export`: the TorchScript files and the manifest of a bundle (work/bundle), from the checkpoints and work/export."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from pathlib import Path

import torch

from ..attributes.learner import load_network
from ..attributes.network import EstimatorNet
from ..core.labels import PARTS
from ..core.torchscript import save_frozen
from ..estimator.calibrate import Exported, manifest_heads
from ..estimator.fusion import Fusion
from ..estimator.variants import AmongEquals

TRANSPARENT = ("glasses", "earring")
CROP = 1.18
APACHE = "Apache-2.0"
RGB = "RGB"


def tensor(name: str, shape: list, value_range: list | None = None, order: str | None = None) -> dict:
    """A manifest description of one input or output."""
    return {"name": name, "shape": shape, **({"range": value_range} if value_range else {}),
            **({"order": order} if order else {})}


def entries(size: int, engines: list[str]) -> dict[str, dict]:
    """Role -> file, licence, inputs and outputs of every file but the estimators. `N` is any batch."""
    image = tensor("image", ["N", 3, size, size], [-1, 1], RGB)
    codes = tensor("codes", ["N", 2 + 2 * len(PARTS), 64])
    generated = [tensor("rgb", ["N", 3, size, size], [-1, 1], RGB), tensor("mask", ["N", len(PARTS), size, size], [-1, 1]),
                 tensor("coarse", ["N", len(PARTS), 32, 32], [-1, 1])]
    return {
        "detector": {"file": "detector.pt", "licence": APACHE, "inputs": [tensor("image", [1, 3, 128, 128], [-1, 1], RGB)],
                     "outputs": [tensor("boxes", [1, 896, 16]), tensor("scores", [1, 896, 1])]},
        "mesh": {"file": "mesh.pt", "licence": APACHE, "inputs": [tensor("image", [1, 3, 192, 192], [0, 1], RGB)],
                 "outputs": [tensor("points", [1, 1404]), tensor("flag", [1, 1])]},
        "iris": {"file": "iris.pt", "licence": APACHE, "inputs": [tensor("image", [1, 3, 64, 64], [0, 1], RGB)],
                 "outputs": [tensor("eye", [1, 213]), tensor("iris", [1, 15])]},
        "parser": {"file": "parser.pt", "licence": APACHE, "crop": CROP, "inputs": [image],
                   "outputs": [tensor("logits", ["N", len(PARTS), size, size])]},
        "perceptual": {"file": "perceptual.pt", "licence": "BSD-2-Clause",
                       "inputs": [tensor("image", ["N", 3, "H", "W"], [-1, 1], RGB)],
                       "outputs": [tensor("features", ["N", "F"])]},
        "real_generator": {"file": "real_generator.pt", "licence": APACHE, "crop": CROP, "inputs": [codes],
                           "outputs": generated},
        "inverter": {"file": "inverter.pt", "licence": APACHE, "crop": CROP,
                     "inputs": [image, tensor("parts", ["N", len(PARTS), size, size], [0, 1])], "outputs": [codes]},
        **{f"avatar_generator:{engine}": {"file": f"avatar_generator_{engine}.pt", "licence": APACHE, "crop": CROP,
                                          "inputs": [codes], "outputs": generated} for engine in engines},
    }


def engines_of(net: EstimatorNet) -> list[str]:
    return sorted({head.engine for head in net.heads if head.engine})


def check_early(path: Path, state: dict, net: EstimatorNet) -> None:
    """Linear heads must not go to a network whose first layers see otherwise than what they were fitted on."""
    if state["early"] != net.early_sha256():
        raise SystemExit(f"{path}: its heads were fitted on another network's first layers; run stage {path.stem.split('_')[0]} again")


def engine_free(net: EstimatorNet) -> list[tuple]:
    return [(head.kind, head.name, head.options, head.offset) for head in net.heads if not head.engine]


def second_network(work: Path, net: EstimatorNet, state: dict) -> EstimatorNet | None:
    """The one whose attributes and measures are averaged with the first's, where stage `fusion`, whose state this is, heard two."""
    if state["trunks"][:1] != [net.trunk_name]:
        raise SystemExit(f"{work / 'estimator' / 'fusion.pt'}: was fitted on {' and '.join(state['trunks'])}, not on {net.trunk_name}; "
                         "let stages attributes and fusion run again")
    if len(state["trunks"]) == 1:
        return None
    path = work / "estimator" / "second_attributes.pt"
    second = load_network(path) if path.exists() else None
    if second is None or (second.trunk_name, second.size, engine_free(second)) != (state["trunks"][1], net.size, engine_free(net)):
        raise SystemExit(f"{path}: is not the network of {state['trunks'][1]} that stage fusion heard; let stages attributes and fusion "
                         "run again")
    return second


def among_equals(work: Path, net: EstimatorNet, engines: list[str]) -> AmongEquals | None:
    """The heads that stage `variants` made for these engines."""
    found: dict[str, list] = {"places": [], "weights": []}
    for engine in sorted(engines):
        path = work / "estimator" / f"variants_{engine}.pt"
        state = torch.load(path, weights_only=True)
        check_early(path, state, net)
        for key, values in found.items():
            values += state[key]
    return AmongEquals(found, int(net.linear.out_features)) if found["places"] else None


def origins(cfg: dict, file: str, *made: str) -> object:
    """What manifest.training says of a file: the stages whose outputs `made` it is of, with their stamps. Of what was copied out of
    another bundle, what that one's manifest says, and where that says nothing, "unknown"."""
    found = {}
    for name in made:
        stage = cfg["made_by"][name]
        found[stage["stage"]] = stage["stamp"]
        if stage["restored"]:
            earlier = json.loads((Path(cfg["restored"]) / "manifest.json").read_text()).get("training", {}).get("files", {})
            found[stage["stage"]] = {"restored": earlier.get(file, "unknown")}
    return found


def export_estimator(cfg: dict, work: Path, net: EstimatorNet, out: Path) -> dict[str, dict]:
    """Traces the estimator; engine -> manifest entry, with the calibration and the measures' quantiles. All engines share
    the file, and each entry has the heads that are its engine's or nobody's."""
    size, parts = cfg["size"], cfg["generator_size"]
    path = work / "estimator" / "fusion.pt"
    state = torch.load(path, weights_only=True)
    check_early(path, state, net)
    inputs = [tensor("image", ["N", 3, size, size], [-1, 1], RGB),
              tensor("parts", ["N", len(PARTS), parts, parts], [0, 1]), tensor("points", ["N", 478, 2], [0, 1])]
    examples = (torch.rand(1, 3, size, size) * 2 - 1, torch.softmax(torch.randn(1, len(PARTS), parts, parts), 1),
                torch.rand(1, 478, 2))
    second = second_network(work, net, state)
    shipped = Exported(net, Fusion(state), float(state["stretch"]), among_equals(work, net, cfg["with_variants"]), second).eval()
    save_frozen(torch.jit.trace(shipped, examples), out, halved=True)
    lengths = [head for head in net.heads if head.kind == "measure"]
    for head, (mean, deviation) in zip(lengths, state["scale"].tolist()):
        head.mean, head.std = mean, deviation
    quantiles = {head.name: {"quantiles": [round(head.mean + head.std * float(value), 5) for value in column]}
                 for head, column in zip(lengths, state["quantiles"].T)}
    quantiles |= {name: {"quantiles": [round(float(value), 5) for value in column]} for name, column in state["read_off"].items()}
    return {engine: {"file": out.name, "licence": APACHE, "crop": CROP,
                     "inputs": inputs,
                     "outputs": [tensor("heads", ["N", int(net.linear.out_features)])],
                     "heads": manifest_heads([head for head in net.heads if head.engine in ("", engine)]),
                     "measures": quantiles, "trunks": state["trunks"], "tone_stretch": round(float(state["stretch"]), 3)}
            for engine in engines_of(net)}


def run(cfg: dict, work: Path) -> None:
    """Writes the folder work/bundle."""
    torch.set_num_threads(cfg["threads"])
    torch.manual_seed(0)  # the examples that are traced
    bundle, net = work / "bundle", load_network(work / cfg["network"])
    if engines_of(net) != sorted(cfg["targets"]):
        raise SystemExit(f"{work / cfg['network']}: has heads of {', '.join(engines_of(net))}, and `targets` are {', '.join(cfg['targets'])}")
    shutil.rmtree(bundle, ignore_errors=True)  # what a stopped run has left
    bundle.mkdir(parents=True)
    models, files = entries(cfg["generator_size"], engines_of(net)), {}
    for entry in models.values():
        shutil.copyfile(work / "export" / entry["file"], bundle / entry["file"])
        files[entry["file"]] = origins(cfg, entry["file"], f"export/{entry['file']}")
    for engine, entry in export_estimator(cfg, work, net, bundle / "estimator.pt").items():
        models[f"estimator:{engine}"] = entry
    files["estimator.pt"] = origins(cfg, "estimator.pt", *(name for name in cfg["made_by"] if name.startswith("estimator/")))
    for entry in models.values():
        entry["sha256"] = hashlib.sha256((bundle / entry["file"]).read_bytes()).hexdigest()
    manifest = {
        "schema": "swiftavatar.bundle/1", "name": cfg["name"], "version": cfg["version"], "size": cfg["generator_size"],
        "crop": CROP, "parts": [{"name": name, "transparent": name in TRANSPARENT} for name in PARTS],
        "latent": json.loads((work / "export" / "latent.json").read_text()),
        "models": models,
        "training": {"date": datetime.date.today().isoformat(), "torch": torch.__version__, "card": "README.md",
                     "config_sha256": cfg["config_sha256"], "files": files},
    }
    (bundle / "manifest.json").write_text(json.dumps(manifest, indent=1, allow_nan=False) + "\n")
    total = sum(path.stat().st_size for path in bundle.glob("*.pt"))
    print(f"{bundle}: {len(models)} roles, {total / 2**20:.1f} MiB")
