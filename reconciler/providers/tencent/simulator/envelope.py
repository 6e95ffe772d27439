"""Answers as HTTP: status, headers, bytes. Source: Tencent Cloud API 3.0, "Responses"."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import formatdate
from typing import Final

from reconciler.providers.base import Response
from reconciler.providers.tencent.simulator.answers import INTERNAL, Answer, Failure, document
from reconciler.providers.tencent.simulator.dialect import Dialect

JSON: Final = "application/json"  # the official SDK sees an error under this and text/plain alone
_SLOW_DOWN: Final = Failure(code="RequestLimitExceeded", message="Your request exceeds the allowed frequency.")
_WARNING: Final = "This action is being replaced."


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """How this vendor writes its answers; *now* is its clock, Unix seconds, *request_id* names the request."""

    dialect: Dialect
    now: float
    request_id: str

    def seal(self, answer: Answer, status: int = 200) -> Response:
        """Write an answer: HTTP 200, worked or not, unless a fault has it otherwise."""
        beside = {"DeprecatedWarning": _WARNING} if self.dialect.deprecated == "present" else {}
        content = json.dumps(
            document(answer, self.request_id, beside), ensure_ascii=False, separators=(",", ":"), default=list
        )
        return self.plain(status, content.encode("utf-8", "replace"))

    def failure(self, status: int) -> Response:
        """Say that the vendor itself failed; a status other than 200 is none of the service's own."""
        return self.seal(Failure(code=INTERNAL, message="Internal error."), status or 500)

    def refusal(self, code: str, text: str, status: int) -> Response:
        """Refuse with a code."""
        return self.seal(Failure(code=code or INTERNAL, message=text or "Internal error."), status or 200)

    def slow_down(self, status: int) -> Response:
        """Say that there were too many requests; a gateway before the service says it by status."""
        if status == 429:
            return self.plain(status, b"Too Many Requests", "text/plain")
        return self.seal(_SLOW_DOWN, status or 200)

    def plain(self, status: int, content: bytes, kind: str = JSON) -> Response:
        """Write what has no envelope."""
        date = formatdate(max(0.0, self.now), usegmt=True)
        return Response(status=status, headers={"content-type": kind, "date": date}, body=content)
