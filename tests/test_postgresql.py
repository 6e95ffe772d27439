"""The store in PostgreSQL, on a real server: made and carried over by many at once, locked, and used by commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from reconciler.model.errors import StoreError
from reconciler.model.outcome import Learned
from reconciler.store import journal, leases
from reconciler.store.database import Store
from reconciler.store.tables import LEASES, SCHEMA, VERSION
from tests.commands import BODY, CREDENTIALS, Commands, configure, real
from tests.postgresql import PASSWORD, Server
from tests.servers import APP_ID, Simulator, simulator

TENANT: Final = f"udesk:acme:{APP_ID}"
ROOT: Final = Path(__file__).resolve().parent.parent
PATIENCE_S: Final = 60

# The tables as the first two versions made them.
FIRST: Final = (
    "CREATE TABLE reconciler_schema (version INTEGER NOT NULL)",
    """
    CREATE TABLE remembered (tenant VARCHAR(200) NOT NULL, section VARCHAR(64) NOT NULL,
        identity VARCHAR(255) NOT NULL, data JSON NOT NULL, PRIMARY KEY (tenant, section, identity))
    """,
    "CREATE TABLE applied (tenant VARCHAR(200) NOT NULL, document JSON NOT NULL, PRIMARY KEY (tenant))",
)
SECOND: Final = (
    """
    CREATE TABLE leases (tenant VARCHAR(200) NOT NULL, fence INTEGER NOT NULL, run VARCHAR(32),
        holder JSON NOT NULL, taken FLOAT NOT NULL, expires FLOAT NOT NULL, PRIMARY KEY (tenant))
    """,
)


@pytest.fixture
def url(postgresql: Server) -> str:
    """Give the address of an empty database."""
    return postgresql.database()


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    running: Server = request.getfixturevalue("postgresql")
    return running.database()


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """Do something several times, all begun together."""
    barrier = threading.Barrier(number)

    def begin(which: int) -> Any:
        barrier.wait(timeout=PATIENCE_S)
        return work(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number)))


def older(url: str, version: int) -> None:
    """Make a store as an earlier version did, with something in each table."""
    parsed = sa.make_url(url)
    engine = sa.create_engine(parsed.set(drivername="postgresql+psycopg") if "postgresql" in url else parsed)
    with engine.begin() as connection:
        for statement in FIRST + (SECOND if version == 2 else ()):
            connection.exec_driver_sql(statement)
        values = {"version": version, "tenant": TENANT, "empty": "{}", "document": '{"queues": {}}'}
        for statement in (
            "INSERT INTO reconciler_schema VALUES (:version)",
            "INSERT INTO remembered VALUES (:tenant, 'extensions', '8001', :empty)",
            "INSERT INTO applied VALUES (:tenant, :document)",
            *(["INSERT INTO leases VALUES (:tenant, 41, NULL, :empty, 0, 0)"] if version == 2 else ()),
        ):
            connection.execute(sa.text(statement), values)
    engine.dispose()


def test_made_by_many_at_once(state: str) -> None:
    """Whoever comes first makes the tables; all can use them, and there is one version."""
    stores = at_once(6, lambda _: Store.open(state))
    at_once(6, lambda which: stores[which].keep(TENANT, Learned(remember={("extensions", f"{which}"): {}})))
    assert {f"{which}" for which in range(6)} == stores[0].memory(TENANT).of("extensions").keys()
    with stores[0].reading() as connection:
        assert [VERSION] == list(connection.execute(sa.select(SCHEMA.c.version)).scalars())
    for store in stores:
        store.close()


@pytest.mark.parametrize("version", [1, 2])
def test_carried_over_by_many_at_once(state: str, version: int) -> None:
    """An older store keeps what it has, is read as it is, and is brought up to date once; a lock's token grows on."""
    older(state, version)
    store = Store.open(state, writable=False)
    assert ({"8001": {}}, ()) == (store.memory(TENANT).of("extensions"), journal.runs(store))
    store.close()
    stores = at_once(4, lambda _: Store.open(state))
    for store in stores:
        assert {"8001": {}} == store.memory(TENANT).of("extensions")
        assert {"queues": {}} == store.applied(TENANT)
        assert () == journal.runs(store)
    lease = leases.take(stores[0], TENANT, run="next", clock=time.time)
    assert isinstance(lease, leases.Lease)
    assert (42 if version == 2 else 1) == lease.fence
    with stores[0].reading() as connection:
        assert [VERSION] == list(connection.execute(sa.select(SCHEMA.c.version)).scalars())
        expected = set(SCHEMA.metadata.tables)
        assert expected == set(sa.inspect(connection).get_table_names())
    for store in stores:
        store.close()


