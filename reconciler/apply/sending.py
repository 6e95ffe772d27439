"""
One call, carried through: its intent is written down, it is sent, and what became of it is found out.

It is sent again only when it surely did not happen: the vendor asked to slow down, nobody was there, or its answer was
lost and reading back shows that nothing was done. A batch that is refused is split until the culprits stand alone. What
the vendor ignored of it, and what stands in its way, is seen to besides.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.apply.besides import Besides, clear_the_way, make_good, of_call
from reconciler.apply.partial import sort_out, told
from reconciler.apply.settle import SHORT, Found, settle
from reconciler.apply.world import World, ends_all, worked
from reconciler.model.call import Call, Reply
from reconciler.model.errors import (
    NotDone,
    OutcomeUnknown,
    Overtaken,
    ReconcilerError,
    Rejected,
    Stopped,
    StoreError,
    VendorError,
)
from reconciler.model.errors import told as in_words
from reconciler.model.history import Attempt, Ending, Settled
from reconciler.model.live import Live
from reconciler.model.outcome import Learned, Outcome, Verdict


class _NotSentError(ReconcilerError):
    """A call never left: something that comes before it failed, of which a remedy for reads would say too little."""

    def __init__(self, why: str, error: ReconcilerError) -> None:
        super().__init__(f"not sent, since {why}: {error}", remedy="Apply again: it carries on.")
        self.error = error
        self.request_id = error.request_id


@dataclass(slots=True, kw_only=True)
class Sending:
    """
    One call on its way. *call* is what is left of it; *intended* awaits the durable intent of the first attempt.

    *given* is where values go that later calls send, and *wanted* names those that they will ask for. *fatal* is set
    when nothing more of the run may start: nobody knows whether we may write, or who we are. *unmade* are parts that
    worked and are not whole, so that nothing may build on them.
    """

    call: Call
    world: World
    intended: Callable[[Attempt], Awaitable[None]]
    number: int = 0
    lost: list[Attempt] = field(default_factory=list)  # earlier attempts whose answers were lost
    unsure: bool = False  # one of them may have happened, and no read shows it
    settled: str = ""  # what was found out about the last of them
    given: dict[str, Any] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()
    split: bool = True  # whether a refused batch is halved, to find the culprits
    part_of: Rejected | None = None  # how the batch was refused that it was part of
    unblocked: bool = False  # whether what was in its way has gone first
    fatal: bool = False
    unmade: list[Call] = field(default_factory=list)
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
            self.fatal |= ends_all(unsent.error)
            ours = isinstance(unsent.error, StoreError)  # the vendor had no part in it
            self._end(Verdict.UNKNOWN if self.unsure else Verdict.SKIPPED if ours else Verdict.FAILED, unsent)
        except ReconcilerError as error:
            self.fatal |= ends_all(error)
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
            request_id=error.request_id,
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
        self.given.update(learned.given)
        ended = replace(
            attempt,
            ending=Ending.ALREADY if already else Ending.DONE,
            milliseconds=_since(started),
            text="; ".join(f"left out {item}" for item in told(learned.failed)),
            request_id=reply.request_id,
        )
        # Of a call that has no word for "it was so before", a good answer says nothing about earlier attempts.
        self._resolve(Settled.DONE if already else Settled.NOT_DONE if self.call.accepts else Settled.UNKNOWN)
        if await self._keep(learned, ended) is not None:
            return
        if learned.failed:
            await self._left_out(learned, reply)
            return
        verdict = Verdict.ALREADY if already and not self.lost else Verdict.DONE
        await self._works(verdict, note=learned.note, lost=learned.lost)

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
                f"{error}; and it could not be read back: {in_words(cause)}",
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
            again.transient = not self.fatal
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
        self.given.update(learned.given)
        settled = Settled.DONE if self.lost else ""
        if error is not None:
            self._end(Verdict.DONE, error, call=done, note=learned.note, lost=learned.lost, settled=settled)
            return
        await self._works(Verdict.DONE, call=done, note=learned.note, lost=learned.lost, settled=settled)

    async def _works(
        self,
        verdict: Verdict,
        *,
        call: Call | None = None,
        note: str = "",
        lost: tuple[str, ...] = (),
        settled: str = "",
    ) -> None:
        """Tell of what worked, once all of it is there that others build on."""
        call = call or self.call
        if not self.wanted <= self.given.keys() and not self.world.stopping():
            self.given.update(await self._read_given(call))
        found = Besides()
        if call.confirm and not self.world.stopping():
            found = await make_good(call, self.world, self._besides)
        if found.why:
            verdict = Verdict.DONE
            note = "; ".join(filter(None, (note, f"more was sent besides {call.title}: {found.why}")))
        self._end(verdict, call=call, note=note, lost=lost, settled=settled)
        self.outcomes += [item for item in found.outcomes if not worked(item)]
        self.outcomes += found.failures
        self.unmade += found.unmade
        self.fatal |= found.error is not None and ends_all(found.error)

    async def _read_given(self, call: Call) -> Mapping[str, Any]:
        """Read what later calls send and the answer did not give."""
        try:
            found = await settle(call, self.world.provider, self.world.read, self.world.sleep)
        except ReconcilerError:
            return {}
        return self.world.provider.recover(call, found.live).given if found.done else {}

    def _resolve(self, settled: Settled) -> None:
        """Write what an answer tells of earlier attempts that no read shows."""
        if self.unsure:
            self.world.journal.ended(replace(self.lost[-1], settled=settled))
            self.settled = settled
        self.unsure = False

    async def _left_out(self, learned: Learned, reply: Reply) -> None:
        """Tell of each item what an otherwise good answer did of it."""
        provider = self.world.provider
        found = await self._look_back()
        done, failed = sort_out(self.call, reply, learned, provider, found=found, ours=bool(self.lost))
        if done:
            named = f"the answer left out {'; '.join(told(learned.failed))}, and reading back shows it done"
            note = "; ".join(filter(None, (learned.note, "" if failed else named)))
            await self._works(Verdict.DONE, call=provider.join(done), note=note, lost=learned.lost)
        for part, error in failed:
            self._end(Verdict.FAILED, error, call=part)

    async def _refused(self, refused: Rejected) -> None:
        """Split a batch; of a single call, make sure that it was not an earlier attempt that is in its way."""
        parts = list(self.world.provider.parts(self.call))
        done: list[Call] = []
        found: Found | None = None
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
        if len(parts) == 1 and await self._unblock(parts[0], refused, found):
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
        outcomes = await self._further(call, part_of=refused)
        self.outcomes.extend(outcomes)
        return [outcome.call for outcome in outcomes if worked(outcome) and outcome.call.title == call.title]

    async def _unblock(self, part: Call, refused: Rejected, found: Found | None) -> bool:
        """Have what stands in the way of *part* go first, and send it once more; False where nothing does."""
        world = self.world
        if self.unblocked or self.unsure or self.fatal or world.stopping():
            return False
        sections = world.provider.shown_by(part)
        try:
            live = found.live if found is not None else await world.read(sections) if sections else Live({})
        except ReconcilerError:
            return False
        first = of_call(part, world.provider.unblock(part, refused, live))
        if not first:
            return False
        cleared = await clear_the_way(first, self._besides)
        if not all(map(worked, cleared.outcomes)):
            self.outcomes += cleared.outcomes
            self._end(Verdict.FAILED, refused, call=part)
            return True
        outcomes = await self._further(part, part_of=None, unblocked=True)
        if any(map(worked, outcomes)):
            went = f"{part.title} was refused at first, and sent again after this: {cleared.why}"
            outcomes = [
                replace(item, note="; ".join(filter(None, (item.note, went)))) if worked(item) else item
                for item in outcomes
            ]
        else:
            self.outcomes += cleared.outcomes
        self.outcomes += outcomes
        return True

    async def _besides(self, call: Call) -> Sequence[Outcome]:
        """Send a call that goes out besides this one."""
        if self.fatal:
            return [Outcome(call=call, verdict=Verdict.SKIPPED, attempts=self.number)]
        return await self._further(call, part_of=None, given={}, wanted=frozenset(), unsure=False, unblocked=True)

    async def _further(self, call: Call, **changes: Any) -> list[Outcome]:
        """Carry *call* through as further attempts of this one; its outcomes are not ours yet."""
        sending = replace(
            self,
            call=call,
            lost=[],
            settled="",
            unmade=[],
            outcomes=[],
            intended=lambda attempt: self.world.journal.intend([attempt]),
            **changes,
        )
        outcomes = await sending.through()
        self.number, self.fatal = sending.number, sending.fatal
        self.unmade += sending.unmade
        return outcomes

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


def _ending(error: ReconcilerError) -> Ending:
    if isinstance(error, OutcomeUnknown):
        return Ending.LOST
    return Ending.REFUSED if isinstance(error, Rejected) else Ending.UNSENT


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
