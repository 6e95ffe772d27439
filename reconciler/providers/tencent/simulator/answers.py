"""How the machine refuses. Source: TCCC API, "Error Codes", and the codes that every Tencent product has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

ACCOUNT_NOT_EXIST: Final = "InvalidParameterValue.AccountNotExist"
BAD_STATE: Final = "FailedOperation.CurStateNotAllowModify"
DUPLICATED_ACCOUNT: Final = "FailedOperation.DuplicatedAccount"
INTERNAL: Final = "InternalError"
INVALID_ACTION: Final = "InvalidAction"
INVALID_PARAMETER: Final = "InvalidParameter"
INVALID_VALUE: Final = "InvalidParameterValue"
LIMIT_EXCEEDED: Final = "LimitExceeded"
MISSING_PARAMETER: Final = "MissingParameter"
NO_INSTANCE: Final = "InvalidParameterValue.InstanceNotExist"
PHONE_TAKEN: Final = "InvalidParameterValue.PhoneNumIsBoundOtherAccount"
RING_ALL_OVERFLOW: Final = "InvalidParameterValue.RingAllGroupMemberOverflow"
SKILL_GROUP_ERROR: Final = "InvalidParameterValue.SkillGroupError"
SKILL_GROUP_EXIST: Final = "InvalidParameterValue.SkillGroupExist"
UNAVAILABLE: Final = "ResourceUnavailable"
UNKNOWN_PARAMETER: Final = "UnknownParameter"
UPLOAD_OVERFLOW: Final = "FailedOperation.UploadFileOverflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A refusal: what stands in `Response.Error`."""

    code: str
    message: str


Answer: TypeAlias = dict[str, Any] | Failure
"""What the machine answers: `Response` without its RequestId, or a refusal."""


class Refused(Exception):
    """The vendor refuses; raised inside the machine, and answered by it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    @property
    def failure(self) -> Failure:
        """Give it as an answer."""
        return Failure(code=self.code, message=self.message)


def invalid(message: str) -> Refused:
    """Say that a parameter is bad."""
    return Refused(INVALID_PARAMETER, message)


def invalid_value(message: str) -> Refused:
    """Say that the value of a parameter is bad."""
    return Refused(INVALID_VALUE, message)


def document(answer: Answer, request_id: str, beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the envelope. Source: TCCC API, "Responses"."""
    if isinstance(answer, Failure):
        return {"Response": {"Error": {"Code": answer.code, "Message": answer.message}, "RequestId": request_id}}
    return {"Response": {**answer, **(beside or {}), "RequestId": request_id}}
