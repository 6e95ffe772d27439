"""A call has worked when reading back shows it, not when the vendor said so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from reconciler.diff import diff
from reconciler.model.change import Action, MemberChange
from reconciler.model.errors import DefectError, ReconcilerError, StoreError
from reconciler.model.live import Live
from reconciler.model.outcome import Mismatch, Outcome, Result, Verdict
from reconciler.model.plan import Plan
from reconciler.pipeline.applied import remember_applied
from reconciler.pipeline.planning import fetch_needed, plan_from
from reconciler.providers.base import Client
from reconciler.session import Session

# How long reading back may wait for a slow vendor, and the growing pauses in between, in seconds.
_SETTLE: Final = (0.1, 0.2, 0.4, 0.8, 1.5)


async def verify(
    session: Session,
    made: Plan,
    client: Client,
    outcomes: tuple[Outcome, ...],
    *,
    send: Callable[[Plan], Awaitable[tuple[Outcome, ...]]],
) -> Result:
    """
    Read back until it holds, or the deadline is reached.

    What is left then may be something that the vendor's page leaves open (whether a new subscription starts enabled),
    so updates of what the plan made are planned and sent once more.
    """
    clean = all(outcome.verdict in {Verdict.DONE, Verdict.ALREADY} for outcome in outcomes)
    try:
        live, left = await _settle(session, made, client, patient=clean)
        again = _follow_up(session, made, live) if clean and left else None
        if again is not None:
            more = await send(again)
            outcomes = (*outcomes, *more)
            live, left = await _settle(session, made, client, patient=True)
    except ReconcilerError as error:
        # Whether a batch that was refused took effect in part is not known then.
        problem = f"reading back failed: {error}"
        if isinstance(error, DefectError) and error.file:
            problem += f"; this is our mistake: please report it, and attach {error.file}"
        return Result(outcomes=outcomes, problem=problem, moved=True)
    moved = not Result(outcomes=outcomes).wrote and _moved(session, made, live)
    found = Result(outcomes=outcomes, mismatches=tuple(left), verified=True, moved=moved)
    try:
        remember_applied(session, live)
    except StoreError as error:
        return replace(found, verified=False, problem=f"what was applied can't be kept: {error}")
    return found


def _moved(session: Session, made: Plan, live: Live) -> bool:
    """Whether anything that was planned is no longer as it was."""
    now = diff(session.desired, live, session.provider.kinds, prune=session.request.prune).changes
    still = {change.address: change.fields for change in now}
    return any(still.get(change.address) != change.fields for change in made.changes)


async def _settle(session: Session, made: Plan, client: Client, *, patient: bool) -> tuple[Live, Sequence[Mismatch]]:
    live = await fetch_needed(session, client)
    left = _mismatches(session, made, live)
    for pause in _SETTLE if patient else ():
        if not left:
            break
        await session.sleep(pause)
        live = await fetch_needed(session, client)
        left = _mismatches(session, made, live)
    return live, left


def _mismatches(session: Session, made: Plan, live: Live) -> Sequence[Mismatch]:
    planned = {change.address for change in made.changes}
    found = diff(session.desired, live, session.provider.kinds, prune=session.request.prune)
    left = []
    for change in found.changes:
        if change.address not in planned:
            continue
        if change.action is not Action.UPDATE:
            there = change.action is Action.CREATE
            words = ("there", "absent") if there else ("absent", "there")
            left.append(Mismatch(address=change.address, path="", wanted=words[0], found=words[1]))
        for item in change.fields if change.action is Action.UPDATE else ():
            if isinstance(item, MemberChange):
                has: tuple[str, ...] = change.live.__dict__[item.path] if change.live is not None else ()
                wanted = tuple(sorted(({*has} | {*item.add}) - {*item.remove}))
                left.append(Mismatch(address=change.address, path=item.path, wanted=list(wanted), found=list(has)))
            else:
                left.append(Mismatch(address=change.address, path=item.path, wanted=item.after, found=item.before))
    return left


def _follow_up(session: Session, made: Plan, live: Live) -> Plan | None:
    """Plan again what the vendor did otherwise than expected; only updates, only of what the plan touched."""
    again = plan_from(session, live)
    planned = {change.address for change in made.changes}
    open_ = [change for change in again.changes if change.address in planned]
    if again.refusals or not open_ or any(change.action is not Action.UPDATE for change in open_):
        return None
    calls = tuple(call for call in again.calls if planned.issuperset(call.changes))
    return replace(again, calls=calls) if calls else None
