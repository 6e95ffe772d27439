"""
Past runs and looks for drift, from the store alone.

No configuration is loaded, so neither credentials nor valid YAML nor a network are needed: history is read when things
are on fire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.model.drift import Look
from reconciler.model.errors import ReconcilerError
from reconciler.model.history import Run
from reconciler.model.outcome import Verdict
from reconciler.model.secret import MASK

if TYPE_CHECKING:
    from reconciler.store.database import Store


_LOOKED_AT: Final = 1000  # runs, for the last that wrote
_WROTE: Final = (Verdict.DONE.value, Verdict.UNKNOWN.value, "partly", "follow_ups")  # see `outcome.Tally`
_LAST: Final = frozenset({"last", "latest"})


def place(path: str | None, *, state: str | None, environ: Mapping[str, str]) -> str | Path:
    """
    Say where the store is.

    Args:
        path: A configuration, beside which it lies; the current folder where none is named.
        state: `--state`, which goes first.
        environ: For RECONCILER_STATE.

    Returns:
        A URL, or a file.

    Raises:
        ReconcilerError: There is nothing at *path*.
    """
    url = state or environ.get("RECONCILER_STATE")
    if url:
        return url
    found = Path(path or ".")
    if not found.exists():
        raise ReconcilerError(
            f"{path} does not exist",
            remedy="Name the configuration whose runs you look for, or its store: --state URL.",
        )
    return (found if found.is_dir() else found.parent) / ".reconciler" / "state.db"


def runs(where: str | Path, *, limit: int) -> tuple[Run, ...]:
    """
    List the last runs, newest first, of all tenants that the store knows.

    Raises:
        StoreError: The store can't be read.
    """
    from reconciler.store import runs as kept  # noqa: PLC0415 - 200 ms, and only for those who look

    with _reading(where) as store:
        return kept.runs(store, limit=limit)


def looks(where: str | Path, *, limit: int) -> tuple[Look, ...]:
    """
    List the last looks for drift, newest first, of all tenants that the store knows; those that saw the same are one.

    Raises:
        StoreError: The store can't be read.
    """
    from reconciler.store import findings as kept  # noqa: PLC0415

    with _reading(where) as store:
        return kept.looks(store, limit=limit)


def run(where: str | Path, name: str) -> Run:
    """
    Find a run by its id, or the start of it, or `last` (or `latest`), with all that is known of it.

    Raises:
        ReconcilerError: There is no such run, or several, or the store can't be read.
    """
    found = entry(where, name)
    if isinstance(found, Run):
        return found
    raise ReconcilerError(
        f"{found.id} is a look for drift, which changed nothing",
        remedy="`reconciler history list`, with the same PATH or --state, shows which runs applied something.",
    )


def entry(where: str | Path, name: str) -> Run | Look:
    """
    Find a run as `run` does, or a look for drift by its id or the start of it.

    Raises:
        ReconcilerError: There is neither, or several, or the store can't be read.
    """
    from reconciler.store import findings  # noqa: PLC0415
    from reconciler.store import runs as kept  # noqa: PLC0415

    if name in _LAST:
        return last(where)
    named = name or '""'
    with _reading(where) as store:
        found, look = kept.run(store, name), findings.look(store, name)
        if found is not None and look is not None and name not in {found.id, look.id}:
            raise ReconcilerError(
                f"a run and a look for drift begin with {name}: {found.id}, {look.id}", remedy="Write more of the id."
            )
        if found is not None and (look is None or name != look.id):
            return found
        if look is not None:
            return look
        if not kept.runs(store, limit=1):
            raise ReconcilerError(
                f"there is no run {named}: nothing is kept in {said(where)}",
                remedy="Name the configuration that it was applied from (PATH), or its store: --state URL.",
            )
    raise ReconcilerError(
        f"there is no run {named} in {said(where)}",
        remedy="`reconciler history list`, with the same PATH or --state, shows those that there are.",
    )


def last(where: str | Path) -> Run:
    """
    Find the last run that wrote, or may have.

    Raises:
        ReconcilerError: There is none, or the store can't be read.
    """
    for found in runs(where, limit=_LOOKED_AT):
        if not found.counts or any(found.counts.get(verdict) for verdict in _WROTE):
            return run(where, found.id)
    raise ReconcilerError(
        f"no run that wrote is kept in {said(where)}",
        remedy="Name the configuration that it was applied from, or its store: --state URL.",
    )


def put_over(found: Run) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Say what a run put over its configuration: overlays, and assignments; those that held a secret are not kept.

    Relative paths were the run's own; the folder that it ran in follows from its configuration's path.
    """
    origin = found.origin
    if origin is None:
        return (), ()
    given = str(Path(origin.path))
    folder = found.configuration if given == "." else found.configuration.removesuffix(given)
    overlays = origin.overlays if Path(given).is_absolute() else tuple(str(Path(folder, o)) for o in origin.overlays)
    return overlays, tuple(item for item in origin.assignments if MASK not in item)


def said(where: str | Path) -> str:
    """Name a store for people: its file; of a URL not more than that it is one, since it may hold a password."""
    return str(where) if isinstance(where, Path) else "the store of --state (or RECONCILER_STATE)"


@contextmanager
def _reading(where: str | Path) -> Iterator[Store]:
    from reconciler.store.database import Store  # noqa: PLC0415

    store = Store.open(where, writable=False)
    try:
        yield store
    finally:
        store.close()
