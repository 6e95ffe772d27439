"""The simulated vendor behind HTTP: signatures, headers, the two forms of a request, envelopes, faults."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.errors import ReconcilerError
from reconciler.providers.base import Delivery, Face, Request, Response
from reconciler.providers.simulation.faults import KINDS
from reconciler.providers.tencent.simulator import signature
from reconciler.providers.tencent.simulator.answers import Refused
from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.machine import ACTIONS
from reconciler.providers.tencent.simulator.signature import Account
from reconciler.providers.tencent.simulator.wire import Wire, connect
from tests.servers import Simulator

NOW: Final = 1_700_000_000
ACCOUNT: Final = Account(secret_id="AKIDEXAMPLE", secret_key="SECRETEXAMPLE")
APP_ID: Final = 1400000000
PAGE: Final = {"PageSize": 50, "PageNumber": 0}


def wire(seed: Any = None, *, account: Account = ACCOUNT, dialect: str = "") -> Wire:
    """Make a simulated tenant."""
    return Wire(account=account, clock=lambda: NOW, seed=seed, dialect=Dialect.parse(dialect.split()))


def signed(request: Request, *, at: int = NOW, names: str = "content-type;host", key: str = "SECRETEXAMPLE") -> Request:
    """Sign a request."""
    date = time.strftime("%Y-%m-%d", time.gmtime(at))
    text = signature.string_to_sign(request, names.split(";"), stamp=str(at), date=date)
    found = signature.sign(text, key, date=date)
    authorization = (
        f"TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/{date}/ccc/tc3_request, SignedHeaders={names}, Signature={found}"
    )
    return changed(request, {"authorization": authorization, "x-tc-timestamp": str(at)})


def changed(request: Request, headers: Mapping[str, str], **parts: Any) -> Request:
    """Change headers of a request; "" takes one away."""
    merged = {**request.headers, **headers}
    values = {name: getattr(request, name) for name in ("method", "path", "query", "raw_query", "body")}
    return Request(**{**values, **parts}, headers={name: value for name, value in merged.items() if value})


def post(action: str, body: Any = None, **headers: str) -> Request:
    """Make a POST; *body* is bytes or becomes JSON, with our SdkAppId unless it has one or the action needs none."""
    if not isinstance(body, bytes):
        tenant = {} if action == "DescribeCCCBuyInfoList" else {"SdkAppId": APP_ID}
        body = json.dumps({**tenant, **(body or {})}).encode()
    basic = {
        "content-type": "application/json",
        "host": "ccc.tencentcloudapi.com",
        "x-tc-action": action,
        "x-tc-version": "2020-02-10",
    }
    return Request(method="POST", path="/", headers={**basic, **headers}, body=body)


def get(action: str, query: str) -> Request:
    """Make a GET."""
    head = post(action, b"", **{"content-type": "application/x-www-form-urlencoded"})
    return changed(head, {}, method="GET", raw_query=query, query=dict(parse_qsl(query, keep_blank_values=True)))


def response(answer: Response) -> dict[str, Any]:
    """Give the object `Response` of an answer."""
    found = json.loads(answer.body)["Response"]
    assert isinstance(found, dict)
    return found


def send(server: Wire, action: str, body: Any = None) -> dict[str, Any]:
    """Send one action; give the object `Response`."""
    return response(server.answer(signed(post(action, body))))


def code(answer: Response) -> str:
    """Give the code of a refusal, or ok."""
    return str(response(answer).get("Error", {"Code": "ok"})["Code"])


BODY: Final = b'{"SdkAppId": 1400000000, "PageSize": 100, "PageNumber": 0}'
BODY_A: Final = b'{"SdkAppId": 1400000000, "SkillGroupName": "\\u5ba2\\u670d\\u4e00\\u7ec4", "SkillGroupType": 0}'
BODY_B: Final = '{"SdkAppId":1400000000,"SkillGroupName":"客服一组","SkillGroupType":0}'.encode()
DOMESTIC: Final = {"content-type": "application/json", "host": "ccc.tencentcloudapi.com"}
INTERNATIONAL: Final = {"content-type": "application/json", "host": "ccc.intl.tencentcloudapi.com"}
FORM: Final = {"content-type": "application/x-www-form-urlencoded", "host": "ccc.tencentcloudapi.com"}
CHARSET: Final = "application/json; charset=utf-8"
QUERY: Final = "SdkAppIds.0=1400000000&SdkAppIds.1=1400000001"

# Made with the vendor's own SDK, its clock held still: headers, body or query, timestamp, signed headers, signature.
VECTORS: Final[Mapping[str, tuple[Mapping[str, str], bytes | str, int, str, str]]] = {
    "post": (
        DOMESTIC,
        BODY,
        NOW,
        "content-type;host",
        "cb12aa8a754bc3a94003fa77fd3b170675c0c144158a62dea3674f6906269a99",
    ),
    "next day in UTC": (
        DOMESTIC,
        BODY,
        1_700_006_400,
        "content-type;host",
        "3508cf28bbdbf4790ea64dc362fdba7283d4c4dd37071ac91ac2cf9100bc9541",
    ),
    "escaped body": (
        INTERNATIONAL,
        BODY_A,
        NOW,
        "content-type;host",
        "75a96ed530bb78a8ae4778817476201ee1a1aa03a63704ae3fac6cb7d3835ece",
    ),
    "empty object": (
        DOMESTIC,
        b"{}",
        NOW,
        "content-type;host",
        "2b9eba806260b21254ccf4c018fa4e07c53b1f69fe08373753c25b93df2db77f",
    ),
    "get": (
        FORM,
        QUERY,
        NOW,
        "content-type;host",
        "62309e93b43665e116460156493eeb61841a4e4d8cd8ec7fb5b15a957d457c67",
    ),
    "charset": (
        {**INTERNATIONAL, "content-type": CHARSET},
        BODY_B,
        NOW,
        "content-type;host",
        "38eff2ebe1f5a78cc9c1675a80264c00e54eb434aa03e470c253a601f4b0e53b",
    ),
    "a third header": (
        {**DOMESTIC, "content-type": CHARSET, "x-tc-action": "DescribeStaffInfoList"},
        BODY,
        NOW,
        "content-type;host;x-tc-action",
        "45994f3cd84dc9463eff7d18d314ccdd40bdfa7a9d9ffa6d7b23bc07daa00616",
    ),
    "host with a port": (
        {**DOMESTIC, "host": "127.0.0.1:8080"},
        BODY,
        NOW,
        "content-type;host",
        "4f592f1d53a20422fbe83c58e8e2d13c5712a510ebe4f17a841cafea7eaa608b",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_signatures_of_the_vendor_s_own_sdk(name: str) -> None:
    """Each is accepted, and with one letter of anything else it is not."""
    headers, content, at, names, found = VECTORS[name]
    date = time.strftime("%Y-%m-%d", time.gmtime(at))
    credential = f"AKIDEXAMPLE/{date}/ccc/tc3_request"
    whole = {
        **headers,
        "x-tc-timestamp": str(at),
        "authorization": f"TC3-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={found}",
    }
    if isinstance(content, str):
        request = Request(method="GET", path="/", headers=whole, raw_query=content)
        spoilt = changed(request, {}, raw_query=content + "0")
    else:
        request = Request(method="POST", path="/", headers=whole, body=content)
        spoilt = changed(request, {}, body=content + b" ")
    signature.check(request, ACCOUNT, now=at)
    for wrong in (spoilt, changed(request, {"host": "example.com"}), changed(request, {"content-type": "text/plain"})):
        with pytest.raises(Refused) as caught:
            signature.check(wrong, ACCOUNT, now=at)
        assert "AuthFailure.SignatureFailure" == caught.value.code


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({}, "ok"),
        ({"authorization": ""}, "AuthFailure.InvalidAuthorization"),
        ({"authorization": "TC3-HMAC-SHA256 nonsense"}, "AuthFailure.InvalidAuthorization"),
        ({"x-tc-timestamp": ""}, "AuthFailure.SignatureExpire"),
        ({"x-tc-timestamp": "soon"}, "AuthFailure.SignatureExpire"),
        ({"x-tc-timestamp": str(NOW + 1)}, "AuthFailure.SignatureFailure"),
        ({"x-tc-token": "temporary"}, "AuthFailure.TokenFailure"),
        ({"x-tc-version": "2019-01-01"}, "NoSuchVersion"),
        ({"x-tc-action": ""}, "MissingParameter"),
        ({"x-tc-action": "CreateIVR"}, "InvalidAction"),
        ({"x-tc-region": "ap-guangzhou", "x-tc-language": "en-US"}, "ok"),
    ],
)
def test_headers(headers: Mapping[str, str], wanted: str) -> None:
    """Each that is wrong has its code, with HTTP 200; those that need not be there do no harm."""
    answer = wire().answer(changed(signed(post("DescribeNumbers")), headers))
    assert (200, wanted) == (answer.status, code(answer))


@pytest.mark.parametrize(("off", "wanted"), [(300, "ok"), (-300, "ok"), (301, "expired"), (-301, "expired")])
def test_a_signature_holds_for_five_minutes(off: int, wanted: str) -> None:
    """Earlier or later it is refused, and the answer has the vendor's own time."""
    answer = wire().answer(signed(post("DescribeNumbers"), at=NOW + off))
    assert {"expired": "AuthFailure.SignatureExpire"}.get(wanted, wanted) == code(answer)
    assert NOW == parsedate_to_datetime(answer.headers["date"]).timestamp()


