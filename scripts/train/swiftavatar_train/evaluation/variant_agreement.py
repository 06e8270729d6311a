"""`python -m swiftavatar_train.evaluation.variant_agreement RESULTS`: do avatars of `dev` have the variants that people would pick?

labels/tiktok.csv says which variant of each component suits a photo best, read off by eye among those that show what the
attributes' labels say; `dev` was read twice. Prints, per component, how often a photo's avatar has the variant of the first
reading, and of either; how often the two readings agree, with how many photos were read twice; and how often the best constant
answer among the same options would be right. Where the avatar shows another attribute value, so that none of those variants
was to be had, it counts as wrong.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from ..core.paths import ENGINES, LABELS
from ..engines.engine import Engine
from ..engines.semantics import Semantics
from ..estimator.heads import engine_heads
from ..estimator.variants import equals, read_variant_labels


def share(hits: list[bool]) -> str:
    return f"{np.mean(hits):.3f}" if hits else "-"


def table(results: Path, labels: list[dict[str, str]], groups: dict[str, list[list[str]]]) -> str:
    """Markdown; `groups`: per component the options that show the same."""
    lines = ["| component | photos | first reading | either reading | the readings agree | most frequent |", "|---|---|---|---|---|---|"]
    for component in sorted({row["component"] for row in labels}):
        rows = [row for row in labels if row["component"] == component]
        chosen = [json.loads(path.read_text())["avatar"]["discrete"].get(component) if path.exists() else None
                  for path in (results / f"{Path(row['photo']).stem}.avatar.json" for row in rows)]
        first, second = [row["variant"] for row in rows], [row["second_reading"] for row in rows]
        frequent: dict[str, str] = {}
        for group in [*groups[component], *([variant] for variant in set(first))]:
            votes = [variant for variant in first if variant in group]
            for variant in group:
                frequent.setdefault(variant, max(group, key=votes.count))
        shares = [share([a == b for a, b in zip(chosen, first)]), share([a in both for a, both in zip(chosen, zip(first, second))])]
        agree = [a == b for a, b in zip(first, second) if b]  # of who was read twice
        shares += [f"{share(agree)} ({len(agree)})", share([variant == frequent[variant] for variant in first])]
        lines.append(f"| {component} | {len(rows)} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="variant_agreement", description=__doc__)
    parser.add_argument("results", type=Path, help="a folder of results for the photos of dev")
    parser.add_argument("--engine", default="tiktok")
    parser.add_argument("--labels", default="tiktok", help="the file of labels; engines with the same drawings share one")
    parser.add_argument("--engines", type=Path, default=ENGINES)
    arguments = parser.parse_args()
    folder = arguments.engines / arguments.engine
    engine, semantics = Engine.load(folder / "definition.json"), Semantics.load(folder / "semantics.json")
    groups = {head.name: equals(head, semantics) for head in engine_heads(engine, semantics, arguments.engine, all_components=True) if head.kind == "discrete"}
    print(table(arguments.results, read_variant_labels(LABELS / f"{arguments.labels}.csv", "dev"), groups))


if __name__ == "__main__":
    main()
