"""
Which call makes which pair of agent and queue, and when that is.

A pair whose agent and queue both have a call goes to the call that can be made sooner, since an agent who has joined
one queue may leave another. What both wait for tells: the making of agents and queues, and places among the hundred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from reconciler.model.call import Fact
from reconciler.model.kind import Context
from reconciler.providers.udesk.joins import Joins, joins
from reconciler.providers.udesk.turnover import Turnover, turnover

When: TypeAlias = tuple[int, int]  # a position in the turnover, and whether something must be made before


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """
    The calls that bind.

    *by_agent* and *by_queue* map those who have a call to their partners in it. Of the pairs that a queue's call makes
    though the agent has a call too, *before* are made ahead of the agent's call, by agent, and *after* behind it.
    """

    by_agent: Mapping[str, tuple[str, ...]]
    by_queue: Mapping[str, tuple[str, ...]]
    before: Mapping[str, tuple[str, ...]]
    after: Mapping[str, tuple[str, ...]]
    places: Turnover

    def made(self, agent: str, queue: str) -> int:
        """Say at which position of the turnover a pair is made; 0 is at once."""
        own = self.by_agent.get(agent, ())
        return self.places.stand(own if queue in own else (queue,))

    def soonest(self, agent: str, queues: Sequence[str]) -> tuple[int, str]:
        """Find the queue that an agent joins first."""
        return min((self.made(agent, queue), queue) for queue in queues)


@lru_cache(maxsize=1)
def sharing(context: Context) -> Sharing:
    """Share the pairs out."""
    moves, places = joins(context), turnover(context)
    by_agent = {agent: list(queues) for agent, queues in moves.cover.left.items()}
    by_queue = {queue: list(agents) for queue, agents in moves.cover.right.items()}
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for agent, queue in moves.cover.both:
        agents_call = _when(moves, places, (agent,), moves.cover.left[agent])
        queues_call = _when(moves, places, moves.cover.right[queue], (queue,))
        alone = _when(moves, places, (agent,), (queue,))
        if queues_call < agents_call and alone <= queues_call:
            before.setdefault(agent, []).append(queue)
            by_queue[queue].append(agent)
        elif alone > agents_call:
            after.setdefault(agent, []).append(queue)
            by_queue[queue].append(agent)
        else:
            by_agent[agent].append(queue)
    return Sharing(
        by_agent=_sorted(by_agent),
        by_queue=_sorted(by_queue),
        before=_sorted(before),
        after=_sorted(after),
        places=places,
    )


def _when(moves: Joins, places: Turnover, agents: Sequence[str], queues: Sequence[str]) -> When:
    parts: list[Fact] = [*(("agent", agent) for agent in agents), *(("queue", queue) for queue in queues)]
    return places.stand(queues), not moves.new.isdisjoint(parts)


def _sorted(found: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    return {key: tuple(sorted(members)) for key, members in found.items()}


def regained(context: Context, before: int) -> frozenset[Fact]:
    """
    Name what has been made good by a position of the turnover: agents who serve again, queues and keys with an answer.

    What takes from callers waits for it, so that no more of them are without an answer at once than must be.
    """
    moves, shared = joins(context), sharing(context)
    places = shared.places
    found: set[Fact] = set()
    for agent in places.idle:
        position, queue = shared.soonest(agent, moves.joining[agent])
        if position < before:
            found.add(("serves", agent, queue))
    for queue in places.empty:
        position, agent = min((shared.made(agent, queue), agent) for agent in moves.joined[queue])
        if position < before:
            found.add(("serves", agent, queue))
    if 0 < places.write < before:
        found |= {("key", digit, places.leads[digit]) for digit in places.silent}
        for queue in {places.leads[digit] for digit in places.silent}.intersection(moves.joined):
            position, agent = min((shared.made(agent, queue), agent) for agent in moves.joined[queue])
            if position < before:
                found.add(("serves", agent, queue))
    return frozenset(found)
