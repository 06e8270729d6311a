"""Small git repositories that stand in for clones of the listed ones."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ENVIRONMENT = {**os.environ, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a",
               "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": "/dev/null"}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", folder, *arguments], env=ENVIRONMENT, capture_output=True, check=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, bytes]) -> str:
    """Commits these files; returns the commit."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "pictures")
    return git(folder, "rev-parse", "HEAD")


def make_clone(clones: Path, repository: str, files: dict[str, bytes]) -> Path:
    folder = clones / repository
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    commit(folder, files)
    return folder
