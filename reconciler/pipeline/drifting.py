"""What somebody changed by hand since the last apply; reading only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias, assert_never

from reconciler.diff.compare import risk_of
from reconciler.model.change import Action, Cause, Change, FieldChange, MemberChange, Risk, ValueChange, pairs_of
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic, warning
from reconciler.model.drift import Drift, Finding, fingerprint, flipped
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.renaming import labels_of, relabelled_document
from reconciler.model.resource import identity_field, specs
from reconciler.pipeline.applied import document_of
from reconciler.pipeline.planning import compare, fetch_needed, saved_live
from reconciler.plan import names_of
from reconciler.session import Session

_Applied: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Any]]]  # fields by section and identity

_AGAIN: Final = 2  # times that it is read again where an apply has just ended
AT_WORK: Final = "apply-at-work"  # the code of the warning that a run is writing while we look


async def drift(session: Session, *, base: Desired | None = None, revision: str = "") -> Drift:
    """
    Compare, reading only: what was changed by hand, and what is wished but not yet applied.

    Args:
        session: The wish, and the vendor.
        base: What was last applied, where that is not the store's to say: the files at an earlier *revision*.
        revision: What to call it.
    """
    kept, live = await _looked(session, base)
    return _found(session, live, kept, revision)


async def drift_beside_live(session: Session) -> tuple[Drift, Live]:
    """Find what `drift` finds, and give the live state that it was found in; a snapshot stands in for reading."""
    if session.request.snapshot is None:
        kept, live = await _looked(session, None)
    else:
        kept, live = _applied(session), saved_live(session, session.request.snapshot)
    return _found(session, live, kept, ""), live


def _found(session: Session, live: Live, kept: _Applied | None, revision: str) -> Drift:
    differences = compare(session, live)
    applied = kept if kept is None else _as_called(kept, live, session)
    findings: list[Finding] = []
    pending: list[Change] = []
    for change in differences.changes:
        kind = session.provider.kinds[change.section]
        if change.action is Action.UPDATE and not kind.readable:
            pending.append(change)  # can't be read, so nobody can tell that it was changed by hand
            continue
        found: Change | None = change
        rest: Change | None = None
        if kept is not None and applied is not None:
            found = _by_hand(change, applied, kind, renamed=_renamed(change, kept, live))
            rest = change if found is None else _rest(change, found, applied)
        if found is not None:
            findings.append(_finding(session, found, kind))
        if rest is not None:
            pending.append(rest)
    return Drift(
        contact_center=session.desired.contact_center,
        provider=session.provider.name,
        findings=tuple(findings),
        pending=tuple(pending),
        unmanaged=differences.unmanaged,
        warnings=(*differences.warnings, *(_at_work(session) if findings else ())),
        known=applied is not None,
        base=revision,
        names=names_of(differences.changes, session.desired, live, session.provider.kinds),
    )


async def _looked(session: Session, base: Desired | None) -> tuple[_Applied | None, Live]:
    """Read what was applied and what is live so that they belong together: an apply may end in between."""
    async with session.reader() as client:
        kept = _applied(session)
        live = await fetch_needed(session, client)
        if base is not None:
            return document_of(session, base, live), live
        for _ in range(_AGAIN):
            before, kept = kept, _applied(session)
            if before == kept:
                break
            live = await fetch_needed(session, client)
    return kept, live


def _applied(session: Session) -> _Applied | None:
    store = session.store(create=False)
    return store.applied(session.tenant) if store is not None else None


def _at_work(session: Session) -> Iterator[Diagnostic]:
    """Warn where a run is writing to the tenant: what it is half through may look like somebody's hand."""
    store = session.store(create=False)
    if store is None:
        return
    from reconciler.store import leases  # noqa: PLC0415 - only where something was found

    holder = leases.at_work(store, session.tenant, clock=session.clock)
    if holder is not None:
        yield warning(
            AT_WORK,
            f"{holder.named} is writing to this tenant: what it is half through may show as drift",
            remedy="Nothing of this is kept or told to anybody. Look again when it has ended.",
        )


def _finding(session: Session, change: Change, kind: Kind[Any]) -> Finding:
    return Finding(
        change=change,
        fingerprint=fingerprint(session.tenant, change, slot=kind.whole),
        risk=_risk(change, kind),
    )


def _risk(change: Change, kind: Kind[Any]) -> Risk:
    """Say what the hand did to callers: what it took away weighs as in a plan that takes it away."""
    match change.action:
        case Action.CREATE:
            return kind.deletion_risk
        case Action.UPDATE:
            return risk_of(flipped(change).fields, specs(kind.resource))
        case Action.DELETE:
            return Risk.LOW
        case _:
            assert_never(change.action)


