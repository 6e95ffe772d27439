"""
Sends calls to Udesk: httpx, one pacer, few decisions. What the bytes mean is `protocol.py`'s business.

Reads that fail end the run; writes are sent once. Retries belong to the applier, which knows what was asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from reconciler.model.call import Call, Reply
from reconciler.model.errors import OutcomeUnknown, Refused, Rejected, Unexpected, Unreachable, VendorError
from reconciler.providers.pacing import Pacer
from reconciler.providers.udesk import protocol
from reconciler.providers.udesk.settings import UdeskSettings

# Shorter than servers keep idle connections, so that a write never goes out on one that is being closed.
_KEEP_ALIVE_S: Final = 2.0


async def _always() -> None:
    """Let all writes go out."""


class UdeskClient:
    """One tenant's connection. Use as `async with`, more than once if need be: the pace is kept in between."""

    def __init__(
        self,
        settings: UdeskSettings,
        *,
        root: str,
        clock: Callable[[], float],
        may_write: Callable[[], Awaitable[None]] = _always,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._root = Path(root)
        self._clock = clock
        self._may_write = may_write
        self._pacer = Pacer(rate=settings.rate_limit, parallel=settings.max_parallel)
        self._transport = transport
        self._http: httpx.AsyncClient

    async def __aenter__(self) -> Self:
        self._http = self._connection()
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    def _connection(self) -> httpx.AsyncClient:
        settings = self._settings
        return httpx.AsyncClient(
            base_url=settings.base_url,
            timeout=settings.timeout,
            limits=httpx.Limits(
                max_connections=settings.max_parallel,
                max_keepalive_connections=settings.max_parallel,
                keepalive_expiry=_KEEP_ALIVE_S,
            ),
            verify=_trust(settings.base_url),
            transport=self._transport,
        )

    async def send(self, call: Call) -> Reply:
        """Send one call; where it was refused for a form that the page leaves open, send its other form."""
        try:
            return await self._send(call)
        except Rejected as refused:
            other = call.otherwise
            if other is None or protocol.classify(refused.code, refused.text) not in call.otherwise_on:
                raise
            return await self.send(replace(other, changes=call.changes, id=call.id))

    async def _send(self, call: Call) -> Reply:
        upload = await asyncio.to_thread(self._read_upload, call) if call.upload is not None else b""
        async with self._pacer.place():
            if call.method != "GET":
                await self._may_write()  # the wait for a place may have been long
            request = protocol.encode(call, self._settings, now=self._clock(), upload=upload)
            try:
                async with asyncio.timeout(self._settings.timeout):
                    response = await self._http.request(
                        request.method,
                        request.path,
                        params=dict(request.query),
                        headers=dict(request.headers),
                        content=request.content or None,
                    )
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError, ssl.SSLError) as cause:
                raise self._failure(call, cause) from cause
        return protocol.decode(
            call, status=response.status_code, headers=response.headers, body=response.content, now=self._clock()
        )

    def _read_upload(self, call: Call) -> bytes:
        assert call.upload is not None, "only asked for calls that carry a file"
        path = self._root / call.upload.path
        try:
            content = path.read_bytes()
        except OSError as cause:
            raise Refused(f"{call.upload.path} can't be read: {cause.strerror}", remedy="Run plan again.") from cause
        if not hashlib.sha256(content).hexdigest().startswith(call.upload.digest):
            raise Refused(f"{call.upload.path} has changed since the plan was made", remedy="Run plan again.")
        return content

    def _failure(self, call: Call, cause: Exception) -> VendorError:
        """Tell what surely did not arrive from what may have."""
        where = self._settings.base_url
        if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
            return Unreachable(
                f"{where} can't be reached: {_reason(cause)}",
                remedy="Check provider.base_url, the network, and any proxy (HTTPS_PROXY).",
                call=call.title,
            )
        if isinstance(cause, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError):
            return Unreachable(
                f"{where} is no address that can be called: {_reason(cause)}",
                remedy="Check provider.base_url.",
                call=call.title,
            )
        slow = isinstance(cause, TimeoutError | httpx.TimeoutException)
        what = f"no answer within {self._settings.timeout} s" if slow else "the connection broke before the answer"
        if call.method == "GET":
            kind = Unreachable if slow else Unexpected
            return kind(
                f"{call.title}: {what} from {where}",
                remedy="Nothing was changed. Run again; if it stays, raise provider.timeout or ask the vendor.",
                call=call.title,
            )
        return OutcomeUnknown(
            f"{call.title}: {what}; it may have happened",
            remedy="Run plan again: it reads what is there.",
            call=call.title,
        )


def _trust(base_url: str) -> ssl.SSLContext | bool:
    """Load the certificates that TLS needs, 60 ms, only where there is TLS; plain http trusts none."""
    return base_url.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _reason(cause: Exception) -> str:
    """Say why in one line, without addresses that carry a signature."""
    root: BaseException = cause
    while root.__cause__ is not None or root.__context__ is not None:
        root = root.__cause__ or root.__context__ or root
    text = getattr(root, "strerror", None) or str(root) or type(root).__name__
    return str(text).split("?", 1)[0].strip() or "no answer"