def test_credentials() -> None:
    """An unknown id, a wrong key, a temporary credential with and without its token."""
    request = post("DescribeNumbers")
    assert "AuthFailure.SecretIdNotFound" == code(
        wire(account=Account(secret_id="other", secret_key="x")).answer(signed(request))
    )
    assert "AuthFailure.SignatureFailure" == code(wire().answer(signed(request, key="wrong")))
    temporary = wire(account=Account(secret_id="AKIDEXAMPLE", secret_key="SECRETEXAMPLE", token="token"))
    assert "AuthFailure.TokenFailure" == code(temporary.answer(signed(request)))
    assert "ok" == code(temporary.answer(changed(signed(request), {"x-tc-token": "token"})))


def test_a_payload_that_is_not_signed() -> None:
    """The word `UNSIGNED-PAYLOAD` stands in its place."""
    request = signed(post("DescribeNumbers", **{"x-tc-content-sha256": "UNSIGNED-PAYLOAD"}))
    assert "ok" == code(wire().answer(changed(request, {}, body=b'{"SdkAppId": 1400000000, "PageNumber": 0}')))


def test_both_forms_of_a_request() -> None:
    """A GET's query says what a POST's body does, with lists by number."""
    server = wire()
    assert "ok" == code(server.answer(signed(get("DescribeCCCBuyInfoList", "SdkAppIds.0=1400000000&SdkAppIds.1=1"))))
    made = server.answer(
        signed(
            get(
                "CreateStaff",
                urlencode(
                    {
                        "SdkAppId": APP_ID,
                        "SendPassword": False,
                        "Staffs.0.Name": "李",
                        "Staffs.0.Mail": "li@example.com",
                        "Staffs.0.StaffNumber": "007",
                        "Staffs.0.Role": 1,
                        "Staffs.1.Name": "W",
                        "Staffs.1.Mail": "w@example.com",
                        "Staffs.1.StaffNumber": "8",
                    }
                ),
            )
        )
    )
    assert "ok" == code(made)
    listed = signed(get("DescribeStaffInfoList", f"SdkAppId={APP_ID}&PageSize=9&PageNumber=0"))
    rows = response(server.answer(listed))["StaffList"]
    assert [("李", "007", [1]), ("W", "8", [3])] == [(row["Name"], row["StaffNumber"], row["RoleList"]) for row in rows]
    assert [] == server.machine.tenant.mailed


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", "MissingParameter"),
        ("SdkAppId=x", "InvalidParameter"),
        ("SdkAppId.0=1", "InvalidParameter"),
        ("SdkAppId=1400000000&PageNumber=-1", "InvalidParameter"),
        ("SdkAppId=1400000000&x.y=1", "UnknownParameter"),
        ("SdkAppId=1400000000&SdkAppId.0=1", "ok"),
        ("SdkAppId=1", "InvalidParameterValue.InstanceNotExist"),
    ],
)
def test_odd_queries(query: str, wanted: str) -> None:
    """What fits no parameter is refused."""
    assert wanted == code(wire().answer(signed(get("DescribeNumbers", query))))


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (post("DescribeNumbers", b""), "InvalidParameter"),
        (post("DescribeNumbers", b"[]"), "InvalidParameter"),
        (post("DescribeNumbers", b"{"), "InvalidParameter"),
        (post("DescribeNumbers", b"\xff"), "InvalidParameter"),
        (post("DescribeNumbers", b"[" * 100_000), "InvalidParameter"),
        (post("DescribeNumbers", {"SdkAppId": 1}), "InvalidParameterValue.InstanceNotExist"),
        (post("DescribeNumbers", **{"content-type": CHARSET}), "ok"),
        (post("DescribeNumbers", **{"content-type": "text/plain"}), "InvalidParameter"),
        (changed(get("DescribeNumbers", ""), {"content-type": "application/json"}), "InvalidParameter"),
        (get("DescribeNumbers", "a" * 33_000), "RequestSizeLimitExceeded"),
        (changed(post("DescribeNumbers"), {}, path="/v2"), "InvalidRequest"),
        (changed(post("DescribeNumbers"), {}, method="PUT"), "InvalidRequest"),
    ],
)
def test_odd_requests(request_: Request, wanted: str) -> None:
    """Each has its code, with HTTP 200."""
    answer = wire().answer(signed(request_))
    assert (200, wanted) == (answer.status, code(answer))


