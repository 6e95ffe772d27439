"""Which sections a wish is compared with, and which of them it can do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic, warning
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.resource import specs

Kinds = Mapping[str, Kind[Any]]


def needed_sections(desired: Desired, kinds: Kinds) -> frozenset[str]:
    """
    Name the sections that must be read: those managed, those that they name, and those that name them.

    A deletion is legal only when nothing refers to what goes, so whoever could refer must be known. And where those who
    answer are managed, so must be what leads callers to them: the keys of a queue that loses its last agent.
    """
    managed = _managed(desired, kinds)
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


def spared_sections(desired: Desired, kinds: Kinds) -> frozenset[str]:
    """
    Name the sections that a wish can do without, where the vendor's edition does not show them.

    What the files manage must be known, and what that may name. Who may name it is good to know: without, the plan
    warns, and the vendor still refuses to delete what is in use.
    """
    managed = _managed(desired, kinds)
    return frozenset(kinds) - _with_what_they_name(managed, kinds)


def free_sections(kinds: Kinds) -> frozenset[str]:
    """Name the sections that no other one names, so that the whole tenant makes sense without them."""
    return frozenset(name for name in kinds if name not in _with_what_they_name(kinds.keys() - {name}, kinds))


def not_shown(desired: Desired, live: Live, kinds: Kinds) -> Iterator[Diagnostic]:
    """Warn of sections that a wish should be compared with, and that the vendor's edition does not show."""
    for name in sorted(needed_sections(desired, kinds)):
        if name in live.sections or not kinds[name].readable:
            continue
        named = {spec.ref.section for spec in specs(kinds[name].resource).values() if spec.ref is not None}
        named = {section for section in named if desired.manages(section)} or named
        unknown = f": who refers to {' and '.join(sorted(named))} from there is not known" if named else ""
        yield warning(
            "not-shown",
            f"this edition does not show {name}{unknown}",
            remedy=f"Before any {' or '.join(sorted(named))} go, look in the vendor's console." if named else "",
        )


def _managed(desired: Desired, kinds: Kinds) -> frozenset[str]:
    return frozenset(name for name in kinds if desired.manages(name) or desired.implied.get(name))


def _with_what_they_name(sections: Iterable[str], kinds: Kinds) -> frozenset[str]:
    """Add what *sections* may name, and what all of these are read from."""
    found = set(sections)
    for name in tuple(found):
        found.update(spec.ref.section for spec in specs(kinds[name].resource).values() if spec.ref is not None)
    for name in tuple(found):
        found.update(kinds[name].reads_with)
    return frozenset(found)
