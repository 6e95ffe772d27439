"""What earlier looks for drift know of what was found now, and who has not been told of it yet."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reconciler.model.change import differences
from reconciler.model.drift import Did, Drift, DriftState, Finding, Look, Seen, Status, flipped
from reconciler.model.errors import ReconcilerError
from reconciler.session import Session

_LONGEST: Final = 1_000  # characters of a line that says what a hand did


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a destination is to be told: findings that are new to it, and those that are gone; how many stay."""

    new: tuple[Finding, ...] = ()
    resolved: tuple[Seen, ...] = ()
    still: int = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.new or self.resolved)


def record(session: Session, found: Drift, *, started: float, destinations: Collection[str] = ()) -> Drift:
    """
    Write a look into the store; give what was found, with what the store knows of it.

    Args:
        session: Whose tenant.
        found: What the look found.
        started: When it began, in Unix seconds.
        destinations: Who is to be told, by `Destination.digest`.

    Raises:
        StoreError: The store can't be written.
    """
    from reconciler.store import findings, leases  # noqa: PLC0415 - only for those who write

    store = session.store(create=True)
    assert store is not None, "asked to create it"
    state = DriftState.FOUND if found.findings else DriftState.CLEAN
    look = replace(
        _look(session, leases.new_run(), started, state),
        base=found.base,
        pending=len(found.pending),
        unmanaged=len(found.unmanaged),
    )
    kept = findings.record(
        store, look, [_seen(item) for item in found.findings], destinations=destinations, mask=session.desired.mask
    )
    return _with(session, found, kept.before, now=look.last, since=look.started, run=kept.look.id)


def record_failure(session: Session, error: ReconcilerError, *, started: float) -> None:
    """
    Write that a look failed. What was found before is taken to be there still.

    Raises:
        StoreError: The store can't be written.
    """
    from reconciler.store import findings, leases  # noqa: PLC0415 - only for those who write

    store = session.store(create=True)
    assert store is not None, "asked to create it"
    look = _look(session, leases.new_run(), started, DriftState.FAILED)
    findings.record_failure(store, replace(look, problem=str(error)[:_LONGEST]), mask=session.desired.mask)


def recall(session: Session, found: Drift) -> Drift:
    """Add what the store knows of what was found, writing nothing; as it is where the store knows nothing."""
    from reconciler.store import findings  # noqa: PLC0415

    store = session.store(create=False)
    before = findings.known(store, session.tenant) if store is not None else None
    return found if before is None else _with(session, found, before, now=session.clock(), since=None, run="")


def last_success(session: Session) -> float | None:
    """Say when a look last ended that did not fail, in Unix seconds; None where nobody knows."""
    from reconciler.store import findings  # noqa: PLC0415

    store = session.store(create=False)
    return findings.last_success(store, session.tenant) if store is not None else None


def to_tell(session: Session, found: Drift, destination: str) -> Telling:
    """
    Say what a destination is to be told of a look.

    Where the look is kept, that is what it was not told before, at whichever look; else what this look found to be new.
    """
    if not found.run:
        new = tuple(item for item in found.findings if item.status is not Status.STILL)
        return Telling(new=new, resolved=found.resolved, still=len(found.findings) - len(new))
    from reconciler.store import findings  # noqa: PLC0415

    store = session.store(create=False)
    assert store is not None, "the look is in it"
    present = {item.fingerprint: item for item in found.findings}
    news = findings.untold(store, session.tenant, destination, present)
    there = _objects(found.findings)
    resolved = tuple(
        item
        for item in news.resolved
        if (item.section, item.identity) not in there  # else it was changed once more, and is told as new
        and _looked_at(session, item)
    )
    new = tuple(item for name, item in present.items() if name in news.new)
    return Telling(new=new, resolved=resolved, still=len(present) - len(new))


def told(session: Session, found: Drift, destination: str, *, worked: bool) -> None:
    """
    Write that a destination knows of all that was found; where that did not work, it is told at the next look.

    Raises:
        StoreError: The store can't be written.
    """
    if not found.run:
        return
    from reconciler.store import findings  # noqa: PLC0415

    store = session.store(create=True)
    assert store is not None, "the look is in it"
    if worked:
        findings.set_told(store, session.tenant, destination, {item.fingerprint for item in found.findings})
    else:
        findings.count_failure(store, session.tenant, destination)


def what(finding: Finding) -> str:
    """Say in a line what the hand did to the fields of an object that is there on both sides."""
    if not finding.change.fields or finding.did is not Did.CHANGED:
        return ""
    return differences(flipped(finding.change))[:_LONGEST]


def _look(session: Session, name: str, started: float, state: DriftState) -> Look:
    from reconciler.who import who  # noqa: PLC0415 - 200 ms that a plan without a store saves

    now = session.clock()
    return Look(
        id=name,
        tenant=session.tenant,
        contact_center=session.desired.contact_center,
        provider=session.provider.name,
        started=started,
        last=max(now, started),
        state=state,
        who=who(session.desired.root, session.request.environ),
        configuration=os.path.abspath(session.request.path),  # noqa: PTH100 - `resolve` would follow links
        calls=session.asked,
        seconds=round(max(now - started, 0.0), 3),
    )


def _seen(finding: Finding) -> Seen:
    change = finding.change
    return Seen(
        fingerprint=finding.fingerprint,
        address=change.address,
        section=change.section,
        identity=change.identity,
        did=finding.did.value,
        risk=finding.risk.value,
        label=change.label,
        what=what(finding),
    )


def _looked_at(session: Session, item: Seen) -> bool:
    """Whether a look still sees such a finding; what the files no longer manage is nobody's to resolve."""
    desired = session.desired
    if not desired.manages(item.section) and item.section not in desired.implied:
        return False
    return item.did != Did.CHANGED or any(
        entry.identity == item.identity for entry in desired.of(item.section).values()
    )


def _with(  # noqa: PLR0913 - what was found, and what is known of it
    session: Session, found: Drift, before: Mapping[str, Seen], *, now: float, since: float | None, run: str
) -> Drift:
    """Tell what is new from what is still there, and find what is gone."""
    present = {item.fingerprint for item in found.findings}
    gone = {name: item for name, item in before.items() if name not in present}
    on_object = {(item.section, item.identity): name for name, item in gone.items()}
    items = []
    for item in found.findings:
        was = before.get(item.fingerprint)
        if was is not None:
            items.append(replace(item, status=Status.STILL, first_seen=was.first_seen, last_seen=now))
            continue
        replaces = on_object.get((item.change.section, item.change.identity), "")
        items.append(replace(item, status=Status.NEW, first_seen=since, last_seen=now, replaces=replaces))
    there = _objects(found.findings)
    resolved = tuple(
        replace(item, resolved=now)
        for _, item in sorted(gone.items())
        if (item.section, item.identity) not in there and _looked_at(session, item)
    )
    return replace(found, findings=tuple(items), resolved=resolved, run=run)


def _objects(items: Sequence[Finding]) -> set[tuple[str, str]]:
    return {(item.change.section, item.change.identity) for item in items}
