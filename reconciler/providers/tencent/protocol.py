"""
Tencent's wire format: encode, decode, classify. Bytes in, values out; no I/O and no clock. `auth.py` signs.

A call is `Call("POST", "/", body, action="CreateStaff")`; reads are marked `read_only`, since all of them are POSTs.
Bodies are without the tenant, which `encode` adds. Success and failure both come as HTTP 200, told apart by
`Response.Error`. What else a success may hide, such as `ErrorStaffList`, is for who reads the payload.

Source: Tencent Cloud API 3.0, "Common Params", "Responses", "Common Error Codes"; TCCC 2020-02-10.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.model.call import Call, Reply
from reconciler.model.errors import (
    ClockSkew,
    RateLimited,
    Rejected,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    Unsupported,
    VendorError,
)
from reconciler.providers import answers
from reconciler.providers.tencent.settings import TencentSettings

VERSION: Final = "2020-02-10"
CONTENT_TYPE: Final = "application/json"  # without a charset, as the official SDK sends it
TIMESTAMP_VALID_S: Final = 300  # "5 minutes"
UPLOAD: Final = "UploadIvrAudio"  # has a rate of its own
_ADDRESS: Final = "provider.endpoint"  # the setting to look at where answers make no sense

# The actions that name tenants in another way than `SdkAppId`, and those of the account, which name none.
_LISTS: Final[Mapping[str, str]] = {"DescribeCCCBuyInfoList": "SdkAppIds", "DescribeTelCallInfo": "SdkAppIdList"}
_ACCOUNT: Final = frozenset({"CreateCompanyApply", "DescribeCompanyList", "ModifyCompanyApply"})

_SIGNED: Final = re.compile(r"(Signature=)[0-9A-Za-z]+")
_NO_TENANT: Final = frozenset({"InvalidParameter.InstanceNotExist", "InvalidParameterValue.InstanceNotExist"})
_NO_ACTION: Final = frozenset({"InvalidAction", "ActionOffline", "NoSuchVersion"})
_FORM: Final = frozenset({"InvalidParameter", "InvalidParameterValue", "MissingParameter", "UnknownParameter"})
# Families after which nobody knows whether a write happened.
_UNSURE: Final = frozenset({"InternalError", "ServiceUnavailable"})
_OUTSIDERS: Final[Mapping[str, str]] = {
    "AuthFailure.InvalidSecretId": "Check provider.secret_id; the domestic and the international edition have accounts "
    "of their own (provider.endpoint).",
    "AuthFailure.SecretIdNotFound": "Check provider.secret_id: the key may have been deleted or disabled; the domestic "
    "and the international edition have accounts of their own (provider.endpoint).",
    "AuthFailure.SignatureFailure": "Check provider.secret_key, and that it belongs to provider.secret_id.",
    "AuthFailure.TokenFailure": "Get new temporary credentials, or leave provider.token out if the key is a lasting "
    "one.",
    "AuthFailure.MFAFailure": "The account asks for a second factor; use a key that does without.",
    "IpNotInWhitelist": "Have the account allow this machine's address.",
    "IpInBlacklist": "Have the account allow this machine's address.",
    "OperationDenied.UinDisabled": "The account is disabled; ask the vendor.",
}
_REMEDIES: Final[Mapping[str, str]] = {
    "OperationDenied.NotInWhiteList": "The vendor has to grant this feature to the account first.",
    "FailedOperation.PermissionDenied": "The vendor has to grant this feature to the account first.",
    "FailedOperation.UploadFileOverflow": "No more files can be uploaded today. Run again tomorrow.",
    "LimitExceeded": "The account's quota is used up: delete what is not needed, or buy more.",
    "LimitExceeded.InsufficientLicense": "The account has too few licences: buy more, or delete agents.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What goes over the wire, unsigned; the time, and who asks, come with the signature."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def reads(action: str) -> bool:
    """Whether an action only reads, as its name says; all of them are POSTs."""
    return action.startswith("Describe")


def encode(call: Call, settings: TencentSettings) -> Request:
    """Encode one call, the body once: the bytes that are signed are the bytes that are sent."""
    assert call.action is not None, "a call names its action, since all have one address"
    headers = {
        "Content-Type": CONTENT_TYPE,
        "X-TC-Action": call.action,
        "X-TC-Version": VERSION,
        "X-TC-Language": "en-US",  # of messages alone
    }
    if settings.region:
        headers["X-TC-Region"] = settings.region
    body = {**_tenant(call.action, settings.sdk_app_id), **(call.body or {})}
    # Escaped to ASCII, as the official SDK does it.
    return Request(method=call.method, path=call.path, headers=headers, content=json.dumps(body).encode("ascii"))


def _tenant(action: str, sdk_app_id: int) -> Mapping[str, Any]:
    if action in _ACCOUNT:
        return {}
    listed = _LISTS.get(action)
    return {"SdkAppId": sdk_app_id} if listed is None else {listed: [sdk_app_id]}


def decode(call: Call, *, status: int, headers: Mapping[str, str], body: bytes, now: float) -> Reply:
    """
    Read one answer; the payload is the object `Response` as it came.

    Raises:
        Unauthorized, ClockSkew, UnknownTenant, RateLimited: As their names say.
        Rejected: The vendor refused, and `call.accepts` does not cover why; Unsupported where it lacks the action.
        OutcomeUnknown: A write whose answer says nothing sure.
        Unexpected: A read whose answer isn't what the page promises.
    """
    response = _response(body)
    try:
        condition = _judge(call, status=status, headers=headers, body=body, response=response, now=now)
    except VendorError as error:
        error.request_id = answers.request_id(headers, response)
        error.retry_after_s = answers.wait_s(headers, now)
        raise
    assert response is not None, "what has no response is refused"
    return Reply(payload=response, condition=condition, request_id=answers.request_id(headers, response))


def _judge(  # noqa: PLR0913 - one answer, taken apart
    call: Call, *, status: int, headers: Mapping[str, str], body: bytes, response: Mapping[str, Any] | None, now: float
) -> str:
    """Give the condition in which a call worked, or raise what its answer means."""
    failure = (response or {}).get("Error")
    if failure is not None:
        code, text = _verdict(failure)
        if not code:
            raise answers.unsure(call, f"an error without a code: {answers.start(body)}", body, setting=_ADDRESS)
        return _refused(call, code=code, text=text, headers=headers, body=body, now=now)
    if 300 <= status < 400:
        raise Unexpected(
            f"{call.title}: the address redirects to {answers.line(headers.get('location', 'somewhere else'))}",
            remedy=f"Write the address that it redirects to, up to the host, into {_ADDRESS}.",
            call=call.title,
        )
    if status == 429:
        raise _slow_down(call, f"HTTP {status}")
    if status != 200:
        raise _not_the_service(call, status, body)
    if response is None:
        raise answers.unsure(call, answers.start(body) or "an empty answer", body, setting=_ADDRESS)
    return "ok"


def _refused(  # noqa: PLR0913 - one answer, taken apart
    call: Call, *, code: str, text: str, headers: Mapping[str, str], body: bytes, now: float
) -> str:
    """Give the condition that *call* accepts, or raise what the vendor's code means."""
    family = code.partition(".")[0]
    said = answers.line(f"{code}: {text}" if text else code)
    match family:
        case _ if code in _NO_TENANT:
            raise UnknownTenant(
                f"the vendor does not know this SdkAppId ({said})",
                remedy=f"Compare provider.sdk_app_id and {_ADDRESS} with what the vendor's console shows; the account "
                "has to be the one that owns it.",
                call=call.title,
            )
        case _ if code == "AuthFailure.SignatureExpire":
            raise _clock_skew(call, headers=headers, said=said, now=now)
        case _ if code in _OUTSIDERS or family in {"AuthFailure", "UnauthorizedOperation"}:
            raise _unauthorized(call, code, said)
        case "RequestLimitExceeded":
            raise _slow_down(call, said)
        case "ResponseSizeLimitExceeded" if call.writes:  # the answer was too long, so there was one
            raise answers.unsure(call, said, body, setting=_ADDRESS)
        case _ if family in _UNSURE and not call.writes:
            raise Unexpected(
                f"{call.title}: the vendor has trouble of its own: {said}",
                remedy="Nothing was changed. Run again; if it stays, ask the vendor.",
                call=call.title,
                reply=answers.start(body),
                transient=True,
            )
        case _ if family in _UNSURE:
            raise answers.unsure(call, said, body, setting=_ADDRESS)
    condition = classify(call.action or "", code, text)
    if condition in call.accepts:
        return condition
    refusal = Unsupported if code in _NO_ACTION else Rejected
    raise refusal(
        f"{call.title}: the vendor refused: {said}",
        code=code,
        text=answers.line(text),
        remedy=_remedy(call, code),
        call=call.title,
    )


