"""
What a run writes while it runs, by one thread and in groups.

A flush of the disk costs what many rows cost. So one thread owns one connection; whatever has come in while it was
writing goes into its next transaction. The event loop only puts things into a queue and waits for the thread's word;
what it does not wait for it hands over with what it does wait for, since waking a thread costs it more than a row.
"""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from reconciler.model.call import Call
from reconciler.model.errors import StoreError
from reconciler.model.history import Attempt, Run, RunState
from reconciler.model.outcome import Learned, OneTimePassword
from reconciler.model.secret import Mask
from reconciler.store.database import Store
from reconciler.store.leases import Lease
from reconciler.store.rows import run_row
from reconciler.store.runs import cut_off, open_attempts, run, runs, settle, untold_attempts
from reconciler.store.tables import ATTEMPTS, RUNS
from reconciler.store.writer import End, Intents, Item, Known, Lesson, Wait, Writer

__all__ = ["KEPT_RUNS", "RunJournal", "cut_off", "open_attempts", "run", "runs", "settle", "untold_attempts"]

NO_MASK: Final = Mask()
KEPT_RUNS: Final = 200
"""
How many runs a tenant has in the store.

A busy team applies some ten times a day, and who looks for a cause looks back days, not months. A run of 2,000 calls
takes about 2 MB, a usual one some kB.
"""

_SOON_S: Final = 0.1
"""
How long what nobody waits for may wait for company.

It is safe enough, since what is not written when the machine stops is read back.
"""

_TURN_S: Final = (
    0.0005  # of the interpreter, while the thread writes: the loop, which is in more of a hurry, gets it back
)


