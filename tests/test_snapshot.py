"""Snapshots: `fetch`, and what reads them: `plan --live` and `simulate --seed`."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands import BODY, Commands, by_hand, head
from tests.servers import Simulator, simulator

EXAMPLE: Final = Path(__file__).resolve().parent.parent / "examples" / "udesk-before.json"


@pytest.fixture
def tenant() -> Any:
    """Run the tenant of the examples."""
    with simulator(seed=json.loads(EXAMPLE.read_text(encoding="utf-8"))) as running:
        yield running


def configured(folder: Path, running: Simulator, body: str = BODY) -> str:
    """Write a configuration of the examples' tenant."""
    tenant = json.loads(EXAMPLE.read_text(encoding="utf-8"))["tenant"]
    path = folder / "acme.yaml"
    text = head(running.url) + body
    path.write_text(
        "".join(f"  app_id: {tenant}\n" if "app_id" in line else line for line in text.splitlines(keepends=True))
    )
    return str(path)


def test_a_round_trip(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """What was fetched, simulated and fetched again is the same file, byte for byte."""
    path = configured(tmp_path, tenant)
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    command.ok("fetch", path, "--out", str(first))
    with simulator(seed=json.loads(first.read_text(encoding="utf-8"))) as again:
        command.ok("fetch", path, "--out", str(second), "--set", f"provider.base_url={again.url}")
    assert first.read_bytes() == second.read_bytes()
    assert command.ok("fetch", path, "--out", "-").out == first.read_text(encoding="utf-8")
    assert stat.S_IMODE(first.stat().st_mode) == 0o600, "a tenant's people and numbers are nobody else's business"
    document = json.loads(first.read_text(encoding="utf-8"))
    before = json.loads(EXAMPLE.read_text(encoding="utf-8"))["sections"]
    assert before["agents"] == document["sections"]["agents"]
    assert before["queues"] == document["sections"]["queues"]


@pytest.mark.parametrize("body", [BODY, "queues: {}\n", "application: {memo: New}\n", ""])
def test_a_plan_from_a_snapshot(command: Commands, tenant: Simulator, tmp_path: Path, body: str) -> None:
    """`plan --live` makes no call, and says what `plan` says, to the byte, digests included."""
    path = configured(tmp_path, tenant, body)
    live = str(tmp_path / "live.json")
    command.ok("fetch", path, "--out", live)
    direct = command.ok("plan", path, "--format", "json").out
    assert command.ok("plan", path).out == command.ok("plan", path, "--live", live).out
    tenant.stop()
    assert direct == command.ok("plan", path, "--live", live, "--format", "json").out


def test_a_plan_from_a_snapshot_can_be_saved(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A plan made offline is applied like any other, and refused when the tenant has moved on."""
    path = configured(tmp_path, tenant, "queues: {'9001': {timeout: 77}}\n")
    live, out = str(tmp_path / "live.json"), str(tmp_path / "plan.json")
    command.ok("fetch", path, "--out", live)
    command.ok("plan", path, "--live", live, "--out", out)
    by_hand(tenant, "PUT", "queues", {"QueueId": "9001", "QueueName": "Sales", "Timeout": 5})
    assert command("apply", out).code == 3
    command.ok("fetch", path, "--out", live)
    command.ok("plan", path, "--live", live, "--out", out)
    command.ok("apply", out)
    assert tenant.state()["sections"]["queues"]["9001"]["timeout"] == 77


BROKEN: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "no object": lambda _: [],
    "another format": lambda live: {**live, "format": "reconciler-live/9"},
    "another tenant": lambda live: {**live, "tenant": "else"},
    "another vendor": lambda live: {**live, "provider": "else"},
    "no sections": lambda live: {**live, "sections": []},
    "a section that is a list": lambda live: {**live, "sections": {"queues": []}},
    "an object that is text": lambda live: {**live, "sections": {"queues": {"9001": "x"}}},
    "a number as text": lambda live: {**live, "sections": {"queues": {"9001": {"id": "9001", "timeout": "60"}}}},
    "text as a number": lambda live: {**live, "sections": {"queues": {"9001": {"id": 9001}}}},
    "true as a number": lambda live: {**live, "sections": {"queues": {"9001": {"id": "9001", "timeout": True}}}},
    "a list of numbers": lambda live: {**live, "sections": {"agents": {"1": {"id": "1", "queues": [9001]}}}},
    "null": lambda live: {**live, "sections": {"agents": {"1": {"id": "1", "queues": None}}}},
    "under another id": lambda live: {**live, "sections": {"queues": {"9001": {"id": "9002"}}}},
}


@pytest.mark.parametrize("name", BROKEN)
def test_snapshots_that_are_none(command: Commands, tenant: Simulator, tmp_path: Path, name: str) -> None:
    """Whatever the file holds, the worst is an error that names the place."""
    path = configured(tmp_path, tenant)
    live = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(BROKEN[name](live)), encoding="utf-8")
    done = command("plan", path, "--live", str(broken))
    assert (1, "") == (done.code, done.out)
    assert "broken.json" in done.err.replace("\n  ", "")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"nul", b'{"format": NaN}', b"1" * 5000])
def test_files_that_are_no_json(command: Commands, tenant: Simulator, tmp_path: Path, content: bytes) -> None:
    """Garbage is an error with the remedy."""
    path = configured(tmp_path, tenant)
    (tmp_path / "live.json").write_bytes(content)
    for where in ("live.json", "none.json", "."):
        done = command("plan", path, "--live", str(tmp_path / where))
        assert (1, "") == (done.code, done.out)
        assert "reconciler fetch" in done.err


def test_a_section_that_the_snapshot_lacks(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A snapshot that lacks a section is half a picture, and never taken for an empty one."""
    path = configured(tmp_path, tenant)
    live = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    for section in ("queues", "agents", "extensions"):
        part = {**live, "sections": {name: items for name, items in live["sections"].items() if name != section}}
        (tmp_path / "part.json").write_text(json.dumps(part), encoding="utf-8")
        done = command("plan", path, "--live", str(tmp_path / "part.json"))
        assert (1, "") == (done.code, done.out), section
        assert section in done.err


def test_a_snapshot_that_can_t_be_true(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """An agent serves a queue that is not listed: what a fetch would say of it, and no word of the simulator."""
    path = configured(tmp_path, tenant)
    live = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    agent = min(live["sections"]["agents"])
    live["sections"]["agents"][agent]["queues"] = ["9777"]
    (tmp_path / "odd.json").write_text(json.dumps(live), encoding="utf-8")
    done = command("plan", path, "--live", str(tmp_path / "odd.json"))
    assert 1 == done.code
    said = " ".join(done.err.split())
    assert f"what was read can't be true at once: agent {agent} serves queue 9777, and the list of queues" in said
    assert "reconciler fetch PATH --out SNAPSHOT.json" in said
    assert "simulator" not in said
