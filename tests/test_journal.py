"""The journal of a run: what it says is durable is there afterwards, whatever else goes wrong."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.model.call import Call, Upload
from reconciler.model.errors import ReconcilerError, StoreError
from reconciler.model.history import Attempt, Ending, Image, Run, RunState, Settled, Who
from reconciler.model.outcome import Learned, OneTimePassword
from reconciler.model.plan import Origin
from reconciler.model.secret import Mask
from reconciler.store import journal, leases
from reconciler.store.database import Store
from reconciler.store.journal import RunJournal
from tests.postgresql import Server

TENANT: Final = "udesk:acme:a54a"
ROOT: Final = Path(__file__).resolve().parent.parent
STARTED: Final = 1_800_000_000.0

FULL: Final = Call(
    "POST",
    "/ccapi/v2/agents",
    {"Agents": [{"AgentId": "10031", "Name": "李 \ud83d", "Weight": 1.5, "On": True, "Off": None}], "名": "\x00"},
    action="CreateAgents",
    query={"page": "1"},
    upload=Upload(path="voices/welcome.wav", digest="0123456789abcdef"),
    accepts=frozenset({"exists", "bound"}),
    changes=("agents/li.wei", "agents/wang"),
    why="two agents",
    requires=frozenset({("queue", "9001"), ("room",)}),
    forbids=frozenset({("agent", "10031")}),
    prefers=frozenset({("prompt", "welcome")}),
    gives=frozenset({("agent", "10031"), ("serves", "10031", "9001")}),
    takes=frozenset({("spare", "8001")}),
    meanwhile="callers hear nothing",
    loss=3,
    id="c1",
    needs=("c0", "c7"),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Open an empty store of each kind."""
    if request.param == "sqlite":
        opened = Store.open(tmp_path / ".reconciler" / "state.db")
    else:
        running: Server = request.getfixturevalue("postgresql")
        opened = Store.open(running.database())
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Store]:
    """Open an empty store in SQLite."""
    opened = Store.open(tmp_path / ".reconciler" / "state.db")
    yield opened
    opened.close()


def a_run(name: str = "a1", *, tenant: str = TENANT, started: float = STARTED, **more: Any) -> Run:
    """Make a run that begins."""
    return Run(
        id=name, tenant=tenant, contact_center="acme", provider="udesk", command="apply", started=started, **more
    )


def no_passwords(_given: Sequence[OneTimePassword]) -> str:
    """Take no password."""
    raise AssertionError("there are none")


def begin(store: Store, run: Run | None = None, **more: Any) -> RunJournal:
    """Begin a journal; the time is always the same."""
    defaults: dict[str, Any] = {"lease": None, "keep_passwords": no_passwords, "clock": lambda: STARTED + 9}
    return RunJournal.begin(store, run or a_run(), **(defaults | more))


def call(name: str = "c1") -> Call:
    """Make a small call."""
    return Call("PUT", "/ccapi/v2/queues", {"QueueId": name}, id=name)


def attempt(name: str = "c1", number: int = 1) -> Attempt:
    """Make an attempt that is about to be made."""
    return Attempt(call=call(name), number=number, intended=STARTED + 1)


