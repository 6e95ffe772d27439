"""
Find and read files: the configuration's own, and those that it names.

What the configuration names may not lie outside of its folder, also not through a symbolic link: a pull request must
not be able to read the disk of the machine that checks it.
"""

# A path is a text that a user wrote, and comes back as it was.
# ruff: noqa: PTH100, PTH112, PTH116, PTH117, PTH118, PTH119, PTH120, PTH208
from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.load import limits
from reconciler.load.lines import Lines
from reconciler.load.problems import Problems
from reconciler.load.syntax import NOT_PRINTABLE
from reconciler.load.tree import Document, Span, Stretch

_BOM: Final = b"\xef\xbb\xbf"
_OTHER_ENCODINGS: Final = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_SAVE: Final = "save the file as UTF-8"
_CHUNK: Final = 256 * 1024
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


class FileError(Exception):
    """A file can't be used; the message continues "FILE ..."."""

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy


@dataclass(slots=True)
class Folder:
    """
    The configuration's folder.

    *root* is absolute, as the path was given; *real* is where it really lies.
    """

    root: str
    real: str
    digests: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: str) -> Folder:
        """Take the folder *root*."""
        root = os.path.abspath(root)
        return cls(root, os.path.realpath(root))

    def holds(self, real: str) -> bool:
        """Whether a real path lies inside."""
        return real == self.real or real.startswith(self.real.rstrip(os.sep) + os.sep)

    def inside(self, path: str, folder: str) -> str:
        """
        Find what *path* means in a file that lies in *folder*; give the real path.

        Raises:
            FileError: It leaves the configuration's folder, or can't be followed.
        """
        if "\0" in path or not path:
            raise FileError("bad-path", "is no path", "write a path relative to the file that names it")
        if os.path.isabs(path):
            raise FileError(
                "outside-folder",
                "is an absolute path, and files are named relative to the file that names them",
                "write a relative path",
            )
        try:
            real = os.path.realpath(os.path.join(folder, path), strict=True)
        except FileNotFoundError:
            # Whether something exists out there is nobody's business either.
            if not self.holds(os.path.realpath(os.path.join(folder, path))):
                raise FileError("outside-folder", _OUTSIDE, _OUTSIDE_REMEDY) from None
            raise FileError("no-such-file", "does not exist", "check the path; it is relative to this file") from None
        except (OSError, ValueError) as problem:
            raise FileError("unreadable-file", f"can't be read: {reason(problem)}", "check the path") from None
        if not self.holds(real):
            raise FileError("outside-folder", _OUTSIDE, _OUTSIDE_REMEDY)
        below = f"{real.removeprefix(self.real.rstrip(os.sep))}{os.sep}"
        if any(f"{os.sep}{name}{os.sep}" in below for name in _PRIVATE):
            raise FileError("private-folder", _KEPT, "name a file of the configuration's own")
        return real

    def relative(self, path: str, folder: str) -> str:
        """Give *path*, as named in *folder*, relative to the configuration's folder."""
        return os.path.relpath(os.path.join(folder, path), self.root).replace(os.sep, "/")

    def text(self, path: str, folder: str) -> str:
        """
        Read a small text for `${file:}`, without the newline at its end.

        Raises:
            FileError: It can't be read, is too large, or is no UTF-8.
        """
        data = read(self.inside(path, folder), limits.SCALAR_CHARACTERS)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise FileError("not-utf-8", "is not UTF-8", "save it as UTF-8") from None
        return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text

    def digest(self, path: str, folder: str, head: int) -> tuple[str, bytes]:
        """
        Fingerprint a file, however large.

        Returns:
            The first 16 hex digits of its SHA-256, and its first *head* bytes.

        Raises:
            FileError: It can't be read.
        """
        real = self.inside(path, folder)
        if real not in self.digests:
            sha = hashlib.sha256()
            start = b""
            for chunk in _chunks(real):
                start = start or chunk[:head]
                sha.update(chunk)
            self.digests[real] = (sha.hexdigest()[:16], start)
        return self.digests[real]


_PRIVATE: Final = (".git", ".reconciler")  # of the repository, and ours
_KEPT: Final = "lies in a folder that holds credentials or passwords"
_OUTSIDE: Final = "leaves the configuration's folder"
_OUTSIDE_REMEDY: Final = "move the file into the folder; symbolic links may not leave it either"


