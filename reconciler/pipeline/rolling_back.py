"""From a run's record to a plan back to what it found; through the same diff, planner, guards and rehearsal."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from reconciler.model.change import Action
from reconciler.model.errors import ReconcilerError, Refused
from reconciler.model.history import Run
from reconciler.model.kind import Kind
from reconciler.model.live import Live, Memory
from reconciler.model.plan import Plan
from reconciler.model.renaming import rename_field
from reconciler.pipeline.planning import called, fetch_needed, plan_from
from reconciler.plan.guard import GUARDS
from reconciler.rollback import Back, digests, to_read, way_back
from reconciler.session import Session

_MOST_FILES: Final = 20_000  # looked at for a content, below the configuration's folder
_LARGEST: Final = 100 * 2**20  # bytes of one of them


async def plan_back(session: Session, run: Run) -> tuple[Plan, Live]:
    """
    Plan the way back to what *run* found. The session's wish is that from here on, not the files'.

    What can't go back is among the plan's warnings, and the rest is planned.

    Raises:
        Refused: The run is another tenant's.
    """
    check_tenant(session, run)
    files = session.desired
    session.going_back = frozenset()
    session.locate = lambda _: None  # what is wished for now stands in no file
    session.desired = to_read(run, files, session.provider.kinds)
    async with session.client() as client:
        live = await fetch_needed(session, client)
    kinds = session.provider.kinds
    live = Live(live.sections, _without_names(live.memory, kinds))
    found = find_files(Path(files.root), digests(run, live, kinds))
    without: dict[tuple[str, str], str] = {}
    while True:
        back = way_back(run, files, live, kinds, files=found, without=without)
        session.desired = back.desired
        found_live = called(session, live)
        made = plan_from(session, found_live)
        more = _impossible(made, back, run, without)
        if not more:
            break
        without |= more
    session.going_back = frozenset(
        (change.section, change.identity) for change in made.changes if change.action is not Action.UPDATE
    )
    return _told(made, back, run), found_live


def _without_names(memory: Memory, kinds: Mapping[str, Kind[Any]]) -> Memory:
    """Forget which renames were carried out: those that the run made are to be made again, the other way round."""
    renamed = {name for name, kind in kinds.items() if rename_field(kind.resource) is not None}
    return Memory({section: {} if section in renamed else items for section, items in memory.facts.items()})


def recorded(session: Session, run_id: str) -> Run:
    """
    Read a run's record from the session's store.

    Raises:
        ReconcilerError: It is not there, or the store can't be read.
    """
    from reconciler.store import runs  # noqa: PLC0415 - only for those who look back

    store = session.store(create=False)
    found = runs.run(store, run_id) if store is not None else None
    if found is None:
        raise ReconcilerError(
            f"run {run_id} is not in the store any more", remedy="`reconciler history list` shows them."
        )
    return found


def check_tenant(session: Session, run: Run) -> None:
    """
    Hold that a run was made with this configuration's tenant.

    Raises:
        Refused: It was not.
    """
    if run.tenant != session.tenant:
        raise Refused(
            f"run {run.id} wrote to {_spelled(run.tenant)}, and the configuration is for {_spelled(session.tenant)}",
            remedy="Name the right configuration with --config PATH.",
        )


def _spelled(tenant: str) -> str:
    provider, _, rest = tenant.partition(":")
    contact_center, _, account = rest.rpartition(":")
    return f"{contact_center} at {provider} ({account})"


def _impossible(made: Plan, back: Back, run: Run, without: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Find the next object that can't go back, by what the vendor's limits or the planner's rules say of it."""
    ours = {(image.section, image.identity) for image in run.images} - without.keys()
    changed = ((change.section, change.identity) for change in made.changes)
    ours |= {back.recorded.get(key, key) for key in changed} - without.keys()
    keys = {change.address: (change.section, change.identity) for change in made.changes}
    keys |= {
        entry.address: (entry.section, entry.identity)
        for entries in back.desired.sections.values()
        for entry in entries.values()
        if entry.written
    }
    for refusal in made.refusals:
        if refusal.rule in GUARDS:
            continue
        for address in refusal.objects:
            key = keys.get(address)
            key = back.recorded.get(key, key) if key is not None else None
            if key in ours and key is not None:
                return {key: refusal.message}
    return {}


def _told(made: Plan, back: Back, run: Run) -> Plan:
    told = (*back.warnings, *made.warnings)
    notes = back.notes
    if back.still_asked and made.changes:
        notes = (
            *notes,
            f"The files still ask for what run {run.id} did: mend them, or the next apply does it again.",
        )
    return replace(made, warnings=told, notes=(*made.notes, *notes))


def find_files(root: Path, wanted: Collection[str]) -> dict[str, str]:
    """
    Look below *root* for files with the contents *wanted*, which are the first 16 hex digits of their SHA-256.

    Returns:
        Paths relative to *root*, by digest. Links are not followed, nor is anything hidden looked at.
    """
    found: dict[str, str] = {}
    for path in _files(root) if wanted else ():
        digest = _digest(path)
        if digest in wanted:
            found.setdefault(digest, path.relative_to(root).as_posix())
        if len(found) == len(wanted):
            break
    return found


def _files(root: Path) -> Iterator[Path]:
    seen = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith(".") or path.is_symlink() or not path.is_file():
                continue
            seen += 1
            if seen > _MOST_FILES:
                return
            yield path


def _digest(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError:  # not readable, or gone meanwhile: then it can't be uploaded either
        return ""