def done(intent: Attempt, **more: Any) -> Attempt:
    """End an attempt well."""
    values: dict[str, Any] = {"ending": Ending.DONE, "ended": STARTED + 2}
    return replace(intent, **(values | more))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end."""
    return asyncio.run(work)


def stored(store: Store, name: str = "a1") -> Run:
    """Read a run back; it must be there."""
    found = journal.run(store, name)
    assert found is not None
    return found


def test_a_run_comes_back_as_it_was(store: Store) -> None:
    """Who, images, digests, calls with all that they state, how each attempt went; a call's other form stays out."""
    begun = a_run(
        who=Who(user="ann", host="build-7", author="Ann <ann@example.com>", revision="5ede2a0", job="GitLab CI 1"),
        configuration="/srv/acme",
        origin=Origin(path="acme", overlays=("prod.yaml",), prune=True, allow_deletes={"agents": 7}),
        config_digest="sha256:00",
        images=(
            Image(
                address="agents/li.wei",
                section="agents",
                identity="10031",
                action="update",
                label="Li Wei \x00",
                before={"queues": ["9001"], "name": "Li"},
                after={"queues": [], "name": "Wei"},
                written=("name", "queues"),
                fields=("name",),
            ),
            Image(address="queues/x", section="queues", identity="9009", action="create", after={}),
        ),
        calls=2,
    )
    first = Attempt(call=FULL, number=1, intended=STARTED + 1)
    lost = done(first, ending=Ending.LOST, milliseconds=10_001, text="no answer \x00\udcff", request_id="r-1")
    again = Attempt(call=replace(FULL, body={}, otherwise=FULL), number=2, intended=STARTED + 3)
    ended = done(again, ending=Ending.REFUSED, text="Name: 太长", places={"8001": "age"})

    async def write() -> None:
        written = begin(store, begun)
        assert "a1" == written.run_id
        await written.intend([first])
        written.ended(lost)
        written.settled("a1", replace(lost, settled=Settled.NOT_DONE))
        await written.intend([again])
        written.ended(ended)
        written.close(RunState.INCOMPLETE, {"failed": 1}, "one call failed \x00")

    run(write())
    assert stored(store) == replace(
        begun,
        ended=STARTED + 9,
        state=RunState.INCOMPLETE,
        counts={"failed": 1},
        problem="one call failed \x00",
        attempts=(
            replace(lost, settled=Settled.NOT_DONE),
            replace(ended, call=replace(FULL, body={})),
        ),
    )


def test_what_is_intended_is_there(store: Store) -> None:
    """When `intend` returns another reader sees it; and what ended before it, too."""
    one, two = attempt("c1"), attempt("c2")

    async def write() -> None:
        written = begin(store)
        await written.intend([one, two])
        assert (one, two) == stored(store).attempts
        written.ended(done(one))
        await written.intend([attempt("c3")])
        assert (done(one), two, attempt("c3")) == stored(store).attempts
        await written.intend([])
        written.close(RunState.INTERRUPTED, {})

    run(write())
    assert RunState.INTERRUPTED == stored(store).state


def test_times_that_are_left_out(store: Store) -> None:
    """An intent and its end are given the time; what is said later leaves it."""
    clock = count(STARTED)

    async def write() -> None:
        written = begin(store, clock=lambda: next(clock))
        intent = Attempt(call=call(), number=1)
        await written.intend([intent])
        written.ended(replace(intent, ending=Ending.LOST))
        written.ended(replace(intent, ending=Ending.LOST, settled=Settled.DONE))
        written.close(RunState.COMPLETE, {})

    run(write())
    (found,) = stored(store).attempts
    assert (STARTED, STARTED + 1, Settled.DONE) == (found.intended, found.ended, found.settled)


def test_lists_are_newest_first(store: Store) -> None:
    """Of one tenant or of all, as many as asked for, without what is large; none where there are none."""
    assert () == journal.runs(store)
    for number, tenant in enumerate([TENANT, "other", TENANT]):
        image = Image(address="queues/x", section="queues", identity="9001", action="delete")
        written = begin(store, a_run(f"r{number}", tenant=tenant, started=STARTED + number, images=(image,)))
        written.close(RunState.COMPLETE, {"done": number})
    assert ["r2", "r1", "r0"] == [found.id for found in journal.runs(store)]
    assert ["r2", "r0"] == [found.id for found in journal.runs(store, TENANT)]
    assert ["r2"] == [found.id for found in journal.runs(store, limit=1)]
    assert [((), {"done": 2})] == [(found.images, found.counts) for found in journal.runs(store, limit=1)]
    assert 1 == len(stored(store, "r1").images)


