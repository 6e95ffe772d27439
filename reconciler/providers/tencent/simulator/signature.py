"""
Who may call. Source: Tencent Cloud API 3.0, "Signature Method v3", and its common error codes.

Written apart from the client's signing, so that a mistake in either shows.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from reconciler.providers.base import Request
from reconciler.providers.tencent.simulator.answers import Refused

SERVICE: Final = "ccc"
VALID_S: Final = 300  # "more than five minutes" off is refused
_HEADER: Final = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/,\s]+)/(?P<date>[0-9-]+)/(?P<service>[a-z0-9]+)/tc3_request, ?"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whom the vendor accepts; with *token* the credential is a temporary one."""

    secret_id: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)


def check(request: Request, account: Account, *, now: float) -> None:
    """
    Check that a request is signed by whom it says, and now.

    Args:
        request: As it arrived.
        account: Whom to accept.
        now: The vendor's clock, Unix seconds.

    Raises:
        Refused: An `AuthFailure`.
    """
    found = _HEADER.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise Refused("AuthFailure.InvalidAuthorization", "The header Authorization is not valid.")
    stamp = request.headers.get("x-tc-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        raise Refused("AuthFailure.SignatureExpire", "The header X-TC-Timestamp is not valid.")
    if abs(now - int(stamp)) > VALID_S:
        raise Refused("AuthFailure.SignatureExpire", "The signature is expired. Check the clock of your machine.")
    if not hmac.compare_digest(found["id"].encode(), account.secret_id.encode("utf-8", "replace")):
        raise Refused("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
    if request.headers.get("x-tc-token", "") != account.token:
        raise Refused("AuthFailure.TokenFailure", "The token is not valid.")
    date = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
    names = found["headers"].split(";")
    sound = found["date"] == date and found["service"] == SERVICE and {"content-type", "host"} <= set(names)
    text = string_to_sign(request, names, stamp=stamp, date=date)
    if not sound or not hmac.compare_digest(found["signature"], sign(text, account.secret_key, date=date)):
        raise Refused("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")


def string_to_sign(request: Request, names: list[str], *, stamp: str, date: str) -> str:
    """Write what is signed: four lines, the last of them over the request in its canonical form."""
    get = request.method == "GET"
    payload = b"" if get else request.body
    if request.headers.get("x-tc-content-sha256") == _UNSIGNED:
        payload = _UNSIGNED.encode()
    lines = [request.method, request.path, request.raw_query if get else ""]
    for name in names:
        value = request.headers.get(name, "").strip()
        # What the page lower-cases is sent so by those who sign more than the two; these are signed as they are sent.
        lines.append(f"{name}:{value if name in {'content-type', 'host'} else value.lower()}")
    lines += ["", ";".join(names), hashlib.sha256(payload).hexdigest()]
    canonical = "\n".join(lines).encode("utf-8", "replace")
    return "\n".join(("TC3-HMAC-SHA256", stamp, f"{date}/{SERVICE}/tc3_request", hashlib.sha256(canonical).hexdigest()))


def sign(text: str, secret_key: str, *, date: str) -> str:
    """Sign, with a key that is made for one day and one service."""
    key = f"TC3{secret_key}".encode("utf-8", "replace")
    for step in (date, SERVICE, "tc3_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()
