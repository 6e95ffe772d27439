"""`--log-format json`: on stderr one flat JSON object a line and nothing else, whatever happens."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.store import leases
from reconciler.store.database import Store
from tests.commands import Commands, Done, configure, real
from tests.servers import APP_ID, AUTH_TOKEN, Simulator

JSON: Final = ("--log-format", "json")
QUEUE: Final = 'queues: {sales: {id: "9001", name: Sales}}\n'


def events(done: Done) -> list[dict[str, Any]]:
    """Read stderr, each line of which must be a flat object with a time, a level and an event."""
    found: list[dict[str, Any]] = [json.loads(line) for line in done.err.splitlines()]
    for event in found:
        assert ["time", "level", "event"] == [*event][:3]
        assert not any(isinstance(value, dict) for value in event.values()), event
    return found


def named(found: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Keep the events of these names."""
    return [event for event in found if event["event"] in names]


def test_an_apply_tells_of_every_attempt(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """For each call when it is sent, how that ended and how the call did; with run, address, attempt, outcome, ms."""
    path = configure(tmp_path / "acme.yaml", tenant)
    done = command.ok(*JSON, "apply", path, "--yes", "--format", "json")
    found = events(done)
    run_id = done.json["run"]
    assert run_id
    told = named(found, "sending", "sent", "call")
    assert {run_id} == {event["run"] for event in told}
    planned = {call["id"]: call for call in done.json["plan"]["calls"]}
    for name, call in planned.items():
        own = [event for event in told if event["call"] == name]
        assert ["sending", "sent", "call"] == [event["event"] for event in own]
        assert [call["changes"]] * 3 == [event["addresses"] for event in own]
        assert [1, 1, 1] == [event["attempt"] for event in own]
        assert ["done", "done"] == [event["outcome"] for event in own[1:]]
        assert 0 <= own[1]["ms"] < 60_000
    assert [] == named(found, "read"), "reads are shown with -v"


def test_how_much_is_told(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """With -v reads too; with -q errors only, of which there are none."""
    path = configure(tmp_path / "acme.yaml", tenant)
    assert named(events(command.ok(*JSON, "-v", "plan", path)), "read")
    assert "" == command.ok(*JSON, "-q", "apply", path, "--yes").err


def test_text_is_as_it_was(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """For people: nothing by default, with -v each call, with -vv each attempt, and each read with its path."""
    path = configure(tmp_path / "acme.yaml", tenant, QUEUE)
    assert "" == command.ok("apply", path, "--yes").err
    configure(tmp_path / "acme.yaml", tenant, QUEUE.replace("Sales", "Vente"))
    calls = command.ok("-v", "apply", path, "--yes").err.splitlines()
    assert [True] == [" info    call " in line and "outcome=done" in line for line in calls]
    configure(tmp_path / "acme.yaml", tenant, QUEUE)
    attempts = command.ok("-vv", "apply", path, "--yes").err.splitlines()
    reads = [line for line in attempts if line.split()[2] == "read"]
    assert any('title="GET /ccapi/v2/queues" path=/ccapi/v2/queues outcome=done ms=' in line for line in reads)
    attempts = [line for line in attempts if line not in reads]
    assert ["sending", "sent", "call"] == [line.split()[2] for line in attempts]


HOSTILE: Final = 'x\n{"event":"forged"}\r\u2028\x1b[2J\x85 ' + AUTH_TOKEN


def test_a_hostile_vendor_forges_no_line(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """What the vendor says stays inside its field, on its line, and what is secret in it is masked."""
    path = configure(tmp_path / "acme.yaml", tenant, QUEUE)
    fault = {"kind": "refused", "method": "POST", "code": "000001", "text": HOSTILE, "times": 0}
    tenant.control("POST", "faults", fault)
    done = command(*JSON, "apply", path, "--yes")
    found = events(done)
    assert [] == named(found, "forged")
    assert AUTH_TOKEN not in done.err
    assert "\x1b" not in done.err
    (failed,) = named(found, "call")
    assert ("failed", "error", ["queues/sales"]) == (failed["outcome"], failed["level"], failed["addresses"])
    assert "forged" in failed["text"]


def test_a_lost_answer_is_an_attempt_of_its_own(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """That it was lost, and what reading back said, are told before the call is said to be done."""
    path = configure(tmp_path / "acme.yaml", tenant, QUEUE)
    tenant.control("POST", "faults", {"kind": "reset-before", "method": "POST", "api": "queues"})
    found = named(events(command.ok(*JSON, "apply", path, "--yes")), "sending", "sent", "settled", "call")
    assert "lost" in [event.get("outcome") for event in found]
    assert ["call", "done", 2] == [found[-1][name] for name in ("event", "outcome", "attempt")]
    assert ["9001"] == [*tenant.state()["sections"]["queues"]]


@pytest.mark.parametrize(
    ("arguments", "event", "word"),
    [
        ((*JSON, "plan"), "usage", "PATH"),
        ((*JSON, "plan", "x", "--bogus"), "usage", "--bogus"),
        ((*JSON, "--bogus", "plan", "x"), "usage", "--bogus"),
        (("--log-format=json", "nothing"), "usage", "nothing"),
        ((*JSON, "plan", "no-such-folder"), "problem", "no-such-folder"),
        ((*JSON, "apply", "bad.yaml"), "error", "--log-format json"),
        ((*JSON, "plan", "bad.yaml"), "problem", "version"),
        ((*JSON, "history", "show", "4f2a"), "error", "4f2a"),
        ((*JSON, "--state", "mysql://x/y", "history", "list"), "error", "mysql"),
        ((*JSON, "apply", "plan.json"), "error", "plan"),
    ],
)
def test_what_is_wrong_is_an_event(tmp_path: Path, arguments: tuple[str, ...], event: str, word: str) -> None:
    """Usage, the configuration, the store: each error says what is wrong, in JSON, and nothing else is written."""
    (tmp_path / "bad.yaml").write_text("version: 1\nversion: 2\n", encoding="utf-8")
    (tmp_path / "plan.json").write_text("{}", encoding="utf-8")
    done = real(*arguments, cwd=tmp_path)
    found = events(done)
    assert (1, "") == (done.code, done.out)
    assert {event} == {item["event"] for item in found}
    assert {"error"} == {item["level"] for item in found}
    assert any(word in item["text"] for item in found)


def test_a_problem_has_its_place(tmp_path: Path) -> None:
    """File, line and column are fields, and so is what would be right."""
    (tmp_path / "bad.yaml").write_text("version: 1\nversion: 2\n", encoding="utf-8")
    found = events(real(*JSON, "validate", "bad.yaml", cwd=tmp_path))
    (odd,) = [item for item in found if item.get("line") == 2]
    assert ("bad.yaml", 2, 1) == (odd["file"], odd["line"], odd["column"])


def held(tmp_path: Path) -> leases.Lease:
    """Take the lock of the tenant, as another run on a live machine would."""
    store = Store.open(tmp_path / ".reconciler" / "state.db")
    found = leases.take(store, f"udesk:acme:{APP_ID}", run="4f2a1b2c3d4e", clock=time.time)
    assert isinstance(found, leases.Lease)
    return found


def test_a_held_lock_is_a_document_and_an_event(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """With `--format json` stdout has the refusal as any other; stderr has it as an event; the exit code is 3."""
    path = configure(tmp_path / "acme.yaml", tenant)
    held(tmp_path)
    done = command(*JSON, "apply", path, "--yes", "--format", "json")
    assert (3, "reconciler-plan/1", "acme") == (done.code, done.json["format"], done.json["contact_center"])
    (refusal,) = done.json["refusals"]
    assert "lock-held" == refusal["rule"]
    assert "4f2a1b2c3d4e" in refusal["message"]
    (told,) = named(events(done), "refusal")
    assert ("lock-held", refusal["message"]) == (told["code"], told["text"])
    assert "" == command("apply", path, "--yes").out


def test_waiting_fits_the_screen(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Who holds the lock is said on lines of at most 80 columns, while it is waited for."""
    path = configure(tmp_path / "acme.yaml", tenant)
    held(tmp_path)
    done = command("apply", path, "--yes", "--lock-timeout", "1")
    assert (3, True) == (done.code, done.err.startswith("Waiting for the lock: run 4f2a1b2c3d4e, by "))
    assert all(len(line) <= 80 for line in done.err.splitlines())


def test_unlocking_fits_the_screen(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Who held the lock is said on lines of at most 80 columns."""
    path = configure(tmp_path / "acme.yaml", tenant)
    held(tmp_path)
    done = command.ok("unlock", path)
    assert done.out.startswith("Unlocked: run 4f2a1b2c3d4e, by ")
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert "Nobody holds the lock.\n" == command.ok("unlock", path).out
