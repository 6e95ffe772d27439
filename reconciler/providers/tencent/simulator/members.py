"""Rules of who serves which group. Source: TCCC API, "BindStaffSkillGroupList", "UnbindStaffSkillGroupList"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.providers.tencent.simulator.answers import INVALID_PARAMETER, RING_ALL_OVERFLOW, Refused, invalid
from reconciler.providers.tencent.simulator.asked import Asked
from reconciler.providers.tencent.simulator.records import PRIORITY, RING_ALL_MEMBERS, Tenant


def check_room(tenant: Tenant, groups: Iterable[int]) -> None:
    """Refuse one member more of a ring-all group that is full; telephones count ("RingAllGroupMemberOverflow")."""
    for group_id in groups:
        group = tenant.groups.get(group_id)
        if group is not None and group.ring_all and tenant.serving(group_id) >= RING_ALL_MEMBERS:
            raise Refused(RING_ALL_OVERFLOW, f"The skill group {group.name} has too many members to ring all.")


def bind(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Have a person serve groups, all or none of them ("BindStaffSkillGroupList")."""
    dialect = asked.dialect
    key = _staff(tenant, asked)
    live = tenant.staff[key].groups
    wanted = _wanted(tenant, asked, live)
    check_room(tenant, [group for group in wanted if group not in live])
    if dialect.bind == "replace":
        for group in [group for group in live if group not in wanted]:
            tenant.unbind(key, group)
    for group, priority in wanted.items():
        if group not in live or dialect.bind_priority == "moves":
            tenant.bind(key, group, priority)
    tenant.staff[key].modified = tenant.tick()
    return {}


def _wanted(tenant: Tenant, asked: Asked, live: Mapping[int, int]) -> dict[int, int]:
    """Read priorities by group."""
    wanted: dict[int, int] = {}
    for item in asked.body["StaffSkillGroupList"]:
        group, priority = item["SkillGroupId"], item.get("Priority", PRIORITY)
        if group not in tenant.groups and group not in live:
            raise invalid(f"The skill group {group} does not exist.")
        if not 1 <= priority <= 5:  # "1 is the highest, 5 is the lowest"
            raise invalid("The parameter `Priority` is from 1 to 5.")
        if group in wanted:
            raise invalid(f"The skill group {group} is named twice.")
        if group in live and asked.dialect.bind_again == "refused":
            raise invalid(f"The skill group {group} is bound already.")
        wanted[group] = priority
    if not wanted:
        raise invalid("The parameter `StaffSkillGroupList` is empty.")
    return wanted


def unbind(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Have a person leave groups ("UnbindStaffSkillGroupList")."""
    key = _staff(tenant, asked)
    live = tenant.staff[key].groups
    wanted = set(asked.body["SkillGroupList"])
    if not wanted:
        raise invalid("The parameter `SkillGroupList` is empty.")
    if asked.dialect.unbind_absent == "refused" and not live.keys() >= wanted:
        raise invalid("A skill group is not bound.")
    for group in wanted & live.keys():
        tenant.unbind(key, group)
    tenant.staff[key].modified = tenant.tick()
    return {}


def _staff(tenant: Tenant, asked: Asked) -> str:
    """Find the person; the page lists no code of its own for one who is not there."""
    key = tenant.key(asked.body["StaffEmail"])
    if key not in tenant.staff:
        raise Refused(INVALID_PARAMETER, "The account does not exist.")
    return key
