"""`python -m swiftavatar_train.evaluation.geometry RESULTS --photos DIR --split dev`: do the sliders follow the person?

Each measure is taken twice: on the drawn avatar's anchors, and on the photo's shared landmarks (not on the mesh that the
program itself found). Reported is their rank correlation over faces turned by less than 20 degrees, with an interval from
bootstrap draws, by person where persons are known. The widths of nose and mouth are apart: on the photo, they are those at rest (photos/smile.py).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from ..core.labels import measures, read_rows
from ..core.paths import ENGINES
from ..engines.engine import Engine
from ..engines.visible import drawn_mesh
from ..photos.smile import SLOPES, at_rest
from .splits import role_of

SIX = ("face_width", "eye_spacing", "eye_size", "brow_height", "forehead_height", "nose_length")
APART = tuple(SLOPES)
LARGEST_YAW = 20.0
DRAWS = 2000


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's: correlation of the ranks; 0 where one side never varies."""
    a, b = rankdata(first), rankdata(second)
    return 0.0 if a.std() == 0 or b.std() == 0 else float(np.corrcoef(a, b)[0, 1])


def interval(first: np.ndarray, second: np.ndarray, persons: np.ndarray, draws: int = DRAWS,
             seed: int = 0) -> tuple[float, float]:
    """The 95 % bootstrap interval of the rank correlation; persons are drawn, with all their photos."""
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(persons == person) for person in np.unique(persons)]
    values = []
    for _ in range(draws):
        chosen = np.concatenate([rows[place] for place in rng.integers(0, len(rows), len(rows))])
        values.append(rank_correlation(first[chosen], second[chosen]))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def collect(results: Path, engine: Engine, photos: Path, split: str) -> dict[str, np.ndarray]:
    """Rows of faces with an avatar that look ahead: `drawn` and `photo` (measures as columns of SIX and APART), `person`."""
    landmarks = np.load(photos / f"landmarks_{split}.npz", allow_pickle=False)
    meshes = dict(zip(landmarks["files"].tolist(), landmarks["points"]))
    persons = {row["file"]: row["person"] for row in read_rows(photos / "sources.csv")}
    rows: dict[str, list] = {"drawn": [], "photo": [], "person": [], "known": []}
    for name, mesh in meshes.items():
        file = results / f"{Path(name).stem}.avatar.json"
        if not file.exists():
            continue
        result = json.loads(file.read_text())
        if abs(result["face"]["yaw"]) >= LARGEST_YAW:
            continue
        drawn, photo = measures(drawn_mesh(engine, result["avatar"])), at_rest(mesh[:, :2].astype(float))
        rows["drawn"].append([float(drawn[key]) for key in (*SIX, *APART)])
        rows["photo"].append([float(photo[key]) for key in (*SIX, *APART)])
        rows["person"].append(persons.get(f"{split}/{name}") or name)
        rows["known"].append(bool(persons.get(f"{split}/{name}")))
    return {key: np.array(values) for key, values in rows.items()}


def report(rows: dict[str, np.ndarray], draws: int = DRAWS) -> dict[str, tuple[float, float, float]]:
    """measure -> correlation and the ends of its interval."""
    found = {}
    for column, name in enumerate((*SIX, *APART)):
        drawn, photo = rows["drawn"][:, column], rows["photo"][:, column]
        found[name] = (rank_correlation(drawn, photo), *interval(drawn, photo, rows["person"], draws))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="folder of *.avatar.json")
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--definition", type=Path,
                        default=ENGINES / "tiktok" / "definition.json")
    arguments = parser.parse_args()
    rows = collect(arguments.results, Engine.load(arguments.definition), arguments.photos, arguments.split)
    found = report(rows)
    print(f"| measure | rank correlation | 95 % | n = {len(rows['person'])} |\n|---|---|---|---|")
    lines = [f"| {name} | {value:.2f} | {low:.2f} to {high:.2f} | |" for name, (value, low, high) in found.items()]
    values = [found[name][0] for name in SIX]
    lines.insert(len(SIX), f"| median, lowest | {np.median(values):.2f}, {min(values):.2f} | | |")
    print("\n".join(lines))
    print(f"\n{arguments.split}: {role_of(arguments.split)}. Who it is is known of {int(rows['known'].sum())} of {len(rows['known'])} photos; "
          "intervals draw these by person, the others by photo.")


if __name__ == "__main__":
    main()
