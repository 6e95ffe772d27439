"""What differs between the wish and the live tenant, as data: printable, hashable, comparable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from reconciler.model.resource import Resource, specs


class Action(StrEnum):
    """What happens to an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Risk(StrEnum):
    """What a change does to callers: nothing they notice, a thinner answer, or possibly no answer."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Cause(StrEnum):
    """Who made a difference, seen from an earlier revision of the files: they, a hand at the vendor's, or both."""

    YOURS = "yours"
    DRIFT = "drift"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the entry stands in the files: the key's line and column, from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """A field's value before and after; `None` before means that the object is created, or unknown."""

    path: str
    before: Any
    after: Any
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChange:
    """An unordered list's members that join and leave, sorted."""

    path: str
    add: tuple[str, ...]
    remove: tuple[str, ...]
    cause: Cause | None = None


FieldChange: TypeAlias = ValueChange | MemberChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One object that differs.

    *desired* is the wish, completed from *live* where the files leave a field open; it is None for a deletion, and
    *live* is None for a creation. *written* are the fields that the files manage. *label* is its name for people.
    *cause* is known where the plan was compared with an earlier revision (`--base`); so is that of each field.
    """

    section: str
    name: str
    identity: str
    action: Action
    fields: tuple[FieldChange, ...] = ()
    source: Source | None = None
    risk: Risk = Risk.LOW
    label: str = ""
    desired: Resource | None = field(default=None, repr=False)
    live: Resource | None = field(default=None, repr=False)
    written: frozenset[str] = frozenset()
    cause: Cause | None = None

    @property
    def address(self) -> str:
        """`queues/sales`; single things are their section alone."""
        return f"{self.section}/{self.name}" if self.name else self.section

    def field_change(self, path: str) -> FieldChange | None:
        """Find the change of one field."""
        for item in self.fields:
            if item.path == path:
                return item
        return None

    @property
    def paths(self) -> tuple[str, ...]:
        """Name the fields that differ."""
        return tuple(item.path for item in self.fields)

    def members(self, path: str) -> MemberChange:
        """Find the members that join and leave one list; none when it does not change."""
        found = self.field_change(path)
        return found if isinstance(found, MemberChange) else MemberChange(path=path, add=(), remove=())


def differences(change: Change, *, only: frozenset[str] | None = None) -> str:
    """Say in a line what differs: `timeout 60 → 90, name Sales → Vente`."""
    parts: list[str] = []
    for item in change.fields:
        if only is not None and item.path not in only:
            continue
        match item:
            case ValueChange(after=dict()) | ValueChange(before=dict()):
                parts += _paired(change, item)
            case ValueChange():
                parts.append(f"{item.path} {_short(item.before)} → {_short(item.after)}")
            case MemberChange():
                signed = [*(f"+{member}" for member in item.add), *(f"-{member}" for member in item.remove)]
                parts.append(f"{item.path} {' '.join(signed)}")
    return ", ".join(parts)


def pair_word(change: Change, path: str) -> str:
    """Name what belongs to each pair: "priority"; the field itself where that is not known."""
    item = change.desired if change.desired is not None else change.live
    spec = specs(type(item)).get(path) if item is not None else None
    return spec.paired_with.word if spec is not None and spec.paired_with is not None else path


def pairs_of(item: ValueChange) -> Iterator[tuple[str, Any, Any]]:
    """Take the change of a field with pairs apart: member, and its values before and after, None where it has none."""
    before, after = item.before or {}, item.after or {}
    for member in sorted({*before, *after}):
        yield member, before.get(member), after.get(member)


def _paired(change: Change, item: ValueChange) -> Iterator[str]:
    word = pair_word(change, item.path)
    for member, before, after in pairs_of(item):
        values = [_short(value) for value in (before, after) if value is not None]
        yield f"{word} of {member} {' → '.join(values)}"


def _short(value: Any) -> str:
    if value is None:
        return "(unknown)"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value) if value != "" else '""'
    return text if len(text) <= 60 else f"{text[:59]}…"
