"""
What looks for drift have found: which findings are there since when, which are gone, and who was told.

A look is written in one transaction. One that saw what the look before it saw makes no new row: a job that looks every
five minutes would fill the store with a hundred thousand of them a year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from reconciler.model.drift import DriftState, Look, Seen
from reconciler.model.errors import ReconcilerError
from reconciler.model.history import Who
from reconciler.model.secret import Mask
from reconciler.store.database import Store
from reconciler.store.rows import fields_of, made
from reconciler.store.tables import DRIFT_RUNS, FINDINGS, TOLD

KEPT_LOOKS: Final = 200
"""How many rows of looks a tenant has, each a time in which nothing changed; as many again of those that failed."""
KEPT_RESOLVED: Final = 1_000
"""How many findings that are gone a tenant has, so that the looks which saw them can still be shown."""
_SINCE: Final = 4  # the version of the tables that has them first
_CANDIDATES: Final = 5  # shown where a prefix fits many looks
_LOCK: Final = 5_923_672  # with a tenant's hash: two looks at one tenant write one after the other

_GONE: Final = (
    sa.update(FINDINGS)
    .where(FINDINGS.c.tenant == sa.bindparam("its_tenant"), FINDINGS.c.fingerprint == sa.bindparam("its_fingerprint"))
    .values(resolved=sa.bindparam("now"))
)
_DROP: Final = sa.delete(FINDINGS).where(
    FINDINGS.c.tenant == sa.bindparam("its_tenant"), FINDINGS.c.fingerprint == sa.bindparam("its_fingerprint")
)
_ADD: Final = sa.insert(FINDINGS)
_DATA: Final = ("address", "section", "identity", "did", "risk", "label", "what")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """
    What the store knows once a look is written.

    *before* are the findings that were there before it, by fingerprint, and *gone* those of them that no longer are.
    *look* is the row that it has become part of.
    """

    look: Look
    before: Mapping[str, Seen]
    gone: tuple[Seen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one destination has not been told: findings that are new to it, and those that are gone."""

    new: frozenset[str] = frozenset()  # fingerprints
    resolved: tuple[Seen, ...] = ()


def record(store: Store, look: Look, seen: Sequence[Seen], *, destinations: Iterable[str] = (), mask: Mask) -> Recorded:
    """
    Write that a look found *seen*, and nothing else.

    Args:
        store: Where.
        look: The look; its lists of fingerprints are filled in.
        seen: What it found; times of first sight are the store's to know.
        destinations: Who is to be told. One that was never told anything is taken to know what was there before.
        mask: Hides secrets.
    """
    tenant, now = look.tenant, look.last
    present = {item.fingerprint: item for item in seen}
    with store.writing() as connection:
        _alone(connection, tenant)
        before = _open(connection, tenant)
        _begin_to_tell(connection, tenant, destinations, before)
        new = [item for name, item in present.items() if name not in before]
        gone = [replace(item, resolved=now) for name, item in before.items() if name not in present]
        # What is known of a finding may be put in other words since: a local name, a risk.
        other = [item for name, item in present.items() if name in before and _said(item) != _said(before[name])]
        _drop(connection, tenant, (item.fingerprint for item in (*new, *other)))
        rows = [_row(tenant, replace(item, first_seen=look.started, last_seen=now), mask) for item in new]
        rows += [_row(tenant, replace(item, first_seen=before[item.fingerprint].first_seen), mask) for item in other]
        if rows:
            connection.execute(_ADD, rows)
        if gone:
            keys = [{"its_tenant": tenant, "its_fingerprint": item.fingerprint, "now": now} for item in gone]
            connection.execute(_GONE, keys)
        there = (FINDINGS.c.tenant == tenant) & FINDINGS.c.resolved.is_(None)
        connection.execute(sa.update(FINDINGS).where(there).values(last_seen=now))
        found = replace(
            look,
            findings=tuple(sorted(present)),
            new=tuple(sorted(item.fingerprint for item in new)),
            resolved=tuple(sorted(item.fingerprint for item in gone)),
        )
        kept = _write(connection, found, mask)
    return Recorded(look=kept, before=before, gone=tuple(gone))


def record_failure(store: Store, look: Look, *, mask: Mask) -> Look:
    """Write that a look failed; what was there is taken to be there still."""
    with store.writing() as connection:
        _alone(connection, look.tenant)
        return _write(connection, look, mask)


def known(store: Store, tenant: str) -> Mapping[str, Seen] | None:
    """Give the findings that are there as far as is known, by fingerprint; None where no look was ever kept."""
    if _none(store):
        return None
    with store.reading() as connection:
        found = _open(connection, tenant)
        looked = sa.select(DRIFT_RUNS.c.id).where(DRIFT_RUNS.c.tenant == tenant).limit(1)
        return found if found or connection.execute(looked).first() is not None else None


def last_success(store: Store, tenant: str) -> float | None:
    """Say when the last look ended that did not fail, in Unix seconds; None where none is kept."""
    if _none(store):
        return None
    good = (DRIFT_RUNS.c.tenant == tenant) & (DRIFT_RUNS.c.state != DriftState.FAILED.value)
    with store.reading() as connection:
        found = connection.execute(sa.select(sa.func.max(DRIFT_RUNS.c.last)).where(good)).scalar()
    return None if found is None else made("the last look", lambda: float(found))


