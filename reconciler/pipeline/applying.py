"""A plan is carried out, what its answers teach is kept, and what came of it is read back."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.apply import World
from reconciler.apply import apply as send_all
from reconciler.model.errors import Overtaken, Refused, Rejected, StoreError
from reconciler.model.history import Attempt, Run, RunState
from reconciler.model.live import Live
from reconciler.model.outcome import OneTimePassword, Outcome, Result, Verdict
from reconciler.model.plan import Plan
from reconciler.pipeline.applied import remember_applied
from reconciler.pipeline.images import images
from reconciler.pipeline.planning import fetch_needed
from reconciler.pipeline.reading import Reader
from reconciler.pipeline.verifying import verify
from reconciler.pipeline.watching import Watch
from reconciler.providers.base import Client
from reconciler.session import Session

if TYPE_CHECKING:
    from reconciler.store.database import Store
    from reconciler.store.journal import RunJournal

# How a call ends that is worth reading back.
_TOLD: Final = frozenset({Verdict.DONE, Verdict.ALREADY, Verdict.UNKNOWN})


async def apply(  # noqa: PLR0913 - a plan, what it was made from, and how to go about it
    session: Session,
    made: Plan,
    live: Live,
    *,
    fail_fast: bool = False,
    command: str = "apply",
    settled: Sequence[str] = (),
) -> Result:
    """
    Carry a plan out, then read back.

    Args:
        session: Whose tenant; where it holds the lock, each write makes sure that it still does.
        made: The plan.
        live: What it was made from.
        fail_fast: Start nothing more after the first failure.
        command: What to call the run in the history.
        settled: What earlier runs had left open, for the report.

    Raises:
        Refused: The plan is one that a guard refused, or somebody else changed what it relies on; nothing was written.
        ReconcilerError: Nothing was written.
    """
    if made.refusals:
        raise Refused("the plan is refused", refusals=made.refusals)
    if not made.calls:
        remember_applied(session, await _read_again(session))
        return Result(verified=True, settled=tuple(settled))
    store = session.store(create=True)
    assert store is not None, "asked to create it"
    run = _run(session, made, live, command)
    journal = _journal(session, run, store)
    result: Result | None = None
    try:
        result = await _carry_out(session, made, live, journal, fail_fast=fail_fast)
        result = replace(result, run=run.id, settled=tuple(settled))
    finally:
        result = _close(journal, session, result)
    if result.stale and not result.wrote:
        raise next(item.error for item in result.outcomes if isinstance(item.error, Overtaken))
    return result


def _run(session: Session, made: Plan, live: Live, command: str) -> Run:
    from reconciler.store import leases  # noqa: PLC0415 - only for those who write
    from reconciler.who import who  # noqa: PLC0415

    desired = session.desired
    return Run(
        id=session.lease.holder.run if session.lease is not None else leases.new_run(),
        tenant=session.tenant,
        contact_center=desired.contact_center,
        provider=session.provider.name,
        command=command,
        started=session.clock(),
        who=who(desired.root, session.request.environ),
        configuration=str(Path(session.request.path).absolute()),
        origin=made.origin,
        config_digest=made.config_digest or desired.digest,
        images=images(made, live),
        calls=len(made.calls),
    )


def _journal(session: Session, run: Run, store: Store) -> RunJournal:
    from reconciler.store import passwords  # noqa: PLC0415 - only for those who write
    from reconciler.store.journal import RunJournal  # noqa: PLC0415

    desired = session.desired

    def keep_passwords(given: Sequence[OneTimePassword]) -> str:
        where = desired.secrets.extension_passwords
        return passwords.keep(given, where, root=desired.root, contact_center=desired.contact_center)

    return RunJournal.begin(
        store,
        run,
        lease=session.lease,
        keep_passwords=keep_passwords,
        clock=session.clock,
        mask=desired.mask,
    )


def _close(journal: RunJournal, session: Session, result: Result | None) -> Result:
    """Write how the run ended; when it was interrupted, what is still open stays so, for the next run to settle."""
    if result is None:
        with contextlib.suppress(StoreError):
            journal.close(RunState.INTERRUPTED, {})
        return Result()  # an exception is on its way
    state = RunState.COMPLETE if result.complete else RunState.INCOMPLETE
    counts = {name: number for name, number in result.tally.counts.items() if number}
    if result.follow_ups.calls:
        counts["follow_ups"] = result.follow_ups.calls
    try:
        journal.close(RunState.INTERRUPTED if session.stopping else state, counts, result.problem)
    except StoreError as error:
        problem = "; ".join(filter(None, (result.problem, f"the journal could not be written to its end: {error}")))
        return replace(result, verified=False, problem=problem)
    return result


async def _carry_out(session: Session, made: Plan, live: Live, journal: RunJournal, *, fail_fast: bool) -> Result:
    async with session.client() as client:

        async def send(what: Plan, start: Live) -> tuple[Outcome, ...]:
            reader = Reader(session, client, start)
            try:
                world = _world(session, what, start, client, journal, reader)
                return await send_all(what.calls, world, fail_fast=fail_fast)
            finally:
                await reader.close()

        outcomes = await send(made, live)
        stale = [found for item in outcomes if isinstance(item.error, Overtaken) for found in item.error.found]
        result = Result(outcomes=outcomes, stale=tuple(stale))
        if not any(outcome.verdict in _TOLD or _in_part(outcome) for outcome in outcomes):
            return result
        if session.stopping:
            return replace(result, problem="stopped as asked; what was in flight is finished and kept")
        return await verify(session, made, live, client, result, send=send)


def _world(  # noqa: PLR0913, PLR0917 - all that the applier is handed
    session: Session, made: Plan, live: Live, client: Client, journal: RunJournal, reader: Reader
) -> World:
    """Gather what the applier is handed."""
    parallel = session.desired.settings.__dict__.get("max_parallel", 8)
    watch = Watch(made, live, session.provider.kinds, reader, taken=session.taken)
    session.compare = watch.compare

    def attempted(attempt: Attempt) -> None:
        watch.attempted(attempt)
        session.progress.attempt(attempt)

    return World(
        provider=session.provider,
        client=client,
        journal=journal,
        retries=session.retries,
        read=reader.read,
        sleep=session.sleep,
        check=watch.check,
        attempted=attempted,
        seen=session.progress.outcome,
        stopping=lambda: session.stopping,
        parallel=parallel,
    )


def _in_part(outcome: Outcome) -> bool:
    """Whether a call that was refused may have taken effect in part: whether batches are all or nothing is not said."""
    return isinstance(outcome.error, Rejected) and len(outcome.call.gives | outcome.call.takes) > 1


async def _read_again(session: Session) -> Live:
    async with session.client() as client:
        return await fetch_needed(session, client)
