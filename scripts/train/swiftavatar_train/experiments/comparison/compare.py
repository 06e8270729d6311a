"""Stage `comparison`: the default estimator beside its rivals, on photos that nobody was tuned on; one table an engine.

For each engine of cfg["targets"] and each method: results of the program (of `f2p` those of its search), then
ST-LPIPS between each avatar and the photo's reference avatar, agreement with the labels, rank correlation of the drawn
proportions with the photo's, and milliseconds a photo. Intervals are from bootstrap draws by person. Writes the tables
between the marks of cfg["document"] and contact sheets into work/comparison.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from ...core.image import to_tensor
from ...core.labels import measures, read_rows
from ...engines.definition import Avatar
from ...engines.engine import Engine
from ...engines.visible import drawn_mesh
from ...evaluation.agreement import Answers, average, count_row, hits, person_draws, read_split, text
from ...evaluation.geometry import LARGEST_YAW, SIX, rank_correlation
from ...evaluation.network_agreement import TABLE
from ...evaluation.sheets import tile
from ...gan.perceptual import Perceptual, load_perceptual
from . import f2p
from .bundles import estimate
from .comparators import load_engine
from .reference import Reference, ReferenceMaker

SIDE = 64        # pixels of the drawings whose distance is taken
DRAWS = 2000
GEOMETRY_DRAWS = 300
NEUTRAL = {"discrete": ("clothes",), "colors": ("background", "clothes", "headwear", "glasses")}
# method -> name in the table, whether photos' labels were read
METHODS = {"default": ("ours, as shipped", True), "ours-labels": ("ours, equal budget", True),
           "frozen-backbone-labels": ("frozen-backbone", True), "ours": ("ours, equal budget", False),
           "frozen-backbone": ("frozen-backbone", False), "baseline": ("baseline", False), "f2p-v2": ("f2p-v2", False),
           "f2p": ("f2p", False)}
PAIRS = (("ours-labels", "frozen-backbone-labels"), ("ours", "frozen-backbone"), ("ours", "baseline"), ("ours", "f2p-v2"),
         ("ours", "f2p"), ("default", "ours-labels"))


@dataclass
class Split:
    """The photos that are compared: aligned crops, labels, checked meshes (0..1 of the crop), persons."""

    images: np.ndarray
    names: list[str]
    labels: list[dict[str, str]]
    mesh: np.ndarray
    person: np.ndarray


@dataclass
class Figures:
    """What is known of one method's avatars, a value a photo; NaN where there is none."""

    distance: np.ndarray      # [N] ST-LPIPS to the reference
    least: np.ndarray         # [N] to the nearest avatar that the labels allow
    answers: Answers
    drawn: np.ndarray         # [N, 6] measures of the avatar; NaN where the head is turned
    milliseconds: np.ndarray  # [N] all of it
    own: np.ndarray           # [N] the estimator's or the search's share
    asked: np.ndarray         # [N] whether the method was run for the photo


def load_split(cfg: dict, work: Path) -> Split:
    with np.load(work / "cache" / f"{cfg['split']}.npz", allow_pickle=False) as arrays:
        names = arrays["name"].tolist()
        by_name = {row["file"]: row for row in read_rows(Path(cfg["photos"]) / f"{cfg['split']}.csv")}
        return Split(arrays["image"], names, [by_name[name] for name in names], arrays["checked"].astype(np.float64), arrays["person"])


def neutral(avatar: Avatar, reference: Avatar) -> Avatar:
    """The avatar in the reference's clothes and before its background: no face says anything of them."""
    out = copy.deepcopy(avatar)
    for group, names in NEUTRAL.items():
        out[group].update({name: reference[group][name] for name in names if name in reference[group]})
    return out


def features(net: Perceptual, engine: Engine, avatars: list[Avatar]) -> torch.Tensor:
    """ST-LPIPS features [N, F] of the avatars' drawings."""
    drawings = np.stack([engine.render(engine.tie(avatar), SIDE)[..., :3] for avatar in avatars])
    with torch.no_grad():
        return torch.cat([net(to_tensor(drawings[at:at + 16])) for at in range(0, len(drawings), 16)])


