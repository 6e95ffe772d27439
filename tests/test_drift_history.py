"""What looks for drift remember: new, still there, resolved; since when; in a store that stays small."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from reconciler.model.change import Action, Change, MemberChange, Source, ValueChange
from reconciler.model.drift import DriftState, Look, Seen, fingerprint
from reconciler.model.secret import Mask
from reconciler.providers.tencent import PROVIDER as TENCENT
from reconciler.store import findings
from reconciler.store.database import Store
from reconciler.store.tables import DRIFT_RUNS, FINDINGS, SCHEMA, VERSION
from tests.commands import BODY, CREDENTIALS, Commands, by_hand, configure, configure_tencent, real
from tests.postgresql import Server
from tests.servers import AUTH_TOKEN, SID, Simulator, running

SALES: Final = {"QueueId": "9001", "QueueName": "Sales", "Timeout": 60, "MaxLength": 128}
LI_WEI: Final = {"AgentId": "10031", "Queues": ["9001"]}
TENANT: Final = "udesk:acme:x"
PATIENCE_S: Final = 60
UPDATE: Final = Change(
    section="queues",
    name="sales",
    identity="9001",
    action=Action.UPDATE,
    fields=(
        ValueChange(path="name", before="Verkauf", after="Sales"),
        MemberChange(path="agents", add=("1", "2"), remove=("3",)),
    ),
    source=Source(file="a.yaml", line=3, column=1),
)


@pytest.fixture
def applied(command: Commands, tenant: Simulator, tmp_path: Path) -> str:
    """Give the path of a configuration that is applied."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    return path


def looked(command: Commands, path: str, *more: str) -> dict[str, Any]:
    """Look for drift; give the document."""
    done = command("drift", path, "--format", "json", *more)
    assert done.code == (2 if done.json["drift"] else 0)
    document: dict[str, Any] = done.json
    return document


def statuses(document: dict[str, Any]) -> dict[str, str]:
    """Give what is known of each finding."""
    return {item["address"]: item["status"] for item in document["drift"]}


