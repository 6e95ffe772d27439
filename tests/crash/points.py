"""
Points at which a run can be struck: before and after each step after which it matters what was already written.

The steps are the program's own; each is wrapped, so that crossing a point counts, and the chosen crossing has the
process send itself a signal. Nothing else about the run is changed, but that it waits for nothing: pauses take no time.
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

import httpx
import sqlalchemy as sa

from reconciler import session
from reconciler.providers.tencent import protocol as tencent
from reconciler.providers.udesk import protocol as udesk
from reconciler.store import journal, leases, passwords
from reconciler.store.database import Store
from reconciler.store.journal import RunJournal

Cross: TypeAlias = Callable[[str], None]

# So long a disk takes before the blow falls: who does not wait for what is to be durable goes on meanwhile, and shows.
_SLOW_DISK_S: Final = 0.1

_STEPS: Final = (
    "lock", "begin", "intend", "send", "decode", "read", "outcome", "keep", "passwords", "flush", "replace", "settle",
    "cut", "applied", "close", "release",
)  # fmt: skip
POINTS: Final = (*(f"{step}.{when}" for step in _STEPS for when in ("before", "after")), "half a file", "commit")
"""
What each is:

lock, release: the tenant's lock is taken, given back. begin, close: the run is written down, and how it ended.
intend, outcome, keep: the journal is told. send: a write goes out, and its answer has come in; decode: the answer is
understood; read: the same of a read. passwords: they are stored; half a file, flush, replace: steps of that. settle,
cut: what an earlier run left open is written down, and that it was cut off. applied: what was last applied. commit: a
transaction is about to be made durable, anywhere.
"""


class Points:
    """Counts crossings; strikes at one of them."""

    def __init__(self, point: str, crossing: int, signals: tuple[int, ...]) -> None:
        self.crossed: Counter[str] = Counter()
        self._point = point
        self._crossing = crossing
        self._signals = signals
        self._lock = threading.Lock()

    def cross(self, point: str) -> None:
        """Cross a point, in whatever thread."""
        with self._lock:
            self.crossed[point] += 1
            struck = point == self._point and self.crossed[point] == self._crossing
        if struck and point == "commit":
            threading.Event().wait(_SLOW_DISK_S)
        for number in self._signals if struck else ():
            os.kill(os.getpid(), number)


def strike(point: str, crossing: int, signals: tuple[int, ...] = (signal.SIGKILL,)) -> Points:
    """Wrap every step of the program in this process; send *signals* to it at the chosen crossing, counted from 1."""
    points = Points(point, crossing, signals)
    cross = points.cross
    for owner, name, step in (
        (leases, "take", "lock"),
        (leases.Lease, "release", "release"),
        (RunJournal, "ended", "outcome"),
        (RunJournal, "close", "close"),
        (passwords, "keep", "passwords"),
        (journal, "settle", "settle"),
        (journal, "cut_off", "cut"),
        (Store, "set_applied", "applied"),
        (os, "fsync", "flush"),
        (Path, "replace", "replace"),
    ):
        setattr(owner, name, _around(getattr(owner, name), step, cross))
    RunJournal.begin = classmethod(_around(RunJournal.begin.__func__, "begin", cross))  # type: ignore[assignment, attr-defined]
    for name, step in (("intend", "intend"), ("keep", "keep")):
        setattr(RunJournal, name, _around_waiting(getattr(RunJournal, name), step, cross))
    sa.event.listen(sa.Engine, "commit", lambda _: cross("commit"))
    _watch_the_wire(cross)
    _watch_files(cross)
    _never_wait()
    return points


def _around(step: Callable[..., Any], name: str, cross: Cross) -> Callable[..., Any]:
    @functools.wraps(step)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        cross(f"{name}.before")
        value = step(*arguments, **named)
        cross(f"{name}.after")
        return value

    return wrapped


def _around_waiting(step: Callable[..., Any], name: str, cross: Cross) -> Callable[..., Any]:
    @functools.wraps(step)
    async def wrapped(*arguments: Any, **named: Any) -> Any:
        cross(f"{name}.before")
        value = await step(*arguments, **named)
        cross(f"{name}.after")
        return value

    return wrapped


def _watch_the_wire(cross: Cross) -> None:
    sent = httpx.AsyncHTTPTransport.handle_async_request

    async def send(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        # Where all is a POST to one address, a header tells what is asked for.
        reads = request.method == "GET" or request.headers.get("x-tc-action", "").startswith("Describe")
        name = "read" if reads else "send"
        cross(f"{name}.before")
        response = await sent(self, request)
        await response.aread()
        cross(f"{name}.after")
        return response

    httpx.AsyncHTTPTransport.handle_async_request = send  # type: ignore[method-assign]
    udesk.decode = _around_writes(udesk.decode, cross)
    tencent.decode = _around_writes(tencent.decode, cross)


def _around_writes(decoded: Callable[..., Any], cross: Cross) -> Callable[..., Any]:
    def decode(call: Any, **answer: Any) -> Any:
        if not call.writes:
            return decoded(call, **answer)
        cross("decode.before")
        reply = decoded(call, **answer)
        cross("decode.after")
        return reply

    return decode


def _watch_files(cross: Cross) -> None:
    """Write what goes into temporary files in two halves: those of passwords are written so."""
    opened = os.fdopen

    class Halves:
        """A file that is written in two halves."""

        def __init__(self, file: Any) -> None:
            self._file = file

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

        def write(self, content: bytes) -> int:
            half = len(content) // 2
            self._file.write(content[:half])
            self._file.flush()
            cross("half a file")
            self._file.write(content[half:])
            return len(content)

    def fdopen(descriptor: int, mode: str = "r", *more: Any, **named: Any) -> Any:
        file = opened(descriptor, mode, *more, **named)
        return Halves(file) if mode == "wb" else file

    os.fdopen = fdopen  # type: ignore[assignment]


def _never_wait() -> None:
    open_session = session.open_session

    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    def opened(*arguments: Any, **named: Any) -> session.Session:
        found = open_session(*arguments, **named)
        found.sleep = at_once
        return found

    session.open_session = opened
