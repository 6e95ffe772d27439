"""
What the order of queues is about, where there is no room for all at once: what may come next, and whom it hurts.

A state says which queues have been made and deleted, and how often the key table was written. `turnover` does the
search.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from itertools import combinations
from typing import Final, TypeAlias

from reconciler.model.change import Action
from reconciler.model.kind import Context
from reconciler.providers.udesk.joins import joins
from reconciler.providers.udesk.limits import MOST_QUEUES

_FEW: Final = 4  # queues with keys, of which every choice is looked at


Cost: TypeAlias = tuple[int, int, int]  # silent keys, empty queues, idle agents
Case: TypeAlias = tuple[int, frozenset[int]]  # deletions that make an agent leave; what each pair it joins waits for


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far an order has come: created and deleted queues as bit masks, and how often the table was written."""

    made: int = 0
    gone: int = 0
    written: int = 0  # 0, 1 after the early writing, 2 after the last
    early: frozenset[str] = frozenset()  # keys that the early writing set for good
    ahead: int = 0  # deleted queues that keys let go of in the early writing
    # What follows from the above, kept along since reckoning it anew takes most of the time; agents as bit masks.
    away: int = field(default=0, compare=False)  # who had to leave a queue
    back: int = field(default=0, compare=False)  # who could join a new one


class Step(IntEnum):
    """What comes next; of several that hurt nobody more, the first of these is taken first."""

    WRITE = 0
    WRITE_EARLY = 1
    MAKE = 2
    DELETE = 3


Event: TypeAlias = tuple[Step, int]  # with the queue's bit, or the bits of the queues that keys let go of ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
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
    turned: tuple[str, ...]  # keys that will lead elsewhere than now
    keys: Mapping[int, frozenset[str]]  # by the bit of a deleted queue: the keys that lead to it
    short: int  # how many of those must let go ahead of the rest of the table
    needed: int  # created queues that keys will lead to
    writes: bool
    joined_by: Mapping[str, set[int]]
    steady: tuple[str, ...]  # queues that stay, and that all their agents must leave early
    idle: Mapping[Case, tuple[str, ...]]
    agents: Sequence[str]
    staff: Mapping[str, int]  # who serves a live queue; the first bit where somebody always does
    leave: Mapping[int, int]  # by the bit of a deleted queue: who leaves for it
    return_: Mapping[int, Sequence[tuple[int, int]]]  # by the bit of a created queue: what is waited for, and who waits
    movable: int  # the agents in *idle*

    def start(self) -> State:
        """Begin; a table that does not change counts as written."""
        return State(written=0 if self.writes else 2)

    def done(self, state: State) -> bool:
        """Whether all that matters is past."""
        return state.made.bit_count() == len(self.created) and state.written == 2

    def events(self, state: State) -> Iterator[tuple[Event, State]]:
        """List what may come next. A queue goes only when its place is needed: sooner never helps anybody."""
        room = self.free + state.gone.bit_count() - state.made.bit_count()
        if state.written == 0 and self.short:
            for ahead in self.early_writes():
                early = self.set_early(ahead, state)
                yield (Step.WRITE_EARLY, ahead), replace(state, written=1, early=early, ahead=ahead)
        elif state.written < 2 and not self.needed & ~state.made:
            yield (Step.WRITE, 0), replace(state, written=2, early=frozenset(), ahead=0)
        if room > 0:
            for bit in each(len(self.created), state.made):
                made, back = state.made | bit, state.back
                for wait, agents in self.return_.get(bit, ()):
                    if not wait & ~made:
                        back |= agents
                yield (Step.MAKE, bit), replace(state, made=made, back=back)
        elif state.made.bit_count() < len(self.created):
            held = sum(self.keys) & ~state.ahead if state.written < 2 else 0
            for bit in each(len(self.deleted), state.gone | held):
                yield (
                    (Step.DELETE, bit),
                    replace(state, gone=state.gone | bit, away=state.away | self.leave.get(bit, 0)),
                )

    def early_writes(self) -> Iterator[int]:
        """List which queues the early writing may let go of: as many as it must, or more where there are few."""
        most = len(self.keys) if len(self.keys) <= _FEW else self.short
        for count in range(self.short, most + 1):
            yield from map(sum, combinations(sorted(self.keys), count))

    def parked(self, ahead: int) -> frozenset[str]:
        """Name the keys that let go of their queue in the early writing."""
        return frozenset(digit for bit, digits in self.keys.items() if bit & ahead for digit in digits)

    def cost(self, state: State) -> Cost:
        """Count who is without an answer."""
        return len(self.silent(state)), len(self.empty(state)), self.without(state).bit_count()

    def without(self, state: State) -> int:
        """Give the agents that serve no queue."""
        return self.movable & state.away & ~state.back

    def silent(self, state: State) -> tuple[str, ...]:
        """List the keys that lead to nobody."""
        return tuple(digit for digit in self.now if not self._staffed(self._leads(digit, state), state))

    def empty(self, state: State) -> tuple[str, ...]:
        """List the queues that stay and have nobody."""
        return tuple(queue for queue in self.steady if not self._staffed(queue, state))

    def _leads(self, digit: str, state: State) -> str:
        if state.written == 2 or digit in state.early:
            return self.then[digit]
        return "" if state.written == 1 and digit in self.parked(state.ahead) else self.now[digit]

    def set_early(self, ahead: int, state: State) -> frozenset[str]:
        """
        Choose the keys that the early writing sets for good.

        Those that it takes from their queue, if their new one is there; others if somebody answers the new one by then.
        """
        parked = self.parked(ahead)
        return frozenset(
            digit
            for digit in self.turned
            if self._stands(self.then[digit], state) and (digit in parked or self._staffed(self.then[digit], state))
        )

    def _stands(self, queue: str, state: State) -> bool:
        return queue not in self.created or bool(state.made >> self.created.index(queue) & 1)

    def _staffed(self, queue: str, state: State) -> bool:
        return bool(self.staff.get(queue, 0) & ~state.away) or any(
            not wait & ~state.made for wait in self.joined_by.get(queue, ())
        )


