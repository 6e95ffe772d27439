"""Udesk's wire format: what any answer means, and that no bytes end in a traceback."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.call import Call, Reply, Upload
from reconciler.model.errors import (
    ClockSkew,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    VendorError,
)
from reconciler.providers.udesk import protocol
from tests.laws.udesk.tenants import AUTH_TOKEN, SETTINGS, SID

NOW: Final = 1_566_523_582.0
READ, WRITE = Call("GET", "/ccapi/v2/queues"), Call("POST", "/ccapi/v2/queues")


def decode(call: Call, status: int, body: Any, **headers: str) -> Reply:
    """Decode one answer; *body* is bytes, or what becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return protocol.decode(call, status=status, headers=headers, body=content, now=NOW)


def test_the_signature_is_the_sum_of_three() -> None:
    """SHA1(Sid + AuthToken + Timestamp) in hex ("Server-Side API Authentication")."""
    assert "a9993e364706816aba3e25717850c26c9cd0d89d" == protocol.sign("a", "b", "c")  # of "abc", FIPS 180


def test_a_request_shows_no_credentials() -> None:
    """Its `repr`, which may end up in a log, has neither the query nor the body."""
    request = protocol.encode(Call("PUT", "/ccapi/v2/apps", {"Name": "hidden"}), SETTINGS, now=NOW)
    for secret in (SID, AUTH_TOKEN, "hidden", request.query["Sign"]):
        assert secret not in repr(request)


def test_text_travels_as_utf_8() -> None:
    """By the page, "application/json;charset=utf-8" ("HTTP Header")."""
    request = protocol.encode(Call("PUT", "/ccapi/v2/queues", {"QueueName": "客服"}), SETTINGS, now=NOW)
    assert '{"QueueName": "客服"}'.encode() == request.content


def test_a_read_without_a_body_has_none() -> None:
    """No content and no type of content, where nothing is sent."""
    request = protocol.encode(READ, SETTINGS, now=NOW)
    assert (b"", {"Accept": "application/json"}) == (request.content, request.headers)


@pytest.mark.parametrize("name", ['qu"ote.wav', "客服.wav", "a b.wav", "back\\slash.wav"])
def test_a_form_survives_odd_file_names(name: str) -> None:
    """A name in quotes breaks no header, and arrives whole in its own field."""
    call = Call(
        "POST", "/ccapi/v2/ivrs/vfiles", {"FileName": name, "FileType": "wav"}, upload=Upload(path="a", digest="0" * 16)
    )
    request = protocol.encode(call, SETTINGS, now=NOW, upload=b"RIFF\r\n--reconciler")
    kind = request.headers["Content-Type"]
    parts = request.content.split(f"--{kind.partition('boundary=')[2]}".encode())
    assert 5 == len(parts), "two fields and a file between start and end"
    assert parts[1].endswith(f"\r\n\r\n{name}\r\n".encode())
    assert parts[3].endswith(b"\r\n\r\nRIFF\r\n--reconciler\r\n")
    assert 4 == parts[3].split(b"\r\n")[1].count(b'"'), "name and filename, each in quotes"


@pytest.mark.parametrize(
    ("status", "body", "read", "write"),
    [
        (500, b"", Unexpected, OutcomeUnknown),
        (502, b"<html>Bad gateway</html>", Unexpected, OutcomeUnknown),
        (200, b"", Unexpected, None),
        (200, b"<html>", Unexpected, OutcomeUnknown),
        (200, b"[]", Unexpected, OutcomeUnknown),
        (200, b'"OK"', Unexpected, OutcomeUnknown),
        (200, b"{}", Unexpected, OutcomeUnknown),
        (200, {"ErrCode": "000003", "ErrDesc": "System internal error"}, Unexpected, OutcomeUnknown),
        (200, {"ErrCode": "000035", "ErrDesc": "timeout"}, Unexpected, OutcomeUnknown),
        (200, {"ErrCode": "000001", "ErrDesc": "Parameter error"}, Rejected, Rejected),
        (422, {"ErrCode": "100004", "ErrDesc": "Duplicate entry 'x' for key 'y'"}, Rejected, Rejected),
        (404, b"404 page not found", Rejected, Rejected),
        (400, {"ErrCode": "000000", "ErrDesc": "OK"}, Rejected, Rejected),  # the status says otherwise
        (401, b"", Unauthorized, Unauthorized),
        (403, b"", Unauthorized, Unauthorized),
        (401, {"ErrCode": "000001", "ErrDesc": "Timestamp expired"}, ClockSkew, ClockSkew),
        (200, {"ErrCode": "000001", "ErrDesc": "Timestamp is out of date"}, ClockSkew, ClockSkew),
        (403, {"ErrCode": "100002", "ErrDesc": "AppId AppNotFound or forbidden"}, UnknownTenant, UnknownTenant),
        (400, {"ErrCode": "100017", "ErrDesc": "AppID Blank"}, UnknownTenant, UnknownTenant),
        (429, b"", RateLimited, RateLimited),
        (302, b"", Unexpected, Unexpected),
        (204, b"", Unexpected, None),
    ],
)
def test_what_an_answer_means(status: int, body: Any, read: type[VendorError], write: type[VendorError] | None) -> None:
    """A read is all or nothing; a write whose answer says nothing sure may have happened."""
    with pytest.raises(VendorError) as caught:
        decode(READ, status, body)
    assert read is type(caught.value)
    assert caught.value.remedy
    if write is None:
        assert "ok" == decode(WRITE, status, body).condition
        return
    with pytest.raises(VendorError) as caught:
        decode(WRITE, status, body)
    assert write is type(caught.value)
    assert caught.value.remedy


