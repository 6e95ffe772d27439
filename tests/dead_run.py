"""A run that died and left calls open in the store, for tests of what comes after it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from reconciler.model.call import Call
from reconciler.model.history import Attempt, Ending, Run, RunState, Settled
from reconciler.store import journal
from reconciler.store.database import Store
from tests.servers import APP_ID

TENANT: Final = f"udesk:acme:{APP_ID}"


def left_open(
    folder: Path,
    *calls: Call,
    ending: Ending | None = None,
    settled: Settled | None = None,
    state: RunState = RunState.RUNNING,
    tenant: str = TENANT,
) -> str:
    """Have a run write its intents, and perhaps how they ended; by default it dies right after its intents."""
    store = Store.open(folder / ".reconciler" / "state.db")
    run = Run(
        id="dead00000001",
        tenant=tenant,
        contact_center="acme",
        provider=tenant.partition(":")[0],
        command="apply",
        started=time.time(),
        calls=len(calls),
    )

    async def write() -> None:
        begun = journal.RunJournal.begin(store, run, lease=None, keep_passwords=lambda _: "", clock=time.time)
        attempts = [Attempt(call=call, number=1) for call in calls]
        await begun.intend(attempts)
        for attempt in attempts if ending is not None else ():
            begun.ended(replace(attempt, ending=ending, settled=settled))
        begun.close(state, {})

    asyncio.run(write())
    return run.id
