"""Stage `evaluate`: what a bundle's networks are worth on labelled photos.

Part IoU of the parser; PSNR and part IoU of inverted photos, by the encoder and after Adam steps; agreement of the
estimator's attribute heads with labels, by the measures of `swiftavatar evaluate`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from ..core.bundle import Bundle, parse
from ..core.image import shrink_all, to_tensor
from ..core.labels import ATTRIBUTES, BALANCED, GROUPS, PARTS, grouped
from ..gan.data import load_photos
from ..gan.inversion import invert
from ..gan.losses import PartOverlap, psnr
from ..gan.perceptual import load_perceptual
from ..parsing.train import GatedPhotos, score
from .splits import role_of

FACE = ("skin", "eye", "brow", "mouth", "nose", "hair", "neck", "cloth")


def scores(predicted: dict[str, np.ndarray], labels: dict[str, np.ndarray]) -> dict[str, dict[str, object]]:
    """Agreement per attribute with how many photos it is of; `predicted` and `labels` hold value indices. Of a BALANCED attribute, `n`
    counts each side, and where the photos show one side alone there is no agreement (None)."""
    out: dict[str, dict[str, object]] = {}
    for name in GROUPS:
        truth = grouped(name, labels[name].astype(int))
        guess = grouped(name, predicted[name].astype(int))
        known = truth >= 0
        hit, truth = (truth == guess)[known], truth[known]
        if name in BALANCED:
            sides = [hit[truth == side] for side in range(len(GROUPS[name]))]
            mean = float(np.mean([side.mean() for side in sides])) if all(len(side) for side in sides) else None
            out[name] = {"agreement": mean, "n": [len(side) for side in sides]}
        else:
            out[name] = share(hit)
    known = labels["skin_tone"] >= 0
    near = np.abs(predicted["skin_tone"].astype(int) - labels["skin_tone"])[known] <= 1
    return out | {"skin_tone_within_1": share(near), "skin_tone_dark_within_1": share(near[labels["skin_tone"][known] >= 4])}


def share(hit: np.ndarray) -> dict[str, object]:
    return {"agreement": float(hit.mean()) if len(hit) else None, "n": len(hit)}


def predict(bundle: Bundle, role: str, images: np.ndarray, mesh: np.ndarray) -> dict[str, np.ndarray]:
    """Value index per attribute for aligned crops uint8 [N, S, S, 3] with meshes [N, 478, 2] in 0..1 of the crop."""
    entry, module, parser = bundle.manifest["models"][role], bundle.module(role), bundle.module("parser")
    size, outputs = entry["inputs"][0]["shape"][-1], []
    for first in range(0, len(images), 16):
        crops = images[first:first + 16]
        inputs = {"image": to_tensor(shrink_all(crops, size)), "points": torch.from_numpy(mesh[first:first + 16]).float()}
        if len(entry["inputs"]) > 1:
            inputs["parts"] = parse(parser, to_tensor(shrink_all(crops, 128)))
        with torch.no_grad():
            outputs.append(module(*(inputs[one["name"]] for one in entry["inputs"])))
    output = torch.cat(outputs)
    answers = {}
    for head in entry["heads"]:
        if head["kind"] == "attribute":
            part = output[:, head["offset"]:head["offset"] + len(head["options"])]
            answers[head["name"]] = (part / head["temperature"] + torch.tensor(head["bias"])).argmax(1).numpy()
    return answers


def inversion_figures(bundle: Bundle, work: Path, split: str, steps: int, chunk: int = 16) -> dict[str, float]:
    """PSNR (dB, 128 px) and mean IoU of the ten photo parts of inverted photos, of those that show a face, and of each; the parts come
    from the bundle's parser, the IoU is against the split's own masks. With `steps` 0 the encoder's codes are measured."""
    faces, generator, encoder = load_photos(work, split), bundle.generator("real_generator"), bundle.module("inverter")
    parser, perceptual, mean = bundle.module("parser"), load_perceptual() if steps else None, bundle.mean_code()
    overlap, quality = PartOverlap(), []
    for at in range(0, len(faces), chunk):
        rgb, label = to_tensor(faces.image[at:at + chunk]), torch.from_numpy(faces.label[at:at + chunk]).long()
        parts = parse(parser, rgb)
        with torch.no_grad():
            codes = encoder(rgb, parts)
        if steps:
            codes = invert(generator, codes, rgb, parts, perceptual, steps, mean=mean)
        with torch.no_grad():
            out, mask, _ = generator(codes)
        quality.append(psnr(out, rgb))
        overlap.add(mask, label)
    parts = {f"iou_{PARTS[part]}": value for part, value in overlap.parts().items()}
    return {"psnr": float(torch.cat(quality).mean()), "iou": overlap.mean(),
            "iou_face": overlap.mean(tuple(PARTS.index(name) for name in FACE)), **parts}


def run(cfg: dict, work: Path) -> None:
    """Of work/bundle, to work/evaluation/figures.json."""
    torch.set_num_threads(cfg["threads"])
    bundle, found = Bundle(work / "bundle"), {}
    for split in cfg["splits"]:
        figures: dict[str, object] = {"role": role_of(split), "parser": score(bundle.module("parser"), GatedPhotos(work, split))}
        figures["inversion"] = {str(steps): inversion_figures(bundle, work, split, steps) for steps in cfg["inversion_steps"]}
        with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as data:
            answers = predict(bundle, f"estimator:{cfg['engine']}", data["image"], data["mesh"])
            figures["attributes"] = scores(answers, {name: data[name] for name in ATTRIBUTES})
        found[split] = figures
        print(json.dumps({"split": split, **rounded(figures)}), flush=True)
    (work / "evaluation").mkdir(exist_ok=True)
    (work / "evaluation" / "figures.json").write_text(json.dumps(found, indent=1) + "\n")


def rounded(value: object) -> object:
    """A tree of figures with three decimals."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return round(value, 3) if isinstance(value, float) else value
