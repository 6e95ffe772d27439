"""Carrying out a plan: side by side where `needs` allows, each call once, and what a failure stops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import pytest

from reconciler.apply import World, apply
from reconciler.model.call import Call, Reply
from reconciler.model.errors import (
    OutcomeUnknown,
    Overtaken,
    RateLimited,
    Rejected,
    StoreError,
    Unauthorized,
    Unreachable,
)
from reconciler.model.history import Attempt, Ending, Settled
from reconciler.model.live import Live
from reconciler.model.outcome import Learned, Outcome, Verdict
from reconciler.providers.retries import Retries
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.kinds.agents import Agent
from reconciler.providers.udesk.kinds.queues import Queue
from reconciler.providers.udesk.kinds.subscriptions import Subscription

API = "/ccapi/v2/"
DONE, ALREADY, FAILED = Verdict.DONE, Verdict.ALREADY, Verdict.FAILED
UNKNOWN, SKIPPED = Verdict.UNKNOWN, Verdict.SKIPPED


class Vendor:
    """Answers calls by id, one answer an attempt, and keeps when each started and ended. It is its own journal."""

    def __init__(self, answers: Mapping[str, Reply | Exception | Sequence[Reply | Exception]] | None = None) -> None:
        self.answers: dict[str, list[Reply | Exception]] = {
            name: [answer] if isinstance(answer, Reply | Exception) else list(answer)
            for name, answer in (answers or {}).items()
        }
        self.log: list[str] = []
        self.sent: list[Call] = []
        self.kept: list[tuple[str, Learned]] = []
        self.attempts: list[Attempt] = []  # as the journal was told that they ended

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def send(self, call: Call) -> Reply:
        """Answer, after others had a turn; the last answer stays."""
        self.log.append(f"+{call.id}")
        self.sent.append(call)
        await asyncio.sleep(0)
        self.log.append(f"-{call.id}")
        answers = self.answers.get(call.id, [Reply(payload={})])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def intend(self, attempts: Sequence[Attempt]) -> None:
        """Write intents, after others had a turn."""
        await asyncio.sleep(0)
        self.log.extend(f"i{attempt.call.id}" for attempt in attempts)

    def ended(self, attempt: Attempt) -> None:
        """Write how one ended."""
        self.attempts.append(attempt)

    async def keep(self, call: Call, learned: Learned) -> Mapping[str, str]:
        """Keep what a reply taught, after others had a turn."""
        await asyncio.sleep(0)
        self.log.append(f"k{call.id}")
        self.kept.append((call.id, learned))
        return {}


def call(name: str, *needs: str, api: str = "queues", body: Mapping[str, Any] | None = None, **states: Any) -> Call:
    """Make a call that waits for *needs*."""
    return Call("POST", API + api, body or {}, id=name, needs=needs, **states)


async def at_once(_seconds: float) -> None:
    """Wait for nothing."""
    await asyncio.sleep(0)


def run(
    calls: Iterable[Call],
    vendor: Vendor,
    *,
    live: Sequence[Live | Exception] = (),
    fail_fast: bool = False,
    **rest: Any,
) -> tuple[Outcome, ...]:
    """Apply *calls*; *live* is what is read, one after the other, and the last again and again."""
    shown = list(live) or [Live({})]

    async def read(_sections: Iterable[str]) -> Live:
        vendor.log.append("r")
        found = shown.pop(0) if len(shown) > 1 else shown[0]
        if isinstance(found, Exception):
            raise found
        return found

    world: dict[str, Any] = {
        "provider": PROVIDER,
        "client": vendor,
        "journal": vendor,
        "retries": Retries(sleep=at_once, chance=lambda: 0.0),
        "read": read,
        "sleep": at_once,
        **rest,
    }
    return asyncio.run(apply(tuple(calls), World(**world), fail_fast=fail_fast))


def verdicts(outcomes: Iterable[Outcome]) -> list[Verdict]:
    """List how they ended."""
    return [outcome.verdict for outcome in outcomes]


def rejected() -> Rejected:
    """Make a refusal."""
    return Rejected("no", code="000001", text="no")


def agents(*numbers: str, queues: tuple[str, ...] = ()) -> dict[str, Agent]:
    """Make live agents."""
    return {number: Agent.live({"id": number, "queues": queues, "extensions": ()}) for number in numbers}


def queue(number: str) -> Call:
    """Make the creation of a queue."""
    return call(f"q{number}", body={"QueueId": number, "QueueName": "Q"}, gives=frozenset({("queue", number)}))


def newcomers(*numbers: str) -> Call:
    """Make the creation of some agents in one call."""
    return call(
        "c1",
        api="agents",
        body={"Agents": [{"AgentId": number} for number in numbers]},
        gives=frozenset(("agent", number) for number in numbers),
        changes=tuple(f"agents/{number}" for number in numbers),
    )


def joining(*numbers: str) -> Call:
    """Make the call that binds agents to a queue, once they are there."""
    return call(
        "c2",
        "c1",
        api="queues/agents",
        body={"QueueId": "9001", "AgentIds": list(numbers)},
        requires=frozenset({("queue", "9001"), *(("agent", number) for number in numbers)}),
        gives=frozenset(("serves", number, "9001") for number in numbers),
        changes=tuple(f"agents/{number}" for number in numbers),
    )


class Picky(Vendor):
    """Refuses each batch that has agent 103 in it."""

    async def send(self, call: Call) -> Reply:
        """Answer, or refuse."""
        reply = await super().send(call)
        if any(agent["AgentId"] == "103" for agent in (call.body or {}).get("Agents", ())):
            raise rejected()
        return reply


def test_a_call_waits_for_all_that_it_needs() -> None:
    """Two that need nothing go together, the third after both, and both have been answered before."""
    vendor = Vendor()
    outcomes = run([call("c1"), call("c2"), call("c3", "c1", "c2")], vendor)
    assert [DONE, DONE, DONE] == verdicts(outcomes)
    assert ["+c1", "+c2"] == [item for item in vendor.log if item[0] == "+"][:2]
    for earlier in ("-c1", "-c2"):
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
    assert ["c1", "c4"] == sorted({item[1:] for item in vendor.log if item != "r"})


def test_an_intent_is_written_before_a_call_is_sent_and_an_ending_after() -> None:
    """What was about to go out is known, whatever happens then."""
    vendor = Vendor({"c2": rejected()})
    run([call("c1"), call("c2", "c1")], vendor)
    for name in ("c1", "c2"):
        assert vendor.log.index(f"i{name}") < vendor.log.index(f"+{name}")
    assert [("c1", Ending.DONE), ("c2", Ending.REFUSED)] == [(item.call.id, item.ending) for item in vendor.attempts]


def test_many_intents_are_written_together() -> None:
    """A flush of the disk for many calls: so the journal costs little beside them."""
    vendor = Vendor()
    run([call(f"c{number}") for number in range(100)], vendor)
    log = [item for item in vendor.log if item[0] in "i+"]
    flushes = sum(item[0] == "i" and (place == 0 or log[place - 1][0] == "+") for place, item in enumerate(log))
    assert flushes <= 40


def test_a_lost_answer_is_read_back_and_the_call_is_done() -> None:
    """It shows, so it is not sent again, and others build on it."""
    vendor = Vendor({"q9001": OutcomeUnknown("lost")})
    live = Live({"queues": {"9001": Queue.live({"id": "9001", "name": "Q"})}})
    outcomes = run([queue("9001"), call("c2", "q9001")], vendor, live=[live])
    assert [DONE, DONE] == verdicts(outcomes)
    assert Settled.DONE == outcomes[0].settled
    assert 1 == vendor.log.count("+q9001")
    assert [(Ending.LOST, None), (Ending.LOST, Settled.DONE)] == [
        (item.ending, item.settled) for item in vendor.attempts if item.call.id == "q9001"
    ]


def test_a_lost_answer_is_read_back_and_the_call_is_sent_again() -> None:
    """It does not show, however long one waits, so it surely did not happen."""
    vendor = Vendor({"q9001": [OutcomeUnknown("lost"), Reply(payload={})]})
    (outcome,) = run([queue("9001")], vendor, live=[Live({"queues": {}})])
    assert DONE is outcome.verdict
    assert 2 == outcome.attempts
    first, second = (place for place, item in enumerate(vendor.log) if item == "+q9001")
    assert "r" in vendor.log[first:second]


def test_what_shows_late_is_waited_for() -> None:
    """A vendor may show a write some reads later; it is not made twice for that."""
    vendor = Vendor({"q9001": OutcomeUnknown("lost")})
    there = Live({"queues": {"9001": Queue.live({"id": "9001", "name": "Q"})}})
    (outcome,) = run([queue("9001")], vendor, live=[Live({"queues": {}}), Live({"queues": {}}), there])
    assert DONE is outcome.verdict
    assert 1 == vendor.log.count("+q9001")


def test_what_can_t_be_read_back_is_unknown() -> None:
    """Nobody knows, so nothing builds on it, it is not sent again, and the journal keeps it open."""
    vendor = Vendor({"q9001": OutcomeUnknown("lost")})
    outcomes = run([queue("9001"), call("c2", "q9001")], vendor, live=[Unreachable("gone")])
    assert [UNKNOWN, SKIPPED] == verdicts(outcomes)
    assert 1 == vendor.log.count("+q9001")
    assert all(item.settled is None for item in vendor.attempts)


def test_an_extension_is_asked_for_again_since_nothing_lists_it() -> None:
    """Its creation answers that it exists: it was ours, and its password is lost and reported ("Create Extension")."""
    make = call("c1", api="extensions", body={"Extension": "8001"}, accepts=frozenset({"exists"}))
    vendor = Vendor({"c1": [OutcomeUnknown("lost"), Reply(payload={}, condition="exists")]})
    (outcome,) = run([make], vendor, live=[Live({"agents": {}})])
    assert DONE is outcome.verdict
    assert ("8001",) == outcome.lost
    assert "8001" in outcome.note
    assert Settled.DONE is vendor.attempts[1].settled


def test_who_was_not_there_and_who_asks_to_slow_down_is_asked_again() -> None:
    """Neither did anything, so the call is sent again, within patience."""
    vendor = Vendor({"c1": [Unreachable("gone"), RateLimited("slow down"), Reply(payload={})]})
    for error in vendor.answers["c1"][:2]:
        error.transient = True  # type: ignore[union-attr]
    (outcome,) = run([call("c1")], vendor)
    assert (DONE, 3) == (outcome.verdict, outcome.attempts)
    assert [Ending.UNSENT, Ending.UNSENT, Ending.DONE] == [item.ending for item in vendor.attempts]


def test_a_vendor_that_lets_nobody_through_ends_the_run() -> None:
    """What it told so has failed, and nothing more is begun."""
    vendor = Vendor({"c1": [RateLimited("come back in an hour", lasting=True)]})
    outcomes = run([call("c1"), call("c2"), call("c3")], vendor, parallel=1)
    assert [FAILED, SKIPPED, SKIPPED] == verdicts(outcomes)
    assert ["c1"] == [item.call.id for item in vendor.attempts if item.text != "not sent"]


def test_what_waits_to_be_sent_again_when_the_run_is_to_stop_counts_as_not_tried() -> None:
    """It surely did not happen, and nothing is wrong with it."""
    stopping: list[bool] = []
    vendor = Vendor({"c1": [RateLimited("slow down"), Reply(payload={})]})
    retries = Retries(sleep=at_once, chance=lambda: 0.0, stopping=lambda: bool(stopping))

    def attempted(attempt: Attempt) -> None:
        if attempt.ending is not None:
            stopping.append(True)

    (outcome,) = run([call("c1")], vendor, retries=retries, attempted=attempted)
    assert SKIPPED is outcome.verdict
    assert "slow down" in str(outcome.error)


def test_a_vendor_that_stays_away_fails_the_call_and_nothing_was_done() -> None:
    """Patience ends."""
    gone = Unreachable("gone")
    gone.transient = True
    outcomes = run([call("c1"), call("c2", "c1")], Vendor({"c1": gone}))
    assert [FAILED, SKIPPED] == verdicts(outcomes)


def test_a_refused_batch_is_split_until_the_culprit_stands_alone() -> None:
    """The others are made, and what waits for all of them goes on without the one."""
    vendor = Picky()
    numbers = ("101", "102", "103", "104", "105")
    outcomes = run([newcomers(*numbers), joining(*numbers)], vendor, live=[Live({"agents": {}})])
    failed = [item for item in outcomes if item.verdict is FAILED]
    assert [["103"]] == [[agent["AgentId"] for agent in (item.call.body or {})["Agents"]] for item in failed]
    made = [
        agent["AgentId"]
        for item in outcomes
        if item.verdict is DONE
        for agent in (item.call.body or {}).get("Agents", ())
    ]
    assert ["101", "102", "104", "105"] == sorted(made)
    assert [["101", "102", "104", "105"]] == [
        sorted((item.body or {})["AgentIds"]) for item in vendor.sent if item.path.endswith("queues/agents")
    ]
    (skipped,) = (item for item in outcomes if item.verdict is SKIPPED)
    assert ["103"] == (skipped.call.body or {})["AgentIds"]
    assert ("c1",) == skipped.blocked_by


def test_of_a_half_done_batch_only_the_rest_is_sent_again() -> None:
    """Whether batches are all or nothing is not said: what shows is done."""
    vendor = Vendor({"c1": [rejected(), Reply(payload={})]})
    outcomes = run([newcomers("101", "102", "103")], vendor, live=[Live({"agents": agents("101", "102")})])
    assert [DONE, FAILED] == verdicts(outcomes)
    assert 1 == len(vendor.sent)


def test_nothing_is_sent_once_something_was_changed_by_somebody_else() -> None:
    """The run stops; what was not tried says why."""
    stale = Overtaken("somebody else has changed queues/a")

    async def check(asked: Call) -> None:
        if asked.id == "c2":
            raise stale

    vendor = Vendor()
    outcomes = run([call("c1"), call("c2", "c1"), call("c3", "c2")], vendor, check=check)
    assert [DONE, SKIPPED, SKIPPED] == verdicts(outcomes)
    assert stale is outcomes[1].error
    assert ["c1"] == [item.id for item in vendor.sent]


def test_credentials_that_are_no_longer_accepted_stop_the_run() -> None:
    """Every other call would fail alike."""
    outcomes = run([call("c1"), call("c2"), call("c3")], Vendor({"c1": Unauthorized("who?")}), parallel=1)
    assert [FAILED, SKIPPED, SKIPPED] == verdicts(outcomes)


def test_no_call_starts_once_asked_to_stop_and_no_intent_stays_open() -> None:
    """What was written down ahead and never sent is written off."""
    vendor = Vendor()
    seen: list[Outcome] = []
    outcomes = run(
        [call(f"c{number}") for number in range(9)], vendor, parallel=2, seen=seen.append, stopping=lambda: bool(seen)
    )
    sent = {item.id for item in vendor.sent}
    assert {SKIPPED} == {item.verdict for item in outcomes if item.call.id not in sent}
    intended = {item[1:] for item in vendor.log if item.startswith("i")}
    assert intended == {item.call.id for item in vendor.attempts}


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

    class Full(Vendor):
        async def keep(self, call: Call, learned: Learned) -> Mapping[str, str]:
            del call, learned
            raise StoreError("the disk is full")

    make = call("c1", api="extensions", body={"Extension": "8001"})
    outcomes = run([make, call("c2", "c1")], Full({"c1": Reply(payload={"Result": {"Password": "p"}})}))
    assert [DONE, SKIPPED] == verdicts(outcomes)
    assert "the disk is full" == str(outcomes[0].error)


def test_half_a_batch_that_the_vendor_left_out_is_a_failure_that_names_it() -> None:
    """`sub_fail` in an answer that is otherwise good: what was made is kept, what was not is told."""
    result = {"sub_succ": [{"id": 4, "name": "a"}], "sub_fail": ["b"]}
    body = {"subscriptions": [{"name": "a"}, {"name": "b"}]}
    vendor = Vendor({"c1": Reply(payload={"Result": result})})
    made, left_out = run([call("c1", api="subscriptions", body=body)], vendor)
    assert [DONE, FAILED] == verdicts([made, left_out])
    assert ["a", "b"] == [item.call.body["subscriptions"][0]["name"] for item in (made, left_out) if item.call.body]
    assert "left out b" in str(left_out.error)
    assert {("subscriptions", "a"): {"id": "4"}} == vendor.kept[0][1].remember


def test_a_password_is_kept_before_the_next_call_of_its_extension() -> None:
    """It is shown once, so it is on disk before anything else can go wrong ("Create Extension")."""
    made = Reply(payload={"Result": {"Extension": "8001", "Password": "p"}})
    vendor = Vendor({"c1": made})
    run([call("c1", api="extensions", body={"Extension": "8001"}), call("c2", "c1", api="agents/extensions")], vendor)
    assert ["+c1", "-c1", "kc1", "+c2", "-c2"] == [item for item in vendor.log if item[0] != "i"]
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


def test_a_call_is_told_of_though_it_never_became_ready() -> None:
    """It waits for one that failed and for one that was never tried, since the run had stopped."""
    first = call("c1", gives=frozenset({("queue", "9001")}))
    late = call("c3", "c1", "c2", requires=frozenset({("queue", "9001")}))
    outcomes = run([first, call("c2", "c0"), late, call("c0")], Vendor({"c1": rejected()}), fail_fast=True, parallel=1)
    assert {"c0", "c1", "c2", "c3"} == {outcome.call.id for outcome in outcomes}


def test_fail_fast_splits_no_batch() -> None:
    """The first refusal ends it."""
    vendor = Picky()
    outcomes = run([newcomers("101", "102", "103")], vendor, live=[Live({"agents": {}})], fail_fast=True)
    assert [FAILED] == verdicts(outcomes)
    assert 1 == len(vendor.sent)


def test_what_would_be_made_twice_is_waited_for_longer() -> None:
    """Names of subscriptions may repeat: a second sending is not refused ("Message Subscription")."""
    body = {"subscriptions": [{"name": "crm", "callback": "https://a.example.com", "events": ["end"]}]}
    lost = call("c1", api="subscriptions", body=body, changes=("subscriptions/crm",))
    item = Subscription.live({"name": "crm", "callback": "https://a.example.com", "events": ("end",), "number": "1"})
    absent, there = Live({"subscriptions": {}}), Live({"subscriptions": {"crm": item}})
    vendor = Vendor({"c1": OutcomeUnknown("lost")})
    (outcome,) = run([lost], vendor, live=[*[absent] * 7, there])
    assert DONE is outcome.verdict
    assert 1 == len(vendor.sent)


def test_what_never_left_says_why() -> None:
    """A read that fails before the call, or an intent that can't be written: nobody sent anything."""

    async def check(_asked: Call) -> None:
        raise Unreachable("the reads are down", remedy="Nothing was changed. Run again.")

    class Full(Vendor):
        async def intend(self, attempts: Sequence[Attempt]) -> None:
            del attempts
            raise StoreError("the disk is full")

    cases: list[tuple[Vendor, dict[str, Any], Verdict, str]] = [
        (Vendor(), {"check": check}, FAILED, "could not be read"),
        (Full(), {}, SKIPPED, "could not be written"),
    ]
    for vendor, world, verdict, why in cases:
        outcomes = run([call("c1"), call("c2", "c1")], vendor, **world)
        assert [verdict, SKIPPED] == verdicts(outcomes)
        assert why in str(outcomes[0].error)
        assert outcomes[0].error is not None
        assert "Nothing was changed" not in outcomes[0].error.remedy
        assert [] == vendor.sent
