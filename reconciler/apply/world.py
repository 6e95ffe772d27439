"""What a run of calls is handed, and what its modules agree on about outcomes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from reconciler.apply.settle import Read
from reconciler.model.call import Call
from reconciler.model.errors import RateLimited, ReconcilerError, StoreError, Unauthorized, UnknownTenant
from reconciler.model.history import Attempt, Journal
from reconciler.model.outcome import Outcome, Verdict
from reconciler.providers.base import Client, Provider
from reconciler.providers.retries import Retries

_WORKED: Final = frozenset({Verdict.DONE, Verdict.ALREADY})


async def _nothing(_call: Call) -> None:
    """Rely on nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """
    What a run of calls is handed.

    Args:
        provider: Knows what calls mean.
        client: Open; it paces, and bounds what is in flight.
        journal: Where intents, endings and what answers teach are written.
        retries: When a call that surely did not happen is sent again.
        read: Reads some sections, from now on.
        sleep: Waits, in seconds.
        check: Raises `Overtaken` when what a call relies on was changed by somebody else.
        attempted: Is told of each attempt, when it begins and when it has ended.
        seen: Is told of each outcome.
        stopping: Whether to start nothing more; what was started is finished, and its answers are kept.
        parallel: How many calls are begun at once.
    """

    provider: Provider
    client: Client
    journal: Journal
    retries: Retries
    read: Read
    sleep: Callable[[float], Awaitable[None]]
    check: Callable[[Call], Awaitable[None]] = _nothing
    attempted: Callable[[Attempt], None] = lambda _: None
    seen: Callable[[Outcome], None] = lambda _: None
    stopping: Callable[[], bool] = lambda: False
    parallel: int = 8


def worked(outcome: Outcome) -> bool:
    """Whether others may build on it."""
    return outcome.verdict in _WORKED


def ends_all(error: ReconcilerError) -> bool:
    """Whether nothing more of the run may start: every other call would end alike, or nobody knows who may write."""
    lasting = isinstance(error, RateLimited) and error.lasting
    return lasting or isinstance(error, StoreError | Unauthorized | UnknownTenant)
