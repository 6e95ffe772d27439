"""What a configuration means to change between two revisions of it, without anybody looking at the tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.model.change import Change
from reconciler.model.diagnostics import Diagnostic
from reconciler.model.plan import Pictures, Summary


class Unsaid:
    """Stands for a value that the files leave out; *word* says what that means."""

    __slots__ = ("_word",)

    def __init__(self, word: str) -> None:
        self._word = word

    def __repr__(self) -> str:
        return self._word


NOT_MANAGED: Final = Unsaid("not managed")  # the live value stays
NOT_SET: Final = Unsaid("not set")  # the default holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """One side of a review: *name* is what the user calls it, *commit* the full id; "" for the work tree."""

    name: str
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """
    What changes between two revisions, in the order of the vendor's sections.

    Args:
        base: What it is compared with.
        head: What is reviewed.
        settings: What differs in `contact_center`, `provider`, `manage`, `safety` and `secrets`, by address such as
            `settings/manage.agents`.
        changes: Objects that the files name anew, name otherwise, or no longer name where an apply then deletes them.
            A field's value is `NOT_MANAGED` on the side that leaves it to the live tenant.
        released: Objects that the files no longer name and that stay live; as deletions.
        names: People's names for objects, by section and identity.
        pictures: How callers reach people as the files say, before and after; None where nothing of it changes.
    """

    contact_center: str
    provider: str
    base: Revised
    head: Revised
    summary: Summary = field(default_factory=Summary)
    settings: tuple[Change, ...] = ()
    changes: tuple[Change, ...] = field(default=(), repr=False)
    released: tuple[Change, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    names: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)
    pictures: Pictures | None = field(default=None, repr=False)

    @property
    def empty(self) -> bool:
        """Whether both revisions mean the same."""
        return not (self.settings or self.changes or self.released)

    @property
    def all_names(self) -> Mapping[tuple[str, str], str]:
        """Give people's names for what differs, too."""
        own = {(change.section, change.identity): change.label for change in self.all if change.label}
        return {**self.names, **own}

    @property
    def all(self) -> tuple[Change, ...]:
        """List all that differs."""
        return (*self.settings, *self.changes, *self.released)
