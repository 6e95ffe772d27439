"""The pacer's promise: never more calls than the rate in any second, as the vendor counts them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.providers.pacing import WINDOW_S, Pacer
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
