"""The pacer's promise: never more calls than the rate in any second, as the vendor counts them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.providers.pacing import LONGEST_PAUSE_S, RECOVERY, WINDOW_S, Pacer
from tests import virtual

WAYS = st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=40)  # seconds there and back


async def _arrivals(ways: Sequence[tuple[float, float]], *, rate: int, parallel: int) -> tuple[list[float], int]:
    """Make one call a way, all at once; give when each arrived, and the most in flight."""
    pacer = Pacer(rate=rate, parallel=parallel)
    loop = asyncio.get_running_loop()
    arrived: list[float] = []
    flying = most = 0

    async def call(there: float, back: float) -> None:
        nonlocal flying, most
        async with pacer.place():
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(there)
            arrived.append(loop.time())
            await asyncio.sleep(back)
            flying -= 1

    async with asyncio.TaskGroup() as group:
        for way in ways:
            group.create_task(call(*way))
    return arrived, most


@given(ways=WAYS, rate=st.integers(1, 12), parallel=st.integers(1, 10))
def test_no_second_has_more_than_the_rate(ways: Sequence[tuple[float, float]], rate: int, parallel: int) -> None:
    """However the network delays calls, each one-second window holds at most the rate; in flight are never too many."""
    arrived, most = virtual.run(_arrivals(ways, rate=rate, parallel=parallel))
    assert len(ways) == len(arrived)
    assert most <= parallel
    arrived.sort()
    for first, later in zip(arrived, arrived[rate:], strict=False):
        assert later - first >= WINDOW_S - 1e-9


@pytest.mark.parametrize("rate", [1, 10, 100])
def test_a_fast_network_uses_the_whole_rate(rate: int) -> None:
    """Without delays ten seconds of calls take nine: the first second's go out at once."""
    arrived, _ = virtual.run(_arrivals([(0, 0)] * (10 * rate), rate=rate, parallel=8))
    assert 9.0 == pytest.approx(max(arrived), abs=0.2)


def test_a_call_that_fails_gives_its_place_back() -> None:
    """An error ends the call, and its place is free a second later as after any other."""

    async def story() -> float:
        pacer = Pacer(rate=1, parallel=1)
        with pytest.raises(ValueError, match="boom"):
            async with pacer.place():
                raise ValueError("boom")
        async with pacer.place():
            return asyncio.get_running_loop().time()

    assert WINDOW_S == pytest.approx(virtual.run(story()), abs=0.05)


def test_first_come_first_served() -> None:
    """Calls leave in the order in which they were made."""

    async def story() -> list[int]:
        pacer = Pacer(rate=3, parallel=2)
        left: list[int] = []

        async def call(number: int) -> None:
            async with pacer.place():
                left.append(number)
                await asyncio.sleep(0.3)

        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(call(number))
        return left

    assert list(range(20)) == virtual.run(story())


def test_a_call_that_is_cancelled_while_it_waits_takes_no_place() -> None:
    """Who gives up in the queue leaves it to the others."""

    async def story() -> float:
        pacer = Pacer(rate=1, parallel=4)

        async def call() -> None:
            async with pacer.place():
                pass

        await call()
        waiting = [asyncio.ensure_future(call()) for _ in range(3)]
        await asyncio.sleep(0.1)
        waiting[0].cancel()
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return asyncio.get_running_loop().time()

    assert WINDOW_S == pytest.approx(virtual.run(story()), abs=0.05)


STORM: Final = st.lists(
    st.tuples(
        st.floats(0, 2),  # seconds there
        st.floats(0, 2),  # and back
        st.none() | st.just("refused") | st.floats(0, 5),  # whether it is told to slow down, and for how long
    ),
    min_size=1,
    max_size=40,
)


@given(storm=STORM, rate=st.integers(1, 12), parallel=st.integers(1, 10))
def test_no_second_has_more_than_the_rate_whatever_is_asked(
    storm: Sequence[tuple[float, float, float | str | None]], rate: int, parallel: int
) -> None:
    """While it slows down and recovers too; nobody leaves before Retry-After is over, everybody leaves some day."""

    async def story() -> tuple[list[float], list[float]]:
        pacer = Pacer(rate=rate, parallel=parallel)
        loop = asyncio.get_running_loop()
        arrived: list[float] = []
        closed_until = 0.0

        async def call(there: float, back: float, told: float | str | None) -> None:
            nonlocal closed_until
            async with pacer.place() as left:
                assert left == loop.time() >= closed_until
                await asyncio.sleep(there)
                arrived.append(loop.time())
                await asyncio.sleep(back)
            if told is not None:
                pacer.slow_down(told if isinstance(told, float) else None, left=left)
                closed_until = max(closed_until, loop.time() + (told if isinstance(told, float) else 0.0))

        async with asyncio.TaskGroup() as group:
            for way in storm:
                group.create_task(call(*way))
        await asyncio.sleep(LONGEST_PAUSE_S + 1 / RECOVERY)
        start = loop.time()
        calm = [(0.0, 0.0, None)] * 3 * rate
        async with asyncio.TaskGroup() as group:
            for way in calm:
                group.create_task(call(*way))
        return sorted(arrived), [when - start for when in sorted(arrived)[-len(calm) :]]

    arrived, after = virtual.run(story())
    assert len(storm) + 3 * rate == len(arrived)
    for first, later in zip(arrived, arrived[rate:], strict=False):
        assert later - first >= WINDOW_S - 1e-9
    assert 2.0 == pytest.approx(after[-1], abs=0.05), "full speed again"


