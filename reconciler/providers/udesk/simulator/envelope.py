"""Answers as HTTP: status, headers, bytes. Source: Udesk CTI Cloud API, "Response Format" and "HTTP Status Code"."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Final

from reconciler.providers.base import Response
from reconciler.providers.udesk.simulator.answers import INTERNAL, Answer
from reconciler.providers.udesk.simulator.dialect import Dialect

JSON: Final = "application/json;charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """How this vendor writes its answers; *now* is its clock, Unix seconds."""

    dialect: Dialect
    now: float

    def seal(self, answer: Answer) -> Response:
        """Write an answer. "204 NO CONTENT" has no body, and a 401 may have none."""
        bare = answer.status == 401 and self.dialect.unauthorized == "empty"
        if answer.status == 204 or bare:
            return self.plain(answer.status, b"")
        document = answer.document()
        if self.dialect.scalars == "text":
            document = {name: _as_text(value) for name, value in document.items()}
        if self.dialect.envelope == "code":
            document = {"code": document.pop("ErrCode"), "message": document.pop("ErrDesc"), **document}
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        return self.plain(answer.status, content.encode("utf-8", "replace"))

    def failure(self, status: int) -> Response:
        """Say that the vendor itself failed."""
        return self.seal(Answer(code=INTERNAL, text="System internal error", status=status or 500))

    def refusal(self, code: str, text: str, status: int) -> Response:
        """Refuse with a code."""
        text = text or "System internal error"
        return self.seal(Answer(code=code or INTERNAL, text=text, status=status or 200))

    def slow_down(self, status: int) -> Response:
        """Say that there were too many requests."""
        return self.plain(status or 429, b"Too Many Requests", "text/plain")

    def plain(self, status: int, content: bytes, kind: str = JSON) -> Response:
        """Write what has no envelope."""
        date = formatdate(max(0.0, self.now), usegmt=True)
        return Response(status=status, headers={"content-type": kind, "date": date}, body=content)


def _as_text(value: Any) -> Any:
    """Write numbers and booleans as text, at any depth."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case dict():
            return {name: _as_text(item) for name, item in value.items()}
        case list():
            return [_as_text(item) for item in value]
        case _:
            return value
