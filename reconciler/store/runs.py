"""What the store knows of runs: their history, and the attempts of which nobody knows what became."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from reconciler.model.errors import ReconcilerError
from reconciler.model.history import Attempt, Run, RunState, Settled
from reconciler.store.database import Store
from reconciler.store.rows import attempt_of, run_of
from reconciler.store.tables import ATTEMPTS, RUNS

_SINCE: Final = 3  # the version of the tables that has them first
_CANDIDATES: Final = 5  # shown where a prefix fits many runs
_HEADS: Final = tuple(column for column in RUNS.c if column.name != "images")


def runs(store: Store, tenant: str | None = None, *, limit: int = 20) -> tuple[Run, ...]:
    """List the last runs, newest first, without their images and attempts; of all tenants where none is named."""
    if _none(store):
        return ()
    query = sa.select(*_HEADS).order_by(RUNS.c.started.desc(), RUNS.c.id).limit(limit)
    if tenant is not None:
        query = query.where(RUNS.c.tenant == tenant)
    with store.reading() as connection:
        return tuple(run_of(row) for row in connection.execute(query).mappings())


def run(store: Store, name: str) -> Run | None:
    """
    Find a run, with its images and attempts, by its id or the start of it; None where there is none.

    Raises:
        ReconcilerError: The start fits more than one.
    """
    if _none(store) or not name or not name.isprintable():
        return None
    with store.reading() as connection:
        fits = sa.select(RUNS.c.id).where(RUNS.c.id.startswith(name, autoescape=True))
        found = list(connection.execute(fits.order_by(RUNS.c.started.desc(), RUNS.c.id)).scalars())
        if name not in found and len(found) > 1:
            more = ", …" if len(found) > _CANDIDATES else ""
            raise ReconcilerError(
                f"{len(found)} runs begin with {name}: {', '.join(found[:_CANDIDATES])}{more}",
                remedy="Write more of the id.",
            )
        if not found:
            return None
        chosen = name if name in found else found[0]
        row = connection.execute(sa.select(RUNS).where(RUNS.c.id == chosen)).mappings().first()
        query = sa.select(ATTEMPTS).where(ATTEMPTS.c.run == chosen).order_by(ATTEMPTS.c.position)
        attempts = connection.execute(query).mappings().all()
    return run_of(row, tuple(attempt_of(item) for item in attempts)) if row is not None else None


def open_attempts(store: Store, tenant: str, *, except_run: str = "") -> tuple[tuple[Run, Attempt], ...]:
    """
    List the attempts of which nobody knows yet what became, oldest first, each with its run.

    Args:
        store: Where.
        tenant: Whose.
        except_run: The run that asks.

    Returns:
        The runs are without images and attempts, the calls without their other form.
    """
    return _attempts(store, tenant, ATTEMPTS.c.open == sa.true(), except_run=except_run)


def untold_attempts(store: Store, tenant: str, *, except_run: str = "") -> tuple[tuple[Run, Attempt], ...]:
    """
    List the attempts that dead runs settled themselves, and died before they could tell; for who holds the lock.

    What was lost with the answer, a password, is known to nobody then. In the form of `open_attempts`.
    """
    dead = RUNS.c.state == RunState.RUNNING.value
    settled = ATTEMPTS.c.settled.in_((Settled.DONE.value, Settled.PARTLY.value))
    return _attempts(store, tenant, dead & settled, except_run=except_run)


def _attempts(
    store: Store, tenant: str, which: sa.ColumnElement[bool], *, except_run: str
) -> tuple[tuple[Run, Attempt], ...]:
    if _none(store):
        return ()
    mine = (RUNS.c.tenant == tenant) & (RUNS.c.id != except_run)
    with store.reading() as connection:
        query = (
            sa.select(ATTEMPTS)
            .join(RUNS, ATTEMPTS.c.run == RUNS.c.id)
            .where(mine, which)
            .order_by(RUNS.c.started, RUNS.c.id, ATTEMPTS.c.position)
        )
        rows = connection.execute(query).mappings().all()
        wanted = sorted({row["run"] for row in rows})
        heads = connection.execute(sa.select(*_HEADS).where(RUNS.c.id.in_(wanted))).mappings() if wanted else ()
        known = {row["id"]: run_of(row) for row in heads}
    return tuple((known[row["run"]], attempt_of(row)) for row in rows)


def settle(  # noqa: PLR0913 - an attempt has a key of three parts
    store: Store, run_id: str, call_id: str, number: int, settled: Settled, *, text: str = ""
) -> None:
    """Write, at once, what reading back said of an attempt; a *text* takes the place of the one that stood there."""
    key = (ATTEMPTS.c.run == run_id) & (ATTEMPTS.c.call == call_id) & (ATTEMPTS.c.number == number)
    with store.writing() as connection:
        found = connection.execute(sa.select(ATTEMPTS.c.result).where(key)).scalar()
        values: dict[str, Any] = {"settled": settled.value, "open": False}
        if text:
            values["result"] = (found if isinstance(found, dict) else {}) | {"text": text}
        connection.execute(sa.update(ATTEMPTS).where(key).values(values))


def cut_off(store: Store, tenant: str, *, except_run: str = "") -> tuple[str, ...]:
    """Mark the runs of a tenant that died, for who holds its lock: no other can be running. Give their ids."""
    died = (RUNS.c.tenant == tenant) & (RUNS.c.state == RunState.RUNNING.value) & (RUNS.c.id != except_run)
    with store.writing() as connection:
        found = tuple(connection.execute(sa.select(RUNS.c.id).where(died).order_by(RUNS.c.started)).scalars())
        if found:
            connection.execute(sa.update(RUNS).where(died).values(state=RunState.CUT.value))
    return found


def _none(store: Store) -> bool:
    """Whether the store has no runs: nothing is there, or an older version made it and nobody has written since."""
    return store.empty or store.version < _SINCE
