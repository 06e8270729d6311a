"""What a flow is made of: stages with settings, inputs and outputs; and what stands for their code and their files."""

from __future__ import annotations

import ast
import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Stage:
    """A function `run(cfg, work)` of a module of this package, and what it depends on.

    `settings` are all that it reads of the tables; `needs` are stages whose outputs it reads, `files` what it reads from elsewhere, by
    a name; `outputs` are files or folders below the work folder. `given` are settings that the graph itself knows; paths among them
    are below the work folder. `preview`, with the same arguments, tells what `function` would do.
    """

    name: str
    module: str
    function: str = "run"
    tables: tuple[str, ...] = ("common",)
    settings: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    given: dict[str, object] = field(default_factory=dict)
    engine: str = ""
    restored: bool = False  # its outputs come out of a shipped bundle
    preview: str = ""


def in_order(stages: dict[str, Stage], wanted: list[str]) -> list[str]:
    """The wanted stages and all that they need, each after what it needs."""
    found: list[str] = []

    def visit(name: str, below: tuple[str, ...]) -> None:
        if name in below:
            raise ValueError(f"stages need each other: {' -> '.join([*below, name])}")
        if name not in stages:
            raise SystemExit(f"there is no stage {name}; known are {', '.join(stages)}")
        if name in found:
            return
        for need in stages[name].needs:
            visit(need, (*below, name))
        found.append(name)

    for name in wanted:
        visit(name, ())
    return found


@cache
def code_sha256(module: str) -> str:
    """Of what a module and all that it imports of this package do; comments and docstrings do not count."""
    texts = {name: _bare(path) for name, path in sorted(_reached(module).items())}
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


@cache
def _bare(path: Path) -> str:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and body and isinstance(body[0], ast.Expr) \
                and isinstance(body[0].value, ast.Constant) and isinstance(body[0].value.value, str):
            node.body = body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _reached(module: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = PACKAGE / f"{name.replace('.', '/')}.py"
        if name in found or not path.exists():
            continue
        found[name] = path
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = name.split(".")[:-1]
                base = base[:len(base) - node.level + 1]
                start = [*base, *(node.module or "").split(".")] if node.module else base
                waiting += [".".join(start), *(".".join([*start, alias.name]) for alias in node.names)]
    return found


class Hashes:
    """SHA-256 of files and folders; of a file whose size and time are as they were it is not computed again."""

    def __init__(self, kept: Path) -> None:
        self.kept = kept
        self.known: dict[str, list] = json.loads(kept.read_text()) if kept.exists() else {}

    def of(self, path: Path) -> str | None:
        """None where nothing is there."""
        if path.is_dir():
            each = {str(file.relative_to(path)): self.of(file) for file in sorted(path.rglob("*")) if file.is_file()}
            return hashlib.sha256(json.dumps(each).encode()).hexdigest()
        if not path.is_file():
            return None
        state, key = path.stat(), str(path)
        seen = [state.st_size, state.st_mtime_ns]
        if self.known.get(key, [])[:2] != seen:
            with open(path, "rb") as file:
                self.known[key] = [*seen, hashlib.file_digest(file, "sha256").hexdigest()]
        return self.known[key][2]

    def save(self) -> None:
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        self.kept.write_text(json.dumps(self.known))
