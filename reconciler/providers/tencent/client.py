"""
Sends calls to Tencent: one pacer an action, few decisions. What the bytes mean is `protocol.py`'s business.

Every call is sent once, but for one whose signature came too late: that did nothing, and is signed anew by the vendor's
clock. Whether any other may be sent again is said by the error (`transient`), and decided by who asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

import httpx

from reconciler.model.call import Call, Reply
from reconciler.model.errors import ClockSkew, DefectError, Rejected
from reconciler.providers.connections import Connections, always, in_either_form
from reconciler.providers.pacing import Pacer, Places
from reconciler.providers.tencent import protocol
from reconciler.providers.tencent.auth import TC3Auth
from reconciler.providers.tencent.settings import TencentSettings

_CENTURY_S: Final = 3_155_760_000  # no clock is further off; a Date that says so is nonsense


class TencentClient:
    """One tenant's connection. Use as `async with`, more than once if need be: pace and clock are kept in between."""

    def __init__(
        self,
        settings: TencentSettings,
        *,
        clock: Callable[[], float],
        may_write: Callable[[Call], Awaitable[None]] = always,
        stopping: Callable[[], bool] = lambda: False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._ahead_s = 0.0  # by how much the clock is ahead of the vendor's, as far as that is known
        self._may_write = may_write
        self._stopping = stopping
        self._places = Places(settings.max_parallel)
        self._pacers: dict[str, Pacer] = {}
        self._auth = TC3Auth(
            secret_id=settings.secret_id,
            secret_key=settings.secret_key,
            token=settings.token,
            clock=lambda: self._clock() - self._ahead_s,
        )
        self._connections = Connections(
            settings.endpoint, setting="provider.endpoint", timeout_s=settings.timeout, transport=transport
        )

    async def __aenter__(self) -> Self:
        await self._connections.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.__aexit__(kind, error, trace)

    async def send(self, call: Call) -> Reply:
        """Send one call; where it was refused for a form that the page leaves open, send its other form."""
        return await in_either_form(call, self._in_time, _condition)

    async def _in_time(self, call: Call) -> Reply:
        try:
            return await self._send(call)
        except ClockSkew as late:
            if late.ahead_s is None or abs(late.ahead_s) > _CENTURY_S:
                raise
            self._ahead_s = late.ahead_s
        return await self._send(call)

    async def _send(self, call: Call) -> Reply:
        if not call.writes and not protocol.reads(call.title):
            raise DefectError(f"{call.title} was taken for a read", remedy="Nothing was changed. Please report this.")
        pacer = self._pacer(call.title)
        async with pacer.place(write=call.writes, call=call.title) as left:
            if call.writes:
                await self._may_write(call)  # the wait for a place may have been long
            request = protocol.encode(call, self._settings)
            response = await self._connections.request(
                call,
                method=request.method,
                target=request.path,
                headers=request.headers,
                content=request.content,
                auth=self._auth,
            )
        with pacer.heed(left=left, write=call.writes):
            return protocol.decode(
                call, status=response.status_code, headers=response.headers, body=response.content, now=self._clock()
            )

    def _pacer(self, action: str) -> Pacer:
        """Find an action's pacer: the vendor counts each action apart."""
        if action not in self._pacers:
            upload = action == protocol.UPLOAD
            self._pacers[action] = Pacer(
                rate=self._settings.upload_rate_limit if upload else self._settings.rate_limit,
                parallel=self._places,
                stopping=self._stopping,
                setting="provider.upload_rate_limit" if upload else "provider.rate_limit",
            )
        return self._pacers[action]


def _condition(call: Call, refused: Rejected) -> str:
    return protocol.classify(call.action or "", refused.code, refused.text)
