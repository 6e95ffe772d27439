"""Rules of telephones. Source: TCCC API, the actions Create-, Modify-, Delete-, DescribeExtension(s)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import Any, Final

from reconciler.providers.tencent.simulator.answers import LIMIT_EXCEEDED, UNAVAILABLE, Refused, invalid_value
from reconciler.providers.tencent.simulator.asked import Asked, ordered, page
from reconciler.providers.tencent.simulator.forwarding import let_go, refuse_targets
from reconciler.providers.tencent.simulator.members import check_room
from reconciler.providers.tencent.simulator.records import TO_EXTENSION, Telephone, Tenant

_NUMBER: Final = re.compile(r"[0-9A-Za-z_-]{1,32}")  # no form is given for telephones


def create(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Make a telephone; the answer holds no password ("CreateExtension")."""
    body = asked.body
    number = body["ExtensionId"]
    if not (asked.trusted or _NUMBER.fullmatch(number)):
        raise invalid_value("The parameter `ExtensionId` is not valid.")
    if number in tenant.telephones:
        raise Refused(asked.dialect.extension_exists, f"The extension {number} exists already.")
    if not body["ExtensionName"]:
        raise invalid_value("The parameter `ExtensionName` is empty.")
    if len(tenant.telephones) >= asked.dialect.telephones:
        raise Refused(LIMIT_EXCEEDED, "The number of telephones exceeds the purchased ones.")
    groups = _groups(tenant, asked, ())
    staff = _staff(tenant, asked, number)
    now = tenant.tick()
    tenant.add_telephone(Telephone(number, body["ExtensionName"], groups or [], created=now, modified=now))
    if staff:
        _relate(tenant, asked, number, staff)
    return {}


def modify(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Change a telephone; what is left out stays, and groups are the whole list ("ModifyExtension")."""
    dialect, body = asked.dialect, asked.body
    telephone = _find(tenant, asked)
    if body.get("ExtensionName") == "":
        raise invalid_value("The parameter `ExtensionName` is empty.")
    groups = _groups(tenant, asked, telephone.groups)
    staff = _staff(tenant, asked, telephone.number)
    telephone.name = body.get("ExtensionName", telephone.name)
    if groups or (groups is not None and dialect.extension_empty_queues == "clears"):
        tenant.set_groups(telephone.number, groups)
    if staff:
        _relate(tenant, asked, telephone.number, staff)
    elif staff is not None and dialect.extension_empty_agent == "clears":
        tenant.relate(telephone.number, "")
    telephone.modified = tenant.tick()
    return {}


def _groups(tenant: Tenant, asked: Asked, live: Collection[int]) -> list[int] | None:
    """Read the groups; None where they are left out."""
    given = asked.body.get("SkillGroupIds")
    if given is None:
        return None
    groups = list(dict.fromkeys(given))
    if not tenant.groups.keys() >= set(groups) - set(live):
        raise invalid_value("A skill group does not exist.")
    check_room(tenant, [group for group in groups if group not in live])
    return groups


def _staff(tenant: Tenant, asked: Asked, number: str) -> str | None:
    """Read whom it is bound to: None where that is left out, "" for nobody."""
    email = asked.body.get("Relation")
    if not email:
        return email
    key = tenant.key(email)
    if key not in tenant.staff and tenant.telephones.get(number, Telephone(number)).staff != key:
        raise invalid_value(f"The account {email} does not exist.")
    if asked.dialect.extension_claim == "refused" and tenant.holders.get(key, set()) - {number}:
        raise invalid_value(f"The account {email} is bound to another extension.")
    return key


def _relate(tenant: Tenant, asked: Asked, number: str, staff: str) -> None:
    if asked.dialect.extension_claim == "moves":
        for other in tenant.holders.get(staff, set()) - {number}:
            tenant.relate(other, "")
    tenant.relate(number, staff)


def delete(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Delete a telephone ("DeleteExtension")."""
    telephone = _find(tenant, asked)
    if asked.dialect.delete_extension_bound == "refused" and (telephone.staff or telephone.groups):
        raise Refused(UNAVAILABLE, "The extension is in use.")
    refuse_targets(tenant, asked, TO_EXTENSION, (telephone.number,))
    tenant.drop_telephone(telephone.number)
    let_go(tenant, asked, TO_EXTENSION, telephone.number)
    tenant.tick()
    return {}


def read_all(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """List telephones; the total is `Total` here, and nowhere else ("DescribeExtensions")."""
    body = asked.body
    numbers = list(tenant.telephones)
    if body.get("ExtensionIds"):
        numbers = [number for number in numbers if number in body["ExtensionIds"]]
    if body.get("FuzzingKeyWord"):
        numbers = [number for number in numbers if _holds(tenant.telephones[number], tenant, body["FuzzingKeyWord"])]
    rows = [_shown(tenant.telephones[number], tenant, asked) for number in page(numbers, tenant, asked)]
    return {"Total": len(numbers), "ExtensionList": rows}


def _holds(telephone: Telephone, tenant: Tenant, word: str) -> bool:
    """Look for a word where the page says: in number, name, the agent's email and the agent's name."""
    staff = tenant.staff.get(telephone.staff)
    agent = (staff.email, staff.name) if staff is not None else (telephone.staff,)
    return any(word in text for text in (telephone.number, telephone.name, *agent))


def _shown(telephone: Telephone, tenant: Tenant, asked: Asked) -> dict[str, Any]:
    staff = tenant.staff.get(telephone.staff)
    groups = ",".join(str(group) for group in ordered(telephone.groups, tenant, asked.dialect))
    row = {
        "SdkAppId": tenant.app_id,
        "FullExtensionId": f"{telephone.number}@{_domain(tenant)}",
        "ExtensionId": telephone.number,
        "SkillGroupId": groups or ("" if asked.dialect.extension_groups_empty == "text" else None),
        "ExtensionName": telephone.name,
        "CreateTime": telephone.created,
        "ModifyTime": telephone.modified,
        "Relation": staff.email if staff is not None else telephone.staff,
        "RelationName": staff.name if staff is not None else "",
    }
    return {**row, "Status": 0, "Register": False} if asked.body.get("IsNeedStatus") else row


def read_one(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Show how a device signs in, its password in clear ("DescribeExtension")."""
    telephone = _find(tenant, asked)
    return {
        "ExtensionId": telephone.number,
        "ExtensionDomain": _domain(tenant),
        "Password": _password(telephone, tenant),
        "OutboundProxy": "sip.tccc.qcloud.com",
        "Transport": "UDP",
    }


def reset_password(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Give a telephone another password ("ResetExtensionPassword")."""
    telephone = _find(tenant, asked)
    telephone.passwords += 1
    return {"Password": _password(telephone, tenant)}


def _find(tenant: Tenant, asked: Asked) -> Telephone:
    telephone = tenant.telephones.get(asked.body["ExtensionId"])
    if telephone is None:
        raise Refused(asked.dialect.extension_missing, "The extension does not exist.")
    return telephone


def _domain(tenant: Tenant) -> str:
    return f"{tenant.app_id}.tccc.qcloud.com"


def _password(telephone: Telephone, tenant: Tenant) -> str:
    """Make a password of counters, so that the same calls have the same answers."""
    seed = f"{tenant.app_id}/{telephone.number}/{telephone.created}/{telephone.passwords}"
    return hashlib.sha256(seed.encode()).hexdigest()[:16]
