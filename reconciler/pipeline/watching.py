"""
What a plan relies on, compared with what is there, before each write: somebody else may be at the console.

One read serves all calls that are about to go out. A small plan is read again before each write that follows another; a
large one once a second or so, while its calls go on, so that looking costs little beside writing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.model.call import Call
from reconciler.model.change import Change
from reconciler.model.errors import Overtaken
from reconciler.model.history import Attempt
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.outcome import Stale
from reconciler.model.plan import Plan, Refusal
from reconciler.model.resource import Resource, specs
from reconciler.pipeline.reading import Reader

_SMALL: Final = 20  # calls
_OLD_S: Final = 1.0  # a read that is older is renewed, and one that is twice as old is waited for
_READING: Final = 0.1  # of a run's time, at most, goes into renewing what is old
_SHOWN: Final = 5


class Watch:
    """Compares, before each call, the objects that it touches with what was planned."""

    def __init__(self, made: Plan, live: Live, kinds: Mapping[str, Kind[Any]], reader: Reader, *, taken: float) -> None:
        """
        Start from what was planned.

        Args:
            made: The plan.
            live: What it was made from.
            kinds: The vendor's kinds.
            reader: Reads the sections that the plan touches.
            taken: When *live* began to be read, on the event loop's clock.
        """
        self._changes = {change.address: change for change in made.changes}
        self._planned = live
        self._now = live
        self._kinds = kinds
        self._reader = reader
        self._taken = taken
        self._cost_s = 0.0  # of the last read
        self._every = 1 if len(made.calls) <= _SMALL else max(1, len(made.calls))
        self._written = 0  # calls that ended since the last read began
        self._begun: set[str] = set()  # addresses that calls of ours have touched, or are touching
        self._calls = Counter(address for call in made.calls for address in call.changes)
        self._renewing: asyncio.Task[None] | None = None

    def attempted(self, attempt: Attempt) -> None:
        """Be told of an attempt; once it has ended, what was read before may be old."""
        self._written += attempt.ending is not None

    async def check(self, call: Call) -> None:
        """
        Hold that nobody changed what *call* relies on.

        Raises:
            Overtaken: Somebody did.
            VendorError: It can't be read.
        """
        await self._renew()
        found = [stale for address in call.changes for stale in self._stale(address)]
        for section in dict.fromkeys(address.partition("/")[0] for address in call.changes):
            if self._kinds[section].whole:
                found.extend(self._beside(section))
        if found:
            raise overtaken(found)
        self._begun.update(call.changes)

    async def _renew(self) -> None:
        begun_now = False
        while not begun_now:
            age = asyncio.get_running_loop().time() - self._taken
            old = max(_OLD_S, self._cost_s / _READING)
            wait = self._written >= self._every or age > 2 * old
            if not wait and age <= old:
                return
            # One that is under way may have begun before the last write ended: then it does not show what came after.
            begun_now = self._renewing is None or self._renewing.done()
            if self._renewing is None or begun_now:
                self._renewing = asyncio.create_task(self._read())
                self._renewing.add_done_callback(lambda done: done.cancelled() or done.exception())
            if not wait:
                return
            await asyncio.shield(self._renewing)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        started, written, self._written = loop.time(), self._written, 0
        try:
            self._now = await self._reader.read()
        except BaseException:
            self._written += written  # what was read before is as old as it was
            raise
        self._taken, self._cost_s = started, loop.time() - started

    def _stale(self, address: str) -> Iterator[Stale]:
        change = self._changes.get(address)
        if change is None or change.section not in self._now.sections:
            return
        kind = self._kinds[change.section]
        now = self._now.of(change.section).get(change.identity)
        if address in self._begun:
            if change.live is not None and now is not None:
                yield from _strange(change, change.live, now, kind, lenient=self._calls[address] > 1)
        elif change.live is not None and now is None and kind.derive is None:
            yield Stale(address=address, path="", planned="there", found="absent")
        elif change.live is None and now is not None and change.section in self._planned.sections:
            if not kind.fixed:
                yield Stale(address=address, path="", planned="absent", found="there")
        elif change.live is not None and now is not None:
            yield from _differing(address, change.live, now, kind)

    def _beside(self, section: str) -> Iterator[Stale]:
        """Find what changed in a section that is sent whole, beside what the plan changes."""
        planned, now = self._planned.of(section), self._now.of(section)
        ours = {change.identity for change in self._changes.values() if change.section == section}
        for identity in sorted((planned.keys() | now.keys()) - ours):
            address = f"{section}/{identity}" if identity else section
            before, found = planned.get(identity), now.get(identity)
            if before is None or found is None:
                words = ("absent", "there") if before is None else ("there", "absent")
                yield Stale(address=address, path="", planned=words[0], found=words[1])
            else:
                yield from _differing(address, before, found, self._kinds[section])


def _compared(kind: Kind[Any]) -> Iterator[str]:
    return (name for name, spec in specs(kind.resource).items() if not (spec.computed or spec.write_only))


def _differing(address: str, before: Resource, now: Resource, kind: Kind[Any]) -> Iterator[Stale]:
    """Find each field that is not as it was planned from."""
    for name in _compared(kind):
        planned, found = before.__dict__[name], now.__dict__[name]
        if planned != found:
            yield Stale(address=address, path=name, planned=planned, found=found)


def _strange(change: Change, before: Resource, now: Resource, kind: Kind[Any], *, lenient: bool) -> Iterator[Stale]:
    """Find each field that is neither as it was nor as our own calls make it, nor on the way."""
    for name in _compared(kind):
        was, found = before.__dict__[name], now.__dict__[name]
        if found == was:
            continue
        wish = change.desired.__dict__[name] if change.desired is not None else None
        if isinstance(was, tuple):
            on_the_way = {*was} ^ {*(wish or ())}
            fine = on_the_way.issuperset({*was} ^ {*found})
        else:
            fine = change.desired is None or found == wish or (lenient and found in {"", None})
        if not fine:
            yield Stale(address=change.address, path=name, planned=was, found=found)


def overtaken(found: list[Stale], *, remedy: str = "Make a new plan: it starts from what is there now.") -> Overtaken:
    """Say what somebody else changed."""
    refusals: dict[str, Refusal] = {}
    for stale in found[:_SHOWN]:
        what = f"{stale.address} {stale.path.replace('_', ' ')}".rstrip()
        refusals[what] = Refusal(
            rule="stale-plan",
            message=f"{what} was {_told(stale.planned)} when the plan was made, and is {_told(stale.found)} now",
            objects=(stale.address,),
            remedy=remedy,
        )
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    addresses = list(dict.fromkeys(stale.address for stale in found))
    return Overtaken(
        f"the live state has changed since the plan was made: {', '.join(addresses[:_SHOWN])}{more}",
        remedy=remedy,
        refusals=tuple(refusals.values()),
        found=found,
    )


def _told(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return (text if len(text) <= 60 else f"{text[:59]}…") or '""'
