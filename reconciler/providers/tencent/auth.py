"""
TC3-HMAC-SHA256: how Tencent Cloud knows who sent a request.

The functions are pure; `TC3Auth` signs what httpx is about to send, byte for byte, so that whatever httpx makes of an
address or a header is what stands in the signature.

Source: Tencent Cloud API 3.0, "Signature v3"; the order and spelling of headers as the official SDK has them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import httpx

from reconciler.model.secret import Secret

ALGORITHM: Final = "TC3-HMAC-SHA256"
SERVICE: Final = "ccc"  # whatever the host or the region
SIGNED_HEADERS: Final = ("content-type", "host")  # the two that must be


def canonical_request(*, method: str, path: str = "/", query: str, headers: Mapping[str, str], payload: bytes) -> str:
    """
    Write a request in the one form that both sides hash.

    Args:
        method: In capitals.
        path: Always `/` in this API.
        query: As it is sent, encoded and in the order sent; "" for POST.
        headers: Those to sign, `content-type` and `host` at least.
        payload: The body as it is sent; empty for GET.
    """
    lines = sorted((name.strip().lower(), value.strip().lower()) for name, value in headers.items())
    return "\n".join(
        (
            method,
            path,
            query,
            *(f"{name}:{value}" for name, value in lines),
            "",
            ";".join(name for name, _ in lines),
            hashlib.sha256(payload).hexdigest(),
        )
    )


def day(timestamp: int) -> str:
    """Give the day of Unix seconds in UTC, `YYYY-MM-DD`: part of the key, and of what is signed."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")


def scope(timestamp: int) -> str:
    """Name what a signature is good for: a day, and the service."""
    return f"{day(timestamp)}/{SERVICE}/tc3_request"


def string_to_sign(request: str, timestamp: int) -> str:
    """Write what is signed: the time, the scope and the hash of a canonical request."""
    return "\n".join((ALGORITHM, str(timestamp), scope(timestamp), hashlib.sha256(request.encode()).hexdigest()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The three keys, each made from the one before; the last one signs. They are as secret as what they come from."""

    date: bytes = field(repr=False)
    service: bytes = field(repr=False)
    signing: bytes = field(repr=False)


def derive_keys(secret_key: str, timestamp: int) -> Keys:
    """Make a day's keys."""
    date = _hmac(f"TC3{secret_key}".encode(), day(timestamp))
    service = _hmac(date, SERVICE)
    return Keys(date=date, service=service, signing=_hmac(service, "tc3_request"))


def sign(secret_key: str, request: str, timestamp: int) -> str:
    """Sign a canonical request; give the signature in lower-case hex."""
    return _hmac(derive_keys(secret_key, timestamp).signing, string_to_sign(request, timestamp)).hex()


def authorization(*, secret_id: str, signed_headers: tuple[str, ...], signature: str, timestamp: int) -> str:
    """Write the header `Authorization`."""
    credential = f"{secret_id}/{scope(timestamp)}"
    names = ";".join(sorted(signed_headers))
    return f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")


class TC3Auth(httpx.Auth):
    """
    Signs each request as it goes out, with the time of that moment: a retry gets a new signature.

    It sets `X-TC-Timestamp`, `Authorization` and, for temporary credentials, `X-TC-Token`, which is not signed.
    """

    requires_request_body = True

    def __init__(self, *, secret_id: Secret, secret_key: Secret, token: Secret, clock: Callable[[], float]) -> None:
        """
        Keep who signs.

        Args:
            secret_id: Travels with each request.
            secret_key: Never travels.
            token: Of temporary credentials; an empty one is none.
            clock: Gives Unix seconds.
        """
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._token = token
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign *request*."""
        assert "content-type" in request.headers, "what is sent says what it is, as that has to be signed"
        timestamp = int(self._clock())
        request.headers["X-TC-Timestamp"] = str(timestamp)
        if self._token:
            request.headers["X-TC-Token"] = self._token.reveal()
        canonical = canonical_request(
            method=request.method,
            path=request.url.raw_path.partition(b"?")[0].decode("ascii"),
            query=request.url.query.decode("ascii"),
            headers={name: request.headers[name] for name in SIGNED_HEADERS},
            payload=request.content,
        )
        request.headers["Authorization"] = authorization(
            secret_id=self._secret_id.reveal(),
            signed_headers=SIGNED_HEADERS,
            signature=sign(self._secret_key.reveal(), canonical, timestamp),
            timestamp=timestamp,
        )
        yield request
