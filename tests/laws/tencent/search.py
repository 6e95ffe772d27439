"""
Tencent's model for the search: every write that the pages allow, in the readings that a plan may rely on.

Those are the ones under which a plan is right however the open points turn out: Bind carries all pairs that a person
has, so it adds; people and telephones are deleted as they are, and a telephone goes on naming a person who is gone;
ModifyStaff's SkillGroupIds is never sent; one upload has one file (and meets nothing else, so files are not here).

One more rule is ours: a queue does not stop or start to ring all at once for a moment only.

Sets are bit masks. A queue is a place in `State.names`: its id stays when its name goes. What one call changes by
itself (types, nicks, names of telephones) stands for one bit of each agent, or adds a call each.
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
from reconciler.model.live import Live
from reconciler.providers.tencent import PROVIDER
from tests.laws.search import Loss, Model, each, put, subsets, union
from tests.laws.tencent.tenants import AGENTS, EXTENSIONS, NUMBERS, PHONES, QUEUES, SETTINGS, desired_of, live_of

CREATED: Final = 10  # CreateStaff: "at most 10"
DELETED: Final = 200  # DeleteStaff: "at most 200"
MEMBERS: Final = 2  # of a queue that rings all at once, telephones included
ABSENT: Final = -1
SPARE: Final = (len(QUEUES), len(QUEUES) + 1)  # names that nobody wants, so that one can be parked
FIRST_ID: Final = 1000


class State(NamedTuple):
    """
    A tenant. A tuple and no dataclass, since hundreds of thousands are made and hashed.

    *names* has for each queue that is or will be the place of its name, *ring* those that ring all at once. Of agents
    there are masks of who is there, whose fields and whose mobile settings are as they shall be, for each the place of
    a phone number, the queues, and of these the ones with a priority of its own. *crowd* counts people who have nothing
    but themselves. Of telephones there are who is there, for each the queues and the agent; of numbers the queues that
    call out with each, and which are disabled.
    """

    names: tuple[int, ...] = ()
    ring: int = 0
    agents: int = 0
    fields: int = 0
    mobile: int = 0
    phones: tuple[int, ...] = ()
    serves: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    crowd: int = 0
    telephones: int = 0
    rings: tuple[int, ...] = ()
    owner: tuple[int, ...] = ()
    calls: tuple[int, ...] = ()
    off: int = 0

    @property
    def queues(self) -> int:
        """The queues that are there."""
        return sum(1 << place for place, name in enumerate(self.names) if name != ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """From where to where; *named*: creations may name queues (`create_with_queues`)."""

    start: State
    goal: State
    named: bool = True

    @property
    def hopeless(self) -> bool:
        """Nothing is: room is made for all that fits in the end."""
        return False

    def moves(self, state: State) -> Iterator[State]:
        """Make every state that one legal write leads to, once or more often."""
        return moves(state, self)

    def useful(self, state: State) -> Iterator[State]:
        """
        Leave out what gives something that is not wanted, takes what is, or does less than a call can.

        To have less of what is not wanted makes no call illegal that was legal: fewer members, free names and numbers,
        queues that nobody has to do with. And what is wanted and takes no place (fields, priorities, what is enabled)
        can as well be set by the first call that may set it.
        """
        return _useful(state, self)

    def bound(self) -> Callable[[State], int]:
        """Count what there is to come at least."""
        return Bound(self)

    def loss(self, state: State) -> Loss:
        """Count queues that nobody answers and numbers that nobody uses, of those who are fine at both ends."""
        start, goal = self.start, self.goal
        steady = start.queues & goal.queues & _answered(start) & _answered(goal)
        lines = zip(state.calls, start.calls, goal.calls, strict=True)
        return (
            (steady & ~_answered(state)).bit_count(),
            sum(bool(old and new and not now) for now, old, new in lines),
        )

    def strayed(self, _state: State) -> bool:
        """No caller can be sent astray here."""
        return False


def _answered(state: State) -> int:
    return union(state.serves) | union(state.rings)


def _members(state: State, queue: int) -> int:
    """Count the members of a queue."""
    return sum(mask >> queue & 1 for mask in state.serves) + sum(mask >> queue & 1 for mask in state.rings)


def _fits(state: State) -> bool:
    """Whether no queue that rings all at once has too many members."""
    return all(_members(state, queue) <= MEMBERS for queue, _ in each(state.ring & state.queues))


def _free_names(state: State) -> Iterator[int]:
    return (name for name in (*range(len(QUEUES)), *SPARE) if name not in state.names)


def _free_phones(state: State) -> Iterator[int]:
    return (phone for phone in range(len(PHONES)) if phone not in state.phones)


def moves(state: State, task: Task) -> Iterator[State]:
    """Make every state that one legal write leads to, once or more often."""
    yield from (after for after in _queue_moves(state, task) if _fits(after))
    yield from (after for after in _staff_moves(state, task) if _fits(after))
    yield from (after for after in _pair_moves(state) if _fits(after))
    yield from (after for after in _telephone_moves(state, task) if _fits(after))
    yield from _number_moves(state)


def _queue_moves(state: State, task: Task) -> Iterator[State]:
    start, goal = task.start, task.goal
    for queue, name in enumerate(state.names):
        if name == ABSENT:
            # CreateCCCSkillGroup: any name that nobody bears; it takes no RingAll.
            for other in _free_names(state):
                yield state._replace(names=put(state.names, queue, other))
            continue
        # UpdateCCCSkillGroup: name and RingAll together.
        rings = {state.ring >> queue & 1, goal.ring >> queue & 1}
        for other, ring in product((name, *_free_names(state)), rings):
            yield state._replace(names=put(state.names, queue, other), ring=state.ring & ~(1 << queue) | ring << queue)
        # DeleteCCCSkillGroup: one that nobody has to do with.
        kept = start.names[queue] != ABSENT and goal.names[queue] != ABSENT
        if not kept and not (_answered(state) | union(state.calls)) >> queue & 1:
            yield state._replace(names=put(state.names, queue, ABSENT), ring=state.ring & ~(1 << queue))


def _staff_moves(state: State, task: Task) -> Iterator[State]:
    count = len(state.serves)
    # CreateStaff: any that are absent, ten at most, each with a phone number, and in queues at the default priority.
    for some in (0, *subsets((1 << count) - 1 & ~state.agents)):
        for crowd in range(min(CREATED - some.bit_count(), max(0, task.goal.crowd - state.crowd)) + 1):
            if some or crowd:
                yield from _created(state, some, crowd, task)
    # DeleteStaff: any, 200 at most, with all that they have.
    gone = state.agents & ~(task.start.agents & task.goal.agents)
    for some in (0, *subsets(gone)):
        for crowd in range(min(DELETED - some.bit_count(), max(0, state.crowd - task.goal.crowd)) + 1):
            if some or crowd:
                yield _deleted(state, some, crowd)
    for agent, bit in each(state.agents):
        # ModifyStaff: one person, all fields together.
        for phone in (state.phones[agent], ABSENT, *_free_phones(state)):
            for fields, mobile in product((0, bit), repeat=2):
                yield state._replace(
                    phones=put(state.phones, agent, phone),
                    fields=state.fields & ~bit | fields,
                    mobile=state.mobile & ~bit | mobile,
                )


def _created(state: State, some: int, crowd: int, task: Task) -> Iterator[State]:
    queues = (0, *subsets(state.queues)) if task.named else (0,)
    new = [agent for agent, _ in each(some)]
    phones = (ABSENT, *_free_phones(state))
    for has in product(phones, repeat=len(new)):
        if len({*has} - {ABSENT}) < sum(phone != ABSENT for phone in has):
            continue
        for serves in product(queues, repeat=len(new)):
            for fields in (0, *subsets(some)):
                after = state._replace(
                    agents=state.agents | some, fields=state.fields | fields, crowd=state.crowd + crowd
                )
                for agent, phone, mask in zip(new, has, serves, strict=True):
                    after = after._replace(
                        phones=put(after.phones, agent, phone), serves=put(after.serves, agent, mask)
                    )
                yield after


def _deleted(state: State, some: int, crowd: int) -> State:
    gone = {agent for agent, _ in each(some)}

    def without(items: tuple[int, ...], nothing: int) -> tuple[int, ...]:
        return tuple(nothing if agent in gone else item for agent, item in enumerate(items))

    return state._replace(
        agents=state.agents & ~some,
        fields=state.fields & ~some,
        mobile=state.mobile & ~some,
        phones=without(state.phones, ABSENT),
        serves=without(state.serves, 0),
        first=without(state.first, 0),
        crowd=state.crowd - crowd,
    )


def _pair_moves(state: State) -> Iterator[State]:
    for agent, _ in each(state.agents):
        has = state.serves[agent]
        # BindStaffSkillGroupList: one person, any queues, each with a priority.
        for more in (0, *subsets(state.queues & ~has)):
            for first in (0, *subsets(has | more)):
                if more or first != state.first[agent]:
                    yield state._replace(
                        serves=put(state.serves, agent, has | more), first=put(state.first, agent, first)
                    )
        # UnbindStaffSkillGroupList: one person, any queues.
        for some in subsets(has):
            yield state._replace(
                serves=put(state.serves, agent, has & ~some), first=put(state.first, agent, state.first[agent] & ~some)
            )


def _telephone_moves(state: State, task: Task) -> Iterator[State]:
    kept = task.start.telephones & task.goal.telephones
    for telephone in range(len(state.rings)):
        bit = 1 << telephone
        # CreateExtension, ModifyExtension: the queues as a whole, and the agent.
        owners = {ABSENT, state.owner[telephone], *(agent for agent, _ in each(state.agents))}
        for some, owner in product((0, *subsets(state.queues)), owners):
            yield state._replace(
                telephones=state.telephones | bit,
                rings=put(state.rings, telephone, some),
                owner=put(state.owner, telephone, owner),
            )
        if state.telephones & bit & ~kept:
            # DeleteExtension.
            yield state._replace(
                telephones=state.telephones & ~bit,
                rings=put(state.rings, telephone, 0),
                owner=put(state.owner, telephone, ABSENT),
            )


def _number_moves(state: State) -> Iterator[State]:
    for number, has in enumerate(state.calls):
        # BindNumberCallOutSkillGroup, UnbindNumberCallOutSkillGroup: one number, any queues.
        for some in subsets(state.queues & ~has):
            yield state._replace(calls=put(state.calls, number, has | some))
        for some in subsets(has):
            yield state._replace(calls=put(state.calls, number, has & ~some))
    # DisableCCCPhoneNumber: any numbers, in one direction.
    for some in subsets((1 << len(state.calls)) - 1):
        yield state._replace(off=state.off | some)
        yield state._replace(off=state.off & ~some)


def _useful(state: State, task: Task) -> Iterator[State]:
    yield from (after for after in _useful_of_queues(state, task) if _fits(after))
    yield from (after for after in _useful_of_staff(state, task) if _fits(after))
    yield from (after for after in _useful_of_telephones(state, task) if _fits(after))
    goal = task.goal
    for number, (has, want) in enumerate(zip(state.calls, goal.calls, strict=True)):
        if want & ~has & state.queues:
            yield state._replace(calls=put(state.calls, number, has | want & state.queues))
        if has & ~want:
            yield state._replace(calls=put(state.calls, number, has & want))
    if goal.off & ~state.off:
        yield state._replace(off=state.off | goal.off)
    if state.off & ~goal.off:
        yield state._replace(off=state.off & goal.off)


def _useful_of_queues(state: State, task: Task) -> Iterator[State]:
    goal = task.goal
    for queue, (name, wanted) in enumerate(zip(state.names, goal.names, strict=True)):
        bit = 1 << queue
        if name == ABSENT and wanted != ABSENT and wanted not in state.names:
            yield state._replace(names=put(state.names, queue, wanted))
        if name == ABSENT:
            continue
        if wanted == ABSENT:
            if not (_answered(state) | union(state.calls)) & bit:
                yield state._replace(names=put(state.names, queue, ABSENT), ring=state.ring & ~bit)
            continue
        names = {name}
        if name != wanted:
            names |= {wanted} if wanted not in state.names else {next(iter(set(SPARE) - {*state.names}), name)}
        for other, ring in product(names, {state.ring & bit, goal.ring & bit}):
            yield state._replace(names=put(state.names, queue, other), ring=state.ring & ~bit | ring)


def _useful_of_staff(state: State, task: Task) -> Iterator[State]:
    goal = task.goal
    for some in (0, *subsets(goal.agents & ~state.agents)):
        crowd = min(CREATED - some.bit_count(), max(0, goal.crowd - state.crowd))
        if some or crowd:
            yield from _usefully_created(state, some, crowd, task)
    gone, crowd = state.agents & ~goal.agents, max(0, state.crowd - goal.crowd)
    if gone or crowd:
        yield _deleted(state, gone, min(crowd, DELETED - gone.bit_count()))
    for agent, bit in each(state.agents & goal.agents):
        has, want = state.serves[agent], goal.serves[agent]
        wanted = goal.phones[agent]
        for phone in {state.phones[agent], ABSENT, wanted if wanted not in state.phones else ABSENT}:
            yield state._replace(
                phones=put(state.phones, agent, phone),
                fields=state.fields & ~bit | goal.fields & bit,
                mobile=state.mobile & ~bit | goal.mobile & bit,
            )
        for more in (0, *subsets(want & ~has & state.queues)):
            first = state.first[agent] & ~want | goal.first[agent] & (has | more)
            yield state._replace(serves=put(state.serves, agent, has | more), first=put(state.first, agent, first))
        if has & ~want:
            yield state._replace(
                serves=put(state.serves, agent, has & want), first=put(state.first, agent, state.first[agent] & want)
            )


def _usefully_created(state: State, some: int, crowd: int, task: Task) -> Iterator[State]:
    goal = task.goal
    new = [agent for agent, _ in each(some)]
    phones = [{ABSENT, goal.phones[agent] if goal.phones[agent] not in state.phones else ABSENT} for agent in new]
    queues = [(0, *subsets(goal.serves[agent] & state.queues)) if task.named else (0,) for agent in new]
    for has in product(*phones):
        for serves in product(*queues):
            after = state._replace(
                agents=state.agents | some, fields=state.fields | goal.fields & some, crowd=state.crowd + crowd
            )
            for agent, phone, mask in zip(new, has, serves, strict=True):
                after = after._replace(phones=put(after.phones, agent, phone), serves=put(after.serves, agent, mask))
            yield after


def _useful_of_telephones(state: State, task: Task) -> Iterator[State]:
    goal = task.goal
    for telephone, (has, want) in enumerate(zip(state.rings, goal.rings, strict=True)):
        bit = 1 << telephone
        if not goal.telephones & bit:
            if state.telephones & bit:
                yield state._replace(
                    telephones=state.telephones & ~bit,
                    rings=put(state.rings, telephone, 0),
                    owner=put(state.owner, telephone, ABSENT),
                )
            continue
        owner = goal.owner[telephone]
        owners = {state.owner[telephone], ABSENT, owner if owner == ABSENT or state.agents >> owner & 1 else ABSENT}
        free = (has | want) & ~(has & want) & state.queues
        for some, other in product((0, *subsets(free)), owners):
            yield state._replace(
                telephones=state.telephones | bit,
                rings=put(state.rings, telephone, has & want | some),
                owner=put(state.owner, telephone, other),
            )


class Bound:
    """
    How many calls there are to come at least: what is counted here are different calls, all of them needed.

    - Create-, Update- and DeleteCCCSkillGroup touch one queue; a creation takes no RingAll. Of queues that hand their
      names round in a circle one takes a name for a moment.
    - CreateStaff makes ten, DeleteStaff deletes 200. A new agent's mobile settings, and priorities, take a call each.
    - ModifyStaff, Bind and Unbind are about one agent each. Of agents whose phone numbers go round one has none for a
      moment.
    - Create-, Modify- and DeleteExtension touch one telephone.
    - Bind and Unbind of numbers are about one number each; DisableCCCPhoneNumber works in one direction.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._queues = cache(self._count_queues)
        self._numbers = cache(self._count_numbers)

    def __call__(self, state: State) -> int:
        """Count."""
        return (
            self._queues(state.names, state.ring)
            + self._count_staff(state)
            + self._numbers(state.calls, state.off)
            + self._count_telephones(state)
        )

    def _count_queues(self, names: tuple[int, ...], ring: int) -> int:
        goal = self._task.goal
        count = 0
        for queue, (name, wanted) in enumerate(zip(names, goal.names, strict=True)):
            ringing = (ring ^ goal.ring) >> queue & 1
            if ABSENT in {name, wanted}:
                count += (name != wanted) + (name == ABSENT and ringing)
            else:
                count += bool(name != wanted or ringing)
        pairs = zip(names, goal.names, strict=True)
        return count + _circles({old: new for old, new in pairs if ABSENT not in {old, new} and old != new})

    def _count_staff(self, state: State) -> int:
        goal = self._task.goal
        new, gone = goal.agents & ~state.agents, state.agents & ~goal.agents
        more, less = max(0, goal.crowd - state.crowd), max(0, state.crowd - goal.crowd)
        count = -(-(new.bit_count() + more) // CREATED) - (-(gone.bit_count() + less) // DELETED)
        for agent, bit in each(new):
            alone = goal.first[agent] if self._task.named else goal.serves[agent]
            count += bool(alone) + bool(goal.mobile & bit)
        phones = {}
        for agent, bit in each(state.agents & goal.agents):
            has, want = state.serves[agent], goal.serves[agent]
            moved = (state.first[agent] ^ goal.first[agent]) & has & want
            count += bool(want & ~has or moved) + bool(has & ~want)
            old, phone = state.phones[agent], goal.phones[agent]
            count += bool(old != phone or ((state.fields ^ goal.fields) | (state.mobile ^ goal.mobile)) & bit)
            if ABSENT not in {old, phone} and old != phone:
                phones[old] = phone
        return count + _circles(phones)

    def _count_telephones(self, state: State) -> int:
        goal = self._task.goal
        return (state.telephones ^ goal.telephones).bit_count() + sum(
            (state.rings[telephone], state.owner[telephone]) != (goal.rings[telephone], goal.owner[telephone])
            for telephone, _ in each(state.telephones & goal.telephones)
        )

    def _count_numbers(self, calls: tuple[int, ...], off: int) -> int:
        goal = self._task.goal
        pairs = [*zip(calls, goal.calls, strict=True)]
        return (
            sum(bool(want & ~has) + bool(has & ~want) for has, want in pairs)
            + bool(off & ~goal.off)
            + bool(goal.off & ~off)
        )


def _circles(gives: Mapping[int, int]) -> int:
    """Count the circles in which things are handed round, of who has what to what shall be had."""
    left = dict(gives)
    found = 0
    while left:
        start, at = left.popitem()
        while at in left:
            at = left.pop(at)
        found += at == start
    return found


@st.composite
def states(  # noqa: PLR0913 - how many of each there may be
    draw: st.DrawFn, *, names: tuple[int, ...], agents: int, telephones: int, numbers: int, phones: int,
    crowds: Sequence[int],
    full: bool,
) -> State:  # fmt: skip
    """Draw any tenant that may be with these queues; *full*: all ring all at once, and who is there fills them."""
    queues = sum(1 << place for place, name in enumerate(names) if name != ABSENT)
    ring = queues & (~0 if full else draw(st.integers(0, queues)))
    left = [MEMBERS if ring >> place & 1 else 99 for place in range(len(names))]

    def some() -> int:
        chosen = queues & (draw(st.sampled_from([1, 2, 4])) if full else draw(st.integers(0, queues)))
        for place, bit in each(chosen):
            chosen &= ~bit if not left[place] else ~0
            left[place] -= bool(chosen & bit)
        return chosen

    here = draw(st.integers(0, (1 << agents) - 1))
    has = [phone if phone < phones else ABSENT for phone in draw(st.permutations(range(max(phones, agents))))]
    serves = tuple(some() if here >> agent & 1 else 0 for agent in range(agents))
    desks = draw(st.integers(0, (1 << telephones) - 1))
    people = [ABSENT, *(agent for agent, _ in each(here))]
    return State(
        names=names,
        ring=ring,
        agents=here,
        fields=here & draw(st.integers(0, here)),
        mobile=here & draw(st.integers(0, here)),
        phones=tuple(has[agent] if here >> agent & 1 else ABSENT for agent in range(agents)),
        serves=serves,
        first=tuple(mask & draw(st.integers(0, mask)) for mask in serves),
        crowd=draw(st.sampled_from(crowds)),
        telephones=desks,
        rings=tuple(some() if desks >> telephone & 1 else 0 for telephone in range(telephones)),
        owner=tuple(
            draw(st.sampled_from(people)) if desks >> telephone & 1 else ABSENT for telephone in range(telephones)
        ),
        calls=tuple(queues & draw(st.integers(0, queues)) for _ in range(numbers)),
        off=draw(st.integers(0, (1 << numbers) - 1)),
    )


@st.composite
def tasks(  # noqa: PLR0913 - how many of each there may be
    draw: st.DrawFn,
    *,
    queues: int = 3,
    agents: int = 3,
    telephones: int = 2,
    numbers: int = 1,
    phones: int = 2,
    crowds: Sequence[int] = (0, 0, 0, 8, 9, 10, 201),
    full: bool = False,
) -> Task:
    """
    Draw a tenant and a wish apart from each other; queues stay, go, come, and hand on their names.

    A new queue's name is one that no queue bears yet, and the name of one that goes is given to none: files that say
    otherwise mean another queue by it.
    """
    there = draw(st.integers(0, (1 << queues) - 1))
    names = list(draw(st.permutations(range(len(QUEUES)))))
    before = tuple(names[place] if there >> place & 1 else ABSENT for place in range(queues))
    stay = there & draw(st.integers(0, there))
    new = ~there & draw(st.integers(0, (1 << queues) - 1))
    free = [name for name in names if name not in before]
    handed = [*(before[place] for place, _ in each(stay)), *free]
    if draw(st.booleans()):
        handed = list(draw(st.permutations(handed)))
    after = [ABSENT] * queues
    for place, _ in each(stay):
        after[place] = handed.pop(0)
    for place, _ in each(new):
        left = [name for name in free if name not in after]
        after[place] = left[0] if left else ABSENT
    size: dict[str, Any] = {
        "agents": agents, "telephones": telephones, "numbers": numbers, "phones": phones, "crowds": crowds,
            "full": full}  # fmt: skip
    return Task(
        start=draw(states(names=before, **size)),
        goal=draw(states(names=tuple(after), **size)),
        named=draw(st.integers(0, 3)) > 0,
    )


def _name(place: int) -> str:
    return QUEUES[place] if place < len(QUEUES) else f"spare {place}"


def _names(state: State, mask: int) -> list[str]:
    return [_name(state.names[place]) for place, _ in each(mask)]


def _phone(place: int) -> str:
    return "" if place == ABSENT else f"0086{PHONES[place]}"


def _crowd(count: int) -> list[str]:
    return [f"crowd{number}@x.cn" for number in range(count)]


def _sections(state: State, start: State | None = None) -> dict[str, dict[str, dict[str, Any]]]:
    """Write a state as a tenant's sections, and where it is a wish as files that start from *start*."""
    queues: dict[str, dict[str, Any]] = {}
    for place, name in enumerate(state.names):
        if name == ABSENT:
            continue
        queues[_name(name)] = {"ring_all": bool(state.ring >> place & 1)}
        if start is None:
            queues[_name(name)]["id"] = str(FIRST_ID + place)
        elif start.names[place] not in {ABSENT, name}:
            queues[_name(name)]["renamed_from"] = _name(start.names[place])
    agents: dict[str, dict[str, Any]] = {email: {"name": "X", "staff_number": "1"} for email in _crowd(state.crowd)}
    for agent, bit in each(state.agents):
        agents[AGENTS[agent]] = {
            "name": "New" if state.fields & bit else "Old",
            "staff_number": "1",
            "phone": _phone(state.phones[agent]),
            "mobile_call_out": bool(state.mobile & bit),
            "queues": _names(state, state.serves[agent]),
            "priorities": {
                _name(state.names[place]): 1 if state.first[agent] >> place & 1 else 3
                for place, _ in each(state.serves[agent])
            },
        }
    return {
        "queues": queues,
        "agents": agents,
        "extensions": {
            EXTENSIONS[telephone]: {
                "name": "Desk",
                "queues": _names(state, state.rings[telephone]),
                "agent": "" if state.owner[telephone] == ABSENT else AGENTS[state.owner[telephone]],
            }
            for telephone, _ in each(state.telephones)
        },
        "numbers": {
            NUMBERS[number]: {"outbound_queues": _names(state, mask), "enabled": not state.off >> number & 1}
            for number, mask in enumerate(state.calls)
        },
    }


def tenant_of(task: Task) -> tuple[Desired, Live]:
    """Say the same to the planner."""
    settings = SETTINGS.model_copy(update={"create_with_queues": task.named})
    wish = _sections(task.goal, task.start)
    # A new agent's fields are as they shall be, or the wish says otherwise: there is no third.
    return desired_of(wish, settings=settings), live_of(_sections(task.start))


def gives(call: Call, task: Task) -> Mapping[str, Any]:
    """Give the id of a queue that a call makes: it is the place that its name shall have."""
    if call.action != "CreateCCCSkillGroup":
        return {}
    name = QUEUES.index((call.body or {})["SkillGroupName"])
    return {"SkillGroupId": FIRST_ID + task.goal.names.index(name)}


def carried_out(state: State, call: Call, task: Task) -> State:  # noqa: PLR0911 - one case an action
    """Do what a call says, whether or not it is legal."""
    body: Mapping[str, Any] = call.body or {}
    match call.action:
        case "CreateCCCSkillGroup":
            place = gives(call, task)["SkillGroupId"] - FIRST_ID
            return state._replace(names=put(state.names, place, QUEUES.index(body["SkillGroupName"])))
        case "UpdateCCCSkillGroup":
            place = body["SkillGroupID"] - FIRST_ID
            ring = state.ring & ~(1 << place) | body.get("RingAll", state.ring >> place & 1) << place
            return state._replace(names=put(state.names, place, _renamed(state, place, body)), ring=ring)
        case "DeleteCCCSkillGroup":
            place = body["SkillGroupId"] - FIRST_ID
            return state._replace(names=put(state.names, place, ABSENT), ring=state.ring & ~(1 << place))
        case "CreateStaff" | "DeleteStaff" | "ModifyStaff":
            return _staffed(state, call.action, body)
        case "BindStaffSkillGroupList" | "UnbindStaffSkillGroupList":
            return _bound(state, call.action, body)
        case "CreateExtension" | "ModifyExtension" | "DeleteExtension":
            return _rung(state, call.action, body)
        case "BindNumberCallOutSkillGroup" | "UnbindNumberCallOutSkillGroup":
            number = NUMBERS.index(body["Number"])
            mask = _mask(body["SkillGroupIds"])
            has = state.calls[number]
            return state._replace(
                calls=put(state.calls, number, has | mask if call.action.startswith("Bind") else has & ~mask)
            )
        case "DisableCCCPhoneNumber":
            some = sum(1 << NUMBERS.index(number) for number in body["PhoneNumbers"])
            return state._replace(off=state.off | some if body["Disabled"] else state.off & ~some)
        case _:
            pytest.fail(f"{call.title} is no call that these tenants need")


def _renamed(state: State, place: int, body: Mapping[str, Any]) -> int:
    name = body.get("SkillGroupName")
    if name is None:
        return state.names[place]
    return QUEUES.index(name) if name in QUEUES else next(spare for spare in SPARE if spare not in state.names)


def _mask(ids: Sequence[int]) -> int:
    return sum(1 << number - FIRST_ID for number in ids)


def _staffed(state: State, action: str, body: Mapping[str, Any]) -> State:
    if action == "DeleteStaff":
        gone = sum(1 << AGENTS.index(email) for email in body["StaffList"] if email in AGENTS)
        return _deleted(state, gone, len(body["StaffList"]) - gone.bit_count())
    for row in body["Staffs"] if action == "CreateStaff" else [body]:
        email = row.get("Mail") or row["Email"]
        if email not in AGENTS:
            state = state._replace(crowd=state.crowd + 1)
            continue
        agent = AGENTS.index(email)
        bit = 1 << agent
        queues = sum(1 << state.names.index(QUEUES.index(name)) for name in row.get("SkillGroupNameList", ()))
        state = state._replace(agents=state.agents | bit, serves=put(state.serves, agent, state.serves[agent] | queues))
        if "Name" in row:
            state = state._replace(fields=state.fields & ~bit | (bit if row["Name"] == "New" else 0))
        if "UseMobileCallOut" in row:
            state = state._replace(mobile=state.mobile & ~bit | (bit if row["UseMobileCallOut"] else 0))
        if "Phone" in row:
            phone = PHONES.index(row["Phone"][-11:]) if row["Phone"] else ABSENT
            state = state._replace(phones=put(state.phones, agent, phone))
    return state


def _bound(state: State, action: str, body: Mapping[str, Any]) -> State:
    agent = AGENTS.index(body["StaffEmail"])
    has, first = state.serves[agent], state.first[agent]
    if action == "UnbindStaffSkillGroupList":
        mask = _mask(body["SkillGroupList"])
        return state._replace(
            serves=put(state.serves, agent, has & ~mask), first=put(state.first, agent, first & ~mask)
        )
    for pair in body["StaffSkillGroupList"]:
        bit = _mask([pair["SkillGroupId"]])
        has |= bit
        first = first & ~bit | (bit if pair.get("Priority", 3) == 1 else 0)
    return state._replace(serves=put(state.serves, agent, has), first=put(state.first, agent, first))


def _rung(state: State, action: str, body: Mapping[str, Any]) -> State:
    telephone = EXTENSIONS.index(body["ExtensionId"])
    bit = 1 << telephone
    if action == "DeleteExtension":
        return state._replace(
            telephones=state.telephones & ~bit,
            rings=put(state.rings, telephone, 0),
            owner=put(state.owner, telephone, ABSENT),
        )
    state = state._replace(telephones=state.telephones | bit)
    if "SkillGroupIds" in body:
        state = state._replace(rings=put(state.rings, telephone, _mask(body["SkillGroupIds"])))
    if "Relation" in body:
        owner = AGENTS.index(body["Relation"]) if body["Relation"] else ABSENT
        state = state._replace(owner=put(state.owner, telephone, owner))
    return state


def told(before: State, after: State) -> str:
    """Say what one move changed: `serves (1, 0) → (3, 0)`."""
    pairs = zip(State._fields, before, after, strict=True)
    return "; ".join(f"{name} {old} → {new}" for name, old, new in pairs if old != new)


@st.composite
def tiny_tasks(draw: st.DrawFn) -> Task:
    """Draw tasks in which little is of one sort, so that all ways can be tried blindly."""
    return draw(
        st.one_of(
            tasks(queues=1, agents=1, telephones=1, numbers=0, phones=1, crowds=(0,)),
            tasks(queues=1, agents=2, telephones=0, numbers=0, phones=1, crowds=(0,)),
            tasks(queues=2, agents=0, telephones=1, numbers=0, phones=0, crowds=(0,)),
            tasks(queues=1, agents=0, telephones=0, numbers=2, phones=0, crowds=(0, 1)),
        )
    )


NOTHING: Final = State(
    names=(0, 1, ABSENT), phones=(ABSENT,) * 3, serves=(0,) * 3, first=(0,) * 3, rings=(0, 0), owner=(ABSENT,) * 2,
    calls=(0,),
)  # fmt: skip
KNOWN: Final = (
    (
        "two queues swap their names",
        Task(start=NOTHING, goal=NOTHING._replace(names=(1, 0, ABSENT))),
        3,
    ),
    (
        "three agents hand their phone numbers round",
        Task(
            start=NOTHING._replace(agents=0b111, phones=(0, 1, 2)),
            goal=NOTHING._replace(agents=0b111, phones=(1, 2, 0)),
        ),
        4,
    ),
    (
        "eleven people are two creations",
        Task(start=NOTHING, goal=NOTHING._replace(agents=0b1, serves=(0b11, 0, 0), crowd=10)),
        2,
    ),
    ("two hundred and one people are two deletions", Task(start=NOTHING._replace(crowd=201), goal=NOTHING), 2),
    (
        "a new agent with a priority of its own is bound by itself",
        Task(start=NOTHING, goal=NOTHING._replace(agents=0b1, serves=(0b11, 0, 0), first=(0b01, 0, 0))),
        2,
    ),
    (
        "a telephone changes its queues and its agent with one call",
        Task(
            start=NOTHING._replace(agents=0b11, telephones=0b1, rings=(0b01, 0), owner=(0, ABSENT)),
            goal=NOTHING._replace(agents=0b11, telephones=0b1, rings=(0b10, 0), owner=(1, ABSENT)),
        ),
        1,
    ),
    (
        "telephones that change places in full queues that ring all at once take a call more",
        Task(
            start=NOTHING._replace(ring=0b11, agents=0b11, serves=(0b01, 0b10, 0), telephones=0b11, rings=(0b01, 0b10)),
            goal=NOTHING._replace(ring=0b11, agents=0b11, serves=(0b01, 0b10, 0), telephones=0b11, rings=(0b10, 0b01)),
        ),
        3,
    ),
)


def all_tasks() -> st.SearchStrategy[Task]:
    """Draw tasks of all sorts, and some where members change places in full queues."""
    return st.one_of(tasks(), tasks(agents=2, telephones=3, numbers=0, phones=0, crowds=(0,), full=True))


MODEL: Final = Model(
    provider=PROVIDER,
    tasks=all_tasks,
    walked=lambda: tasks(agents=2, phones=2, crowds=(0, 0, 9)),
    tiny=tiny_tasks,
    gentle=lambda: tasks(agents=2, telephones=1, phones=1, crowds=(0,)),
    cramped=lambda: tasks(queues=1, agents=1, telephones=0, numbers=0, phones=1, crowds=(0,)),
    tenant_of=tenant_of,
    carried_out=carried_out,
    told=told,
    impossible="",
    gives=gives,
    known=KNOWN,
)
