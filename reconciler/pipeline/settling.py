"""What earlier runs left open: written down as about to be sent, and never how it ended. Read back, before anything."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from reconciler.apply.settle import Found, settle_all
from reconciler.fetch import read as read_sections
from reconciler.model.call import Call, Fact
from reconciler.model.history import Attempt, Ending, Run, RunState, Settled
from reconciler.model.live import Live
from reconciler.model.outcome import Learned
from reconciler.pipeline.planning import spared
from reconciler.session import Session

if TYPE_CHECKING:
    from reconciler.store.database import Store

_SHOWN: Final = 3
_LATE_S: Final = 120.0  # how much later a vendor may show a write, at the very most


async def settle_earlier(session: Session, *, tell: Callable[[str], None] = lambda _: None) -> tuple[str, ...]:
    """
    Find out what became of the attempts that earlier runs left open, and write it down.

    The caller holds the tenant's lock.

    Args:
        session: Whose tenant.
        tell: Is told each sentence before it is written that the attempts are settled: a run that dies in between
            leaves them open, so that a lost password is told twice rather than never.

    Returns:
        What to tell, a sentence or two for each of those runs.

    Raises:
        VendorError: The tenant can't be read.
        StoreError: The store can't be used.
    """
    from reconciler.store import journal  # noqa: PLC0415 - only for those who write

    store = session.store(create=True)
    assert store is not None, "asked to create it"
    mine = session.lease.holder.run if session.lease is not None else ""
    open_ = journal.open_attempts(store, session.tenant, except_run=mine)
    untold = journal.untold_attempts(store, session.tenant, except_run=mine)
    open_ += tuple((run, attempt) for run, attempt in untold if not attempt.places)
    by_run: dict[str, list[tuple[Attempt, Found]]] = defaultdict(list)
    runs: dict[str, Run] = {}
    fresh = _just_made(session, store)
    if open_ or fresh:
        async with session.client() as client:

            async def read(sections: Iterable[str]) -> Live:
                needed = {*sections}.union(*(session.provider.kinds[name].reads_with for name in sections))
                memory, without = session.memory(), spared(session)
                return await read_sections(session.provider, client, memory, sections=needed, spared=without)

            calls = [attempt.call for _, attempt in open_]
            every = await settle_all([*calls, *fresh], session.provider, read, session.sleep)
            for (run, attempt), found in zip(open_, every, strict=False):
                runs[run.id] = run
                by_run[run.id].append((attempt, found))
    told = tuple(_settled(session, store, runs[name], found, tell) for name, found in by_run.items())
    journal.cut_off(store, session.tenant, except_run=mine)
    return told


def _just_made(session: Session, store: Store) -> tuple[Call, ...]:
    """
    Find what the last run made, as the vendor said, if it ended before reading back showed all of it.

    A vendor may show a write late: what does not show yet is waited for, lest it be made a second time.
    """
    from reconciler.store import journal  # noqa: PLC0415 - only for those who write

    last = next(iter(journal.runs(store, session.tenant, limit=1)), None)
    if last is None or last.state is RunState.COMPLETE:
        return ()
    found = journal.run(store, last.id)
    if found is None or not found.attempts:
        return ()
    if session.clock() - max(attempt.ended or attempt.intended for attempt in found.attempts) > _LATE_S:
        return ()
    done = [attempt.call for attempt in found.attempts if attempt.ending is Ending.DONE]
    gone = frozenset[Fact]().union(*(call.takes for call in done))
    provider = session.provider
    return tuple(call for call in done if (call.gives and not call.gives & gone) or provider.makes_twice(call))


def left_open(session: Session) -> tuple[str, ...]:
    """Tell which runs left attempts open that no run has settled yet; reading only."""
    store = session.store(create=False)
    if store is None:
        return ()
    from reconciler.store import journal  # noqa: PLC0415 - only where there is a store

    counts = Counter(run.id for run, _ in journal.open_attempts(store, session.tenant))
    return tuple(
        f"Run {run} has {f'{count} calls' if count > 1 else 'a call'} open: it is still running, or was cut off. "
        "The next apply reads back first."
        for run, count in counts.items()
    )


def _settled(
    session: Session, store: Store, run: Run, found: Sequence[tuple[Attempt, Found]], tell: Callable[[str], None]
) -> str:
    """Keep what is known now of one run's open attempts, and tell it."""
    from reconciler.store import journal  # noqa: PLC0415

    by_end: dict[Settled, list[str]] = {end: [] for end in _HOW}
    notes = []
    for attempt, seen in found:
        note = ""
        if seen.done:
            learned = session.provider.recover(session.provider.join(seen.done), seen.live)
            store.keep(session.tenant, learned)
            if not attempt.places:  # else the passwords of its answer are where they belong
                note = learned.note
        elif seen.unseen:
            _forget(session, store, attempt)
            note = "" if attempt.places else _unseen(attempt, session)
        by_end[seen.settled].append(f"{attempt.call.id} {attempt.call.title}")
        notes += [note] if note else []
    many = f"{len(found)} calls" if len(found) > 1 else "a call"
    ends = "; ".join(f"{_listed(names)} {_HOW[end]}" for end, names in by_end.items() if names)
    if notes:
        notes.append(f"look first whether it is in {_place(session)}: it may have come before the run died")
    told = " ".join([f"Run {run.id} left {many} open. Read back: {ends}.", *(_sentence(note) for note in notes)])
    tell(told)
    for attempt, seen in found:
        journal.settle(store, run.id, attempt.call.id, attempt.number, seen.settled)
    return told


def _forget(session: Session, store: Store, attempt: Attempt) -> None:
    """Forget what a call that can't be seen may have changed: what is not known is sent again, whatever is wished."""
    taught = session.provider.recover(attempt.call, Live({})).remember
    store.keep(session.tenant, Learned(forget=tuple(taught)))


# What reading back says, in the order in which it is told.
_HOW: Final = {
    Settled.DONE: "had happened",
    Settled.PARTLY: "had happened in part",
    Settled.UNKNOWN: "can't be seen",
    Settled.NOT_DONE: "had not happened",
}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _unseen(attempt: Attempt, session: Session) -> str:
    """Say what may be lost with a call that no read shows, as if it had happened."""
    lost = session.provider.recover(attempt.call, Live({})).lost
    if not lost:
        return ""
    which = ", ".join(lost)
    return (
        f"if extension {which} was made by it, the password was lost with the answer: where nobody has it, delete "
        "the extension and apply again"
    )


def _place(session: Session) -> str:
    """Name where passwords go."""
    where = session.desired.secrets.extension_passwords
    default = f".reconciler/secrets/{session.desired.contact_center}.json"
    return where.file or where.age or (f"what {where.command[0]} keeps" if where.command else default)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."
