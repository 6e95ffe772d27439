"""How callers reach people, as the files of both sides say: the pictures, and what is newly broken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler import graph
from reconciler.model.change import Action, Change
from reconciler.model.desired import Desired, Entry
from reconciler.model.diagnostics import Diagnostic, Place, warning
from reconciler.model.kind import Kind
from reconciler.model.plan import Pictures
from reconciler.model.resource import Resource, specs
from reconciler.model.routing import Node, Role, Routing
from reconciler.review.objects import Sides

Kinds = Mapping[str, Kind[Any]]
Identified = tuple[str, str]  # section and identity

_MOST: Final = 20  # newly broken things that are named one by one
_PEOPLE: Final = frozenset({Role.AGENT, Role.EXTENSION})


def pictures(sides: Sides) -> Pictures:
    """Draw both sides, folded to a size that people can read."""
    was = graph.of_desired(sides.base, sides.kinds) if sides.base is not None else Routing()
    return Pictures(before=graph.folded(was), after=graph.folded(graph.of_desired(sides.head, sides.kinds)))


def newly_broken(
    sides: Sides, changes: Sequence[Change], released: Sequence[Change], told: Collection[str]
) -> Iterator[Diagnostic]:
    """
    Find what is broken and was not, among all that *changes* touch, and say where it stands.

    Only that part of a large tenant is drawn. Whom the files merely release goes on answering, so nothing is said of
    what *released* refers to. *told* are addresses of which it was said already.
    """
    touched, going_on = _touched(changes, sides.kinds), _touched(released, sides.kinds)
    after = _near(sides.head, touched, sides.kinds)
    faulty = [node for node in graph.of_desired(after, sides.kinds).nodes if node.fault and node.address not in told]
    if not faulty:
        return
    before = _near(sides.base, touched, sides.kinds) if sides.base is not None else None
    was = graph.of_desired(before, sides.kinds) if before is not None else Routing()
    names = {
        (section, entry.identity): identity
        for section, entries in sides.before.items()
        for identity, entry in entries.items()
    }
    known = {
        (section := _section(node), names.get((section, node.identity), node.identity)): node.fault
        for node in was.nodes
    }
    judged = touched | {
        (section, entry.identity)
        for section, entries in sides.head.sections.items()
        if _role(section, sides.kinds) is Role.KEY
        for entry in entries.values()
        if not touched.isdisjoint(_referred(entry.resource, sides.kinds))
    }
    judged -= going_on
    broken = [
        node
        for node in faulty
        if (place := (_section(node), node.identity)) in judged and known.get(place, "") != node.fault
    ]
    for node in broken[:_MOST]:
        yield warning("newly-broken", f"{node.address}: {node.fault}", place=_place(node, sides.head))
    if len(broken) > _MOST:
        yield warning("newly-broken", f"{len(broken) - _MOST:,} more on the way of callers are newly broken")


def on_the_way(change: Change, kinds: Kinds) -> bool:
    """Whether a change may alter how callers reach people, or what the picture says of it."""
    kind = kinds[change.section]
    if kind.route is None:
        return False
    if change.action is not Action.UPDATE or not kind.collection:
        return True
    looks = {name for name, spec in specs(kind.resource).items() if spec.ref is not None or spec.on_duty}
    return not {*looks, kind.resource.label_field}.isdisjoint(change.paths)


def _touched(changes: Iterable[Change], kinds: Kinds) -> frozenset[Identified]:
    """Name what changes, and what it refers to or did."""
    found: set[Identified] = set()
    for change in changes:
        if on_the_way(change, kinds):
            found.add((change.section, change.identity))
            for item in (change.live, change.desired):
                if item is not None:
                    found.update(_referred(item, kinds))
    return frozenset(found)


def _near(desired: Desired, touched: frozenset[Identified], kinds: Kinds) -> Desired:
    """Leave out the people that have nothing to do with what is touched."""

    def kept(entries: Mapping[str, Entry], section: str) -> Mapping[str, Entry]:
        if _role(section, kinds) not in _PEOPLE:
            return entries
        return {
            name: entry
            for name, entry in entries.items()
            if (section, entry.identity) in touched or not touched.isdisjoint(_referred(entry.resource, kinds))
        }

    return replace(
        desired,
        sections={section: kept(entries, section) for section, entries in desired.sections.items()},
        implied={section: kept(entries, section) for section, entries in desired.implied.items()},
    )


def _referred(item: Resource, kinds: Kinds) -> Iterator[Identified]:
    """Name what an object refers to on the way of callers."""
    for spec in specs(type(item)).values():
        if spec.ref is None or _role(spec.ref.section, kinds) is None:
            continue
        value = item.__dict__[spec.name]
        for name in value if isinstance(value, tuple) else (value,):
            if name:
                yield spec.ref.section, name


def _role(section: str, kinds: Kinds) -> Role | None:
    kind = kinds.get(section)
    return kind.route.role if kind is not None and kind.route is not None else None


def _section(node: Node) -> str:
    return node.address.partition("/")[0]


def _place(node: Node, desired: Desired) -> Place | None:
    section, _, name = node.address.partition("/")
    entry = desired.of(section).get(name)
    if entry is None or entry.source is None:
        return None
    return Place(file=entry.source.file, line=entry.source.line, column=entry.source.column)
