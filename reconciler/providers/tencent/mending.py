"""
What must be done besides a call: where the vendor's page leaves open how much it does, and where it is refused.

Source: Tencent CCC 2020-02-10; the open points are whether a creation binds to the queues that it names, whether Bind
moves a priority that is there, and what keeps a person or a telephone from being deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from reconciler.model.call import Call
from reconciler.model.errors import Rejected
from reconciler.model.live import Live
from reconciler.providers.tencent.bindings import AGAIN
from reconciler.providers.tencent.kinds.agents import Agent
from reconciler.providers.tencent.limits import DEFAULT_PRIORITY
from reconciler.providers.tencent.protocol import classify
from reconciler.providers.tencent.settle import agent_of

Body: TypeAlias = Mapping[str, Any]


def mend(call: Call, live: Live) -> Sequence[Call]:
    """Name what a call left undone whose page leaves it open; see `providers.base.Provider.mend`."""
    match call.action:
        case "CreateStaff":
            return tuple(_not_named(call, live))
        case "BindStaffSkillGroupList":
            return tuple(_not_moved(call, live))
        case _:
            return ()


def _not_named(call: Call, live: Live) -> Iterator[Call]:
    """Bind new agents to the queues that their creation named in vain (`SkillGroupNameList`)."""
    queues = live.of("queues")
    for row in (call.body or {}).get("Staffs", ()):
        agent = agent_of(row.get("Mail"), live) or _unseen(row)
        missing = [name for name in row.get("SkillGroupNameList", ()) if name not in agent.queues and name in queues]
        if missing:
            bound = sorted({*agent.queues, *missing})
            yield _bind(agent, bound, live, call, why=f"the vendor did not bind {agent.email} when it made the agent")


def _unseen(row: Body) -> Agent:
    """Stand in for somebody who was made, and whom a late read does not show yet: in no queue, for all we know."""
    return Agent.live({"email": str(row.get("Mail", "")), "queues": (), "priorities": {}})


def _not_moved(call: Call, live: Live) -> Iterator[Call]:
    """Take pairs away and bind them again whose priority stayed as it was."""
    body = call.body or {}
    agent = agent_of(body.get("StaffEmail"), live)
    if agent is None:
        return
    stayed = _other_priority(call, agent, live)
    if not stayed:
        return
    ids = [pair["SkillGroupId"] for pair in stayed]
    again = [*(pair for pair in _pairs(agent, live) if pair["SkillGroupId"] not in ids), *stayed]
    why = f"the vendor kept the old priority of {agent.email}, so the agent leaves and joins again"
    yield _also(call, "UnbindStaffSkillGroupList", {"StaffEmail": body["StaffEmail"], "SkillGroupList": ids}, why=why)
    yield replace(
        _also(
            call,
            "BindStaffSkillGroupList",
            {"StaffEmail": body["StaffEmail"], "StaffSkillGroupList": again},
            why=why,
        ),
        otherwise=Call(
            "POST",
            "/",
            {"StaffEmail": body["StaffEmail"], "StaffSkillGroupList": stayed},
            action="BindStaffSkillGroupList",
        ),
        otherwise_on=AGAIN,
    )


def _pairs(agent: Any, live: Live) -> Sequence[dict[str, Any]]:
    """List the pairs that a person has, as they are sent."""
    queues = live.of("queues")
    return [
        {"SkillGroupId": int(queues[name].id), "Priority": agent.priorities.get(name, DEFAULT_PRIORITY)}
        for name in agent.queues
        if name in queues
    ]


def _bind(agent: Any, names: Sequence[str], live: Live, call: Call, *, why: str) -> Call:
    """Bind a person to all of *names*, or where pairs that are there are refused to the new ones alone."""
    queues = live.of("queues")
    has = _pairs(agent, live)
    new = [{"SkillGroupId": int(queues[name].id)} for name in names if name not in agent.queues]
    bound = _also(
        call, "BindStaffSkillGroupList", {"StaffEmail": agent.email, "StaffSkillGroupList": [*has, *new]}, why=why
    )
    if not has:
        return bound
    only = {"StaffEmail": agent.email, "StaffSkillGroupList": new}
    return replace(
        bound,
        otherwise=Call("POST", "/", only, action="BindStaffSkillGroupList"),
        otherwise_on=AGAIN,
    )


def _also(call: Call, action: str, body: Body, *, why: str) -> Call:
    """Make a call that is sent beside another, for the same changes."""
    return Call("POST", "/", body, action=action, changes=call.changes, why=why, id=call.id, needs=call.needs)


def unblock(call: Call, refused: Rejected, live: Live) -> Sequence[Call]:
    """Name what stands in the way of a refused call; see `providers.base.Provider.unblock`."""
    condition = classify(call.action or "", refused.code, refused.text)
    body = call.body or {}
    match call.action:
        case "DeleteStaff" if condition in {"in_use", "form", refused.code}:
            return tuple(_tied(call, agent_of((body.get("StaffList") or [""])[0], live), live))
        case "DeleteExtension" if condition != "missing":
            item = live.of("extensions").get(str(body.get("ExtensionId")))
            if item is None or not (item.agent or item.queues):
                return ()
            empty = {"ExtensionId": item.number, "SkillGroupIds": [], "Relation": ""}
            return (_also(call, "ModifyExtension", empty, why=f"extension {item.number} lets go of all first"),)
        case "BindStaffSkillGroupList" if condition in AGAIN:
            return tuple(_bound_already(call, live))
        case "CreateExtension" | "ModifyExtension" if body.get("Relation"):
            return tuple(_claimed(call, str(body["Relation"]).lower(), str(body.get("ExtensionId")), live))
        case _:
            return ()


def _bound_already(call: Call, live: Live) -> Iterator[Call]:
    """Take pairs away whose priority is to move, where the vendor does not bind a pair that is there."""
    agent = agent_of((call.body or {}).get("StaffEmail"), live)
    if agent is None:
        return
    ids = [pair["SkillGroupId"] for pair in _other_priority(call, agent, live)]
    if ids:
        yield _also(
            call,
            "UnbindStaffSkillGroupList",
            {"StaffEmail": agent.email, "SkillGroupList": ids},
            why=f"the vendor binds no pair twice, so {agent.email} leaves and joins again, with the new priority",
        )


def _other_priority(call: Call, agent: Any, live: Live) -> list[Mapping[str, Any]]:
    """Find the pairs of a Bind that are there with another priority than it gives them."""
    names = {str(queue.id): name for name, queue in live.of("queues").items()}
    return [
        pair
        for pair in (call.body or {}).get("StaffSkillGroupList", ())
        if "Priority" in pair
        and (name := names.get(str(pair.get("SkillGroupId")))) in agent.queues
        and agent.priorities.get(name, DEFAULT_PRIORITY) != pair["Priority"]
    ]


def _tied(call: Call, agent: Any, live: Live) -> Iterator[Call]:
    """Have a person leave all queues and telephones that would keep it from being deleted."""
    if agent is None:
        return
    ids = [pair["SkillGroupId"] for pair in _pairs(agent, live)]
    if ids:
        yield _also(
            call,
            "UnbindStaffSkillGroupList",
            {"StaffEmail": agent.email, "SkillGroupList": ids},
            why=f"the vendor does not delete {agent.email} while the agent serves queues",
        )
    for number, item in live.of("extensions").items():
        if item.agent == agent.email.lower():
            yield _also(
                call,
                "ModifyExtension",
                {"ExtensionId": number, "Relation": ""},
                why=f"the vendor does not delete {agent.email} while extension {number} is the agent's",
            )


def _claimed(call: Call, email: str, number: str, live: Live) -> Iterator[Call]:
    """Have other telephones let go of a person."""
    for other, item in live.of("extensions").items():
        if item.agent == email and other != number:
            yield _also(
                call,
                "ModifyExtension",
                {"ExtensionId": other, "Relation": ""},
                why=f"extension {other} lets go of {email} first",
            )
