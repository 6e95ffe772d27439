"""
One pacer a tenant: never more calls than the rate in any one-second window, as the *vendor* counts them.

A call counts from the moment it may leave until one second after its answer. Whenever it arrived in between, the
window around that arrival is covered, however the network delays it; the price is one latency a window. When the vendor
asks to slow down, fewer calls than the rate may count at a time, for a while; never are there more.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

WINDOW_S: Final = 1.0
RECOVERY: Final = 0.1  # of the full rate, regained each second in which nobody asks to slow down
FIRST_PAUSE_S: Final = 1.0  # where the vendor does not say how long; doubled while it goes on
LONGEST_PAUSE_S: Final = 60.0

_LONGEST_GUESS_S: Final = 8.0
_CALM_S: Final = 1 / RECOVERY  # without a request to slow down, and the next one is a new story
_SHORTEST_WAIT_S: Final = 1e-6  # so that a clock of floats always moves on


class Pacer:
    """
    Hand out places for calls: *rate* a second, *parallel* at once, first come first served.

    It outlives an event loop: what was called in one counts in the next, since loops share the system's clock.
    """

    def __init__(self, *, rate: int, parallel: int) -> None:
        self._rate = rate
        self._most_parallel = parallel
        self._counting = 0  # calls that are out, or were within the last second
        self._returns: list[float] = []  # loop times at which a call stops counting, a heap
        self._start = float(rate)  # how many may count when the pause ends
        self._pause_ends = -math.inf  # loop time
        self._slowed = -math.inf  # loop time of the last request to slow down that was not one of a burst
        self._guess_s = FIRST_PAUSE_S
        self._loop: asyncio.AbstractEventLoop | None = None
        self._parallel: asyncio.Semaphore
        self._turn: asyncio.Lock

    @asynccontextmanager
    async def place(self) -> AsyncIterator[float]:
        """Wait for a place, and hold it while the call is out; give the loop time at which it may leave."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._turn, self._parallel = loop, asyncio.Lock(), asyncio.Semaphore(self._most_parallel)
        async with self._parallel:
            left = await self._take()
            try:
                yield left
            finally:
                heapq.heappush(self._returns, loop.time() + WINDOW_S)

    def slow_down(self, retry_after_s: float | None, *, left: float | None = None) -> None:
        """
        Let nobody go for a while, then half as many as before, then more again.

        Args:
            retry_after_s: How long the vendor asks to wait, if it says.
            left: When the call that was answered so had left, where it is known. Calls that had left before the vendor
                was last heard belong to the same burst, which slows down once, and waits for the longest time asked.
        """
        now = asyncio.get_running_loop().time()
        if now >= self._pause_ends if left is None else left > self._slowed:
            calm = now - self._pause_ends > _CALM_S
            self._guess_s = FIRST_PAUSE_S if calm else min(_LONGEST_GUESS_S, 2 * self._guess_s)
            self._start = max(1.0, self._allowed(now) / 2)
            self._slowed = now
            wait_s = self._guess_s if retry_after_s is None else retry_after_s
        else:
            wait_s = retry_after_s or 0.0
        self._pause_ends = max(self._pause_ends, now + min(LONGEST_PAUSE_S, wait_s))

    def _allowed(self, now: float) -> float:
        """Say how many calls may count at a time."""
        return min(float(self._rate), self._start + RECOVERY * self._rate * max(0.0, now - self._pause_ends))

    async def _take(self) -> float:
        loop = asyncio.get_running_loop()
        async with self._turn:
            while True:
                now = loop.time()
                while self._returns and self._returns[0] <= now:
                    heapq.heappop(self._returns)
                    self._counting -= 1
                if now >= self._pause_ends and self._counting + 1 <= self._allowed(now):
                    self._counting += 1
                    return now
                await asyncio.sleep(max(_SHORTEST_WAIT_S, self._next(now) - now))

    def _next(self, now: float) -> float:
        """Say at what time to look again: never later than a place can be free."""
        if now < self._pause_ends:
            return self._pause_ends
        # Without a return in sight all that count are out on calls, and none that ends from now on returns any sooner.
        freed = self._returns[0] if self._returns else now + WINDOW_S
        if self._counting + 1 > self._rate:
            return freed
        return min(freed, self._pause_ends + (self._counting + 1 - self._start) / (RECOVERY * self._rate))
