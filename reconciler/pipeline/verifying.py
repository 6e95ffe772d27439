"""A call has worked when reading back shows it, not when the vendor said so."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler.diff import diff
from reconciler.fetch import read
from reconciler.model.call import Call, asked, filled
from reconciler.model.change import Action, Change, MemberChange
from reconciler.model.errors import Contradiction, DefectError, ReconcilerError, StoreError, told
from reconciler.model.kind import Pending
from reconciler.model.live import Live
from reconciler.model.outcome import FOLLOW_UP, Mismatch, Outcome, Result, Verdict
from reconciler.model.plan import Plan
from reconciler.model.resource import identity_field, specs
from reconciler.pipeline.applied import remember_applied
from reconciler.pipeline.planning import called, fetch_needed, plan_from, spared
from reconciler.pipeline.watching import strange
from reconciler.providers.base import Client
from reconciler.session import Session

# How long reading back may wait for a slow vendor, and the growing pauses in between, in seconds: before what is left
# is taken for something to be sent again, and after.
_SOON: Final = (0.1, 0.2, 0.4, 0.8, 1.5)
_LATE: Final = (*_SOON, 2.0, 3.0)
# What waits for people or machines at the vendor is looked at again and again, in the end every so many seconds.
_REVIEW: Final = 5.0
_SLICE: Final = 0.2  # how often who waits looks whether the run is to stop
_WORKED: Final = frozenset({Verdict.DONE, Verdict.ALREADY})


async def verify(  # noqa: PLR0913 - a plan, what came of it, and where it began
    session: Session,
    made: Plan,
    start: Live,
    client: Client,
    result: Result,
    *,
    send: Callable[[Plan, Live], Awaitable[tuple[Outcome, ...]]],
) -> Result:
    """
    Read back until it holds, or the deadline is reached.

    What is left then may be something that the vendor's page leaves open (whether a new subscription starts enabled),
    so updates of what the plan made are planned and sent once more. Objects of which a call failed are not waited for,
    nor told to be otherwise: the call tells. What was as wanted at the *start*, with no call about it, has to be so
    still: the vendor may take a person from one extension for another. What is as wanted and of no use yet, since the
    vendor still reviews it, is waited for apart from that, as long as the settings say.
    """
    outcomes = result.outcomes
    clean = all(outcome.verdict in _WORKED for outcome in outcomes)
    sound = _sound(made, outcomes)
    expected = sound | _calm(session, made, start)
    try:
        live, left = await _settle(session, expected, client, pauses=_SOON if sound else ())
        again = _follow_up(session, made, live) if clean and left else None
        if again is not None:
            outcomes = (*outcomes, *await send(again, live))
        if left:
            live, left = await _settle(session, expected, client, pauses=_LATE)
        left = [*left, *await _reviewed(session, made, sound, client, live)]
    except ReconcilerError as error:
        # Whether a batch that was refused took effect in part is not known then.
        problem = f"reading back failed: {told(error)}"
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


async def _reviewed(
    session: Session, made: Plan, sound: frozenset[str], client: Client, live: Live
) -> Sequence[Mismatch]:
    """Wait while what the plan made or changed is pending at the vendor; give what still is, and what was denied."""
    provider = session.provider
    waited, pause, kept = 0.0, _SOON[0], iter(_LATE)
    longest = session.desired.settings.__dict__.get("review_timeout", sum(_LATE))
    while True:
        found = list(_pending(session, made, sound, live))
        sections = {change.section for change, state in found if not state.over}
        if not sections or waited >= longest or session.stopping:
            break
        pause = min(next(kept, pause * 2), _REVIEW, longest - waited)
        await _pause(session, pause)
        waited += pause
        wanted = sections.union(*(provider.kinds[section].reads_with for section in sections))
        with contextlib.suppress(Contradiction):  # somebody changed the tenant while its pages were read
            again = await read(provider, client, session.memory(), sections=wanted, spared=spared(session))
            live = Live({**live.sections, **called(session, again).sections}, live.memory)
    return [
        Mismatch(address=change.address, path=state.path, wanted=state.wanted, found=state.found)
        for change, state in found
    ]


def _pending(session: Session, made: Plan, sound: frozenset[str], live: Live) -> Iterator[tuple[Change, Pending]]:
    """Find what was made or changed, is there, and is of no use yet."""
    for change in made.changes:
        kind = session.provider.kinds[change.section]
        item = live.of(change.section).get(change.identity)
        if kind.pending is None or item is None or change.address not in sound:
            continue
        state = kind.pending(item)
        if state is not None and change.action is not Action.DELETE:
            yield change, state


async def _pause(session: Session, seconds: float) -> None:
    """Wait, unless the run is to stop."""
    left = seconds
    while left > 0 and not session.stopping:
        await session.sleep(min(left, _SLICE))
        left -= _SLICE


def _moved(session: Session, made: Plan, live: Live) -> bool:
    """Whether anything that was planned is no longer as it was."""
    now = diff(session.desired, live, session.provider.kinds, prune=session.request.prune).changes
    still = {change.address: change.fields for change in now}
    return any(still.get(change.address) != change.fields for change in made.changes)


def _sound(made: Plan, outcomes: Sequence[Outcome]) -> frozenset[str]:
    """Name the changes whose calls all worked."""
    failed = {address for item in outcomes if item.verdict not in _WORKED for address in item.call.changes}
    return frozenset(change.address for change in made.changes) - failed


def _calm(session: Session, made: Plan, start: Live) -> frozenset[str]:
    """Name what was as wanted before, and what no call was about: the vendor may have changed it on its own account."""
    differed = diff(session.desired, start, session.provider.kinds, prune=session.request.prune).changes
    entries = (entry for items in session.desired.sections.values() for entry in items.values())
    touched = {change.address for change in (*differed, *made.changes)}
    return frozenset(entry.address for entry in entries) - touched


async def _settle(
    session: Session, expected: frozenset[str], client: Client, *, pauses: Sequence[float]
) -> tuple[Live, Sequence[Mismatch]]:
    """Read back until *expected* are as wanted, or the pauses are over."""
    for pause in pauses:
        try:
            live = await fetch_needed(session, client)
        except Contradiction:  # sections may show what was written at different times
            await session.sleep(pause)
            continue
        left = _mismatches(session, expected, live)
        if not left:
            return live, left
        await session.sleep(pause)
    live = await fetch_needed(session, client)
    return live, _mismatches(session, expected, live)


def _mismatches(session: Session, expected: frozenset[str], live: Live) -> Sequence[Mismatch]:
    found = diff(session.desired, live, session.provider.kinds, prune=session.request.prune)
    left = []
    for change in found.changes:
        if change.address not in expected:
            continue
        if change.action is not Action.UPDATE:
            there = change.action is Action.CREATE
            words = ("there", "absent") if there else ("absent", "there")
            left.append(Mismatch(address=change.address, path="", wanted=words[0], found=words[1]))
        for item in change.fields if change.action is Action.UPDATE else ():
            kind = session.provider.kinds[change.section]
            spec = specs(kind.resource)[item.path]
            named = spec.written or spec.paired_with is not None
            ignorable = kind.collection and named and item.path != identity_field(kind.resource)
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
    """
    Plan again what the vendor did otherwise than expected; only updates, only of what the plan touched.

    What is neither as it was nor as it is wished is somebody else's doing, and is left to be told.
    """
    again = plan_from(session, live)
    planned = {change.address for change in made.changes} - _strange(session, made, live)
    open_ = [change for change in again.changes if change.address in planned]
    if again.refusals or not open_ or any(change.action is not Action.UPDATE for change in open_):
        return None
    calls = tuple(call for call in again.calls if planned.issuperset(call.changes))
    calls = under_other_ids(calls)
    return replace(again, calls=calls) if calls else None


def _strange(session: Session, made: Plan, live: Live) -> frozenset[str]:
    """Name what somebody else has changed meanwhile."""
    kinds = session.provider.kinds
    return frozenset(
        change.address
        for change in made.changes
        if change.live is not None
        and (now := live.of(change.section).get(change.identity)) is not None
        and any(strange(change, change.live, now, kinds[change.section], ways=1))
    )


def under_other_ids(calls: Sequence[Call]) -> tuple[Call, ...]:
    """
    Give some calls of an ordered plan other ids, since the journal knows calls by them.

    What sends a value that only a call outside these gives is left out, and so on.
    """
    kept: dict[str, Call] = {}
    for call in calls:
        if kept.keys() >= {giver for giver, _ in asked(call)}:
            kept[call.id] = call
    return tuple(
        replace(
            filled(call, lambda place: {**place, "from": f"{FOLLOW_UP}{place['from']}"}),
            id=f"{FOLLOW_UP}{call.id}",
            needs=tuple(f"{FOLLOW_UP}{need}" for need in call.needs if need in kept),
        )
        for call in kept.values()
    )
