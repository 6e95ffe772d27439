"""Tencent's wire format: what any answer means, and that no bytes end in a traceback."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.call import Call, Reply
from reconciler.model.errors import (
    ClockSkew,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    Unsupported,
    VendorError,
)
from reconciler.providers.tencent import protocol
from reconciler.providers.tencent.settings import TencentSettings

NOW: Final = 1_700_000_000.0
ID: Final = "6bb5a6b4-8b3c-4a0e-9d5f-5d5ad2b5c3d1"
READ: Final = Call("POST", "/", {"PageSize": 100, "PageNumber": 0}, action="DescribeStaffInfoList", read_only=True)
WRITE: Final = Call("POST", "/", {"Staffs": []}, action="CreateStaff")
SECRETS: Final = ("AKID-of-the-account", "key-of-the-account", "token-of-the-account")
SETTINGS: Final = TencentSettings.model_validate(
    {"type": "tencent", "sdk_app_id": 1_400_000_000}
    | dict(zip(("secret_id", "secret_key", "token"), SECRETS, strict=True))
)


def decode(call: Call, status: int, body: Any, **headers: str) -> Reply:
    """Decode one answer; *body* is bytes, or what becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return protocol.decode(call, status=status, headers=headers, body=content, now=NOW)


def failing(code: Any, text: Any = "Said why.") -> dict[str, Any]:
    """Make an answer that fails."""
    return {"Response": {"Error": {"Code": code, "Message": text}, "RequestId": ID}}


def caught(call: Call, status: int, body: Any, **headers: str) -> VendorError:
    """Give the error that an answer ends in; each says what to do."""
    with pytest.raises(VendorError) as raised:
        decode(call, status, body, **headers)
    assert raised.value.remedy
    assert call.title == raised.value.call
    return raised.value


def test_a_request_says_what_it_is() -> None:
    """Action, version and language travel as headers; who asks and when come with the signature."""
    request = protocol.encode(READ, SETTINGS)
    assert {
        "Content-Type": "application/json",
        "X-TC-Action": "DescribeStaffInfoList",
        "X-TC-Version": "2020-02-10",
        "X-TC-Language": "en-US",
    } == request.headers
    assert ("POST", "/") == (request.method, request.path)
    assert {"SdkAppId": 1_400_000_000, "PageSize": 100, "PageNumber": 0} == json.loads(request.content)


def test_a_region_is_sent_where_one_is_set() -> None:
    """The API needs none, so there is none by itself."""
    request = protocol.encode(READ, SETTINGS.model_copy(update={"region": "ap-guangzhou"}))
    assert "ap-guangzhou" == request.headers["X-TC-Region"]


@pytest.mark.parametrize(
    ("action", "tenant"),
    [
        ("CreateStaff", {"SdkAppId": 1_400_000_000}),
        ("DisableCCCPhoneNumber", {"SdkAppId": 1_400_000_000}),  # optional there
        ("DescribeCCCBuyInfoList", {"SdkAppIds": [1_400_000_000]}),
        ("DescribeTelCallInfo", {"SdkAppIdList": [1_400_000_000]}),
        ("DescribeCompanyList", {}),
    ],
)
def test_the_tenant_goes_along(action: str, tenant: dict[str, Any]) -> None:
    """In the field that the action has for it; actions of the account have none."""
    assert tenant == json.loads(protocol.encode(Call("POST", "/", action=action), SETTINGS).content)


@given(st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=9), max_size=3))
def test_any_text_travels(body: dict[str, Any]) -> None:
    """Whatever letters it has, halves of surrogate pairs too; empty texts and lists are sent as they are."""
    sent = json.loads(protocol.encode(Call("POST", "/", body, action="ModifyStaff"), SETTINGS).content)
    assert {"SdkAppId": 1_400_000_000, **body} == sent


