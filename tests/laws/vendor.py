"""
What the laws need to know of a vendor, and one tenant of it that is spoken to in calls.

The laws are written once. Which tenants and wishes there may be, how the simulator takes calls and how it reads, what
no read shows, what the vendor chooses by itself: that each vendor's folder here describes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hypothesis import strategies as st

from reconciler.fetch import assemble
from reconciler.model.call import Call, Reply, known, run
from reconciler.model.desired import Desired
from reconciler.model.errors import Rejected
from reconciler.model.live import Live, Memory
from reconciler.model.resource import Resource
from reconciler.providers.base import Provider
from reconciler.renames import moved

Sections = Mapping[str, Mapping[str, Any]]


class Machine(Protocol):
    """The vendor's machine behind calls and replies, in some reading of its pages, without HTTP."""

    def answer(self, call: Call) -> Reply:
        """Carry out one call, or raise `Rejected` as the client would."""
        ...

    @property
    def sections(self) -> Sections:
        """What it has, by its own account."""
        ...


class WiredMachine(Machine, Protocol):
    """
    The same in one of all dialects, as the vendor's wire shows it.

    *files* are those that can be uploaded, by path. *lag* counts reads that still show what was before a write.
    """

    files: Mapping[str, bytes]
    lag: int


class Vendor(Protocol):
    """One vendor, as the laws see it."""

    provider: Provider
    readings: Sequence[str]
    """Readings of the pages that differ in what a write does; "strict" is the one that forgives least."""
    secrets: Sequence[str]
    """What no output may hold."""
    starts_otherwise: frozenset[str]
    """Sections whose objects may start otherwise than the creation says, so that a second look switches them."""
    travels: Mapping[str, frozenset[str]]
    """Fields that go along with a change of another one, by section."""
    writes: frozenset[str]
    """Sorts of calls that the stories' plans make."""
    contents: Mapping[str, str]
    """Which files are in the folder still: digest → path."""
    one_way: frozenset[str]
    """Sections that no rollback brings back."""
    not_restored: frozenset[tuple[str, str]]
    """Fields that no rollback brings back, by section."""

    def cases(self, *, whole: bool = False) -> st.SearchStrategy[Case]:
        """Draw a live tenant and a wish beside it; *whole* manages every section and field."""
        ...

    def bindings(self) -> st.SearchStrategy[Case]:
        """Draw few objects that join much in one call."""
        ...

    def machine(self, state: Any, reading: str) -> Machine:
        """Make the vendor's machine in a state."""
        ...

    def wired(self, state: Any, dialect: str) -> WiredMachine:
        """Make the vendor's machine behind its wire, in one of its dialects."""
        ...

    def sort(self, call: Call) -> str:
        """Name what sort of call one is."""
        ...

    def exactly(self, live: Live) -> Desired:
        """Wish for exactly what is live, as far as files can say it, with everything managed and pruned."""
        ...

    def comparable(self, sections: Sections, desired: Desired) -> Sections:
        """Leave out what the vendor chooses by itself."""
        ...

    def chosen(self, desired: Desired, after: Sections) -> frozenset[tuple[str, str]]:
        """Name what the vendor made by itself, by section and identity."""
        ...

    def answered(self, sections: Sections) -> frozenset[tuple[str, str]]:
        """Name what leads callers to somebody, by section and identity."""
        ...

    def at_fault(self, lost: tuple[str, str], live: Live) -> str:
        """Name the object that a note must name where *lost* is without an answer for a moment."""
        ...

    def may_choose(self, calls: Sequence[Call], call: Call) -> bool:
        """Whether the vendor might by chance do by itself what *call* does."""
        ...

    def hidden(self, address: str) -> bool:
        """Whether every wish ignores an object."""
        ...

    def unseen(self, call: Call) -> bool:
        """Whether no read may show what a call does."""
        ...

    def numbers(self, call: Call) -> bool:
        """Whether the vendor numbers what a call makes, so that the order of its parts shows."""
        ...

    def lost(self, before: Sections, deleted: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Name what can't come back as it was *before*, since nobody has its content any more."""
        ...


@dataclass(frozen=True)
class Case:
    """
    A live tenant and a wish.

    *live* is what we read, with what our store remembers; *state* is what the vendor has, and may have more: things
    that no read shows.
    """

    vendor: Vendor
    live: Live
    desired: Desired
    state: Any

    def tenant(self, reading: str = "strict") -> Tenant:
        """Make the tenant in some reading."""
        return Tenant(self.vendor.provider, self.vendor.machine(self.state, reading), self.live.memory)

    def called(self, live: Live) -> Live:
        """Call what was read what the files call it."""
        return moved(self.desired, live, self.vendor.provider.kinds).live


@dataclass
class Tenant:
    """One tenant that is spoken to in calls, and our memory of it."""

    provider: Provider
    machine: Machine
    memory: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        self.facts: dict[str, dict[str, Any]] = {name: dict(items) for name, items in self.memory.facts.items()}
        self.given: dict[str, Mapping[str, Any]] = {}

    def answer(self, call: Call) -> Reply:
        """Answer one call, and learn nothing of it."""
        return self.machine.answer(call)

    def ready(self, call: Call) -> Call:
        """Put what earlier answers gave into a call."""
        return known(call, self.given)

    def write(self, call: Call) -> Reply:
        """
        Carry out one write, and keep what the answer teaches.

        As an apply does, and nothing else: what a call left undone is made good, what stands in its way goes first.
        """
        ready = self.ready(call)
        try:
            reply = self._sent(ready)
        except Rejected as refused:
            reply = self._unblocked(ready, refused)
        if call.confirm:
            for _ in range(2):
                for item in self.provider.mend(ready, self.read()):
                    self._sent(item)
        return reply

    def _sent(self, call: Call) -> Reply:
        reply = self.machine.answer(call)
        learned = self.provider.learn(call, reply)
        if learned.failed:
            told = repr(learned.failed)
            raise Rejected(f"{call.title} leaves out {told}", code="partial", text=told, call=call.title)
        self.given[call.id] = learned.given
        for section, identity in learned.forget:
            self.facts.get(section, {}).pop(identity, None)
        for (section, identity), data in learned.remember.items():
            self.facts.setdefault(section, {})[identity] = dict(data)
        return reply

    def _unblocked(self, call: Call, refused: Rejected) -> Reply:
        parts = self.provider.parts(call)
        if len(parts) > 1:
            return [self.write(part) for part in parts][-1]
        others = self.provider.unblock(call, refused, self.read())
        if not others:
            raise refused
        for item in others:
            self._sent(item)
        return self._sent(call)

    @property
    def sections(self) -> Sections:
        """What it has, by its own account."""
        return self.machine.sections

    def read(self) -> Live:
        """Read all of it, as `fetch` does."""
        for _ in range(getattr(self.machine, "lag", 0)):  # a vendor may take several reads to show what was written
            self._read()
        return self._read()

    def _read(self) -> Live:
        memory = Memory({name: dict(items) for name, items in self.facts.items()})
        found: dict[str, dict[str, Resource]] = {}
        for name, kind in self.provider.kinds.items():
            if kind.read is not None:
                found[name] = {kind.identity(item): item for item in run(kind.read(memory), self.machine.answer)}
        return assemble(self.provider, found, memory, self.provider.kinds)
