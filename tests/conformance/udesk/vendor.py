"""Udesk, as the tests that hold for all vendors see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reconciler.model.call import Call
from reconciler.providers.base import Face, Request
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.client import UdeskClient
from reconciler.providers.udesk.protocol import API
from reconciler.providers.udesk.simulator.dialect import DIALECTS, Dialect
from tests.conformance.udesk import calls, reads, story
from tests.conformance.vendor import Sections, Vendor
from tests.servers import APP_ID, AUTH_TOKEN, SID


def _face(seed: Sections, dialect: Sequence[str], clock: Callable[[], float]) -> Face:
    return PROVIDER.face(
        seed={"sections": seed}, tenant=None, credentials=(SID, AUTH_TOKEN), dialect=dialect, clock=clock
    )


def _adapted(dialect: Dialect) -> Mapping[str, Any]:
    return {"timestamp_unit": "s"} if dialect.timestamp_unit == "s" else {}


def _api(request: Request) -> str:
    return request.path.removeprefix(API)


def _asked(call: Call) -> str:
    return call.path.removeprefix(API)


def _names(body: Mapping[str, Any]) -> list[str]:
    agents = body.get("Agents")
    return [agents[0]["AgentId"]] if agents else [str(body[name]) for name in ("Extension", "AgentId") if name in body]


# The vendor's own words may repeat what we sent: the token, and the signature of a request.
_ECHO: Final = f"signature of {SID} with {AUTH_TOKEN} is not liked"
_NOISE: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "error-after", "api": "agents", "method": "POST"},
    {"kind": "reset-after", "api": "extensions", "method": "POST"},
    {"kind": "malformed", "api": "ivrs/defvoices", "method": "P*"},
    {"kind": "truncated", "api": "subscriptions", "method": "POST"},
    {"kind": "slow-down", "api": "agents/queues", "retry_after": 0},
    {"kind": "refused", "api": "apps", "method": "PUT", "code": "000001", "text": _ECHO},
    {"kind": "refused", "api": "ivrs/fastrouters", "method": "P*", "code": "000003", "text": _ECHO},
    {"kind": "html", "api": "spnumbers/default", "method": "PUT"},
    {"kind": "error-before", "method": "GET", "api": "agents", "status": 502},
)


def _signature(request: Request) -> str:
    return next((value for name, value in request.query.items() if name.lower() == "sign"), "")


UDESK: Final = Vendor(
    name="udesk",
    settings={
        "app_id": APP_ID,
        "sid": "${env:UDESK_SID}",
        "auth_token": "${env:UDESK_AUTH_TOKEN}",
        "rate_limit": 10_000,
        "max_parallel": 16,
        "timestamp_unit": "ms",
        "agent_batch": 2,
    },
    address="base_url",
    environ={"UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN},
    secrets=(SID, AUTH_TOKEN, "Sign="),
    face=_face,
    client=UdeskClient,
    dialects=DIALECTS,
    adapted=_adapted,
    api=_api,
    asked=_asked,
    names=_names,
    bare=story.bare,
    went_well=lambda answer: answer["ErrCode"] == "000000",
    kinds=calls.KINDS,
    ground=calls.GROUND,
    managed=calls.MANAGED,
    apart=calls.APART,
    starts=calls.STARTS,
    in_turn={"max_parallel": 1, "agent_batch": 1},
    story=story.STORY,
    reads=reads.READS,
    noise=_NOISE,
    signature=_signature,
    refusal="123456",
    internal="000003",
    gives_passwords=True,
)
