"""Stage `cross-domain`: does one code mean the same in both generators, and does it keep what the avatar says?

For avatars that no training has seen: E_a inverts the render; a reader trained on renders alone names the variants it sees
in the render, and in G_a's picture of the code. Two networks that never saw G_r's faces name the attributes that they see in
G_r's face of the same code: one trained on labelled photos alone, one that has seen no photo, only renders and MakeHuman
heads. Each answer is compared with the true vector; both faces are read, of the code as it is and of the code as pairs take it
(code_map.py). Attributes that are read from the latter below their aim are not taught by the pairs that ship:
work/cross_domain/ENGINE.json says which, and how often photos show what, as the second network sees it (`pairs.py` reads
both). For photos: what the second network sees in G_a's pictures of their codes, beside their labels; and how often an inversion is
nearer to its own photo than to every other one, by ST-LPIPS.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter

from .ablation import agreement_of, load_sources, train_row
from .augment import augment
from .avatar_generator import ensure_avatars, load_avatars, render_avatars
from .bundle import Bundle, parse
from .data import ATTRIBUTES, attribute_values
from .encoder import Encoder
from .engine import Engine
from .estimator import prefetch, to_tensor, train
from .estimator_engine import NONE, engine_heads
from .estimator_net import EstimatorNet
from .generator import NO_COMPOSITION, Generator
from .generator_data import FaceSet, load_photos, one_hot, to_rgb
from .inverter import encode_all, load_average
from .pairs import PhotoCodes, map_to_photos
from .perceptual import load_perceptual
from .semantics import Semantics
from .train_generator import invert

READERS = {"photos": ("photos",), "without photos": ("renders", "makehuman")}  # by what they learn from


def choices(vectors: list[dict], net: EstimatorNet) -> dict[str, np.ndarray]:
    """Index of each vector's variant, by component."""
    return {head.name: np.array([head.options.index(vector["discrete"].get(head.name) or NONE) for vector in vectors])
            for head in net.heads}


def train_reader(cfg: dict, work: Path, engine: Engine, semantics: Semantics) -> EstimatorNet:
    """A network that names the variants in pictures of the engine's style, trained on renders alone."""
    with np.load(ensure_avatars(cfg["stages"]["avatar-generator"] | cfg, work), allow_pickle=False) as arrays:
        images, vectors = arrays["image"], [json.loads(text) for text in arrays["vector"]]
    torch.manual_seed(cfg["seed"])
    rng = np.random.default_rng([cfg["seed"], 23])
    net = EstimatorNet([head for head in engine_heads(engine, semantics, cfg["engine"]) if head.kind == "discrete"], cfg["size"])
    targets = choices(vectors, net)

    def draw() -> tuple[np.ndarray, np.ndarray]:
        rows = rng.integers(0, len(images), cfg["batch"])
        return np.stack([augment(images[row], cfg["size"], rng) for row in rows]), rows

    batches = prefetch(draw)

    def step_loss(network: EstimatorNet, step: int) -> Tensor:
        pictures, rows = next(batches)
        output = network(to_tensor(pictures))
        return sum(F.cross_entropy(output[:, head.slice], torch.from_numpy(targets[head.name][rows]), label_smoothing=0.05)
                   for head in network.heads)

    path = work / "cross_domain" / f"reader_{cfg['engine']}.pt"
    path.parent.mkdir(parents=True, exist_ok=True)
    with SummaryWriter(str(work / "runs" / "cross_domain")) as log:
        average = train(net, step_loss, cfg["steps"], cfg, path, log)
    batches.close()
    net.load_state_dict(average.state)
    return net.eval()