def named(tenant: Simulator, name: str) -> None:
    """Give the queue another name by hand."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": name})


def test_a_findings_life(command: Commands, tenant: Simulator, applied: str) -> None:
    """New, then still there since then, then resolved and told once, then nothing; seen again it is new."""
    assert [] == looked(command, applied)["drift"]
    named(tenant, "Verkauf")
    by_hand(tenant, "DELETE", "agents/queues", LI_WEI)
    first = looked(command, applied)
    assert {"queues/sales": "new", "agents/li.wei": "new"} == statuses(first)
    again = looked(command, applied)
    assert {"queues/sales": "still there", "agents/li.wei": "still there"} == statuses(again)
    keep = ("fingerprint", "first_seen")
    assert [[item[key] for key in keep] for item in first["drift"]] == [
        [item[key] for key in keep] for item in again["drift"]
    ]
    assert all(item["first_seen"] < item["last_seen"] for item in again["drift"])
    named(tenant, "Sales")
    resolved = looked(command, applied)
    assert {"agents/li.wei": "still there"} == statuses(resolved)
    (gone,) = resolved["resolved"]
    assert ("queues/sales", "changed", "name Sales → Verkauf") == (gone["address"], gone["drift"], gone["what"])
    assert gone["first_seen"] < gone["resolved"]
    assert [] == looked(command, applied)["resolved"]
    named(tenant, "Verkauf")
    back = looked(command, applied)
    assert {"queues/sales": "new", "agents/li.wei": "still there"} == statuses(back)
    sales = {item["address"]: item for item in back["drift"]}["queues/sales"]
    assert gone["fingerprint"] == sales["fingerprint"]
    assert gone["resolved"] < sales["first_seen"]


def test_it_is_told_in_words(command: Commands, tenant: Simulator, applied: str) -> None:
    """A person sees what is new first, what was there since when, and what is gone; on 80 columns."""
    named(tenant, "Verkauf")
    said = command("drift", applied).out
    assert "Changed by hand (files → live):" in said
    assert "1 changed, 0 missing, 0 that should not be there; 1 new" in said
    by_hand(tenant, "DELETE", "agents/queues", LI_WEI)
    said = command("drift", applied).out
    assert said.index("New since the last look") < said.index("Li Wei") < said.index("Still there, since 20")
    assert "1 new, 1 still there" in said
    named(tenant, "Sales")
    said = command("drift", applied).out
    assert "Resolved since the last look:\n  queues Sales (9001)  changed, first seen 20" in said
    assert max(map(len, said.splitlines())) <= 80


def test_a_second_change_by_hand_takes_the_place_of_the_first(
    command: Commands, tenant: Simulator, applied: str
) -> None:
    """It is a new finding with a fingerprint of its own, and nothing was resolved by it."""
    named(tenant, "Verkauf")
    (first,) = looked(command, applied)["drift"]
    named(tenant, "Vente")
    document = looked(command, applied)
    (second,) = document["drift"]
    assert ("new", first["fingerprint"], []) == (second["status"], second["replaces"], document["resolved"])
    assert first["fingerprint"] != second["fingerprint"]
    said = command("history", "show", document["run"], str(Path(applied).parent)).out
    assert "Changed once more, was" in said
    assert "Resolved" not in said


def test_the_files_have_no_part_in_a_fingerprint(command: Commands, tenant: Simulator, applied: str) -> None:
    """Moved, reformatted, renamed locally, in another file: it is the same finding."""
    named(tenant, "Verkauf")
    by_hand(tenant, "DELETE", "agents/queues", LI_WEI)
    before = {item["identity"]: item["fingerprint"] for item in looked(command, applied)["drift"]}
    text = Path(applied).read_text(encoding="utf-8").replace(BODY, "")
    Path(applied).write_text(
        f"{text}\n\n# moved\nagents:\n  wei:\n    name: Li Wei\n    queues: [verkauf]\n    id: '10031'\n"
        "    extensions: ['8001']\n    work_id: '22024'\nqueues:\n  verkauf:\n    name: Sales\n    id: '9001'\n",
        encoding="utf-8",
    )
    document = looked(command, applied)
    assert before == {item["identity"]: item["fingerprint"] for item in document["drift"]}
    assert {"queues/verkauf": "still there", "agents/wei": "still there"} == statuses(document)
    assert [] == document["resolved"]


def test_what_a_fingerprint_is_made_of() -> None:
    """The tenant, the object, what happened, and the live values; 32 hex digits that no version may change lightly."""
    found = fingerprint(TENANT, UPDATE)
    assert "9c081b56682fdff7b5eb7de7f3c1a08c" == found
    (name, agents) = UPDATE.fields
    same = (
        replace(UPDATE, name="other", source=None, label="Sales"),
        replace(UPDATE, fields=(agents, name)),
        replace(UPDATE, fields=(ValueChange(path="name", before="Verkauf", after="another wish"), agents)),
    )
    assert {found} == {fingerprint(TENANT, item) for item in same}
    other = [
        fingerprint("udesk:acme:y", UPDATE),
        fingerprint(TENANT, replace(UPDATE, section="agents")),
        fingerprint(TENANT, replace(UPDATE, identity="9002")),
        fingerprint(TENANT, replace(UPDATE, action=Action.CREATE)),
        fingerprint(TENANT, replace(UPDATE, action=Action.DELETE)),
        fingerprint(TENANT, replace(UPDATE, fields=(name,))),
        fingerprint(TENANT, replace(UPDATE, fields=(ValueChange(path="name", before="Vente", after="Sales"), agents))),
        fingerprint(TENANT, replace(UPDATE, fields=(name, MemberChange(path="agents", add=("1", "2"), remove=("4",))))),
    ]
    assert len(other) == len({*other} - {found})


def test_files_ahead_are_no_finding(command: Commands, tenant: Simulator, applied: str) -> None:
    """What is not applied yet is pending and no drift, also beside what a hand did to the same object."""
    text = Path(applied).read_text(encoding="utf-8")
    Path(applied).write_text(text.replace("name: Sales}", "name: Sales, timeout: 99}"), encoding="utf-8")
    document = looked(command, applied)
    assert ([], ["queues/sales"]) == (document["drift"], document["pending"])
    named(tenant, "Verkauf")
    document = looked(command, applied)
    assert ({"queues/sales": "new"}, ["queues/sales"]) == (statuses(document), document["pending"])
    assert ["name"] == [item["path"] for item in document["drift"][0]["fields"]]


def test_a_look_that_failed_resolves_nothing(command: Commands, tenant: Simulator, applied: str) -> None:
    """The history says that it failed; what was found before is still there at the next look."""
    named(tenant, "Verkauf")
    looked(command, applied)
    tenant.control(
        "POST", "faults", {"kind": "refused", "method": "GET", "api": "queues", "code": "000001", "times": 9}
    )
    assert 1 == command("drift", applied).code
    tenant.control("DELETE", "faults")
    assert {"queues/sales": "still there"} == statuses(looked(command, applied))
    folder = str(Path(applied).parent)
    states = [item["state"] for item in command.ok("history", "list", folder, "--format", "json").json["drift"]]
    assert ["drift", "failed"] == states
    (failed,) = [
        item
        for item in command.ok("history", "list", folder, "--format", "json").json["drift"]
        if item["state"] == "failed"
    ]
    assert "000001" in failed["problem"] or failed["problem"]
    assert "problem" in command.ok("history", "show", failed["run"], folder).out


def test_what_the_files_no_longer_manage_is_not_told_as_resolved(
    command: Commands, tenant: Simulator, applied: str
) -> None:
    """Somebody's change that nobody looks at any more is still there."""
    named(tenant, "Verkauf")
    assert {"queues/sales": "new"} == statuses(looked(command, applied))
    path = Path(applied)
    text = path.read_text(encoding="utf-8").replace('queues:\n  sales: {id: "9001", name: Sales}\n', "")
    path.write_text(text.replace("queues: [sales]", 'queues: ["9001"]'), encoding="utf-8")
    document = looked(command, applied)
    assert ([], []) == (document["drift"], document["resolved"])


