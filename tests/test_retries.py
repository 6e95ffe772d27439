"""A run's patience: what is tried again, after how long, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.call import Call, Reply
from reconciler.model.errors import (
    NotDone,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Stopped,
    Unauthorized,
    Unexpected,
    Unreachable,
    VendorError,
)
from reconciler.model.outcome import Asked
from reconciler.providers.retries import (
    ATTEMPTS,
    BUDGET,
    FIRST_WAIT_S,
    LONGEST_RETRY_AFTER_S,
    LONGEST_WAIT_S,
    Patient,
    Retries,
)
from tests import virtual

READ: Final = Call("GET", "/ccapi/v2/queues")
WRITE: Final = Call("POST", "/ccapi/v2/queues")
ANSWER: Final = Reply(payload={"ErrCode": "000000"}, request_id="r-7")


def passing() -> VendorError:
    """Make an error that may pass."""
    return Unexpected("no answer", remedy="Run again.", transient=True)


def asked(seconds: float | None) -> VendorError:
    """Make a request to slow down."""
    return RateLimited("slow down", remedy="Lower provider.rate_limit.", retry_after_s=seconds)


class Script:
    """A vendor that fails as it is told, and then works; it notes when it was asked, in the loop's seconds."""

    def __init__(self, failures: Sequence[BaseException]) -> None:
        self.failures = list(failures)
        self.numbers: list[int] = []
        self.times: list[float] = []

    async def once(self, number: int) -> str:
        """Fail or answer."""
        self.numbers.append(number)
        self.times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        return "done"


def retries(*, chance: float = 1.0, budget: int = BUDGET, stopping: Callable[[], bool] = lambda: False) -> Retries:
    """Make a patience whose jitter is always the same, in the loop's time."""
    return Retries(sleep=asyncio.sleep, chance=lambda: chance, budget=budget, stopping=stopping)


def outcome(script: Script, patience: Retries | None = None) -> str | BaseException:
    """Run a script to its end in virtual time."""

    async def story() -> str | BaseException:
        try:
            return await (patience or retries()).run(script.once)
        except (VendorError, ValueError) as error:
            return error

    return virtual.run(story())


def test_what_may_pass_is_tried_again() -> None:
    """With the numbers of the attempts, until it works."""
    script = Script([passing(), Unreachable("refused", transient=True), NotDone("lost"), asked(None)])
    assert "done" == outcome(script)
    assert [1, 2, 3, 4, 5] == script.numbers


@pytest.mark.parametrize(
    "error",
    [
        Unauthorized("no"),
        Rejected("no", code="000001", text="no"),
        OutcomeUnknown("it may have happened"),
        Unexpected("a redirect"),
        Unreachable("no such host"),
        ValueError("a mistake of ours"),
    ],
)
def test_what_stays_is_raised_at_once(error: Exception) -> None:
    """What a second try can't mend, or could do harm to, ends it there and then; so does what is no vendor's error."""
    script = Script([error, passing()])
    assert outcome(script) is error
    assert [1] == script.numbers
    script = Script([passing(), error])
    assert outcome(script) is error
    assert [1, 2] == script.numbers


def test_patience_ends_with_the_last_error_as_it_is() -> None:
    """Its words and its remedy, and how often it was tried; within 4 seconds, with the longest of jitters."""
    errors = [passing() for _ in range(ATTEMPTS + 3)]
    script = Script(errors)
    error = outcome(script)
    assert error is errors[ATTEMPTS - 1]
    assert isinstance(error, VendorError)
    assert (ATTEMPTS, "Run again.") == (error.attempts, error.remedy)
    assert f"no answer (tried {ATTEMPTS} times)" == str(error)
    assert list(range(1, ATTEMPTS + 1)) == script.numbers
    assert script.times[-1] <= 4


def test_an_error_that_was_not_tried_again_says_nothing_of_it() -> None:
    """One attempt goes without saying."""
    assert "no" == str(outcome(Script([Unauthorized("no")])))


def test_what_ends_without_any_answer_is_tried_half_as_often() -> None:
    """Each try takes the whole timeout, so three of them are long enough."""
    errors = [passing() for _ in range(ATTEMPTS)]
    for error in errors:
        error.slow = True
    script = Script(errors)
    assert isinstance(outcome(script), VendorError)
    assert ATTEMPTS // 2 == len(script.numbers)