class RunJournal:
    """The journal of one run; made by `begin`, ended by `close`. Its methods are for one event loop's thread."""

    def __init__(self, writer: Writer) -> None:
        self._run = writer.run.id
        self._clock = writer.clock
        self._sent: dict[str, dict[int, Call]] = {}  # by call id and number, until it has ended
        self._queue: queue.SimpleQueue[Sequence[Item]] = queue.SimpleQueue()
        self._late: list[Item] = []  # what nobody waits for, until it is handed over
        self._soon: asyncio.TimerHandle | None = None
        self._turn_s = sys.getswitchinterval()
        self._closed = False
        self._writer = writer
        self._thread = threading.Thread(target=writer.work, args=(self._queue,), name="journal", daemon=True)

    @classmethod
    def begin(  # noqa: PLR0913 - each is another's business
        cls,
        store: Store,
        run: Run,
        *,
        lease: Lease | None,
        keep_passwords: Callable[[Sequence[OneTimePassword]], str],
        clock: Callable[[], float],
        mask: Mask = NO_MASK,
    ) -> RunJournal:
        """
        Write that a run begins; it is durable when this returns.

        Args:
            store: Where.
            run: What is known of it now.
            lease: The tenant's lock; intents are refused once it is lost.
            keep_passwords: Stores passwords durably and says where; called in the journal's thread, and may block.
            clock: Gives Unix seconds.
            mask: Hides secrets in whatever is written.

        Raises:
            StoreError: It could not be written, or the lock was lost.
        """
        with store.writing() as connection:
            if lease is not None:
                lease.confirm(connection)
            _forget_old(connection, run.tenant)
            connection.execute(sa.insert(RUNS), [run_row(run, mask)])
        writer = Writer(store=store, run=run, lease=lease, keep_passwords=keep_passwords, clock=clock, mask=mask)
        journal = cls(writer)
        sys.setswitchinterval(min(_TURN_S, journal._turn_s))
        journal._thread.start()
        return journal

    @property
    def run_id(self) -> str:
        """Which run this is the journal of."""
        return self._run

    async def intend(self, attempts: Sequence[Attempt]) -> None:
        """
        Write intents; they are durable when this returns, and not before may any of them be sent.

        Raises:
            StoreError: They could not be written, or the lock of the tenant was lost: nothing may be sent.
        """
        if not attempts:
            return
        for attempt in attempts:
            self._sent.setdefault(attempt.call.id, {})[attempt.number] = attempt.call
        wait = self._wait()
        now = self._clock()
        timed = (attempt if attempt.intended else replace(attempt, intended=now) for attempt in attempts)
        self._put(Intents(tuple(timed), wait))
        await wait.future

    def ended(self, attempt: Attempt) -> None:
        """
        Write how an attempt ended, soon: no later than the next `intend` that returns.

        It may be said again of the same attempt, when reading back has told more. A time that is left out is now.
        """
        first = self._sent.get(attempt.call.id, {}).pop(attempt.number, None) is not None
        if first and attempt.ended is None and attempt.ending is not None:
            attempt = replace(attempt, ended=self._clock())
        self._put_late(Known(self._run, attempt))

    def settled(self, run_id: str, attempt: Attempt) -> None:
        """Write, soon, what reading back said of an attempt of this run or of an earlier one."""
        self._put_late(Known(run_id, attempt))

    async def keep(self, call: Call, learned: Learned) -> Mapping[str, str]:
        """
        Keep what an answer taught, passwords first; durable when this returns.

        Where the passwords went is also written to the attempt, which may never be told that it has ended.

        Returns:
            Where each extension's password is now, by extension.

        Raises:
            StoreError: It could not be kept as asked; the message says where passwords went instead.
        """
        if not (learned.passwords or learned.remember or learned.forget):
            return {}
        wait = self._wait()
        self._put(Lesson(call.id, self._number(call), learned, wait))
        places: Mapping[str, str] = await wait.future
        return places

    def close(self, state: RunState, counts: Mapping[str, int], problem: str = "") -> None:
        """
        Write all that waits and how the run ended, and stop the thread. Once is enough; a second time does nothing.

        Raises:
            StoreError: Something could not be written.
        """
        if self._closed:
            return
        self._closed = True
        self._hand_over(End(state, dict(counts), problem))
        self._thread.join()
        sys.setswitchinterval(self._turn_s)
        if self._writer.failed is not None:
            raise self._writer.failed

    def _put(self, item: Item) -> None:
        self._must_be_open()
        self._hand_over(item)

    def _put_late(self, item: Item) -> None:
        """Hand *item* over with the next that somebody waits for, or soon."""
        self._must_be_open()
        self._late.append(item)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # it has ended: nobody will come after
            self._hand_over()
            return
        if self._soon is None:
            self._soon = loop.call_later(_SOON_S, self._hand_over)

    def _must_be_open(self) -> None:
        if self._closed:
            raise StoreError("the journal of this run is closed", remedy="Apply again: it carries on.")

    def _hand_over(self, *more: Item) -> None:
        if self._soon is not None:
            self._soon.cancel()
        late, self._late, self._soon = self._late, [], None
        if late or more:
            self._queue.put((*late, *more))

    def _wait(self) -> Wait:
        loop = asyncio.get_running_loop()
        return Wait(loop, loop.create_future())

    def _number(self, call: Call) -> int | None:
        """Tell which attempt at a call's id is the one that an answer came to: parts of one call share the id."""
        sent = self._sent.get(call.id, {})
        same = [number for number, item in sent.items() if item is call]
        return max(same or sent, default=None)


def _forget_old(connection: sa.Connection, tenant: str) -> None:
    """Delete the runs beyond the last, the one that begins included, apart from those that leave something open."""
    newest_first = sa.select(RUNS.c.id).where(RUNS.c.tenant == tenant).order_by(RUNS.c.started.desc(), RUNS.c.id)
    old = set(connection.execute(newest_first.offset(KEPT_RUNS - 1).limit(KEPT_RUNS)).scalars())
    if old:
        still = sa.select(ATTEMPTS.c.run).where(ATTEMPTS.c.run.in_(old), ATTEMPTS.c.open == sa.true())
        gone = sorted(old - set(connection.execute(still).scalars()))
        connection.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.run.in_(gone)))
        connection.execute(sa.delete(RUNS).where(RUNS.c.id.in_(gone)))
