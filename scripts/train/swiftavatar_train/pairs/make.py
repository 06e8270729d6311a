"""Stage `pairs`: faces that look like given avatars, with the avatars' vectors, to train the estimator.

Renders of random vectors are inverted into W+ codes by E_a (the worst ones improved by a few steps), the codes are brought
nearer to those of photos (pairs/code_map.py), parts that no avatar determines are taken from photos (semantic augmentation), and
G_r decodes the codes to faces.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ..core.bundle import NO_COMPOSITION
from ..core.checkpoint import save_arrays
from ..core.image import to_images, to_tensor
from ..core.labels import ATTRIBUTES
from ..gan.avatars import FREE_PARTS, avatars_path
from ..gan.data import FaceSet, load_faces, load_photos, one_hot
from ..gan.encoder import Encoder
from ..gan.generator import BASE_CODES, Generator
from ..gan.inversion import encode_all, invert, load_average
from ..gan.losses import part_means, rgb_to_lab
from .code_map import CodeMap, weigh
from .files import pairs_path, reader_shares
from .filter import reader_of, seen

SKIN, BROW, MOUTH, NOSE, EAR, HAIR, GLASSES, HAT, EARRING = 1, 3, 4, 5, 6, 7, 10, 11, 12
UNMAPPED = (MOUTH, GLASSES, HAT, EARRING)  # few photos show glasses or hats, and a map to the others takes them off


def shape_code(part: int) -> int:
    return BASE_CODES + 2 * part


def texture_code(part: int) -> int:
    return BASE_CODES + 2 * part + 1


class PhotoCodes:
    """Codes of the train photos, to be lent to avatars; photos are found by their labels, or by their colours alone."""

    def __init__(self, encoder: Encoder, work: Path) -> None:
        faces = load_photos(work, "train")
        self.codes = encode_all(encoder, faces)
        self.weight = faces.weight
        self.skin = part_colors(faces, SKIN)
        with np.load(work / "cache" / "train.npz", allow_pickle=False) as arrays:
            self.labels = {name: arrays[name] for name in ATTRIBUTES}

    def pick(self, rng: np.random.Generator, wanted: dict[str, str], near: int = 0) -> int | None:
        """A photo whose labels equal `wanted` (skin tone within `near` steps), or None."""
        fits = self.weight.copy()
        for name, value in wanted.items():
            place = ATTRIBUTES[name].index(value) if value in ATTRIBUTES[name] else -1
            reach = near if name == "skin_tone" else 0
            fits = fits * (np.abs(self.labels[name].astype(int) - place) <= reach) * (self.labels[name] >= 0)
        return int(rng.choice(len(fits), p=fits / fits.sum())) if fits.sum() > 0 else None

    def pick_like(self, rng: np.random.Generator, skin: np.ndarray, among: int = 40) -> int:
        """One of the photos whose skin is nearest to the colour `skin` (L*a*b*)."""
        nearest = np.argsort(np.nan_to_num(((self.skin - skin) ** 2).sum(1), nan=1e9))[:among]
        return int(rng.choice(nearest, p=self.weight[nearest] / self.weight[nearest].sum()))


def part_colors(faces: FaceSet, part: int) -> np.ndarray:
    """Mean L*a*b* of a part in each picture [N, 3]; NaN where it is not there."""
    found = np.full((len(faces), 3), np.nan, np.float32)
    for at in range(0, len(faces), 64):
        rgb, label = to_tensor(faces.image[at:at + 64]), torch.from_numpy(faces.label[at:at + 64]).long()
        means, area = part_means(rgb_to_lab(rgb), one_hot(label))
        found[at:at + 64] = torch.where(area[:, part, None] > 0.004, means[:, part], torch.nan).numpy()
    return found


def value_shares(labels: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """How often photos show each value of an attribute, of those that show one."""
    return {name: {value: float((labels[name] == place).sum() / (labels[name] >= 0).sum())
                   for place, value in enumerate(values) if (labels[name] == place).any()} for name, values in ATTRIBUTES.items()}


def map_to_photos(codes: Tensor, shown: list[dict[str, str]], photos: PhotoCodes, shares: dict[str, dict[str, float]]) -> CodeMap:
    """From the avatars' codes, which show `shown`, to the photos', which show each attribute's values in `shares`."""
    keep = [code for part in UNMAPPED for code in (shape_code(part), texture_code(part))]
    # Hats are too few among photos to weigh avatars by.
    return CodeMap(codes, weigh(shown, {name: values for name, values in shares.items() if name != "headwear"}), photos.codes, keep)


