"""A text by its lines, as YAML breaks them, without a list of them all: it may have millions."""

from __future__ import annotations

import re
from typing import Final

_OTHER: Final = re.compile("[\r\x85\u2028\u2029]")
_BREAK: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")


class Lines:
    """
    Lines of *text*, counted from 0.

    All line breaks become newlines: places are lines and columns, and these stay what they are.
    """

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = _BREAK.sub("\n", text) if _OTHER.search(text) else text
        self._starts = {0: 0}

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.text.count("\n")

    def start(self, number: int) -> int:
        """Find where a line begins; the end of the text where there are not so many."""
        known = self._starts.get(number)
        if known is None:
            known = self._starts[number] = self._find(number)
        return known

    def _find(self, number: int) -> int:
        """Halve the text until the break before the line is found; counting is much faster than looking."""
        low, high, before = 0, len(self.text), number
        while high - low > 1:
            middle = (low + high) // 2
            count = self.text.count("\n", low, middle)
            if count >= before:
                high = middle
            else:
                low, before = middle, before - count
        return high if self.text[low:high] == "\n" and before == 1 else len(self.text)

    def __getitem__(self, number: int) -> str:
        start = self.start(number)
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def number(self, offset: int) -> int:
        """Say in which line *offset* stands."""
        return self.text.count("\n", 0, offset)
