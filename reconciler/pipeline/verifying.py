"""A call has worked when reading back shows it, not when the vendor said so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler.diff import diff
from reconciler.model.change import Action, MemberChange
from reconciler.model.errors import Contradiction, DefectError, ReconcilerError, StoreError
from reconciler.model.live import Live
from reconciler.model.outcome import FOLLOW_UP, Mismatch, Outcome, Result, Verdict
from reconciler.model.plan import Plan
from reconciler.model.resource import specs
from reconciler.pipeline.applied import remember_applied
from reconciler.pipeline.planning import fetch_needed, plan_from
from reconciler.providers.base import Client
from reconciler.session import Session

# How long reading back may wait for a slow vendor, and the growing pauses in between, in seconds: before what is left
# is taken for something to be sent again, and after.
_SOON: Final = (0.1, 0.2, 0.4, 0.8, 1.5)
_LATE: Final = (*_SOON, 2.0, 3.0)
_WORKED: Final = frozenset({Verdict.DONE, Verdict.ALREADY})


async def verify(
    session: Session,
    made: Plan,
    client: Client,
    result: Result,
    *,
    send: Callable[[Plan, Live], Awaitable[tuple[Outcome, ...]]],
) -> Result:
    """
    Read back until it holds, or the deadline is reached.

    What is left then may be something that the vendor's page leaves open (whether a new subscription starts enabled),
    so updates of what the plan made are planned and sent once more. Objects of which a call failed are not waited for,
    nor told to be otherwise: the call tells.
    """
    outcomes = result.outcomes
    clean = all(outcome.verdict in _WORKED for outcome in outcomes)
    sound = _sound(made, outcomes)
    try:
        live, left = await _settle(session, sound, client, pauses=_SOON if sound else ())
        again = _follow_up(session, made, live) if clean and left else None
        if again is not None:
            outcomes = (*outcomes, *await send(again, live))
        if left:
            live, left = await _settle(session, sound, client, pauses=_LATE)
    except ReconcilerError as error:
        # Whether a batch that was refused took effect in part is not known then.
        problem = f"reading back failed: {error}"
        if isinstance(error, DefectError) and error.file:
            problem += f"; this is our mistake: please report it, and attach {error.file}"
        return replace(result, outcomes=outcomes, problem=problem, moved=True)
    moved = not Result(outcomes=outcomes).wrote and _moved(session, made, live)
    found = replace(result, outcomes=outcomes, mismatches=tuple(left), verified=True, moved=moved)
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


def _sound(made: Plan, outcomes: Sequence[Outcome]) -> frozenset[str]:
    """Name the changes whose calls all worked."""
    failed = {address for item in outcomes if item.verdict not in _WORKED for address in item.call.changes}
    return frozenset(change.address for change in made.changes) - failed


async def _settle(
    session: Session, sound: frozenset[str], client: Client, *, pauses: Sequence[float]
) -> tuple[Live, Sequence[Mismatch]]:
    """Read back until *sound* are as wanted, or the pauses are over."""
    for pause in pauses:
        try:
            live = await fetch_needed(session, client)
        except Contradiction:  # sections may show what was written at different times
            await session.sleep(pause)
            continue
        left = _mismatches(session, sound, live)
        if not left:
            return live, left
        await session.sleep(pause)
    live = await fetch_needed(session, client)
    return live, _mismatches(session, sound, live)


def _mismatches(session: Session, sound: frozenset[str], live: Live) -> Sequence[Mismatch]:
    found = diff(session.desired, live, session.provider.kinds, prune=session.request.prune)
    left = []
    for change in found.changes:
        if change.address not in sound:
            continue
        if change.action is not Action.UPDATE:
            there = change.action is Action.CREATE
            words = ("there", "absent") if there else ("absent", "there")
            left.append(Mismatch(address=change.address, path="", wanted=words[0], found=words[1]))
        for item in change.fields if change.action is Action.UPDATE else ():
            kind = session.provider.kinds[change.section]
            ignorable = kind.collection and specs(kind.resource)[item.path].written
            if isinstance(item, MemberChange):
                has: tuple[str, ...] = change.live.__dict__[item.path] if change.live is not None else ()
                wanted: Any = sorted(({*has} | {*item.add}) - {*item.remove})
                has_now: Any = list(has)
            else:
                wanted, has_now = item.after, item.before
            left.append(
                Mismatch(address=change.address, path=item.path, wanted=wanted, found=has_now, ignorable=ignorable)
            )
    return left


def _follow_up(session: Session, made: Plan, live: Live) -> Plan | None:
    """Plan again what the vendor did otherwise than expected; only updates, only of what the plan touched."""
    again = plan_from(session, live)
    planned = {change.address for change in made.changes}
    open_ = [change for change in again.changes if change.address in planned]
    if again.refusals or not open_ or any(change.action is not Action.UPDATE for change in open_):
        return None
    calls = tuple(call for call in again.calls if planned.issuperset(call.changes))
    # The journal knows calls by their ids: these are others than the plan's.
    kept = {call.id for call in calls}
    calls = tuple(
        replace(call, id=f"{FOLLOW_UP}{call.id}", needs=tuple(f"{FOLLOW_UP}{n}" for n in call.needs if n in kept))
        for call in calls
    )
    return replace(again, calls=calls) if calls else None
