"""
How wide a text is in a proportional font that nobody knows, and what fits into a width.

A picture is made without a browser, so its boxes are laid out from estimates, which rather are too large.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from unicodedata import category, east_asian_width

DOTS: Final = "…"
_BOLD: Final = 1.07
_NARROW: Final = frozenset("iljtfrI.,:;|!'`()[]{}/\\- \"")
_BROAD: Final = frozenset("mwMWQOGD@%&")


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimate the width of a text, in the unit of *size*, its font's size."""
    return sum(map(_em, text)) * size * (_BOLD if bold else 1)


def cut(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Cut a text to what fits into *room*; what is left out is told by dots."""
    room /= size * (_BOLD if bold else 1)
    used, kept = 0.0, 0
    for index, letter in enumerate(text):
        used += _em(letter)
        if used > room:
            return text[:kept].rstrip() + DOTS
        if used + _em(DOTS) <= room:
            kept = index + 1
    return text


def wrapped(text: str, room: float, size: float, *, lines: int) -> tuple[str, ...]:
    """Break a text between words into at most so many lines; the last one is cut."""
    found: list[str] = []
    rest = text.strip()
    while rest and len(found) < lines - 1:
        fits = _fitting(rest, room / size)
        if fits >= len(rest):
            break
        at = rest.rfind(" ", 1, fits + 1)
        at = at if at > 0 else max(fits, 1)
        found.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return (*found, cut(rest, room, size)) if rest else tuple(found)


def _fitting(text: str, room: float) -> int:
    used = 0.0
    for index, letter in enumerate(text):
        used += _em(letter)
        if used > room:
            return index
    return len(text)


@lru_cache(maxsize=4096)
def _em(letter: str) -> float:
    """Estimate a letter's width in units of the font's size."""
    code = ord(letter)
    if code < 0x7F:
        return _em_ascii(letter)
    if category(letter) in {"Mn", "Me", "Cf"}:
        return 0.0
    if code >= 0x1F000:
        return 1.4  # pictures are wider than letters
    return {"W": 1.05, "F": 1.05, "A": 0.95}.get(east_asian_width(letter), 0.72)


def _em_ascii(letter: str) -> float:
    if letter in _NARROW:
        return 0.42
    if letter in _BROAD:
        return 0.98
    return 0.75 if letter.isupper() else 0.64
