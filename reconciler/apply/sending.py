"""
One call, carried through: its intent is written down, it is sent, and what became of it is found out.

It is sent again only when it surely did not happen: the vendor asked to slow down, nobody was there, or its answer was
lost and reading back shows that nothing was done. A batch that is refused is split until the culprits stand alone.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.apply.settle import SHORT, Found, Read, settle
from reconciler.model.call import Call, Reply
from reconciler.model.errors import (
    NotDone,
    OutcomeUnknown,
    Overtaken,
    RateLimited,
    ReconcilerError,
    Rejected,
    Stopped,
    StoreError,
    Unauthorized,
    UnknownTenant,
    VendorError,
)
from reconciler.model.history import Attempt, Ending, Journal, Settled
from reconciler.model.live import Live
from reconciler.model.outcome import Learned, Outcome, Verdict
from reconciler.providers.base import Client, Provider
from reconciler.providers.retries import Retries

_WORKED = frozenset({Verdict.DONE, Verdict.ALREADY})


async def _nothing(_call: Call) -> None:
    """Rely on nothing."""


class _NotSentError(ReconcilerError):
    """A call never left: something that comes before it failed, of which a remedy for reads would say too little."""

    def __init__(self, why: str, error: ReconcilerError) -> None:
        super().__init__(f"not sent, since {why}: {error}", remedy="Apply again: it carries on.")
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """
    What a run of calls is handed.

    Args:
        provider: Knows what calls mean.
        client: Open; it paces, and bounds what is in flight.
        journal: Where intents, endings and what answers teach are written.
        retries: When a call that surely did not happen is sent again.
        read: Reads some sections, from now on.
        sleep: Waits, in seconds.
        check: Raises `Overtaken` when what a call relies on was changed by somebody else.
        attempted: Is told of each attempt, when it begins and when it has ended.
        seen: Is told of each outcome.
        stopping: Whether to start nothing more; what was started is finished, and its answers are kept.
        parallel: How many calls are begun at once.
    """

    provider: Provider
    client: Client
    journal: Journal
    retries: Retries
    read: Read
    sleep: Callable[[float], Awaitable[None]]
    check: Callable[[Call], Awaitable[None]] = _nothing
    attempted: Callable[[Attempt], None] = lambda _: None
    seen: Callable[[Outcome], None] = lambda _: None
    stopping: Callable[[], bool] = lambda: False
    parallel: int = 8


@dataclass(slots=True, kw_only=True)
class Sending:
    """
    One call on its way. *call* is what is left of it; *intended* awaits the durable intent of the first attempt.

    *fatal* is set when nothing more of the run may start: nobody knows whether we may write, or who we are.
    """

    call: Call
    world: World
    intended: Callable[[Attempt], Awaitable[None]]
    number: int = 0
    lost: list[Attempt] = field(default_factory=list)  # earlier attempts whose answers were lost
    unsure: bool = False  # one of them may have happened, and no read shows it
    settled: str = ""  # what was found out about the last of them
    split: bool = True  # whether a refused batch is halved, to find the culprits
    part_of: Rejected | None = None  # how the batch was refused that it was part of
    fatal: bool = False
    outcomes: list[Outcome] = field(default_factory=list)

    async def through(self) -> list[Outcome]:
        """Carry it through; the outcomes together cover the whole call."""
        try:
            await self.world.retries.run(self._once)
        except Rejected as refused:
            await self._refused(refused)
        except OutcomeUnknown as error:
            self._end(Verdict.UNKNOWN, error)
        except Stopped as error:
            self._end(Verdict.UNKNOWN if self.unsure else Verdict.SKIPPED, error)
        except Overtaken as error:
            self.fatal = True
            self._end(Verdict.UNKNOWN if self.unsure else Verdict.SKIPPED, error)
        except _NotSentError as unsent:
            self.fatal = _fatal(unsent.error)
            ours = isinstance(unsent.error, StoreError)  # the vendor had no part in it
            self._end(Verdict.UNKNOWN if self.unsure else Verdict.SKIPPED if ours else Verdict.FAILED, unsent)
        except ReconcilerError as error:
            self.fatal = _fatal(error)
            self._end(Verdict.UNKNOWN if self.unsure else Verdict.FAILED, error)
        return self.outcomes

    async def _once(self, _attempt: int) -> None:
        try:
            await self.world.check(self.call)
        except VendorError as error:
            raise _NotSentError("what it relies on could not be read", error) from error
        self.number += 1
        attempt = Attempt(call=self.call, number=self.number)
        try:
            await self.intended(attempt)
        except StoreError as error:
            raise _NotSentError("its intent could not be written", error) from error
        self.world.attempted(attempt)
        started = time.monotonic()
        try:
            reply = await self.world.client.send(self.call)
        except ReconcilerError as error:
            ended = self._ended(attempt, started, error)
            if isinstance(error, StoreError):  # it is asked before the bytes leave
                raise _NotSentError("it may not be written", error) from error
            if not isinstance(error, OutcomeUnknown):
                raise
            self.lost.append(ended)
            await self._settle(ended, error)
            return
        await self._answered(attempt, started, reply)

    def _ended(self, attempt: Attempt, started: float, error: ReconcilerError) -> Attempt:
        ended = replace(
            attempt,
            ending=_ending(error),
            milliseconds=_since(started),
            text=error.text or str(error) if isinstance(error, Rejected) else str(error),
            request_id=error.request_id if isinstance(error, VendorError) else "",
        )
        self.world.journal.ended(ended)
        self.world.attempted(ended)
        return ended

    async def _answered(self, attempt: Attempt, started: float, reply: Reply) -> None:
        already = reply.condition != "ok"
        learned = self.world.provider.learn(self.call, reply)
        if already and self.lost:
            # That it was so before is our own doing: the answer that was lost carried what is given once.
            learned = self.world.provider.recover(self.call, await self._seen())
        ended = replace(
            attempt,
            ending=Ending.ALREADY if already else Ending.DONE,
            milliseconds=_since(started),
            request_id=reply.request_id,
        )
        # Of a call that has no word for "it was so before", a good answer says nothing about earlier attempts.
        self._resolve(Settled.DONE if already else Settled.NOT_DONE if self.call.accepts else Settled.UNKNOWN)
        if await self._keep(learned, ended) is not None:
            return
        if learned.failed:
            await self._left_out(learned)
            return
        verdict = Verdict.ALREADY if already and not self.lost else Verdict.DONE
        self._end(verdict, note=learned.note, lost=learned.lost)

    async def _keep(self, learned: Learned, ended: Attempt) -> ReconcilerError | None:
        """Keep what was learned, and write how the attempt ended; give the error after which the run must stop."""
        places: Any = {}
        try:
            if learned.passwords or learned.remember or learned.forget:
                places = await self.world.journal.keep(self.call, learned)
        except ReconcilerError as error:
            # The write took effect, and what it taught could not be kept: nothing more may build on it.
            self.fatal = True
            self.world.journal.ended(ended)
            self.world.attempted(ended)
            self._end(Verdict.DONE, error)
            return error
        ended = replace(ended, places=places)
        self.world.journal.ended(ended)
        self.world.attempted(ended)
        return None

    async def _settle(self, ended: Attempt, error: OutcomeUnknown) -> None:
        """Find out what became of an attempt without an answer; raise `NotDone` for what is to be sent again."""
        try:
            # What would show late was waited for after the first answer that was lost.
            waited = len(self.lost) > 1 and not self.world.provider.makes_twice(self.call)
            found = await self._look(SHORT if waited else None)
        except ReconcilerError as cause:
            raise OutcomeUnknown(
                f"{error}; and it could not be read back: {cause}",
                remedy="Apply again: it reads back first.",
                call=error.call,
                request_id=error.request_id,
            ) from cause
        if found.done:
            await self._recovered(found)
        self.unsure = bool(found.unseen)
        self.settled = Settled.UNKNOWN if self.unsure else Settled.NOT_DONE  # of what is left, if anything is
        if not self.unsure:
            self.world.journal.ended(replace(ended, settled=found.settled))
        rest = [part for part in self.world.provider.parts(self.call) if part not in found.done]
        if rest:
            self.call = self.world.provider.after(self.world.provider.join(rest), found.done)
            seen = "no read shows whether it happened" if self.unsure else "reading back shows that it did not happen"
            again = NotDone(
                f"{error.call or self.call.title}: no answer came, and {seen}",
                remedy="Apply again; if it stays, ask the vendor.",
                call=error.call,
                request_id=error.request_id,
            )
            again.retry_after_s, again.slow = error.retry_after_s, error.slow
            raise again from error

    async def _recovered(self, found: Found) -> None:
        """Take for done what reading back shows, with what can be known without the answer."""
        done = self.world.provider.join(found.done)
        learned = self.world.provider.recover(done, found.live)
        error: ReconcilerError | None = None
        try:
            if learned.remember or learned.forget:
                await self.world.journal.keep(done, learned)
        except ReconcilerError as cause:
            self.fatal, error = True, cause
        self._end(
            Verdict.DONE,
            error,
            call=done,
            note=learned.note,
            lost=learned.lost,
            settled=Settled.DONE if self.lost else "",
        )

    def _resolve(self, settled: Settled) -> None:
        """Write what an answer tells of earlier attempts that no read shows."""
        if self.unsure:
            self.world.journal.ended(replace(self.lost[-1], settled=settled))
            self.settled = settled
        self.unsure = False

    async def _left_out(self, learned: Learned) -> None:
        """Tell apart what an otherwise good answer did and what it left out."""
        found = await self._look_back()
        error = _partial(self.call, learned)
        left = () if found is None else (*found.left, *found.unseen)
        if found is None or not left:
            self._end(Verdict.FAILED, error)
            return
        if found.done:
            self._end(Verdict.DONE, call=self.world.provider.join(found.done), note=learned.note)
        self._end(Verdict.FAILED, error, call=self.world.provider.join(left))

    async def _refused(self, refused: Rejected) -> None:
        """Split a batch; of a single call, make sure that it was not an earlier attempt that is in its way."""
        parts = list(self.world.provider.parts(self.call))
        done: list[Call] = []
        if len(parts) > 1 or self.lost or not _alike(refused, self.part_of):
            found = await self._look_back()
            if found is None:
                self._end(Verdict.UNKNOWN, refused)
                return
            if found.done:
                await self._recovered(found)
            done += found.done
            parts = [part for part in parts if part not in found.done]
        if not parts:
            return
        if len(parts) == 1 or not self.split:
            await self._forget(refused)
            self._end(Verdict.UNKNOWN if self.unsure else Verdict.FAILED, refused, call=self.world.provider.join(parts))
            return
        middle = len(parts) // 2
        for half in (parts[:middle], parts[middle:]):
            done += await self._half(half, done, refused)

    async def _half(self, half: Sequence[Call], done: Sequence[Call], refused: Rejected) -> Sequence[Call]:
        """Send a half after what was *done* of the rest; give what was done of it."""
        call = self.world.provider.after(self.world.provider.join(half), done)
        if self.fatal or self.world.stopping():
            self._end(Verdict.FAILED, refused, call=call)
            return ()
        sending = replace(
            self,
            call=call,
            part_of=refused,
            lost=[],
            settled="",
            outcomes=[],
            intended=lambda attempt: self.world.journal.intend([attempt]),
        )
        outcomes = await sending.through()
        self.outcomes.extend(outcomes)
        self.number, self.fatal = sending.number, sending.fatal
        return [outcome.call for outcome in outcomes if worked(outcome)]

    async def _look_back(self) -> Found | None:
        try:
            return await self._look(None if self.lost else ())
        except ReconcilerError:
            return None

    async def _look(self, pauses: Sequence[float] | None) -> Found:
        return await settle(self.call, self.world.provider, self.world.read, self.world.sleep, pauses=pauses)

    async def _seen(self) -> Live:
        """Read what the call is about, if it can be read."""
        sections = self.world.provider.shown_by(self.call)
        try:
            return await self.world.read(sections) if sections else Live({})
        except ReconcilerError:
            return Live({})

    async def _forget(self, refused: Rejected) -> None:
        learned = self.world.provider.unlearn(self.call, refused)
        if learned.forget:
            try:
                await self.world.journal.keep(self.call, learned)
            except ReconcilerError:
                return  # the refusal says more, and comes again with what is remembered

    def _end(  # noqa: PLR0913 - an outcome's fields
        self,
        verdict: Verdict,
        error: ReconcilerError | None = None,
        *,
        call: Call | None = None,
        note: str = "",
        lost: tuple[str, ...] = (),
        settled: str = "",
    ) -> None:
        outcome = Outcome(
            call=call or self.call,
            verdict=verdict,
            error=error,
            note=note,
            lost=lost,
            attempts=self.number,
            settled=settled or self.settled,
        )
        self.outcomes.append(outcome)


def _alike(refused: Rejected, before: Rejected | None) -> bool:
    """Whether a part was refused as its batch was, so that it is the culprit; or is no part."""
    return before is None or (refused.code, refused.text) == (before.code, before.text)


def _fatal(error: ReconcilerError) -> bool:
    """Whether nothing more of the run may start: every other call would end alike, or nobody knows who may write."""
    lasting = isinstance(error, RateLimited) and error.lasting
    return lasting or isinstance(error, StoreError | Unauthorized | UnknownTenant)


def worked(outcome: Outcome) -> bool:
    """Whether others may build on it."""
    return outcome.verdict in _WORKED


def _ending(error: ReconcilerError) -> Ending:
    if isinstance(error, OutcomeUnknown):
        return Ending.LOST
    return Ending.REFUSED if isinstance(error, Rejected) else Ending.UNSENT


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _partial(call: Call, learned: Learned) -> VendorError:
    names = ", ".join(learned.failed)
    return Rejected(
        f"{call.title}: the vendor took the call and left out {names}",
        code="partial",
        text=names,
        remedy="Look at these entries, then apply again.",
        call=call.title,
    )
