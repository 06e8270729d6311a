"""Stage `cross-domain`: does one code mean the same in both generators, and does it keep what the avatar says?

For avatars that no training has seen: E_a inverts the render; a reader names the variants that it sees in the render, and in
G_a's picture of the code, as E_a gives it and, for the first `inverted`, after `invert_steps` steps of Adam. One reader learns
from renders alone, another one also from G_a's pictures of them, which are blurred: what the first cannot read may be there all
the same. The networks of stage `readers`, which never saw G_r's faces, name the attributes that they see in G_r's face of the
same code. Each answer is compared with the true vector; both faces are read, of the code as it is and of the code that has
gone all the way to where photos' codes are (pairs/code_map.py). What is read from the latter is written to
work/cross_domain/ENGINE.json. For photos: what the reader without photos sees in
G_a's pictures of their codes, beside their labels; and how often an inversion is nearer to its own photo than to every other
one, by ST-LPIPS.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter

from ..attributes.learner import load_network, train
from ..attributes.network import EstimatorNet
from ..core.batches import prefetch
from ..core.bundle import Bundle, parse
from ..core.image import to_images, to_tensor
from ..core.labels import ATTRIBUTES, attribute_values
from ..engines.engine import Engine
from ..engines.semantics import Semantics
from ..estimator.heads import NONE, engine_heads
from ..evaluation.network_agreement import agreement_of
from ..gan.avatars import avatars_path, render_avatars
from ..gan.data import FaceSet, load_faces, load_photos, one_hot
from ..gan.encoder import Encoder
from ..gan.generator import Generator
from ..gan.inversion import decode, encode_all, invert, load_average
from ..gan.perceptual import load_perceptual
from ..pairs.files import reader_path, reader_shares
from ..pairs.filter import outputs
from ..pairs.make import PhotoCodes, map_to_photos
from ..pairs.readers import READERS
from ..photos.augment import augment


def choices(vectors: list[dict], net: EstimatorNet) -> dict[str, np.ndarray]:
    """Index of each vector's variant, by component."""
    return {head.name: np.array([head.options.index(vector["discrete"].get(head.name) or NONE) for vector in vectors])
            for head in net.heads}


def train_variant_reader(cfg: dict, work: Path, engine: Engine, semantics: Semantics, pictures: dict[str, np.ndarray], name: str) -> EstimatorNet:
    """A network that names the variants in pictures uint8 [N, S, S, 3] of the engine's style; each kind of them shows the avatars
    that trainings see, in their order."""
    with np.load(avatars_path(work, cfg["engine"]), allow_pickle=False) as arrays:
        vectors = [json.loads(text) for text in arrays["vector"]]
    torch.manual_seed(cfg["seed"])
    net = EstimatorNet([head for head in engine_heads(engine, semantics, cfg["engine"], all_components=True) if head.kind == "discrete"], cfg["size"])
    targets = choices(vectors, net)

    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        rows, kinds = rng.integers(0, len(vectors), cfg["batch"]), rng.choice(list(pictures), cfg["batch"])
        return np.stack([augment(pictures[kind][row], cfg["size"], rng)[0] for kind, row in zip(kinds, rows)]), rows

    def loss(network: EstimatorNet, drawn: tuple[np.ndarray, np.ndarray]) -> Tensor:
        output = network(to_tensor(drawn[0]))
        return sum(F.cross_entropy(output[:, head.slice], torch.from_numpy(targets[head.name][drawn[1]]), label_smoothing=0.05)
                   for head in network.heads)

    path = Path(cfg["scratch"]) / f"reader_of_{name}.pt"
    with SummaryWriter(str(work / "runs" / "cross_domain")) as log:
        average = train(net, lambda first: prefetch(draw, cfg["seed"], first), loss, cfg["reader_steps"], cfg, path, log)
    net.load_state_dict(average.state)
    return net.eval()


def avatars_to_fit(cfg: dict, work: Path, encoder: Encoder, count: int = 2000) -> tuple[Tensor, list[dict[str, str]]]:
    """Codes by E_a of avatars that trainings see, and what these show."""
    cache = avatars_path(work, cfg["engine"])
    with np.load(cache, allow_pickle=False) as arrays:
        shown = [json.loads(text) for text in arrays["attributes"][:count]]
    faces = load_faces(cache)
    return encode_all(encoder, FaceSet(faces.image[:count], faces.label[:count], faces.weight[:count])), shown


