"""
Udesk's model for the search: every write that the vendor's page allows.

Sets are bit masks. What one call changes by itself (names, timeouts, numbers) is not here: it adds a call each.
Prompts and voice files meet nothing else, so they have a model of their own, in `prompts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import strategies as st

from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.live import Live, Memory
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.protocol import API
from tests.laws.search import Loss, Model, each, put, subsets, union
from tests.laws.udesk.tenants import AGENTS, EXTENSIONS, FILLERS, QUEUES, SETTINGS, desired_of, live_of

MOST_HELD: Final = 2  # "A seat can be bound to a maximum of two extension numbers"
LIMIT: Final = 100
KEYS: Final = "12"
WORK: Final = {"work_id": "w1"}  # needed in files, and no matter here


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
        return self.start.extensions & ~union(self.start.holds) & ~self.goal.extensions

    @property
    def kept(self) -> tuple[int, int, int]:
        """Agents, queues and extensions that exist before and after: never deleted."""
        start, goal = self.start, self.goal
        return start.agents & goal.agents, start.queues & goal.queues, start.extensions & goal.extensions

    @property
    def hopeless(self) -> bool:
        """Whether the goal has more queues than may ever stand."""
        return self.goal.queues.bit_count() > self.places

    def moves(self, state: State) -> Iterator[State]:
        """Make every state that one legal write leads to, once or more often."""
        return moves(state, self)

    def useful(self, state: State) -> Iterator[State]:
        """Leave out moves that make what is not wanted, or delete what is."""
        return (after for after in moves(state, self) if not _pointless(state, after, self.goal))

    def bound(self) -> Callable[[State], int]:
        """Count what there is to come at least."""
        return Bound(self)

    def loss(self, state: State) -> Loss:
        """Count keys that lead nowhere, queues without agents, agents without a queue, of who is fine at both ends."""
        start, goal = self.start, self.goal
        steady = start.queues & goal.queues & union(start.serves) & union(goal.serves)
        keys = zip(state.keys, start.keys, goal.keys, strict=True)
        agents = zip(state.serves, start.serves, goal.serves, strict=True)
        return (
            sum(
                bool(old & union(start.serves) and new & union(goal.serves) and not now & union(state.serves))
                for now, old, new in keys
            ),
            (steady & ~union(state.serves)).bit_count(),
            sum(bool(old and new and not now) for now, old, new in agents),
        )

    def strayed(self, state: State) -> bool:
        """Whether a key leads to a queue that is neither its old nor its new one; it may lead nowhere."""
        keys = zip(state.keys, self.start.keys, self.goal.keys, strict=True)
        return any(now not in {0, old, new} for now, old, new in keys)


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
    for some in subsets((1 << len(serves)) - 1 & ~agents):
        if some.bit_count() <= task.batch:
            yield state._replace(agents=agents | some)
    for agent, bit in each(agents & ~kept):
        # DELETE agents: "The agent is bound to a queue or IP phone and cannot be deleted"; IsDelExtensions takes the
        # extensions along.
        if not serves[agent] and not holds[agent] & kept_extensions:
            yield state._replace(
                agents=agents & ~bit, extensions=extensions & ~holds[agent], holds=put(holds, agent, 0)
            )


def _queue_moves(state: State, task: Task) -> Iterator[State]:
    queues = state.queues
    _, kept, _ = task.kept
    # POST queues: one, while there is a place.
    if queues.bit_count() < task.places:
        for _, bit in each((1 << task.queue_ids) - 1 & ~queues):
            yield state._replace(queues=queues | bit)
    # DELETE queues: one that nobody serves and no key points at.
    for _, bit in each(queues & ~kept & ~union(state.serves) & ~union(state.keys)):
        yield state._replace(queues=queues & ~bit)


def _pair_moves(state: State) -> Iterator[State]:
    agents, queues, _, serves, _, _ = state
    for agent, _ in each(agents):
        # POST agents/queues, DELETE agents/queues: one agent, any queues.
        for some in subsets(queues & ~serves[agent]):
            yield state._replace(serves=put(serves, agent, serves[agent] | some))
        for some in subsets(serves[agent]):
            yield state._replace(serves=put(serves, agent, serves[agent] & ~some))
    for _, bit in each(queues):
        # POST queues/agents: one queue, any agents.
        for some in subsets(sum(other for agent, other in each(agents) if not serves[agent] & bit)):
            yield state._replace(serves=tuple(old | bit if some >> who & 1 else old for who, old in enumerate(serves)))


def _key_moves(state: State) -> Iterator[State]:
    # PUT ivrs/fastrouters: the whole table, anything that exists or nothing for each key.
    for table in product((0, *(bit for _, bit in each(state.queues))), repeat=len(state.keys)):
        if table != state.keys:
            yield state._replace(keys=table)


def _extension_moves(state: State, task: Task) -> Iterator[State]:
    agents, _, extensions, _, holds, _ = state
    _, _, kept = task.kept
    # POST extensions, DELETE extensions: one; "Extensions that are already bound to an agent cannot be deleted".
    for _, bit in each((1 << task.extension_ids) - 1 & ~extensions):
        yield state._replace(extensions=extensions | bit)
    free = extensions & ~union(holds)
    for _, bit in each(free & ~kept):
        yield state._replace(extensions=extensions & ~bit)
    for agent, _ in each(agents):
        # POST agents/extensions, DELETE agents/extensions: one agent, any extensions, each on one agent only.
        for some in subsets(free & ~task.unsure):
            if (holds[agent] | some).bit_count() <= MOST_HELD:
                yield state._replace(holds=put(holds, agent, holds[agent] | some))
        for some in subsets(holds[agent]):
            yield state._replace(holds=put(holds, agent, holds[agent] & ~some))


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
            sum(choice) + union(rest for rest, chosen in zip(missing, choice, strict=True) if not chosen).bit_count()
            for choice in choices
        )

    def _count_queues(self, queues: int, keys: tuple[int, ...]) -> int:
        goal = self._task.goal
        count = (queues ^ goal.queues).bit_count()
        if keys == goal.keys:
            return count
        beside = union(keys) | union(goal.keys) | queues & goal.queues
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
        taken = union(holds[agent] for agent, _ in each(gone))
        loose = unwanted & ~taken
        empty = sum(not holds[agent] & unwanted for agent, _ in each(gone))
        return count + loose.bit_count() - min(empty, (loose & ~self._task.unsure).bit_count() // 2)


@st.composite
def states(  # noqa: PLR0913 - how many of each there may be
    draw: st.DrawFn, *, agents: int, queues: int, extensions: int, keys: int, most_queues: int
) -> State:
    """Draw any tenant that may be, half of them with all the queues that may be: there the hard cases are."""
    here = draw(st.integers(0, (1 << agents) - 1))
    count = min(most_queues, draw(st.integers(0, 2 * most_queues)))
    lines = sum(1 << queue for queue in draw(st.permutations(range(queues)))[:count])
    phones = 0
    holds = [0] * agents
    for extension in range(extensions):
        holder = draw(st.integers(-2, agents - 1))  # -2 is absent, -1 a spare
        phones |= (holder > -2) << extension
        if holder >= 0 and here >> holder & 1 and holds[holder].bit_count() < MOST_HELD:
            holds[holder] |= 1 << extension
    return State(
        agents=here,
        queues=lines,
        extensions=phones,
        serves=tuple(
            lines & draw(st.integers(0, (1 << queues) - 1)) if here >> agent & 1 else 0 for agent in range(agents)
        ),
        holds=tuple(holds),
        keys=tuple(draw(st.sampled_from([0, *_bits(lines)])) for _ in range(keys)),
    )


@st.composite
def tasks(  # noqa: PLR0913 - how many of each there may be
    draw: st.DrawFn,
    *,
    agents: int = 3,
    queues: int = 5,
    extensions: int = 4,
    keys: int = 2,
    places: Sequence[int] = (3, 3, 3, 2, 4, 5, LIMIT),
) -> Task:
    """Draw a tenant and a wish apart from each other, where *places* queues may stand; one more may be wanted."""
    room = draw(st.sampled_from(places))
    size = {"agents": agents, "queues": queues, "extensions": extensions, "keys": keys}
    return Task(
        start=draw(states(**size, most_queues=min(room, queues))),
        goal=draw(states(**size, most_queues=min(room + draw(st.integers(0, 9)) // 9, queues))),
        places=room,
        batch=draw(st.sampled_from([100, 1, 2])),
        queue_ids=queues,
        extension_ids=extensions,
    )


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(mask.bit_length()) if mask >> place & 1]


def _names(mask: int, names: Sequence[str]) -> list[str]:
    return [name for place, name in enumerate(names) if mask >> place & 1]


def _sections(state: State) -> dict[str, dict[str, dict[str, Any]]]:
    """Write a state as a tenant's sections."""
    return {
        "queues": {queue: {"name": queue} for queue in _names(state.queues, QUEUES)},
        "agents": {
            agent: WORK
            | {"queues": _names(state.serves[place], QUEUES), "extensions": _names(state.holds[place], EXTENSIONS)}
            for place, agent in enumerate(AGENTS)
            if state.agents >> place & 1
        },
        "extensions": {number: {} for number in _names(state.extensions, EXTENSIONS)},
        "fast_routers": {
            key: {"queue": name, "description": "x"}
            for key, queue in zip(KEYS, state.keys, strict=False)
            for name in _names(queue, QUEUES)
        },
    }


