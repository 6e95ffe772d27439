"""
A git repository, as far as old revisions of a configuration are read from it.

Objects are read, and nothing else: no checkout, no work tree, no index, no hook, no filter, no attribute, no network.
So nothing that somebody wrote into a repository is carried out or hides a file, and nobody's work is touched.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from reconciler.model.errors import ReconcilerError

# A repository's own settings can name programs. Each that these commands might run is switched off.
_GIT: Final = (
    "git", "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.useReplaceRefs=false",
    "-c", "protocol.allow=never",
    "-c", "safe.bareRepository=explicit",
)  # fmt: skip
_SETTINGS: Final = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone would fetch what it lacks, through a program of its choice
    "GIT_ALLOW_PROTOCOL": "none",  # the same, for a git that does not know the line above
    "LC_ALL": "C",
}
# GIT_DIR and the like, which hooks and other tools set, would lead elsewhere; GIT_CONFIG_… says who trusts what.
_PASSED_ON: Final = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT")
_PATIENCE_S: Final = 60
_LONGEST: Final = 500  # characters of a revision
_UNFIT: Final = re.compile(r"[\x00-\x20\x7f]")
_OBJECT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file of a revision's tree: *name* is relative to the tree, with slashes."""

    name: str
    mode: str
    object: str

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == "120000"

    @property
    def is_folder(self) -> bool:
        """Whether it is a tree."""
        return self.mode == "040000"

    @property
    def is_module(self) -> bool:
        """Whether another repository stands there, of which this one knows the revision alone."""
        return self.mode == "160000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """
    A git repository with a work tree.

    Args:
        root: The work tree's folder, real and absolute.
        common: The folder that holds git's own data.
        shallow: Whether the clone lacks history.
        environ: The environment that git may find its program and the user's settings with.
    """

    root: str
    common: str
    shallow: bool
    environ: Mapping[str, str]

    def within(self, path: str) -> str | None:
        """
        Name *path*, links resolved, relative to the repository's root, with slashes: "" for the root itself.

        None for what lies outside.

        Raises:
            ReconcilerError: It lies in the repository by name, and a symbolic link leads it outside.
        """
        real = os.path.realpath(path)
        if (name := _below(real, self.root)) is not None:
            return name
        plain = os.path.abspath(path)  # noqa: PTH100 - `resolve` would follow links
        above = os.path.realpath(Path(plain).parent)
        if _below(plain, self.root) is not None or _below(above, self.root) is not None:
            raise ReconcilerError(
                f"{path} is a symbolic link that leads out of its repository",
                remedy="Name what it points at, if that is what you mean.",
            )
        return None

    def commit(self, rev: str) -> str:
        """
        Find the commit that a revision names.

        Raises:
            ReconcilerError: There is none of that name here.
        """
        if not rev or rev.startswith("-") or len(rev) > _LONGEST or _UNFIT.search(rev):
            raise ReconcilerError(
                f"{rev!r} is no git revision", remedy="Name a commit, a branch or a tag, such as origin/main."
            )
        found = self._resolved(f"{rev}^{{commit}}")
        if found is None:
            raise ReconcilerError(f"there is no git revision {rev} here", remedy=self._missing(rev))
        return found

    def _resolved(self, name: str) -> str | None:
        done = _git(
            ("rev-parse", "--verify", "--quiet", "--end-of-options", name), folder=self.root, environ=self.environ
        )
        lines = done.stdout.decode("ascii", "replace").split()
        # An old git repeats the option; what it found is the last line all the same.
        return lines[-1] if done.returncode == 0 and lines and _OBJECT.fullmatch(lines[-1]) else None

    def _missing(self, rev: str) -> str:
        if self._resolved(f"refs/remotes/origin/{rev}^{{commit}}") is not None:
            return f"Did you mean origin/{rev}?"
        if self.shallow:
            return (
                "This clone is shallow. In GitHub's checkout action set `fetch-depth: 0`, in GitLab GIT_DEPTH to 0; or "
                f"run `git fetch --depth=1 origin {rev}` and name FETCH_HEAD."
            )
        return f"Check its name, or run `git fetch origin {rev}` first."

    def is_ahead(self, base: str, head: str) -> bool:
        """Whether *base* has commits that *head* lacks; False where a shallow clone can't tell."""
        if self.shallow:
            return False
        done = _git(("merge-base", "--is-ancestor", base, head), folder=self.root, environ=self.environ)
        return done.returncode == 1

    def entry(self, commit: str, name: str) -> Item | None:
        """Find what stands at a path of a commit; None where nothing does. The root is a tree like any other."""
        if not name:
            tree = self._resolved(f"{commit}^{{tree}}")
            return None if tree is None else Item(name="", mode="040000", object=tree)
        done = _git(("ls-tree", "-z", "--full-tree", commit, "--", name), folder=self.root, environ=self.environ)
        return next((item for item in _items(done.stdout) if item.name == name), None)

    def list(self, tree: str) -> tuple[Item, ...]:
        """
        List the files below a tree, in git's order.

        Raises:
            ReconcilerError: git can't read it, or a name in it leads elsewhere.
        """
        done = _git(("ls-tree", "-r", "-z", "--full-tree", tree), folder=self.root, environ=self.environ)
        if done.returncode != 0:
            raise _failed("list the files", done.stderr)
        return tuple(_items(done.stdout))


