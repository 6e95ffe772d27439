"""The simulated vendor's wire: the page's own exchanges, signatures, every dialect's shapes, and faults."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.providers.base import Delivery, Request, Response
from reconciler.providers.simulation.faults import KINDS, Fault
from reconciler.providers.simulation.points import points
from reconciler.providers.udesk.simulator.dialect import DIALECTS, Dialect
from reconciler.providers.udesk.simulator.signature import Account
from reconciler.providers.udesk.simulator.wire import Wire

SID: Final = "123456789abcdef"
TOKEN: Final = "the-token"
APP: Final = "a54a8b77-f12d-4ac9-742d-5b2bef5c4d11"
NOW: Final = 1_566_540_424.0
WAV: Final = b"RIFF\x24\x00\x00\x00WAVEfmt "
EXCHANGES: Final = [
    pytest.param(exchange, id=f"{path.stem}-{number}-{exchange['section']}")
    for path in sorted((Path(__file__).parent / "wire" / "udesk").glob("*.json"))
    for number, exchange in enumerate(json.loads(path.read_text(encoding="utf-8"))["exchanges"])
]


def wire(sections: Any = None, *, dialect: Dialect | None = None, clock: float = NOW, app_id: str = APP) -> Wire:
    """Make a tenant at a time that stands still."""
    return Wire(
        account=Account(sid=SID, auth_token=TOKEN),
        clock=lambda: clock,
        seed={"sections": sections or {}},
        app_id=app_id,
        dialect=dialect,
    )


def query(timestamp: str = str(int(NOW * 1000)), **changes: str) -> dict[str, str]:
    """Sign as the page says: SHA1(Sid + AuthToken + Timestamp)."""
    sign = hashlib.sha1(f"{SID}{TOKEN}{timestamp}".encode(), usedforsecurity=False).hexdigest()
    return {"Timestamp": timestamp, "AppId": APP, "Sid": SID, "Sign": sign, **changes}


def send(server: Wire, method: str, api: str, body: Any = None, **changes: str) -> Response:
    """Send one signed request."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(NOW)) if server.dialect.timestamp_unit == "s" else str(int(NOW * 1000))
    return server.answer(
        Request(method=method, path=f"/ccapi/v2/{api}", query=query(timestamp, **changes), body=content)
    )


def document(response: Response) -> Any:
    """Decode an answer."""
    return json.loads(response.body)


def at(value: Any, path: str) -> tuple[Any, Any]:
    """Find a dotted path: its container, and its key there."""
    *steps, last = path.split(".")
    for step in steps:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value, int(last) if isinstance(value, list) else last


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_the_page_s_own_exchanges_replay(exchange: dict[str, Any]) -> None:
    """Each sample request of the page gets the sample answer, and the state afterwards is what the call is for."""
    timestamp = str(exchange["timestamp"])
    dialect = Dialect.parse(["timestamp_unit=s", *exchange.get("dialect", [])])
    server = wire(exchange["before"], dialect=dialect, clock=float(timestamp), app_id=exchange["app_id"] or APP)
    for fault in exchange.get("faults", []):
        server.add_fault(fault)
    body = json.dumps(exchange["body"]).encode() if "body" in exchange else b""
    answer = document(
        server.answer(
            Request(
                method=exchange["method"],
                path=f"/ccapi/v2/{exchange['path']}",
                query=query(timestamp, AppId=exchange["app_id"]),
                body=body,
            )
        )
    )
    for path in exchange.get("like", []):  # of the same form; the value can't be the same
        wanted, key = at(exchange["response"], path)
        found, _ = at(answer, path)
        assert type(wanted[key]) is type(found[key])
        if isinstance(wanted[key], str):
            assert len(wanted[key]) == len(found[key])
        found[key] = wanted[key]
    assert exchange["response"] == answer
    sections = server.state()["sections"]
    for section, identity, field, value in exchange.get("after", []):
        assert value == sections[section][identity][field]
    for section, identity in exchange.get("gone", []):
        assert identity not in sections[section]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({}, 200, "000000"),
        ({"Sign": "00"}, 401, "000001"),
        ({"Sid": "someone"}, 401, "000001"),
        ({"Timestamp": "soon"}, 401, "000001"),
        ({"AppId": ""}, 200, "100017"),
        ({"AppId": "another"}, 200, "100002"),
    ],
)
def test_who_may_call(changes: dict[str, str], status: int, code: str) -> None:
    """A call needs AppId, Sid, and a Sign over both secrets and the Timestamp; each lack has its own answer."""
    response = send(wire(), "GET", "queues", **changes)
    assert (status, code) == (response.status, document(response)["ErrCode"])


