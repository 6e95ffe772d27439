"""
A vendor that answers after exactly its latency, and costs next to nothing while it waits.

    python -m benchmarks.lean_server --latency-ms 50 [--seed SNAPSHOT]

The state machine and the control address are the simulator's own. The HTTP around them is the least that our clients
need, straight on asyncio's transports, and an answer is worked out when its request arrives and sent when the latency
has passed since then: what it costs to serve is not added to what is measured. Each call is counted as the simulator
counts it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import time
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from benchmarks.places import AUTH_TOKEN, SID
from reconciler.providers.base import Face, Request, Response
from reconciler.providers.udesk import PROVIDER
from reconciler.simulate.calls import Calls
from reconciler.simulate.control import CONTROL, Control, read_json

_HEAD_ENDS: Final = b"\r\n\r\n"


class Connection(asyncio.Protocol):
    """One connection; requests on it come one after the other, as HTTP/1.1 clients send them."""

    def __init__(self, face: Face, calls: Calls, control: Control) -> None:
        self._face = face
        self._calls = calls
        self._control = control
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport), "a TCP connection"
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole now."""
        arrived = self._loop.time()
        self._received += data
        while (request := self._taken()) is not None:
            if request.path.startswith(CONTROL):
                self._send(self._control.answer(request.method, request.path, request.body))
                continue
            with contextlib.ExitStack() as running:
                entry = running.enter_context(self._calls.running(request, self._face.label(request)))
                response = self._face.answer(request)
                entry["status"] = response.status
                due = arrived + self._control.latency_ms / 1000
                self._loop.call_at(due, self._answer, response, running.pop_all())

    def _answer(self, response: Response, running: contextlib.ExitStack) -> None:
        with running:
            self._send(response)

    def _send(self, response: Response) -> None:
        lines = [f"HTTP/1.1 {response.status} -", *(f"{name}: {value}" for name, value in response.headers.items())]
        head = "\r\n".join([*lines, f"content-length: {len(response.body)}"])
        self._transport.write(head.encode("latin-1") + _HEAD_ENDS + response.body)

    def _taken(self) -> Request | None:
        """Take the first request out of what was received; None while it is not whole."""
        end = self._received.find(_HEAD_ENDS)
        if end < 0:
            return None
        first, *lines = self._received[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        whole = end + len(_HEAD_ENDS) + int(headers.get("content-length", "0"))
        if len(self._received) < whole:
            return None
        body = bytes(self._received[end + len(_HEAD_ENDS) : whole])
        del self._received[:whole]
        method, target, _ = first.split(" ")
        path, _, query = target.partition("?")
        return Request(
            method=method,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            raw_query=query,
            headers=headers,
            body=body,
            form=None,
            files={},
        )


async def serve(face: Face, *, latency_ms: int) -> None:
    """Serve until SIGTERM; say where on one line."""
    calls = Calls()
    control = Control(face, calls, latency_ms=latency_ms)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(face, calls, control), "127.0.0.1", 0)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()


def main() -> None:
    """Read the state, serve."""
    parser = argparse.ArgumentParser(description="Serve a simulated tenant with an exact latency.")
    parser.add_argument("--latency-ms", type=int, required=True)
    parser.add_argument("--seed", type=Path, required=True)
    options = parser.parse_args()
    face = PROVIDER.face(
        seed=read_json(options.seed.read_bytes()),
        tenant=None,
        credentials=(SID, AUTH_TOKEN),
        dialect=(),
        clock=time.time,
    )
    asyncio.run(serve(face, latency_ms=options.latency_ms))


if __name__ == "__main__":
    main()
