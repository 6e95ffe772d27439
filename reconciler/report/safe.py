r"""
Text from vendors and files, made harmless to show.

A name may hold an escape sequence that clears the screen, or a mark that makes a line read backwards. Both are
shown as what they are (`\x1b`, `\u202e`), so a reviewer sees the bytes and the terminal does nothing. So is what begins
a command to the runner of a pipeline, which looks for it in every line that a job prints (`##[error]`, `##vso[…]`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.secret import MASK, Mask, Secret

# Control and format characters, line separators, lone surrogates, and two that no XML may hold. The joiners U+200C and
# U+200D stay: scripts and emoji need them, and they move nothing.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\ud800-\udfff]"
)
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_COMMAND: Final = re.compile(r"##(?=(?:vso)?\[)")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def visible(text: str) -> str:
    """Escape what a terminal or a pipeline's runner would obey, and what a terminal does not show."""
    spelt = _UNSEEN.sub(_spell, text)
    return _COMMAND.sub("#\\\\x23", spelt) if "##" in spelt else spelt


def storable(text: str) -> str:
    """Replace lone surrogates, which no UTF-8 file can hold."""
    return _SURROGATE.sub("\ufffd", text)


def escaped_json(text: str) -> str:
    """Escape the same characters in a JSON text, where they can only stand inside strings; the meaning stays."""
    spelt = _UNSEEN.sub(_json_escape, text)
    return _COMMAND.sub(r"#\\u0023", spelt) if "##" in spelt else spelt


def masked(value: Any, mask: Mask) -> Any:
    """Make any value JSON-ready and masked: tuples become lists, sets sorted lists, secrets `***`."""
    match value:
        case None | bool() | int():
            plain: Any = value
        case str():
            plain = storable(mask.text(value))
        case float() if math.isfinite(value):
            plain = value
        case Secret():
            plain = MASK
        case Mapping():
            plain = {storable(mask.text(str(key))): masked(item, mask) for key, item in value.items()}
        case frozenset() | set():
            plain = sorted((masked(item, mask) for item in value), key=str)
        case list() | tuple():
            plain = [masked(item, mask) for item in value]
        case _:
            plain = storable(mask.text(str(value)))
    return plain


def _spell(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or character.encode("unicode_escape").decode("ascii")


def _json_escape(match: re.Match[str]) -> str:
    character = match.group()
    return character if character == "\n" else json.dumps(character)[1:-1]  # a line end is the layout's own
