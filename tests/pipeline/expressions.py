"""
GitHub's expressions, as far as our workflows use them: contexts, literals, comparison, logic, a few functions.

Anything else is a mistake that ends the test: what users copy should be as plain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

Contexts: TypeAlias = Mapping[str, Any]
Functions: TypeAlias = Mapping[str, Callable[..., Any]]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<operator>==|!=|&&|\|\||!|\(|\)|,)|(?P<word>[A-Za-z_][\w.*-]*))"
)
_TEMPLATE: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


def fill(template: str, contexts: Contexts, functions: Functions) -> str:
    """Replace each `${{ … }}` in a template."""
    return _TEMPLATE.sub(lambda found: text(evaluate(found[1], contexts, functions)), template)


def holds(condition: str | bool, contexts: Contexts, functions: Functions) -> bool:  # noqa: FBT001 - YAML's own
    """Evaluate an `if:`; without a function that asks for the status, success is asked for besides."""
    written = text(condition)
    whole = _TEMPLATE.fullmatch(written.strip())
    source = whole[1] if whole is not None else written
    asks = re.search(r"\b(always|success|failure|cancelled)\(\)", source) is not None
    return bool(evaluate(source, contexts, functions)) and (asks or bool(functions["success"]()))


def evaluate(source: str, contexts: Contexts, functions: Functions) -> Any:
    """Evaluate one expression."""
    reader = _Reader(source, contexts, functions)
    value = reader.either()
    assert reader.next is None, f"more than one expression: {source!r}"
    return value


class _Reader:
    """Reads an expression from left to right; both sides of `&&` and `||` are evaluated, since nothing has effects."""

    def __init__(self, source: str, contexts: Contexts, functions: Functions) -> None:
        self._tokens = list(_tokens(source))
        self._contexts = contexts
        self._functions = functions

    @property
    def next(self) -> str | None:
        return self._tokens[0] if self._tokens else None

    def _take(self, *wanted: str) -> bool:
        if self.next in wanted:
            del self._tokens[0]
            return True
        return False

    def either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._take("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Any:
        value = self._single()
        if self._take("=="):
            return _same(value, self._single())
        if self._take("!="):
            return not _same(value, self._single())
        return value

    def _single(self) -> Any:
        if self._take("!"):
            return not self._single()
        if self._take("("):
            value = self.either()
            assert self._take(")"), "a bracket is left open"
            return value
        assert self.next is not None, "an expression ends too soon"
        word = self._tokens.pop(0)
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if self._take("("):
            given = []
            while not self._take(")"):
                given.append(self.either())
                self._take(",")
            return self._functions[word](*given)
        if word in {"true", "false", "null"}:
            return json.loads(word)
        return self._context(word)

    def _context(self, path: str) -> Any:
        first, *rest = path.split(".")
        value: Any = self._contexts[first]  # a context that GitHub has not is a mistake
        for name in rest:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


def _tokens(source: str) -> list[str]:
    found, at = [], 0
    while source[at:].strip():
        match = _TOKEN.match(source, at)
        assert match is not None, f"not an expression that we use: {source!r}"
        found.append(match[0].strip())
        at = match.end()
    return found


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    return bool(_number(left) == _number(right))


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def text(value: Any) -> str:
    """Write a value as a text, as GitHub does."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
