"""Generated Udesk tenants: small, dense, and near the limits that matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from reconciler.model.change import Source
from reconciler.model.desired import Desired, Entry, Manage, Safety
from reconciler.model.live import Live
from reconciler.model.resource import Resource, identity_field, specs
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.settings import UdeskSettings

Tenant = Mapping[str, Mapping[str, Mapping[str, Any]]]
SETTINGS = UdeskSettings.model_validate(
    {
        "type": "udesk",
        "base_url": "https://cc.example.com",
        "app_id": "a54a8b77-f12d-4ac9-742d-5b2bef5c4d11",
        "sid": "sid",
        "auth_token": "token",
    }
)
AGENTS = ("11", "12", "13", "14")
QUEUES = ("9001", "9002", "9003")
EXTENSIONS = ("8001", "8002", "8003", "8004")
FILES = ("a.wav", "b.wav")
VOICES = tuple(PROVIDER.kinds["default_voices"].names)


@dataclass(frozen=True)
class Case:
    """A live tenant and a wish."""

    live: Live
    desired: Desired


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
                if spec.name == identity_field(kind.resource) or spec.name in {"digit"}:
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


def desired_of(tenant: Tenant, *, prune: bool = True, **rest: Any) -> Desired:
    """Make a wish of plain data, as `load` would."""
    sections: dict[str, dict[str, Entry]] = {}
    for name, objects in tenant.items():
        kind = PROVIDER.kinds[name]
        sections[name] = {identity: _entry(name, kind.resource, identity, fields) for identity, fields in objects.items()}
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
    collections = [kind.section for kind in PROVIDER.kinds.values() if kind.collection]
    if prune:
        for name in collections:
            sections.setdefault(name, {})
    return Desired(
        contact_center="acme",
        settings=rest.pop("settings", SETTINGS),
        sections=sections,
        implied={"extensions": implied} if implied else {},
        manage={name: Manage(prune=prune) for name in collections},
        safety=Safety(max_deletes=1000, max_delete_percent=100),
        **rest,
    )


def _entry(section: str, resource: type[Resource], identity: str, fields: Mapping[str, Any]) -> Entry:
    named = identity_field(resource)
    given = {key: sorted(value) if isinstance(value, list | tuple) else value for key, value in fields.items()}
    digest = given.pop("digest", None)
    item = resource.model_validate({**given, **({named: identity} if named else {})})
    written = frozenset(item.model_fields_set - {named})
    if digest is not None:
        item = item.model_copy(update={"digest": digest})
        written |= {"digest"}
    if section == "default_voices":
        written = frozenset({"wav", "tts"})
    source = Source(file="t.yaml", line=1, column=1)
    return Entry(
        section=section, name=identity if named or section != "application" else "", identity=identity,
        resource=item, source=source, written=written,
    )  # fmt: skip


@st.composite
def tenants(draw: st.DrawFn) -> Tenant:
    """Draw one whole tenant that keeps all limits."""
    queues = draw(st.lists(st.sampled_from(QUEUES), unique=True, max_size=3))
    agents = draw(st.lists(st.sampled_from(AGENTS), unique=True, max_size=4))
    free = list(draw(st.permutations(EXTENSIONS)))
    seats: dict[str, dict[str, Any]] = {}
    for agent in agents:
        count = draw(st.integers(0, min(2, len(free))))
        seats[agent] = {
            "work_id": draw(st.sampled_from(["w1", "w2"])),
            "name": draw(st.sampled_from(["", "Li", "Wei"])),
            "extensions": [free.pop() for _ in range(count)],
            "queues": draw(st.lists(st.sampled_from(queues), unique=True)) if queues else [],
        }
    files = draw(st.lists(st.sampled_from(FILES), unique=True))
    voices = {}
    for voice in draw(st.lists(st.sampled_from(VOICES[:3]), unique=True)):
        choice = draw(st.sampled_from([*files, "tts"]))
        voices[voice] = {"tts": "hello"} if choice == "tts" else {"wav": choice}
    keys = draw(st.lists(st.sampled_from("123"), unique=True)) if queues else []
    return {
        "queues": {
            queue: {"name": draw(st.sampled_from(["A", "B"])), "timeout": draw(st.sampled_from([30, 60]))}
            for queue in queues
        },
        "agents": seats,
        "extensions": {},
        "voice_files": {
            name: {"path": name, "digest": draw(st.sampled_from(["0" * 16, "1" * 16]))} for name in files
        },
        "default_voices": voices,
        "fast_routers": {
            key: {"queue": draw(st.sampled_from(queues)), "description": draw(st.sampled_from(["x", "y"]))}
            for key in keys
        },
        "default_number": {"": {"number": draw(st.sampled_from(["", "057126200670"]))}},
        "relay_numbers": {"057126200670": {}},
    }


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a live tenant and another that is wished."""
    live = dict(draw(tenants()))
    wish = dict(draw(tenants()))
    number = live["default_number"][""]["number"]
    live["relay_numbers"] = {"057126200670": {"is_default": number == "057126200670"}}
    live["voice_files"] = {name: {"digest": fields["digest"]} for name, fields in live["voice_files"].items()}
    wish.pop("relay_numbers")
    wish["default_voices"] = {voice: wish["default_voices"].get(voice, {"tts": "wait"}) for voice in VOICES[:3]}
    return Case(live=live_of(live), desired=desired_of(wish))
