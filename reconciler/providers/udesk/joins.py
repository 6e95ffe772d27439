"""
Who joins which queue and who leaves, and by which calls.

`POST agents/queues` covers one agent with many queues, `POST queues/agents` one queue with many agents, so the pairs
to add are a bipartite graph and the fewest calls a minimum vertex cover of it. Letting go has no batch by queue: one
call an agent. Source: Udesk CTI Cloud API, "Seat Queue Binding" and what follows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from reconciler.model.call import Fact
from reconciler.model.change import Action, Change
from reconciler.model.kind import Context
from reconciler.providers.cover import Cover, minimum_cover
from reconciler.providers.udesk.limits import MOST_QUEUES


@dataclass(frozen=True, kw_only=True)
class Joins:
    """
    The pairs that change.

    *joining* and *leaving* map agents to queues, *agents* to their changes; *cover* has agents on its left and queues
    on its right. *new* are the facts that agents and queues made by the plan exist.
    """

    agents: Mapping[str, Change]
    joining: Mapping[str, tuple[str, ...]]
    leaving: Mapping[str, tuple[str, ...]]
    cover: Cover
    new: frozenset[Fact]

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
        """Name the queues that must be there for a pair to be made, at the soonest."""
        own = self.cover.left.get(agent, ())
        return own if queue in own else (queue,)


@lru_cache(maxsize=1)
def joins(context: Context) -> Joins:
    """Read the pairs off the changes, and find the fewest calls that make them."""
    agents: dict[str, Change] = {}
    joining: dict[str, tuple[str, ...]] = {}
    leaving: dict[str, tuple[str, ...]] = {}
    new_agents: list[str] = []
    new_queues: list[str] = []
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
                new_agents.append(change.identity)
        elif change.section == "queues" and change.action is Action.CREATE:
            new_queues.append(change.identity)
    # Where there is no room for all queues at once, new ones wait until others are gone.
    late = 2 if len(context.live.of("queues")) + len(new_queues) > MOST_QUEUES else 1
    cover = minimum_cover(joining, left_ready=dict.fromkeys(new_agents, 1), right_ready=dict.fromkeys(new_queues, late))
    new = frozenset(("agent", agent) for agent in new_agents) | {("queue", queue) for queue in new_queues}
    return Joins(agents=agents, joining=joining, leaving=leaving, cover=cover, new=new)