def test_a_request_shows_no_content() -> None:
    """Its `repr`, which may end up in a log, has no body, and nothing in it is a credential."""
    request = protocol.encode(Call("POST", "/", {"Name": "hidden"}, action="ModifyStaff"), SETTINGS)
    for secret in (*SECRETS, "hidden"):
        assert secret not in repr(request)
    for secret in SECRETS:
        assert secret not in f"{request.headers} {request.content!r} {SETTINGS!r}"


UNSURE: Final = (Unexpected, OutcomeUnknown)
BOTH: Final = {
    kind: (kind, kind)
    for kind in (ClockSkew, RateLimited, Rejected, Unauthorized, Unexpected, UnknownTenant, Unsupported)
}


@pytest.mark.parametrize(
    ("status", "body", "kinds"),
    [
        (500, b"", UNSURE),
        (502, b"<html>Bad gateway</html>", UNSURE),
        (503, {"Response": {"RequestId": ID}}, UNSURE),  # no failure in it, and the status has one
        (204, b"", UNSURE),
        (200, b"", UNSURE),
        (200, b"<html>", UNSURE),
        (200, b'{"Response": {"Requ', UNSURE),
        (200, b"[]", UNSURE),
        (200, b"{}", UNSURE),
        (200, {"Response": None}, UNSURE),
        (200, {"Response": []}, UNSURE),
        (200, {"Error": {"Code": "InvalidParameter"}}, UNSURE),
        (200, {"Response": {"Error": {}}}, UNSURE),
        (200, {"Response": {"Error": "InternalError"}}, UNSURE),
        (200, failing(7), UNSURE),
        (200, failing("InternalError"), UNSURE),
        (200, failing("InternalError.DBError"), UNSURE),
        (200, failing("ServiceUnavailable"), UNSURE),
        (200, failing("ResponseSizeLimitExceeded"), (Rejected, OutcomeUnknown)),
        (404, b"404 page not found", UNSURE),
        (403, b"<html>forbidden by the proxy</html>", UNSURE),
        (302, b"", BOTH[Unexpected]),
        (429, b"", BOTH[RateLimited]),
        (200, failing("RequestLimitExceeded"), BOTH[RateLimited]),
        (200, failing("RequestLimitExceeded.UinLimitExceeded"), BOTH[RateLimited]),
        (200, failing("RequestLimitExceeded.GlobalRegionUinLimitExceeded"), BOTH[RateLimited]),
        (200, failing("RequestLimitExceeded.IPLimitExceeded"), BOTH[RateLimited]),
        (200, failing("AuthFailure.SignatureExpire"), BOTH[ClockSkew]),
        (200, failing("AuthFailure.SignatureFailure"), BOTH[Unauthorized]),
        (200, failing("AuthFailure.SecretIdNotFound"), BOTH[Unauthorized]),
        (200, failing("AuthFailure.TokenFailure"), BOTH[Unauthorized]),
        (200, failing("AuthFailure.WhateverComesNext"), BOTH[Unauthorized]),
        (200, failing("AuthFailure.UnauthorizedOperation"), BOTH[Unauthorized]),
        (200, failing("UnauthorizedOperation"), BOTH[Unauthorized]),
        (200, failing("UnauthorizedOperation.CamNoAuth"), BOTH[Unauthorized]),
        (200, failing("IpNotInWhitelist"), BOTH[Unauthorized]),
        (200, failing("IpInBlacklist"), BOTH[Unauthorized]),
        (200, failing("OperationDenied.UinDisabled"), BOTH[Unauthorized]),
        (200, failing("InvalidParameter.InstanceNotExist"), BOTH[UnknownTenant]),
        (200, failing("InvalidParameterValue.InstanceNotExist"), BOTH[UnknownTenant]),
        (200, failing("OperationDenied.NotInWhiteList"), BOTH[Rejected]),
        (200, failing("FailedOperation.PermissionDenied"), BOTH[Rejected]),
        (200, failing("FailedOperation.DuplicatedAccount"), BOTH[Rejected]),
        (200, failing("LimitExceeded.InsufficientLicense"), BOTH[Rejected]),
        (200, failing("InvalidAction"), BOTH[Unsupported]),
        (200, failing("ActionOffline"), BOTH[Unsupported]),
        (200, failing("NoSuchVersion"), BOTH[Unsupported]),
        (200, failing("UnsupportedOperation"), BOTH[Rejected]),
        (200, failing("Whatever.ComesNext"), BOTH[Rejected]),
        (400, failing("InvalidParameter"), BOTH[Rejected]),  # the envelope decides, not the status
        (200, failing("InvalidParameter", None), BOTH[Rejected]),
    ],
)
def test_what_an_answer_means(status: int, body: Any, kinds: tuple[type[VendorError], type[VendorError]]) -> None:
    """A read is all or nothing; a write whose answer says nothing sure may have happened."""
    for call, kind in zip((READ, WRITE), kinds, strict=True):
        assert kind is type(caught(call, status, body))


