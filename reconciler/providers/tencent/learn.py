"""What answers to writes teach: ids that later calls send, items that failed, and what no later read shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.model.call import Call, Reply
from reconciler.model.live import Live
from reconciler.model.outcome import Learned
from reconciler.providers.tencent.kinds.agents import ACCEPTS

_ACCEPT_NAMES = {value: name for name, value in ACCEPTS.items()}


def learn(call: Call, reply: Reply) -> Learned:
    """Read the answer to *call*. Source: the actions named, TCCC 2020-02-10; a success may hide failures per item."""
    payload, body = reply.payload, call.body or {}
    match call.action:
        case "CreateCCCSkillGroup":
            number = payload.get("SkillGroupId")
            return Learned(given={"SkillGroupId": number} if type(number) is int else {})
        case "CreateStaff":
            asked = [str(row.get("Mail", "")) for row in body.get("Staffs", ())]
            return Learned(failed=_failed(asked, _rows(payload, "ErrorStaffList"), "StaffEmail", _coded))
        case "DeleteStaff":
            asked = [str(email) for email in body.get("StaffList", ())]
            online = [{"StaffEmail": email} for email in _list(payload, "OnlineStaffList")]
            failed = _failed(asked, online, "StaffEmail", lambda _: "is online, and the vendor deletes nobody who is")
            return Learned(
                failed=failed, forget=tuple(("agents", email.lower()) for email in asked if email not in failed)
            )
        case "UploadIvrAudio":
            return _uploaded(call, payload)
        case _:
            return _applied(call)


def recover(call: Call, live: Live) -> Learned:
    """Say what a write teaches whose answer was lost, from what was read since."""
    if call.action == "CreateCCCSkillGroup":
        queue = live.of("queues").get(str((call.body or {}).get("SkillGroupName")))
        return Learned(given={"SkillGroupId": int(queue.id)} if queue is not None else {})
    return _applied(call)


def _applied(call: Call) -> Learned:
    """Keep what was set and may not show: mobile settings, whose read leaves people out, ring-all, and renames."""
    body = call.body or {}
    match call.action:
        case "ModifyStaff":
            kept: dict[str, Any] = {}
            if "UseMobileAccept" in body:
                kept["mobile_accept"] = _ACCEPT_NAMES.get(body["UseMobileAccept"], "off")
            if "UseMobileCallOut" in body:
                kept["mobile_call_out"] = bool(body["UseMobileCallOut"])
            email = str(body.get("Email", "")).lower()
            return Learned(remember={("agents", email): kept}) if kept else Learned()
        case "UpdateCCCSkillGroup":
            number = str(body.get("SkillGroupID"))
            facts: dict[tuple[str, str], Mapping[str, Any]] = {}
            if "SkillGroupName" in body:
                # For which entry tells a swap that was made from the same two names to be swapped back.
                facts["queues", str(body["SkillGroupName"])] = {"id": number, "address": next(iter(call.changes), "")}
            if "RingAll" in body:
                facts["queues", f"#{number}"] = {"ring_all": bool(body["RingAll"])}
            return Learned(remember=facts)
        case _:
            return Learned()


def _uploaded(call: Call, payload: Mapping[str, Any]) -> Learned:
    """Read what became of the one file of an upload."""
    (fact,) = call.gives
    failed = _rows(payload, "FailedFileList")
    if failed:
        return Learned(failed={fact[1]: str(failed[0].get("FailedMsg") or "the vendor gave no reason")})
    made = _rows(payload, "SuccessFileList")
    if not made or made[0].get("FileId") is None:
        return Learned()
    return Learned(remember={("voice_files", fact[1]): {"digest": fact[2], "file_id": str(made[0]["FileId"])}})


def _failed(asked: Sequence[str], rows: Sequence[Mapping[str, Any]], key: str, why: Any) -> dict[str, str]:
    """Say which of those asked for are named as failed; letter case does not matter."""
    spelled = {email.lower(): email for email in asked}
    return {
        spelled.get(str(row.get(key, "")).lower(), str(row.get(key, ""))): str(why(row)) for row in rows if row.get(key)
    }


def _coded(row: Mapping[str, Any]) -> str:
    return f"{row.get('Code') or ''} {row.get('Message') or ''}".strip() or "the vendor gave no reason"


def _rows(payload: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    return [row for row in _list(payload, name) if isinstance(row, dict)]


def _list(payload: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = payload.get(name)
    return value if isinstance(value, list) else ()