@given(body=st.binary(max_size=200), action=st.sampled_from(sorted(ACTIONS)))
def test_garbage_is_answered(body: bytes, action: str) -> None:
    """Whatever bytes arrive, an envelope goes back."""
    assert code(wire().answer(signed(post(action, body))))


def test_envelopes() -> None:
    """Worked or not: HTTP 200, JSON without a charset, `Response`, and a RequestId of its own."""
    server = wire()
    answers = [server.answer(signed(post("DescribeNumbers", body))) for body in ({}, {}, {"SdkAppId": 1})]
    assert {(200, "application/json")} == {(answer.status, answer.headers["content-type"]) for answer in answers}
    assert {"TotalCount": 0, "Numbers": None} == {
        name: value for name, value in response(answers[0]).items() if name != "RequestId"
    }
    assert {"Error", "RequestId"} == response(answers[2]).keys()
    assert {"Code", "Message"} == response(answers[2])["Error"].keys()
    ids = {response(answer)["RequestId"] for answer in answers}
    assert (3, {36}) == (len(ids), {len(one) for one in ids})


def test_a_warning_may_stand_in_an_answer() -> None:
    """`DeprecatedWarning` stands in answers that worked."""
    server = wire(dialect="deprecated=present")
    assert "DeprecatedWarning" in send(server, "DescribeNumbers")
    assert "DeprecatedWarning" not in send(server, "DescribeNumbers", {"SdkAppId": 1})


