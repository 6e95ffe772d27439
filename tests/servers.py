"""A simulated vendor for tests: the real ASGI application on a free loopback port, over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

from reconciler.providers.base import Face, Label, Request, Response
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.signature import Account
from reconciler.providers.udesk.simulator.wire import Wire
from reconciler.simulate.asgi import head_of
from reconciler.simulate.listener import address, listening
from reconciler.simulate.server import Server, Service

SID: Final = "123456789abcdef"
AUTH_TOKEN: Final = "simulated-token"
APP_ID: Final = "a54a8b77-f12d-4ac9-742d-5b2bef5c4d11"
_PATIENCE_S: Final = 30


class _Telling(Service):
    """Tells when the answer to a write has been handed to the network."""

    def __init__(self, face: Face, *, latency_ms: int, answered: Callable[[], None]) -> None:
        super().__init__(face, latency_ms=latency_ms)
        self._answered = answered

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await super().__call__(scope, receive, send)
        if scope["type"] != "http" or scope["path"].startswith("/_control"):
            return
        if not self._face.label(head_of(scope)).reads:
            self._answered()


class Simulator:
    """A running simulator. `stop` may be called more than once."""

    def __init__(self, face: Face, *, latency_ms: int = 0, answered: Callable[[], None] | None = None) -> None:
        """Start it; *answered* is called when the answer to a write has been handed to the network."""
        self._answered = answered
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._face = face
        self._latency_ms = latency_ms
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._thread.start()
        started = self._events.get(timeout=_PATIENCE_S)
        if isinstance(started, BaseException):
            raise started
        self.url: str
        self._loop: asyncio.AbstractEventLoop
        self._server: Server
        self.url, self._loop, self._server = started

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self._events.put(error)

    async def _serve(self) -> None:
        with listening("127.0.0.1", 0) as listener:
            url = address(listener)
            loop = asyncio.get_running_loop()
            service = Service(self._face, latency_ms=self._latency_ms)
            if self._answered is not None:
                service = _Telling(self._face, latency_ms=self._latency_ms, answered=self._answered)
            server = Server(service, announce=lambda: self._events.put((url, loop, server)))
            await server.serve(sockets=[listener])

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control address: `control("POST", "faults", {...})`; fail on anything but 200."""
        status, answer = self.send(method, f"/_control/{path}".rstrip("/"), body)
        assert status == 200, answer
        return answer

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one unsigned request; give the status and the decoded JSON."""
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body).encode())
            with connection.getresponse() as response:
                return response.status, json.loads(response.read())

    def state(self) -> Any:
        """Give the state as a snapshot."""
        return self.control("GET", "state")

    def calls(self) -> Any:
        """Give what arrived."""
        return self.control("GET", "calls")

    def stop(self) -> None:
        """Stop, and wait until it has."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                self._loop.call_soon_threadsafe(self._server.stop)
            self._thread.join(timeout=_PATIENCE_S)
            assert not self._thread.is_alive(), "the simulator stops when it is told to"


class Front:
    """Stands before a simulated vendor, and hands on all that it is asked for; for tests that watch or strike."""

    def __init__(self, face: Face) -> None:
        self._face = face

    @property
    def title(self) -> str:
        """Name vendor and tenant."""
        return self._face.title

    def label(self, request: Request) -> Label:
        """Say what a request asks for."""
        return self._face.label(request)

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        return self._face.answer(request)

    def call(self, method: str, api: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Carry out one call by hand."""
        return self._face.call(method, api, body)

    def state(self) -> Mapping[str, Any]:
        """Give the state as a snapshot."""
        return self._face.state()

    def load(self, state: Any) -> None:
        """Go on from the state of a snapshot."""
        self._face.load(state)

    def faults(self) -> Sequence[Mapping[str, Any]]:
        """List the faults still to come."""
        return self._face.faults()

    def add_fault(self, fault: Any) -> None:
        """Add a fault."""
        self._face.add_fault(fault)

    def clear_faults(self) -> None:
        """Drop all faults."""
        self._face.clear_faults()

    def help(self) -> Mapping[str, Any]:
        """Say what there is."""
        return self._face.help()


@contextlib.contextmanager
def running(face: Face) -> Iterator[Simulator]:
    """Run a simulated tenant of any vendor."""
    found = Simulator(face)
    try:
        yield found
    finally:
        found.stop()


@contextlib.contextmanager
def simulator(  # noqa: PLR0913 - each has a default
    *,
    seed: Mapping[str, Any] | None = None,
    dialect: Dialect | Sequence[str] = (),
    faults: Sequence[Mapping[str, Any]] = (),
    latency_ms: int = 0,
    app_id: str | None = None,
    credentials: tuple[str, str] = (SID, AUTH_TOKEN),
    clock: Callable[[], float] = time.time,
) -> Iterator[Simulator]:
    """
    Run a simulated Udesk tenant that accepts `SID` and `AUTH_TOKEN`, or other *credentials*.

    *dialect* is a `Dialect`, or `name=value` settings; *seed* is a snapshot, empty without it.
    """
    wire = Wire(
        account=Account(sid=credentials[0], auth_token=credentials[1]),
        clock=clock,
        seed=seed,
        app_id=app_id,
        dialect=dialect if isinstance(dialect, Dialect) else Dialect.parse(dialect),
    )
    for fault in faults:
        wire.add_fault(fault)
    found = Simulator(wire, latency_ms=latency_ms)
    try:
        yield found
    finally:
        found.stop()
