"""
The fewest calls there are, found by trying everything: a second model of each vendor, made from its pages alone.

A vendor's model shares no line with the planner, its bound or the simulator, and it knows no clever plan: `moves` is
every write that the pages allow in a state, silly ones included. Two searches walk them. `widest` is breadth first
and believes nothing. `shortest` is A*; it takes the `useful` moves alone and is led by `bound`, and a law holds it
against `widest`. The one rule that is ours for all vendors: what exists both before and after is never deleted.

Calls are counted and nothing else. That callers keep an answer meanwhile is what `gentlest` looks at.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from hypothesis import strategies as st

from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.live import Live
from reconciler.providers.base import Provider

State: TypeAlias = Any
"""A tenant, hashable; a tuple and no dataclass, since hundreds of thousands are made."""

Loss: TypeAlias = tuple[int, ...]
"""Who does without an answer at a time, what weighs most first."""


class Task(Protocol):
    """From where to where, and what may be done in between."""

    @property
    def start(self) -> State:
        """From where."""
        ...

    @property
    def goal(self) -> State:
        """Where to."""
        ...

    @property
    def hopeless(self) -> bool:
        """Whether no way can lead there, as the states alone tell."""
        ...

    def moves(self, state: State) -> Iterator[State]:
        """Make every state that one legal write leads to, once or more often."""
        ...

    def useful(self, state: State) -> Iterator[State]:
        """Make those of them that some shortest way may need; the model argues why."""
        ...

    def bound(self) -> Callable[[State], int]:
        """Give a function that counts how many calls there are to come at least."""
        ...

    def loss(self, state: State) -> Loss:
        """Count who does without an answer in between."""
        ...

    def strayed(self, state: State) -> bool:
        """Whether callers are where they neither were nor shall be, which no way may do."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """
    One vendor's model, and how it is said to the planner.

    Args:
        provider: The vendor.
        tasks: Draws states to start from and to get to; of those of *walked* all moves can be listed, those of *tiny*
            can be searched blindly, in those of *gentle* the kindest way can be found, *cramped* ones may have none.
        tenant_of: Writes a task as files and a live state.
        carried_out: Does what a call says to a state, whether or not it is legal.
        told: Says what one move changed.
        impossible: The rule that refuses what has no way.
        gives: Says what later calls need of a call's answer.
        known: What was reckoned by hand: tasks, and how many calls they take.
    """

    provider: Provider
    tasks: Callable[[], st.SearchStrategy[Any]]
    walked: Callable[[], st.SearchStrategy[Any]]
    tiny: Callable[[], st.SearchStrategy[Any]]
    gentle: Callable[[], st.SearchStrategy[Any]]
    cramped: Callable[[], st.SearchStrategy[Any]]
    tenant_of: Callable[[Any], tuple[Desired, Live]]
    carried_out: Callable[[State, Call, Any], State]
    told: Callable[[State, State], str]
    impossible: str
    gives: Callable[[Call, Any], Mapping[str, Any]] = lambda _call, _task: {}
    known: Sequence[tuple[str, Any, int]] = ()


def widest(task: Task) -> tuple[State, ...] | None:
    """Find a shortest way, breadth first over all moves; None when none leads to the goal."""
    came_from: dict[State, State | None] = {task.start: None}
    layer = [task.start]
    while layer and task.goal not in came_from:
        found: list[State] = []
        for state in layer:
            for after in task.moves(state):
                if after not in came_from:
                    came_from[after] = state
                    found.append(after)
        layer = found
    return _way(came_from, task.goal) if task.goal in came_from else None


def shortest(task: Task) -> tuple[State, ...] | None:
    """
    Find a shortest way: the states from start to goal, a call between each two. None when none leads there.

    A*: the state goes next whose way so far and bound to come are least together. A state that is reached again by
    fewer calls is looked at again, so the result is a shortest way whenever the bound is never too high.
    """
    start, goal = task.start, task.goal
    if task.hopeless:
        return None
    bound = task.bound()
    calls = {start: 0}
    came_from: dict[State, State | None] = {start: None}
    first = bound(start)
    heap = [(first, first, 0, start)]  # of equal promise the one that is further along
    pushed = 0
    while heap:
        promise, left, _, state = heapq.heappop(heap)
        if state == goal:
            return _way(came_from, goal)
        done = calls[state] + 1
        if promise > calls[state] + left:
            continue  # reached by fewer calls since
        for after in task.useful(state):
            if calls.get(after, done + 1) <= done:
                continue
            calls[after] = done
            came_from[after] = state
            left = bound(after)
            pushed += 1
            heapq.heappush(heap, (done + left, left, pushed, after))
    return None


def gentlest(task: Task, calls: int) -> Loss:
    """Find the least loss that some way of so many calls comes by with: the worst of its states."""
    bound = task.bound()
    layer = {task.start: task.loss(task.start)}
    for done in range(1, calls + 1):
        following: dict[State, Loss] = {}
        for state, worst in layer.items():
            for after in task.useful(state):
                if task.strayed(after) or done + bound(after) > calls:
                    continue
                found = max(worst, task.loss(after))
                if after not in following or found < following[after]:
                    following[after] = found
        layer = following
    return layer[task.goal]


def _way(came_from: dict[State, State | None], goal: State) -> tuple[State, ...]:
    way: list[State] = []
    state: State | None = goal
    while state is not None:
        way.append(state)
        state = came_from[state]
    return tuple(reversed(way))


T = TypeVar("T")


def subsets(mask: int) -> Iterator[int]:
    """Make every subset but the empty one."""
    some = mask
    while some:
        yield some
        some = some - 1 & mask


def each(mask: int) -> Iterator[tuple[int, int]]:
    """Go through the members: place and bit."""
    while mask:
        bit = mask & -mask
        yield bit.bit_length() - 1, bit
        mask ^= bit


def put(items: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    """Change one item."""
    return (*items[:place], value, *items[place + 1 :])


def union(masks: Iterator[int] | tuple[int, ...]) -> int:
    """Put masks together."""
    whole = 0
    for mask in masks:
        whole |= mask
    return whole
