"""The store: where it is, what is wrong with it in plain words, and that losing it harms nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from reconciler.model.errors import StoreError
from reconciler.model.live import Memory
from reconciler.model.outcome import Learned
from reconciler.store.database import Store
from reconciler.store.tables import METADATA, SCHEMA, VERSION
from tests.commands import Commands, by_hand, configure, files
from tests.servers import APP_ID, Simulator

TENANT: Final = "udesk:acme:a54a"
SPARE: Final = 'extensions: ["8001"]\n'


def test_facts_come_back(tmp_path: Path) -> None:
    """What was learned is there in the next run, by tenant; what was forgotten is not; values keep their types."""
    where = tmp_path / "a folder" / "state.db"
    store = Store.open(where)
    facts = {("extensions", "8001"): {}, ("subscriptions", "crm"): {"id": "7", "名": ["a", 1, None]}}
    store.keep(TENANT, Learned(remember=facts))
    store.keep(TENANT, Learned(remember={("extensions", "8002"): {}}))
    store.keep(TENANT, Learned(remember={("extensions", "8001"): {"again": True}}, forget=(("extensions", "8002"),)))
    store.close()
    store = Store.open(where, writable=False)
    assert {
        "extensions": {"8001": {"again": True}},
        "subscriptions": {"crm": {"id": "7", "名": ["a", 1, None]}},
    } == store.memory(TENANT).facts
    assert {} == store.memory("udesk:other:a54a").facts
    store.close()


def test_what_was_applied_comes_back(tmp_path: Path) -> None:
    """The last applied state replaces the one before; None is "never", which is not the same as empty."""
    store = Store.open(tmp_path / "state.db")
    assert store.applied(TENANT) is None
    store.set_applied(TENANT, {})
    assert store.applied(TENANT) == {}
    store.set_applied(TENANT, {"queues": {"9001": {"name": "Sales", "timeout": 60, "on": True}}})
    assert store.applied(TENANT) == {"queues": {"9001": {"name": "Sales", "timeout": 60, "on": True}}}
    assert store.applied("other") is None
    store.close()


def test_reading_makes_nothing(tmp_path: Path) -> None:
    """Opened to read, a store that is not there is an empty one and is not made; one that is there is untouched."""
    store = Store.open(f"sqlite:///{tmp_path}/none/state.db", writable=False)
    assert Memory() == store.memory(TENANT)
    assert store.applied(TENANT) is None
    store.close()
    (tmp_path / "empty.db").touch()
    store = Store.open(tmp_path / "empty.db", writable=False)
    assert store.applied(TENANT) is None
    store.close()
    assert {"empty.db": b""} == files(tmp_path)
    assert ["empty.db"] == [path.name for path in tmp_path.iterdir()]
    Store.open(tmp_path / "empty.db").close()
    before = files(tmp_path)
    store = Store.open(tmp_path / "empty.db", writable=False)
    with pytest.raises(StoreError, match="readonly"):
        store.set_applied(TENANT, {})
    store.close()
    assert before == files(tmp_path)


@pytest.mark.parametrize("name", ["a b", "100%", "what?", "a#b", "中文", "a&mode=memory", "%20", "file:x"])
def test_folders_with_odd_names(command: Commands, tenant: Simulator, tmp_path: Path, name: str) -> None:
    """The store lies beside the configuration, however the folder is called."""
    path = configure(tmp_path / name / "acme.yaml", tenant, SPARE)
    command.ok("apply", path, "--yes")
    assert (tmp_path / name / ".reconciler" / "state.db").stat().st_size > 0
    assert [name] == [found.name for found in tmp_path.iterdir()]
    assert command("plan", path, "--detailed-exitcode").code == 0, "the spare extension is remembered"


def test_the_folder_ignores_itself_in_git(tmp_path: Path) -> None:
    """Passwords and history don't land in a repository by accident, and a folder of the user's own is left alone."""
    Store.open(tmp_path / ".reconciler" / "state.db").close()
    assert (tmp_path / ".reconciler" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    Store.open(f"sqlite:///{tmp_path}/own/state.db").close()
    assert ["state.db"] == [path.name for path in (tmp_path / "own").iterdir()]


def test_another_place(command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--state` wins over RECONCILER_STATE, which wins over the default; a relative path starts where the run does."""
    path = configure(tmp_path / "conf" / "acme.yaml", tenant, SPARE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECONCILER_STATE", "sqlite:///env/state.db")
    command.ok("--state", "sqlite:///option.db", "apply", path, "--yes")
    assert {"option.db"} == {name for name in files(tmp_path) if name.endswith(".db")}
    command.ok("apply", path, "--yes")
    assert (tmp_path / "env" / "state.db").exists()
    assert not (tmp_path / "conf" / ".reconciler" / "state.db").exists()
    monkeypatch.setenv("RECONCILER_STATE", "")
    command.ok("apply", path, "--yes")
    assert (tmp_path / "conf" / ".reconciler" / "state.db").exists()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no address of a store"),
        ("sqlite", "no address of a store"),
        ("://", "no address of a store"),
        ("postgresql://host:port/x", "no address of a store"),
        ("mysql://host/db", "sqlite or postgresql"),
        ("sqlite+aiosqlite:///x.db", "sqlite or postgresql"),
        ("postgresql+asyncpg://host/db", "sqlite or postgresql"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:////proc/none/state.db", "can't be made"),
        ("sqlite:////dev/null/state.db", "can't be made"),
    ],
)
def test_addresses_that_are_none(command: Commands, tenant: Simulator, tmp_path: Path, url: str, says: str) -> None:
    """A store that can't be opened stops an apply before anything is written, with a remedy, and shows no secret."""
    path = configure(tmp_path / "acme.yaml", tenant, SPARE)
    done = command("--state", url, "apply", path, "--yes")
    assert (1, True) == (done.code, says in done.err.replace("\n  ", " ")), done.err
    assert tenant.calls()["writes"] == 0


