"""Stage `photos`: the folder of photos in work/photos, cut out of clones of the listed repositories."""

from __future__ import annotations

from pathlib import Path

from .networks import Networks, missing_networks
from .rebuild import check, rebuild
from .rebuild import tell as tell_report
from .tables import LABELS, wanted_pictures

FOLDER = "photos"


def run(cfg: dict, work: Path) -> None:
    folder, clones = work / FOLDER, clones_folder(cfg)
    report = rebuild(cfg["sets"], clones, folder, Networks(folder / "networks", clones), LABELS)
    tell_report(report)
    if len(report.missing) > cfg["most_missing"]:
        raise SystemExit(f"{len(report.missing)} pictures are missing, {folder / 'missing.csv'} says why: add clones, or allow for it by "
                         "[photos] most_missing; the next run goes on from here")
    empty = [name for name in cfg["sets"] if not report.made[name] + report.kept[name]]
    if empty:
        raise SystemExit(f"no picture of {empty[0]} could be had, {folder / 'missing.csv'} says why")


def tell(cfg: dict, work: Path) -> None:
    """What the clones have and what is missing; writes nothing."""
    clones = clones_folder(cfg)
    tell_report(check(wanted_pictures(cfg["sets"], LABELS), clones))
    for line in missing_networks(work / FOLDER / "networks", clones):
        print(line)


def clones_folder(cfg: dict) -> Path:
    clones = Path(cfg["clones"])
    if not clones.is_dir():
        raise SystemExit(f"{clones}: there is no such folder; [photos] clones names the folder of the git clones")
    return clones