def test_sign_in_capitals_and_application_without_app_id() -> None:
    """Hex has two spellings, and only the creation of an application needs no AppId."""
    assert send(wire(), "GET", "apps", Sign=query()["Sign"].upper()).status == 200
    made = send(wire(), "POST", "apps", {"Name": "test02", "Type": 1, "CallbackUrl": ""}, AppId="")
    assert document(made)["Result"]["Name"] == "test02"


@pytest.mark.parametrize(("age_s", "status"), [(-601, 401), (-599, 200), (599, 200), (601, 401)])
def test_a_signature_holds_for_ten_minutes(age_s: int, status: int) -> None:
    """The page, "Timestamp, valid within 10 minutes": by the vendor's clock."""
    timestamp = str(int((NOW - age_s) * 1000))
    request = Request(method="GET", path="/ccapi/v2/apps", query=query(timestamp))
    assert status == wire().answer(request).status


@pytest.mark.parametrize(
    ("unit", "timestamp", "status"),
    [
        ("ms", "1566540424", 401),
        ("ms", "1566540424000", 200),
        ("s", "1566540424", 200),
        ("s", "1566540424000", 401),
        ("either", "1566540424", 200),
        ("either", "1566540424000", 200),
    ],
)
def test_the_unit_of_timestamp_is_a_dialect(unit: str, timestamp: str, status: int) -> None:
    """A Timestamp in the other unit is out of its ten minutes."""
    server = wire(dialect=Dialect.parse([f"timestamp_unit={unit}"]))
    assert status == server.answer(Request(method="GET", path="/ccapi/v2/apps", query=query(timestamp))).status


def test_a_401_may_have_no_body() -> None:
    """Whether a 401 carries a body is open."""
    response = send(wire(dialect=Dialect(unauthorized="empty")), "GET", "apps", Sign="0")
    assert (401, b"") == (response.status, response.body)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/ccapi/v1/apps", 404),
        ("GET", "/ccapi/v2/cdrs", 404),
        ("GET", "/ccapi/v2/agents/*", 404),
        ("GET", "/ccapi/v2/extensions", 405),
        ("PATCH", "/ccapi/v2/apps", 405),
    ],
)
def test_unknown_addresses(method: str, path: str, status: int) -> None:
    """What the page does not have is 404 or 405, and a star is no address."""
    assert status == wire().answer(Request(method=method, path=path, query=query())).status


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"QueueId": NaN}', b"[" * 100_000, b'{"a":' * 50_000]
)
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    """A missing or broken body is 100004, whatever is wrong with it."""
    assert document(send(wire(), "POST", "queues", body))["ErrCode"] == "100004"


def test_half_a_surrogate_pair_does_no_harm() -> None:
    """Legal JSON that is no legal text is stored as something that can be shown again."""
    server = wire()
    send(server, "POST", "queues", b'{"QueueId": "9001", "QueueName": "a\\ud800b"}')
    assert document(send(server, "GET", "queues"))["Result"][0]["Name"] == "a?b"


