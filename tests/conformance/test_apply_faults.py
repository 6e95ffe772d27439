"""
Every fault × every kind of call: what was wished is there in the end, or what is not is named; and nothing is there twice.

All kinds of calls run into the same trouble in one apply, each on objects of its own. In the deep profile each cell of
the table is run by itself, too.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler import pipeline
from reconciler.model.errors import Overtaken, Refused
from reconciler.model.outcome import Result, Verdict
from reconciler.report.document import dumps, result_document
from tests.commands import Commands, by_hand, configure
from tests.conformance import calls
from tests.conformance.calls import BY_NAME, KINDS, Kind
from tests.conformance.stage import Stage
from tests.conformance.troubled import TROUBLE, TROUBLES, Ran, Trouble, run, soon, table, troubled, undisturbed
from tests.servers import AUTH_TOKEN, SID, Simulator, simulator

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DEEP: Final = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
FINE: Final = {Verdict.DONE, Verdict.ALREADY}
# What no read shows. It is sent again without one: either the vendor's answer tells, or twice is as good as once.
UNSEEN: Final = {kind.name for kind in KINDS if not kind.reads}


@pytest.mark.parametrize("name", TROUBLE)
def test_every_kind_of_call_in_trouble(name: str) -> None:
    """A run gets over what passes; it names what does not, goes on with the rest, and a calm run carries on."""
    for kinds, ran in troubled(name):
        _judge(TROUBLE[name], kinds, ran)


@pytest.mark.skipif(not DEEP, reason="each cell by itself: with HYPOTHESIS_PROFILE=deep")
@pytest.mark.parametrize("name", TROUBLE)
def test_each_cell_by_itself(name: str, tmp_path: Path) -> None:
    """The same with nothing else in the run, so that no other call's reading back helps."""
    trouble = TROUBLE[name]
    for place, kind in enumerate(KINDS):
        if kind.lists or not trouble.batches:
            _judge(trouble, (kind,), run((kind,), trouble, tmp_path / str(place)))


def _judge(trouble: Trouble, kinds: tuple[Kind, ...], ran: Ran) -> None:
    calm = undisturbed(kinds)
    assert calm.result.complete
    assert () == ran.told, "nothing is left open, so the next run has nothing to settle"
    assert calm.end == ran.end, "after a calm apply, nothing is missing, different, or there twice"
    assert (True, ()) == (ran.calm.complete, ran.left.calls)
    if trouble.settles:
        assert ran.result.complete, [*(item for item in ran.result.outcomes if item.error), ran.result]
        assert calm.state == ran.state
        assert () == ran.calm_made.calls
        assert _changes(calm) == _changes(ran), "no write took effect more often than it should"
    else:
        _judge_failed(trouble, kinds, ran)
    if trouble.lost:
        for kind in kinds:
            _read_in_between(trouble, kind, ran)
    _passwords_are_somewhere(ran)
    _no_secrets(ran)


def _changes(ran: Ran) -> int:
    return sum(seen.changed for seen in ran.seen)


def _judge_failed(trouble: Trouble, kinds: Sequence[Kind], ran: Ran) -> None:
    """What failed says so, what waits for it was not sent, and all the rest was done."""
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
        sent = [seen for seen in ran.seen if (seen.method, f"/ccapi/v2/{seen.api}") == (call.method, call.path)]
        assert not any(repr(value) in seen.body.replace('"', "'") for seen in sent for value in _ids(call.body))


def _ids(body: Mapping[str, Any] | None) -> list[str]:
    """Give the one thing that tells a call of its path from others."""
    found = body or {}
    agents = found.get("Agents")
    return (
        [agents[0]["AgentId"]] if agents else [str(found[name]) for name in ("Extension", "AgentId") if name in found]
    )


def _after(failed: set[str], ran: Ran) -> set[str]:
    """Find all calls that need one of *failed*, at any distance."""
    found = set(failed)
    for call in ran.made.calls:
        if found & {*call.needs}:
            found.add(call.id)
    return found - failed


def _read_in_between(trouble: Trouble, kind: Kind, ran: Ran) -> None:
    """What may have happened is not sent again before it was read back; what was seen to be done, never."""
    places = ran.arrived(kind)
    if not kind.reads:
        assert 2 == len(places), "what no read shows is sent once more"
        return
    assert (1 if trouble.done else 2) == len(places), kind.name
    for first, second in zip(places, places[1:], strict=False):
        between = ran.seen[first + 1 : second]
        assert any(seen.method == "GET" and seen.api.startswith(kind.reads) for seen in between), kind.name


def _passwords_are_somewhere(ran: Ran) -> None:
    """An extension that was made: its password is stored, or it is told that it is lost."""
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
    for secret in (SID, AUTH_TOKEN, "Sign=", *(entry["password"] for entry in ran.passwords.values())):
        assert secret not in shown


STARTS: Final = Kind(
    name="an agent that is made first",
    method="POST", api="agents", body='"100"', reads="agents",
    wish={"agents": {"100": {"id": "100", "work_id": "w100"}}},
)  # fmt: skip
# One after the other, so that what somebody does after the first write comes before the second.
IN_TURN: Final = {"max_parallel": 1, "agent_batch": 1}


@pytest.mark.parametrize("name", BY_NAME)
def test_somebody_else_changes_it_in_between(name: str, tmp_path: Path) -> None:
    """Right before a write it is seen, and told with both values; what the hand did stays as it is."""
    kind = BY_NAME[name]
    assert kind.by_hand is not None
    method, api, body = kind.by_hand
    hand = Trouble(
        name="by hand",
        fault={"kind": "changed-by-hand", "call": {"method": method, "api": api, "body": body}},
    )
    ran = run((STARTS, kind), hand, tmp_path, at=(STARTS,), **IN_TURN)
    if not kind.shows:  # no read shows it, or it is nothing that the plan relies on
        assert ran.result.complete
        return
    assert (False, True) == (ran.result.complete, ran.result.wrote)
    assert kind.shows in {stale.address for stale in ran.result.stale}
    assert [] == ran.arrived(kind), "it was not sent"
    told = " ".join(str(item.error) for item in ran.result.outcomes if item.error)
    assert kind.shows in told
    section, _, identity = kind.shows.partition("/")
    for state in (ran.start, undisturbed((STARTS, kind)).end):
        assert state[section] != ran.state[section], "what the hand did is still there"


def test_the_table_in_the_docs_is_what_happens() -> None:
    """docs/reliability.md says for each trouble and each kind of call what the runs above show."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- faults -->\n+(.*?)\n+<!-- end -->", text, re.DOTALL)
    assert shown is not None
    assert table() == shown[1], "run `make docs`"


def test_every_claim_of_the_docs_has_its_test() -> None:
    """Each test that docs/reliability.md names exists, and each of its claims names one."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 20
    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (ROOT / path).exists() or f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert [] == missing
