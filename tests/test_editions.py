"""What a vendor's edition does not have is told as such: it ends no run that can do without, and is never empty."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.diff import free_sections, spared_sections
from reconciler.model.call import Call
from reconciler.model.live import Live
from reconciler.providers.tencent import PROVIDER
from tests.commands import Commands, Done, configure_tencent
from tests.dead_run import left_open
from tests.laws.tencent.tenants import desired_of, live_of
from tests.servers import AUTH_TOKEN, SID, Simulator, running

SEED: Final = {
    "tenant": "1400000000",
    "sections": {
        "queues": {"Sales": {}, "Spare": {}},
        "agents": {"a@x.com": {"name": "A", "staff_number": "1", "queues": ["Sales"]}},
        "extensions": {"8001": {"name": "Desk", "queues": ["Sales"], "agent": "a@x.com"}},
    },
}
STAFFED: Final = """\
queues: {sales: {name: Sales}}
agents:
  a: {email: a@x.com, name: A2, queues: [sales]}
  b: {email: b@x.com, name: B, staff_number: "2", queues: [sales]}
"""
NOT_SHOWN: Final = "this edition does not show extensions: who refers to agents and queues from there is not known"


@pytest.fixture
def old() -> Iterator[Simulator]:
    """Run a vendor whose edition has no telephones."""
    face = PROVIDER.face(seed=SEED, tenant=None, credentials=(SID, AUTH_TOKEN), dialect=(), clock=time.time)
    face.add_fault({"kind": "refused", "api": "DescribeExtensions", "code": "InvalidAction", "text": "No.", "times": 0})
    with running(face) as found:
        yield found


def warnings(document: Mapping[str, Any]) -> list[str]:
    """Give what a plan warns of."""
    return [item["message"] for item in document["warnings"] if item["code"] == "not-shown"]


def flat(text: str) -> str:
    """Undo line breaks."""
    return " ".join(text.split())


def test_a_plan_that_can_do_without_warns_once(command: Commands, old: Simulator, tmp_path: Path) -> None:
    """The section is neither managed nor named by what is, so the rest is planned as ever."""
    path = configure_tencent(tmp_path / "acme.yaml", old, STAFFED)
    made = command.ok("plan", path, "--format", "json").json
    assert ["agents/a", "agents/b"] == [change["address"] for change in made["changes"]]
    assert [NOT_SHOWN] == warnings(made)
    assert NOT_SHOWN in flat(command.ok("plan", path).out)


def test_an_apply_that_can_do_without_reaches_its_goal(command: Commands, old: Simulator, tmp_path: Path) -> None:
    """Looking before each call, reading back, finding out about a lost answer, and drift do without it too."""
    path = configure_tencent(tmp_path / "acme.yaml", old, STAFFED)
    old.control("POST", "faults", {"kind": "reset-after", "api": "CreateStaff"})
    old.control("POST", "faults", {"kind": "reset-before", "api": "ModifyStaff"})
    done = command.ok("apply", path, "--yes", "--format", "json").json
    assert (True, True) == (done["complete"], done["verified"])
    assert ["a@x.com", "b@x.com"] == [*old.state()["sections"]["agents"]]
    command.ok("plan", path, "--detailed-exitcode")
    drifted = command.ok("drift", path, "--format", "json").json
    assert ([], [NOT_SHOWN]) == (drifted["drift"], warnings(drifted))


def test_a_person_is_deleted_without_it(command: Commands, old: Simulator, tmp_path: Path) -> None:
    """Whether it happened is judged from the people alone; the vendor's refusal tells of telephones in the way."""
    body = "manage: {agents: {prune: true}}\nqueues: {sales: {name: Sales}}\nagents: {b: {email: b@x.com, name: B, "
    path = configure_tencent(tmp_path / "acme.yaml", old, f'{body}staff_number: "2", queues: [sales]}}}}\n')
    old.control("POST", "faults", {"kind": "reset-after", "api": "DeleteStaff"})
    done = command("apply", path, "--yes", "--format", "json")
    assert ["b@x.com"] == [*old.state()["sections"]["agents"]], done
    assert 0 == done.code


def test_what_a_dead_run_left_open_is_settled_without_it(command: Commands, old: Simulator, tmp_path: Path) -> None:
    """People are looked for alone; a telephone can't be seen, which is said, and does not end the run."""
    path = configure_tencent(tmp_path / "acme.yaml", old, STAFFED)
    gone = Call("POST", "/", {"StaffList": ["x@x.com"]}, action="DeleteStaff", id="c1")
    desk = Call("POST", "/", {"ExtensionId": "8009"}, action="DeleteExtension", id="c2")
    left_open(tmp_path, gone, desk, tenant="tencent:acme:1400000000")
    told = flat(command.ok("apply", path, "--yes").err)
    assert "c1 DeleteStaff had happened" in told
    assert "c2 DeleteExtension can't be seen" in told


