"""What a connection is worth after a request on it was torn off: nothing, and so it is not lent again."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import pytest

from reconciler.model.call import Call
from reconciler.providers.connections import Connections

ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PATIENCE: Final = 5  # seconds that a request which waits in vain takes to fail


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()


async def _torn_off_and_again(turns: int) -> bytes:
    """Have a request cancelled after some turns of the event loop, and give the answer to the one after it."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connections = Connections(f"http://127.0.0.1:{port}", setting="provider.base_url", timeout_s=PATIENCE)

    async def ask() -> bytes:
        answer = await connections.request(Call("GET", "/"), method="GET", target="/", headers={}, content=b"")
        return answer.content

    async with server, connections:
        torn = asyncio.create_task(ask())
        for _ in range(turns):
            await asyncio.sleep(0)
        torn.cancel()
        await asyncio.wait([torn])
        return await ask()


@pytest.mark.parametrize("turns", range(1, 16))
def test_a_request_that_was_torn_off_is_in_nobody_s_way(turns: int) -> None:
    """Whenever that was: before it connected, while it did, or while it waited for its answer."""
    assert b"ok" == asyncio.run(_torn_off_and_again(turns))
