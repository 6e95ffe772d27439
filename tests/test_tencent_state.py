"""The simulated vendor's state: snapshots in and out, as the client reads them, and the rehearsal on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.model.call import Call, Reply, run
from reconciler.model.errors import ReconcilerError, Rejected
from reconciler.model.live import Live, Memory
from reconciler.providers.simulation.points import points
from reconciler.providers.tencent.kinds import KINDS
from reconciler.providers.tencent.rehearsal import Rehearsal
from reconciler.providers.tencent.simulator.dialect import DIALECTS, Dialect
from reconciler.providers.tencent.simulator.machine import Machine
from reconciler.providers.tencent.simulator.seed import APP_ID
from tests.tencent_machines import EXAMPLES, SEED, ask, done, machine, section


def test_a_state_is_read_back_as_it_was() -> None:
    """`from_state(to_state())` is the identity, and what a seed leaves out has defaults."""
    state = machine().to_state()
    assert state == Machine.from_state(state).to_state()
    sections = state["sections"]
    assert {
        "name": "Sales",
        "type": "phone",
        "max_concurrency": 1,
        "ring_all": False,
        "renamed_from": "",
        "id": "1000",
    } == sections["queues"]["Sales"]
    assert ("Li.Wei@example.com", ["Chat", "Sales"], {"Chat": 3, "Sales": 1}) == tuple(
        sections["agents"]["li.wei@example.com"][name] for name in ("email", "queues", "priorities")
    )
    assert ["agents/wang@example.com", "queues/Support", "extensions/8001"] == [
        agent["forwards_to"] for agent in sections["agents"].values()
    ]
    assert ["agent", "admin", "77"] == [agent["role"] for agent in sections["agents"].values()]
    assert {"number": "8002", "name": "Hall", "queues": [], "agent": ""} == sections["extensions"]["8002"]
    assert ["1", "4", "2"] == [number["state"] for number in sections["numbers"].values()]
    assert {"welcome": "3", "welcome#1": "1", "closed": "2"} == {
        name: file["file_id"] for name, file in sections["voice_files"].items()
    }
    assert ("1400000001", "hotline") == (state["tenant"], state["contact_center"])


@pytest.mark.parametrize("order", ["made", "reversed", "shuffled"])
def test_a_state_is_what_the_client_reads(order: str) -> None:
    """What the provider's own reading makes of a tenant is the tenant's snapshot, name by name and type by type."""
    dialect = Dialect.parse([f"order={order}"])
    tenant = Machine.from_state(SEED, dialect)

    def answer(call: Call) -> Reply:
        return Reply(payload=done(tenant, call.action or "", **(call.body or {})))

    found = {name: run(kind.read(Memory()), answer) for name, kind in KINDS.items() if kind.read is not None}
    sections = {name: {KINDS[name].identity(item): item for item in items} for name, items in found.items()}
    for name, kind in KINDS.items():
        if kind.derive is not None:
            sections[name] = {kind.identity(item): item for item in kind.derive(sections, Memory())}
    state = tenant.to_state()["sections"]
    for agent in state["agents"].values():
        agent.pop("online", None)
    assert state == json.loads(json.dumps(Live(sections).as_json()))
    assert state == Rehearsal(Live(sections)).state()


def test_an_empty_seed() -> None:
    """Nothing but defaults; ids are given, and queues that are only named are made."""
    assert str(APP_ID) == Machine.from_state({}).to_state()["tenant"]
    tenant = Machine.from_state({"sections": {"agents": {"a@b.cn": {"queues": ["New"]}}}})
    assert "1000" == section(tenant, "queues")["New"]["id"]
    assert {"New": 3} == section(tenant, "agents")["a@b.cn"]["priorities"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_after_any_story_the_state_holds(dialect: str) -> None:
    """Under every dialect each example leaves a state that can be read back, and a copy goes its own way."""
    tenant = machine(dialect)
    twin = tenant.copy()
    before = twin.to_state()
    for action, example in EXAMPLES.items():
        ask(tenant, action, **example)
        state = tenant.to_state()
        assert state == Machine.from_state(state, tenant.dialect).to_state()
    assert before == twin.to_state()


def test_dialects_differ_in_one_setting() -> None:
    """Every open point has a question, a page and a variation, apart from those that are sizes."""
    assert {name.partition("=")[0] for name in DIALECTS} == {*points(Dialect), "default"} - {
        "seats",
        "telephones",
        "uploads_a_day",
    }
    assert all(point.question and point.page for point, _ in points(Dialect).values())


@pytest.mark.parametrize(
    "state",
    [
        [],
        {"provider": "udesk"},
        {"tenant": "a54a8b77"},
        {"tenant": 1400000000},
        {"sections": {"queue": {}}},
        {"sections": {"queues": []}},
        {"sections": {"queues": {"A": {"name": "B"}}}},
        {"sections": {"queues": {"A": {"id": "x"}}}},
        {"sections": {"queues": {"A": {"id": "1"}, "B": {"id": "1"}}}},
        {"sections": {"queues": {"A": {"type": "fax"}}}},
        {"sections": {"queues": {"A": {"ring_all": 1}}}},
        {"sections": {"queues": {}, "agents": {"a@b.cn": {"queues": ["A"]}}}},
        {"sections": {"agents": {"a@b.cn": {"email": "b@b.cn"}}}},
        {"sections": {"agents": {"a@b.cn": {}, "A@b.cn": {}}}},
        {"sections": {"agents": {"a@b.cn": {"priorities": {"A": 1}}}}},
        {"sections": {"agents": {"a@b.cn": {"queues": ["A"], "priorities": {"A": "1"}}}}},
        {"sections": {"agents": {"a@b.cn": {"role": "boss"}}}},
        {"sections": {"agents": {"a@b.cn": {"forwards_to": "home"}}}},
        {"sections": {"agents": {"a@b.cn": {"mobile_accept": True}}}},
        {"sections": {"extensions": {"8001": {"number": "8002"}}}},
        {"sections": {"extensions": {"8001": {"agent": None}}}},
        {"sections": {"numbers": {"1": {"state": "x"}}}},
        {"sections": {"numbers": {"1": {"state": "1", "enabled": False}}}},
        {"sections": {"voice_files": {"a": {"status": "3"}}}},
        {"sections": {"voice_files": {"a": {"name": "b"}}}},
        {"sections": {"voice_files": {"a": {"file_id": "1"}, "b": {"file_id": "1"}}}},
    ],
)
def test_a_bad_state_is_explained(state: Any) -> None:
    """What is no snapshot of this vendor is an error with a remedy."""
    with pytest.raises(ReconcilerError) as caught:
        Machine.from_state(state)
    assert caught.value.remedy


def test_what_lists_do_not_show_may_be_named() -> None:
    """A group that no list shows goes by its id, and a telephone may name a person who is gone."""
    sections = {
        "queues": {},
        "agents": {"a@b.cn": {"queues": ["#77"]}},
        "extensions": {"8001": {"agent": "gone@b.cn", "queues": ["#78"]}},
    }
    tenant = Machine.from_state({"sections": sections})
    assert ["#77"] == section(tenant, "agents")["a@b.cn"]["queues"]
    assert {"number": "8001", "name": "", "queues": ["#78"], "agent": "gone@b.cn"} == section(tenant, "extensions")[
        "8001"
    ]


def call(action: str, body: Mapping[str, Any], **rest: Any) -> Call:
    """Make a call as the client has it: without the tenant."""
    return Call("POST", "/", body, action=action, **rest)


def test_the_rehearsal_speaks_in_calls() -> None:
    """Answers are payloads, refusals raise, and conditions that a call accepts do not."""
    rehearsal = Rehearsal(Live({}))
    body = {"SkillGroupName": "Sales", "SkillGroupType": 0}
    assert {"SkillGroupId": 1000} == rehearsal.answer(call("CreateCCCSkillGroup", body)).payload
    with pytest.raises(Rejected) as caught:
        rehearsal.answer(call("CreateCCCSkillGroup", body))
    assert "InvalidParameterValue.SkillGroupExist" == caught.value.code
    accepted = rehearsal.answer(call("CreateCCCSkillGroup", body, accepts=frozenset({"exists"})))
    assert "exists" == accepted.condition
    assert {"Sales"} == rehearsal.state()["queues"].keys()
    assert 1 == rehearsal.answer(call("DescribeCCCBuyInfoList", {}, read_only=True)).payload["TotalCount"]
