"""
The least edits of a text that give a list or a mapping other members, with everything else in it as it is.

Whether they are right is not decided here: what they make is read again before it is written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.load.nodes import Node, Sort, line_end, line_start, next_line

_REST: Final = re.compile(r"[ \t]*,?[ \t]*(#.*)?")
_COMMA: Final = re.compile(r"[ \t]*,")
_COLON: Final = re.compile(r"[ \t]*:")
_PROPERTY: Final = re.compile(r"[&!][^\s,\[\]{}]*(?:[ \t]+[&!][^\s,\[\]{}]*)*")


class CantError(Exception):
    """An edit in place is not safe; *remedy* says what to do instead."""

    def __init__(self, why: str, remedy: str, *, offset: int = -1) -> None:
        super().__init__(why)
        self.remedy = remedy
        self.offset = offset


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put *new* in place of what stands from *start* to *end*."""

    start: int
    end: int
    new: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A new member: between brackets, and as lines of a block, without its indentation; *apart*: a blank line first."""

    flow: str
    lines: tuple[str, ...]
    apart: bool = False


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Carry out edits; deletions may overlap."""
    parts = []
    at = 0
    for edit in sorted(edits):
        parts.append(text[at : edit.start])
        parts.append(edit.new)
        at = max(at, edit.end)
    parts.append(text[at:])
    return "".join(parts)


def newline_at(text: str, offset: int) -> str:
    """Give the line break of the line of *offset*, else of the one above, else the usual one."""
    for place in (line_end(text, offset), line_start(text, offset) - 1):
        if text.startswith("\r\n", place) or text.startswith("\r\n", place - 1):
            return "\r\n"
        if 0 <= place < len(text) and text[place] in "\r\n":
            return text[place]
    return "\n"


def members(text: str, key: Node | None, box: Node, gone: Collection[int], new: Sequence[Piece]) -> list[Edit]:
    """
    Take members out of a list or a mapping, and put others in behind the last.

    Args:
        text: The text.
        key: What stands before the colon, where that is a key.
        box: The list or mapping. An alias of a mapping takes new members, too.
        gone: Numbers of members that go.
        new: Members to add.

    Raises:
        CantError: It is written in a way in which no small edit is safe.
    """
    if box.sort is Sort.ALIAS:
        return [Edit(box.start, box.end, f"{{<<: *{box.text}, {', '.join(piece.flow for piece in new)}}}")]
    spans = [(item.start, item.end) for item in box.items] + [(name.start, value.end) for name, value in box.pairs]
    if box.flow:
        return _Flow(text, box, spans, gone).edits(new)
    return _Block(text, key, box, spans, gone).edits(new)


class _Flow:
    """Between brackets or braces."""

    def __init__(self, text: str, box: Node, spans: Sequence[tuple[int, int]], gone: Collection[int]) -> None:
        self.text = text
        self.box = box
        self.spans = spans
        self.gone = gone

    def edits(self, new: Sequence[Piece]) -> list[Edit]:
        """Work them out."""
        made = [*self.removals()]
        if not new:
            return made
        kept = [number for number in range(len(self.spans)) if number not in self.gone]
        listed = ", ".join(piece.flow for piece in new)
        if not self.spans:
            return [Edit(self.box.content + 1, self.box.content + 1, listed)]
        if not kept:
            start = self.spans[0][0]
            if self.alone(0):
                indent = self.text[line_start(self.text, start) : start]
                at = line_start(self.text, start)
                return [*made, Edit(at, at, f"{indent}{listed}{newline_at(self.text, at)}")]
            return [*made, Edit(start, start, listed)]
        start, end = self.spans[kept[-1]]
        if not self.alone(kept[-1]):
            return [*made, Edit(end, end, f", {listed}")]
        indent = self.text[line_start(self.text, start) : start]
        newline = newline_at(self.text, end)
        comma = _COMMA.match(self.text, end) is not None
        lines = [f"{indent}{piece.flow}," for piece in new]
        if not comma:
            made.append(Edit(end, end, ","))
            lines[-1] = lines[-1].removesuffix(",")
        at = next_line(self.text, end)
        return [*made, Edit(at, at, "".join(f"{line}{newline}" for line in lines))]

    def alone(self, number: int) -> bool:
        """Whether a member has its lines to itself, but for a comma and a comment."""
        start, end = self.spans[number]
        before = self.text[line_start(self.text, start) : start]
        return not before.strip() and _REST.fullmatch(self.text, end, line_end(self.text, end)) is not None

    def removals(self) -> Iterator[Edit]:
        """Take out what goes: whole lines where these hold nothing else, runs of members elsewhere."""
        run: list[int] = []
        for number in sorted(self.gone):
            if self.alone(number):
                start, end = self.spans[number]
                yield Edit(line_start(self.text, start), next_line(self.text, end))
                continue
            if run and run[-1] != number - 1:
                yield self.cut(run[0], run[-1])
                run = []
            run.append(number)
        if run:
            yield self.cut(run[0], run[-1])

    def cut(self, first: int, last: int) -> Edit:
        """Take out a run of members with the comma behind it, or with that before it."""
        spans = self.spans
        ways = []
        if last + 1 < len(spans):
            ways.append((spans[first][0], spans[last + 1][0]))
        if first > 0:
            ways.append((spans[first - 1][1], spans[last][1]))
        if not ways:
            comma = _COMMA.match(self.text, spans[last][1])
            ways.append((spans[first][0], comma.end() if comma is not None else spans[last][1]))
        inside = [(low, high, self.between(low, high, first, last)) for low, high in ways]
        low, high, rest = min(inside, key=lambda way: ("#" in way[2], "\n" in way[2]))
        if "#" in rest:
            raise CantError(
                "a comment stands between it and its neighbours", "Take it out by hand.", offset=spans[first][0]
            )
        return Edit(low, high)

    def between(self, low: int, high: int, first: int, last: int) -> str:
        """Give what a cut takes besides the members themselves."""
        parts = []
        for number in range(first, last + 1):
            start, end = self.spans[number]
            parts.append(self.text[low:start])
            low = end
        return "".join((*parts, self.text[low:high]))