def reason(problem: Exception) -> str:
    """Say in words why the system refused."""
    text = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return text[:1].lower() + text[1:]


def displayed(name: str) -> str:
    """Make a file's name fit for a message and for a report, whatever its bytes are."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def _open(path: str) -> int:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as problem:
        code = "no-such-file" if isinstance(problem, FileNotFoundError) else "unreadable-file"
        raise FileError(code, f"can't be read: {reason(problem)}", _permission(problem)) from None
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        kind = next((word for is_kind, word in _KINDS if is_kind(mode)), "something else")
        raise FileError("not-a-file", f"is {kind}, not a file", "name a regular file")
    return handle


def _permission(problem: Exception) -> str:
    return "give this user the right to read it" if isinstance(problem, PermissionError) else "check the path"


def _chunks(path: str) -> Iterator[bytes]:
    handle = _open(path)
    try:
        while chunk := os.read(handle, _CHUNK):
            yield chunk
    except OSError as problem:
        raise FileError("unreadable-file", f"can't be read: {reason(problem)}", _permission(problem)) from None
    finally:
        os.close(handle)


def read(path: str, limit: int) -> bytes:
    """
    Read a regular file of at most *limit* bytes.

    Raises:
        FileError: It is no such file, or the system refuses.
    """
    parts = []
    size = 0
    for chunk in _chunks(path):
        size += len(chunk)
        if size > limit:
            raise FileError("huge-file", f"has over {_size(limit)}, which is the limit", "split it, or shorten it")
        parts.append(chunk)
    return b"".join(parts)


def _size(count: int) -> str:
    return f"{count // limits.MIB} MiB" if count >= limits.MIB else f"{count} bytes"


@dataclass(slots=True)
class Reader:
    """Reads documents, and keeps count of their bytes; *texts* stand in for files, by absolute path."""

    problems: Problems
    total: int = 0
    texts: Mapping[str, bytes] = field(default_factory=dict)

    def document(self, path: str, name: str) -> Document | None:
        """Read one YAML file; None, with a problem added, where that can't be done."""
        name = displayed(name)
        full = os.path.abspath(path)
        folder = os.path.dirname(full)
        empty = Document(name, folder, b"")
        try:
            data = self.texts[full] if full in self.texts else read(path, limits.FILE_BYTES)
        except FileError as problem:
            self.failed(problem.code, f"{name} {problem}", Stretch(empty), problem.remedy)
            return None
        self.total += len(data)
        if self.total > limits.TOTAL_BYTES:
            if self.total - len(data) <= limits.TOTAL_BYTES:
                self.failed(
                    "huge-configuration",
                    f"the configuration has over {_size(limits.TOTAL_BYTES)}, which is the limit",
                    Stretch(empty),
                    "split it",
                )
            return None
        doc = self.decoded(data.removeprefix(_BOM), name, folder)
        if doc is not None:
            doc.path, doc.bom = full, data.startswith(_BOM)
        return doc

    def decoded(self, data: bytes, name: str, folder: str) -> Document | None:
        """Make a document of *data*; what is no UTF-8 is `broken`, and only serves its message."""
        encoding = next((word for start, word in _OTHER_ENCODINGS if data.startswith(start)), None)
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as problem:
            if encoding:
                where = Stretch(Document(name, folder, b""))
                self.failed("not-utf-8", f"{name} is not UTF-8: it looks like {encoding}", where, _SAVE)
                return None
            return self.broken(data, problem.start, name, folder)
        return Document(name, folder, data)

    def broken(self, data: bytes, start: int, name: str, folder: str) -> Document:
        r"""Make a document of *data* that is no UTF-8, from byte *start* on: each bad byte is spelled `\xff`."""
        before = Lines(data[:start].decode("utf-8"))
        line, column = before.last, len(before[before.last])
        visible = NOT_PRINTABLE.sub("\N{REPLACEMENT CHARACTER}", data.decode("utf-8", "backslashreplace"))
        doc = Document(name, folder, visible.encode("utf-8"))
        doc.broken = True
        where = Stretch(doc, Span(line, column, line, column + len("\\xff")))
        self.failed("not-utf-8", f"{name} is not UTF-8: byte {start:,}, in line {line + 1}, breaks it", where, _SAVE)
        return doc

    def failed(self, code: str, summary: str, where: Stretch, remedy: str) -> None:
        """Add a problem with a whole file; what it may say is not known now."""
        self.problems.unsure = True
        self.problems.error(code, summary, where, remedy)


