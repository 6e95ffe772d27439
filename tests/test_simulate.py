"""The runner: a real server on a real socket, its control address, its files, and how it ends."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.simulate import dialects, serve
from reconciler.simulate.listener import address, is_loopback, listening
from tests.servers import APP_ID, AUTH_TOKEN, SID, Simulator, simulator

PATIENCE_S: Final = 30
QUEUE: Final = {"QueueId": "9001", "QueueName": "Sales"}
WAV: Final = b"RIFF\x24\x00\x00\x00WAVEfmt "


def target(api: str) -> str:
    """Make a signed URL without its host."""
    timestamp = str(int(time.time() * 1000))
    sign = hashlib.sha1(f"{SID}{AUTH_TOKEN}{timestamp}".encode(), usedforsecurity=False).hexdigest()
    query = {"Timestamp": timestamp, "AppId": APP_ID, "Sid": SID, "Sign": sign}
    return f"/ccapi/v2/{api}?{urlencode(query)}"


@contextlib.contextmanager
def connected(url: str, timeout_s: float = PATIENCE_S) -> Iterator[http.client.HTTPConnection]:
    """Open a connection."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    with contextlib.closing(connection):
        yield connection


def ask(connection: http.client.HTTPConnection, method: str, api: str, body: Any = None) -> Any:
    """Send one signed request; give the decoded answer."""
    connection.request(method, target(api), None if body is None else json.dumps(body).encode())
    with connection.getresponse() as response:
        return json.loads(response.read())


def call(running: Simulator, method: str, api: str, body: Any = None) -> Any:
    """Send one signed request on a connection of its own."""
    with connected(running.url) as connection:
        return ask(connection, method, api, body)


def test_calls_over_one_connection() -> None:
    """A connection stays open from call to call, bodies travel on DELETE, and answers carry the vendor's Date."""
    with simulator() as running, connected(running.url) as connection:
        assert ask(connection, "POST", "queues", QUEUE)["ErrCode"] == "000000"
        opened = connection.sock
        assert ask(connection, "DELETE", "queues", {"QueueId": "9001"})["ErrCode"] == "000000"
        connection.request("GET", target("queues"))
        with connection.getresponse() as response:
            assert response.headers["date"]
            assert response.headers["content-type"] == "application/json;charset=utf-8"
            assert json.loads(response.read())["Result"] is None
        assert connection.sock is opened


def test_an_upload_over_the_wire() -> None:
    """A multipart body arrives with its fields and its file; one that is broken has no fields."""
    head = "Content-Disposition: form-data; name="
    parts = [
        f'--b\r\n{head}"FileName"\r\n\r\n欢迎.wav\r\n'.encode(),
        f'--b\r\n{head}"File"; filename="x.wav"\r\n\r\n'.encode(),
        WAV,
    ]
    good = b"".join(parts) + b"\r\n--b--\r\n"
    codes = []
    with simulator() as running:
        for body in (good, b"--nothing of the kind", b""):
            with connected(running.url) as connection:
                connection.request(
                    "POST", target("ivrs/vfiles"), body, {"Content-Type": "multipart/form-data; boundary=b"}
                )
                with connection.getresponse() as response:
                    codes.append(json.loads(response.read())["ErrCode"])
        assert list(running.state()["sections"]["voice_files"]) == ["欢迎.wav"]
    assert ["000000", "000001", "000001"] == codes


def test_control_help_names_what_there_is() -> None:
    """`GET /_control` lists the control address's own doors, the vendor's calls, faults and open points."""
    with simulator() as running:
        answer = running.control("GET", "")
        assert "POST /_control/faults" in answer["control"]
        assert "PUT" in answer["calls"]["/ccapi/v2/queues"]
        assert {"error-after", "clock"} <= set(answer["faults"])
        assert answer["dialect"]["errors"]["value"] == "200"
        assert running.send("GET", "/_control/nothing")[0] == 404
        assert running.send("PUT", "/_control/calls")[0] == 404


def test_state_can_be_read_and_replaced() -> None:
    """State goes in and out while it runs; a bad one changes nothing and says why."""
    with simulator(seed={"sections": {"queues": {"9001": {"name": "Sales"}}}}) as running:
        state = running.state()
        assert state["tenant"] == APP_ID
        state["sections"]["queues"]["9001"]["name"] = "Support"
        running.control("PUT", "state", state)
        assert call(running, "GET", "queues")["Result"][0]["Name"] == "Support"
        status, answer = running.send("PUT", "/_control/state", {"sections": {"queue": {}}})
        assert (400, True) == (status, "unknown section" in answer["error"])
        assert state == running.state()