def test_reads_may_lag() -> None:
    """So many reads by an action still show what was there before the last write; writes see what is."""
    server = wire(dialect="lag=2")
    queue = {"SkillGroupName": "A", "SkillGroupType": 0}
    send(server, "CreateCCCSkillGroup", queue)
    seen = [send(server, "DescribeSkillGroupInfoList", PAGE)["TotalCount"] for _ in range(3)]
    assert [0, 0, 1] == seen
    send(server, "CreateCCCSkillGroup", {**queue, "SkillGroupName": "B"})
    assert "InvalidParameterValue.SkillGroupExist" == send(server, "CreateCCCSkillGroup", queue)["Error"]["Code"]
    assert 1 == send(server, "DescribeSkillGroupInfoList", PAGE)["TotalCount"]


def test_labels() -> None:
    """A request is named by its action, and reads unless the action writes."""
    server = wire()
    found = [server.label(post(action)) for action in ("DescribeNumbers", "CreateStaff", "CreateIVR", "")]
    assert [("DescribeNumbers", True), ("CreateStaff", False), ("CreateIVR", True), ("POST /", True)] == [
        (label.name, label.reads) for label in found
    ]


QUEUE: Final = {"SkillGroupName": "A", "SkillGroupType": 0}
BEFORE: Final = {"error-before", "reset-before", "hang-before", "slow-down", "refused"}


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"changed-by-hand", "clock", "half-batch"}))
def test_a_fault_strikes_before_or_after_the_effect(kind: str) -> None:
    """A fault hits one action that its glob matches and no other, and its name tells whether the write took effect."""
    server = wire()
    server.add_fault({"kind": kind, "method": "post", "api": "*SkillGroup", "skip": 1})
    send(server, "DescribeNumbers")
    for name in ("A", "B", "C"):
        server.answer(signed(post("CreateCCCSkillGroup", {**QUEUE, "SkillGroupName": name})))
    wanted = {"A", "C"} if kind in BEFORE else {"A", "B", "C"}
    assert wanted == server.state()["sections"]["queues"].keys()
    assert [] == server.faults()


