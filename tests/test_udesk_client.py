"""The client: what failures of the network mean, uploads, and second forms; through httpx's own seam."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest

from reconciler.model.call import Call, Reply, Upload
from reconciler.model.errors import OutcomeUnknown, Refused, Rejected, Unexpected, Unreachable, VendorError
from reconciler.providers.udesk.client import UdeskClient
from tests.laws.tenants import AUTH_TOKEN, SETTINGS, SID

READ: Final = Call("GET", "/ccapi/v2/queues")
WRITE: Final = Call("POST", "/ccapi/v2/queues", {"QueueId": "9001"})
OK: Final = {"ErrCode": "000000", "ErrDesc": "OK", "Result": None}
Answer = Callable[[httpx.Request], httpx.Response]


def send(call: Call, answer: Answer, *, root: Path | str = ".", timeout: int = 10) -> Reply:
    """Send one call to a vendor that is a function."""

    async def story() -> Reply:
        client = UdeskClient(
            SETTINGS.model_copy(update={"timeout": timeout}),
            root=str(root),
            clock=lambda: 1_566_523_582.0,
            transport=httpx.MockTransport(answer),
        )
        async with client:
            return await client.send(call)

    return asyncio.run(story())


def failing(error: Exception) -> Answer:
    """Make a vendor that can't be spoken to."""

    def answer(_request: httpx.Request) -> httpx.Response:
        raise error

    return answer


SIGNED: Final = "https://cc.example.com/ccapi/v2/queues?Sid=sid-of-the-account&Sign=abc"


@pytest.mark.parametrize(
    ("error", "read", "write"),
    [
        (httpx.ConnectError("refused"), Unreachable, Unreachable),
        (httpx.ConnectTimeout("slow"), Unreachable, Unreachable),
        (httpx.PoolTimeout("full"), Unreachable, Unreachable),
        (httpx.ProxyError("no proxy"), Unreachable, Unreachable),
        (httpx.UnsupportedProtocol(f"no protocol in {SIGNED}"), Unreachable, Unreachable),
        (httpx.InvalidURL(f"bad: {SIGNED}"), Unreachable, Unreachable),
        (httpx.ReadTimeout("slow"), Unreachable, OutcomeUnknown),
        (httpx.WriteTimeout("slow"), Unreachable, OutcomeUnknown),
        (httpx.ReadError(f"broke at {SIGNED}"), Unexpected, OutcomeUnknown),
        (httpx.WriteError("broke"), Unexpected, OutcomeUnknown),
        (httpx.RemoteProtocolError("half"), Unexpected, OutcomeUnknown),
        (httpx.DecodingError("gzip"), Unexpected, OutcomeUnknown),
        (httpx.TooManyRedirects("round"), Unexpected, OutcomeUnknown),
        (ssl.SSLError("bad record"), Unexpected, OutcomeUnknown),
    ],
)
def test_what_surely_did_not_arrive_is_told_from_what_may_have(
    error: Exception, read: type[VendorError], write: type[VendorError]
) -> None:
    """A write that may have arrived is unknown, and never failed; no message has the signed address."""
    for call, kind in ((READ, read), (WRITE, write)):
        with pytest.raises(VendorError) as caught:
            send(call, failing(error))
        assert kind is type(caught.value)
        assert caught.value.remedy
        assert call.title == caught.value.call
        for secret in (SID, AUTH_TOKEN, "Sign="):
            assert secret not in f"{caught.value} {caught.value.remedy}"


def test_an_answer_in_drops_is_no_answer() -> None:
    """The timeout is for the whole answer, however often a byte comes."""

    async def drops() -> AsyncIterator[bytes]:
        for _ in range(100):
            await asyncio.sleep(0.05)
            yield b" "

    with pytest.raises(OutcomeUnknown, match="no answer within 1 s"):
        send(WRITE, lambda _: httpx.Response(200, content=drops()), timeout=1)


def test_redirects_are_not_followed() -> None:
    """The next address would get our signature."""
    hosts = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(301, headers={"location": "https://elsewhere.example.com/x"})

    with pytest.raises(Unexpected, match="elsewhere"):
        send(READ, answer)
    assert ["cc.example.com"] == hosts


def test_a_write_is_sent_once() -> None:
    """An error of the vendor's is no reason to send again: retries are not the client's."""
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        return httpx.Response(500)

    with pytest.raises(OutcomeUnknown):
        send(WRITE, answer)
    assert ["POST"] == seen


def test_the_other_form_is_sent_where_the_first_is_refused() -> None:
    """Only on the conditions that the call names, and with its own conditions of success."""
    second = Call("POST", WRITE.path, {"Queue": "9001"}, accepts=frozenset({"duplicate"}))
    call = replace(WRITE, otherwise=second, otherwise_on=frozenset({"form"}))
    bodies = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        first = b"QueueId" in request.content
        code, text = ("000001", "ParamsInvalid") if first else ("100004", "Duplicate entry")
        return httpx.Response(400, json={"ErrCode": code, "ErrDesc": text})

    assert "duplicate" == send(call, answer).condition
    assert [b'{"QueueId": "9001"}', b'{"Queue": "9001"}'] == bodies

    bodies.clear()
    with pytest.raises(Rejected):
        send(replace(call, otherwise_on=frozenset({"missing"})), answer)
    assert 1 == len(bodies)


def test_an_upload_is_the_file_that_was_planned(tmp_path: Path) -> None:
    """Its digest is checked when it is sent; one that has changed since, or is gone, is refused before any request."""
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    digest = hashlib.sha256(b"RIFF").hexdigest()[:16]
    call = Call("POST", "/ccapi/v2/ivrs/vfiles", {"FileName": "a.wav"}, upload=Upload(path="a.wav", digest=digest))
    requests = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=OK)

    assert "ok" == send(call, answer, root=tmp_path).condition
    assert b"\r\n\r\nRIFF\r\n" in requests[0].content

    (tmp_path / "a.wav").write_bytes(b"RIFX")
    with pytest.raises(Refused, match="has changed"):
        send(call, answer, root=tmp_path)
    (tmp_path / "a.wav").unlink()
    with pytest.raises(Refused, match="can't be read"):
        send(call, answer, root=tmp_path)
    assert 1 == len(requests)


def test_the_address_is_the_configured_host_and_path() -> None:
    """`base_url` and the call's path, with the four parameters that every call carries ("Base URL")."""
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(200, json=OK)

    send(replace(READ, query={"PageNum": "2"}), answer)
    assert "https://cc.example.com/ccapi/v2/queues" == str(seen[0].copy_with(query=None))
    assert {"Timestamp", "AppId", "Sid", "Sign", "PageNum"} == {*seen[0].params}