def test_an_older_store_has_what_a_new_one_has(postgresql: Server) -> None:
    """Carried over or made anew, the tables have the same columns, keys and indexes."""
    shapes = []
    for version in (0, 1, 2):
        url = postgresql.database()
        if version:
            older(url, version)
        store = Store.open(url)
        inspector = sa.inspect(store.engine)
        shapes.append(
            {
                table: (
                    [
                        (column["name"], str(column["type"]), column["nullable"])
                        for column in inspector.get_columns(table)
                    ],
                    inspector.get_pk_constraint(table)["constrained_columns"],
                    sorted(str(index["name"]) for index in inspector.get_indexes(table)),
                )
                for table in inspector.get_table_names()
            }
        )
        store.close()
    assert [shapes[0]] * 2 == shapes[1:]


def test_a_newer_store_is_left_alone(url: str) -> None:
    """Nothing is made in it, and the error says what to do."""
    older(url, 7)
    for writable in (False, True):
        with pytest.raises(StoreError, match="newer version") as caught:
            Store.open(url, writable=writable)
        assert "Upgrade" in caught.value.remedy
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    assert {"reconciler_schema", "remembered", "applied"} == set(sa.inspect(engine).get_table_names())
    engine.dispose()


def test_a_database_without_tables_is_empty_for_readers(url: str) -> None:
    """A plan reads nothing from it, and makes nothing in it."""
    store = Store.open(url, writable=False)
    assert (True, {}, None, ()) == (store.empty, store.memory(TENANT).facts, store.applied(TENANT), journal.runs(store))
    assert [] == sa.inspect(store.engine).get_table_names()
    store.close()


def test_the_server_s_clock_says_whose_lock_it_is(url: str) -> None:
    """A client whose clock is a day off neither takes a lock that is renewed, nor holds one too long."""
    stores = [Store.open(url) for _ in range(2)]
    first = leases.take(stores[0], TENANT, run="first", clock=lambda: time.time() - 86_400)
    assert isinstance(first, leases.Lease)
    with stores[0].writing() as connection:  # as if it ran on another machine
        connection.execute(sa.update(LEASES).values(holder={"user": "ann", "host": "far", "pid": 1, "process": {}}))
    found = leases.take(stores[1], TENANT, run="second", clock=lambda: time.time() + 86_400)
    assert isinstance(found, leases.Holder)
    assert first.renew()
    with stores[0].reading() as connection:
        expires = connection.execute(sa.select(LEASES.c.expires)).scalar_one()
    assert leases.LASTS_S == pytest.approx(expires - time.time(), abs=PATIENCE_S / 2)
    with stores[0].writing() as connection:  # its last heartbeat is long ago
        connection.execute(sa.update(LEASES).values(expires=expires - 2 * leases.LASTS_S))
    found = leases.take(stores[1], TENANT, run="second", clock=lambda: time.time() - 86_400)
    assert isinstance(found, leases.Lease)
    for store in stores:
        store.close()


