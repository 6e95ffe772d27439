"""
The network, as the vendors' clients share it: connections, and what their failures mean. The home of httpx.

It sends a request once, and knows nothing of what it asks for. What the bytes of an answer mean is each vendor's
`protocol.py`'s business, and how fast to go is `pacing.py`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self

import httpx

from reconciler.model.call import Call, Reply
from reconciler.model.errors import OutcomeUnknown, Rejected, Unexpected, Unreachable, VendorError

# Of the time that an answer has. A little less than all, so that httpx ends it, which closes what is half open.
_TO_CONNECT: Final = 0.9

_NOT_CONNECTED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NO_ADDRESS: Final = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)

# Shorter than servers keep idle connections, so that a write never goes out on one that is being closed.
_KEEP_ALIVE_S: Final = 2.0


async def always(_call: Call) -> None:
    """Let all writes go out."""


async def in_either_form(
    call: Call, send: Callable[[Call], Awaitable[Reply]], condition: Callable[[Call, Rejected], str]
) -> Reply:
    """
    Send one call; where it was refused for a form that the vendor's page leaves open, send its other form.

    The first form did nothing then, so what became of the other one is what became of the call.

    Args:
        call: The call, in its first form.
        send: Sends one form.
        condition: Names why a form was refused, in the words of `call.otherwise_on`.
    """
    while True:
        try:
            return await send(call)
        except Rejected as refused:
            other = call.otherwise
            if other is None or condition(call, refused) not in call.otherwise_on:
                raise
        call = replace(other, changes=call.changes, id=call.id)


class Connections:
    """The connections to one address. Use as `async with`, more than once if need be."""

    def __init__(
        self, address: str, *, setting: str, timeout_s: int, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """
        Connect to nobody yet.

        Args:
            address: `https://host[:port]`.
            setting: The setting that it comes from, for remedies: "provider.base_url".
            timeout_s: How long a whole answer may take, in seconds.
            transport: What to send through, in place of the network.
        """
        self._address = address
        self._setting = setting
        self._timeout_s = timeout_s
        self._transport = transport
        self._trust: ssl.SSLContext | bool
        self._open: contextlib.AsyncExitStack
        self._idle: list[httpx.AsyncClient] = []

    async def __aenter__(self) -> Self:
        self._open = contextlib.AsyncExitStack()
        self._trust, self._idle = _trust(self._address), []
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def request(  # noqa: PLR0913 - a request, and whose it is
        self,
        call: Call,
        *,
        method: str,
        target: str,
        headers: Mapping[str, str],
        content: bytes,
        auth: httpx.Auth | None = None,
    ) -> httpx.Response:
        """
        Send one request, once, and wait for its whole answer.

        Args:
            call: What it is for: whether it writes, and what to call it.
            method: The request's method.
            target: Its path and query. They may carry a signature, so no error quotes them.
            headers: Beside those that httpx adds.
            content: The body; none where empty.
            auth: Signs the request as it goes out.

        Raises:
            Unreachable: It surely did not arrive; or it is a read without an answer in time.
            OutcomeUnknown: A write that may have arrived.
            Unexpected: A read whose connection broke.
        """
        journey = _Journey()
        try:
            async with asyncio.timeout(self._timeout_s), self._connection() as connection:
                return await connection.request(
                    method,
                    f"{self._address}{target}",  # whole: httpx parses an address three times where it has to join it
                    headers=dict(headers),
                    content=content or None,
                    auth=auth,
                    extensions={"trace": journey},
                )
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError, ssl.SSLError) as cause:
            raise self._failure(call, cause, journey) from cause

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[httpx.AsyncClient]:
        """
        Lend a connection, the one that was used last where one is idle.

        Each is a client of its own: a pool looks at all of its connections with every request, twice, and that takes a
        third of the time that a call costs us. The pacer bounds how many there are.
        """
        connection = (
            self._idle.pop()
            if self._idle
            else await self._open.enter_async_context(
                httpx.AsyncClient(
                    timeout=httpx.Timeout(self._timeout_s, connect=_TO_CONNECT * self._timeout_s),
                    limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP_ALIVE_S),
                    verify=self._trust,
                    transport=self._transport,
                )
            )
        )
        # One whose request was torn off, or timed out, may take itself to be in use for good: it is not lent again.
        yield connection
        self._idle.append(connection)

    def _failure(self, call: Call, cause: Exception, journey: _Journey) -> VendorError:
        """Tell what surely did not arrive from what may have, and what may pass by itself from what stays."""
        where = self._address
        slow = isinstance(cause, TimeoutError | httpx.TimeoutException)
        what = f"no answer within {self._timeout_s} s" if slow else "the connection broke before the answer"
        error: VendorError
        if isinstance(cause, _NOT_CONNECTED) or journey.ended_early:
            reason = f"no connection within {self._timeout_s} s" if slow else _reason(cause)
            error = Unreachable(
                f"{where} can't be reached: {reason}",
                remedy=f"Check {self._setting}, the network, and any proxy (HTTPS_PROXY).",
                call=call.title,
                transient=_may_pass(cause),
            )
        elif isinstance(cause, _NO_ADDRESS):
            error = Unreachable(
                f"{where} is no address that can be called: {_reason(cause)}",
                remedy=f"Check {self._setting}.",
                call=call.title,
            )
        elif not call.writes:
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


def _trust(address: str) -> ssl.SSLContext | bool:
    """Load the certificates that TLS needs, 60 ms, only where there is TLS; plain http trusts none."""
    return address.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


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
