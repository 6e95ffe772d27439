"""
Who joins and leaves a queue, persons and telephones alike, and who must wait for whom.

A queue that rings all at once takes two members (`RingAllGroupMemberOverflow`), so there somebody may have to leave
before another joins. Everywhere else those who leave wait for those who join, for callers' sake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from reconciler.model.call import Fact
from reconciler.model.change import Action, Change
from reconciler.model.explanation import listed
from reconciler.model.kind import Context
from reconciler.model.plan import Refusal
from reconciler.providers.tencent import facts
from reconciler.providers.tencent.limits import DEFAULT_PRIORITY, RING_ALL


@dataclass(slots=True, kw_only=True)
class _Turnover:
    """One queue: who is a member now, who joins, who leaves; each as a fact, sorted."""

    now: list[Fact] = field(default_factory=list)
    joins: list[Fact] = field(default_factory=list)
    leaves: list[Fact] = field(default_factory=list)


@lru_cache(maxsize=1)
def _turnover(context: Context) -> Mapping[str, _Turnover]:
    found: dict[str, _Turnover] = defaultdict(_Turnover)
    for section, fact in (("agents", facts.serves), ("extensions", facts.rings)):
        for identity, item in sorted(context.live.of(section).items()):
            for queue in item.queues:
                found[queue].now.append(fact(identity, queue))
        for change in sorted(context.changes.values(), key=lambda change: change.identity):
            if change.section != section:
                continue
            before = change.live.__dict__["queues"] if change.live is not None else ()
            after = change.desired.__dict__["queues"] if change.desired is not None else ()
            for queue in sorted({*after} - {*before}):
                found[queue].joins.append(fact(change.identity, queue))
            for queue in sorted({*before} - {*after}):
                found[queue].leaves.append(fact(change.identity, queue))
    return found


@lru_cache(maxsize=1)
def telephones(context: Context) -> Mapping[str, Sequence[str]]:
    """Map people to the telephones that are theirs now."""
    found: dict[str, list[str]] = defaultdict(list)
    for number, item in sorted(context.live.of("extensions").items()):
        if item.agent:
            found[item.agent].append(number)
    return found


def members(queue: str, context: Context, *, numbers: bool = False) -> frozenset[Fact]:
    """State who has to do with a queue now; with *numbers* also which numbers it calls out with."""
    turnover = _turnover(context).get(queue)
    found = frozenset(turnover.now) if turnover is not None else frozenset()
    if not numbers:
        return found
    return found | {
        facts.shows(number, queue)
        for number, item in context.live.of("numbers").items()
        if queue in item.outbound_queues
    }


def leaving(queue: str, context: Context) -> frozenset[Fact]:
    """State who leaves a queue."""
    turnover = _turnover(context).get(queue)
    return frozenset(turnover.leaves) if turnover is not None else frozenset()


def replaced(queue: str, own: Fact, context: Context) -> frozenset[Fact]:
    """
    State whom somebody who leaves a queue should wait for: all who join it, but for who has to wait for the leaving.

    Where several make room one after the other, each waits for those who got the places before, and not for the rest.
    """
    turnover = _turnover(context).get(queue)
    if turnover is None:
        return frozenset()
    rooms = [(joins, leaves) for joins, leaves in _room(context).items() if joins[2] == queue]
    place = next((at for at, (_, leaves) in enumerate(rooms) if leaves == own), len(rooms))
    forced = {joins for joins, _ in rooms[place:]}
    rotating = _rotating(context)
    if own[0] == "rings" and own[1] in rotating:
        forced |= {fact for fact in turnover.joins if fact[0] == "rings" and fact[1] in rotating}
    return frozenset(fact for fact in turnover.joins if fact not in forced and fact != own)


@lru_cache(maxsize=1)
def _rotating(context: Context) -> frozenset[str]:
    """
    Find telephones that go round between queues: each leaves and joins with one call, so none can wait for the next.

    Those are the ones that move between queues which others leave and join alike, round and round.
    """
    moves = {
        change.identity: (change.members("queues").remove, change.members("queues").add)
        for change in context.changes.values()
        if change.section == "extensions" and change.action is Action.UPDATE
    }
    left = {(one, other) for leaves, joins in moves.values() for one in leaves for other in joins}
    while True:
        sources, aims = {one for one, _ in left}, {other for _, other in left}
        kept = {(one, other) for one, other in left if one in aims and other in sources}
        if kept == left:
            break
        left = kept
    return frozenset(
        number
        for number, (leaves, joins) in moves.items()
        if any((one, other) in left for one in leaves for other in joins)
    )


def room(join: Fact, context: Context) -> frozenset[Fact]:
    """State who must have left a queue that rings all at once before *join*; nobody anywhere else."""
    found = _room(context).get(join)
    return frozenset({found}) if found is not None else frozenset()


def makes_room(leave: Fact, context: Context) -> bool:
    """Whether somebody waits for just this one to leave."""
    return leave in _room(context).values()


def named_at_creation(change: Change, context: Context) -> tuple[str, ...]:
    """
    List the queues that a creation names: all of a person's, or none.

    None where one has a priority of its own, or takes the place of a telephone that waits for somebody who is created:
    one creation has many, so the two might wait for each other.
    """
    named = _nameable(change, context)
    for queue in named:
        place = _room(context).get(facts.serves(change.identity, queue))
        if place is not None and place[0] == "rings" and _claims_new(place[1], context):
            return ()
    return named


def _nameable(change: Change, context: Context) -> tuple[str, ...]:
    """List the queues that a creation may name by itself."""
    assert change.desired is not None, "a creation has a wish"
    wish = change.desired.__dict__
    own = any(priority != DEFAULT_PRIORITY for priority in wish["priorities"].values())
    return () if own or not context.desired.settings.__dict__["create_with_queues"] else tuple(wish["queues"])


def _claims_new(number: str, context: Context) -> bool:
    """Whether a telephone that changes shall be of somebody who is created."""
    change = context.by_identity["extensions", number]
    if change.action is not Action.UPDATE or change.desired is None:
        return False
    person = context.by_identity.get(("agents", change.desired.__dict__["agent"]))
    return person is not None and person.action is Action.CREATE


def first(join: Fact, context: Context) -> frozenset[Fact]:
    """State what must have changed of a queue before *join*: it may have to stop to ring all at once."""
    queue = join[2]
    before, after = _rings_all(queue, context)
    turnover = _turnover(context)[queue]
    many = len(turnover.now) + len(turnover.joins) > RING_ALL
    return frozenset({facts.in_turn(queue)}) if before and not after and many else frozenset()


def overflows(context: Context) -> tuple[Refusal, ...]:
    """Refuse queues that would ring more than two at once."""
    found = []
    for queue, turnover in sorted(_turnover(context).items()):
        count = len(turnover.now) + len(turnover.joins) - len(turnover.leaves)
        touched = turnover.joins or ("queues", queue) in context.by_identity
        if count > RING_ALL and touched and _rings_all(queue, context)[1]:
            address = f"queues/{context.desired.local_name('queues', queue)}"
            found.append(
                Refusal(
                    rule="ring-all-members",
                    message=f"{address} rings all at once and would have {count} members, persons and telephones; the "
                    f"vendor takes {RING_ALL}",
                    objects=(address,),
                    remedy="Want fewer members, or ring_all: false.",
                )
            )
    return tuple(found)


def crowded(context: Context) -> Iterator[str]:
    """Say which queues are full, so that the old leave before the new join, and which have nobody meanwhile."""
    rooms = _room(context)
    for queue, turnover in sorted(_turnover(context).items()):
        forced = {joins: leaves for joins, leaves in rooms.items() if joins[2] == queue}
        if not forced:
            continue
        told = (
            f"queues/{context.desired.local_name('queues', queue)} rings all at once and takes {RING_ALL} members, so "
        )
        told += listed([f"{leaves[1]} leaves before {joins[1]} joins" for joins, leaves in forced.items()])
        # One call deletes all who go, one makes all who are new: what can't be told apart can't take turns.
        sorts = {_moved_by(fact, context) for fact in forced.values()}, {_moved_by(fact, context) for fact in forced}
        at_once = len(forced) > 1 and (sorts[0] == {_DELETED} or sorts[1] == {_CREATED})
        if len(turnover.leaves) == len(turnover.now) == len(forced) and at_once:
            told += "; nobody answers there for a moment, and only more calls would avoid it"
        yield f"{told}."


_DELETED: Final = ("serves", Action.DELETE)
_CREATED: Final = ("serves", Action.CREATE)


@lru_cache(maxsize=1)
def _room(context: Context) -> Mapping[Fact, Fact]:
    """
    Pair each who joins a full queue that rings all at once with one who leaves it.

    Others may wait for who is created, and for a telephone, which leaves and joins with one call. So those have the
    free places, and those of who leaves without waiting for anything; a telephone's goes to who holds up nobody.
    """
    found: dict[Fact, Fact] = {}
    for queue, turnover in _turnover(context).items():
        if all(_rings_all(queue, context)) and turnover.joins and turnover.leaves:
            free = max(0, RING_ALL - len(turnover.now))
            joins = sorted(turnover.joins, key=lambda fact: _JOINS.index(_moved_by(fact, context)))
            leaves = sorted(turnover.leaves, key=lambda fact: _LEAVES.index(_moved_by(fact, context)))
            found.update(zip(joins[free:], leaves, strict=False))
    return found


_JOINS: Final = (
    ("serves", Action.CREATE),
    ("rings", Action.UPDATE),
    ("serves", Action.UPDATE),
    ("rings", Action.CREATE),
)
_LEAVES: Final = (
    ("serves", Action.DELETE),
    ("rings", Action.DELETE),
    ("serves", Action.UPDATE),
    ("rings", Action.UPDATE),
)


def _moved_by(fact: Fact, context: Context) -> tuple[str, Action]:
    change = context.by_identity["agents" if fact[0] == "serves" else "extensions", fact[1]]
    bound = fact[0] == "serves" and change.action is Action.CREATE and not _nameable(change, context)
    return fact[0], Action.UPDATE if bound else change.action


def _rings_all(queue: str, context: Context) -> tuple[bool, bool]:
    """Whether a queue rings all at once: now, and after the plan."""
    live = context.live.of("queues").get(queue)
    before = bool(live is not None and live.ring_all)
    change = context.by_identity.get(("queues", queue))
    if change is None or change.action is Action.DELETE or change.desired is None:
        return before, before
    return before, bool(change.desired.__dict__["ring_all"])
