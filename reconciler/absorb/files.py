"""Write files in place of old ones: each in one step, all or none as far as a file system allows."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.model.absorbed import Rewritten
from reconciler.model.errors import ReconcilerError, Refused

_AGAIN = "Look at what has become of it, and absorb again."


@dataclass(slots=True)
class _Ready:
    """A file whose new content lies beside it."""

    file: Rewritten
    real: Path
    beside: Path


def write(files: Sequence[Rewritten]) -> None:
    """
    Replace files that are as they were read.

    Raises:
        Refused: Somebody changed one meanwhile; none was written.
        ReconcilerError: One can't be written; none was, or what was is as before.
    """
    reals = [Path(os.path.realpath(file.path)) for file in files]
    for file, real in zip(files, reals, strict=True):
        _unchanged(file, real)
    ready: list[_Ready] = []
    try:
        for file, real in zip(files, reals, strict=True):
            ready.append(_prepared(file, real))
        _replace(ready)
    finally:
        for item in ready:
            with contextlib.suppress(OSError):
                item.beside.unlink(missing_ok=True)


def _unchanged(file: Rewritten, real: Path) -> None:
    try:
        now = real.read_bytes()
        mode = real.stat().st_mode
    except OSError as cause:
        raise _unwritable(file, cause) from cause
    if now != file.before:
        raise Refused(f"{file.name} was changed while its values were compared; nothing was written", remedy=_AGAIN)
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(real, os.W_OK):
        raise ReconcilerError(
            f"{file.name} may not be written; nothing was changed", remedy="Give yourself the right to write it."
        )


def _prepared(file: Rewritten, real: Path) -> _Ready:
    """Write the new content beside the file, with the file's rights."""
    handle = -1
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name[:100]}.")
        with os.fdopen(handle, "wb") as out:
            out.write(file.after)
            out.flush()
            os.fsync(out.fileno())
        found = real.stat()
        Path(name).chmod(stat.S_IMODE(found.st_mode))
        with contextlib.suppress(OSError):  # only root may give a file away
            os.chown(name, found.st_uid, found.st_gid)
    except OSError as cause:
        if name:
            with contextlib.suppress(OSError):
                Path(name).unlink(missing_ok=True)
        raise _unwritable(file, cause) from cause
    return _Ready(file, real, Path(name))


def _replace(ready: Sequence[_Ready]) -> None:
    done: list[_Ready] = []
    for item in ready:
        try:
            _unchanged(item.file, item.real)
            item.beside.replace(item.real)
        except (OSError, ReconcilerError) as cause:
            for other in done:
                with contextlib.suppress(OSError):
                    other.real.write_bytes(other.file.before)
            raise cause if isinstance(cause, ReconcilerError) else _unwritable(item.file, cause) from cause
        done.append(item)


def _unwritable(file: Rewritten, cause: OSError) -> ReconcilerError:
    return ReconcilerError(
        f"{file.name} can't be written: {cause.strerror or cause}; nothing was changed",
        remedy="See that its folder can be written, and absorb again.",
    )
