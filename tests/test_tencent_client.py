"""The client: pace of each action, the vendor's clock, failures of the network; through httpx's own seam."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final, TypeVar

import httpx
import pytest

from reconciler.model.call import Call, Reply
from reconciler.model.errors import (
    ClockSkew,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Stopped,
    Unexpected,
    Unreachable,
    VendorError,
)
from reconciler.providers.connections import always
from reconciler.providers.tencent import auth
from reconciler.providers.tencent.client import TencentClient
from reconciler.providers.tencent.settings import TencentSettings
from tests import virtual

T = TypeVar("T")
NOW: Final = 1_700_000_000.0
READ: Final = Call("POST", "/", {"PageSize": 100, "PageNumber": 0}, action="DescribeStaffInfoList", read_only=True)
WRITE: Final = Call("POST", "/", {"Email": "li.wei@example.com"}, action="ModifyStaff")
UPLOAD: Final = Call("POST", "/", {"AudioList": []}, action="UploadIvrAudio")
SECRET_ID, SECRET_KEY, TOKEN = "AKID-of-the-account", "key-of-the-account", "token-of-the-account"
SETTINGS: Final = TencentSettings.model_validate(
    {
        "type": "tencent",
        "sdk_app_id": 1_400_000_000,
        "endpoint": "https://cc.example.com",
        "secret_id": SECRET_ID,
        "secret_key": SECRET_KEY,
        "token": TOKEN,
    }
)
Answer = Callable[[httpx.Request], Any]


def ok(**more: Any) -> httpx.Response:
    """Make an answer that worked."""
    return httpx.Response(200, json={"Response": {**more, "RequestId": "r-1"}})


def failed(code: str, **headers: str) -> httpx.Response:
    """Make an answer that did not."""
    body = {"Response": {"Error": {"Code": code, "Message": "Said why."}, "RequestId": "r-1"}}
    return httpx.Response(200, json=body, headers=headers)


def with_client(  # noqa: PLR0913 - what a client is handed
    story: Callable[[TencentClient], Awaitable[T]],
    answer: Answer,
    *,
    clock: Callable[[], float] = lambda: NOW,
    may_write: Callable[[Call], Awaitable[None]] = always,
    stopping: Callable[[], bool] = lambda: False,
    settings: Mapping[str, int] = MappingProxyType({}),
) -> T:
    """Run a story with a client whose vendor is a function, in virtual time."""

    async def whole() -> T:
        client = TencentClient(
            SETTINGS.model_copy(update=dict(settings)),
            clock=clock,
            may_write=may_write,
            stopping=stopping,
            transport=httpx.MockTransport(answer),
        )
        async with client:
            return await story(client)

    return virtual.run(whole())


def send(call: Call, answer: Answer, **more: Any) -> Reply:
    """Send one call to a vendor that is a function."""
    return with_client(lambda client: client.send(call), answer, **more)


def caught(call: Call, answer: Answer, **more: Any) -> VendorError:
    """Give the error that a call ends in."""
    with pytest.raises(VendorError) as raised:
        send(call, answer, **more)
    assert raised.value.remedy
    return raised.value


def action(request: httpx.Request) -> str:
    """Say what a request asks for."""
    name: str = request.headers["X-TC-Action"]
    return name


def signature(request: httpx.Request, timestamp: int) -> str:
    """Sign what arrived, as the vendor would to compare."""
    headers = {name: request.headers[name] for name in auth.SIGNED_HEADERS}
    canonical = auth.canonical_request(method=request.method, query="", headers=headers, payload=request.content)
    return auth.sign(SECRET_KEY, canonical, timestamp)


def test_what_arrives_is_signed_and_whole() -> None:
    """The tenant in the body, the action in a header, the signature over the bytes that came."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return ok(TotalCount=0, StaffList=None)

    reply = send(READ, answer)
    assert ({"TotalCount": 0, "StaffList": None, "RequestId": "r-1"}, "r-1") == (reply.payload, reply.request_id)
    (request,) = seen
    assert ("POST", "https://cc.example.com/") == (request.method, str(request.url))
    assert {"SdkAppId": 1_400_000_000, "PageSize": 100, "PageNumber": 0} == json.loads(request.content)
    assert ("DescribeStaffInfoList", "2020-02-10") == (action(request), request.headers["X-TC-Version"])
    assert ("application/json", "cc.example.com") == (request.headers["Content-Type"], request.headers["Host"])
    assert (str(int(NOW)), TOKEN) == (request.headers["X-TC-Timestamp"], request.headers["X-TC-Token"])
    assert request.headers["Authorization"].endswith(f"Signature={signature(request, int(NOW))}")
    assert "X-TC-Region" not in request.headers