def augment_without_labels(code: Tensor, skin: np.ndarray, photos: PhotoCodes, rng: np.random.Generator,
                           coarse_noise: float, part_noise: float) -> Tensor:
    """As augment_code, but photos are chosen by the colour of their skin alone: nothing here has read a label, and the
    texture of hair, of which colour says nothing, stays."""
    code = code.clone()
    for parts in (FREE_PARTS, (NOSE, EAR)) if rng.random() < 0.5 else (FREE_PARTS,):
        row = photos.pick_like(rng, skin)
        for part in parts:
            first = shape_code(part) if parts is FREE_PARTS else texture_code(part)
            code[first:texture_code(part) + 1] = photos.codes[row, first:texture_code(part) + 1]
    return code + code_noise(photos.codes, rng, coarse_noise, part_noise)


def code_noise(codes: Tensor, rng: np.random.Generator, coarse: float, part: float) -> Tensor:
    """Noise [28, 64] in shares of the standard deviations of `codes`; other shares for coarse codes and part codes."""
    noise = torch.from_numpy(rng.standard_normal(codes.shape[1:])).float() * codes.std(0)
    scale = torch.full((codes.shape[1], 1), part)
    scale[:BASE_CODES] = coarse
    return noise * scale


def augment_code(code: Tensor, shown: dict[str, str], photos: PhotoCodes, rng: np.random.Generator, coarse_noise: float,
                 part_noise: float) -> Tensor:
    """One avatar's code [28, 64] as that of another person with the same avatar.

    Background, neck and cloth always come from a photo. The textures of hair, brows, nose and ears come, half of the
    time, from photos with equal labels; their shapes stay, for sliders tell of them. Coarse codes and part codes get
    noise in units of the photos' standard deviations.
    """
    code = code.clone()
    for part in FREE_PARTS:
        # the neck must have the face's colour
        same_skin = {"skin_tone": shown["skin_tone"]} if part == 8 and "skin_tone" in shown else {}
        row = photos.pick(rng, same_skin, near=1)
        if row is None:
            row = photos.pick(rng, {})
        code[shape_code(part):texture_code(part) + 1] = photos.codes[row, shape_code(part):texture_code(part) + 1]
    hair = {name: shown[name] for name in ("hair_color", "hair_texture") if name in shown}
    for parts, wanted in (((HAIR,), hair), ((BROW,), {k: v for k, v in hair.items() if k == "hair_color"}),
                          ((NOSE, EAR), {k: v for k, v in shown.items() if k == "skin_tone"})):
        row = photos.pick(rng, wanted, near=1) if wanted and rng.random() < 0.5 else None
        for part in parts if row is not None else ():
            code[texture_code(part)] = photos.codes[row, texture_code(part)]
    return code + code_noise(photos.codes, rng, coarse_noise, part_noise)


def avatar_codes(encoder: Encoder, generator: Generator, faces: FaceSet, share: float = 0.1,
                 steps: int = 10) -> tuple[Tensor, np.ndarray]:
    """Codes [N, 28, 64] of avatars by E_a, the worst `share` improved by Adam steps, and the inversion errors [N]."""
    codes = encode_all(encoder, faces)

    def errors(rows: np.ndarray) -> np.ndarray:
        found = []
        for at in range(0, len(rows), 32):
            chosen = rows[at:at + 32]
            with torch.no_grad():
                out, mask, _ = generator(codes[chosen], NO_COMPOSITION)
            rgb, label = to_tensor(faces.image[chosen]), torch.from_numpy(faces.label[chosen]).long()
            wrong = (mask.argmax(1) != label).float().mean([1, 2])
            found.append(((out - rgb).abs().mean([1, 2, 3]) + wrong).numpy())
        return np.concatenate(found)

    error = errors(np.arange(len(faces)))
    worst = np.argsort(error)[len(error) - round(len(error) * share):]
    for at in range(0, len(worst), 16):
        chosen = worst[at:at + 16]
        label = torch.from_numpy(faces.label[chosen]).long()
        # Slower than photos are inverted: further from the codes of photos, the other generator knows them less.
        codes[chosen] = invert(generator, codes[chosen], to_tensor(faces.image[chosen]), one_hot(label), None, steps, lr=0.03)
    if len(worst):
        error[worst] = errors(worst)
    return codes, error


