"""
Generated Udesk tenants: small, dense, and near the limits that matter.

`cases` draws what is live and what is wished apart from each other, so that anything may have to become anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from reconciler.model.change import Source
from reconciler.model.desired import Desired, Entry, Manage, Safety
from reconciler.model.live import Live
from reconciler.model.resource import Resource, identity_field, specs
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.settings import UdeskSettings

Tenant = Mapping[str, Mapping[str, Mapping[str, Any]]]
SID = "sid-of-the-account"
AUTH_TOKEN = "token-of-the-account"
SETTINGS = UdeskSettings.model_validate(
    {
        "type": "udesk",
        "base_url": "https://cc.example.com",
        "app_id": "a54a8b77-f12d-4ac9-742d-5b2bef5c4d11",
        "sid": SID,
        "auth_token": AUTH_TOKEN,
    }
)
AGENTS = ("11", "12", "13", "14")
QUEUES = ("9001", "9002", "9003", "9004", "9005")
FILLERS = tuple(f"9{number}" for number in range(100, 200))  # ignored queues that take up the hundred places
EXTENSIONS = ("8001", "8002", "8003", "8004")
NUMBERS = ("057126200670", "057126200671")
COLLECTIONS = tuple(kind.section for kind in PROVIDER.kinds.values() if kind.collection)
FILES = ("a.wav", "b.wav")
VOICES = tuple(PROVIDER.kinds["default_voices"].names)


def live_of(tenant: Tenant) -> Live:
    """Make the live state of plain data; what is left out has the classes' defaults."""
    sections = {}
    for name, kind in PROVIDER.kinds.items():
        objects = {}
        for identity, fields in tenant.get(name, {}).items():
            values: dict[str, Any] = {}
            for spec in specs(kind.resource).values():
                default = kind.resource.model_fields[spec.name].get_default()
                value = fields.get(spec.name, "" if default is None else default)
                if spec.name == identity_field(kind.resource) or spec.name == "digit":
                    value = identity
                if spec.name == "name" and name == "default_voices":
                    value = identity
                values[spec.name] = tuple(sorted(value)) if isinstance(value, list | tuple) else value
            objects[identity] = kind.resource.live(values)
        sections[name] = objects
    held = {number for agent in sections["agents"].values() for number in agent.extensions}
    for number in held:
        sections["extensions"].setdefault(number, PROVIDER.kinds["extensions"].resource.live({"number": number}))
    for voice in VOICES:
        sections["default_voices"].setdefault(
            voice, PROVIDER.kinds["default_voices"].resource.live({"wav": "", "tts": "", "name": voice})
        )
    sections["application"].setdefault("", PROVIDER.kinds["application"].resource.live({}))
    sections["default_number"].setdefault("", PROVIDER.kinds["default_number"].resource.live({}))
    if not sections["webhook_events"]:
        del sections["webhook_events"]
    return Live(sections)


def wish_of(live: Live) -> Tenant:
    """Wish for exactly what is live, as far as files can say it."""
    wish: dict[str, dict[str, dict[str, Any]]] = {}
    for name, items in live.sections.items():
        kind = PROVIDER.kinds[name]
        if kind.external:
            continue
        wish[name] = {}
        for identity, item in items.items():
            fields = {
                spec.name: item.__dict__[spec.name] for spec in specs(kind.resource).values() if not spec.computed
            }
            fields.pop(identity_field(kind.resource) or "", None)
            if name == "voice_files":
                fields["path"] = identity
            if name == "default_voices":
                fields = {key: value for key, value in fields.items() if value}
            wish[name][identity] = fields
    return wish


