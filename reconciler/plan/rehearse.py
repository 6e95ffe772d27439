"""
Before a plan is shown it has been carried out, on the vendor's model in the state that was read.

If a call is refused there, the end is not the wish, or something else was touched, the plan is not shown: it is our own
mistake. Only what the plan touches takes part, so that a small change of a large tenant is rehearsed in no time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler.model.call import run
from reconciler.model.change import Change
from reconciler.model.desired import Desired, Entry
from reconciler.model.errors import DefectError, Rejected
from reconciler.model.kind import Kind
from reconciler.model.live import Live, Memory
from reconciler.model.plan import Plan
from reconciler.model.resource import Resource, specs
from reconciler.providers.base import Provider

_REPORT: Final = "Nothing was changed. This is our mistake: please report it, with a snapshot from `reconciler fetch`."
_WHOLE: Final = 500  # sections of up to so many objects take part whole, so that their limits hold

Check = Callable[[Desired, Live], Sequence[Change]]


def rehearse(plan: Plan, desired: Desired, live: Live, provider: Provider, *, check: Check) -> None:
    """
    Carry *plan* out on the vendor's model.

    Args:
        plan: Its calls, in their order.
        desired: The wish.
        live: Where to start.
        provider: Brings the model.
        check: Diffs a wish and an end state.

    Raises:
        DefectError: The model refuses a call, or the end is not the wish.
    """
    desired, start = _scope(plan, desired, live, provider.kinds)
    simulator = provider.simulate(start)
    facts = {section: dict(items) for section, items in live.memory.facts.items()}
    for call in plan.calls:
        try:
            reply = simulator.answer(call)
        except Rejected as refused:
            raise DefectError(
                f"the rehearsal of this plan failed at {call.id}, {call.title}: {refused.code} {refused.text}",
                remedy=_REPORT,
                report=repr(call),
            ) from refused
        learned = provider.learn(call, reply)
        for section, identity in learned.forget:
            facts.get(section, {}).pop(identity, None)
        for (section, identity), data in learned.remember.items():
            facts.setdefault(section, {})[identity] = dict(data)
    end = _read(provider, simulator.answer, Memory(facts), start)
    planned = {(change.section, change.identity) for change in plan.changes}
    wrong = [change.address for change in check(desired, end) if (change.section, change.identity) in planned]
    wrong += [f"{section}/{identity}" for section, identity in _touched(start, end, planned, provider.kinds)]
    if wrong:
        raise DefectError(
            f"the rehearsal of this plan ends elsewhere than it should: {', '.join(wrong[:5])}",
            remedy=_REPORT,
            report=repr(wrong),
        )


def _scope(plan: Plan, desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]) -> tuple[Desired, Live]:
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
    whole = {name for name, items in live.sections.items() if len(items) <= _WHOLE}
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


def _values(item: Resource, field: str) -> tuple[str, ...]:
    value = item.__dict__[field]
    return value if isinstance(value, tuple) else (value,)


def _touched(
    start: Live, end: Live, planned: set[tuple[str, str]], kinds: Mapping[str, Kind[Any]]
) -> Iterator[tuple[str, str]]:
    """Find objects that no change speaks of and that are not as they were."""
    for section, items in start.sections.items():
        if kinds[section].external or kinds[section].derive is not None:
            continue
        after = end.of(section)
        for identity, item in items.items():
            if (section, identity) not in planned and not _same(item, after.get(identity), kinds[section]):
                yield section, identity


def _same(before: Resource, after: Resource | None, kind: Kind[Any]) -> bool:
    if after is None:
        return False
    return all(
        before.__dict__[name] == after.__dict__[name]
        for name, spec in specs(kind.resource).items()
        if not (spec.computed or spec.write_only)
    )


def _read(provider: Provider, answer: Any, memory: Memory, live: Live) -> Live:
    found: dict[str, dict[str, Resource]] = {}
    for name, kind in provider.kinds.items():
        if kind.read is not None and name in live.sections:
            objects = run(kind.read(memory), answer)
            found[name] = {kind.identity(item): item for item in objects}
    for name, kind in provider.kinds.items():
        if kind.derive is not None and all(other in found for other in kind.reads_with):
            derived = kind.derive(found, memory)
            if kind.readable or derived:
                found[name] = {kind.identity(item): item for item in derived}
    return Live(found, memory)
