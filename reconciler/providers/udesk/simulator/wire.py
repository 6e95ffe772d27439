"""
The machine behind HTTP: addresses, signatures, bodies, envelopes, faults. Bytes in, bytes out; the clock is handed in.

Source: Udesk CTI Cloud API, "General Specifications".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reconciler.providers.base import Label, Request, Response
from reconciler.providers.simulation import strikes
from reconciler.providers.simulation.bodies import json_object
from reconciler.providers.simulation.faults import KINDS, Fault, Faults
from reconciler.providers.simulation.lag import Lagging
from reconciler.providers.simulation.points import described
from reconciler.providers.udesk.simulator import signature
from reconciler.providers.udesk.simulator.answers import Answer, Denied, broken_body, parameter
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.envelope import Envelope
from reconciler.providers.udesk.simulator.machine import APIS, Machine
from reconciler.providers.udesk.simulator.signature import Account
from reconciler.providers.udesk.simulator.strikes import halve, spoil

PREFIX: Final = "/ccapi/v2/"
_CACHED: Final = 16  # answers to reads that are kept until the next write
_UPLOAD: Final = ("POST", "ivrs/vfiles")
_UPLOAD_FIELDS: Final = frozenset({"FileName", "FileType", "FileDesc"})
_Body = Mapping[str, Any] | None


class Wire:
    """One simulated tenant, as `providers.base.Face` asks."""

    def __init__(
        self,
        *,
        account: Account,
        clock: Callable[[], float],
        seed: Any = None,
        app_id: str | None = None,
        dialect: Dialect | None = None,
    ) -> None:
        """
        Make it.

        Args:
            account: Whom it accepts.
            clock: Gives Unix seconds.
            seed: A snapshot to start from; None for an empty tenant.
            app_id: The tenant's AppId; None for the snapshot's.
            dialect: How it reads the page where that is open; the likeliest reading without it.

        Raises:
            ReconcilerError: *seed* is no snapshot of a Udesk tenant.
        """
        self._account = account
        self._clock = clock
        self._app_id = app_id
        self.dialect = dialect or Dialect()
        self._faults = Faults()
        self.load({} if seed is None else seed)

    def load(self, state: Any) -> None:
        """Go on from the state of a snapshot; an AppId that was asked for stays."""
        if self._app_id and isinstance(state, Mapping):
            state = {**state, "tenant": self._app_id}
        self.machine = Machine.from_state(state, self.dialect)
        self._cache: dict[tuple[str, str, str, bytes], bytes] = {}
        self._cached_version = 0
        self._lagging: Lagging[Machine] = Lagging(self.dialect.lag)

    @property
    def title(self) -> str:
        """Name vendor and tenant."""
        return f"udesk, AppId {self.machine.tenant.app_id}"

    def state(self) -> Mapping[str, Any]:
        """Give the state as a snapshot."""
        return self.machine.to_state()

    def call(self, method: str, api: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Carry out one call by hand."""
        answer = self.machine.handle(method.upper(), _api(f"/{api.lstrip('/')}") or api, body)
        return {"status": answer.status, "answer": answer.document()}

    def faults(self) -> Sequence[Mapping[str, Any]]:
        """List the faults still to come."""
        return self._faults.as_json()

    def add_fault(self, fault: Any) -> None:
        """Add a fault."""
        self._faults.add(Fault.parse(fault))

    def clear_faults(self) -> None:
        """Drop all faults."""
        self._faults.clear()

    def help(self) -> Mapping[str, Any]:
        """Say what there is."""
        return {
            "vendor": "udesk",
            "tenant": self.machine.tenant.app_id,
            "calls": {PREFIX + api: methods for api, methods in APIS.items()},
            "faults": KINDS,
            "dialect": described(self.dialect),
        }

    def label(self, request: Request) -> Label:
        """Say what a request asks for."""
        return Label(name=f"{request.method} {request.path}", reads=request.method == "GET")

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        api = _api(request.path)
        if api is None:
            return Envelope(dialect=self.dialect, now=self._clock()).plain(404, b"404 page not found", "text/plain")
        fault, offset_s = self._faults.strike(request.method, api, request.body.decode("utf-8", "replace"))
        envelope = Envelope(dialect=self.dialect, now=self._clock() + offset_s)
        if fault is None:
            return self._undisturbed(request, api, envelope)
        response = strikes.before(fault, envelope)
        if response is not None:
            return response
        answer = self._answer(request, api, envelope, fault)
        if fault.call is not None:
            self.call(fault.call.get("method", "GET"), fault.call.get("api", ""), fault.call.get("body"))
        return strikes.after(fault, envelope.seal(spoil(fault, answer, self.dialect)), envelope)

    def _undisturbed(self, request: Request, api: str, envelope: Envelope) -> Response:
        """Answer a call that no fault befalls; a read that was read before costs nothing."""
        if request.method == "GET" and not self.dialect.lag:
            if self._cached_version != self.machine.version:
                self._cache.clear()
                self._cached_version = self.machine.version
            key = (api, request.query.get("PageNum", ""), request.query.get("PageSize", ""), request.body)
            if key in self._cache:
                refusal = self._refusal(request, api, envelope)
                return envelope.seal(refusal) if refusal else envelope.plain(200, self._cache[key])
            answer = self._answer(request, api, envelope)
            response = envelope.seal(answer)
            if answer.ok and len(self._cache) < _CACHED:
                self._cache[key] = response.body
            return response
        return envelope.seal(self._answer(request, api, envelope))

    def _answer(self, request: Request, api: str, envelope: Envelope, fault: Fault | None = None) -> Answer:
        """Check, decode, and ask the machine."""
        refusal = self._refusal(request, api, envelope)
        if refusal is not None:
            return refusal
        as_status = self.dialect.errors == "4xx"
        try:
            body, upload = self._decode(request, api)
        except Denied as denied:
            return denied.answer(as_status=as_status)
        if fault is not None and fault.kind == "half-batch":
            return halve(
                fault, api, body, handle=lambda half: self._handle(request, api, half, upload), as_status=as_status
            )
        return self._handle(request, api, body, upload)

    def _refusal(self, request: Request, api: str, envelope: Envelope) -> Answer | None:
        """Refuse a request that is not signed as it should be."""
        needs_app = (request.method, api) != ("POST", "apps")
        app_id = self.machine.tenant.app_id if needs_app else None
        unit = self.dialect.timestamp_unit
        try:
            signature.check(request.query, self._account, app_id=app_id, now=envelope.now, unit=unit)
        except Denied as denied:
            return denied.answer(as_status=self.dialect.errors == "4xx")
        return None

    def _handle(self, request: Request, api: str, body: _Body, upload: bytes | None) -> Answer:
        """Ask the machine, or, where reads lag, what it was before the last write."""
        method = request.method
        if method == "GET":
            machine = self._lagging.shown(self.machine, api)
            return machine.handle(method, api, body, upload=upload, query=request.query)
        before = self._lagging.kept(self.machine)
        answer = self.machine.handle(method, api, body, upload=upload, query=request.query)
        if answer.ok:
            self._lagging.wrote(before)
        return answer

    def _decode(self, request: Request, api: str) -> tuple[_Body, bytes | None]:
        """
        Read the body, and a voice file's bytes.

        What Content-Type says does not count: the page's examples send JSON as curl does, under a form's type.
        """
        form = request.form
        body = json_object(request.body) if form is None else None
        if (request.method, api) != _UPLOAD:
            return body, None
        if self.dialect.upload == "multipart":
            if form is None:
                return {}, None  # what is no form has no fields: "File name Blank"
            if len(request.files) != 1:
                raise parameter("ParamsInvalid")
            return form, next(iter(request.files.values()))
        if body is None:
            raise broken_body()
        fields = {name: value for name, value in body.items() if name in _UPLOAD_FIELDS}
        if self.dialect.upload == "none":
            return fields, None
        return fields, _bytes([value for name, value in body.items() if name not in _UPLOAD_FIELDS])


def connect(
    *,
    seed: Any,
    tenant: str | None,
    credentials: tuple[str, str],
    dialect: Sequence[str],
    clock: Callable[[], float],
) -> Wire:
    """Make a simulated tenant from what a command line gives; see `providers.base.Simulated.face`."""
    account = Account(sid=credentials[0], auth_token=credentials[1])
    return Wire(account=account, clock=clock, seed=seed, app_id=tenant, dialect=Dialect.parse(dialect))


def _api(path: str) -> str | None:
    """Take the vendor's part of a path, `agents/10031`; None for other addresses."""
    return path.removeprefix(PREFIX).strip("/") if path.startswith(PREFIX) else None


def _bytes(values: list[Any]) -> bytes:
    """Read base64; which field carries it is open, so the one that is no documented field does."""
    if len(values) == 1 and isinstance(values[0], str) and values[0]:
        try:
            return base64.b64decode(values[0], validate=True)
        except (binascii.Error, ValueError):
            pass
    raise parameter("ParamsInvalid")