def tenant_of(task: Task) -> tuple[Desired, Live]:
    """Say the same to the planner: ignored queues take the places, and the store knows every spare."""
    live = _sections(task.start)
    live["queues"] |= {queue: {"name": "Filler"} for queue in FILLERS[: LIMIT - task.places]}
    desired = desired_of(
        _sections(task.goal),
        manage={"queues": {"ignore": ["91*"]}},
        settings=SETTINGS.model_copy(update={"agent_batch": task.batch}),
    )
    return desired, Live(live_of(live).sections, Memory({"extensions": {name: {} for name in live["extensions"]}}))


def told(before: State, after: State) -> str:
    """Say what one move changed: `holds/11 +8001 +8002`."""
    parts = []
    old, new = _members(before), _members(after)
    for name in old:
        signed = [*(f" -{item}" for item in old[name] - new[name]), *(f" +{item}" for item in new[name] - old[name])]
        parts += [name, *sorted(signed), "; "] if signed else []
    return "".join(parts[:-1])


def _members(state: State) -> dict[str, set[str]]:
    found = {
        "agents": {*_names(state.agents, AGENTS)},
        "queues": {*_names(state.queues, QUEUES)},
        "extensions": {*_names(state.extensions, EXTENSIONS)},
    }
    found |= {f"serves/{agent}": {*_names(mask, QUEUES)} for agent, mask in zip(AGENTS, state.serves, strict=False)}
    found |= {f"holds/{agent}": {*_names(mask, EXTENSIONS)} for agent, mask in zip(AGENTS, state.holds, strict=False)}
    return found | {f"key {key}": {*_names(mask, QUEUES)} for key, mask in zip(KEYS, state.keys, strict=False)}


