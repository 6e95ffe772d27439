"""A plan is carried out, what its answers teach is kept, and what came of it is read back."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from reconciler.apply import apply as send_all
from reconciler.model.call import Call
from reconciler.model.errors import Refused, Rejected, StoreError
from reconciler.model.live import Live
from reconciler.model.outcome import Learned, Outcome, Result, Verdict
from reconciler.model.plan import Plan
from reconciler.pipeline.applied import remember_applied
from reconciler.pipeline.planning import fetch_needed
from reconciler.pipeline.verifying import verify
from reconciler.providers.base import Client
from reconciler.session import Session

if TYPE_CHECKING:
    from reconciler.store.database import Store

# How a call ends that is worth reading back.
_TOLD: Final = frozenset({Verdict.DONE, Verdict.ALREADY, Verdict.UNKNOWN})


async def apply(session: Session, made: Plan, *, fail_fast: bool = False) -> Result:
    """
    Carry a plan out, then read back.

    Raises:
        Refused: The plan is one that a guard refused.
        ReconcilerError: Nothing was written.
    """
    if made.refusals:
        raise Refused("the plan is refused", refusals=made.refusals)
    if not made.calls:
        live = await _read_again(session)
        remember_applied(session, live)
        return Result(verified=True)
    store = session.store(create=True)
    assert store is not None, "asked to create it"
    async with session.client() as client:

        async def send(what: Plan) -> tuple[Outcome, ...]:
            return await _send(session, what, client, store, fail_fast=fail_fast)

        outcomes = await send(made)
        if not any(outcome.verdict in _TOLD or _in_part(outcome) for outcome in outcomes):
            return Result(outcomes=outcomes)
        if session.stopping:
            return Result(outcomes=outcomes, problem="stopped as asked; what was in flight is finished and kept")
        return await verify(session, made, client, outcomes, send=send)


async def _send(session: Session, made: Plan, client: Client, store: Store, *, fail_fast: bool) -> tuple[Outcome, ...]:
    async def keep(_call: Call, learned: Learned) -> None:
        if learned.passwords or learned.remember or learned.forget:
            # In a thread, since disks and programs take their time, which must not count as other calls' time; and once
            # begun it goes on to its end, even when the run is interrupted.
            await asyncio.to_thread(_keep, session, store, learned)

    return await send_all(
        made.calls,
        session.provider,
        client,
        keep=keep,
        seen=session.progress.outcome,
        fail_fast=fail_fast,
        parallel=session.desired.settings.__dict__.get("max_parallel", 8),
        stopping=lambda: session.stopping,
    )


def _keep(session: Session, store: Store, learned: Learned) -> None:
    """Write what an answer taught, passwords first: they are given once."""
    desired = session.desired
    with session.keeping:
        try:
            if learned.passwords:
                from reconciler.store import passwords  # noqa: PLC0415

                where = desired.secrets.extension_passwords
                passwords.keep(learned.passwords, where, root=desired.root, contact_center=desired.contact_center)
        except StoreError:
            with contextlib.suppress(StoreError):  # the one about the passwords says more
                store.keep(session.tenant, learned)
            raise
        store.keep(session.tenant, learned)


def _in_part(outcome: Outcome) -> bool:
    """Whether a call that was refused may have taken effect in part: whether batches are all or nothing is not said."""
    return isinstance(outcome.error, Rejected) and len(outcome.call.gives | outcome.call.takes) > 1


async def _read_again(session: Session) -> Live:
    async with session.client() as client:
        return await fetch_needed(session, client)
