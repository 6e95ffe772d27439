"""
Every fault at every kind of call: what was wished is there in the end, or it is named; and nothing is there twice.

All kinds of calls run into the same trouble in one apply, each on objects of its own. In the deep profile each cell of
the table is run by itself, too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.model.outcome import Verdict
from tests.commands import Commands, by_hand, configure
from tests.conformance.stage import Stage
from tests.conformance.troubled import (
    TROUBLE,
    Ran,
    Trouble,
    calmly,
    names_of,
    run,
    soon,
    tables,
    troubled,
    undisturbed,
)
from tests.conformance.vendor import Kind, Vendor
from tests.conformance.vendors import VENDORS
from tests.servers import simulator

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DEEP: Final = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
FINE: Final = {Verdict.DONE, Verdict.ALREADY}
EVERY: Final = [(vendor, name) for vendor in VENDORS.values() for name in names_of(vendor)]


@pytest.mark.parametrize(("vendor", "name"), EVERY, ids=str)
def test_every_kind_of_call_in_trouble(vendor: Vendor, name: str) -> None:
    """A run gets over what passes; it names what does not, goes on with the rest, and a calm run carries on."""
    for kinds, ran in troubled(vendor, name):
        _judge(TROUBLE[name], kinds, ran)


@pytest.mark.skipif(not DEEP, reason="each cell by itself: with HYPOTHESIS_PROFILE=deep")
@pytest.mark.parametrize(("vendor", "name"), EVERY, ids=str)
def test_each_cell_by_itself(vendor: Vendor, name: str, tmp_path: Path) -> None:
    """The same with nothing else in the run, so that no other call's reading back helps."""
    trouble = TROUBLE[name]
    for place, kind in enumerate(vendor.kinds):
        if trouble.befalls(kind):
            _judge(trouble, (kind,), run(vendor, (kind,), trouble, tmp_path / str(place)))


def _judge(trouble: Trouble, kinds: tuple[Kind, ...], ran: Ran) -> None:
    calm = undisturbed(ran.vendor, kinds)
    assert calm.result.complete
    assert () == ran.told, "nothing is left open, so the next run has nothing to settle"
    assert calm.end == ran.end, "after a calm apply, nothing is missing, different, or there twice"
    assert (True, ()) == (ran.calm.complete, ran.left)
    if trouble.settles:
        assert ran.result.complete, [*(item for item in ran.result.outcomes if item.error), ran.result]
        assert calm.state == ran.state
        assert () == ran.sent_calmly
        assert _changes(calm) == _changes(ran), "no write took effect more often than it should"
    else:
        _judge_failed(trouble, kinds, ran)
    if trouble.lost:
        for kind in kinds:
            _read_in_between(trouble, kind, ran)
    if ran.vendor.gives_passwords:
        _passwords_are_somewhere(ran)
    _no_secrets(ran)


def _changes(ran: Ran) -> int:
    return sum(seen.changed for seen in ran.seen)


def _judge_failed(trouble: Trouble, kinds: Sequence[Kind], ran: Ran) -> None:
    """Hold that what failed says so, what waits for it was not sent, and all the rest was done."""
    result = ran.result
    assert not result.complete
    assert result.wrote is any(seen.changed for seen in ran.seen), "exit 4 if something was written, else 1"
    failed = {item.call.id for item in result.outcomes if item.verdict not in {*FINE, Verdict.SKIPPED}}
    assert {item.call.id for kind in kinds for item in ran.outcomes(kind)} <= failed | _after(failed, ran)
    for item in result.outcomes:
        match item.verdict:
            case Verdict.SKIPPED:
                assert failed & {*item.blocked_by}, "it says because of what it was not tried"
                assert item.call.id in _after(failed, ran)
            case Verdict.FAILED:
                assert item.error is not None
                assert trouble.nobody or item.call.title in str(item.error)
            case _:
                assert item.verdict in FINE
    skipped = [item.call for item in result.outcomes if item.verdict is Verdict.SKIPPED]
    for call in skipped:
        sent = [seen for seen in ran.seen if (seen.method, seen.api) == (call.method, ran.vendor.asked(call))]
        names = ran.vendor.names(call.body or {})
        assert not any(f'"{name}"' in seen.body for seen in sent for name in names)


