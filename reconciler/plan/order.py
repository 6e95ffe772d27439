"""
Calls → calls in a legal order, derived from what they state and never tabled by hand.

A call waits for what gives the facts that it requires and takes those that it forbids; what takes a fact waits for
those who still require it. What a call merely prefers gives way where the two can't both be had.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, islice
from typing import Final

from reconciler.model.call import Call, Fact, Given, filled
from reconciler.model.errors import DefectError


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The calls with ids and needs. *broken* are the preferences that had to give way, as pairs of call ids."""

    calls: tuple[Call, ...]
    broken: tuple[tuple[str, str], ...] = ()


def order(calls: Sequence[Call]) -> Ordered:
    """
    Put *calls* into a serial order that is legal, and say what each needs.

    The order does not depend on that of the input: ties are broken by what a call does (making, changing, letting go,
    deleting), then by the addresses that it serves.
    """
    calls = sorted(calls, key=_tie)
    hard = _hard(calls)
    soft = _soft(calls, hard)
    waits = {index: hard[index] | soft[index] for index in range(len(calls))}
    waits, dropped = _without_circles(waits, hard, calls)
    sequence = _sequence(waits)
    place = {index: position for position, index in enumerate(sequence)}
    names = {index: f"c{place[index] + 1}" for index in sequence}
    givers = _index(call.gives for call in calls)

    def placed(index: int) -> Call:
        return filled(calls[index], lambda value: _from(value, calls[index], givers, names))

    ordered = tuple(
        replace(
            placed(index),
            id=names[index],
            needs=tuple(names[other] for other in sorted(waits[index], key=place.__getitem__)),
        )
        for index in sequence
    )
    return Ordered(calls=ordered, broken=tuple((names[late], names[soon]) for late, soon in dropped))


def _from(
    value: Given, call: Call, givers: Mapping[Fact, Sequence[int]], names: Mapping[int, str]
) -> Mapping[str, str]:
    """Say of a value that an earlier answer gives of which, as data."""
    assert value.fact in call.requires, f"{call.title} sends what {value.fact} gives, and does not require it"
    which = givers.get(value.fact, ())
    assert len(which) == 1, f"{len(which)} calls give {value.fact}, which {call.title} sends a value of"
    return {"from": names[which[0]], "field": value.field}


def _tie(call: Call) -> tuple[int, tuple[tuple[str, int, str], ...], str, str, str]:
    rank = 0 if call.gives and not call.takes else 1
    if call.takes and not call.gives:
        rank = 2
    if call.forbids and (call.method == "DELETE" or (call.action is not None and rank == 2)):
        rank = 3
    # Digits sort as numbers, so that queues/9 comes before queues/10.
    addresses = tuple((address.rstrip("0123456789"), len(address), address) for address in call.changes)
    return (rank, addresses, call.path, call.action or call.method, repr(call.body))


def _hard(calls: Sequence[Call]) -> list[set[int]]:  # noqa: C901 - two rules for each of two statements
    givers: Mapping[Fact, list[int]] = _index(call.gives for call in calls)
    takers: Mapping[Fact, list[int]] = _index(call.takes for call in calls)
    waits: list[set[int]] = [set() for _ in calls]
    for index, call in enumerate(calls):
        for fact in call.requires:
            for giver in givers.get(fact, ()):
                waits[index].add(giver)
            for taker in takers.get(fact, ()):
                if taker != index:
                    waits[taker].add(index)
        for fact in call.forbids:
            for taker in takers.get(fact, ()):
                if taker != index:
                    waits[index].add(taker)
            for giver in givers.get(fact, ()):
                if giver != index:
                    waits[giver].add(index)
    for index, item in enumerate(waits):
        item.discard(index)
    return waits


def _soft(calls: Sequence[Call], hard: Sequence[set[int]]) -> list[set[int]]:
    givers = _index(call.gives for call in calls)
    waits: list[set[int]] = []
    for index, call in enumerate(calls):
        better = {giver for fact in call.prefers for giver in givers.get(fact, ())}
        waits.append(better - hard[index] - {index})
    return waits


