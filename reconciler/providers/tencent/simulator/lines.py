"""Rules of numbers. Source: TCCC API, "DescribeNumbers", "BindNumberCallOutSkillGroup", "DisableCCCPhoneNumber"."""

from __future__ import annotations

from typing import Any, Final

from reconciler.providers.tencent.simulator.answers import BAD_STATE, Refused, invalid_value
from reconciler.providers.tencent.simulator.asked import Asked, ordered, page
from reconciler.providers.tencent.simulator.records import Line, Tenant

NORMAL: Final = 1
DISABLED: Final = 4


def read_all(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """List numbers; there are no filters ("DescribeNumbers")."""
    rows = [
        {
            "Number": line.number,
            "CallOutSkillGroupIds": ordered(line.groups, tenant, asked.dialect),
            "State": line.state,
            **({"CostType": 0} if asked.dialect.edition == "domestic" else {}),
        }
        for line in (tenant.lines[number] for number in page(list(tenant.lines), tenant, asked))
    ]
    return {"TotalCount": len(tenant.lines), "Numbers": rows}


def bind(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Have groups call out with a number ("BindNumberCallOutSkillGroup")."""
    line, groups = _asked(tenant, asked)
    if any(group not in tenant.groups for group in groups if group not in line.groups):
        raise invalid_value("A skill group does not exist.")
    kept = [group for group in line.groups if asked.dialect.number_bind == "add" or group in groups]
    line.groups = list(dict.fromkeys([*kept, *groups]))
    tenant.tick()
    return {}


def unbind(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Have groups no longer call out with a number ("UnbindNumberCallOutSkillGroup")."""
    line, groups = _asked(tenant, asked)
    if asked.dialect.unbind_number_absent == "refused" and not set(line.groups) >= set(groups):
        raise invalid_value("A skill group is not bound.")
    line.groups = [group for group in line.groups if group not in groups]
    tenant.tick()
    return {}


def _asked(tenant: Tenant, asked: Asked) -> tuple[Line, list[int]]:
    line = tenant.lines.get(asked.body["Number"])
    if line is None:
        raise invalid_value("The number does not exist.")
    groups: list[int] = asked.body["SkillGroupIds"]
    if not groups:
        raise invalid_value("The parameter `SkillGroupIds` is empty.")
    return line, groups


def disable(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Stop numbers, or let them go on: `Disabled` is 1 or 0 ("DisableCCCPhoneNumber")."""
    numbers, disabled = asked.body["PhoneNumbers"], asked.body["Disabled"]
    if not numbers or disabled not in {0, 1}:
        raise invalid_value("The parameter `Disabled` is 0 or 1, and `PhoneNumbers` has members.")
    for number in numbers:
        if number not in tenant.lines:
            raise invalid_value("The number does not exist.")
        if tenant.lines[number].state not in {NORMAL, DISABLED}:  # an unpaid bill or a violation is not ours to mend
            raise Refused(BAD_STATE, "The state of the number does not allow it.")
    for number in numbers:
        tenant.lines[number].state = DISABLED if disabled else NORMAL
    tenant.tick()
    return {}