def test_looks_that_see_the_same_are_one(command: Commands, tenant: Simulator, applied: str) -> None:
    """A job that looks every five minutes adds a row only when something changes; looks beside applies in the list."""
    for _ in range(3):
        looked(command, applied)
    named(tenant, "Verkauf")
    runs = {looked(command, applied)["run"] for _ in range(4)}
    assert len(runs) == 1
    folder = str(Path(applied).parent)
    document = command.ok("history", "list", folder, "--format", "json").json
    assert [("drift", 4), ("no drift", 3)] == [(item["state"], item["times"]) for item in document["drift"]]
    assert ["apply"] == [item["command"] for item in document["runs"]]
    said = command.ok("history", "list", folder).out
    assert "1 found (4 times)" in said
    assert "no drift (3 times)" in said
    assert said.index("drift ") < said.index("apply ")
    assert max(map(len, said.splitlines())) <= 80
    assert 1 == len(command.ok("history", "list", folder, "--limit", "1", "--format", "json").json["drift"])


def test_one_look_in_full(command: Commands, tenant: Simulator, applied: str) -> None:
    """By its id or the start of it: what it found and since when, as text and as JSON; it is nothing to roll back."""
    named(tenant, "Verkauf")
    by_hand(tenant, "DELETE", "agents/queues", LI_WEI)
    run = looked(command, applied)["run"]
    folder = str(Path(applied).parent)
    said = command.ok("history", "show", run[:8], folder).out
    assert f"Look {run}: drift of acme (udesk), drift" in said
    assert "~ queues Sales (9001)  changed, since 20" in said
    assert "name Sales → Verkauf" in said
    document = command.ok("history", "show", run, folder, "--format", "json").json
    assert ("reconciler-look/1", run, 2) == (document["format"], document["run"], len(document["new"]))
    assert {"queues/sales", "agents/li.wei"} == {item["address"] for item in document["findings"]}
    done = command("rollback", run, "--config", applied)
    assert (1, True) == (done.code, "is a look for drift" in done.err)
    assert "apply" in command.ok("history", "show", "last", folder).out


def test_names_do_nothing(command: Commands, tenant: Simulator, applied: str) -> None:
    """What the vendor has may try to move the cursor, in a look as in the history of it."""
    named(tenant, "\x1b[2J[bold]\u202eevil\n::error::x")
    folder = str(Path(applied).parent)
    run = looked(command, applied)["run"]
    for arguments in (("drift", applied), ("history", "show", run, folder), ("history", "list", folder)):
        said = command(*arguments).out
        assert not {"\x1b", "\u202e"} & {*said}
        assert "\n::error::" not in said


def test_secrets_stay_out_of_the_history(command: Commands, tenant: Simulator, applied: str) -> None:
    """A credential that somebody pasted into a name is masked before it is kept."""
    named(tenant, f"x {AUTH_TOKEN} y")
    document = looked(command, applied)
    assert "x *** y" in json.dumps(document)
    folder = Path(applied).parent
    said = command.ok("history", "show", document["run"], str(folder)).out
    assert "x *** y" in said
    kept = b"".join(file.read_bytes() for file in (folder / ".reconciler").iterdir() if file.is_file())
    assert AUTH_TOKEN.encode() not in kept