def _items(listing: bytes) -> Iterator[Item]:
    for line in listing.split(b"\0"):
        if not line:
            continue
        about, _, raw = line.partition(b"\t")
        mode, _, found = about.decode("ascii").split(" ")
        name = os.fsdecode(raw)
        steps = name.lower().split("/")
        if not {"", ".", "..", ".git"}.isdisjoint(steps):
            raise ReconcilerError(
                f"the revision holds a file of a name that git itself never takes: {name!r}",
                remedy="Look who made it, and how.",
            )
        yield Item(name=name, mode=mode, object=found)


def repository_of(path: str, environ: Mapping[str, str]) -> Repository:
    """
    Find the repository that *path* lies in; what does not exist counts to the folder around it.

    Raises:
        ReconcilerError: git is not there, or *path* is in no work tree that it may look at.
    """
    folder = _folder(os.path.realpath(path))
    root = _line(_git(("rev-parse", "--show-toplevel"), folder=folder, environ=environ), path)
    about = _git(("rev-parse", "--is-shallow-repository", "--git-common-dir"), folder=folder, environ=environ)
    shallow, _, common = _line(about, path).partition("\n")
    found = Repository(
        root=os.path.realpath(root),
        common=str(Path(folder, common)),
        shallow=shallow == "true",
        environ=environ,
    )
    plain = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links
    if os.path.realpath(path) != str(plain):
        # By name it may lie in one repository, and lead through a link of that one to another place.
        named = _git(("rev-parse", "--show-toplevel"), folder=_folder(str(plain.parent)), environ=environ)
        if named.returncode == 0 and os.path.realpath(_text(named)) != found.root:
            raise ReconcilerError(
                f"{path} is a symbolic link that leads out of its repository",
                remedy="Name what it points at, if that is what you mean.",
            )
    return found


def _folder(path: str) -> str:
    """Give the nearest folder that exists."""
    here = Path(path)
    with contextlib.suppress(OSError, ValueError):
        while not here.is_dir() and here != here.parent:
            here = here.parent
    return str(here)


def _below(path: str, root: str) -> str | None:
    if path == root:
        return ""
    start = root.rstrip(os.sep) + os.sep
    return path.removeprefix(start).replace(os.sep, "/") if path.startswith(start) else None


def _text(done: subprocess.CompletedProcess[bytes]) -> str:
    return os.fsdecode(done.stdout.removesuffix(b"\n"))


def _line(done: subprocess.CompletedProcess[bytes], path: str) -> str:
    """Take what git says of a repository, or say why it does not."""
    if done.returncode == 0:
        return _text(done)
    said = done.stderr.decode("utf-8", "replace")
    if "dubious ownership" in said or "safe.directory" in said:
        raise ReconcilerError(
            f"{path} lies in a repository of another user, which git does not trust",
            remedy="If you do, run `git config --global --add safe.directory FOLDER` with the repository's folder.",
        )
    if "work tree" in said or "bareRepository" in said:
        raise ReconcilerError(
            f"{path} lies in a git repository without a work tree",
            remedy="Make one with `git worktree add FOLDER`, and name the path in there.",
        )
    if "not a git repository" in said:
        raise ReconcilerError(
            f"{path} is in no git repository", remedy="Name a path in one; revisions are looked up there."
        )
    raise _failed("look at the repository", done.stderr)


def _failed(what: str, stderr: bytes) -> ReconcilerError:
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    told = lines[-1].removeprefix("fatal: ").removeprefix("error: ") if lines else "it does not say why"
    return ReconcilerError(f"git can't {what}: {told}", remedy="Run `git fsck`, or make a fresh clone.")


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Choose what git gets to know of the environment."""
    kept = {name: environ[name] for name in _PASSED_ON if name in environ}
    kept |= {name: value for name, value in environ.items() if name.startswith("GIT_CONFIG_")}
    return kept | _SETTINGS


def _git(arguments: Sequence[str], *, folder: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - no shell, and no argument of anybody's that could be an option
            (*_GIT, *arguments),
            cwd=folder,
            env=environment(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise ReconcilerError("git is not installed, or not on PATH", remedy="Install git.") from error
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ReconcilerError(f"git can't be run: {error}", remedy="Check that `git --version` works.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """One object as it comes out of git: *size* bytes that *stream* still has to give."""

    item: Item
    size: int
    stream: IO[bytes]


def blobs(repository: Repository, items: Sequence[Item]) -> Iterator[Blob]:
    """
    Read the contents of files, one after another; each must be read to its end before the next.

    Raises:
        ReconcilerError: An object is not in this clone.
    """
    if not items:
        return
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{item.object}\n" for item in items).encode("ascii"))
        asked.seek(0)
        process = subprocess.Popen(  # noqa: S603 - no shell, and only our own words
            (*_GIT, "cat-file", "--batch", "--buffer"),
            cwd=repository.root,
            env=environment(repository.environ),
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None, "a pipe was asked for"
        try:
            for item in items:
                _, _, about = process.stdout.readline().decode("ascii", "replace").strip().partition(" ")
                kind, _, size = about.partition(" ")
                if kind != "blob" or not size.isdigit():
                    raise ReconcilerError(
                        f"this clone lacks the content of {item.name!r}, as partial clones do",
                        remedy="Fetch all of it: git fetch --refetch --no-filter origin",
                    )
                yield Blob(item=item, size=int(size), stream=process.stdout)
                process.stdout.read(1)  # the line end after each
        finally:
            process.stdout.close()
            process.kill()
            process.wait()
