"""Commands that look can't write: not by mistake, not under another name, not on either vendor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from reconciler import fetch as fetching
from reconciler import pipeline
from reconciler.model.call import Call
from reconciler.model.errors import DefectError
from reconciler.pipeline import drifting, planning
from reconciler.providers.base import Client, Face, Label, Request, Response
from reconciler.providers.read_only import ReadOnly
from reconciler.providers.tencent import PROVIDER as TENCENT
from reconciler.providers.tencent.client import TencentClient
from reconciler.providers.tencent.settings import TencentSettings
from reconciler.providers.udesk.client import UdeskClient
from reconciler.session import Session
from tests.commands import CREDENTIALS, Commands, by_hand, configure, configure_tencent
from tests.laws.udesk.tenants import SETTINGS
from tests.servers import AUTH_TOKEN, SID, Front, Simulator, running

WRITE: Final = Call("PUT", "/ccapi/v2/queues", {"QueueId": "9001", "QueueName": "Oops"})
DISGUISED: Final = replace(WRITE, read_only=True)
DENIED: Final = (
    b'{"Response": {"Error": {"Code": "AuthFailure.UnauthorizedOperation", "Message": "no"}, "RequestId": "r"}}'
)
STAFF: Final = "queues:\n  sales: {name: Sales}\n"
TENANT: Final = 1400000000
LOOKING: Final = (
    ("plan", "{path}"),
    ("drift", "{path}"),
    ("fetch", "{path}", "--out", "{folder}/live.json"),
    ("export", "--provider-file", "{folder}/provider.yaml", "--out", "{folder}/out"),
)


class ReadersOnly(Front):
    """A vendor whose credentials may read and nothing else; what else arrives is counted and refused."""

    def __init__(self, face: Face) -> None:
        super().__init__(face)
        self.refused: list[str] = []
        self.strict = False

    def answer(self, request: Request) -> Response:
        """Refuse what writes."""
        label: Label = self.label(request)
        if self.strict and not label.reads:
            self.refused.append(label.name)
            return Response(status=200, headers={"content-type": "application/json"}, body=DENIED)
        return super().answer(request)


@pytest.fixture
def tencent() -> Iterator[tuple[Simulator, ReadersOnly]]:
    """Run a Tencent tenant, whose reads are POSTs too."""
    face = TENCENT.face(seed=None, tenant=str(TENANT), credentials=(SID, AUTH_TOKEN), dialect=(), clock=time.time)
    front = ReadersOnly(face)
    with running(front) as started:
        yield started, front


def sent_by(client: Client, call: Call) -> None:
    """Send a call."""

    async def story() -> None:
        async with client:
            await client.send(call)

    asyncio.run(story())


@pytest.mark.parametrize("call", [WRITE, replace(WRITE, method="GET", otherwise=WRITE)])
def test_a_write_is_stopped_before_a_byte_leaves(call: Call) -> None:
    """What is handed to commands that look refuses writes, also where only the other form of a call is one."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    client = UdeskClient(SETTINGS, root=".", clock=time.time, transport=httpx.MockTransport(answer))
    with pytest.raises(DefectError, match="was about to write"):
        sent_by(ReadOnly(client), call)
    assert [] == seen


def test_a_write_that_passes_for_a_read_is_stopped_too() -> None:
    """The vendors' own clients know what their reads look like, whatever a call says of itself."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    transport = httpx.MockTransport(answer)
    with pytest.raises(DefectError, match="taken for a read"):
        sent_by(ReadOnly(UdeskClient(SETTINGS, root=".", clock=time.time, transport=transport)), DISGUISED)
    settings = TencentSettings.model_validate(
        {"type": "tencent", "sdk_app_id": TENANT, "secret_id": "a" * 36, "secret_key": "b" * 32}
    )
    client = TencentClient(settings, clock=time.time, transport=transport)
    call = Call("POST", "/", {}, action="DeleteStaff", read_only=True)
    with pytest.raises(DefectError, match="taken for a read"):
        sent_by(ReadOnly(client), call)
    assert [] == seen


def looking(tenant: Simulator, folder: Path) -> Session:
    """Open a session as the commands do that look."""
    request = pipeline.Request(path=configure(folder / "acme.yaml", tenant), environ=CREDENTIALS)
    return pipeline.open_session(pipeline.read(request), request, writes=False)


def test_no_client_of_a_session_that_looks_can_write(tenant: Simulator, tmp_path: Path) -> None:
    """Neither the one that it hands out nor, should that be got round, the vendor's own inside of it."""
    session = looking(tenant, tmp_path)
    with pytest.raises(DefectError, match="was about to write"):
        sent_by(session.client(), WRITE)
    inner: Any = session.client()
    while hasattr(inner, "_client"):
        inner = inner._client  # noqa: SLF001 - as somebody would who means it
    with pytest.raises(DefectError, match="was about to write"):
        sent_by(inner, WRITE)
    assert 0 == tenant.calls()["writes"]
    session.close()


