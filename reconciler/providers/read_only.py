"""
A client that can't write, for commands that only look.

It refuses a write before anything of it leaves, whatever asks: that is our own mistake, and never the user's.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from reconciler.model.call import Call, Reply
from reconciler.model.errors import DefectError
from reconciler.providers.base import Client

_REMEDY = "Nothing was changed. Please report this."


class ReadOnly:
    """Lets reads pass to another client, and nothing else."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def send(self, call: Call) -> Reply:
        """
        Send a read.

        Raises:
            DefectError: It, or its other form, is a write; nothing was sent.
        """
        refuse_writes(call)
        return await self._client.send(call)


def refuse_writes(call: Call) -> None:
    """Raise where a call that was to look would write, in whatever form."""
    form: Call | None = call
    while form is not None:
        if form.writes:
            raise DefectError(f"a command that only looks was about to write: {form.title}", remedy=_REMEDY)
        form = form.otherwise
