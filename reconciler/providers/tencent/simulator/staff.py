"""Rules of staff. Source: TCCC API, "CreateStaff", "ModifyStaff", "DeleteStaff", "DescribeStaffInfoList"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from reconciler.providers.tencent.simulator.answers import (
    ACCOUNT_NOT_EXIST,
    DUPLICATED_ACCOUNT,
    LIMIT_EXCEEDED,
    PHONE_TAKEN,
    SKILL_GROUP_ERROR,
    UNAVAILABLE,
    Refused,
    invalid,
    invalid_value,
)
from reconciler.providers.tencent.simulator.asked import Asked, ordered, page
from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.forwarding import let_go, read_forwarding, refuse_targets, show_forwarding
from reconciler.providers.tencent.simulator.members import check_room
from reconciler.providers.tencent.simulator.records import PRIORITY, ROLES, TO_AGENT, Staff, Tenant, bare

MOST_CREATED: Final = 10  # CreateStaff: "at most 10"
MOST_DELETED: Final = 200  # DeleteStaff: "at most 200"
LARGEST_PAGE: Final = 9999  # DescribeStaffInfoList
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE: Final = re.compile(r"\+?[0-9]{3,24}")
_EXTENSION: Final = re.compile(r"[1-8][0-9]{3,5}")  # "starts with 1 to 8, 4 to 6 digits"
_TYPE_NAMES: Final = {0: "TEL", 1: "IM"}  # SkillGroupItem: "IM, TEL, ALL (full media)"


def find(tenant: Tenant, email: str, code: str = ACCOUNT_NOT_EXIST) -> str:
    """Find a person's key, or refuse with *code*."""
    key = tenant.key(email)
    if key not in tenant.staff:
        raise Refused(code, f"The account {email} does not exist.")
    return key


