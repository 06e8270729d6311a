"""What the documents say is what the program does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from program import PHOTO, PROGRAM, ROOT, environment, swiftavatar, validator

COMMAND_LINE = ROOT / "docs/command-line.md"
RESULT = ROOT / "docs/result-json.md"
CHECKPOINT = ROOT.parent / "shared/fixtures/semanticstylegan/official-tiny-13.pt"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
INSTALL = ROOT / "docs/install.md"  # its commands are for test_packages.py


# The command line.

@cache
def verbs() -> list[tuple[str, ...]]:
    """Every verb, from --help: ("estimate",), ("engines", "list") …"""
    def below(verb: tuple[str, ...]) -> list[tuple[str, ...]]:
        text = swiftavatar(*verb, "--help", cwd=ROOT).stdout.decode()
        _, _, listed = text.partition("\nSubcommands:\n")
        names = re.findall(r"^  ([a-z]\S*)", listed, re.M)
        return [leaf for name in names for leaf in below((*verb, name))] if names else [verb]

    return below(())


def options_of(verb: tuple[str, ...]) -> set[str]:
    text = swiftavatar(*verb, "--help", cwd=ROOT).stdout.decode()
    names = re.findall(r"^  (-\S+)", text, re.M)
    return {option for name in names for option in name.split(",")} - {"-h", "--help"}


def sections() -> dict[str, str]:
    """Heading -> text of docs/command-line.md."""
    parts = re.split(r"^## (.+)\n", COMMAND_LINE.read_text(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def options_in(text: str) -> set[str]:
    """Options that a section lists: in the first column of its table, or in its sentence about shared ones."""
    listed = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| `-")]
    listed += re.findall(r"^(?:Shared:|Options, all shared:).*?\.$", text, re.M | re.S)
    return {option for piece in listed for option in re.findall(r"`(--?[0-9a-z][a-z-]*)", piece)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    # The verbs come from the program; without one, the fixture `program` says so.
    if "verb" in metafunc.fixturenames:
        metafunc.parametrize("verb", verbs() if PROGRAM.exists() else [], ids=" ".join)


def test_options_of_the_verb_are_documented(verb: tuple[str, ...]) -> None:
    assert " ".join(verb) in sections(), f"docs/command-line.md has no section on {' '.join(verb)}"
    assert options_in(sections()[" ".join(verb)]) == options_of(verb)


def test_no_section_on_a_verb_that_is_not_there() -> None:
    assert set(sections()) - {"Options that several verbs share"} == {" ".join(verb) for verb in verbs()}


def test_shared_options_are_explained() -> None:
    """Options of the sentences on shared ones stand in the first section's tables."""
    explained = {option for text in sections().values() for line in text.splitlines() if line.startswith("| `-")
                 for option in re.findall(r"`(--?[0-9a-z][a-z-]*)", line.split(" | ")[0])}
    used = {option for verb in verbs() for option in options_of(verb)}
    assert explained == used


# The result.

def test_schema_refuses_what_is_wrong(fast: tuple[Path, Any]) -> None:
    """The schema is no rubber stamp: each of these changes to a good result is found."""
    def broken(change: Any) -> bool:
        document = json.loads(json.dumps(fast[1]))
        change(document)
        return not validator().is_valid(document)

    assert not broken(lambda d: None)
    assert broken(lambda d: d.pop("confidence"))
    assert broken(lambda d: d.update(surprise=1))
    assert broken(lambda d: d.update(status="no_face"))
    assert broken(lambda d: d["attributes"].update(skin_tone=11))
    assert broken(lambda d: d["attributes"].update(glasses="monocle"))
    assert broken(lambda d: d["avatar"]["colors"].update(skin="#FFF"))
    assert broken(lambda d: d["previews"]["avatar"].pop("sha256"))
    assert broken(lambda d: d["face"].update(landmarks=[]))
    assert broken(lambda d: d["inversion"].update(method="optimize"))


@pytest.mark.parametrize("definition", ["face_result", "failed_result", "run"])
def test_every_key_is_explained(definition: str) -> None:
    schema = validator().schema["$defs"]
    text = RESULT.read_text()
    for key, value in schema[definition]["properties"].items():
        assert f"`{key}`" in text, key
        reference = schema[value["$ref"].rsplit("/", 1)[1]] if "$ref" in value else value
        for inner in reference.get("properties", {}):
            assert f"`{inner}`" in text, f"{key}.{inner}"