@pytest.mark.parametrize(
    ("status", "body", "read", "write"),
    [
        (500, b"", True, False),
        (408, b"", True, False),
        (200, b"<html>", True, False),
        (200, failing("InternalError"), True, False),
        (200, failing("ServiceUnavailable"), True, False),
        (200, failing("RequestLimitExceeded"), True, True),
        (429, b"", True, True),
        (404, b"404 page not found", False, False),
        (403, b"", False, False),
        (302, b"", False, False),
        (200, failing("AuthFailure.SignatureExpire"), False, False),
        (200, failing("AuthFailure.TokenFailure"), False, False),
        (200, failing("InvalidParameterValue.InstanceNotExist"), False, False),
        (200, failing("LimitExceeded"), False, False),
        (200, failing("InvalidAction"), False, False),
        (200, failing("ResponseSizeLimitExceeded"), False, False),
    ],
)
def test_what_may_pass_is_told_from_what_stays(status: int, body: Any, *, read: bool, write: bool) -> None:
    """A read may be tried again; a write only where the vendor said that it did not do it."""
    assert (read, write) == (caught(READ, status, body).transient, caught(WRITE, status, body).transient)


@pytest.mark.parametrize(
    "response",
    [
        {"RequestId": ID},
        {"ErrorStaffList": None, "RequestId": ID},
        {"ErrorStaffList": [{"StaffEmail": "a@b.c", "Code": "X", "Message": "Y"}], "RequestId": ID},
        {"OnlineStaffList": ["a@b.c"], "RequestId": ID},
        {"DeprecatedWarning": "soon", "TotalCount": 0, "StaffList": [], "RequestId": ID},
        {"Error": None, "TotalCount": 1, "RequestId": ID},
        {},
    ],
)
def test_a_success_is_handed_on_as_it_came(response: dict[str, Any]) -> None:
    """Nulls, failures of single items and warnings included: they are for who asked."""
    for call in (READ, WRITE):
        reply = decode(call, 200, {"Response": response})
        assert (response, "ok", response.get("RequestId", "")) == (reply.payload, reply.condition, reply.request_id)


