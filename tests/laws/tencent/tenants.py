"""
Generated Tencent tenants: small, dense, and near the limits that matter.

`lives` and `wishes` draw what is live and what is wished apart from each other, so that anything may have to become
anything: names and phone numbers go round, queues start and stop to ring all at once, members are swapped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from hypothesis import strategies as st

from reconciler.model.change import Source
from reconciler.model.desired import Desired, Entry, Manage, Safety
from reconciler.model.live import Live
from reconciler.model.resource import Resource, identity_field, specs
from reconciler.providers.tencent import PROVIDER
from reconciler.providers.tencent.kinds.voice_files import VoiceFile
from reconciler.providers.tencent.settings import TencentSettings

Tenant = Mapping[str, Mapping[str, Mapping[str, Any]]]
SECRET_ID: Final = "id-of-the-account"
SECRET_KEY: Final = "key-of-the-account"
TOKEN: Final = "token-of-the-account"
SETTINGS: Final = TencentSettings.model_validate(
    {
        "type": "tencent",
        "sdk_app_id": 1400000000,
        "secret_id": SECRET_ID,
        "secret_key": SECRET_KEY,
        "token": TOKEN,
    }
)
QUEUES: Final = ("Help", "Night", "Sales", "Web")
HIDDEN: Final = "Zero"  # a queue that every wish ignores
AGENTS: Final = ("a@x.cn", "b@x.cn", "c@x.cn", "d@x.cn")
PHONES: Final = ("13800000001", "13800000002", "13800000003")
EXTENSIONS: Final = ("8001", "8002", "8003")
NUMBERS: Final = ("0085200000001", "0085200000002")
FILES: Final = ("a", "b")
COLLECTIONS: Final = tuple(kind.section for kind in PROVIDER.kinds.values() if kind.collection)
SOURCE: Final = Source(file="t.yaml", line=1, column=1)


def url_of(name: str, version: str) -> str:
    """Say where a file lies."""
    return f"https://cdn.example.com/{name}-{version}.mp3"


def digest_of(name: str, version: str) -> str:
    """Give the digest of a file's address, which stands for its content."""
    return str(VoiceFile.model_validate({"name": name, "url": url_of(name, version)}).digest)


def state_of(tenant: Tenant) -> dict[str, dict[str, dict[str, Any]]]:
    """Complete a tenant's sections, as the vendor would have them: queues and files have ids, pairs have priorities."""
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in PROVIDER.kinds}
    for place, (name, fields) in enumerate(tenant.get("queues", {}).items()):
        found["queues"][name] = {"name": name, "id": str(1000 + place), **fields}
    for email, fields in tenant.get("agents", {}).items():
        queues = sorted(fields.get("queues", ()))
        priorities = {queue: fields.get("priorities", {}).get(queue, 3) for queue in queues}
        found["agents"][email] = {
            "email": email, "name": email, "staff_number": "1", **fields, "queues": queues, "priorities": priorities,
        }  # fmt: skip
    for number, fields in tenant.get("extensions", {}).items():
        found["extensions"][number] = {"number": number, "name": number, **fields}
    for number, fields in tenant.get("numbers", {}).items():
        found["numbers"][number] = {"number": number, **fields}
    for place, (name, fields) in enumerate(tenant.get("voice_files", {}).items()):
        found["voice_files"][name] = {"name": name, "file_id": str(place + 1), **fields}
    return found


def live_of(tenant: Tenant) -> Live:
    """Make the live state of plain data; what is left out has the classes' defaults."""
    sections: dict[str, dict[str, Resource]] = {}
    for section, items in state_of(tenant).items():
        resource = PROVIDER.kinds[section].resource
        sections[section] = {}
        for identity, fields in items.items():
            values = {name: _default(resource, name) for name in resource.model_fields}
            values |= {key: tuple(sorted(value)) if isinstance(value, list) else value for key, value in fields.items()}
            if section == "voice_files":
                values["digests"] = tuple(filter(None, [values["digest"]]))
                values["status"] = values["status"] or "1"
            if section == "numbers" and "state" not in fields:
                values["state"] = "1" if values["enabled"] else "4"
            sections[section][identity] = resource.live(values)
    return Live(sections)


