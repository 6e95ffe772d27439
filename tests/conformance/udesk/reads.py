"""What goes wrong when Udesk is read."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model.errors import (
    ClockSkew,
    Contradiction,
    RateLimited,
    Rejected,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    Unreachable,
)
from reconciler.providers.retries import ATTEMPTS
from tests.conformance.vendor import ReadFault, Reads
from tests.servers import APP_ID, SID

_FAULTS: Final = {
    "HTTP 500": ReadFault(
        fault={"kind": "error-before", "api": "queues"}, error=Unexpected, words=("GET /ccapi/v2/queues", "HTTP 500"),
        passes=ATTEMPTS,
    ),
    "HTTP 503 without an envelope": ReadFault(
        fault={"kind": "slow-down", "api": "queues", "status": 503}, error=Unexpected,
        words=("GET /ccapi/v2/queues", "HTTP 503"), passes=ATTEMPTS,
    ),
    "internal error as HTTP 200": ReadFault(
        fault={"kind": "refused", "api": "agents", "code": "000003"}, error=Unexpected,
        words=("GET /ccapi/v2/agents", "000003 System internal error"), passes=ATTEMPTS,
    ),
    "no JSON": ReadFault(
        fault={"kind": "malformed", "api": "agents"}, error=Unexpected,
        words=("GET /ccapi/v2/agents", "can't be used"), passes=ATTEMPTS,
    ),
    "half an answer": ReadFault(
        fault={"kind": "truncated", "api": "agents"}, error=Unexpected, words=("GET /ccapi/v2/agents", "broke"),
        passes=ATTEMPTS,
    ),
    "an empty answer": ReadFault(
        fault={"kind": "empty", "api": "queues"}, error=Unexpected, words=("GET /ccapi/v2/queues", "an empty answer"),
        passes=ATTEMPTS,
    ),
    "HTML": ReadFault(
        fault={"kind": "html", "api": "queues"}, error=Unexpected, words=("GET /ccapi/v2/queues", "Please wait"),
        passes=ATTEMPTS,
    ),
    "a code nobody knows": ReadFault(
        fault={"kind": "refused", "api": "ivrs/vfiles", "code": "123456", "text": "What?"}, error=Rejected,
        words=("GET /ccapi/v2/ivrs/vfiles", "123456 What?"),
    ),
    "a forbidden read": ReadFault(
        fault={"kind": "refused", "api": "subscriptions", "code": "100022", "text": "ownership", "status": 403},
        error=Unauthorized, words=("GET /ccapi/v2/subscriptions", "forbids", "ownership"),
    ),
    "a total that is too high": ReadFault(
        fault={"kind": "wrong-total", "api": "agents", "times": 1}, error=Contradiction,
        words=("agents", "2 agents", "3"),
    ),
    "a total that is too low": ReadFault(
        fault={"kind": "wrong-total", "api": "agents", "by": -1}, error=Contradiction, words=("agents", "lists 2", "1"),
    ),
    "a list that is gone": ReadFault(
        fault={"kind": "missing-page", "api": "agents"}, error=Contradiction, words=("agents", "lists 0", "2"),
    ),
    "a request to slow down": ReadFault(
        fault={"kind": "slow-down", "api": "queues", "retry_after": 0}, error=RateLimited,
        words=("GET /ccapi/v2/queues", "slow down"), passes=2 * ATTEMPTS,  # the vendor is there
    ),
    "a request to come back in an hour": ReadFault(
        fault={"kind": "slow-down", "api": "queues", "retry_after": 3600}, error=RateLimited,
        words=("GET /ccapi/v2/queues", "slow down"),
    ),
    "a reset": ReadFault(
        fault={"kind": "reset-before", "api": "agents"}, error=Unexpected, words=("agents", "broke"), passes=ATTEMPTS,
    ),
    "no answer": ReadFault(
        fault={"kind": "hang-before", "api": "agents"}, error=Unreachable, words=("agents", "no answer within 1 s"),
        passes=ATTEMPTS // 2,
    ),
    "an unknown AppId": ReadFault(
        fault={"kind": "refused", "code": "100002", "text": "AppId AppNotFound or forbidden"}, error=UnknownTenant,
        words=("does not know this AppId",),
    ),
    "a clock that is behind": ReadFault(
        fault={"kind": "clock", "seconds": 3600}, error=ClockSkew, words=("clock is about 60 minutes behind",),
    ),
    "a clock that is ahead": ReadFault(
        fault={"kind": "clock", "seconds": -1200}, error=ClockSkew, words=("clock is about 20 minutes ahead",),
    ),
}  # fmt: skip


def _title(api: str) -> str:
    return f"GET /ccapi/v2/{api}"


_MANY: Final[dict[str, Any]] = {"agents": {str(number): {"work_id": "w"} for number in range(101, 108)}}
READS: Final = Reads(
    faults=_FAULTS,
    title=_title,
    wrong=({"UDESK_SID": SID, "UDESK_AUTH_TOKEN": "wrong-secret"}, "provider.auth_token"),
    anonymous=((), ("unauthorized=empty",)),
    elsewhere=("app_id", APP_ID.replace("a54", "b54")),
    pages=(("paging=query", "page_size=2"), ("paging=body", "page_size=2")),
    many=_MANY,
    listed=("agents", "agents"),
    missing="says that there are 7",
)