def create(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Make people; which could not be made is in `ErrorStaffList`, or fails the call ("CreateStaff")."""
    entries = asked.body["Staffs"]
    if not 1 <= len(entries) <= MOST_CREATED:
        raise invalid_value(f"The parameter `Staffs` has 1 to {MOST_CREATED} members.")
    if len(tenant.staff) + len(entries) > asked.dialect.seats:
        raise Refused(LIMIT_EXCEEDED, "The number of staff exceeds the purchased seats.")
    made: list[str] = []
    errors = []
    for entry in entries:
        try:
            made.append(_create(tenant, asked, entry))
        except Refused as refused:
            if asked.dialect.duplicate_staff == "item":
                errors.append({"StaffEmail": entry["Mail"], "Code": refused.code, "Message": refused.message})
                continue
            if asked.dialect.duplicate_staff == "call":
                for key in made:
                    tenant.drop_staff(key)
            raise
    if asked.body.get("SendPassword", True):  # "true by default"
        tenant.mailed += [tenant.staff[key].email for key in made]
    return {"ErrorStaffList": errors}


def _create(tenant: Tenant, asked: Asked, entry: Mapping[str, Any]) -> str:
    email = entry["Mail"]
    if not (asked.trusted or _EMAIL.fullmatch(email)):
        raise invalid_value(f"The email {email} is not valid.")
    if tenant.key(email) in tenant.staff:
        raise Refused(DUPLICATED_ACCOUNT, f"The account {email} exists already.")
    staff = Staff(email, roles=[entry.get("Role", ROLES["agent"])])
    if staff.roles[0] < 1:
        raise invalid_value("The parameter `Role` is not valid.")
    _fill(tenant, asked, staff, entry, "StaffNumber")
    names = entry.get("SkillGroupNameList", ()) if asked.dialect.create_queues == "honoured" else ()
    by_name = {group.name: group.id for group in tenant.groups.values()} if names else {}
    for name in names:
        if name not in by_name:
            raise invalid_value(f"The skill group {name} does not exist.")
        staff.groups[by_name[name]] = PRIORITY
    check_room(tenant, staff.groups)
    staff.modified = tenant.tick()
    tenant.add_staff(staff)
    return tenant.key(email)


def _fill(tenant: Tenant, asked: Asked, staff: Staff, entry: Mapping[str, Any], number: str) -> None:
    """Read the fields that creation and modification share; *number* is how this action spells the work number."""
    for name in ("Name", number):
        if entry.get(name) == "":
            raise invalid_value(f"The parameter `{name}` is empty.")
    staff.name = entry.get("Name", staff.name)
    staff.number = entry.get(number, staff.number)
    if asked.dialect.work_numbers == "unique" and number in entry:
        others = (other for key, other in tenant.staff.items() if key != tenant.key(staff.email))
        if any(other.number == staff.number for other in others):
            raise invalid_value(f"The staff number {staff.number} is used by another account.")
    staff.nick = _optional(asked, entry, "Nick", staff.nick)
    staff.phone = _optional(asked, entry, "Phone", staff.phone, _PHONE)
    staff.extension_number = _optional(asked, entry, "ExtensionNumber", staff.extension_number, _EXTENSION)
    if staff.phone and tenant.phones.get(bare(staff.phone), tenant.key(staff.email)) != tenant.key(staff.email):
        raise Refused(PHONE_TAKEN, f"The phone {staff.phone} is bound to another account.")


def _optional(asked: Asked, entry: Mapping[str, Any], name: str, rest: str, form: re.Pattern[str] | None = None) -> str:
    value: str = entry.get(name, rest)
    if not value:
        return value if asked.dialect.modify_empty == "clears" else rest
    if name in entry and form is not None and not asked.trusted and not form.fullmatch(value):
        raise invalid(f"The parameter `{name}` is not valid.")
    return value


def modify(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Change a person; what is left out stays ("ModifyStaff")."""
    body = asked.body
    key = find(tenant, body["Email"])
    live = tenant.staff[key]
    staff = Staff(
        live.email,
        name=live.name,
        number=live.number,
        phone=live.phone,
        nick=live.nick,
        extension_number=live.extension_number,
    )
    _fill(tenant, asked, staff, body, "StaffNo")
    accept = body.get("UseMobileAccept", live.mobile_accept)
    if accept not in {0, 1, 2}:  # "0 - Off | 1 - Only when Offline | 2 - Always"
        raise invalid("The parameter `UseMobileAccept` is 0, 1 or 2.")
    forwarding = live.forwarding
    if "ForwardingConfig" in body:
        forwarding = read_forwarding(tenant, asked, body["ForwardingConfig"])
    groups = body.get("SkillGroupIds")
    if groups is not None:
        if not tenant.groups.keys() >= set(groups):
            raise Refused(SKILL_GROUP_ERROR, "A skill group does not exist.")
        check_room(tenant, [group for group in set(groups) if group not in live.groups])
    live.name, live.number, live.nick = staff.name, staff.number, staff.nick
    live.extension_number = staff.extension_number
    live.mobile_accept = accept
    live.mobile_call_out = body.get("UseMobileCallOut", live.mobile_call_out)
    tenant.set_phone(key, staff.phone)
    tenant.set_forwarding(key, forwarding)
    if groups is not None:
        _set_groups(tenant, key, groups, asked.dialect)
    live.modified = tenant.tick()
    return {}


def _set_groups(tenant: Tenant, key: str, groups: list[int], dialect: Dialect) -> None:
    """Set a person's groups: nothing is said of priorities, so new ones have the default."""
    live = tenant.staff[key].groups
    if dialect.modify_queues == "replace":
        for group in [group for group in live if group not in groups]:
            tenant.unbind(key, group)
    for group in groups:
        if group not in live:
            tenant.bind(key, group, PRIORITY)


def delete(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Delete people; who is online is skipped, and told in `OnlineStaffList` ("DeleteStaff")."""
    dialect = asked.dialect
    emails = asked.body["StaffList"]
    if not 1 <= len(emails) <= MOST_DELETED:
        raise invalid_value(f"The parameter `StaffList` has 1 to {MOST_DELETED} members.")
    known = {tenant.key(email): email for email in emails if tenant.key(email) in tenant.staff}
    if dialect.delete_unknown_staff == "refused" and len(known) < len({tenant.key(email) for email in emails}):
        raise Refused(ACCOUNT_NOT_EXIST, "An account does not exist.")
    online = [email for key, email in known.items() if tenant.staff[key].online]
    going = [key for key in known if not tenant.staff[key].online]
    if dialect.delete_staff_bound == "refused":
        for key in going:
            if tenant.staff[key].groups or tenant.holders.get(key):
                raise Refused(UNAVAILABLE, f"The account {known[key]} is bound to a skill group or telephone.")
    refuse_targets(tenant, asked, TO_AGENT, going, but=going)
    for key in going:
        tenant.drop_staff(key)
        if dialect.delete_staff_bound != "kept":
            for number in tuple(tenant.holders.get(key, ())):
                tenant.relate(number, "")
        let_go(tenant, asked, TO_AGENT, key)
        tenant.tick()
    extra = {"DeleteStatusInfo": ""} if dialect.edition == "domestic" else {}
    return {"OnlineStaffList": online, **extra}


def read_all(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """List people ("DescribeStaffInfoList")."""
    body = asked.body
    keys = list(tenant.staff)
    if "StaffMail" in body:
        keys = [key for key in (tenant.key(body["StaffMail"]),) if key in tenant.staff]
    if "SkillGroupId" in body:
        members = tenant.members.get(body["SkillGroupId"], set())
        keys = [key for key in keys if key in members]
    if "ModifiedTime" in body:
        keys = [key for key in keys if tenant.staff[key].modified >= body["ModifiedTime"]]
    rows = [_shown(tenant.staff[key], tenant, asked.dialect) for key in page(keys, tenant, asked, largest=LARGEST_PAGE)]
    return {"TotalCount": len(keys), "StaffList": rows}


def _shown(staff: Staff, tenant: Tenant, dialect: Dialect) -> dict[str, Any]:
    groups = []
    for group_id in ordered(staff.groups, tenant, dialect):
        group = tenant.groups.get(group_id)
        groups.append(
            {
                "SkillGroupId": group_id,
                "SkillGroupName": group.name if group is not None else "",
                "Priority": staff.groups[group_id],
                "Type": _TYPE_NAMES.get(group.type if group is not None else 0, "ALL"),
            }
        )
    return {
        "Name": staff.name,
        "Mail": staff.email,
        "Phone": staff.phone.removeprefix("0086") if dialect.phone_prefix == "stripped" else staff.phone,
        "Nick": staff.nick,
        "StaffNumber": staff.number,
        **({"RoleId": staff.roles[0] if staff.roles else 0} if dialect.roles == "id" else {"RoleList": staff.roles}),
        "SkillGroupList": groups,
        "LastModifyTimestamp": staff.modified,
        "ExtensionNumber": staff.extension_number,
        **show_forwarding(staff.forwarding, dialect),
    }


def force_offline(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """End a person's session, and bar them from logging in ("ForceMemberOffline")."""
    staff = tenant.staff[find(tenant, asked.body["UserId"])]
    staff.online, staff.barred = False, True
    return {}


def restore_online(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Let a person log in again ("RestoreMemberOnline")."""
    tenant.staff[find(tenant, asked.body["UserId"])].barred = False
    return {}
