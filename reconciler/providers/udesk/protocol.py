"""
Udesk's wire format: sign, encode, decode, classify. Bytes in, values out; no I/O and no clock.

Source: Udesk CTI Cloud API, "General Specifications", "Authentication Methods", "Code Error Codes".
"""

from __future__ import annotations

import base64
import hashlib
import json
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
    VendorError,
)
from reconciler.providers import answers
from reconciler.providers.udesk.settings import UdeskSettings

API: Final = "/ccapi/v2/"
TIMESTAMP_VALID_S: Final = 600  # "valid within 10 minutes"
_ADDRESS: Final = "provider.base_url"  # the setting to look at where answers make no sense

# Codes after which nobody knows whether a write happened: internal error, timeout. The last two stand in a second
# public document of the same API.
_UNSURE: Final = frozenset({"000003", "000035", "000060"})
_CONDITIONS: Final = {
    "100015": "exists",
    "100016": "bound",
    "100006": "duplicate",
    "000004": "missing",
    "100018": "missing",
    "100007": "missing",
    "404": "missing",
    "410": "missing",
    "000001": "form",
    "000036": "form",
    "400": "form",
    "415": "form",
    "422": "form",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What goes over the wire. *query* carries the signature: never log it."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def sign(sid: str, auth_token: str, timestamp: str) -> str:
    """Sign a server-side request: `SHA1(Sid + AuthToken + Timestamp)` in hex."""
    # The vendor's scheme, not our choice of hash.
    return hashlib.sha1((sid + auth_token + timestamp).encode(), usedforsecurity=False).hexdigest()


def encode(call: Call, settings: UdeskSettings, *, now: float, upload: bytes = b"") -> Request:
    """
    Encode one call.

    Args:
        call: What to send. Bodies also travel on GET and DELETE; an upload goes as multipart beside its fields,
            or as base64 where the body holds the mark `BASE64`.
        settings: Whom to sign for.
        now: Unix seconds.
        upload: The file's bytes, where the call carries one.
    """
    timestamp = str(int(now * 1000) if settings.timestamp_unit == "ms" else int(now))
    sid = settings.sid.reveal()
    query = {
        **call.query,
        "Timestamp": timestamp,
        "AppId": settings.app_id,
        "Sid": sid,
        "Sign": sign(sid, settings.auth_token.reveal(), timestamp),
    }
    headers = {"Accept": "application/json"}
    content = b""
    if call.upload is not None and BASE64 not in (call.body or {}).values():
        headers["Content-Type"], content = _multipart(call, upload)
    elif call.body is not None:
        body = call.body
        if call.upload is not None:
            encoded = base64.b64encode(upload).decode("ascii")
            body = {key: encoded if value == BASE64 else value for key, value in body.items()}
        headers["Content-Type"] = "application/json;charset=utf-8"
        content = json.dumps(body, ensure_ascii=False).encode()
    return Request(method=call.method, path=call.path, query=query, headers=headers, content=content)


BASE64: Final = "<base64 of the file>"


def _multipart(call: Call, upload: bytes) -> tuple[str, bytes]:
    """Write the body's fields and the file as multipart/form-data (RFC 7578)."""
    boundary = f"reconciler-{hashlib.sha256(upload).hexdigest()[:24]}"
    parts = []
    for name, value in (call.body or {}).items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    filename = str((call.body or {}).get("FileName", "file.wav")).replace('"', "%22")
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="File"; filename="{filename}"\r\n'
        "Content-Type: audio/wav\r\n\r\n".encode()
        + upload
        + b"\r\n"
    )
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode()])


def decode(call: Call, *, status: int, headers: Mapping[str, str], body: bytes, now: float) -> Reply:
    """
    Read one answer.

    Raises:
        Unauthorized, ClockSkew, UnknownTenant, RateLimited: As their names say.
        Rejected: The vendor refused, and `call.accepts` does not cover why.
        OutcomeUnknown: A write whose answer says nothing sure.
        Unexpected: A read whose answer isn't what the page promises; transient, but for a redirect.
    """
    payload = answers.document(body)
    request_id = answers.request_id(headers, payload)
    try:
        condition = _judge(call, status=status, headers=headers, body=body, payload=payload, now=now)
    except VendorError as error:
        error.request_id = request_id
        error.retry_after_s = answers.wait_s(headers, now)
        raise
    return Reply(payload=payload or {}, condition=condition, request_id=request_id)