def _after(failed: set[str], ran: Ran) -> set[str]:
    """Find all calls that need one of *failed*, at any distance."""
    found = set(failed)
    for call in ran.made.calls:
        if found & {*call.needs}:
            found.add(call.id)
    return found - failed


def _read_in_between(trouble: Trouble, kind: Kind, ran: Ran) -> None:
    """Hold that what may have happened is not sent again before it was read back; what is seen there, never."""
    places = ran.arrived(kind)
    if not kind.reads:
        assert 2 == len(places), "what no read shows is sent once more"
        return
    unclear = bool(trouble.dialect) and kind.unclear_late
    assert len(places) in ({1, 2} if unclear else {1} if trouble.done else {2}), kind.name
    for first, second in pairwise(places):
        between = ran.seen[first + 1 : second]
        assert any(seen.reads and seen.api.startswith(kind.reads) for seen in between), kind.name


def _passwords_are_somewhere(ran: Ran) -> None:
    """Hold that of an extension that was made the password is stored, or told to be lost."""
    made = {*ran.end["extensions"]} - {*ran.start["extensions"]}
    lost = {number for result in (ran.result, ran.calm) for item in result.outcomes for number in item.lost}
    noted = " ".join(item.note for result in (ran.result, ran.calm) for item in result.outcomes)
    for number in made:
        assert number in ran.passwords or number in lost or number in noted or "passwords" in noted, number
    assert not lost & {*ran.passwords}


def _no_secrets(ran: Ran) -> None:
    shown = f"{ran.result!r}{ran.calm!r}{ran.told}" + "".join(
        f"{item.error} {item.error.remedy} {item.error.__dict__}" for item in ran.result.outcomes if item.error
    )
    for secret in (*ran.vendor.secrets, *ran.passwords.values()):
        assert secret not in shown


BY_HAND: Final = [(vendor, name) for vendor in VENDORS.values() for name in vendor.by_name]


@pytest.mark.parametrize(("vendor", "name"), BY_HAND, ids=str)
def test_somebody_else_changes_it_in_between(vendor: Vendor, name: str, tmp_path: Path) -> None:
    """Right before a write it is seen, and told with both values; what the hand did stays as it is."""
    kind = vendor.by_name[name]
    assert kind.by_hand is not None
    method, api, body = kind.by_hand
    hand = Trouble(
        name="by hand",
        fault={"kind": "changed-by-hand", "call": {"method": method, "api": api, "body": body}},
    )
    # One after the other, so that what somebody does after the first write comes before the second.
    ran = run(vendor, (vendor.starts, kind), hand, tmp_path, at=(vendor.starts,), calm=False, **vendor.in_turn)
    if not kind.shows:  # no read shows it, or it is nothing that the plan relies on
        assert ran.result.complete
        return
    assert (False, True) == (ran.result.complete, ran.result.wrote)
    assert kind.shows in {stale.address for stale in ran.result.stale}
    assert [] == ran.arrived(kind), "it was not sent"
    told = " ".join(str(item.error) for item in ran.result.outcomes if item.error)
    assert kind.shows in told
    section = kind.shows.partition("/")[0]
    assert ran.start[section] != ran.state[section], "what the hand did is still there"
    assert method == "DELETE" or undisturbed(vendor, (vendor.starts, kind)).end[section] != ran.state[section]


TEAM: Final = {
    str(number): {"id": str(number), "work_id": f"w{number}", "queues": ["sales"]} for number in range(31, 39)
}
CULPRIT: Final = {"kind": "refused", "method": "POST", "api": "agents", "body": '"35"', "times": 0, "code": "000001"}


