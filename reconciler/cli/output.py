"""
Writing to stdout and stderr, whatever has become of them.

A result is written whole or not at all; when its reader left (`| head`), the run still ends with its own exit code.
"""

from __future__ import annotations

import contextlib
import os
import sys


def write(text: str) -> None:
    """Write a result to stdout, whole. When its reader left (`| head`), the run still ends with its own exit code."""
    from reconciler.model.errors import ReconcilerError

    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as cause:
        hush()
        if not isinstance(cause, BrokenPipeError):
            raise ReconcilerError(f"the result can't be written: {cause.strerror}") from cause


def write_utf8(text: str) -> None:
    """Write a result that is UTF-8 by its own rules, whatever the terminal's encoding is."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        with contextlib.suppress(AttributeError, ValueError):  # no text stream over bytes: then it is as it is
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    write(text)


def write_bytes(data: bytes) -> None:
    """Write a result to stdout byte for byte, whatever encoding the terminal has."""
    from reconciler.model.errors import ReconcilerError

    raw = getattr(sys.stdout, "buffer", None)
    if raw is None:
        write(data.decode("utf-8", "replace"))
        return
    try:
        sys.stdout.flush()
        raw.write(data)
        raw.flush()
    except OSError as cause:
        hush()
        if not isinstance(cause, BrokenPipeError):
            raise ReconcilerError(f"the result can't be written: {cause.strerror}") from cause


def write_json(text: str) -> None:
    """Write a JSON document; where stdout can't spell a character, as JSON escapes it."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        text = "".join(letter if letter.isascii() else _escaped(letter) for letter in text)
    write(text)


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[start : start + 2].hex()}" for start in range(0, len(units), 2))


def hush() -> None:
    """Let stdout lead nowhere, so that Python does not complain of it again at exit."""
    with contextlib.suppress(OSError, ValueError):
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)


def complain_plainly(text: str) -> None:
    """Write a line to stderr, if anybody listens."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def write_file(path: str, text: str, *, mode: int = 0o600) -> None:
    """
    Write a file as a whole; *mode* says who may read it.

    Raises:
        ReconcilerError: It can't be written.
    """
    from reconciler import snapshot
    from reconciler.model.errors import ReconcilerError

    try:
        snapshot.write_file(path, text, mode=mode)
    except (OSError, ValueError) as cause:
        why = getattr(cause, "strerror", None) or "a bad name"
        raise ReconcilerError(f"{path} can't be written: {why}", remedy="Name another file.") from cause
