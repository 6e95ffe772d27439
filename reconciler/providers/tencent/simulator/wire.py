"""
The machine behind HTTP: signatures, headers, bodies, envelopes, faults. Bytes in, bytes out; the clock is handed in.

Source: Tencent Cloud API 3.0, "Request Structure", "Common Params", "Responses".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reconciler.model.errors import ReconcilerError
from reconciler.providers.base import Label, Request, Response
from reconciler.providers.simulation import strikes
from reconciler.providers.simulation.bodies import json_object
from reconciler.providers.simulation.faults import KINDS, Fault, Faults
from reconciler.providers.simulation.lag import Lagging
from reconciler.providers.simulation.points import described
from reconciler.providers.tencent.simulator import signature
from reconciler.providers.tencent.simulator.answers import (
    INVALID_ACTION,
    MISSING_PARAMETER,
    Answer,
    Failure,
    Refused,
    document,
    invalid,
)
from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.envelope import Envelope
from reconciler.providers.tencent.simulator.machine import ACTIONS, Machine
from reconciler.providers.tencent.simulator.parameters import PARAMETERS, from_query
from reconciler.providers.tencent.simulator.signature import Account
from reconciler.providers.tencent.simulator.strikes import halve, spoil

VERSION: Final = "2020-02-10"
_FORM: Final = "application/x-www-form-urlencoded"
_LARGEST_GET: Final = 32 * 1024  # bytes
_LARGEST_POST: Final = 10 * 1024 * 1024  # bytes


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
            app_id: The tenant's SdkAppId; None for the snapshot's.
            dialect: How it reads the pages where they are open; the likeliest reading without it.

        Raises:
            ReconcilerError: *seed* is no snapshot of a Tencent tenant.
        """
        self._account = account
        self._clock = clock
        self._app_id = app_id
        self.dialect = dialect or Dialect()
        self._faults = Faults()
        self._requests = 0
        self.load({} if seed is None else seed)

    def load(self, state: Any) -> None:
        """Go on from the state of a snapshot; an SdkAppId that was asked for stays."""
        if self._app_id and isinstance(state, Mapping):
            state = {**state, "tenant": self._app_id}
        self.machine = Machine.from_state(state, self.dialect)
        self._lagging: Lagging[Machine] = Lagging(self.dialect.lag)

    @property
    def title(self) -> str:
        """Name vendor and tenant."""
        return f"tencent, SdkAppId {self.machine.tenant.app_id}"

    def state(self) -> Mapping[str, Any]:
        """Give the state as a snapshot."""
        return self.machine.to_state()

    def call(self, method: str, api: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:  # noqa: ARG002
        """Carry out one action by hand; its `SdkAppId` may be left out."""
        action = api.strip("/")
        tenant = {"SdkAppId": self.machine.tenant.app_id} if "SdkAppId" in PARAMETERS.get(action, ()) else {}
        answer = self.machine.handle(action, {**tenant, **(body or {})})
        return {"status": 200, "answer": document(answer, self._request_id())}

    def faults(self) -> Sequence[Mapping[str, Any]]:
        """List the faults still to come."""
        return self._faults.as_json()

    def add_fault(self, fault: Any) -> None:
        """Add a fault; its `api` is an action."""
        self._faults.add(Fault.parse(fault))

    def clear_faults(self) -> None:
        """Drop all faults."""
        self._faults.clear()

    def help(self) -> Mapping[str, Any]:
        """Say what there is."""
        return {
            "vendor": "tencent",
            "tenant": str(self.machine.tenant.app_id),
            "calls": ACTIONS,
            "faults": KINDS,
            "dialect": described(self.dialect),
        }

    def label(self, request: Request) -> Label:
        """Say what a request asks for."""
        action = request.headers.get("x-tc-action", "")
        return Label(name=action or f"{request.method} {request.path}", reads=ACTIONS.get(action) != "writes")

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        action = request.headers.get("x-tc-action", "")
        content = request.body.decode("utf-8", "replace") or request.raw_query
        fault, offset_s = self._faults.strike(request.method, action, content)
        now = self._clock() + offset_s
        envelope = Envelope(dialect=self.dialect, now=now, request_id=self._request_id())
        if fault is None:
            return envelope.seal(self._answer(request, action, now))
        response = strikes.before(fault, envelope)
        if response is not None:
            return response
        answer = self._answer(request, action, now, fault)
        if fault.call is not None:
            self.call(fault.call.get("method", "POST"), fault.call.get("api", ""), fault.call.get("body"))
        return strikes.after(fault, envelope.seal(spoil(fault, action, answer, self.dialect)), envelope)

    def _request_id(self) -> str:
        """Name a request: of the form that the vendor's have, and made of a counter."""
        self._requests += 1
        digits = hashlib.sha256(f"{self.machine.tenant.app_id}/{self._requests}".encode()).hexdigest()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))

    def _answer(self, request: Request, action: str, now: float, fault: Fault | None = None) -> Answer:
        """Check, decode, and ask the machine."""
        try:
            body = self._decode(request, action, now)
        except Refused as refused:
            return refused.failure
        if fault is not None and fault.kind == "half-batch":
            return halve(fault, action, body, lambda half: self._handle(action, half))
        return self._handle(action, body)

    def _decode(self, request: Request, action: str, now: float) -> Mapping[str, Any]:
        """Read the body of a request that is sound: signed, of a known action, in one of the two forms."""
        if request.path != "/" or request.method not in {"GET", "POST"}:
            raise Refused("InvalidRequest", "The address is / and the method GET or POST.")
        if not action:
            raise Refused(MISSING_PARAMETER, "The header X-TC-Action is missing.")
        if len(request.body) > _LARGEST_POST or len(request.raw_query) > _LARGEST_GET:
            raise Refused("RequestSizeLimitExceeded", "The request is too large.")
        signature.check(request, self._account, now=now)
        if request.headers.get("x-tc-version") != VERSION:
            raise Refused("NoSuchVersion", "The version does not exist.")
        if action not in ACTIONS:
            raise Refused(INVALID_ACTION, f"The action {action} does not exist.")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method == "GET":
            if kind != _FORM:
                raise invalid("The Content-Type of a GET is application/x-www-form-urlencoded.")
            return from_query(request.query, PARAMETERS[action])
        if kind != "application/json":
            raise invalid("The Content-Type of a POST is application/json.")
        body = json_object(request.body)
        if body is None:
            raise invalid("The body is no JSON object.")
        return body

    def _handle(self, action: str, body: Mapping[str, Any]) -> Answer:
        """Ask the machine, or, where reads lag, what it was before the last write."""
        if ACTIONS.get(action) != "writes":
            return self._lagging.shown(self.machine, action).handle(action, body)
        before = self._lagging.kept(self.machine)
        answer = self.machine.handle(action, body)
        if not isinstance(answer, Failure):
            self._lagging.wrote(before)
        return answer


def connect(
    *,
    seed: Any,
    tenant: str | None,
    credentials: tuple[str, str],
    dialect: Sequence[str],
    clock: Callable[[], float],
) -> Wire:
    """Make a simulated tenant from what a command line gives; see `providers.base.Simulated.face`."""
    if tenant is not None and not (tenant.isascii() and tenant.isdigit()):
        raise ReconcilerError(f'"{tenant}" is no SdkAppId', remedy="give digits, such as 1400000000")
    account = Account(secret_id=credentials[0], secret_key=credentials[1])
    return Wire(account=account, clock=clock, seed=seed, app_id=tenant, dialect=Dialect.parse(dialect))