def test_waits_double_up_to_a_bound() -> None:
    """At most 0.2 s, 0.4 s, 0.8 s and so on, and never more than the longest."""
    script = Script([passing() for _ in range(ATTEMPTS - 1)])
    outcome(script)
    expected = [min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**n) for n in range(ATTEMPTS - 1)]
    assert expected == pytest.approx([b - a for a, b in zip(script.times, script.times[1:], strict=False)])


@given(chance=st.floats(0, 1, exclude_max=True))
def test_waits_are_jittered(chance: float) -> None:
    """Anything between nothing and the bound, so that calls that failed together do not come back together."""
    script = Script([passing()])
    outcome(script, retries(chance=chance))
    assert chance * FIRST_WAIT_S == pytest.approx(script.times[1])


@pytest.mark.parametrize("seconds", [0.0, 7.0, LONGEST_RETRY_AFTER_S])
def test_the_vendor_s_own_time_is_kept(seconds: float) -> None:
    """No attempt before Retry-After is over, and soon after it."""
    script = Script([asked(seconds)])
    assert "done" == outcome(script)
    assert seconds <= script.times[1] <= seconds + FIRST_WAIT_S + 1e-6


def test_a_vendor_that_wants_an_hour_is_left_alone() -> None:
    """No run waits so long: it ends at once, and the remedy says when to come back."""
    script = Script([asked(3600.0)])
    error = outcome(script)
    assert isinstance(error, RateLimited)
    assert "3600 s" in error.remedy
    assert [0.0] == script.times


def test_a_dead_vendor_ends_the_run_soon() -> None:
    """Of a thousand calls that all fail not six thousand attempts are made: the budget is for all of them together."""
    script = Script([passing() for _ in range(10_000)])
    patience = retries()

    async def story() -> list[str | BaseException]:
        return await asyncio.gather(*(patience.run(script.once) for _ in range(1000)), return_exceptions=True)

    ended = virtual.run(story())
    assert all(isinstance(error, VendorError) for error in ended)
    assert 1000 + BUDGET == len(script.numbers)


def test_calls_that_work_give_the_budget_back() -> None:
    """A vendor that fails now and then is met with patience to the end of a long run, however long."""
    patience = retries(budget=5)

    async def story() -> int:
        done = 0
        for number in range(500):
            script = Script([passing()] * (number % 3))
            done += await patience.run(script.once) == "done"
        return done

    assert 500 == virtual.run(story())


def test_calls_that_work_after_all_wear_nothing_out() -> None:
    """What a call's retries took comes back when one of them works."""
    patience = retries(budget=ATTEMPTS)

    async def story() -> int:
        done = 0
        for _ in range(50):
            done += await patience.run(Script([passing() for _ in range(ATTEMPTS - 1)]).once) == "done"
        return done

    assert 50 == virtual.run(story())


def test_the_budget_never_grows() -> None:
    """A thousand calls that worked buy no more retries than the run started with."""
    patience = retries(budget=2)

    async def story() -> int:
        for _ in range(1000):
            await patience.run(Script([]).once)
        script = Script([passing() for _ in range(ATTEMPTS)])
        with pytest.raises(VendorError):
            await patience.run(script.once)
        return len(script.numbers)

    assert 3 == virtual.run(story())


@pytest.mark.parametrize("stop_at", [0.0, 3.0, 29.9])
def test_a_run_that_is_to_stop_waits_no_longer(stop_at: float) -> None:
    """Whoever waits gives up soon and tries nothing more: it was stopped, did not fail, and says what was wrong."""

    async def story() -> tuple[float, Script, BaseException]:
        loop = asyncio.get_running_loop()
        patience = retries(stopping=lambda: loop.time() >= stop_at)
        script = Script([asked(30.0)])
        with pytest.raises(Stopped) as caught:
            await patience.run(script.once)
        return loop.time(), script, caught.value

    ended, script, error = virtual.run(story())
    assert [1] == script.numbers
    assert stop_at <= ended <= stop_at + 0.25
    assert isinstance(error.__cause__, RateLimited)
    assert "stopped as asked" in str(error)
    assert "slow down" in str(error)


