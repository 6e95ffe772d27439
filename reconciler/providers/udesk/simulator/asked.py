"""One request as the rules see it, and what a rule gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from reconciler.providers.udesk.simulator.answers import broken_body
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.records import Tenant

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    A request.

    *key* is the last part of the path where it names an object; *given* is the body, None when there was none.
    """

    dialect: Dialect
    key: str = ""
    given: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    upload: bytes | None = None

    @property
    def body(self) -> Mapping[str, Any]:
        """
        Give the body of a call that needs one.

        Raises:
            Denied: 100004, there is none ("Code Error Codes": request body is missing or the format is incorrect).
        """
        if self.given is None:
            raise broken_body()
        return self.given


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a rule gives back when it worked; *beside* stands next to `Result`."""

    result: Any = None
    beside: Mapping[str, Any] = field(default_factory=dict)
    text: str = "OK"


Rule: TypeAlias = Callable[[Tenant, Asked], Done]


def listed(items: Iterable[T], dialect: Dialect) -> list[T] | None:
    """Show a list: without members it is null or [], by the dialect."""
    found = list(items)
    return found or ([] if dialect.empty_lists == "list" else None)


def ordered(ids: Iterable[T], dialect: Dialect) -> list[T]:
    """Put ids, which come in the order of making, in the dialect's order."""
    match dialect.order:
        case "made":
            return list(ids)
        case "sorted":
            return sorted(ids, key=str)
        case "reversed":
            return list(ids)[::-1]
