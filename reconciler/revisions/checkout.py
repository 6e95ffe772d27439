"""The files of one revision that a configuration consists of, in a private folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

from reconciler.model.diagnostics import Diagnostic, Diagnostics, Place
from reconciler.model.errors import ReconcilerError
from reconciler.revisions.repository import Blob, Item, Repository, blobs

_YAML: Final = (".yaml", ".yml")
_CHUNK: Final = 256 * 1024
_LOOKED_AT: Final = 32 * 1024 * 1024  # bytes of one text that are searched for the files it names; as `load` reads
_MOST: Final = 1024 * 1024 * 1024  # bytes of all files
_WORD: Final = re.compile(rb"[^\s\"'/\\{}\[\],:]+")
_LFS: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n"
)
_LFS_LONGEST: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    What is wanted of a revision, relative to the repository's root.

    Args:
        path: The configuration: a file, or a folder.
        spelled: How the user calls it.
        overlays: How the user calls each overlay, and its path; None for one outside of the repository.
    """

    path: str
    spelled: str
    overlays: tuple[tuple[str, str | None], ...] = ()


@dataclass(slots=True, kw_only=True)
class Checkout:
    """
    The files of one revision.

    Args:
        there: Whether the revision has the configuration.
        complete: Whether all files below its folder are here, or only those that it seems to name.
        notes: What a reader should know of what is not here.
    """

    repository: Repository
    commit: str
    wanted: Wanted
    folder: str
    there: bool = True
    complete: bool = False
    notes: list[str] = field(default_factory=list)
    _entry: Item | None = None
    _overlays: dict[str, Item] = field(default_factory=dict)
    _files: list[Item] | None = None
    _written: dict[str, Item] = field(default_factory=dict)
    _turn: int = 0
    _bytes: int = 0

    @property
    def path(self) -> str:
        """Where the configuration lies for now."""
        return self._place(self.wanted.path)

    @property
    def overlays(self) -> tuple[str, ...]:
        """Where the overlays lie for now; those that the revision has, and those that no repository holds."""
        return tuple(
            spelled if name is None else self._place(name)
            for spelled, name in self.wanted.overlays
            if name is None or name in self._overlays
        )

    @property
    def identity(self) -> tuple[str, ...]:
        """Fingerprint all that may matter; the same for two revisions between which nothing of it changed."""
        return (
            self._entry.object if self._entry is not None else "",
            "" if self._entry is None or self._entry.is_folder else self._around,
            *(item.object for item in self._overlays.values()),
        )

    @property
    def _around(self) -> str:
        """Name the tree of the folder that the configuration stands in."""
        item = self.repository.entry(self.commit, str(PurePosixPath(self.wanted.path).parent).removeprefix("."))
        return item.object if item is not None else ""

    def _place(self, name: str) -> str:
        return str(Path(self._here, name)) if name else self._here

    @property
    def _here(self) -> str:
        return str(Path(self.folder, str(self._turn)))

    def look(self) -> None:
        """
        Find what there is.

        Raises:
            ReconcilerError: A link or another repository stands where the configuration is due.
        """
        self._entry = self._checked(self.wanted.path, self.wanted.spelled)
        self.there = self._entry is not None
        for spelled, name in self.wanted.overlays:
            if name is None:
                continue
            item = self._checked(name, spelled)
            if item is None:
                self.notes.append(f"The overlay {spelled} does not exist at {self.commit[:12]}.")
            elif item.is_folder:
                raise ReconcilerError(f"{spelled} is a folder at {self.commit[:12]}", remedy="Name a file.")
            else:
                self._overlays[name] = item

    def _checked(self, name: str, spelled: str) -> Item | None:
        item = self.repository.entry(self.commit, name)
        if item is not None and (item.is_link or item.is_module):
            what = "a symbolic link" if item.is_link else "a submodule"
            raise ReconcilerError(
                f"{spelled} is {what} at {self.commit[:12]}", remedy="Name what it stands for, or another revision."
            )
        return item

    def write(self) -> None:
        """Write the YAML, and of the rest what it seems to name."""
        if self._entry is None:
            return
        texts = self._texts()
        words: set[bytes] = set()
        mentions = False
        for blob in blobs(self.repository, [*texts, *self._overlays.values()]):
            data = self._save(blob, keep=True)
            if _mentions(data):
                mentions = True
                words.update(_WORD.findall(data))
        if mentions:
            here = {item.name for item in texts}
            self._save_all(
                [
                    item
                    for item in self._below()
                    if item.name not in here and os.fsencode(PurePosixPath(item.name).name) in words
                ]
            )
        self._link()

    def write_all(self) -> None:
        """Write all files below the configuration's folder, to another place than before."""
        self._turn += 1
        self._written.clear()
        self._bytes = 0
        self._save_all([*{item.name: item for item in (*self._below(), *self._overlays.values())}.values()])
        self._link()
        self.complete = True

    def _texts(self) -> list[Item]:
        assert self._entry is not None, "there is something to write"
        if not self._entry.is_folder:
            return [self._entry]
        start = len(self.wanted.path) + 1 if self.wanted.path else 0
        return [
            item
            for item in self._below()
            if item.name.endswith(_YAML) and not any(step.startswith(".") for step in item.name[start:].split("/"))
            if not item.is_link and not item.is_module and item.name not in self._overlays
        ]

    def _below(self) -> list[Item]:
        """List what lies in the configuration's folder, by the names that the repository has for it."""
        if self._files is None:
            assert self._entry is not None, "there is something to list"
            folder, tree = self.wanted.path, self._entry.object
            if not self._entry.is_folder:
                folder, tree = str(PurePosixPath(self.wanted.path).parent).removeprefix("."), self._around
            start = f"{folder}/" if folder else ""
            self._files = [replace(item, name=f"{start}{item.name}") for item in self.repository.list(tree)]
            for item in self._files:
                if item.is_module:
                    self.notes.append(f"{item.name} is a submodule, and is not looked into.")
        return self._files

    def _save_all(self, items: Sequence[Item]) -> None:
        for blob in blobs(self.repository, [item for item in items if not item.is_link and not item.is_module]):
            self._save(blob)

    def _save(self, blob: Blob, *, keep: bool = False) -> bytes:
        """Write one file; give its content where it is to be kept and not too long."""
        self._bytes += blob.size
        if self._bytes > _MOST:
            raise ReconcilerError(
                f"the files of {self.wanted.spelled} at {self.commit[:12]} have over {_MOST // 2**20} MiB",
                remedy="Name the folder that holds the configuration, and nothing else.",
            )
        path = Path(self._place(blob.item.name))
        data = blob.stream.read(blob.size) if blob.size <= (_LOOKED_AT if keep else _LFS_LONGEST) else None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                if data is not None:
                    file.write(data)
                else:
                    _copy(blob, file.fileno())
        except OSError as error:
            raise ReconcilerError(
                f"{blob.item.name!r} can't be written to {self.folder}: {error.strerror}",
                remedy="Set TMPDIR to a folder with room, whose file system tells names apart as git does.",
            ) from error
        self._written[blob.item.name] = blob.item
        if data is not None and data.startswith(b"version https://git-lfs"):
            self._resolve(blob.item.name, path, data)
        return data if keep and data is not None else b""

    def _resolve(self, name: str, path: Path, data: bytes) -> None:
        """Put in what a Git LFS pointer stands for, where this machine has it; nothing is run or fetched for that."""
        match = _LFS.fullmatch(data)
        if match is None:
            return
        digest, size = match[1].decode("ascii"), int(match[2])
        kept = Path(self.repository.common, "lfs", "objects", digest[:2], digest[2:4], digest)
        for candidate in (kept, Path(self.repository.root, name)):
            if _has(candidate, digest, size):
                path.unlink()
                shutil.copyfile(candidate, path)
                return
        self.notes.append(
            f"{name} is kept with Git LFS, and its content at {self.commit[:12]} is not here: "
            f"git lfs fetch origin {self.commit[:12]}"
        )

    def _link(self) -> None:
        """Make the links last: nothing is ever written through one. `load` refuses those that leave the folder."""
        if self._files is None:
            return
        links = [item for item in self._files if item.is_link]
        for blob in blobs(self.repository, links):
            target = blob.stream.read(blob.size)
            path = Path(self._place(blob.item.name))
            if os.path.realpath(path.parent) != str(path.parent):
                continue  # behind another link, which no honest tree has
            with contextlib.suppress(OSError, ValueError):  # what can't be linked is missed where it is named
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(os.fsdecode(target))

    def like_work_tree(self) -> bool:
        """Whether the work tree has the very same files, so that both mean the same. False where that is not clear."""
        asked = [name for _, name in self.wanted.overlays if name is not None]
        if self._entry is None or any(name not in self._overlays for name in asked):
            return False
        root = Path(self.repository.root)
        texts = self._texts()
        mentions = False
        for item in (*texts, *self._overlays.values()):
            data = _like(root / item.name, item.object)
            if data is None:
                return False
            mentions = mentions or _mentions(data)
        if not mentions and not self._entry.is_folder:
            return True
        below = self._below()
        if any(item.is_link or item.is_module for item in below):
            return False
        if mentions and any(_like(root / item.name, item.object) is None for item in below):
            return False
        here = {item.name for item in texts} | self._overlays.keys()
        found = _yaml(root / self.wanted.path) if self._entry.is_folder else iter(())
        return {f"{self.wanted.path}/{name}".removeprefix("/") for name in found} <= here

    def told(self, text: str) -> str:
        """Name files as the user does, wherever *text* names the private folder."""
        if self.folder not in text:
            return text
        for spelled, name in self.wanted.overlays:
            if name is not None:
                text = text.replace(self._place(name), spelled)
        if self.wanted.path:
            text = text.replace(self._place(self.wanted.path), self.wanted.spelled)
        return text.replace(f"{self._here}{os.sep}", "").replace(self._here, self.wanted.spelled)

    def told_all(self, diagnostics: Diagnostics) -> Diagnostics:
        """Name files as the user does in all that is said."""
        return Diagnostics(tuple(self._told(item) for item in diagnostics))

    def _told(self, item: Diagnostic) -> Diagnostic:
        def at(place: Place | None) -> Place | None:
            return None if place is None else replace(place, file=self.told(place.file))

        related = tuple((words, found) for words, place in item.related if (found := at(place)) is not None)
        return replace(
            item,
            summary=self.told(item.summary),
            remedy=self.told(item.remedy),
            place=at(item.place),
            related=related,
        )


