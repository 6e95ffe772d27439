"""Where a configuration's files lie, seen from where the command runs: what a reviewer's links and a pipeline need."""

from __future__ import annotations

import posixpath
from typing import Final
from urllib.parse import quote

from reconciler.model.plan import Origin

ASSIGNED: Final = "--set"  # what stands for a file where a value comes from the command line
_YAML: Final = (".yaml", ".yml")


def configuration(origin: Origin | None, here: str = "") -> str:
    """Name the configuration from where the command runs; "" where that would tell of the machine's disk."""
    return "" if origin is None else _from(here, origin.path) or ""


def lies_at(file: str, origin: Origin | None, here: str = "") -> str:
    """
    Name a file from where the command runs.

    Args:
        file: As diagnostics and changes name it: from the configuration's folder; an overlay as the user gave it.
        origin: What the user gave; without it, the name stays.
        here: The folder in which the command runs, absolute. What lies elsewhere and was named by an absolute path
            keeps its name from the configuration's folder, so that no report tells of the machine's disk.
    """
    if origin is None or file == ASSIGNED:
        return file
    if file in origin.overlays:
        return _from(here, file) or posixpath.basename(file)
    given = _from(here, origin.path)
    if given is None:
        return file
    if posixpath.basename(given) == file:
        return given
    folder = posixpath.dirname(given) if given.lower().endswith(_YAML) else given
    return posixpath.normpath(posixpath.join(folder, file))


def _from(here: str, path: str) -> str | None:
    path = path.replace("\\", "/") if "/" not in path else path
    if not path.startswith("/"):
        return posixpath.normpath(path)
    if not here.startswith("/"):
        return None
    found = posixpath.relpath(path, here)
    return None if found == ".." or found.startswith("../") else found


def in_files(file: str) -> bool:
    """Whether *file* names one that a reader of the repository can look at: below where the command ran."""
    if not file or file == ASSIGNED:
        return False
    found = posixpath.normpath(file)
    return not found.startswith(("/", "../")) and found not in {".", ".."}


def uri(file: str) -> str:
    """
    Spell a file's name as a relative reference.

    Nothing in it can be a scheme, a host, a query or a fragment: letters, digits, `-._~/` and percent signs are left.
    """
    return quote(posixpath.normpath(f"/{file}").lstrip("/"), safe="/", errors="replace")