def test_a_batch_is_split_until_the_culprit_stands_alone(tmp_path: Path) -> None:
    """The others are made and bound; the culprit and what waits for it are named; the next run carries on."""
    with simulator(seed={"sections": {"queues": {"9001": {"name": "Sales"}}}}) as vendor:
        stage = Stage(root=tmp_path, url=vendor.url, settings={"agent_batch": 100})
        stage.write({"queues": {"sales": {"id": "9001"}}, "agents": TEAM})
        vendor.control("POST", "faults", CULPRIT)
        made, result = stage.apply()
        assert 2 == len(made.calls), "one creation, one binding"
        assert (False, True) == (result.complete, result.wrote)
        (failed,) = [item for item in result.outcomes if item.verdict is Verdict.FAILED]
        assert "000001" in str(failed.error)
        assert ("agents/35",) == failed.call.changes
        (skipped,) = [item for item in result.outcomes if item.verdict is Verdict.SKIPPED]
        assert (("agents/35",), (failed.call.id,)) == (skipped.call.changes, skipped.blocked_by)
        agents = vendor.state()["sections"]["agents"]
        assert {*TEAM} - {"35"} == {*agents}
        assert {("9001",)} == {tuple(agent["queues"]) for agent in agents.values()}
        posts = [
            call for call in vendor.calls()["calls"] if (call["method"], call["path"]) == ("POST", "/ccapi/v2/agents")
        ]
        assert 7 == len(posts), "eight, four, four, two, one, one, two"

        vendor.control("DELETE", "faults")
        made, result = stage.apply()
        assert ["agents/35"] == [change.address for change in made.changes]
        assert result.complete
        assert (("9001",), ()) == (tuple(vendor.state()["sections"]["agents"]["35"]["queues"]), stage.plan().calls)


@pytest.mark.parametrize("fail_fast", [False, True])
def test_what_is_not_tied_to_a_failure_goes_on(command: Commands, tmp_path: Path, fail_fast: bool) -> None:  # noqa: FBT001
    """Without --fail-fast all that can be done is done; with it nothing more is started. Both are exit 4."""
    with simulator() as vendor:
        path = configure(tmp_path / "acme.yaml", vendor, QUEUES)
        made = command.ok("plan", path, "--format", "json").json
        assert ["9001", "9002", "9003"] == [call["body"]["QueueId"] for call in made["calls"]]
        vendor.control("POST", "faults", {"kind": "refused", "method": "POST", "body": '"9002"', "code": "000001"})
        options = ["--fail-fast"] if fail_fast else []
        done = command("apply", path, "--yes", "--set", "provider.max_parallel=1", *options)
        assert 4 == done.code, done.err
        assert ["9001", *([] if fail_fast else ["9003"])] == sorted(vendor.state()["sections"]["queues"])
        assert "000001" in done.out + done.err
        command.ok("apply", path, "--yes")
        assert ["9001", "9002", "9003"] == sorted(vendor.state()["sections"]["queues"])


QUEUES: Final = (
    'queues: {a: {id: "9001", name: A, timeout: 60}, b: {id: "9002", name: B, timeout: 60}, '
    'c: {id: "9003", name: C, timeout: 60}}\n'
)
HAND: Final = {"method": "PUT", "api": "queues", "body": {"QueueId": "9002", "QueueName": "B", "Timeout": 77}}


def test_nothing_is_written_over_what_somebody_did_meanwhile(command: Commands, tmp_path: Path) -> None:
    """Between two writes of one apply: exit 4, with the field and both values, and the value by hand stays."""
    with simulator(
        seed={"sections": {"queues": {f"900{n}": {"name": "Old", "timeout": 60} for n in (1, 2, 3)}}}
    ) as vendor:
        path = configure(tmp_path / "acme.yaml", vendor, QUEUES)
        vendor.control("POST", "faults", {"kind": "changed-by-hand", "method": "PUT", "call": HAND})
        done = command("apply", path, "--yes", "--set", "provider.max_parallel=1")
        assert 4 == done.code, done.err
        for word in ("queues/b timeout", "60", "77"):
            assert word in done.out + done.err
        queues = vendor.state()["sections"]["queues"]
        assert ("A", 77, "Old") == (queues["9001"]["name"], queues["9002"]["timeout"], queues["9003"]["name"])


SAVED: Final = """\
queues: {sales: {id: "9001", name: Sales, timeout: 90}}
fast_routers: {"1": {queue: sales, description: Sales}}
agents: {li: {id: "31", work_id: "w31", queues: [sales]}}
"""
START: Final = {
    "queues": {"9001": {"name": "Sales", "timeout": 60}, "9002": {"name": "Other"}},
    "agents": {"31": {"work_id": "w31"}, "32": {"work_id": "w32"}},
}


