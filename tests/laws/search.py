"""
The fewest calls there are, found by trying everything: a second model of Udesk, made from the vendor's page alone.

It shares no line with the planner, its bound or the simulator, and it knows no clever plan: `moves` is every write that
the page allows in a state, silly ones included. Two searches walk them. `widest` is plain breadth first and believes
nothing. `shortest` is A*; it leaves out what `_pointless` argues to be useless and is led by `Bound`, and a law holds
it against `widest`. The only rule that is ours: what exists both before and after is never deleted.

Sets are bit masks. What one call changes by itself (names, timeouts, numbers) is not here: it adds a call each.
Prompts and voice files meet nothing else, so they have a model of their own. Calls are counted and nothing else: that
callers keep an answer meanwhile is the matter of other laws.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final, NamedTuple, TypeAlias, TypeVar

MOST_HELD: Final = 2  # "A seat can be bound to a maximum of two extension numbers"


class State(NamedTuple):
    """
    A tenant. A tuple and no dataclass, since hundreds of thousands are made and hashed.

    *serves* and *holds* have a mask for each agent, of queues and of extensions. *keys* has for each key the queue that
    it points at, as a mask of one bit, or 0.
    """

    agents: int
    queues: int
    extensions: int
    serves: tuple[int, ...]
    holds: tuple[int, ...]
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """From where to where; *places* are the queues that may stand at once, *batch* the agents in one creation."""

    start: State
    goal: State
    places: int
    batch: int = 100
    queue_ids: int = 5
    extension_ids: int = 4

    @property
    def unsure(self) -> int:
        """
        Find the unwanted extensions that nobody holds at the start: our store alone knows them, and no read shows them.

        They may be gone by now. A deletion takes either answer; no other call may count on them.
        """
        return self.start.extensions & ~_union(self.start.holds) & ~self.goal.extensions

    @property
    def kept(self) -> tuple[int, int, int]:
        """Agents, queues and extensions that exist before and after: never deleted."""
        start, goal = self.start, self.goal
        return start.agents & goal.agents, start.queues & goal.queues, start.extensions & goal.extensions


def moves(state: State, task: Task) -> Iterator[State]:
    """Make every state that one legal write leads to, once or more often."""
    yield from _agent_moves(state, task)
    yield from _queue_moves(state, task)
    yield from _pair_moves(state)
    yield from _key_moves(state)
    yield from _extension_moves(state, task)


def _agent_moves(state: State, task: Task) -> Iterator[State]:
    agents, _, extensions, serves, holds, _ = state
    kept, _, kept_extensions = task.kept
    # POST agents: any that are absent, as many as one creation takes.
    for some in _subsets((1 << len(serves)) - 1 & ~agents):
        if some.bit_count() <= task.batch:
            yield state._replace(agents=agents | some)
    for agent, bit in _each(agents & ~kept):
        # DELETE agents: "The agent is bound to a queue or IP phone and cannot be deleted"; IsDelExtensions takes the
        # extensions along.
        if not serves[agent] and not holds[agent] & kept_extensions:
            yield state._replace(
                agents=agents & ~bit, extensions=extensions & ~holds[agent], holds=_put(holds, agent, 0)
            )


def _queue_moves(state: State, task: Task) -> Iterator[State]:
    queues = state.queues
    _, kept, _ = task.kept
    # POST queues: one, while there is a place.
    if queues.bit_count() < task.places:
        for _, bit in _each((1 << task.queue_ids) - 1 & ~queues):
            yield state._replace(queues=queues | bit)
    # DELETE queues: one that nobody serves and no key points at.
    for _, bit in _each(queues & ~kept & ~_union(state.serves) & ~_union(state.keys)):
        yield state._replace(queues=queues & ~bit)


def _pair_moves(state: State) -> Iterator[State]:
    agents, queues, _, serves, _, _ = state
    for agent, _ in _each(agents):
        # POST agents/queues, DELETE agents/queues: one agent, any queues.
        for some in _subsets(queues & ~serves[agent]):
            yield state._replace(serves=_put(serves, agent, serves[agent] | some))
        for some in _subsets(serves[agent]):
            yield state._replace(serves=_put(serves, agent, serves[agent] & ~some))
    for _, bit in _each(queues):
        # POST queues/agents: one queue, any agents.
        for some in _subsets(sum(other for agent, other in _each(agents) if not serves[agent] & bit)):
            yield state._replace(serves=tuple(old | bit if some >> who & 1 else old for who, old in enumerate(serves)))


def _key_moves(state: State) -> Iterator[State]:
    # PUT ivrs/fastrouters: the whole table, anything that exists or nothing for each key.
    for table in product((0, *(bit for _, bit in _each(state.queues))), repeat=len(state.keys)):
        if table != state.keys:
            yield state._replace(keys=table)


def _extension_moves(state: State, task: Task) -> Iterator[State]:
    agents, _, extensions, _, holds, _ = state
    _, _, kept = task.kept
    # POST extensions, DELETE extensions: one; "Extensions that are already bound to an agent cannot be deleted".
    for _, bit in _each((1 << task.extension_ids) - 1 & ~extensions):
        yield state._replace(extensions=extensions | bit)
    free = extensions & ~_union(holds)
    for _, bit in _each(free & ~kept):
        yield state._replace(extensions=extensions & ~bit)
    for agent, _ in _each(agents):
        # POST agents/extensions, DELETE agents/extensions: one agent, any extensions, each on one agent only.
        for some in _subsets(free & ~task.unsure):
            if (holds[agent] | some).bit_count() <= MOST_HELD:
                yield state._replace(holds=_put(holds, agent, holds[agent] | some))
        for some in _subsets(holds[agent]):
            yield state._replace(holds=_put(holds, agent, holds[agent] & ~some))


def widest(task: Task) -> tuple[State, ...] | None:
    """Find a shortest way, breadth first over all moves; None when none leads to the goal."""
    return _widest(task.start, task.goal, lambda state: moves(state, task))


T = TypeVar("T")


def _widest(start: T, goal: T, following: Callable[[T], Iterator[T]]) -> tuple[T, ...] | None:
    came_from: dict[T, T | None] = {start: None}
    layer = [start]
    while layer and goal not in came_from:
        found: list[T] = []
        for state in layer:
            for after in following(state):
                if after not in came_from:
                    came_from[after] = state
                    found.append(after)
        layer = found
    return _way(came_from, goal) if goal in came_from else None


def shortest(task: Task) -> tuple[State, ...] | None:
    """
    Find a shortest way: the states from start to goal, a call between each two. None when none leads there.

    A*: the state goes next whose way so far and bound to come are least together. A state that is reached again by
    fewer calls is looked at again, so the result is a shortest way whenever the bound is never too high.
    """
    start, goal = task.start, task.goal
    bound = Bound(task)
    if goal.queues.bit_count() > task.places:
        return None  # the goal itself has more queues than may ever stand
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
        for after in moves(state, task):
            if calls.get(after, done + 1) <= done or _pointless(state, after, goal):
                continue
            calls[after] = done
            came_from[after] = state
            left = bound(after)
            pushed += 1
            heapq.heappush(heap, (done + left, left, pushed, after))
    return None


Loss: TypeAlias = tuple[int, int, int]
"""Keys that lead to nobody, queues without agents, agents without a queue; of those who are fine before and after."""


def loss(state: State, task: Task) -> Loss:
    """Count who does without an answer in between."""
    start, goal = task.start, task.goal
    steady = start.queues & goal.queues & _union(start.serves) & _union(goal.serves)
    keys = zip(state.keys, start.keys, goal.keys, strict=True)
    agents = zip(state.serves, start.serves, goal.serves, strict=True)
    return (
        sum(
            bool(old & _union(start.serves) and new & _union(goal.serves) and not now & _union(state.serves))
            for now, old, new in keys
        ),
        (steady & ~_union(state.serves)).bit_count(),
        sum(bool(old and new and not now) for now, old, new in agents),
    )


def gentlest(task: Task, calls: int) -> Loss:
    """
    Find the least loss that some way of so many calls comes by with: the worst of its states.

    A key leads to its old queue, to its new one, or nowhere: callers are not sent to a third one for a while.
    """
    bound = Bound(task)
    layer = {task.start: loss(task.start, task)}
    for done in range(1, calls + 1):
        following: dict[State, Loss] = {}
        for state, worst in layer.items():
            for after in moves(state, task):
                strayed = any(
                    now not in {0, old, new}
                    for now, old, new in zip(after.keys, task.start.keys, task.goal.keys, strict=True)
                )
                if strayed or done + bound(after) > calls or _pointless(state, after, task.goal):
                    continue
                found = max(worst, loss(after, task))
                if after not in following or found < following[after]:
                    following[after] = found
        layer = following
    return layer[task.goal]


def _pointless(before: State, after: State, goal: State) -> bool:
    """
    Say whether a move makes what is not wanted, or deletes what is. No shortest way needs either.

    Take a way on which something is made and deleted later, and leave out that stretch of its life:

    - a queue: without its creation, bindings and deletion, and with keys that point nowhere instead of at it, all
      other calls stay legal, since it did nothing but take a place. Two calls fewer.
    - an extension: the same; if it went along with an agent, one call fewer.
    - an agent: its creation may be needed by others of the batch, its bindings and its deletion are not. The at most
      two extensions that it took along then need a deletion each; but that was one call to bind them and one to delete
      the agent. No call more.

    Whatever is made and not wanted is deleted later, and what is wanted and deleted was made before (what exists before
    and after is never deleted) and is made again.
    """
    return bool(
        after.agents & ~before.agents & ~goal.agents
        or before.agents & ~after.agents & goal.agents
        or after.queues & ~before.queues & ~goal.queues
        or before.queues & ~after.queues & goal.queues
        or after.extensions & ~before.extensions & ~goal.extensions
        or before.extensions & ~after.extensions & goal.extensions
    )


class Bound:
    """
    How many calls there are to come at least: what is counted here are different calls, all of them needed.

    - POST agents makes at most *batch*; DELETE agents deletes one.
    - POST and DELETE queues touch one queue.
    - PUT fastrouters: one if any key differs. If one were enough, then until it every key still holds its old queue in
      place, and at it the new ones stand beside them and beside all that stay; where that is more than the places, two.
    - DELETE agents/queues: one for each agent that serves what it should not.
    - POST agents/queues and queues/agents: each has one agent or one queue. Those agents and queues touch all missing
      pairs; so choose agents, and count with them the queues that the other agents miss: the fewest over all choices.
    - POST agents/extensions: one for each agent that stays and misses one. DELETE agents/extensions: one for each agent
      that stays and holds a wrong one, or goes and holds a wanted one (`_pointless`: that is not deleted with it).
    - POST extensions makes one.
    - An unwanted extension goes by a call of its own, or along with an agent that goes. What such an agent holds goes
      for nothing. More than that takes a call to bind them (agents that stay were counted above, this one was not), and
      two is the most: so only an agent that holds none unwanted can save anything, two deletions for one binding. What
      is unsure can't be bound.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._bindings = cache(self._count_bindings)
        self._phones = cache(self._count_phones)
        self._queues = cache(self._count_queues)

    def __call__(self, state: State) -> int:
        """Count."""
        agents, queues, extensions, serves, holds, keys = state
        return self._bindings(serves) + self._queues(queues, keys) + self._phones(agents, extensions, holds)

    def _count_bindings(self, serves: tuple[int, ...]) -> int:
        wanted = self._task.goal.serves
        missing = tuple(want & ~have for want, have in zip(wanted, serves, strict=True))
        leave = sum(bool(have & ~want) for want, have in zip(wanted, serves, strict=True))
        choices = product((False, True), repeat=len(missing))
        return leave + min(
            sum(choice) + _union(rest for rest, chosen in zip(missing, choice, strict=True) if not chosen).bit_count()
            for choice in choices
        )

    def _count_queues(self, queues: int, keys: tuple[int, ...]) -> int:
        goal = self._task.goal
        count = (queues ^ goal.queues).bit_count()
        if keys == goal.keys:
            return count
        beside = _union(keys) | _union(goal.keys) | queues & goal.queues
        return count + 1 + (beside.bit_count() > self._task.places)

    def _count_phones(self, agents: int, extensions: int, holds: tuple[int, ...]) -> int:
        goal = self._task.goal
        new, gone = goal.agents & ~agents, agents & ~goal.agents
        unwanted = extensions & ~goal.extensions
        count = -(-new.bit_count() // self._task.batch) + gone.bit_count()
        count += (goal.extensions & ~extensions).bit_count()
        for agent, (want, have) in enumerate(zip(goal.holds, holds, strict=True)):
            if gone >> agent & 1:
                count += bool(have & goal.extensions)
            else:
                count += bool(have & ~want) + bool(want & ~have)
        taken = _union(holds[agent] for agent, _ in _each(gone))
        loose = unwanted & ~taken
        empty = sum(not holds[agent] & unwanted for agent, _ in _each(gone))
        return count + loose.bit_count() - min(empty, (loose & ~self._task.unsure).bit_count() // 2)


def _way(came_from: dict[T, T | None], goal: T) -> tuple[T, ...]:
    way: list[T] = []
    state: T | None = goal
    while state is not None:
        way.append(state)
        state = came_from[state]
    return tuple(reversed(way))


def _subsets(mask: int) -> Iterator[int]:
    """Make every subset but the empty one."""
    some = mask
    while some:
        yield some
        some = some - 1 & mask


def _each(mask: int) -> Iterator[tuple[int, int]]:
    """Go through the members: place and bit."""
    while mask:
        bit = mask & -mask
        yield bit.bit_length() - 1, bit
        mask ^= bit


def _put(items: tuple[int, ...], place: int, value: int) -> tuple[int, ...]:
    return (*items[:place], value, *items[place + 1 :])


def _union(masks: Iterator[int] | tuple[int, ...]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


class Voices(NamedTuple):
    """
    Files and prompts. *files* has each file's content, "" where there is none.

    *prompts* has what each plays: the place of a file, a text that is read aloud, or "" for the system's own.
    """

    files: tuple[str, ...]
    prompts: tuple[int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceTask:
    """From where to where; *contents* and *texts* are all there are, the empty ones left out."""

    start: Voices
    goal: Voices
    contents: tuple[str, ...]
    texts: tuple[str, ...]


def voice_moves(state: Voices, task: VoiceTask) -> Iterator[Voices]:
    """Make every state that one legal write leads to. New content under an old name is a new file."""
    files, prompts = state
    for place, content in enumerate(files):
        if not content:
            # POST ivrs/vfiles: file names are unique.
            for other in task.contents:
                yield state._replace(files=(*files[:place], other, *files[place + 1 :]))
        elif place not in prompts and not task.start.files[place] == content == task.goal.files[place]:
            # DELETE ivrs/vfiles: what happens to a prompt that plays it is not said, so none may.
            yield state._replace(files=(*files[:place], "", *files[place + 1 :]))
    # PUT ivrs/defvoices: all prompts at once.
    choices: tuple[int | str, ...] = ("", *task.texts, *(place for place, content in enumerate(files) if content))
    for playing in product(choices, repeat=len(prompts)):
        if playing != prompts:
            yield state._replace(prompts=playing)


def shortest_for_voices(task: VoiceTask) -> tuple[Voices, ...] | None:
    """Find a shortest way, breadth first over all moves."""
    return _widest(task.start, task.goal, lambda state: voice_moves(state, task))


def astray(state: Voices, task: VoiceTask) -> int:
    """Count the prompts that are neither what they are at the start nor what they are in the end."""
    threes = zip(task.start.prompts, state.prompts, task.goal.prompts, strict=True)
    return sum(now not in {before, after} for before, now, after in threes)


def quietest(task: VoiceTask, calls: int) -> int:
    """Find how few prompts are astray at the worst moment, in the kindest way of *calls* calls."""
    ways = {task.start: astray(task.start, task)}
    for _ in range(calls):
        following: dict[Voices, int] = {}
        for state, worst in ways.items():
            for after in voice_moves(state, task):
                loss = max(worst, astray(after, task))
                following[after] = min(following.get(after, loss), loss)
        ways = following
    return ways[task.goal]
