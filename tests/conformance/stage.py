"""The commands in process, against a simulator on a real socket or without one, with a sleep that takes no time."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from reconciler import export as exporting
from reconciler import pipeline
from reconciler.model.drift import Drift
from reconciler.model.live import Live
from reconciler.model.outcome import Result
from reconciler.model.plan import Plan
from reconciler.providers.base import Face
from tests.conformance.udesk.vendor import UDESK
from tests.conformance.vendor import Sections, Vendor
from tests.conformance.within import within

T = TypeVar("T")
ENVIRON: Final = UDESK.environ


async def at_once(_seconds: float) -> None:
    """Sleep without waiting; others may run."""
    await asyncio.sleep(0)


@dataclass(kw_only=True)
class Stage:
    """One configuration on disk, and the tenant that it describes."""

    root: Path
    url: str
    vendor: Vendor = UDESK
    settings: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] | None = None  # the vendor's, where it is None
    clock: Callable[[], float] | None = None
    assignments: tuple[str, ...] = ()
    face: Face | None = None  # a simulated tenant in this process, in place of the one at the url

    def write(self, sections: Sections, files: Mapping[str, bytes] | None = None) -> None:
        """Write the configuration: *sections* in YAML, and *files* beside it."""
        document = {**self._head(), **sections}
        self.root.mkdir(parents=True, exist_ok=True)
        for name, content in (files or {}).items():
            (self.root / name).write_bytes(content)
        (self.root / "acme.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")

    def _head(self) -> dict[str, Any]:
        provider = self.vendor.provider(self.url, self.settings)
        return {"version": 1, "contact_center": "acme", "provider": provider}

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

    def export(self, out: Path) -> None:
        """Run `export` into a new folder; it makes sure that a plan from there is empty."""
        frame = self.root.with_name(f"{self.root.name}.frame.yaml")
        frame.write_text(yaml.safe_dump(self._head(), sort_keys=False), encoding="utf-8")
        with self.session(frame) as session:
            asyncio.run(exporting.export(session, str(out)))

    def passwords(self) -> dict[str, str]:
        """Give what was kept of extensions that were made: their passwords, which nothing shows again."""
        path = self.root / ".reconciler" / "secrets" / "acme.json"
        if not path.exists():
            return {}
        kept = json.loads(path.read_text(encoding="utf-8"))["extensions"]
        return {number: entry["password"] for number, entry in kept.items()}

    @contextlib.contextmanager
    def session(self, path: Path | None = None) -> Iterator[pipeline.Session]:
        """Have a session, as commands have; *path* is another configuration than this one."""
        environ = self.vendor.environ if self.environ is None else self.environ
        request = pipeline.Request(path=str(path or self.root), environ=environ, assignments=self.assignments)
        session = pipeline.open_session(pipeline.read(request), request)
        session.sleep = at_once
        if self.face is not None:
            session.provider = within(session.provider, self.vendor, self.face)
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
