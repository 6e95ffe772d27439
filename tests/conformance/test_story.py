"""
One story that must hold under every reading of the vendor's page, on the wire: apply, drift, apply, change, apply.

After each step the vendor's own state is compared with the wish, written down apart from everything that made it so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.secret import Mask
from reconciler.providers.udesk.simulator.dialect import DIALECTS, Dialect
from reconciler.report.document import dumps, plan_document, result_document
from tests.conformance import tenant
from tests.conformance.stage import Sections, Stage
from tests.servers import AUTH_TOKEN, SID, Simulator, simulator

VOICES = (
    "welcome", "closing_time", "no_answer", "voice_mail", "waiting", "consult", "hold", "queue_timeout", "evaluate",
)  # fmt: skip
BY_HAND: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
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
DRIFTED = {
    "agents/900", "agents/li", "agents/wang", "agents/zhao", "application", "default_number", "default_voices/waiting",
    "fast_routers/0", "fast_routers/1", "fast_routers/2", "fast_routers/5", "queues/sales", "subscriptions/log",
}  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
def test_the_story_holds_under_every_reading_of_the_page(name: str, tmp_path: Path) -> None:
    """From an older tenant to one wish, from there by hand to drift and back, and to another wish."""
    dialect = DIALECTS[name]
    with simulator(seed={"sections": tenant.BEFORE}, dialect=dialect) as vendor:
        _tell(
            vendor, dialect, Stage(root=tmp_path, url=vendor.url, unit="s" if dialect.timestamp_unit == "s" else "ms")
        )


def test_the_story_starts_from_nothing(tmp_path: Path) -> None:
    """A tenant that never had anything but its relay numbers."""
    with simulator(seed={"sections": tenant.RELAY}) as vendor:
        _tell(vendor, Dialect(), Stage(root=tmp_path, url=vendor.url))


def _tell(vendor: Simulator, dialect: Dialect, stage: Stage) -> None:
    old = vendor.state()["sections"]
    stage.write(tenant.FIRST, tenant.FILES)
    _apply(stage)
    assert _wished(tenant.FIRST, old, vendor, dialect) == _state(vendor)
    _nothing_to_do(stage)

    _change_by_hand(vendor, dialect)
    changed = vendor.state()["sections"]
    found = stage.drift()
    assert DRIFTED == {finding.change.address for finding in found.findings}
    assert () == found.pending
    _apply(stage)
    assert _wished(tenant.FIRST, changed, vendor, dialect) == _state(vendor)
    again = stage.drift()
    assert ((), ()) == (again.findings, again.pending)

    middle = vendor.state()["sections"]
    stage.write(tenant.SECOND, tenant.SECOND_FILES)
    assert () == stage.drift().findings, "what the files changed is no drift"
    _apply(stage)
    assert _wished(tenant.SECOND, middle, vendor, dialect) == _state(vendor)
    _nothing_to_do(stage)


def _change_by_hand(vendor: Simulator, dialect: Dialect) -> None:
    """Change a bit of everything that can be read, as a person in the console would."""
    log = vendor.state()["sections"]["subscriptions"]["log"]
    moved = {"name": "log", "callback": "https://moved.example.com", "events": log["events"]}
    for method, api, body in (*BY_HAND, ("PUT", f"subscriptions/{log['number']}", moved)):
        given = body
        if api == "ivrs/defvoices" and dialect.voices_body == "list":
            given = {"DefVoices": [body["DefVoices"]]}
        done = vendor.control("POST", "call", {"method": method, "api": api, "body": given})
        assert {"ErrCode": "000000"}.items() <= done["answer"].items(), (method, api, done)


def _apply(stage: Stage) -> None:
    made, result = stage.apply()
    assert () == made.refusals
    assert result.complete, [*result.mismatches, *(item for item in result.outcomes if item.error), result.problem]
    shown = dumps(plan_document(made, mask=Mask())) + dumps(result_document(result, made, mask=Mask()))
    for secret in (SID, AUTH_TOKEN, "Sign=", *_passwords(stage)):
        assert secret not in shown


def _passwords(stage: Stage) -> list[str]:
    """Give what was kept of extensions that were made: their passwords, which nothing shows again."""
    kept = json.loads((stage.root / ".reconciler" / "secrets" / "acme.json").read_text(encoding="utf-8"))
    found = [entry["password"] for entry in kept["extensions"].values()]
    assert found
    assert all(found)
    return found


def _nothing_to_do(stage: Stage) -> None:
    again = stage.plan()
    assert () == again.changes
    assert () == again.calls


def _state(vendor: Simulator) -> dict[str, Any]:
    sections: dict[str, Any] = vendor.state()["sections"]
    sections["subscriptions"] = {
        name: {key: value for key, value in fields.items() if key != "number"}
        for name, fields in sections["subscriptions"].items()
    }
    return sections


def _wished(wish: Sections, old: Sections, vendor: Simulator, dialect: Dialect) -> dict[str, Any]:
    """Say what the vendor must have: the wish, completed with the vendor's defaults and with what nobody manages."""
    ids = {local: fields["id"] for local, fields in wish["queues"].items()}
    agents = {
        fields["id"]: _agent(fields, ids, old["agents"].get(fields["id"], {}), vendor, dialect)
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
            name: {"description": "", **fields, "name": name, "path": "", "digest": _digest(wish, name)}
            for name, fields in wish["voice_files"].items()
        },
        "default_voices": {name: _voice(name, wish, old) for name in VOICES},
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
    fields: Sections, ids: Mapping[str, str], old: Mapping[str, Any], vendor: Simulator, dialect: Dialect
) -> dict[str, Any]:
    extensions = fields["extensions"]
    if extensions == "auto":
        extensions = vendor.state()["sections"]["agents"][fields["id"]]["extensions"]
        assert 1 == len(extensions), "the system made one"
    kept = old.get("wrap_up_time", 0) if dialect.wrap_up_time == "accepted" else _any_wrap_up_time(fields["id"], vendor)
    return {
        "name": "", "mobile": "", "email": "", "role": "agent", "enabled": True, "default_number": "",
        "auto_extension": False,
        **{name: old[name] for name in ("mobile", "email", "role", "enabled", "default_number") if name in old},
        **fields,
        "extensions": sorted(extensions),
        "queues": sorted(ids[local] for local in fields["queues"]),
        "wrap_up_time": kept,
    }  # fmt: skip


def _any_wrap_up_time(agent: str, vendor: Simulator) -> int:
    """Give what there is: a vendor that takes no WrapUpTime may well forget it, and nobody can help it."""
    value: int = vendor.state()["sections"]["agents"][agent]["wrap_up_time"]
    return value


def _digest(wish: Sections, name: str) -> str:
    files = tenant.SECOND_FILES if wish is tenant.SECOND else tenant.FILES
    return hashlib.sha256(files[name]).hexdigest()[:16]


def _voice(name: str, wish: Sections, old: Sections) -> dict[str, str]:
    wanted = wish["default_voices"].get(name)
    if wanted is None:  # nobody manages it
        unmanaged: dict[str, str] = old["default_voices"][name]
        return unmanaged
    return {"wav": "", "tts": "", "name": name, **({} if wanted == "default" else wanted)}
