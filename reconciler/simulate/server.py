"""The ASGI application over a vendor's face, and the uvicorn that serves it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, assert_never

import uvicorn

from reconciler.providers.base import Delivery, Face, Request, Response
from reconciler.simulate import asgi
from reconciler.simulate.calls import Calls
from reconciler.simulate.control import CONTROL, Control, as_json
from reconciler.simulate.listener import is_loopback

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as HttpProtocol
else:
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as HttpProtocol


class Service:
    """A vendor's face, and the control address beside it, as an ASGI application."""

    def __init__(self, face: Face, *, latency_ms: int = 0) -> None:
        self._face = face
        self._calls = Calls()
        self._control = Control(face, self._calls, latency_ms=latency_ms)
        self.stopping = asyncio.Event()

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == CONTROL or path.startswith(f"{CONTROL}/"):
            await self._serve_control(scope, receive, send)
            return
        head = asgi.head_of(scope)
        with self._calls.running(head, self._face.label(head)) as entry:
            try:
                body = await asgi.read(receive)
            except asgi.TooLargeError:
                await asgi.send_whole(as_json(413, {"error": "the body is larger than 64 MiB"}), send)
                return
            if body is None:
                return
            request = await asgi.with_body(scope, head, body)
            if self._control.latency_ms:
                await asyncio.sleep(self._control.latency_ms / 1000)
            response = self._answer(request)
            entry["status"] = response.status
            match response.delivery:
                case Delivery.WHOLE:
                    await asgi.send_whole(response, send)
                case Delivery.CUT:
                    await asgi.send_cut(response, send)
                case Delivery.RESET:
                    asgi.reset(scope[asgi.TRANSPORT])
                    await receive()  # until the connection is gone
                case Delivery.NEVER:
                    await self._wait(receive)
                    asgi.reset(scope[asgi.TRANSPORT])
                    await receive()
                case _:
                    assert_never(response.delivery)

    def _answer(self, request: Request) -> Response:
        """Ask the face; a mistake in it must neither look like the vendor nor pass unseen."""
        try:
            return self._face.answer(request)
        except Exception as defect:  # noqa: BLE001 - whatever it is, it is told to who called
            return as_json(500, {"error": f"the simulator failed: {type(defect).__name__}: {defect}"})

    async def _serve_control(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        try:
            body = await asgi.read(receive)
        except asgi.TooLargeError:
            await asgi.send_whole(as_json(413, {"error": "the body is larger than 64 MiB"}), send)
            return
        if body is None:
            return
        if is_loopback((scope.get("client") or ("",))[0]):
            response = self._control.answer(scope["method"], scope["path"], body)
        else:
            response = as_json(403, {"error": "the control address answers on its own machine only"})
        await asgi.send_whole(response, send)

    async def _wait(self, receive: asgi.Receive) -> None:
        """Wait until the client gives up, or the server stops."""
        waiting = [asyncio.ensure_future(receive()), asyncio.ensure_future(self.stopping.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


class _Connection(HttpProtocol):
    """One connection; it hands itself to the application, which could reset it in no other way."""

    app: Any

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
            scope[asgi.TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


class Server(uvicorn.Server):
    """uvicorn without its signals, which would end the process before the state is written; and without a word."""

    def __init__(self, service: Service, *, announce: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                service,
                http=_Connection,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=2,  # seconds
            )
        )
        logging.getLogger("python_multipart").addHandler(logging.NullHandler())  # it comments on every bad form
        self._service = service
        self._announce = announce

    def stop(self) -> None:
        """End soon; to be called in the loop's own thread."""
        self.should_exit = True
        self._service.stopping.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the loop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets=sockets)
        self._announce()