def _default(resource: type[Resource], name: str) -> Any:
    info = resource.model_fields[name]
    return "" if info.is_required() else info.get_default()


def wish_of(live: Live) -> dict[str, dict[str, dict[str, Any]]]:
    """Wish for exactly what is live, as far as files can say it; not for files of which there are older ones."""
    wish: dict[str, dict[str, dict[str, Any]]] = {}
    for section, items in live.sections.items():
        resource = PROVIDER.kinds[section].resource
        left_out = {identity_field(resource), "url", "sha256", "renamed_from"}
        names = [spec.name for spec in specs(resource).values() if not spec.computed and spec.name not in left_out]
        wish[section] = {
            identity: {name: item.__dict__[name] for name in names if item.__dict__[name] or name != "digest"}
            for identity, item in items.items()
        }
    if any("#" in name or file.status == "2" for name, file in live.of("voice_files").items()):
        del wish["voice_files"]
    return wish


def desired_of(
    tenant: Tenant, *, prune: Collection[str] = COLLECTIONS, manage: Mapping[str, Any] | None = None, **rest: Any
) -> Desired:
    """Make a wish of plain data, as `load` would; *prune* are sections where what it does not name goes."""
    sections = {
        section: {name: _entry(section, name, fields) for name, fields in items.items()}
        for section, items in tenant.items()
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
        manage={name: Manage.model_validate(rule) for name, rule in rules.items()},
        safety=Safety(max_deletes=1000, max_delete_percent=100),
        **rest,
    )


def _entry(section: str, identity: str, fields: Mapping[str, Any]) -> Entry:
    resource = PROVIDER.kinds[section].resource
    given = {key: sorted(value) if isinstance(value, list | tuple) else value for key, value in fields.items()}
    own = identity_field(resource)
    digest = given.pop("digest", None)
    item = resource.model_validate({str(own): identity, **given})
    written = item.model_fields_set - {own, "renamed_from"}
    if digest is not None:
        item = item.model_copy(update={"digest": digest})
        written |= {"digest"}
    return Entry(
        section=section, name=identity, identity=identity, resource=item, source=SOURCE, written=frozenset(written)
    )


Drawn = Mapping[str, Any]


@st.composite
def subsets(draw: st.DrawFn, items: Sequence[str], most: int = 9) -> list[str]:
    """Draw some of *items*."""
    return draw(st.lists(st.sampled_from(items), unique=True, max_size=most)) if items else []


class _Room:
    """Keeps queues that ring all at once at two members, persons and telephones together."""

    def __init__(self, full: Collection[str]) -> None:
        self._left = dict.fromkeys(full, 2)

    def of(self, queues: Sequence[str]) -> list[str]:
        """Take the places that there are."""
        found = [queue for queue in queues if self._left.get(queue, 1)]
        for queue in found:
            if queue in self._left:
                self._left[queue] -= 1
        return found


def _queue(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["phone", "phone", "phone", "online"]))
    most = draw(st.sampled_from([1, 2])) if kind == "online" else 1
    return {"type": kind, "max_concurrency": most, "ring_all": draw(st.integers(0, 2)) == 0}


