"""Udesk's machine behind signatures, envelopes and bodies, in any dialect; no socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.model.call import Call, Reply
from reconciler.model.errors import Rejected
from reconciler.providers.base import Request
from reconciler.providers.udesk import protocol
from reconciler.providers.udesk.simulator.dialect import DIALECTS
from reconciler.providers.udesk.simulator.signature import Account
from reconciler.providers.udesk.simulator.wire import Wire
from tests.laws.udesk.tenants import AUTH_TOKEN, SETTINGS, SID
from tests.laws.vendor import Sections

NOW: Final = 1_700_000_000.0


class Wired:
    """One tenant; *files* are what is uploaded, by path."""

    def __init__(self, state: Mapping[str, Any], name: str) -> None:
        dialect = DIALECTS[name]
        account = Account(sid=SID, auth_token=AUTH_TOKEN)
        self._wire = Wire(account=account, clock=lambda: NOW, seed={"sections": state}, dialect=dialect)
        self._settings = SETTINGS.model_copy(update={"timestamp_unit": "s" if dialect.timestamp_unit == "s" else "ms"})
        self.files: Mapping[str, bytes] = {}
        self.lag = dialect.lag

    @property
    def sections(self) -> Sections:
        """What it has, by its own account."""
        sections: Sections = self._wire.state()["sections"]
        return sections

    def answer(self, call: Call) -> Reply:
        """Send one call as the client would."""
        upload = self.files[call.upload.path] if call.upload is not None else b""
        sent = protocol.encode(call, self._settings, now=NOW, upload=upload)
        form = None
        if sent.headers.get("Content-Type", "").startswith("multipart/"):
            form = {name: str(value) for name, value in (call.body or {}).items()}
        request = Request(
            method=sent.method,
            path=sent.path,
            query=sent.query,
            body=sent.content,
            form=form,
            files={} if form is None else {"File": upload},
        )
        answer = self._wire.answer(request)
        try:
            return protocol.decode(call, status=answer.status, headers=answer.headers, body=answer.body, now=NOW)
        except Rejected as refused:
            other = call.otherwise
            if other is None or protocol.classify(refused.code, refused.text) not in call.otherwise_on:
                raise
            return self.answer(replace(other, changes=call.changes, id=call.id))
