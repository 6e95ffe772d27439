"""
Problems in what a person wrote, as values: gathered, sorted by place, all shown at once.

A diagnostic never stops a stage by itself; the pipeline asks `Diagnostics.failed` between stages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is: an error stops the run after its stage, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    Where something stands in a source, ready to be shown.

    Lines and columns count from 1, columns in characters. *excerpt* is the whole line, with secrets
    already blanked out; *width* is how many characters the caret underlines.
    """

    file: str
    line: int
    column: int
    width: int = 1
    excerpt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """
    One problem: what, where, and what to do next.

    *code* is a stable kebab-case word (`unknown-field`); *summary* says what is wrong, *remedy* what would be
    right; *related* names other places that matter, such as the first of two duplicate keys. *path* is where it stands
    in the YAML, for stages that know no better place: `("agents", "li.wei", "queues")`.
    """

    severity: Severity
    code: str
    summary: str
    place: Place | None = None
    remedy: str = ""
    related: tuple[tuple[str, Place], ...] = ()
    path: tuple[str, ...] = ()

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order by place, then by text; problems without a place come first."""
        if self.place is None:
            return ("", 0, 0, self.code, self.summary)
        return (self.place.file, self.place.line, self.place.column, self.code, self.summary)


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """An immutable, ordered collection of diagnostics."""

    items: tuple[Diagnostic, ...] = field(default=())

    @classmethod
    def of(cls, items: Iterable[Diagnostic]) -> Diagnostics:
        """Gather *items*, sorted by place, each once."""
        return cls(tuple(sorted(dict.fromkeys(items), key=lambda item: item.sort_key)))

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __add__(self, other: Diagnostics) -> Diagnostics:
        return Diagnostics.of((*self.items, *other.items))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Only the errors."""
        return tuple(item for item in self.items if item.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Only the warnings."""
        return tuple(item for item in self.items if item.severity is Severity.WARNING)

    @property
    def failed(self) -> bool:
        """Whether a later stage must not run."""
        return any(item.severity is Severity.ERROR for item in self.items)


def error(
    code: str,
    summary: str,
    *,
    place: Place | None = None,
    remedy: str = "",
    related: tuple[tuple[str, Place], ...] = (),
) -> Diagnostic:
    """Make an error."""
    return Diagnostic(severity=Severity.ERROR, code=code, summary=summary, place=place, remedy=remedy, related=related)


def warning(
    code: str,
    summary: str,
    *,
    place: Place | None = None,
    remedy: str = "",
    related: tuple[tuple[str, Place], ...] = (),
) -> Diagnostic:
    """Make a warning."""
    return Diagnostic(
        severity=Severity.WARNING, code=code, summary=summary, place=place, remedy=remedy, related=related
    )
