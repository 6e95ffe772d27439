"""What is wrong, gathered while loading; places are found and secrets blanked out at the very end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from reconciler.load import limits
from reconciler.load.tree import Where
from reconciler.model.diagnostics import Severity


@dataclass(slots=True, eq=False)
class Problem:
    """A diagnostic in the making."""

    code: str
    summary: str
    where: Where = None
    remedy: str = ""
    related: tuple[tuple[str, Where], ...] = ()
    severity: Severity = Severity.ERROR


class EnoughError(Exception):
    """There are more problems than are said."""


@dataclass(slots=True)
class Problems:
    """
    All of them.

    *unsure* says that part of the configuration could not be read, so that what seems to be missing may well be
    there: nothing is then said of things that are missing. *secrets* are texts in messages that may be secret. There
    are at most `limits.PROBLEMS`; *more* says that some were left out, and *stops* that the one that is too many
    raises `EnoughError`.
    """

    items: list[Problem] = field(default_factory=list)
    unsure: bool = False
    secrets: list[str] = field(default_factory=list)
    more: bool = False
    stops: bool = False
    compared: int = 0

    def error(
        self,
        code: str,
        summary: str,
        where: Where = None,
        remedy: str = "",
        related: tuple[tuple[str, Where], ...] = (),
    ) -> None:
        """
        Add an error.

        Raises:
            EnoughError: There are more than anybody reads, and it *stops*.
        """
        self.add(Problem(code, summary, where, remedy, related))

    def add(self, problem: Problem) -> None:
        """Add any problem, as `error` does."""
        if len(self.items) < limits.PROBLEMS:
            self.items.append(problem)
            return
        self.more = True
        if self.stops:
            raise EnoughError

    def afford(self, count: int) -> bool:
        """Count *count* comparisons of names; say whether so many, in all, end in time."""
        self.compared += count
        return self.compared <= limits.COMPARISONS

    def warning(self, code: str, summary: str, where: Where = None, remedy: str = "") -> None:
        """Add a warning."""
        self.add(Problem(code, summary, where, remedy, severity=Severity.WARNING))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Find the known name that *word* probably was to be."""
    if len(word) > 100:  # the comparison's time grows with the square
        return None
    lowered = {name.lower(): name for name in sorted(known, reverse=True) if len(name) <= 100}
    found = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def suggestion(word: str, known: Sequence[str], *, otherwise: str = "known are", compare: bool = True) -> str:
    """Say what was probably meant, else what there is; without *compare*, only that."""
    near = nearest(word, known) if compare else None
    if near is not None:
        return f'did you mean "{near}"?'
    if not known:
        return ""
    shown = ", ".join(known[:12])
    return f"{otherwise} {shown}{', …' if len(known) > 12 else ''}"


def shown(text: str) -> str:
    """Quote *text* for a message: in one line, and not without end."""
    flat = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return f'"{flat}"' if len(flat) <= 80 else f'"{flat[:79]}…"'


def a(noun: str) -> str:
    """Give *noun* its article."""
    return f"an {noun}" if noun[:1] in "aeio" else f"a {noun}"


def given(value: object) -> str:
    """Say what kind of YAML *value* is."""
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return "a single value"
        case _:
            return "null"