def test_a_driver_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL without its driver says what to install, and shows no password."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for writable in (False, True):
        with pytest.raises(StoreError, match="needs its driver") as caught:
            Store.open("postgresql://user:pa55word@127.0.0.1:9/x", writable=writable)
        assert "pip install" in caught.value.remedy
        assert "pa55word" not in str(caught.value) + caught.value.remedy


@pytest.mark.parametrize(
    "content", [b"this is no database at all, but long enough to be looked at" * 20, b"SQLite format 3\0"]
)
def test_a_file_that_is_no_database(command: Commands, tenant: Simulator, tmp_path: Path, content: bytes) -> None:
    """A corrupt store is an error that names it, for plan as for apply, and it is left as it is."""
    path = configure(tmp_path / "acme.yaml", tenant, SPARE)
    broken = tmp_path / "state.db"
    broken.write_bytes(content)
    for arguments in (("plan", path), ("apply", path, "--yes"), ("drift", path)):
        done = command("--state", f"sqlite:///{broken}", *arguments)
        assert (1, "") == (done.code, done.out)
        said = " ".join(done.err.split())
        assert f"the store {broken} is damaged".replace(" ", "") in said.replace(" ", "")  # lines break anywhere
        assert "move it away, with state.db-wal and state.db-shm" in said
        assert content == broken.read_bytes()
    assert tenant.calls()["writes"] == 0