@pytest.mark.parametrize(
    ("error", "read", "write"),
    [
        (httpx.ConnectError("refused"), Unreachable, Unreachable),
        (httpx.ConnectTimeout("slow"), Unreachable, Unreachable),
        (httpx.InvalidURL("bad"), Unreachable, Unreachable),
        (httpx.ReadTimeout("slow"), Unreachable, OutcomeUnknown),
        (httpx.ReadError("broke"), Unexpected, OutcomeUnknown),
        (httpx.RemoteProtocolError("half"), Unexpected, OutcomeUnknown),
        (ssl.SSLError("bad record"), Unexpected, OutcomeUnknown),
    ],
)
def test_what_surely_did_not_arrive_is_told_from_what_may_have(
    error: Exception, read: type[VendorError], write: type[VendorError]
) -> None:
    """Reads are POSTs too, and still reads: what tells is what the call says of itself."""

    def answer(_request: httpx.Request) -> httpx.Response:
        raise error

    for call, kind in ((READ, read), (WRITE, write)):
        assert kind is type(caught(call, answer))


def test_an_address_that_nobody_has_is_told_with_its_setting() -> None:
    """Through the whole of httpx: nobody listens there."""

    async def story(port: int) -> Unreachable:
        settings = SETTINGS.model_copy(update={"endpoint": f"http://127.0.0.1:{port}"})
        async with TencentClient(settings, clock=lambda: NOW) as client:
            with pytest.raises(Unreachable) as raised:
                await client.send(WRITE)
        return raised.value

    with socket.socket() as taken:  # bound and not listening, so nobody else answers there
        taken.bind(("127.0.0.1", 0))
        error = asyncio.run(story(taken.getsockname()[1]))
    assert error.transient
    assert "provider.endpoint" in error.remedy


def test_no_answer_in_time_is_unknown_of_a_write_alone() -> None:
    """The time is for the whole answer."""

    async def stuck(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3600)
        raise AssertionError("nobody waits for an hour")

    for call, kind in ((READ, Unreachable), (WRITE, OutcomeUnknown)):
        error = caught(call, stuck)
        assert (kind, True) == (type(error), error.slow)
        assert "within 10 s" in str(error)


def test_a_call_is_sent_once() -> None:
    """An error of the vendor's is no reason to send again: retries are not the client's."""
    seen: Counter[str] = Counter()

    def answer(request: httpx.Request) -> httpx.Response:
        seen[action(request)] += 1
        return failed("InternalError")

    assert OutcomeUnknown is type(caught(WRITE, answer))
    assert Unexpected is type(caught(READ, answer))
    assert {"ModifyStaff": 1, "DescribeStaffInfoList": 1} == seen


def test_redirects_are_not_followed() -> None:
    """The next address would get our signature."""
    hosts = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.example.com/x"})

    assert "elsewhere" in str(caught(READ, answer))
    assert ["cc.example.com"] == hosts


@pytest.mark.parametrize(
    "answer",
    [
        failed("InternalError.DBError"),
        failed("RequestLimitExceeded"),
        failed("InvalidParameter"),
        httpx.Response(200, content=b'{"Response": {"TotalCount": 2, "StaffList": [{"Mail": "a@'),
        httpx.Response(200, content=b""),
        httpx.Response(502, json={"Response": {"TotalCount": 0, "StaffList": []}}),
        httpx.Response(200, json={"TotalCount": 0, "StaffList": []}),
    ],
)
def test_no_page_is_taken_from_a_failed_answer(answer: httpx.Response) -> None:
    """A read that did not work raises; it never becomes an empty tenant."""
    caught(READ, lambda _: answer)


async def at_once(client: TencentClient, *calls: Call) -> None:
    """Send many calls at a time."""
    await asyncio.gather(*(client.send(call) for call in calls))


def arrivals(*calls: Call, answer_s: float = 0.0, **settings: int) -> list[tuple[str, float]]:
    """Send *calls* at a time to a vendor that takes *answer_s*; give when each arrived."""
    seen: list[tuple[str, float]] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        seen.append((action(request), asyncio.get_running_loop().time()))
        await asyncio.sleep(answer_s)
        return ok()

    with_client(lambda client: at_once(client, *calls), answer, settings=settings)
    return seen


def test_each_action_has_a_pace_of_its_own() -> None:
    """As many a second of each as the rate allows; one that waits for its own keeps no other waiting."""
    seen = arrivals(*[READ] * 25, *[WRITE] * 25, rate_limit=20, max_parallel=256)
    for name in (READ.title, WRITE.title):
        times = [when for which, when in seen if which == name]
        assert [0.0] * 20 == times[:20]
        assert [1.0] * 5 == pytest.approx(times[20:])


