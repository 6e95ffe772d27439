"""
Time an apply inside one process, from its first word to the journal to what it reads back in the end.

    python -m benchmarks.applying FOLDER --state URL [--without-journal]

prints one line of JSON, in seconds: `apply`, the wall time; `cpu`, of the whole process meanwhile. What comes before
(loading, the lock, reading, the plan) is done when the clock starts. Without a journal means one that takes all that it
is told and writes nothing: no option of the program does that, so it is put in its place here.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from reconciler import pipeline
from reconciler.model.call import Call
from reconciler.model.history import Attempt, RunState
from reconciler.model.outcome import Learned
from reconciler.session import Request, Session, open_session, read
from reconciler.store import journal


class Forgetful:
    """A journal that writes nothing."""

    @classmethod
    def begin(cls, *_: Any, **__: Any) -> Forgetful:
        """Begin nothing."""
        return cls()

    async def intend(self, attempts: Sequence[Attempt]) -> None:
        """Write no intents."""

    def ended(self, attempt: Attempt) -> None:
        """Write no ending."""

    async def keep(self, call: Call, learned: Learned) -> Mapping[str, str]:  # noqa: ARG002 - as a journal has it
        """Keep nothing."""
        return {}

    def close(self, state: RunState, counts: Mapping[str, int], problem: str = "") -> None:
        """Write no end."""


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Measure what happens inside."""
    found: dict[str, float] = {}
    wall, cpu = time.perf_counter(), time.process_time()
    yield found
    found |= {"apply": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


async def work(session: Session) -> dict[str, float]:
    """Plan, then apply under the clock."""
    await pipeline.lock(session)
    await pipeline.settle_earlier(session)
    made, live = await pipeline.plan(session)
    with timed() as found:
        result = await pipeline.apply(session, made, live)
    if not result.complete:
        raise SystemExit(f"the apply is not complete: {result.problem or result.outcomes[:3]}")
    return {"calls": len(made.calls), **found}


def main() -> None:
    """Load, apply, print."""
    parser = argparse.ArgumentParser(description="Time an apply inside one process.")
    parser.add_argument("path")
    parser.add_argument("--state", required=True)
    parser.add_argument("--without-journal", action="store_true")
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    options = parser.parse_args()
    if options.without_journal:
        journal.RunJournal = Forgetful  # type: ignore[assignment,misc]
    gc.disable()  # as the command does
    request = Request(
        path=options.path,
        state=options.state,
        assignments=tuple(options.assignments),
        command="apply",
        environ=os.environ,
    )
    session = open_session(read(request), request)
    try:
        found = asyncio.run(work(session))
    finally:
        session.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
