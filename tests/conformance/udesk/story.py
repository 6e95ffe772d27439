"""What is told of a Udesk tenant, and what it must have after each act."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.providers.udesk.simulator.dialect import Dialect
from tests.conformance.udesk import tenant
from tests.conformance.vendor import Act, ByHand, Sections, Story

_VOICES: Final = (
    "welcome", "closing_time", "no_answer", "voice_mail", "waiting", "consult", "hold", "queue_timeout", "evaluate",
)  # fmt: skip
_BY_HAND: Final[tuple[ByHand, ...]] = (
    ("PUT", "queues", {"QueueId": "9001", "QueueName": "Changed"}),  # its Timeout becomes 0
    ("DELETE", "agents/queues", {"AgentId": "101", "Queues": ["9002"]}),
    ("POST", "agents/queues", {"AgentId": "104", "Queues": ["9001"]}),
    ("PUT", "agents/102", {"AgentId": "102", "WorkId": "w102", "Name": "Renamed"}),
    ("DELETE", "agents/extensions", {"AgentId": "102", "Extensions": ["8003"]}),
    (
        "PUT",
        "ivrs/defvoices",
        {
            "DefVoices": {
                "Welcome": {"Type": "wav", "Content": "welcome.wav"},
                "Hold": {"Type": "wav", "Content": "hold.wav"},
                "Waiting": {"Type": "tts", "Content": "Other"},
            }
        },
    ),
    ("PUT", "apps", {"Name": "By hand"}),
    ("PUT", "spnumbers/default", {"DefSpNumber": tenant.OTHER_NUMBER}),
    ("PUT", "ivrs/fastrouters", {"FastRouter": [{"Dtmf": "5", "Desc": "x", "QueueId": "9001"}]}),
    ("POST", "agents", {"Agents": [{"AgentId": "900", "WorkId": "x"}]}),
)
_DRIFTED: Final = {
    "agents/900", "agents/li", "agents/wang", "agents/zhao", "application", "default_number", "default_voices/waiting",
    "fast_routers/0", "fast_routers/1", "fast_routers/2", "fast_routers/5", "queues/sales", "subscriptions/log",
}  # fmt: skip


def _by_hand(sections: Sections, dialect: Dialect) -> Iterator[ByHand]:
    """Change a bit of everything that can be read, as a person in the console would."""
    log = sections["subscriptions"]["log"]
    moved = {"name": "log", "callback": "https://moved.example.com", "events": log["events"]}
    for method, api, body in (*_BY_HAND, ("PUT", f"subscriptions/{log['number']}", moved)):
        voices = api == "ivrs/defvoices" and dialect.voices_body == "list"
        yield method, api, {"DefVoices": [body["DefVoices"]]} if voices else body


def _wished(act: Act, old: Sections, now: Sections, dialect: Dialect) -> dict[str, Any]:
    """Complete the wish with the vendor's defaults and with what nobody manages."""
    wish = act.wish
    ids = {local: fields["id"] for local, fields in wish["queues"].items()}
    agents = {
        fields["id"]: _agent(fields, ids, old["agents"].get(fields["id"], {}), now, dialect)
        for fields in wish["agents"].values()
    }
    numbers = {number for agent in agents.values() for number in agent["extensions"]} | set(wish["extensions"])
    webhook = dict.fromkeys(("agent_state", "ext_state", "agent_call_mode", "call"), ()) | wish["webhook_events"]
    return {
        "application": {"": {**wish["application"], "type": old["application"][""]["type"]}},
        "default_number": {"": {"number": wish["default_number"]}},
        "relay_numbers": {
            number: {"number": number, "is_default": number == wish["default_number"]}
            for number in (tenant.NUMBER, tenant.OTHER_NUMBER)
        },
        "queues": {
            fields["id"]: {"strategy": "longest_idle", "timeout": 60, "max_length": 128, **fields}
            for fields in wish["queues"].values()
        },
        "extensions": {number: {"number": number} for number in sorted(numbers)},
        "agents": agents,
        "voice_files": {
            name: {"description": "", **fields, "name": name, "path": "", "digest": _digest(act, name)}
            for name, fields in wish["voice_files"].items()
        },
        "default_voices": {name: _voice(name, wish, old) for name in _VOICES},
        "fast_routers": {
            digit: {"digit": digit, "queue": ids[fields["queue"]], "description": fields["description"]}
            for digit, fields in wish["fast_routers"].items()
        },
        "subscriptions": {
            name: {
                "enabled": dialect.subscription_starts == "enabled", **fields,
                "name": name, "events": sorted(fields["events"]),
            }
            for name, fields in wish["subscriptions"].items()
        },
        "webhook_events": {"": {name: list(events) for name, events in webhook.items()}},
    }  # fmt: skip


def _agent(
    fields: Sections, ids: Mapping[str, str], old: Mapping[str, Any], now: Sections, dialect: Dialect
) -> dict[str, Any]:
    extensions = fields["extensions"]
    if extensions == "auto":
        extensions = now["agents"][fields["id"]]["extensions"]
        assert 1 == len(extensions), "the system made one"
    # A vendor that takes no WrapUpTime may well forget it, and nobody can help it.
    kept = (
        old.get("wrap_up_time", 0)
        if dialect.wrap_up_time == "accepted"
        else now["agents"][fields["id"]]["wrap_up_time"]
    )
    return {
        "name": "", "mobile": "", "email": "", "role": "agent", "enabled": True, "default_number": "",
        "auto_extension": False,
        **{name: old[name] for name in ("mobile", "email", "role", "enabled", "default_number") if name in old},
        **fields,
        "extensions": sorted(extensions),
        "queues": sorted(ids[local] for local in fields["queues"]),
        "wrap_up_time": kept,
    }  # fmt: skip


def _digest(act: Act, name: str) -> str:
    return hashlib.sha256(act.files[name]).hexdigest()[:16]


def _voice(name: str, wish: Sections, old: Sections) -> dict[str, str]:
    wanted = wish["default_voices"].get(name)
    if wanted is None:  # nobody manages it
        unmanaged: dict[str, str] = old["default_voices"][name]
        return unmanaged
    return {"wav": "", "tts": "", "name": name, **({} if wanted == "default" else wanted)}


def _many(count: int) -> dict[str, Any]:
    numbers = range(count)
    return {
        "queues": {f"q{number}": {"id": str(9100 + number), "name": f"Queue {number}"} for number in numbers},
        "extensions": [str(8100 + number) for number in numbers],
    }


def bare(sections: dict[str, Any]) -> dict[str, Any]:
    """Take away the ids of subscriptions."""
    for item in sections["subscriptions"].values():
        item.pop("number", None)
    return sections


STORY: Final = Story(
    before=tenant.BEFORE,
    empty=tenant.RELAY,
    acts=(Act(wish=tenant.FIRST, files=tenant.FILES), Act(wish=tenant.SECOND, files=tenant.SECOND_FILES)),
    by_hand=_by_hand,
    drifted=_DRIFTED,
    wished=_wished,
    many=_many,
    bare=bare,
)
