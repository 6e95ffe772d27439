"""What every command promises: help, exit codes, and where its words go."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import click
import pytest

from reconciler import cli
from reconciler.cli.app import App
from reconciler.cli.applying import carry_out
from reconciler.cli.work import progress
from reconciler.model.call import Call
from reconciler.model.errors import VendorError
from reconciler.model.outcome import Asked, Outcome, Result, Verdict
from reconciler.model.plan import Plan, Summary
from reconciler.model.secret import Mask
from tests.commands import BODY, Commands, configure, files, head
from tests.servers import AUTH_TOKEN, SID, Simulator, simulator

COMMANDS: Final = [
    "init",
    "validate",
    "plan",
    "show",
    "apply",
    "rollback",
    "drift",
    "review",
    "graph",
    "history",
    "fetch",
    "export",
    "absorb",
    "schema",
    "simulate",
    "unlock",
]
FOUR: Final = "".join(f'  a{n}: {{id: "{n}", work_id: "{n}", name: A{n}}}\n' for n in range(1, 5))
ANSI: Final = re.compile(r"\x1b")
QUEUE: Final = {"QueueId": "9001", "QueueName": "Sales"}


def agents(count: int) -> dict[str, Any]:
    """Make live agents."""
    return {
        f"{20000 + number}": {"id": f"{20000 + number}", "work_id": f"{number + 1}", "name": f"Agent {number}"}
        for number in range(count)
    }


def test_only_commands_that_work_are_listed() -> None:
    """`--help` lists the commands that there are, in the order in which people meet them."""
    assert COMMANDS == cli.cli.list_commands(click.Context(cli.cli))


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_shows_an_example_and_fits(command: Commands, name: str) -> None:
    """Each command's help has an example, on lines of at most 80 columns, and ends with 0."""
    done = command.ok(*name.split(), "--help")
    assert re.search(rf"Examples?:\s+reconciler {name}", done.out)
    assert [] == [line for line in done.out.splitlines() if len(line) > 80]
    assert done.err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nothing",),
        ("plan",),
        ("plan", "a", "b"),
        ("plan", "--no-such-option", "x"),
        ("plan", "x", "--format", "xml"),
        ("plan", "x", "--allow-deletes", "agents"),
        ("plan", "x", "--allow-deletes", "agents=-1"),
        ("plan", "x", "--allow-deletes", "=1"),
        ("--color", "sometimes", "plan", "x"),
        ("apply", "x", "--config", "y"),
        ("fetch", "x"),
        ("export", "--out", "x"),
        ("simulate", "nobody"),
        ("simulate", "udesk", "--port", "70000"),
        ("init", "--provider", "nobody", "x"),
        ("schema", "nobody"),
    ],
)
def test_a_wrong_command_line_is_1(command: Commands, arguments: tuple[str, ...]) -> None:
    """Click's own code for wrong usage is 2, which here would say "changes found"."""
    done = command(*arguments)
    assert (1, "") == (done.code, done.out)
    assert done.err


