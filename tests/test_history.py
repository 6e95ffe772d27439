"""Past applies: found without a configuration, listed on 80 columns, shown in full, and never with a password."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from rich.cells import cell_len

from reconciler.model.call import Call
from reconciler.model.history import Attempt, Ending, Image, Run, RunState, Settled, Who
from reconciler.model.plan import Origin
from reconciler.model.secret import Mask
from reconciler.report.console import make_console
from reconciler.report.history import history_document, render_history, render_run, run_document
from reconciler.store.database import Store
from reconciler.store.rows import attempt_row, run_row
from reconciler.store.tables import ATTEMPTS, RUNS
from tests.commands import Commands, configure, real
from tests.servers import AUTH_TOKEN, SID, Simulator

QUEUE: Final = Call("PUT", "/ccapi/v2/queues", {}, id="c1", changes=("queues/sales",), why="timeout 60 → 90")
ANN: Final = Who(
    user="ann",
    host="build-7",
    author="Ann Miller <ann@example.com>",
    revision="3f2a1b2",
    job="GitHub Actions 1234/1",
    url="https://example.com/1234",
)
RUN: Final = Run(
    id="4f2a1b2c3d4e",
    tenant="udesk:acme:x",
    contact_center="acme",
    provider="udesk",
    command="apply",
    started=1_795_253_412.5,
    ended=1_795_253_415.9,
    state=RunState.INCOMPLETE,
    who=ANN,
    configuration="/srv/acme",
    origin=Origin(path="acme", prune=True, targets=("queues/sales",), allow_deletes={"agents": 7}),
    config_digest="sha256:abc",
    calls=4,
    counts={"done": 1, "already": 1, "failed": 1, "skipped": 1},
    images=(
        Image(
            address="queues/sales",
            section="queues",
            identity="9001",
            action="update",
            label="Sales",
            before={"timeout": 60},
            after={"timeout": 90},
            fields=("timeout",),
        ),
        Image(
            address="agents/li.wei",
            section="agents",
            identity="10031",
            action="update",
            label="Li Wei",
            before={"queues": ["9001", "9002"]},
            after={"queues": ["9002", "9003"], "email": "a@b"},
            fields=("queues", "email"),
        ),
        Image(
            address="queues/billing",
            section="queues",
            identity="9003",
            action="create",
            label="Billing",
            after={"name": "Billing", "timeout": 120},
            fields=("name", "timeout"),
        ),
        Image(address="agents/10039", section="agents", identity="10039", action="delete", before={"name": "Guo"}),
    ),
    attempts=(
        Attempt(
            call=QUEUE, number=1, ending=Ending.LOST, milliseconds=1_003, text="no answer", settled=Settled.NOT_DONE
        ),
        Attempt(call=QUEUE, number=2, ending=Ending.DONE, milliseconds=41, request_id="r-7", places={"8001": "a.json"}),
        Attempt(
            call=replace(QUEUE, id="c2", why=""), number=1, ending=Ending.REFUSED, milliseconds=5, text="100018 \x1b[2J"
        ),
        Attempt(call=replace(QUEUE, id="c3"), number=1),
    ),
)


def kept(folder: Path, *runs: Run) -> Path:
    """Put runs into the store below a folder."""
    file = folder / ".reconciler" / "state.db"
    store = Store.open(file)
    with store.writing() as connection:
        for run in runs:
            connection.execute(sa.insert(RUNS).values(run_row(run, Mask())))
            for position, attempt in enumerate(run.attempts):
                connection.execute(sa.insert(ATTEMPTS).values(attempt_row(run.id, position, attempt, Mask())))
    store.close()
    return file


def shown(render: Any, what: Run | Sequence[Run], width: int = 80, **options: Any) -> str:
    """Render without colour; every line fits."""
    stream = io.StringIO()
    render(make_console(stream, "never", {"COLUMNS": str(width)}), what, **options)
    text = stream.getvalue()
    assert all(cell_len(line) <= width for line in text.splitlines()), text
    return text


def test_a_run_in_full() -> None:
    """Who and when, what changed, each attempt with the vendor's words, passwords' places, what is open."""
    assert """\
Run 4f2a1b2c3d4e: apply to acme (udesk), incomplete
  when     2026-11-21 09:30:12 UTC, took 3.4 s
  who      ann on build-7
  commit   3f2a1b2 by Ann Miller <ann@example.com>
  job      GitHub Actions 1234/1 https://example.com/1234
  files    /srv/acme
  options  --target queues/sales --prune --allow-deletes agents=7
  digest   sha256:abc

Changes
  ~ queues/sales Sales (9001)  timeout 60 → 90
  ~ agents/li.wei Li Wei (10031)  queues +9003 -9001, email unknown → a@b
  + queues/billing Billing (9003)  name Billing, timeout 120
  - agents/10039  deleted