@pytest.mark.parametrize(
    ("action", "code", "condition"),
    [
        ("CreateCCCSkillGroup", "InvalidParameterValue.SkillGroupExist", "exists"),
        ("CreateStaff", "FailedOperation.DuplicatedAccount", "exists"),
        ("ModifyStaff", "InvalidParameterValue.AccountNotExist", "missing"),
        ("DeleteExtension", "ResourceNotFound", "missing"),
        ("DeleteExtension", "ResourceNotFound.ExtensionNotFound", "missing"),
        ("DeleteCCCSkillGroup", "ResourceUnavailable", "in_use"),
        ("DeleteStaff", "ResourceInUse", "in_use"),
        ("CreateExtension", "ResourceUnavailable", "ResourceUnavailable"),
        ("DeleteCCCSkillGroup", "InvalidAction", "unsupported"),
        ("DeleteCCCSkillGroup", "ActionOffline", "unsupported"),
        ("DeleteCCCSkillGroup", "NoSuchVersion", "unsupported"),
        ("DeleteCCCSkillGroup", "UnsupportedOperation", "unsupported"),
        ("ModifyStaff", "InvalidParameter", "form"),
        ("ModifyStaff", "InvalidParameterValue", "form"),
        ("ModifyStaff", "InvalidParameterValue.PhoneNumIsBoundOtherAccount", "form"),
        ("ModifyStaff", "MissingParameter", "form"),
        ("ModifyStaff", "UnknownParameter", "form"),
        ("CreateStaff", "LimitExceeded", "LimitExceeded"),
        ("CreateStaff", "LimitExceeded.InsufficientLicense", "LimitExceeded.InsufficientLicense"),
        ("DisableCCCPhoneNumber", "FailedOperation.CurStateNotAllowModify", "FailedOperation.CurStateNotAllowModify"),
    ],
)
def test_what_a_call_accepts_is_as_good_as_done(action: str, code: str, condition: str) -> None:
    """A refusal has a name, whatever language its text is in; a call that accepts the name takes it for success."""
    assert condition == protocol.classify(action, code, "已存在")
    refused = Call("POST", "/", action=action)
    accepting = Call("POST", "/", action=action, accepts=frozenset({condition}))
    reply = decode(accepting, 200, failing(code))
    assert (condition, ID) == (reply.condition, reply.request_id)
    failure = caught(refused, 200, failing(code))
    assert isinstance(failure, Rejected)
    assert (code, "Said why.") == (failure.code, failure.text)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InternalError", OutcomeUnknown),
        ("AuthFailure.TokenFailure", Unauthorized),
        ("RequestLimitExceeded", RateLimited),
        ("InvalidParameterValue.InstanceNotExist", UnknownTenant),
    ],
)
def test_what_is_no_refusal_is_never_accepted(code: str, kind: type[VendorError]) -> None:
    """Whatever a call accepts: it was not carried out, or nobody knows."""
    names = {"missing", "exists", "in_use", "form", "unsupported", code}
    assert kind is type(caught(Call("POST", "/", action="DeleteStaff", accepts=frozenset(names)), 200, failing(code)))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("InvalidAction", "edition does not have the action"),
        ("ActionOffline", "edition does not have the action"),
        ("NoSuchVersion", "edition does not have the action"),
        ("LimitExceeded.InsufficientLicense", "licences"),
        ("FailedOperation.UploadFileOverflow", "tomorrow"),
        ("AuthFailure.TokenFailure", "provider.token"),
        ("AuthFailure.SignatureFailure", "provider.secret_key"),
        ("AuthFailure.SecretIdNotFound", "provider.secret_id"),
        ("AuthFailure.WhateverComesNext", "provider.secret_id"),
        ("UnauthorizedOperation", "ccc:CreateStaff"),
        ("AuthFailure.UnauthorizedOperation", "ccc:CreateStaff"),
        ("InvalidParameter.InstanceNotExist", "provider.sdk_app_id"),
        ("RequestLimitExceeded", "provider.rate_limit"),
    ],
)
def test_a_remedy_names_what_to_change(code: str, words: str) -> None:
    """The setting, the right, or what to buy."""
    failure = caught(WRITE, 200, failing(code))
    assert words in failure.remedy
    assert code in str(failure)


def test_uploads_have_a_rate_of_their_own() -> None:
    """So the remedy names another setting."""
    upload = Call("POST", "/", action="UploadIvrAudio")
    assert "provider.upload_rate_limit" in caught(upload, 200, failing("RequestLimitExceeded")).remedy


@pytest.mark.parametrize(
    ("ahead_s", "says"),
    [
        (3600, "about 60 minutes ahead of"),
        (-1800, "about 30 minutes behind"),
        (86_400 * 3, "about 3 days ahead of"),
        (7200, "about 2 hours ahead of"),
        (-90, "90 seconds behind"),
    ],
)
def test_a_clock_that_is_off_is_told_by_how_much(ahead_s: int, says: str) -> None:
    """From the answer's Date; a signature holds for 5 minutes."""
    for call in (READ, WRITE):
        failure = caught(call, 200, failing("AuthFailure.SignatureExpire"), date=formatdate(NOW - ahead_s, usegmt=True))
        assert isinstance(failure, ClockSkew)
        assert says in str(failure)
        assert ahead_s == failure.ahead_s
        assert "NTP" in failure.remedy


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": ""}])
def test_a_clock_without_another_to_compare_is_off(headers: dict[str, str]) -> None:
    """Nobody knows by how much."""
    failure = caught(READ, 200, failing("AuthFailure.SignatureExpire"), **headers)
    assert isinstance(failure, ClockSkew)
    assert failure.ahead_s is None


