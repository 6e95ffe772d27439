"""
Who answers which queue, now and in the end, and what makes the difference.

Three sorts of answering are looked at, each stricter than the one before: an agent serves the queue; is switched on
besides; has a telephone besides. None is enough to say that callers reach somebody (agents may take calls on a mobile),
so what somebody answers before and after, by any of them, is not to be without an answer meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any, TypeAlias

from reconciler.model.call import Fact
from reconciler.model.change import Action
from reconciler.model.kind import Context
from reconciler.providers.udesk.joins import joins
from reconciler.providers.udesk.limits import MOST_EXTENSIONS
from reconciler.providers.udesk.sharing import sharing
from reconciler.providers.udesk.turnover import LAST

Staff: TypeAlias = Mapping[str, frozenset[str]]
Fields: TypeAlias = Mapping[str, Any]


class Sort(IntEnum):
    """How strictly an agent answers."""

    SERVES = 0
    ON_DUTY = 1
    REACHABLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """By sort: *now* and *then* map queues to those who answer them, *keep* to those who do so all along."""

    now: Sequence[Staff]
    then: Sequence[Staff]
    keep: Sequence[Staff]

    def abandoned(self, agent: str, queue: str, sort: Sort) -> bool:
        """Whether an agent is one of those who answer a queue now, none of whom does so all along."""
        return agent in self.now[sort].get(queue, ()) and not self.keep[sort].get(queue)

    def coming(self, queue: str, sort: Sort) -> tuple[str, ...]:
        """List who answers a queue in the end and does not yet."""
        return tuple(sorted(self.then[sort].get(queue, frozenset()) - self.now[sort].get(queue, frozenset())))


def duty(agent: str) -> Fact:
    """Name that an agent is switched on."""
    return ("duty", agent)


def key_left(digit: str, queue: str) -> Fact:
    """Name that a key no longer leads to a queue, for those who want that first."""
    return ("key left", digit, queue)


@lru_cache(maxsize=1)
def answering(context: Context) -> Answering:
    """Compare both states; queues that no change has to do with are left out."""
    touched = _touched(context)
    between = rephoned(context)  # without an extension for a moment
    now, then, keep = ([defaultdict[str, set[str]](set) for _ in Sort] for _ in range(3))
    for agent, before, after in _agents(context):
        old = touched.intersection(before["queues"]) if before else set()
        new = touched.intersection(after["queues"]) if after else set()
        for sort in Sort if old or new else ():
            first = old if before and _able(before, sort) else set()
            last = new if after and _able(after, sort) else set()
            for queue in first:
                now[sort][queue].add(agent)
            for queue in last:
                then[sort][queue].add(agent)
            for queue in first & last if sort < Sort.REACHABLE or agent not in between else ():
                keep[sort][queue].add(agent)
    return Answering(now=_frozen(now), then=_frozen(then), keep=_frozen(keep))


def _agents(context: Context) -> Iterator[tuple[str, Fields | None, Fields | None]]:
    """List all agents, with what they are now and in the end."""
    changes = joins(context).agents
    live = context.live.of("agents")
    for identity, agent in live.items():
        change = changes.get(identity)
        if change is None:
            yield identity, agent.__dict__, agent.__dict__
        else:
            yield identity, agent.__dict__, change.desired.__dict__ if change.desired is not None else None
    for identity, change in changes.items():
        if change.action is Action.CREATE and change.desired is not None:
            yield identity, None, change.desired.__dict__


def _touched(context: Context) -> set[str]:
    """Find the queues that agents join and leave, that lose somebody in another way, and that keys are turned to."""
    moves = joins(context)
    found = {queue for queues in (*moves.joining.values(), *moves.leaving.values()) for queue in queues}
    for change in moves.agents.values():
        if change.live is not None and (change.field_change("enabled") or change.members("extensions").remove):
            found.update(change.live.__dict__["queues"])
    found.update(
        change.desired.__dict__["queue"]
        for change in context.changes.values()
        if change.section == "fast_routers" and change.desired is not None
    )
    return found


def _able(fields: Fields, sort: Sort) -> bool:
    if sort >= Sort.ON_DUTY and not fields["enabled"]:
        return False
    return sort < Sort.REACHABLE or bool(fields["extensions"] or fields["auto_extension"])


def _frozen(found: Sequence[Mapping[str, set[str]]]) -> tuple[Staff, ...]:
    return tuple({queue: frozenset(agents) for queue, agents in by_queue.items()} for by_queue in found)


def gained(agent: str, queue: str, context: Context) -> frozenset[Fact]:
    """Name what the plan brings about so that an agent answers a queue."""
    moves = joins(context)
    change = moves.agents.get(agent)
    if change is None or change.desired is None:
        return frozenset()
    found: set[Fact] = set()
    if queue in moves.joining.get(agent, ()):
        found.add(("serves", agent, queue))
    if change.live is not None and change.desired.__dict__["enabled"] and not change.live.__dict__["enabled"]:
        found.add(duty(agent))
    if change.live is None or not change.live.__dict__["extensions"] or agent in rephoned(context):
        found |= {("holds", agent, number) for number in change.members("extensions").add}
    return frozenset(found)


def replaced(  # noqa: PLR0913 - who stops answering what, and what can't be waited for
    agent: str,
    queues: Iterable[str],
    sorts: Iterable[Sort],
    context: Context,
    *,
    before: int = LAST,
    releasing: Sequence[str] = (),
) -> frozenset[Fact]:
    """
    Name what callers would rather see before an agent stops answering *queues*.

    Where no one else answers all along: that the next one does, or that no key leads there. What only comes at or
    after the position *before* of the turnover is not waited for, nor an extension that the agent is *releasing*.
    """
    found, shared = answering(context), sharing(context)
    facts: set[Fact] = set()
    for sort in sorts:
        for queue in queues:
            if not found.abandoned(agent, queue, sort):
                continue
            next_one = _next(agent, queue, sort, context, before, releasing)
            if next_one:
                facts |= gained(next_one, queue, context)
            else:
                facts |= {
                    key_left(digit, queue)
                    for digit in _keys(context).get(queue, ())
                    if shared.places.released(digit) < before
                }
    return frozenset(fact for fact in facts if not (fact[0] == "holds" and fact[2] in releasing))


def _next(  # noqa: PLR0913, PLR0917 - as above
    agent: str, queue: str, sort: Sort, context: Context, before: int, releasing: Sequence[str]
) -> str:
    """
    Choose who answers a queue next: who comes to it first, if not by the very extension that is released.

    Else who changes all extensions at once and has them back by then; of several who do, one after the other.
    """
    coming = [other for position, other in _coming(context).get((queue, sort), ()) if position < before]
    for other in coming:
        if not any(fact[0] == "holds" and fact[2] in releasing for fact in gained(other, queue, context)):
            return other
    answerers = answering(context).then[sort].get(queue, frozenset()) if sort is Sort.REACHABLE else frozenset()
    back = sorted(rephoned(context) & answerers)
    if agent in back:
        back = back[: back.index(agent)][-1:]
    return (*back, *coming, "")[0]


@lru_cache(maxsize=1)
def _coming(context: Context) -> Mapping[tuple[str, Sort], Sequence[tuple[int, str]]]:
    """List who comes to queues that nobody answers all along, the soonest first, with the position of the turnover."""
    found, shared = answering(context), sharing(context)
    ranked = {}
    for sort in Sort:
        for queue in found.then[sort]:
            if queue in found.now[sort] and not found.keep[sort].get(queue):
                soonest = sorted(
                    (shared.made(other, queue), len(gained(other, queue, context)), other)
                    for other in found.coming(queue, sort)
                )
                ranked[queue, sort] = [(position, other) for position, _, other in soonest]
    return ranked


@lru_cache(maxsize=1)
def rephoned(context: Context) -> frozenset[str]:
    """Find the agents who have to let go of all their extensions before they can get the new ones."""
    found = set()
    for agent, change in joins(context).agents.items():
        live = change.live.__dict__["extensions"] if change.live is not None else ()
        moved = change.members("extensions")
        if live and moved.add and {*moved.remove} == {*live} and len(live) + len(moved.add) > MOST_EXTENSIONS:
            found.add(agent)
    return frozenset(found)


@lru_cache(maxsize=1)
def _keys(context: Context) -> Mapping[str, Sequence[str]]:
    found = defaultdict(list)
    for digit, key in context.live.of("fast_routers").items():
        found[key.queue].append(digit)
    return found
