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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations
from typing import Final, TypeAlias

from reconciler.model.change import Action
from reconciler.model.kind import Context
from reconciler.providers.udesk.joins import joins
from reconciler.providers.udesk.limits import MOST_QUEUES

LAST: Final = 1 << 30
_STATES: Final = 3_000  # that are looked at before the search takes the nearest good order instead of the best
_STEPS: Final = 40_000  # from state to state, likewise: where many queues are replaced, many may come next
_FEW: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """
    An order of making and deleting queues. Positions count from 1; 0 is at once, `LAST` is after all that matters.

    Args:
        waits: For each created queue that finds no free place, the deleted queues that must be gone before.
        made: From which position on a created queue is there.
        gone: At which position a deleted queue goes.
        parked: Keys that let go of their queue ahead of the rest of the table, since their queue must go.
        set_early: Those of them that can be set for good then; the rest are left out of the table.
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
        return self.early_write if digit in self.parked else self.write


@lru_cache(maxsize=1)
def turnover(context: Context) -> Turnover:
    """Find the order; empty where there is room for all queues at once, or for good."""
    scene = _scene(context)
    return Turnover() if scene is None else _settled(scene, _best(scene) or _good(scene))


_Cost: TypeAlias = tuple[int, int, int]  # silent keys, empty queues, idle agents
_Case: TypeAlias = tuple[int, frozenset[int]]  # deletions that make an agent leave; what each pair it joins waits for


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """How far an order has come: created and deleted queues as bit masks, and how often the table was written."""

    made: int = 0
    gone: int = 0
    written: int = 0  # 0, 1 after the early writing, 2 after the last
    early: int = 0  # what was made before the early writing
    ahead: int = 0  # deleted queues that keys let go of in the early writing
    # What follows from the above, kept along since reckoning it anew takes most of the time; agents as bit masks.
    away: int = field(default=0, compare=False)  # who had to leave a queue
    back: int = field(default=0, compare=False)  # who could join a new one


_Event: TypeAlias = tuple[
    str, int
]  # "make" or "delete" and the queue's bit, "write early" and what goes ahead, "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """
    What the order is about.

    *joined_by* gives for each queue the creations that each who joins waits for; *idle* has, for the agents that may be
    without a queue, the deletions that make them leave and what they wait for, those in the same case together. The
    rest has agents as bits of a mask, by their place in *agents*; the first bit is nobody's and never goes away.
    """

    created: tuple[str, ...]
    deleted: tuple[str, ...]
    free: int
    now: Mapping[str, str]  # where keys lead that somebody answers before and after
    then: Mapping[str, str]  # where keys will lead; "" for those that go
    keys: Mapping[int, frozenset[str]]  # by the bit of a deleted queue: the keys that lead to it
    short: int  # how many of those must let go ahead of the rest of the table
    needed: int  # created queues that keys will lead to
    writes: bool
    joined_by: Mapping[str, set[int]]
    steady: tuple[str, ...]  # queues that stay, and that all their agents must leave early
    idle: Mapping[_Case, tuple[str, ...]]
    agents: Sequence[str]
    staff: Mapping[str, int]  # who serves a live queue; the first bit where somebody always does
    leave: Mapping[int, int]  # by the bit of a deleted queue: who leaves for it
    return_: Mapping[int, Sequence[tuple[int, int]]]  # by the bit of a created queue: what is waited for, and who waits
    movable: int  # the agents in *idle*

    def start(self) -> _State:
        """Begin; a table that does not change counts as written."""
        return _State(written=0 if self.writes else 2)

    def done(self, state: _State) -> bool:
        """Whether all that matters is past."""
        return state.made.bit_count() == len(self.created) and state.written == 2

    def events(self, state: _State) -> Iterator[tuple[_Event, _State]]:
        """List what may come next. A queue goes only when its place is needed: sooner never helps anybody."""
        room = self.free + state.gone.bit_count() - state.made.bit_count()
        if state.written == 0 and self.short:
            for ahead in self.early_writes():
                yield ("write early", ahead), replace(state, written=1, early=state.made, ahead=ahead)
        elif state.written < 2 and not self.needed & ~state.made:
            yield ("write", 0), replace(state, written=2, early=0, ahead=0)
        if room > 0:
            for bit in _each(len(self.created), state.made):
                made, back = state.made | bit, state.back
                for wait, agents in self.return_.get(bit, ()):
                    if not wait & ~made:
                        back |= agents
                yield ("make", bit), replace(state, made=made, back=back)
        elif state.made.bit_count() < len(self.created):
            held = sum(self.keys) & ~state.ahead if state.written < 2 else 0
            for bit in _each(len(self.deleted), state.gone | held):
                yield ("delete", bit), replace(state, gone=state.gone | bit, away=state.away | self.leave.get(bit, 0))

    def early_writes(self) -> Iterator[int]:
        """List which queues the early writing may let go of: as many as it must, or more where there are few."""
        most = len(self.keys) if len(self.keys) <= _FEW else self.short
        for count in range(self.short, most + 1):
            yield from map(sum, combinations(sorted(self.keys), count))

    def parked(self, ahead: int) -> frozenset[str]:
        """Name the keys that let go of their queue in the early writing."""
        return frozenset(digit for bit, digits in self.keys.items() if bit & ahead for digit in digits)

    def cost(self, state: _State) -> _Cost:
        """Count who is without an answer."""
        return len(self.silent(state)), len(self.empty(state)), self.without(state).bit_count()

    def without(self, state: _State) -> int:
        """Give the agents that serve no queue."""
        return self.movable & state.away & ~state.back

    def silent(self, state: _State) -> tuple[str, ...]:
        """List the keys that lead to nobody."""
        return tuple(digit for digit in self.now if not self._staffed(self._leads(digit, state), state))

    def empty(self, state: _State) -> tuple[str, ...]:
        """List the queues that stay and have nobody."""
        return tuple(queue for queue in self.steady if not self._staffed(queue, state))

    def _leads(self, digit: str, state: _State) -> str:
        if state.written == 0 or (state.written == 1 and digit not in self.parked(state.ahead)):
            return self.now[digit]
        return self.then[digit] if state.written == 2 or self.set_early(digit, state.early) else ""

    def set_early(self, digit: str, made: int) -> bool:
        """Whether the early writing can set a key for good, rather than leave it out."""
        target = self.then[digit]
        return bool(target) and (target not in self.created or bool(made >> self.created.index(target) & 1))

    def _staffed(self, queue: str, state: _State) -> bool:
        return bool(self.staff.get(queue, 0) & ~state.away) or any(
            not wait & ~state.made for wait in self.joined_by.get(queue, ())
        )


def _each(count: int, without: int) -> Iterator[int]:
    for place in range(count):
        if not without >> place & 1:
            yield 1 << place


def _scene(context: Context) -> _Scene | None:
    queues = [change for change in context.changes.values() if change.section == "queues"]
    created = tuple(sorted(change.identity for change in queues if change.action is Action.CREATE))
    deleted = tuple(sorted(change.identity for change in queues if change.action is Action.DELETE))
    free = MOST_QUEUES - len(context.live.of("queues"))
    if not free < len(created) <= free + len(deleted):
        return None
    makes, goes = _bits(created), _bits(deleted)
    moves = joins(context)
    leave = {agent: _mask(dropped, goes) for agent, dropped in moves.leaving.items()}
    agents = ("", *(agent for agent, mask in leave.items() if mask))
    bits = _bits(agents)
    staff: dict[str, int] = defaultdict(int)
    answered = set(moves.joined)  # by somebody, when all is done
    for agent in context.live.of("agents").values():
        dropped = moves.leaving.get(agent.id, ())
        for queue in agent.queues:
            staff[queue] |= bits[agent.id] if queue in dropped and leave[agent.id] else 1
        answered.update(queue for queue in agent.queues if queue not in dropped)
    leaves: dict[int, int] = defaultdict(int)
    for bit, one in ((bit, one) for one, mask in leave.items() for bit in _each(len(deleted), ~mask)):
        leaves[bit] |= bits[one]
    joined_by: dict[str, set[int]] = defaultdict(set)
    idle: dict[_Case, list[str]] = defaultdict(list)
    waiting: dict[int, int] = defaultdict(int)  # by what is waited for: who waits
    for agent, joining in moves.joining.items():
        waits = [_mask(moves.together(agent, queue), makes) for queue in joining]
        for queue, wait in zip(joining, waits, strict=True):
            joined_by[queue].add(wait)
        if leave.get(agent) and 0 not in waits and not moves.staying(agent):
            idle[leave[agent], frozenset(waits)].append(agent)
            for wait in {*waits}:
                waiting[wait] |= bits[agent]
    now = {digit: key.queue for digit, key in context.live.of("fast_routers").items()}
    table = [change for change in context.changes.values() if change.section == "fast_routers"]
    then = now | {change.identity: change.desired.__dict__["queue"] if change.desired else "" for change in table}
    keys = {queue: sorted(digit for digit, to in now.items() if to == queue) for queue in deleted}
    needed = _mask(then.values(), makes)
    # One writing of the table is enough where the queues that it will lead to find room beside those that it leads to.
    short = needed.bit_count() - free - sum(not found for found in keys.values())
    return _Scene(
        created=created,
        deleted=deleted,
        free=free,
        now={digit: now[digit] for digit in sorted(now) if now[digit] in staff and then[digit] in answered},
        then=then,
        keys={goes[queue]: frozenset(found) for queue, found in keys.items() if found},
        short=max(short, 0),
        needed=needed,
        writes=bool(table),
        joined_by=joined_by,
        steady=tuple(
            queue for queue in sorted(staff) if queue not in goes and not staff[queue] & 1 and queue in answered
        ),
        idle={case: tuple(sorted(idle[case])) for case in sorted(idle, key=lambda case: min(idle[case]))},
        agents=agents,
        staff=staff,
        leave=leaves,
        return_={bit: [item for item in waiting.items() if item[0] & bit] for bit in makes.values()},
        movable=sum(bits[agent] for alike in idle.values() for agent in alike),
    )


def _bits(queues: Sequence[str]) -> dict[str, int]:
    return {queue: 1 << place for place, queue in enumerate(queues)}


def _mask(queues: Iterable[str], bits: Mapping[str, int]) -> int:
    found = 0
    for queue in queues:
        found |= bits.get(queue, 0)
    return found


def _best(scene: _Scene) -> tuple[_Event, ...]:
    """
    Find the order in which the fewest are without an answer at once; of those, the fewest in all, for the shortest.

    Uniform-cost search over how far one can have come. Empty where there are too many ways to look at.
    """
    start = scene.start()
    cost = scene.cost(start)
    heap: list[tuple[_Cost, _Cost, _Cost, int, tuple[_Event, ...], _State]] = [(cost, cost, cost, 0, (), start)]
    seen: set[_State] = set()
    looked = 0
    while heap and len(seen) < _STATES and looked < _STEPS:
        most, ever, total, left, events, state = heapq.heappop(heap)
        if scene.done(state):
            return events
        if state in seen:
            continue
        seen.add(state)
        before = scene.cost(state)
        for event, after in scene.events(state):
            looked += 1
            if after not in seen:
                cost = scene.cost(after)
                fresh = _sum(ever, tuple(max(now - was, 0) for now, was in zip(cost, before, strict=True)))
                following = (max(most, cost), fresh, _sum(total, cost), left - 1, (*events, event), after)
                heapq.heappush(heap, following)
    return ()


def _sum(one: Sequence[int], other: Sequence[int]) -> _Cost:
    keys, queues, agents = (a + b for a, b in zip(one, other, strict=True))
    return keys, queues, agents


def _good(scene: _Scene) -> tuple[_Event, ...]:
    """Find a good order one step after the other: the least loss first, and then what spares the next loss most."""
    state = scene.start()
    events: list[_Event] = []
    while not scene.done(state):
        choices = list(scene.events(state))
        kinds = {event[0] for event, _ in choices}
        if "write" in kinds or kinds == {"write early"}:
            choices = [choice for choice in choices if choice[0][0].startswith("write")]
        elif "make" in kinds:
            choices = _foremost(scene, state, choices)
        else:
            choices = [choice for choice in choices if choice[0][0] == "delete"]
        event, state = min(choices, key=lambda choice: (scene.cost(choice[1]), choice[0]))
        events.append(event)
    return tuple(events)


def _foremost(scene: _Scene, state: _State, choices: Sequence[tuple[_Event, _State]]) -> list[tuple[_Event, _State]]:
    """Choose which queue to make: one that keys wait for, and of those the one that lets the next agents move on."""
    makes = [choice for choice in choices if choice[0][0] == "make"]
    if state.written < 2 and scene.needed & ~state.made:
        makes = [choice for choice in makes if choice[0][1] & scene.needed]
    loss = dict.fromkeys(_each(len(scene.deleted), state.gone), 0)
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

    def after(choice: tuple[_Event, _State]) -> tuple[int, int]:
        made = choice[0][1]
        return min(lost - spared.get((bit, made), 0) for bit, lost in loss.items()), -helped.get(made, 0)

    return [min(makes, key=lambda choice: (*after(choice), choice[0]))]


def _settled(scene: _Scene, events: Sequence[_Event]) -> Turnover:
    """Say what an order means for each queue, and who is without an answer on the way."""
    state = scene.start()
    positions: dict[_Event, int] = {}
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
            case ("make", bit):
                made.append(scene.created[bit.bit_length() - 1])
            case ("delete", bit):
                gone.append(scene.deleted[bit.bit_length() - 1])
            case ("write early", ahead):
                parked = scene.parked(ahead)
                early = frozenset(digit for digit in parked if scene.set_early(digit, state.made))
            case _:
                pass
    makes, goes = _bits(scene.created), _bits(scene.deleted)
    late = made[max(scene.free, 0) :]
    # As many go first as are late, one for each; where a tenant has more than it may, the first waits for the rest too.
    over = len(gone) - len(late)
    waits: dict[str, tuple[str, ...]] = {queue: (gone[place + over],) for place, queue in enumerate(late)}
    if over and late:
        waits[late[0]] = tuple(gone[: over + 1])
    return Turnover(
        waits=waits,
        made={queue: positions["make", makes[queue]] for queue in late},
        gone={queue: positions["delete", goes[queue]] for queue in gone},
        parked=parked,
        set_early=early,
        early_write=next((position for event, position in positions.items() if event[0] == "write early"), 0),
        write=positions.get(("write", 0), 0),
        led=scene.now,
        leads=scene.then,
        silent=tuple(sorted(silent)),
        empty=tuple(sorted(empty)),
        idle=tuple(sorted(agent for agent, bit in _bits(scene.agents).items() if idle & bit)),
        idle_at_once=at_once,
    )
