"""
One pacer a tenant: never more calls than the rate in any one-second window, as the *vendor* counts them.

A call counts from the moment it may leave until one second after its answer. Whenever it arrived in between, the
window around that arrival is covered, however the network delays it; the price is one latency a window.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

WINDOW_S: Final = 1.0


class Pacer:
    """
    Hand out places for calls: *rate* a second, *parallel* at once, first come first served.

    It outlives an event loop: what was called in one counts in the next, since loops share the system's clock.
    """

    def __init__(self, *, rate: int, parallel: int) -> None:
        self._free = rate
        self._most_parallel = parallel
        self._returns: list[float] = []  # loop times at which a place comes back, a heap
        self._loop: asyncio.AbstractEventLoop | None = None
        self._parallel: asyncio.Semaphore
        self._turn: asyncio.Lock

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it while the call is out."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._turn, self._parallel = loop, asyncio.Lock(), asyncio.Semaphore(self._most_parallel)
        async with self._parallel:
            await self._take()
            try:
                yield
            finally:
                heapq.heappush(self._returns, loop.time() + WINDOW_S)

    async def _take(self) -> None:
        loop = asyncio.get_running_loop()
        async with self._turn:
            while True:
                now = loop.time()
                while self._returns and self._returns[0] <= now:
                    heapq.heappop(self._returns)
                    self._free += 1
                if self._free:
                    self._free -= 1
                    return
                # Without a return in sight all places are out on calls; look again when one may have come back.
                await asyncio.sleep(self._returns[0] - now if self._returns else 0.005)
