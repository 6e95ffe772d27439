"""
One pacer a tenant: never more calls than the rate in any one-second window, as the *vendor* counts them.

A call counts from the moment it may leave until one second after its answer. Whenever it arrived in between, the
window around that arrival is covered, however the network delays it; the price is one latency a window. When the vendor
asks to slow down, fewer calls than the rate may count at a time, for a while; never are there more.

Where a vendor counts each action apart, each has a pacer, and all of them share their `Places`: what is bounded is how
many calls are out at once, and never how many wait.

Nobody waits for ever: a storm of requests to slow down ends the run, as does a wish for a longer pause than a run has
patience for, and a run that is to stop.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

from reconciler.model.errors import RateLimited, Rejected, Stopped

WINDOW_S: Final = 1.0
RECOVERY: Final = 0.3  # of the full rate, regained each second in which nobody asks to slow down
FIRST_PAUSE_S: Final = 0.25  # where the vendor does not say how long; doubled while no call gets through
LONGEST_PAUSE_S: Final = 60.0  # a vendor that wants more than this is better met by another run
STORM_S: Final = 45.0  # in which no call of its kind gets through, and the run ends
STOPPING_PAUSE_S: Final = 3.0  # a run that is to stop waits for no longer pause, not even to read back

_LONGEST_GUESS_S: Final = 4.0
_FEWEST: Final = 2.0  # calls that may count at a time, so that not each pause ends with one in vain
_STORM_BURSTS: Final = 5  # at least, so that it is no storm where nobody called for long
_SLICE_S: Final = 0.2  # how often who waits looks whether it is in vain
_SHORTEST_WAIT_S: Final = 1e-6  # so that a clock of floats always moves on


@dataclass(slots=True)
class _Streak:
    """Requests to slow down with no call of the same kind getting through in between."""

    bursts: int = 0
    began: float = -math.inf  # loop times
    last: float = -math.inf  # when a call was told so that had left since the time before
    before: float = -math.inf  # that time before
    closed_until: float = -math.inf  # until then nobody need try
    remedy: str = ""


class Places:
    """
    How many calls may be out at once, for one pacer or for several together: first come, first served.

    A pacer asks for a place only when its rate lets a call go, and for one call at a time, so that an action that has
    to wait keeps no other from going, and several that may go take turns.
    """

    def __init__(self, parallel: int) -> None:
        self._parallel = parallel
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free: asyncio.Semaphore

    async def enter(self) -> None:
        """Wait for a place, and take it."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._free = loop, asyncio.Semaphore(self._parallel)
        await self._free.acquire()

    def leave(self) -> None:
        """Give a place back."""
        self._free.release()


