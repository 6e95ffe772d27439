"""What is to be absorbed, in the smallest parts that can be absorbed or left one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, assert_never

from reconciler.model.change import Action, Change, FieldChange, MemberChange, differences
from reconciler.model.drift import flipped
from reconciler.model.kind import Kind
from reconciler.model.resource import specs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unit:
    """
    One field that differs, or, without one, a whole object.

    *change* is the way back to the wish, as drift has it; of several fields, *field* alone is meant.
    """

    change: Change
    kind: Kind[Any]
    field: FieldChange | None = None

    @property
    def path(self) -> str:
        """The field, empty for a whole object."""
        return self.field.path if self.field is not None else ""

    def said(self, name_of: Callable[[str, str], str]) -> str:
        """Say what absorbing it does to the files, in a line; *name_of* names an object of a section."""
        match self.change.action:
            case Action.CREATE:
                return "removed"
            case Action.DELETE:
                return "added"
            case Action.UPDATE:
                told = flipped(self.change)
                ref = specs(self.kind.resource)[self.path].ref if self.path else None
                item = told.field_change(self.path)
                if ref is not None and isinstance(item, MemberChange):
                    add, remove = (tuple(name_of(ref.section, one) for one in some) for some in (item.add, item.remove))
                    told = replace(told, fields=(replace(item, add=add, remove=remove),))
                return differences(told, only=frozenset({self.path}) if self.path else None)
            case _:
                assert_never(self.change.action)


def units_of(changes: Iterable[Change], kinds: dict[str, Kind[Any]]) -> Iterator[Unit]:
    """Take changes apart; fields that only make sense together stay together."""
    for change in changes:
        kind = kinds[change.section]
        if change.action is not Action.UPDATE or kind.together:
            yield Unit(change=change, kind=kind)
            continue
        for item in change.fields:
            yield Unit(change=change, kind=kind, field=item)