def test_a_run_is_found_by_the_start_of_its_id(store: Store) -> None:
    """One that fits two names them; one that is whole wins; odd ones fit nothing."""
    for number, name in enumerate(["abc1", "abc2", "abc", "b_1", "bx1"]):
        begin(store, a_run(name, started=STARTED + number)).close(RunState.COMPLETE, {})
    assert ["abc1", "abc", "b_1"] == [stored(store, name).id for name in ("abc1", "abc", "b_")]
    with pytest.raises(ReconcilerError, match="3 runs begin with ab: abc, abc2, abc1"):
        journal.run(store, "ab")
    for name in ("", "x", "%", "\x00", "\udcff", "'", "a%"):
        assert journal.run(store, name) is None


def test_what_is_open_is_found(store: Store) -> None:
    """An attempt without an end, or with a lost answer, until it is settled; of this tenant, of other runs."""

    async def write() -> None:
        other = begin(store, a_run("other", tenant="other"))
        await other.intend([attempt("c1")])
        written = begin(store)
        for name in ("c1", "c2", "c3", "c4"):
            await written.intend([attempt(name)])
        written.ended(done(attempt("c2")))
        written.ended(done(attempt("c3"), ending=Ending.LOST))
        written.ended(done(attempt("c4"), ending=Ending.LOST, settled=Settled.NOT_DONE))
        written.close(RunState.INCOMPLETE, {})
        other.close(RunState.INCOMPLETE, {})

    run(write())

    def names() -> list[tuple[str, str]]:
        return [(found.id, item.call.id) for found, item in journal.open_attempts(store, TENANT, except_run="next")]

    assert [("a1", "c1"), ("a1", "c3")] == names()
    assert () == journal.open_attempts(store, TENANT, except_run="a1")
    journal.settle(store, "a1", "c1", 1, Settled.DONE, text="it is there")
    assert [("a1", "c3")] == names()
    following = begin(store, a_run("next", started=STARTED + 60))
    following.settled("a1", done(attempt("c3"), ending=Ending.LOST, settled=Settled.UNKNOWN))
    following.close(RunState.COMPLETE, {})
    assert [] == names()
    found = {item.call.id: item for item in stored(store).attempts}
    assert (Settled.DONE, "it is there", None) == (found["c1"].settled, found["c1"].text, found["c1"].ending)
    assert (Settled.UNKNOWN, Ending.LOST) == (found["c3"].settled, found["c3"].ending)


def test_runs_that_died_are_marked(store: Store) -> None:
    """Those of the tenant that never ended; not the one that asks."""
    for name, tenant in (("died", TENANT), ("other", "other"), ("mine", TENANT)):
        begin(store, a_run(name, tenant=tenant))
    begin(store, a_run("ended")).close(RunState.COMPLETE, {})
    assert ("died",) == journal.cut_off(store, TENANT, except_run="mine")
    assert () == journal.cut_off(store, TENANT, except_run="mine")
    states = {found.id: found.state.name for found in journal.runs(store)}
    assert {"died": "CUT", "other": "RUNNING", "mine": "RUNNING", "ended": "COMPLETE"} == states


def lease_of(store: Store) -> leases.Lease:
    """Take the tenant's lease."""
    lease = leases.take(store, TENANT, run="a1", clock=time.time)
    assert isinstance(lease, leases.Lease)
    return lease


def test_who_lost_the_lock_intends_nothing(store: Store) -> None:
    """An intent is refused and not written; how earlier calls ended, and what they taught, is."""
    lease = lease_of(store)

    async def write() -> None:
        written = begin(store, lease=lease)
        await written.intend([attempt("c1")])
        leases.free(store, TENANT)
        written.ended(done(attempt("c1")))
        refused = asyncio.create_task(written.intend([attempt("c2")]))
        kept = asyncio.create_task(written.keep(call("c1"), Learned(remember={("extensions", "8001"): {}})))
        assert {} == await kept
        with pytest.raises(StoreError, match="lock of this tenant was lost"):
            await refused
        written.close(RunState.INCOMPLETE, {})

    run(write())
    assert (done(attempt("c1")),) == stored(store).attempts
    assert {"8001": {}} == store.memory(TENANT).of("extensions")
    with pytest.raises(StoreError, match="lost"):
        begin(store, a_run("a2"), lease=lease)
    assert journal.run(store, "a2") is None


