"""The machine's state as a snapshot, with every section and field; `seed` is the way back."""

from __future__ import annotations

import re
from typing import Any, Final

from reconciler.providers.simulation.snapshots import FORMAT
from reconciler.providers.udesk.simulator.records import CATEGORIES, VOICES, Agent, Tenant, Voice

_DIGEST: Final = re.compile(r"(?P<text>.*?) ?\[sha256:(?P<digest>[0-9a-f]{16})\]", re.DOTALL)


def write_state(tenant: Tenant) -> dict[str, Any]:
    """Give the tenant as a snapshot. Passwords are not in it: the vendor shows them once."""
    application = tenant.application
    webhook_events = {category: list(tenant.webhook_events.get(category, ())) for category in CATEGORIES}
    return {
        "format": FORMAT,
        "provider": "udesk",
        "contact_center": tenant.contact_center,
        "tenant": tenant.app_id,
        "sections": {
            "application": {
                "": {
                    "name": application.name,
                    "callback_url": application.callback_url,
                    "hide_user_number": application.hide_user_number,
                    "memo": application.memo,
                    "type": application.type,
                }
            },
            "default_number": {"": {"number": tenant.default_number}},
            "relay_numbers": {
                number: {"number": number, "is_default": number == tenant.default_number}
                for number in tenant.relay_numbers
            },
            "queues": {
                queue.id: {
                    "id": queue.id,
                    "name": queue.name,
                    "strategy": queue.strategy,
                    "timeout": queue.timeout,
                    "max_length": queue.max_length,
                }
                for queue in tenant.queues.values()
            },
            "extensions": {number: {"number": number} for number in sorted(tenant.extensions)},
            "agents": {agent.id: _written_agent(agent) for agent in tenant.agents.values()},
            "voice_files": {name: _written_file(name, text) for name, text in tenant.voice_files.items()},
            "default_voices": {
                ours: _written_voice(ours, tenant.voices.get(theirs)) for theirs, ours in VOICES.items()
            },
            "fast_routers": {
                digit: {"queue": key.queue, "description": key.description, "digit": digit}
                for digit, key in sorted(tenant.keys.items())
            },
            "subscriptions": _written_subscriptions(tenant),
            "webhook_events": {"": webhook_events},
        },
    }


def _written_agent(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "work_id": agent.work_id,
        "name": agent.name,
        "mobile": agent.mobile,
        "email": agent.email,
        "role": agent.role,
        "enabled": agent.enabled,
        "extensions": sorted(agent.extensions),
        "queues": sorted(agent.queues),
        "default_number": agent.default_number,
        "auto_extension": False,
        "wrap_up_time": agent.wrap_up_time,
    }


def _written_file(name: str, text: str) -> dict[str, str]:
    found = _DIGEST.fullmatch(text)
    description, digest = (found["text"], found["digest"]) if found else (text, "")
    return {"name": name, "path": "", "description": description, "digest": digest}


def _written_voice(name: str, voice: Voice | None) -> dict[str, str]:
    found = {"wav": "", "tts": "", "name": name}
    if voice is not None:
        found[voice.kind] = voice.content
    return found


def _written_subscriptions(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Name them by their identity for us: a name that repeats gets its number added; `seed` takes it off again."""
    written: dict[str, dict[str, Any]] = {}
    for number, item in tenant.subscriptions.items():
        identity = item.name if item.name not in written else f"{item.name}#{number}"
        written[identity] = {
            "name": identity,
            "callback": item.callback,
            "events": sorted(item.events),
            "enabled": item.enabled,
            "number": str(number),
        }
    return written
