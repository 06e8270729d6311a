"""`swiftavatar completion`: the scripts in the shells themselves, and the manual page."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from program import swiftavatar
from test_docs import options_of, verbs

BASH = """
. "$1"; read -ra COMP_WORDS <<<"$2"; [[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _swiftavatar; printf '%s\\n' "${COMPREPLY[@]}"
"""
# Outside of a line editor, what zsh would offer is caught by standing in for the builtin.
ZSH = """
compdef() { }; . "$1"; compadd() { shift; print -l -- $@ }; _files() { print FILES }
words=(${=2}); [[ $2 == *' ' ]] && words+=(''); CURRENT=$#words; PREFIX=$words[-1]; _swiftavatar
"""
FISH = 'source $argv[1]; complete -C $argv[2]'

SHELLS = [pytest.param(shell, marks=pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed"))
          for shell in ("bash", "zsh", "fish")]


def candidates(shell: str, line: str, folder: Path) -> set[str]:
    script = folder / "script"
    script.write_bytes(swiftavatar("completion", shell, cwd=folder).stdout)
    command = {"bash": ["bash", "-c", BASH, "_", script, line], "zsh": ["zsh", "-fc", ZSH, "_", script, line],
               "fish": ["fish", "--no-config", "-c", FISH, script, line]}[shell]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "HOME": str(folder)})
    assert done.stderr == "", done.stderr
    return {text.split("\t")[0] for text in done.stdout.splitlines()}


@pytest.mark.parametrize("shell", SHELLS)
def test_shell_completes(shell: str, tmp_path: Path) -> None:
    assert {verb[0] for verb in verbs()} <= candidates(shell, "swiftavatar ", tmp_path)
    assert {"list", "show", "check", "semantics"} <= candidates(shell, "swiftavatar engines ", tmp_path)
    assert candidates(shell, "swiftavatar estimate --inversion ", tmp_path) == {"none", "encoder", "optimize"}
    long = {option for option in options_of(("estimate",)) if option.startswith("--")}
    assert long <= candidates(shell, "swiftavatar estimate --", tmp_path)
    assert "--bundle" in candidates(shell, "swiftavatar models verify --", tmp_path)
    assert "--bundle" not in candidates(shell, "swiftavatar models list --", tmp_path)


def test_manual_page_has_every_verb_and_option(tmp_path: Path) -> None:
    page = swiftavatar("completion", "man", cwd=tmp_path).stdout.decode()
    sections = dict(re.findall(r'^\.SS "([^"]+)"\n(.*?)(?=^\.S|\Z)', page, re.M | re.S))
    assert {" ".join(verb) for verb in verbs()} == set(sections)
    for verb in verbs():
        for option in options_of(verb):
            assert "\\fB" + option.replace("-", "\\-") + "\\fR" in sections[" ".join(verb)], (verb, option)


@pytest.mark.parametrize("checker", [["man", "--warnings", "-l"], ["mandoc", "-T", "lint", "-W", "error"]], ids=lambda checker: checker[0])
def test_manual_page_is_sound(checker: list[str], tmp_path: Path) -> None:
    if shutil.which(checker[0]) is None:
        pytest.skip(f"{checker[0]} is not installed")
    (tmp_path / "page.1").write_bytes(swiftavatar("completion", "man", cwd=tmp_path).stdout)
    done = subprocess.run([*checker, tmp_path / "page.1"], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0 and done.stderr == "", done.stdout + done.stderr


def test_unknown_shell_is_a_usage_error(tmp_path: Path) -> None:
    swiftavatar("completion", "tcsh", cwd=tmp_path, status=2)
