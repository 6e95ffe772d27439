"""Where a person's calls go. Source: TCCC API, "ForwardingConfig", "ForwardingTarget"."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from reconciler.providers.tencent.simulator.answers import UNAVAILABLE, Refused, invalid
from reconciler.providers.tencent.simulator.asked import Asked
from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.records import (
    TO_AGENT,
    TO_GROUP,
    Forwarding,
    Tenant,
    number_of,
)


def read_forwarding(tenant: Tenant, asked: Asked, config: Mapping[str, Any]) -> Forwarding | None:
    """Read a ForwardingConfig; its target must be there."""
    enabled = config.get("Enabled", False)
    target = config.get("Target")
    condition = config.get("Condition", 1)
    if condition not in {1, 2}:  # always, conditional
        raise invalid("The parameter `ForwardingConfig.Condition` is 1 or 2.")
    if target is None:
        if enabled or asked.dialect.forwarding_off == "with-target":
            raise invalid("The parameter `ForwardingConfig.Target` is missing.")
        return None
    forwarding = Forwarding(
        enabled=enabled,
        condition=condition,
        type=target.get("Type", 0),
        email=target.get("StaffUserId", ""),
        group=target.get("SkillGroupId", 0),
        extension=target.get("Extension", ""),
    )
    if not _leads_somewhere(tenant, forwarding):
        raise invalid("The parameter `ForwardingConfig.Target` names nothing that exists.")
    return forwarding


def _leads_somewhere(tenant: Tenant, forwarding: Forwarding) -> bool:
    match forwarding.type:
        case 1:
            return tenant.key(forwarding.email) in tenant.staff
        case 2:
            return forwarding.group in tenant.groups
        case 3:  # a telephone, or a person's own number
            number = number_of(forwarding.extension)
            own = (staff.extension_number for staff in tenant.staff.values())
            return bool(number) and (number in tenant.telephones or number in own)
        case _:
            return False


def show_forwarding(forwarding: Forwarding | None, dialect: Dialect) -> dict[str, Any]:
    """Show a person's forwarding, as a field of their row."""
    if forwarding is None:
        unset: Mapping[str, dict[str, Any]] = {
            "null": {"ForwardingConfig": None},
            "disabled": {"ForwardingConfig": {"Enabled": False, "Condition": 0, "Target": None}},
            "absent": {},
        }
        return unset[dialect.forwarding_unset]
    target: dict[str, Any] = {"Type": forwarding.type}
    match forwarding.type:
        case 1:
            target["StaffUserId"] = forwarding.email
        case 2:
            target["SkillGroupId"] = forwarding.group
        case _:
            target["Extension"] = forwarding.extension
    config = {"Enabled": forwarding.enabled, "Condition": forwarding.condition, "Target": target}
    return {"ForwardingConfig": config}


def refuse_targets(
    tenant: Tenant, asked: Asked, type_: int, targets: Collection[str], *, but: Collection[str] = ()
) -> None:
    """Refuse to delete what calls are forwarded to, where the dialect says so; those *but* do not count."""
    if asked.dialect.delete_forwarded != "refused":
        return
    wanted = set(targets)
    for key in tenant.forwarding:
        found = tenant.staff[key].forwarding
        if found is None or not found.enabled or found.type != type_ or key in but:
            continue
        if (tenant.key(found.email) if type_ == TO_AGENT else number_of(found.extension)) in wanted:
            raise Refused(UNAVAILABLE, f"Calls of {tenant.staff[key].email} are forwarded there.")


def let_go(tenant: Tenant, asked: Asked, type_: int, target: str | int) -> None:
    """End what leads to something that is gone, where the dialect says so; a group's forwarding always ends."""
    if type_ != TO_GROUP and asked.dialect.delete_forwarded == "kept":
        return
    for key in tuple(tenant.forwarders(type_, target)):
        tenant.set_forwarding(key, None)
