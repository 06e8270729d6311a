"""Stage `ablation`: what each source of training data is worth, at equal steps and over several seeds.

Rows, by the sources of a batch:
    a   renders of the engine alone: the baseline that ignores the gap between photos and avatars
    b   + faces paired by the dual-domain generators
    c   + semantic augmentation of those
    d   + MakeHuman heads, which show the same attributes
    e0  labelled photos alone
    e   all of it
    e-  all of it without the pairs
    ci  the networks of row c, which read the photo's inversion instead of the photo
The losses of rows a to d and ci read no label of any photo (G_r had learnt with masks that labels had gated): the donors of
the augmentation are chosen by colour; each face teaches what the reader without photos sees in it (pairs/filter.py; the reader has
learnt from MakeHuman heads, too, so these have a share in rows b and c).

Each network's answers for the photos of `split` are kept while the stage runs, so that it goes on where it stopped; the table is
printed at its end.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

from ..attributes.learner import answers
from ..core.bundle import Bundle, parse
from ..core.image import shrink_all, to_images, to_tensor
from ..core.labels import ATTRIBUTES, measures, read_rows
from ..evaluation.agreement import DRAWS, Answers, average, count_row, hits, person_draws
from ..evaluation.geometry import SIX, rank_correlation
from ..evaluation.matching import DRAWS as MATCHES
from ..evaluation.matching import draw_quizzes, standard, wrong_attributes
from ..evaluation.network_agreement import TABLE, as_answers
from ..pairs.sources import load_sources, train_row

BATCHES: dict[str, dict[str, int]] = {
    "a": {"renders": 24},
    "b": {"renders": 10, "pairs_plain": 14},
    "c": {"renders": 6, "pairs": 18},
    "d": {"renders": 4, "pairs": 10, "makehuman": 10},
    "e0": {"photos": 24},
    "e": {"photos": 12, "renders": 2, "pairs": 5, "makehuman": 5},
    "e-": {"photos": 12, "renders": 5, "makehuman": 7},
}
COMPARED = (("c", "a"), ("b", "a"), ("c", "b"), ("d", "c"), ("e", "e-"), ("e", "e0"), ("ci", "c"))


@torch.no_grad()
def inversions(images: np.ndarray, bundle: Bundle) -> np.ndarray:
    """The pictures as the realistic generator gives them back through its encoder, uint8 [N, 128, 128, 3]."""
    generator, encoder, parser, found = bundle.generator("real_generator"), bundle.module("inverter"), bundle.module("parser"), []
    for at in range(0, len(images), 16):
        rgb = to_tensor(shrink_all(images[at:at + 16], 128))
        out = generator(encoder(rgb, parse(parser, rgb)))[0]
        found.append(to_images(out))
    return np.concatenate(found)




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
    and whose skin is as dark (evaluation/matching.py, without colours); mean over seeds and draws of the others."""
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
    lines += ["| photos | | | " + " | ".join(count_row(TABLE, photos)) + f" | {len(photos.labels)} | {len(photos.labels)} |"]
    lines += ["", "| difference | value | 95 % |", "|---|---|---|"]
    for one, other in COMPARED:
        if one in rows and other in rows:
            low, high = np.percentile(spread[one] - spread[other], [2.5, 97.5])
            lines.append(f"| {one} - {other} | {value[one] - value[other]:+.3f} | {low:+.3f} to {high:+.3f} |")
    return "\n".join(lines)


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    folder, split = Path(cfg["scratch"]), cfg["split"]
    with np.load(work / "cache" / f"{split}.npz", allow_pickle=False) as arrays:
        images, names, lengths = arrays["image"], arrays["name"], measures(arrays["checked"].astype(np.float64))
        person = arrays["person"]
    by_name = {row["file"]: row for row in read_rows(Path(cfg["photos"]) / f"{split}.csv")}
    labels = [by_name[name] for name in names]
    photos = Answers(labels, [{}] * len(labels), person, np.array([row["confidence"] == "1" for row in labels]),
                     np.array([int(row["skin_tone"]) if row["skin_tone"].isdigit() else 0 for row in labels]))
    data = load_sources(cfg, work, sorted({source for row in cfg["rows"] for source in BATCHES[row]}))
    inverted = inversions(images, Bundle(work / "bundle"))
    with SummaryWriter(str(work / "runs" / "ablation")) as log:
        for seed, name in sorted((seed, name) for seed in cfg["seeds"] for name in cfg["rows"]):
            if (folder / f"{name}_{seed}.npy").exists():
                continue
            checkpoint = folder / f"{name}_{seed}.pt"
            net = train_row(BATCHES[name], data, seed, cfg, checkpoint, log)
            if name == "c":
                np.save(folder / f"ci_{seed}.npy", answers(net, inverted, cfg["size"]))
            np.save(folder / f"{name}_{seed}.npy", answers(net, images, cfg["size"]))
            checkpoint.unlink()
            print(json.dumps({"row": name, "seed": seed}), flush=True)
    table = report(folder, photos, lengths, cfg["seeds"])
    (work / "ablation").mkdir(exist_ok=True)
    (work / "ablation" / "table.md").write_text(table + "\n")
    print(table)
