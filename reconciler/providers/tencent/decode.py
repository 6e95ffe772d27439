"""
Tencent's answers: fields that may be null or missing anywhere, pages that count from 0, sets that are text with commas.

What an identity or a count depends on is never guessed: a page without its total is refused, and so is a list that
does not come to it. Source: Tencent CCC 2020-02-10, the Describe actions.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from reconciler.model.call import Call, Reply
from reconciler.model.errors import Contradiction, Unexpected
from reconciler.providers.answers import kind, short

Row = Mapping[str, Any]

_AGAIN: Final = "Nothing was changed. Run again; if it stays, ask the vendor."
_TRIES: Final = 3  # of reading all pages, while somebody changes what is listed
_MOST_PAGES: Final = 10_000


def read_call(action: str, body: Mapping[str, Any] | None = None, **extra: Any) -> Call:
    """Make a read."""
    return Call("POST", "/", dict(body or {}), action=action, read_only=True, **extra)


def unexpected(action: str, what: str) -> Unexpected:
    """Say that a read isn't what the vendor documents."""
    return Unexpected(f"{action}: the answer can't be used: {what}", remedy=_AGAIN, call=action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """
    A list that comes in pages.

    Args:
        action: Reads a page.
        rows: The field that holds its rows.
        key: Tells rows apart: pages have no promised order, so a row may come twice.
        size: Rows to ask for.
        total: The field that says how many there are on all pages.
        smaller: What to ask for, one after the other, where *size* is refused: the vendor states no maximum.
    """

    action: str
    rows: str
    key: Callable[[Row], str]
    size: int
    total: str = "TotalCount"
    smaller: tuple[int, ...] = ()

    def read(self) -> Generator[tuple[Call, ...], tuple[Reply, ...], Sequence[Row]]:
        """
        Read all pages, and again where the list changed meanwhile.

        Raises:
            Unexpected: An answer isn't what the vendor documents.
            Contradiction: The rows don't come to the total, time and again.
        """
        count = total = 0
        for _ in range(_TRIES):
            found, total = yield from self._once()
            count = len(found)
            if count == total:
                return tuple(found.values())
        raise Contradiction(
            f"{self.action}: the answers list {count} that differ, and say that there are {total}",
            remedy=_AGAIN,
            transient=True,
        )

    def _once(self) -> Generator[tuple[Call, ...], tuple[Reply, ...], tuple[dict[str, Row], int]]:
        (reply,) = yield (self._first(self.size, *self.smaller),)
        first, total = self._decode(reply)
        found = {self.key(row): row for row in first}
        # A server may give fewer than it was asked for: then that is how large its pages are.
        size = min(self.size, len(first))
        if len(first) >= total or not size:
            return found, total
        pages = -(-total // size)
        if pages > _MOST_PAGES:
            raise unexpected(self.action, f"it says that there are {total} rows, and gives {size} on a page")
        replies = yield tuple(self._page(number, size) for number in range(1, pages))
        for reply in replies:
            rows, now = self._decode(reply)
            if now != total:
                return {}, max(1, now)  # somebody changed the list between its pages
            found.update((self.key(row), row) for row in rows)
        return found, total

    def _first(self, size: int, *smaller: int) -> Call:
        call = self._page(0, size)
        return replace(call, otherwise=self._first(*smaller), otherwise_on=frozenset({"form"})) if smaller else call

    def _page(self, number: int, size: int) -> Call:
        return read_call(self.action, {"PageSize": size, "PageNumber": number})

    def _decode(self, reply: Reply) -> tuple[Sequence[Row], int]:
        total = reply.payload.get(self.total)
        if type(total) is not int or total < 0:
            raise unexpected(self.action, f"it does not say how many there are ({self.total})")
        return rows(reply.payload, self.rows, self.action), total


def rows(payload: Row, name: str, action: str) -> Sequence[Row]:
    """Take a list of objects; null and missing are how the vendor writes an empty one."""
    value = payload.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise unexpected(action, f"{name} is {kind(value)}, not a list")
    for row in value:
        if not isinstance(row, dict):
            raise unexpected(action, f"{kind(row)} stands in {name}, where an object is due")
    return value


def text(row: Row, name: str, default: str = "") -> str:
    """Read a text; numbers become text."""
    value = row.get(name)
    if type(value) is str:
        return value
    if value is None:
        return default
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise Unexpected(f"{name} is {kind(value)}, not a text")


def needed(row: Row, name: str, action: str) -> str:
    """Read a text that must be there: an identity."""
    value = text(row, name)
    if not value:
        raise unexpected(action, f"an entry has no {name}")
    return value


def number(row: Row, name: str, default: int = 0) -> int:
    """Read a whole number; some come as text."""
    value = row.get(name)
    if type(value) is int:
        return value
    if value is None or value == "":
        return default
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 20:
        return int(value)
    raise Unexpected(f"{name} is {short(value)}, not a number")


def flag(row: Row, name: str, *, default: bool = False) -> bool:
    """Read a boolean; 0 and 1 are as good."""
    value = row.get(name)
    if type(value) is bool:
        return value
    if value is None:
        return default
    if value in (0, 1):
        return bool(value)
    raise Unexpected(f"{name} is {short(value)}, not true or false")


def ids(row: Row, name: str) -> tuple[str, ...]:
    """Read a set of ids, sorted: a list of numbers, or one text with commas (`ExtensionInfo.SkillGroupId`)."""
    value = row.get(name)
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    elif type(value) is int:
        value = [value]
    if not isinstance(value, list):
        raise Unexpected(f"{name} is {kind(value)}, not a list")
    found = {text({name: item}, name) for item in value}
    if not all(item.isdecimal() for item in found):
        raise Unexpected(f"{name} is {short(value)}, not a list of ids")
    return tuple(sorted(found))


def shown(row: Row, values: dict[str, Any], **fields: str) -> dict[str, Any]:
    """Take out of *values* what the row does not show: what is missing is not empty."""
    for field, name in fields.items():
        if (row.get(name) is None and values[field] != "") or name not in row:
            del values[field]
    return values