def _judge(  # noqa: PLR0913 - one answer, taken apart
    call: Call, *, status: int, headers: Mapping[str, str], body: bytes, payload: Mapping[str, Any] | None, now: float
) -> str:
    """Give the condition in which a call worked, or raise what its answer means."""
    code, text = _verdict(payload)
    if code in {"100002", "100017"}:
        raise UnknownTenant(
            f"the vendor does not know this AppId, or has disabled it ({code} {text})".rstrip(),
            remedy="Compare provider.app_id and provider.base_url with what the vendor gave you.",
            call=call.title,
        )
    if status in {401, 403} or _speaks_of_time(code, text):
        raise _unauthorized(call, status=status, headers=headers, text=text, now=now)
    if status == 429:
        said = f"{code or ''} {text}".strip() or answers.start(body)
        raise RateLimited(
            f"{call.title}: the vendor asks to slow down{f' ({said})' if said else ''}",
            remedy="Lower provider.rate_limit.",
            call=call.title,
        )
    if status >= 500 or code in _UNSURE:
        raise answers.unsure(
            call, f"HTTP {status}" if code is None else f"HTTP {status}, {code} {text}".rstrip(), body, setting=_ADDRESS
        )
    if 300 <= status < 400:
        raise Unexpected(
            f"{call.title}: the address redirects to {headers.get('location', 'somewhere else')}",
            remedy="Write the address that it redirects to, up to the host, into provider.base_url.",
            call=call.title,
        )
    if status < 400 and code is not None and not code.strip("0"):
        return "ok"
    if status < 400 and code is None:
        if call.writes and (status in {202, 204} or not body.strip()):
            return "ok"  # "204 NO CONTENT - [DELETE]"; reading back tells the rest
        raise answers.unsure(call, answers.start(body) or "an empty answer", body, setting=_ADDRESS)
    refusal_code = code if code is not None and code.strip("0") else str(status)
    condition = classify(refusal_code, text)
    if condition in call.accepts:
        return condition
    raise Rejected(
        f"{call.title}: the vendor refused: {refusal_code} {text or answers.start(body)}".rstrip(),
        code=refusal_code,
        text=text,
        call=call.title,
        remedy=_refused(call, no_envelope=payload is None, code=refusal_code),
    )


def _refused(call: Call, *, no_envelope: bool, code: str) -> str:
    if no_envelope and code == "404":
        return "Is provider.base_url the right address?"
    if not call.writes:
        return "Nothing was changed. The vendor's reference explains the code; if it stays, ask the vendor."
    return "The vendor did not do it. Its reference explains the code; plan shows what is left to do."


def classify(code: str, text: str) -> str:
    """
    Name what a refusal means: exists, duplicate, bound, missing, form, or the code itself.

    100004 is overloaded ("Duplicate entry", "Unexpected end of JSON input", "Agent has queue or voip, can't delete"),
    so its text decides.
    """
    if code == "100004":
        lowered = text.lower()
        if "duplicate" in lowered:
            return "duplicate"
        if "json" in lowered:
            return "form"
        return "bound" if "can't delete" in lowered else code
    return _CONDITIONS.get(code, code)


def _verdict(payload: Mapping[str, Any] | None) -> tuple[str | None, str]:
    """Find code and text; some answers say `code` and `message` instead of `ErrCode` and `ErrDesc`."""
    if payload is None:
        return None, ""
    code = payload.get("ErrCode", payload.get("code"))
    text = payload.get("ErrDesc", payload.get("message"))
    return (None if code is None else str(code)), (text if isinstance(text, str) else "")


def _speaks_of_time(code: str | None, text: str) -> bool:
    lowered = text.lower()
    return bool(code and code.strip("0") and "timestamp" in lowered and "blank" not in lowered)


def _unauthorized(call: Call, *, status: int, headers: Mapping[str, str], text: str, now: float) -> Unauthorized:
    said = f" ({text})" if text else ""
    skew = answers.ahead_s(headers.get("date"), now)
    if skew is not None and abs(skew) > TIMESTAMP_VALID_S:
        minutes = round(abs(skew) / 60)
        return ClockSkew(
            f"this machine's clock is about {minutes} minutes {'ahead of' if skew > 0 else 'behind'} the vendor's, "
            f"and a signature holds for 10{said}",
            remedy="Set the clock (NTP), then run again.",
            call=call.title,
        )
    if "timestamp" in text.lower() or "expire" in text.lower():
        return ClockSkew(
            f"the vendor does not accept the time of the signature, which holds for 10 minutes{said}",
            remedy="Check this machine's clock (NTP); if it is right, try the other provider.timestamp_unit (ms or s).",
            call=call.title,
        )
    if status == 403:
        return Unauthorized(
            f"{call.title}: the vendor knows the account and forbids this{said}",
            remedy="Ask the vendor to allow it for this Sid, or leave the section out.",
            call=call.title,
        )
    return Unauthorized(
        f"the vendor does not accept the credentials (HTTP {status}){said}",
        remedy="Check provider.sid and provider.auth_token; if they are right, check this machine's clock and "
        "provider.timestamp_unit (ms or s).",
        call=call.title,
    )
