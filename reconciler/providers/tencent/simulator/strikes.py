"""What the faults that speak this vendor's language do; `providers.simulation.strikes` has the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from reconciler.providers.simulation.faults import Fault
from reconciler.providers.simulation.strikes import turned
from reconciler.providers.tencent.simulator.answers import INTERNAL, Answer, Failure
from reconciler.providers.tencent.simulator.asked import shown
from reconciler.providers.tencent.simulator.dialect import Dialect

# What a batch is, by action.
BATCHES: Final[Mapping[str, str]] = {
    "CreateStaff": "Staffs",
    "DeleteStaff": "StaffList",
    "BindStaffSkillGroupList": "StaffSkillGroupList",
    "UnbindStaffSkillGroupList": "SkillGroupList",
    "BindNumberCallOutSkillGroup": "SkillGroupIds",
    "UnbindNumberCallOutSkillGroup": "SkillGroupIds",
    "DisableCCCPhoneNumber": "PhoneNumbers",
    "UploadIvrAudio": "AudioList",
}
# What a page is, by action: its total, its rows.
_PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "DescribeStaffInfoList": ("TotalCount", "StaffList"),
    "DescribeSkillGroupInfoList": ("TotalCount", "SkillGroupList"),
    "DescribeExtensions": ("Total", "ExtensionList"),
    "DescribeNumbers": ("TotalCount", "Numbers"),
    "DescribeIvrAudioList": ("TotalCount", "FileInfo"),
    "DescribeTelCdr": ("TotalCount", "TelCdrList"),
}


def spoil(fault: Fault, action: str, answer: Answer, dialect: Dialect) -> Answer:
    """Spoil a page of a list, where the fault is of that kind; other answers stay as they are."""
    if isinstance(answer, Failure) or action not in _PAGES:
        return answer
    total, rows = _PAGES[action]
    return turned(fault, answer, total=total, rows=rows, empty=shown([], dialect))


def halve(fault: Fault, action: str, body: Mapping[str, Any], handle: Callable[[Mapping[str, Any]], Answer]) -> Answer:
    """
    Carry out the first half of a batch with *handle*, and refuse the second; one alone is refused.

    Where the answer has a place for what failed, it stands there, unless the fault has a `code`.
    """
    name = BATCHES.get(action, "")
    members = body.get(name)
    if not isinstance(members, list) or not members:
        return handle(body)
    first, second = members[: len(members) // 2], members[len(members) // 2 :]
    done: Answer = handle({**body, name: first}) if first else {}
    if isinstance(done, Failure):
        return done
    message = fault.text or "Internal error."
    match action:
        case "CreateStaff" if not fault.code:
            failed = [{"StaffEmail": _text(item, "Mail"), "Code": INTERNAL, "Message": message} for item in second]
            return {"ErrorStaffList": [*(done.get("ErrorStaffList") or ()), *failed]}
        case "DeleteStaff" if not fault.code:
            return {**done, "OnlineStaffList": [*(done.get("OnlineStaffList") or ()), *second]}
        case "UploadIvrAudio" if not fault.code:
            failed = [{"FileName": _text(item, "CustomFileName"), "FailedMsg": message} for item in second]
            lost = [*(done.get("FailedFileList") or ()), *failed]
            return {"FailedFileList": lost, "SuccessFileList": done.get("SuccessFileList")}
        case _:
            return Failure(code=fault.code or INTERNAL, message=message)


def _text(item: Any, name: str) -> str:
    value = item.get(name) if isinstance(item, Mapping) else None
    return value if isinstance(value, str) else ""
