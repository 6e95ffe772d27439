"""
The vendor's model in the vendor's place: in the state that was read, or the part of it that a plan touches.

What is rehearsed and what is tried out for an explanation both run on it; see `rehearse` and `elsewhere`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler.model.call import Call, Reply, asked, known, run
from reconciler.model.desired import Desired, Entry
from reconciler.model.errors import Rejected
from reconciler.model.kind import Kind
from reconciler.model.live import Live, Memory
from reconciler.model.plan import Plan
from reconciler.model.renaming import as_read, rename_field
from reconciler.model.resource import Resource, specs
from reconciler.providers.base import Provider, Simulator

NOT_GIVEN: Final = "not-given"  # the code of a call that sends what no answer has given yet

_WHOLE: Final = 500  # sections of up to so many objects take part whole, so that their limits hold


class StandIn:
    """The vendor's model, from the start, with what its answers taught."""

    def __init__(self, provider: Provider, start: Live, name: Callable[[Live], Live] = lambda live: live) -> None:
        """
        Start.

        Args:
            provider: Brings the model.
            start: From where.
            name: Calls what is read what *start* calls it.
        """
        self._provider = provider
        self._name = name
        self._start = start
        self._model: Simulator = provider.simulate(as_read(start, provider.kinds))
        self._facts = {section: dict(items) for section, items in start.memory.facts.items()}
        self._given: dict[str, Mapping[str, Any]] = {}  # what answers gave for later calls, by call id

    def through(self, calls: Sequence[Call]) -> tuple[Call, Rejected] | None:
        """Make *calls*; give the first that the vendor refuses, and its words, or that nobody can make yet."""
        for call in calls:
            unknown = [item for item in sorted(asked(call)) if item[1] not in self._given.get(item[0], {})]
            if unknown:
                return call, _not_given(call, *unknown[0])
            ready = known(call, self._given)
            try:
                learned = self._provider.learn(ready, self._answer(ready))
            except Rejected as refused:
                return call, refused
            if learned.failed:
                return call, _left_out(call, learned.failed)
            self._given[call.id] = learned.given
            for section, identity in learned.forget:
                self._facts.get(section, {}).pop(identity, None)
            for (section, identity), data in learned.remember.items():
                self._facts.setdefault(section, {})[identity] = dict(data)
        return None

    def _answer(self, call: Call) -> Reply:
        """Make one call as the client does: in its other form, where the vendor refuses the first for that reason."""
        if call.otherwise is None:
            return self._model.answer(call)
        reply = self._model.answer(replace(call, accepts=call.accepts | call.otherwise_on))
        if reply.condition in call.otherwise_on - call.accepts:
            return self._model.answer(call.otherwise)
        return reply

    def same_as(self, other: StandIn) -> bool:
        """Whether both have come to the same."""
        return bool(self._facts == other._facts and self._model.state() == other._model.state())

    def read(self) -> Live:
        """Read all of it, as a fetch would."""
        return self._name(_read(self._provider, self._model.answer, Memory(self._facts), self._start))


def _not_given(call: Call, giver: str, field: str) -> Rejected:
    text = f"it sends {field}, which the answer to {giver} gives"
    return Rejected(f"{call.title} can't be made: {text}", code=NOT_GIVEN, text=text, call=call.title)


def _left_out(call: Call, failed: Mapping[str, str]) -> Rejected:
    text = "; ".join(f"{name} {why}".rstrip() for name, why in failed.items())
    return Rejected(f"{call.title} leaves out {text}", code="partial", text=text, call=call.title)


def scope(plan: Plan, desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]) -> tuple[Desired, Live]:
    """Reduce both states to what the plan's changes are and name."""
    involved: dict[str, set[str]] = {name: set() for name in kinds}
    for change in plan.changes:
        involved[change.section].add(change.identity)
        for spec in specs(kinds[change.section].resource).values():
            if spec.ref is None:
                continue
            for side in (change.desired, change.live):
                value = side.__dict__[spec.name] if side is not None else ()
                involved[spec.ref.section].update(value if isinstance(value, tuple) else (value,))
    whole = {name for name, items in live.sections.items() if len(items) <= _WHOLE or _renames(name, desired, kinds)}
    sections = {
        name: items if name in whole else {key: items[key] for key in sorted(involved[name]) if key in items}
        for name, items in live.sections.items()
    }
    # What takes part whole may name what does not.
    for name in whole:
        for spec in specs(kinds[name].resource).values():
            if spec.ref is not None and spec.ref.section not in whole and spec.ref.section in live.sections:
                named = {key for item in live.of(name).values() for key in _values(item, spec.name)}
                target = live.of(spec.ref.section)
                sections[spec.ref.section] = {
                    **sections.get(spec.ref.section, {}),
                    **{key: target[key] for key in sorted(named) if key in target},
                }

    def taking_part(section: str, entries: Mapping[str, Entry]) -> dict[str, Entry]:
        if section in whole:
            return dict(entries)
        return {key: entry for key, entry in entries.items() if entry.identity in involved[section]}

    reduced = replace(
        desired,
        sections={name: taking_part(name, entries) for name, entries in desired.sections.items()},
        implied={name: taking_part(name, entries) for name, entries in desired.implied.items()},
    )
    return reduced, Live(sections, live.memory)


def _renames(section: str, desired: Desired, kinds: Mapping[str, Kind[Any]]) -> bool:
    """Whether names change in a section: who is called what can be told of the whole alone."""
    field = rename_field(kinds[section].resource)
    return field is not None and any(entry.resource.__dict__[field] for entry in desired.of(section).values())


def _values(item: Resource, field: str) -> tuple[str, ...]:
    value = item.__dict__[field]
    return value if isinstance(value, tuple) else (value,)


def _read(provider: Provider, answer: Any, memory: Memory, live: Live) -> Live:
    found: dict[str, dict[str, Resource]] = {}
    for name, kind in provider.kinds.items():
        if kind.read is not None and name in live.sections:
            objects = run(kind.read(memory), answer)
            found[name] = {kind.identity(item): item for item in objects}
    for name, kind in provider.kinds.items():
        if kind.derive is None or (kind.read is not None and name not in found):
            continue
        if all(other in found for other in kind.reads_with):
            derived = kind.derive(found, memory)
            if kind.readable or derived:
                found[name] = {kind.identity(item): item for item in derived}
    return Live(found, memory)
