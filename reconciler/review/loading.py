"""From two revisions of the files to a review, and from one to what a plan is compared with; no network is touched."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler import providers
from reconciler.load import Loaded, load
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostics, error
from reconciler.model.errors import Invalid, ReconcilerError
from reconciler.model.review import Review, Revised
from reconciler.review import Side
from reconciler.review import review as compared
from reconciler.revisions import Checkout, checkout, repository_of, wanted
from reconciler.session import Request

WORK_TREE: Final = "the work tree"
_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """
    A configuration at a revision, or, without *files*, in the work tree.

    *name* is the revision as the user calls it. *loaded* is None where the revision has no such configuration.
    """

    name: str
    loaded: Loaded | None
    files: Checkout | None = None

    @property
    def desired(self) -> Desired | None:
        """What it wants."""
        return None if self.loaded is None else self.loaded.desired

    @property
    def side(self) -> Side:
        """It, as one side of a review."""
        revised = Revised(name=self.name, commit="" if self.files is None else self.files.commit)
        told = str if self.files is None else self.files.told
        if self.loaded is None:
            return Side(revised=revised, desired=None, told=told)
        return Side(revised=revised, desired=self.loaded.desired, locate=self.loaded.place, told=told)


def reviewed(request: Request, rev: str | None) -> At:
    """
    Load what is reviewed: the configuration at *rev*, or the one in the work tree. Its problems are in the value.

    No variable of the environment is read: a review is for pull requests of strangers, and whatever they name stays a
    name.

    Raises:
        ReconcilerError: git can't give the revision, or it has no such configuration.
    """
    if rev is None:
        return At(name=WORK_TREE, loaded=_load(request.path, request.overlays, request, _NOTHING))
    found = _at(request, rev, _NOTHING)
    if found.loaded is None:
        raise ReconcilerError(f"{request.path} does not exist at {rev}", remedy="Name the path that it has there.")
    return found


def review(request: Request, head: At, base: str, *, pictured: bool = True) -> tuple[Review, At]:
    """
    Compare what is reviewed with the configuration at *base*.

    Args:
        request: What was asked for.
        head: What is reviewed, without errors.
        base: The revision.
        pictured: Whether to draw how callers reach people.

    Returns:
        The review, and what it was compared with.

    Raises:
        Invalid: The configuration at *base* has errors.
        ReconcilerError: git can't give the revision, or the path leads out of the repository.
    """
    assert head.loaded is not None, "what is reviewed is there"
    assert head.loaded.provider is not None, "what is reviewed has no errors"
    before = _checked(_at(request, base, _NOTHING, beside=head))
    with _uncollected():
        made = compared(
            before.side, head.side, head.loaded.provider, warnings=head.loaded.diagnostics, pictured=pictured
        )
    assert before.files is not None, "it is at a revision"
    notes = (
        *_apart(before.files, base, head),
        *before.files.notes,
        *(head.files.notes if head.files is not None else ()),
        *made.notes,
    )
    return replace(made, notes=tuple(dict.fromkeys(notes))), before


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Make no search for cycles through two whole configurations, of which nothing can be freed yet."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def at_revision(request: Request, rev: str) -> At:
    """
    Load the configuration as it was at a revision; a variable that is not set stands for itself.

    Raises:
        Invalid: It has errors.
        ReconcilerError: git can't give it.
    """
    return _checked(_at(request, rev, request.environ))


def _apart(base: Checkout, name: str, head: At) -> Iterator[str]:
    """Say when the base has moved on: what was changed there since would look as if it was undone here."""
    tip = "HEAD" if head.files is None else head.name
    try:
        ahead = base.repository.is_ahead(base.commit, base.repository.commit(tip))
    except ReconcilerError:  # a branch without a commit
        return
    if ahead:
        yield (
            f"{name} has commits that {tip} lacks; what they changed looks undone here. "
            f"--base $(git merge-base {name} {tip}) leaves them out."
        )


def _at(request: Request, rev: str, environ: Mapping[str, str], *, beside: At | None = None) -> At:
    """Load a configuration at a revision; where it is *beside* byte by byte, it means the same, and is not read."""
    repository = repository_of(request.path, request.environ)
    where = wanted(repository, request.path, request.overlays)
    with checkout(repository, repository.commit(rev), where) as files:
        if not files.there:
            return At(name=rev, loaded=None, files=files)
        if beside is not None:
            same = files.like_work_tree() if beside.files is None else files.identity == beside.files.identity
            if same:
                return At(name=rev, loaded=beside.loaded, files=files)
        files.write()
        loaded = _load(files.path, files.overlays, request, environ)
        if loaded.diagnostics.failed and not files.complete:
            files.write_all()  # it may name files in a way that `write` does not see
            loaded = _load(files.path, files.overlays, request, environ)
        return At(name=rev, loaded=replace(loaded, diagnostics=files.told_all(loaded.diagnostics)), files=files)


def _load(path: str, overlays: tuple[str, ...], request: Request, environ: Mapping[str, str]) -> Loaded:
    return load(
        path,
        vendors=providers.provider,
        vendor_names=providers.names,
        environ=environ,
        overlays=overlays,
        assignments=request.assignments,
        placeholders=True,
    )


def _checked(found: At) -> At:
    """
    Stop at a revision whose configuration has errors.

    Raises:
        Invalid: It has.
    """
    loaded = found.loaded
    if loaded is None or (loaded.desired is not None and not loaded.diagnostics.failed):
        return found
    told = [
        replace(item, place=None if item.place is None else replace(item.place, file=f"{found.name}:{item.place.file}"))
        for item in loaded.diagnostics.errors
    ]
    first = error(
        "invalid-base",
        f"the configuration at {found.name} has errors, so nothing can be compared with it",
        remedy="name another revision with --base",
    )
    raise Invalid(Diagnostics((first, *told)))
