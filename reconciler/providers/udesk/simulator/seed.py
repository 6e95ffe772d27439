"""
A snapshot into the machine; `dump` is the way back.

A snapshot says what the vendor has, and a vendor may break its own rules; so types and the references that the machine
needs are checked here, and forms and limits are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.errors import ReconcilerError
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

FORMAT: Final = "reconciler-live/1"
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
_KEYS: Final = ("format", "provider", "contact_center", "tenant", "sections")
Fields = Mapping[str, Any]


def read_state(state: Any) -> Tenant:
    """
    Make a tenant of a snapshot; sections and fields left out get defaults.

    Raises:
        ReconcilerError: It is no snapshot of a Udesk tenant; the message names the place.
    """
    if not isinstance(state, Mapping):
        raise _bad("it is not a JSON object")
    if state.get("format", FORMAT) != FORMAT:
        raise _bad(f'its format is "{state["format"]}", not "{FORMAT}"')
    if state.get("provider", "udesk") != "udesk":
        raise _bad(f'it is of the provider "{state["provider"]}", not of udesk')
    odd = [name for name in state if name not in _KEYS]
    if odd:
        raise _bad(f'it has an unknown key "{odd[0]}"')
    tenant = Tenant(
        app_id=_text(state, "tenant", "", "the snapshot") or APP_ID,
        contact_center=_text(state, "contact_center", "simulated", "the snapshot"),
    )
    sections = state.get("sections", {})
    if not isinstance(sections, Mapping):
        raise _bad("its sections are not a mapping")
    unknown = [name for name in sections if name not in _SECTIONS]
    if unknown:
        raise _bad(f'it has an unknown section "{unknown[0]}"')
    _read_application(tenant, sections)
    _read_queues(tenant, sections)
    for number in _rows(sections, "extensions"):
        tenant.extensions[number] = None
    _read_agents(tenant, sections)
    _read_prompts(tenant, sections)
    _read_messages(tenant, sections)
    return tenant


def _read_application(tenant: Tenant, sections: Fields) -> None:
    for fields in _rows(sections, "application").values():
        tenant.application = Application(
            name=_text(fields, "name", "", "application"),
            callback_url=_text(fields, "callback_url", "", "application"),
            hide_user_number=_boolean(fields, "hide_user_number", "application", default=False),
            memo=_text(fields, "memo", "", "application"),
            type=_text(fields, "type", "", "application") or "default",
        )
    for number, fields in _rows(sections, "relay_numbers").items():
        tenant.relay_numbers[number] = None
        if _boolean(fields, "is_default", f"relay_numbers/{number}", default=False):
            tenant.default_number = number
    for fields in _rows(sections, "default_number").values():
        tenant.default_number = _text(fields, "number", "", "default_number")
    if tenant.default_number and "relay_numbers" not in sections:
        tenant.relay_numbers[tenant.default_number] = None


def _read_queues(tenant: Tenant, sections: Fields) -> None:
    for identity, fields in _rows(sections, "queues").items():
        where = f"queues/{identity}"
        queue = tenant.make_queue(_same(fields, "id", identity, where))
        queue.name = _text(fields, "name", queue.name, where)
        queue.strategy = _text(fields, "strategy", queue.strategy, where)
        queue.timeout = _number(fields, "timeout", queue.timeout, where)
        queue.max_length = _number(fields, "max_length", queue.max_length, where)


def _read_agents(tenant: Tenant, sections: Fields) -> None:
    """Read agents; 50,000 of them have to load fast, so their loop is flat."""
    queues, extensions = tenant.queues, tenant.extensions
    serving, holders = tenant.serving, tenant.holders
    queues_known = "queues" in sections
    for identity, fields in _rows(sections, "agents").items():
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
        for number in agent.extensions:
            extensions[number] = None
            holders.setdefault(number, set()).add(identity)
        for queue_id in agent.queues:
            if queue_id not in queues:
                if queues_known:
                    raise _bad(f"agents/{identity} serves the queue {queue_id}, which it does not have")
                tenant.make_queue(queue_id)
            serving.setdefault(queue_id, set()).add(identity)


def _blame_agent(identity: str, fields: Fields) -> None:
    """Find what is wrong with an agent."""
    where = f"agents/{identity}"
    _same(fields, "id", identity, where)
    for name in ("work_id", "name", "mobile", "email", "role", "default_number"):
        _text(fields, name, "", where)
    _boolean(fields, "enabled", where, default=True)
    _number(fields, "wrap_up_time", 0, where)


def _read_prompts(tenant: Tenant, sections: Fields) -> None:
    for identity, fields in _rows(sections, "voice_files").items():
        where = f"voice_files/{identity}"
        name = _same(fields, "name", identity, where)
        description = _text(fields, "description", "", where)
        digest = _text(fields, "digest", "", where)
        tenant.voice_files[name] = f"{description} [sha256:{digest}]".lstrip() if digest else description
    vendor_names = {ours: theirs for theirs, ours in VOICES.items()}
    for identity, fields in _rows(sections, "default_voices").items():
        where = f"default_voices/{identity}"
        if identity not in vendor_names:
            raise _bad(f"{where} is none of {', '.join(vendor_names)}")
        for kind in ("wav", "tts"):
            content = _text(fields, kind, "", where)
            if content:
                tenant.voices[vendor_names[identity]] = Voice(kind=kind, content=content)
    for identity, fields in _rows(sections, "fast_routers").items():
        where = f"fast_routers/{identity}"
        queue_id = _text(fields, "queue", "", where)
        if not queue_id:
            raise _bad(f"{where} names no queue")
        if "queues" not in sections and queue_id not in tenant.queues:
            tenant.make_queue(queue_id)
        tenant.keys[identity] = Key(queue=queue_id, description=_text(fields, "description", "", where))


def _read_messages(tenant: Tenant, sections: Fields) -> None:
    without_number = []
    rows = _rows(sections, "subscriptions")
    for identity, fields in rows.items():
        where = f"subscriptions/{identity}"
        number = _text(fields, "number", "", where)
        name = _text(fields, "name", identity, where)
        bare = name.removesuffix(f"#{number}")  # how a name that repeats is told apart in snapshots
        subscription = Subscription(
            callback=_text(fields, "callback", "", where),
            name=bare if bare in rows else name,
            events=list(_texts(fields, "events", where)),
            enabled=_boolean(fields, "enabled", where, default=True),
        )
        if not number:
            without_number.append(subscription)
        elif not (number.isascii() and number.isdigit() and 0 < len(number) < 19 and int(number) > 0):
            raise _bad(f'the number of {where} is "{number}", and should be digits')
        elif int(number) in tenant.subscriptions:
            raise _bad(f"the number of {where}, {number}, is taken by another subscription")
        else:
            tenant.subscriptions[int(number)] = subscription
    tenant.subscriptions_made = max(tenant.subscriptions, default=0)
    for subscription in without_number:
        tenant.subscriptions_made += 1
        tenant.subscriptions[tenant.subscriptions_made] = subscription
    for fields in _rows(sections, "webhook_events").values():
        for category in CATEGORIES:
            names = _texts(fields, category, "webhook_events")
            if names:
                tenant.webhook_events[category] = list(names)


def _rows(sections: Fields, section: str) -> Mapping[str, Fields]:
    rows = sections.get(section, {})
    if not isinstance(rows, Mapping):
        raise _bad(f"its section {section} is not a mapping of identities to fields")
    for identity, fields in rows.items():
        if not isinstance(fields, Mapping) or not isinstance(identity, str):
            raise _bad(f"{section}/{identity} is not a mapping of fields")
    return rows


def _text(fields: Fields, name: str, default: str, where: str) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise _bad(f"the {name} of {where} is not text")
    return value


def _same(fields: Fields, name: str, identity: str, where: str) -> str:
    if fields.get(name, identity) != identity:
        raise _bad(f"the {name} of {where} is not {identity}")
    return identity


def _number(fields: Fields, name: str, default: int, where: str) -> int:
    value = fields.get(name, default)
    if type(value) is not int:
        raise _bad(f"the {name} of {where} is not a whole number")
    return value


def _boolean(fields: Fields, name: str, where: str, *, default: bool) -> bool:
    value = fields.get(name, default)
    if not isinstance(value, bool):
        raise _bad(f"the {name} of {where} is not true or false")
    return value


def _texts(fields: Fields, name: str, where: str) -> list[str] | tuple[str, ...]:
    value: Any = fields.get(name, ())
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _bad(f"the {name} of {where} are not a list of texts")
    return value


def _members(value: Any, identity: str, name: str) -> list[str] | tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(type(item) is str for item in value):
        return _texts({name: value}, name, f"agents/{identity}")
    if len(value) > 1 and len(set(value)) < len(value):
        raise _bad(f"the {name} of agents/{identity} name one twice")
    return value


def _bad(problem: str) -> ReconcilerError:
    return ReconcilerError(
        f"this is no state that the Udesk simulator can start from: {problem}",
        remedy="use a snapshot that `reconciler fetch` or `simulate --dump` wrote",
    )
