"""The training package is built in layers: a package imports only itself and packages below it, and modules import without cycles."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "scripts/train/swiftavatar_train"

# From the ground up. What stands in one line does not know of one another.
LAYERS = (
    ("core",),
    ("engines",),
    ("photos",),
    ("makehuman",),
    ("parsing",),
    ("gan",),
    ("attributes",),
    ("pairs",),
    ("estimator",),
    ("release",),
    ("evaluation",),
    ("experiments", "calibration", "official", "bench"),
    ("flow",),
    ("__main__", "official_import"),
)


def modules() -> dict[str, Path]:
    """Dotted name below the package -> file; a package's own file has the package's name."""
    named = {path: ".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py")}
    return {name.removesuffix("__init__").removesuffix("."): path for path, name in named.items()}


def imports(name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """The package's modules that a module imports, also inside of functions."""
    inside = name.split(".") if path.stem == "__init__" and name else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [PACKAGE.name, *inside[:len(inside) - node.level + 1]] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            targets = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        for target in targets:
            if target == PACKAGE.name or not target.startswith(f"{PACKAGE.name}."):
                continue
            parts = target.split(".")[1:]
            found = [".".join(parts[:length]) for length in (len(parts), len(parts) - 1) if ".".join(parts[:length]) in known]
            yield found[0] if found else ".".join(parts)


def package_of(module: str) -> str:
    return module.split(".")[0]


def graph() -> dict[str, set[str]]:
    known = modules()
    return {name: set(imports(name, path, known)) - {name, ""} for name, path in known.items() if name}


def package_graph() -> dict[str, set[str]]:
    arrows: dict[str, set[str]] = {}
    for name, targets in graph().items():
        arrows.setdefault(package_of(name), set()).update(package_of(target) for target in targets)
    return {package: targets - {package} for package, targets in arrows.items()}


def test_every_package_has_its_layer() -> None:
    named = [package for layer in LAYERS for package in layer]
    assert sorted(named) == sorted(package_graph())


def test_imports_lead_downwards() -> None:
    level = {package: number for number, layer in enumerate(LAYERS) for package in layer}
    upwards = [f"{name} imports {target}" for name, targets in graph().items() for target in targets
               if package_of(name) != package_of(target) and level[package_of(target)] >= level[package_of(name)]]
    assert not upwards, "\n".join(sorted(upwards))


def test_modules_import_without_cycles() -> None:
    TopologicalSorter(graph()).prepare()  # raises CycleError, which names the cycle


def test_every_import_is_there() -> None:
    known = modules()
    assert not [f"{name} imports {target}" for name, targets in graph().items() for target in targets if target not in known]


def test_modules_are_short() -> None:
    """300 lines are enough for one subject; who needs more says why here."""
    longer = {name: len(path.read_text().splitlines()) for name, path in modules().items()}
    assert {name: lines for name, lines in longer.items() if lines > 300} == {}


if __name__ == "__main__":  # prints the graph of packages
    for layer in LAYERS:
        for package in layer:
            print(f"{package:12} -> {', '.join(sorted(package_graph()[package])) or '-'}", file=sys.stdout)