def test_a_store_that_was_removed(file: Store) -> None:
    """Somebody else would find a free lock in a new one: nothing more is sent, with a lock or without."""
    assert file.file is not None
    lease = lease_of(file)

    async def write(written: RunJournal, name: str) -> None:
        await written.intend([attempt(name)])

    journals = (begin(file, lease=lease), begin(file, a_run("a2")))
    for written in journals:
        run(write(written, "c1"))
    lease.check()
    whole = file.file.read_bytes()
    file.file.unlink()
    for found in (b"", whole):
        for written in journals:
            with pytest.raises(StoreError, match="was removed while this run was writing"):
                run(write(written, "c2"))
        with pytest.raises(StoreError, match="was removed while this run was writing"):
            lease.check()
        file.file.write_bytes(found)
    for written in journals:
        written.close(RunState.INCOMPLETE, {})
    lease.release()


class Safe:
    """Where passwords go: it holds up the journal's thread until it is opened, and notes what it was given."""

    def __init__(self, problem: StoreError | None = None) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()
        self.given: list[list[str]] = []
        self.problem = problem

    def __call__(self, given: Sequence[OneTimePassword]) -> str:
        """Take passwords."""
        self.given.append([password.extension for password in given])
        self.reached.set()
        assert self.open.wait(timeout=60)
        if self.problem is not None:
            raise self.problem
        return "the safe"


def password(extension: str) -> Learned:
    """Make what the creation of an extension teaches."""
    return Learned(
        passwords=(OneTimePassword(extension=extension, password=f"pa55-{extension}", number="1"),),
        remember={("extensions", extension): {}},
    )


async def held_up(written: RunJournal, safe: Safe, *work: Coroutine[Any, Any, Any]) -> list[Any]:
    """Do *work* while the journal's thread is busy with a first password, so that it makes one group."""
    await written.intend([attempt("first")])
    first = asyncio.create_task(written.keep(call("first"), password("8000")))
    await asyncio.to_thread(safe.reached.wait, 60)
    tasks = [asyncio.create_task(item) for item in work]
    await asyncio.sleep(0)  # each comes as far as the queue
    safe.open.set()
    return await asyncio.gather(first, *tasks, return_exceptions=True)


def test_passwords_go_at_once_and_are_seen_nowhere(file: Store) -> None:
    """Those that wait are handed over together; where they are is told and written, with the attempt; they are not."""
    safe = Safe()

    async def write() -> list[Any]:
        written = begin(file, keep_passwords=safe)
        await written.intend([attempt("c1"), attempt("c2")])
        told = await held_up(
            written,
            safe,
            *(written.keep(call(name), password(number)) for name, number in (("c1", "8001"), ("c2", "8002"))),
            written.keep(call("c3"), Learned(remember={("subscriptions", "crm"): {"id": "7"}})),
        )
        assert {} == await written.keep(call("c9"), Learned(note="nothing to keep"))
        written.close(RunState.INTERRUPTED, {})
        return told

    assert [{"8000": "the safe"}, {"8001": "the safe"}, {"8002": "the safe"}, {}] == run(write())
    assert [["8000"], ["8001", "8002"]] == safe.given
    places = {item.call.id: item.places for _, item in journal.open_attempts(file, TENANT)}
    assert {"c1": {"8001": "the safe"}, "c2": {"8002": "the safe"}, "first": {"8000": "the safe"}} == places
    assert ["8000", "8001", "8002"] == sorted(file.memory(TENANT).of("extensions"))
    assert file.file is not None
    assert not any(b"pa55" in path.read_bytes() for path in file.file.parent.iterdir())


def test_parts_of_one_call_keep_their_own_places(store: Store) -> None:
    """A batch that was split has attempts of one id side by side; an end without places leaves what `keep` wrote."""

    async def write() -> None:
        written = begin(store, keep_passwords=lambda given: f"file {given[0].extension}")
        parts = [Attempt(call=replace(call("c1"), body={"part": number}), number=number) for number in (1, 2)]
        await written.intend(parts)
        for part in parts:
            await written.keep(part.call, password(f"800{part.number}"))
            written.ended(replace(part, ending=Ending.DONE))
        written.close(RunState.COMPLETE, {})

    run(write())
    assert [{"8001": "file 8001"}, {"8002": "file 8002"}] == [item.places for item in stored(store).attempts]


