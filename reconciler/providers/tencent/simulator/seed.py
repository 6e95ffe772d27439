"""
A snapshot into the machine; `dump` is the way back.

Rows name skill groups by name, and people by lower-cased email.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.providers.simulation.snapshots import (
    Fields,
    bad,
    boolean,
    choice,
    digits,
    head,
    number,
    rows,
    same,
    text,
    texts,
)
from reconciler.providers.tencent.simulator.records import (
    MOBILE,
    PRIORITY,
    ROLES,
    TO_AGENT,
    TO_EXTENSION,
    TO_GROUP,
    TYPES,
    Audio,
    Forwarding,
    Group,
    Line,
    Staff,
    Telephone,
    Tenant,
)

APP_ID: Final = 1400000000  # as in the vendor's examples
SECTIONS: Final = ("queues", "agents", "extensions", "numbers", "voice_files")
_LONGEST_ALIAS: Final = 100  # a longer one is stored without its digest
_LARGEST_ID: Final = 2**31


def read_state(state: Any, *, case_sensitive: bool = False) -> Tenant:
    """
    Make a tenant of a snapshot; sections and fields left out get defaults.

    Raises:
        ReconcilerError: It is no snapshot of a Tencent tenant; the message names the place.
    """
    app_id, contact_center, sections = head(state, "tencent", SECTIONS)
    if app_id and not (app_id.isascii() and app_id.isdigit() and 0 < len(app_id) < 16):
        raise bad(f'its tenant is "{app_id}", and should be an SdkAppId, digits')
    tenant = Tenant(
        app_id=int(app_id) if app_id else APP_ID, contact_center=contact_center, case_sensitive=case_sensitive
    )
    _Seed(tenant, sections).read()
    return tenant


class _Seed:
    """Reads the sections of one snapshot into a tenant."""

    def __init__(self, tenant: Tenant, sections: Fields) -> None:
        self._tenant = tenant
        self._sections = sections
        self._groups: dict[str, int] = {}
        self._people: dict[str, str] = {}  # keys by lower-cased email

    def read(self) -> None:
        """Read all of it."""
        self._read_groups()
        for identity, fields in rows(self._sections, "agents").items():
            self._read_staff(identity, fields)
        for identity, fields in rows(self._sections, "extensions").items():
            self._read_telephone(identity, fields)
        for identity, fields in rows(self._sections, "numbers").items():
            self._read_line(identity, fields)
        self._read_files()

    def _read_groups(self) -> None:
        tenant = self._tenant
        without_id = []
        for identity, fields in rows(self._sections, "queues").items():
            where = f"queues/{identity}"
            name = same(fields, "name", identity, where)
            group = Group(
                digits(fields, "id", where) or 0,
                name,
                _coded(text(fields, "type", "phone", where), TYPES, "type", where),
                number(fields, "max_concurrency", 1, where),
                boolean(fields, "ring_all", where, default=False),
            )
            if not group.id:
                without_id.append(group)
            elif group.id in tenant.groups:
                raise bad(f"the id of {where}, {group.id}, is taken by another queue")
            else:
                tenant.groups[group.id] = group
                self._groups[name] = group.id
        tenant.last_group = max([tenant.last_group, *tenant.groups])
        for group in without_id:
            tenant.last_group += 1
            group.id = tenant.last_group
            tenant.groups[group.id] = group
            self._groups[group.name] = group.id

    def _group(self, name: str, where: str) -> int:
        """Find a group; one that lists don't show is named by its id, `#1000`."""
        found = self._groups.get(name)
        if found is None:
            if re.fullmatch(r"#[0-9]{1,10}", name):
                return int(name[1:])
            if "queues" in self._sections:
                raise bad(f"{where} names the queue {name}, which it does not have")
            found = self._groups[name] = self._tenant.make_group(name).id
        return found

    def _read_staff(self, identity: str, fields: Fields) -> None:
        tenant, where = self._tenant, f"agents/{identity}"
        email = text(fields, "email", identity, where)
        if email.lower() != identity.lower():
            raise bad(f"the email of {where} is not {identity}")
        if tenant.key(email) in tenant.staff:
            raise bad(f"{where} is there twice")
        priorities: Any = fields.get("priorities", {})
        if not isinstance(priorities, Mapping) or not all(type(value) is int for value in priorities.values()):
            raise bad(f"the priorities of {where} are not whole numbers by queue")
        names = list(texts(fields, "queues", where))
        odd = set(priorities) - set(names)
        if odd:
            raise bad(f"the priorities of {where} name a queue that it does not serve")
        tenant.add_staff(
            Staff(
                email,
                name=text(fields, "name", "", where),
                number=text(fields, "staff_number", "", where),
                phone=text(fields, "phone", "", where),
                nick=text(fields, "nick", "", where),
                roles=_roles(text(fields, "role", "agent", where), where),
                extension_number=text(fields, "extension_number", "", where),
                mobile_accept=_coded(text(fields, "mobile_accept", "off", where), MOBILE, "mobile_accept", where),
                mobile_call_out=boolean(fields, "mobile_call_out", where, default=False),
                groups={self._group(name, where): priorities.get(name, PRIORITY) for name in names},
                forwarding=self._forwarding(text(fields, "forwards_to", "", where), where),
                online=boolean(fields, "online", where, default=False),
            )
        )
        self._people.setdefault(email.lower(), tenant.key(email))

    def _forwarding(self, target: str, where: str) -> Forwarding | None:
        if not target:
            return None
        section, _, name = target.partition("/")
        match section:
            case "agents" if name:
                listed = rows(self._sections, "agents").get(name, {})
                email = text(listed, "email", name, f"agents/{name}")
                return Forwarding(enabled=True, type=TO_AGENT, email=email)
            case "queues" if name:
                return Forwarding(enabled=True, type=TO_GROUP, group=self._group(name, where))
            case "extensions" if name:
                full = f"{name}@{self._tenant.app_id}.sip.tccc.qcloud.com"
                return Forwarding(enabled=True, type=TO_EXTENSION, extension=full)
            case _:
                raise bad(f'the forwards_to of {where} is "{target}", and no address')

    def _read_telephone(self, identity: str, fields: Fields) -> None:
        where = f"extensions/{identity}"
        email = text(fields, "agent", "", where)
        self._tenant.add_telephone(
            Telephone(
                same(fields, "number", identity, where),
                text(fields, "name", "", where),
                self._some(texts(fields, "queues", where), where),
                self._people.get(email.lower(), email),  # a vendor may still name who is gone
            )
        )

    def _read_line(self, identity: str, fields: Fields) -> None:
        where = f"numbers/{identity}"
        state = text(fields, "state", "", where)
        enabled = boolean(fields, "enabled", where, default=state in {"", "1"})
        state = state or ("1" if enabled else "4")
        if not (state.isascii() and state.isdigit() and len(state) < 4) or enabled != (state == "1"):
            raise bad(f'the state of {where} is "{state}", which does not go with enabled: {enabled}')
        self._tenant.lines[identity] = Line(
            same(fields, "number", identity, where),
            self._some(texts(fields, "outbound_queues", where), where),
            int(state),
        )

    def _some(self, names: Iterable[str], where: str) -> list[int]:
        return list(dict.fromkeys(self._group(name, where) for name in names))

    def _read_files(self) -> None:
        tenant = self._tenant
        found = []
        for identity, fields in rows(self._sections, "voice_files").items():
            where = f"voice_files/{identity}"
            file_id = digits(fields, "file_id", where) or 0
            name = text(fields, "name", identity, where).removesuffix(f"#{file_id}")
            if identity not in {name, f"{name}#{file_id}"}:
                raise bad(f"the name of {where} is not {identity}")
            digest = text(fields, "digest", "", where)
            url = text(fields, "url", "", where)
            alias = f"{name} [{digest}]" if digest else name
            status = choice(fields, "status", "1", where, ("", "0", "1", "2"))
            found.append(
                Audio(
                    file_id,
                    alias if len(alias) <= _LONGEST_ALIAS else name,
                    url.partition("?")[0].rpartition("/")[2] or f"{name}.wav",
                    int(status or "1"),
                    url.partition("?")[0],
                    fresh=status == "0",
                )
            )
        tenant.last_file = max((file.id for file in found), default=0)
        for file in sorted(found, key=lambda file: file.id or _LARGEST_ID):
            if not file.id:
                tenant.last_file += 1
                file.id = tenant.last_file
            if file.id in tenant.files:
                raise bad(f"two voice files have the id {file.id}")
            tenant.files[file.id] = file


def _coded(value: str, codes: Mapping[str, int], name: str, where: str) -> int:
    """Read a word for a code, or the code of what has no word."""
    if value in codes:
        return codes[value]
    if re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    raise bad(f'the {name} of {where} is "{value}", and none of {", ".join(codes)}')


def _roles(value: str, where: str) -> list[int]:
    return [_coded(role, ROLES, "role", where) for role in value.split(",") if role]
