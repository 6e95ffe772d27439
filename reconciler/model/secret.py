"""
Values that must never be seen, and the mask that keeps them so.

A `Secret` has no useful `str`; only `reveal()` gives the value, and only what signs in a vendor's folder calls it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

MASK: Final = "***"
_VARIABLE: Final = re.compile(r"\$\{env:[A-Za-z_][A-Za-z0-9_]*\}", re.ASCII)
_SHORT: Final = 4  # characters; a shorter secret is masked only where it stands alone


class Secret:
    """A value that prints as `***`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value itself, to sign or to send."""
        return self._value

    @property
    def variable(self) -> str:
        """Give the `${env:NAME}` that it stands for, where that variable was not read; "" for a real value."""
        return self._value if _VARIABLE.fullmatch(self._value) else ""

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


@lru_cache(maxsize=64)
def _spellings(secret: str) -> tuple[str, ...]:
    """Give the spellings that JSON has for *secret* where they differ from it."""
    spelled = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    return tuple(item for item in dict.fromkeys(spelled) if item != secret)


@lru_cache(maxsize=64)
def _in_json(secret: str) -> tuple[str, ...]:
    """Give what JSON holds where a text has *secret* or a spelling of it: JSON writes each character by itself."""
    return tuple(json.dumps(item)[1:-1] for item in (secret, *_spellings(secret)))


@dataclass(frozen=True, slots=True)
class Mask:
    """Replace known secrets in anything that leaves the program."""

    secrets: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Iterable[str]) -> Mask:
        """Make a mask; the longest values go first, so that one inside another leaves no rest."""
        return cls(tuple(sorted({value for value in values if value}, key=lambda value: (-len(value), value))))

    def text(self, value: str) -> str:
        """Mask *value*; secrets are also found in the spelling that JSON gives them."""
        for secret in self.secrets:
            if len(secret) < _SHORT:
                if value == secret:
                    return MASK
                continue
            if secret in value:
                value = value.replace(secret, MASK)
            for spelled in _spellings(secret):
                if spelled in value:
                    value = value.replace(spelled, MASK)
        return value

    def tree(self, value: Any) -> Any:
        """Mask every text in a JSON-like value."""
        if not self.secrets:
            return value
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(key): self.tree(item) for key, item in value.items()}
            case list() | tuple():
                return [self.tree(item) for item in value]
            case _:
                return value

    def for_json(self, value: Any) -> Any:
        """
        Mask every text in what is to become JSON, as `tree` does; most hold no secret and are given back as they are.

        To write JSON and look into it takes a tenth of the time of the walk.
        """
        return self.tree(value) if self._may_be_in(value) else value

    def _may_be_in(self, value: Any) -> bool:
        """Whether *value* may hold a secret; False is sure."""
        if not self.secrets:
            return False
        try:
            text = json.dumps(value)
        except (TypeError, ValueError, RecursionError):
            return True
        return any(spelled in text for secret in self.secrets for spelled in _in_json(secret))