@pytest.mark.parametrize("place", ["a file", "read only"])
def test_without_a_store_that_can_be_written(
    command: Commands, tenant: Simulator, applied: str, tmp_path: Path, place: str
) -> None:
    """Drift is told all the same, with a warning that nothing is kept, and what the store knows is made use of."""
    named(tenant, "Verkauf")
    looked(command, applied)
    if place == "a file":
        (tmp_path / "file").write_text("", encoding="utf-8")
        done = command("--state", f"sqlite:///{tmp_path}/file/state.db", "drift", applied, "--format", "json")
        known = None
    else:
        state = tmp_path / ".reconciler" / "state.db"
        with sqlite3.connect(state) as connection:
            connection.execute(
                "CREATE TRIGGER no BEFORE INSERT ON drift_runs BEGIN SELECT RAISE(ABORT, 'read only'); END"
            )
            connection.execute("CREATE TRIGGER no2 BEFORE UPDATE ON drift_runs BEGIN SELECT RAISE(ABORT, 'no'); END")
        connection.close()
        done = command("drift", applied, "--format", "json")
        known = "still there"
    assert (2, "", [known]) == (done.code, done.json["run"], [item["status"] for item in done.json["drift"]])
    assert "this look is not kept" in done.err
    assert "Traceback" not in done.err


def test_an_older_store_is_carried_over(command: Commands, tenant: Simulator, applied: str, tmp_path: Path) -> None:
    """The first look brings it up to date, in one transaction; what it knew of applies stays."""
    state = tmp_path / ".reconciler" / "state.db"
    with sqlite3.connect(state) as connection:
        for table in ("drift_runs", "findings", "told"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE reconciler_schema SET version = 3")
    connection.close()
    named(tenant, "Verkauf")
    assert "Applies of acme" in command.ok("history", "list", str(tmp_path)).out
    assert {"queues/sales": "new"} == statuses(looked(command, applied))
    assert {"queues/sales": "still there"} == statuses(looked(command, applied))
    store = Store.open(state, writable=False)
    with store.engine.connect() as connected:
        assert VERSION == connected.execute(sa.select(SCHEMA.c.version)).scalar()
    store.close()


def seen(*names: str) -> list[Seen]:
    """Make findings."""
    return [
        Seen(fingerprint=name, address=f"queues/{name}", section="queues", identity=name, did="changed", risk="low")
        for name in names
    ]


def a_look(name: str, at: float, state: DriftState = DriftState.FOUND, **more: Any) -> Look:
    """Make a look."""
    return Look(
        id=name,
        tenant=TENANT,
        contact_center="acme",
        provider="udesk",
        started=at,
        last=at + 1,
        state=state,
        **more,
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Open an empty store of each kind."""
    where: str | Path = tmp_path / "state.db"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        where = server.database()
    opened = Store.open(where)
    yield opened
    opened.close()


def record(store: Store, name: str, at: float, *names: str, to: tuple[str, ...] = ()) -> findings.Recorded:
    """Record a look that found these."""
    return findings.record(store, a_look(name, at), seen(*names), destinations=to, mask=Mask())


def test_the_store_stays_small(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often somebody looks and whatever comes and goes, old rows go; what is there is never forgotten."""
    monkeypatch.setattr(findings, "KEPT_LOOKS", 5)
    monkeypatch.setattr(findings, "KEPT_RESOLVED", 3)
    for number in range(12):
        record(store, f"look{number}", float(number), "stays", f"new{number}")
        problem = replace(a_look(f"bad{number}", number + 0.5, DriftState.FAILED), problem=f"p{number}")
        findings.record_failure(store, problem, mask=Mask())
    with store.reading() as connection:
        rows = connection.execute(sa.select(DRIFT_RUNS.c.state)).scalars().all()
        assert (5, 5) == (rows.count("drift"), rows.count("failed"))
        kept = connection.execute(sa.select(FINDINGS.c.fingerprint, FINDINGS.c.first_seen)).all()
    assert {"stays", "new11", "new10", "new9", "new8"} == {name for name, _ in kept}
    assert 0.0 == dict(kept)["stays"]
    assert 12.0 == findings.last_success(store, TENANT)


def test_a_look_is_found_by_its_id(store: Store) -> None:
    """By the start of it, too; what fits several is an error, what fits none is none."""
    record(store, "abc1", 1.0, "f1")
    record(store, "abd2", 2.0, "f2")
    found = findings.look(store, "abc")
    assert found is not None
    assert ("abc1", ("f1",)) == (found.id, found.new)
    assert [2.0 + 1] == [item.resolved for item in found.seen]
    with pytest.raises(Exception, match="2 looks for drift begin with ab"):
        findings.look(store, "ab")
    assert [None, None, None] == [findings.look(store, name) for name in ("x", "", "a\nb")]
    assert ["abd2", "abc1"] == [item.id for item in findings.looks(store)]


def test_many_look_at_once(store: Store) -> None:
    """Looks at one tenant are written one after the other: each finding is new for exactly one of them."""
    findings.record(store, a_look("first", 0.0, DriftState.CLEAN), [], mask=Mask())
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda number: record(store, f"look{number}", number + 1.0, "f1", "f2"), range(8)))
    assert 1 == sum(1 for item in done if not item.before)
    (look, *_) = findings.looks(store)
    assert (8, ("f1", "f2")) == (look.times, look.findings)
    known = findings.known(store, TENANT)
    assert known is not None
    assert {"f1", "f2"} == known.keys()