@pytest.mark.parametrize(
    ("code", "status", "method", "api", "body"),
    [
        ("000001", 400, "POST", "queues", {"QueueId": "1"}),
        ("000004", 404, "DELETE", "queues", {"QueueId": "9009"}),
        ("100004", 422, "POST", "queues", {"QueueId": "9001", "QueueName": "x"}),
        ("100015", 422, "POST", "extensions", {"Extension": "8001"}),
        ("100018", 404, "PUT", "queues", {"QueueId": "9009", "QueueName": "x"}),
    ],
)
def test_errors_as_200_or_4xx(code: str, status: int, method: str, api: str, body: Any) -> None:
    """A refusal has the same code either way; the status is the dialect's."""
    seed: dict[str, Any] = {"queues": {"9001": {}}, "extensions": {"8001": {}}}
    for dialect, wanted in ((Dialect(), 200), (Dialect(errors="4xx"), status)):
        response = send(wire(seed, dialect=dialect), method, api, body)
        assert (wanted, code) == (response.status, document(response)["ErrCode"])


@pytest.mark.parametrize(("writes", "made", "gone"), [("200", 200, 200), ("201", 201, 204), ("202", 202, 202)])
def test_statuses_of_writes(writes: str, made: int, gone: int) -> None:
    """A write that works is 200, 201 or 202 by dialect, and a 204 has no body."""
    server = wire(dialect=Dialect.parse([f"writes={writes}"]))
    assert made == send(server, "POST", "extensions", {"Extension": "8001"}).status
    response = send(server, "DELETE", "extensions", {"Extension": "8001"})
    assert (gone, gone == 204) == (response.status, response.body == b"")


def test_the_other_envelope_and_scalars_as_text() -> None:
    """`code` and `message` replace ErrCode and ErrDesc; numbers and booleans may be text."""
    answer = document(send(wire(dialect=Dialect(envelope="code")), "GET", "apps"))
    assert ["code", "message", "Result"] == list(answer)
    agents = document(send(wire({"agents": {"1": {}}}, dialect=Dialect(scalars="text")), "GET", "agents"))["Result"]
    assert ("1", "true", "0") == (
        agents["Total"],
        agents["AgentList"][0]["Enable"],
        agents["AgentList"][0]["WrapUpTime"],
    )


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_answers_every_read(name: str) -> None:
    """Under each dialect every read works, and what was written is read sooner or later."""
    server = wire({"agents": {"7": {"queues": ["9001"], "extensions": ["8001"]}}}, dialect=DIALECTS[name])
    assert send(server, "POST", "queues", {"QueueId": "9002", "QueueName": "Two"}).status < 300
    for api in ("apps", "spnumbers", "agents", "ivrs/vfiles", "ivrs/defvoices", "ivrs/fastrouters", "subscriptions"):
        assert send(server, "GET", api).status == 200
    assert send(server, "GET", "agents/7", {"AgentId": "7"}).status == 200
    texts = [send(server, "GET", "queues").body.decode() for _ in range(3)]
    assert "9002" in texts[-1]


def test_every_dialect_differs_in_one_setting() -> None:
    """The dialects are the default and each other value of each setting; no setting is without a variation."""
    assert {name.partition("=")[0] for name in DIALECTS} == {*points(Dialect), "default"} - {"page_size"}
    assert Dialect() == DIALECTS["default"]
    assert DIALECTS["lag=2"] == Dialect(lag=2)
    assert DIALECTS["paging=body"] == Dialect(paging="body", page_size=3)


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ("errors", "write name=value, such as errors=4xx"),
        ("erors=4xx", 'did you mean "errors"?'),
        ("errors=5xx", "it may be 200, 4xx"),
        ("lag=-1", "it is a number from 0 to 999999"),
        ("page_size=0", "it is a number from 1 to 999999"),
    ],
)
def test_a_bad_setting_is_explained(setting: str, remedy: str) -> None:
    """A setting that makes no sense names what would."""
    with pytest.raises(ReconcilerError) as caught:
        Dialect.parse([setting])
    assert remedy == caught.value.remedy