def _index(statements: Iterable[frozenset[Fact]]) -> dict[Fact, list[int]]:
    found: dict[Fact, list[int]] = defaultdict(list)
    for index, facts in enumerate(statements):
        for fact in facts:
            found[fact].append(index)
    return found


def _without_circles(
    waits: dict[int, set[int]], hard: Sequence[set[int]], calls: Sequence[Call]
) -> tuple[dict[int, set[int]], list[tuple[int, int]]]:
    """Drop preferences, those of as few calls as can be, until what is left has no circle."""
    dropped: list[tuple[int, int]] = []
    while circles := _circles(waits):
        for circle in circles:
            members = frozenset(circle)
            inner = {index: waits[index] & members for index in sorted(members)}
            weak = {index: inner[index] - hard[index] for index in inner}
            weak = {index: soon for index, soon in weak.items() if soon}
            if not weak:
                raise DefectError(
                    "the calls of this plan wait for each other in a circle",
                    remedy="Nothing was changed. This is our mistake: please report it with the configuration.",
                    report="\n".join(repr(calls[index]) for index in sorted(circle)),
                )
            for late, soon in _given_up(inner, weak, [call.loss for call in calls]):
                waits[late].discard(soon)
                dropped.append((late, soon))
    return waits, sorted(dropped)


def _given_up(
    inner: Mapping[int, set[int]], weak: Mapping[int, set[int]], loss: Sequence[int]
) -> list[tuple[int, int]]:
    """
    Choose which preferences of a circle to give up: those of the fewest calls that open it, and that lose least.

    Where the fewest would take too long to find, those of one call, which opens it at least in part.
    """
    late_first = sorted(weak, key=lambda index: (loss[index], -index))
    sets = chain.from_iterable(combinations(late_first, count) for count in range(1, len(late_first) + 1))
    for chosen in islice(sets, _TRIES):
        left = {index: soon - weak[index] if index in chosen else set(soon) for index, soon in inner.items()}
        if not _circles(left):
            return list(_needed_to_open(left, chosen, weak))
    return [(late_first[0], soon) for soon in sorted(weak[late_first[0]])]


def _needed_to_open(
    left: dict[int, set[int]], chosen: Iterable[int], weak: Mapping[int, set[int]]
) -> Iterator[tuple[int, int]]:
    """Take back what need not be given up."""
    for late in chosen:
        for soon in sorted(weak[late]):
            left[late].add(soon)
            if _circles(left):
                left[late].discard(soon)
                yield late, soon


_TRIES: Final = 300  # sets of calls


def _circles(waits: Mapping[int, set[int]]) -> list[list[int]]:  # noqa: C901 - one algorithm, unrolled
    """Find the strongly connected parts of more than one call (Tarjan, without recursion)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    found: list[list[int]] = []
    for root in waits:
        if root in number:
            continue
        work = [(root, iter(sorted(waits[root])))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            index, others = work[-1]
            for other in others:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(waits[other]))))
                    break
                if other in on_stack:
                    low[index] = min(low[index], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[index])
                if low[index] == number[index]:
                    part = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        part.append(member)
                        if member == index:
                            break
                    if len(part) > 1:
                        found.append(part)
    return found


def _sequence(waits: Mapping[int, set[int]]) -> list[int]:
    open_ = {index: len(others) for index, others in waits.items()}
    followers: dict[int, list[int]] = defaultdict(list)
    for index, others in waits.items():
        for other in others:
            followers[other].append(index)
    ready = [index for index, count in open_.items() if not count]
    heapq.heapify(ready)
    sequence = []
    while ready:
        index = heapq.heappop(ready)
        sequence.append(index)
        for follower in followers[index]:
            open_[follower] -= 1
            if not open_[follower]:
                heapq.heappush(ready, follower)
    assert len(sequence) == len(waits), "circles were taken out before"
    return sequence