def test_a_store_with_a_spoilt_page(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """It says which file, and what is lost without it; moved away, all goes on."""
    path = configure(tmp_path / "acme.yaml", tenant, SPARE)
    command.ok("apply", path, "--yes")
    state = tmp_path / ".reconciler" / "state.db"
    with sqlite3.connect(state) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'remembered'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(state.read_bytes())
    content[(root - 1) * size : root * size] = b"\xa5" * size
    state.write_bytes(content)
    for arguments in (("plan", path), ("apply", path, "--yes")):
        done = command(*arguments)
        assert 1 == done.code
        said = " ".join(done.err.split())
        assert f"the store {state} is damaged".replace(" ", "") in said.replace(" ", "")  # lines break anywhere
        assert "move it away, with state.db-wal and state.db-shm" in said
        assert "history and what only the store knew are gone" in said
    for file in state.parent.glob("state.db*"):
        file.rename(tmp_path / file.name)
    command.ok("apply", path, "--yes")


def test_nobody_else_reads_the_store(tmp_path: Path) -> None:
    """It holds names, numbers and mails of people, and so do the files beside it; one that is there is tightened."""
    state = tmp_path / "state.db"
    for older in (None, 0o644, 0o600):
        if older is not None:
            state.chmod(older)
        store = Store.open(state)
        store.keep(TENANT, Learned(remember={("extensions", "8001"): {}}))
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
        assert dict.fromkeys(("state.db", "state.db-wal", "state.db-shm"), 0o600) == modes
        store.close()


def test_a_store_that_a_group_shares_stays_the_group_s(tmp_path: Path) -> None:
    """Who lets a group write wants it so; the rest of the world is left out."""
    state = tmp_path / "state.db"
    Store.open(state).close()
    state.chmod(0o664)
    Store.open(state).close()
    assert 0o660 == state.stat().st_mode & 0o777
    Store.open(state, writable=False).close()


def test_a_newer_store(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A store that a newer version made is not touched."""
    path = configure(tmp_path / "acme.yaml", tenant, SPARE)
    newer = tmp_path / "state.db"
    with sqlite3.connect(newer) as connection:
        connection.execute("CREATE TABLE reconciler_schema (version INTEGER NOT NULL)")
        connection.execute("INSERT INTO reconciler_schema VALUES (99)")
    connection.close()
    before = newer.read_bytes()
    for arguments in (("plan", path), ("apply", path, "--yes")):
        done = command("--state", f"sqlite:///{newer}", *arguments)
        assert (1, "") == (done.code, done.out)
        assert "newer version" in done.err
        assert "Upgrade" in done.err
    assert before == newer.read_bytes()
    assert tenant.calls()["writes"] == 0


def test_an_older_store_is_carried_over(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """What a run of the first version kept is read as it is, and brought up to date by the next that writes."""
    path = configure(tmp_path / "acme.yaml", tenant, SPARE)
    older = tmp_path / "state.db"
    with sqlite3.connect(older) as connection:
        connection.executescript(
            """
            CREATE TABLE reconciler_schema (version INTEGER NOT NULL);
            INSERT INTO reconciler_schema VALUES (1);
            CREATE TABLE remembered (tenant VARCHAR(200) NOT NULL, section VARCHAR(64) NOT NULL,
                identity VARCHAR(255) NOT NULL, data JSON NOT NULL, PRIMARY KEY (tenant, section, identity));
            CREATE TABLE applied (tenant VARCHAR(200) NOT NULL, document JSON NOT NULL, PRIMARY KEY (tenant));
            """
        )
        connection.execute("INSERT INTO remembered VALUES (?, 'extensions', '8001', '{}')", (f"udesk:acme:{APP_ID}",))
    connection.close()
    by_hand(tenant, "POST", "extensions", {"Extension": "8001"})
    before = older.read_bytes()
    state = ("--state", f"sqlite:///{older}")
    assert command(*state, "plan", path, "--detailed-exitcode").code == 0
    assert before == older.read_bytes()
    command.ok(*state, "apply", path, "--yes")
    store = Store.open(older, writable=False)
    assert {"extensions": {"8001": {}}} == store.memory(f"udesk:acme:{APP_ID}").facts
    with store.engine.connect() as connected:
        assert [VERSION] == list(connected.execute(sa.select(SCHEMA.c.version)).scalars())
    store.close()


def test_a_run_that_died_while_it_wrote(tmp_path: Path) -> None:
    """What a power cut left half written is undone by the next run, also by one that only reads."""
    where = tmp_path / "state.db"
    store = Store.open(where)
    store.set_applied(TENANT, {"queues": {}})
    store.close()
    connection = sqlite3.connect(where, isolation_level=None)
    connection.execute("PRAGMA cache_size=0")
    connection.execute("PRAGMA cache_spill=1")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE applied SET document = '{\"half\": {}}'")
    for number in range(200):
        connection.execute("INSERT INTO remembered VALUES (?, 'x', ?, '{}')", (TENANT, f"{number}" * 200))
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, content in files(tmp_path).items():
        (copy / name).write_bytes(content)
    connection.close()
    assert {"state.db", "state.db-wal", "state.db-shm"} == files(copy).keys()
    store = Store.open(copy / "state.db", writable=False)
    assert store.applied(TENANT) == {"queues": {}}
    assert store.memory(TENANT) == Memory()
    store.close()


def test_losing_the_store_only_costs_knowledge(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Without it, a spare extension is ensured again (100015 = it is there), and nothing else differs."""
    path = configure(tmp_path / "acme.yaml", tenant)
    Path(path).write_text(Path(path).read_text(encoding="utf-8") + 'extensions: ["8005"]\n', encoding="utf-8")
    command.ok("apply", path, "--yes")
    assert command("plan", path, "--detailed-exitcode").code == 0
    (tmp_path / ".reconciler" / "state.db").unlink()
    lost = command.ok("plan", path, "--format", "json").json
    assert ["extensions/8005"] == [change["address"] for change in lost["changes"]]
    command.ok("apply", path, "--yes")
    assert command("plan", path, "--detailed-exitcode").code == 0


def test_a_spare_that_somebody_deleted_is_made_again(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """The store says it is there, and no read shows it: once binding it was refused, the next plan makes sure of it."""
    path = configure(tmp_path / "acme.yaml", tenant, SPARE)
    command.ok("apply", path, "--yes")
    by_hand(tenant, "DELETE", "extensions", {"Extension": "8001"})
    configure(tmp_path / "acme.yaml", tenant)  # where an agent wants it
    refused = command("apply", path, "--yes")
    assert 4 == refused.code
    assert "100018" in refused.err + refused.out
    command.ok("apply", path, "--yes")
    assert 0 == command("plan", path, "--detailed-exitcode").code


def test_tenants_don_t_mix(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """One store may serve many tenants: another one's facts are not taken for this one's."""
    path = configure(tmp_path / "acme.yaml", tenant, SPARE)
    state = ("--state", f"sqlite:///{tmp_path}/shared.db")
    command.ok(*state, "apply", path, "--yes")
    assert command(*state, "plan", path, "--detailed-exitcode").code == 0
    assert command(*state, "plan", path, "--set", "contact_center=other", "--detailed-exitcode").code == 2


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sqlite://", "CREATE INDEX attempts_open ON attempts (run) WHERE open = 1"),
        ("postgresql+psycopg://", "CREATE INDEX attempts_open ON attempts (run) WHERE open = true"),
    ],
)
def test_the_index_of_what_is_open_holds_nothing_else(address: str, said: str) -> None:
    """Few attempts are open and each apply asks for them, so in both databases the index is of those alone."""
    lines: list[str] = []
    dialect = sa.make_url(address).get_dialect()()
    engine = sa.create_mock_engine(address, lambda sql, *_, **__: lines.append(str(sql.compile(dialect=dialect))))
    METADATA.create_all(engine, checkfirst=False)
    assert [said] == [line for line in lines if "attempts_open" in line]


def test_the_store_in_a_file_costs_no_other_database() -> None:
    """SQLAlchemy's dialect of PostgreSQL takes 20 ms of each start to load."""
    script = "import sys, reconciler.store.journal; print(*(name for name in sys.modules if 'postgresql' in name))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