def test_settings_are_read() -> None:
    """`name=value` settings make a dialect; dashes are as good as underscores."""
    assert Dialect(errors="4xx", page_size=7) == Dialect.parse(["errors=4xx", "page-size = 7"])


@pytest.mark.parametrize("place", ["query", "body"])
def test_agents_are_paged_where_the_dialect_says(place: str) -> None:
    """Pages count from 1, the last one is short, and one beyond has nobody; parameters come from where they should."""
    seed: dict[str, Any] = {"agents": {str(number): {} for number in range(1, 8)}}
    server = wire(seed, dialect=Dialect.parse([f"paging={place}", "page_size=3"]))
    seen = []
    for page in (1, 2, 3, 4):
        if place == "query":
            response = send(server, "GET", "agents", PageNum=str(page), PageSize="100")
        else:
            response = send(server, "GET", "agents", {"PageNum": page})
        result = document(response)["Result"]
        assert (page, 3, 7, 3) == tuple(result[name] for name in ("CurrPage", "PageSize", "Total", "TotalPage"))
        seen.append([agent["AgentId"] for agent in result["AgentList"] or ()])
    assert [["1", "2", "3"], ["4", "5", "6"], ["7"], []] == seen
    elsewhere = (
        send(server, "GET", "agents", {"PageNum": 2})
        if place == "query"
        else send(server, "GET", "agents", PageNum="2")
    )
    assert document(elsewhere)["Result"]["CurrPage"] == 1


def test_reads_lag_behind_a_write() -> None:
    """With a lag of two, two reads of a resource show what was before the last write; a failed write is none."""
    server = wire(dialect=Dialect(lag=2))
    send(server, "POST", "queues", {"QueueId": "9001", "QueueName": "One"})
    counts = []
    for _ in range(4):
        counts.append(len(document(send(server, "GET", "queues"))["Result"] or ()))
        send(server, "POST", "queues", {"QueueId": "9001", "QueueName": "One"})
    assert [0, 0, 1, 1] == counts


def test_a_list_is_encoded_once_until_something_changes() -> None:
    """The same read gives the very same bytes, and a write makes them anew."""
    server = wire({"agents": {"1": {}}})
    first = send(server, "GET", "agents").body
    assert send(server, "GET", "agents").body is first
    assert send(server, "GET", "agents", Sign="0").status == 401
    send(server, "DELETE", "agents/1", {"AgentId": "1"})
    assert document(send(server, "GET", "agents"))["Result"]["Total"] == 0


def upload(server: Wire, *, form: dict[str, str] | None, files: dict[str, bytes], body: bytes = b"") -> str:
    """Upload a voice file; give the code."""
    request = Request(method="POST", path="/ccapi/v2/ivrs/vfiles", query=query(), body=body, form=form, files=files)
    return str(document(server.answer(request))["ErrCode"])


def test_an_upload_in_the_right_form_works_and_others_are_refused() -> None:
    """Multipart, base64 in JSON, or no bytes at all: each dialect takes its own form, and says which code it misses."""
    fields = {"FileName": "a.wav", "FileType": "wav"}
    encoded = json.dumps({**fields, "Content": base64.b64encode(WAV).decode()}).encode()
    bare = json.dumps(fields).encode()
    broken = json.dumps({**fields, "Content": "%%%"}).encode()
    codes = {
        name: (
            upload(wire(dialect=dialect), form=fields, files={"f": WAV}, body=b"--x"),
            upload(wire(dialect=dialect), form=fields, files={}, body=b"--x"),
            upload(wire(dialect=dialect), form=fields, files={"f": b"ID3"}, body=b"--x"),
            upload(wire(dialect=dialect), form=None, files={}, body=encoded),
            upload(wire(dialect=dialect), form=None, files={}, body=broken),
            upload(wire(dialect=dialect), form=None, files={}, body=bare),
        )
        for name, dialect in DIALECTS.items()
        if name in {"default", "upload=base64", "upload=none"}
    }
    assert {
        "default": ("000000", "000001", "100008", "000001", "000001", "000001"),
        "upload=base64": ("100004", "100004", "100004", "000000", "000001", "000001"),
        "upload=none": ("100004", "100004", "100004", "000000", "000000", "000000"),
    } == codes


