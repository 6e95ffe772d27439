"""
A snapshot into the machine; `dump` is the way back.

A snapshot says what the vendor has, and a vendor may break its own rules; so types and the references that the machine
needs are checked here, and forms and limits are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.providers.simulation.snapshots import bad, boolean, digits, head, number, rows, same, text, texts
from reconciler.providers.udesk.simulator.records import (
    CATEGORIES,
    VOICES,
    Agent,
    Application,
    Key,
    Subscription,
    Tenant,
    Voice,
)

APP_ID: Final = "a54a8b77-f12d-4ac9-742d-5b2bef5c4d11"  # the page's own example
_SECTIONS: Final = (
    "application",
    "default_number",
    "relay_numbers",
    "queues",
    "extensions",
    "agents",
    "voice_files",
    "default_voices",
    "fast_routers",
    "subscriptions",
    "webhook_events",
)
Fields = Mapping[str, Any]


def read_state(state: Any) -> Tenant:
    """
    Make a tenant of a snapshot; sections and fields left out get defaults.

    Raises:
        ReconcilerError: It is no snapshot of a Udesk tenant; the message names the place.
    """
    app_id, contact_center, sections = head(state, "udesk", _SECTIONS)
    tenant = Tenant(app_id=app_id or APP_ID, contact_center=contact_center)
    _read_application(tenant, sections)
    _read_queues(tenant, sections)
    for extension in rows(sections, "extensions"):
        tenant.extensions[extension] = None
    _read_agents(tenant, sections)
    _read_prompts(tenant, sections)
    _read_messages(tenant, sections)
    return tenant


def _read_application(tenant: Tenant, sections: Fields) -> None:
    for fields in rows(sections, "application").values():
        tenant.application = Application(
            name=text(fields, "name", "", "application"),
            callback_url=text(fields, "callback_url", "", "application"),
            hide_user_number=boolean(fields, "hide_user_number", "application", default=False),
            memo=text(fields, "memo", "", "application"),
            type=text(fields, "type", "", "application") or "default",
        )
    for relay, fields in rows(sections, "relay_numbers").items():
        tenant.relay_numbers[relay] = None
        if boolean(fields, "is_default", f"relay_numbers/{relay}", default=False):
            tenant.default_number = relay
    for fields in rows(sections, "default_number").values():
        tenant.default_number = text(fields, "number", "", "default_number")
    if tenant.default_number and "relay_numbers" not in sections:
        tenant.relay_numbers[tenant.default_number] = None


def _read_queues(tenant: Tenant, sections: Fields) -> None:
    for identity, fields in rows(sections, "queues").items():
        where = f"queues/{identity}"
        queue = tenant.make_queue(same(fields, "id", identity, where))
        queue.name = text(fields, "name", queue.name, where)
        queue.strategy = text(fields, "strategy", queue.strategy, where)
        queue.timeout = number(fields, "timeout", queue.timeout, where)
        queue.max_length = number(fields, "max_length", queue.max_length, where)


def _read_agents(tenant: Tenant, sections: Fields) -> None:
    """Read agents; 50,000 of them have to load fast, so their loop is flat."""
    queues, extensions = tenant.queues, tenant.extensions
    serving, holders = tenant.serving, tenant.holders
    queues_known = "queues" in sections
    for identity, fields in rows(sections, "agents").items():
        get = fields.get
        agent = Agent(
            get("id", identity),
            get("work_id", ""),
            get("name", ""),
            get("mobile", ""),
            get("email", ""),
            get("role", "agent"),
            get("enabled", True),
            list(_members(get("extensions", ()), identity, "extensions")),
            list(_members(get("queues", ()), identity, "queues")),
            get("default_number", ""),
            get("wrap_up_time", 0),
        )
        row: Any = agent
        if row.id != identity or not (
            isinstance(row.work_id, str)
            and isinstance(row.name, str)
            and isinstance(row.mobile, str)
            and isinstance(row.email, str)
            and isinstance(row.role, str)
            and isinstance(row.default_number, str)
            and isinstance(row.enabled, bool)
            and type(row.wrap_up_time) is int
        ):
            _blame_agent(identity, fields)
        tenant.agents[identity] = agent
        for extension in agent.extensions:
            extensions[extension] = None
            holders.setdefault(extension, set()).add(identity)
        for queue_id in agent.queues:
            if queue_id not in queues:
                if queues_known:
                    raise bad(f"agents/{identity} serves the queue {queue_id}, which it does not have")
                tenant.make_queue(queue_id)
            serving.setdefault(queue_id, set()).add(identity)


def _blame_agent(identity: str, fields: Fields) -> None:
    """Find what is wrong with an agent."""
    where = f"agents/{identity}"
    same(fields, "id", identity, where)
    for name in ("work_id", "name", "mobile", "email", "role", "default_number"):
        text(fields, name, "", where)
    boolean(fields, "enabled", where, default=True)
    number(fields, "wrap_up_time", 0, where)


def _read_prompts(tenant: Tenant, sections: Fields) -> None:
    for identity, fields in rows(sections, "voice_files").items():
        where = f"voice_files/{identity}"
        name = same(fields, "name", identity, where)
        description = text(fields, "description", "", where)
        digest = text(fields, "digest", "", where)
        tenant.voice_files[name] = f"{description} [sha256:{digest}]".lstrip() if digest else description
    vendor_names = {ours: theirs for theirs, ours in VOICES.items()}
    for identity, fields in rows(sections, "default_voices").items():
        where = f"default_voices/{identity}"
        if identity not in vendor_names:
            raise bad(f"{where} is none of {', '.join(vendor_names)}")
        for kind in ("wav", "tts"):
            content = text(fields, kind, "", where)
            if content:
                tenant.voices[vendor_names[identity]] = Voice(kind=kind, content=content)
    for identity, fields in rows(sections, "fast_routers").items():
        where = f"fast_routers/{identity}"
        queue_id = text(fields, "queue", "", where)
        if not queue_id:
            raise bad(f"{where} names no queue")
        if "queues" not in sections and queue_id not in tenant.queues:
            tenant.make_queue(queue_id)
        tenant.keys[identity] = Key(queue=queue_id, description=text(fields, "description", "", where))


def _read_messages(tenant: Tenant, sections: Fields) -> None:
    without_number = []
    named = rows(sections, "subscriptions")
    for identity, fields in named.items():
        where = f"subscriptions/{identity}"
        serial = digits(fields, "number", where)
        name = text(fields, "name", identity, where)
        bare = name.removesuffix(f"#{serial}")  # how a name that repeats is told apart in snapshots
        subscription = Subscription(
            callback=text(fields, "callback", "", where),
            name=bare if bare in named else name,
            events=list(texts(fields, "events", where)),
            enabled=boolean(fields, "enabled", where, default=True),
        )
        if serial is None:
            without_number.append(subscription)
        elif serial in tenant.subscriptions:
            raise bad(f"the number of {where}, {serial}, is taken by another subscription")
        else:
            tenant.subscriptions[serial] = subscription
    tenant.subscriptions_made = max(tenant.subscriptions, default=0)
    for subscription in without_number:
        tenant.subscriptions_made += 1
        tenant.subscriptions[tenant.subscriptions_made] = subscription
    for fields in rows(sections, "webhook_events").values():
        for category in CATEGORIES:
            names = texts(fields, category, "webhook_events")
            if names:
                tenant.webhook_events[category] = list(names)


def _members(value: Any, identity: str, name: str) -> list[str] | tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(type(item) is str for item in value):
        return texts({name: value}, name, f"agents/{identity}")
    if len(value) > 1 and len(set(value)) < len(value):
        raise bad(f"the {name} of agents/{identity} name one twice")
    return value
