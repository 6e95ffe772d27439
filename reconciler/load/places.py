"""
From problems to diagnostics: find each place, quote its line, and let no secret through.

Places are found for all problems of a document in one pass over it, and only now: most runs have none.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.load import limits, secrets
from reconciler.load.finder import Finder, Node, Spot
from reconciler.load.lines import Lines
from reconciler.load.problems import Problem
from reconciler.load.secrets import PROVIDER, TOP_KEY
from reconciler.load.syntax import NOT_PRINTABLE
from reconciler.load.tree import At, Document, Span, Stretch, Where
from reconciler.model.diagnostics import Diagnostic, Place
from reconciler.model.secret import MASK, Mask

_SHORT: Final = 4  # characters; as in `model.secret`
_COMMENT: Final = re.compile(r"\s*#")


@dataclass(slots=True)
class Places:
    """
    Finds places.

    Args:
        mask: Hides what is secret, wherever it stands.
        known: Names under `provider` that are no secrets.
        pure: Take the parser that is written in Python.
    """

    mask: Mask
    known: Collection[str] = secrets.NOT_SECRET
    pure: bool = False

    def diagnostics(self, problems: Iterable[Problem]) -> list[Diagnostic]:
        """Turn problems into diagnostics; the same one twice stays one."""
        items = list(problems)
        find = self.finding(where for item in items for where in (item.where, *(place for _, place in item.related)))
        made = []
        for item in items:
            related = tuple((text, place) for text, where in item.related if (place := find(where)) is not None)
            made.append(
                Diagnostic(
                    severity=item.severity,
                    code=item.code,
                    summary=secrets.without_swallowed(self.mask.text(item.summary)),
                    place=find(item.where),
                    remedy=self.mask.text(item.remedy),
                    related=related,
                )
            )
        return made

    def blanked(self, doc: Document, numbers: Sequence[int]) -> dict[int, str]:
        """Give those of some lines, counted from 0, that hold a secret, without it."""
        page = _Page.read(doc, [Stretch(doc, Span(number, 0, number, 0)) for number in numbers], self)
        made = {}
        for number in numbers:
            text, blanks = page.quoted(number)
            if blanks:
                made[number] = text
        return made

    def finding(self, wheres: Iterable[Where]) -> Callable[[Where], Place | None]:
        """Find all of *wheres*, document by document; give a function from each to its place."""
        by_document: dict[int, tuple[Document, list[tuple[int, At | Stretch]]]] = {}
        for where in wheres:
            if where is not None:
                physical = where.written() if isinstance(where, At) else where
                doc = _document(physical)
                by_document.setdefault(id(doc), (doc, []))[1].append((id(where), physical))
        places: dict[int, Place] = {}
        for doc, found in by_document.values():
            page = _Page.read(doc, [physical for _, physical in found], self)
            for number, physical in found:
                places[number] = page.place(physical)
        return lambda where: None if where is None else places[id(where)]


def _document(where: At | Stretch) -> Document:
    return where.map.home(where.key).doc if isinstance(where, At) else where.doc


@dataclass(slots=True)
class _Page:
    """One document, open at the lines that are asked for."""

    doc: Document
    finder: Finder
    mask: Mask
    lines: Lines
    secrets: list[Span]
    known: Collection[str]
    by_line: dict[int, list[Span]] = field(default_factory=dict)  # *secrets* of one line each
    long: list[Span] = field(default_factory=list)  # and those of several
    hidden_from: int | None = None  # from this line on, all values may be secrets
    _quoted: dict[int, tuple[str, list[tuple[int, int]]]] = field(default_factory=dict)

    @classmethod
    def read(cls, doc: Document, wheres: Sequence[At | Stretch], places: Places) -> _Page:
        wanted: set[Spot] = set()
        last = 0
        for where in wheres:
            match where:
                case At():
                    mark = where.map.home(where.key).mark
                    wanted.add((mark.line, mark.column))
                case Stretch():
                    last = max(last, where.span.end_line if where.span else 0)
        names = [name for name, _ in doc.prefix]
        text = doc.data.decode("utf-8")
        unread = doc.broken and doc.root is None
        # What is no character is no obstacle to finding places.
        data = NOT_PRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8") if unread else doc.data
        finder = Finder(data, wanted, until=last, provider=names == ["provider"], pure=places.pure).run()
        lines = Lines(text if doc.line is None else doc.line)
        page = cls(doc, finder, places.mask, lines, finder.secret_spans(places.known), places.known)
        if _is_secret_assignment(names, places.known):
            page.secrets.append(Span(0, 0, lines.last, len(lines.text)))
        for span in page.secrets:
            (page.by_line.setdefault(span.line, []) if span.line == span.end_line else page.long).append(span)
        if unread and not finder.complete:
            page.hidden_from = doc.open_line
            if page.hidden_from is None:
                page.hidden_from = _provider_line(lines, finder.last_line, last)
        return page

    def hidden(self, number: int, line: str) -> list[tuple[int, int]]:
        """List the columns of a line that hold secrets."""
        found = []
        for span in (*self.by_line.get(number, ()), *self.long):
            if not span.line <= number <= span.end_line:
                continue
            shift = self.doc.shift if number == 0 else 0
            start = span.column + shift if number == span.line else 0
            end = span.end_column + shift if number == span.end_line else len(line)
            if number == span.end_line and _COMMENT.match(line, end):
                end = len(line)  # what looks like a comment may be the rest of a secret
            if end > start:
                found.append((start, end))
        found.extend(_known(line, self.mask))
        found.extend(pair.span(1) for pair in secrets.USER_INFO.finditer(line))
        found.extend(secrets.named(line, broken=self.doc.broken and self.doc.root is None))
        return found

    def quoted(self, number: int) -> tuple[str, list[tuple[int, int]]]:
        """Give a line without its secrets, and where these stood."""
        if number not in self._quoted:
            line = self.lines[number]
            if self.hidden_from is not None and number >= self.hidden_from:
                blanks = [(0, len(line))]
                text = self.mask.text(secrets.blank_broken(line, self.known))
            else:
                blanks = self.hidden(number, line)
                text = _blanked(line, blanks)
            self._quoted[number] = (text, blanks)
        return self._quoted[number]

    def place(self, where: At | Stretch) -> Place:
        """Make the place of *where*."""
        span = self.span(where)
        if span is None:
            return Place(file=self.doc.name, line=1, column=1)
        number, column = span.line, span.column
        text, blanks = self.quoted(number)
        # Of a value that has several lines, the first one is underlined.
        end = span.end_column if span.line == span.end_line else len(text)
        width = max(1, min(end, len(text)) - column)
        if any(low < column + width and column < high for low, high in blanks):
            width = min(width, len(MASK))
        excerpt: str | None = text
        if column >= limits.EXCERPT_CHARACTERS:
            width, excerpt = 1, None
        elif len(text) > limits.EXCERPT_CHARACTERS:
            width = min(width, limits.EXCERPT_CHARACTERS - column)
            excerpt = f"{text[: limits.EXCERPT_CHARACTERS]}…"
        return Place(file=self.doc.name, line=number + 1, column=column + 1, width=width, excerpt=excerpt)

    def span(self, where: At | Stretch) -> Span | None:
        """Find the stretch of *where* in its line."""
        match where:
            case Stretch():
                return self.shifted(where.span) if where.span is not None else None
            case At():
                home = where.map.home(where.key)
                if home.mark.line < 0:  # a name before the `=` of an assignment
                    return self.assigned(where, home.mark.column)
                pair = self.finder.found.get((home.mark.line, home.mark.column), {}).get(where.key)
                if pair is None:  # not written there after all: the mapping as a whole
                    mark = home.key_mark or home.mark
                    return self.shifted(Span(mark.line, mark.column, mark.line, mark.column + 1))
                key, value = pair
                if where.part == "key":
                    return self.shifted(key.span)
                found = _below(value, where.trail)
                return self.shifted(key.span if found.span[:2] == found.span[2:] else found.span)

    def assigned(self, where: At, column: int) -> Span:
        """Find a name of an assignment, or its value."""
        if where.part == "value" and column == self.doc.prefix[-1][1]:
            if where.trail and self.finder.root is not None:
                return self.shifted(_below(self.finder.root, where.trail).span)
            return Span(0, self.doc.shift, 0, len(self.lines[0]))
        return Span(0, column, 0, column + len(where.key))

    def shifted(self, span: Span) -> Span:
        """Move a stretch of an assignment's value to where the value stands."""
        shift = self.doc.shift
        if not shift:
            return span
        return Span(
            span.line,
            span.column + (shift if span.line == 0 else 0),
            span.end_line,
            span.end_column + (shift if span.end_line == 0 else 0),
        )


