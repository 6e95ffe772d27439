"""
Applies that run into trouble: one fault at each kind of call, what became of it, and what a calm apply does after that.

`python -m tests.conformance.troubled` prints the table of docs/reliability.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import selectors
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from reconciler import pipeline
from reconciler.model.call import Call
from reconciler.model.history import Settled
from reconciler.model.outcome import Outcome, Result, Verdict
from reconciler.model.plan import Plan
from reconciler.providers.base import Face, Request, Response
from reconciler.simulate.listener import address
from reconciler.simulate.server import Server, Service
from tests.conformance.stage import Stage, at_once
from tests.conformance.udesk.vendor import UDESK
from tests.conformance.vendor import Kind, Vendor, files_of
from tests.conformance.vendors import VENDORS
from tests.servers import Front, Simulator, running

T = TypeVar("T")
FASTER: Final = 20  # times; more would take a slow machine for a slow vendor
TIMEOUT: Final = 60  # seconds of that time


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """
    What goes wrong with a call: *fault* is the simulator's, without the call that it befalls.

    *done* tells that the call took effect; *settles* that a run gets over it. *nobody* is how many sleeps it takes
    until somebody listens, -1 for never. *batches* befalls batches alone, and *named* says that an answer which is good
    otherwise names the items that failed. With *coded* the refusal has a code of which nobody knows the meaning, with
    *internal* the vendor's own for an internal error.
    """

    name: str
    fault: Mapping[str, Any] | None = None
    dialect: tuple[str, ...] = ()
    done: bool = False
    lost: bool = False
    settles: bool = True
    nobody: int = 0
    batches: bool = False
    named: bool = False
    coded: bool = False
    internal: bool = False

    def aimed(self, kind: Kind, vendor: Vendor) -> Mapping[str, Any]:
        """Give the simulator's fault."""
        code = {"code": vendor.refusal, "text": "Not today"} if self.coded else {}
        code |= {"code": vendor.internal} if self.internal else {}
        aim = {"method": kind.method, "api": kind.api, "body": kind.body, "skip": kind.skip}
        return {**aim, **code, **(self.fault or {})}

    def befalls(self, kind: Kind) -> bool:
        """Whether it can."""
        return (kind.items if self.named else bool(kind.lists)) or not self.batches


def _late(trouble: Trouble) -> Trouble:
    return Trouble(
        name=f"{trouble.name}; reads show it late",
        fault=trouble.fault, dialect=("lag=2",), done=trouble.done, lost=trouble.lost,
    )  # fmt: skip