def classify(action: str, code: str, text: str) -> str:  # noqa: ARG001 - what another vendor needs to tell them apart
    """
    Name what a refusal means: exists, missing, in_use, unsupported, form, or the code itself.

    The text is never looked at: it varies with the language, and the code says all. `form` is any fault that the
    vendor finds in what was asked, down to a value that does not fit the tenant.

    Source: TCCC, "Error Codes"; that `ResourceUnavailable` means "in use" is a reading, so only of deletions.
    """
    family, _, detail = code.partition(".")
    if code in _NO_ACTION or family == "UnsupportedOperation":
        return "unsupported"
    if family == "ResourceInUse" or (family == "ResourceUnavailable" and action.startswith("Delete")):
        return "in_use"
    if family == "ResourceNotFound" or detail.endswith(("NotExist", "NotFound")):
        return "missing"
    if detail.endswith("Exist") or detail == "DuplicatedAccount":
        return "exists"
    return "form" if family in _FORM else code


def _remedy(call: Call, code: str) -> str:
    if code in _NO_ACTION:
        return "This edition does not have the action: leave out what needs it, or ask the vendor."
    if code in _REMEDIES:
        return _REMEDIES[code]
    if not call.writes:
        return "Nothing was changed. The vendor's reference explains the code; if it stays, ask the vendor."
    return "The vendor did not do it. Its reference explains the code; plan shows what is left to do."