def test_passwords_that_can_t_be_stored(store: Store) -> None:
    """Who waits with one is told; what else was learned is kept all the same, and others go on."""
    safe = Safe(StoreError("the safe is shut; the passwords are under the mat"))

    async def write() -> list[Any]:
        written = begin(store, keep_passwords=safe)
        told = await held_up(
            written,
            safe,
            written.keep(call("c1"), password("8001")),
            written.keep(call("c2"), Learned(remember={("extensions", "8002"): {}})),
            written.intend([attempt("c3")]),
        )
        written.close(RunState.INCOMPLETE, {})
        return told

    first, one, two, three = run(write())
    assert ["the safe is shut; the passwords are under the mat"] * 2 == [str(first), str(one)]
    assert ({}, None) == (two, three)
    assert ["8000", "8001", "8002"] == sorted(store.memory(TENANT).of("extensions"))
    assert ["first", "c3"] == [item.call.id for item in stored(store).attempts]


def test_a_mistake_of_ours_does_not_end_the_thread(store: Store) -> None:
    """Whatever a function raises arrives at who waits, without what it says: it may say a password."""

    def breaks(given: Sequence[OneTimePassword]) -> str:
        raise KeyError(given[0].password)

    async def write() -> None:
        written = begin(store, keep_passwords=breaks)
        with pytest.raises(StoreError, match="KeyError") as caught:
            await written.keep(call(), password("8001"))
        assert "pa55" not in str(caught.value)
        await written.intend([attempt()])
        written.close(RunState.INCOMPLETE, {})

    run(write())
    assert (attempt(),) == stored(store).attempts


def test_who_stops_waiting_breaks_nothing(store: Store) -> None:
    """What was begun goes to its end, and nobody misses an error."""
    safe = Safe()

    async def write() -> None:
        written = begin(store, keep_passwords=safe)
        waiting = [
            asyncio.create_task(written.keep(call("c1"), password("8001"))),
            asyncio.create_task(written.intend([attempt("c2")])),
        ]
        await asyncio.to_thread(safe.reached.wait, 60)
        for task in waiting:
            task.cancel()
        for task in waiting:
            with pytest.raises(asyncio.CancelledError):
                await task
        safe.open.set()
        await written.intend([attempt("c3")])
        written.close(RunState.INTERRUPTED, {})

    run(write())
    assert ["c2", "c3"] == [item.call.id for item in stored(store).attempts]
    assert {"8001": {}} == store.memory(TENANT).of("extensions")


def test_a_loop_that_has_ended_breaks_nothing(store: Store) -> None:
    """A second signal ends the loop while the thread still writes."""
    safe = Safe()
    written = begin(store, keep_passwords=safe)

    async def write() -> None:
        task = asyncio.create_task(written.keep(call("c1"), password("8001")))
        await asyncio.to_thread(safe.reached.wait, 60)
        task.cancel()

    run(write())
    safe.open.set()
    written.close(RunState.INTERRUPTED, {})
    assert {"8001": {}} == store.memory(TENANT).of("extensions")


def test_a_disk_that_is_full(file: Store) -> None:
    """Nothing may be sent; with room again, what was not written is, and nothing is missing."""
    limits: list[Callable[[int], None]] = []

    def limited(connection: Any, _record: Any) -> None:
        limits.append(lambda pages: connection.execute(f"PRAGMA max_page_count={pages}"))

    file.engine.dispose()
    sa.event.listen(file.engine, "connect", limited)
    large = replace(attempt("c2"), call=replace(call("c2"), body={"large": "x" * 400_000}))

    async def write() -> None:
        written = begin(file)
        await written.intend([attempt("c1")])
        for limit in limits:
            limit(1)
        with pytest.raises(StoreError, match="full"):
            await written.intend([large])
        text = "y" * 400_000
        written.ended(done(attempt("c1"), text=text))
        with pytest.raises(StoreError, match="full"):
            await written.keep(call("c1"), Learned(remember={("x", "y"): {"large": text}}))
        with pytest.raises(StoreError, match="full"):
            await written.intend([replace(large, number=2)])
        limits[:], before = [], list(limits)
        for limit in before:
            limit(1_000_000)
        await written.intend([attempt("c3")])
        assert (done(attempt("c1"), text=text), attempt("c3")) == stored(file).attempts
        written.close(RunState.COMPLETE, {})

    run(write())
    assert RunState.COMPLETE == stored(file).state