Calls: 2 of 4 done
  c1     PUT /ccapi/v2/queues  lost  1,003 ms
         timeout 60 → 90
         no answer
         reading back: it had not happened
  c1#2   PUT /ccapi/v2/queues  done  41 ms  request r-7
         timeout 60 → 90
  c2     PUT /ccapi/v2/queues  refused  5 ms
         100018 \\x1b[2J
  c3     PUT /ccapi/v2/queues  no end is known
         timeout 60 → 90

Where passwords went
  8001: a.json

Open
  c3  PUT /ccapi/v2/queues  timeout 60 → 90
  Nobody knows yet whether these happened. The next apply reads back first, and
  says so.
""" == shown(render_run, RUN)


def test_the_table_says_once_what_is_the_same() -> None:
    """One command, one center, one year: above the rows; a name is cut before anything else is."""
    other = replace(RUN, id="aa11bb22cc33", state=RunState.RUNNING, ended=None, counts={}, who=Who(user="root"))
    assert """\
Applies of acme, newest first:

RUN       2026 (UTC)   WHO         CALLS  TOOK   STATE
4f2a1b2c  11-21 09:30  Ann Miller  2/4    3.4 s  incomplete
aa11bb22  11-21 09:30  root        ?/4    ?      running
""" == shown(render_history, [RUN, other])
    assert "No runs: nothing is kept in x.db.\n" == shown(render_history, [], where="x.db")


def test_the_table_fits_with_all_columns() -> None:
    """Several centers, commands and years, long and wide names: still on one line each."""
    long = replace(
        RUN,
        command="rollback",
        contact_center="乌鲁木齐客服中心乌鲁木齐",
        who=replace(ANN, author="阿凡提" * 20 + " <a@b>"),
        started=RUN.started - 4e7,
        ended=RUN.started - 4e7 + 4_000,
        calls=1_204,
        counts={"done": 1_204},
        state=RunState.INTERRUPTED,
    )
    rows = shown(render_history, [RUN, long]).splitlines()
    assert 5 == len(rows)
    assert rows[3].startswith("4f2a1b2c  2026-11-21 09:30  Ann")
    assert rows[4].endswith("1204/1204  1h 06m  interrupted")


@pytest.mark.parametrize("started", [float("nan"), 1e300, -1e300, float("inf")])
def test_odd_times_are_no_traceback(started: float) -> None:
    """A store that somebody wrote to shows question marks."""
    odd = replace(RUN, started=started)
    assert "?" in shown(render_run, odd)
    assert "?" in shown(render_history, [odd])
    json.dumps(run_document(odd, mask=Mask()), allow_nan=False)


def test_documents() -> None:
    """What the table says and what a run is, as JSON; masked."""
    document = history_document([RUN], mask=Mask.of(["build-7"]))
    (head,) = document["runs"]
    assert "reconciler-history/1" == document["format"]
    assert ("4f2a1b2c3d4e", "2026-11-21T09:30:12.500Z", 2, 4, "***") == (
        head["run"],
        head["started"],
        head["done"],
        head["calls"],
        head["who"]["host"],
    )
    whole = run_document(RUN, mask=Mask())
    assert "reconciler-run/1" == whole["format"]
    assert {"timeout": 60} == whole["changes"][0]["before"]
    assert [
        ("c1", 1, "lost", "not done"),
        ("c1", 2, "done", None),
        ("c2", 1, "refused", None),
        ("c3", 1, None, None),
    ] == [(item["call"], item["attempt"], item["outcome"], item["settled"]) for item in whole["attempts"]]
    assert [False, False, False, True] == [item["open"] for item in whole["attempts"]]


def test_many_calls_are_few_lines() -> None:
    """Of a long run the odd ones are shown; -v shows all."""
    attempts = tuple(
        Attempt(call=replace(QUEUE, id=f"c{n}"), number=1, ending=Ending.DONE if n != 70 else Ending.REFUSED)
        for n in range(100)
    )
    run = replace(RUN, attempts=attempts, images=RUN.images * 20)
    text = shown(render_run, run)
    assert "c70" in text
    assert "c69" not in text
    assert "and 99 calls that went well (-v shows all)" in text
    assert "and 30 more (-v shows all)" in text
    assert "c69" in shown(render_run, run, verbose=True)


def test_nothing_is_needed_but_the_store(tmp_path: Path) -> None:
    """No credentials, no valid YAML: the store of the folder, beside a file, or the one that is named."""
    file = kept(tmp_path, RUN)
    broken = tmp_path / "acme.yaml"
    broken.write_text("{", encoding="utf-8")
    bare = {"UDESK_SID": "", "UDESK_AUTH_TOKEN": ""}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for arguments, cwd, environ in (
        ((), tmp_path, {}),
        ((str(tmp_path),), elsewhere, {}),
        ((str(broken),), elsewhere, {}),
        ((), elsewhere, {"RECONCILER_STATE": f"sqlite:///{file}"}),
    ):
        done = real("history", "list", *arguments, cwd=cwd, environ=bare | environ)
        assert (0, "", True) == (done.code, done.err, "4f2a1b2c" in done.out), arguments
    done = real("--state", f"sqlite:///{file}", "history", "show", "4f2a", "--format", "json", cwd=elsewhere)
    assert "4f2a1b2c3d4e" == done.json["run"]
    assert [] == [*elsewhere.iterdir()], "looking makes nothing"


def test_no_runs_yet(command: Commands, tmp_path: Path) -> None:
    """Where nothing is kept, that is the answer; where nothing is at all, it is an error."""
    done = command.ok("history", "list", str(tmp_path))
    assert done.out.startswith("No runs: nothing is kept in")
    assert [] == command.ok("history", "list", str(tmp_path), "--format", "json").json["runs"]
    missing = command("history", "list", str(tmp_path / "no"))
    assert (1, True) == (missing.code, "does not exist" in " ".join(missing.err.split()))
    assert [] == [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["zzzz", "", "%", "4f2a1b2c3d4e5", "\x1b[2J", "4f2a\n"])
def test_an_unknown_run_says_what_to_do(command: Commands, tmp_path: Path, name: str) -> None:
    """No such run, and what shows those that there are."""
    kept(tmp_path, RUN)
    done = command("history", "show", name, str(tmp_path))
    assert (1, "") == (done.code, done.out)
    assert "there is no run" in done.err
    assert "history list" in done.err
    assert "\x1b" not in done.err


@pytest.mark.parametrize("name", ["last", "latest"])
def test_the_last_run_has_a_name(command: Commands, tmp_path: Path, name: str) -> None:
    """The last that may have written, as for `rollback`; a call that was done in part is a write."""
    refused = replace(RUN, id="5a", started=RUN.started + 9, counts={"failed": 4})
    partly = replace(RUN, id="3b", started=RUN.started + 5, counts={"partly": 1, "skipped": 3})
    kept(tmp_path, RUN, refused, partly)
    assert "3b" == command.ok("history", "show", name, str(tmp_path), "--format", "json").json["run"]
    nothing = command("history", "show", name, str(tmp_path / ".reconciler"))
    assert (1, True) == (nothing.code, "no run that wrote is kept" in nothing.err)


def test_a_digest_fits_its_line() -> None:
    """Enough of it to tell it from others; the document has all."""
    run = replace(RUN, config_digest="sha256:" + "0123456789abcdef" * 4)
    assert "  digest   sha256:0123456789abcdef…\n" in shown(render_run, run)
    assert run.config_digest == run_document(run, mask=Mask())["config_digest"]


def test_an_ambiguous_start_names_the_candidates(command: Commands, tmp_path: Path) -> None:
    """Two runs that begin alike are both named."""
    kept(tmp_path, RUN, replace(RUN, id="4f2affffffff"))
    done = command("history", "show", "4f2a", str(tmp_path))
    assert 1 == done.code
    assert "4f2a1b2c3d4e" in done.err
    assert "4f2affffffff" in done.err


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\xff" * 200])
def test_a_store_that_is_none(command: Commands, tmp_path: Path, content: bytes) -> None:
    """A file that is no store is an error or an empty history, never a traceback, and it is left as it is."""
    file = tmp_path / ".reconciler" / "state.db"
    file.parent.mkdir()
    file.write_bytes(content)
    for arguments in (("list",), ("show", "4f2a")):
        done = command("history", *arguments, str(tmp_path))
        assert done.code in {0, 1}
        assert bool(done.code) == bool(done.err)
    assert content == file.read_bytes()


def test_after_an_apply(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """The run that the result names is there, with its changes and calls, where the password went, and no secret."""
    path = configure(tmp_path / "acme.yaml", tenant)
    run_id = command.ok("apply", path, "--yes", "--format", "json").json["run"]
    listed = command.ok("history", "list", path, "--format", "json").json["runs"]
    assert [(run_id, "complete", 5, 5)] == [
        (item["run"], item["state"], item["done"], item["calls"]) for item in listed
    ]
    whole = command.ok("history", "show", run_id[:6], path, "--format", "json")
    assert ["agents/li.wei", "extensions/8001", "queues/sales"] == sorted(
        item["address"] for item in whole.json["changes"]
    )
    assert {"done"} == {item["outcome"] for item in whole.json["attempts"]}
    (place,) = {place for item in whole.json["attempts"] for place in item["passwords"].values()}
    text = command.ok("history", "show", run_id, path).out
    assert "Where passwords went" in text
    stored = json.loads((tmp_path / ".reconciler" / "secrets" / "acme.json").read_text(encoding="utf-8"))
    assert "acme.json" in place
    for secret in (stored["extensions"]["8001"]["password"], SID, AUTH_TOKEN):
        assert secret not in whole.out + text


def test_a_store_that_lacks_a_table_says_so(command: Commands, tmp_path: Path) -> None:
    """What is missing, and that a new store makes no plan wrong: not only to check the address."""
    file = kept(tmp_path, RUN)
    store = Store.open(file)
    with store.writing() as connection:
        ATTEMPTS.drop(connection)
        RUNS.drop(connection)
    store.close()
    for arguments in (("list",), ("show", "4f2a")):
        done = command("history", *arguments, str(tmp_path))
        assert (1, "") == (done.code, done.out)
        assert "no such table: runs" in done.err
        assert "move it away" in done.err
