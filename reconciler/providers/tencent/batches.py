"""
Tencent's batches: staff made and deleted many at a time, queues bound many to one person or number, numbers switched.

Source: Tencent CCC 2020-02-10, the actions named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reconciler.model.call import Call, Fact
from reconciler.model.explanation import listed
from reconciler.providers.batches import Batch, Batches


def _of_staff(member: Any, fact: Fact) -> bool:
    """Whether what a creation waits for is for the sake of one person: a queue, or a phone number."""
    if fact[0] in {"queue", "bears", "in turn"}:
        return fact[1] in member.get("SkillGroupNameList", ())
    return fact[0] != "phone" or str(member.get("Phone", "")).endswith(fact[2])


def _created_apart(_call: Call, members: Sequence[Any]) -> Sequence[str]:
    return [f"create {member.get('Name') or member.get('Mail')}" for member in members]


def _created_together(split: Sequence[Call]) -> str:
    return f"create {len(split)} agents"


def _deleted_apart(_call: Call, members: Sequence[Any]) -> Sequence[str]:
    return [f"delete {member}" for member in members]


def _deleted_together(split: Sequence[Call]) -> str:
    return f"delete {listed(_all(split, 'StaffList'))}"


def _switch(call: Call) -> str:
    return "disable" if (call.body or {}).get("Disabled") else "enable"


def _switched_apart(call: Call, members: Sequence[Any]) -> Sequence[str]:
    return [f"{_switch(call)} {member}" for member in members]


def _switched_together(split: Sequence[Call]) -> str:
    return f"{_switch(split[0])} {listed(_all(split, 'PhoneNumbers'))}"


def _all(split: Sequence[Call], field: str) -> list[str]:
    return [str(member) for part in split for member in (part.body or {}).get(field, ())]


def _whole(call: Call, members: Sequence[Any]) -> Sequence[str]:
    return [call.why] * len(members)


def _same(split: Sequence[Call]) -> str:
    return split[0].why


_TABLE: Final[Mapping[str, Batch]] = {
    "CreateStaff": Batch(
        listed="Staffs",
        name=lambda member: str(member.get("Mail", "")).lower(),
        named={"agent": 1, "serves": 1},
        shares=_of_staff,
        apart=_created_apart,
        together=_created_together,
    ),
    "DeleteStaff": Batch(
        listed="StaffList",
        name=lambda member: str(member).lower(),
        named={"agent": 1, "serves": 1, "phone": 1, "freed": 2},
        apart=_deleted_apart,
        together=_deleted_together,
    ),
    "BindStaffSkillGroupList": Batch(
        listed="StaffSkillGroupList",
        named={"queue": 1, "in turn": 1, "serves": 2},
        of_one=True,
        keeps=True,
        apart=_whole,
        together=_same,
    ),
    "UnbindStaffSkillGroupList": Batch(
        listed="SkillGroupList", named={"serves": 2}, of_one=True, apart=_whole, together=_same
    ),
    "BindNumberCallOutSkillGroup": Batch(
        listed="SkillGroupIds",
        named={"queue": 1, "shows": 2},
        of_one=True,
        keeps=True,
        apart=_whole,
        together=_same,
    ),
    "UnbindNumberCallOutSkillGroup": Batch(
        listed="SkillGroupIds", named={"shows": 2}, of_one=True, apart=_whole, together=_same
    ),
    "DisableCCCPhoneNumber": Batch(listed="PhoneNumbers", apart=_switched_apart, together=_switched_together),
}

BATCHES: Final = Batches(lambda call: _TABLE.get(call.action or ""))
