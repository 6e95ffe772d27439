"""What somebody changed by hand, what is wished but not yet applied, and what is known of earlier looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, assert_never

from reconciler.model.change import Action, Change, FieldChange, MemberChange, Risk, ValueChange
from reconciler.model.diagnostics import Diagnostic
from reconciler.model.history import Who
from reconciler.model.live import digest, plain
from reconciler.model.resource import specs


class Did(StrEnum):
    """What a hand did to an object, seen from the files."""

    CHANGED = "changed"
    MISSING = "missing"
    EXTRA = "extra"


class Status(StrEnum):
    """What earlier looks know of a finding."""

    NEW = "new"
    STILL = "still there"


class DriftState(StrEnum):
    """How a look for drift ended."""

    CLEAN = "no drift"
    FOUND = "drift"
    FAILED = "failed"


_DID: Final = {Action.CREATE: Did.MISSING, Action.UPDATE: Did.CHANGED, Action.DELETE: Did.EXTRA}
_FLIPPED: Final = {Action.CREATE: Action.DELETE, Action.UPDATE: Action.UPDATE, Action.DELETE: Action.CREATE}
_PREFIX: Final = len("sha256:")
_DIGITS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One object that no longer is as it was applied.

    *change* is the way back to the wish. *risk* is what the hand did to callers, not what going back would do.
    *status* and the times (Unix seconds) are known where the store keeps a history; *replaces* is the fingerprint of
    an earlier finding on the same object, where a hand has changed it once more.
    """

    change: Change
    fingerprint: str = ""
    risk: Risk = Risk.LOW
    status: Status | None = None
    first_seen: float | None = None
    last_seen: float | None = None
    replaces: str = ""

    @property
    def did(self) -> Did:
        """What the hand did, in a word."""
        return _DID[self.change.action]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """
    A finding as the store keeps it: plain texts, and when it was seen. Times are Unix seconds.

    *what* says in a line what the hand did; *resolved* is when it was first seen to be gone, None while it is there.
    """

    fingerprint: str
    address: str
    section: str
    identity: str
    did: str
    risk: str
    label: str = ""
    what: str = ""
    first_seen: float = 0.0
    last_seen: float = 0.0
    resolved: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """
    What `drift` found.

    *pending* are changes of the files that were never applied; they are no drift. *known* says whether anything told
    the two apart (the store, or the revision *base*); without it everything that differs counts as drift. *resolved*
    are findings of earlier looks that are gone now, and *run* is the look's id in the store, "" where none was kept.
    """

    contact_center: str
    provider: str
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    pending: tuple[Change, ...] = field(default=(), repr=False)
    unmanaged: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    known: bool = False
    base: str = ""
    names: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)  # (section, identity) → for people
    resolved: tuple[Seen, ...] = field(default=(), repr=False)
    run: str = ""

    def count(self, did: Did) -> int:
        """Count the findings of one sort."""
        return sum(1 for item in self.findings if item.did is did)

    def of_status(self, status: Status) -> tuple[Finding, ...]:
        """Pick the findings that are new, or that were there before."""
        return tuple(item for item in self.findings if item.status is status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """
    One or more looks for drift, as the store keeps them: looks that saw the same are kept as one.

    Times are Unix seconds: *started* is when the first of them began, *last* when the latest ended, and *times* how
    many there were. *findings*, *new* and *resolved* are fingerprints; *calls* and *seconds* are the latest look's.
    """

    id: str
    tenant: str
    contact_center: str
    provider: str
    started: float
    last: float
    state: DriftState
    times: int = 1
    who: Who = field(default_factory=Who)
    configuration: str = ""
    base: str = ""
    calls: int = 0
    seconds: float = 0.0
    findings: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()
    pending: int = 0
    unmanaged: int = 0
    problem: str = ""
    seen: tuple[Seen, ...] = ()  # what the fingerprints stand for, as far as it is kept; left out in lists


def fingerprint(tenant: str, change: Change, *, slot: bool = False) -> str:
    """
    Fingerprint what a hand did: 32 hex digits.

    It follows from the tenant, the object's identity, what happened to it and the live values that are not as applied.
    Lines, file names, local names, times and what the files wish for now have no part in it, so the same drift keeps
    its fingerprint while files are edited, and a second change by hand has another one.

    Args:
        tenant: Whose object it is.
        change: The way back to the wish.
        slot: Whether the object is one place of a table (a key), where what stands in it now matters.
    """
    live: Any = []
    if change.action is Action.UPDATE:
        live = sorted((_live(item) for item in change.fields), key=str)
    elif change.action is Action.DELETE and slot and change.live is not None:
        shown = plain(change.live)
        live = [[name, shown[name]] for name, spec in specs(type(change.live)).items() if spec.compared]
    said = [tenant, change.section, change.identity, _DID[change.action].value, live]
    return digest(said)[_PREFIX : _PREFIX + _DIGITS]


def _live(item: FieldChange) -> list[Any]:
    match item:
        case ValueChange():
            return [item.path, item.before]
        case MemberChange():
            return [item.path, sorted(item.add), sorted(item.remove)]
        case _:
            assert_never(item)


def flipped(change: Change, *, risk: Risk = Risk.LOW) -> Change:
    """Tell a change from the other side: what the hand did, rather than what an apply would do."""
    return replace(
        change,
        action=_FLIPPED[change.action],
        fields=tuple(_flipped(item) for item in change.fields),
        risk=risk,
    )


def _flipped(item: FieldChange) -> FieldChange:
    match item:
        case ValueChange():
            return replace(item, before=item.after, after=item.before)
        case MemberChange():
            return replace(item, add=item.remove, remove=item.add)
        case _:
            assert_never(item)
