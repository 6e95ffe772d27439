"""The metrics file of a look for drift, written whatever becomes of the look."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.app import App, show_error
from reconciler.cli.output import write_file
from reconciler.cli.work import tenant_of

if TYPE_CHECKING:
    from reconciler.load import Loaded
    from reconciler.model.drift import Drift
    from reconciler.session import Session

_READABLE = 0o644  # the collector runs as somebody else
_LONGEST = 4_000_000  # bytes of an earlier file


@dataclass(slots=True, kw_only=True)
class Gauge:
    """What is measured of one look; without a *path* nothing is written. *kept*: nothing went wrong with the file."""

    app: App
    path: str | None
    started: float = field(default_factory=time.time)
    kept: bool = True
    _loaded: Loaded | None = None
    _session: Session | None = None
    _last: float | None = None

    def of(self, loaded: Loaded) -> Loaded:
        """Take note of whose look it is."""
        self._loaded = loaded
        return loaded

    def begin(self, session: Session) -> None:
        """Take note of who counts the calls, and of the last look that worked."""
        from reconciler import pipeline
        from reconciler.model.errors import StoreError

        self._session = session
        if self.path is not None:
            with contextlib.suppress(StoreError):
                self._last = pipeline.last_success(session)

    def worked(self, session: Session, found: Drift, *, notify_failures: int) -> None:
        """Write what a look found."""
        sections = [kind.section for kind in session.provider.kinds.values() if not kind.external]
        self._write(found, sections, notify_failures)

    def failed(self) -> None:
        """Write that a look failed."""
        self._write(None, [], 0)

    def _write(self, found: Drift | None, sections: list[str], notify_failures: int) -> None:
        if self.path is None:
            return
        from reconciler.model.errors import ReconcilerError
        from reconciler.report.metrics import Measured, metrics

        loaded, now = self._loaded, time.time()
        measured = Measured(
            contact_center=tenant_of(loaded) if loaded is not None else "",
            provider=loaded.provider.name if loaded is not None and loaded.provider is not None else "",
            ended=now,
            seconds=max(now - self.started, 0.0),
            calls=self._session.asked if self._session is not None else 0,
            last_success=self._last,
            notify_failures=notify_failures,
        )
        text = metrics(measured, found, sections=sections, earlier=_earlier(self.path), mask=self.app.mask)
        try:
            write_file(self.path, text, mode=_READABLE)
        except ReconcilerError as error:
            self.kept = False
            show_error(self.app, error)


def _earlier(path: str) -> str:
    """Read the file of an earlier look; "" where there is none that can be read."""
    with contextlib.suppress(OSError, ValueError):
        if Path(path).is_file():  # a pipe has no earlier content, and would be waited for
            with Path(path).open("rb") as file:
                return file.read(_LONGEST).decode("utf-8", errors="replace")
    return ""
