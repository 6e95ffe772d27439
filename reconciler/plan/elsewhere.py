"""
What would happen if a call ran elsewhere: tried on the vendor's model, not argued.

A call is made directly before one that it waits for, with everything else that either of them needs before both where
that can be, and the rest of the plan after. Either the model refuses something, or the end is another, or callers do
without something meanwhile, or nothing shows. The model is as strict as the vendor's page can be read, so a refusal is
what may happen and no fact. It knows no vendor: what callers would notice is read off the references that the kinds
declare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.errors import Rejected
from reconciler.model.explanation import Effect, Trial, called, listed
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.plan import Plan
from reconciler.model.resource import FieldSpec, Resource, specs
from reconciler.plan.stand_in import NOT_GIVEN, StandIn, scope
from reconciler.plan.ties import only_better
from reconciler.providers.base import Provider

_MOST: Final = 300_000  # calls made and objects read on the model, for all trials of one explanation together
_GAPS: Final = ("nobody", "nowhere", "absent", "empty", "odd", "fewer")  # the worst first
_NOTICED: Final = 3  # gaps that are told one by one
_MILD: Final = frozenset({Effect.FEWER, Effect.HARMLESS})

Name: TypeAlias = Callable[[Desired, Live], Live]
Gap: TypeAlias = tuple[str, ...]
_Items: TypeAlias = Mapping[str, Resource]
_Objects: TypeAlias = Mapping[str, _Items]
_Staff: TypeAlias = Counter[tuple[str, str]]  # by section and identity: how many answer


class Elsewhere:
    """Tries calls elsewhere; one for all the trials of a plan, so that what they share is worked out once."""

    def __init__(
        self, plan: Plan, desired: Desired, live: Live, provider: Provider, name: Name = lambda _, live: live
    ) -> None:
        """
        Start from a plan.

        Args:
            plan: Whose calls.
            desired: The wish.
            live: Where to start.
            provider: Brings the model.
            name: Calls what the model shows what a wish calls it, as *live* is named already.
        """
        self._calls = {call.id: call for call in plan.calls}
        self._provider = provider
        self._called = partial(called, desired=desired, live=live)
        reduced, self._start = scope(plan, desired, live, provider.kinds)
        self._name = partial(name, reduced)
        self._size = sum(map(len, self._start.sections.values()))
        self._left = _MOST
        self._ends: dict[frozenset[str], Live] = {}

    def trial(self, call: Call, others: Sequence[Call]) -> Trial:
        """
        Make *call* directly before some that it waits for, all for one reason.

        Where it needs them, before the first, which is enough to see what for. Where that is only better for callers,
        before all of them, and if that makes no difference, with those like it: what waits for nobody may run in any
        order.
        """
        if not only_better(call, others[0]):
            return self._tried((call,), others[:1])
        found = self._tried((call,), others)
        if found.effect not in _MILD:
            return found
        alike = [
            item
            for item in self._calls.values()
            if item.id != call.id and item.title == call.title
            if any(other.id in item.needs and only_better(item, other) for other in others)
        ]
        together = self._tried((call, *alike), others) if alike else found
        return together if together.effect is Effect.NOTICED else found

    def _tried(self, moved: tuple[Call, ...], others: Sequence[Call]) -> Trial:
        call, *alike = moved
        before = tuple(other.id for other in others)
        result = partial(Trial, call=call.id, before=before, along=tuple(item.id for item in alike))
        self._left -= 2 * len(self._calls) + 5 * self._size  # two runs, and what is read on the way
        if self._left < 0:
            return result(effect=Effect.UNTRIED, text="What would happen elsewhere was not tried: too large a plan.")
        lead = f"Before {listed(before)}" + (f", with {listed([item.id for item in alike])}" if alike else "")
        first = self._first(moved, before)
        done = {*first, *(item.id for item in moved)}
        run = StandIn(self._provider, self._start, self._name)
        refused = run.through([item for item in self._calls.values() if item.id in first])
        was = run.read() if refused is None else self._start
        refused = refused or run.through(moved)
        between = run.read() if refused is None else self._start
        works = refused is None
        refused = refused or run.through([item for item in self._calls.values() if item.id not in done])
        if refused is not None:
            at, why = refused
            what = "it" if at is call else at.id if at.id in before else f"{at.id} ({at.why})"
            refuses = f"the vendor's model refuses {what}: {_said(why)}."
            if why.code == NOT_GIVEN:
                refuses = f"{what} can't be made: {why.text}."
            text = f"{lead} {'it would work, and then ' if works else ''}{refuses}"
            return result(effect=Effect.REFUSED, text=text, code=why.code)
        if astray := self._astray(self._unmoved(first), run.read()):
            text = f"{lead} all calls would work, and the end would be wrong: {listed(astray)}."
            return result(effect=Effect.ASTRAY, text=text)
        new = sorted(self._gaps(between) - self._gaps(was), key=lambda gap: (_GAPS.index(gap[0]), gap))
        if new:
            worst = [gap for gap in new if gap[0] != "fewer"]
            text = f"{lead}, {'; '.join(self._notices(worst or new))} meanwhile."
            return result(effect=Effect.NOTICED if worst else Effect.FEWER, text=text)
        text = f"{lead} nothing would break, nor would callers notice: it waits to be on the safe side."
        return result(effect=Effect.HARMLESS, text=text)

    def _first(self, moved: Sequence[Call], others: Sequence[str]) -> frozenset[str]:
        """
        Name all that the moved calls and the *others* need, but for what must come after the *others*.

        Where they wait for them by need, what only prefers to come after those goes first all the same: so it is seen
        what this very need is good for.
        """
        ids = {item.id for item in moved}
        late = self._after(others, mild=only_better(moved[0], self._calls[others[0]]))
        if not (late - {*others}).isdisjoint(self._before(ids, hard=True)):
            late = self._after(others, mild=False)
        return self._before({*ids, *others}) - late - ids

    def _after(self, others: Iterable[str], *, mild: bool) -> set[str]:
        """Name what comes after *others*, and those; with *mild*, also what would only rather."""
        late = {*others}
        for item in self._calls.values():
            if any(self._waits(item, need, mild=mild) for need in item.needs if need in late):
                late.add(item.id)
        return late

    def _waits(self, call: Call, need: str, *, mild: bool) -> bool:
        return mild or not only_better(call, self._calls[need])

    def _before(self, starts: Iterable[str], *, hard: bool = False) -> frozenset[str]:
        """Name all calls that come before some, at however many removes; with *hard*, only those that must."""
        seen: set[str] = set()
        stack = [*starts]
        while stack:
            item = self._calls[stack.pop()]
            fresh = {need for need in item.needs if self._waits(item, need, mild=not hard)} - seen
            seen |= fresh
            stack.extend(fresh)
        return frozenset(seen)

    def _unmoved(self, first: frozenset[str]) -> Live:
        """Give the end where *first* comes first and nothing is moved: what the system chooses may differ by it."""
        if first not in self._ends:
            run = StandIn(self._provider, self._start, self._name)
            early = [item for item in self._calls.values() if item.id in first]
            run.through([*early, *(item for item in self._calls.values() if item.id not in first)])
            self._ends[first] = run.read()
        return self._ends[first]

    def _planned(self) -> Live:
        return self._unmoved(frozenset())

    def _astray(self, planned: Live, end: Live) -> list[str]:
        return [
            f"{self._object(section, identity)} {words}"
            for section, identity, words in _differences(planned, end, self._provider.kinds)
        ]

    def _gaps(self, state: Live) -> frozenset[Gap]:
        return frozenset(gaps(state.sections, self._start.sections, self._planned().sections, self._provider.kinds))

    def _object(self, section: str, identity: str) -> str:
        one = self._provider.kinds[section].one
        return f"{one} {self._called(section, identity)}" if identity else one

    def _notices(self, found: Sequence[Gap]) -> Iterator[str]:
        yield from map(self._notice, found[:_NOTICED])
        if len(found) > _NOTICED:
            yield f"and {len(found) - _NOTICED:,} more like these"

    def _notice(self, gap: Gap) -> str:
        match gap:
            case ("nobody", section, identity):
                return f"{self._object(section, identity)} would have nobody who answers"
            case ("nowhere", section, identity, other, target):
                where = self._object(other, target)
                return f"{self._object(section, identity)} would lead to {where}, where nobody answers"
            case ("absent", section, identity):
                return f"{self._object(section, identity)} would be missing"
            case ("fewer", section, identity, field):
                return f"{self._object(section, identity)} would have fewer {field.replace('_', ' ')}"
            case ("empty", section, identity, field):
                return f"{self._object(section, identity)} would have no {field.replace('_', ' ')}"
            case (_, section, identity, field, *value):
                there = f"the {field.replace('_', ' ')} {value[0]}" if any(value) else f"no {field.replace('_', ' ')}"
                return f"{self._object(section, identity)} would have {there}"
            case _:
                raise AssertionError(gap)


def gaps(state: _Objects, start: _Objects, end: _Objects, kinds: Mapping[str, Kind[Any]]) -> Iterator[Gap]:
    """
    Find what is worse in *state* than at the *start* and at the *end*: things that callers or agents do without.

    Yields:
        The sort of gap, the section, the identity, and what more says it: `("nobody", "queues", "9001")`.
    """
    staffed = {
        spec.ref.section
        for kind in kinds.values()
        for spec in specs(kind.resource).values()
        if spec.ref is not None and spec.ref.staffs
    }
    now, first, last = (_staff(objects, kinds) for objects in (state, start, end))
    for section in sorted(staffed):
        for identity in state.get(section, {}):
            if not now[section, identity] and first[section, identity] and last[section, identity]:
                yield ("nobody", section, identity)
    for section, kind in kinds.items():
        if kind.external or kind.read is None:
            continue
        items, before, after = (objects.get(section, {}) for objects in (state, start, end))
        for identity in before.keys() & after.keys():
            if identity in items:
                yield from _worse(section, identity, (before[identity], items[identity], after[identity]))
            else:
                yield ("absent", section, identity)
        for spec in specs(kind.resource).values():
            if spec.ref is not None and not spec.is_list and spec.ref.section in staffed:
                yield from _nowhere(section, spec, items, now, ((before, first), (after, last)))


def _nowhere(
    section: str, spec: FieldSpec, items: _Items, now: _Staff, sides: Sequence[tuple[_Items, _Staff]]
) -> Iterator[Gap]:
    """Find what leads callers to where nobody answers now, and to an answer at the start or the end."""
    assert spec.ref is not None, "it leads somewhere"
    there = spec.ref.section
    for identity, item in items.items():
        target = item.__dict__[spec.name]
        answered = (staff[there, side[identity].__dict__[spec.name]] for side, staff in sides if identity in side)
        if not now[there, target] and any(answered):
            yield ("nowhere", section, identity, there, target)


def _staff(objects: _Objects, kinds: Mapping[str, Kind[Any]]) -> _Staff:
    """Count who answers for each object; who is off duty answers for none."""
    found: _Staff = Counter()
    for section, items in objects.items():
        rules = specs(kinds[section].resource).values()
        duties = [spec.name for spec in rules if spec.on_duty]
        for spec in rules:
            if spec.ref is None or not spec.ref.staffs:
                continue
            for item in items.values():
                if all(item.__dict__[duty] for duty in duties):
                    found.update((spec.ref.section, identity) for identity in item.__dict__[spec.name])
    return found


def _worse(section: str, identity: str, three: tuple[Resource, Resource, Resource]) -> Iterator[Gap]:
    before, now, after = (item.__dict__ for item in three)
    for name, spec in specs(type(three[0])).items():
        if spec.computed or spec.write_only or now[name] in (before[name], after[name]):
            continue
        if spec.is_list:
            if spec.ref is not None and len(now[name]) < min(len(before[name]), len(after[name])):
                yield ("fewer" if now[name] else "empty", section, identity, name)
        else:
            yield ("odd", section, identity, name, str(now[name]))


def _differences(planned: Live, end: Live, kinds: Mapping[str, Kind[Any]]) -> Iterator[tuple[str, str, str]]:
    """Compare two ends, object by object."""
    for section, items in planned.sections.items():
        if kinds[section].external or kinds[section].read is None:
            continue
        found = end.of(section)
        for identity in sorted({*items, *found}):
            if identity not in found:
                yield section, identity, "would be missing"
            elif identity not in items:
                yield section, identity, "would still be there"
            else:
                rules = specs(kinds[section].resource).values()
                wrong = [
                    rule.name.replace("_", " ")
                    for rule in rules
                    if not (rule.computed or rule.write_only)
                    and items[identity].__dict__[rule.name] != found[identity].__dict__[rule.name]
                ]
                if wrong:
                    yield section, identity, f"would have other {listed(wrong)}"


def _said(refused: Rejected) -> str:
    return f"{refused.code} {refused.text}".strip().removesuffix(".")
