"""
From problems to diagnostics: find each place, quote its line, and let no secret through.

Places are found for all problems of a document in one pass over it, and only now: most runs have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.load import limits, secrets
from reconciler.load.finder import Finder, Node, Spot
from reconciler.load.problems import Problem
from reconciler.load.tree import At, Document, Item, Span, Stretch, Where
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
                    summary=self.mask.text(item.summary),
                    place=find(item.where),
                    remedy=self.mask.text(item.remedy),
                    related=related,
                )
            )
        return made

    def finding(self, wheres: Iterable[Where]) -> Callable[[Where], Place | None]:
        """Find all of *wheres*, document by document; give a function from each to its place."""
        by_document: dict[int, tuple[Document, list[At | Item | Stretch]]] = {}
        for where in wheres:
            if where is not None:
                doc = _document(where)
                by_document.setdefault(id(doc), (doc, []))[1].append(where)
        places: dict[int, Place] = {}
        for doc, found in by_document.values():
            page = _Page.read(doc, found, self)
            for where in found:
                places[id(where)] = page.place(where)
        return lambda where: None if where is None else places[id(where)]


def _document(where: At | Item | Stretch) -> Document:
    return where.map.home(where.key).doc if isinstance(where, At) else where.doc


@dataclass(slots=True)
class _Page:
    """One document, open at the lines that are asked for."""

    doc: Document
    finder: Finder
    mask: Mask
    lines: list[str] = field(default_factory=list)
    blanks: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # by line: columns that hold secrets
    hidden_from: int | None = None  # from this line on, all values may be secrets

    @classmethod
    def read(cls, doc: Document, wheres: Sequence[At | Item | Stretch], places: Places) -> _Page:
        wanted: set[Spot] = set()
        last = 0
        for where in wheres:
            match where:
                case At():
                    mark = where.map.home(where.key).mark
                    wanted.add((mark.line, mark.column))
                case Item():
                    last = max(last, where.event.end_mark.line)
                case Stretch():
                    last = max(last, where.span.end_line if where.span else 0)
        names = [name for name, _ in doc.prefix]
        finder = Finder(doc.data, wanted, until=last, provider=names == ["provider"], pure=places.pure).run()
        try:
            text = doc.data.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        page = cls(doc, finder, places.mask, secrets.lines_of(text if doc.line is None else doc.line))
        for span in finder.secret_spans(places.known):
            page.blank(span)
        if _is_secret_assignment(names, places.known):
            page.blank(Span(0, 0, 0, len(page.lines[0])))
        if doc.broken and doc.root is None:
            page.hidden_from = doc.open_line
            if page.hidden_from is None:
                page.hidden_from = next(
                    (
                        number
                        for number in range(finder.last_line, min(last + 1, len(page.lines)))
                        if secrets.PROVIDER.search(page.lines[number])
                    ),
                    None,
                )
        return page

    def blank(self, span: Span) -> None:
        """Blank out a stretch."""
        for number in range(span.line, span.end_line + 1):
            start = span.column if number == span.line else 0
            end = span.end_column if number == span.end_line else limits.FILE_BYTES
            if number == 0:
                start, end = start + self.doc.shift, end + self.doc.shift
            if number == span.end_line and number < len(self.lines) and _COMMENT.match(self.lines[number], end):
                end = len(self.lines[number])  # what looks like a comment may be the rest of a secret
            if end > start:
                self.blanks.setdefault(number, []).append((start, end))

    def place(self, where: At | Item | Stretch) -> Place:
        """Make the place of *where*."""
        span = self.span(where)
        if span is None:
            return Place(file=self.doc.name, line=1, column=1)
        number = min(span.line, max(0, len(self.lines) - 1))
        line = self.lines[number] if self.lines else ""
        column = span.column
        # Of a value that has several lines, the first one is underlined.
        end = span.end_column if span.line == span.end_line else len(line.rstrip())
        width = max(1, min(end, len(line)) - column)
        excerpt, secret = self.excerpt(number, column, column + width)
        if secret:
            width = min(width, len(MASK))
        return Place(file=self.doc.name, line=number + 1, column=column + 1, width=width, excerpt=excerpt)

    def excerpt(self, number: int, start: int, end: int) -> tuple[str | None, bool]:
        """Quote a line; say too whether a secret stands between columns *start* and *end*."""
        line = self.lines[number] if number < len(self.lines) else ""
        if self.hidden_from is not None and number >= self.hidden_from:
            return self.mask.text(secrets.blank_broken(line)), True
        blanks = [*self.blanks.get(number, ()), *_known(line, self.mask)]
        blanks.extend(found.span(1) for found in secrets.USER_INFO.finditer(line))
        blanks.extend(secrets.named(line, broken=self.doc.broken and self.doc.root is None))
        if len(line) > limits.EXCERPT_CHARACTERS:
            if end > limits.EXCERPT_CHARACTERS:
                return None, any(low < end and start < high for low, high in blanks)
            blanks = [(low, high) for low, high in blanks if low < limits.EXCERPT_CHARACTERS]
            blanks.append((limits.EXCERPT_CHARACTERS, len(line)))
            cut = _blanked(line, blanks)
            return f"{cut.removesuffix(MASK)}…", any(low < end and start < high for low, high in blanks)
        return _blanked(line, blanks), any(low < end and start < high for low, high in blanks)

    def span(self, where: At | Item | Stretch) -> Span | None:
        """Find the stretch of *where* in its line."""
        match where:
            case Stretch():
                return self.shifted(where.span) if where.span is not None else None
            case Item():
                return self.shifted(_of_event(where.event))
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


def _of_event(event: object) -> Span:
    start, end = event.start_mark, event.end_mark  # type: ignore[attr-defined]
    return Span(start.line, start.column, end.line, end.column)


def _is_secret_assignment(names: Sequence[str], known: Collection[str]) -> bool:
    if not names:
        return False
    if names[-1] in secrets.SECRET_NAMES:
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
