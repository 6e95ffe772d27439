"""The pacer's promise: never more calls than the rate in any second, as the vendor counts them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.errors import RateLimited, Stopped
from reconciler.providers.pacing import FIRST_PAUSE_S, LONGEST_PAUSE_S, RECOVERY, STORM_S, WINDOW_S, Pacer, Places
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
    """While it slows down and recovers too; nobody leaves before Retry-After is over, or gives up but in a storm."""

    async def story() -> tuple[list[float], list[float], int]:
        pacer = Pacer(rate=rate, parallel=parallel)
        loop = asyncio.get_running_loop()
        arrived: list[float] = []
        closed_until = 0.0
        gave_up = 0

        async def call(there: float, back: float, told: float | str | None) -> None:
            nonlocal closed_until, gave_up
            try:
                async with pacer.place() as left:
                    assert left == loop.time() >= closed_until
                    await asyncio.sleep(there)
                    arrived.append(loop.time())
                    await asyncio.sleep(back)
            except RateLimited:
                gave_up += 1
                return
            if told is None:
                pacer.went_through(left=left)
            else:
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
        return sorted(arrived), [when - start for when in sorted(arrived)[-len(calm) :]], gave_up

    arrived, after, gave_up = virtual.run(story())
    assert len(storm) + 3 * rate == len(arrived) + gave_up
    assert not gave_up or sum(told is not None for _, _, told in storm) >= 5
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
    """After a short pause half of the rate, then a third more each second, up to the rate and not above."""

    async def story() -> list[int]:
        pacer = Pacer(rate=20, parallel=8)
        pacer.slow_down(None)
        await asyncio.sleep(FIRST_PAUSE_S)
        return await _leaving(pacer, 5)

    assert [pytest.approx(count, abs=2) for count in (14, 18, 20, 20, 20)] == virtual.run(story())


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
    assert counts[3] == pytest.approx(15, abs=3)


def test_a_burst_that_does_not_say_when_it_left_counts_once() -> None:
    """Who is told to slow down during a pause says nothing new."""

    async def story() -> list[int]:
        pacer = Pacer(rate=20, parallel=8)
        for _ in range(5):
            pacer.slow_down(None)
        await asyncio.sleep(FIRST_PAUSE_S)
        return await _leaving(pacer, 1)

    assert [pytest.approx(14, abs=2)] == virtual.run(story())


def test_what_the_vendor_has_just_taken_it_bears() -> None:
    """One refusal among many calls that went through costs little; half is for those that hit a wall."""

    async def story(worked: int) -> int:
        pacer = Pacer(rate=20, parallel=20)
        for number in range(20):
            async with pacer.place() as left:
                pass
            if number < worked:
                pacer.went_through(left=left)
        pacer.slow_down(None, left=left)
        await asyncio.sleep(FIRST_PAUSE_S + 1)
        start = asyncio.get_running_loop().time()
        lefts = []
        for _ in range(20):
            async with pacer.place() as left:
                lefts.append(left)
        return sum(left == start for left in lefts)

    rise = int(20 * RECOVERY)
    assert [10 + rise, 12 + rise, 20] == [virtual.run(story(worked)) for worked in (5, 12, 19)]


def _told(answers: Sequence[bool]) -> list[float]:
    """Call one after the other, with False for each that is told to slow down; give the gaps between them."""

    async def story() -> list[float]:
        pacer = Pacer(rate=1000, parallel=1)
        lefts = []
        for works in answers:
            async with pacer.place() as left:
                lefts.append(left)
            if works:
                pacer.went_through(left=left)
            else:
                assert "" == pacer.slow_down(None, left=left)
        return [round(later - first, 2) for first, later in itertools.pairwise(lefts)]

    return virtual.run(story())


def test_pauses_grow_while_no_call_gets_through() -> None:
    """0.25, 0.5, 1, 2, 4, 4 seconds where the vendor gives no time; one call that works, and it is 0.25 again."""
    assert [0.25, 0.5, 1, 2, 4, 4] == _told([False] * 7)
    assert [0.25, 0.5, 0, 0.25, 0, 0, 0.25] == _told([False, False, True, False, True, True, False, False])


def test_a_call_that_had_left_before_says_nothing_of_the_storm() -> None:
    """It was taken before the last two refusals, and is answered after them: the pause grows on."""

    async def story() -> list[float]:
        pacer = Pacer(rate=1000, parallel=2)
        lefts = []
        async with pacer.place() as early:
            pass
        for number in range(4):
            async with pacer.place() as left:
                lefts.append(left)
            pacer.slow_down(None, left=left)
            if number:
                pacer.went_through(left=early)
        return [round(later - first, 2) for first, later in itertools.pairwise(lefts)]

    assert [0.25, 0.5, 1] == virtual.run(story())


@pytest.mark.parametrize(("every", "within_s"), [(10, 15), (3, 35), (2, 80)])
def test_requests_to_slow_down_that_are_sprinkled_cost_little(every: int, within_s: float) -> None:
    """A hundred calls at 20 a second of which every tenth or third is refused: no pause grows, the rate adapts."""

    async def story() -> tuple[int, float]:
        pacer = Pacer(rate=20, parallel=8)
        asked = done = 0

        async def caller() -> None:
            nonlocal asked, done
            while done < 100:
                async with pacer.place() as left:
                    asked += 1
                    refused = not asked % every
                    await asyncio.sleep(0.01)
                if refused:
                    assert "" == pacer.slow_down(None, left=left)
                else:
                    pacer.went_through(left=left)
                    done += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(caller())
        return done, asyncio.get_running_loop().time()

    done, took_s = virtual.run(story())
    assert done >= 100
    assert took_s < within_s


def _storm(*, reads_work: bool, retry_after_s: float | None = None) -> tuple[float, list[Exception]]:
    """Have twelve callers write, and one read, until all have given up or ten minutes are over; say when, and why."""

    async def story() -> tuple[float, list[Exception]]:
        pacer = Pacer(rate=20, parallel=8)
        loop = asyncio.get_running_loop()
        ends: list[tuple[float, Exception]] = []

        async def caller(*, write: bool) -> None:
            try:
                while loop.time() < 600:
                    async with pacer.place(write=write) as left:
                        await asyncio.sleep(0.05)
                    if not write and reads_work:
                        pacer.went_through(left=left)
                        await asyncio.sleep(1)
                    elif in_vain := pacer.slow_down(retry_after_s, left=left, write=write):
                        raise RateLimited("slow down", remedy=in_vain, lasting=True)  # noqa: TRY301 - as the client
            except RateLimited as error:
                ends.append((loop.time(), error))

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(caller(write=True)) for _ in range(12)]
            reading = group.create_task(caller(write=False))
            await asyncio.wait(tasks)
            last = loop.time()
            if reads_work:
                assert not reading.done(), "reads go on, to see what became of the run"
                reading.cancel()
        return last, [error for _, error in ends]

    return virtual.run(story())


@pytest.mark.parametrize("reads_work", [False, True])
def test_a_storm_ends_the_run(*, reads_work: bool) -> None:
    """After some 20 seconds in which no call of a kind got through, all who wait give up; nobody waits in vain."""
    ended, errors = _storm(reads_work=reads_work)
    assert STORM_S <= ended <= STORM_S + 10
    assert (12 if reads_work else 13) == len(errors)
    for error in errors:
        assert isinstance(error, RateLimited)
        assert (True, False) == (error.lasting, error.transient)
        assert "provider.rate_limit" in error.remedy


def test_a_storm_that_says_how_long_gets_its_time() -> None:
    """Each Retry-After is kept, a few times; a run does not end for a vendor that asks for half a minute once."""
    ended, errors = _storm(reads_work=False, retry_after_s=30)
    assert 13 == len(errors)
    assert ended == pytest.approx(120, abs=5)


def test_a_pause_between_two_storms_is_none() -> None:
    """Two refusals with an hour of nothing in between are no storm of an hour."""

    async def story() -> list[str]:
        pacer = Pacer(rate=5, parallel=4)
        told = []
        for _ in range(3):
            async with pacer.place() as left:
                pass
            told.append(pacer.slow_down(None, left=left))
            await asyncio.sleep(3600)
        return told

    assert ["", "", ""] == virtual.run(story())


def test_a_vendor_that_wants_an_hour_is_left_alone() -> None:
    """Nobody waits: who waits already gives up, who comes later does not begin; after that time it is asked again."""

    async def story() -> tuple[float, list[BaseException | None], float]:
        pacer = Pacer(rate=5, parallel=4)
        loop = asyncio.get_running_loop()

        async def call(*, write: bool) -> float:
            async with pacer.place(write=write) as left:
                return left

        pacer.slow_down(30)
        waiting = [asyncio.ensure_future(call(write=bool(number % 2))) for number in range(6)]
        await asyncio.sleep(1)
        assert "3600 s" in pacer.slow_down(3600)
        waiting.append(asyncio.ensure_future(call(write=True)))
        await asyncio.wait(waiting)
        gave_up = loop.time() - 1
        await asyncio.sleep(3600)
        return gave_up, [task.exception() for task in waiting], await call(write=True)

    gave_up, errors, left = virtual.run(story())
    assert gave_up <= 0.25
    assert left >= 3600
    for error in errors:
        assert isinstance(error, RateLimited)
        assert error.lasting
        assert "3600 s" in error.remedy


def test_the_longest_pause_is_waited_for() -> None:
    """A minute is what a run has patience for."""

    async def story() -> float:
        pacer = Pacer(rate=5, parallel=4)
        assert "" == pacer.slow_down(LONGEST_PAUSE_S)
        async with pacer.place() as left:
            return left

    assert LONGEST_PAUSE_S == pytest.approx(virtual.run(story()))


def test_a_run_that_is_to_stop_waits_no_longer() -> None:
    """Who waits to write gives up soon, in a pause as in the queue for a place; no place is lost with it."""

    async def story(retry_after_s: float) -> tuple[list[float], int, float]:
        stopping: list[bool] = []
        pacer = Pacer(rate=4, parallel=2, stopping=lambda: bool(stopping))
        loop = asyncio.get_running_loop()
        ends: list[float] = []
        went = 0

        async def write() -> None:
            nonlocal went
            try:
                async with pacer.place(write=True):
                    went += 1
            except Stopped:
                ends.append(loop.time())

        pacer.slow_down(retry_after_s)
        async with asyncio.TaskGroup() as group:
            for _ in range(12):
                group.create_task(write())
            await asyncio.sleep(0.55)
            stopping.append(True)
        stopping.clear()
        start = loop.time()
        for _ in range(4):
            async with pacer.place(write=True) as left:
                pass
        return ends, went, left - start

    ends, went, _ = virtual.run(story(30))
    assert (12, 0) == (len(ends), went)
    assert max(ends) <= 0.55 + 0.21
    ends, went, took_s = virtual.run(story(0))
    assert 12 == len(ends) + went
    assert 0 < went <= 4
    assert max(ends) <= 0.55 + 0.21
    assert took_s <= 1.5


@pytest.mark.parametrize(("pause_s", "stops"), [(30.0, True), (2.0, False), (0.0, False)])
def test_a_run_that_is_to_stop_still_reads_back(pause_s: float, *, stops: bool) -> None:
    """What became of the calls in flight is worth a place and a short pause, and no long one."""

    async def story() -> tuple[bool, float]:
        pacer = Pacer(rate=4, parallel=2, stopping=lambda: True)
        loop = asyncio.get_running_loop()
        pacer.slow_down(pause_s)
        try:
            async with pacer.place():
                return False, loop.time()
        except Stopped:
            return True, loop.time()

    stopped, ended = virtual.run(story())
    assert stops is stopped
    assert (0.0 if stops else pause_s) == pytest.approx(ended, abs=0.01)


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


@given(ways=st.lists(WAYS, min_size=2, max_size=3), rate=st.integers(1, 5), parallel=st.integers(1, 4))
def test_pacers_that_share_places_keep_each_its_rate(
    ways: Sequence[Sequence[tuple[float, float]]], rate: int, parallel: int
) -> None:
    """All together never have more calls out than there are places, and all calls get their turn."""
    places = Places(parallel)
    flying, most = 0, 0
    arrived: list[list[float]] = [[] for _ in ways]

    async def call(pacer: Pacer, times: list[float], there: float, back: float) -> None:
        nonlocal flying, most
        async with pacer.place():
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(there)
            times.append(asyncio.get_running_loop().time())
            await asyncio.sleep(back)
            flying -= 1

    async def story() -> None:
        async with asyncio.TaskGroup() as group:
            for own, times in zip(ways, arrived, strict=True):
                pacer = Pacer(rate=rate, parallel=places)
                for there, back in own:
                    group.create_task(call(pacer, times, there, back))

    virtual.run(story())
    assert most <= parallel
    for own, times in zip(ways, arrived, strict=True):
        assert len(own) == len(times)
        times.sort()
        assert all(later - first >= WINDOW_S - 1e-9 for first, later in zip(times, times[rate:], strict=False))


def test_who_waits_for_its_rate_holds_no_place() -> None:
    """A slow action with many calls leaves the places to the others."""

    async def story() -> float:
        places = Places(1)
        slow, fast = Pacer(rate=1, parallel=places), Pacer(rate=100, parallel=places)

        async def call(pacer: Pacer) -> float:
            async with pacer.place():
                return asyncio.get_running_loop().time()

        waiting = [asyncio.create_task(call(slow)) for _ in range(5)]
        await asyncio.sleep(0)
        left = max(await asyncio.gather(*(call(fast) for _ in range(50))))
        await asyncio.gather(*waiting)
        return left

    assert 0.0 == virtual.run(story())


def test_a_pause_that_begins_while_one_waits_for_a_place_holds() -> None:
    """Who had its turn, and no place yet, waits out the pause; the place is there for others meanwhile."""

    async def story() -> tuple[float, float]:
        places = Places(1)
        paused, other = Pacer(rate=10, parallel=places), Pacer(rate=10, parallel=places)

        async def call(pacer: Pacer, lasts_s: float = 0.0) -> float:
            async with pacer.place() as left:
                await asyncio.sleep(lasts_s)
                return left

        out = asyncio.create_task(call(other, 2.0))
        await asyncio.sleep(0.5)
        late = asyncio.create_task(call(paused))
        await asyncio.sleep(0.5)
        paused.slow_down(5.0)
        await out
        return await call(other), await late

    free, late = virtual.run(story())
    assert 2.0 == pytest.approx(free)
    assert 6.0 == pytest.approx(late)


def test_who_gives_up_waiting_gives_its_place_back() -> None:
    """Whether it stopped waiting for a place, for its rate, or because the run is to stop."""

    async def story() -> float:
        places, stopping = Places(1), False
        pacer = Pacer(rate=2, parallel=places, stopping=lambda: stopping)

        async def call(lasts_s: float) -> None:
            async with pacer.place(write=True):
                await asyncio.sleep(lasts_s)

        out = asyncio.create_task(call(3.0))
        await asyncio.sleep(1.0)
        for_a_place = asyncio.create_task(call(0.0))
        behind = asyncio.create_task(call(0.0))
        await asyncio.sleep(1.0)
        for_a_place.cancel()
        stopping = True
        await out
        with pytest.raises(Stopped):
            await behind
        stopping = False
        await call(0.0)
        await call(0.0)
        return asyncio.get_running_loop().time()

    assert 4.0 >= virtual.run(story())
