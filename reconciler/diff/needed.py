"""Which sections a wish can't be compared without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model.desired import Desired
from reconciler.model.kind import Kind
from reconciler.model.resource import specs

Kinds = Mapping[str, Kind[Any]]


def needed_sections(desired: Desired, kinds: Kinds) -> frozenset[str]:
    """
    Name the sections that must be read: those managed, those that they name, and those that name them.

    A deletion is legal only when nothing refers to what goes, so whoever could refer must be known. And where those who
    answer are managed, so must be what leads callers to them: the keys of a queue that loses its last agent.
    """
    managed = {name for name in kinds if desired.manages(name) or desired.implied.get(name)}
    needed = set(managed)
    for kind in kinds.values():
        for spec in specs(kind.resource).values():
            if spec.ref is None:
                continue
            if kind.section in managed:
                needed.add(spec.ref.section)
            if spec.ref.section in managed:
                needed.add(kind.section)
    served = {
        spec.ref.section
        for name in managed
        for spec in specs(kinds[name].resource).values()
        if spec.ref is not None and spec.ref.staffs
    }
    needed.update(
        kind.section
        for kind in kinds.values()
        for spec in specs(kind.resource).values()
        if spec.ref is not None and not spec.is_list and spec.ref.section in served
    )
    for name in tuple(needed):
        needed.update(kinds[name].reads_with)
    if needed:
        needed.update(kind.section for kind in kinds.values() if kind.external)
    return frozenset(needed)