@st.composite
def lives(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a vendor may have."""
    names = draw(subsets(QUEUES))
    if draw(st.integers(0, 4)) == 0:
        names.append(HIDDEN)
    queues = {name: _queue(draw) for name in names}
    room = _Room([name for name, queue in queues.items() if queue["ring_all"]])
    phones = list(draw(st.permutations(PHONES)))
    agents: dict[str, dict[str, Any]] = {}
    for email in draw(subsets(AGENTS)):
        served = room.of(draw(subsets(names, 3)))
        has_phone = draw(st.integers(0, 2)) < 2 and bool(phones)
        agents[email] = {
            "email": draw(st.sampled_from([email, email.upper()])),
            "name": draw(st.sampled_from(["Li", "Wei"])),
            "staff_number": draw(st.sampled_from(["1", "2"])),
            "phone": draw(st.sampled_from(["0086", ""])) + phones.pop() if has_phone else "",
            "nick": draw(st.sampled_from(["", "L"])),
            "mobile_accept": draw(st.sampled_from(["off", "offline", "always"])),
            "mobile_call_out": draw(st.booleans()),
            "queues": served,
            "priorities": {queue: draw(st.sampled_from([3, 3, 1])) for queue in served},
        }
        if names and draw(st.integers(0, 15)) == 0:
            agents[email]["forwards_to"] = f"queues/{draw(st.sampled_from(names))}"
    free = list(draw(st.permutations(list(agents))))
    extensions = {
        number: {
            "name": draw(st.sampled_from(["Desk", "Door"])),
            "queues": room.of(draw(subsets(names, 2))),
            "agent": free.pop() if draw(st.booleans()) and free else "",
        }
        for number in draw(subsets(EXTENSIONS))
    }
    return {
        "queues": queues,
        "agents": agents,
        "extensions": extensions,
        "numbers": {number: _number(draw, names) for number in NUMBERS},
        "voice_files": _files(draw),
    }


def _number(draw: st.DrawFn, names: Sequence[str]) -> dict[str, Any]:
    state = draw(st.sampled_from(["1", "1", "4", "4", "2"]))
    return {"outbound_queues": draw(subsets(names, 2)), "enabled": state == "1", "state": state}


def _files(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    number = 0
    for name in draw(subsets(FILES)):
        versions = draw(st.lists(st.sampled_from(["1", "2", ""]), min_size=1, max_size=2, unique=True))
        for version in versions:
            number += 1
            last = version == versions[-1]
            found[name if last else f"{name}#{number}"] = {
                "name": name if last else f"{name}#{number}",
                "digest": digest_of(name, version) if version else "",
                "file_id": str(number),
                "status": draw(st.sampled_from(["1", "1", "0", "2"])),
            }
    return found


@st.composite
def wishes(draw: st.DrawFn, live: Drawn, *, whole: bool = False) -> Desired:
    """Draw a wish that `load` would let through beside *live*; *whole* manages every section and field."""
    prune = COLLECTIONS if whole or draw(st.booleans()) else draw(subsets(COLLECTIONS))

    def managed(section: str = "") -> bool:
        return whole or section in prune or draw(st.integers(0, 4)) > 0

    def some(fields: dict[str, Any], *needed: str) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if name in needed or managed()}

    wish: dict[str, Any] = {}
    names = [name for name in live["queues"] if name != HIDDEN]
    if managed("queues"):
        wish["queues"] = _queues(draw, live, some)
        names = list(wish["queues"])
    full = [
        name
        for name in names
        if {**live["queues"].get(name, {"ring_all": False}), **wish.get("queues", {}).get(name, {})}["ring_all"]
    ]
    room = _Room(full)
    people = list(live["agents"])
    if managed("agents"):
        phones = _free_phones(draw, live, prune=prune)
        wish["agents"] = {
            email: _agent(draw, email, names, room, phones, new=email not in live["agents"], some=some)
            for email in draw(subsets(AGENTS))
        }
        _keep_phones(wish["agents"], live)
        people = list(wish["agents"])
    if managed("extensions"):
        free = list(draw(st.permutations(people)))
        wish["extensions"] = {
            number: some(
                {
                    "name": draw(st.sampled_from(["Desk", "Door"])),
                    "queues": room.of(draw(subsets(names, 2))),
                    "agent": free.pop() if draw(st.booleans()) and free else "",
                },
                *(() if number in live["extensions"] else ("name",)),
            )
            for number in draw(subsets(EXTENSIONS))
        }
    if managed("numbers"):
        wish["numbers"] = {
            number: some({"outbound_queues": draw(subsets(names, 2)), "enabled": draw(st.booleans())})
            for number in draw(subsets(NUMBERS))
        }
    if managed("voice_files"):
        wish["voice_files"] = {
            name: {"url": url_of(name, draw(st.sampled_from(["1", "2", "3"])))} for name in draw(subsets(FILES))
        }
    manage: dict[str, Any] = {"queues": {"ignore": [f"{HIDDEN}*"]}}
    if not whole and draw(st.integers(0, 4)) == 0:
        manage |= {"agents": {"additive": ["queues"]}, "numbers": {"additive": ["outbound_queues"]}}
    if not whole and draw(st.integers(0, 9)) == 0:
        manage["queues"]["protect"] = draw(subsets(QUEUES, 1))
    settings = SETTINGS.model_copy(update={"create_with_queues": draw(st.integers(0, 3)) > 0})
    return desired_of(wish, prune=prune, manage=manage, settings=settings)


def _queues(draw: st.DrawFn, live: Drawn, some: Any) -> dict[str, dict[str, Any]]:
    names = draw(subsets(QUEUES))
    there = [name for name in live["queues"] if name != HIDDEN]
    old = list(draw(st.permutations(there)))
    renames = {name: old.pop() for name in names if old and draw(st.integers(0, 1)) == 0}
    renames = {name: before for name, before in renames.items() if name != before}
    while blocked := {name for name in renames if name in there and name not in renames.values()}:
        renames = {name: before for name, before in renames.items() if name not in blocked}
    found = {}
    for name in names:
        fields = _queue(draw)
        before = live["queues"].get(renames.get(name, name))
        if before is not None:
            fields["type"] = before["type"]
            if before["type"] != "online":
                fields["max_concurrency"] = 1
        found[name] = some(fields, *(() if before is not None else ("type",)))
        found[name]["ring_all"] = fields["ring_all"]
        if name in renames:
            found[name]["renamed_from"] = renames[name]
    return found


def _free_phones(draw: st.DrawFn, live: Drawn, *, prune: Collection[str]) -> list[str]:
    """Draw the order in which wishes take phones; those of people who are not managed are theirs."""
    held = {fields["phone"][-11:] for fields in live["agents"].values() if fields["phone"]}
    return [phone for phone in draw(st.permutations(PHONES)) if "agents" in prune or phone not in held]


def _keep_phones(agents: dict[str, dict[str, Any]], live: Drawn) -> None:
    """Leave the phones of people whose entry does not speak of one to them."""
    kept = {
        live["agents"][email]["phone"][-11:]
        for email, fields in agents.items()
        if "phone" not in fields and email in live["agents"]
    }
    for fields in agents.values():
        if fields.get("phone") and fields["phone"][-11:] in kept:
            fields["phone"] = ""


def _agent(  # noqa: PLR0913 - all that an agent may have
    draw: st.DrawFn, email: str, names: Sequence[str], room: _Room, phones: list[str], *, new: bool, some: Any
) -> dict[str, Any]:
    served = room.of(draw(subsets(names, 3)))
    has_phone = draw(st.integers(0, 3)) < 3 and bool(phones)
    fields = some(
        {
            "name": draw(st.sampled_from(["Li", "Wei"])),
            "staff_number": draw(st.sampled_from(["1", "2"])),
            "phone": draw(st.sampled_from(["0086", ""])) + phones.pop() if has_phone else "",
            "nick": draw(st.sampled_from(["", "L"])),
            "mobile_accept": draw(st.sampled_from(["off", "offline", "always"])),
            "mobile_call_out": draw(st.booleans()),
            "queues": served,
        },
        *(("name", "staff_number") if new else ()),
    )
    wished = {queue: draw(st.sampled_from([3, 1, 2])) for queue in served if draw(st.integers(0, 2)) == 0}
    if wished and "queues" in fields:
        fields["priorities"] = wished
    assert email in AGENTS, "only these"
    return fields  # type: ignore[no-any-return]
