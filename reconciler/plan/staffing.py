"""Who answers for what: the objects that lose the last of those who staff them, and what leads callers there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from reconciler.model.change import Action, Change, Risk
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic, warning
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.resource import FieldSpec, Resource, specs

Identified = tuple[str, str]  # section and identity


def lonely(
    changes: Sequence[Change], desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]
) -> tuple[tuple[Change, ...], tuple[Diagnostic, ...]]:
    """Raise the risk of changes that take the last one who answers, or lead callers to nobody, and say so."""
    alone = left_alone(changes, live, kinds)
    nowhere = unanswered(changes, live, kinds)
    if not alone and not nowhere:
        return tuple(changes), ()
    told = {change.address for change in nowhere}
    raised = tuple(
        replace(change, risk=Risk.HIGH)
        if change.address in told or not leaves(change, kinds).isdisjoint(alone)
        else change
        for change in changes
    )
    return raised, (
        *(_left_alone(found, changes, desired, live, kinds) for found in alone),
        *(_leads_nowhere(change, desired, kinds) for change in nowhere),
    )


def _left_alone(
    found: tuple[str, str], changes: Sequence[Change], desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]
) -> Diagnostic:
    section, identity = found
    told = f"{section}/{desired.local_name(section, identity)} will have nobody who answers"
    callers = leading_to(found, changes, live, kinds)
    if callers:
        names = ", ".join(f"{other}/{desired.local_name(other, name)}" for other, name in callers)
        told += f", and {names} {'leads' if len(callers) == 1 else 'lead'} callers there"
    return warning("left-alone", told)


def _leads_nowhere(change: Change, desired: Desired, kinds: Mapping[str, Kind[Any]]) -> Diagnostic:
    assert change.desired is not None, "what goes leads nowhere anyway"
    refs = [spec for spec in specs(type(change.desired)).values() if spec.ref is not None and not spec.is_list]
    aims = [(spec.ref.section, change.desired.__dict__[spec.name]) for spec in refs if spec.ref is not None]
    section, identity = next(aim for aim in aims if aim[1])
    return warning(
        "leads-nowhere",
        f"{change.address} will lead callers to {section}/{desired.local_name(section, identity)}, "
        f"a {kinds[section].one} where nobody answers",
    )


def left_alone(changes: Sequence[Change], live: Live, kinds: Mapping[str, Kind[Any]]) -> tuple[Identified, ...]:
    """
    Find the objects that are staffed now and would not be after *changes*.

    Who may not sign in staffs nothing: disabling the last agent of a queue leaves it alone as a deletion does.

    Returns:
        Pairs of section and identity, sorted. Objects that the changes delete are left out.
    """
    found: set[Identified] = set()
    for kind, spec in _staffing(kinds):
        assert spec.ref is not None, "who staffs refers"
        change = _difference(kind.section, spec.name, changes)
        losing = {identity for identity, count in change.items() if count < 0}
        if losing:
            before = _count(spec.name, live.of(kind.section).values(), losing)
            found |= {(spec.ref.section, item) for item in losing if 0 < before[item] <= -change[item]}
    gone = {(change.section, change.identity) for change in changes if change.action is Action.DELETE}
    return tuple(sorted(found - gone))


def unanswered(changes: Sequence[Change], live: Live, kinds: Mapping[str, Kind[Any]]) -> tuple[Change, ...]:
    """
    Find the changes that lead callers to where nobody answers: a key that is made or turned to an unstaffed queue.

    Where it was not read who staffs what, nothing is known, and nothing is found.
    """
    staffed = {spec.ref.section: (kind, spec) for kind, spec in _staffing(kinds) if spec.ref is not None}
    leading = [
        (change, spec.ref.section, change.desired.__dict__[spec.name])
        for change in changes
        if change.desired is not None
        for spec in specs(type(change.desired)).values()
        if spec.ref is not None and not spec.is_list and spec.ref.section in staffed
        if change.action is Action.CREATE or change.field_change(spec.name) is not None
    ]
    found = []
    for section in sorted({section for _, section, _ in leading}):
        kind, spec = staffed[section]
        if kind.section not in live.sections:
            continue
        named = {identity for _, to, identity in leading if to == section and identity}
        after = _count(spec.name, live.of(kind.section).values(), named)
        after.update(_difference(kind.section, spec.name, changes))
        found += [
            change for change, to, identity in leading if to == section and identity in named and after[identity] <= 0
        ]
    return tuple(found)


def leading_to(
    identified: Identified, changes: Sequence[Change], live: Live, kinds: Mapping[str, Kind[Any]]
) -> tuple[Identified, ...]:
    """List what would lead callers to an object after *changes*: the keys that point at a queue."""
    section, identity = identified
    found: list[Identified] = []
    for kind in kinds.values():
        for spec in specs(kind.resource).values():
            if spec.ref is None or spec.is_list or spec.ref.section != section:
                continue
            after = {name: item.__dict__[spec.name] for name, item in live.of(kind.section).items()}
            for change in changes:
                if change.section == kind.section:
                    after[change.identity] = change.desired.__dict__[spec.name] if change.desired is not None else ""
            found += [(kind.section, name) for name, value in sorted(after.items()) if value == identity]
    return tuple(found)


def leaves(change: Change, kinds: Mapping[str, Kind[Any]]) -> frozenset[Identified]:
    """Name what a change lets go of as far as answering goes: by unbinding, by deletion, or by going off duty."""
    resource = kinds[change.section].resource
    return frozenset(
        (spec.ref.section, identity)
        for spec in specs(resource).values()
        if spec.ref is not None and spec.ref.staffs
        for identity in _answered(change.live, spec.name) - _answered(change.desired, spec.name)
    )


def _staffing(kinds: Mapping[str, Kind[Any]]) -> Iterator[tuple[Kind[Any], FieldSpec]]:
    for kind in kinds.values():
        for spec in specs(kind.resource).values():
            if spec.ref is not None and spec.ref.staffs:
                yield kind, spec


def _difference(section: str, field: str, changes: Sequence[Change]) -> dict[str, int]:
    """Count by how many those who answer for each object become more or fewer."""
    found: dict[str, int] = defaultdict(int)
    for change in changes:
        if change.section != section:
            continue
        before, after = _answered(change.live, field), _answered(change.desired, field)
        for identity in after - before:
            found[identity] += 1
        for identity in before - after:
            found[identity] -= 1
    return found


def _count(field: str, items: Any, wanted: set[str]) -> Counter[str]:
    return Counter(
        identity for item in items for identity in item.__dict__[field] if identity in wanted and _on_duty(item)
    )


def _answered(item: Resource | None, field: str) -> frozenset[str]:
    return frozenset(item.__dict__[field]) if item is not None and _on_duty(item) else frozenset()


def _on_duty(item: Resource) -> bool:
    return all(item.__dict__[field] for field in _duties(type(item)))


@lru_cache
def _duties(resource: type[Resource]) -> tuple[str, ...]:
    return tuple(spec.name for spec in specs(resource).values() if spec.on_duty)
