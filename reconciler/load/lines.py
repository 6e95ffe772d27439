"""A text by its lines, as YAML breaks them, without a list of them all: it may have millions."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from typing import Final

_OTHER: Final = re.compile("[\r\x85\u2028\u2029]")
_STRETCH: Final = 16 * 1024  # characters
_BREAK: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")


class Lines:
    """
    Lines of *text*, counted from 0.

    All line breaks become newlines: places are lines and columns, and these stay what they are.
    """

    __slots__ = ("_breaks", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = _BREAK.sub("\n", text) if _OTHER.search(text) else text
        self._starts = {0: 0}
        self._breaks: list[int] = []  # how many there are before each stretch of text, and in all

    @property
    def breaks(self) -> list[int]:
        """Count line breaks once, stretch by stretch."""
        if not self._breaks:
            stretches = (self.text.count("\n", at, at + _STRETCH) for at in range(0, len(self.text), _STRETCH))
            self._breaks = list(accumulate(stretches, initial=0))
        return self._breaks

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.breaks[-1]

    def start(self, number: int) -> int:
        """Find where a line begins; the end of the text where there are not so many."""
        known = self._starts.get(number)
        if known is None:
            known = self._starts[number] = self._find(number)
        return known

    def _find(self, number: int) -> int:
        """Find the stretch that holds the break before the line, and look for it there."""
        if number > self.last:
            return len(self.text)
        stretch = bisect_left(self.breaks, number) - 1
        at = stretch * _STRETCH
        for _ in range(number - self.breaks[stretch]):
            at = self.text.index("\n", at) + 1
        return at

    def __getitem__(self, number: int) -> str:
        start = self.start(number)
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def number(self, offset: int) -> int:
        """Say in which line *offset* stands."""
        stretch = min(offset, len(self.text)) // _STRETCH
        return self.breaks[stretch] + self.text.count("\n", stretch * _STRETCH, offset)
