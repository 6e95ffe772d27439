"""
What must hold when a run was struck: a story is told from one start, and its faults are gathered as sentences.

Killed: the next run converges, makes no more writes that take effect than an undisturbed run, no object is there twice,
no password is lost without a word, the journal is whole, and the lock is free at once.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.crash.ground import Blow, Ended, Ground, Journal


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an undisturbed run makes of the tenant, the writes that took effect, and how often it crosses each point."""

    tenant: Any
    effects: tuple[str, ...]
    crossed: dict[str, int]


def undisturbed(ground: Ground) -> Wanted:
    """Run from the start without a blow."""
    ended = ground.run_from_start(Blow())
    assert ended.code == 0, ended.err
    return Wanted(tenant=ground.tenant(), effects=tuple(ground.vendor.effects), crossed=dict(ended.crossed))


def killed(ground: Ground, wanted: Wanted, *blows: Blow, forgotten: bool = False) -> list[str]:
    """
    Kill as many runs as there are blows, and let one more run in peace.

    Args:
        ground: Where.
        wanted: What an undisturbed run does.
        blows: Where each run is killed; one that is not crossed disturbs nobody.
        forgotten: The store is deleted after the last blow; then nobody can say what was open.

    Returns:
        What does not hold.
    """
    ground.restore()
    runs = []
    found = Found()
    for blow in blows:
        ended = ground.run(blow)
        runs.append(ended)
        if ended.code not in {0, -signal.SIGKILL}:
            found.say(f"{blow}: ended with {ended.code}: {ended.err}")
        journal = ground.journal()
        found.check("ok", journal.check, "the store after the kill")
        if journal.attempts < len(ground.vendor.effects) + ground.attempts_before:
            found.say("a call had an effect, and its intent was not written")
    before = ground.journal()
    if forgotten:
        for path in ground.store.parent.glob("state.db*"):
            path.unlink()
    last = ground.run()
    runs.append(last)
    _converged(ground, wanted, runs, found, forgotten=forgotten)
    if not forgotten:
        _settled(before, last, found)
    _all_closed(ground, found)
    if ground.of.gives_passwords and not forgotten:  # what was given to the dead run alone, its store knew alone
        found.extend(_passwords(ground, runs))
    if found:
        found.say(f"that was after {', '.join(map(str, blows))}; the last run said: {last.err}")
    return found


def stopped(ground: Ground, wanted: Wanted, blow: Blow, *, in_flight: int) -> list[str]:
    """
    Ask a run to stop, once or twice, and let another one carry on.

    Asked once it ends with 130, finishes what is in flight, starts nothing more, and leaves nothing open.
    """
    first = ground.run_from_start(blow)
    found = Found()
    whole = len(blow.signals) == 1
    journal = ground.journal()
    if first.code or blow.point not in _LATE:
        found.check(130, first.code, f"the exit code ({first.err})")
    if "Traceback" in first.err:
        found.say(first.err)
    found.check("ok", journal.check, "the store after the signal")
    found.check(None, journal.holder, "who holds the lock after the signal")
    if whole:
        found.check(0, journal.open, "open attempts after the signal")
        if first.late > 2 * in_flight:  # the signal and the answer are under way at the same time
            found.say(f"{first.late} writes arrived after the signal, and {in_flight} can be in flight")
        if any(state == "running" for _, state in journal.runs):
            found.say("the run did not write that it has ended")
    last = ground.run()
    _converged(ground, wanted, [first, last], found)
    _settled(journal, last, found)
    _all_closed(ground, found)
    if ground.of.gives_passwords:
        found.extend(_passwords(ground, [first, last]))
    if found:
        found.say(f"that was after {blow}; the first run said: {first.err}; the last: {last.err}")
    return found


# Where there may be nothing left to stop; or nothing was struck, since passwords that come together are kept together.
_LATE: Final = frozenset(
    {"commit", "answered", "half a file"}
    | {
        f"{step}.{when}"
        for step in ("applied", "close", "release", "passwords", "flush", "replace")
        for when in ("before", "after")
    }
)


