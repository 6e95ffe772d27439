"""
Rules of skill groups.

Source: TCCC API, "CreateCCCSkillGroup", "UpdateCCCSkillGroup", "DeleteCCCSkillGroup", "DescribeSkillGroupInfoList".
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.providers.tencent.simulator.answers import (
    INVALID_ACTION,
    RING_ALL_OVERFLOW,
    SKILL_GROUP_EXIST,
    UNAVAILABLE,
    UNKNOWN_PARAMETER,
    Refused,
    invalid,
    invalid_value,
)
from reconciler.providers.tencent.simulator.asked import Asked, page
from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.forwarding import let_go
from reconciler.providers.tencent.simulator.records import RING_ALL_MEMBERS, TO_GROUP, TYPES, Group, Tenant

LARGEST_PAGE: Final = 100
_ONLINE: Final = TYPES["online"]
_TYPE_NAMES: Final = {0: "TEL", 1: "IM"}  # "(Deprecated) Type: IM, TEL, ALL (full media)"


def create(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Make a group; its id is in the answer ("CreateCCCSkillGroup")."""
    body = asked.body
    type_, most = body["SkillGroupType"], body.get("MaxConcurrency", 1)
    if type_ not in TYPES.values():  # "0-phone, 1-online, 3-audio, 4-video"
        raise invalid("The parameter `SkillGroupType` is 0, 1, 3 or 4.")
    _check_most(type_, most, ring_all=False)
    _check_name(tenant, body["SkillGroupName"])
    group = tenant.make_group(body["SkillGroupName"], type_)
    group.max_concurrency = most
    group.modified = tenant.tick()
    return {"SkillGroupId": group.id}


def update(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Change a group; what is left out stays ("UpdateCCCSkillGroup")."""
    body = asked.body
    if "RingAll" in body and asked.dialect.ring_all == "absent":
        raise Refused(UNKNOWN_PARAMETER, "The parameter `RingAll` is not recognized.")
    group = tenant.groups.get(body["SkillGroupID"])
    if group is None:
        raise invalid("The skill group does not exist.")
    ring_all = body.get("RingAll", group.ring_all)
    most = body.get("MaxConcurrency", group.max_concurrency)
    if body.keys() & {"RingAll", "MaxConcurrency"}:
        _check_most(group.type, most, ring_all=ring_all)
    if ring_all and not group.ring_all and tenant.serving(group.id) > RING_ALL_MEMBERS:
        raise Refused(RING_ALL_OVERFLOW, f"The skill group {group.name} has too many members to ring all.")
    name = body.get("SkillGroupName", group.name)
    if name != group.name:
        _check_name(tenant, name)
    group.name, group.max_concurrency, group.ring_all = name, most, ring_all
    group.modified = tenant.tick()
    return {}


def _check_name(tenant: Tenant, name: str) -> None:
    if not name:
        raise invalid("The parameter `SkillGroupName` is empty.")
    if any(group.name == name for group in tenant.groups.values()):
        raise Refused(SKILL_GROUP_EXIST, f"The skill group {name} exists already.")


def _check_most(type_: int, most: int, *, ring_all: bool) -> None:
    """
    Check MaxConcurrency: 1 for all types but online ("CreateCCCSkillGroup").

    For a group that rings all it is 2 at most ("UpdateCCCSkillGroup").
    """
    if most < 1 or (type_ != _ONLINE and most > 1) or (ring_all and most > RING_ALL_MEMBERS):
        raise invalid("The parameter `MaxConcurrency` does not fit the skill group.")


def delete(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Delete a group that nothing names ("DeleteCCCSkillGroup")."""
    if asked.dialect.delete_queue == "absent":
        raise Refused(INVALID_ACTION, "The action DeleteCCCSkillGroup does not exist.")
    group_id = asked.body["SkillGroupId"]
    if group_id not in tenant.groups:
        raise invalid_value("The skill group does not exist.")
    lines = [line for line in tenant.lines.values() if group_id in line.groups]
    forwarders = tuple(tenant.forwarders(TO_GROUP, group_id))
    if asked.dialect.delete_queue_in_use == "refused" and (tenant.serving(group_id) or lines or forwarders):
        raise Refused(UNAVAILABLE, "The skill group is in use.")
    for key in tuple(tenant.members.get(group_id, ())):
        tenant.unbind(key, group_id)
    for number in tuple(tenant.phones_of.get(group_id, ())):
        tenant.set_groups(number, [group for group in tenant.telephones[number].groups if group != group_id])
    for line in lines:
        line.groups.remove(group_id)
    let_go(tenant, asked, TO_GROUP, group_id)
    del tenant.groups[group_id]
    tenant.tick()
    return {}


def read_all(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """List groups; who serves them is in the rows of staff ("DescribeSkillGroupInfoList")."""
    body = asked.body
    found = list(tenant.groups.values())
    if "SkillGroupId" in body:
        found = [group for group in found if group.id == body["SkillGroupId"]]
    if "ModifiedTime" in body:
        found = [group for group in found if group.modified >= body["ModifiedTime"]]
    if body.get("SkillGroupName"):
        name, exact = body["SkillGroupName"], asked.dialect.name_filter == "exact"
        found = [group for group in found if (group.name == name if exact else name in group.name)]
    ids = page([group.id for group in found], tenant, asked, largest=LARGEST_PAGE)
    return {
        "TotalCount": len(found),
        "SkillGroupList": [_shown(tenant.groups[group_id], asked.dialect) for group_id in ids],
    }


def _shown(group: Group, dialect: Dialect) -> dict[str, Any]:
    return {
        "SkillGroupId": group.id,
        "SkillGroupName": group.name,
        "Type": _TYPE_NAMES.get(group.type, "ALL"),
        "RoutePolicy": "firstCreate",
        "UsingLastSeat": 0,
        "MaxConcurrency": group.max_concurrency,
        "LastModifyTimestamp": group.modified,
        "SkillGroupType": group.type,
        "Alias": str(group.id),
        **({"RingAll": group.ring_all} if dialect.ring_all == "shown" else {}),
    }
