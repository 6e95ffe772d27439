"""A unified diff that `git apply` and `patch` take, made from the edits themselves."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

from reconciler.absorb.edits import Edit, applied

_AROUND: Final = 3  # lines of context
_NO_BREAK: Final = "\\ No newline at end of file\n"


@dataclass(slots=True)
class _Hunk:
    """Lines from *start* to *end*, counted from 0, and what stands there instead."""

    start: int
    end: int
    new: list[str]


def patch(name: str, text: str, edits: Sequence[Edit], hidden: Callable[[Sequence[int]], dict[int, str]]) -> str:
    """
    Write the diff of one file.

    Args:
        name: How the file is called, with slashes.
        text: What it holds, a byte order mark included.
        edits: What is done to it.
        hidden: Gives, of some lines counted from 0, those that hold a secret, with the secret blanked out.
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    hunks = _joined(_hunks(text, lines, starts, edits))
    shown = {number for hunk in hunks for number in range(hunk.start - _AROUND, hunk.end + _AROUND)}
    for number, line in hidden(sorted(number for number in shown if 0 <= number < len(lines))).items():
        lines[number] = line
    out = [f"--- {_named('a/', name)}\n", f"+++ {_named('b/', name)}\n"]
    last = len(lines) - (1 if lines[-1] == "" else 0)  # behind the last line break there is no line
    grown = 0
    for group in _groups(hunks):
        low = max(0, group[0].start - _AROUND)
        high = min(last, group[-1].end + _AROUND)
        body = []
        at = low
        for hunk in group:
            body += [(" ", number, lines[number]) for number in range(at, hunk.start)]
            body += [("-", number, lines[number]) for number in range(hunk.start, hunk.end)]
            body += [("+", -1, line) for line in hunk.new]
            at = hunk.end
        body += [(" ", number, lines[number]) for number in range(at, high)]
        new = sum(len(hunk.new) - (hunk.end - hunk.start) for hunk in group)
        out.append(f"@@ -{_range(low, high - low)} +{_range(low + grown, high - low + new)} @@\n")
        grown += new
        for sign, number, line in body:
            ended = line.endswith("\n") if sign == "+" else number < len(lines) - 1
            out.append(f"{sign}{line.removesuffix(chr(10))}\n")
            if not ended:
                out.append(_NO_BREAK)
    return "".join(out)


def _hunks(text: str, lines: Sequence[str], starts: Sequence[int], edits: Sequence[Edit]) -> Iterator[_Hunk]:
    """Gather edits by the lines that they touch."""
    for group in _touching(text, sorted(edits)):
        start, past = group[0].start, max(edit.end for edit in group)
        first = bisect_right(starts, start) - 1
        past = max(first + 1, bisect_left(starts, past))
        begin, end = starts[first], min(starts[min(past, len(lines))], len(text))
        inside = [Edit(edit.start - begin, edit.end - begin, edit.new) for edit in group]
        old = _split(text[begin:end])
        new = _split(applied(text[begin:end], inside))
        for sign, low, high, at, until in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if sign != "equal":
                yield _Hunk(first + low, first + high, new[at:until])


def _joined(hunks: Iterable[_Hunk]) -> list[_Hunk]:
    """Put together hunks between which no line stands."""
    made: list[_Hunk] = []
    for hunk in hunks:
        if made and made[-1].end == hunk.start:
            made[-1] = _Hunk(made[-1].start, hunk.end, made[-1].new + hunk.new)
        else:
            made.append(hunk)
    return made


def _touching(text: str, edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Put together the edits that share a line."""
    group: list[Edit] = []
    for edit in edits:
        if group and "\n" in text[max(item.end for item in group) : edit.start]:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _split(text: str) -> list[str]:
    """Take lines apart at newlines alone; each keeps its own."""
    parts = text.split("\n")
    lines = [f"{part}\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _groups(hunks: Sequence[_Hunk]) -> Iterator[list[_Hunk]]:
    """Put together hunks whose contexts touch."""
    if not hunks:
        return
    group = [hunks[0]]
    for one, other in pairwise(hunks):
        if other.start - one.end > 2 * _AROUND:
            yield group
            group = []
        group.append(other)
    yield group


def _range(start: int, count: int) -> str:
    if count == 0:
        return f"{start},0"
    return f"{start + 1}" if count == 1 else f"{start + 1},{count}"


def _named(side: str, name: str) -> str:
    """Write a file's name as git does: in quotes where it has odd characters; a tab ends one with spaces."""
    whole = side + name
    if any(not letter.isascii() or not letter.isprintable() or letter in '"\\' for letter in whole):
        spelled = "".join(
            chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}"
            for byte in whole.encode("utf-8", "surrogateescape")
        )
        return f'"{spelled}"'
    return f"{whole}\t" if " " in whole else whole