def desired_of(
    tenant: Tenant, *, prune: Collection[str] = COLLECTIONS, manage: Mapping[str, Any] | None = None, **rest: Any
) -> Desired:
    """Make a wish of plain data, as `load` would; *prune* are sections where what it does not name goes."""
    sections: dict[str, dict[str, Entry]] = {}
    for name, objects in tenant.items():
        kind = PROVIDER.kinds[name]
        sections[name] = {
            identity: _entry(name, kind.resource, identity, fields) for identity, fields in objects.items()
        }
    own = {entry.identity for entry in sections.get("extensions", {}).values()}
    implied = {
        number: Entry(
            section="extensions",
            name=number,
            identity=number,
            resource=PROVIDER.kinds["extensions"].resource.model_validate({"number": number}),
            source=entry.source,
            written=frozenset(),
            implied=True,
        )
        for entry in sections.get("agents", {}).values()
        for number in entry.resource.__dict__["extensions"]
        if number not in own
    }
    for name in prune:
        sections.setdefault(name, {})
    rules = {name: {"prune": True} for name in prune}
    for name, rule in (manage or {}).items():
        rules[name] = {**rules.get(name, {}), **rule}
    return Desired(
        contact_center="acme",
        settings=rest.pop("settings", SETTINGS),
        sections=sections,
        implied={"extensions": implied} if implied else {},
        manage={name: Manage.model_validate(rule) for name, rule in rules.items()},
        safety=Safety(max_deletes=1000, max_delete_percent=100),
        **rest,
    )


def _entry(section: str, resource: type[Resource], identity: str, fields: Mapping[str, Any]) -> Entry:
    named = identity_field(resource)
    given = {key: sorted(value) if isinstance(value, list | tuple) else value for key, value in fields.items()}
    digest = given.pop("digest", None)
    values = {**given, **({named: identity} if named else {})}
    item = resource.model_validate(values) if values else resource.model_construct()
    written = frozenset(item.model_fields_set - {named})
    if digest is not None:
        item = item.model_copy(update={"digest": digest})
        written |= {"digest"}
    if section == "default_voices":
        written = frozenset({"wav", "tts"})
    if section == "agents" and item.__dict__["auto_extension"]:
        written -= {"extensions"}
    source = Source(file="t.yaml", line=1, column=1)
    return Entry(
        section=section, name=identity, identity=identity,
        resource=item, source=source, written=written,
    )  # fmt: skip


Drawn = Mapping[str, Any]
_texts = st.sampled_from(["", "Li", "Wei"])
_numbers = st.sampled_from(["", *NUMBERS])


@st.composite
def _subsets(draw: st.DrawFn, items: Sequence[str], most: int = 9) -> list[str]:
    return draw(st.lists(st.sampled_from(items), unique=True, max_size=most)) if items else []


@st.composite
def lives(draw: st.DrawFn) -> tuple[dict[str, Any], list[str]]:
    """Draw what a vendor may have, and of its spare extensions those that we know of."""
    queues = draw(_subsets(QUEUES))
    free = list(draw(st.permutations(EXTENSIONS)))
    agents: dict[str, dict[str, Any]] = {}
    for agent in draw(_subsets(AGENTS)):
        held = [free.pop() for _ in range(draw(st.integers(0, min(2, len(free)))))]
        agents[agent] = {
            "work_id": draw(st.sampled_from(["w1", "w2"])),
            "name": draw(_texts),
            "enabled": draw(st.booleans()),
            "extensions": held,
            "queues": draw(_subsets(queues)),
            "default_number": draw(_numbers),
            "wrap_up_time": draw(st.sampled_from([0, 5])),
        }
    spares = free[: draw(st.integers(0, len(free)))]
    known = draw(_subsets(spares))
    files = draw(_subsets(FILES))
    company = draw(_numbers)
    full = draw(st.sampled_from([0, 0, 0, 97, 98, 99, 100]))
    fillers = FILLERS[: max(0, full - len(queues))]
    return {
        "application": {"": {"name": draw(st.sampled_from(["A", "B"])), "type": "external", "memo": draw(_texts)}},
        "relay_numbers": {number: {"is_default": number == company} for number in NUMBERS},
        "default_number": {"": {"number": company}},
        "queues": {
            queue: {"name": draw(st.sampled_from(["A", "B"])), "timeout": draw(st.sampled_from([30, 60]))}
            for queue in queues
        }
        | {queue: {"name": "Filler"} for queue in fillers},
        "agents": agents,
        "extensions": {
            number: {} for number in (*spares, *(item for agent in agents.values() for item in agent["extensions"]))
        },
        "voice_files": {name: {"digest": draw(st.sampled_from(["", "0" * 16, "1" * 16]))} for name in files},
        "default_voices": _voices(draw, files),
        "fast_routers": _keys(draw, queues),
        "subscriptions": {
            name: {
                "callback": draw(st.sampled_from(["https://a", "https://b"])),
                "events": ["x"],
                "enabled": draw(st.booleans()),
                "number": str(number),
            }
            for number, name in enumerate(draw(_subsets(("s1", "s2"))), start=draw(st.integers(1, 3)))
        },
    }, known


