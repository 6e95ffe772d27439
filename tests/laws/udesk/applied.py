"""What Udesk's tenant goes through in the laws of applying: two wishes, and hands at the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.conformance.stage import Stage
from tests.conformance.udesk import tenant
from tests.conformance.udesk.vendor import UDESK
from tests.laws.applied import Trials

WISHES: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "queues": {"a": {"id": "9401", "name": "A", "timeout": 60}, "b": {"id": "9402", "name": "B"}},
        "agents": {
            "31": {"id": "31", "work_id": "w31", "name": "One", "queues": ["a", "b"], "extensions": ["8201"]},
            "32": {"id": "32", "work_id": "w32", "name": "Two", "queues": ["a"], "extensions": "auto"},
            "33": {"id": "33", "work_id": "w33", "name": "Three", "queues": [], "extensions": ["8202", "8203"]},
        },
        "extensions": ["8204"],
        "subscriptions": {
            "crm": {"callback": "https://crm.example.com", "events": ["end"]},
            "log": {"callback": "https://log.example.com", "events": ["end"]},
        },
        "fast_routers": {"1": {"queue": "a", "description": "A"}},
        "default_number": tenant.NUMBER,
        "webhook_events": {"call": ["begin", "end"]},
    },
    {
        "queues": {"b": {"id": "9402", "name": "B", "timeout": 90}, "c": {"id": "9403", "name": "C"}},
        "agents": {
            "31": {"id": "31", "work_id": "w31", "name": "One", "queues": ["c"], "extensions": ["8203"]},
            "33": {"id": "33", "work_id": "w33", "name": "Tres", "queues": ["b", "c"], "extensions": ["8201"]},
        },
        "extensions": [],
        "subscriptions": {"crm": {"callback": "https://crm.example.com/2", "events": ["begin"]}},
        "fast_routers": {"2": {"queue": "b", "description": "B"}},
        "default_number": "",
        "webhook_events": {"call": ["end"]},
    },
)
BY_HAND: Final[tuple[tuple[str, str, Mapping[str, Any]], ...]] = (
    ("PUT", "queues", {"QueueId": "9402", "QueueName": "By hand"}),
    ("POST", "queues", {"QueueId": "9409", "QueueName": "By hand"}),
    ("POST", "agents/queues", {"AgentId": "33", "Queues": ["9402"]}),
    ("DELETE", "agents/queues", {"AgentId": "31", "Queues": ["9401"]}),
    ("PUT", "agents/31", {"AgentId": "31", "WorkId": "w31", "Name": "By hand"}),
    ("POST", "agents", {"Agents": [{"AgentId": "39", "WorkId": "w39"}]}),
    ("DELETE", "agents/extensions", {"AgentId": "33", "Extensions": ["8202"]}),
    ("PUT", "ivrs/fastrouters", {"FastRouter": [{"Dtmf": "7", "Desc": "By hand", "QueueId": "9402"}]}),
    ("PUT", "spnumbers/default", {"DefSpNumber": tenant.OTHER_NUMBER}),
)


def _holds(has: Mapping[str, Any], wished: Mapping[str, Any], stage: Stage, told: str) -> None:
    ids = {name: fields["id"] for name, fields in wished["queues"].items()}
    assert {*ids.values()} == {*has["queues"]}
    for fields in wished["queues"].values():
        assert {**fields}.items() <= {**has["queues"][fields["id"]], "id": fields["id"]}.items()
    assert {*wished["agents"]} == {*has["agents"]}
    held = set()
    for name, fields in wished["agents"].items():
        agent = has["agents"][name]
        assert sorted(ids[queue] for queue in fields["queues"]) == sorted(agent["queues"])
        assert (fields["name"], fields["work_id"]) == (agent["name"], agent["work_id"])
        auto = fields["extensions"] == "auto"
        assert len(agent["extensions"]) == 1 if auto else fields["extensions"] == sorted(agent["extensions"])
        held |= {*agent["extensions"]}
    assert held | {*wished["extensions"]} == {*has["extensions"]}
    assert {*wished["subscriptions"]} == {*has["subscriptions"]}, "none is there twice"
    for name, fields in wished["subscriptions"].items():
        assert fields.items() <= has["subscriptions"][name].items()
    assert {key: (ids[fields["queue"]], fields["description"]) for key, fields in wished["fast_routers"].items()} == {
        key: (fields["queue"], fields["description"]) for key, fields in has["fast_routers"].items()
    }
    assert wished["default_number"] == has["default_number"][""]["number"]
    assert wished["webhook_events"]["call"] == has["webhook_events"][""]["call"]
    stored = stage.passwords()
    for number in has["extensions"]:
        assert number in stored or number in told, f"the password of {number} is stored, or told to be lost"


TRIALS: Final = Trials(
    vendor=UDESK,
    seed=UDESK.ground,
    always=tenant.PRUNE,
    wishes=WISHES,
    by_hand=BY_HAND,
    aims=({"method": "POST"}, {"method": "PUT"}, {"method": "DELETE"}, {"method": "*"}),
    writes={"method": "P*"},
    code="000001",
    holds=_holds,
)
