"""
What a run did, as it is kept: who, when, what was there before, and every attempt at a call.

An attempt is written down before it is made (an *intent*) and again when it has ended. One that never ended is *open*:
its answer was lost, or the run died. Nothing here holds a secret; of a password only where it went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from reconciler.model.call import Call
from reconciler.model.outcome import Learned
from reconciler.model.plan import Origin


class Ending(StrEnum):
    """How one attempt ended."""

    DONE = "done"
    ALREADY = "already"  # the vendor said that it was so before
    REFUSED = "refused"  # the vendor said no; nothing was done, but of a batch perhaps a part
    UNSENT = "unsent"  # it surely did not arrive, or the vendor asked to slow down
    LOST = "lost"  # sent, and no usable answer: it may have happened


class Settled(StrEnum):
    """What reading back said of an attempt that was lost or open."""

    DONE = "done"
    NOT_DONE = "not done"
    PARTLY = "partly done"
    UNKNOWN = "not known"  # no read shows it


class RunState(StrEnum):
    """How a run ended."""

    RUNNING = "running"  # or dead: see `Run.open`
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    INTERRUPTED = "interrupted"
    CUT = "cut off"  # it died, and a later run has settled what it left open


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """
    One attempt at a call: numbers count from 1 within a call id.

    *call* is what was really sent, which may be a part of the plan's call of that id. Before it has ended, *ending* is
    None. *milliseconds* is how long the answer took, *text* the vendor's own words or what went wrong, *places* where
    each extension's password went.
    """

    call: Call
    number: int
    ending: Ending | None = None
    milliseconds: int = 0
    request_id: str = ""
    text: str = ""
    settled: Settled | None = None
    intended: float = 0.0  # Unix seconds
    ended: float | None = None  # Unix seconds
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether nobody knows yet what became of it."""
        return self.ending in {None, Ending.LOST} and self.settled is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who ran it: the login and the machine, and where they are known the git author and the pipeline's job."""

    user: str = ""
    host: str = ""
    author: str = ""  # of the last commit that touches the configuration: "name <address>"
    revision: str = ""
    job: str = ""  # "GitHub Actions 1234/1", with its address in `url`
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """
    One change of a run, with what was there before: the before-image.

    *before* and *after* are all fields of the object as JSON-ready data, None where there was or is no object;
    *written* are the fields that the files managed, and *fields* those that differed.
    """

    address: str
    section: str
    identity: str
    action: str  # create, update or delete
    label: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    written: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def aside(self) -> bool:
        """Whether nothing of it was to change, though the run may have had to set it aside for a moment."""
        return self.action == "update" and not self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run that was about to write, as the store keeps it. Times are Unix seconds."""

    id: str
    tenant: str
    contact_center: str
    provider: str
    command: str  # apply or rollback
    started: float
    ended: float | None = None
    state: RunState = RunState.RUNNING
    who: Who = field(default_factory=Who)
    configuration: str = ""  # the path as an absolute one
    origin: Origin | None = None
    config_digest: str = ""
    images: tuple[Image, ...] = ()
    calls: int = 0  # that the plan has
    counts: Mapping[str, int] = field(default_factory=dict)  # verdict → calls, when it has ended
    problem: str = ""
    attempts: tuple[Attempt, ...] = ()  # in the order of their intents; left out in lists of runs


class Journal(Protocol):
    """What a run writes while it runs. Whatever is written is durable no later than the next `intend` that returns."""

    async def intend(self, attempts: Sequence[Attempt]) -> None:
        """
        Write intents; they are durable when this returns, and not before may any of them be sent.

        Raises:
            StoreError: They could not be written, or the lock of the tenant was lost: nothing may be sent.
        """
        ...

    def ended(self, attempt: Attempt) -> None:
        """Write how an attempt ended, soon."""
        ...

    async def keep(self, call: Call, learned: Learned) -> Mapping[str, str]:
        """
        Keep what an answer taught, passwords first; durable when this returns.

        Returns:
            Where each extension's password is now, by extension.

        Raises:
            StoreError: It could not be kept as asked; the message says where passwords went instead.
        """
        ...
