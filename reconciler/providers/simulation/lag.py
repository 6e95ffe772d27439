"""Reads that lag: for a while they still show what was there before the last write."""

from __future__ import annotations

from collections import Counter
from typing import Generic, Protocol, Self, TypeVar


class Copyable(Protocol):
    """A machine that can be set aside."""

    def copy(self) -> Self:
        """Make an independent machine in the same state."""
        ...


M = TypeVar("M", bound=Copyable)


class Lagging(Generic[M]):
    """What the first *lag* reads of each kind show after a write; with 0 they show what is there."""

    def __init__(self, lag: int) -> None:
        self._lag = lag
        self._behind: M | None = None
        self._reads: Counter[str] = Counter()

    def kept(self, machine: M) -> M | None:
        """Set aside what a machine is before a write."""
        return machine.copy() if self._lag else None

    def wrote(self, before: M | None) -> None:
        """Note that a write took effect, with what was set aside."""
        self._behind = before
        self._reads.clear()

    def shown(self, machine: M, what: str) -> M:
        """Give the machine that a read of *what* sees."""
        if self._behind is None:
            return machine
        self._reads[what] += 1
        return self._behind if self._reads[what] <= self._lag else machine
