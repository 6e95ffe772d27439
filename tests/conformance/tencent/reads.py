"""What goes wrong when Tencent is read."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model.errors import (
    Contradiction,
    RateLimited,
    Rejected,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    Unreachable,
)
from reconciler.providers.retries import ATTEMPTS
from tests.conformance.tencent.account import SECRET_ID, TOKEN
from tests.conformance.vendor import ReadFault, Reads

_QUEUES: Final = "DescribeSkillGroupInfoList"
_STAFF: Final = "DescribeStaffInfoList"
_TELEPHONES: Final = "DescribeExtensions"
_FILES: Final = "DescribeIvrAudioList"
_FAULTS: Final = {
    "HTTP 500": ReadFault(
        fault={"kind": "error-before", "api": _QUEUES}, error=Unexpected, words=(_QUEUES, "InternalError"),
        passes=ATTEMPTS,
    ),
    "HTTP 503 without an envelope": ReadFault(
        fault={"kind": "html", "api": _QUEUES, "status": 503}, error=Unexpected, words=(_QUEUES, "HTTP 503"),
        passes=ATTEMPTS,
    ),
    "internal error as HTTP 200": ReadFault(
        fault={"kind": "refused", "api": _STAFF, "code": "InternalError.DBError"}, error=Unexpected,
        words=(_STAFF, "InternalError.DBError"), passes=ATTEMPTS,
    ),
    "no service for a while": ReadFault(
        fault={"kind": "refused", "api": _STAFF, "code": "ServiceUnavailable"}, error=Unexpected,
        words=(_STAFF, "ServiceUnavailable"), passes=ATTEMPTS,
    ),
    "no JSON": ReadFault(
        fault={"kind": "malformed", "api": _STAFF}, error=Unexpected, words=(_STAFF, "can't be used"), passes=ATTEMPTS,
    ),
    "half an answer": ReadFault(
        fault={"kind": "truncated", "api": _STAFF}, error=Unexpected, words=(_STAFF, "broke"), passes=ATTEMPTS,
    ),
    "an empty answer": ReadFault(
        fault={"kind": "empty", "api": _QUEUES}, error=Unexpected, words=(_QUEUES, "an empty answer"), passes=ATTEMPTS,
    ),
    "HTML": ReadFault(
        fault={"kind": "html", "api": _QUEUES}, error=Unexpected, words=(_QUEUES, "Please wait"), passes=ATTEMPTS,
    ),
    "a code nobody knows": ReadFault(
        fault={"kind": "refused", "api": _FILES, "code": "FailedOperation.NobodyKnows", "text": "What?"},
        error=Rejected, words=(_FILES, "FailedOperation.NobodyKnows", "What?"),
    ),
    "a forbidden read": ReadFault(
        fault={"kind": "refused", "api": _TELEPHONES, "code": "UnauthorizedOperation", "text": "not allowed"},
        error=Unauthorized, words=(_TELEPHONES, "forbids", "not allowed"),
    ),
    "a total that is too high": ReadFault(
        fault={"kind": "wrong-total", "api": _STAFF}, error=Contradiction,
        words=(_STAFF, "list 3 that differ", "there are 4"),
    ),
    "a total that is too low": ReadFault(
        fault={"kind": "wrong-total", "api": _STAFF, "by": -1}, error=Contradiction,
        words=(_STAFF, "list 3 that differ", "there are 2"),
    ),
    "a list that is gone": ReadFault(
        fault={"kind": "missing-page", "api": _STAFF}, error=Contradiction,
        words=(_STAFF, "list 0 that differ", "there are 3"),
    ),
    "a request to slow down": ReadFault(
        fault={"kind": "slow-down", "api": _QUEUES, "retry_after": 0}, error=RateLimited, words=(_QUEUES, "slow down"),
        passes=2 * ATTEMPTS,  # the vendor is there
    ),
    "a gateway's request to slow down": ReadFault(
        fault={"kind": "slow-down", "api": _QUEUES, "status": 429, "retry_after": 0}, error=RateLimited,
        words=(_QUEUES, "slow down"), passes=2 * ATTEMPTS,
    ),
    "a request to come back in an hour": ReadFault(
        fault={"kind": "slow-down", "api": _QUEUES, "retry_after": 3600}, error=RateLimited,
        words=(_QUEUES, "slow down"),
    ),
    "a reset": ReadFault(
        fault={"kind": "reset-before", "api": _STAFF}, error=Unexpected, words=(_STAFF, "broke"), passes=ATTEMPTS,
    ),
    "no answer": ReadFault(
        fault={"kind": "hang-before", "api": _STAFF}, error=Unreachable, words=(_STAFF, "no answer within 1 s"),
        passes=ATTEMPTS // 2,
    ),
    "an unknown SdkAppId": ReadFault(
        fault={"kind": "refused", "code": "InvalidParameter.InstanceNotExist"}, error=UnknownTenant,
        words=("does not know this SdkAppId",),
    ),
}  # fmt: skip


def _title(api: str) -> str:
    return api


_WRONG: Final = {
    "TENCENTCLOUD_SECRET_ID": SECRET_ID,
    "TENCENTCLOUD_SECRET_KEY": "wrong-secret",
    "TENCENTCLOUD_TOKEN": TOKEN,
}
_MANY: Final[dict[str, Any]] = {"extensions": {str(number): {"name": "Desk"} for number in range(8101, 8108)}}
READS: Final = Reads(
    faults=_FAULTS,
    title=_title,
    wrong=(_WRONG, "provider.secret_key"),
    elsewhere=("sdk_app_id", 1400000001),
    pages=(("page_cap=2",), ("page_cap=2", "order=reversed")),
    many=_MANY,
    listed=("extensions", _TELEPHONES),
    missing="say that there are 7",
    settled=True,
    keeps_time=True,
)