def test_who_was_told_what(store: Store) -> None:
    """Each destination hears of what it was not told; one that is new is not told what was long there."""
    record(store, "a", 1.0, "old")
    record(store, "b", 2.0, "old", "f1", to=("d1",))
    assert {"f1"} == findings.untold(store, TENANT, "d1", ["old", "f1"]).new
    findings.count_failure(store, TENANT, "d1")
    record(store, "c", 3.0, "old", "f1", "f2", to=("d1", "d2"))
    assert {"f1", "f2"} == findings.untold(store, TENANT, "d1", ["old", "f1", "f2"]).new
    assert {"f2"} == findings.untold(store, TENANT, "d2", ["old", "f1", "f2"]).new
    findings.set_told(store, TENANT, "d1", ["old", "f1", "f2"])
    record(store, "d", 4.0, "f2", to=("d1",))
    news = findings.untold(store, TENANT, "d1", ["f2"])
    assert (frozenset(), {"old", "f1"}) == (news.new, {item.fingerprint for item in news.resolved})


def test_in_postgresql(tenant: Simulator, tmp_path: Path, postgresql: Server) -> None:
    """A team's store keeps it for all; who may only read it is told of drift all the same."""
    path, url = configure(tmp_path / "acme.yaml", tenant), postgresql.database()
    assert 0 == real("--state", url, "apply", path, "--yes").code
    named(tenant, "Verkauf")
    first = real("--state", url, "drift", path, "--format", "json")
    again = real("--state", url, "drift", path, "--format", "json")
    assert ({"queues/sales": "new"}, {"queues/sales": "still there"}) == (statuses(first.json), statuses(again.json))
    separator = "&" if "?" in url else "?"
    reading = f"{url}{separator}options=-c%20default_transaction_read_only%3Don"
    done = real("--state", reading, "drift", path, "--format", "json")
    assert (2, {"queues/sales": "still there"}, "") == (done.code, statuses(done.json), done.json["run"])
    assert "is not kept" in " ".join(done.err.split())
    assert "1 found (2 times)" in real("--state", url, "history", "list").out


def test_the_whole_story_of_the_other_vendor(tmp_path: Path) -> None:
    """Tencent, in processes of their own: apply, a hand's change, drift, still there, edited back, resolved."""
    face = TENCENT.face(seed=None, tenant="1400000000", credentials=(SID, AUTH_TOKEN), dialect=(), clock=time.time)
    with running(face) as tenant:
        body = "queues:\n  sales: {name: Sales, ring_all: false}\n"
        path = configure_tencent(tmp_path / "acme.yaml", tenant, body)
        assert 0 == real("apply", path, "--yes").code
        (number,) = [item["id"] for item in tenant.state()["sections"]["queues"].values()]

        def ring(*, everybody: bool) -> None:
            wanted = {"SdkAppId": 1400000000, "SkillGroupID": int(number), "RingAll": everybody}
            assert "Error" not in str(face.call("POST", "UpdateCCCSkillGroup", wanted))

        ring(everybody=True)
        first = real("drift", path, "--format", "json")
        assert (2, {"queues/sales": "new"}) == (first.code, statuses(first.json))
        assert {"queues/sales": "still there"} == statuses(real("drift", path, "--format", "json").json)
        ring(everybody=False)
        last = real("drift", path, "--format", "json")
        assert (0, ["queues/sales"]) == (last.code, [item["address"] for item in last.json["resolved"]])


