"""What arrived at a simulated vendor: evidence that a client keeps to its rate and its parallelism."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

_LOGGED: Final = 10_000  # calls that are kept; all are counted


class Calls:
    """What arrived: how many calls, how many in the busiest second, how many at once."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.clear()

    def clear(self) -> None:
        """Forget what was."""
        self._started = time.monotonic()
        self._window: deque[float] = deque()
        self._log: deque[dict[str, Any]] = deque(maxlen=_LOGGED)
        self._count = 0
        self._reads = 0
        self._most_in_a_second = 0
        self._most_in_flight = self.in_flight

    @contextlib.contextmanager
    def running(self, method: str, path: str) -> Iterator[dict[str, Any]]:
        """Count a call while it runs; the caller adds its status to what this gives."""
        now = time.monotonic()
        self.in_flight += 1
        self._count += 1
        self._reads += method == "GET"
        self._window.append(now)
        while self._window[0] <= now - 1.0:
            self._window.popleft()
        self._most_in_a_second = max(self._most_in_a_second, len(self._window))
        self._most_in_flight = max(self._most_in_flight, self.in_flight)
        entry: dict[str, Any] = {"at_s": round(now - self._started, 4), "method": method, "path": path, "status": 0}
        self._log.append(entry)
        try:
            yield entry
        finally:
            self.in_flight -= 1
            entry["took_s"] = round(time.monotonic() - now, 4)

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON data; `status` 0 is a call that got no answer."""
        return {
            "count": self._count,
            "reads": self._reads,
            "writes": self._count - self._reads,
            "most_in_a_second": self._most_in_a_second,
            "most_in_flight": self._most_in_flight,
            "calls": list(self._log),
        }
