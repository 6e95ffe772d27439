"""Carrying out a plan: side by side where `needs` allows, each call once, and what a failure stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

import pytest

from reconciler.apply import apply
from reconciler.model.call import Call, Reply
from reconciler.model.errors import OutcomeUnknown, Rejected, StoreError, Unreachable
from reconciler.model.outcome import Learned, Outcome, Verdict
from reconciler.providers.udesk import PROVIDER

API = "/ccapi/v2/"
DONE, ALREADY, FAILED = Verdict.DONE, Verdict.ALREADY, Verdict.FAILED
UNKNOWN, SKIPPED = Verdict.UNKNOWN, Verdict.SKIPPED


class Vendor:
    """Answers calls by id, and keeps when each started and ended."""

    def __init__(self, answers: Mapping[str, Reply | Exception] | None = None) -> None:
        self.answers = answers or {}
        self.log: list[str] = []
        self.kept: list[tuple[str, Learned]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def send(self, call: Call) -> Reply:
        """Answer, after others had a turn."""
        self.log.append(f"+{call.id}")
        await asyncio.sleep(0)
        self.log.append(f"-{call.id}")
        answer = self.answers.get(call.id, Reply(payload={}))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def keep(self, call: Call, learned: Learned) -> None:
        """Keep what a reply taught, after others had a turn."""
        await asyncio.sleep(0)
        self.log.append(f"k{call.id}")
        self.kept.append((call.id, learned))


def call(name: str, *needs: str, api: str = "queues", body: Mapping[str, Any] | None = None) -> Call:
    """Make a call that waits for *needs*."""
    return Call("POST", API + api, body or {}, id=name, needs=needs)


def run(
    calls: Iterable[Call], vendor: Vendor, *, seen: Callable[[Outcome], None] = lambda _: None, **rest: Any
) -> tuple[Outcome, ...]:
    """Apply *calls*."""
    keep = rest.pop("keep", vendor.keep)
    return asyncio.run(apply(tuple(calls), PROVIDER, vendor, keep=keep, seen=seen, **rest))


def verdicts(outcomes: Iterable[Outcome]) -> list[Verdict]:
    """List how they ended."""
    return [outcome.verdict for outcome in outcomes]


def rejected() -> Rejected:
    """Make a refusal."""
    return Rejected("no", code="000001", text="no")


def test_a_call_waits_for_all_that_it_needs() -> None:
    """Two that need nothing go together, the third after both, and what they taught is kept before."""
    vendor = Vendor()
    outcomes = run([call("c1"), call("c2"), call("c3", "c1", "c2")], vendor)
    assert [DONE, DONE, DONE] == verdicts(outcomes)
    assert ["+c1", "+c2"] == vendor.log[:2]
    for earlier in ("kc1", "kc2"):
        assert vendor.log.index(earlier) < vendor.log.index("+c3")


def test_outcomes_come_in_the_plan_s_order_and_are_told_as_they_happen() -> None:
    """However they ran."""
    told: list[str] = []
    outcomes = run([call("c1"), call("c2", "c1"), call("c3")], Vendor(), seen=lambda item: told.append(item.call.id))
    assert ["c1", "c2", "c3"] == [outcome.call.id for outcome in outcomes]
    assert ["c1", "c2", "c3"] == sorted(told)


def test_a_failure_silences_what_needs_it_and_nothing_else() -> None:
    """Skipped calls name who blocks them, at any distance; the others go on."""
    vendor = Vendor({"c1": rejected()})
    outcomes = run([call("c1"), call("c2", "c1"), call("c3", "c2"), call("c4")], vendor)
    assert [FAILED, SKIPPED, SKIPPED, DONE] == verdicts(outcomes)
    assert [(), ("c1",), ("c1",), ()] == [outcome.blocked_by for outcome in outcomes]
    assert ["c1", "c4"] == sorted({item[1:] for item in vendor.log})


def test_a_lost_answer_is_unknown_and_is_not_sent_again() -> None:
    """It may have happened: nothing builds on it, and it is sent once."""
    vendor = Vendor({"c1": OutcomeUnknown("lost"), "c2": Unreachable("gone")})
    outcomes = run([call("c1"), call("c2"), call("c3", "c1"), call("c4", "c2")], vendor)
    assert [UNKNOWN, FAILED, SKIPPED, SKIPPED] == verdicts(outcomes)
    assert 1 == vendor.log.count("+c1")


def test_what_was_so_before_is_as_good_as_done() -> None:
    """A condition that the call accepts is a success, and others build on it."""
    outcomes = run([call("c1"), call("c2", "c1")], Vendor({"c1": Reply(payload={}, condition="exists")}))
    assert [ALREADY, DONE] == verdicts(outcomes)


def test_fail_fast_starts_nothing_more() -> None:
    """What is under way is finished; the rest is skipped, and says after what."""
    outcomes = run(
        [call("c1"), call("c2"), call("c3", "c2"), call("c4", "c1")], Vendor({"c1": rejected()}), fail_fast=True
    )
    assert [FAILED, DONE, SKIPPED, SKIPPED] == verdicts(outcomes)
    assert ("c1",) == outcomes[2].blocked_by


def test_what_could_not_be_kept_stops_everything() -> None:
    """The write took effect, and what it taught is lost: no call may build on it, and no other starts."""

    async def keep(_call: Call, _learned: Learned) -> None:
        raise StoreError("the disk is full")

    outcomes = run([call("c1"), call("c2", "c1")], Vendor(), keep=keep)
    assert [DONE, SKIPPED] == verdicts(outcomes)
    assert "the disk is full" == str(outcomes[0].error)


def test_half_a_batch_that_the_vendor_left_out_is_a_failure_that_names_it() -> None:
    """`sub_fail` in an answer that is otherwise good: what was made is kept, what was not is told."""
    result = {"sub_succ": [{"id": 4, "name": "a"}], "sub_fail": ["b"]}
    body = {"subscriptions": [{"name": "a"}, {"name": "b"}]}
    vendor = Vendor({"c1": Reply(payload={"Result": result})})
    (outcome,) = run([call("c1", api="subscriptions", body=body)], vendor)
    assert FAILED is outcome.verdict
    assert "left out b" in str(outcome.error)
    assert {("subscriptions", "a"): {"id": "4"}} == vendor.kept[0][1].remember


def test_a_password_is_kept_before_the_next_call_of_its_extension() -> None:
    """It is shown once, so it is on disk before anything else can go wrong ("Create Extension")."""
    made = Reply(payload={"Result": {"Extension": "8001", "Password": "p"}})
    vendor = Vendor({"c1": made})
    run([call("c1", api="extensions", body={"Extension": "8001"}), call("c2", "c1", api="agents/extensions")], vendor)
    assert ["+c1", "-c1", "kc1", "+c2", "-c2", "kc2"] == vendor.log
    assert ["8001"] == [item.extension for item in vendor.kept[0][1].passwords]


def test_nothing_to_do_is_done_at_once() -> None:
    """No calls, no outcomes."""
    assert () == run([], Vendor())


def test_a_defect_is_not_taken_for_an_outcome() -> None:
    """Our own mistake ends the run as what it is."""
    with pytest.raises(BaseExceptionGroup) as caught:
        run([call("c1")], Vendor({"c1": ZeroDivisionError()}))
    assert caught.group_contains(ZeroDivisionError)


def test_many_calls_in_a_row_take_no_recursion() -> None:
    """A chain of five thousand, and a failure at its head."""
    chain = [call("c0"), *(call(f"c{number}", f"c{number - 1}") for number in range(1, 5000))]
    assert {DONE} == set(verdicts(run(chain, Vendor())))
    assert [FAILED, SKIPPED] == verdicts(run(chain, Vendor({"c0": rejected()})))[:2]