def test_killed_at_any_moment(tenant: Simulator, tmp_path: Path) -> None:
    """A look that is killed leaves a store that the next one goes on with; nothing is lost."""
    path = configure(tmp_path / "acme.yaml", tenant)
    assert 0 == real("apply", path, "--yes").code
    named(tenant, "Verkauf")
    command = [sys.executable, "-m", "reconciler", "drift", path]
    for wait in (0.3, 0.6, 0.9):
        with subprocess.Popen(
            command, env={**os.environ, **CREDENTIALS}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as started:
            try:
                started.wait(wait)
            except subprocess.TimeoutExpired:
                started.send_signal(signal.SIGKILL)
            started.wait(PATIENCE_S)
    first = real("drift", path, "--format", "json")
    assert 2 == first.code
    again = real("drift", path, "--format", "json")
    assert {"queues/sales": "still there"} == statuses(again.json)
    assert first.json["drift"][0]["first_seen"] == again.json["drift"][0]["first_seen"]


def test_rows_that_make_no_sense(command: Commands, tenant: Simulator, applied: str, tmp_path: Path) -> None:
    """What somebody wrote into the store by hand is an error of the history, and keeps nobody from hearing of drift."""
    named(tenant, "Verkauf")
    run = looked(command, applied)["run"]
    with sqlite3.connect(tmp_path / ".reconciler" / "state.db") as connection:
        connection.execute("UPDATE findings SET data = '{}'")
    connection.close()
    done = command("drift", applied, "--format", "json")
    assert (2, ["queues/sales"]) == (done.code, [item["address"] for item in done.json["drift"]])
    assert "this look is not kept" in " ".join(done.err.split())
    assert 1 == command("history", "show", run, str(tmp_path)).code
    with sqlite3.connect(tmp_path / ".reconciler" / "state.db") as connection:
        connection.execute("UPDATE findings SET first_seen = 'x'")
        connection.execute("UPDATE drift_runs SET last = 'x'")
    connection.close()
    assert 2 == command("drift", applied, "--metrics", str(tmp_path / "drift.prom")).code
    assert 1 == command("history", "list", str(tmp_path)).code
    with sqlite3.connect(tmp_path / ".reconciler" / "state.db") as connection:
        connection.execute("UPDATE drift_runs SET result = '[]'")
    connection.close()
    assert 1 == command("history", "list", str(tmp_path)).code
    assert 2 == command("drift", applied).code


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE applied SET document = '{\"queues\": []}'", "what was last applied"),
        ('UPDATE applied SET document = \'{"queues": {"9001": 5}}\'', "what was last applied"),
        ("UPDATE leases SET run = 'x', holder = '5', expires = 'x'", "the end of a lock"),
    ],
)
def test_what_was_applied_makes_no_sense(  # noqa: PLR0913, PLR0917 - each is a fixture
    command: Commands, tenant: Simulator, applied: str, tmp_path: Path, statement: str, said: str
) -> None:
    """What tells drift from wishes is never guessed: the look fails, and says what is wrong with the store."""
    named(tenant, "Verkauf")
    with sqlite3.connect(tmp_path / ".reconciler" / "state.db") as connection:
        connection.execute(statement)
    connection.close()
    done = command("drift", applied)
    assert 1 == done.code
    assert f"the store holds something else where {said} should be" in " ".join(done.err.split())


def test_runs_that_make_no_sense(command: Commands, applied: str, tmp_path: Path) -> None:
    """A time that is none is an error of the history, which says so."""
    for column in ("started", "ended"):
        with sqlite3.connect(tmp_path / ".reconciler" / "state.db") as connection:
            connection.execute(f"UPDATE runs SET {column} = 'x'")  # noqa: S608 - our own names
        connection.close()
        for arguments in (("list",), ("show", "last")):
            done = command("history", *arguments, str(Path(applied).parent))
            assert 1 == done.code
            assert "the store holds something else" in " ".join(done.err.split())


def test_much_that_goes_at_once_is_all_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little is kept, what is gone since this very look can still be told."""
    monkeypatch.setattr(findings, "KEPT_RESOLVED", 3)
    names = [f"f{number}" for number in range(50)]
    record(store, "a", 1.0, *names, to=("d1",))
    findings.set_told(store, TENANT, "d1", names)
    record(store, "b", 2.0)
    assert 50 == len(findings.untold(store, TENANT, "d1", []).resolved)
