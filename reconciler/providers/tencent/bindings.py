"""
Who serves which queue: one call a person to bind, one to let go.

Source: Tencent CCC 2020-02-10, BindStaffSkillGroupList, UnbindStaffSkillGroupList.

Whether Bind adds to a person's queues or replaces them is not said, so it carries all pairs that the person has and
shall have; those that go are taken by an Unbind after it. Whether it moves the priority of a pair that is there is not
said either: such a call is read back, and the pair taken away and bound again where its priority stayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reconciler.model.call import Call
from reconciler.model.change import Action, Change
from reconciler.model.explanation import listed, shortened
from reconciler.model.kind import Context, Lowered
from reconciler.providers.tencent import facts
from reconciler.providers.tencent.kinds.queues import made, queue_id
from reconciler.providers.tencent.members import first, makes_room, named_at_creation, replaced, room

# What a refusal for a pair that is bound already may look like; its code is not said.
AGAIN = frozenset({"form", "exists"})


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Bind and let go for all agents that change and stay; those that go are deleted as they are."""
    calls: list[Call] = []
    notes: list[str] = []
    for change in changes:
        if change.action is Action.DELETE:
            continue
        calls.extend(_bind(change, context))
        calls.extend(_let_go(change, context))
        notes.extend(_notes(change))
    return Lowered(calls=tuple(calls), notes=tuple(notes))


def spelled(change: Change) -> str:
    """Give a person's email as the vendor spells it where the person exists, else as the files do."""
    item = change.live if change.live is not None else change.desired
    assert item is not None, "a change has one of them"
    return str(item.__dict__["email"])


def _bind(change: Change, context: Context) -> Iterator[Call]:
    wished, had = _pairs(change)
    if change.action is Action.CREATE and named_at_creation(change, context):
        return
    new = [queue for queue in wished if queue not in had]
    moved = [queue for queue in moved_priorities(change) if queue in had]
    if not (new or moved):
        return
    # Who makes room for somebody else has to leave first, so those pairs are not sent along.
    early = _early(change, context)
    kept = [queue for queue in had if queue not in early]
    everything = sorted({*kept, *new})
    only = sorted(new or moved)  # where no pair may be bound again, `mend` sees to those that move
    email = spelled(change)
    priorities = {**had, **change.desired.__dict__["priorities"]} if change.desired is not None else had

    def body(queues: Sequence[str]) -> Mapping[str, Any]:
        return {"StaffEmail": email, "StaffSkillGroupList": [_pair(queue, priorities, context) for queue in queues]}

    joins = frozenset(facts.serves(change.identity, queue) for queue in new)
    staying = frozenset(facts.serves(change.identity, queue) for queue in kept if queue not in wished)
    call = Call(
        "POST",
        "/",
        body(everything),
        action="BindStaffSkillGroupList",
        confirm=bool(moved),
        members=tuple(everything),
        changes=(change.address,),
        why=_why(change, new, moved),
        requires=frozenset({facts.agent(change.identity)})
        | made(new, context)
        | staying
        | frozenset(fact for join in joins for fact in first(join, context)),
        forbids=frozenset(facts.serves(change.identity, queue) for queue in early)
        | frozenset(fact for join in joins for fact in room(join, context)),
        gives=joins,
    )
    if everything != only:
        call = replace(
            call,
            otherwise=Call("POST", "/", body(only), action="BindStaffSkillGroupList", members=tuple(only)),
            otherwise_on=AGAIN,
        )
    yield call


def _pairs(change: Change) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """Give the queues that a person shall have, and the priorities of those that it has."""
    wished = change.desired.__dict__["queues"] if change.desired is not None else ()
    if change.live is None:
        return wished, {}
    priorities = change.live.__dict__["priorities"]
    return wished, {queue: priorities.get(queue, 0) for queue in change.live.__dict__["queues"]}


def moved_priorities(change: Change) -> Mapping[str, int]:
    """Give the priorities that differ from the live ones, by queue."""
    found = change.field_change("priorities")
    after = getattr(found, "after", None)
    return after if isinstance(after, Mapping) else {}


def _pair(queue: str, priorities: Mapping[str, int], context: Context) -> dict[str, Any]:
    pair = {"SkillGroupId": queue_id(queue, context)}
    return {**pair, "Priority": priorities[queue]} if priorities.get(queue) else pair


def _why(change: Change, new: Sequence[str], moved: Sequence[str]) -> str:
    who = shortened(change.label or change.name)
    told = []
    if new:
        told.append(f"joins {listed([shortened(queue) for queue in new])}")
    if moved:
        after = moved_priorities(change)
        told.append("gets " + listed([f"priority {after[queue]} in {shortened(queue)}" for queue in moved]))
    return f"{who} {' and '.join(told)}"


def _early(change: Change, context: Context) -> frozenset[str]:
    """Name the queues that a person must have left before it may be bound: all, since it leaves them with one call."""
    leaves = change.members("queues").remove
    room = any(makes_room(facts.serves(change.identity, queue), context) for queue in leaves)
    return frozenset(leaves if room else ())


def _let_go(change: Change, context: Context) -> Iterator[Call]:
    leaves = change.members("queues").remove
    if not leaves:
        return
    mine = {queue: facts.serves(change.identity, queue) for queue in leaves}
    who = shortened(change.label or change.name)
    yield Call(
        "POST",
        "/",
        {"StaffEmail": spelled(change), "SkillGroupList": [queue_id(queue, context) for queue in leaves]},
        action="UnbindStaffSkillGroupList",
        members=leaves,
        changes=(change.address,),
        why=f"{who} leaves {listed([shortened(queue) for queue in leaves])}",
        requires=frozenset({facts.agent(change.identity)}),
        prefers=frozenset(fact for queue, own in mine.items() for fact in replaced(queue, own, context)),
        takes=frozenset(mine.values()),
        meanwhile=f"{who} does not answer for {listed([shortened(queue) for queue in leaves])}",
        loss=len(leaves),
    )


def _notes(change: Change) -> Iterator[str]:
    """Say what may have to be done to move a priority."""
    had = change.live.__dict__["queues"] if change.live is not None else ()
    moved = [queue for queue in moved_priorities(change) if queue in had]
    if moved:
        yield (
            f"Should the vendor keep {change.name}'s old priority in {listed([shortened(queue) for queue in moved])}, "
            f"the agent leaves the queue and joins it again, which takes two calls more."
        )