def test_an_end_that_can_t_be_written(file: Store) -> None:
    """Closing says so, once; the run stays as one that never ended, and what was ended in vain stays open."""
    assert file.file is not None
    written = begin(file)
    run(written.intend([attempt()]))
    with sqlite3.connect(file.file) as connection:
        connection.execute("CREATE TRIGGER t BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'no'); END")
        connection.execute("CREATE TRIGGER u BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'not'); END")
    connection.close()
    written.ended(done(attempt()))
    with pytest.raises(StoreError, match="the store can't be used: no"):
        written.close(RunState.COMPLETE, {})
    written.close(RunState.COMPLETE, {})
    assert RunState.RUNNING == stored(file).state
    assert 1 == len(journal.open_attempts(file, TENANT))


def test_nothing_is_sent_while_an_end_can_t_be_written(file: Store) -> None:
    """What is durable no later than the next intent holds it up."""
    assert file.file is not None
    written = begin(file)
    run(written.intend([attempt()]))
    with sqlite3.connect(file.file) as connection:
        connection.execute("CREATE TRIGGER u BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'not'); END")
    written.ended(done(attempt()))
    with pytest.raises(StoreError):
        run(written.intend([attempt("c2")]))
    with connection:
        connection.execute("DROP TRIGGER u")
    connection.close()
    run(written.intend([attempt("c3")]))
    assert (done(attempt()), attempt("c3")) == stored(file).attempts
    written.close(RunState.COMPLETE, {})


def test_one_who_spoils_a_group_is_alone(store: Store) -> None:
    """A fact that no database takes is refused to who brought it; the others of its group are written."""
    safe = Safe()

    async def write() -> list[Any]:
        written = begin(store, keep_passwords=safe)
        told = await held_up(
            written,
            safe,
            written.intend([attempt("c1")]),
            written.keep(call("c2"), Learned(remember={("extensions", "\udcff"): {}})),
            written.keep(
                call("c3"), Learned(remember={("extensions", "8003"): {"odd": "\udcff", "none": float("nan")}})
            ),
        )
        written.close(RunState.COMPLETE, {})
        return told

    first, one, two, three = run(write())
    assert ({"8000": "the safe"}, None, {}) == (first, one, three)
    assert isinstance(two, StoreError)
    assert {"8000": {}, "8003": {"odd": "\udcff", "none": "NaN"}} == store.memory(TENANT).of("extensions")
    assert ["first", "c1"] == [item.call.id for item in stored(store).attempts]


def test_a_closed_journal_takes_nothing(store: Store) -> None:
    """It says so; nothing waits for ever."""
    written = begin(store)
    written.close(RunState.COMPLETE, {})
    for work in (written.intend([attempt()]), written.keep(call(), Learned(forget=(("a", "b"),)))):
        with pytest.raises(StoreError, match="closed"):
            run(work)
    with pytest.raises(StoreError, match="closed"):
        written.ended(done(attempt()))


def test_old_runs_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are kept stay, and those that leave something open; other tenants' are their own."""
    monkeypatch.setattr(journal, "KEPT_RUNS", 3)

    async def write(name: str, number: int, *, lost: bool) -> None:
        written = begin(store, a_run(name, started=STARTED + number))
        await written.intend([attempt()])
        if not lost:
            written.ended(done(attempt()))
        written.close(RunState.COMPLETE, {})

    begin(store, a_run("other", tenant="other")).close(RunState.COMPLETE, {})
    for number in range(6):
        run(write(f"r{number}", number, lost=number == 1))
    assert ["r5", "r4", "r3", "r1"] == [found.id for found in journal.runs(store, TENANT)]
    with store.reading() as connection:
        assert {"r1", "r3", "r4", "r5"} == set(connection.execute(sa.text("SELECT run FROM attempts")).scalars())
    assert 1 == len(journal.runs(store, "other"))