_RESET_BEFORE: Final = Trouble(name="reset, not done", fault={"kind": "reset-before"}, lost=True)
_RESET_AFTER: Final = Trouble(name="reset, done", fault={"kind": "reset-after"}, done=True, lost=True)
TROUBLES: Final = (
    Trouble(name="HTTP 500, not done", fault={"kind": "error-before"}, lost=True),
    Trouble(name="HTTP 500, done", fault={"kind": "error-after"}, done=True, lost=True),
    _RESET_BEFORE,
    _RESET_AFTER,
    Trouble(name="no answer in time, not done", fault={"kind": "hang-before"}, lost=True),
    Trouble(name="no answer in time, done", fault={"kind": "hang-after"}, done=True, lost=True),
    Trouble(name="no JSON, done", fault={"kind": "malformed"}, done=True, lost=True),
    Trouble(name="half an answer, done", fault={"kind": "truncated"}, done=True, lost=True),
    Trouble(name="HTML, done", fault={"kind": "html"}, done=True, lost=True),
    Trouble(name="an empty answer, done", fault={"kind": "empty"}, done=True),
    Trouble(
        name="HTTP 200 with an internal error, not done", fault={"kind": "refused"}, lost=True, internal=True
    ),
    Trouble(name="asked to slow down three times", fault={"kind": "slow-down", "times": 3}),
    Trouble(
        name="asked to slow down three times, Retry-After", fault={"kind": "slow-down", "times": 3, "retry_after": 2}
    ),
    Trouble(name="asked to slow down without end", fault={"kind": "slow-down", "times": 0}, settles=False),
    Trouble(name="connection refused for a while", nobody=3),
    Trouble(name="connection refused", nobody=-1, settles=False),
    Trouble(name="HTTP 200 with an error code", fault={"kind": "refused", "times": 0}, settles=False, coded=True),
    Trouble(
        name="half a batch refused", fault={"kind": "half-batch", "times": 0}, settles=False, batches=True, coded=True
    ),
    Trouble(
        name="half a batch left out of a good answer", fault={"kind": "half-batch", "times": 0}, settles=False,
        batches=True, named=True,
    ),
    Trouble(name="reads show it late", dialect=("lag=2",)),
    _late(_RESET_BEFORE),
    _late(_RESET_AFTER),
)  # fmt: skip
TROUBLE: Final = {trouble.name: trouble for trouble in TROUBLES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A call that arrived; *changed* tells that the tenant was another one after it."""

    method: str
    api: str
    body: str
    reads: bool
    changed: bool

    @property
    def write(self) -> bool:
        """Whether it asked for a change."""
        return not self.reads


class Watched(Front):
    """A simulated tenant that keeps what arrived."""

    def __init__(self, kinds: Sequence[Kind], dialect: Sequence[str], vendor: Vendor = UDESK) -> None:
        super().__init__(vendor.face(vendor.live_of(kinds), dialect, time.time))
        self.seen: list[Seen] = []
        self._vendor = vendor

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        reads = self.label(request).reads
        before = {} if reads else self.state()
        response = super().answer(request)
        after = {} if reads else self.state()
        self.seen.append(
            Seen(
                method=request.method,
                api=self._vendor.api(request),
                body=request.body.decode("utf-8", "replace"),
                reads=reads,
                changed=before != after,
            )
        )
        return response

    @property
    def sections(self) -> dict[str, Any]:
        """What it has, but for the numbers that it gives by itself."""
        return self._vendor.bare(json.loads(json.dumps(self.state()["sections"], default=list)))


class Late(Simulator):
    """A simulator on a socket that is bound already."""

    def __init__(self, face: Face, bound: socket.socket) -> None:
        self._bound = bound
        super().__init__(face)

    async def _serve(self) -> None:
        url, loop = address(self._bound), asyncio.get_running_loop()
        server = Server(Service(self._face, latency_ms=0), announce=lambda: self._events.put((url, loop, server)))
        await server.serve(sockets=[self._bound])


@dataclass(kw_only=True)
class Ran:
    """One apply that ran into trouble, or did not, and the calm one after it."""

    vendor: Vendor
    start: Mapping[str, Any]
    made: Plan
    result: Result
    seen: Sequence[Seen]  # by the first apply, after planning
    state: Mapping[str, Any]
    stage: Stage
    calm: Result = field(default_factory=Result)
    sent_calmly: Sequence[Call] = ()
    told: Sequence[str] = ()  # what the calm one said of what had been left open
    end: Mapping[str, Any] = field(default_factory=dict)
    left: Sequence[Call] = ()  # what a plan would still do after it
    passwords: Mapping[str, Any] = field(default_factory=dict)

    def outcomes(self, kind: Kind) -> list[Outcome]:
        """Give how the calls of a kind fared."""
        ids = {
            call.id
            for call in self.made.calls
            if kind.matches(call.method, self.vendor.asked(call), json.dumps(call.body, default=str))
        }
        assert 1 == len(ids), f"the plan has one call: {kind.name}"
        return [item for item in self.result.outcomes if item.call.id in ids]

    def arrived(self, kind: Kind) -> list[int]:
        """Give where in what was seen the calls of a kind are; only the form that the vendor takes."""
        found = [place for place, seen in enumerate(self.seen) if kind.matches(seen.method, seen.api, seen.body)]
        return found[kind.skip :: kind.skip + 1]


class _Selector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / FASTER)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop on which time passes faster: real sockets, and pauses that are over soon."""

    def __init__(self) -> None:
        super().__init__(_Selector())
        self._began = time.monotonic()

    def time(self) -> float:
        return self._began + (time.monotonic() - self._began) * FASTER


def soon(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a time that passes faster."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)


def run(  # noqa: PLR0913 - each has a default but for what is run
    vendor: Vendor,
    kinds: Sequence[Kind],
    trouble: Trouble | None,
    root: Path,
    *,
    at: Sequence[Kind] = (),
    calm: bool = True,
    **settings: Any,
) -> Ran:
    """Apply with trouble at the first call of each of *kinds*, or only of those *at*; then calmly, if *calm*."""
    wire = Watched(kinds, trouble.dialect if trouble is not None else (), vendor)
    start = wire.sections
    with running(wire) as simulated, _closed() as door:
        settings = {"timeout": TIMEOUT, "max_parallel": 64, **settings}
        stage = Stage(root=root, url=simulated.url, vendor=vendor, settings=settings)
        stage.write(vendor.wish_of(kinds), files_of(kinds))
        with stage.session() as session:
            made, live = soon(pipeline.plan(session))
        if trouble is not None and trouble.fault is not None:
            for kind in at or kinds:
                wire.add_fault(trouble.aimed(kind, vendor))
        if trouble is not None and trouble.nobody:
            stage.url = address(door)
            stage.write(vendor.wish_of(kinds), files_of(kinds))
        wire.seen.clear()
        with contextlib.ExitStack() as stack, stage.session() as session:
            slept = 0

            async def sleep(seconds: float) -> None:
                nonlocal slept
                slept += 1
                if trouble is not None and slept == trouble.nobody:
                    stack.callback(Late(wire, door).stop)
                await at_once(seconds)

            session.sleep = sleep
            session.taken = time.monotonic()
            result = soon(pipeline.apply(session, made, live))
        wire.clear_faults()
        seen, state = tuple(wire.seen), wire.sections
        if trouble is not None and trouble.nobody:
            stage.url = simulated.url
            stage.write(vendor.wish_of(kinds), files_of(kinds))
        ran = Ran(vendor=vendor, start=start, made=made, result=result, seen=seen, state=state, stage=stage)
        if calm:
            with stage.session() as session:
                ran.told, ran.sent_calmly, ran.calm = soon(calmly(session))
            ran.end, ran.left, ran.passwords = wire.sections, stage.plan().calls, stage.passwords()
        return ran


async def calmly(session: pipeline.Session) -> tuple[Sequence[str], Sequence[Call], Result]:
    """Apply as the command does."""
    await pipeline.lock(session)
    told = await pipeline.settle_earlier(session)
    made, live = await pipeline.plan(session)
    return told, made.calls, await pipeline.apply(session, made, live, settled=told)


@contextlib.contextmanager
def _closed() -> Iterator[socket.socket]:
    """Have a port on which nobody listens, and nobody else can."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound


@cache
def undisturbed(vendor: Vendor, kinds: tuple[Kind, ...]) -> Ran:
    """Apply without trouble."""
    with tempfile.TemporaryDirectory() as folder:
        return run(vendor, kinds, None, Path(folder) / "acme")


@cache
def troubled(vendor: Vendor, name: str) -> Sequence[tuple[tuple[Kind, ...], Ran]]:
    """Have a trouble at each kind of call at once."""
    trouble, found = TROUBLE[name], []
    for group in vendor.together:
        kinds = tuple(kind for kind in group if trouble.befalls(kind))
        if kinds:
            with tempfile.TemporaryDirectory() as folder:
                found.append((kinds, run(vendor, kinds, trouble, Path(folder) / "acme")))
    return found


def names_of(vendor: Vendor) -> Sequence[str]:
    """Name the troubles that some kind of call can have."""
    return [trouble.name for trouble in TROUBLES if any(map(trouble.befalls, vendor.kinds))]


def words(ran: Ran, kind: Kind) -> str:  # noqa: C901, PLR0912 - one line for each thing that can happen
    """Say what became of a kind's call."""
    outcomes, sent = ran.outcomes(kind), len(ran.arrived(kind))
    said = []
    for outcome in outcomes:
        match outcome.verdict:
            case Verdict.DONE if outcome.settled and sent < 2:
                said.append("found done by reading back")
            case Verdict.DONE if outcome.settled == Settled.DONE:
                said.append("sent again, since no read shows it; it was so already")
            case Verdict.DONE if outcome.settled == Settled.UNKNOWN:
                said.append("sent again, since no read shows it and twice is as good as once")
            case Verdict.DONE if outcome.settled and not kind.reads:
                said.append("sent again, since no read shows it; it had not happened")
            case Verdict.DONE if outcome.settled:
                said.append("read back, not found, sent again")
            case Verdict.DONE if outcome.attempts > 1 and len(outcomes) == 1:
                said.append("sent again after a pause")
            case Verdict.DONE:
                said.append("the rest is done" if len(outcomes) > 1 else "done")
            case Verdict.ALREADY:
                said.append("there already")
            case Verdict.FAILED:
                partly = any(item.verdict is Verdict.DONE for item in outcomes)
                said.append("the culprit fails and is named" if partly else "fails")
            case Verdict.UNKNOWN:
                said.append("not known")
            case Verdict.SKIPPED:
                said.append("not tried")
    told = ", ".join(sorted(set(said)))
    if any(outcome.lost for outcome in outcomes):
        told += "; the password is lost, which is told with what to do"
    elif any(outcome.note for outcome in outcomes):
        told += "; no password came, which is told"
    return told


def tables() -> str:
    """Write for each vendor and trouble what becomes of each kind of call, as Markdown."""
    return "\n\n".join(f"**{vendor.name.title()}**\n\n{table(vendor)}" for vendor in VENDORS.values())


def table(vendor: Vendor) -> str:
    """Write one vendor's table; troubles that end alike share a row."""
    alike: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = defaultdict(list)
    for name in names_of(vendor):
        by_words: dict[str, list[str]] = defaultdict(list)
        for kinds, ran in troubled(vendor, name):
            for kind in kinds:
                nobody = TROUBLE[name].nobody > 0
                by_words["sent, once somebody is there" if nobody else words(ran, kind)].append(kind.name)
        rows = sorted(by_words.items(), key=lambda row: -len(row[1]))
        alike[tuple((told, tuple(names)) for told, names in rows)].append(name)
    lines = ["| trouble | with | what happens |", "| --- | --- | --- |"]
    for told_of, troubles in alike.items():
        some = all(TROUBLE[name].batches for name in troubles)
        named = all(TROUBLE[name].named for name in troubles)
        for place, (told, names) in enumerate(told_of):
            every = "every batch" if some and not named else "every kind of call"
            listed = ", ".join(f"`{name}`" for name in names)
            which = listed if place or named else "every other" if len(told_of) > 1 else every
            lines.append(f"| {' · '.join(troubles) if not place else ''} | {which} | {told} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{tables()}\n")
