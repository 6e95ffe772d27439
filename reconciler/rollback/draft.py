"""A way back in the making: what goes back, what goes, and what is to be said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic, warning
from reconciler.model.history import Attempt, Image, Run, RunState
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.resource import FieldSpec, specs
from reconciler.rollback.effect import Effect, effect

Key: TypeAlias = tuple[str, str]
"""Section and identity."""


@dataclass(slots=True, kw_only=True)
class Wanted:
    """An object that goes back: its fields, and which of them are the wish. *new* says that it is gone now."""

    image: Image
    values: dict[str, Any]
    written: set[str] = field(default_factory=set)
    new: bool = False


@dataclass(slots=True, kw_only=True)
class Draft:
    """
    One way back.

    *leaving* is what the run made, with its image; None for what the vendor made along with another object.
    """

    run: Run
    desired: Desired
    live: Live
    kinds: Mapping[str, Kind[Any]]
    files: Mapping[str, str]  # digest → path
    without: Mapping[Key, str]
    wanted: dict[Key, Wanted] = field(default_factory=dict)
    leaving: dict[Key, Image | None] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)
    names: dict[Key, str] = field(init=False)
    attempts: dict[str, list[Attempt]] = field(init=False)  # by address
    made: set[str] = field(init=False)  # extensions whose passwords the run was given, so it made them

    def __post_init__(self) -> None:
        """Look up what is asked for often."""
        self.names = {
            (section, entry.identity): entry.name
            for section, entries in self.desired.sections.items()
            for entry in entries.values()
        }
        self.attempts = defaultdict(list)
        for attempt in self.run.attempts:
            for address in attempt.call.changes:
                self.attempts[address].append(attempt)
        self.made = {made for attempt in self.run.attempts for made in attempt.places}

    @property
    def unfinished(self) -> bool:
        """Whether the run did not come to its end, so that it may have left what it made half made."""
        return self.run.state is not RunState.COMPLETE

    def name(self, key: Key) -> str:
        """Give an object's local name, or its identity where the files do not name it."""
        return self.names.get(key, key[1])

    def address(self, key: Key) -> str:
        """Give an object's address, as the files have it now."""
        name = self.name(key)
        return f"{key[0]}/{name}" if name else key[0]

    def final(self, key: Key) -> Mapping[str, Any] | None:
        """Give an object's fields as they will be; None for one that will not be there."""
        wanted = self.wanted.get(key)
        if wanted is not None:
            return wanted.values
        now = self.live.of(key[0]).get(key[1]) if key not in self.leaving else None
        return now.__dict__ if now is not None else None

    def gains(self, wanted: Wanted, spec: FieldSpec) -> tuple[str, ...]:
        """List what an object does not name now in a field, and will name again."""
        if spec.name not in wanted.written:
            return ()
        now = self.live.of(wanted.image.section).get(wanted.image.identity)
        has = members(now.__dict__[spec.name]) if now is not None else ()
        return tuple(member for member in members(wanted.values.get(spec.name)) if member not in has)

    def touched(self, image: Image) -> bool:
        """Whether the run may have done anything about what an object named before."""
        rules = specs(self.kinds[image.section].resource).values() if image.section in self.kinds else ()
        named = {
            (spec.ref.section, member)
            for spec in rules
            if spec.ref is not None
            for member in members((image.before or {}).get(spec.name))
        }
        addresses = [other.address for other in self.run.images if (other.section, other.identity) in named]
        return any(effect(self.attempts[address]) is not Effect.NONE for address in addresses)

    def masked(self, value: Any) -> Any:
        """Give a value as a record has it: without secrets."""
        return self.desired.mask.tree(value)

    def changed(self, image: Image, why: str) -> None:
        """Say that somebody changed an object since."""
        self.warnings.append(warning("changed-since", f"{image.address}: {why}"))

    def lost(self, image: Image, why: str) -> None:
        """Say that an object can't go back."""
        self.warnings.append(warning("not-restored", f"{image.address} can't be restored: {why}"))

    def lost_field(self, image: Image, name: str, why: str) -> None:
        """Say that a field can't go back."""
        self.warnings.append(warning("not-restored", f"{image.address}: {name} can't be restored: {why}"))


def members(value: Any) -> tuple[str, ...]:
    """List what a reference names, or references."""
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()


def said(value: Any) -> str:
    """Spell a value for people."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "empty"
    if isinstance(value, dict):
        return ", ".join(f"{name} {value[name]}" for name in sorted(value)) or "empty"
    return str(value) if value not in {"", None} else '""'
