"""The commands in process, against a simulator on a real socket, with a sleep that takes no time."""

from __future__ import annotations

import asyncio
import contextlib
import io
import wave
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from reconciler import pipeline
from reconciler.model.drift import Drift
from reconciler.model.live import Live
from reconciler.model.outcome import Result
from reconciler.model.plan import Plan
from tests.servers import APP_ID, AUTH_TOKEN, SID

T = TypeVar("T")
Sections = Mapping[str, Any]
ENVIRON: Final = {"UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN}


def wav(tone: int) -> bytes:
    """Make a real wav file of a few samples; another *tone*, another content."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes([tone, 0]) * 80)
    return content.getvalue()


async def at_once(_seconds: float) -> None:
    """Sleep without waiting; others may run."""
    await asyncio.sleep(0)


@dataclass(kw_only=True)
class Stage:
    """One configuration on disk, and the tenant that it describes."""

    root: Path
    url: str
    unit: str = "ms"
    settings: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: ENVIRON)
    clock: Callable[[], float] | None = None
    assignments: tuple[str, ...] = ()

    def write(self, sections: Sections, files: Mapping[str, bytes] | None = None) -> None:
        """Write the configuration: *sections* in YAML, and *files* beside it."""
        provider = {
            "type": "udesk",
            "base_url": self.url,
            "app_id": APP_ID,
            "sid": "${env:UDESK_SID}",
            "auth_token": "${env:UDESK_AUTH_TOKEN}",
            "rate_limit": 10_000,
            "max_parallel": 16,
            "timestamp_unit": self.unit,
            "agent_batch": 2,
            **self.settings,
        }
        document = {"version": 1, "contact_center": "acme", "provider": provider, **sections}
        self.root.mkdir(parents=True, exist_ok=True)
        for name, content in (files or {}).items():
            (self.root / name).write_bytes(content)
        (self.root / "acme.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")

    def plan(self) -> Plan:
        """Run `plan`."""
        return self._run(_plan)

    def fetch(self) -> Live:
        """Run `fetch`."""
        return self._run(pipeline.fetch_all)

    def apply(self) -> tuple[Plan, Result]:
        """Run `apply`: plan, carry out, read back."""
        return self._run(_apply)

    def drift(self) -> Drift:
        """Run `drift`."""
        return self._run(pipeline.drift)

    @contextlib.contextmanager
    def session(self) -> Iterator[pipeline.Session]:
        """Have a session, as commands have."""
        request = pipeline.Request(path=str(self.root), environ=self.environ, assignments=self.assignments)
        session = pipeline.open_session(pipeline.read(request), request)
        session.sleep = at_once
        if self.clock is not None:
            session.clock = self.clock
        try:
            yield session
        finally:
            session.close()

    def _run(self, command: Callable[[pipeline.Session], Coroutine[Any, Any, T]]) -> T:
        with self.session() as session:
            return asyncio.run(command(session))


async def _plan(session: pipeline.Session) -> Plan:
    made, _ = await pipeline.plan(session)
    return made


async def _apply(session: pipeline.Session) -> tuple[Plan, Result]:
    made, live = await pipeline.plan(session)
    return made, await pipeline.apply(session, made, live)