def test_of_those_who_take_the_lock_at_once_one_has_it(state: str) -> None:
    """Exactly one, each time; the token never goes back."""
    stores = at_once(5, lambda _: Store.open(state))
    fences = []
    for turn in range(5):
        found = at_once(5, lambda which: leases.take(stores[which], TENANT, run=f"{which}", clock=time.time))
        (lease,) = [item for item in found if isinstance(item, leases.Lease)]
        assert {lease.holder.run} == {item.run for item in found if isinstance(item, leases.Holder)}, turn
        lease.check()
        fences.append(lease.fence)
        lease.release()
    assert fences == sorted(set(fences))
    for store in stores:
        store.close()


def test_nobody_takes_the_lock_in_the_middle_of_an_intent(url: str) -> None:
    """Who wants it, or frees it, waits until the transaction that made sure of it has ended."""
    ours, theirs = Store.open(url), Store.open(url)
    lease = leases.take(ours, TENANT, run="ours", clock=time.time)
    assert isinstance(lease, leases.Lease)
    freed = threading.Event()

    def free() -> None:
        leases.free(theirs, TENANT)
        freed.set()

    thread = threading.Thread(target=free)
    with ours.writing() as connection:
        lease.confirm(connection)
        thread.start()
        waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        until = time.monotonic() + PATIENCE_S
        while not connection.execute(waits).scalar():
            assert time.monotonic() < until
        assert not freed.is_set()
        lease.confirm(connection)
    thread.join(timeout=PATIENCE_S)
    assert freed.is_set()
    with pytest.raises(StoreError, match="lock of this tenant was lost"):
        lease.check()
    ours.close()
    theirs.close()


def test_a_connection_that_broke_is_made_anew(postgresql: Server, url: str) -> None:
    """A server that was restarted in between costs no lock."""
    store = Store.open(url)
    lease = leases.take(store, TENANT, run="ours", clock=time.time)
    assert isinstance(lease, leases.Lease)
    postgresql.disconnect(str(sa.make_url(url).database))
    lease.check()
    assert lease.renew()
    lease.release()
    store.close()


def wrong(postgresql: Server) -> Iterator[str]:
    """Give addresses that are wrong in some way, each with a password."""
    yield postgresql.url("postgres", password="wr0ng-pa55")
    yield postgresql.url("no such database")
    yield f"postgresql://nobody:{PASSWORD}@/postgres?host={postgresql.folder}"
    yield f"postgresql://team:{PASSWORD}@127.0.0.1:1/postgres"
    yield f"postgresql://team:{PASSWORD}@/postgres?host=/nowhere"
    yield f"postgresql://team:{PASSWORD}@/postgres?host={postgresql.folder}&sslmode=odd"
    yield f"postgresql://team:{PASSWORD}@/postgres?host={postgresql.folder}&odd=1"
    yield f"postgresql://team:{PASSWORD}@/postgres?host={postgresql.folder}&connect_timeout=soon"
    yield f"postgresql://team@/postgres?host={postgresql.folder}&password={PASSWORD}x"
    yield f"postgresql://team:{PASSWORD}%zz@/postgres?host={postgresql.folder}"
    yield f"postgresql://team:{PASSWORD}@[::1/postgres"
    yield f"postgresql://team:{PASSWORD}@/postgres%00?host={postgresql.folder}"