@pytest.mark.parametrize(
    ("method", "api", "body", "told"),
    [
        ("PUT", "queues", {"QueueId": "9001", "QueueName": "Sales", "Timeout": 45}, ("queues/sales", "60", "45")),
        (
            "PUT", "ivrs/fastrouters", {"FastRouter": [{"Dtmf": "7", "Desc": "By hand", "QueueId": "9002"}]},
            ("fast_routers/1", "FastRouter", "'9002'"),
        ),
        (
            "POST", "agents/queues", {"AgentId": "31", "Queues": ["9002"]},
            ("agents/li queues", "without 9002", "with 9002"),
        ),
        ("PUT", "queues", {"QueueId": "9002", "QueueName": "Renamed"}, ()),
        ("PUT", "agents/32", {"AgentId": "32", "WorkId": "w32", "Name": "Renamed"}, ()),
    ],
    ids=["a queue", "the key table", "an agent's queues", "another queue", "another agent"],
)  # fmt: skip
def test_a_saved_plan_stops_at_what_it_touches(  # noqa: PLR0913, PLR0917 - a case
    command: Commands, tmp_path: Path, method: str, api: str, body: dict[str, Any], told: Sequence[str]
) -> None:
    """What it touches changed since: exit 3 with field and both values, nothing written; elsewhere, it goes on."""
    with simulator(seed={"sections": START}) as vendor:
        path = configure(tmp_path / "acme.yaml", vendor, SAVED)
        out = str(tmp_path / "plan.json")
        command.ok("plan", path, "--out", out)
        by_hand(vendor, method, api, body)
        before, writes = vendor.state(), vendor.calls()["writes"]
        done = command("apply", out)
        assert (3 if told else 0) == done.code, done.err
        for word in told:
            assert word in done.err
        if told:
            assert (before, writes) == (vendor.state(), vendor.calls()["writes"])


def test_what_failed_is_not_told_to_be_otherwise(tmp_path: Path) -> None:
    """The refusal tells; only what was sent, and did not become so, is told as read back otherwise."""
    with simulator() as vendor:
        stage = Stage(root=tmp_path, url=vendor.url)
        stage.write({"application": {"memo": "New"}, "queues": {"9001": {"name": "Sales"}}})
        vendor.control(
            "POST", "faults", {"kind": "refused", "method": "PUT", "api": "apps", "code": "000001", "times": 0}
        )
        result = stage.apply()[1]
        assert [Verdict.DONE, Verdict.FAILED] == sorted(item.verdict for item in result.outcomes)
        assert () == result.mismatches
        assert result.verified
        assert not result.complete


def test_what_no_read_shows_is_not_taken_for_what_it_was(tmp_path: Path) -> None:
    """Events that may have been set, and are then wished as they were before: they are sent, for nobody can know."""
    events = [{"webhook_events": {"call": [name]}} for name in ("begin", "end")]
    with simulator() as vendor:
        stage = Stage(root=tmp_path, url=vendor.url)
        stage.write(events[0])
        assert stage.apply()[1].complete
        vendor.control("POST", "faults", {"kind": "error-after", "method": "PUT", "times": 0})
        stage.write(events[1])
        (unknown,) = stage.apply()[1].outcomes
        assert Verdict.UNKNOWN is unknown.verdict
        assert "no read shows" in str(unknown.error)
        vendor.control("DELETE", "faults")
        assert ["end"] == vendor.state()["sections"]["webhook_events"][""]["call"]
        stage.write(events[0])
        with stage.session() as session:
            told, _, calm = soon(calmly(session))
        assert calm.complete
        assert "can't be seen" in " ".join(told)
        assert ["begin"] == vendor.state()["sections"]["webhook_events"][""]["call"]


def test_the_table_in_the_docs_is_what_happens() -> None:
    """docs/reliability.md says for each trouble and each kind of call what the runs above show."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- faults -->\n+(.*?)\n+<!-- end -->", text, re.DOTALL)
    assert shown is not None
    assert tables() == shown[1], "run `make docs`"


def test_every_claim_of_the_docs_has_its_test() -> None:
    """Each test that docs/reliability.md names exists."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 20
    assert text.count("`tests/") == len(named), "each is named as `path::test`"
    missing = [f"{path}::{test}" for path, test in named if not _is_there(ROOT / path, test)]
    assert [] == missing


def _is_there(path: Path, test: str) -> bool:
    return (
        path.exists()
        and re.search(rf"^(def|class) {test}\(", path.read_text(encoding="utf-8"), re.MULTILINE) is not None
    )
