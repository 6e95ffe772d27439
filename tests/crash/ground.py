"""
The ground on which runs are struck: a simulated tenant that can strike too, a configuration, and what must hold.

Each story starts from the same state of the tenant, of the folder and of its store. The writes that take effect are
counted where they do, at the vendor.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reconciler.providers.base import Request, Response
from tests.commands import PATIENCE_S
from tests.conformance.stage import Stage
from tests.conformance.vendor import Act, Vendor
from tests.servers import Front, Simulator

ROOT: Final = Path(__file__).resolve().parents[2]
KILL: Final = (signal.SIGKILL,)
VENDOR: Final = ("arrived", "effect", "answered")
"""Points at the vendor: a write has arrived and is dropped, has taken effect, and has been answered."""


@dataclass(kw_only=True)
class Blow:
    """Where a run is to be struck: at the crossing of a point, counted from 1; with what."""

    point: str = ""
    crossing: int = 0
    signals: tuple[int, ...] = KILL

    def __str__(self) -> str:
        """Name it."""
        return f"{self.point} #{self.crossing}" + ("" if self.signals == KILL else f" {self.signals}")


class Striking(Front):
    """A simulated tenant that counts the writes that change it, and strikes whoever makes the chosen one."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(vendor.face(vendor.story.empty, (), time.time))
        self._vendor = vendor
        self.begin()

    def begin(self) -> None:
        """Begin a story: writes that took effect and passwords are counted from here on."""
        self.effects: list[str] = []
        self.passwords: dict[str, str] = {}
        self.prepare(Blow())

    def prepare(self, blow: Blow) -> None:
        """Begin to count crossings anew, with a new blow and for a new process."""
        self.blow = blow
        self.victim: Future[int] = Future()
        self.crossed: Counter[str] = Counter()
        self.struck: int | None = None  # how many writes had arrived then

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        if self.label(request).reads:
            return super().answer(request)
        self.crossed["writes"] += 1
        if self.cross("arrived"):
            return Response(status=500)  # nobody is there to read it
        before = self.state()
        response = super().answer(request)
        if self.state() != before:
            self.effects.append(f"{request.method} {self._vendor.api(request)}")
        if self._vendor.gives_passwords:
            self._note(response)
        self.cross("effect")
        return response

    def answered(self) -> None:
        """Be told that an answer to a write is on its way."""
        self.cross("answered")

    def cross(self, point: str) -> bool:
        """Cross a point; True when that struck somebody dead."""
        self.crossed[point] += 1
        if (point, self.crossed[point]) != (self.blow.point, self.blow.crossing):
            return False
        self.struck = self.crossed["writes"]
        pid = self.victim.result(timeout=PATIENCE_S)
        for number in self.blow.signals:
            os.kill(pid, number)
        return signal.SIGKILL in self.blow.signals

    def _note(self, response: Response) -> None:
        """Note the passwords that are given."""
        result = json.loads(response.body).get("Result")
        found = result.get("Extensions") if isinstance(result, dict) and "Extensions" in result else [result]
        for row in found if isinstance(found, list) else []:
            if isinstance(row, dict) and row.get("Password"):
                self.passwords[str(row["Extension"])] = row["Password"]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How one run ended: its exit code (minus the signal that killed it), what it said, and what was counted."""

    code: int
    out: str
    err: str
    crossed: Mapping[str, int]
    writes: int
    late: int  # writes that arrived after the vendor had struck

    @property
    def result(self) -> Any:
        """Decode what it did; None where it did not say."""
        with contextlib.suppress(ValueError):
            return json.loads(self.out)
        return None


@dataclass(kw_only=True)
class Ground:
    """A tenant, a folder, and a process that becomes runs."""

    folder: Path
    of: Vendor
    vendor: Striking
    running: Simulator
    server: subprocess.Popen[str]
    origin: Path
    state: Any = None
    attempts_before: int = 0

    @property
    def store(self) -> Path:
        """Where the store is."""
        return self.folder / ".reconciler" / "state.db"

    def write(self, act: Act, *, parallel: int) -> None:
        """Write the configuration."""
        stage = Stage(root=self.folder, url=self.running.url, vendor=self.of, settings={"max_parallel": parallel})
        stage.write(act.wish, act.files)

    def keep(self) -> None:
        """Make all as it is now what stories start from."""
        shutil.rmtree(self.origin, ignore_errors=True)
        shutil.copytree(self.folder, self.origin)
        self.state = json.loads(json.dumps(self.vendor.state()))
        self.attempts_before = self.journal().attempts

    def restore(self) -> None:
        """Go back to where stories start."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.origin, self.folder)
        self.vendor.load(self.state)
        self.vendor.begin()

    def run(self, blow: Blow | None = None, *arguments: str) -> Ended:
        """Apply in a process of its own, which may be struck."""
        blow = blow or Blow()
        self.vendor.prepare(blow)
        files = {name: str(self.folder.with_name(f"{self.folder.name}.{name}")) for name in ("out", "err", "crossed")}
        for file in files.values():
            Path(file).unlink(missing_ok=True)
        asked = {
            "arguments": arguments or ("apply", str(self.folder), "--yes", "--format", "json"),
            "environ": dict(self.of.environ),
            "point": "" if blow.point in VENDOR else blow.point,
            "crossing": blow.crossing,
            "signals": [int(number) for number in blow.signals],
            **files,
        }
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps(asked) + "\n")
        self.server.stdin.flush()
        pid = self._answer()["pid"]
        self.vendor.victim.set_result(pid)
        code = self._answer(pid)["code"]
        for _ in range(2):  # what a dead process had sent is carried out before anybody asks again
            self.running.control("GET", "faults")
        out, err = (Path(files[name]).read_text(encoding="utf-8") for name in ("out", "err"))
        crossed = Path(files["crossed"])
        vendor = self.vendor
        return Ended(
            code=code,
            out=out,
            err=err,
            crossed={**vendor.crossed, **(json.loads(crossed.read_text(encoding="utf-8")) if crossed.exists() else {})},
            writes=vendor.crossed["writes"],
            late=vendor.crossed["writes"] - vendor.struck if vendor.struck is not None else 0,
        )

    def run_from_start(self, blow: Blow) -> Ended:
        """Go back to where stories start, and apply."""
        self.restore()
        return self.run(blow)

    def _answer(self, pid: int = 0) -> Any:
        """Wait for an answer of the process that becomes runs; a run that never ends is killed, and told of."""
        assert self.server.stdout is not None
        if not select.select([self.server.stdout], [], [], PATIENCE_S)[0]:
            said = self.folder.with_name(f"{self.folder.name}.err")
            if pid:
                os.kill(pid, signal.SIGKILL)
            raise AssertionError(f"a run hangs; it said: {said.read_text(encoding='utf-8')}")
        line = self.server.stdout.readline()
        assert line, "the process that becomes runs has died"
        return json.loads(line)

    def tenant(self) -> Any:
        """Give what the tenant is, without what the vendor numbers by itself."""
        return self.of.bare(json.loads(json.dumps(self.vendor.state()["sections"])))

    def journal(self) -> Journal:
        """Read a copy of the store as whoever comes next would find it; the store itself stays untouched."""
        copy = self.folder.with_name(f"{self.folder.name}.copy")
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for path in self.store.parent.glob("state.db*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, copy)
        with contextlib.closing(sqlite3.connect(copy / "state.db")) as connection:
            check = connection.execute("PRAGMA integrity_check").fetchall()
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            if "attempts" not in tables:
                return Journal(check=check[0][0])
            runs = connection.execute("SELECT id, state FROM runs ORDER BY started").fetchall()
            attempts = connection.execute("SELECT run, open FROM attempts").fetchall()
            holders = connection.execute("SELECT run FROM leases").fetchall()
        return Journal(
            check=check[0][0],
            runs=runs,
            attempts=len(attempts),
            open_attempts=[run for run, left in attempts if left],
            holder=holders[0][0] if holders else None,
        )

    def passwords(self) -> dict[str, str]:
        """Give the passwords that were kept."""
        path = self.folder / ".reconciler" / "secrets" / "acme.json"
        if not path.exists():
            return {}
        entries = json.loads(path.read_text(encoding="utf-8"))["extensions"]
        return {number: entry["password"] for number, entry in entries.items()}


@dataclass(frozen=True, kw_only=True)
class Journal:
    """What is in the store: SQLite's own verdict, runs with their states, attempts, who holds the lock."""

    check: str
    runs: Sequence[tuple[str, str]] = ()
    attempts: int = 0
    open_attempts: Sequence[str] = ()  # the run of each
    holder: str | None = None

    @property
    def open(self) -> int:
        """How many attempts are open."""
        return len(self.open_attempts)

    @property
    def open_runs(self) -> Sequence[str]:
        """Which runs left any of them."""
        return tuple(dict.fromkeys(self.open_attempts))


@contextlib.contextmanager
def ground(folder: Path, of: Vendor, wish: str, *, parallel: int) -> Iterator[Ground]:
    """
    Have the ground for one of two transitions.

    Args:
        folder: Where to work; empty.
        of: Whose tenant.
        wish: `first`, from an almost empty tenant; `second`, from the first.
        parallel: How many calls may be in flight.
    """
    vendor = Striking(of)
    running = Simulator(vendor, answered=vendor.answered)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as server:
        try:
            made = Ground(
                folder=folder / "acme", of=of, vendor=vendor, running=running, server=server, origin=folder / "origin"
            )
            first, second, *_ = of.story.acts
            made.write(first, parallel=parallel)
            if wish == "second":
                ended = made.run()
                assert ended.code == 0, ended.err
                made.write(second, parallel=parallel)
            made.keep()
            yield made
        finally:
            assert server.stdin is not None
            server.stdin.close()
            running.stop()