def find(path: str, overlays: frozenset[str], problems: Problems) -> tuple[Folder | None, list[tuple[str, str]]]:
    """
    Find the files of a configuration.

    Args:
        path: A file, or a folder whose `*.yaml` and `*.yml` are read, hidden ones excepted.
        overlays: Real paths of files that are merged later, and so not part of it.
        problems: Gets what can't be read.

    Returns:
        The folder, and each file's path and name, in sorted order. Without a folder, nothing can be read.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as problem:
        known = "does not exist" if isinstance(problem, FileNotFoundError) else f"can't be read: {reason(problem)}"
        problems.error("no-configuration", f"{displayed(path) or 'the empty path'} {known}", None, "check the path")
        return None, []
    if stat.S_ISDIR(mode):
        folder = Folder.of(path)
        return folder, _Walk(folder, overlays, problems).run(path)
    folder = Folder.of(os.path.dirname(os.path.abspath(path)))
    return folder, [(path, os.path.basename(path))]


@dataclass(slots=True)
class _Walk:
    """One walk through the configuration's folder."""

    folder: Folder
    overlays: frozenset[str]
    problems: Problems
    found: list[tuple[str, str]] = field(default_factory=list)
    looked_at: int = 0

    def run(self, given: str) -> list[tuple[str, str]]:
        """Visit everything; *given* is how the user calls the folder."""
        self.visit(self.folder.root, "", frozenset({self.folder.real}))
        if self.looked_at > limits.ENTRIES:
            self.fault(
                "too-many-files",
                f"{displayed(given)} holds over {limits.ENTRIES:,} files and folders, which is the limit",
                "",
                "name the folder that holds the configuration, and nothing else",
            )
            return []
        if not self.found and not self.problems.items:
            self.problems.error(
                "no-yaml",
                f"{displayed(given)} holds no *.yaml or *.yml file",
                None,
                "name the folder, or the file, that holds the configuration",
            )
        if len(self.found) > limits.FILES:
            self.fault(
                "too-many-files", f"there are over {limits.FILES:,} YAML files, which is the limit", "", "name a folder"
            )
            return []
        return sorted(self.found, key=lambda item: item[1].split("/"))

    def visit(self, path: str, name: str, above: frozenset[str]) -> None:  # noqa: C901 - one case after another
        """Look through one folder; *above* are the real paths of it and of those around it."""
        try:
            entries = sorted(os.listdir(path))
        except OSError as problem:
            self.fault(
                "unreadable-folder",
                f"the folder {displayed(name or path)} can't be read: {reason(problem)}",
                name,
                _permission(problem),
            )
            return
        self.looked_at += len(entries)
        for entry in entries:
            if entry.startswith(".") or len(self.found) > limits.FILES or self.looked_at > limits.ENTRIES:
                continue
            here = os.path.join(path, entry)
            inner = f"{name}/{entry}" if name else entry
            yaml = entry.endswith((".yaml", ".yml"))
            try:
                real = os.path.realpath(here, strict=True)
                folder = os.path.isdir(real)
            except OSError as problem:
                if yaml or problem.errno == errno.ELOOP:
                    self.fault("unreadable-file", f"{displayed(inner)} can't be read: {reason(problem)}", inner, _LINK)
                continue
            if not (folder or yaml) or real in self.overlays:
                continue
            if not self.folder.holds(real):
                self.fault(
                    "outside-folder",
                    f"{displayed(inner)} is a symbolic link that {_OUTSIDE}",
                    inner,
                    "replace it by what it points at, or name the other folder",
                )
            elif not folder:
                self.found.append((here, inner))
            elif real in above:
                self.fault("link-loop", f"{displayed(inner)} is a symbolic link to a folder around it", inner, _LINK)
            elif len(above) > limits.DEPTH:
                self.fault("too-deep", f"folders are nested deeper than {limits.DEPTH} levels", inner, "flatten them")
            else:
                self.visit(here, inner, above | {real})

    def fault(self, code: str, summary: str, name: str, remedy: str) -> None:
        """Add a problem; what may be missing now is not known."""
        self.problems.unsure = True
        self.problems.error(
            code, summary, Stretch(Document(displayed(name), self.folder.root, b"")) if name else None, remedy
        )


_LINK: Final = "remove the symbolic link"