@pytest.mark.parametrize("definition", ["failed_result", "run"])
def test_every_code_is_explained(definition: str) -> None:
    error = validator().schema["$defs"][definition]["properties"]["error"]
    codes = (error if "properties" in error else error["oneOf"][1])["properties"]["code"]["enum"]
    source = (ROOT / "src/base/result.cpp").read_text()
    for code in codes:
        assert f"`{code}`" in RESULT.read_text(), code
        assert f'return "{code}"' in source, code


def test_every_code_of_the_program_is_in_the_schema() -> None:
    codes = set(re.findall(r'return "([a-z_]+)";', (ROOT / "src/base/result.cpp").read_text()))
    schema = (ROOT / "docs/result.schema.json").read_text()
    assert all(f'"{code}"' in schema for code in codes)


def test_attributes_are_those_of_the_schema() -> None:
    attributes = validator().schema["$defs"]["face_result"]["properties"]["attributes"]["properties"]
    for name, values in attributes.items():
        row = re.search(rf"^\| `{name}` \| (.+) \|$", RESULT.read_text(), re.M)
        assert row is not None, name
        if name != "skin_tone":
            assert row[1].split(", ") == [value for value in values["enum"] if value is not None]


# Commands and links.

def commands(document: Path) -> list[str]:
    """Lines of the document's code that run the program. What needs photos beside the checkout is for the heavy tests."""
    found = re.findall(r"^ {4}(.*(?:scripts/run\.sh|swiftavatar) [a-z].*)$", document.read_text(), re.M)
    return [command.strip() for command in found if "../shared" not in command]


def test_documents_have_commands() -> None:
    """Should the pattern no longer fit the documents, the next test would run nothing."""
    assert len(commands(ROOT / "README.md")) >= 7
    assert len(commands(COMMAND_LINE)) >= 12


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if d != INSTALL and commands(d)], ids=lambda document: document.name)
def test_commands_run_as_they_stand(document: Path, tmp_path: Path) -> None:
    """One after another, in a folder that has what the documents speak of: some photos, labels, and the examples."""
    for name in ("examples", "tests/data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "tests/data/facesjs/package", tmp_path / "node_modules/facesjs")
    for name in ("photos/anna.png", "photo.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PHOTO, tmp_path / name)
    for name in ("CelebAMask-HQ-512x512.pt", "BitMoji-512x512.pt"):  # a small one stands in for the published ones
        if CHECKPOINT.exists():
            shutil.copy(CHECKPOINT, tmp_path / name)
    (tmp_path / "labels.csv").write_text("file,glasses,mouth\nanna.png,none,teeth\n")
    for volunteer in ("anna", "bert"):
        answers = {"schema": "swiftavatar.study/1", "finished": True, "started": "2026-01-01T00:00:00Z", "saved": "2026-01-01T00:01:00Z",
                   "study": {"id": "s", "seed": 1, "question": "?", "photos": 1, "methods": ["tiktok", "micah"]},
                   "volunteer": {"id": volunteer, "name": volunteer},
                   "answers": [{"photo": "anna.png", "order": ["micah", "tiktok"], "choice": "tiktok", "ms": 900}]}
        (tmp_path / f"answers-{volunteer}.json").write_text(json.dumps(answers))
    shutil.copytree(tmp_path / "photos", tmp_path / "photos/deep")
    shutil.move(tmp_path / "photos/deep/anna.png", tmp_path / "photos/deep/bert.jpg")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/swiftavatar").symlink_to(PROGRAM)
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    # A link away from its data, the program finds them only by the environment.
    env = environment(PATH=path, SWIFTAVATAR_DATA=str(ROOT))
    for command in commands(document):
        if not CHECKPOINT.exists() and "celeba" in command:
            continue
        script = "set -eo pipefail; " + command.replace("scripts/run.sh", "swiftavatar")
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr.decode()}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (document.parent / target).exists(), target


def test_engine_of_the_document_works(tmp_path: Path) -> None:
    """The complete example of docs/engine-definition.md, copied out of the page."""
    block = re.search(r"^```json\n(.*?)^```", (ROOT / "docs/engine-definition.md").read_text(), re.M | re.S)
    assert block is not None
    (tmp_path / "definition.json").write_text(block[1])
    swiftavatar("engines", "check", "./definition.json", cwd=tmp_path)


def test_files_of_the_readme_are_written(full: tuple[Path, Any]) -> None:
    named = set(re.findall(r"^\| `(astronaut\.\S+)` \|", (ROOT / "README.md").read_text(), re.M))
    assert named == {file.name for file in full[0].iterdir()}
