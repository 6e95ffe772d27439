"""
Sends calls to Udesk: httpx, one pacer, few decisions. What the bytes mean is `protocol.py`'s business.

Every call is sent once. Whether it may be sent again is said by the error (`transient`), and decided by who asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode

import httpx

from reconciler.model.call import Call, Reply
from reconciler.model.errors import OutcomeUnknown, RateLimited, Refused, Rejected, Unexpected, Unreachable, VendorError
from reconciler.providers.pacing import Pacer
from reconciler.providers.udesk import protocol
from reconciler.providers.udesk.settings import UdeskSettings

# Of the time that an answer has. A little less than all, so that httpx ends it, which closes what is half open.
_TO_CONNECT: Final = 0.9

_NOT_CONNECTED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NO_ADDRESS: Final = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)

# Shorter than servers keep idle connections, so that a write never goes out on one that is being closed.
_KEEP_ALIVE_S: Final = 2.0


async def _always(_call: Call) -> None:
    """Let all writes go out."""


class UdeskClient:
    """One tenant's connection. Use as `async with`, more than once if need be: the pace is kept in between."""

    def __init__(  # noqa: PLR0913 - what a client is handed, see `providers.base.Provider.connect`
        self,
        settings: UdeskSettings,
        *,
        root: str,
        clock: Callable[[], float],
        may_write: Callable[[Call], Awaitable[None]] = _always,
        stopping: Callable[[], bool] = lambda: False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._root = Path(root)
        self._clock = clock
        self._may_write = may_write
        self._pacer = Pacer(rate=settings.rate_limit, parallel=settings.max_parallel, stopping=stopping)
        self._transport = transport
        self._trust: ssl.SSLContext | bool
        self._open: contextlib.AsyncExitStack
        self._idle: list[httpx.AsyncClient] = []

    async def __aenter__(self) -> Self:
        self._open = contextlib.AsyncExitStack()
        self._trust, self._idle = _trust(self._settings.base_url), []
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[httpx.AsyncClient]:
        """
        Lend a connection, the one that was used last where one is idle.

        Each is a client of its own: a pool looks at all of its connections with every request, twice, and that takes a
        third of the time that a call costs us. The pacer bounds how many there are.
        """
        settings = self._settings
        connection = (
            self._idle.pop()
            if self._idle
            else await self._open.enter_async_context(
                httpx.AsyncClient(
                    timeout=httpx.Timeout(settings.timeout, connect=_TO_CONNECT * settings.timeout),
                    limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP_ALIVE_S),
                    verify=self._trust,
                    transport=self._transport,
                )
            )
        )
        try:
            yield connection
        finally:
            self._idle.append(connection)

    async def send(self, call: Call) -> Reply:
        """
        Send one call; where it was refused for a form that the page leaves open, send its other form.

        The first form did nothing then, so what became of the other one is what became of the call.
        """
        try:
            return await self._send(call)
        except Rejected as refused:
            other = call.otherwise
            if other is None or protocol.classify(refused.code, refused.text) not in call.otherwise_on:
                raise
        return await self.send(replace(other, changes=call.changes, id=call.id))

    async def _send(self, call: Call) -> Reply:
        upload = await asyncio.to_thread(self._read_upload, call) if call.upload is not None else b""
        write = call.method != "GET"
        async with self._pacer.place(write=write, call=call.title) as left:
            if write:
                await self._may_write(call)  # the wait for a place may have been long
            request = protocol.encode(call, self._settings, now=self._clock(), upload=upload)
            journey = _Journey()
            try:
                async with asyncio.timeout(self._settings.timeout), self._connection() as connection:
                    response = await connection.request(
                        request.method,
                        # Whole: httpx parses an address three times where it has to put it together.
                        f"{self._settings.base_url}{request.path}?{urlencode(request.query)}",
                        headers=dict(request.headers),
                        content=request.content or None,
                        extensions={"trace": journey},
                    )
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError, ssl.SSLError) as cause:
                raise self._failure(call, cause, journey) from cause
        try:
            reply = protocol.decode(
                call, status=response.status_code, headers=response.headers, body=response.content, now=self._clock()
            )
        except RateLimited as asked:
            in_vain = self._pacer.slow_down(asked.retry_after_s, left=left, write=write)
            if in_vain:
                asked.last(in_vain)
            raise
        except Rejected:
            self._pacer.went_through(left=left, write=write)
            raise
        self._pacer.went_through(left=left, write=write)
        return reply

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

    def _failure(self, call: Call, cause: Exception, journey: _Journey) -> VendorError:
        """Tell what surely did not arrive from what may have, and what may pass by itself from what stays."""
        where = self._settings.base_url
        slow = isinstance(cause, TimeoutError | httpx.TimeoutException)
        what = f"no answer within {self._settings.timeout} s" if slow else "the connection broke before the answer"
        error: VendorError
        if isinstance(cause, _NOT_CONNECTED) or journey.ended_early:
            reason = f"no connection within {self._settings.timeout} s" if slow else _reason(cause)
            error = Unreachable(
                f"{where} can't be reached: {reason}",
                remedy="Check provider.base_url, the network, and any proxy (HTTPS_PROXY).",
                call=call.title,
                transient=_may_pass(cause),
            )
        elif isinstance(cause, _NO_ADDRESS):
            error = Unreachable(
                f"{where} is no address that can be called: {_reason(cause)}",
                remedy="Check provider.base_url.",
                call=call.title,
            )
        elif call.method == "GET":
            kind = Unreachable if slow else Unexpected
            error = kind(
                f"{call.title}: {what} from {where}",
                remedy="Nothing was changed. Run again; if it stays, raise provider.timeout or ask the vendor.",
                call=call.title,
                transient=True,
            )
        else:
            error = OutcomeUnknown(
                f"{call.title}: {what}; it may have happened",
                remedy="Run plan again: it reads what is there.",
                call=call.title,
            )
        error.slow = slow
        return error