def untold(store: Store, tenant: str, destination: str, present: Collection[str]) -> News:
    """Say what a destination does not know yet; *present* are the fingerprints of what is there."""
    with store.reading() as connection:
        told = _told(connection, tenant, destination) or frozenset()
        gone = told - frozenset(present)
        rows = connection.execute(_all(tenant)).mappings() if gone else ()
        resolved = tuple(_seen(row) for row in rows if row["fingerprint"] in gone)
    return News(new=frozenset(present) - told, resolved=resolved)


def set_told(store: Store, tenant: str, destination: str, present: Collection[str]) -> None:
    """Write that a destination knows what is there."""
    with store.writing() as connection:
        _set_told(connection, tenant, destination, present)


def count_failure(store: Store, tenant: str, destination: str) -> None:
    """Write that a destination could not be told; it is told the next time."""
    mine = (TOLD.c.tenant == tenant) & (TOLD.c.destination == destination)
    with store.writing() as connection:
        connection.execute(sa.update(TOLD).where(mine).values(failures=TOLD.c.failures + 1))


def looks(store: Store, *, limit: int = 20) -> tuple[Look, ...]:
    """List the last looks, newest first, of all tenants."""
    if _none(store):
        return ()
    query = sa.select(DRIFT_RUNS).order_by(DRIFT_RUNS.c.last.desc(), DRIFT_RUNS.c.id).limit(limit)
    with store.reading() as connection:
        return tuple(_look(row) for row in connection.execute(query).mappings())


def look(store: Store, name: str) -> Look | None:
    """
    Find a look by its id or the start of it, with what it saw; None where there is none.

    Raises:
        ReconcilerError: The start fits more than one.
    """
    if _none(store) or not name or not name.isprintable():
        return None
    with store.reading() as connection:
        fits = sa.select(DRIFT_RUNS.c.id).where(DRIFT_RUNS.c.id.startswith(name, autoescape=True))
        found = list(connection.execute(fits.order_by(DRIFT_RUNS.c.last.desc(), DRIFT_RUNS.c.id)).scalars())
        if name not in found and len(found) > 1:
            more = ", …" if len(found) > _CANDIDATES else ""
            raise ReconcilerError(
                f"{len(found)} looks for drift begin with {name}: {', '.join(found[:_CANDIDATES])}{more}",
                remedy="Write more of the id.",
            )
        if not found:
            return None
        chosen = name if name in found else found[0]
        row = connection.execute(sa.select(DRIFT_RUNS).where(DRIFT_RUNS.c.id == chosen)).mappings().first()
        if row is None:  # deleted this very moment
            return None
        shown = _look(row)
        wanted = {*shown.findings, *shown.new, *shown.resolved}
        rows = connection.execute(_all(shown.tenant)).mappings() if wanted else ()
        return replace(shown, seen=tuple(_seen(row) for row in rows if row["fingerprint"] in wanted))


def _none(store: Store) -> bool:
    """Whether the store has no looks: nothing is there, or an older version made it and nobody has written since."""
    return store.empty or store.version < _SINCE


def _alone(connection: sa.Connection, tenant: str) -> None:
    if connection.dialect.name == "postgresql":  # SQLite's transaction is alone already
        lock = sa.func.pg_advisory_xact_lock(_LOCK, sa.func.hashtext(tenant))
        connection.execute(sa.select(lock))


def _all(tenant: str) -> sa.Select[Any]:
    return sa.select(FINDINGS).where(FINDINGS.c.tenant == tenant).order_by(FINDINGS.c.fingerprint)


def _open(connection: sa.Connection, tenant: str) -> dict[str, Seen]:
    rows = connection.execute(_all(tenant).where(FINDINGS.c.resolved.is_(None))).mappings()
    return {row["fingerprint"]: _seen(row) for row in rows}


def _drop(connection: sa.Connection, tenant: str, names: Iterable[str]) -> None:
    keys = [{"its_tenant": tenant, "its_fingerprint": name} for name in names]
    if keys:
        connection.execute(_DROP, keys)


def _begin_to_tell(
    connection: sa.Connection, tenant: str, destinations: Iterable[str], before: Collection[str]
) -> None:
    for destination in destinations:
        if _told(connection, tenant, destination) is None:
            _set_told(connection, tenant, destination, before)


def _told(connection: sa.Connection, tenant: str, destination: str) -> frozenset[str] | None:
    mine = (TOLD.c.tenant == tenant) & (TOLD.c.destination == destination)
    found = connection.execute(sa.select(TOLD.c.fingerprints).where(mine)).first()
    if found is None:
        return None
    return frozenset(item for item in found[0] if isinstance(item, str)) if isinstance(found[0], list) else frozenset()