def test_a_parameter_that_is_blank_is_no_matter_of_time() -> None:
    """By the page, "Timestamp Blank" would be our own mistake, not the clock's."""
    with pytest.raises(Rejected):
        decode(READ, 200, {"ErrCode": "000001", "ErrDesc": "Timestamp Blank"})


@pytest.mark.parametrize(("skew_s", "says"), [(3600, "ahead of"), (-1800, "behind")])
def test_a_date_far_from_ours_explains_a_401(skew_s: int, says: str) -> None:
    """By the page, "valid within 10 minutes" ("Timestamp"): the difference is told."""
    with pytest.raises(ClockSkew, match=says):
        decode(READ, 401, b"", date=formatdate(NOW - skew_s, usegmt=True))


@pytest.mark.parametrize("date", [formatdate(NOW - 500, usegmt=True), "yesterday", "", "Wed, 99 Foo 0000 00:00:00 GMT"])
def test_a_date_that_is_near_or_no_date_explains_nothing(date: str) -> None:
    """Then it is the credentials."""
    with pytest.raises(Unauthorized) as caught:
        decode(READ, 401, b"", date=date)
    assert Unauthorized is type(caught.value)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"ErrCode": "000429", "ErrDesc": "too many"}, "slow down (000429 too many)"),
        ({"message": "API rate limit exceeded"}, "slow down (API rate limit exceeded)"),
        (b"<html>Too Many Requests</html>", "slow down (<html>Too Many Requests</html>)"),
        (b"", "slow down"),
    ],
)
def test_a_request_to_slow_down_says_why(body: Any, says: str) -> None:
    """With the vendor's own code and words, if it has any: a daily quota is no matter of pace."""
    with pytest.raises(RateLimited) as caught:
        decode(WRITE, 429, body)
    assert str(caught.value).endswith(says)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0.0),
        ({"retry-after": formatdate(NOW + 90, usegmt=True), "date": formatdate(NOW + 60, usegmt=True)}, 30.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_told(header: dict[str, str], seconds: float | None) -> None:
    """Retry-After in seconds or as a date by the vendor's clock (RFC 9110, 10.2.3); nonsense is none."""
    for status in (429, 503):
        with pytest.raises(VendorError) as caught:
            decode(READ, status, b"", **header)
        assert (seconds, True) == (caught.value.retry_after_s, caught.value.transient)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, b""),
        (500, b""),
        (503, b"<html>Bad gateway</html>"),
        (200, b""),
        (200, b"<html>"),
        (200, b'{"ErrCode": "000000", "Resu'),
        (200, b"[]"),
        (200, {"ErrCode": "000003", "ErrDesc": "System internal error"}),
        (200, {"ErrCode": "000035", "ErrDesc": "timeout"}),
        (200, {"ErrCode": "000060", "ErrDesc": "internal"}),
        (400, {"ErrCode": "000003", "ErrDesc": "System internal error"}),
    ],
)
def test_what_may_pass_is_worth_another_try(status: int, body: Any) -> None:
    """A read may be tried again; a write only where the vendor said that it did not do it."""
    with pytest.raises(VendorError) as caught:
        decode(READ, status, body)
    assert caught.value.transient
    if (status, body) == (200, b""):
        return  # of a write, as good as done: reading back tells the rest
    with pytest.raises(VendorError) as caught:
        decode(WRITE, status, body)
    assert (status == 429) == caught.value.transient


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (302, b""),
        (400, b""),
        (401, b""),
        (403, b""),
        (404, b"404 page not found"),
        (422, {"ErrCode": "100004", "ErrDesc": "Duplicate entry 'x' for key 'y'"}),
        (200, {"ErrCode": "000001", "ErrDesc": "Timestamp expired"}),
        (200, {"ErrCode": "100002", "ErrDesc": "AppId AppNotFound or forbidden"}),
        (200, {"ErrCode": "123456", "ErrDesc": "What?"}),
    ],
)
def test_what_stays_is_not(status: int, body: Any) -> None:
    """A refusal is the same a second later, of a read as of a write."""
    for call in (READ, WRITE):
        with pytest.raises(VendorError) as caught:
            decode(call, status, body)
        assert not caught.value.transient


