"""What a dead run left open: told by `plan`, settled by `apply` before anything else, and told once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from reconciler import pipeline
from reconciler.model.call import Call
from reconciler.model.history import Ending, RunState, Settled
from tests.commands import CREDENTIALS, Commands, by_hand, configure
from tests.dead_run import left_open
from tests.servers import Simulator

API = "/ccapi/v2/"


def queue(number: str, name: str) -> Call:
    """Make the creation of a queue."""
    body = {"QueueId": number, "QueueName": name}
    return Call("POST", API + "queues", body, id=f"q{number}", gives=frozenset({("queue", number)}))


def test_what_was_left_open_is_settled_and_told_once(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """One had happened, one had not, and of one nobody can know: its password may be lost."""
    path = configure(tmp_path / "acme.yaml", tenant)
    by_hand(tenant, "POST", "queues", {"QueueId": "9001", "QueueName": "Sales"})
    extension = Call(
        "POST",
        API + "extensions",
        {"Extension": "8001"},
        id="e1",
        accepts=frozenset({"exists"}),
        changes=("extensions/8001",),
        gives=frozenset({("extension", "8001")}),
    )
    run = left_open(tmp_path, queue("9001", "Sales"), queue("9009", "Nine"), extension)
    planned = command.ok("plan", path)
    assert f"Run {run} has 3 calls open" in " ".join(planned.err.split())
    applied = command.ok("apply", path, "--yes")
    told = " ".join(applied.err.split())
    assert f"Run {run} left 3 calls open" in told
    assert "q9001 POST /ccapi/v2/queues had happened" in told
    assert "q9009 POST /ccapi/v2/queues had not happened" in told
    assert "e1 POST /ccapi/v2/extensions can't be seen" in told
    assert "extension 8001" in told
    assert "password was lost" in told
    assert "left 3 calls open" not in " ".join(applied.out.split())
    assert all(len(line) <= 80 for line in applied.err.splitlines() if ".reconciler" not in line)
    again = command.ok("apply", path, "--yes")
    assert run not in again.err + again.out
    assert run not in command.ok("plan", path).err
    shown = command.ok("history", "show", run, path)
    assert "cut off" in shown.out


def test_an_agent_s_own_extension_is_found_and_its_password_told_to_be_lost(
    command: Commands, tenant: Simulator, tmp_path: Path
) -> None:
    """`auto`: the vendor made and bound it, and gave its password to a run that is dead ("Create Seat")."""
    path = configure(tmp_path / "acme.yaml", tenant, 'agents:\n  wang: {id: "102", work_id: "7", extensions: auto}\n')
    made = Call(
        "POST",
        API + "agents",
        {"Agents": [{"AgentId": "102", "WorkId": "7", "IsCreateExtension": True}]},
        id="c1",
        changes=("agents/wang",),
        gives=frozenset({("agent", "102")}),
    )
    by_hand(tenant, "POST", "agents", dict(made.body or {}))
    left_open(tmp_path, made)
    applied = command.ok("apply", path, "--yes")
    assert "password" in applied.err
    assert "0 calls" not in applied.out


def test_a_password_whose_loss_nobody_could_tell_any_more_is_told(
    command: Commands, tenant: Simulator, tmp_path: Path
) -> None:
    """The run read back that its extension was made, and died before its result was shown."""
    path = configure(tmp_path / "acme.yaml", tenant, 'extensions: ["8001"]\n')
    by_hand(tenant, "POST", "extensions", {"Extension": "8001"})
    made = Call(
        "POST",
        API + "extensions",
        {"Extension": "8001"},
        id="e1",
        accepts=frozenset({"exists"}),
        changes=("extensions/8001",),
    )
    left_open(tmp_path, made, ending=Ending.LOST, settled=Settled.DONE)
    told = " ".join(command.ok("apply", path, "--yes").err.split())
    assert "extension 8001" in told
    assert ".reconciler/secrets/acme.json" in told


def test_what_the_last_run_made_and_nothing_shows_yet_is_waited_for(tenant: Simulator, tmp_path: Path) -> None:
    """The vendor said that it was done, a moment ago; a plan that starts from before would make it twice."""
    path = configure(tmp_path / "acme.yaml", tenant)
    left_open(tmp_path, queue("9001", "Sales"), ending=Ending.DONE, state=RunState.INCOMPLETE)
    request = pipeline.Request(path=path, environ=CREDENTIALS)
    session = pipeline.open_session(pipeline.read(request), request)
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            by_hand(tenant, "POST", "queues", {"QueueId": "9001", "QueueName": "Sales"})

    session.sleep = sleep
    try:
        assert () == asyncio.run(pipeline.settle_earlier(session))
        assert 2 == len(pauses)
        session.clock = lambda: time.time() + 3600
        asyncio.run(pipeline.settle_earlier(session))
        assert 2 == len(pauses)
    finally:
        session.close()
