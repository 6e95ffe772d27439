"""
Time the planner's stages inside one process, with nothing of the start of a command in them.

    python -m benchmarks.stages FOLDER SNAPSHOT

prints one line of JSON, in seconds: `diff`, `plan`, `rehearse`, and `cover`, the least cover of the bindings alone,
which `plan` does too. What a stage imports when it is first needed is loaded before the clock starts.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from reconciler import snapshot
from reconciler.diff import diff
from reconciler.model.live import Live, Memory
from reconciler.pipeline import compare
from reconciler.plan import plan
from reconciler.plan.rehearse import rehearse
from reconciler.providers.cover import minimum_cover
from reconciler.session import Request, open_session, read

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Do *work*; give what it returns and the seconds it took."""
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def main() -> None:
    """Load both states, walk the stages, print."""
    path, live_path = sys.argv[1:]
    request = Request(path=path, environ=os.environ)
    session = open_session(read(request), request)
    desired, provider = session.desired, session.provider
    live = snapshot.read(live_path, desired, provider, Memory())
    provider.simulate(Live({}, Memory()))
    gc.disable()  # as the command does
    differences, diffing = timed(lambda: compare(session, live))
    made, planning = timed(lambda: plan(differences, desired, live, provider))
    _, rehearsing = timed(
        lambda: rehearse(
            made, desired, live, provider, check=lambda wish, end: diff(wish, end, provider.kinds, prune=False).changes
        )
    )
    pairs = {change.identity: change.members("queues").add for change in made.changes if change.section == "agents"}
    _, covering = timed(lambda: minimum_cover(pairs))
    print(json.dumps({"diff": diffing, "plan": planning, "rehearse": rehearsing, "cover": covering}))


if __name__ == "__main__":
    main()
