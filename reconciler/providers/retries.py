"""
A run's patience: what is tried again, how soon, and when to give up. The home of tenacity.

Whether trying again can help, and can do no harm, is said by the error (`VendorError.transient`); `Retries` never looks
at what was asked. It only ever waits through the sleep that it is given.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self, TypeVar

from tenacity import AsyncRetrying, RetryCallState

from reconciler.model.call import Call, Reply
from reconciler.model.errors import RateLimited, Stopped, VendorError
from reconciler.model.outcome import Asked
from reconciler.providers.base import Client

T = TypeVar("T")

ATTEMPTS: Final = 6  # of one call; one without any answer counts as two, one that was to slow down as half of one
FIRST_WAIT_S: Final = 0.2  # at most so long before the second attempt; doubled for each one after it
LONGEST_WAIT_S: Final = 1.2  # so that a call that never works ends within 4 s
LONGEST_RETRY_AFTER_S: Final = 60.0  # a vendor that wants more than this is better met by another run
BUDGET: Final = 100  # retries of a run of which no call works

_GIVEN_BACK: Final = 0.2  # of a retry, by each call that works at once
_SLICE_S: Final = 0.2  # how often who waits looks whether the run is to stop


class Retries:
    """
    A run's patience: capped exponential backoff with jitter, the vendor's Retry-After, a budget for all calls together.

    The budget is what keeps a dead vendor from being asked six times by each of a thousand calls: every retry takes
    from it, and only calls that work give back. It outlives event loops.
    """

    def __init__(
        self,
        *,
        sleep: Callable[[float], Awaitable[None]],
        stopping: Callable[[], bool] = lambda: False,
        budget: int = BUDGET,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """
        Start with a full budget.

        Args:
            sleep: Waits some seconds; the only way in which time passes here.
            stopping: Whether no new attempt may be started, and whoever waits should give up.
            budget: How many retries all calls together may take.
            chance: Gives a number from 0 up to 1, for jitter: calls that failed together should not come back together.
        """
        self._sleep = sleep
        self._stopping = stopping
        self._budget = budget
        self._left = float(budget)
        self._chance = chance

    async def run(self, once: Callable[[int], Awaitable[T]]) -> T:
        """
        Await `once(1)`, then `once(2)` and so on while it raises a transient VendorError.

        Raises:
            VendorError: The last one, as it is, when it is not transient or patience has ended; *attempts* says how
                often it was tried.
            Stopped: It would have been tried again, and the run is to stop; the last error is the cause.
        """
        number, spent = 0, 0.0
        last: VendorError | None = None

        def ended(state: RetryCallState) -> bool:
            if spent >= ATTEMPTS or self._ended(_error(state)):
                return True
            if self._stopping():
                raise _stopped(_error(state))
            return False

        patience = AsyncRetrying(sleep=self._wait, wait=self._backoff, retry=_helps, stop=ended, reraise=True)
        async for attempt in patience:
            with attempt:
                if last is not None and self._stopping():
                    raise _stopped(last)
                number += 1
                try:
                    value = await once(number)
                except VendorError as error:
                    error.attempts = number
                    spent += _spent(error)
                    last = error
                    raise
                self._left = min(float(self._budget), self._left + (number - 1 or _GIVEN_BACK))
                return value
        raise AssertionError("an attempt either returns or raises, and the last one's error is raised")

    def _backoff(self, state: RetryCallState) -> float:
        """Say how many seconds to wait: somewhere below a bound that doubles, but no less than the vendor asks for."""
        bound = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (state.attempt_number - 1))
        asked = _error(state).retry_after_s or 0.0
        return asked + self._chance() * bound

    def _ended(self, error: VendorError) -> bool:
        """Whether the run's patience has ended; if not, take a retry out of the budget."""
        if (error.retry_after_s or 0.0) > LONGEST_RETRY_AFTER_S:
            error.remedy = f"The vendor asks to wait {error.retry_after_s:.0f} s. Run again after that."
            return True
        cost = min(1.0, _spent(error))
        if self._left < cost:
            return True
        self._left -= cost
        return False

    async def _wait(self, seconds: float) -> None:
        left = float(seconds)
        while left > 0 and not self._stopping():
            await self._sleep(min(left, _SLICE_S))
            left -= _SLICE_S


def _helps(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome is not None else None
    return isinstance(error, VendorError) and error.transient


def _stopped(last: VendorError) -> Stopped:
    stopped = Stopped(f"stopped as asked, before it was tried again after: {last}")
    stopped.__cause__ = last
    return stopped


def _error(state: RetryCallState) -> VendorError:
    error = state.outcome.exception() if state.outcome is not None else None
    assert isinstance(error, VendorError), "only a VendorError is tried again"
    return error


class Patient:
    """
    A client that tries reads again. Writes pass through: whether one may be sent again is for the applier to say.

    A read that never works raises what it raised last; it never becomes an empty answer.
    """

    def __init__(self, client: Client, retries: Retries, *, told: Callable[[Asked], None] = lambda _: None) -> None:
        """Wrap *client*; *told* hears of each read, as often as it is sent."""
        self._client = client
        self._retries = retries
        self._told = told

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def send(self, call: Call) -> Reply:
        """Send one call, a read as often as it takes within the run's patience."""
        if call.writes:
            return await self._client.send(call)
        return await self._retries.run(lambda number: self._ask(call, number))

    async def _ask(self, call: Call, number: int) -> Reply:
        started = time.monotonic()
        try:
            reply = await self._client.send(call)
        except VendorError as error:
            took, found = _since(started), error.request_id
            self._told(Asked(call=call, number=number, milliseconds=took, request_id=found, error=error))
            raise
        self._told(Asked(call=call, number=number, milliseconds=_since(started), request_id=reply.request_id))
        return reply


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _spent(error: VendorError) -> float:
    """Say how much of a call's patience an attempt takes: little where the vendor is there, and busy."""
    if isinstance(error, RateLimited):
        return 0.5
    return 2 if error.slow else 1
