"""The client: what failures of the network mean, uploads, and second forms; through httpx's own seam."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest

from reconciler.model.call import Call, Reply, Upload
from reconciler.model.errors import (
    OutcomeUnknown,
    RateLimited,
    Refused,
    Rejected,
    Stopped,
    Unexpected,
    Unreachable,
    VendorError,
)
from reconciler.providers.udesk.client import UdeskClient
from tests import virtual
from tests.laws.udesk.tenants import AUTH_TOKEN, SETTINGS, SID

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


def caused(text: str, *causes: BaseException) -> httpx.ConnectError:
    """Make a failure to connect as httpx raises it: with what lies behind it as its cause."""
    error: BaseException = httpx.ConnectError(text)
    above = error
    for cause in causes:
        above.__cause__ = cause
        above = cause
    assert isinstance(error, httpx.ConnectError)
    return error


TWICE: Final = BaseExceptionGroup("all failed", [ConnectionRefusedError(111, "refused"), OSError(101, "unreachable")])


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (caused("failed", ConnectionRefusedError(111, "Connection refused")), True),
        (caused("failed", OSError("All connection attempts failed"), TWICE), True),
        (caused("failed", ConnectionResetError(104, "reset")), True),
        (caused("failed", socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")), True),
        (caused("failed", socket.gaierror(socket.EAI_NONAME, "Name or service not known")), False),
        (caused("failed", ssl.SSLCertVerificationError("self-signed certificate")), False),
        (caused("failed", ssl.SSLError("wrong version number")), False),
        (caused("failed", ssl.SSLEOFError("EOF in the handshake")), True),
        (httpx.ConnectTimeout("slow"), True),
        (httpx.PoolTimeout("full"), True),
        (httpx.ProxyError("407 Proxy Authentication Required"), False),
        (httpx.ProxyError("502 Bad Gateway"), True),
        (httpx.UnsupportedProtocol("no protocol"), False),
        (httpx.InvalidURL("bad"), False),
    ],
)
def test_what_may_be_reached_a_little_later_is_told_from_what_may_not(error: Exception, transient: bool) -> None:  # noqa: FBT001 - a table
    """Nothing was sent, so of writes it is as true as of reads."""
    for call in (READ, WRITE):
        with pytest.raises(Unreachable) as caught:
            send(call, failing(error))
        assert transient is caught.value.transient
        assert isinstance(error, httpx.TimeoutException) is caught.value.slow


def reached(url: str) -> Unreachable:
    """Call an address where nothing can be sent, through the whole of httpx; give the error."""

    async def story() -> Unreachable:
        settings = SETTINGS.model_copy(update={"timeout": 5, "base_url": url})
        async with UdeskClient(settings, root=".", clock=lambda: 0.0) as client:
            with pytest.raises(Unreachable) as caught:
                await client.send(WRITE)
        return caught.value

    return asyncio.run(story())


@pytest.mark.parametrize(("code", "transient"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
def test_a_name_that_is_not_there_is_told_from_a_name_server_that_is_busy(
    code: int,
    transient: bool,  # noqa: FBT001 - a table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However deep httpx buries what the system said."""

    def answer(*_: object, **__: object) -> None:
        raise socket.gaierror(code, "the system's own words")

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    error = reached("https://cc.example.com")
    assert transient is error.transient
    assert "the system's own words" in str(error)


def test_a_refused_connection_may_be_tried_again() -> None:
    """Nobody listens now; somebody may in a second."""
    with socket.socket() as taken:  # bound and not listening, so nobody else answers there
        taken.bind(("127.0.0.1", 0))
        error = reached(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert error.transient
    assert "127.0.0.1" in str(error)


def test_a_server_without_tls_is_not_tried_again() -> None:
    """It will speak no TLS in a second either."""

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        plain = threading.Thread(target=answer, args=(listener,))
        plain.start()
        error = reached(f"https://127.0.0.1:{listener.getsockname()[1]}")
        plain.join()
    assert not error.transient
    assert not error.slow


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("slow"), httpx.ReadError("broke"), httpx.RemoteProtocolError("half"), TimeoutError()]
)
def test_a_read_without_an_answer_may_be_tried_again(error: Exception) -> None:
    """A write may not: whether it happened has to be found out first."""
    with pytest.raises(VendorError) as caught:
        send(READ, failing(error))
    assert caught.value.transient
    with pytest.raises(OutcomeUnknown) as lost:
        send(WRITE, failing(error))
    assert not lost.value.transient


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        (["connection.connect_tcp.started"], Unreachable),
        (["connection.connect_tcp.started", "connection.connect_tcp.complete"], Unreachable),
        (["connection.connect_tcp.started", "connection.start_tls.started"], Unreachable),
        (["connection.connect_tcp.started", "http11.send_request_headers.started"], OutcomeUnknown),
        (["http11.send_request_headers.started"], OutcomeUnknown),
        ([], OutcomeUnknown),
    ],
)
def test_a_write_that_never_left_is_not_unknown(events: list[str], kind: type[VendorError]) -> None:
    """When the time runs out, what counts is how far it came: only a connection that never stood is sure."""

    async def stuck(request: httpx.Request) -> httpx.Response:
        for event in events:
            await request.extensions["trace"](event, {})
        await asyncio.sleep(3600)
        raise AssertionError("nobody waits for an hour")

    async def story() -> VendorError:
        client = UdeskClient(SETTINGS, root=".", clock=lambda: 0.0, transport=httpx.MockTransport(stuck))
        async with client:
            with pytest.raises(VendorError) as caught:
                await client.send(WRITE)
        return caught.value

    error = virtual.run(story())
    assert kind is type(error)
    assert (kind is Unreachable, True) == (error.transient, error.slow)


