"""
Udesk's spellings: the same field under several names, numbers as text, `null` for an empty list.

The page contradicts itself and its own examples, so decoders take every spelling that it shows, and refuse what
none of them explains. A promised field that is missing is never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.model.call import Call, Reply
from reconciler.model.errors import Unexpected
from reconciler.providers.answers import kind, short
from reconciler.providers.udesk.protocol import API

Row = Mapping[str, Any]


def get(api: str, **extra: Any) -> Call:
    """Make a read of one API."""
    return Call("GET", API + api, **extra)


def unexpected(api: str, what: str) -> Unexpected:
    """Say that a read isn't what the page promises."""
    return Unexpected(
        f"GET {API}{api}: the answer can't be used: {what}",
        remedy="Nothing was changed. Run again; if it stays, ask the vendor.",
        call=f"GET {API}{api}",
    )


def result(reply: Reply, api: str, *names: str) -> Any:
    """Find the answer's content, in `Result` or in *names* at the top level; missing is not the same as null."""
    for name in ("Result", *names):
        if name in reply.payload:
            return reply.payload[name]
    raise unexpected(api, "it has no Result")


def record(value: Any, api: str) -> Row:
    """Take an object."""
    if isinstance(value, dict):
        return value
    raise unexpected(api, f"its Result is {kind(value)}, not an object")


def rows(value: Any, api: str, *names: str) -> Sequence[Row]:
    """Take a list of objects, bare or under one of *names*; `null` is how the vendor writes an empty one."""
    if isinstance(value, dict):
        found = next((name for name in names if name in value), None)
        if found is None:
            raise unexpected(api, f"its Result has no {' or '.join(names)}" if names else "its Result is no list")
        value = value[found]
    if value is None:
        return ()
    if not isinstance(value, list):
        raise unexpected(api, f"{kind(value)} stands where a list is due")
    for row in value:
        if not isinstance(row, dict):
            raise unexpected(api, f"{kind(row)} stands where an object is due")
    return value


def shown(row: Row, values: dict[str, Any], **fields: str | tuple[str, ...]) -> dict[str, Any]:
    """
    Take out of *values* what the row does not show under any of its spellings; null shows an empty text, and no more.

    What is missing is not empty: were a default put in its place, it would be sent back as if it had been live.
    """
    for field, spellings in fields.items():
        names = (spellings,) if isinstance(spellings, str) else spellings
        there = any(name in row for name in names)
        if not there or (pick(row, *names) is None and values[field] != ""):
            del values[field]
    return values


def promised(row: Row, api: str, *names: str) -> None:
    """Refuse a row without fields that must be there, if only as null."""
    for name in names:
        if name not in row:
            raise unexpected(api, f"an entry has no {name}")


def pick(row: Row, *names: str) -> Any:
    """Read a field under the first of *names* that is there; None where none is, or where it is null."""
    for name in names:
        value = row.get(name)
        if value is not None:
            return value
    return None


def text(row: Row, *names: str, default: str = "") -> str:
    """Read a text; numbers become text."""
    value = pick(row, *names)
    if value is None:
        return default
    if type(value) is str:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and len(value) <= 1:  # DefSpNumber: typed as a list, shown as text
        return text({"_": value[0]}, "_") if value else ""
    raise Unexpected(f"{names[0]} is {kind(value)}, not a text")


def needed(row: Row, api: str, *names: str) -> str:
    """Read a text that must be there: an identity."""
    value = text(row, *names)
    if not value:
        raise unexpected(api, f"an entry has no {names[0]}")
    return value


def number(row: Row, *names: str, default: int = 0) -> int:
    """Read a whole number; the vendor may write it as text."""
    value = pick(row, *names)
    if type(value) is int:
        return value
    if value is None or value == "":
        return default
    try:
        return int(float(value)) if isinstance(value, str | float) else int(str(value))
    except (ValueError, OverflowError):  # "many", NaN, 1e999
        raise Unexpected(f"{names[0]} is {short(value)}, not a number") from None


def flag(row: Row, *names: str, default: bool = False) -> bool:
    """Read a boolean; the vendor may write it as text or number."""
    value = pick(row, *names)
    if type(value) is bool:
        return value
    if value is None or value == "":
        return default
    match str(value).lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            raise Unexpected(f"{names[0]} is {short(value)}, not true or false")


def texts(row: Row, *names: str, inner: Sequence[str] = ()) -> tuple[str, ...]:
    """
    Read a set of texts, sorted.

    Elements may be texts, numbers, or objects that hold the text under one of *inner*; the whole may be one text
    with commas, or null for none.
    """
    value = pick(row, *names)
    if not value:
        return ()
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        raise Unexpected(f"{names[0]} is {kind(value)}, not a list")
    found = [text(item, *inner) if isinstance(item, dict) else text({names[0]: item}, names[0]) for item in value]
    if not all(found):
        raise Unexpected(f"{names[0]} has an entry that can't be read")
    return tuple(sorted(set(found)))