def _as_called(applied: _Applied, live: Live, session: Session) -> _Applied:
    """Call what was applied what the files call it now; what is not renamed yet stands there under its old name."""
    labels = labels_of(live, session.provider.kinds)
    known = {
        section: {name: label for name, label in names.items() if name in applied.get(section, {})}
        for section, names in labels.items()
    }
    known = {section: names for section, names in known.items() if names}
    return relabelled_document(applied, known, session.provider.kinds) if known else applied


def _renamed(change: Change, applied: _Applied, live: Live) -> str | None:
    """Name the field that holds an object's name, where an apply gave it that of the files and somebody another."""
    own = identity_field(type(change.live)) if change.live is not None else None
    item = change.field_change(own) if own is not None else None
    if change.live is None or not isinstance(item, ValueChange):
        return None
    of_section = applied.get(change.section, {})
    memory, number = live.memory.of(change.section), str(change.live.__dict__.get("id"))
    given = [name for name in (change.identity, item.before) if str(memory.get(name, {}).get("id")) == number]
    ours = given == [change.identity]  # with both, either may have been the later one
    return item.path if ours or (change.identity in of_section and item.before not in of_section) else None


def _by_hand(change: Change, applied: _Applied, kind: Kind[Any], *, renamed: str | None) -> Change | None:
    """Reduce a change to what somebody changed by hand since the last apply; None when the files are merely ahead."""
    was = applied.get(change.section, {}).get(change.identity)
    match change.action:
        case Action.CREATE:
            return change if was is not None else None  # it was there, and is gone
        case Action.DELETE:
            return change if was is None else None  # it was never ours
        case Action.UPDATE:
            # What the files name since, and no apply has made so yet, was not.
            met = kind.met(change, change.live, values=was) if was and change.live is not None else ()
            fields = tuple(
                found
                for item in change.fields
                if item.path not in met
                and (found := item if item.path == renamed else _field_by_hand(item, was or {})) is not None
            )
            return replace(change, fields=fields) if fields else None


def _field_by_hand(item: FieldChange, was: Mapping[str, Any]) -> FieldChange | None:
    """Reduce a field's change to what is no longer as it was applied; a field that never was can't have drifted."""
    if item.path not in was:
        return None
    applied = was[item.path]
    match item:
        case ValueChange(before=dict() as before, after=dict() as after) if isinstance(applied, dict):
            mine = [member for member in before if member in applied and applied[member] != before[member]]
            return _only(item, before, after, mine)
        case ValueChange():
            if applied == item.before:
                return None
            return item if applied == item.after else replace(item, cause=Cause.CONFLICT)  # the files moved, too
        case MemberChange():
            add = tuple(member for member in item.add if member in applied)
            remove = tuple(member for member in item.remove if member not in applied)
            return replace(item, add=add, remove=remove) if add or remove else None
        case _:
            assert_never(item)


def _only(
    item: ValueChange, before: Mapping[str, Any], after: Mapping[str, Any], members: list[str]
) -> ValueChange | None:
    if not members:
        return None
    sides = ({member: side[member] for member in members if member in side} for side in (before, after))
    return replace(item, before=next(sides), after=next(sides))


def _rest(change: Change, found: Change, applied: _Applied) -> Change | None:
    """Take from a change what a hand did; None where the files are not ahead of anything else in that object."""
    if change.action is not Action.UPDATE:
        return None
    was = applied.get(change.section, {}).get(change.identity) or {}
    fields = tuple(
        rest
        for item in change.fields
        if (rest := _field_rest(item, found.field_change(item.path), was.get(item.path))) is not None
    )
    return replace(change, fields=fields) if fields else None


def _field_rest(item: FieldChange, found: FieldChange | None, was: Any) -> FieldChange | None:
    match item, found:
        case ValueChange(before=dict() as before, after=dict() as after), _ if isinstance(was, dict):
            # What belongs to a member that a hand took out went with it; the files ask for what they always did.
            left = [member for member, _, wish in pairs_of(item) if member not in was or was[member] != wish]
            return _only(item, before, after, left)
        case _, None:
            return item
        case MemberChange(), MemberChange():
            add, remove = (tuple(sorted({*all_} - {*some})) for all_, some in _both(item, found))
            return replace(item, add=add, remove=remove) if add or remove else None
        case _:
            return None


def _both(item: MemberChange, found: MemberChange) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    yield item.add, found.add
    yield item.remove, found.remove