def disagreement(mask: Tensor, label: Tensor) -> Tensor:
    """[N]: 1 - mean IoU of face, mouth, hair, glasses and hat between the face's mask and the avatar's labels."""
    guess, total, count = mask.argmax(1), torch.zeros(len(label)), torch.zeros(len(label))
    for part in (SKIN, MOUTH, HAIR, GLASSES, HAT):
        ours, theirs = guess == part, label == part
        union = (ours | theirs).flatten(1).sum(1).float()
        present = union > 30
        total += torch.where(present, (ours & theirs).flatten(1).sum(1) / union.clamp(min=1), 0.0)
        count += present
    return 1 - total / count.clamp(min=1)


def keep_best(score: np.ndarray, groups: np.ndarray, drop: float) -> np.ndarray:
    """True for all but the worst share of each group (of each hair style, say): rare ones survive."""
    keep = np.ones(len(score), bool)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        worst = rows[np.argsort(score[rows])[len(rows) - int(len(rows) * drop):]]
        keep[worst] = False
    return keep


def run(cfg: dict, work: Path) -> None:
    """cfg["augment"]: "labels" (donors by label), "colors" (donors by colour; no label is read) or "none"."""
    torch.set_num_threads(cfg["threads"])
    engine = cfg["engine"]
    cache = avatars_path(work, engine)
    faces = load_faces(cache)
    with np.load(cache, allow_pickle=False) as arrays:
        vectors, shown = arrays["vector"], [json.loads(text) for text in arrays["attributes"]]
    real, encoder = Generator(), Encoder()
    load_average(work / "generator" / "state.pt", real, encoder)
    photos = PhotoCodes(encoder, work)
    generator, avatar_encoder = Generator(), Encoder()
    load_average(work / "avatar_generator" / f"{engine}.pt", generator, avatar_encoder)
    codes, error = avatar_codes(avatar_encoder, generator, faces, cfg["improve_share"], cfg["improve_steps"])
    skin = np.nan_to_num(part_colors(faces, SKIN), nan=60.0)
    shares = value_shares(photos.labels) if cfg["augment"] == "labels" else reader_shares(work)
    to_photos = map_to_photos(codes, shown, photos, shares)

    def augmented(row: int, rng: np.random.Generator) -> Tensor:
        noise = cfg["coarse_noise"], cfg["part_noise"]
        code = to_photos(codes[row], cfg["map_share"] * rng.random())
        if cfg["augment"] == "none":
            return code
        if cfg["augment"] == "colors":
            return augment_without_labels(code, skin[row], photos, rng, *noise)
        return augment_code(code, shown[row], photos, rng, *noise)

    rng = np.random.default_rng([cfg["seed"], 11])
    rows = np.repeat(np.arange(len(faces)), cfg["faces_per_vector"])
    images = np.empty((len(rows), 128, 128, 3), np.uint8)
    score = np.empty(len(rows), np.float32)
    for at in tqdm(range(0, len(rows), 32), desc="pairs", mininterval=30):
        chosen = rows[at:at + 32]
        batch = torch.stack([augmented(row, rng) for row in chosen])
        with torch.no_grad():
            out, mask, _ = real(batch, NO_COMPOSITION)
        images[at:at + 32] = to_images(out)
        label = torch.from_numpy(faces.label[chosen]).long()
        score[at:at + 32] = disagreement(mask, label).numpy() + error[chosen]
    hair = np.array([json.loads(text)["discrete"].get("hair") or "none" for text in vectors])
    keep = keep_best(score, hair[rows], cfg["drop"])
    path = pairs_path(work, engine, cfg["augment"])
    sees = seen(reader_of(work, cfg["augment"]), images[keep], [shown[row] for row in rows[keep]])
    save_arrays(path, image=images[keep], vector=rows[keep].astype(np.int32), vectors=vectors,
                **{f"seen_{name}": values for name, values in sees.items()})
    print(json.dumps({"faces that show": {name: round(float(values.mean()), 3) for name, values in sees.items()}}))
    print(f"{path}: {int(keep.sum())} faces of {len(vectors)} vectors, mean disagreement {score[keep].mean():.3f}")