def test_validate(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A good configuration is 0 with a line on stdout; a bad one is 1, problems on stderr. No call is made."""
    path = configure(tmp_path / "acme.yaml", tenant)
    assert "Valid" in command.ok("validate", path).out
    (tmp_path / "bad.yaml").write_text(head(tenant.url) + "queues: {sales: {id: x, timout: 1}}\n", encoding="utf-8")
    done = command("validate", str(tmp_path / "bad.yaml"))
    assert (1, "") == (done.code, done.out)
    assert "bad.yaml:" in done.err
    done = command("validate", str(tmp_path / "bad.yaml"), "--format", "json")
    assert (1, "", False) == (done.code, done.err, done.json["valid"])
    assert tenant.calls()["count"] == 0


def test_plan_exit_codes(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Something to do is 0, or 2 where that is asked for; nothing to do is 0 either way."""
    path = configure(tmp_path / "acme.yaml", tenant)
    assert command("plan", path).code == 0
    assert command("plan", path, "--detailed-exitcode").code == 2
    command.ok("apply", path, "--yes")
    assert command("plan", path).code == 0
    assert command("plan", path, "--detailed-exitcode").code == 0


def test_stdout_is_one_json_document(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """With `--format json` stdout parses, whatever the command, even with all logs on."""
    path = configure(tmp_path / "acme.yaml", tenant)
    for form in ("text", "json"):
        loud = ("-vv", "--log-format", form)
        assert command.ok("validate", path, "--format", "json").json["format"] == "reconciler-diagnostics/1"
        assert command.ok(*loud, "plan", path, "--format", "json").json["format"] == "reconciler-plan/1"
        assert command.ok(*loud, "apply", path, "--yes", "--format", "json").json["format"] == "reconciler-result/1"
        assert command.ok(*loud, "drift", path, "--format", "json").json["format"] == "reconciler-drift/1"
        assert command.ok(*loud, "fetch", path, "--out", "-").json["format"] == "reconciler-live/1"


def test_json_logs_are_json(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """With `--log-format json` each line that an apply logs is one JSON object, one a call."""
    path = configure(tmp_path / "acme.yaml", tenant)
    done = command.ok("-vv", "--log-format", "json", "apply", path, "--yes", "--format", "json")
    events = [json.loads(line) for line in done.err.splitlines()]
    assert len(done.json["outcomes"]) == len([event for event in events if event["event"] == "call"])


def test_a_result_carries_its_plan_s_digests(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A plan inside a result is as whole as one that `plan` prints."""
    path = configure(tmp_path / "acme.yaml", tenant)
    planned = command.ok("plan", path, "--format", "json").json
    assert planned == command.ok("apply", path, "--yes", "--format", "json").json["plan"]
    assert planned["config_digest"].startswith("sha256:")
    assert planned["live_digest"].startswith("sha256:")


def test_apply_needs_consent(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Without `--yes` and without a terminal nothing is read or written, and the exit code is 1."""
    path = configure(tmp_path / "acme.yaml", tenant)
    done = command("apply", path)
    assert (1, "", 0) == (done.code, done.out, tenant.calls()["count"])
    assert "--yes" in done.err


class Keyboard(io.StringIO):
    """A terminal's input, typed in advance."""

    def isatty(self) -> bool:
        """Claim to be one."""
        return True


def test_apply_asks(command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal it shows the plan and asks; anything but yes changes nothing; nothing to do asks nothing."""
    path = configure(tmp_path / "acme.yaml", tenant)
    question = "Make these 5 calls? [y/N]:"
    for typed in ("n\n", "\n"):
        monkeypatch.setattr(sys, "stdin", Keyboard(typed))
        done = command("apply", path)
        assert (1, 0) == (done.code, tenant.calls()["writes"])
        assert "Sales" in done.out
        assert question in done.err
    monkeypatch.setattr(sys, "stdin", Keyboard("n\n"))
    done = command("apply", path, "--format", "json")
    assert (1, "", 0) == (done.code, done.out, tenant.calls()["writes"])
    assert "Sales" in done.err[: done.err.index(question)]
    monkeypatch.setattr(sys, "stdin", Keyboard(""))
    assert command("apply", path).code == 130, "the end of input is Ctrl-D, which is no answer"
    monkeypatch.setattr(sys, "stdin", Keyboard("y\n"))
    command.ok("apply", path)
    assert tenant.calls()["writes"] == 5
    command.ok("apply", path)
    assert command("plan", path, "--detailed-exitcode").code == 0


def test_apply_with_nothing_left_to_do(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A second apply writes nothing and ends with 0."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    before = tenant.calls()["writes"]
    command.ok("apply", path, "--yes")
    assert before == tenant.calls()["writes"]


def test_what_is_there_already_is_no_failure(command: Commands, tmp_path: Path) -> None:
    """A spare extension that no read shows (100015) is found to be there: applied, 0, and known from then on."""
    with simulator(seed={"sections": {"extensions": {"8001": {"number": "8001"}}}}) as running:
        path = configure(tmp_path / "acme.yaml", running, 'extensions: ["8001"]\n')
        assert command("plan", path, "--detailed-exitcode").code == 2
        command.ok("apply", path, "--yes")
        assert command("plan", path, "--detailed-exitcode").code == 0


def test_an_apply_that_stops_part_way_is_4(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Where a later call fails, the exit code is 4, and a second apply carries on from there."""
    path = configure(tmp_path / "acme.yaml", tenant)
    fault = {"kind": "refused", "method": "POST", "api": "agents*", "code": "000003", "times": 0}
    tenant.control("POST", "faults", fault)
    done = command("apply", path, "--yes")
    assert done.code == 4
    assert "second apply carries on" in " ".join(done.out.split())
    tenant.control("DELETE", "faults")
    command.ok("apply", path, "--yes")
    assert command("plan", path, "--detailed-exitcode").code == 0


def test_an_apply_whose_first_call_is_refused_is_1(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Where the vendor refused all, nothing changed, and the exit code says so."""
    path = configure(tmp_path / "acme.yaml", tenant, 'queues: {sales: {id: "9001", name: Sales}}\n')
    tenant.control("POST", "faults", {"kind": "refused", "method": "POST", "code": "000001", "times": 0})
    assert command("apply", path, "--yes").code == 1
    assert {} == tenant.state()["sections"]["queues"]


def test_a_write_without_an_answer_is_4_or_verified(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A write whose answer is lost may have happened; it is read back, and never said to have changed nothing."""
    path = configure(tmp_path / "acme.yaml", tenant, 'queues: {sales: {id: "9001", name: Sales}}\n')
    tenant.control("POST", "faults", {"kind": "reset-after", "method": "POST", "api": "queues"})
    assert command("apply", path, "--yes").code in {0, 4}
    assert command("plan", path, "--detailed-exitcode").code == 0
    assert tenant.calls()["writes"] == 1


def test_half_a_batch_is_not_nothing(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """What a batch that was refused has done in part is found, and the rest is sent again."""
    path = configure(tmp_path / "acme.yaml", tenant, f"agents:\n{FOUR}")
    fault = {"kind": "half-batch", "method": "POST", "api": "agents", "code": "000001"}
    tenant.control("POST", "faults", fault)
    command.ok("apply", path, "--yes")
    assert len(tenant.state()["sections"]["agents"]) == 4


def test_the_one_that_is_refused_is_named(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Of a batch the others are made; the culprit is named with the vendor's words and its line, and it is a 4."""
    path = configure(tmp_path / "acme.yaml", tenant, f"agents:\n{FOUR}")
    fault = {"kind": "refused", "method": "POST", "api": "agents", "body": "A3", "code": "000001", "text": "no A3"}
    tenant.control("POST", "faults", {**fault, "times": 0})
    done = command("apply", path, "--yes")
    assert done.code == 4
    assert ["1", "2", "4"] == sorted(tenant.state()["sections"]["agents"])
    line = 1 + (tmp_path / "acme.yaml").read_text(encoding="utf-8").splitlines().index(FOUR.splitlines()[2])
    assert "no A3" in done.out
    assert f"In the files: acme.yaml:{line}\n" in done.out
    assert "Not complete: 0 of 1 call done, 1 in part. Run plan" in done.out
    (kept,) = command.ok("history", "list", path, "--format", "json").json["runs"]
    assert (1, 0, {"partly": 1}) == (kept["calls"], kept["done"], kept["counts"])


def test_a_read_that_fails_is_1(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A tenant that can't be read is an error, and never taken for an empty one."""
    path = configure(tmp_path / "acme.yaml", tenant)
    for name, arguments in {
        "plan": (),
        "apply": ("--yes",),
        "drift": (),
        "fetch": ("--out", str(tmp_path / "live.json")),
    }.items():
        tenant.control("POST", "faults", {"kind": "html", "method": "GET", "api": "agents", "times": 0})
        done = command(name, path, *arguments)
        assert (1, "") == (done.code, done.out), name
        assert done.err.startswith("error"), name
        tenant.control("DELETE", "faults")
    assert tenant.calls()["writes"] == 0
    assert not (tmp_path / "live.json").exists()


@pytest.mark.parametrize("name", ["plan", "apply", "drift"])
def test_an_error_is_a_document_too(command: Commands, tenant: Simulator, tmp_path: Path, name: str) -> None:
    """With `--format json` stdout says why there is no result, as a document of its own; stderr says it as always."""
    path = configure(tmp_path / "acme.yaml", tenant)
    arguments = (name, path, "--format", "json", *(("--yes",) if name == "apply" else ()))
    invalid = command(*arguments, "--set", "nothing.x=1")
    assert (1, "reconciler-diagnostics/1", False) == (invalid.code, invalid.json["format"], invalid.json["valid"])
    tenant.control("POST", "faults", {"kind": "html", "method": "GET", "api": "agents", "times": 0})
    done = command(*arguments)
    assert (1, "reconciler-error/1") == (done.code, done.json["format"])
    assert done.err.startswith("error: ")
    assert done.json["error"]["message"].split()[0] in done.err
    assert {"message", "remedy"} <= {*done.json["error"]}


def test_a_stop_that_came_late_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    """Where all was done nevertheless, the result says so, stderr why it is 130, and they do not contradict."""
    call = Call("POST", "/q", id="c1")
    session: Any = SimpleNamespace(progress=None, lease=None, stopping=False, desired=SimpleNamespace(mask=Mask()))
    plan = Plan(contact_center="acme", provider="udesk", summary=Summary(), calls=(call,))

    async def work() -> Result:
        session.stopping = True
        return Result(outcomes=(Outcome(call=call, verdict=Verdict.DONE),), verified=True)

    assert 130 == carry_out(App(), session, plan, "text", work())
    said = capsys.readouterr()
    assert said.out.startswith("Applied: 1 call done")
    assert "All calls were made when the stop came" in said.err
    assert all(len(line) <= 80 for line in said.err.splitlines())


def test_the_bar_of_an_apply_counts_calls() -> None:
    """Each of the plan's once, in however many parts; neither what is read meanwhile nor what is sent after it."""
    for total, expected in ((2, 1), (None, 3)):
        session: Any = SimpleNamespace(progress=None, lease=None)
        with progress(App(), session, "Working", total=total) as bar:
            for error in (None, VendorError("lost"), None):  # the one in between is tried again
                session.progress.read(Asked(call=Call("GET", "/q"), number=1, milliseconds=1, error=error))
            for name in ("c1", "c1", "again-c1"):
                session.progress.outcome(Outcome(call=Call("POST", "/q", id=name), verdict=Verdict.DONE))
        assert expected == bar.done


@pytest.mark.parametrize(("live", "limit"), [(9, 5), (10, 3), (11, 3), (20, 5)])
def test_the_safety_limit(command: Commands, tmp_path: Path, live: int, limit: int) -> None:
    """Five deletions are allowed, or 30 % from ten live objects up; one more is a 3 until the very number is named."""
    with simulator(seed={"sections": {"agents": agents(live)}}) as running:
        for extra in (0, 1):
            gone = limit + extra
            kept = list(agents(live).values())[gone:]
            listed = "".join(f'  "{item["id"]}": {{work_id: "{item["work_id"]}"}}\n' for item in kept)
            path = configure(
                tmp_path / "acme.yaml", running, f"manage: {{agents: {{prune: true}}}}\nagents:\n{listed or ' {}'}"
            )
            assert 3 * extra == command("plan", path).code
        writes = running.calls()["writes"]
        for arguments in ((), ("--yes",)):
            done = command("apply" if arguments else "plan", path, *arguments)
            assert done.code == 3
            assert f"--allow-deletes agents={gone}" in done.out.replace("\n", " ")
        assert command("apply", path, "--yes", "--allow-deletes", f"agents={gone + 1}").code == 3
        assert command("apply", path, "--yes", "--allow-deletes", f"agents={gone - 1}").code == 3
        assert command("apply", path, "--yes", "--allow-deletes", f"queues={gone}").code == 3
        assert writes == running.calls()["writes"]
        command.ok("apply", path, "--yes", "--allow-deletes", f"agents={gone}")
        assert live - gone == len(running.state()["sections"]["agents"])


def test_prune_by_option(command: Commands, tmp_path: Path) -> None:
    """Without prune what the files do not name is listed; `--prune` deletes it; a section that is absent is safe."""
    seed = {"sections": {"queues": {"9001": {"name": "Sales"}, "9007": {"name": "Old"}}, "agents": agents(2)}}
    with simulator(seed=seed) as running:
        path = configure(tmp_path / "acme.yaml", running, "queues: {'9001': {name: Sales}}\n")
        made = command.ok("plan", path, "--format", "json").json
        assert ([], ["queues/9007"]) == (made["changes"], made["unmanaged"])
        command.ok("apply", path, "--yes", "--prune")
        assert ["9001"] == list(running.state()["sections"]["queues"])
        assert len(running.state()["sections"]["agents"]) == 2


def test_protect_refuses(command: Commands, tmp_path: Path) -> None:
    """A protected object is neither deleted nor left without agents; both commands end with 3."""
    seed = {
        "sections": {
            "queues": {"9001": {"name": "Sales"}},
            "agents": {"20000": {"id": "20000", "work_id": "1", "name": "A", "queues": ["9001"]}},
        }
    }
    with simulator(seed=seed) as running:
        guarded = "manage: {queues: {prune: true, protect: ['900*']}}\n"
        for body in ("queues: {}\n", "queues: {'9001': {}}\nagents: {'20000': {queues: []}}\n"):
            path = configure(tmp_path / "acme.yaml", running, guarded + body)
            assert (3, 3) == (command("plan", path).code, command("apply", path, "--yes").code)
            refusals = command("plan", path, "--format", "json").json["refusals"]
            assert "protected" in [refusal["rule"] for refusal in refusals]
        assert running.calls()["writes"] == 0


def test_ignore_and_additive(command: Commands, tmp_path: Path) -> None:
    """What is ignored is not even listed; members that were added by hand stay where the field is additive."""
    seed = {
        "sections": {
            "queues": {"9001": {"name": "Sales"}, "9002": {"name": "Support"}, "9100": {"name": "Test"}},
            "agents": {"20000": {"id": "20000", "work_id": "1", "name": "A", "queues": ["9001", "9002"]}},
        }
    }
    body = (
        "manage: {queues: {prune: true, ignore: ['91*']}, agents: {additive: [queues]}}\n"
        "queues: {'9001': {}, '9002': {}}\nagents: {'20000': {queues: ['9001']}}\n"
    )
    with simulator(seed=seed) as running:
        made = command.ok("plan", configure(tmp_path / "acme.yaml", running, body), "--format", "json").json
        assert ([], []) == (made["changes"], made["unmanaged"])


def test_target(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """`--target` takes what it names and what that needs; an address that nothing has is an error."""
    path = configure(tmp_path / "acme.yaml", tenant)
    made = command.ok("plan", path, "--target", "queues/sales", "--format", "json").json
    assert ["queues/sales"] == [change["address"] for change in made["changes"]]
    made = command.ok("plan", path, "--target", "agents/li.wei", "--format", "json").json
    assert {"agents/li.wei", "queues/sales", "extensions/8001"} == {change["address"] for change in made["changes"]}
    for wrong in ("queues/sale", "sales", "queues", "", "/", "queues/"):
        done = command("plan", path, "--target", wrong)
        assert (1, "") == (done.code, done.out), wrong
        assert "no such address" in done.err, wrong


def test_set_and_overlay(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """An overlay is merged over the files, and an assignment over that."""
    path = configure(tmp_path / "acme.yaml", tenant)
    overlay = tmp_path / "staging.yaml"
    overlay.write_text("queues: {sales: {name: Staging, timeout: 30}}\nagents: null\n", encoding="utf-8")
    given = ("--overlay", str(overlay), "--set", "queues.sales.timeout=90")
    made = command.ok("plan", path, *given, "--format", "json").json
    assert {"id": "9001", "name": "Staging", "timeout": 90} == {
        "id": made["changes"][0]["identity"],
        **{item["path"]: item["after"] for item in made["changes"][0]["fields"] if item["path"] in {"name", "timeout"}},
    }
    assert len(made["changes"]) == 1
    for wrong in ("queues.sales.timeout", "queues..timeout=1", "queues.sales.timout=1", "=1", ""):
        done = command("plan", path, "--set", wrong)
        assert (1, "") == (done.code, done.out), wrong
    assert command("plan", path, "--overlay", str(tmp_path / "none.yaml")).code == 1


@pytest.mark.parametrize("name", ["validate", "plan", "drift", "apply"])
@pytest.mark.parametrize("path", ["nowhere", "nowhere.json", "nowhere.yaml", "", "/dev/null", "/proc/self/mem"])
def test_paths_that_are_no_configuration(command: Commands, tmp_path: Path, name: str, path: str) -> None:
    """Whatever is named, the worst is an error that says what is wrong."""
    more = ("--yes",) if name == "apply" else ()
    where = path if path.startswith("/") or not path else str(tmp_path / path)
    done = command(name, where, *more)
    assert (1, "") == (done.code, done.out)
    assert done.err


def test_reading_commands_write_nothing(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Only apply and drift write to `.reconciler/`, which ignores itself in git; nobody writes anything else."""
    path = configure(tmp_path / "conf" / "acme.yaml", tenant)
    for applied in (False, True):
        before = files(tmp_path / "conf")
        command.ok("validate", path)
        command.ok("plan", path)
        command.ok("fetch", path, "--out", "-")
        assert before == files(tmp_path / "conf")
        if not applied:
            assert {"acme.yaml"} == before.keys()
            command.ok("apply", path, "--yes")
    command.ok("drift", path)
    assert {
        "acme.yaml": head(tenant.url).encode() + BODY.encode(),
        ".reconciler/.gitignore": b"*\n",
    } == {name: content for name, content in files(tmp_path / "conf").items() if not name.endswith((".db", ".json"))}


def test_no_colour_unless_asked(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Where it is no terminal there is no escape sequence; `--color always` forces them, NO_COLOR or not."""
    path = configure(tmp_path / "acme.yaml", tenant)
    assert not ANSI.search(command.ok("plan", path).out)
    assert not ANSI.search(command.ok("--color", "never", "plan", path).out)
    assert ANSI.search(command.ok("--color", "always", "plan", path).out)
    assert not ANSI.search(command("--color", "auto", "validate", "nowhere").err)
    assert ANSI.search(command("--color", "always", "validate", "nowhere").err)
    assert not ANSI.search(command.ok("--color", "always", "plan", path, "--format", "json").out)


def test_quiet_says_the_result_alone(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """With -q nothing but results and errors is said."""
    path = configure(tmp_path / "acme.yaml", tenant)
    done = command.ok("-q", "fetch", path, "--out", str(tmp_path / "live.json"))
    assert ("", "") == (done.out, done.err)


def test_errors_hide_secrets(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Credentials that were written into the file, or given with --set, stand in no message."""
    path = tmp_path / "acme.yaml"
    path.write_text(head(tenant.url) + "queues: {sales: {id: '9001', timout: 1}}\n", encoding="utf-8")
    for arguments in (
        ("--set", f"provider.sid={SID}", "--set", f"provider.auth_token={AUTH_TOKEN}"),
        ("--set", f"provider.auth_tokn={AUTH_TOKEN}"),
        ("--set", f"provider={SID}"),
    ):
        for form in ("text", "json"):
            done = command("validate", str(path), *arguments, "--format", form)
            assert done.code == 1
            assert SID not in done.out + done.err
            assert AUTH_TOKEN not in done.out + done.err


def test_an_output_that_can_t_be_written(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A file that can't be made is an error with a remedy."""
    path = configure(tmp_path / "acme.yaml", tenant)
    for name in ("plan", "fetch"):
        for out in (str(tmp_path), str(tmp_path / "no" / "folder.json"), "/dev/full", ""):
            done = command(name, path, "--out", out)
            assert done.code == 1, (name, out)
            assert "can't be written" in " ".join(done.err.split()), (name, out)