def _response(body: bytes) -> Mapping[str, Any] | None:
    """Find the envelope's one object; None where there is none."""
    value = (answers.document(body) or {}).get("Response")
    return value if isinstance(value, dict) else None


def _verdict(failure: Any) -> tuple[str, str]:
    if not isinstance(failure, dict):
        return "", ""
    code, text = failure.get("Code"), failure.get("Message")
    said = _SIGNED.sub(r"\1***", text) if isinstance(text, str) else ""  # should the vendor quote our own header
    return (answers.line(code) if isinstance(code, str) else ""), said


def _slow_down(call: Call, said: str) -> RateLimited:
    setting = "provider.upload_rate_limit" if call.action == UPLOAD else "provider.rate_limit"
    return RateLimited(
        f"{call.title}: the vendor asks to slow down ({said})",
        remedy=f"Lower {setting}; other programs of the same account count too.",
        call=call.title,
    )


def _not_the_service(call: Call, status: int, body: bytes) -> VendorError:
    """Judge an HTTP status that the service itself never gives, with nothing of its own in the answer."""
    said = f"HTTP {status} {answers.start(body)}".rstrip()
    if call.writes or status >= 500 or status in {408, 425} or status < 300:
        return answers.unsure(call, said, body, setting=_ADDRESS)
    return Unexpected(
        f"{call.title}: this is no answer of the vendor's: {said}",
        remedy=f"Is {_ADDRESS} the right address? A proxy on the way may have answered too.",
        call=call.title,
        reply=answers.start(body),
    )


def _clock_skew(call: Call, *, headers: Mapping[str, str], said: str, now: float) -> ClockSkew:
    ahead = answers.ahead_s(headers.get("date"), now)
    off = "does not agree with the vendor's"
    if ahead is not None:
        off = f"is {_duration(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} the vendor's"
    error = ClockSkew(
        f"{call.title}: this machine's clock {off}, and a signature holds for {TIMESTAMP_VALID_S // 60} minutes "
        f"({said})",
        remedy="Set the clock (NTP), then run again.",
        call=call.title,
    )
    error.ahead_s = ahead
    return error


def _duration(seconds: float) -> str:
    """Say roughly how long that is."""
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"about {round(seconds / size)} {unit}"
    return f"{round(seconds)} seconds"


def _unauthorized(call: Call, code: str, said: str) -> Unauthorized:
    if code.endswith("UnauthorizedOperation") or code.startswith("UnauthorizedOperation"):
        return Unauthorized(
            f"{call.title}: the vendor knows the account and forbids this ({said})",
            remedy=f"Allow ccc:{call.title} for this account in the access management (CAM).",
            call=call.title,
        )
    return Unauthorized(
        f"{call.title}: the vendor does not accept the credentials ({said})",
        remedy=_OUTSIDERS.get(code, "Check provider.secret_id, provider.secret_key and provider.token."),
        call=call.title,
    )