class Pacer:
    """
    Hand out places for calls: *rate* a second, *parallel* at once, first come first served.

    It outlives an event loop: what was called in one counts in the next, since loops share the system's clock.
    """

    def __init__(
        self,
        *,
        rate: int,
        parallel: int | Places,
        stopping: Callable[[], bool] = lambda: False,
        setting: str = "provider.rate_limit",
    ) -> None:
        """
        Start at full rate.

        Args:
            rate: How many calls a second.
            parallel: How many at once; or the places that it shares with other pacers.
            stopping: Whether no more writes may start; reads may, to find out what became of those in flight.
            setting: What the rate comes from, for messages.
        """
        self._rate = rate
        self._places = parallel if isinstance(parallel, Places) else Places(parallel)
        self._stopping = stopping
        self._setting = setting
        self._counting = 0  # calls that are out, or were within the last second
        self._returns: list[float] = []  # loop times at which a call stops counting, a heap
        self._start = float(rate)  # how many may count when the pause ends
        self._pause_ends = -math.inf  # loop time
        self._taken: deque[float] = deque()  # loop times at which the vendor took a call, within the last second
        self._slowed = -math.inf  # loop time of the last request to slow down that was not one of a burst
        # Vendors may let reads through while they refuse writes, so that the one says nothing of the other.
        self._streaks = {False: _Streak(), True: _Streak()}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn: asyncio.Lock

    @asynccontextmanager
    async def place(self, *, write: bool = False, call: str = "") -> AsyncIterator[float]:
        """
        Wait for a place, and hold it while the call is out; give the loop time at which it may leave.

        Args:
            write: Whether the call is a write.
            call: Its name, for messages.

        Raises:
            Stopped: The run is to stop: a write does not start any more, a read does not wait for a long pause.
            RateLimited: The vendor lets nobody through, so that it is not worth waiting (`lasting`).
        """
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._turn = loop, asyncio.Lock()
        left = await self._take(write=write, call=call)
        try:
            yield left
        finally:
            heapq.heappush(self._returns, loop.time() + WINDOW_S)
            self._places.leave()

    @contextmanager
    def heed(self, *, left: float, write: bool) -> Iterator[None]:
        """Learn from what the vendor answers to a call: surround what turns its answer into a reply or an error."""
        try:
            yield
        except RateLimited as asked:
            in_vain = self.slow_down(asked.retry_after_s, left=left, write=write)
            if in_vain:
                asked.last(in_vain)
            raise
        except Rejected:
            self.went_through(left=left, write=write)
            raise
        self.went_through(left=left, write=write)

    def went_through(self, *, left: float, write: bool = False) -> None:
        """Be told of a call that the vendor took; *left* says whether others have been told to slow down since."""
        self._taken.append(asyncio.get_running_loop().time())
        if len(self._taken) > self._rate:
            self._taken.popleft()
        if left > self._streaks[write].before:  # with the burst that was told so last, or after it
            self._streaks[write].bursts = 0

    def slow_down(self, retry_after_s: float | None, *, left: float | None = None, write: bool = False) -> str:
        """
        Let nobody go for a while, then half as many as before, then more again.

        Args:
            retry_after_s: How long the vendor asks to wait, if it says.
            left: When the call that was answered so had left, where it is known. Calls that had left before the vendor
                was last heard belong to the same burst, which slows down once, and waits for the longest time asked.
            write: Whether the call was a write.

        Returns:
            What to do about it where waiting is no use, and all who wait give up; else "".
        """
        now = asyncio.get_running_loop().time()
        if left is None:
            left = now if now >= self._pause_ends else -math.inf
        wait_s = self._count(self._streaks[write], now, left)
        if left > self._slowed:
            # What it has just taken in a second it surely bears.
            taken = sum(now - when < WINDOW_S for when in self._taken)
            self._start = min(self._allowed(now), max(_FEWEST, self._allowed(now) / 2, taken))
            self._slowed = now
        wait_s = wait_s if retry_after_s is None else retry_after_s
        self._pause_ends = max(self._pause_ends, now + min(LONGEST_PAUSE_S, wait_s))
        if wait_s > LONGEST_PAUSE_S:
            until, remedy = now + wait_s, f"The vendor asks to wait {wait_s:.0f} s. Run again after that."
            self._close(until, remedy, self._streaks.values())
        elif self._is_storm(self._streaks[write], now):
            began = min(streak.began for streak in self._streaks.values() if streak.last > now - LONGEST_PAUSE_S)
            remedy = f"For {now - began:.0f} s it let no call through. Run again later; if it stays, ask the vendor "
            remedy += f"which rate it allows, and lower {self._setting}."
            # The other kind goes on where it gets through.
            closing = [streak for kind, streak in self._streaks.items() if kind is write or streak.bursts]
            self._close(now + LONGEST_PAUSE_S, remedy, closing)
        return self._streaks[write].remedy if now < self._streaks[write].closed_until else ""

    def _count(self, streak: _Streak, now: float, left: float) -> float:
        """Count a request to slow down; give how long to wait for it where the vendor does not say."""
        if left <= streak.last:
            return 0.0
        if not streak.bursts:
            streak.began = now
        streak.bursts, streak.last, streak.before = streak.bursts + 1, now, streak.last
        return min(_LONGEST_GUESS_S, FIRST_PAUSE_S * 2.0 ** min(streak.bursts - 1, 10))

    def _is_storm(self, streak: _Streak, now: float) -> bool:
        """Whether it has gone on for too long; or has for the other kind, and now hits this one too."""
        if any(now < other.closed_until for other in self._streaks.values()):
            return now >= streak.closed_until
        return streak.bursts >= _STORM_BURSTS and now - streak.began >= STORM_S

    @staticmethod
    def _close(until: float, remedy: str, streaks: Iterable[_Streak]) -> None:
        for streak in streaks:
            streak.closed_until, streak.remedy, streak.bursts = until, remedy, 0

    def _allowed(self, now: float) -> float:
        """Say how many calls may count at a time."""
        return min(float(self._rate), self._start + RECOVERY * self._rate * max(0.0, now - self._pause_ends))

    async def _take(self, *, write: bool, call: str) -> float:
        loop = asyncio.get_running_loop()
        async with self._turn:
            while True:
                while not self._may_leave(loop.time(), write=write, call=call):
                    now = loop.time()
                    await asyncio.sleep(min(_SLICE_S, max(_SHORTEST_WAIT_S, self._next(now) - now)))
                await self._places.enter()
                with ExitStack() as in_vain:
                    in_vain.callback(self._places.leave)
                    now = loop.time()
                    if self._may_leave(now, write=write, call=call):  # the wait may have been long
                        in_vain.pop_all()
                        self._counting += 1
                        return now

    def _may_leave(self, now: float, *, write: bool, call: str) -> bool:
        """Whether one more call may count now; raise where it is no use to wait."""
        self._give_up(now, write=write, call=call)
        while self._returns and self._returns[0] <= now:
            heapq.heappop(self._returns)
            self._counting -= 1
        return now >= self._pause_ends and self._counting + 1 <= self._allowed(now)

    def _give_up(self, now: float, *, write: bool, call: str) -> None:
        """Raise where it is no use to wait."""
        if self._stopping() and (write or self._pause_ends - now > STOPPING_PAUSE_S):
            raise Stopped("stopped as asked, before this was sent")
        streak = self._streaks[write]
        if now < streak.closed_until:
            said = f"{call}: the vendor lets no call through, so it is not sent".removeprefix(": ")
            raise RateLimited(said, remedy=streak.remedy, call=call, lasting=True)

    def _next(self, now: float) -> float:
        """Say at what time to look again: never later than a place can be free."""
        if now < self._pause_ends:
            return self._pause_ends
        # Without a return in sight all that count are out on calls, and none that ends from now on returns any sooner.
        freed = self._returns[0] if self._returns else now + WINDOW_S
        if self._counting + 1 > self._rate:
            return freed
        return min(freed, self._pause_ends + (self._counting + 1 - self._start) / (RECOVERY * self._rate))
