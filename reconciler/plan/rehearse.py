"""
Before a plan is shown it has been carried out, on the vendor's model in the state that was read.

If a call is refused there, the end is not the wish, or something else was touched, the plan is not shown: it is our own
mistake. Only what the plan touches takes part, so that a small change of a large tenant is rehearsed in no time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Any, Final, TypeAlias

from reconciler.model.call import Call
from reconciler.model.change import Action, Change
from reconciler.model.desired import Desired
from reconciler.model.errors import DefectError, Rejected
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.plan import Plan
from reconciler.model.resource import FieldSpec, Resource, specs
from reconciler.plan.stand_in import StandIn, scope
from reconciler.providers.base import Provider

_REPORT: Final = "Nothing was changed. This is our mistake: please report it, with a snapshot from `reconciler fetch`."

Check = Callable[[Desired, Live], Sequence[Change]]
_Key: TypeAlias = tuple[str, str]  # section and identity
Name = Callable[[Desired, Live], Live]


def rehearse(  # noqa: PLR0913 - both states, and two stages that this one does not know
    plan: Plan,
    desired: Desired,
    live: Live,
    provider: Provider,
    *,
    check: Check,
    name: Name = lambda _, live: live,
) -> None:
    """
    Carry *plan* out on the vendor's model: in its order, and in the allowed one that strays farthest from it.

    Args:
        plan: Its calls, in their order.
        desired: The wish.
        live: Where to start.
        provider: Brings the model.
        check: Diffs a wish and an end state.
        name: Calls what the model shows what a wish calls it, as *live* is named already.

    Raises:
        DefectError: The model refuses a call, or the end is not the wish.
    """
    desired, start = scope(plan, desired, live, provider.kinds)
    planned = {(change.section, change.identity) for change in plan.changes}
    _check_serial(plan.calls)
    serial, contrary = plan.calls, farthest(plan.calls)
    reached = None
    for calls in (serial, contrary) if contrary != serial else (serial,):
        run = StandIn(provider, start, partial(name, desired))
        if refused := run.through(calls):
            call, why = refused
            raise _failed(call, why, calls, how="" if calls is serial else " when calls run side by side")
        if reached is not None and run.same_as(reached):
            break  # reading the same once more would say the same
        reached = run
        end = run.read()
        wrong = [change.address for change in check(desired, end) if (change.section, change.identity) in planned]
        gone = {(change.section, change.identity) for change in plan.changes if change.action is Action.DELETE}
        wrong += [f"{section}/{identity}" for section, identity in _touched(start, end, planned, gone, provider.kinds)]
        if wrong:
            raise DefectError(
                f"the rehearsal of this plan ends elsewhere than it should: {', '.join(wrong[:5])}",
                remedy=_REPORT,
                report=repr({"order": [call.id for call in calls], "wrong": wrong}),
            )


def _check_serial(calls: Sequence[Call]) -> None:
    done: set[str] = set()
    for call in calls:
        if not done.issuperset(call.needs):
            raise DefectError(
                f"{call.id} of this plan needs a call that does not come before it", remedy=_REPORT, report=repr(call)
            )
        done.add(call.id)


def _failed(call: Call, refused: Rejected, calls: Sequence[Call], *, how: str) -> DefectError:
    return DefectError(
        f"the rehearsal of this plan failed at {call.id}, {call.title}{how}: {refused.code} {refused.text}",
        remedy=_REPORT,
        report=repr({"order": [call.id for call in calls], "call": call}),
    )


def farthest(calls: Sequence[Call]) -> tuple[Call, ...]:
    """Put *calls* into the order that is allowed and strays farthest from theirs: what comes last runs when it may."""
    place = {call.id: number for number, call in enumerate(calls)}
    open_ = [len(call.needs) for call in calls]
    followers: list[list[int]] = [[] for _ in calls]
    for number, call in enumerate(calls):
        for need in call.needs:
            followers[place[need]].append(number)
    ready = [-number for number, count in enumerate(open_) if not count]
    heapify(ready)
    found = []
    while ready:
        number = -heappop(ready)
        found.append(calls[number])
        for follower in followers[number]:
            open_[follower] -= 1
            if not open_[follower]:
                heappush(ready, -follower)
    return tuple(found)


def _touched(
    start: Live, end: Live, planned: set[_Key], gone: set[_Key], kinds: Mapping[str, Kind[Any]]
) -> Iterator[_Key]:
    """Find objects that no change speaks of and that are not as they were."""
    for section, items in start.sections.items():
        if kinds[section].external or kinds[section].read is None:
            continue
        after = end.of(section)
        for identity, item in items.items():
            if (section, identity) not in planned and not _same(item, after.get(identity), gone, kinds[section]):
                yield section, identity


def _same(before: Resource, after: Resource | None, gone: set[_Key], kind: Kind[Any]) -> bool:
    """Whether an object is as it was; the vendor may have let go of what went, where it does that by itself."""
    if after is None:
        return False
    return all(
        before.__dict__[name] == after.__dict__[name]
        or _let_go(before.__dict__[name], after.__dict__[name], spec, gone)
        for name, spec in specs(kind.resource).items()
        if not (spec.computed or spec.write_only)
    )


def _let_go(before: Any, after: Any, spec: FieldSpec, gone: set[_Key]) -> bool:
    if spec.ref is None or not spec.ref.lets_go:
        return False
    if isinstance(before, tuple):
        return {*after} <= {*before} and all((spec.ref.section, member) in gone for member in {*before} - {*after})
    return not after and (spec.ref.section, before) in gone
