"""
Scalars stay as they are written until a field says what they are.

A YAML scalar arrives here as text: plain ones as `str`, quoted ones as `Quoted`. A number is `[-+]?[0-9]+`,
decimal; a boolean is one of YAML 1.2's three spellings of `true` and `false`; a quoted scalar is always text.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError


class Quoted(str):
    """Text that stood in quotes or in a block, so it is text whatever it looks like."""

    __slots__ = ()


class Null:
    """What `null`, `~` or nothing at all stands for in YAML; an error everywhere but in an overlay."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "null"


NULL: Final = Null()
NULL_SPELLINGS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)


def integer(value: Any) -> Any:
    """Read a number; raise what pydantic turns into an error at the value's place."""
    if type(value) is int:  # from a snapshot or a vendor, not from YAML; True is not one
        return value
    if isinstance(value, Quoted):
        raise PydanticCustomError("quoted-number", "a number is due, and quotes make it text")
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise PydanticCustomError("not-a-number", "a whole number is due")


def boolean(value: Any) -> Any:
    """Read a boolean; raise what pydantic turns into an error at the value's place."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Quoted):
        raise PydanticCustomError("quoted-boolean", "true or false is due, and quotes make it text")
    if isinstance(value, str) and value in _BOOLEANS:
        return _BOOLEANS[value]
    raise PydanticCustomError("not-a-boolean", "true or false is due")


Integer = Annotated[int, BeforeValidator(integer), WithJsonSchema({"type": "integer"})]
Boolean = Annotated[bool, BeforeValidator(boolean), WithJsonSchema({"type": "boolean"})]
