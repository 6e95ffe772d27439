"""A webhook for tests: keeps what it is sent, and answers as it is told to."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "Tk5Fz9QpLm21"  # made up, and to be found nowhere


class Hook:
    """A running webhook. *statuses* are what it answers, one after the other; then 204."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.statuses: list[int] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                hook.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status = hook.statuses.pop(0) if hook.statuses else 204
                if status == 204:
                    hook.bodies.append(json.loads(body))
                self.send_response(status)
                if status in {301, 302, 307, 308}:
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name in the library
                del format, arguments

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens; the path holds a token."""
        return f"http://127.0.0.1:{self._server.server_port}/hooks/{TOKEN}?key={TOKEN}x"

    @property
    def shown(self) -> str:
        """What people may see of it."""
        return f"http://127.0.0.1:{self._server.server_port}/***"

    def stop(self) -> None:
        """Stop, and give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextlib.contextmanager
def hook() -> Iterator[Hook]:
    """Run a webhook."""
    running = Hook()
    try:
        yield running
    finally:
        running.stop()