def test_the_vendor_s_number_of_a_request_is_kept() -> None:
    """In every error that has one; what can't be one is left out, as it ends up in logs."""
    codes = ("InternalError", "InvalidAction", "RequestLimitExceeded", "AuthFailure.SignatureExpire", "AuthFailure.X")
    for code in (*codes, "InvalidParameter.InstanceNotExist"):
        for call in (READ, WRITE):
            assert ID == caught(call, 200, failing(code)).request_id
    assert ID == caught(READ, 503, {"Response": {"RequestId": ID}}).request_id
    for odd in (None, 7, "\x1b[31m", "two words", "x" * 101):
        assert "" == decode(READ, 200, {"Response": {"RequestId": odd}}).request_id


def test_how_long_to_wait_is_told_where_it_is() -> None:
    """The page has no Retry-After; a gateway may."""
    assert 7.0 == caught(WRITE, 200, failing("RequestLimitExceeded"), **{"retry-after": "7"}).retry_after_s
    assert caught(WRITE, 200, failing("RequestLimitExceeded")).retry_after_s is None


@given(status=st.integers(100, 599), body=st.binary(max_size=40))
def test_no_bytes_end_in_a_traceback(status: int, body: bytes) -> None:
    """Whatever arrives, it is a reply or an error in words."""
    _decode_or_refuse(status, body)


_ANY: Final = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.integers(), max_size=1)
_CODES: Final = st.sampled_from(("InternalError", "AuthFailure.SignatureExpire", "RequestLimitExceeded", ".", "A."))
_ERRORS: Final = st.fixed_dictionaries({}, optional={"Code": _ANY | _CODES, "Message": _ANY})


@given(
    status=st.sampled_from((200, 200, 200, 302, 403, 500)),
    response=_ANY | st.fixed_dictionaries({}, optional={"Error": _ANY | _ERRORS, "RequestId": _ANY}),
)
def test_no_envelope_ends_in_a_traceback(status: int, response: Any) -> None:
    """Codes, texts and numbers of any kind."""
    _decode_or_refuse(status, json.dumps({"Response": response}).encode())


def _decode_or_refuse(status: int, body: bytes) -> None:
    for call in (READ, WRITE):
        try:
            decode(call, status, body)
        except VendorError as error:
            refused = error
        else:
            continue
        assert str(refused).isprintable()
        assert refused.remedy
        assert call.title == refused.call


def test_what_the_vendor_says_is_quoted_short_and_printable() -> None:
    """What an error quotes fits on a screen, and has no control characters in it."""
    for body in (b"\x1b[31m" + b"x" * 100_000, failing("X" * 9_000, "\x1b[31m" + "y" * 9_000), b"[" * 200_000):
        for call in (READ, WRITE):
            failure = caught(call, 200, body)
            assert len(str(failure)) < 500
            assert str(failure).isprintable()


@pytest.mark.parametrize(
    ("name", "read"),
    [
        (b"\\ud83d\\ude00", "\U0001f600"),
        (b"a\\ud83d", "a?"),
        (b"\\u5ba2\xe5\xae\xa2", "客客"),
        (b"\\\\ud83d", "\\ud83d"),
    ],
)
def test_half_a_letter_is_replaced(name: bytes, read: str) -> None:
    """JSON may hold half a surrogate pair; no file, terminal or store can."""
    body = b'{"Response": {"Name": "' + name + b'", "RequestId": "r-1"}}'
    assert read == decode(READ, 200, body).payload["Name"]