def read_avatars(cfg: dict, work: Path, engine: Engine, semantics: Semantics, avatar: Generator, encoder: Encoder,
                 faces: FaceSet, codes: Tensor, vectors: list[dict]) -> None:
    """Prints how often each reader names the variants of unseen avatars right. `codes`: theirs by E_a."""
    seen = load_faces(avatars_path(work, cfg["engine"]))
    pictures = {"renders": seen.image, "G_a": to_images(decode(avatar, encode_all(encoder, seen)))}
    rgb, label = to_tensor(faces.image), torch.from_numpy(faces.label).long()
    steps, few, perceptual = cfg["invert_steps"], min(cfg["inverted"], len(faces)), load_perceptual()
    closer = torch.cat([invert(avatar, codes[at:at + 16], rgb[at:at + 16], one_hot(label[at:at + 16]), perceptual, steps)
                        for at in range(0, few, 16)])
    shown = {"the render": rgb, "G_a": decode(avatar, codes), f"G_a, the first {few}": decode(avatar, codes[:few]),
             f"G_a, the first {few}, {steps} steps": decode(avatar, closer[:few])}
    for name, kinds in (("renders", ("renders",)), ("renders and G_a", ("renders", "G_a"))):
        reader = train_variant_reader(cfg, work, engine, semantics, {kind: pictures[kind] for kind in kinds}, "_".join(kinds))
        for source, picture in shown.items():
            right = variant_agreement(reader, picture, vectors[:len(picture)])
            print(json.dumps({"variants read from": source, "by a reader of": name, "mean": round(float(np.mean(list(right.values()))), 3),
                              **{component: round(value, 3) for component, value in right.items()}}), flush=True)


def variant_agreement(net: EstimatorNet, rgb: Tensor, vectors: list[dict]) -> dict[str, float]:
    """How often the variant is read right, by component."""
    output, targets = outputs(net, rgb), choices(vectors, net)
    return {head.name: float((output[:, head.slice].argmax(1).numpy() == targets[head.name]).mean()) for head in net.heads}


def attribute_agreement(net: EstimatorNet, rgb: Tensor, shown: list[dict[str, str]]) -> dict[str, float]:
    """Per attribute, how often a face shows what its avatar does, counted as avatars are beside photos."""
    return agreement_of(shown, outputs(net, rgb).numpy())


def labelled(work: Path, split: str) -> list[dict[str, str]]:
    """What the photos of a split show, by their labels; an unknown attribute is missing."""
    with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
        return attribute_values({name: arrays[name] for name in ATTRIBUTES}, len(arrays["glasses"]))


def retrieval(bundle: Bundle, faces: FaceSet, steps: int) -> float:
    """Share of photos whose inversion is nearest to them among all photos, by ST-LPIPS at 128 px."""
    generator, encoder, parser = bundle.generator("real_generator"), bundle.module("inverter"), bundle.module("parser")
    perceptual, ours, theirs = load_perceptual(), [], []
    for at in range(0, len(faces), 16):
        rgb = to_tensor(faces.image[at:at + 16])
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
    torch.set_num_threads(cfg["threads"])
    folder = Path(cfg["engines"]) / cfg["engine"]
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")
    unseen = Path(cfg["scratch"]) / "unseen.npz"
    if not unseen.exists():
        render_avatars(engine, semantics, cfg["unseen"], 128, cfg["seed"] + 1000, unseen)
    faces = load_faces(unseen)
    with np.load(unseen, allow_pickle=False) as arrays:
        vectors, shown = ([json.loads(text) for text in arrays[key]] for key in ("vector", "attributes"))
    avatar, avatar_encoder = Generator(), Encoder()
    load_average(work / "avatar_generator" / f"{cfg['engine']}.pt", avatar, avatar_encoder)
    real, encoder = Generator(), Encoder()
    load_average(work / "generator" / "state.pt", real, encoder)
    codes = encode_all(avatar_encoder, faces)
    read_avatars(cfg, work, engine, semantics, avatar, avatar_encoder, faces, codes, vectors)
    readers = {name: load_network(reader_path(work, name)) for name in READERS}
    to_photos = map_to_photos(*avatars_to_fit(cfg, work, avatar_encoder), PhotoCodes(encoder, work), reader_shares(work))
    faces_of = {"as it is": decode(real, codes), "mapped": decode(real, to_photos(codes))}
    table: dict[str, dict] = {}
    for name, reader in readers.items():
        for code, pictures in faces_of.items():
            found = {attribute: round(value, 3) for attribute, value in attribute_agreement(reader, pictures, shown).items()}
            mean = round(float(np.nanmean(list(found.values()))), 3)
            print(json.dumps({"attributes read from G_r": {"by": name, "code": code, "mean": mean, **found}}))
        table[name] = found
    (work / "cross_domain").mkdir(exist_ok=True)
    (work / "cross_domain" / f"{cfg['engine']}.json").write_text(json.dumps(table, indent=1) + "\n")
    split = load_photos(work, cfg["split"])
    found = attribute_agreement(readers["without photos"], decode(avatar, encode_all(encoder, split)), labelled(work, cfg["split"]))
    print(json.dumps({"attributes of photos read from G_a": {name: round(value, 3) for name, value in found.items()}}))
    bundle = Bundle(work / "bundle")
    print(json.dumps({"inversions retrieve their photo": {
        "among": len(split), **{f"{steps} steps": round(retrieval(bundle, split, steps), 3) for steps in cfg["inversion_steps"]}}}))