def _voices(draw: st.DrawFn, files: Sequence[str]) -> dict[str, Any]:
    found = {}
    for voice in draw(_subsets(VOICES[:3])):
        choice = draw(st.sampled_from([*files, "tts"]))
        found[voice] = {"tts": draw(st.sampled_from(["hello", "wait"]))} if choice == "tts" else {"wav": choice}
    return found


def _keys(draw: st.DrawFn, queues: Sequence[str]) -> dict[str, Any]:
    return {
        key: {"queue": draw(st.sampled_from(queues)), "description": draw(st.sampled_from(["x", "y"]))}
        for key in (draw(_subsets("123")) if queues else [])
    }


@st.composite
def wishes(  # noqa: C901, PLR0912 - one branch a section
    draw: st.DrawFn, live: Drawn, *, whole: bool = False
) -> Desired:
    """Draw a wish that `load` would let through beside *live*; *whole* manages every section and field."""
    prune = COLLECTIONS if whole or draw(st.booleans()) else draw(_subsets(COLLECTIONS))

    def managed(section: str = "") -> bool:
        return whole or section in prune or draw(st.integers(0, 4)) > 0

    def some(fields: dict[str, Any], *needed: str) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if name in needed or managed()}

    wish: dict[str, Any] = {}
    if managed("application"):
        wish["application"] = {"": some({"name": draw(st.sampled_from(["A", "B"])), "memo": draw(_texts)})}
    if managed("default_number"):
        wish["default_number"] = {"": {"number": draw(_numbers)}}
    queues = [queue for queue in live["queues"] if queue in QUEUES]
    if managed("queues"):
        queues = draw(_subsets(QUEUES))
        wish["queues"] = {
            queue: some({"name": draw(st.sampled_from(["A", "B"])), "timeout": draw(st.sampled_from([30, 60]))}, "name")
            for queue in queues
        }
    if managed("agents"):
        free = list(draw(st.permutations(EXTENSIONS)))
        wish["agents"] = {}
        for agent in draw(_subsets(AGENTS)):
            fields = some(
                {
                    "work_id": draw(st.sampled_from(["w1", "w2"])),
                    "name": draw(_texts),
                    "enabled": draw(st.booleans()),
                    "extensions": [free.pop() for _ in range(draw(st.integers(0, min(2, len(free)))))],
                    "queues": draw(_subsets(queues)),
                    "default_number": draw(_numbers),
                },
                "work_id",
            )
            if draw(st.integers(0, 5)) == 0:
                fields["extensions"] = "auto"
            wish["agents"][agent] = fields
        if managed("extensions"):
            wish["extensions"] = {number: {} for number in draw(_subsets(free))}
    files = list(live["voice_files"])
    if managed("voice_files"):
        files = draw(_subsets(FILES))
        wish["voice_files"] = {
            name: {"path": name, "digest": draw(st.sampled_from(["0" * 16, "1" * 16]))} for name in files
        }
    if managed("default_voices"):
        wish["default_voices"] = _voices(draw, files)
        for voice in draw(_subsets(VOICES[:3])) if not whole else VOICES:
            wish["default_voices"].setdefault(voice, {})
    if managed("fast_routers"):
        wish["fast_routers"] = _keys(draw, queues)
    if managed("subscriptions"):
        wish["subscriptions"] = {
            name: some(
                {"callback": draw(st.sampled_from(["https://a", "https://b"])), "events": ["x"],
                 "enabled": draw(st.booleans())},
                "callback", "events",
            )
            for name in draw(_subsets(("s1", "s2", "s3")))
        }  # fmt: skip
    manage: dict[str, Any] = {"queues": {"ignore": ["91*"]}}
    if not whole and draw(st.integers(0, 4)) == 0:
        manage["agents"] = {"additive": draw(_subsets(("queues", "extensions")))}
    settings = SETTINGS.model_copy(update={"agent_batch": draw(st.sampled_from([1, 2, 100]))})
    return desired_of(wish, prune=prune, manage=manage, settings=settings)
