"""What arrived at a simulated vendor: evidence that a client keeps to its rates and its parallelism."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from reconciler.providers.base import Label, Request

_LOGGED: Final = 10_000  # calls that are kept; all are counted


class _Busiest:
    """How many calls there were, and how many in the busiest second."""

    def __init__(self) -> None:
        self.count = 0
        self.most = 0
        self._window: deque[float] = deque()

    def add(self, now: float) -> None:
        """Count one call; *now* is in seconds."""
        self.count += 1
        self._window.append(now)
        while self._window[0] <= now - 1.0:
            self._window.popleft()
        self.most = max(self.most, len(self._window))


class Calls:
    """What arrived: how many calls, how many in the busiest second, also by name, and how many at once."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.clear()

    def clear(self) -> None:
        """Forget what was."""
        self._started = time.monotonic()
        self._log: deque[dict[str, Any]] = deque(maxlen=_LOGGED)
        self._all = _Busiest()
        self._by_name: dict[str, _Busiest] = {}
        self._reads = 0
        self._most_in_flight = self.in_flight

    @contextlib.contextmanager
    def running(self, request: Request, label: Label) -> Iterator[dict[str, Any]]:
        """Count a call while it runs; the caller adds its status to what this gives."""
        now = time.monotonic()
        self.in_flight += 1
        self._reads += label.reads
        self._all.add(now)
        if label.name in self._by_name or len(self._by_name) < _LOGGED:
            self._by_name.setdefault(label.name, _Busiest()).add(now)
        self._most_in_flight = max(self._most_in_flight, self.in_flight)
        entry: dict[str, Any] = {
            "at_s": round(now - self._started, 4),
            "name": label.name,
            "method": request.method,
            "path": request.path,
            "status": 0,
        }
        self._log.append(entry)
        try:
            yield entry
        finally:
            self.in_flight -= 1
            entry["took_s"] = round(time.monotonic() - now, 4)

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON data; `status` 0 is a call that got no answer."""
        return {
            "count": self._all.count,
            "reads": self._reads,
            "writes": self._all.count - self._reads,
            "most_in_a_second": self._all.most,
            "most_in_flight": self._most_in_flight,
            "by_name": {
                name: {"count": found.count, "most_in_a_second": found.most} for name, found in self._by_name.items()
            },
            "calls": list(self._log),
        }
