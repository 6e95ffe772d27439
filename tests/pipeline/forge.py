"""GitHub's and GitLab's comments of one pull request, and a webhook, on a loopback port."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

TOKEN: Final = "made-up-token-of-the-job"
BOT: Final = "github-actions[bot]"


@dataclass
class Forge:
    """
    A forge with one pull request: what is written there, and what arrived.

    *answers* are statuses for the next requests, in place of doing what is asked; 0 does it and loses the answer.
    *said* is what was sent to any other address, as a webhook's receiver or a Pushgateway has it.
    """

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    said: list[tuple[str, bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    page: int = 100  # the most that it gives at once
    lock: threading.Lock = field(default_factory=threading.Lock)

    def comment(self, body: str, author: str = BOT) -> int:
        """Write a comment as *author*."""
        number = len(self.asked) + len(self.comments) + 1000
        who = {"login": author, "id": 1 if author == BOT else 2}
        self.comments.append({"id": number, "body": body, "user": who, "author": who})
        return number

    @property
    def bodies(self) -> list[str]:
        """Give the texts of all comments."""
        return [str(comment["body"]) for comment in self.comments]

    def answer(self, method: str, target: str, content: bytes, token: str) -> tuple[int, Any]:
        """Do what is asked; give status and answer."""
        parts = urlsplit(target)
        with self.lock:
            if not parts.path.startswith(("/repos/", "/projects/", "/user")):
                self.said.append((f"{method} {target}", content))
                return 200, {}
            self.asked.append(f"{method} {target}")
            status = self.answers.pop(0) if self.answers else 200
            if status >= 400:
                return status, {"message": "as the test wants it"}
            if TOKEN not in token:
                return 401, {"message": "Bad credentials"}
            return status, self._carried_out(method, parts.path, parse_qs(parts.query), content)

    def _carried_out(self, method: str, path: str, query: dict[str, list[str]], content: bytes) -> Any:
        if path == "/user":
            return {"id": 1}
        number = path.rpartition("/")[2]
        if method == "GET":
            size = min(int(query["per_page"][0]), self.page)
            start = (int(query["page"][0]) - 1) * size
            return self.comments[start : start + size]
        if method == "POST":
            return {"id": self.comment(json.loads(content)["body"])}
        (found,) = [comment for comment in self.comments if str(comment["id"]) == number]
        if method == "DELETE":
            self.comments.remove(found)
            return None
        found["body"] = json.loads(content)["body"]
        return found


@contextlib.contextmanager
def forge() -> Iterator[Forge]:
    """Run a forge."""
    running = Forge()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization") or self.headers.get("Private-Token") or ""
            status, answer = running.answer(self.command, self.path, content, token)
            if status == 0:
                self.close_connection = True
                return
            text = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(204 if answer is None else status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
