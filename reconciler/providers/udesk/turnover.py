"""
Which queues go before which can be made, where the tenant has no room for all of them at once.

A tenant may have 100 queues. Where old and new together are more, some of the old go first, and the order decides who
is without an answer meanwhile: keys that point at a queue that has to go, queues that wait for an agent whose call
waits, agents that have left their queues and can't join the next one yet. The order that hurts least is searched for
here; the calls then state it as facts. It never makes a call more: what the limit itself costs is reckoned in `bound`.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

from reconciler.model.kind import Context
from reconciler.providers.udesk.scene import Cost, Event, Scene, State, Step, bits, each, scene_of

LAST: Final = 1 << 30
_STATES: Final = 3_000  # that are looked at before the search takes the nearest good order instead of the best
_STEPS: Final = 40_000  # from state to state, likewise: where many queues are replaced, many may come next


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """
    An order of making and deleting queues. Positions count from 1; 0 is at once, `LAST` is after all that matters.

    Args:
        waits: For each created queue that finds no free place, the deleted queues that must be gone before.
        made: From which position on a created queue is there.
        gone: At which position a deleted queue goes.
        parked: Keys that let go of their queue ahead of the rest of the table, since their queue must go.
        set_early: Keys that are set for good then, parked or not; parked ones that are not are left out of the table.
        early_write: The position of the writing of the table that does so; 0 when the table is written once.
        write: The position of the last writing.
        led: Where keys lead now.
        leads: Where they lead in the end.
        silent: Keys that lead to nobody meanwhile, though they lead to somebody before and after.
        empty: Queues that stay and have no agents meanwhile, though they have some before and after.
        idle: Agents that serve no queue meanwhile, though they do before and after.
        idle_at_once: The most of them at one time.
    """

    waits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    made: Mapping[str, int] = field(default_factory=dict)
    gone: Mapping[str, int] = field(default_factory=dict)
    parked: frozenset[str] = frozenset()
    set_early: frozenset[str] = frozenset()
    early_write: int = 0
    write: int = 0
    led: Mapping[str, str] = field(default_factory=dict)
    leads: Mapping[str, str] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    idle_at_once: int = 0

    @property
    def muted(self) -> frozenset[str]:
        """Name the queues from which silent keys are led elsewhere."""
        return frozenset(self.led[digit] for digit in self.silent)

    def stand(self, queues: Iterable[str]) -> int:
        """Say from which position on all of *queues* are there."""
        return max((self.made.get(queue, 0) for queue in queues), default=0)

    def first_gone(self, queues: Iterable[str]) -> int:
        """Say at which position the first of *queues* goes."""
        return min((self.gone.get(queue, LAST) for queue in queues), default=LAST)

    def released(self, digit: str) -> int:
        """Say at which position a key lets go of its queue."""
        return self.early_write if digit in self.parked | self.set_early else self.write


@lru_cache(maxsize=1)
def turnover(context: Context) -> Turnover:
    """Find the order; empty where there is room for all queues at once, or for good."""
    scene = scene_of(context)
    return Turnover() if scene is None else _settled(scene, _best(scene) or _good(scene))


_Way: TypeAlias = tuple[tuple[bool, int, Event], ...]


def _best(scene: Scene) -> tuple[Event, ...]:
    """
    Find the order in which the fewest are without an answer at once; of those, the fewest in all, for the shortest.

    Uniform-cost search over how far one can have come. Empty where there are too many ways to look at.
    """
    start = scene.start()
    cost = scene.cost(start)
    heap: list[tuple[Cost, Cost, Cost, int, _Way, State]] = [(cost, cost, cost, 0, (), start)]
    seen: set[State] = set()
    looked = 0
    while heap and len(seen) < _STATES and looked < _STEPS:
        most, ever, total, left, way, state = heapq.heappop(heap)
        if scene.done(state):
            return tuple(event for _, _, event in way)
        if state in seen:
            continue
        seen.add(state)
        before = scene.cost(state)
        for event, after in scene.events(state):
            looked += 1
            if after not in seen:
                cost = scene.cost(after)
                fresh = _sum(ever, tuple(max(now - was, 0) for now, was in zip(cost, before, strict=True)))
                # Of ways that are as good, the one that first does what hurts nobody, the table before all; what hurts
                # comes last, the table after all.
                hurts = cost > before
                further = (*way, (hurts, -event[0] if hurts else event[0], event))
                following = (max(most, cost), fresh, _sum(total, cost), left - 1, further, after)
                heapq.heappush(heap, following)
    return ()


def _sum(one: Sequence[int], other: Sequence[int]) -> Cost:
    keys, queues, agents = (a + b for a, b in zip(one, other, strict=True))
    return keys, queues, agents


def _good(scene: Scene) -> tuple[Event, ...]:
    """Find a good order one step after the other: the least loss first, and then what spares the next loss most."""
    state = scene.start()
    events: list[Event] = []
    while not scene.done(state):
        choices = list(scene.events(state))
        kinds = {event[0] for event, _ in choices}
        if Step.WRITE in kinds or kinds == {Step.WRITE_EARLY}:
            choices = [choice for choice in choices if choice[0][0] <= Step.WRITE_EARLY]
        elif Step.MAKE in kinds:
            choices = _foremost(scene, state, choices)
        else:
            choices = [choice for choice in choices if choice[0][0] is Step.DELETE]
        event, state = min(choices, key=lambda choice: (scene.cost(choice[1]), choice[0]))
        events.append(event)
    return tuple(events)


def _foremost(scene: Scene, state: State, choices: Sequence[tuple[Event, State]]) -> list[tuple[Event, State]]:
    """Choose which queue to make: one that keys wait for, and of those the one that lets the next agents move on."""
    makes = [choice for choice in choices if choice[0][0] is Step.MAKE]
    if state.written < 2 and scene.needed & ~state.made:
        makes = [choice for choice in makes if choice[0][1] & scene.needed]
    loss = dict.fromkeys(each(len(scene.deleted), state.gone), 0)
    spared: dict[tuple[int, int], int] = defaultdict(int)
    helped: dict[int, int] = defaultdict(int)
    for (leave, waits), agents in scene.idle.items():
        if leave & state.gone or not all(wait & ~state.made for wait in waits):
            continue
        for bit in loss:
            if leave & bit:
                loss[bit] += len(agents)
                for wait in {wait & ~state.made for wait in waits}:
                    spared[bit, wait] += len(agents)
                    helped[wait] += len(agents)
    if not loss:
        return makes[:1]

    def after(choice: tuple[Event, State]) -> tuple[int, int]:
        made = choice[0][1]
        return min(lost - spared.get((bit, made), 0) for bit, lost in loss.items()), -helped.get(made, 0)

    return [min(makes, key=lambda choice: (*after(choice), choice[0]))]


def _settled(scene: Scene, events: Sequence[Event]) -> Turnover:
    """Say what an order means for each queue, and who is without an answer on the way."""
    state = scene.start()
    positions: dict[Event, int] = {}
    parked: frozenset[str] = frozenset()
    early: frozenset[str] = frozenset()
    silent: set[str] = set()
    empty: set[str] = set()
    idle = 0
    at_once = 0
    made: list[str] = []
    gone: list[str] = []
    for position, event in enumerate(events, start=1):
        positions[event] = position
        state = dict(scene.events(state))[event]
        silent.update(scene.silent(state))
        empty.update(scene.empty(state))
        at_once = max(at_once, scene.without(state).bit_count())
        idle |= scene.without(state)
        match event:
            case (Step.MAKE, bit):
                made.append(scene.created[bit.bit_length() - 1])
            case (Step.DELETE, bit):
                gone.append(scene.deleted[bit.bit_length() - 1])
            case (Step.WRITE_EARLY, ahead):
                parked = scene.parked(ahead)
                early = state.early
            case _:
                pass
    makes, goes = bits(scene.created), bits(scene.deleted)
    late = made[max(scene.free, 0) :]
    # As many go first as are late, one for each; where a tenant has more than it may, the first waits for the rest too.
    over = len(gone) - len(late)
    waits: dict[str, tuple[str, ...]] = {queue: (gone[place + over],) for place, queue in enumerate(late)}
    if over and late:
        waits[late[0]] = tuple(gone[: over + 1])
    return Turnover(
        waits=waits,
        made={queue: positions[Step.MAKE, makes[queue]] for queue in late},
        gone={queue: positions[Step.DELETE, goes[queue]] for queue in gone},
        parked=parked,
        set_early=early,
        early_write=next((position for event, position in positions.items() if event[0] is Step.WRITE_EARLY), 0),
        write=positions.get((Step.WRITE, 0), 0),
        led=scene.now,
        leads=scene.then,
        silent=tuple(sorted(silent)),
        empty=tuple(sorted(empty)),
        idle=tuple(sorted(agent for agent, bit in bits(scene.agents).items() if idle & bit)),
        idle_at_once=at_once,
    )
