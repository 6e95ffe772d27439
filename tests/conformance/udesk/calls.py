"""
Each kind of write that plans make, in a tenant of its own making: what is there, what is wished, which call it takes.

The objects of one kind are no other's, so that all but `APART` also stand in one tenant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.conformance.udesk import tenant
from tests.conformance.udesk.tenant import wav
from tests.conformance.vendor import Kind

ME: Final = "057126200671"


def _agent(number: str, **fields: Any) -> dict[str, Any]:
    return {number: {"work_id": f"w{number}", "name": f"N{number}", **fields}}


def _wish(number: str, **fields: Any) -> dict[str, Any]:
    return {number: {"id": number, "work_id": f"w{number}", **fields}}


_NOT_LISTED: Final = ""

KINDS: Final = (
    Kind(
        name="PUT apps",
        method="PUT", api="apps", reads="apps",
        live={"application": {"": {"name": "Old", "callback_url": "https://old.example.com"}}},
        wish={"application": {"name": "Acme"}},
        by_hand=("PUT", "apps", {"Name": "By hand"}), shows="application",
    ),
    Kind(
        name="PUT spnumbers/default",
        method="PUT", api="spnumbers/default", reads="spnumbers",
        wish={"default_number": tenant.NUMBER},
        by_hand=("PUT", "spnumbers/default", {"DefSpNumber": ME}), shows="default_number",
    ),
    Kind(
        name="DELETE spnumbers/default",
        method="DELETE", api="spnumbers/default", reads="spnumbers",
        live={"default_number": {"": {"number": tenant.NUMBER}}},
        wish={"default_number": ""},
        by_hand=("PUT", "spnumbers/default", {"DefSpNumber": ME}), shows="default_number",
    ),
    Kind(
        name="PUT spnumbers/agent/default/{id}",
        method="PUT", api="spnumbers/agent/default/201", reads="agents",
        live={"agents": _agent("201")},
        wish={"agents": _wish("201", default_number=tenant.NUMBER)},
        by_hand=("PUT", "spnumbers/agent/default/201", {"AgentId": "201", "DefSpNumber": ME}), shows="agents/201",
    ),
    Kind(
        name="DELETE spnumbers/agent/default/{id}",
        method="DELETE", api="spnumbers/agent/default/202", reads="agents",
        live={"agents": _agent("202", default_number=tenant.NUMBER)},
        wish={"agents": _wish("202", default_number="")},
        by_hand=("PUT", "spnumbers/agent/default/202", {"AgentId": "202", "DefSpNumber": ME}), shows="agents/202",
    ),
    Kind(
        name="POST queues",
        method="POST", api="queues", body='"9101"', reads="queues",
        wish={"queues": {"q9101": {"id": "9101", "name": "New"}}},
        by_hand=("POST", "queues", {"QueueId": "9101", "QueueName": "By hand"}), shows="queues/q9101",
    ),
    Kind(
        name="PUT queues",
        method="PUT", api="queues", body='"9102"', reads="queues",
        live={"queues": {"9102": {"name": "Old", "timeout": 30}}},
        wish={"queues": {"q9102": {"id": "9102", "name": "Renamed"}}},
        by_hand=("PUT", "queues", {"QueueId": "9102", "QueueName": "Old", "Timeout": 31}), shows="queues/q9102",
    ),
    Kind(
        name="DELETE queues",
        method="DELETE", api="queues", body='"9103"', reads="queues",
        live={"queues": {"9103": {"name": "Gone"}}},
        wish={"queues": {}},
        by_hand=("PUT", "queues", {"QueueId": "9103", "QueueName": "By hand"}), shows="queues/9103",
    ),
    Kind(
        name="POST extensions",
        method="POST", api="extensions", body='"8101"', reads=_NOT_LISTED,
        wish={"extensions": ["8101"]},
        by_hand=("POST", "extensions", {"Extension": "8101"}),
    ),
    Kind(
        name="DELETE extensions",
        method="DELETE", api="extensions", body='"8103"', reads=_NOT_LISTED,
        live={"agents": _agent("204", extensions=["8103"])},
        wish={"agents": _wish("204", extensions=[])},
        by_hand=("DELETE", "extensions", {"Extension": "8103"}),
    ),
    Kind(
        name="POST agents",
        method="POST", api="agents", body='"210"', reads="agents", lists="Agents",
        wish={"agents": {**_wish("210"), **_wish("211")}},
        by_hand=("POST", "agents", {"Agents": [{"AgentId": "210", "WorkId": "other"}]}), shows="agents/210",
    ),
    Kind(
        name="POST agents, with an extension that the system makes",
        method="POST", api="agents", body='"212"', reads="agents",
        wish={"agents": _wish("212", extensions="auto")},
        by_hand=("POST", "agents", {"Agents": [{"AgentId": "212", "WorkId": "other"}]}), shows="agents/212",
    ),
    Kind(
        name="PUT agents/{id}",
        method="PUT", api="agents/205", reads="agents",
        live={"agents": _agent("205")},
        wish={"agents": _wish("205", name="Renamed")},
        by_hand=("PUT", "agents/205", {"AgentId": "205", "WorkId": "w205", "Name": "By hand"}), shows="agents/205",
    ),
    Kind(
        name="DELETE agents/{id}",
        method="DELETE", api="agents/206", reads="agents",
        live={"agents": _agent("206")},
        wish={"agents": {}},
        by_hand=("PUT", "agents/206", {"AgentId": "206", "WorkId": "w206", "Name": "By hand"}), shows="agents/206",
    ),
    Kind(
        name="DELETE agents/{id}, with its extensions",
        method="DELETE", api="agents/207", reads="agents",
        live={"agents": _agent("207", extensions=["8104"])},
        wish={"agents": {}, "extensions": []},
        by_hand=("PUT", "agents/207", {"AgentId": "207", "WorkId": "w207", "Name": "By hand"}), shows="agents/207",
    ),
    Kind(
        name="POST agents/extensions",
        method="POST", api="agents/extensions", body='"208"', reads="agents", lists="Extensions",
        live={"agents": _agent("208", extensions=["8111"])},
        wish={"agents": _wish("208", extensions=["8105", "8111"])},
        by_hand=("DELETE", "agents/extensions", {"AgentId": "208", "Extensions": ["8111"]}), shows="agents/208",
    ),
    Kind(
        name="DELETE agents/extensions",
        method="DELETE", api="agents/extensions", body='"203"', reads="agents", lists="Extensions",
        live={"agents": _agent("203", extensions=["8102", "8106"])},
        wish={"agents": _wish("203", extensions=[]), "extensions": ["8102", "8106"]},
        by_hand=("POST", "agents/queues", {"AgentId": "203", "Queues": ["9301"]}), shows="agents/203",
    ),
    Kind(
        name="POST queues/agents",
        method="POST", api="queues/agents", body='"9104"', reads="agents", lists="AgentIds",
        live={"queues": {"9104": {"name": "Sales"}}, "agents": {**_agent("221"), **_agent("222")}},
        wish={
            "queues": {"q9104": {"id": "9104"}},
            "agents": {**_wish("221", queues=["q9104"]), **_wish("222", queues=["q9104"])},
        },
        by_hand=("POST", "agents/queues", {"AgentId": "221", "Queues": ["9301"]}), shows="agents/221",
    ),
    Kind(
        name="POST agents/queues",
        method="POST", api="agents/queues", body='"223"', reads="agents", lists="Queues",
        live={"queues": {"9105": {"name": "A"}, "9106": {"name": "B"}}, "agents": _agent("223")},
        wish={
            "queues": {"q9105": {"id": "9105"}, "q9106": {"id": "9106"}},
            "agents": _wish("223", queues=["q9105", "q9106"]),
        },
        by_hand=("POST", "agents/queues", {"AgentId": "223", "Queues": ["9301"]}), shows="agents/223",
    ),
    Kind(
        name="DELETE agents/queues",
        method="DELETE", api="agents/queues", body='"224"', reads="agents", lists="Queues",
        live={
            "queues": {"9107": {"name": "C"}, "9108": {"name": "D"}},
            "agents": _agent("224", queues=["9107", "9108"]),
        },
        wish={"queues": {"q9107": {"id": "9107"}, "q9108": {"id": "9108"}}, "agents": _wish("224", queues=[])},
        by_hand=("POST", "agents/queues", {"AgentId": "224", "Queues": ["9301"]}), shows="agents/224",
    ),
    Kind(
        name="POST ivrs/vfiles",
        method="POST", api="ivrs/vfiles", body="new.wav", reads="ivrs/vfiles",
        wish={"voice_files": {"new.wav": {"path": "new.wav"}}},
        files={"new.wav": wav(7)},
        by_hand=("POST", "ivrs/vfiles", {"FileName": "new.wav", "FileType": "wav", "FileDesc": "By hand"}),
        shows="voice_files/new.wav",
    ),
    Kind(
        name="DELETE ivrs/vfiles",
        method="DELETE", api="ivrs/vfiles", body='"gone.wav"', reads="ivrs/vfiles",
        live={"voice_files": {"gone.wav": {"digest": "0" * 16}}},
        wish={"voice_files": {}},
        by_hand=("DELETE", "ivrs/vfiles", {"FileName": "gone.wav"}), shows="",  # it is gone, as was wished
    ),
    Kind(
        name="PUT ivrs/defvoices",
        method="PUT", api="ivrs/defvoices", reads="ivrs/defvoices", skip=1,
        wish={"default_voices": {"waiting": {"tts": "Please hold."}}},
        by_hand=("PUT", "ivrs/defvoices", {"DefVoices": {"Waiting": {"Type": "tts", "Content": "By hand"}}}),
        shows="default_voices/waiting",
    ),
    Kind(
        name="PUT ivrs/fastrouters",
        method="PUT", api="ivrs/fastrouters", reads="ivrs/fastrouters",
        live={"queues": {"9109": {"name": "E"}}},
        wish={"queues": {"q9109": {"id": "9109"}}, "fast_routers": {"1": {"queue": "q9109", "description": "Sales"}}},
        by_hand=("PUT", "ivrs/fastrouters", {"FastRouter": [{"Dtmf": "9", "Desc": "By hand", "QueueId": "9301"}]}),
        shows="fast_routers/9",
    ),
    Kind(
        name="POST subscriptions",
        method="POST", api="subscriptions", reads="subscriptions", lists="subscriptions",
        wish={
            "subscriptions": {
                "new": {"callback": "https://new.example.com", "events": ["end"]},
                "more": {"callback": "https://more.example.com", "events": ["end"]},
            }
        },
        by_hand=(
            "POST", "subscriptions",
            {"subscriptions": [{"name": "new", "callback": "https://other.example.com", "events": ["begin"]}]},
        ),
        shows="subscriptions/new",
    ),
    Kind(
        name="PUT subscriptions/{id}",
        method="PUT", api="subscriptions/3", reads="subscriptions",
        live={"subscriptions": {"crm": {"callback": "https://old.example.com", "events": ["end"], "number": "3"}}},
        wish={"subscriptions": {"crm": {"callback": "https://crm.example.com", "events": ["end"]}}},
        by_hand=(
            "PUT", "subscriptions/3", {"name": "crm", "callback": "https://by-hand.example.com", "events": ["end"]}
        ),
        shows="subscriptions/crm",
    ),
    Kind(
        name="DELETE subscriptions/{id}",
        # While the list shows late what its members no longer do, nobody can tell which one has gone.
        method="DELETE", api="subscriptions/5", reads="subscriptions", unclear_late=True,
        live={"subscriptions": {"gone": {"callback": "https://gone.example.com", "events": ["end"], "number": "5"}}},
        wish={"subscriptions": {}},
        by_hand=(
            "PUT", "subscriptions/5", {"name": "gone", "callback": "https://by-hand.example.com", "events": ["end"]}
        ),
        shows="subscriptions/gone",
    ),
    Kind(
        name="PUT webhooks/events",
        method="PUT", api="webhooks/events", reads=_NOT_LISTED,
        wish={"webhook_events": {"call": ["begin", "end"]}},
        by_hand=("PUT", "webhooks/events", {"Events": [{"category": "call", "all_type": ["end"]}]}),
    ),
)  # fmt: skip

# What is there in each tenant, and in no kind's way: a queue for what is done by hand, and the relay numbers.
GROUND: Final[Mapping[str, Any]] = {**tenant.RELAY, "queues": {"9301": {"name": "Stays"}}}
MANAGED: Final = {"queues": {"q9301": {"id": "9301"}}, **tenant.PRUNE}

# The two that are about one and the same thing can't be in one tenant.
APART: Final = frozenset({"DELETE spnumbers/default"})
STARTS: Final = Kind(
    name="an agent that is made first",
    method="POST", api="agents", body='"100"', reads="agents",
    wish={"agents": {"100": {"id": "100", "work_id": "w100"}}},
)  # fmt: skip
