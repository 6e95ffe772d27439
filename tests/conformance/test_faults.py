"""
Reads that go wrong, on the wire: what may pass is read again, and what stays ends the run.

Its error says what, where and what to do next.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.model.errors import (
    ClockSkew,
    Contradiction,
    RateLimited,
    Rejected,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    Unreachable,
    VendorError,
)
from reconciler.providers.retries import ATTEMPTS
from tests.conformance import tenant
from tests.conformance.stage import Stage
from tests.servers import APP_ID, AUTH_TOKEN, SID, Simulator, simulator

EVERY: Final = 0  # times: each matching call
QUICK: Final = {"timeout": 1}

# Fault, the error that it must end in when it strikes each time (or as often as it says), and words of its message.
FAULTS: Final[Mapping[str, tuple[Mapping[str, Any], type[VendorError], tuple[str, ...]]]] = {
    "HTTP 500": ({"kind": "error-before", "api": "queues"}, Unexpected, ("GET /ccapi/v2/queues", "HTTP 500")),
    "HTTP 503 without an envelope": (
        {"kind": "slow-down", "api": "queues", "status": 503},
        Unexpected,
        ("GET /ccapi/v2/queues", "HTTP 503"),
    ),
    "internal error as HTTP 200": (
        {"kind": "refused", "api": "agents", "code": "000003"},
        Unexpected,
        ("GET /ccapi/v2/agents", "000003 System internal error"),
    ),
    "no JSON": ({"kind": "malformed", "api": "agents"}, Unexpected, ("GET /ccapi/v2/agents", "can't be used")),
    "half an answer": ({"kind": "truncated", "api": "agents"}, Unexpected, ("GET /ccapi/v2/agents", "broke")),
    "an empty answer": ({"kind": "empty", "api": "queues"}, Unexpected, ("GET /ccapi/v2/queues", "an empty answer")),
    "HTML": ({"kind": "html", "api": "queues"}, Unexpected, ("GET /ccapi/v2/queues", "Please wait")),
    "a code nobody knows": (
        {"kind": "refused", "api": "ivrs/vfiles", "code": "123456", "text": "What?"},
        Rejected,
        ("GET /ccapi/v2/ivrs/vfiles", "123456 What?"),
    ),
    "a forbidden read": (
        {"kind": "refused", "api": "subscriptions", "code": "100022", "text": "ownership", "status": 403},
        Unauthorized,
        ("GET /ccapi/v2/subscriptions", "forbids", "ownership"),
    ),
    "a total that is too high": (
        {"kind": "wrong-total", "api": "agents", "times": 1},
        Contradiction,
        ("agents", "2 agents", "3"),
    ),
    "a total that is too low": (
        {"kind": "wrong-total", "api": "agents", "by": -1},
        Contradiction,
        ("agents", "lists 2", "1"),
    ),
    "a list that is gone": ({"kind": "missing-page", "api": "agents"}, Contradiction, ("agents", "lists 0", "2")),
    "a request to slow down": (
        {"kind": "slow-down", "api": "queues", "retry_after": 0},
        RateLimited,
        ("GET /ccapi/v2/queues", "slow down"),
    ),
    "a request to come back in an hour": (
        {"kind": "slow-down", "api": "queues", "retry_after": 3600},
        RateLimited,
        ("GET /ccapi/v2/queues", "slow down"),
    ),
    "a reset": ({"kind": "reset-before", "api": "agents"}, Unexpected, ("agents", "broke")),
    "no answer": ({"kind": "hang-before", "api": "agents"}, Unreachable, ("agents", "no answer within 1 s")),
    "an unknown AppId": (
        {"kind": "refused", "code": "100002", "text": "AppId AppNotFound or forbidden"},
        UnknownTenant,
        ("does not know this AppId",),
    ),
    "a clock that is behind": (
        {"kind": "clock", "seconds": 3600},
        ClockSkew,
        ("clock is about 60 minutes behind",),
    ),
    "a clock that is ahead": (
        {"kind": "clock", "seconds": -1200},
        ClockSkew,
        ("clock is about 20 minutes ahead",),
    ),
}

# Those that are worth another try, and after how many tries a run ends all the same.
PASSING: Final[Mapping[str, int]] = {
    "HTTP 500": ATTEMPTS,
    "HTTP 503 without an envelope": ATTEMPTS,
    "internal error as HTTP 200": ATTEMPTS,
    "no JSON": ATTEMPTS,
    "half an answer": ATTEMPTS,
    "an empty answer": ATTEMPTS,
    "HTML": ATTEMPTS,
    "a request to slow down": 2 * ATTEMPTS,  # the vendor is there
    "a reset": ATTEMPTS,
    "no answer": ATTEMPTS // 2,
}


@pytest.fixture(scope="module")
def vendor() -> Iterator[Simulator]:
    """Run one tenant for all tests here; each clears its faults."""
    with simulator(seed={"sections": tenant.BEFORE}) as running:
        yield running


@pytest.mark.parametrize("name", FAULTS)
def test_a_read_that_fails_each_time_ends_the_run(name: str, vendor: Simulator, tmp_path: Path) -> None:
    """Half a picture is no picture: no plan comes of it, nothing is written, and the message helps."""
    fault, kind, words = FAULTS[name]
    before = vendor.state()
    stage = _stage(vendor, {"times": EVERY, **fault}, tmp_path)
    try:
        error = _failure(stage, kind)
    finally:
        vendor.control("DELETE", "faults")
    for word in words:
        assert word in str(error)
    assert before == vendor.state()
    assert PASSING.get(name, 1) == error.attempts
    if "api" in fault and name in PASSING:
        assert error.attempts == _reads(vendor, fault["api"]), "as the vendor counts"


@pytest.mark.parametrize("name", PASSING)
def test_a_read_that_fails_once_is_read_again(name: str, vendor: Simulator, tmp_path: Path) -> None:
    """The plan is the one of an undisturbed run; the vendor saw that read once more, and no other."""
    fault, _, _ = FAULTS[name]
    calm = _stage(vendor, None, tmp_path)
    made = calm.plan()
    undisturbed = vendor.calls()["count"], _reads(vendor, fault["api"])

    stage = _stage(vendor, fault, tmp_path)
    assert made == stage.plan()
    calls = vendor.calls()["count"], _reads(vendor, fault["api"])
    assert tuple(count + 1 for count in undisturbed) == calls
    assert [] == vendor.control("GET", "faults")


def test_an_answer_that_is_late_is_no_answer_to_another(vendor: Simulator, tmp_path: Path) -> None:
    """After a fault the next run works: nothing of the failed one is left behind."""
    stage = _stage(vendor, {"kind": "truncated", "api": "queues", "times": ATTEMPTS}, tmp_path)
    _failure(stage, Unexpected)
    assert {"9001", "9009"} == {*stage.fetch().of("queues")}


@pytest.mark.parametrize("dialect", [(), ("unauthorized=empty",)], ids=["with a body", "without a body"])
def test_wrong_credentials_are_named_as_such(dialect: tuple[str, ...], tmp_path: Path) -> None:
    """A 401 with or without a body ("HTTP Status Code") names the settings to check, and not their values."""
    with simulator(dialect=dialect) as vendor:
        stage = Stage(root=tmp_path, url=vendor.url, environ={"UDESK_SID": SID, "UDESK_AUTH_TOKEN": "wrong-token"})
        stage.write({"default_number": ""})
        error = _failure(stage, Unauthorized)
    assert "credentials" in str(error)
    assert "provider.auth_token" in error.remedy
    assert "wrong-token" not in str(error) + error.remedy


def test_the_wrong_unit_of_time_is_thought_of(tmp_path: Path) -> None:
    """A vendor that counts seconds sees milliseconds as a time far off; the message names the setting ("Timestamp")."""
    with simulator(dialect=("timestamp_unit=s",)) as vendor:
        stage = Stage(root=tmp_path, url=vendor.url)
        stage.write({"default_number": ""})
        assert "timestamp_unit" in _failure(stage, Unauthorized).remedy


def test_another_tenant_s_app_id_is_unknown(vendor: Simulator, tmp_path: Path) -> None:
    """100002 is about the AppId, so the message is too ("Code Error Codes")."""
    stage = Stage(root=tmp_path, url=vendor.url, settings={"app_id": APP_ID.replace("a54", "b54")})
    stage.write({"default_number": ""})
    assert "provider.app_id" in _failure(stage, UnknownTenant).remedy


def test_nobody_listens(tmp_path: Path) -> None:
    """A refused connection surely wrote nothing, and says which address."""
    with socket.socket() as taken:  # bound and not listening, so nobody else answers there
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        stage = Stage(root=tmp_path, url=url)
        stage.write({"default_number": ""})
        error = _failure(stage, Unreachable)
    assert url in str(error)
    assert "provider.base_url" in error.remedy
    assert ATTEMPTS == error.attempts


def test_a_host_that_does_not_exist(tmp_path: Path) -> None:
    """`.invalid` never resolves (RFC 6761)."""
    stage = Stage(root=tmp_path, url="https://cc.invalid", settings=QUICK)
    stage.write({"default_number": ""})
    assert "https://cc.invalid" in str(_failure(stage, Unreachable))


def test_a_server_that_is_something_else(vendor: Simulator, tmp_path: Path) -> None:
    """A 404 page is no tenant without objects, and hints at the address."""
    vendor.control("POST", "faults", {"kind": "html", "api": "*", "status": 404, "times": EVERY})
    try:
        stage = Stage(root=tmp_path, url=vendor.url)
        stage.write({"queues": {}})
        error = _failure(stage, VendorError)
    finally:
        vendor.control("DELETE", "faults")
    assert "404" in str(error)
    assert "provider.base_url" in error.remedy


PAGES: Final = ("paging=query", "page_size=2")
MANY: Final = {"agents": {str(number): {"work_id": "w"} for number in range(101, 108)}}


@pytest.mark.parametrize("place", ["query", "body"])
def test_all_pages_are_read(place: str, tmp_path: Path) -> None:
    """Where the answer says that there is more, the rest is asked for ("Get Seat List")."""
    with simulator(seed={"sections": MANY}, dialect=(f"paging={place}", "page_size=2")) as vendor:
        stage = Stage(root=tmp_path, url=vendor.url)
        stage.write({"agents": {}})
        assert sorted(MANY["agents"]) == sorted(stage.fetch().of("agents"))


def test_a_page_that_is_missing_is_seen(tmp_path: Path) -> None:
    """One page without agents: fewer than the total."""
    with simulator(seed={"sections": MANY}, dialect=PAGES) as vendor:
        vendor.control("POST", "faults", {"kind": "missing-page", "api": "agents", "skip": 2})
        stage = Stage(root=tmp_path, url=vendor.url)
        stage.write({"agents": {}})
        assert "lists 5 agents" in str(_failure(stage, Contradiction))


def test_a_page_that_fails_is_seen(tmp_path: Path) -> None:
    """One page of four that always fails ends the run like all of them."""
    with simulator(seed={"sections": MANY}, dialect=PAGES) as vendor:
        vendor.control("POST", "faults", {"kind": "error-before", "api": "agents", "skip": 3, "times": EVERY})
        stage = Stage(root=tmp_path, url=vendor.url)
        stage.write({"agents": {}})
        _failure(stage, Unexpected)


def test_a_page_that_fails_once_is_read_again(tmp_path: Path) -> None:
    """That page alone: five reads for four pages, and no agent is missing."""
    with simulator(seed={"sections": MANY}, dialect=PAGES) as vendor:
        vendor.control("POST", "faults", {"kind": "error-before", "api": "agents", "skip": 2})
        stage = Stage(root=tmp_path, url=vendor.url)
        stage.write({"agents": {}})
        assert sorted(MANY["agents"]) == sorted(stage.fetch().of("agents"))
        assert 5 == _reads(vendor, "agents")


def test_our_own_clock_may_be_wrong(vendor: Simulator, tmp_path: Path) -> None:
    """The vendor's Date tells by how much ("Timestamp": valid within 10 minutes)."""
    stage = Stage(root=tmp_path, url=vendor.url, clock=lambda: time.time() + 7200)
    stage.write({"default_number": ""})
    assert "120 minutes ahead" in str(_failure(stage, ClockSkew))


def _stage(vendor: Simulator, fault: Mapping[str, Any] | None, root: Path) -> Stage:
    """Make the vendor fail as told and count anew; give a configuration of it."""
    vendor.control("DELETE", "faults")
    if fault is not None:
        vendor.control("POST", "faults", fault)
    vendor.control("DELETE", "calls")
    stage = Stage(root=root, url=vendor.url, settings=QUICK)
    stage.write(tenant.FIRST, tenant.FILES)
    return stage


def _reads(vendor: Simulator, api: str) -> int:
    """Count how often one thing was read."""
    return sum(call["method"] == "GET" and call["path"] == f"/ccapi/v2/{api}" for call in vendor.calls()["calls"])


def _failure(stage: Stage, kind: type[VendorError]) -> VendorError:
    """Have `plan` fail; check what every message must be: a sentence, a remedy, and no secret."""
    with pytest.raises(VendorError) as caught:
        stage.plan()
    error = caught.value
    assert kind is VendorError or kind is type(error), repr(error)
    assert error.remedy
    told = f"{error} {error.remedy} {error!r} {error.call} {error.__dict__}"
    for secret in (SID, AUTH_TOKEN, "Sign="):
        assert secret not in told
    return error