def _below(node: Node, trail: Sequence[int]) -> Node:
    """Find an item of a list, and of the list in it, as far as that goes."""
    for step in trail:
        items = node.items if node.target is None else node.target.items
        if step >= len(items):
            break
        node = items[step]
    return node


def _provider_line(lines: Lines, read: int, last: int) -> int | None:
    """
    Find `provider` in a text that could be parsed up to line *read* and has its error in line *last*.

    It counts where the parser has not seen it, and where no other section begins between it and the error.
    """
    end = lines.start(last + 1)
    found = PROVIDER.search(lines.text, lines.start(read), end)
    if found is not None:
        return lines.number(found.end())
    above = deque(TOP_KEY.finditer(lines.text, 0, end), maxlen=1)
    return lines.number(above[0].start()) if above and above[0]["name"] == "provider" else None


def _is_secret_assignment(names: Sequence[str], known: Collection[str]) -> bool:
    if not names:
        return False
    if secrets.under_secret_name(names):
        return True
    return names[0] == "provider" and len(names) > 1 and (names[1] not in known or names[1] in secrets.SECRET_NAMES)


def _known(line: str, mask: Mask) -> Iterable[tuple[int, int]]:
    """Find known secrets in *line*; where a short one is no word of its own, it is none."""
    for secret in mask.secrets:
        if secret in line:
            pattern = re.escape(secret)
            alone = rf"(?<![^\s\"':=\[{{,]){pattern}(?![^\s\"',\]}}])"
            yield from (found.span() for found in re.finditer(alone if len(secret) < _SHORT else pattern, line))


def _blanked(line: str, blanks: Iterable[tuple[int, int]]) -> str:
    """
    Put `***` over *blanks*.

    What stands behind keeps its column, so that the caret stays right; the length of a secret at the end of its line
    is hidden, too.
    """
    merged: list[tuple[int, int]] = []
    for low, high in sorted((low, min(high, len(line))) for low, high in blanks):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        elif low < high:
            merged.append((low, high))
    parts = []
    at = 0
    for low, high in merged:
        parts.append(line[at:low])
        parts.append(MASK if not line[high:].strip() else MASK[: high - low].ljust(high - low))
        at = high
    parts.append(line[at:])
    return "".join(parts).rstrip()
