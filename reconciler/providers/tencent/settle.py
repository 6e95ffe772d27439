"""
Whether a write took effect, told from what was read after it.

Identities are names and emails in what was read, ids in what was sent: `Live` knows both. What a call only sent along
may have been changed by somebody else since, so it is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from reconciler.model.call import Call
from reconciler.model.live import Live
from reconciler.providers.tencent.batches import BATCHES
from reconciler.providers.tencent.kinds.agents import ACCEPTS

_Judge: TypeAlias = Callable[[Mapping[str, Any], Call, Live], bool | None]
Body: TypeAlias = Mapping[str, Any]


def happened(part: Call, live: Live) -> bool | None:
    """Whether *live* shows that *part* took effect; see `providers.base.Provider.happened`."""
    sections, judge = _RULES.get(part.action or "", ((), None))
    besides = _BESIDES.get(part.action or "", ())
    if judge is None or not all(section in live.sections for section in sections if section not in besides):
        return None
    return judge(part.body or {}, part, live)


def shown_by(call: Call) -> frozenset[str]:
    """Name the sections that are looked at; see `providers.base.Provider.shown_by`."""
    return frozenset(_RULES.get(call.action or "", ((), None))[0])


def _queue_of(number: Any, live: Live) -> Any:
    """Find a queue by its id."""
    return next((queue for queue in live.of("queues").values() if queue.id == str(number)), None)


def _names(numbers: Sequence[Any], live: Live) -> frozenset[str]:
    """Name queues by their ids; what is not there is called as unknown ids are."""
    names = {queue.id: name for name, queue in live.of("queues").items()}
    return frozenset(names.get(str(number), f"#{number}") for number in numbers)


def agent_of(email: Any, live: Live) -> Any:
    """Find a person by email."""
    return live.of("agents").get(str(email).lower())


def _queue_made(body: Body, _part: Call, live: Live) -> bool:
    return body.get("SkillGroupName") in live.of("queues")


def _queue_updated(body: Body, part: Call, live: Live) -> bool:
    queue = _queue_of(body.get("SkillGroupID"), live)
    fields = {"SkillGroupName": "name", "MaxConcurrency": "max_concurrency", "RingAll": "ring_all"}
    return queue is not None and all(
        queue.__dict__[name] == body[wire]
        for wire, name in fields.items()
        if wire in body and (not part.sets or name in part.sets) and name in queue.model_fields_set
    )


def _queue_deleted(body: Body, _part: Call, live: Live) -> bool:
    return _queue_of(body.get("SkillGroupId"), live) is None


def _staff_made(body: Body, _part: Call, live: Live) -> bool:
    return all(agent_of(row.get("Mail"), live) is not None for row in body.get("Staffs", ()))


_STAFF: Final = {
    "Name": "name",
    "Phone": "phone",
    "Nick": "nick",
    "StaffNo": "staff_number",
    "ExtensionNumber": "extension_number",
    "UseMobileAccept": "mobile_accept",
    "UseMobileCallOut": "mobile_call_out",
}
_ACCEPT_NAMES: Final = {value: name for name, value in ACCEPTS.items()}


def _staff_modified(body: Body, part: Call, live: Live) -> bool | None:
    agent = agent_of(body.get("Email"), live)
    if agent is None:
        return False
    found = []
    for wire, name in _STAFF.items():
        if wire not in body or name not in agent.model_fields_set or (part.sets and name not in part.sets):
            continue
        sent = _ACCEPT_NAMES.get(body[wire]) if wire == "UseMobileAccept" else body[wire]
        has = agent.__dict__[name]
        found.append(has == sent or (wire == "Phone" and bool(has) and bool(sent) and str(sent).endswith(has[-8:])))
    return all(found) if found else None


def _staff_deleted(body: Body, _part: Call, live: Live) -> bool:
    return all(agent_of(email, live) is None for email in body.get("StaffList", ()))


def _bound(body: Body, part: Call, live: Live) -> bool:
    agent = agent_of(body.get("StaffEmail"), live)
    if agent is None:
        return False
    new = BATCHES.members_of(part)
    names = {str(queue.id): name for name, queue in live.of("queues").items()}
    return all(
        (name := names.get(str(pair.get("SkillGroupId")))) in agent.queues
        and ("Priority" not in pair or agent.priorities.get(name) == pair["Priority"])
        for pair in new
    )


def _unbound(body: Body, _part: Call, live: Live) -> bool:
    agent = agent_of(body.get("StaffEmail"), live)
    return agent is None or _names(body.get("SkillGroupList", ()), live).isdisjoint(agent.queues)


def _telephone_made(body: Body, _part: Call, live: Live) -> bool:
    return body.get("ExtensionId") in live.of("extensions")


def _telephone_modified(body: Body, _part: Call, live: Live) -> bool:
    item = live.of("extensions").get(str(body.get("ExtensionId")))
    if item is None:
        return False
    return (
        ("ExtensionName" not in body or item.name == body["ExtensionName"])
        and ("SkillGroupIds" not in body or _names(body["SkillGroupIds"], live) == {*item.queues})
        and ("Relation" not in body or item.agent == str(body["Relation"]).lower())
    )


def _telephone_deleted(body: Body, _part: Call, live: Live) -> bool:
    return body.get("ExtensionId") not in live.of("extensions")


def _number_bound(body: Body, part: Call, live: Live) -> bool:
    item = live.of("numbers").get(str(body.get("Number")))
    return item is not None and _names(BATCHES.members_of(part), live) <= {*item.outbound_queues}


def _number_unbound(body: Body, _part: Call, live: Live) -> bool:
    item = live.of("numbers").get(str(body.get("Number")))
    return item is None or _names(body.get("SkillGroupIds", ()), live).isdisjoint(item.outbound_queues)


def _switched(body: Body, _part: Call, live: Live) -> bool:
    numbers = live.of("numbers")
    wanted = not body.get("Disabled")
    return all(number in numbers and numbers[number].enabled is wanted for number in body.get("PhoneNumbers", ()))


def _uploaded(_body: Body, part: Call, live: Live) -> bool | None:
    """Judge an upload by the digest in its alias; an alias without one tells nothing of the content."""
    for fact in part.gives:
        name, digest = fact[1], fact[2]
        files = [item for key, item in live.of("voice_files").items() if key.partition("#")[0] == name]
        if any(digest == item.digest for item in files):
            return True
        return None if any(not item.digest for item in files) else False
    return None


_AGENTS: Final = ("agents", "queues")
_RULES: Final[Mapping[str, tuple[tuple[str, ...], _Judge]]] = {
    "CreateCCCSkillGroup": (("queues",), _queue_made),
    "UpdateCCCSkillGroup": (("queues",), _queue_updated),
    "DeleteCCCSkillGroup": (("queues",), _queue_deleted),
    "CreateStaff": (_AGENTS, _staff_made),
    "ModifyStaff": (("agents",), _staff_modified),
    "DeleteStaff": ((*_AGENTS, "extensions"), _staff_deleted),
    "BindStaffSkillGroupList": (_AGENTS, _bound),
    "UnbindStaffSkillGroupList": (_AGENTS, _unbound),
    "CreateExtension": (("extensions", "queues"), _telephone_made),
    "ModifyExtension": (("extensions", "queues"), _telephone_modified),
    "DeleteExtension": (("extensions", "queues"), _telephone_deleted),
    "BindNumberCallOutSkillGroup": (("numbers", "queues"), _number_bound),
    "UnbindNumberCallOutSkillGroup": (("numbers", "queues"), _number_unbound),
    "DisableCCCPhoneNumber": (("numbers",), _switched),
    "UploadIvrAudio": (("voice_files",), _uploaded),
}
# What is read besides, and judged without where the edition does not show it: telephones may stand in its way.
_BESIDES: Final[Mapping[str, tuple[str, ...]]] = {"DeleteStaff": ("extensions",)}