def distances(net: Perceptual, engine: Engine, avatars: dict[int, Avatar], references: list[Reference],
              of_references: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """ST-LPIPS of each avatar (by row) to its reference and to the nearest one that is as right; [N], NaN without avatar."""
    found = np.full((2, len(references)), np.nan)
    rows = list(avatars)
    for at in range(0, len(rows), 16):
        chosen = rows[at:at + 16]
        ours = [neutral(avatars[row], references[row].avatar) for row in chosen]
        nearest = [neutral(references[row].nearest_to(avatars[row]), references[row].avatar) for row in chosen]
        drawn = features(net, engine, ours)
        found[0, chosen] = (drawn - of_references[chosen]).square().sum(1).numpy()
        found[1, chosen] = (drawn - features(net, engine, nearest)).square().sum(1).numpy()
    return found[0], found[1]


def figures_of(folder: Path, cfg: dict, split: Split, engine: Engine, references: list[Reference], net: Perceptual,
               of_references: torch.Tensor) -> Figures:
    results = {}
    for row, name in enumerate(split.names):
        file = folder / f"{Path(name).stem}.avatar.json"
        if file.exists():
            results[row] = json.loads(file.read_text())
    kept = folder.with_suffix(".npz")
    if kept.exists():
        with np.load(kept) as arrays:
            distance, least = arrays["distance"], arrays["least"]
    else:
        avatars = {row: result["avatar"] for row, result in results.items()}
        distance, least = distances(net, engine, avatars, references, of_references)
        np.savez(kept, distance=distance, least=least)
    drawn, total, own = (np.full(shape, np.nan) for shape in ((len(split.names), len(SIX)), len(split.names), len(split.names)))
    for row, result in results.items():
        total[row], own[row] = sum(result["timing_ms"].values()), result["timing_ms"]["estimate"]
        if abs(result["face"]["yaw"]) < LARGEST_YAW:
            taken = measures(drawn_mesh(engine, result["avatar"]))
            drawn[row] = [float(taken[name]) for name in SIX]
    seen = read_split(Path(cfg["photos"]), cfg["split"], folder)
    place = {row["file"]: index for index, row in enumerate(seen.labels)}
    order = [place[name] for name in split.names]
    answers = Answers([seen.labels[index] for index in order], [seen.answers[index] for index in order], seen.person[order],
                     seen.sure[order], seen.tone[order])
    asked = np.isin(np.arange(len(split.names)), list(f2p.chosen_rows(len(split.names), cfg))) if folder.name == "f2p" else \
        np.ones(len(split.names), bool)
    return Figures(distance, least, answers, drawn, total, own, asked)


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[D] of values [N] under weights [D, N]; photos without a value do not count."""
    known = ~np.isnan(values)
    return weights[:, known] @ values[known] / weights[:, known].sum(1)


def agreement(found: Figures, weights: np.ndarray) -> np.ndarray:
    """Mean over the attributes [D]."""
    return np.nanmean(np.stack([average(row, *hits(row, found.answers), weights) for row in TABLE]), 0)


def proportions(found: Figures, lengths: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Median of the six rank correlations [D] with `lengths` [N, 6]; NaN where the avatars never vary."""
    known, values = np.flatnonzero(~np.isnan(found.drawn[:, 0])), []
    if not len(known) or (found.drawn[known].std(0) < 1e-9).all():
        return np.full(len(weights), np.nan)
    for draw in weights:
        rows = np.repeat(known, draw[known].astype(int))
        values.append(np.median([rank_correlation(found.drawn[rows, column], lengths[rows, column]) for column in range(len(SIX))]))
    return np.array(values)


def spreads(one: Figures, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance, distance to the nearest and agreement [D] under photo weights [D, N]."""
    return weighted_mean(one.distance, weights), weighted_mean(one.least, weights), agreement(one, weights)


def with_interval(spread: np.ndarray, digits: int, sign: str = "") -> str:
    """The first value, which is everybody's, and the interval of the others, which are draws."""
    if np.isnan(spread[0]):
        return "-"
    low, high = np.nanpercentile(spread[1:], [2.5, 97.5])
    return f"{spread[0]:{sign}.{digits}f} ({low:{sign}.{digits}f} to {high:{sign}.{digits}f})"


def table(found: dict[str, Figures], split: Split) -> str:
    """The methods' table and that of paired differences, as Markdown."""
    draws = np.concatenate([np.ones((1, len(split.names))), person_draws(split.person, DRAWS)])  # everybody, then the draws
    lengths = np.stack([measures(split.mesh)[name] for name in SIX], 1)
    lines = ["| method | photo labels | ST-LPIPS to the reference | to the nearest that is as right | attributes | proportions "
             "| ms a photo | of it estimator or search |", "|---" * 8 + "|"]
    for method, one in found.items():
        weights = draws * one.asked
        cells = [with_interval(spread, 3) for spread in spreads(one, weights)]
        cells.append(with_interval(proportions(one, lengths, weights[:GEOMETRY_DRAWS]), 2))
        name, labelled = METHODS[method]
        lines.append(f"| {name} | {'yes' if labelled else 'no'} | " + " | ".join(cells)
                     + f" | {np.nanmedian(one.milliseconds):.0f} | {np.nanmedian(one.own):.0f} |")
    lines += ["", "| difference | photo labels | ST-LPIPS to the reference | to the nearest | attributes |", "|---" * 5 + "|"]
    for first, second in PAIRS:
        if first in found and second in found:
            weights = draws * found[first].asked * found[second].asked
            cells = [with_interval(ours - theirs, 3, "+") for ours, theirs in zip(spreads(found[first], weights), spreads(found[second], weights))]
            lines.append(f"| {METHODS[first][0]} - {METHODS[second][0]} | {'yes' if METHODS[first][1] else 'no'} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def attribute_table(found: dict[str, Figures]) -> str:
    lines = ["| method | photo labels | " + " | ".join(row.name for row in TABLE) + " |", "|---" * (2 + len(TABLE)) + "|"]
    for method, one in found.items():
        values = [float(average(row, *hits(row, one.answers), one.asked[None].astype(float))[0]) for row in TABLE]
        lines.append(f"| {METHODS[method][0]} | {'yes' if METHODS[method][1] else 'no'} | " + " | ".join(map(text, values)) + " |")
        lines.append("| photos | | " + " | ".join(count_row(TABLE, one.answers, one.asked)) + " |")
    return "\n".join(lines)


def sheet(split: Split, engine: Engine, references: list[Reference], folders: list[Path], rows: list[int], side: int = 128) -> np.ndarray:
    """Photo | reference | methods in the order of `folders`; a white square where a method has no avatar."""
    groups = []
    for row in rows:
        pictures = [cv2.resize(split.images[row], (side, side), interpolation=cv2.INTER_AREA), engine.render(references[row].avatar, side)[..., :3]]
        for folder in folders:
            file = folder / f"{Path(split.names[row]).stem}.avatar.json"
            avatar = json.loads(file.read_text())["avatar"] if file.exists() else None
            pictures.append(engine.render(engine.tie(avatar), side)[..., :3] if avatar else np.full((side, side, 3), 255, np.uint8))
        groups.append(pictures)
    return tile(groups, 1)


def write_between(document: Path, mark: str, text: str) -> None:
    """Replaces what lies between `<!-- mark -->` and `<!-- end -->`."""
    page = document.read_text()
    pattern = re.compile(rf"(<!-- {re.escape(mark)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(page):
        raise SystemExit(f"{document}: there is no <!-- {mark} --> to write the table after; put it back and run again")
    document.write_text(pattern.sub(lambda found: found[1] + text + "\n" + found[2], page))


def run(cfg: dict, work: Path) -> None:
    torch.set_num_threads(cfg["threads"])
    split, net = load_split(cfg, work), load_perceptual()
    with np.load(work / "cache" / "train.npz", allow_pickle=False) as arrays:
        people = arrays["checked"].astype(np.float64)
    for name in cfg["targets"]:
        engine, semantics = load_engine(cfg, name)
        folder = work / "comparison" / name
        bundles = {"default": Path(cfg["ours"]), **{method: work / "comparators" / name / method for method in METHODS
                                                    if method not in ("default", "f2p")}}
        for method, bundle in bundles.items():
            if method == "default" or (bundle / "tuning.json").exists():
                estimate(cfg, bundle, name, Path(cfg["photos"]) / cfg["split"], folder / method, "--batch-size", "1")
        f2p.run({**cfg, "targets": [name]}, work)
        maker = ReferenceMaker(engine, semantics, people)
        references = [maker(*given) for given in zip(split.labels, split.images, split.mesh)]
        of_references = features(net, engine, [one.avatar for one in references])
        folders = [folder / method for method in METHODS if (folder / method).is_dir()]
        found = {one.name: figures_of(one, cfg, split, engine, references, net, of_references) for one in folders}
        text = table(found, split) + "\n\n" + attribute_table(found)
        (folder / "table.md").write_text(text + "\n")
        write_between(Path(cfg["document"]), name, text)
        rows = np.linspace(0, len(split.names) - 1, 16).astype(int).tolist()
        cv2.imwrite(str(folder / "sheet.png"), sheet(split, engine, references, folders, rows)[..., ::-1])
        print(f"{name}\n{text}", flush=True)