def carried_out(state: State, call: Call, _task: Task) -> State:
    """Do what a call says, whether or not it is legal."""
    body: Mapping[str, Any] = call.body or {}
    agents, queues, extensions, serves, holds, _ = state
    changed: dict[str, Any]
    match call.method, *call.path.removeprefix(API).split("/"):
        case "POST", "agents":
            changed = {"agents": agents | _mask([agent["AgentId"] for agent in body["Agents"]], AGENTS)}
        case "DELETE", "agents", identity if identity in AGENTS:
            place = AGENTS.index(identity)
            taken = holds[place] if body.get("IsDelExtensions") else 0
            left = (*holds[:place], holds[place] & ~taken, *holds[place + 1 :])
            changed = {"agents": agents & ~(1 << place), "extensions": extensions & ~taken, "holds": left}
        case method, "queues":
            changed = {"queues": _with(method, queues, _mask([body["QueueId"]], QUEUES))}
        case method, "extensions":
            changed = {"extensions": _with(method, extensions, _mask([body["Extension"]], EXTENSIONS))}
        case method, "agents", "queues":
            changed = {"serves": tuple(_changed(serves, [body["AgentId"]], method, body["Queues"], QUEUES))}
        case "POST", "queues", "agents":
            changed = {"serves": tuple(_changed(serves, body["AgentIds"], "POST", [body["QueueId"]], QUEUES))}
        case method, "agents", "extensions":
            changed = {"holds": tuple(_changed(holds, [body["AgentId"]], method, body["Extensions"], EXTENSIONS))}
        case "PUT", "ivrs", "fastrouters":
            table = {row["Dtmf"]: _mask([row["QueueId"]], QUEUES) for row in body["FastRouter"]}
            changed = {"keys": tuple(table.get(key, 0) for key in KEYS[: len(state.keys)])}
        case _:
            pytest.fail(f"{call.title} is no call that these tenants need")
    return state._replace(**changed)


