"""How calls went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from reconciler.model.call import Call
from reconciler.model.errors import ReconcilerError, VendorError

FOLLOW_UP: Final = "again-"  # how the ids of calls begin that the plan has not: what reading back showed to be left


class Verdict(StrEnum):
    """How one call ended."""

    DONE = "done"
    ALREADY = "already"  # the vendor said that it was so before
    FAILED = "failed"  # refused, or surely not sent
    UNKNOWN = "unknown"  # sent, and no answer
    SKIPPED = "skipped"  # not tried: something that it needs failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    One call, and how it went. *blocked_by* names the failed calls that a skipped one waits for.

    A call that is done can have an *error*: what its answer taught could not be kept. *note* is what people should know
    of a call that went well: a password that the answer did not give. *lost* are extensions whose password was given
    once, and not to us. *attempts* counts how often it was sent; *settled* is what reading back said (a
    `history.Settled`), where an answer was lost.
    """

    call: Call
    verdict: Verdict
    error: ReconcilerError | None = None
    blocked_by: tuple[str, ...] = ()
    note: str = ""
    lost: tuple[str, ...] = ()
    attempts: int = 1
    settled: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    One sending of a read, and how it went; numbers count from 1.

    A read that is tried again is told once for each sending. *milliseconds* is how long the answer took, *error* what
    came in its place.
    """

    call: Call
    number: int
    milliseconds: int
    request_id: str = ""
    error: VendorError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimePassword:
    """An extension's password, given once. Never printed: `repr` leaves it out."""

    extension: str
    password: str = field(repr=False)
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What a reply teaches that no read will show again: passwords, and facts for the store."""

    passwords: tuple[OneTimePassword, ...] = ()
    remember: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)  # (section, identity)
    forget: tuple[tuple[str, str], ...] = ()
    note: str = ""  # what people should know
    lost: tuple[str, ...] = ()  # extensions whose password is lost: it was given once, and not to us
    failed: Mapping[str, str] = field(default_factory=dict)  # left out of an otherwise good answer: identity → why
    given: Mapping[str, Any] = field(default_factory=dict)  # values that later calls send: see `call.Given`


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A field that did not become what was wanted, found by reading back; *ignorable*: `ignore_fields` may name it."""

    address: str
    path: str
    wanted: Any
    found: Any
    ignorable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A field that somebody else changed after the plan was made: what it was then, and what it is now."""

    address: str
    path: str
    planned: Any
    found: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many calls went how, each counted once, in however many parts it was sent; *partly* had both ends."""

    done: int = 0
    already: int = 0
    partly: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Tally:
        """Count calls by their ids."""
        found: dict[str, set[Verdict]] = defaultdict(set)
        for outcome in outcomes:
            found[outcome.call.id].add(outcome.verdict)
        counts = Counter(_together(verdicts) for verdicts in found.values())
        return cls(**counts)

    @property
    def calls(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def worked(self) -> int:
        """Those of which every part is as wanted."""
        return self.done + self.already

    @property
    def counts(self) -> dict[str, int]:
        """The same as data, by name."""
        return asdict(self)


def _together(verdicts: set[Verdict]) -> str:
    """Say in a word how a call went whose parts fared like this."""
    worked = verdicts & {Verdict.DONE, Verdict.ALREADY}
    if worked and worked != verdicts:
        return "partly"
    order = (Verdict.UNKNOWN, Verdict.FAILED, Verdict.DONE, Verdict.ALREADY, Verdict.SKIPPED)
    return next(verdict.value for verdict in order if verdict in verdicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    What an apply did.

    *mismatches* are what reading back found different; *verified* says that it was read back, and *moved* that it found
    something changed: a batch that was refused may have taken effect in part. *stale* is what somebody else changed
    meanwhile, and why it stopped; *run* is its id in the store; *settled* are sentences about what earlier runs had
    left open.
    """

    outcomes: tuple[Outcome, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    verified: bool = False
    problem: str = ""
    moved: bool = False
    stale: tuple[Stale, ...] = ()
    run: str = ""
    settled: tuple[str, ...] = ()

    @property
    def tally(self) -> Tally:
        """How the plan's calls went, each counted once."""
        return Tally.of(item for item in self.outcomes if not item.call.id.startswith(FOLLOW_UP))

    @property
    def follow_ups(self) -> Tally:
        """How the calls went that were sent beside the plan's, after reading back."""
        return Tally.of(item for item in self.outcomes if item.call.id.startswith(FOLLOW_UP))

    @property
    def wrote(self) -> bool:
        """Whether a write took effect, or may have."""
        return self.moved or any(item.verdict in {Verdict.DONE, Verdict.UNKNOWN} for item in self.outcomes)

    @property
    def complete(self) -> bool:
        """Whether every call worked and reading back showed it."""
        done = {Verdict.DONE, Verdict.ALREADY}
        worked = all(item.verdict in done and item.error is None for item in self.outcomes)
        return self.verified and not self.mismatches and not self.stale and worked
