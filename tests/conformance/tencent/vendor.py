"""Tencent, as the tests that hold for all vendors see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reconciler.model.call import Call
from reconciler.providers.base import Client, Face, Request
from reconciler.providers.tencent.client import TencentClient
from reconciler.providers.tencent.settings import TencentSettings
from reconciler.providers.tencent.simulator.dialect import DIALECTS, Dialect
from reconciler.providers.tencent.simulator.signature import Account
from reconciler.providers.tencent.simulator.wire import Wire
from tests.conformance.tencent import calls, reads, story
from tests.conformance.tencent.account import SECRET_ID, SECRET_KEY, TOKEN
from tests.conformance.vendor import Sections, Vendor


def _face(seed: Sections, dialect: Sequence[str], clock: Callable[[], float]) -> Face:
    account = Account(secret_id=SECRET_ID, secret_key=SECRET_KEY, token=TOKEN)
    return Wire(account=account, clock=clock, seed={"sections": seed}, dialect=Dialect.parse(dialect))


def _client(settings: TencentSettings, *, root: str, **rest: Any) -> Client:  # noqa: ARG001 - nothing is read there
    return TencentClient(settings, **rest)


def _api(request: Request) -> str:
    return request.headers.get("x-tc-action", "")


def _asked(call: Call) -> str:
    return call.action or ""


_KEYS: Final = ("Email", "StaffEmail", "ExtensionId", "Number", "SkillGroupName", "SkillGroupID", "SkillGroupId")


def _names(body: Mapping[str, Any]) -> list[str]:
    for name in ("Staffs", "StaffList", "PhoneNumbers", "AudioList"):
        if body.get(name):
            first = body[name][0]
            return [str(first.get("Mail") or first["CustomFileName"])] if isinstance(first, Mapping) else [str(first)]
    return [str(body[name]) for name in _KEYS if isinstance(body.get(name), str | int)][:1]


def _bare(sections: dict[str, Any]) -> dict[str, Any]:
    """Take away ids, which go by who comes first."""
    for queue in sections["queues"].values():
        queue["id"] = ""
    return story.bare(sections)


# The vendor's own words may repeat what we sent.
_ECHO: Final = f"signature of {SECRET_ID} with {SECRET_KEY} and {TOKEN} is not liked"
_NOISE: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "error-after", "api": "CreateStaff"},
    {"kind": "reset-after", "api": "CreateExtension"},
    {"kind": "malformed", "api": "ModifyStaff"},
    {"kind": "truncated", "api": "UploadIvrAudio"},
    {"kind": "slow-down", "api": "BindStaffSkillGroupList", "retry_after": 0},
    {"kind": "refused", "api": "CreateCCCSkillGroup", "code": "FailedOperation", "text": _ECHO},
    {"kind": "refused", "api": "DisableCCCPhoneNumber", "code": "InternalError", "text": _ECHO},
    {"kind": "html", "api": "BindNumberCallOutSkillGroup"},
    {"kind": "error-before", "api": "DescribeStaffInfoList", "status": 502},
)


def _signature(request: Request) -> str:
    return request.headers.get("authorization", "").rpartition("Signature=")[2]


TENCENT: Final = Vendor(
    name="tencent",
    settings={
        "sdk_app_id": 1400000000,
        "secret_id": "${env:TENCENTCLOUD_SECRET_ID}",
        "secret_key": "${env:TENCENTCLOUD_SECRET_KEY}",
        "token": "${env:TENCENTCLOUD_TOKEN}",
        "rate_limit": 10_000,
        "upload_rate_limit": 10_000,
        "max_parallel": 16,
    },
    address="endpoint",
    environ={
        "TENCENTCLOUD_SECRET_ID": SECRET_ID,
        "TENCENTCLOUD_SECRET_KEY": SECRET_KEY,
        "TENCENTCLOUD_TOKEN": TOKEN,
    },
    secrets=(SECRET_ID, SECRET_KEY, TOKEN, "TC3-HMAC-SHA256", "Signature="),
    face=_face,
    client=_client,
    dialects=DIALECTS,
    api=_api,
    asked=_asked,
    names=_names,
    bare=_bare,
    went_well=lambda answer: "Error" not in answer["Response"],
    kinds=calls.KINDS,
    ground=calls.GROUND,
    managed=calls.MANAGED,
    starts=calls.STARTS,
    in_turn={"max_parallel": 1},
    story=story.STORY,
    reads=reads.READS,
    noise=_NOISE,
    signature=_signature,
    refusal="FailedOperation.NobodyKnows",
    internal="InternalError",
    apart_rates=True,
    slower={"UploadIvrAudio": "upload_rate_limit"},
)
