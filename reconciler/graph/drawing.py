"""Nodes and edges: which objects stand on a caller's way, and what leads where, whichever side holds the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from reconciler.model.kind import Kind
from reconciler.model.resource import Resource, identity_field, specs
from reconciler.model.routing import Role, Route

Kinds = Mapping[str, Kind[Any]]
Objects = Mapping[str, Mapping[str, Resource]]  # by section and identity
Names = Mapping[tuple[str, str], str]  # local names, by section and identity

RANK: Final = {role: number for number, role in enumerate(Role)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A field of *section* whose values name objects of *to*. *along*: the way leads from the one that holds it."""

    section: str
    field: str
    to: str
    along: bool
    lets_go: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """
    What nobody can say of some objects.

    Args:
        fields: (section, identity, field) that is not written, or was not shown.
        made: The same, where the vendor puts in what it chooses: there will be something.
        lists: (section, field) whose lists may hold more than is known, of any object.
        sections: Those that may hold more objects than are known.
    """

    fields: frozenset[tuple[str, str, str]] = frozenset()
    made: frozenset[tuple[str, str, str]] = frozenset()
    lists: frozenset[tuple[str, str]] = frozenset()
    sections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """
    One object on the way, not judged yet.

    *outside*: it is only named here, and nothing else is known of it. *missing*: it is named, and its section, which is
    known, does not have it.
    """

    address: str
    section: str
    identity: str
    label: str
    off: bool = False
    outside: bool = False
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All spots by address, and the steps between them: (start, end, outward)."""

    routes: Mapping[str, Route]
    ties: tuple[Tie, ...]
    known: frozenset[str]  # sections of which the objects are known
    spots: Mapping[str, Spot] = field(repr=False)
    steps: tuple[tuple[str, str, bool], ...] = field(repr=False)

    @classmethod
    def of(
        cls,
        objects: Objects,
        kinds: Kinds,
        names: Names,
        *,
        gone: frozenset[tuple[str, str]] = frozenset(),
        sure: bool = True,
    ) -> Self:
        """
        Draw *objects*; what still names one of *gone* will let go of it.

        Without *sure*, a name that is not among them may be any object's: that of a variable which is not set.
        """
        routes = {kind.section: kind.route for kind in kinds.values() if kind.route is not None}
        drawn = _Drawn(kinds, routes, names)
        present = {
            section: _with_implied(section, objects, kinds)
            for section in routes
            if section in objects or _implied(section, kinds)
        }
        for section, items in present.items():
            for identity, item in items.items():
                if identity or _worth(item):
                    drawn.add(section, identity, item)
        ties = tuple(_ties(kinds, routes))
        for tie in ties:
            drawn.tie(tie, present, gone, known=tie.to in objects, sure=sure)
        drawn.serve()
        return cls(
            routes=routes,
            ties=ties,
            known=frozenset(objects),
            spots=drawn.spots,
            steps=tuple(sorted(drawn.steps)),
        )


class _Drawn:
    def __init__(self, kinds: Kinds, routes: Mapping[str, Route], names: Names) -> None:
        self._kinds = kinds
        self._routes = routes
        self._names = names
        self._duties = {section: _duty(kinds[section]) for section in routes}
        self._addresses: dict[str, dict[str, str]] = {section: {} for section in routes}
        self.spots: dict[str, Spot] = {}
        self.steps: set[tuple[str, str, bool]] = set()

    def add(self, section: str, identity: str, item: Resource | None, **more: bool) -> str:
        """Put an object on the picture, under its local name where it has one."""
        local = self._names.get((section, identity), identity)
        address = f"{section}/{local}" if identity else section
        while address in self.spots:  # a local name that is the identity of another object
            address += f" ({identity})"
        self._addresses[section][identity] = address
        values = item.__dict__ if item is not None else {}
        kind = self._kinds[section]
        titled, duty = kind.resource.label_field, self._duties[section]
        title = str(values.get(titled) or "") if titled else ""
        single = "" if identity or item is None else _single(item)
        self.spots[address] = Spot(
            address=address,
            section=section,
            identity=identity or single,
            label=title or single or (local if titled else identity),
            off=duty is not None and values.get(duty) is False,
            **more,
        )
        return address

    def tie(self, tie: Tie, present: Objects, gone: frozenset[tuple[str, str]], *, known: bool, sure: bool) -> None:
        """Add the steps that one field states; *known*: all objects that it may name were there, if that is *sure*."""
        here, there = self._addresses[tie.section], self._addresses[tie.to]
        outward, along, missing = self._routes[tie.section].outward, tie.along, known and sure
        for identity, item in present.get(tie.section, {}).items():
            value = item.__dict__.get(tie.field)
            if not value or identity not in here:
                continue
            for member in value if isinstance(value, tuple) else (value,):
                end = there.get(member)
                if end is None:
                    if (tie.to, member) in gone or (tie.lets_go and known):
                        continue
                    end = self.add(tie.to, member, None, outside=not missing, missing=missing)
                self.steps.add((here[identity], end, outward) if along else (end, here[identity], outward))

    def serve(self) -> None:
        """Add the steps from what leads to all of a role."""
        for section, route in self._routes.items():
            if route.serves_all is None:
                continue
            ends = [
                address
                for other, addresses in self._addresses.items()
                if self._routes[other].role is route.serves_all
                for address in addresses.values()
            ]
            for start in self._addresses[section].values():
                self.steps.update((start, end, False) for end in ends)


def referring(kinds: Kinds) -> dict[str, tuple[str, ...]]:
    """Name the fields of each section that say what leads where."""
    routes = {kind.section: kind.route for kind in kinds.values() if kind.route is not None}
    found: dict[str, tuple[str, ...]] = {}
    for tie in _ties(kinds, routes):
        found[tie.section] = (*found.get(tie.section, ()), tie.field)
    return found


def _ties(kinds: Kinds, routes: Mapping[str, Route]) -> Iterator[Tie]:
    for section, route in routes.items():
        for spec in specs(kinds[section].resource).values():
            if spec.ref is not None and spec.ref.section in routes:
                to = spec.ref.section
                along = RANK[route.role] < RANK[routes[to].role]
                yield Tie(section=section, field=spec.name, to=to, along=along, lets_go=spec.ref.lets_go)


def _implied(section: str, kinds: Kinds) -> bool:
    return any(True for _ in _implying(section, kinds))


def _implying(section: str, kinds: Kinds) -> Iterator[tuple[str, str]]:
    for kind in kinds.values():
        for spec in specs(kind.resource).values():
            if spec.ref is not None and spec.ref.implied and spec.ref.section == section:
                yield kind.section, spec.name


def _with_implied(section: str, objects: Objects, kinds: Kinds) -> Mapping[str, Resource]:
    """Give the objects of a section, and those that exist because others name them."""
    found = dict(objects.get(section, {}))
    own = identity_field(kinds[section].resource)
    for other, name in _implying(section, kinds):
        for item in objects.get(other, {}).values():
            for member in item.__dict__.get(name) or ():
                if member not in found:
                    found[member] = kinds[section].resource.live({own: member} if own else {})
    return found


def _worth(item: Resource) -> bool:
    """Whether a single thing holds anything: a company may have no default number."""
    return bool(_single(item))


def _single(item: Resource) -> str:
    return next((str(item.__dict__[name]) for name in specs(type(item)) if item.__dict__[name]), "")


def _duty(kind: Kind[Any]) -> str | None:
    return next((spec.name for spec in specs(kind.resource).values() if spec.on_duty), None)
