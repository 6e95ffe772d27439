"""The machine's state as a snapshot, with every section and field; `seed` is the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.providers.simulation.snapshots import FORMAT
from reconciler.providers.tencent.simulator.records import (
    MOBILE,
    ROLES,
    TO_AGENT,
    TO_GROUP,
    TYPES,
    Forwarding,
    Staff,
    Tenant,
    number_of,
)

_ALIAS: Final = re.compile(r"(?P<name>.+?) \[(?P<digest>[0-9a-f]{16})\]", re.DOTALL)
_REJECTED: Final = 2


def write_state(tenant: Tenant) -> dict[str, Any]:
    """Give the tenant as a snapshot. Passwords are not in it, nor are times and links, which no list shows."""
    return {
        "format": FORMAT,
        "provider": "tencent",
        "contact_center": tenant.contact_center,
        "tenant": str(tenant.app_id),
        "sections": {
            "queues": {
                group.name: {
                    "name": group.name,
                    "type": _word(group.type, TYPES),
                    "max_concurrency": group.max_concurrency,
                    "ring_all": group.ring_all,
                    "renamed_from": "",
                    "id": str(group.id),
                }
                for group in tenant.groups.values()
            },
            "agents": _written_staff(tenant),
            "extensions": {
                telephone.number: {
                    "number": telephone.number,
                    "name": telephone.name,
                    "queues": _names(telephone.groups, tenant),
                    "agent": telephone.staff.lower(),
                }
                for telephone in tenant.telephones.values()
            },
            "numbers": {
                line.number: {
                    "number": line.number,
                    "outbound_queues": _names(line.groups, tenant),
                    "enabled": line.state == 1,
                    "state": str(line.state),
                }
                for line in tenant.lines.values()
            },
            "voice_files": _written_files(tenant),
        },
    }


def _written_staff(tenant: Tenant) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for staff in tenant.staff.values():
        identity = staff.email.lower()
        # Where letter case counts there, two people may have what is one identity here.
        written[identity if identity not in written else staff.email] = _written(staff, tenant)
    return written


def _written(staff: Staff, tenant: Tenant) -> dict[str, Any]:
    groups = {tenant.group_name(group): priority for group, priority in staff.groups.items()}
    return {
        "email": staff.email,
        "name": staff.name,
        "phone": staff.phone,
        "nick": staff.nick,
        "staff_number": staff.number,
        "role": ",".join(_word(role, ROLES) for role in staff.roles),
        "extension_number": staff.extension_number,
        "mobile_accept": _word(staff.mobile_accept, MOBILE),
        "mobile_call_out": staff.mobile_call_out,
        "queues": sorted(groups),
        "priorities": dict(sorted(groups.items())),
        "forwards_to": _forwards_to(staff.forwarding, tenant),
        **({"online": True} if staff.online else {}),
    }


def _forwards_to(forwarding: Forwarding | None, tenant: Tenant) -> str:
    if forwarding is None or not forwarding.enabled:
        return ""
    if forwarding.type == TO_AGENT:
        return f"agents/{forwarding.email.lower()}"
    if forwarding.type == TO_GROUP:
        return f"queues/{tenant.group_name(forwarding.group)}"
    return f"extensions/{number_of(forwarding.extension)}"


def _written_files(tenant: Tenant) -> dict[str, Any]:
    """Write files; of those with one name the newest has it, and the others have their ids beside it."""
    named: dict[str, list[tuple[int, str]]] = {}
    for file in tenant.files.values():
        found = _ALIAS.fullmatch(file.alias)
        name, digest = (found["name"], found["digest"]) if found else (file.alias, "")
        named.setdefault(name, []).append((file.id, digest))
    written = {}
    for name, files in named.items():
        newest = max(files)[0]
        good = sorted({digest for file, digest in files if digest and tenant.files[file].status != _REJECTED})
        for file_id, digest in files:
            identity = name if file_id == newest else f"{name}#{file_id}"
            written[identity] = {
                "name": identity,
                "url": "",
                "sha256": "",
                "digest": digest,
                "digests": good,
                "file_id": str(file_id),
                "status": str(tenant.files[file_id].status),
            }
    return written


def _names(groups: Iterable[int], tenant: Tenant) -> list[str]:
    return sorted(tenant.group_name(group) for group in groups)


def _word(code: int, words: Mapping[str, int]) -> str:
    return next((word for word, number in words.items() if number == code), str(code))
