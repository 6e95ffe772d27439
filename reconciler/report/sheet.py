"""
What a reader is shown, whatever it comes from and whatever form it takes.

A plan, drift, a review and a check of files become a `Sheet`: plain texts in which secrets are masked and control
characters spelt out. A form (Markdown, HTML, SARIF …) is a function from a sheet to text; it has its own markup to
escape and nothing else to fear. The terminal's text and JSON are written from the values themselves.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from reconciler.model.change import Action, Cause, Risk, Source
from reconciler.model.diagnostics import Place
from reconciler.model.plan import Pictures, Refusal, Summary
from reconciler.report.pen import RISKS, sentence


class Subject(StrEnum):
    """What a sheet is about."""

    PLAN = "plan"
    DRIFT = "drift"
    REVIEW = "review"
    CHECK = "check"


class Level(StrEnum):
    """How loud a remark is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS: Final = tuple(Level)  # the most severe first


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One field that differs.

    *before* is None where the object is new or the value unknown, *after* where it goes. Of a list, *added* and
    *removed* name members instead.
    """

    path: str
    before: str | None = None
    after: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    One object that differs.

    Args:
        word: What happens to it in a word: "create", "change", "delete"; of drift, what happened.
        title: Its name for people.
        fingerprint: The same for the same difference, wherever it stands in the files.
        pending: The files are ahead, and nobody changed anything by hand; only drift tells.
        status: Of drift with a history: "new", "still there".
        since: When it was first seen, as text; "" where nobody knows.
    """

    address: str
    section: str
    title: str
    identity: str
    action: Action
    word: str
    risk: Risk
    fields: tuple[Row, ...] = ()
    source: Source | None = None
    cause: Cause | None = None
    fingerprint: str = ""
    pending: bool = False
    status: str = ""
    since: str = ""

    @property
    def called(self) -> str:
        """Say what happens to what: `Queues: change Sales (9001)`; single things are their section alone."""
        name = sentence(self.section)
        title = f" {self.title}" if self.title != name else ""
        return f"{name[:1].upper()}{name[1:]}: {self.word}{title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One call of a plan."""

    id: str
    title: str
    why: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong, or to know."""

    level: Level
    code: str
    message: str
    remedy: str = ""
    place: Place | None = None
    related: tuple[tuple[str, Place], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """
    One thing that machines hang on a line: a change, a refusal, a problem.

    *rule* is a stable word, *fingerprint* the same for the same remark wherever it stands.
    """

    level: Level
    rule: str
    message: str
    address: str = ""
    place: Place | None = None
    remedy: str = ""
    fingerprint: str = ""

    @property
    def words(self) -> str:
        """Say it, and what to do about it."""
        return said(self.message, self.remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """
    What a reader is shown.

    Args:
        verdict: The whole in a sentence.
        command: What to type to carry it out; "" where there is nothing to carry out.
        time: How long the calls take, as text; "" where there are none.
        revisions: The two that a review compares, or the one of `--base`.
        notes: Sentences to know.
        path: Where the configuration lies, seen from where the command ran; "" where nobody knows.
        home: The web address of the folder from which files are named, with a slash at its end; "" where nobody knows.
        failed: It came to no result, and *problems* say why.
    """

    subject: Subject
    contact_center: str = ""
    provider: str = ""
    verdict: str = ""
    summary: Summary = field(default_factory=Summary)
    items: tuple[Item, ...] = ()
    calls: tuple[CallRow, ...] = ()
    time: str = ""
    command: str = ""
    refusals: tuple[Refusal, ...] = ()
    problems: tuple[Problem, ...] = ()
    unmanaged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pictures: Pictures | None = None
    revisions: tuple[str, ...] = ()
    path: str = ""
    home: str = ""
    failed: bool = False

    @property
    def risks(self) -> Mapping[Risk, int]:
        """Count the items by risk, the worst first; only those above low."""
        found = Counter(item.risk for item in self.items if not item.pending)
        return {risk: found[risk] for risk in RISKS if found[risk] and risk is not Risk.LOW}

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Say all of it line by line, the most severe first, then in the order of the files."""
        return tuple(sorted(_distinct(_remarks(self)), key=_severity))


