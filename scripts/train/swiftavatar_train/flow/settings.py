"""Settings files: TOML with one table per subject; one may extend another. Paths in them are relative to the file they stand in."""

from __future__ import annotations

import difflib
import hashlib
import json
from pathlib import Path

import tomllib

Config = dict[str, dict]

PATHS = {"photos", "clones", "makehuman", "anny", "bundle", "engines", "landmark_tool", "program", "document",
         "ours"}  # settings that are paths


def load_settings(path: Path) -> Config:
    """Tables of a settings file over those of the one that it `extends`; paths are absolute."""
    if not path.is_file():
        raise SystemExit(f"{path}: there is no such settings file")
    try:
        tables = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise SystemExit(f"{path}: is no TOML ({error})") from error
    base = load_settings(path.parent / tables.pop("extends")) if "extends" in tables else {}
    loose = [name for name, table in tables.items() if not isinstance(table, dict)]
    if loose:
        raise SystemExit(f"{path}: {loose[0]} stands in no table; put it under [common]")
    for name, table in tables.items():
        base[name] = _merged(base.get(name, {}), _absolute(table, path.parent.resolve()))
    return base


def _merged(below: dict, above: dict) -> dict:
    """Tables of an engine within a stage's table are merged, too; all other settings are replaced as a whole."""
    return below | {key: value if not (isinstance(value, dict) and isinstance(below.get(key), dict)) or key in REPLACED
                    else below[key] | value for key, value in above.items()}


REPLACED = {"second", "labels", "balance"}  # settings that are tables themselves


def _absolute(table: dict, folder: Path) -> dict:
    return {key: _absolute(value, folder) if isinstance(value, dict) else str((folder / value).resolve()) if key in PATHS and value else value
            for key, value in table.items()}


def of_stage(config: Config, tables: tuple[str, ...], engine: str = "") -> dict:
    """The settings of some tables, later ones over earlier ones, and of each its engine's own over all engines'."""
    found: dict = {}
    for name in tables:
        table = config.get(name, {})
        found |= {key: value for key, value in table.items() if not is_engine(config, key)}
        found |= table.get(engine, {}) if engine else {}
    return found


def is_engine(config: Config, key: str) -> bool:
    return key in config.get("common", {}).get("targets", [])


def check_known(config: Config, known: dict[str, set[str]]) -> None:
    """`known`: table -> its settings. An unknown name is an error: it would change nothing, and nobody would see it."""
    for name, table in config.items():
        if name not in known:
            raise SystemExit(f"unknown table [{name}]{_meant(name, known)}")
        for key, value in table.items():
            inner = value if is_engine(config, key) else {key: value}
            for setting in inner:
                if setting not in known[name]:
                    raise SystemExit(f"unknown setting {setting} in [{name}]{_meant(setting, known[name])}")


def _meant(name: str, known: object) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(sorted(known))}"


def without_paths(table: dict) -> dict:
    """What does not depend on where things lie."""
    return {key: without_paths(value) if isinstance(value, dict) else value for key, value in table.items() if key not in PATHS}


def sha256_of(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