def test_a_form_is_no_body_for_other_calls() -> None:
    """Only an upload comes as a form."""
    request = Request(method="POST", path="/ccapi/v2/queues", query=query(), form={"QueueId": "9001"})
    assert document(wire().answer(request))["ErrCode"] == "100004"


BEFORE: Final = {"error-before", "reset-before", "hang-before", "slow-down", "refused"}


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"half-batch", "changed-by-hand"}))
def test_a_fault_strikes_before_or_after_the_effect(kind: str) -> None:
    """A fault hits one call that its globs match and no other, and its name tells whether the write took effect."""
    server = wire()
    server.add_fault({"kind": kind, "method": "post", "api": "queue*", "skip": 1, "times": 1})
    send(server, "POST", "extensions", {"Extension": "8001"})
    send(server, "POST", "queues", {"QueueId": "9001", "QueueName": "One"})
    send(server, "POST", "queues", {"QueueId": "9002", "QueueName": "Two"})
    send(server, "POST", "queues", {"QueueId": "9003", "QueueName": "Three"})
    wanted = {"9001", "9003"} if kind in BEFORE else {"9001", "9002", "9003"}
    assert wanted == set(server.state()["sections"]["queues"])
    assert [] == server.faults()


@pytest.mark.parametrize(
    ("kind", "status", "delivery", "start"),
    [
        ("error-before", 500, Delivery.WHOLE, b'{"ErrCode":"000003"'),
        ("error-after", 500, Delivery.WHOLE, b'{"ErrCode":"000003"'),
        ("reset-before", 0, Delivery.RESET, b""),
        ("reset-after", 0, Delivery.RESET, b""),
        ("hang-before", 0, Delivery.NEVER, b""),
        ("hang-after", 0, Delivery.NEVER, b""),
        ("slow-down", 429, Delivery.WHOLE, b"Too Many"),
        ("refused", 200, Delivery.WHOLE, b'{"ErrCode":"000003"'),
        ("malformed", 200, Delivery.WHOLE, b'{"ErrCode":"000000"'),
        ("truncated", 200, Delivery.CUT, b'{"ErrCode":"000000"'),
        ("empty", 200, Delivery.WHOLE, b""),
        ("html", 200, Delivery.WHOLE, b"<html>"),
    ],
)
def test_what_a_fault_looks_like(kind: str, status: int, delivery: Delivery, start: bytes) -> None:
    """Each kind of fault spoils the answer in its own way."""
    server = wire()
    server.add_fault({"kind": kind})
    response = send(server, "GET", "queues")
    assert (status, delivery, start) == (response.status, response.delivery, response.body[: len(start)])
    if kind == "malformed":
        with pytest.raises(json.JSONDecodeError):
            document(response)


def test_faults_take_their_own_words() -> None:
    """A refusal has the code and text that were asked for, and a 429 says when to come back."""
    server = wire()
    server.add_fault({"kind": "refused", "code": "000060", "text": "busy"})
    server.add_fault({"kind": "slow_down", "retry_after": 3})
    assert {"ErrCode": "000060", "ErrDesc": "busy", "Result": None} == document(send(server, "GET", "apps"))
    assert send(server, "GET", "apps").headers["retry-after"] == "3"


def test_a_list_can_lie() -> None:
    """A total may be wrong, and a page may come without agents; the next read is right again."""
    server = wire({"agents": {"1": {}, "2": {}}})
    server.add_fault({"kind": "wrong-total", "by": 5})
    server.add_fault({"kind": "missing-page"})
    results = [document(send(server, "GET", "agents"))["Result"] for _ in range(3)]
    assert [(7, 2), (2, 0), (2, 2)] == [(result["Total"], len(result["AgentList"] or ())) for result in results]