def each(count: int, without: int) -> Iterator[int]:
    """List the first *count* bits, but for those in *without*."""
    for place in range(count):
        if not without >> place & 1:
            yield 1 << place


def scene_of(context: Context) -> Scene | None:
    """Look at the changes; None where there is room for all queues at once, or for good."""
    queues = [change for change in context.changes.values() if change.section == "queues"]
    created = tuple(sorted(change.identity for change in queues if change.action is Action.CREATE))
    deleted = tuple(sorted(change.identity for change in queues if change.action is Action.DELETE))
    free = MOST_QUEUES - len(context.live.of("queues"))
    if not free < len(created) <= free + len(deleted):
        return None
    makes, goes = bits(created), bits(deleted)
    moves = joins(context)
    leave = {agent: _mask(dropped, goes) for agent, dropped in moves.leaving.items()}
    agents = ("", *(agent for agent, mask in leave.items() if mask))
    place_of = bits(agents)
    staff: dict[str, int] = defaultdict(int)
    answered = set(moves.joined)  # by somebody, when all is done
    for agent in context.live.of("agents").values():
        dropped = moves.leaving.get(agent.id, ())
        for queue in agent.queues:
            staff[queue] |= place_of[agent.id] if queue in dropped and leave[agent.id] else 1
        answered.update(queue for queue in agent.queues if queue not in dropped)
    leaves: dict[int, int] = defaultdict(int)
    for bit, one in ((bit, one) for one, mask in leave.items() for bit in each(len(deleted), ~mask)):
        leaves[bit] |= place_of[one]
    joined_by: dict[str, set[int]] = defaultdict(set)
    idle: dict[Case, list[str]] = defaultdict(list)
    waiting: dict[int, int] = defaultdict(int)  # by what is waited for: who waits
    for agent, joining in moves.joining.items():
        waits = [_mask(moves.together(agent, queue), makes) for queue in joining]
        for queue, wait in zip(joining, waits, strict=True):
            joined_by[queue].add(wait)
        if leave.get(agent) and 0 not in waits and not moves.staying(agent):
            idle[leave[agent], frozenset(waits)].append(agent)
            for wait in {*waits}:
                waiting[wait] |= place_of[agent]
    now = {digit: key.queue for digit, key in context.live.of("fast_routers").items()}
    table = [change for change in context.changes.values() if change.section == "fast_routers"]
    then = now | {change.identity: change.desired.__dict__["queue"] if change.desired else "" for change in table}
    keys = {queue: sorted(digit for digit, to in now.items() if to == queue) for queue in deleted}
    needed = _mask(then.values(), makes)
    # One writing of the table is enough where the queues that it will lead to find room beside those that it leads to.
    short = needed.bit_count() - free - sum(not found for found in keys.values())
    return Scene(
        created=created,
        deleted=deleted,
        free=free,
        now={digit: now[digit] for digit in sorted(now) if now[digit] in staff and then[digit] in answered},
        then=then,
        turned=tuple(digit for digit in sorted(now) if then[digit] not in {"", now[digit]}),
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
        movable=sum(place_of[agent] for alike in idle.values() for agent in alike),
    )


def bits(names: Sequence[str]) -> dict[str, int]:
    """Give each name a bit, by its place."""
    return {name: 1 << place for place, name in enumerate(names)}


def _mask(queues: Iterable[str], bits: Mapping[str, int]) -> int:
    found = 0
    for queue in queues:
        found |= bits.get(queue, 0)
    return found
