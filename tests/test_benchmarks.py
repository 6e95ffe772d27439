"""The benchmarks' own parts: what they compare with must be right, else their table says nothing."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from pathlib import Path
from typing import Any

from benchmarks import clients, lean_server, tenants
from benchmarks.applying import Forgetful
from benchmarks.places import AUTH_TOKEN, SID
from benchmarks.rows import shown
from reconciler.providers.udesk import PROVIDER
from reconciler.simulate.calls import Calls
from reconciler.simulate.control import Control
from reconciler.store.journal import RunJournal


def seed(tmp_path: Path, agents: int) -> Any:
    """Make the live state of a tenant."""
    path = tmp_path / "live.json"
    tenants.write_live(path, agents=agents, queues_each=2)
    return json.loads(path.read_bytes())


def test_plain_clients_do_what_an_apply_does(tmp_path: Path) -> None:
    """On the lean server both give every agent another mobile number, each with a call of its own."""
    changed = [tenants.Agent(place, changed=True).mobile for place in range(5)]

    async def run(way: Any) -> tuple[Any, Any]:
        live = seed(tmp_path, 5)
        face = PROVIDER.face(seed=live, tenant=None, credentials=(SID, AUTH_TOKEN), dialect=(), clock=time.time)
        calls = Calls()
        control = Control(face, calls, latency_ms=1)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: lean_server.Connection(face, calls, control), "127.0.0.1", 0)
        async with server:
            await way(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 5, 2)
        return face.state(), calls.as_json()

    for way in (clients.bare, clients.with_httpx):
        state, calls = asyncio.run(run(way))
        assert changed == [agent["mobile"] for agent in state["sections"]["agents"].values()]
        assert (5, 0) == (calls["writes"], calls["reads"])
        assert 2 >= calls["most_in_flight"]


def test_the_journal_that_writes_nothing_is_one() -> None:
    """It has every public method that a journal has, else the apply without a journal would be another apply."""
    asked = {name for name, _ in inspect.getmembers(RunJournal, inspect.isfunction) if not name.startswith("_")}
    assert set() == {*asked} - {*dir(Forgetful)} - {"settled"}  # which is not for the applier


def test_a_row_without_a_bound_is_for_orientation() -> None:
    """It says no verdict, and is not counted as held or missed."""
    assert ("what", "3.00 s", "2.00 s", "1.50x", "", "") == shown("what", 3, 2).cells()
    assert "**miss**" == shown("what", 3, 2, 1.4).cells()[-1]
    assert "pass" == shown("what", 3, 2, 1.4, at_least=True).cells()[-1]