def _copy(blob: Blob, handle: int) -> None:
    left = blob.size
    while left:
        chunk = blob.stream.read(min(left, _CHUNK))
        if not chunk:
            raise ReconcilerError(f"git broke off within {blob.item.name!r}", remedy="Run `git fsck`.")
        left -= len(chunk)
        os.write(handle, chunk)


def _has(path: Path, digest: str, size: int) -> bool:
    """Whether a regular file holds what a digest stands for."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size != size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False


def _mentions(text: bytes) -> bool:
    """Whether a text may name other files."""
    return b"${file:" in text or b"path" in text


def _like(path: Path, name: str) -> bytes | None:
    """Read a regular file that holds what an object holds; None for any other."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        data = path.read_bytes()
    except OSError:
        return None
    start = b"blob %d\0" % len(data)
    found = hashlib.sha1(start, usedforsecurity=False) if len(name) == 40 else hashlib.sha256(start)
    found.update(data)
    return data if found.hexdigest() == name else None


def _yaml(folder: Path) -> Iterator[str]:
    """List what `load` would read of a folder, and what it would complain of; links count, wherever they lead."""
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inner = Path(here).relative_to(folder)
        links = [name for name in folders if Path(here, name).is_symlink()]
        for name in (*files, *links):
            if name in links or (name.endswith(_YAML) and not name.startswith(".")):
                yield (inner / name).as_posix()


@contextlib.contextmanager
def checkout(repository: Repository, commit: str, wanted: Wanted) -> Iterator[Checkout]:
    """
    Have a private folder for the files of a revision, until the end of the `with`; `write` puts them there.

    Raises:
        ReconcilerError: git can't give them.
    """
    with tempfile.TemporaryDirectory(prefix="reconciler-") as folder:
        made = Checkout(repository=repository, commit=commit, wanted=wanted, folder=os.path.realpath(folder))
        made.look()
        yield made


def wanted(repository: Repository, path: str, overlays: Sequence[str]) -> Wanted:
    """
    Find where a configuration and its overlays lie in a repository.

    Raises:
        ReconcilerError: The configuration, or an overlay, leads out of it through a link.
    """
    within = repository.within(path)
    if within is None:
        raise ReconcilerError(f"{path} is not in the repository {repository.root}")
    return Wanted(
        path=within, spelled=path, overlays=tuple((overlay, repository.within(overlay)) for overlay in overlays)
    )