def _leaving(pacer: Pacer, seconds: float) -> Coroutine[Any, Any, list[int]]:
    """Call as fast as it goes for some seconds; count what left in each of them."""

    async def story() -> list[int]:
        loop = asyncio.get_running_loop()
        start = loop.time()
        counts = [0] * int(seconds)

        async def caller() -> None:
            while True:
                async with pacer.place() as left:
                    second = int(left - start + 1e-3)
                if second >= len(counts):
                    return
                counts[second] += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(20):
                group.create_task(caller())
        return counts

    return story()


def test_half_speed_then_more_each_second() -> None:
    """After a pause of a second half of the rate, then a tenth more each second, up to the rate and not above."""

    async def story() -> list[int]:
        pacer = Pacer(rate=20, parallel=8)
        pacer.slow_down(None)
        return await _leaving(pacer, 9)

    assert [0, 10, 12, 14, 16, 18, 20, 20, 20] == [
        pytest.approx(count, abs=2) if count else 0 for count in virtual.run(story())
    ]


def test_a_burst_counts_once() -> None:
    """Eight calls in flight that are all told to slow down halve the speed once; the longest Retry-After counts."""

    async def story() -> list[int]:
        pacer = Pacer(rate=20, parallel=8)
        async with asyncio.TaskGroup() as group:

            async def call(number: int) -> None:
                async with pacer.place() as left:
                    await asyncio.sleep(number / 100)
                pacer.slow_down(3 if number == 4 else None, left=left)

            for number in range(8):
                group.create_task(call(number))
        return await _leaving(pacer, 5)

    counts = virtual.run(story())
    assert [0, 0] == counts[:2]
    assert counts[3] == pytest.approx(10, abs=2)


def test_a_burst_that_does_not_say_when_it_left_counts_once() -> None:
    """Who is told to slow down during a pause says nothing new."""

    async def story() -> list[int]:
        pacer = Pacer(rate=20, parallel=8)
        for _ in range(5):
            pacer.slow_down(None)
        return await _leaving(pacer, 2)

    counts = virtual.run(story())
    assert [0, pytest.approx(10, abs=2)] == counts


def test_pauses_grow_while_it_goes_on() -> None:
    """1, 2, 4, 8, 8 seconds where the vendor gives no time, and 1 again after it was calm for long; never below 1/s."""

    async def story() -> list[float]:
        pacer = Pacer(rate=5, parallel=1)
        loop = asyncio.get_running_loop()
        lefts = []
        for wait_s in (0, 0, 0, 0, 0, 0, 30, 0):
            await asyncio.sleep(wait_s)
            async with pacer.place() as left:
                lefts.append(left)
            pacer.slow_down(None, left=left)
        assert loop.time() > 0
        return [later - first for first, later in itertools.pairwise(lefts)]

    assert [1, 2, 4, 8, 8, 30, 1] == [round(gap) for gap in virtual.run(story())]


def test_no_pause_is_endless() -> None:
    """A Retry-After of hours holds everybody for a minute; then somebody asks again."""

    async def story() -> float:
        pacer = Pacer(rate=5, parallel=4)
        pacer.slow_down(86_400)
        async with pacer.place() as left:
            return left

    assert LONGEST_PAUSE_S == pytest.approx(virtual.run(story()))


def test_who_gives_up_in_a_pause_takes_no_place() -> None:
    """Cancelled at any moment, a call leaves the pace to others."""

    async def story() -> float:
        pacer = Pacer(rate=2, parallel=2)

        async def call() -> float:
            async with pacer.place() as left:
                return left

        pacer.slow_down(3)
        waiting = [asyncio.ensure_future(call()) for _ in range(6)]
        for task in waiting[:5]:
            await asyncio.sleep(0.1)
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return waiting[5].result()

    assert 3.0 == pytest.approx(virtual.run(story()), abs=0.01)