@pytest.mark.parametrize("error", [Unauthorized("no"), RateLimited("in an hour", lasting=True), ValueError("ours")])
def test_what_stays_is_told_by_a_run_that_is_to_stop_too(error: Exception) -> None:
    """What would not have been tried again is what it is."""
    assert outcome(Script([error]), retries(stopping=lambda: True)) is error


def test_requests_to_slow_down_take_little_patience() -> None:
    """The vendor is there and did nothing: twice as many tries, of a call as of the run."""
    script = Script([asked(None) for _ in range(3 * ATTEMPTS)])
    error = outcome(script)
    assert isinstance(error, RateLimited)
    assert 2 * ATTEMPTS == error.attempts
    script = Script([asked(None) for _ in range(3 * ATTEMPTS)])
    outcome(script, retries(budget=4))
    assert 9 == len(script.numbers)


def test_the_first_attempt_is_not_the_patience_s_business() -> None:
    """A run that stops still reads back what its last writes did: once."""
    script = Script([])
    assert "done" == outcome(script, retries(stopping=lambda: True))


def test_cancelling_ends_it_at_once() -> None:
    """In an attempt as in a wait; no attempt follows."""

    async def story(after_s: float) -> list[int]:
        script = Script([passing() for _ in range(ATTEMPTS)])
        task = asyncio.ensure_future(retries().run(script.once))
        await asyncio.sleep(after_s)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(60)
        return script.numbers

    assert [] == virtual.run(story(0))[1:]
    assert [1] == virtual.run(story(0.1))
    assert [1, 2] == virtual.run(story(0.3))


def test_it_outlives_event_loops() -> None:
    """A session reads in one loop and writes in the next; the budget is one."""
    patience = retries(budget=1)
    assert "done" == outcome(Script([passing()]), patience)
    assert isinstance(outcome(Script([passing(), passing()]), patience), VendorError)
    assert isinstance(outcome(Script([passing()]), patience), VendorError)


class Vendor:
    """A client that plays a script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.open = False

    async def __aenter__(self) -> Self:
        self.open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open = False

    async def send(self, _call: Call) -> Reply:
        """Fail or answer."""
        assert self.open, "calls go out on an open client"
        await self.script.once(0)
        return ANSWER


def send(
    call: Call, failures: Sequence[VendorError], told: Callable[[Asked], None] = lambda _: None
) -> tuple[Reply | VendorError, int]:
    """Send one call through a patient client; give what came of it, and how often it went out."""
    vendor = Vendor(Script(failures))

    async def story() -> Reply | VendorError:
        async with Patient(vendor, retries(), told=told) as client:
            try:
                return await client.send(call)
            except VendorError as error:
                return error

    ended = virtual.run(story())
    assert not vendor.open
    return ended, len(vendor.script.times)


def test_a_read_is_tried_again() -> None:
    """The patient client's answer is the vendor's."""
    assert (ANSWER, 3) == send(READ, [passing(), asked(1.0)])


def test_each_sending_of_a_read_is_told() -> None:
    """With its number, what came of it, and the vendor's id of the request; of writes the applier tells."""
    heard: list[Asked] = []
    lost = passing()
    lost.request_id = "r-6"
    send(READ, [lost, asked(1.0)], heard.append)
    assert [(1, "r-6"), (2, ""), (3, "r-7")] == [(item.number, item.request_id) for item in heard]
    assert [lost, RateLimited, None] == [heard[0].error, type(heard[1].error), heard[2].error]
    assert all(item.call is READ and item.milliseconds >= 0 for item in heard)
    heard.clear()
    send(WRITE, [], heard.append)
    assert [] == heard


def test_a_read_that_never_works_is_an_error() -> None:
    """It never becomes an empty answer."""
    error, sent = send(READ, [passing() for _ in range(ATTEMPTS)])
    assert isinstance(error, Unexpected)
    assert ATTEMPTS == sent


def test_a_write_passes_through() -> None:
    """Once, whatever comes of it: to send it again is the applier's decision, who keeps the journal."""
    for failure in (passing(), asked(1.0), NotDone("lost"), OutcomeUnknown("lost")):
        error, sent = send(WRITE, [failure])
        assert (True, 1) == (error is failure, sent)
    assert (ANSWER, 1) == send(WRITE, [])
