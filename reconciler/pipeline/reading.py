"""Reads while calls are under way: whoever asks at the same time shares one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from reconciler.fetch import read
from reconciler.model.live import Live
from reconciler.providers.base import Client
from reconciler.session import Session


class Reader:
    """Reads some sections, again and again. What it gives was asked of the vendor after it was asked for here."""

    def __init__(self, session: Session, client: Client, sections: Iterable[str]) -> None:
        self._session = session
        self._client = client
        self._sections = frozenset(sections)
        self._running: asyncio.Task[Live] | None = None
        self._next: asyncio.Task[Live] | None = None

    async def read(self) -> Live:
        """
        Read them.

        Raises:
            VendorError: A read failed.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._read_after(self._running))
        return await asyncio.shield(self._next)

    async def _read_after(self, running: asyncio.Task[Live] | None) -> Live:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None  # who asks from here on shares the one after
        memory = await asyncio.to_thread(self._session.memory)
        return await read(
            self._session.provider, self._client, memory, sections=self._sections, seen=self._session.progress.read
        )
