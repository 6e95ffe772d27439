"""Reading back: what is pending at the vendor is waited for, and what is planned again may wait for its own answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from reconciler.model.call import Call, Reply
from reconciler.model.diagnostics import Diagnostics
from reconciler.model.kind import Pending
from reconciler.model.live import Live
from reconciler.model.outcome import FOLLOW_UP, Outcome, Result, Verdict
from reconciler.model.plan import Plan
from reconciler.pipeline.planning import plan_from
from reconciler.pipeline.verifying import under_other_ids, verify
from reconciler.providers.udesk import PROVIDER, Udesk
from reconciler.providers.udesk.kinds.queues import Queue
from reconciler.session import Request, Session
from tests.configurations import HEAD, loaded, write
from tests.laws.udesk.vendor import UDESK
from tests.laws.vendor import Tenant

QUEUES = 'queues:\n  a: {id: "9001", name: A}\n  b: {id: "9002", name: B}\n'


@dataclass
class Reviewed:
    """A tenant whose queues are reviewed by people: how each stands, after how many reads."""

    vendor: Tenant
    verdicts: Mapping[str, Sequence[str]]
    reads: int = 0
    waited_s: list[float] = field(default_factory=list)
    stop: Callable[[], None] = lambda: None

    async def send(self, call: Call) -> Reply:
        """Answer reads."""
        self.reads += (call.method, call.path.rpartition("/")[2]) == ("GET", "queues")
        return self.vendor.answer(call)

    async def sleep(self, seconds: float) -> None:
        """Count the time that passes."""
        self.waited_s.append(seconds)
        self.stop()
        await asyncio.sleep(0)

    def pending(self, queue: Queue) -> Pending | None:
        """Say how a queue stands now."""
        some = self.verdicts.get(queue.id, ["good"])
        found = some[min(self.reads, len(some)) - 1]
        if found == "good":
            return None
        return Pending(path="status", wanted="good", found=found, over=found == "bad")


def carried_out(root: Path, tenant: Reviewed, *, review_timeout: float | None = None) -> tuple[Session, Plan]:
    """Plan the configuration, and carry it out."""
    desired = loaded(write(root, {"acme.yaml": HEAD + QUEUES})).desired
    assert desired is not None
    if review_timeout is not None:
        settings = desired.settings.model_copy()
        settings.__dict__["review_timeout"] = review_timeout
        desired = replace(desired, settings=settings)
    kinds = {**PROVIDER.kinds, "queues": replace(PROVIDER.kinds["queues"], pending=tenant.pending)}
    provider = Udesk()
    provider.kinds = kinds
    session = Session(
        request=Request(path=str(root)),
        desired=desired,
        provider=provider,
        warnings=Diagnostics(),
        sleep=tenant.sleep,
    )
    made = plan_from(session, tenant.vendor.read())
    for call in made.calls:
        tenant.vendor.write(call)
    return session, made


def verified(root: Path, tenant: Reviewed, *, review_timeout: float | None = None, stops: bool = False) -> Result:
    """Read back what was carried out; *stops*: the run is told to stop as soon as it waits."""
    session, made = carried_out(root, tenant, review_timeout=review_timeout)
    if stops:
        tenant.stop = lambda: setattr(session, "stopping", True)
    done = Result(outcomes=tuple(Outcome(call=call, verdict=Verdict.DONE) for call in made.calls))

    async def send(_plan: Plan, _live: Live) -> tuple[Outcome, ...]:
        raise AssertionError("all is as wanted")

    try:
        return asyncio.run(verify(session, made, tenant.vendor.read(), tenant, done, send=send))  # type: ignore[arg-type]
    finally:
        session.close()


def tenant(**verdicts: Sequence[str]) -> Reviewed:
    """Make an empty tenant; *verdicts* of its queues, read by read."""
    vendor = Tenant(PROVIDER, UDESK.machine({}, "default"))
    return Reviewed(vendor, {name.removeprefix("q"): found for name, found in verdicts.items()})


def test_what_is_reviewed_in_time_is_waited_for(tmp_path: Path) -> None:
    """With growing pauses, of at most five seconds."""
    found = tenant(q9001=["new"] * 12 + ["good"])
    result = verified(tmp_path, found, review_timeout=60)
    assert ((), True) == (result.mismatches, result.verified)
    assert 13 == found.reads
    assert 20 < sum(found.waited_s) < 60


def test_what_is_not_reviewed_in_time_is_told(tmp_path: Path) -> None:
    """At the deadline, which the settings give; without one, when the usual pauses are over."""
    for number, (timeout, waits) in enumerate(((30, 30.0), (0, 0.0), (None, 8.0))):
        found = tenant(q9001=["new"])
        result = verified(tmp_path / str(number), found, review_timeout=timeout)
        assert [("queues/a", "status", "good", "new")] == [
            (item.address, item.path, item.wanted, item.found) for item in result.mismatches
        ]
        assert waits == pytest.approx(sum(found.waited_s))
        assert not result.complete


def test_what_was_turned_down_is_told_and_the_others_are_waited_for(tmp_path: Path) -> None:
    """Waiting changes nothing of it."""
    found = tenant(q9001=["bad"])
    assert [("queues/a", "bad")] == [
        (item.address, item.found) for item in verified(tmp_path / "1", found, review_timeout=60).mismatches
    ]
    assert [] == found.waited_s
    found = tenant(q9001=["bad"], q9002=["new", "new", "good"])
    assert ["queues/a"] == [item.address for item in verified(tmp_path / "2", found, review_timeout=60).mismatches]
    assert 3 == found.reads


def test_who_is_to_stop_waits_no_longer(tmp_path: Path) -> None:
    """A review may take an hour; a second run finds nothing to do, or what was turned down."""
    found = tenant(q9001=["new"])
    result = verified(tmp_path, found, review_timeout=3600, stops=True)
    assert ["queues/a"] == [item.address for item in result.mismatches]
    assert 1 == len(found.waited_s)


def test_a_follow_up_waits_for_its_own_answers() -> None:
    """Its calls have other ids than the plan's, and so have the values that they send of each other's answers."""

    def item(name: str, *places: str) -> Call:
        body = {"X": [{"from": place, "field": "Id"} for place in places]}
        return Call("POST", "/", body, id=name, needs=("c0", *places))

    found = under_other_ids([item("c1"), item("c2", "c1"), item("c4", "c3"), item("c5", "c4")])
    assert [f"{FOLLOW_UP}c1", f"{FOLLOW_UP}c2"] == [call.id for call in found]
    assert {"X": [{"from": f"{FOLLOW_UP}c1", "field": "Id"}]} == found[1].body
    assert [(), (f"{FOLLOW_UP}c1",)] == [call.needs for call in found]