def train_attribute_reader(name: str, cfg: dict, work: Path) -> EstimatorNet:
    """A network that names attributes and has not seen a face of G_r. Without a cache of MakeHuman heads it does without."""
    there = [source for source in READERS[name] if source != "makehuman" or (work / "cache" / "makehuman.npz").exists()]
    batch = {source: cfg["batch"] // len(there) for source in there}
    with SummaryWriter(str(work / "runs" / "cross_domain")) as log:
        return train_row(batch, load_sources(cfg, work, there), cfg["seed"], cfg,
                         work / "cross_domain" / f"{name.replace(' ', '_')}.pt", log)


def avatars_to_fit(cfg: dict, work: Path, encoder: Encoder, count: int = 2000) -> tuple[Tensor, list[dict[str, str]]]:
    """Codes by E_a of avatars that trainings see, and what these show."""
    cache = ensure_avatars(cfg["stages"]["avatar-generator"] | cfg, work)
    with np.load(cache, allow_pickle=False) as arrays:
        shown = [json.loads(text) for text in arrays["attributes"][:count]]
    faces = load_avatars(cache)
    return encode_all(encoder, FaceSet(faces.image[:count], faces.label[:count], faces.weight[:count])), shown


@torch.no_grad()
def outputs(net: EstimatorNet, rgb: Tensor) -> Tensor:
    """The network's answers for pictures [N, 3, H, W] in -1..1, resized to what it reads."""
    small = F.interpolate(rgb.clamp(-1, 1), size=(net.size, net.size), mode="bilinear", align_corners=False, antialias=True)
    return torch.cat([net(small[at:at + 16]) for at in range(0, len(small), 16)])


def variant_agreement(net: EstimatorNet, rgb: Tensor, vectors: list[dict]) -> float:
    """Mean over components of how often the variant is read right."""
    output, targets = outputs(net, rgb), choices(vectors, net)
    return float(np.mean([(output[:, head.slice].argmax(1).numpy() == targets[head.name]).mean() for head in net.heads]))


def attribute_agreement(net: EstimatorNet, rgb: Tensor, shown: list[dict[str, str]]) -> dict[str, float]:
    """Per attribute, how often a face shows what its avatar does, counted as avatars are beside photos."""
    return agreement_of(shown, outputs(net, rgb).numpy())


def labelled(work: Path, split: str) -> list[dict[str, str]]:
    """What the photos of a split show, by their labels; an unknown attribute is missing."""
    with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
        return attribute_values({name: arrays[name] for name in ATTRIBUTES}, len(arrays["glasses"]))


def expected_shares(net: EstimatorNet, images: np.ndarray) -> dict[str, dict[str, float]]:
    """How often pictures uint8 [N, S, S, 3] show each value of an attribute, by the mean of its probabilities."""
    output = torch.cat([outputs(net, to_rgb(images[at:at + 64])) for at in range(0, len(images), 64)])
    return {head.name: dict(zip(ATTRIBUTES[head.name], output[:, head.slice].softmax(1).mean(0).tolist()))
            for head in net.heads if head.kind == "attribute"}


@torch.no_grad()
def decode(generator: Generator, codes: Tensor) -> Tensor:
    return torch.cat([generator(codes[at:at + 16], NO_COMPOSITION)[0] for at in range(0, len(codes), 16)])


def retrieval(bundle: Bundle, faces: FaceSet, steps: int) -> float:
    """Share of photos whose inversion is nearest to them among all photos, by ST-LPIPS at 128 px."""
    generator, encoder, parser = bundle.generator("real_generator"), bundle.module("inverter"), bundle.module("parser")
    perceptual, ours, theirs = load_perceptual(), [], []
    for at in range(0, len(faces), 16):
        rgb = to_rgb(faces.image[at:at + 16])
        parts = parse(parser, rgb)
        with torch.no_grad():
            codes = encoder(rgb, parts)
        if steps:
            codes = invert(generator, codes, rgb, parts, perceptual, steps, mean=bundle.mean_code())
        with torch.no_grad():
            ours.append(perceptual(generator(codes)[0]))
            theirs.append(perceptual(rgb))
    distance = torch.cdist(torch.cat(ours), torch.cat(theirs))
    return float((distance.argmin(1) == torch.arange(len(distance))).float().mean())


def run(cfg: dict, work: Path) -> None:
    cfg = {**cfg["stages"]["estimator"], **cfg}
    torch.set_num_threads(cfg["threads"])
    folder = Path(cfg["engines"]) / cfg["engine"]
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")
    unseen = work / "cache" / f"unseen_{cfg['engine']}.npz"
    if not unseen.exists():
        render_avatars(engine, semantics, cfg["avatars"], 128, cfg["seed"] + 1000, unseen)
    faces = load_avatars(unseen)
    with np.load(unseen, allow_pickle=False) as arrays:
        vectors, shown = ([json.loads(text) for text in arrays[key]] for key in ("vector", "attributes"))
    reader = train_reader(cfg, work, engine, semantics)
    avatar, avatar_encoder = Generator(), Encoder()
    load_average(work / "avatar_generator" / f"{cfg['engine']}.pt", avatar, avatar_encoder)
    real, encoder = Generator(), Encoder()
    load_average(work / "generator" / "state.pt", real, encoder)
    rgb, label = to_rgb(faces.image), torch.from_numpy(faces.label).long()
    with torch.no_grad():
        codes = torch.cat([avatar_encoder(rgb[at:at + 16], one_hot(label[at:at + 16])) for at in range(0, len(rgb), 16)])
    print(json.dumps({"variants read": {"from the render": round(variant_agreement(reader, rgb, vectors), 3),
                                        "from G_a": round(variant_agreement(reader, decode(avatar, codes), vectors), 3)}}))
    readers = {name: train_attribute_reader(name, cfg, work) for name in READERS}
    shares = expected_shares(readers["without photos"], load_photos(work, "train").image)
    to_photos = map_to_photos(*avatars_to_fit(cfg, work, avatar_encoder), PhotoCodes(encoder, work), shares)
    faces_of = {"as it is": decode(real, codes), "as pairs take it": decode(real, to_photos(codes))}
    table: dict[str, dict] = {}
    for name, reader in readers.items():
        for code, pictures in faces_of.items():
            found = {attribute: round(value, 3) for attribute, value in attribute_agreement(reader, pictures, shown).items()}
            print(json.dumps({"attributes read from G_r": {"by": name, "code": code, "mean": round(float(np.mean(list(found.values()))), 3), **found}}))
        table[name] = {"agreement": found, "untaught": [attribute for attribute, value in found.items()
                                                        if value < cfg["aims"].get(attribute, cfg["aim"])]}
    table["without photos"]["shares"] = shares
    (work / "cross_domain" / f"{cfg['engine']}.json").write_text(json.dumps(table, indent=1) + "\n")
    split = load_photos(work, cfg["split"])
    found = attribute_agreement(readers["without photos"], decode(avatar, encode_all(encoder, split)), labelled(work, cfg["split"]))
    print(json.dumps({"attributes of photos read from G_a": {name: round(value, 3) for name, value in found.items()}}))
    bundle = Bundle(Path(cfg["bundle"]))
    print(json.dumps({"inversions retrieve their photo": {
        "among": len(split), **{f"{steps} steps": round(retrieval(bundle, split, steps), 3) for steps in cfg["inversion_steps"]}}}))