def test_a_call_by_hand_needs_no_signature() -> None:
    """Someone changes something: through the control address, by the vendor's rules."""
    with simulator() as running:
        done = running.control("POST", "call", {"method": "POST", "api": "/ccapi/v2/queues", "body": QUEUE})
        assert {"status": 200, "answer": {"ErrCode": "000000", "ErrDesc": "OK", "Result": None}} == done
        again = running.control("POST", "call", {"method": "POST", "api": "queues", "body": QUEUE})
        assert again["answer"]["ErrCode"] == "100004"
        nonsense: list[Any] = [{}, {"method": 1, "api": "x"}, {"api": "queues", "body": []}, {"apis": "queues"}, []]
        for bad in nonsense:
            assert running.send("POST", "/_control/call", bad)[0] == 400


def test_calls_are_counted() -> None:
    """What arrived is listed without its signature; the busiest second and the most at once are known."""
    with simulator(latency_ms=50) as running:
        threads = [threading.Thread(target=call, args=(running, "GET", "apps")) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        call(running, "POST", "queues", QUEUE)
        calls = running.calls()
        assert (5, 4, 1) == (calls["count"], calls["reads"], calls["writes"])
        assert 1 <= calls["most_in_flight"] <= 4
        assert 1 <= calls["most_in_a_second"] <= 5
        assert ("POST", "/ccapi/v2/queues", 200) == tuple(
            calls["calls"][-1][key] for key in ("method", "path", "status")
        )
        assert {"GET /ccapi/v2/apps": 4, "POST /ccapi/v2/queues": 1} == {
            name: found["count"] for name, found in calls["by_name"].items()
        }
        assert 1 <= calls["by_name"]["GET /ccapi/v2/apps"]["most_in_a_second"] <= 4
        assert "Sign" not in json.dumps(calls)
        running.control("DELETE", "calls")
        assert running.calls()["count"] == 0


def test_latency_delays_every_answer() -> None:
    """An answer takes at least the latency; it can be changed while it runs, and nonsense is refused."""
    with simulator() as running:
        running.control("POST", "latency", {"latency_ms": 60})
        started = time.monotonic()
        call(running, "GET", "apps")
        assert time.monotonic() - started >= 0.06
        assert {"latency_ms": 60} == running.control("GET", "latency")
        nonsense: list[Any] = [{"latency_ms": -1}, {"latency_ms": "1"}, {"latency_ms": True}, {}, {"ms": 1}]
        for bad in nonsense:
            assert running.send("POST", "/_control/latency", bad)[0] == 400


@pytest.mark.parametrize(
    ("kind", "error", "done"),
    [
        ("reset-before", ConnectionResetError, False),
        ("reset-after", ConnectionResetError, True),
        ("truncated", http.client.IncompleteRead, True),
        ("hang-before", TimeoutError, False),
        ("hang-after", TimeoutError, True),
    ],
)
def test_answers_that_do_not_arrive(kind: str, error: type[Exception], done: bool) -> None:  # noqa: FBT001 - a case
    """A reset is a reset, a cut is noticed, a hang lasts until the client gives up; the effect is there or not."""
    with simulator(faults=[{"kind": kind, "method": "POST"}]) as running:
        with connected(running.url, 0.5 if kind.startswith("hang") else PATIENCE_S) as connection:
            connection.request("POST", target("queues"), json.dumps(QUEUE).encode())
            with pytest.raises(error):
                connection.getresponse().read()
        assert done == ("9001" in running.state()["sections"]["queues"])
        assert call(running, "GET", "apps")["ErrCode"] == "000000"


def test_faults_come_and_go_while_it_runs() -> None:
    """Faults are added singly or in a list, listed, and dropped; a bad one is explained."""
    with simulator() as running:
        running.control("POST", "faults", {"kind": "error-before", "times": 0})
        running.control("POST", "faults", [{"kind": "empty"}, {"kind": "html"}])
        assert ["error-before", "empty", "html"] == [fault["kind"] for fault in running.control("GET", "faults")]
        assert call(running, "GET", "apps")["ErrCode"] == "000003"
        running.control("DELETE", "faults")
        assert call(running, "GET", "apps")["ErrCode"] == "000000"
        status, answer = running.send("POST", "/_control/faults", {"kind": "eror-before"})
        assert (400, 'did you mean "error-before"?') == (status, answer["remedy"])
        for path in ("faults", "state", "call", "latency"):
            method = "PUT" if path == "state" else "POST"
            assert running.send(method, f"/_control/{path}")[0] == 400


def test_a_hanging_answer_does_not_keep_it_from_stopping() -> None:
    """A call that never gets an answer ends when the server stops."""
    with simulator(faults=[{"kind": "hang-before"}]) as running, connected(running.url) as connection:
        connection.request("GET", target("apps"))
        while not running.calls()["count"]:
            pass
        running.stop()
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
            connection.getresponse()


def test_what_a_socket_may_bring() -> None:
    """Bytes that are no HTTP, a body that ends early, a huge query: the server lives on."""
    with simulator() as running:
        parts = urlsplit(running.url)
        for junk in (
            b"\x16\x03\x01\x02",
            b"GET\r\n\r\n",
            b"POST /ccapi/v2/queues HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
        ):
            with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S) as raw:
                raw.sendall(junk)
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(4096):
                    pass
        with connected(running.url) as connection:
            connection.request("GET", "/ccapi/v2/apps?" + "&".join(f"a{n}=%ff" for n in range(2000)))
            with connection.getresponse() as response:
                assert json.loads(response.read())["ErrCode"] == "100017"
        assert call(running, "GET", "apps")["ErrCode"] == "000000"


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 0), (" ", 0), ("127.0.0.1", -1), ("127.0.0.1", 65536), ("no-such-host.invalid", 0), ("a" * 300, 0)],
)
def test_an_address_that_can_t_be_used(host: str, port: int) -> None:
    """No host, no port, no such name: an error with a remedy."""
    with pytest.raises(ReconcilerError) as caught, listening(host, port):
        pass
    assert caught.value.remedy


