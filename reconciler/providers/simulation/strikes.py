"""What each kind of fault does to a call, before it is carried out or after, in any vendor's own clothes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from reconciler.providers.base import Delivery, Response
from reconciler.providers.simulation.faults import Fault

_PAGE: Final = b"<html><body><h1>Please wait</h1></body></html>"


class Envelope(Protocol):
    """How a vendor writes answers."""

    def failure(self, status: int) -> Response:
        """Say that the vendor itself failed; *status* is 0 for its usual one."""
        ...

    def refusal(self, code: str, text: str, status: int) -> Response:
        """Refuse; "" and 0 stand for what is usual."""
        ...

    def slow_down(self, status: int) -> Response:
        """Say that there were too many requests."""
        ...

    def plain(self, status: int, content: bytes, kind: str = ...) -> Response:
        """Write what has no envelope; *kind* is the content's type."""
        ...


def before(fault: Fault, envelope: Envelope) -> Response | None:
    """Give the answer of a fault that keeps a call from being carried out; None for other faults."""
    response: Response | None = None
    match fault.kind:
        case "error-before":
            response = envelope.failure(fault.status)
        case "reset-before":
            response = Response(status=0, delivery=Delivery.RESET)
        case "hang-before":
            response = Response(status=0, delivery=Delivery.NEVER)
        case "slow-down":
            response = envelope.slow_down(fault.status)
            if fault.retry_after >= 0:
                response = replace(response, headers={**response.headers, "retry-after": str(fault.retry_after)})
        case "refused":
            response = envelope.refusal(fault.code, fault.text, fault.status)
        case _:
            pass
    return response


def after(fault: Fault, response: Response, envelope: Envelope) -> Response:
    """Spoil the answer to a call that was carried out."""
    status = fault.status or response.status
    match fault.kind:
        case "error-after":
            response = envelope.failure(fault.status)
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


def turned(fault: Fault, page: Mapping[str, Any], *, total: str, rows: str, empty: list[Any] | None) -> dict[str, Any]:
    """Spoil a page of a list; *total* and *rows* are its fields, *empty* is how no rows look."""
    match fault.kind:
        case "wrong-total":
            return {**page, total: page[total] + fault.by}
        case "missing-page":
            return {**page, rows: empty}
        case _:
            return dict(page)


def _with_body(status: int) -> int:
    """Keep a status that may have a body; 204 may not."""
    return 200 if status == 204 else status