class _Journey:
    """How far one request came, as httpx tells it: what began to connect and never began to send did not arrive."""

    def __init__(self) -> None:
        self._connecting = False
        self._sending = False

    async def __call__(self, event: str, _details: Any) -> None:
        self._connecting |= event.endswith("connect_tcp.started")
        self._sending |= event.endswith("send_request_headers.started")

    @property
    def ended_early(self) -> bool:
        """Whether not one byte of the request can have left."""
        return self._connecting and not self._sending


def _trust(base_url: str) -> ssl.SSLContext | bool:
    """Load the certificates that TLS needs, 60 ms, only where there is TLS; plain http trusts none."""
    return base_url.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _may_pass(cause: Exception) -> bool:
    """Whether connecting may work a little later: not to a name that does not exist, not past a wrong certificate."""
    if isinstance(cause, httpx.ProxyError):
        return str(cause).startswith("5")  # the proxy's own status
    match _root(cause):
        case socket.gaierror() as error:
            return error.errno == socket.EAI_AGAIN
        case ssl.SSLError() as error:
            return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        case _:
            return True


def _root(cause: BaseException) -> BaseException:
    """
    Find what lies at the bottom; of several addresses that were tried, what the first said.

    Httpcore cuts causes off and keeps contexts. What is no failure of the system's is the context of whoever called us.
    """
    if isinstance(cause, BaseExceptionGroup):
        return _root(cause.exceptions[0])
    if cause.__cause__ is not None:
        return _root(cause.__cause__)
    if not isinstance(cause, OSError) and isinstance(cause.__context__, OSError):
        return _root(cause.__context__)
    return cause


def _reason(cause: Exception) -> str:
    """Say why in one line, without addresses that carry a signature."""
    root = _root(cause)
    text = getattr(root, "strerror", None) or str(root) or type(root).__name__
    return str(text).split("?", 1)[0].strip() or "no answer"