@pytest.mark.parametrize(
    "body",
    [
        "extensions: {'8001': {name: Desk}}\n",
        "manage: {extensions: {prune: true}}\nqueues: {sales: {name: Sales}}\n",
    ],
)
def test_what_the_files_manage_must_be_shown(command: Commands, old: Simulator, tmp_path: Path, body: str) -> None:
    """It is an error, with what to do, rather than an empty section in which all is to be made."""
    path = configure_tencent(tmp_path / "acme.yaml", old, body)
    done = command("plan", path)
    assert (1, "") == (done.code, done.out)
    assert "This edition does not show extensions: take the section, and whatever names it, out" in flat(done.err)
    assert 1 == command("apply", path, "--yes").code


def test_a_vendor_that_shows_nothing_is_an_error(command: Commands, old: Simulator, tmp_path: Path) -> None:
    """As with a version that it does not know any more."""
    old.control("POST", "faults", {"kind": "refused", "code": "NoSuchVersion", "times": 0})
    path = configure_tencent(tmp_path / "acme.yaml", old, STAFFED)
    for arguments in (("plan", path), ("fetch", path, "--out", str(tmp_path / "live.json"))):
        assert 1 == command(*arguments).code
    assert not (tmp_path / "live.json").exists()


def fetched(command: Commands, old: Simulator, tmp_path: Path, body: str) -> tuple[str, str, Done]:
    """Fetch a snapshot; give its path and the configuration's."""
    path, out = configure_tencent(tmp_path / "acme.yaml", old, body), str(tmp_path / "live.json")
    return path, out, command.ok("fetch", path, "--out", out)


def test_a_snapshot_says_what_it_was_taken_without(command: Commands, old: Simulator, tmp_path: Path) -> None:
    """A plan from it is the live one, a simulator starts from it, and what is not there is not taken for empty."""
    path, out, done = fetched(command, old, tmp_path, STAFFED)
    assert "Left out, since this edition of the vendor does not show it: extensions." in flat(done.err)
    whole = json.loads(Path(out).read_text(encoding="utf-8"))
    assert (["extensions"], False) == (whole["left_out"], "extensions" in whole["sections"])
    offline = command.ok("plan", path, "--live", out, "--format", "json").json
    assert command.ok("plan", path, "--format", "json").json == offline
    face = PROVIDER.face(seed=whole, tenant=None, credentials=(SID, AUTH_TOKEN), dialect=(), clock=time.time)
    assert ["a@x.com"] == [*face.state()["sections"]["agents"]]
    configure_tencent(tmp_path / "acme.yaml", old, "extensions: {'8001': {name: Desk}}\n")
    assert "does not hold extensions" in flat(command("plan", path, "--live", out).err)
    configure_tencent(tmp_path / "acme.yaml", old, STAFFED)
    Path(out).write_text(json.dumps({**whole, "left_out": 7}), encoding="utf-8")
    assert "does not hold extensions" in flat(command("plan", path, "--live", out).err)


def test_an_export_leaves_it_out_and_says_so(command: Commands, old: Simulator, tmp_path: Path) -> None:
    """A section that stood there empty would be a wish."""
    frame, out = configure_tencent(tmp_path / "frame.yaml", old, ""), tmp_path / "out"
    done = command.ok("export", "--provider-file", frame, "--out", str(out))
    assert "Not written, since this edition of the vendor does not show it: extensions." in flat(done.err)
    assert not any("extensions" in path.read_text(encoding="utf-8") for path in out.glob("*.yaml"))
    command.ok("validate", str(out))


def test_what_can_be_done_without() -> None:
    """What neither is managed nor may be named by what is; of a whole tenant, what nothing else may name."""
    kinds = PROVIDER.kinds
    for managed, spared in (
        ("queues", {"agents", "extensions", "numbers", "voice_files"}),
        ("agents", {"extensions", "numbers", "voice_files"}),
        ("extensions", {"numbers", "voice_files"}),
        ("numbers", {"agents", "extensions", "voice_files"}),
    ):
        assert spared == spared_sections(desired_of({managed: {}}, prune=()), kinds)
    assert {"extensions", "numbers", "voice_files"} == free_sections(kinds)


def test_a_deletion_of_people_is_judged_without_telephones() -> None:
    """By whether they are there."""
    call = Call("POST", "/", {"StaffList": ["a@x.com"]}, action="DeleteStaff")
    whole = live_of({"queues": {"Sales": {}}, "agents": {"a@x.com": {"name": "A"}}})
    without = Live({name: whole.sections[name] for name in ("queues", "agents")})
    assert False is PROVIDER.happened(call, without)
    assert True is PROVIDER.happened(call, Live({**without.sections, "agents": {}}))
    assert None is PROVIDER.happened(call, Live({}))