class _Block:
    """On lines of their own."""

    def __init__(
        self, text: str, key: Node | None, box: Node, spans: Sequence[tuple[int, int]], gone: Collection[int]
    ) -> None:
        self.text = text
        self.key = key
        self.box = box
        self.spans = spans
        self.gone = gone

    def edits(self, new: Sequence[Piece]) -> list[Edit]:
        """Work them out."""
        text = self.text
        made = [self.removal(number) for number in sorted(self.gone)]
        kept = [number for number in range(len(self.spans)) if number not in self.gone]
        if not kept and not new:
            return [*made, self.emptied()]
        if not new:
            return made
        start, end = self.spans[(kept or [*range(len(self.spans))])[-1]]
        lead = self.lead(start)
        newline = newline_at(text, end)
        if kept:
            at = line_end(text, end)
        else:
            at = line_start(text, self.begin(self.spans[0][0]))
            at -= len(newline_at(text, at - 1))
        return [
            *made,
            Edit(at, at, "".join(f"{newline}{line}" for piece in new for line in self.indented(piece, lead))),
        ]

    def indented(self, piece: Piece, lead: str) -> Iterator[str]:
        """Indent a piece; what follows on further lines stands below its first character."""
        if piece.apart:
            yield ""
        first, *others = piece.lines
        yield f"{lead}{first}"
        indent = lead if self.box.sort is Sort.MAPPING else " " * len(lead)
        yield from (f"{indent}{line}" for line in others)

    def begin(self, start: int) -> int:
        """Find the dash of an item, or the key itself."""
        if self.box.sort is Sort.MAPPING:
            return start
        dash = self.text.rfind("-", 0, start)
        if dash < 0 or self.text[dash + 1 : start].strip():
            raise CantError("the list is written in an unusual way", "Change it by hand.", offset=start)
        return dash

    def lead(self, start: int) -> str:
        """Give what stands in a member's line before it: its indentation, and its dash."""
        begin = self.begin(start)
        indent = self.text[line_start(self.text, begin) : begin]
        if indent.strip():
            raise CantError("it does not begin on a line of its own", "Change it by hand.", offset=start)
        gap = self.text[begin:start] if "\n" not in self.text[begin:start] else "- "
        return f"{indent}{gap if self.box.sort is Sort.LIST else ''}"

    def removal(self, number: int) -> Edit:
        """Take out a member with its lines."""
        start, end = self.spans[number]
        self.lead(start)
        if _REST.fullmatch(self.text, end, line_end(self.text, end)) is None:
            raise CantError("something else stands on its last line", "Change it by hand.", offset=start)
        low, high = line_start(self.text, self.begin(start)), next_line(self.text, end)
        if high == len(self.text) and line_end(self.text, end) == high and low > 0:
            # The last line had no break, and the one that is last now has none either.
            low -= 2 if self.text.startswith("\r\n", low - 2) else 1
        return Edit(low, high)

    def emptied(self) -> Edit:
        """Write that nothing is left, behind the colon."""
        empty = "[]" if self.box.sort is Sort.LIST else "{}"
        named = _PROPERTY.match(self.text, self.box.start) if self.box.content > self.box.start else None
        if named is not None:
            return Edit(named.end(), named.end(), f" {empty}")
        colon = _COLON.match(self.text, self.key.end) if self.key is not None else None
        if colon is None:
            raise CantError("it can't be emptied in place", f"Write {empty} by hand.", offset=self.box.start)
        return Edit(colon.end(), colon.end(), f" {empty}")
