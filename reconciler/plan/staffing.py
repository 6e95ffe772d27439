"""Who answers for what: the objects that lose the last of those who staff them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.model.change import Action, Change
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.resource import specs


def left_alone(changes: Sequence[Change], live: Live, kinds: Mapping[str, Kind[Any]]) -> tuple[tuple[str, str], ...]:
    """
    Find the objects that are staffed now and would not be after *changes*.

    Returns:
        Pairs of section and identity, sorted. Objects that the changes delete are left out.
    """
    found: set[tuple[str, str]] = set()
    for kind in kinds.values():
        for spec in specs(kind.resource).values():
            if spec.ref is not None and spec.ref.staffs:
                found |= {(spec.ref.section, item) for item in _emptied(kind.section, spec.name, changes, live)}
    gone = {(change.section, change.identity) for change in changes if change.action is Action.DELETE}
    return tuple(sorted(found - gone))


def _emptied(section: str, field: str, changes: Sequence[Change], live: Live) -> set[str]:
    lost: Counter[str] = Counter()
    for change in changes:
        if change.section != section:
            continue
        if change.action is Action.DELETE and change.live is not None:
            lost.update(change.live.__dict__[field])
        else:
            members = change.members(field)
            lost.update(members.remove)
            lost.subtract(members.add)
    losing = {identity for identity, count in lost.items() if count > 0}
    if not losing:
        return set()
    before = Counter(
        identity for item in live.of(section).values() for identity in item.__dict__[field] if identity in losing
    )
    return {identity for identity in losing if 0 < before[identity] <= lost[identity]}
