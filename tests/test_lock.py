"""One writer per tenant: who has the lock, who waits, whose lock ends, and that a writer who lost it stops."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from reconciler import pipeline
from reconciler.model.errors import Refused, StoreError
from reconciler.model.outcome import Result
from reconciler.store import leases
from reconciler.store.database import Store
from reconciler.store.tables import LEASES
from tests.commands import CREDENTIALS, Commands, configure
from tests.servers import APP_ID, Simulator

TENANT: Final = f"udesk:acme:{APP_ID}"
TAKES_AND_DIES: Final = """
import sys, time
from pathlib import Path
from reconciler.store import leases
from reconciler.store.database import Store
found = leases.take(Store.open(Path(sys.argv[1])), sys.argv[2], run="dead", clock=time.time)
assert isinstance(found, leases.Lease)
"""


class Clock:
    """Unix seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Open the store that commands find beside their configuration."""
    return Store.open(tmp_path / ".reconciler" / "state.db")


def elsewhere(store: Store) -> None:
    """Have whoever holds the lease hold it on another machine."""
    with store.writing() as connection:
        held = connection.execute(sa.select(LEASES.c.holder).where(LEASES.c.tenant == TENANT)).scalar_one()
        process = {**held["process"], "boot": "another"}
        connection.execute(sa.update(LEASES).values(holder={**held, "host": "far", "process": process}))


def taken(store: Store, clock: Clock, run: str = "first") -> leases.Lease:
    """Take the lease; it must be free."""
    found = leases.take(store, TENANT, run=run, clock=clock)
    assert isinstance(found, leases.Lease)
    return found


def test_one_at_a_time(store: Store) -> None:
    """A second run learns who has the lock and since when; other tenants have locks of their own; free is free."""
    clock = Clock()
    first = taken(store, clock)
    clock.now += 5
    holder = leases.take(store, TENANT, run="second", clock=clock)
    assert isinstance(holder, leases.Holder)
    assert ("first", 1_800_000_000.0) == (holder.run, holder.since)
    assert "since 2027-01-15 08:00:00 UTC" in holder.named
    assert isinstance(leases.take(store, "another tenant", run="second", clock=clock), leases.Lease)
    first.release()
    assert 2 == taken(store, clock, "second").fence


def test_a_lease_that_nobody_renews_ends(store: Store) -> None:
    """Elsewhere nobody can ask whether the holder lives: after a minute without a heartbeat another may take it."""
    clock = Clock()
    first = taken(store, clock)
    elsewhere(store)
    clock.now += leases.LASTS_S - 1
    assert first.renew()
    clock.now += leases.LASTS_S - 1
    assert isinstance(leases.take(store, TENANT, run="second", clock=clock), leases.Holder)
    clock.now += 2
    second = taken(store, clock, "second")
    assert first.fence < second.fence
    assert not first.renew()
    second.check()
    with pytest.raises(StoreError, match="lock of this tenant was lost"):
        first.check()
    first.release()  # is not its to release any more
    second.check()


def test_who_lives_here_keeps_it_whatever_the_clocks_say(store: Store) -> None:
    """A process of this machine is asked, not its clock: neither one that runs ahead nor one that hangs loses it."""
    clock = Clock()
    first = taken(store, clock)
    for seconds in (120.0, 86_400.0, -172_800.0):
        clock.now += seconds
        assert isinstance(leases.take(store, TENANT, run="second", clock=clock), leases.Holder)
    first.check()
    leases.free(store, TENANT)
    taken(store, clock, "second")


def test_who_died_here_holds_nothing(store: Store, tmp_path: Path) -> None:
    """A process of this machine that is gone is found out at once, however it ended."""
    command = (sys.executable, "-c", TAKES_AND_DIES, str(tmp_path / ".reconciler" / "state.db"), TENANT)
    subprocess.run(command, check=True, timeout=60)
    assert isinstance(leases.take(store, TENANT, run="next", clock=time.time), leases.Lease)


def test_apply_is_refused_while_another_writes(
    command: Commands, tenant: Simulator, store: Store, tmp_path: Path
) -> None:
    """Exit 3, with who holds it and what to do; plan and drift read all the same; nothing is written."""
    path = configure(tmp_path / "acme.yaml", tenant)
    found = leases.take(store, TENANT, run="first", clock=time.time)
    assert isinstance(found, leases.Lease)
    done = command("apply", path, "--yes")
    assert (3, "") == (done.code, done.out)
    assert "lock-held" in done.err
    assert "run first" in done.err
    assert "reconciler unlock" in done.err.replace("\n", " ")
    assert 0 == tenant.calls()["writes"]
    assert 0 == command("plan", path).code
    found.release()
    command.ok("apply", path, "--yes")


def test_unlock_frees_and_says_whose_it_was(command: Commands, tenant: Simulator, store: Store, tmp_path: Path) -> None:
    """And says so when nobody has it; who had it stops before its next write."""
    path = configure(tmp_path / "acme.yaml", tenant)
    assert "Nobody holds the lock." in command.ok("unlock", path).out
    found = leases.take(store, TENANT, run="first", clock=time.time)
    assert isinstance(found, leases.Lease)
    assert "run first" in command.ok("unlock", path).out
    command.ok("apply", path, "--yes")
    with pytest.raises(StoreError, match="lost"):
        found.check()


def session(tenant: Simulator, tmp_path: Path) -> pipeline.Session:
    """Open a session on a small tenant."""
    request = pipeline.Request(path=configure(tmp_path / "acme.yaml", tenant), environ=CREDENTIALS)
    return pipeline.open_session(pipeline.read(request), request)


def test_a_run_waits_as_long_as_it_was_told(tenant: Simulator, store: Store, tmp_path: Path) -> None:
    """It says once for whom it waits; then it has the lock, or is refused."""
    clock = Clock()
    first = taken(store, clock)
    waits = session(tenant, tmp_path)
    waits.clock, waits.sleep = clock, clock.sleep
    said: list[str] = []
    with pytest.raises(Refused):
        asyncio.run(pipeline.lock(waits, timeout_s=7.5, waiting=said.append))
    assert 1_800_000_007.5 == clock.now
    assert ["run first" in text for text in said] == [True]

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        first.release()

    waits.sleep = sleep
    asyncio.run(pipeline.lock(waits, timeout_s=60, waiting=said.append))
    assert waits.lease is not None
    waits.close()
    assert 3 == taken(store, clock, "third").fence


def test_a_writer_that_lost_the_lock_stops(tenant: Simulator, store: Store, tmp_path: Path) -> None:
    """What is in flight is finished and kept, nothing more is sent, and the result says why."""
    writer = session(tenant, tmp_path)

    async def write() -> tuple[int, Result]:
        await pipeline.lock(writer)
        made, live = await pipeline.plan(writer)
        seen: list[object] = []

        def lose(outcome: object) -> None:
            seen.append(outcome)
            leases.free(store, writer.tenant)

        writer.progress = pipeline.Progress(outcome=lose)
        return len(made.calls), await pipeline.apply(writer, made, live)

    planned, result = asyncio.run(write())
    writer.close()
    errors = [str(outcome.error) for outcome in result.outcomes if outcome.error is not None]
    assert any("lock of this tenant was lost" in text for text in errors), errors
    assert 0 < tenant.calls()["writes"] < planned
    assert result.wrote
    assert not result.complete


def test_a_writer_whose_store_was_removed_stops(tenant: Simulator, tmp_path: Path) -> None:
    """Another run would find no lock: what is in flight is finished, nothing more is sent, the result says why."""
    writer = session(tenant, tmp_path)

    async def write() -> tuple[int, Result]:
        await pipeline.lock(writer)
        made, live = await pipeline.plan(writer)

        def remove(_outcome: object) -> None:
            shutil.rmtree(tmp_path / ".reconciler", ignore_errors=True)

        writer.progress = pipeline.Progress(outcome=remove)
        return len(made.calls), await pipeline.apply(writer, made, live)

    planned, result = asyncio.run(write())
    writer.close()
    errors = [str(outcome.error) for outcome in result.outcomes if outcome.error is not None]
    assert any("was removed while this run was writing" in text for text in errors), errors
    assert 0 < tenant.calls()["writes"] < planned
    assert not result.complete
