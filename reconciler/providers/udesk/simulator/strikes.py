"""What each kind of fault does to a call, before it is carried out or after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.providers.base import Delivery, Response
from reconciler.providers.udesk.simulator.answers import BAD_PARAMETER, INTERNAL, Answer, Denied
from reconciler.providers.udesk.simulator.envelope import Envelope
from reconciler.providers.udesk.simulator.faults import Fault

# What a batch is, by call.
BATCHES: Final[Mapping[str, str]] = {
    "agents": "Agents",
    "agents/extensions": "Extensions",
    "agents/queues": "Queues",
    "queues/agents": "AgentIds",
    "subscriptions": "subscriptions",
}
_PAGE: Final = b"<html><body><h1>Please wait</h1></body></html>"


def before(fault: Fault, envelope: Envelope) -> Response | None:
    """Give the answer of a fault that keeps a call from being carried out; None for other faults."""
    response: Response | None = None
    match fault.kind:
        case "error-before":
            response = _failure(fault, envelope)
        case "reset-before":
            response = Response(status=0, delivery=Delivery.RESET)
        case "hang-before":
            response = Response(status=0, delivery=Delivery.NEVER)
        case "slow-down":
            response = envelope.plain(fault.status or 429, b"Too Many Requests", "text/plain")
            if fault.retry_after >= 0:
                response = replace(response, headers={**response.headers, "retry-after": str(fault.retry_after)})
        case "refused":
            text = fault.text or "System internal error"
            response = envelope.seal(Answer(code=fault.code or INTERNAL, text=text, status=fault.status or 200))
        case _:
            pass
    return response


def after(fault: Fault, answer: Answer, envelope: Envelope) -> Response:
    """Spoil the answer to a call that was carried out."""
    match fault.kind:
        case "wrong-total":
            answer = _turned(answer, lambda page: {**page, "Total": page["Total"] + fault.by})
        case "missing-page":
            empty: list[Any] | None = [] if envelope.dialect.empty_lists == "list" else None
            answer = _turned(answer, lambda page: {**page, "AgentList": empty})
        case _:
            pass
    response = envelope.seal(answer)
    status = fault.status or response.status
    match fault.kind:
        case "error-after":
            response = _failure(fault, envelope)
        case "reset-after":
            response = Response(status=0, delivery=Delivery.RESET)
        case "hang-after":
            response = Response(status=0, delivery=Delivery.NEVER)
        case "malformed":
            response = envelope.plain(_with_body(status), response.body[:-1] + b",,")
        case "truncated":
            body = response.body or b"{}"
            response = replace(response, status=_with_body(status), body=body, delivery=Delivery.CUT)
        case "empty":
            response = envelope.plain(status, b"")
        case "html":
            response = envelope.plain(_with_body(status), _PAGE, "text/html;charset=utf-8")
        case _:
            pass
    return response


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


def _failure(fault: Fault, envelope: Envelope) -> Response:
    return envelope.seal(Answer(code=INTERNAL, text="System internal error", status=fault.status or 500))


def _with_body(status: int) -> int:
    """Keep a status that may have a body; 204 may not."""
    return 200 if status == 204 else status


def _turned(answer: Answer, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Answer:
    """Change a page of the list of agents; other answers stay as they are."""
    if not (isinstance(answer.result, dict) and "AgentList" in answer.result):
        return answer
    return replace(answer, result=change(answer.result))