@pytest.mark.parametrize(
    ("fault", "status", "delivery", "start"),
    [
        ({"kind": "error-before"}, 500, Delivery.WHOLE, b'{"Response":{"Error":{"Code":"InternalError"'),
        ({"kind": "error-after", "status": 200}, 200, Delivery.WHOLE, b'{"Response":{"Error":{"Code":"InternalError"'),
        ({"kind": "reset-before"}, 0, Delivery.RESET, b""),
        ({"kind": "hang-after"}, 0, Delivery.NEVER, b""),
        ({"kind": "slow-down"}, 200, Delivery.WHOLE, b'{"Response":{"Error":{"Code":"RequestLimitExceeded"'),
        ({"kind": "slow-down", "status": 429}, 429, Delivery.WHOLE, b"Too Many"),
        ({"kind": "refused", "code": "LimitExceeded"}, 200, Delivery.WHOLE, b'{"Response":{"Error":{"Code":"LimitExc'),
        ({"kind": "malformed"}, 200, Delivery.WHOLE, b'{"Response":{"TotalCount":0'),
        ({"kind": "truncated"}, 200, Delivery.CUT, b'{"Response":{"TotalCount":0'),
        ({"kind": "empty"}, 200, Delivery.WHOLE, b""),
        ({"kind": "html"}, 200, Delivery.WHOLE, b"<html>"),
        ({"kind": "wrong-total", "by": 3}, 200, Delivery.WHOLE, b'{"Response":{"TotalCount":3'),
    ],
)
def test_what_a_fault_looks_like(fault: Mapping[str, Any], status: int, delivery: Delivery, start: bytes) -> None:
    """Each kind of fault spoils the answer in its own way."""
    server = wire()
    server.add_fault(fault)
    answer = server.answer(signed(post("DescribeNumbers")))
    assert (status, delivery, start) == (answer.status, answer.delivery, answer.body[: len(start)])
    if fault["kind"] == "malformed":
        with pytest.raises(json.JSONDecodeError):
            response(answer)


def test_a_page_can_be_missing() -> None:
    """It comes without its rows, and the total stays."""
    server = wire({"sections": {"numbers": {"1": {}}}})
    server.add_fault({"kind": "missing-page"})
    found = send(server, "DescribeNumbers")
    assert (1, None) == (found["TotalCount"], found["Numbers"])


def person(mail: str) -> dict[str, str]:
    """Make a SeatUserInfo."""
    return {"Name": "N", "Mail": mail, "StaffNumber": mail}


def test_half_a_batch() -> None:
    """The first half is done; the second is told where the answer has a place for it, or fails the call."""
    server = wire()
    emails = ["a@b.cn", "c@d.cn", "e@f.cn"]
    server.add_fault({"kind": "half-batch"})
    answer = send(server, "CreateStaff", {"Staffs": [person(mail) for mail in emails]})
    assert emails[1:] == [item["StaffEmail"] for item in answer["ErrorStaffList"]]
    assert {emails[0]} == server.state()["sections"]["agents"].keys()
    send(server, "CreateStaff", {"Staffs": [person(mail) for mail in emails[1:]]})
    server.add_fault({"kind": "half-batch"})
    assert emails[1:] == send(server, "DeleteStaff", {"StaffList": emails})["OnlineStaffList"]
    server.add_fault({"kind": "half-batch", "code": "InternalError.DBError"})
    answer = send(server, "DeleteStaff", {"StaffList": emails[1:]})
    assert "InternalError.DBError" == answer["Error"]["Code"]
    assert {emails[2]} == server.state()["sections"]["agents"].keys()
    files = [{"CustomFileName": name, "AudioUrl": f"https://example.com/{name}.wav"} for name in ("x", "y")]
    server.add_fault({"kind": "half-batch"})
    answer = send(server, "UploadIvrAudio", {"AudioList": files})
    assert (["x"], ["y"]) == (
        [item["CustomFileName"] for item in answer["SuccessFileList"]],
        [item["FileName"] for item in answer["FailedFileList"]],
    )
    server.add_fault({"kind": "half-batch"})
    assert "InvalidParameter" == send(server, "CreateStaff", {"Staffs": "x"})["Error"]["Code"]


def test_somebody_else_can_be_at_the_console() -> None:
    """Right after a call that is answered as ever, another one is carried out."""
    server = wire()
    renamed = {"SkillGroupID": 1000, "SkillGroupName": "Else"}
    server.add_fault({"kind": "changed-by-hand", "call": {"api": "UpdateCCCSkillGroup", "body": renamed}})
    assert 1000 == send(server, "CreateCCCSkillGroup", QUEUE)["SkillGroupId"]
    assert {"Else"} == server.state()["sections"]["queues"].keys()