def _mask(names: Sequence[str], of: Sequence[str]) -> int:
    return sum(1 << of.index(name) for name in names)


def _with(method: str, mask: int, members: int) -> int:
    return mask | members if method == "POST" else mask & ~members


def _changed(
    masks: Sequence[int], agents: Sequence[str], method: str, names: Sequence[str], of: Sequence[str]
) -> Iterator[int]:
    for agent, mask in zip(AGENTS, masks, strict=False):
        yield _with(method, mask, _mask(names, of)) if agent in agents else mask


NOTHING: Final = State(0, 0, 0, (0, 0, 0), (0, 0, 0), (0, 0))


def _known(start: State, goal: State) -> Task:
    return Task(start=start, goal=goal, places=3, queue_ids=6)


KNOWN: Final = (
    (
        "two extensions that one agent drops go along with another who leaves",
        _known(
            NOTHING._replace(agents=0b11, extensions=0b11, holds=(0b11, 0, 0)),
            NOTHING._replace(agents=0b01),
        ),
        3,
    ),
    (
        "for one extension that saves nothing",
        _known(
            NOTHING._replace(agents=0b11, extensions=0b01, holds=(0b01, 0, 0)),
            NOTHING._replace(agents=0b01),
        ),
        3,
    ),
    (
        "spares that only the store knows are not bound",
        _known(
            NOTHING._replace(agents=0b1, extensions=0b11),
            NOTHING,
        ),
        3,
    ),
    (
        "two agents swap their extensions",
        _known(
            NOTHING._replace(agents=0b11, extensions=0b11, holds=(0b01, 0b10, 0)),
            NOTHING._replace(agents=0b11, extensions=0b11, holds=(0b10, 0b01, 0)),
        ),
        4,
    ),
    (
        "three of three queues are replaced, and the keys parked",
        _known(
            NOTHING._replace(queues=0b111, keys=(0b001, 0b010)),
            NOTHING._replace(queues=0b111000, keys=(0b001000, 0b010000)),
        ),
        8,
    ),
    (
        "one old queue with keys and two new ones fit beside each other",
        _known(
            NOTHING._replace(queues=0b111, keys=(0b001, 0b001)),
            NOTHING._replace(queues=0b111000, keys=(0b001000, 0b010000)),
        ),
        7,
    ),
    (
        "a star each of agent and queue covers all pairs",
        _known(
            NOTHING._replace(agents=0b111, queues=0b111),
            NOTHING._replace(agents=0b111, queues=0b111, serves=(0b111, 0b001, 0b001)),
        ),
        2,
    ),
)

MODEL: Final = Model(
    provider=PROVIDER,
    tasks=tasks,
    walked=tasks,
    tiny=lambda: tasks(agents=2, queues=3, extensions=3, keys=1, places=(1, 2, 2, LIMIT)),
    gentle=lambda: tasks(extensions=0, places=(2, 3, 3, 3, 4)),
    cramped=lambda: tasks(agents=1, queues=2, extensions=1, keys=1, places=(1,)),
    tenant_of=tenant_of,
    carried_out=carried_out,
    told=told,
    impossible="queue-limit",
    known=KNOWN,
)