def test_a_port_in_use() -> None:
    """A port that someone has is an error that names it and another way."""
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert address(listener) == f"http://127.0.0.1:{port}"
        with pytest.raises(ReconcilerError) as caught, listening("127.0.0.1", port):
            pass
    assert f"port {port}" in str(caught.value)
    assert "--port" in caught.value.remedy


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_who_may_use_the_control_address(host: str, local: bool) -> None:  # noqa: FBT001 - a case
    """Only this machine, since nothing there is signed."""
    assert local == is_loopback(host)


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xfe", b"[]", b'{"format": "x"}', b"[" * 200_000])
def test_a_seed_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    """A seed that is missing, broken or another thing is an error with a remedy, and nothing listens."""
    seed = tmp_path / "seed.json"
    if content is not None:
        seed.write_bytes(content)
    with pytest.raises(ReconcilerError) as caught:
        serve("udesk", seed=str(seed), sid=SID, auth_token=AUTH_TOKEN, announce=pytest.fail)
    assert "snapshot" in caught.value.remedy


@pytest.mark.parametrize(
    "arguments",
    [
        {"dump": "missing/folder/state.json"},
        {"dump": "."},
        {"dialect": ["errors=5xx"]},
        {"faults": ["{"]},
        {"faults": ['{"kind": "x"}']},
        {"latency_ms": -1},
        {"provider": "acme"},
    ],
)
def test_settings_that_make_no_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any]
) -> None:
    """A dump that can't be written, or a bad setting, is found before anything listens."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReconcilerError) as caught:
        serve(**{"provider": "udesk", "sid": SID, "auth_token": AUTH_TOKEN, "announce": pytest.fail, **arguments})
    assert caught.value.remedy
    assert [] == list(tmp_path.iterdir())


def test_the_open_points_are_listed() -> None:
    """Each setting is shown with its default, its values and its question, within 80 columns where it is prose."""
    lines = dialects("udesk").splitlines()
    assert "errors=200  (200, 4xx)" in lines
    assert "lag=0  (a number)" in lines
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_a_signal_and_leaves_its_state(tmp_path: Path, number: signal.Signals) -> None:
    """One line when it listens, none besides; a signal ends it well, and the dump is a seed for the next."""
    seed, dump = tmp_path / "seed.json", tmp_path / "dump.json"
    seed.write_text(json.dumps({"tenant": APP_ID, "sections": {"agents": {"1": {"name": "李"}}}}), encoding="utf-8")
    program = (
        "import sys; from reconciler.simulate import serve;"
        f"serve('udesk', seed=sys.argv[1], dump=sys.argv[2], sid={SID!r}, auth_token={AUTH_TOKEN!r},"
        " announce=lambda line: print(line, flush=True)); print('ended')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(seed), str(dump)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on http://127.0.0.1:")
            with connected(line.split()[2]) as connection:
                assert ask(connection, "POST", "queues", QUEUE)["ErrCode"] == "000000"
            process.send_signal(number)
            rest, noise = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    assert (0, "ended\n", "") == (process.returncode, rest, noise)
    state = json.loads(dump.read_text(encoding="utf-8"))
    assert ("李", "Sales") == (
        state["sections"]["agents"]["1"]["name"],
        state["sections"]["queues"]["9001"]["name"],
    )
    assert ["dump.json", "seed.json"] == sorted(path.name for path in tmp_path.iterdir())
