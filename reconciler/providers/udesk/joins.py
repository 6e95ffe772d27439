"""
Who joins which queue and who leaves, and which call makes which pair.

`POST agents/queues` covers one agent with many queues, `POST queues/agents` one queue with many agents, so the pairs
to add are a bipartite graph and the fewest calls a minimum vertex cover of it. Letting go has no batch by queue: one
call an agent. Source: Udesk CTI Cloud API, "Seat Queue Binding" and what follows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from reconciler.model.change import Action, Change
from reconciler.model.kind import Context
from reconciler.providers.cover import Cover, minimum_cover
from reconciler.providers.udesk.limits import MOST_QUEUES


@dataclass(frozen=True, kw_only=True)
class Joins:
    """
    The pairs that change.

    *joining* and *leaving* map agents to queues, *agents* to their changes; *cover* has each pair that joins once,
    under the agent (`left`) or the queue (`right`) whose call makes it.
    """

    agents: Mapping[str, Change]
    joining: Mapping[str, tuple[str, ...]]
    leaving: Mapping[str, tuple[str, ...]]
    cover: Cover

    @cached_property
    def joined(self) -> Mapping[str, Sequence[str]]:
        """Map queues to the agents that join them."""
        found: dict[str, list[str]] = defaultdict(list)
        for agent, queues in self.joining.items():
            for queue in queues:
                found[queue].append(agent)
        return found

    def staying(self, agent: str) -> bool:
        """Whether an agent keeps a queue that it serves now."""
        live = self.agents[agent].live
        return live is not None and len(live.__dict__["queues"]) > len(self.leaving.get(agent, ()))

    def together(self, agent: str, queue: str) -> tuple[str, ...]:
        """Name the queues that must be there for the call that makes a pair."""
        own = self.cover.left.get(agent, ())
        return own if queue in own else (queue,)


@lru_cache(maxsize=1)
def joins(context: Context) -> Joins:
    """Read the pairs off the changes, and share them out to as few calls as there can be."""
    agents: dict[str, Change] = {}
    joining: dict[str, tuple[str, ...]] = {}
    leaving: dict[str, tuple[str, ...]] = {}
    created: dict[str, int] = {}
    queues: dict[str, int] = {}
    deleted = 0
    for change in context.changes.values():
        if change.section == "agents":
            agents[change.identity] = change
            if change.action is Action.DELETE:
                add: tuple[str, ...] = ()
                drop: tuple[str, ...] = change.live.__dict__["queues"] if change.live is not None else ()
            else:
                moved = change.members("queues")
                add, drop = moved.add, moved.remove
            if add:
                joining[change.identity] = add
            if drop:
                leaving[change.identity] = drop
            if change.action is Action.CREATE:
                created[change.identity] = 1
        elif change.section == "queues":
            if change.action is Action.CREATE:
                queues[change.identity] = 1
            deleted += change.action is Action.DELETE
    if len(context.live.of("queues")) + len(queues) > MOST_QUEUES:
        queues = dict.fromkeys(queues, 2)  # some wait until others are gone
    cover = minimum_cover(joining, left_ready=created, right_ready=queues)
    return Joins(agents=agents, joining=joining, leaving=leaving, cover=cover)
