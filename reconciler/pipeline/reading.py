"""Reads while calls are under way: whoever asks at the same time shares one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from reconciler.fetch import read
from reconciler.model.errors import Contradiction
from reconciler.model.live import Live, Memory
from reconciler.model.renaming import called_as
from reconciler.pipeline.planning import spared
from reconciler.providers.base import Client, Provider
from reconciler.session import Session

_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds


class Reader:
    """
    Reads sections, again and again, while a plan that was made from *planned* is carried out.

    What it gives was asked of the vendor after it was asked for here.
    """

    def __init__(self, session: Session, client: Client, planned: Live) -> None:
        self._session = session
        self._planned = planned
        self._client = client
        self._spared = spared(session)
        self._running: asyncio.Task[Live] | None = None
        self._next: asyncio.Task[Live] | None = None
        self._wanted: set[str] = set()

    async def read(self, sections: Iterable[str]) -> Live:
        """
        Read *sections*, and what others want at the same time.

        Raises:
            VendorError: A read failed.
        """
        kinds = self._session.provider.kinds
        for section in sections:
            self._wanted.update((section, *kinds[section].reads_with))
        if self._next is None:
            self._next = asyncio.create_task(self._read_after(self._running))
        return await asyncio.shield(self._next)

    async def close(self) -> None:
        """Let go of reads that nobody waits for any more, before the client is closed on which they run."""
        left = [task for task in (self._running, self._next) if task is not None and not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        for task in left:
            _ = task.cancelled() or task.exception()  # nobody is left to be told

    async def _read_after(self, running: asyncio.Task[Live] | None) -> Live:
        if running is not None:
            await asyncio.wait([running])
        # Who asks from here on shares the one after.
        self._running, self._next = self._next, None
        sections, self._wanted = self._wanted, set()
        memory = await asyncio.to_thread(self._session.memory)
        provider = self._session.provider
        for pause in _PAUSES:
            try:
                return await self._named(provider, memory, sections)
            except Contradiction:  # our own calls may have moved what was read in pages
                await self._session.sleep(pause)
        return await self._named(provider, memory, sections)

    async def _named(self, provider: Provider, memory: Memory, sections: Iterable[str]) -> Live:
        """Read, and call what was read what the plan calls it."""
        live = await read(provider, self._client, memory, sections=sections, spared=self._spared)
        return called_as(self._planned, live, provider.kinds)