def test_the_vendor_s_clock_can_be_off() -> None:
    """A clock that is off refuses our signatures and shows in the Date header, for every call."""
    server = wire()
    server.add_fault({"kind": "clock", "seconds": 3600})
    answers = [server.answer(signed(post("DescribeNumbers"))) for _ in range(2)]
    assert ["AuthFailure.SignatureExpire"] * 2 == [code(answer) for answer in answers]
    assert {NOW + 3600} == {parsedate_to_datetime(answer.headers["date"]).timestamp() for answer in answers}


def test_the_face() -> None:
    """State goes in and out, calls by hand need no SdkAppId, and the help names what there is."""
    server: Face = connect(
        seed={"sections": {"queues": {"A": {}}}},
        tenant="1400000007",
        credentials=("id", "key"),
        dialect=("bind=replace",),
        clock=lambda: NOW,
    )
    assert "tencent, SdkAppId 1400000007" == server.title
    done = server.call("POST", "/CreateCCCSkillGroup", {**QUEUE, "SkillGroupName": "B"})
    assert (200, 1001) == (done["status"], done["answer"]["Response"]["SkillGroupId"])
    refused = server.call("POST", "CreateCCCSkillGroup", {**QUEUE, "SkillGroupName": "B"})
    assert "InvalidParameterValue.SkillGroupExist" == refused["answer"]["Response"]["Error"]["Code"]
    assert "InvalidAction" == server.call("GET", "", None)["answer"]["Response"]["Error"]["Code"]
    assert {"A", "B"} == server.state()["sections"]["queues"].keys()
    server.load({"tenant": "1", "sections": {}})
    assert ({}, "1400000007") == (server.state()["sections"]["queues"], server.state()["tenant"])
    told = server.help()
    assert ("writes", "replace") == (told["calls"]["CreateStaff"], told["dialect"]["bind"]["value"])
    server.add_fault({"kind": "empty"})
    assert ["empty"] == [fault["kind"] for fault in server.faults()]
    server.clear_faults()
    assert [] == server.faults()


@pytest.mark.parametrize(
    ("tenant", "dialect", "seed"),
    [("abc", "", {}), (None, "bind", {}), (None, "bind=x", {}), (None, "binds=add", {}), (None, "", {"queues": {}})],
)
def test_a_bad_start_is_explained(tenant: str | None, dialect: str, seed: Any) -> None:
    """A tenant, a setting or a seed that makes no sense is an error with a remedy."""
    with pytest.raises(ReconcilerError) as caught:
        connect(seed=seed, tenant=tenant, credentials=("", ""), dialect=[dialect] if dialect else [], clock=lambda: NOW)
    assert caught.value.remedy


def test_over_a_socket() -> None:
    """A request over HTTP is checked as it was sent, host with port, and counted by action."""
    server = Wire(account=ACCOUNT, clock=time.time)
    running = Simulator(server)
    try:
        host = urlsplit(running.url).netloc
        connection = HTTPConnection(host, timeout=30)
        for action, body in (("CreateCCCSkillGroup", QUEUE), ("DescribeSkillGroupInfoList", PAGE)):
            request = signed(post(action, body, host=host), at=int(time.time()))
            connection.request("POST", "/", request.body, dict(request.headers))
            with connection.getresponse() as answer:
                assert "Error" not in json.loads(answer.read())["Response"]
        head = signed(get("DescribeNumbers", f"SdkAppId={APP_ID}&PageNumber=0"), at=int(time.time()))
        head = signed(changed(head, {"host": host}), at=int(time.time()))
        connection.request("GET", f"/?{head.raw_query}", None, dict(head.headers))
        with connection.getresponse() as answer:
            assert 0 == json.loads(answer.read())["Response"]["TotalCount"]
        connection.close()
        calls = running.calls()
        assert (3, 2, 1) == (calls["count"], calls["reads"], calls["writes"])
        assert {"count": 1, "most_in_a_second": 1} == calls["by_name"]["CreateCCCSkillGroup"]
    finally:
        running.stop()


def test_the_provider_costs_no_web_server() -> None:
    """Importing the vendor's machine and its wire loads neither starlette nor uvicorn."""
    code = (
        "import sys, reconciler.providers.tencent.simulator.wire;"
        "print([name for name in ('starlette', 'uvicorn', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
