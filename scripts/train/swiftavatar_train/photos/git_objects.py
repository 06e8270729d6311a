"""Files out of git clones, by commit and path, without a checkout and without the network."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

LARGEST = 64 << 20  # bytes; no picture of the data set comes near


class Missing(Exception):
    """What was asked for cannot be had; the message says why, in a few words."""


class Clone:
    """A clone, bare or not, shallow or not, of the repository OWNER/NAME: the folder OWNER/NAME, or OWNER/NAME.git."""

    def __init__(self, clones: Path, repository: str) -> None:
        folders = [clones / repository, clones / f"{repository}.git"]
        self.folder = next((folder for folder in folders if folder.is_dir()), None)
        self.repository = repository

    def read(self, commit: str, path: str, blob: str = "") -> bytes:
        """The file `path` of a commit. Where its object id `blob` is known, the content must have it, and a clone that
        lacks the commit but has the object will do."""
        if self.folder is None:
            raise Missing(f"no clone of {self.repository}")
        if self._git("cat-file", "-e", f"{commit}^{{commit}}") is None and not blob:
            raise Missing(f"no commit {commit[:9]}")
        name = blob or f"{commit}:{path}"
        size = self._git("cat-file", "-s", name)
        if size is None:
            raise Missing(f"no object {blob[:9]}" if blob else "no such file in the commit")
        if int(size) > LARGEST:
            raise Missing(f"larger than {LARGEST >> 20} MiB")
        content = self._git("cat-file", "blob", name)
        if content is None:
            raise Missing("cannot be read")
        if blob and not object_id(content).startswith(blob):
            raise Missing("content differs from its object id")
        return content

    def _git(self, *arguments: str) -> bytes | None:
        """What git prints, None where it fails."""
        environment = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}  # a partial clone stays as it is
        done = subprocess.run(["git", "-c", f"safe.directory={self.folder}", "-C", str(self.folder), *arguments],
                              env=environment, capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None


def object_id(content: bytes) -> str:
    """The id that git gives a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
