"""What the faults that speak this vendor's language do; `providers.simulation.strikes` has the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.providers.simulation.faults import Fault
from reconciler.providers.simulation.strikes import turned
from reconciler.providers.udesk.simulator.answers import BAD_PARAMETER, Answer, Denied
from reconciler.providers.udesk.simulator.dialect import Dialect

# What a batch is, by call.
BATCHES: Final[Mapping[str, str]] = {
    "agents": "Agents",
    "agents/extensions": "Extensions",
    "agents/queues": "Queues",
    "queues/agents": "AgentIds",
    "subscriptions": "subscriptions",
}


def spoil(fault: Fault, answer: Answer, dialect: Dialect) -> Answer:
    """Spoil a page of the list of agents, where the fault is of that kind; other answers stay as they are."""
    if not (isinstance(answer.result, dict) and "AgentList" in answer.result):
        return answer
    empty: list[Any] | None = [] if dialect.empty_lists == "list" else None
    return replace(answer, result=turned(fault, answer.result, total="Total", rows="AgentList", empty=empty))


def halve(
    fault: Fault,
    api: str,
    body: Mapping[str, Any] | None,
    *,
    handle: Callable[[Mapping[str, Any] | None], Answer],
    as_status: bool,
) -> Answer:
    """Carry out the first half of a batch with *handle*, and refuse the second; one alone is refused."""
    name = BATCHES.get(api, "")
    members = body.get(name) if body is not None else None
    if body is None or not isinstance(members, list) or not members:
        return handle(body)
    first, second = members[: len(members) // 2], members[len(members) // 2 :]
    done = handle({**body, name: first}) if first else None
    if done is not None and not done.ok:
        return done
    if api == "subscriptions" and not fault.code:  # the one batch whose answer can say so
        result = done.result if done is not None else {"sub_succ": None, "sub_fail": None}
        failed = [item.get("name", "") if isinstance(item, Mapping) else "" for item in second]
        return replace(done or Answer(), result={**result, "sub_fail": [*(result["sub_fail"] or ()), *failed]})
    return Denied(fault.code or BAD_PARAMETER, fault.text or "ParamsInvalid").answer(as_status=as_status)
