"""
What a plan relies on, compared with what is there, before each write: somebody else may be at the console.

One read of a section serves all calls that are about to go out. In a plan of some dozen calls it is read again whenever
others have ended meanwhile; in a large one before calls that waited for others, and else about once a second.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from reconciler.model.call import Call
from reconciler.model.change import Action, Change
from reconciler.model.errors import Overtaken
from reconciler.model.history import Attempt
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.outcome import Stale
from reconciler.model.plan import Plan, Refusal
from reconciler.model.renaming import parked_name, rename_field
from reconciler.model.resource import FieldSpec, Resource, specs
from reconciler.pipeline.reading import Reader

_OLD_S: Final = 1.0  # a read that is older is renewed, and one that is twice as old is waited for
_SMALL: Final = 50  # calls: up to here, looking comes before speed
_READS: Final = 4  # that calls may wait for whatever they cost, and in a small plan another for every two calls
_READING: Final = 0.05  # of a run's time, at most, goes into further ones
_FOREVER_S: Final = 1e9
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """When a section was last looked at, on the event loop's clock, how many calls had ended then, and what it took."""

    began_s: float
    ended: int = 0
    cost_s: float = 0.0
    under_way: asyncio.Task[None] | None = None
    awaited: bool = False


class Watch:
    """Compares, before each call, the objects that it touches with what was planned."""

    def __init__(self, made: Plan, live: Live, kinds: Mapping[str, Kind[Any]], reader: Reader, *, taken: float) -> None:
        """
        Start from what was planned.

        Args:
            made: The plan.
            live: What it was made from.
            kinds: The vendor's kinds.
            reader: Reads sections.
            taken: When *live* began to be read, on the event loop's clock.
        """
        self._changes = {change.address: change for change in made.changes}
        self._planned = live
        self._now = dict(live.sections)
        self._kinds = kinds
        self._reader = reader
        self._small = len(made.calls) <= _SMALL
        self._checked = 0  # calls
        self._calls = Counter(address for call in made.calls for address in call.changes)
        self._looks = {section: _Look(began_s=taken) for section in kinds}
        self._reads = 0
        self._begun: set[str] = set()  # addresses that calls of ours have touched, or are touching
        self._ended: dict[str, int] = {}  # each call that has ended, and how many had before it

    def attempted(self, attempt: Attempt) -> None:
        """Be told of an attempt; once it has ended, what was read before may be old."""
        if attempt.ending is not None:
            self._ended[attempt.call.id] = len(self._ended)

    async def check(self, call: Call) -> None:
        """
        Hold that nobody changed what *call* relies on.

        Raises:
            Overtaken: Somebody did.
            VendorError: It can't be read.
        """
        sections = [section for section in _sections(call) if self._kinds[section].readable]
        if sections:
            await self._renew(call, sections)
        self.compare(call)
        self._begun.update(call.changes)
        self._checked += 1

    def compare(self, call: Call) -> None:
        """
        Hold *call* to what was last seen, without looking again: others may have looked while it waited to go out.

        Raises:
            Overtaken: Somebody changed what it relies on.
        """
        found = [stale for address in call.changes for stale in self._stale(address)]
        for section in _sections(call):
            if self._kinds[section].whole:
                found.extend(self._beside(section))
        if found:
            raise overtaken(found)

    async def _renew(self, call: Call, sections: Sequence[str]) -> None:
        """Look again where that is due: a call waits for it, or it goes on while calls do."""
        now = asyncio.get_running_loop().time()
        last_need = max((self._ended.get(need, -1) for need in call.needs), default=-1)
        wait = later = False
        for look in (self._looks[section] for section in sections):
            age, old = now - look.began_s, max(_OLD_S, look.cost_s / _READING)
            # Time has passed for this call since the last look: others came and went, or it waited for them.
            passed = (len(self._ended) > look.ended) if self._small else (last_need >= look.ended)
            reads = _READS + (self._checked // 2 if self._small else 0)
            wait |= age > 2 * old or (passed and (self._reads < reads or age > look.cost_s / _READING))
            later |= age > old
        if wait or later:
            looking = asyncio.create_task(self._look(sections))
            looking.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever waits is told
            for section in sections:  # who comes now shares it
                self._looks[section] = replace(
                    self._looks[section], began_s=now, ended=len(self._ended), under_way=looking, awaited=wait
                )
        for look in [self._looks[section] for section in sections]:
            if look.under_way is not None and (look.awaited or call.needs):
                await asyncio.shield(look.under_way)

    async def _look(self, sections: Sequence[str]) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            found = await self._reader.read(sections)
        except BaseException:
            self._over(sections, None)
            raise
        self._now |= found.sections
        self._reads += 1
        self._over(sections, loop.time() - started)

    def _over(self, sections: Sequence[str], cost_s: float | None) -> None:
        """Write that a look is over and what it took, None where it failed; unless a later one is under way."""
        for section in sections:
            look = self._looks[section]
            if look.under_way is asyncio.current_task():
                failed = cost_s is None
                self._looks[section] = replace(
                    look, under_way=None, cost_s=cost_s or 0.0, began_s=-_FOREVER_S if failed else look.began_s
                )

    def _stale(self, address: str) -> Iterator[Stale]:
        change = self._changes.get(address)
        if change is None or change.section not in self._now:
            return
        kind = self._kinds[change.section]
        now = self._now[change.section].get(change.identity)
        begun = address in self._begun
        if change.live is not None and now is not None:
            yield from strange(change, change.live, now, kind, ways=self._calls[address] if begun else 0)
        elif begun or kind.read is None or kind.fixed:
            return  # on its way, or it comes and goes with others
        elif now is None and (change.action is Action.UPDATE or self._has_another_name(change)):
            yield Stale(address=address, path="", planned="there", found="absent")
        elif now is not None and change.section in self._planned.sections:
            yield Stale(address=address, path="", planned="absent", found="there")

    def _has_another_name(self, change: Change) -> bool:
        """Whether what is to go is there under another name: somebody made something else of it."""
        number = change.live.__dict__.get("id") if change.live is not None else None
        renamed = rename_field(self._kinds[change.section].resource) is not None
        return bool(
            renamed and number and any(item.__dict__["id"] == number for item in self._now[change.section].values())
        )

    def _beside(self, section: str) -> Iterator[Stale]:
        """Find what changed in a section that is sent whole, beside what the plan changes."""
        planned, now = self._planned.of(section), self._now.get(section, {})
        ours = {change.identity for change in self._changes.values() if change.section == section}
        for identity in sorted((planned.keys() | now.keys()) - ours):
            address = f"{section}/{identity}" if identity else section
            before, found = planned.get(identity), now.get(identity)
            if before is None or found is None:
                words = ("absent", "there") if before is None else ("there", "absent")
                yield Stale(address=address, path="", planned=words[0], found=words[1])
            else:
                yield from _differing(address, before, found, self._kinds[section])


def _sections(call: Call) -> Iterable[str]:
    return dict.fromkeys(address.partition("/")[0] for address in call.changes)


def _compared(kind: Kind[Any]) -> Iterator[str]:
    return (name for name, spec in specs(kind.resource).items() if not (spec.computed or spec.write_only))


def _differing(address: str, before: Resource, now: Resource, kind: Kind[Any]) -> Iterator[Stale]:
    """Find each field that is not as it was planned from."""
    for name in _compared(kind):
        planned, found = before.__dict__[name], now.__dict__[name]
        if planned != found:
            yield Stale(address=address, path=name, planned=planned, found=found)


def strange(change: Change, before: Resource, now: Resource, kind: Kind[Any], *, ways: int) -> Iterator[Stale]:
    """
    Find each field that is neither as it was nor as it is wished, nor on the way.

    *ways* counts our own calls that may be under way: one may delete the object, of several each may do a part. Then
    what belongs to a member that joins or leaves may be anything, and a member whose own value changes may be away.
    """
    fields = specs(kind.resource)
    renamed = rename_field(kind.resource) is not None  # then it may bear another name for a moment
    parked = parked_name(kind.identity(before), str(before.__dict__.get("id", ""))) if renamed else None
    for name in _compared(kind):
        was, found = before.__dict__[name], now.__dict__[name]
        if found == was:
            continue
        wish: Any = change.desired.__dict__[name] if change.desired is not None else None
        pairs = fields[name].paired_with
        if isinstance(was, tuple):
            on_the_way = {*was} ^ {*(wish or ())}
            if ways:
                on_the_way |= _moving(change, before, name, fields)
            fine = on_the_way.issuperset({*was} ^ {*found})
        elif change.desired is None:
            fine = bool(ways)
        elif pairs is not None:
            free = {*before.__dict__[pairs.field]} ^ {*change.desired.__dict__[pairs.field]} if ways else set()
            fine = all(
                found.get(member) in (was.get(member), wish.get(member))
                or member in free
                or (bool(ways) and member not in found and was.get(member) != wish.get(member))
                for member in was.keys() | found.keys()
            )
        else:
            aside = ways > 1 and found in {"", None}
            fine = found == wish or aside or (bool(ways) and found == parked)
        if not (fine or name in kind.met(change, now)):
            yield Stale(address=change.address, path=name, planned=was, found=found)


def _moving(change: Change, before: Resource, name: str, fields: Mapping[str, FieldSpec]) -> set[str]:
    """Name the members of a list whose own values change: a vendor may only take another by letting go first."""
    if change.desired is None:
        return set()
    wish = change.desired.__dict__
    pairs = [spec.name for spec in fields.values() if spec.paired_with is not None and spec.paired_with.field == name]
    return {
        member
        for pair in pairs
        for member in before.__dict__[name]
        if before.__dict__[pair].get(member) != wish[pair].get(member)
    }


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
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {item}" for name, item in sorted(value.items())) or "none"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return (text if len(text) <= 60 else f"{text[:59]}…") or '""'