def test_a_session_that_may_write_still_reads_with_a_reader(tenant: Simulator, tmp_path: Path) -> None:
    """What compares is handed a reader, also in a run that will write."""
    request = pipeline.Request(path=configure(tmp_path / "acme.yaml", tenant), environ=CREDENTIALS)
    session = pipeline.open_session(pipeline.read(request), request)
    with pytest.raises(DefectError, match="was about to write"):
        sent_by(session.reader(), WRITE)
    session.close()


@pytest.mark.parametrize("call", [WRITE, DISGUISED])
@pytest.mark.parametrize("way", ["reader", "client"])
def test_a_drift_gone_wrong_changes_nothing(  # noqa: PLR0913, PLR0917 - pytest hands each over
    command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call, way: str
) -> None:
    """Were `drift` to write by a mistake of ours, it would end with an error before anything is sent."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    by_hand(tenant, "PUT", "queues", {"QueueId": "9001", "QueueName": "Mine", "Timeout": 60, "MaxLength": 128})
    before, writes = tenant.state(), tenant.calls()["writes"]
    fetch = planning.fetch_needed

    async def mutated(session: Session, client: Client) -> Any:
        live = await fetch(session, client)
        await (client if way == "reader" else session.client()).send(call)
        return live

    monkeypatch.setattr(drifting, "fetch_needed", mutated)
    done = command("drift", path)
    assert (1, "") == (done.code, done.out)
    assert "Nothing was changed" in done.err
    assert (before, writes) == (tenant.state(), tenant.calls()["writes"])


@pytest.mark.parametrize("arguments", LOOKING, ids=lambda item: item[0])
def test_commands_that_look_send_reads_alone(
    command: Commands, tenant: Simulator, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Whatever differs, they only read."""
    path = configure(tmp_path / "files" / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    by_hand(tenant, "DELETE", "agents/queues", {"AgentId": "10031", "Queues": ["9001"]})
    configure(tmp_path / "provider.yaml", tenant, "")
    writes, calls = tenant.calls()["writes"], tenant.calls()["calls"]
    done = command(*(item.format(path=path, folder=tmp_path) for item in arguments))
    assert done.code in {0, 2}, done.err
    assert writes == tenant.calls()["writes"]
    assert len(calls) < len(tenant.calls()["calls"]) if isinstance(calls, list) else calls < tenant.calls()["calls"]


@pytest.mark.parametrize("arguments", LOOKING, ids=lambda item: item[0])
def test_credentials_that_may_only_read_are_enough(
    command: Commands, tencent: tuple[Simulator, ReadersOnly], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """A policy of the vendor's that allows reads alone lets every command pass that looks."""
    started, front = tencent
    path = configure_tencent(tmp_path / "files" / "acme.yaml", started, STAFF)
    command.ok("apply", path, "--yes")
    configure_tencent(tmp_path / "provider.yaml", started, "")
    front.strict = True
    done = command(*(item.format(path=path, folder=tmp_path) for item in arguments))
    assert 0 == done.code, done.err
    assert [] == front.refused
    (tmp_path / "files" / "acme.yaml").write_text(
        (tmp_path / "files" / "acme.yaml").read_text().replace("name: Sales", "name: Vente, renamed_from: Sales")
    )
    assert 0 != command("apply", path, "--yes").code
    assert [] != front.refused, "what writes is refused here, so the rest did not write"


def test_drift_takes_no_lock(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Another run may hold the tenant's lock; drift looks all the same, and leaves the lock alone."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    request = pipeline.Request(path=path, environ=CREDENTIALS)
    writer = pipeline.open_session(pipeline.read(request), request)
    asyncio.run(pipeline.lock(writer))
    assert writer.lease is not None
    fence = writer.lease.fence
    assert 0 == command("drift", path).code
    writer.lease.check()
    assert fence == writer.lease.fence
    writer.close()


def test_what_an_apply_is_half_through_is_not_told(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """While a run writes, what differs may be its work: drift says so, and keeps nothing of it."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    by_hand(tenant, "DELETE", "agents/queues", {"AgentId": "10031", "Queues": ["9001"]})
    request = pipeline.Request(path=path, environ=CREDENTIALS)
    writer = pipeline.open_session(pipeline.read(request), request)
    asyncio.run(pipeline.lock(writer))
    done = command("drift", path, "--format", "json")
    assert (2, ["apply-at-work"]) == (done.code, [item["code"] for item in done.json["warnings"]])
    assert ("", [None]) == (done.json["run"], [item["status"] for item in done.json["drift"]])
    writer.close()
    done = command("drift", path, "--format", "json")
    assert (2, []) == (done.code, done.json["warnings"])
    assert ["new"] == [item["status"] for item in done.json["drift"]]


def test_planning_reads_with_a_reader(
    tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Commands
) -> None:
    """What `plan` and `fetch` are handed is a reader, too."""
    path = configure(tmp_path / "acme.yaml", tenant)
    handed: list[object] = []
    fetch = fetching.fetch

    async def watched(provider: Any, client: Any, *arguments: Any, **named: Any) -> Any:
        handed.append(client)
        return await fetch(provider, client, *arguments, **named)

    monkeypatch.setattr(planning, "fetch", watched)
    command.ok("plan", path)
    command.ok("fetch", path, "--out", str(tmp_path / "live.json"))
    assert [ReadOnly, ReadOnly] == [type(item) for item in handed]
