"""Tencent tenants for tests of the simulated vendor: a machine with a seed, and the table of the vendor's actions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from reconciler.providers.tencent.simulator.answers import Answer, Failure
from reconciler.providers.tencent.simulator.dialect import DIALECTS, Dialect
from reconciler.providers.tencent.simulator.machine import Machine

WIRE: Final = Path(__file__).parent / "wire" / "tencent"
TABLE: Final[Any] = json.loads((WIRE / "actions.json").read_text("utf-8"))
EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = json.loads((WIRE / "examples.json").read_text("utf-8"))
PAGE: Final = {"PageSize": 50, "PageNumber": 0}
SEED: Final[dict[str, Any]] = {
    "format": "reconciler-live/1",
    "provider": "tencent",
    "contact_center": "hotline",
    "tenant": "1400000001",
    "sections": {
        "queues": {
            "Sales": {"id": "1000"},
            "Support": {"id": "1001", "ring_all": True},
            "Chat": {"id": "1005", "type": "online", "max_concurrency": 3},
        },
        "agents": {
            "li.wei@example.com": {
                "email": "Li.Wei@example.com",
                "name": "Li Wei",
                "phone": "008613800138000",
                "staff_number": "1",
                "queues": ["Chat", "Sales"],
                "priorities": {"Sales": 1, "Chat": 3},
                "forwards_to": "agents/wang@example.com",
                "mobile_accept": "offline",
            },
            "wang@example.com": {
                "name": "Wang",
                "staff_number": "2",
                "role": "admin",
                "nick": "W",
                "extension_number": "2001",
                "mobile_call_out": True,
                "forwards_to": "queues/Support",
                "online": True,
            },
            "zhao@example.com": {"name": "Zhao", "staff_number": "3", "role": "77", "forwards_to": "extensions/8001"},
        },
        "extensions": {
            "8001": {"name": "Desk", "queues": ["Sales", "Support"], "agent": "li.wei@example.com"},
            "8002": {"name": "Hall"},
        },
        "numbers": {
            "008675512345678": {"outbound_queues": ["Sales"]},
            "008675512345679": {"enabled": False, "state": "4"},
            "008675512345670": {"enabled": False, "state": "2"},
        },
        "voice_files": {
            "welcome": {"file_id": "3", "digest": "0123456789abcdef"},
            "welcome#1": {"file_id": "1", "digest": "fedcba9876543210", "status": "2"},
            "closed": {"file_id": "2", "status": "0"},
        },
    },
}


def machine(dialect: str = "default", **sections: Any) -> Machine:
    """Make a machine from `SEED`, with other *sections* in place of its own."""
    state = {**SEED, "sections": {**SEED["sections"], **sections}}
    return Machine.from_state(state, DIALECTS[dialect] if dialect in DIALECTS else Dialect.parse(dialect.split()))


def ask(tenant: Machine, action: str, **body: Any) -> Answer:
    """Carry out one action."""
    named = "SdkAppId" in TABLE["actions"][action]["request"]
    return tenant.handle(action, {"SdkAppId": tenant.tenant.app_id, **body} if named else body)


def done(tenant: Machine, action: str, **body: Any) -> dict[str, Any]:
    """Carry out one action that must work."""
    answer = ask(tenant, action, **body)
    assert not isinstance(answer, Failure), answer
    return answer


def code(tenant: Machine, action: str, **body: Any) -> str:
    """Carry out one action; give the code of its refusal, or ok. What is refused changes nothing."""
    before = tenant.to_state()
    answer = ask(tenant, action, **body)
    if not isinstance(answer, Failure):
        return "ok"
    assert before == tenant.to_state()
    return answer.code


def section(tenant: Machine, name: str) -> Any:
    """Give one section of the state."""
    return tenant.to_state()["sections"][name]


def requests(action: str) -> Mapping[str, str]:
    """Give an action's parameters with their types."""
    found: Mapping[str, str] = TABLE["actions"][action]["request"]
    return found