def test_secrets_are_masked(file: Store) -> None:
    """A secret that a call, an image or a vendor's answer carries does not reach the store."""
    carried = replace(call(), body={"url": "https://x/?t=tok-93be07"})

    async def write() -> None:
        image = Image(address="a", section="a", identity="1", action="update", before={"url": "x tok-93be07"})
        written = begin(file, a_run(images=(image,)), mask=Mask.of(["tok-93be07"]))
        intent = Attempt(call=carried, number=1)
        await written.intend([intent])
        written.ended(done(intent, ending=Ending.REFUSED, text="tok-93be07 is wrong"))
        written.close(RunState.INCOMPLETE, {}, "tok-93be07")

    run(write())
    assert "*** is wrong" == stored(file).attempts[0].text
    assert file.file is not None
    assert not any(b"tok-93be07" in path.read_bytes() for path in file.file.parent.iterdir())


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE attempts SET ending = 'odd'",
        "UPDATE attempts SET request = '{}'",
        "UPDATE attempts SET request = '[]'",
        "UPDATE attempts SET request = '{'",
        'UPDATE attempts SET request = \'{"id": "c1", "method": "PUT", "path": "/", "odd": 1}\'',
        "UPDATE attempts SET result = 'null'",
        "UPDATE runs SET state = 'odd'",
        "UPDATE runs SET head = '{}'",
        "UPDATE runs SET result = '3'",
        "UPDATE runs SET images = '[{}]'",
        "UPDATE runs SET images = '7'",
    ],
)
def test_rows_that_make_no_sense(file: Store, spoil: str) -> None:
    """A store that somebody else wrote to is an error, and no traceback."""
    written = begin(file)
    run(written.intend([attempt()]))
    written.close(RunState.COMPLETE, {})
    with file.writing() as connection:
        connection.exec_driver_sql(spoil)
    with pytest.raises(StoreError):
        journal.run(file, "a1")


def test_an_older_store_has_no_runs(tmp_path: Path) -> None:
    """Opened to be read, it is not brought up to date; nor is one made that is not there."""
    where = tmp_path / "state.db"
    for number in range(2):
        store = Store.open(where, writable=False)
        assert () == journal.runs(store)
        assert () == journal.open_attempts(store, TENANT)
        assert journal.run(store, "a1") is None
        store.close()
        if number == 0:
            with sqlite3.connect(where) as connection:
                connection.execute("CREATE TABLE reconciler_schema (version INTEGER NOT NULL)")
                connection.execute("INSERT INTO reconciler_schema VALUES (2)")
            connection.close()


