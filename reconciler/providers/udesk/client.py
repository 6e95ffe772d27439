"""
Sends calls to Udesk: one pacer, few decisions. What the bytes mean is `protocol.py`'s business.

Every call is sent once. Whether it may be sent again is said by the error (`transient`), and decided by who asked.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import httpx

from reconciler.model.call import Call, Reply
from reconciler.model.errors import DefectError, Refused, Rejected
from reconciler.providers.connections import Connections, always, in_either_form
from reconciler.providers.pacing import Pacer
from reconciler.providers.udesk import protocol
from reconciler.providers.udesk.settings import UdeskSettings


class UdeskClient:
    """One tenant's connection. Use as `async with`, more than once if need be: the pace is kept in between."""

    def __init__(  # noqa: PLR0913 - what a client is handed, see `providers.base.Provider.connect`
        self,
        settings: UdeskSettings,
        *,
        root: str,
        clock: Callable[[], float],
        may_write: Callable[[Call], Awaitable[None]] = always,
        stopping: Callable[[], bool] = lambda: False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._root = Path(root)
        self._clock = clock
        self._may_write = may_write
        self._pacer = Pacer(rate=settings.rate_limit, parallel=settings.max_parallel, stopping=stopping)
        self._connections = Connections(
            settings.base_url, setting="provider.base_url", timeout_s=settings.timeout, transport=transport
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
        return await in_either_form(call, self._send, _condition)

    async def _send(self, call: Call) -> Reply:
        upload = await asyncio.to_thread(self._read_upload, call) if call.upload is not None else b""
        write = call.writes
        if not write and call.method != "GET":  # this vendor has no other reads
            raise DefectError(f"{call.title} was taken for a read", remedy="Nothing was changed. Please report this.")
        async with self._pacer.place(write=write, call=call.title) as left:
            if write:
                await self._may_write(call)  # the wait for a place may have been long
            request = protocol.encode(call, self._settings, now=self._clock(), upload=upload)
            response = await self._connections.request(
                call,
                method=request.method,
                target=f"{request.path}?{urlencode(request.query)}",
                headers=request.headers,
                content=request.content,
            )
        with self._pacer.heed(left=left, write=write):
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


def _condition(_call: Call, refused: Rejected) -> str:
    return protocol.classify(refused.code, refused.text)
