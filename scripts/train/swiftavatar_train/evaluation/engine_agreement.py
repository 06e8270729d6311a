"""`python -m swiftavatar_train.evaluation.engine_agreement --photos DIR tiktok=RESULTS … [micah=RESULTS:SEMANTICS …]`

One line for each engine: how often its avatars say what the labels say, over the attributes that it can show ("-" where it
cannot), with the number of photos in brackets. Engines are compared with the first one. Where an engine has attribute values but not all (no
tied hair, say), the figure over the photos whose value it can show follows, for the engine and, behind a slash, for the first one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ..core.paths import ENGINES
from ..engines.semantics import ROLE_ATTRIBUTES, Semantics
from .agreement import ROWS, Answers, Row, cell, figure, hits, read_split, text

COMPARED = ("glasses", "hair length", "hair colour", "skin tone")  # not more than ALLOWED below the first engine's
ALLOWED = 0.05


def find_semantics(engines: Path, name: str) -> Path:
    own = engines / name / "semantics.json"
    return own if own.exists() else engines / "semantics" / f"{name}.json"


def showable(semantics: Semantics, attribute: str) -> set[str]:
    """Values that some avatar of the engine shows: of any variant that may be chosen, or of a colour's anchors."""
    if attribute in semantics.impossible:
        return set()
    values: set[str] = set()
    for component, variants in semantics.components.items():
        for variant, meaning in variants.items():
            if variant not in semantics.exclude.get(component, []):
                values.update(meaning.get(attribute, [])[:1])
    for role, spec in semantics.colors.items():
        if ROLE_ATTRIBUTES.get(role) == attribute:
            values.update(spec.get("anchors", {}))
    return values


def can_show(row: Row, photos: Answers, values: set[str]) -> np.ndarray:
    """For each photo, whether the engine has a value that would count as right."""
    if row.groups is None:
        return np.array([any(str(near) in values for near in (tone - 1, tone, tone + 1)) for tone in photos.tone])
    group = {value: values_of for values_of in row.groups for value in values_of}
    return np.array([bool(values & set(group.get(label[row.attribute], ()))) for label in photos.labels])


def table(engines: dict[str, tuple[Answers, Semantics]]) -> str:
    """The table as Markdown. Values of `engines`: results on the same photos, and semantics."""
    rows = [row for row in ROWS if not row.darkest_left_out]
    first = next(iter(engines.values()))[0]
    lines = ["| engine | " + " | ".join(row.name for row in rows) + f" | within {ALLOWED} |", "|---" * (len(rows) + 2) + "|"]
    for name, (photos, semantics) in engines.items():
        cells, within = [], True
        for row in rows:
            possible = can_show(row, photos, showable(semantics, row.attribute))
            kinds = hits(row, photos)[0]
            counts = kinds >= 0
            told_apart = np.unique(kinds[possible & counts])
            if len(told_apart) < (1 if row.groups is None else 2):
                cells.append("-")
                continue
            ours, theirs = figure(row, photos), figure(row, first)
            written = cell(row, photos)
            if (counts & ~possible).any():
                ours, theirs = figure(row, photos, possible), figure(row, first, possible)
                written += f"; {cell(row, photos, possible)} / {text(theirs)}"
            if row.name in COMPARED:
                within = within and not ours < theirs - ALLOWED
            cells.append(written)
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {'yes' if within else 'no'} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", metavar="ENGINE=RESULTS[:SEMANTICS]",
                        help="an engine, the folder of its *.avatar.json, and its semantics unless they are ours")
    parser.add_argument("--photos", type=Path, required=True, help="folder of SPLIT.csv and sources.csv")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--engines", type=Path, default=ENGINES)
    arguments = parser.parse_args()
    engines = {}
    for entry in arguments.results:
        name, _, where = entry.partition("=")
        folder, _, semantics = where.partition(":")
        file = Path(semantics) if semantics else find_semantics(arguments.engines, name)
        if not Path(folder).is_dir() or not file.is_file():
            parser.error(f"{entry}: give ENGINE=FOLDER or ENGINE=FOLDER:SEMANTICS, such as micah=out/micah")
        engines[name] = (read_split(arguments.photos, arguments.split, Path(folder)), Semantics.load(file))
    print(table(engines))


if __name__ == "__main__":
    main()