@pytest.mark.parametrize(
    ("api", "body", "section"),
    [
        ("agents", {"Agents": [{"AgentId": str(n), "WorkId": str(n)} for n in (11, 12, 13)]}, "agents"),
        ("agents", {"Agents": [{"AgentId": "11", "WorkId": "11"}]}, "agents"),
        ("subscriptions", {"subscriptions": [{"callback": "http://x", "name": "a", "events": ["e"]}]}, "subscriptions"),
    ],
)
def test_half_a_batch_is_refused(api: str, body: Any, section: str) -> None:
    """The first half of a batch is carried out and the second is not; a batch of one is refused."""
    server = wire()
    server.add_fault({"kind": "half-batch"})
    answer = document(send(server, "POST", api, body))
    (members,) = body.values()
    assert len(members) // 2 == len(server.state()["sections"][section])
    if api == "subscriptions":
        assert {"sub_succ": None, "sub_fail": ["a"]} == answer["Result"]
    else:
        assert answer["ErrCode"] == "000001"


def test_a_fault_can_look_for_what_is_sent() -> None:
    """A culprit is refused wherever it is sent, and what is sent without it is not."""
    server = wire()
    server.add_fault({"kind": "refused", "api": "agents", "body": '"12"', "times": 0})
    for agents in (("11", "12"), ("12",), ("11",)):
        send(server, "POST", "agents", {"Agents": [{"AgentId": agent, "WorkId": agent} for agent in agents]})
    assert ["11"] == list(server.state()["sections"]["agents"])


def test_somebody_else_can_be_at_the_console() -> None:
    """Right after a call that is answered as ever, another one is carried out."""
    server = wire()
    renamed = {"QueueId": "9001", "QueueName": "Else"}
    server.add_fault({"kind": "changed-by-hand", "call": {"method": "PUT", "api": "queues", "body": renamed}})
    answer = send(server, "POST", "queues", {"QueueId": "9001", "QueueName": "Sales"})
    assert (200, "000000") == (answer.status, document(answer)["ErrCode"])
    assert "Else" == server.state()["sections"]["queues"]["9001"]["name"]


def test_the_vendor_s_clock_can_be_off() -> None:
    """A clock that is off refuses our signatures and shows in the Date header, for every call."""
    server = wire()
    server.add_fault({"kind": "clock", "seconds": 3600})
    responses = [send(server, "GET", "apps") for _ in range(2)]
    assert [401, 401] == [response.status for response in responses]
    assert {NOW + 3600} == {parsedate_to_datetime(response.headers["date"]).timestamp() for response in responses}


@pytest.mark.parametrize(
    "fault",
    [
        [],
        {},
        {"kind": "eror-after"},
        {"kind": "error-after", "time": 1},
        {"kind": "error-after", "times": "1"},
        {"kind": "error-after", "times": True},
        {"kind": "error-after", "times": -1},
        {"kind": "error-after", "status": 99},
        {"kind": "error-after", "api": 1},
        {"kind": "clock", "seconds": 10**12},
    ],
)
def test_a_bad_fault_is_explained(fault: Any) -> None:
    """A fault that makes no sense is an error with a remedy."""
    with pytest.raises(ReconcilerError) as caught:
        Fault.parse(fault)
    assert caught.value.remedy


def test_a_fault_can_stay() -> None:
    """`times` 0 hits every call until the faults are cleared."""
    server = wire()
    server.add_fault({"kind": "error-before", "times": 0})
    assert [500, 500] == [send(server, "GET", "apps").status for _ in range(2)]
    server.clear_faults()
    assert send(server, "GET", "apps").status == 200


def test_the_provider_costs_no_web_server() -> None:
    """Importing the vendor, its machine and its wire loads neither starlette nor uvicorn."""
    code = (
        "import sys, reconciler.providers.udesk, reconciler.providers.udesk.simulator.wire;"
        "print([name for name in ('starlette', 'uvicorn', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