def test_a_server_that_never_answers_tls_was_sent_nothing() -> None:
    """On a real socket: it takes the connection, and then says nothing."""

    async def story(port: int) -> VendorError:
        settings = SETTINGS.model_copy(update={"timeout": 1, "base_url": f"https://127.0.0.1:{port}"})
        async with UdeskClient(settings, root=".", clock=lambda: 0.0) as client:
            with pytest.raises(VendorError) as caught:
                await client.send(WRITE)
        return caught.value

    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = asyncio.run(story(silent.getsockname()[1]))
    assert Unreachable is type(error)
    assert "no connection within 1 s" in str(error)


@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_request_to_slow_down_slows_everybody_down(call: Call) -> None:
    """The calls behind it wait as long as the vendor asks, of whatever kind they are; then they go out."""

    async def story() -> tuple[list[float], float]:
        loop = asyncio.get_running_loop()
        arrived: list[float] = []

        def answer(_request: httpx.Request) -> httpx.Response:
            arrived.append(loop.time())
            return (
                httpx.Response(429, headers={"Retry-After": "7"}) if len(arrived) == 1 else httpx.Response(200, json=OK)
            )

        client = UdeskClient(SETTINGS, root=".", clock=lambda: 0.0, transport=httpx.MockTransport(answer))
        async with client:
            with pytest.raises(RateLimited):
                await client.send(call)
            asked = loop.time()
            await asyncio.gather(client.send(READ), client.send(WRITE))
        return arrived, asked

    arrived, asked = virtual.run(story())
    assert [7.0, 7.0] == pytest.approx([when - asked for when in arrived[1:]])


def test_a_vendor_that_wants_an_hour_lets_nobody_wait() -> None:
    """The call that was told so and the one behind it say so at once, and what to do; neither is worth another try."""

    async def story() -> tuple[list[RateLimited], int, float]:
        arrived = 0

        def answer(_request: httpx.Request) -> httpx.Response:
            nonlocal arrived
            arrived += 1
            return httpx.Response(429, headers={"Retry-After": "3600"}, json={"ErrCode": "7", "ErrDesc": "quota"})

        client = UdeskClient(SETTINGS, root=".", clock=lambda: 0.0, transport=httpx.MockTransport(answer))
        errors = []
        async with client:
            for call in (WRITE, READ):
                with pytest.raises(RateLimited) as caught:
                    await client.send(call)
                errors.append(caught.value)
        return errors, arrived, asyncio.get_running_loop().time()

    errors, arrived, took_s = virtual.run(story())
    assert 1 == arrived
    assert took_s < 1
    assert "7 quota" in str(errors[0])
    for call, error in zip((WRITE, READ), errors, strict=True):
        assert str(error).startswith(call.title)
        assert (True, False) == (error.lasting, error.transient)
        assert "3600 s" in error.remedy


def test_a_run_that_is_to_stop_sends_no_more() -> None:
    """A write that waits out a pause gives up soon; it never goes out."""

    async def story() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        arrived = 0

        def answer(_request: httpx.Request) -> httpx.Response:
            nonlocal arrived
            arrived += 1
            return httpx.Response(429, headers={"Retry-After": "30"})

        client = UdeskClient(
            SETTINGS,
            root=".",
            clock=lambda: 0.0,
            stopping=lambda: loop.time() >= 2.0,
            transport=httpx.MockTransport(answer),
        )
        async with client:
            with pytest.raises(RateLimited):
                await client.send(WRITE)
            with pytest.raises(Stopped):
                await client.send(WRITE)
        return arrived, loop.time()

    arrived, ended = virtual.run(story())
    assert 1 == arrived
    assert 2.0 <= ended <= 2.25


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


def two_forms(second: httpx.Response | Exception) -> tuple[VendorError, list[str], int]:
    """Refuse the first form of a write, answer the other as told; give the error, the bodies, how often it asked."""
    other = Call("PUT", WRITE.path, {"Queue": "9001"})
    call = replace(WRITE, id="c1", otherwise=other, otherwise_on=frozenset({"form"}))
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        if request.method == "POST":
            return httpx.Response(400, json={"ErrCode": "000001", "ErrDesc": "ParamsInvalid"})
        if isinstance(second, Exception):
            raise second
        return second

    async def story() -> tuple[VendorError, int]:
        allowed = 0

        async def may_write(_call: Call) -> None:
            nonlocal allowed
            allowed += 1
            assert allowed == len(seen) + 1, "asked right before each form goes out"

        transport = httpx.MockTransport(answer)
        async with UdeskClient(
            SETTINGS, root=".", clock=lambda: 0.0, may_write=may_write, transport=transport
        ) as client:
            with pytest.raises(VendorError) as caught:
                await client.send(call)
        return caught.value, allowed

    error, allowed = asyncio.run(story())
    return error, seen, allowed


@pytest.mark.parametrize(
    "second", [httpx.ReadTimeout("slow"), httpx.ReadError("broke"), httpx.Response(500), httpx.Response(200, text="?")]
)
def test_an_other_form_whose_answer_is_lost_may_have_happened(second: httpx.Response | Exception) -> None:
    """That the first form was refused says nothing about the second: the call is lost, and not refused."""
    error, seen, allowed = two_forms(second)
    assert OutcomeUnknown is type(error)
    assert "PUT" in error.call
    assert (["POST", "PUT"], 2) == (seen, allowed)


def test_an_other_form_that_finds_nobody_says_why() -> None:
    """The reason is its own, and not what the vendor said to the first form."""
    error, seen, _ = two_forms(caused("failed", ConnectionRefusedError(111, "Connection refused")))
    assert Unreachable is type(error)
    assert "Connection refused" in str(error)
    assert error.transient
    assert ["POST", "PUT"] == seen


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
