"""Stage `ablation`: what each source of training data is worth, at equal steps and over several seeds.

Rows, by the sources of a batch:
    a   renders of the engine alone: the baseline that ignores the gap between photos and avatars
    b   + faces paired by the dual-domain generators
    c   + semantic augmentation of those
    c+  row c, and no attribute is left out of all pairs
    d   + MakeHuman heads, which show the same attributes
    e0  labelled photos alone
    e   all of it
    e-  all of it without the pairs
    ci  the networks of row c, which read the photo's inversion instead of the photo
The losses of rows a to d and ci read no label of any photo (G_r had learnt with masks that labels had gated): the donors of
the augmentation are chosen by colour; each face teaches what the reader without photos sees in it (pair_filter.py; the reader has
learnt from MakeHuman heads, too, so these have a share in rows b and c); and what the pairs must not teach at all is found on
MakeHuman heads, which are between drawings and photos: attributes that the networks of row c+ read worse from them than those of
row a.

Each network's answers for the photos of `split` are kept in work/ablation; the stage goes on where it stopped, and prints
the table at its end.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from .agreement import DRAWS, ROWS, Photos as Answers, average, figure, hits, person_draws
from .augment import augment
from .avatar_generator import ensure_avatars
from .bundle import Bundle, parse
from .data import ATTRIBUTES, attribute_values, measures, read_labels
from .engine import Engine
from .estimator import attribute_heads, class_weights, photo_loss, prefetch, to_tensor, train
from .estimator_folds import answers
from .estimator_net import EstimatorNet
from .folds import sources
from .generator_data import to_images
from .geometry import SIX, drawn_mesh, rank_correlation
from .matching import DRAWS as MATCHES, draw_quizzes, standard, wrong_attributes
from .pair_table import hidden, pairs_path
from .resize import shrink_all
from .semantics import Semantics

BATCHES: dict[str, dict[str, int]] = {
    "a": {"renders": 24},
    "b": {"renders": 10, "pairs_plain": 14},
    "c+": {"renders": 6, "pairs_whole": 18},
    "c": {"renders": 6, "pairs": 18},
    "d": {"renders": 4, "pairs": 10, "makehuman": 10},
    "e0": {"photos": 24},
    "e": {"photos": 12, "renders": 2, "pairs": 5, "makehuman": 5},
    "e-": {"photos": 12, "renders": 5, "makehuman": 7},
}
# Sources by what they are without some attributes: a source's name, the source it is made of.
MASKED = {"pairs_plain": "pairs_plain_whole", "pairs": "pairs_whole"}
JUDGED_ON = 600  # MakeHuman heads
TABLE = [row for row in ROWS if row.name not in ("hair texture, balanced", "skin tone 5 to 10", "headwear")]
COMPARED = (("c", "a"), ("b", "a"), ("c", "b"), ("c+", "a"), ("c+", "c"), ("d", "c"), ("e", "e-"), ("e", "e0"), ("ci", "c"))


class Source:
    """Pictures uint8 [N, S, S, 3] with attribute indices (-1 unknown) and measures, as deviations within the source."""

    def __init__(self, image: np.ndarray, labels: dict[str, np.ndarray], lengths: dict[str, np.ndarray],
                 weight: np.ndarray | None = None) -> None:
        self.image, self.labels = image, labels
        self.lengths = {name: (value - value.mean()) / (value.std() + 1e-9) for name, value in lengths.items()}
        self.weight = None if weight is None else weight / weight.sum()

    def without(self, untaught: list[str]) -> Source:
        """The same pictures; of the attributes `untaught` nothing is known."""
        found = copy.copy(self)
        found.labels = self.labels | {name: np.full(len(self.image), -1) for name in untaught}
        return found

    def draw(self, count: int, size: int, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        rows = rng.choice(len(self.image), count, p=self.weight)
        images = np.stack([augment(self.image[row], size, rng) for row in rows])
        return images, {**{name: values[rows] for name, values in self.labels.items()},
                        **{f"measure:{name}": values[rows] for name, values in self.lengths.items()}}


def of_photos(cache: Path) -> Source:
    with np.load(cache, allow_pickle=False) as arrays:
        kind = sources(arrays["name"])
        counts = dict(zip(*np.unique(kind, return_counts=True)))
        return Source(arrays["image"], {name: arrays[name].astype(np.int64) for name in ATTRIBUTES},
                      measures(arrays["checked"].astype(np.float64)), np.array([counts[one] ** -0.5 for one in kind]))


def of_heads(cache: Path) -> Source:
    with np.load(cache, allow_pickle=False) as arrays:
        return Source(arrays["image"], {name: arrays[name].astype(np.int64) for name in ATTRIBUTES},
                      measures(arrays["mesh"].astype(np.float64)))


def of_avatars(image: np.ndarray, vectors: list[dict], engine: Engine, semantics: Semantics) -> Source:
    """Pictures that show avatars: renders, or faces made for them; `vectors` has one for each picture."""
    shown = [semantics.read(vector) for vector in vectors]
    labels = {name: np.array([values.index(one[name]) if one.get(name) in values else -1 for one in shown])
              for name, values in ATTRIBUTES.items()}
    drawn = [measures(drawn_mesh(engine, vector)) for vector in vectors]
    return Source(image, labels, {name: np.array([float(one[name]) for one in drawn]) for name in drawn[0]})


def of_pairs(cache: Path, engine: Engine, semantics: Semantics) -> Source:
    with np.load(cache, allow_pickle=False) as arrays:
        vectors = [json.loads(text) for text in arrays["vectors"]]
        found = of_avatars(arrays["image"], [vectors[row] for row in arrays["vector"]], engine, semantics)
        for name, faces in hidden(arrays).items():
            found.labels[name][faces] = -1
        return found


def load_sources(cfg: dict, work: Path, wanted: list[str]) -> dict[str, Source]:
    """The sources of these names, those of BATCHES."""
    folder, name = Path(cfg["engines"]) / cfg["engine"], cfg["engine"]
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")

    def renders() -> Source:
        with np.load(ensure_avatars(cfg["stages"]["avatar-generator"] | cfg, work), allow_pickle=False) as arrays:
            return of_avatars(arrays["image"], [json.loads(text) for text in arrays["vector"]], engine, semantics)

    def pairs(augment: str) -> Source:
        return of_pairs(pairs_path(work, name, augment), engine, semantics)

    there_are = {"renders": renders,
                 "pairs_plain_whole": lambda: pairs("none"),
                 "pairs_whole": lambda: pairs("colors"),
                 "makehuman": lambda: of_heads(work / "cache" / "makehuman.npz"),
                 "photos": lambda: of_photos(work / "cache" / "train.npz")}
    return {source: there_are[source]() for source in wanted}


def train_row(batch: dict[str, int], data: dict[str, Source], seed: int, cfg: dict, path: Path,
              log: SummaryWriter) -> EstimatorNet:
    """One network from the sources of `batch`. Class weights come from those sources alone."""
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 17])
    labels = {name: np.concatenate([data[source].labels[name] for source in batch]) for name in ATTRIBUTES}
    weights = {name: class_weights(labels[name], len(values)) for name, values in ATTRIBUTES.items()}
    net = EstimatorNet(attribute_heads(np.random.default_rng(0).random((8, 478, 2))), cfg["size"])
    for head in net.heads:
        head.mean, head.std = 0.0, 1.0

    def draw() -> tuple[np.ndarray, dict[str, np.ndarray]]:
        drawn = [data[source].draw(count, cfg["size"], rng) for source, count in batch.items()]
        return (np.concatenate([images for images, _ in drawn]),
                {key: np.concatenate([targets[key] for _, targets in drawn]) for key in drawn[0][1]})

    batches = prefetch(draw)

    def step_loss(network: EstimatorNet, step: int) -> Tensor:
        images, targets = next(batches)
        return photo_loss(network, network(to_tensor(images)), targets, weights)

    averaged = train(net, step_loss, cfg["steps"], cfg, path, log)
    batches.close()
    net.load_state_dict(averaged.state)
    return net.eval()


@torch.no_grad()
def inversions(images: np.ndarray, bundle: Bundle) -> np.ndarray:
    """The pictures as the realistic generator gives them back through its encoder, uint8 [N, 128, 128, 3]."""
    generator, encoder, parser, found = bundle.generator("real_generator"), bundle.module("inverter"), bundle.module("parser"), []
    for at in range(0, len(images), 16):
        rgb = to_tensor(shrink_all(images[at:at + 16], 128))
        out = generator(encoder(rgb, parse(parser, rgb)))[0]
        found.append(to_images(out))
    return np.concatenate(found)


def as_answers(output: np.ndarray, photos: Answers) -> Answers:
    """The attribute heads' answers [N, total] beside the photos' labels."""
    found: list[dict[str, object]] = [{} for _ in output]
    at = 0
    for name, values in ATTRIBUTES.items():
        for answer, best in zip(found, output[:, at:at + len(values)].argmax(1)):
            answer[name] = values[best]
        at += len(values)
    return Answers(photos.labels, found, photos.person, photos.sure, photos.tone)


def agreement_of(shown: list[dict[str, str]], output: np.ndarray) -> dict[str, float]:
    """Per attribute, how often the heads' answers [N, total] are what the pictures show, counted as for photos. An attribute
    that is missing in `shown` does not count."""
    labels = [dict.fromkeys(ATTRIBUTES, "") | one for one in shown]
    seen = as_answers(output, Answers(labels, [], np.arange(len(labels)), np.ones(len(labels), bool),
                                      np.array([int(one["skin_tone"] or 0) for one in labels])))
    return {row.attribute: figure(row, seen) for row in TABLE}


def agreement_with(source: Source, output: np.ndarray) -> dict[str, float]:
    """The same for the first pictures of a source."""
    return agreement_of(attribute_values(source.labels, len(output)), output)


def worse_by_pairs(folder: Path, heads: Source) -> list[str]:
    """Attributes that the networks of row c+ read worse from MakeHuman heads than those of row a, by the means over seeds.
    Attributes that the heads do not show are not among them."""
    found = {row: [agreement_with(heads, np.load(path)) for path in sorted(folder.glob(f"{row}_*.makehuman.npy"))] for row in ("a", "c+")}
    if not all(found.values()):
        raise SystemExit(f"{folder}: rows a and c+ must come before the others with pairs; add them to `rows`")
    mean = {row: {name: float(np.mean([one[name] for one in each])) for name in each[0]} for row, each in found.items()}
    print(json.dumps({"read from MakeHuman heads": {row: {name: round(value, 3) for name, value in each.items()} for row, each in mean.items()}}))
    return [name for name in mean["a"] if mean["c+"][name] < mean["a"][name]]


def mean_agreement(outputs: list[np.ndarray], photos: Answers, weights: np.ndarray) -> np.ndarray:
    """Mean over attributes and seeds under each set of photo weights [D, N]."""
    found = []
    for output in outputs:
        answered = as_answers(output, photos)
        found += [average(row, *hits(row, answered), weights) for row in TABLE]
    return np.nanmean(np.stack(found), 0)


def geometry(outputs: list[np.ndarray], lengths: dict[str, np.ndarray]) -> tuple[float, float]:
    """Median and lowest of the six rank correlations, means over seeds; measures follow the attributes in an output."""
    first = sum(len(values) for values in ATTRIBUTES.values())
    names = list(lengths)
    values = [np.mean([rank_correlation(output[:, first + names.index(name)], lengths[name])
                       for output in outputs]) for name in SIX]
    return float(np.median(values)), float(np.min(values))


def matching_rate(outputs: list[np.ndarray], photos: Answers, lengths: dict[str, np.ndarray]) -> float:
    """How often a photo's own answers are nearer to its labels and proportions than those for three others whose hair is as long
    and whose skin is as dark (matching.py, without colours); mean over seeds and draws of the others."""
    people = [SimpleNamespace(person=person, label=label) for person, label in zip(photos.person, photos.labels)]
    first, names = sum(len(values) for values in ATTRIBUTES.values()), list(lengths)
    true = standard(np.stack([lengths[name] for name in SIX], 1))
    quizzes = [quiz for seed in range(MATCHES) for quiz in draw_quizzes(people, None, seed)]
    right = []
    for output in outputs:
        shown = as_answers(output, photos).answers
        said = standard(output[:, [first + names.index(name) for name in SIX]])

        def distance(one: int, other: int) -> float:
            return wrong_attributes(photos.labels[one], shown[other]) + 0.75 * float(np.abs(true[one] - said[other]).mean())

        right += [min(four, key=lambda other: distance(index, other)) == index for index, four in quizzes]
    return float(np.mean(right))


def report(folder: Path, photos: Answers, lengths: dict[str, np.ndarray], seeds: list[int]) -> str:
    """The table of rows and of paired differences, as Markdown."""
    rows = {name: [np.load(path) for path in (folder / f"{name}_{seed}.npy" for seed in seeds) if path.exists()]
            for name in [*BATCHES, "ci"]}
    rows = {name: outputs for name, outputs in rows.items() if outputs}
    everybody, draws = np.ones((1, len(photos.person))), person_draws(photos.person, DRAWS)
    lines = ["| row | mean over attributes | 95 % | " + " | ".join(row.name for row in TABLE) + " | proportions: median, lowest | matching |",
             "|---" * (len(TABLE) + 5) + "|"]
    spread = {name: mean_agreement(outputs, photos, draws) for name, outputs in rows.items()}
    value = {name: float(mean_agreement(outputs, photos, everybody)[0]) for name, outputs in rows.items()}
    for name, outputs in rows.items():
        low, high = np.percentile(spread[name], [2.5, 97.5])
        each = [np.mean([average(row, *hits(row, as_answers(output, photos)), everybody)[0] for output in outputs]) for row in TABLE]
        median, lowest = geometry(outputs, lengths)
        lines.append(f"| {name} | {value[name]:.3f} | {low:.3f} to {high:.3f} | " + " | ".join(f"{one:.3f}" for one in each)
                     + f" | {median:.2f}, {lowest:.2f} | {matching_rate(outputs, photos, lengths):.3f} |")
    lines += ["", "| difference | value | 95 % |", "|---|---|---|"]
    for one, other in COMPARED:
        if one in rows and other in rows:
            low, high = np.percentile(spread[one] - spread[other], [2.5, 97.5])
            lines.append(f"| {one} - {other} | {value[one] - value[other]:+.3f} | {low:+.3f} to {high:+.3f} |")
    return "\n".join(lines)


def run(cfg: dict, work: Path) -> None:
    cfg = {**cfg["stages"]["estimator"], **cfg}
    torch.set_num_threads(cfg["threads"])
    folder, split = work / "ablation", cfg["split"]
    folder.mkdir(parents=True, exist_ok=True)
    with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
        images, names, lengths = arrays["image"], arrays["name"], measures(arrays["checked"].astype(np.float64))
        person = arrays["person"]
    by_name = {row["file"]: row for row in read_labels(Path(cfg["photos"]) / f"{split}.csv")}
    labels = [by_name[name] for name in names]
    photos = Answers(labels, [{}] * len(labels), person, np.array([row["confidence"] == "1" for row in labels]),
                     np.array([int(row["skin_tone"]) if row["skin_tone"].isdigit() else 0 for row in labels]))
    wanted = {MASKED.get(source, source) for row in cfg["rows"] for source in BATCHES[row]}
    data = load_sources(cfg, work, sorted(wanted | {"makehuman"}))
    judges = data["makehuman"].image[:JUDGED_ON]
    inverted = inversions(images, Bundle(Path(cfg["bundle"])))
    with SummaryWriter(str(work / "runs" / "ablation")) as log:
        # Rows a and c+ come first, with every seed: they decide what the others' pairs do not teach.
        for later, seed, name in sorted((name not in ("a", "c+"), seed, name) for seed in cfg["seeds"] for name in cfg["rows"]):
            if (folder / f"{name}_{seed}.npy").exists():
                continue
            for masked, whole in MASKED.items():
                if masked in BATCHES[name] and masked not in data:
                    data[masked] = data[whole].without(worse_by_pairs(folder, data["makehuman"]))
            checkpoint = folder / f"{name}_{seed}.pt"
            net = train_row(BATCHES[name], data, seed, cfg, checkpoint, log)
            if not later:
                np.save(folder / f"{name}_{seed}.makehuman.npy", answers(net, judges, cfg["size"]))
            if name == "c":
                np.save(folder / f"ci_{seed}.npy", answers(net, inverted, cfg["size"]))
            np.save(folder / f"{name}_{seed}.npy", answers(net, images, cfg["size"]))
            checkpoint.unlink()
            print(json.dumps({"row": name, "seed": seed}), flush=True)
    table = report(folder, photos, lengths, cfg["seeds"])
    (folder / "table.md").write_text(table + "\n")
    print(table)
