"""
Which call may start: in the plan's order as soon as all that it needs is done, so many at once as the tenant bears.

A call that becomes ready is completed with what the answers to earlier ones gave: ids that the vendor chose, say.

What a call did not bring about is told to its followers as facts: a batch that waits for twenty agents goes on with the
nineteen that were made. What the rest waited for in vain is not tried.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from reconciler.apply.sending import Sending
from reconciler.apply.world import World, worked
from reconciler.model.call import Call, Fact, asked, known
from reconciler.model.errors import ReconcilerError
from reconciler.model.history import Attempt, Ending
from reconciler.model.outcome import Outcome, Verdict

_AHEAD: Final = 4  # intents that are written together, in calls for each place


@dataclass(slots=True, kw_only=True)
class _State:
    """What is left of one of the plan's calls, and what became of the rest."""

    call: Call | None  # None when nothing of it can be tried any more
    open: set[str]
    dropped: list[Call] = field(default_factory=list)  # parts that wait for what failed
    blocked_by: list[str] = field(default_factory=list)
    error: ReconcilerError | None = None  # why they can't be tried, where it is not what failed
    intent: asyncio.Future[None] | None = None  # durable when it is done
    begun: bool = False
    told: bool = False  # that some parts were dropped


class Run:
    """One run of a plan's calls. *outcomes* has for each id how its parts fared, when `all` has returned."""

    def __init__(self, calls: Sequence[Call], world: World, *, fail_fast: bool) -> None:
        self.outcomes: dict[str, list[Outcome]] = {call.id: [] for call in calls}
        self._world = world
        self._fail_fast = fail_fast
        self._states = {call.id: _State(call=call, open=set(call.needs)) for call in calls}
        self._followers: dict[str, list[str]] = defaultdict(list)
        self._given: dict[str, dict[str, Any]] = defaultdict(dict)  # by call id and field: what answers gave
        self._wanted: dict[str, set[str]] = defaultdict(set)  # by call id: the fields that others send
        self._asked = {call.id: asked(call) for call in calls}
        for call in calls:
            for need in call.needs:
                self._followers[need].append(call.id)
            for giver, name in self._asked[call.id]:
                self._wanted[giver].add(name)
        self._ready = deque(name for name, state in self._states.items() if not state.open)
        self._waiting = len(calls)  # calls that are neither finished nor given up
        self._turn = asyncio.Event()
        self._stopped = ""  # the call after which nothing more is started

    async def all(self) -> None:
        """Start what is ready; finish what was started even when asked to stop."""
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._world.parallel, len(self._states))):
                group.create_task(self._work())
        for name, state in self._states.items():
            self._drop(name, state)
            if state.begun or state.call is None:
                continue
            await self._withdraw(state)
            blocked_by = (self._stopped,) if self._stopped else ()
            self._done(name, Outcome(call=state.call, verdict=Verdict.SKIPPED, blocked_by=blocked_by))

    def _drop(self, name: str, state: _State) -> None:
        """Tell, once, which parts of a call can't be tried."""
        if not state.dropped or state.told:
            return
        state.told = True
        call, blocked_by = self._world.provider.join(state.dropped), tuple(dict.fromkeys(state.blocked_by))
        self._done(name, Outcome(call=call, verdict=Verdict.SKIPPED, blocked_by=blocked_by, error=state.error))

    def _complete(self, name: str, state: _State) -> None:
        """Put into a call what earlier answers gave. What needs a value that nobody knows can't be tried."""
        if not self._asked[name] or state.call is None:
            return
        unknown = {item for item in asked(state.call) if item[1] not in self._given[item[0]]}
        if unknown:
            parts = self._world.provider.parts(state.call)
            kept = [part for part in parts if asked(part).isdisjoint(unknown)]
            state.dropped += [part for part in parts if part not in kept]
            state.blocked_by.extend(sorted({giver for giver, _ in unknown}))
            state.error = _not_known(unknown)
            state.call = self._world.provider.join(kept) if kept else None
        if state.call is not None:
            state.call = known(state.call, self._given)

    async def _withdraw(self, state: _State) -> None:
        """Write that a call was never sent, where its intent was written ahead, or is about to be."""
        if state.intent is None or state.call is None:
            return
        await asyncio.wait([state.intent])
        if not state.intent.cancelled() and state.intent.exception() is None:
            unsent = Attempt(call=state.call, number=1, ending=Ending.UNSENT, text="not sent")
            self._world.journal.ended(unsent)

    def _stopping(self) -> bool:
        return bool(self._stopped) or self._world.stopping()

    async def _work(self) -> None:
        while self._waiting and not self._stopping():
            if not self._ready:
                self._turn.clear()
                await self._turn.wait()
                continue
            await self._one(self._ready.popleft())
        self._turn.set()  # the others shall see it too

    async def _one(self, name: str) -> None:
        state = self._states[name]
        assert state.call is not None, "only what can be tried becomes ready"
        state.begun = True
        sending = Sending(
            call=state.call,
            world=self._world,
            intended=self._intended(name),
            given=self._given[name],
            wanted=frozenset(self._wanted[name]),
            split=not self._fail_fast,
        )
        outcomes = await sending.through()
        if not sending.number:
            await self._withdraw(state)
        for outcome in outcomes:
            self._done(name, outcome)
        failed = [outcome for outcome in outcomes if not worked(outcome)]
        if sending.fatal or (failed and self._fail_fast):
            self._stopped = self._stopped or name
        lost = [part for outcome in failed for part in self._world.provider.parts(outcome.call)] + sending.unmade
        blame = (name,) if failed or sending.unmade else tuple(state.blocked_by)
        self._finish(name, [*lost, *state.dropped], blame, in_vain=len(failed) == len(outcomes))

    def _intended(self, name: str) -> Callable[[Attempt], Awaitable[None]]:
        async def intended(attempt: Attempt) -> None:
            if attempt.number > 1:
                await self._world.journal.intend([attempt])
                return
            self._prefetch(name)
            intent = self._states[name].intent
            assert intent is not None, "just asked for"
            await asyncio.shield(intent)

        return intended

    def _prefetch(self, name: str) -> None:
        """
        Have the intents of the next calls written together with this one's, before they are waited for.

        One flush of the disk for many, while others are on their way: so the journal costs next to nothing.
        """
        parallel = self._world.parallel
        missing = [
            item for item in (name, *islice(self._ready, _AHEAD * parallel)) if self._states[item].intent is None
        ]
        if self._states[name].intent is not None and len(missing) < _AHEAD * parallel // 2:
            return
        attempts = []
        for item in missing:
            call = self._states[item].call
            assert call is not None, "only what can be tried becomes ready"
            attempts.append(Attempt(call=call, number=1))
        written = asyncio.ensure_future(self._world.journal.intend(attempts))
        written.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever waits is told
        for item in missing:
            self._states[item].intent = written

    def _finish(self, name: str, lost: Sequence[Call], blame: Sequence[str], *, in_vain: bool) -> None:
        """Tell the followers of a call; *lost* are the parts that were not brought about, because of *blame*."""
        stack = [(name, tuple(lost), tuple(blame), in_vain)]
        while stack:
            done, missing, because, whole = stack.pop()
            self._waiting -= 1
            for follower in self._followers[done]:
                state = self._states[follower]
                if missing:
                    self._reduce(state, because, missing, whole=whole)
                state.open.discard(done)
                if state.open:
                    continue
                self._complete(follower, state)
                self._drop(follower, state)
                if state.call is None:
                    stack.append((follower, tuple(state.dropped), tuple(state.blocked_by), True))
                else:
                    self._ready.append(follower)
        self._turn.set()

    def _reduce(self, state: _State, because: Sequence[str], missing: Sequence[Call], *, whole: bool) -> None:
        """Take out of a call what waits for facts that are not going to be."""
        if state.call is None:
            return
        never = frozenset[Fact]().union(*(part.gives for part in missing))
        still = frozenset[Fact]().union(*(part.takes for part in missing))
        parts = self._world.provider.parts(state.call)
        kept = [part for part in parts if not ((part.requires | part.prefers) & never or part.forbids & still)]
        if whole and len(kept) == len(parts):
            kept = []  # it needs the call, for a reason that its parts do not tell
        if len(kept) == len(parts):
            return
        state.dropped += [part for part in parts if part not in kept]
        state.blocked_by.extend(because)
        state.call = self._world.provider.join(kept) if kept else None

    def _done(self, name: str, outcome: Outcome) -> None:
        self.outcomes[name].append(outcome)
        self._world.seen(outcome)


def _not_known(values: Iterable[tuple[str, str]]) -> ReconcilerError:
    told = ", ".join(f"{name} of {giver}" for giver, name in sorted(values))
    return ReconcilerError(
        f"it sends {told}, which the vendor gave in an answer that did not reach us, and reading back does not tell",
        remedy="Apply again: a new plan reads it.",
    )
