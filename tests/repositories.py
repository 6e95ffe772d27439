"""Real git repositories in a temporary folder, made without anybody's own settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.configurations import write

GIT: Final = shutil.which("git") or "git"
ENVIRON: Final = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


def git(folder: Path, *arguments: str, data: bytes = b"") -> str:
    """Run git in *folder*; give what it says."""
    done = subprocess.run(
        [GIT, "-c", "user.name=Test", "-c", "user.email=test@example.com", *arguments],
        cwd=folder,
        env=ENVIRON,
        input=data,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make a repository that holds *files* in one commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, files)
    return folder


def commit(folder: Path, files: Mapping[str, str | bytes], *, gone: tuple[str, ...] = ()) -> str:
    """Write *files*, take away those that are *gone*, and commit all; give the commit."""
    write(folder, files)
    for name in gone:
        (folder / name).unlink()
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=change")
    return git(folder, "rev-parse", "HEAD")