class Found(list[str]):
    """What does not hold."""

    def say(self, text: str) -> None:
        """Add a sentence."""
        self.append(text)

    def check(self, expected: object, actual: object, what: str) -> None:
        """Add a sentence where two differ."""
        if expected != actual:
            self.say(f"{what}: {expected!r} is due, and it is {actual!r}")


def _converged(ground: Ground, wanted: Wanted, runs: Sequence[Ended], found: Found, *, forgotten: bool = False) -> None:
    found.check(0, runs[-1].code, "the last run's exit code")
    due, there = wanted.tenant, ground.tenant()
    if forgotten and ground.of.gives_passwords:  # spares are known to the store alone: one that ought to go may be left
        bound = {number for agent in there["agents"].values() for number in agent["extensions"]} | {*due["extensions"]}
        there["extensions"] = {number: item for number, item in there["extensions"].items() if number in bound}
    if due != there:
        found.say(f"the tenant is not as an undisturbed run makes it: {list(_apart(due, there))}")
    effects = ground.vendor.effects
    if not forgotten and len(wanted.effects) != len(effects):
        found.say(f"{len(effects)} writes took effect, and {len(wanted.effects)} do undisturbed: {effects}")


def _apart(expected: Any, actual: Any, path: str = "") -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in sorted({*expected, *actual}):
            yield from _apart(expected.get(name), actual.get(name), f"{path}/{name}")
    elif expected != actual:
        yield f"{path}: {expected!r} ≠ {actual!r}"


def _settled(before: Journal, last: Ended, found: Found) -> None:
    """Whoever comes after a run that left something open says so first, to people and to machines."""
    told = [*(last.result or {}).get("settled", ())]
    for run in before.open_runs:
        if f"Run {run} left" not in _flat(last.err):
            found.say(f"the last run does not say on stderr that it settled what {run} left open")
        if last.result is not None and not any(f"Run {run} left" in line for line in told):
            found.say(f"the last run's result does not say that it settled what {run} left open: {told}")
    # What a dead run settled itself is told again: it may have died before it could tell.
    if not before.open_runs and told and not any(state == "running" for _, state in before.runs):
        found.say(f"the last run says that it settled something, and nothing was open: {told}")


def _all_closed(ground: Ground, found: Found) -> None:
    after = ground.journal()
    found.check("ok", after.check, "the store in the end")
    found.check(0, after.open, "open attempts in the end")
    found.check(None, after.holder, "who holds the lock in the end")
    if any(state == "running" for _, state in after.runs):
        found.say(f"a run that has ended is called running: {after.runs}")


def _passwords(ground: Ground, runs: Sequence[Ended]) -> Iterator[str]:
    """Each password that was given is kept, or a run after the one that was struck says that it is lost."""
    told = {number for run in runs[1:] for number in _told(run)}
    kept, there = ground.passwords(), ground.vendor.state()["sections"]["extensions"]
    for number, password in ground.vendor.passwords.items():
        if number in there and kept.get(number) != password and number not in told:
            yield f"the password of {number} is lost without a word"


def _told(run: Ended) -> Iterator[str]:
    """Give the extensions of whose passwords a run says anything, to people or to machines."""
    result = run.result if isinstance(run.result, dict) else {}
    notes = [str(outcome.get("note", "")) for outcome in result.get("outcomes", ())]
    for text in (*notes, *result.get("settled", ()), _flat(run.err)):
        for sentence in re.split(r"(?<=[.;]) ", text):
            if "password" in sentence:
                yield from re.findall(r"\b\d{4}\b", sentence)
    for outcome in result.get("outcomes", ()):
        yield from outcome.get("lost", ())


def _flat(text: str) -> str:
    """Undo the breaking of lines."""
    return " ".join(text.split())
