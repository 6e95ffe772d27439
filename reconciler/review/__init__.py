"""
Two values of `Desired` → Review: what two revisions of a configuration differ in, read off the kinds' declarations.

Pure, and no vendor is known here. Only meaning counts: where an entry stands, how it is written and what it is called
in the files is no difference. Nobody has looked at the tenant, so what is told is what the files ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconciler.diff.section import natural
from reconciler.model.change import Action, Change, MemberChange, Source, ValueChange, pairs_of
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic, Diagnostics, Place
from reconciler.model.kind import Kind
from reconciler.model.resource import specs
from reconciler.model.review import Review, Revised
from reconciler.plan import summary_of
from reconciler.plan.staffing import lonely
from reconciler.providers.base import Provider
from reconciler.review.objects import Sides, compared
from reconciler.review.settings import settings_changes
from reconciler.review.ways import newly_broken, on_the_way, pictures

__all__ = ["Side", "review"]

Kinds = Mapping[str, Kind[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """
    One side of a review.

    Args:
        revised: What it is called.
        desired: The configuration; None where the revision has none.
        locate: Finds where a path of the YAML stands.
        told: Names a file as the user does.
    """

    revised: Revised
    desired: Desired | None
    locate: Callable[[Sequence[str]], Place | None] = lambda _: None
    told: Callable[[str], str] = str


def review(
    base: Side, head: Side, provider: Provider, *, warnings: Iterable[Diagnostic] = (), pictured: bool = True
) -> Review:
    """
    Compare two revisions of a configuration.

    Args:
        base: What it is compared with.
        head: What is reviewed; must have a configuration.
        provider: The vendor that *head* names.
        warnings: What is to be known of *head* besides.
        pictured: Whether to draw how callers reach people; for large tenants that takes as long as the rest.
    """
    after = head.desired
    assert after is not None, "what is reviewed is there"
    kinds = provider.kinds
    same_vendor = base.desired is not None and base.desired.settings.type == after.settings.type
    before = base.desired if same_vendor else None
    sides = Sides.of(before, after, kinds)
    found = compared(sides)
    changes = tuple(_placed(change, base, head) for change in _sorted(found.changes, kinds))
    released = tuple(_placed(change, base, head) for change in _sorted(found.released, kinds))
    changes, alone = lonely(changes, after, sides.base_live, kinds)
    settings = (
        () if base.desired is None else tuple(settings_changes(base.desired, after, provider, _finder(base, head)))
    )
    objects = (*changes, *released)
    broken: tuple[Diagnostic, ...] = ()
    drawn = None
    if any(on_the_way(change, kinds) for change in objects):
        told = {word.strip(",") for problem in alone for word in problem.summary.split()}
        broken = tuple(newly_broken(sides, changes, released, told))
        drawn = pictures(sides) if pictured else None
    problems = (*alone, *found.problems, *broken)
    problems = tuple(_at(problem, head.told) for problem in problems)
    return Review(
        contact_center=after.contact_center,
        provider=after.settings.type,
        base=base.revised,
        head=head.revised,
        summary=summary_of(changes, kinds),
        settings=settings,
        changes=changes,
        released=released,
        notes=(*_beginning(base, after), *found.notes),
        warnings=Diagnostics.of((*warnings, *problems)).items,
        names=_names(objects, sides, kinds),
        pictures=drawn,
    )


def _beginning(base: Side, after: Desired) -> Iterator[str]:
    """Say with what nothing can be compared."""
    if base.desired is None:
        yield f"There is no such configuration at {base.revised.name}: all of it is new."
    elif base.desired.settings.type != after.settings.type:
        yield (
            f"The vendor is another one: all objects are new at {after.settings.type}, and what is live at "
            f"{base.desired.settings.type} stays as it is."
        )
    elif base.desired.settings.tenant != after.settings.tenant:
        yield "The tenant is another one: what is live in the one before stays as it is."


def _sorted(changes: Iterable[Change], kinds: Kinds) -> list[Change]:
    place_of = {section: place for place, section in enumerate(kinds)}
    return sorted(changes, key=lambda change: (place_of[change.section], *natural(change.address)))


def _placed(change: Change, base: Side, head: Side) -> Change:
    """Name the file as the user does: that of what goes is the base's."""
    if change.source is None:
        return change
    told = (base if change.action is Action.DELETE else head).told
    return replace(change, source=replace(change.source, file=told(change.source.file)))


def _at(problem: Diagnostic, told: Callable[[str], str]) -> Diagnostic:
    place = problem.place
    return problem if place is None else replace(problem, place=replace(place, file=told(place.file)))


def _finder(base: Side, head: Side) -> Callable[[Sequence[str]], Source | None]:
    def find(path: Sequence[str]) -> Source | None:
        for side in (head, base):
            place = side.locate(path)
            if place is not None:
                return Source(file=side.told(place.file), line=place.line, column=place.column)
        return None

    return find


def _names(changes: Sequence[Change], sides: Sides, kinds: Kinds) -> dict[tuple[str, str], str]:
    """Find people's names for what the changes refer to."""
    wanted: set[tuple[str, str]] = set()
    for change in changes:
        rules = specs(kinds[change.section].resource)
        for item in change.fields:
            spec = rules.get(item.path)
            ref = rules[spec.paired_with.field].ref if spec and spec.paired_with else spec.ref if spec else None
            if ref is not None:
                wanted.update((ref.section, name) for name in _members(item))
    found = {}
    for section, identity in sorted(wanted):
        label = sides.label(section, identity)
        if label:
            found[section, identity] = label
    return found


def _members(item: MemberChange | ValueChange) -> Iterator[str]:
    match item:
        case MemberChange():
            yield from (*item.add, *item.remove)
        case ValueChange(after=dict()) | ValueChange(before=dict()):
            yield from (member for member, _, _ in pairs_of(item))
        case ValueChange():
            for value in (item.before, item.after):
                match value:
                    case str():
                        yield value
                    case list() | tuple():
                        yield from value
                    case _:
                        pass
