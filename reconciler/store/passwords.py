"""
Where extension passwords go. The vendor gives each once, so it is on disk before anything else happens with it.

By default a JSON file (mode 0600) in `.reconciler/secrets/`; or entries encrypted to age recipients, or a command.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from reconciler.model.desired import PasswordStore
from reconciler.model.errors import StoreError
from reconciler.model.outcome import OneTimePassword

_PATIENCE_S: Final = 60  # for the program that takes a password


def keep(passwords: Sequence[OneTimePassword], where: PasswordStore, *, root: str, contact_center: str) -> str:
    """
    Store *passwords* durably.

    Args:
        passwords: What an answer gave.
        where: The `secrets.extension_passwords` setting.
        root: The configuration's folder; relative paths start there.
        contact_center: Names the default file.

    Returns:
        Where they are now, for people.

    Raises:
        StoreError: They are not where they should be; the message says where they went instead.
    """
    default = Path(root) / ".reconciler" / "secrets" / f"{contact_center}.json"
    if where.command:
        return _by_command(passwords, where.command, default, root)
    if where.age is not None:
        path = Path(root) / where.age
        try:
            _append_age(passwords, path, where.recipients)
        except Exception as cause:  # whatever it is, they are given once
            raise _elsewhere(f"the passwords could not be encrypted to {path}: {cause}", passwords, default) from cause
        return str(path)
    path = default if where.file is None else Path(root) / where.file
    try:
        if path == default:
            _to_default(passwords, default)
        else:
            _merge(passwords, Path(os.path.realpath(path)))  # a link that somebody made stays one
    except (OSError, ValueError) as cause:
        if path == default:
            raise StoreError(
                f"the passwords of {_names(passwords)} could not be written to {path}: {cause}",
                remedy="Each is given once: make the folder writable, delete those extensions and apply again.",
            ) from cause
        raise _elsewhere(f"the passwords could not be written to {path}: {cause}", passwords, default) from cause
    return str(path)


def _to_default(passwords: Sequence[OneTimePassword], default: Path) -> None:
    """Add to our own file; one that can't be read is moved aside, so that neither its passwords nor ours are lost."""
    try:
        _merge(passwords, default)
    except ValueError:
        aside = (
            default.with_name(f"{default.name}.unreadable{more}") for more in ("", *(f"-{n}" for n in range(2, 1000)))
        )
        default.replace(next(path for path in aside if not path.exists()))
        _merge(passwords, default)


def _by_command(passwords: Sequence[OneTimePassword], command: Sequence[str], default: Path, root: str) -> str:
    """
    Hand each password to a program, run in *root*, as one JSON object on its standard input, never an argument.

    After the first that it does not take, it is not asked again: the rest goes with that one.
    """
    for number, password in enumerate(passwords):
        given = json.dumps(_plain(password) | {"extension": password.extension})
        try:
            # Nobody may see what it says; and a pipe that a child of its own keeps open would hold us up for ever.
            done = subprocess.run(  # noqa: S603 - the user's own program, no shell
                list(command),
                input=given.encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                timeout=_PATIENCE_S,
                cwd=root,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as cause:
            late = isinstance(cause, subprocess.TimeoutExpired)
            what = f"did not end within {_PATIENCE_S} s" if late else str(getattr(cause, "strerror", None) or cause)
            problem = f"{command[0]} could not take the password: {what}"
            raise _elsewhere(problem, passwords[number:], default, passwords[:number], command[0]) from cause
        if done.returncode != 0:
            problem = f"{command[0]} ended with {done.returncode}"
            raise _elsewhere(problem, passwords[number:], default, passwords[:number], command[0])
    return command[0]


def _elsewhere(
    problem: str,
    passwords: Sequence[OneTimePassword],
    default: Path,
    taken: Sequence[OneTimePassword] = (),
    taker: str = "",
) -> StoreError:
    """Put *passwords* into the default file; say so, and which were *taken* before."""
    before = f"; those of {_names(taken)} were taken by {taker}" if taken else ""
    try:
        _to_default(passwords, default)
    except (OSError, ValueError) as cause:
        return StoreError(
            f"{problem}; and {default} can't be written either: {cause}{before}",
            remedy=f"The passwords of {_names(passwords)} are lost: delete those extensions and apply again.",
        )
    return StoreError(
        f"{problem}; the passwords of {_names(passwords)} are in {default}{before}",
        remedy="Move them where they belong, mend secrets.extension_passwords, then apply again.",
    )


def _names(passwords: Sequence[OneTimePassword]) -> str:
    return ", ".join(password.extension for password in passwords)


def _plain(password: OneTimePassword) -> dict[str, str]:
    return {"password": password.password, "number": password.number}


def _merge(passwords: Sequence[OneTimePassword], path: Path) -> None:
    """Add to the file in one step: a power cut leaves the old file or the new one."""
    document: Any = {}
    if _there(path):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except RecursionError:
            document = None
        extensions = document.get("extensions", {}) if isinstance(document, dict) else None
        if not isinstance(extensions, dict):
            raise ValueError("it holds something else")
    extensions = document.setdefault("extensions", {})
    extensions.update({password.extension: _plain(password) for password in passwords})
    private_folder(path.parent)
    write_durably(path, json.dumps(document, indent=2, sort_keys=True).encode() + b"\n")


def private_folder(folder: Path) -> None:
    """Make a folder that only we can read; `.reconciler/` ignores itself in git."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in missing:
        _flush(path.parent)
    for parent in (folder, *folder.parents):
        if parent.name == ".reconciler":
            ignore = parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            return


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file in one step, flushed to disk, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    _flush(path.parent)


def _flush(folder: Path) -> None:
    """Make new names in a folder outlast a power cut, where the file system knows how."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as cause:
        if cause.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)


def _there(path: Path) -> bool:
    """Whether there is a file; raise ValueError for what is none, which might never end."""
    if path.exists() and not path.is_file():
        raise ValueError("it is no file")
    return path.exists()


def _append_age(passwords: Sequence[OneTimePassword], path: Path, recipients: Sequence[str]) -> None:
    """Append one armored age message a password; without the identity nobody can read the file, us included."""
    try:
        import pyrage  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as cause:
        msg = "age needs its library: pip install 'reconciler[age]'"
        raise StoreError(msg) from cause
    try:
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    except pyrage.RecipientError as cause:
        msg = f"a recipient is no age public key: {cause}"
        raise StoreError(msg) from cause
    entries = b"".join(
        pyrage.encrypt(
            json.dumps({"extension": password.extension} | _plain(password)).encode(), keys, armored=True
        ).rstrip()
        + b"\n"
        for password in passwords
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not _there(path)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size and os.pread(file.fileno(), 1, size - 1) != b"\n":  # a power cut left half an entry
            entries = b"\n" + entries
        try:
            while entries:
                entries = entries[file.write(entries) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(size)  # all of them or none
            raise
    if new:
        _flush(path.parent)
