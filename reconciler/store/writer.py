"""
The thread that writes a run's journal: what it is handed, and how a group of it becomes one transaction.

Nothing that goes wrong ends it: whoever waits is told, and what nobody waits for is tried again with the next group.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, assert_never

import sqlalchemy as sa
from sqlalchemy import exc

from reconciler.model.errors import StoreError
from reconciler.model.history import Attempt, Run, RunState
from reconciler.model.outcome import Learned, OneTimePassword
from reconciler.model.secret import Mask
from reconciler.store.database import Store, keep_facts, plainly
from reconciler.store.leases import Lease
from reconciler.store.rows import Row, attempt_row, end_values, ended_values
from reconciler.store.tables import ATTEMPTS, RUNS

# Built once: SQLAlchemy takes as long to build and to recognise a statement as SQLite takes to carry it out.
_INTEND: Final = sa.insert(ATTEMPTS)
_CHANGE: Final = sa.update(ATTEMPTS).where(
    ATTEMPTS.c.run == sa.bindparam("its_run"),
    ATTEMPTS.c.call == sa.bindparam("its_call"),
    ATTEMPTS.c.number == sa.bindparam("its_number"),
)


@dataclass(slots=True, eq=False)
class Wait:
    """Somebody who waits for the thread: a future of an event loop."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    error: BaseException | None = None
    value: Any = None

    def resolve(self) -> None:
        """Say how it went; for the loop's own thread. Who was cancelled does not listen any more."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


@dataclass(slots=True, eq=False)
class Intents:
    """Attempts that are about to be made."""

    attempts: tuple[Attempt, ...]
    wait: Wait


@dataclass(slots=True, eq=False)
class Known:
    """What is known of an attempt: how it ended, or what reading back said."""

    run: str
    attempt: Attempt


@dataclass(slots=True, eq=False)
class Lesson:
    """What the answer to an attempt at a call taught."""

    call: str
    number: int | None
    learned: Learned
    wait: Wait
    places: Mapping[str, str] = field(default_factory=dict)
    failed: StoreError | None = None  # of the passwords


@dataclass(slots=True, eq=False)
class End:
    """How the run ended."""

    state: RunState
    counts: Mapping[str, int]
    problem: str


Item: TypeAlias = Intents | Known | Lesson | End


@dataclass(slots=True, kw_only=True, eq=False)
class Writer:
    """What runs in the journal's thread."""

    store: Store
    run: Run
    lease: Lease | None
    keep_passwords: Callable[[Sequence[OneTimePassword]], str]
    clock: Callable[[], float]
    mask: Mask
    failed: StoreError | None = None  # what `close` is to raise
    _position: int = 0
    _connection: sa.Connection | None = None
    _late: list[Known] = field(default_factory=list)  # what nobody waits for is tried again with the next group

    def work(self, incoming: queue.SimpleQueue[Sequence[Item]]) -> None:
        """Write what comes in until the end does."""
        items: list[Item] = []
        try:
            while not _ends(items):
                items.clear()
                _gather(incoming, items)
                self._group(items)
        except Exception as cause:  # noqa: BLE001 - a mistake of ours, after which nobody may wait for ever
            self.failed = _plain(cause)
            self._refuse(items, self.failed)
            while not _ends(items):
                items[:] = incoming.get()
                self._refuse(items, self.failed)
        self._let_go()
        if self._late and self.failed is None:
            self.failed = StoreError("the journal can't be written", remedy="Check --state (or RECONCILER_STATE).")

    def _refuse(self, items: Sequence[Item], cause: StoreError) -> None:
        waits = [item.wait for item in items if isinstance(item, Intents | Lesson)]
        for wait in waits:
            wait.error = wait.error or cause
        _tell(waits)

    def _group(self, items: Sequence[Item]) -> None:
        """Write one group, and tell those who wait; nothing that goes wrong ends the thread."""
        waiting = [item for item in items if isinstance(item, (Intents, Lesson))]
        try:
            self._store_passwords([item for item in waiting if isinstance(item, Lesson)])
            self._write(items)
        except Exception as cause:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            self.failed = _plain(cause)
            self._refuse(waiting, self.failed)
            return
        _tell([item.wait for item in waiting])

    def _store_passwords(self, lessons: Sequence[Lesson]) -> None:
        """Store the passwords of a group at once: their file is written anew each time."""
        having = [lesson for lesson in lessons if lesson.learned.passwords]
        if not having:
            return
        try:
            place = self.keep_passwords([password for lesson in having for password in lesson.learned.passwords])
        except Exception as cause:  # noqa: BLE001 - the rest of what was learned is still to be written
            for lesson in having:
                lesson.failed = _plain(cause)
            return
        for lesson in having:
            lesson.places = {password.extension: place for password in lesson.learned.passwords}

    def _write(self, items: Sequence[Item]) -> None:
        """Write a group in one transaction; where one of its items spoils it, each in one of its own."""
        todo: list[Item] = [*self._late, *items]
        self._late = []
        try:
            self._commit(todo)
        except Exception as cause:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            self._let_go()
            if isinstance(cause.__cause__, exc.OperationalError | OSError):
                self._not_written(todo, cause)  # the disk is full, the server is gone: it hits all alike
                return
            for item in sorted(todo, key=lambda item: isinstance(item, Intents)):  # intents last: see `_not_written`
                try:
                    self._commit([item])
                except Exception as found:  # noqa: BLE001
                    self._let_go()
                    self._not_written([item], found)

    def _commit(self, items: Sequence[Item]) -> None:
        lost: StoreError | None = None
        intents = [item for item in items if isinstance(item, Intents)]
        lessons = [item for item in items if isinstance(item, Lesson)]
        position = self._position
        if intents and self._late:
            raise StoreError("the journal can't be written, so no more is sent", remedy="Look at the store (--state).")
        with plainly(self.store.file), self._begun() as connection:
            if intents:
                lost = self._lost(connection)
            rows = []
            for attempt in (attempt for item in intents if lost is None for attempt in item.attempts):
                rows.append(attempt_row(self.run.id, position, attempt, self.mask))
                position += 1
            if rows:
                connection.execute(_INTEND, rows)
            self._write_known(connection, [item for item in items if isinstance(item, Known)])
            self._write_places(connection, lessons)
            keep_facts(connection, self.run.tenant, [item.learned for item in lessons])
            for item in items:
                if isinstance(item, End):
                    self._write_end(connection, item)
        self._position = position
        for lesson in lessons:
            lesson.wait.value, lesson.wait.error = lesson.places, lesson.failed
        for intent in intents:
            intent.wait.error = lost

    def _lost(self, connection: sa.Connection) -> StoreError | None:
        """Say why no more may be sent; what has been sent already is still to be written."""
        try:
            if self.lease is None:
                self.store.check()
            else:
                self.lease.confirm(connection)
        except StoreError as cause:
            return cause
        return None

    def _write_known(self, connection: sa.Connection, known: Sequence[Known]) -> None:
        if not known:
            return
        alike: dict[frozenset[str], list[Row]] = {}  # rows of one statement have the same columns
        for item in known:
            attempt = item.attempt
            row = {"its_run": item.run, "its_call": attempt.call.id, "its_number": attempt.number}
            row |= ended_values(attempt, self.mask)
            if attempt.places:  # else those that `keep` wrote stay
                row["places"] = dict(attempt.places)
            if attempt.ended is None:  # else settled later: when it ended stays
                del row["ended"]
            alike.setdefault(frozenset(row), []).append(row)
        for rows in alike.values():
            connection.execute(_CHANGE, rows)

    def _write_places(self, connection: sa.Connection, lessons: Sequence[Lesson]) -> None:
        rows = [
            {
                "its_run": self.run.id,
                "its_call": lesson.call,
                "its_number": lesson.number,
                "places": dict(lesson.places),
            }
            for lesson in lessons
            if lesson.places and lesson.number is not None
        ]
        if rows:
            connection.execute(_CHANGE, rows)

    def _write_end(self, connection: sa.Connection, end: End) -> None:
        ended = replace(self.run, state=end.state, ended=self.clock(), counts=end.counts, problem=end.problem)
        connection.execute(sa.update(RUNS).where(RUNS.c.id == self.run.id).values(end_values(ended, self.mask)))

    def _not_written(self, items: Sequence[Item], cause: Exception) -> None:
        """Tell those who wait. What nobody waits for stays for the next group, and until then nothing may be sent."""
        for item in items:
            match item:
                case Intents():
                    item.wait.error = _plain(cause)
                case Lesson():
                    item.wait.error = item.failed or _plain(cause)  # the one about the passwords says more
                case Known():
                    self._late.append(item)
                case End():
                    self.failed = _plain(cause)
                case _:
                    assert_never(item)

    @contextlib.contextmanager
    def _begun(self) -> Iterator[sa.Connection]:
        """Begin a transaction on the thread's own connection."""
        if self._connection is None:
            self._connection = self.store.engine.connect()
        with self._connection.begin():
            yield self._connection

    def _let_go(self) -> None:
        """Give the connection up; the next group gets another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(exc.SQLAlchemyError):
                connection.close()


def _gather(incoming: queue.SimpleQueue[Sequence[Item]], items: list[Item]) -> None:
    """Wait for the next items, and take what else is there."""
    items.extend(incoming.get())
    with contextlib.suppress(queue.Empty):
        while True:
            items.extend(incoming.get_nowait())


def _ends(items: Sequence[Item]) -> bool:
    return any(isinstance(item, End) for item in items)


def _plain(cause: Exception) -> StoreError:
    if isinstance(cause, StoreError):
        return cause
    return StoreError(
        f"the journal can't be written: {type(cause).__name__}", remedy="Check --state (or RECONCILER_STATE)."
    )


def _tell(waits: Sequence[Wait]) -> None:
    """Wake those who wait, each loop once; a loop that has ended has nobody waiting."""
    for loop in {wait.loop for wait in waits}:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve, [wait for wait in waits if wait.loop is loop])


def _resolve(waits: Sequence[Wait]) -> None:
    for wait in waits:
        wait.resolve()