def _set_told(connection: sa.Connection, tenant: str, destination: str, present: Collection[str]) -> None:
    mine = (TOLD.c.tenant == tenant) & (TOLD.c.destination == destination)
    connection.execute(sa.delete(TOLD).where(mine))
    row = {"tenant": tenant, "destination": destination, "fingerprints": sorted(present), "failures": 0}
    connection.execute(sa.insert(TOLD).values(row))


def _write(connection: sa.Connection, found: Look, mask: Mask) -> Look:
    """Write a look, as part of the row of the one before it where that saw the same."""
    alike = _alike(found)
    query = sa.select(DRIFT_RUNS).where(alike)
    row = connection.execute(query.order_by(DRIFT_RUNS.c.last.desc()).limit(1)).mappings().first()
    before = _look(row) if row is not None else None
    written = found
    if before is not None and _same(before, found):
        written = replace(
            found,
            id=before.id,
            started=before.started,
            times=before.times + 1,
            new=before.new,
            resolved=before.resolved,
        )
        connection.execute(sa.update(DRIFT_RUNS).where(DRIFT_RUNS.c.id == before.id).values(_look_row(written, mask)))
        return written
    connection.execute(sa.insert(DRIFT_RUNS).values(_look_row(written, mask)))
    _prune(connection, found, alike)
    return written


def _alike(found: Look) -> sa.ColumnElement[bool]:
    """Tell a tenant's looks that failed from those that did not."""
    failed = DRIFT_RUNS.c.state == DriftState.FAILED.value
    return (DRIFT_RUNS.c.tenant == found.tenant) & (failed if found.state is DriftState.FAILED else ~failed)


def _same(before: Look, found: Look) -> bool:
    if found.state is DriftState.FAILED:
        return before.problem == found.problem
    return before.state is found.state and before.findings == found.findings and not (found.new or found.resolved)


def _prune(connection: sa.Connection, found: Look, alike: sa.ColumnElement[bool]) -> None:
    kept = sa.select(DRIFT_RUNS.c.id).where(alike).order_by(DRIFT_RUNS.c.last.desc(), DRIFT_RUNS.c.id).limit(KEPT_LOOKS)
    connection.execute(sa.delete(DRIFT_RUNS).where(alike, DRIFT_RUNS.c.id.not_in(kept)))
    # What is gone since this very look is still to be told, however much it is.
    gone = (FINDINGS.c.tenant == found.tenant) & (FINDINGS.c.resolved < found.last)
    newest = FINDINGS.c.resolved.desc(), FINDINGS.c.fingerprint
    old = sa.select(FINDINGS.c.fingerprint).where(gone).order_by(*newest).offset(KEPT_RESOLVED)
    _drop(connection, found.tenant, list(connection.execute(old).scalars()))


def _said(item: Seen) -> tuple[str, ...]:
    return tuple(getattr(item, name) for name in _DATA)


def _row(tenant: str, item: Seen, mask: Mask) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "fingerprint": item.fingerprint,
        "first_seen": item.first_seen,
        "last_seen": item.last_seen,
        "resolved": item.resolved,
        "data": mask.for_json({name: getattr(item, name) for name in _DATA}),
    }


def _seen(row: sa.RowMapping) -> Seen:
    def make() -> Seen:
        resolved = row["resolved"]
        return Seen(
            fingerprint=row["fingerprint"],
            first_seen=float(row["first_seen"]),
            last_seen=float(row["last_seen"]),
            resolved=None if resolved is None else float(resolved),
            **{name: str(row["data"][name]) for name in _DATA},
        )

    return made(f"finding {row['fingerprint']}", make)


def _look_row(found: Look, mask: Mask) -> dict[str, Any]:
    head = {
        "contact_center": found.contact_center,
        "provider": found.provider,
        "who": fields_of(found.who),
        "configuration": found.configuration,
        "base": found.base,
    }
    result = {
        "calls": found.calls,
        "seconds": found.seconds,
        "pending": found.pending,
        "unmanaged": found.unmanaged,
        "problem": found.problem,
    }
    lists = {name: list(getattr(found, name)) for name in ("findings", "new", "resolved")}
    return {
        "id": found.id,
        "tenant": found.tenant,
        "started": found.started,
        "last": found.last,
        "times": found.times,
        "state": found.state.value,
        "head": mask.for_json(head),
        "result": {**mask.for_json(result), **lists},
    }


def _look(row: sa.RowMapping) -> Look:
    def make() -> Look:
        head, result = row["head"], row["result"]
        return Look(
            id=row["id"],
            tenant=row["tenant"],
            contact_center=str(head["contact_center"]),
            provider=str(head["provider"]),
            started=float(row["started"]),
            last=float(row["last"]),
            times=int(row["times"]),
            state=DriftState(row["state"]),
            who=Who(**head["who"]),
            configuration=str(head["configuration"]),
            base=str(head["base"]),
            calls=int(result["calls"]),
            seconds=float(result["seconds"]),
            findings=tuple(map(str, result["findings"])),
            new=tuple(map(str, result["new"])),
            resolved=tuple(map(str, result["resolved"])),
            pending=int(result["pending"]),
            unmanaged=int(result["unmanaged"]),
            problem=str(result["problem"]),
        )

    return made(f"look {row['id']}", make)