STEP: Final = st.sampled_from(["intend", "intend two", "done", "lost", "settled", "keep", "forget"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(steps=st.lists(STEP, max_size=25))
def test_whatever_returned_is_there(file: Store, steps: list[str]) -> None:
    """After any sequence of writes a second reader sees all that was said to be durable, in order; and then all."""
    names = count()
    name = leases.new_run()
    known: dict[str, Attempt] = {}
    facts: dict[str, Mapping[str, Any]] = {}
    tenant = f"tenant {name}"

    async def write() -> None:
        written = begin(file, a_run(name, tenant=tenant))
        for step in steps:
            open_ = [item for item in known.values() if item.ending is None]
            match step:
                case "intend" | "intend two":
                    new = [attempt(f"c{next(names)}") for _ in range(2 if step == "intend two" else 1)]
                    known.update({item.call.id: item for item in new})
                    await written.intend(new)
                    assert tuple(known.values()) == stored(file, name).attempts
                case "done" | "lost" if open_:
                    ended = done(open_[0], ending=Ending.DONE if step == "done" else Ending.LOST)
                    known[ended.call.id] = ended
                    written.ended(ended)
                case "settled":
                    for item in [item for item in known.values() if item.open and item.ending is not None][:1]:
                        known[item.call.id] = replace(item, settled=Settled.DONE)
                        written.settled(name, known[item.call.id])
                case "keep":
                    identity = f"{next(names) % 3}"
                    facts[identity] = {"step": next(names)}
                    await written.keep(call(), Learned(remember={("x", identity): facts[identity]}))
                    assert facts == file.memory(tenant).of("x")
                case "forget" if facts:
                    identity, _ = facts.popitem()
                    await written.keep(call(), Learned(forget=(("x", identity),)))
                    assert facts == file.memory(tenant).of("x")
                case _:
                    pass
        written.close(RunState.COMPLETE, {})

    asyncio.run(write())
    assert tuple(known.values()) == stored(file, name).attempts
    assert [item for item in known.values() if item.open] == [item for _, item in journal.open_attempts(file, tenant)]


# Writes for ever, eight calls at once, and tells of each thing that it was told is durable.
WRITES: Final = """
import asyncio, os, sys, time
from dataclasses import replace
from pathlib import Path
from reconciler.model.call import Call
from reconciler.model.desired import PasswordStore
from reconciler.model.history import Attempt, Ending, Run
from reconciler.model.outcome import Learned, OneTimePassword
from reconciler.store import leases, passwords
from reconciler.store.database import Store
from reconciler.store.journal import RunJournal

root = Path(sys.argv[1])
store = Store.open(root / ".reconciler" / "state.db")
lease = leases.take(store, "t", run="a1", clock=time.time)
run = Run(id="a1", tenant="t", contact_center="acme", provider="udesk", command="apply", started=1.0)
keep = lambda given: passwords.keep(given, PasswordStore(), root=str(root), contact_center="acme")
journal = RunJournal.begin(store, run, lease=lease, keep_passwords=keep, clock=time.time)

def say(*words):
    os.write(1, (" ".join(words) + "\\n").encode())

async def one(worker):
    for number in range(100_000):
        name = f"{worker}-{number}"
        intent = Attempt(call=Call("PUT", "/x", {"x": "y" * 500}, id=name), number=1, intended=1.0)
        await journal.intend([intent])
        say("intended", name)
        password = OneTimePassword(extension=name, password="pa55-" + name, number="1")
        given = (password,) if number % 7 == 0 else ()
        await journal.keep(intent.call, Learned(passwords=given, remember={("x", name): {}}))
        say("kept", name)
        if given:
            say("password", name)
        journal.ended(replace(intent, ending=Ending.DONE))

async def all():
    async with asyncio.TaskGroup() as group:
        for worker in range(8):
            group.create_task(one(worker))

asyncio.run(all())
"""


@pytest.mark.parametrize("lines", [0, 1, 9, 40, 150, 600])
def test_killed_at_any_moment(tmp_path: Path, lines: int) -> None:
    """After `kill -9` the store opens and is whole, and all that was said to be durable is there."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITES, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, encoding="ascii"
    ) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.readlines()
    where = tmp_path / ".reconciler" / "state.db"
    if lines == 0 and not where.exists():
        return  # killed before it began
    told: dict[str, set[str]] = {"intended": set(), "kept": set(), "password": set()}
    for line in said:
        if line.endswith("\n"):
            what, name = line.split()
            told[what].add(name)
    store = Store.open(where)
    with store.engine.connect() as connection:
        assert ["ok"] == list(connection.exec_driver_sql("PRAGMA integrity_check").scalars())
    found = journal.run(store, "a1")
    attempts = {item.call.id for item in found.attempts} if found is not None else set()
    assert set() == told["intended"] - attempts
    assert set() == told["kept"] - store.memory("t").of("x").keys()
    safe = tmp_path / ".reconciler" / "secrets" / "acme.json"
    given = json.loads(safe.read_text(encoding="utf-8"))["extensions"] if safe.exists() else {}
    assert set() == told["password"] - given.keys()
    assert isinstance(leases.take(store, "t", run="next", clock=time.time), leases.Lease)
    store.close()