def test_uploads_have_a_rate_of_their_own() -> None:
    """One a second where the setting says so; everything else goes on meanwhile."""
    seen = arrivals(*[UPLOAD] * 5, *[WRITE] * 40, rate_limit=20, upload_rate_limit=1, max_parallel=2, answer_s=0.01)
    uploads = [when for which, when in seen if which == UPLOAD.title]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(uploads))
    writes = [when for which, when in seen if which == WRITE.title]
    assert writes[-1] < 2.0, "forty take two windows, with uploads waiting all along"


def test_all_actions_share_the_places() -> None:
    """Never more in flight than `max_parallel`, whatever they are; and none of them starves."""
    calls = [replace(WRITE, action=f"Action{number}") for number in range(10) for _ in range(5)]
    flying, most = 0, 0
    first: dict[str, float] = {}

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        first.setdefault(action(request), asyncio.get_running_loop().time())
        await asyncio.sleep(0.1)
        flying -= 1
        return ok()

    with_client(lambda client: at_once(client, *calls), answer, settings={"max_parallel": 4})
    assert 4 == most
    assert max(first.values()) < 0.35, "places go round: each of ten had one within three turns of four"


def test_a_request_to_slow_down_holds_for_its_action() -> None:
    """What waits behind it waits; other actions go on."""
    arrived: list[tuple[str, float]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        arrived.append((action(request), asyncio.get_running_loop().time()))
        return failed("RequestLimitExceeded", **{"Retry-After": "7"}) if len(arrived) == 1 else ok()

    async def story(client: TencentClient) -> None:
        with pytest.raises(RateLimited) as raised:
            await client.send(WRITE)
        assert raised.value.transient
        await at_once(client, WRITE, READ)

    with_client(story, answer)
    assert [(WRITE.title, 0.0), (READ.title, 0.0)] == arrived[:2]
    assert WRITE.title == arrived[2][0]
    assert pytest.approx(7.0) == arrived[2][1]


def test_a_storm_of_one_action_names_its_setting() -> None:
    """A vendor that never lets an upload through ends it, and says which rate to lower."""

    async def story(client: TencentClient) -> RateLimited:
        while True:
            try:
                await client.send(UPLOAD)
            except RateLimited as asked:
                if asked.lasting:
                    return asked

    error = with_client(story, lambda _: failed("RequestLimitExceeded"))
    assert "provider.upload_rate_limit" in error.remedy


def test_a_run_that_is_to_stop_sends_no_more() -> None:
    """A write that waits for its pace gives up soon, and never goes out; a read may go on."""
    arrived: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        arrived.append(action(request))
        return ok()

    async def story(client: TencentClient) -> float:
        await client.send(WRITE)
        with pytest.raises(Stopped):
            await client.send(WRITE)
        await client.send(READ)
        return asyncio.get_running_loop().time()

    ended = with_client(
        story, answer, stopping=lambda: asyncio.get_running_loop().time() >= 0.5, settings={"rate_limit": 1}
    )
    assert [WRITE.title, READ.title] == arrived
    assert 0.5 <= ended < 1.0


def test_a_write_is_asked_for_right_before_it_goes_out() -> None:
    """Each one, after its wait; a read never."""
    log: list[str] = []

    async def may_write(call: Call) -> None:
        log.append(f"may {call.title} at {asyncio.get_running_loop().time():.0f}")

    def answer(request: httpx.Request) -> httpx.Response:
        log.append(f"{action(request)} at {asyncio.get_running_loop().time():.0f}")
        return ok()

    async def story(client: TencentClient) -> None:
        for call in (WRITE, WRITE, READ):
            await client.send(call)

    with_client(story, answer, may_write=may_write, settings={"rate_limit": 1})
    assert [
        "may ModifyStaff at 0",
        "ModifyStaff at 0",
        "may ModifyStaff at 1",
        "ModifyStaff at 1",
        "DescribeStaffInfoList at 1",
    ] == log


def test_a_write_that_may_not_go_out_does_not() -> None:
    """What was said against it is raised, and nothing has arrived."""
    arrived: list[httpx.Request] = []

    async def may_write(_call: Call) -> None:
        raise Stopped("somebody else has the lock")

    def answer(request: httpx.Request) -> httpx.Response:
        arrived.append(request)
        return ok()

    with pytest.raises(Stopped):
        send(WRITE, answer, may_write=may_write)
    assert [] == arrived


class Watch:
    """A vendor with a clock: it refuses signatures that are older or newer than 5 minutes."""

    def __init__(self, now: float, *, tells: bool = True) -> None:
        self.now = now
        self.tells = tells
        self.seen: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        timestamp = int(request.headers["X-TC-Timestamp"])
        assert request.headers["Authorization"].endswith(f"Signature={signature(request, timestamp)}")
        self.seen.append(timestamp)
        headers = {"Date": formatdate(self.now, usegmt=True)} if self.tells else {}
        return ok() if abs(timestamp - self.now) <= 300 else failed("AuthFailure.SignatureExpire", **headers)


@pytest.mark.parametrize("ahead_s", [3600, -3600, 301, -86_400 * 365 * 30])
@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_clock_that_is_off_is_set_by_the_vendor_s(call: Call, ahead_s: int) -> None:
    """The call is signed anew and sent again, once; later calls are right at once."""
    vendor = Watch(NOW - ahead_s)
    allowed: list[Call] = []

    async def may_write(asked: Call) -> None:
        allowed.append(asked)

    async def story(client: TencentClient) -> None:
        await client.send(call)
        await client.send(call)

    with_client(story, vendor, may_write=may_write)
    right = int(NOW) - ahead_s
    assert [int(NOW), right, right] == vendor.seen
    assert (3 if call.writes else 0) == len(allowed), "asked before each time that it goes out"


def test_a_clock_is_kept_when_the_client_is_opened_again() -> None:
    """As the pace is."""
    vendor = Watch(NOW - 3600)

    async def story() -> None:
        client = TencentClient(SETTINGS, clock=lambda: NOW, transport=httpx.MockTransport(vendor))
        for _ in range(2):
            async with client:
                await client.send(READ)

    asyncio.run(story())
    assert [int(NOW), int(NOW) - 3600, int(NOW) - 3600] == vendor.seen


def test_many_calls_find_the_clock_off_at_once() -> None:
    """Each is sent again once, by what it was told."""
    vendor = Watch(NOW + 1000)

    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.1)
        return vendor(request)

    with_client(lambda client: at_once(client, *[READ] * 5), answer)
    assert {int(NOW): 5, int(NOW) + 1000: 5} == Counter(vendor.seen)


