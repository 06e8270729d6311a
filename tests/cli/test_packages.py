"""Packages, the Docker image and the GitHub Action: what docs/install.md offers.

The ordinary tests put a small tarball, of the program that is being tested, in the place of the large one; the heavy ones
make the real packages and try them in a bare Debian.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from program import FAST, PHOTO, PROGRAM, ROOT, check_previews, environment, load, read_rgb, write_image

NAME = "swiftavatar-0.1.0-linux-x86_64"
BARE_DEBIAN = ROOT.parent / "shared/tools/fresh-debian.sh"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


@pytest.fixture(scope="module")
def small_tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tarball whose program hands on to the one that is being tested."""
    folder = tmp_path_factory.mktemp("tarball")
    program = folder / NAME / "bin/swiftavatar"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexport SWIFTAVATAR_DATA={shlex.quote(str(ROOT))}\nexec {shlex.quote(str(PROGRAM))} "$@"\n')
    program.chmod(0o755)
    tarball = folder / f"{NAME}.tar.gz"
    with tarfile.open(tarball, "w:gz") as archive:
        archive.add(folder / NAME, NAME)
    return tarball


# The Action.

def run_action(folder: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Runs the steps as a runner does: (exit status of the last step that ran, outputs, the summary)."""
    values = {name: inputs.get(name, spec.get("default", "")) for name, spec in ACTION["inputs"].items()}
    runner = folder / "runner"
    runner.mkdir()
    files = {name: runner / name for name in ("GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    status = 0
    for step in ACTION["runs"]["steps"]:
        assert step["shell"] == "bash" and "${{" not in step["run"]  # inputs as text in a script would be run
        given = {key: values[re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value)[1]] for key, value in step["env"].items()}  # type: ignore[index]
        path = ":".join([*files["GITHUB_PATH"].read_text().split(), os.environ["PATH"]])
        env = environment(PATH=path, RUNNER_TEMP=str(runner), **given, **{key: str(file) for key, file in files.items()})
        script = runner / "step.sh"
        script.write_text(step["run"])
        status = subprocess.run(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script], cwd=folder, env=env, check=False).returncode
        if status:
            break
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return status, outputs, files["GITHUB_STEP_SUMMARY"].read_text()


def test_action_makes_avatars(small_tarball: Path, people: Path, tmp_path: Path) -> None:
    shutil.copytree(people, tmp_path / "my photos/deep")
    status, outputs, summary = run_action(tmp_path, tarball=str(small_tarball), photos="my photos", output="out", options=" ".join(FAST))
    assert status == 0
    assert set(outputs) == set(ACTION["outputs"])
    assert outputs["avatars"] == "3" and "3 avatars in `out`" in summary
    assert len(Path(outputs["results"]).read_text().splitlines()) == 3
    assert {file.name for file in (tmp_path / "out/deep").glob("*.json")} == {f"{name}.avatar.json" for name in "abc"}


def test_action_has_the_status_of_the_run(small_tarball: Path, tmp_path: Path) -> None:
    (tmp_path / "-x.jpg").write_bytes(b"no picture")
    status, outputs, summary = run_action(tmp_path, tarball=str(small_tarball), photos="-x.jpg", options=" ".join(FAST))
    assert status == 1 and outputs["avatars"] == "0" and "exit status 1" in summary


def test_action_refuses_another_tarball(small_tarball: Path, tmp_path: Path) -> None:
    status, outputs, _ = run_action(tmp_path, tarball=str(small_tarball), sha256="0" * 64, photos=str(PHOTO))
    assert status == 1 and outputs == {} and not (tmp_path / "avatars").exists()


# The document.

def document_commands() -> list[str]:
    return [line.strip() for line in re.findall(r"^ {4}(\S.*)$", re.sub(r"^```.*?^```", "", (ROOT / "docs/install.md").read_text(), flags=re.M | re.S), re.M)]


def test_commands_of_the_document(small_tarball: Path, tmp_path: Path) -> None:
    """As they stand, with stand-ins for what takes minutes, root or Docker; these write down how they were called."""
    stand_ins = {
        "scripts/package.sh": f'cp {small_tarball} . && touch {NAME}.deb && sha256sum {NAME}.* > SHA256SUMS',
        "scripts/run.sh": f'exec {PROGRAM} "$@"',
        "bin/sudo": 'exec "$@"',
        "bin/apt-get": '[ -f "$2" ]',
        "bin/cmake": ":",
        "bin/docker": 'while [ "$1" != swiftavatar ]; do shift; done; shift; [ "$1" = . ] || exec swiftavatar "$@"',
        "bin/swiftavatar": f'exec {PROGRAM} "$@"',
    }
    for name, script in stand_ins.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'#!/bin/sh\necho "{Path(name).name} $*" >> {tmp_path}/calls\n{script}\n')
        file.chmod(0o755)
    shutil.copy(PHOTO, tmp_path / "photo.jpg")
    env = environment(PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin", SWIFTAVATAR_DATA=str(ROOT))
    commands = document_commands()
    assert len(commands) >= 10
    for command in commands:
        done = subprocess.run(["bash", "-c", f"set -eo pipefail; {command}"], cwd=tmp_path, env=env, capture_output=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr.decode()}"
    load(tmp_path / "avatars/photo.avatar.json")
    called = {line.split()[0] for line in (tmp_path / "calls").read_text().splitlines()}
    assert called == {Path(name).name for name in stand_ins}


def test_names_are_those_of_the_version() -> None:
    version = re.search(r"^project\(swiftavatar VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)
    assert version is not None and NAME == f"swiftavatar-{version[1]}-linux-x86_64"
    assert set(re.findall(r"swiftavatar-\d[\w.-]*(?=\.deb|\.tar|/)", (ROOT / "docs/install.md").read_text())) == {NAME}


def test_inputs_of_the_document_are_the_actions() -> None:
    text = (ROOT / "docs/install.md").read_text()
    step = yaml.safe_load(re.search(r"^```yaml\n(.*?)^```", text, re.M | re.S)[1])[0]  # type: ignore[index]
    named = {name for name in ACTION["inputs"] if f"`{name}`" in text}
    assert set(step["with"]) | named == set(ACTION["inputs"])
    assert {name for name, spec in ACTION["inputs"].items() if spec.get("required")} <= set(step["with"])


def dockerfile() -> list[tuple[str, str]]:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines if line and not line.startswith("#"))]


def test_image_takes_the_package() -> None:
    """The heavy test runs the steps; here: they are of the kinds that it knows, and the package comes into the build."""
    assert [name for name, _ in dockerfile()] == ["FROM", "COPY", "RUN", "WORKDIR", "ENTRYPOINT", "CMD"]
    source, _ = dict(dockerfile())["COPY"].split()
    assert Path(f"build/package/{NAME}.deb").match(source)
    assert (ROOT / ".dockerignore").read_text().split() == ["*", "!build/package/*.deb"]


# The real packages.

@pytest.fixture(scope="module")
def packages() -> Path:
    done = subprocess.run(["bash", ROOT / "scripts/package.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    files = [ROOT / line for line in done.stdout.splitlines()]
    assert [file.name for file in files] == [f"{NAME}.deb", f"{NAME}.tar.gz", "SHA256SUMS"]
    return files[0].parent


class Debian:
    """A bare Debian, without a compiler, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, script: str, *arguments: str) -> str:
        command = ["bash", BARE_DEBIAN, self.folder, ROOT, "bash", "-euc", "export OMP_NUM_THREADS=1; " + script, "_", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def debian(tmp_path: Path) -> Debian:
    if not BARE_DEBIAN.exists() or os.geteuid() != 0:
        pytest.skip("a bare Debian takes root and the tool that lies beside some checkouts")
    bare = Debian(tmp_path / "debian")
    bare.run("! command -v g++ gcc cmake python3")
    return bare


def expect_the_avatar(folder: Path, full: tuple[Path, Any]) -> None:
    """Not to the bit: other builds round otherwise, and what is near a border may fall to the other side."""
    result = load(folder / "astronaut.avatar.json")
    check_previews(result, folder)
    assert result["models"] == full[1]["models"] and result["attributes"]["glasses"] == full[1]["attributes"]["glasses"]
    discrete = full[1]["avatar"]["discrete"]
    same = [name for name in discrete if result["avatar"]["discrete"][name] == discrete[name]]
    assert len(same) >= len(discrete) - 2


@pytest.mark.heavy
def test_tarball_in_a_bare_debian(packages: Path, debian: Debian, full: tuple[Path, Any]) -> None:
    assert (packages / f"{NAME}.tar.gz").stat().st_size < 250e6
    shutil.copy(packages / f"{NAME}.tar.gz", debian.folder / "opt")
    write_image(debian.folder / "opt/photo.avif", read_rgb())  # this kind has a library of its own
    said = debian.run("cd /opt; tar -xzf $1.tar.gz; mv $1 'moved away'; ln -s '/opt/moved away/bin/swiftavatar' /usr/local/bin; mkdir out; cd out;"
                      "swiftavatar version; swiftavatar doctor; swiftavatar estimate /src/examples/astronaut.png --engine tiktok 2>&1;"
                      "swiftavatar estimate /opt/photo.avif --inversion none 2>&1", NAME)
    assert "rror" not in said, said
    expect_the_avatar(debian.folder / "opt/out", full)


@pytest.mark.heavy
def test_image_steps_in_a_bare_debian(packages: Path, debian: Debian, full: tuple[Path, Any]) -> None:
    """What the Dockerfile says, step by step."""
    steps = dict(dockerfile())
    assert steps["FROM"].split(":")[1].startswith("bookworm")
    for file in ROOT.glob(steps["COPY"].split()[0]):
        shutil.copy(file, debian.folder / steps["COPY"].split()[1].lstrip("/"))
    debian.run(steps["RUN"])
    entry, default = (" ".join(re.findall(r'"(.*?)"', steps[name])) for name in ("ENTRYPOINT", "CMD"))
    assert "estimate" in debian.run(f"{entry} {default}")
    debian.run(f"mkdir -p {steps['WORKDIR']}; cd {steps['WORKDIR']}; cp /src/examples/astronaut.png .; {entry} estimate astronaut.png")
    expect_the_avatar(debian.folder / steps["WORKDIR"].lstrip("/"), full)