@pytest.mark.parametrize(
    ("headers", "more", "request_id"),
    [
        ({"x-request-id": "7b1f-22"}, {}, "7b1f-22"),
        ({"x-trace-id": "t/1:2"}, {}, "t/1:2"),
        ({"x-trace-id": "t1", "x-request-id": "r1"}, {"RequestId": "b1"}, "r1"),
        ({}, {"RequestId": "b1"}, "b1"),
        ({"x-request-id": "two words"}, {"trace_id": "b2"}, "b2"),
        ({"x-request-id": "x" * 101}, {}, ""),
        ({"x-request-id": "\x1b[31m"}, {"RequestId": 7}, ""),
        ({}, {}, ""),
    ],
)
def test_the_vendor_s_number_of_a_request_is_kept(
    headers: dict[str, str], more: dict[str, Any], request_id: str
) -> None:
    """In a reply as in an error, from a header or the body; what can't be one is left out, as it ends up in logs."""
    for call in (READ, WRITE):
        assert request_id == decode(call, 200, {"ErrCode": "000000", **more}, **headers).request_id
        for status, code in ((200, "000001"), (429, "000003"), (500, "000003"), (401, "1"), (302, "0")):
            with pytest.raises(VendorError) as caught:
                decode(call, status, {"ErrCode": code, **more}, **headers)
            assert request_id == caught.value.request_id


@pytest.mark.parametrize(
    ("code", "text", "condition"),
    [
        ("100015", "NumberIsExisted", "exists"),
        ("100016", "VoipBindAgent", "bound"),
        ("000004", "Data does not exist", "missing"),
        ("100018", "Queue Blank", "missing"),
        ("100004", "Duplicate entry 'x' for key 'y'", "duplicate"),
    ],
)
def test_what_a_call_accepts_is_as_good_as_done(code: str, text: str, condition: str) -> None:
    """A condition in `accepts` makes a reply of a refusal, in either envelope and with any status."""
    call = Call("DELETE", "/ccapi/v2/queues", accepts=frozenset({condition}))
    for status in (200, 404, 422):
        assert condition == decode(call, status, {"ErrCode": code, "ErrDesc": text}).condition
        assert condition == decode(call, status, {"code": code, "message": text}).condition


@given(status=st.integers(100, 599), body=st.binary(max_size=40))
def test_no_bytes_end_in_a_traceback(status: int, body: bytes) -> None:
    """Whatever arrives, it is a reply or an error in words."""
    for call in (READ, WRITE):
        _decode_or_refuse(call, status, body)


@given(
    status=st.integers(100, 599),
    code=st.none() | st.booleans() | st.integers() | st.text(max_size=7) | st.lists(st.integers(), max_size=1),
    text=st.none() | st.integers() | st.text(max_size=9) | st.just("timestamp"),
)
def test_no_envelope_ends_in_a_traceback(status: int, code: Any, text: Any) -> None:
    """Codes and texts of any kind."""
    for call in (READ, WRITE):
        _decode_or_refuse(call, status, json.dumps({"ErrCode": code, "ErrDesc": text}).encode())


def _decode_or_refuse(call: Call, status: int, body: bytes) -> None:
    try:
        decode(call, status, body)
    except VendorError as error:
        refused = error
    else:
        return
    assert str(refused)
    assert refused.remedy
    assert refused.call in {"", call.title}


def test_a_quoted_reply_is_short_and_printable() -> None:
    """What an error quotes fits on a screen, and has no control characters in it."""
    with pytest.raises(Unexpected) as caught:
        decode(READ, 200, b"\x1b[31m" + b"x" * 100_000)
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


def test_deep_nesting_is_no_json() -> None:
    """A body made to break a parser is unreadable, like any other nonsense."""
    with pytest.raises(Unexpected):
        decode(READ, 200, b"[" * 200_000)
