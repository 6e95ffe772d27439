"""How a live value is spelled in YAML: as its neighbours are, as long as it reads back as the same value."""

from __future__ import annotations

import re
from typing import Any, Final

from reconciler.load.nodes import Node, Sort, stands_plain
from reconciler.model.scalars import NULL_SPELLINGS

_OTHER_THAN_TEXT: Final = re.compile(
    r"[-+.]?[0-9][0-9_,.:eExXoO+-]*|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
    r"|true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|[yYnN]|=|<<"
)
_NAMED: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0", "\x1b": "\\e"}
_JOINERS: Final = "\u200c\u200d\u3000"  # not printable to Python; scripts, emoji and names need them
_HEADER: Final = re.compile(r"[|>][-+0-9]*(?P<rest>[^\n]*)")
_CASES: Final = (str.lower, str.title, str.upper)


class UnspellableError(Exception):
    """No UTF-8 text holds the value."""


def spelled(
    value: Any, like: Node | None = None, *, flow: bool = False, quote: str = '"', literal: bool = False
) -> str:
    """
    Spell a scalar.

    Args:
        value: A text, a number or a boolean, as the vendor has it.
        like: What it replaces, or stands beside: its style is kept where that can be.
        flow: Whether it stands between brackets or braces.
        quote: What the file uses where *like* has no quotes.
        literal: Nothing is substituted in it (a key), or its `$` are doubled already.

    Raises:
        UnspellableError: It is a text that UTF-8 can't hold.
    """
    match value:
        case bool():
            word = "true" if value else "false"
            was = like.text if like is not None and like.sort is Sort.SCALAR and not like.style else ""
            return next((case(word) for case in _CASES if was and case(was.lower()) == was), word)
        case int():
            return str(value)
        case _:
            return _text(str(value) if literal else str(value).replace("$", "$$"), like, flow=flow, quote=quote)


def _text(text: str, like: Node | None, *, flow: bool, quote: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise UnspellableError from problem
    scalar = like if like is not None and like.sort is Sort.SCALAR else None
    style = scalar.style if scalar is not None else ""
    colon = scalar is not None and ":" in scalar.text
    if not style and _may_be_plain(text, flow=flow, colon=colon):
        was_text = scalar is None or not _OTHER_THAN_TEXT.fullmatch(scalar.text)
        if not (_OTHER_THAN_TEXT.fullmatch(text) and was_text):
            return text
    if style not in {"'", '"'}:
        style = quote
    return quoted(text, style)


def quoted(text: str, style: str) -> str:
    """Spell a text in quotes; single ones only where they can hold it."""
    if style == "'" and all(_shows(letter) for letter in text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_NAMED.get(letter) or (letter if _shows(letter) else _escape(letter)) for letter in text) + '"'


def block(text: str, old: str, indent: str, newline: str) -> str | None:
    """
    Spell a text as a block like *old*, which begins with `|` or `>` and may have a comment behind that.

    Returns:
        None where a block can't hold it.
    """
    header = _HEADER.match(old)
    lines = text.split("\n")
    ends = text.endswith("\n")
    if ends:
        lines.pop()
    if header is None or not text.strip() or lines[0][:1] in {" ", "\t"} or not lines[-1]:
        return None
    if not all(_shows(letter) for line in lines for letter in line) or any(line != line.rstrip() for line in lines):
        return None
    sign = old[0] if len(lines) == 1 else "|"
    chomping = "" if ends else "-"
    rest = header["rest"].rstrip("\r")
    return newline.join([f"{sign}{chomping}{rest}", *(f"{indent}{line}" if line else "" for line in lines)])


def _shows(letter: str) -> bool:
    return letter.isprintable() or letter in _JOINERS


def _escape(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _may_be_plain(text: str, *, flow: bool, colon: bool) -> bool:
    """Whether a text may stand without quotes, as the parser reads it; *colon*: one between braces is nothing new."""
    if text in NULL_SPELLINGS or text != text.strip() or not all(_shows(letter) for letter in text):
        return False
    if text[:1] in "-?:,[]{}#&*!|>'\"%@`" or any(letter in text for letter in "\u3000"):
        return False
    if flow and (any(letter in text for letter in ",[]{}") or (":" in text and not colon)):
        return False
    return stands_plain(text, flow=flow)


def quote_of(text: str) -> str:
    """Say which quotes a file uses; double ones where it has none."""
    start = text[:65536]
    return "'" if start.count(": '") + start.count("['") > start.count(': "') + start.count('["') else '"'
