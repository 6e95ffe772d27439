"""One request as the rules see it, and how lists are shown."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from reconciler.providers.tencent.simulator.answers import invalid_value
from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.records import Tenant

T = TypeVar("T")
_DEFAULT_SIZE: Final = 20  # DescribeNumbers says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: *body* has the right names and types. Where it is *trusted*, forms of text are not checked."""

    dialect: Dialect
    body: Mapping[str, Any]
    trusted: bool = False


Rule: TypeAlias = Callable[[Tenant, Asked], dict[str, Any]]


def ordered(ids: Iterable[T], tenant: Tenant, dialect: Dialect) -> list[T]:
    """Put ids, which come in the order of making, in the dialect's order."""
    match dialect.order:
        case "made":
            return list(ids)
        case "sorted":
            return sorted(ids, key=lambda item: (str(item),))
        case "reversed":
            return list(ids)[::-1]
        case "shuffled":
            return sorted(ids, key=lambda item: (zlib.crc32(f"{tenant.shuffles}/{item}".encode()), str(item)))


def page(ids: Sequence[T], tenant: Tenant, asked: Asked, *, largest: int = 0) -> list[T]:
    """
    Cut one page out of *ids*, in the dialect's order. Pages count from 0.

    Args:
        ids: All of them, in the order of making.
        tenant: Keeps count of the reads.
        asked: Names page and size.
        largest: The most that a page may hold, as the action says; 0 where it says nothing.
    """
    dialect = asked.dialect
    number = asked.body.get("PageNumber", 0)
    size = asked.body.get("PageSize", _DEFAULT_SIZE)
    if number < 0:
        raise invalid_value("The parameter `PageNumber` counts from 0.")
    cap = largest or dialect.page_cap
    if size < 1 or (cap and size > cap and (largest or dialect.page_over == "refused")):
        raise invalid_value(f"The parameter `PageSize` is from 1 to {cap or 'as many as there are'}.")
    if cap:
        size = min(size, cap)
    if number == 0:
        tenant.shuffles += 1
    return ordered(ids, tenant, dialect)[number * size : (number + 1) * size]


def shown(value: Any, dialect: Dialect) -> Any:
    """Show lists without members as the dialect does, at any depth."""
    if dialect.null_lists == "list":
        return value
    match value:
        case dict():
            absent = dialect.null_lists == "absent"
            return {name: shown(item, dialect) for name, item in value.items() if not (absent and item == [])}
        case list():
            return [shown(item, dialect) for item in value] or None
        case _:
            return value