def said(message: str, remedy: str) -> str:
    """Put what is wrong and what would be right together as sentences."""
    if not message or not remedy:
        return message or remedy
    if message.endswith((".", "!", "?", ":")):
        return f"{message} {remedy}"
    return f"{message}{';' if remedy[0].islower() else '.'} {remedy}"


def fingerprint(*parts: str) -> str:
    """Fingerprint what is said in *parts*: 32 hex digits, free of lines and times."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _severity(remark: Remark) -> tuple[int, str, int, int, str]:
    place = remark.place
    where = ("", 0, 0) if place is None else (place.file, place.line, place.column)
    return (LEVELS.index(remark.level), *where, remark.address)


_LOUDNESS: Final = {Risk.HIGH: Level.WARNING, Risk.MEDIUM: Level.WARNING, Risk.LOW: Level.NOTE}


def _remarks(sheet: Sheet) -> Iterator[Remark]:
    sources = {item.address: item.source for item in sheet.items if item.source is not None}
    for refusal in sheet.refusals:
        found = [(address, sources[address]) for address in refusal.objects if address in sources]
        address, source = found[0] if found else ("", None)
        yield Remark(
            level=Level.ERROR,
            rule=refusal.rule,
            message=f"Refused: {refusal.message}",
            address=address,
            place=_at(source),
            remedy=refusal.remedy,
            fingerprint=fingerprint(sheet.subject, sheet.contact_center, refusal.rule, *refusal.objects),
        )
    for problem in sheet.problems:
        name = "" if problem.place is None else problem.place.file
        yield Remark(
            level=problem.level,
            rule=problem.code,
            message=problem.message,
            place=problem.place,
            remedy=problem.remedy,
            fingerprint=fingerprint(sheet.subject, sheet.contact_center, problem.code, name, problem.message),
        )
    for item in sheet.items:
        if item.pending:
            continue
        level = Level.WARNING if sheet.subject is Subject.DRIFT else _LOUDNESS[item.risk]
        yield Remark(
            level=level,
            rule=f"{sheet.subject}-{item.word.replace(' ', '-')}",
            message=f"{item.called}{_in_short(item)}",
            address=item.address,
            place=_at(item.source),
            fingerprint=item.fingerprint,
        )


def _at(source: Source | None) -> Place | None:
    return None if source is None else Place(file=source.file, line=source.line, column=source.column)


def _in_short(item: Item) -> str:
    """Say in a line what differs in an object."""
    parts = [row_words(row) for row in item.fields[:6]]
    if len(item.fields) > len(parts):
        parts.append(f"and {len(item.fields) - len(parts):,} more")
    risk = f"{item.risk.value} risk" if item.risk is not Risk.LOW else ""
    aside = ", ".join(filter(None, (risk, item.cause.value if item.cause is not None else "")))
    return f"{': ' if parts else ''}{', '.join(parts)}{f' ({aside})' if aside else ''}"


def row_words(row: Row, *, most: int = 6) -> str:
    """Say in words what happens to one field: `timeout 60 → 90`, `queues +Sales (9001)`."""
    if row.added or row.removed:
        signed = [f"+{member}" for member in row.added[:most]] + [f"-{member}" for member in row.removed[:most]]
        more = len(row.added) + len(row.removed) - len(signed)
        return f"{row.path} {' '.join(signed)}{f' and {more:,} more' if more else ''}"
    if row.before is None:
        return f"{row.path} {row.after if row.after is not None else 'unknown'}"
    return f"{row.path} {row.before} → {row.after if row.after is not None else 'nothing'}"


def _distinct(remarks: Iterable[Remark]) -> Iterator[Remark]:
    """Tell remarks apart that say the same in several places: by how many there were before, not by their lines."""
    seen: Counter[str] = Counter()
    for remark in remarks:
        seen[remark.fingerprint] += 1
        again = seen[remark.fingerprint]
        yield remark if again == 1 else replace(remark, fingerprint=fingerprint(remark.fingerprint, str(again)))


def by_section(items: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
    """Sort items by section, in the order in which they come."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.section, []).append(item)
    return {section: tuple(group) for section, group in found.items()}