def test_a_clock_that_stays_off_is_an_error_that_says_by_how_much() -> None:
    """A vendor that refuses the corrected time too is not asked a third time."""
    asked = 0

    def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return failed("AuthFailure.SignatureExpire", Date=formatdate(NOW - 7200, usegmt=True))

    error = caught(WRITE, answer)
    assert ClockSkew is type(error)
    assert "about 2 hours ahead of" in str(error)
    assert "NTP" in error.remedy
    assert 2 == asked


@pytest.mark.parametrize("date", [None, "yesterday", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_clock_that_can_t_be_set_is_an_error_at_once(date: str | None) -> None:
    """Without another clock to go by, signing anew would end the same way."""
    asked = 0

    def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return failed("AuthFailure.SignatureExpire", **({} if date is None else {"Date": date}))

    assert ClockSkew is type(caught(READ, answer))
    assert 1 == asked


def test_the_other_form_is_sent_where_the_first_is_refused() -> None:
    """Only on the conditions that the call names, and with its own conditions of success."""
    second = Call("POST", "/", {"Relation": ""}, action="ModifyExtension", accepts=frozenset({"missing"}))
    first = replace(second, body={"Relation": None}, otherwise=second, otherwise_on=frozenset({"form"}))
    bodies: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content)["Relation"])
        return failed("InvalidParameterValue" if len(bodies) == 1 else "ResourceNotFound")

    assert "missing" == send(first, answer).condition
    assert [None, ""] == bodies

    bodies.clear()
    assert Rejected is type(caught(replace(first, otherwise_on=frozenset({"in_use"})), answer))
    assert [None] == bodies


def test_no_secret_is_in_any_error_or_log(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong, and at whatever level it is logged."""
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []

    def breaking(error: Exception) -> Answer:
        def answer(request: httpx.Request) -> httpx.Response:
            assert SECRET_ID in request.headers["Authorization"]
            raise error

        return answer

    answers: list[Answer] = [
        lambda _: failed("AuthFailure.SignatureFailure"),
        lambda _: failed("AuthFailure.TokenFailure"),
        lambda _: failed("AuthFailure.SignatureExpire", Date=formatdate(NOW - 7200, usegmt=True)),
        lambda _: failed("InternalError"),
        lambda _: failed("InvalidParameter"),
        lambda _: httpx.Response(502, content=b"<html>"),
        breaking(httpx.ConnectError("refused")),
        breaking(httpx.ReadError("broke")),
        breaking(httpx.LocalProtocolError("no header")),
    ]
    for answer in answers:
        for call in (READ, WRITE):
            error = caught(call, answer)
            shown += [str(error), repr(error), error.remedy, error.call]
    client = TencentClient(SETTINGS, clock=lambda: NOW)
    text = "\n".join((*shown, caplog.text, repr(client), str(vars(client))))
    for secret in (SECRET_ID, SECRET_KEY, TOKEN):
        assert secret not in text
