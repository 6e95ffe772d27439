"""
Plan → Outcomes: the calls in order, side by side where `needs` allows, each sent once.

What a reply teaches is kept (`keep`) before anything that needs the call goes out. A call that failed silences what
needs it; everything else goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from reconciler.model.call import Call, Reply
from reconciler.model.errors import OutcomeUnknown, ReconcilerError, Rejected, StoreError, VendorError
from reconciler.model.outcome import Learned, Outcome, Verdict
from reconciler.providers.base import Client, Provider

Keep = Callable[[Call, Learned], Awaitable[None]]


async def apply(  # noqa: PLR0913 - what to send, and the world that is passed in
    calls: Sequence[Call],
    provider: Provider,
    client: Client,
    *,
    keep: Keep,
    seen: Callable[[Outcome], None] = lambda _: None,
    fail_fast: bool = False,
    parallel: int = 8,
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, ...]:
    """
    Send all calls.

    Args:
        calls: In a valid serial order, with ids and needs.
        provider: Reads what the answers teach.
        client: An open client; it paces and bounds what is in flight.
        keep: Stores what a reply teaches, durably; awaited before dependants go out.
        seen: Is told of each outcome, for progress.
        fail_fast: Start nothing more after the first failure.
        parallel: How many calls are begun at once.
        stopping: Whether to start nothing more; what was started is finished, and its answers are kept.

    Returns:
        One outcome a call, in the order of *calls*. Failures are outcomes, not exceptions.
    """
    run = _Run(
        calls,
        provider,
        client,
        keep,
        seen,
        fail_fast=fail_fast,
        parallel=parallel,
        stopping=stopping,
    )
    await run.all()
    return tuple(run.outcomes[call.id] for call in calls)


class _Run:
    def __init__(  # noqa: PLR0913 - the same, kept
        self,
        calls: Sequence[Call],
        provider: Provider,
        client: Client,
        keep: Keep,
        seen: Callable[[Outcome], None],
        *,
        fail_fast: bool,
        parallel: int,
        stopping: Callable[[], bool],
    ) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._calls = {call.id: call for call in calls}
        self._open = {call.id: set(call.needs) for call in calls}
        self._followers: dict[str, list[str]] = defaultdict(list)
        for call in calls:
            for need in call.needs:
                self._followers[need].append(call.id)
        self._provider = provider
        self._client = client
        self._keep = keep
        self._seen = seen
        self._fail_fast = fail_fast
        self._places = asyncio.Semaphore(parallel)
        self._stopping = stopping
        self._stopped = ""  # the call after which nothing more is started

    async def all(self) -> None:
        """Start what is ready; finish what was started even when asked to stop."""
        async with asyncio.TaskGroup() as group:
            for name in [name for name, needs in self._open.items() if not needs]:
                group.create_task(self._one(name, group))
        for name, call in self._calls.items():
            if name not in self.outcomes:  # never reached: fail_fast, or asked to stop
                blocked_by = (self._stopped,) if self._stopped else ()
                self._done(Outcome(call=call, verdict=Verdict.SKIPPED, blocked_by=blocked_by))

    async def _one(self, name: str, group: asyncio.TaskGroup) -> None:
        async with self._places:
            if self._stopped or self._stopping():
                return
            outcome = await self._send(self._calls[name])
        self._done(outcome)
        if outcome.verdict in {Verdict.DONE, Verdict.ALREADY}:
            for follower in self._followers[name]:
                self._open[follower].discard(name)
                if not self._open[follower] and follower not in self.outcomes:
                    group.create_task(self._one(follower, group))
            return
        if self._fail_fast:
            self._stopped = name
        self._skip(name)

    def _skip(self, failed: str) -> None:
        stack = list(self._followers[failed])
        while stack:
            name = stack.pop()
            if name not in self.outcomes:
                self._done(Outcome(call=self._calls[name], verdict=Verdict.SKIPPED, blocked_by=(failed,)))
                stack.extend(self._followers[name])

    async def _send(self, call: Call) -> Outcome:
        try:
            reply: Reply = await self._client.send(call)
        except ReconcilerError as error:
            await self._forget(call, error)
            if isinstance(error, StoreError):  # nobody knows any more whether we may write
                self._stopped = call.id
            unknown = isinstance(error, OutcomeUnknown)
            return Outcome(call=call, verdict=Verdict.UNKNOWN if unknown else Verdict.FAILED, error=error)
        learned = self._provider.learn(call, reply)
        try:
            await self._keep(call, learned)
        except ReconcilerError as error:
            # The write took effect, and what it taught could not be kept: nothing more may build on it.
            self._stopped = call.id
            return Outcome(call=call, verdict=Verdict.DONE, error=error)
        if learned.failed:
            return Outcome(call=call, verdict=Verdict.FAILED, error=_partial(call, learned))
        done = Verdict.DONE if reply.condition == "ok" else Verdict.ALREADY
        return Outcome(call=call, verdict=done, note=learned.note)

    async def _forget(self, call: Call, error: ReconcilerError) -> None:
        learned = self._provider.unlearn(call, error) if isinstance(error, Rejected) else Learned()
        if learned.forget:
            with contextlib.suppress(ReconcilerError):  # the refusal says more, and comes again with what is remembered
                await self._keep(call, learned)

    def _done(self, outcome: Outcome) -> None:
        self.outcomes[outcome.call.id] = outcome
        self._seen(outcome)


def _partial(call: Call, learned: Learned) -> VendorError:
    names = ", ".join(learned.failed)
    return Rejected(
        f"{call.title}: the vendor took the call and left out {names}",
        code="partial",
        text=names,
        remedy="Look at these entries, then apply again.",
        call=call.title,
    )
