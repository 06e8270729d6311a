"""What docs/training.md says is what the training does."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest

from swiftavatar_train.core.paths import CONFIGS, ROOT
from swiftavatar_train.evaluation.splits import ROLES
from swiftavatar_train.flow.graph import in_order
from swiftavatar_train.flow.settings import load_settings
from swiftavatar_train.flow.stages import declare
from swiftavatar_train.photos.tables import SETS

TEXT = (ROOT / "docs/training.md").read_text()
COMMANDS = [shlex.split(line) for line in re.findall(r"^ {4}(scripts/train/run\.sh .+)$", TEXT, re.M)]
OF_THE_FLOW = [command for command in COMMANDS if command[1] in ("run", "status")]
PROGRAMS = [command for command in COMMANDS if command not in OF_THE_FLOW]


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr[-2000:]}"
    return done.stdout


def test_the_document_has_commands() -> None:
    assert len(OF_THE_FLOW) >= 4 and len(PROGRAMS) >= 9
    assert all(command[1] in ("run", "status") or "." in command[1] for command in COMMANDS)


@pytest.mark.parametrize("command", OF_THE_FLOW, ids=" ".join)
def test_commands_of_the_flow_run_as_they_stand(command: list[str]) -> None:
    """Where it would train, dry; nothing is written."""
    before = (ROOT / "work").exists()
    dry = ["--dry-run"] if command[1] == "run" and "--dry-run" not in command else []
    assert "data" in run(*command, *dry)
    assert (ROOT / "work").exists() == before


@pytest.mark.parametrize("command", PROGRAMS, ids=lambda command: command[1])
def test_programs_know_the_options_that_the_document_gives(command: list[str]) -> None:
    verb = command[2:3] if re.fullmatch(r"[a-z][a-z-]*", command[2]) else []
    known = run(*command[:2], *verb, "--help")
    for option in command[2:]:
        if option.startswith("-"):
            assert re.search(rf"(?<![\w-]){option}\b", known), option


def test_stages_are_those_of_the_table() -> None:
    beside = {"cross-domain", "ablation", "comparators", "comparison", "pairs-colors", "pairs-none"}
    stages = {name.partition(":")[0] for name in declare(load_settings(CONFIGS / "default.toml"))}
    listed = {name.partition(":")[0] for row in re.findall(r"^\| (`.+?) \| ", TEXT, re.M) for name in re.findall(r"`([a-z][a-z:A-Z-]*)`", row)}
    assert stages - beside == listed & stages and all(f"`{name}`" in TEXT for name in beside & stages if not name.startswith("pairs"))


def test_settings_files_are_those_of_the_table() -> None:
    assert {f"{file.stem}.toml" for file in CONFIGS.glob("*.toml")} == set(re.findall(r"^\| `(\w+\.toml)` \|", TEXT, re.M))


def test_splits_have_the_roles_that_the_figures_name() -> None:
    assert list(ROLES) == re.findall(r"^\| `([a-z-]+)` \| [^|]+ \|$", TEXT[TEXT.index("| split |"):], re.M)[:len(ROLES)]
    assert set(ROLES) == set(SETS)


def test_another_engine_is_trained_by_the_settings_that_stand_there(tmp_path) -> None:
    lines = re.search(r"^ {4}extends = .*?(?=^\S)", TEXT[TEXT.index("### Train heads for another engine"):], re.M | re.S)
    assert lines is not None
    text = re.sub(r"^ {4}", "", lines[0], flags=re.M).replace('"scripts/train', f'"{ROOT}/scripts/train')
    (tmp_path / "settings.toml").write_text(text)
    stages = declare(load_settings(tmp_path / "settings.toml"))
    trained = {name for name in in_order(stages, ["export"]) if not stages[name].restored}
    assert {"heads:NAME", "pairs:NAME", "avatar-generator:NAME"} < trained and not trained & {"attributes", "distil", "generator", "fusion"}
