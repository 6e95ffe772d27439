"""
A text by what stands where: each key and value with its exact stretch, for edits in place.

It is made only of what is to be edited: of one entry, or of one file. What a value means is not its business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reconciler.load import limits
from reconciler.load.build import YAML_ERRORS, events

_PROPERTIES: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:[ \t]|\r\n?|\n|[ \t]#[^\r\n]*)*)+")
_SLICE: Final = 32 * 1024  # characters; an entry is rarely longer


class Sort(Enum):
    """What a node is."""

    SCALAR = "scalar"
    MAPPING = "mapping"
    LIST = "list"
    ALIAS = "alias"


@dataclass(slots=True, eq=False)
class Node:
    """
    A key or a value: the text from *start* to *end*, offsets in characters; *content* is where its anchor is over.

    *style* is a scalar's quote (`'` `"`), `|` or `>`; empty for a plain one. The end of a block is that of what was
    last written in it. *flow*: it has brackets or braces; *inside*: it stands between some.
    """

    sort: Sort
    start: int
    content: int
    end: int
    text: str = ""
    style: str = ""
    flow: bool = False
    inside: bool = False
    anchor: str | None = None
    column: int = 0
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    def value(self, key: str) -> tuple[Node, Node] | None:
        """Find the pair of *key*: itself, and its value."""
        return next((pair for pair in self.pairs if pair[0].sort is Sort.SCALAR and pair[0].text == key), None)

    @property
    def merges(self) -> bool:
        """Whether a merge key stands in it."""
        return any(key.text == "<<" and not key.style for key, _ in self.pairs)


class UnreadableError(Exception):
    """The text is not read as it was to be."""


def whole(text: str) -> Node | None:
    """
    Read all of a text; None where it holds nothing.

    Raises:
        UnreadableError: It is no YAML.
    """
    try:
        reader = _Reader(text, text, 0)
        reader.get()
        if reader.get().__class__ is StreamEndEvent:
            return None
        found = reader.node(reader.get(), 1)
        reader.get()
        if reader.get().__class__ is not StreamEndEvent:
            raise UnreadableError
    except YAML_ERRORS as problem:
        raise UnreadableError from problem
    return found


def entry_at(text: str, offset: int, column: int) -> tuple[Node, Node]:
    """
    Read the one pair of a block mapping whose key stands at *offset*, in *column* of its line.

    Raises:
        UnreadableError: None stands there.
    """
    for size in (_SLICE, len(text)):
        part = text[offset : offset + size]
        try:
            reader = _Reader(text, " " * column + part, column - offset)
            reader.get()
            reader.get()
            start = reader.get()
            if start.__class__ is not MappingStartEvent or start.flow_style or reader.moved(start.start_mark) != offset:
                raise UnreadableError
            key = reader.node(reader.get(), 2)
            value = reader.node(reader.get(), 2)
            # What comes next says that the entry is over; at the end of a part, it may merely have been cut.
            over = reader.get()
            if reader.moved(over.start_mark) < offset + len(part) or offset + len(part) == len(text):
                return key, value
        except YAML_ERRORS as problem:
            if offset + len(part) == len(text):
                raise UnreadableError from problem
    raise UnreadableError


def stands_plain(text: str, *, flow: bool) -> bool:
    """Whether a value without quotes is read as *text*; *flow* says that it stands between brackets or braces."""
    try:
        found = whole(f"{{k: {text}, z: z}}" if flow else f"k: {text}\nz: z\n")
    except UnreadableError:
        return False
    if found is None or [key.text for key, _ in found.pairs] != ["k", "z"]:
        return False
    value = found.pairs[0][1]
    return value.sort is Sort.SCALAR and not value.style and value.anchor is None and value.text == text


class _Reader:
    """One pass over *part*, which is *text* from somewhere on; *shift* leads from its offsets back to the text's."""

    def __init__(self, text: str, part: str, shift: int) -> None:
        self.text = text
        self.shift = shift
        self.get = events(part.encode("utf-8"))

    def moved(self, mark: Any) -> int:
        """Give the offset of a mark in the text."""
        index: int = mark.index
        return index - self.shift

    def node(self, event: Any, depth: int, *, inside: bool = False) -> Node:
        """Read a node, and what is in it."""
        if depth > limits.DEPTH + 1:
            raise UnreadableError
        start, end = self.moved(event.start_mark), self.moved(event.end_mark)
        column = event.start_mark.column
        if event.__class__ is AliasEvent:
            return Node(Sort.ALIAS, start, start, end, text=event.anchor or "", column=column, inside=inside)
        sort = _SORTS.get(event.__class__)
        if sort is None:
            raise UnreadableError
        made = Node(sort, start, start, end, anchor=event.anchor, column=column, inside=inside)
        if event.anchor is not None or event.tag is not None:
            found = _PROPERTIES.match(self.text, start)
            made.content = found.end() if found is not None else start
        if sort is Sort.SCALAR:
            self.scalar(made, event)
        else:
            made.flow = bool(event.flow_style)
            last = self.members(made, depth)
            made.end = self.moved(last.end_mark) if made.flow else _last(made).end
        return made

    def scalar(self, made: Node, event: Any) -> None:
        """Fill in what a scalar says; a block ends with its last line that holds anything."""
        made.text, made.style = event.value, event.style or ""
        if made.style in {"|", ">"}:
            made.end = made.start + len(self.text[made.start : made.end].rstrip())
        made.content = min(made.content, made.end)

    def members(self, made: Node, depth: int) -> Any:
        """Read what is in a list or a mapping; give the event at its end."""
        inside = made.inside or made.flow
        if made.sort is Sort.LIST:
            while (event := self.get()).__class__ is not SequenceEndEvent:
                made.items.append(self.node(event, depth + 1, inside=inside))
            return event
        while (event := self.get()).__class__ is not MappingEndEvent:
            key = self.node(event, depth + 1, inside=inside)
            made.pairs.append((key, self.node(self.get(), depth + 1, inside=inside)))
        if not made.flow:
            start = made.pairs[0][0].start
            made.column = start - line_start(self.text, start)
        return event


_SORTS: Final = {ScalarEvent: Sort.SCALAR, MappingStartEvent: Sort.MAPPING, SequenceStartEvent: Sort.LIST}


def _last(made: Node) -> Node:
    """Give what was last written in a block, which is never empty."""
    return made.items[-1] if made.sort is Sort.LIST else made.pairs[-1][1]


_BREAK: Final = re.compile("[\n\r\x85\u2028\u2029]")


def line_start(text: str, offset: int) -> int:
    """Find where the line of *offset* begins, as YAML breaks lines."""
    at = text.rfind("\n", 0, offset)
    return max(at, *(text.rfind(letter, at + 1, offset) for letter in "\r\x85\u2028\u2029")) + 1


def line_end(text: str, offset: int) -> int:
    """Find where the line of *offset* ends, its line break excluded."""
    found = _BREAK.search(text, offset)
    return len(text) if found is None else found.start()


def next_line(text: str, offset: int) -> int:
    """Find where the line after that of *offset* begins; the end of the text where there is none."""
    end = line_end(text, offset)
    if text.startswith("\r\n", end):
        return end + 2
    return min(end + 1, len(text))