def test_no_error_shows_the_password(postgresql: Server, command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Whatever is wrong with the address, it is a 1 in a sentence without the password, and nothing is written."""
    path = configure(tmp_path / "acme.yaml", tenant)
    for address in wrong(postgresql):
        for arguments in (("plan", path), ("apply", path, "--yes")):
            done = command("-vv", "--state", address, *arguments)
            assert 1 == done.code, (address, done)
            assert "pa55" not in done.out + done.err, address
            assert "--state" in done.err, address
    assert 0 == tenant.calls()["writes"]


def test_commands_from_end_to_end(url: str, command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Plan, apply, and what is remembered, from two places with one store; nothing lies beside the configuration."""
    body = BODY + 'extensions: ["8005"]\n'
    one = configure(tmp_path / "one" / "acme.yaml", tenant, body)
    two = configure(tmp_path / "two" / "acme.yaml", tenant, body)
    assert 2 == command("--state", url, "plan", one, "--detailed-exitcode").code
    command.ok("--state", url, "apply", one, "--yes")
    assert 0 == command("--state", url, "plan", two, "--detailed-exitcode").code, "the spare extension is remembered"
    assert not (tmp_path / "one" / ".reconciler" / "state.db").exists()
    store = Store.open(url, writable=False)
    (found,) = journal.runs(store, TENANT)
    whole = journal.run(store, found.id[:4])
    assert whole is not None
    assert tenant.calls()["writes"] == len(whole.attempts) == found.calls
    assert () == journal.open_attempts(store, TENANT)
    store.close()
    assert found.id[:8] in command.ok("--state", url, "history", "list", one).out
    assert "Nobody holds the lock." in command.ok("--state", url, "unlock", two).out


def started(state: str, path: str, *more: str) -> subprocess.Popen[str]:
    """Start an apply in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", "--state", state, "apply", path, "--yes", *more],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", "")} | CREDENTIALS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a process; give its exit code, and all that it said."""
    with process:
        out, err = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in err, err
    return process.returncode, out + err


def test_two_applies_at_once_write_one_after_the_other(state: str, tmp_path: Path) -> None:
    """Both wait for the lock, both finish, and all writes of one come before all of the other."""
    queues = "".join(f'  q{number}: {{id: "{number}", name: Queue {number}}}\n' for number in range(9001, 9013))
    numbers = json.dumps([f"{number}" for number in range(8001, 8013)])
    with simulator(latency_ms=20) as running:
        paths = (
            configure(tmp_path / "one" / "acme.yaml", running, f"queues:\n{queues}"),
            configure(tmp_path / "two" / "acme.yaml", running, f"extensions: {numbers}\n"),
        )
        both = [started(state, path, "--lock-timeout", f"{PATIENCE_S}") for path in paths]
        for process in both:
            code, said = ended(process)
            assert 0 == code, said
        log = sorted(running.calls()["calls"], key=lambda call: call["at_s"])
    writes = [call for call in log if call["method"] != "GET"]
    kinds = [call["path"].rpartition("/")[2] for call in writes]
    assert {"queues": 12, "extensions": 12} == {kind: kinds.count(kind) for kind in kinds}
    assert 1 == sum(kinds[place] != kinds[place - 1] for place in range(1, len(kinds))), kinds
    turn = next(place for place in range(1, len(kinds)) if kinds[place] != kinds[place - 1])
    assert max(call["at_s"] + call["took_s"] for call in writes[:turn]) <= writes[turn]["at_s"]


def test_the_second_of_two_applies_is_refused(state: str, tmp_path: Path) -> None:
    """While one is in the middle of its writes another ends with 3 and writes nothing; the first finishes."""
    reached, go_on = tmp_path / "reached", tmp_path / "go_on"
    for pipe in (reached, go_on):
        os.mkfifo(pipe)
    holds = f"open({str(reached)!r}, 'w').close(); open({str(go_on)!r}).close()"
    command = json.dumps([sys.executable, "-c", holds])
    with simulator() as running:
        secrets = f"secrets: {{extension_passwords: {{command: {command}}}}}\n"
        first = configure(tmp_path / "one" / "acme.yaml", running, secrets + BODY)
        second = configure(tmp_path / "two" / "acme.yaml", running)
        process = started(state, first)
        with reached.open(encoding="utf-8"):  # it has made the extension, and hands its password over
            pass
        before = running.calls()["writes"]
        refused = real("--state", state, "apply", second, "--yes", cwd=ROOT)
        after = running.calls()["writes"]
        with go_on.open("w", encoding="utf-8"):
            pass
        code, said = ended(process)
        assert (3, True) == (refused.code, "lock-held" in refused.err), refused
        assert 0 == code, said
        assert 0 < before
        assert after - before <= 3, "what the first still had in flight"
        assert running.state()["sections"]["agents"]["10031"]["extensions"] == ["8001"]
