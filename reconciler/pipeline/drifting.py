"""What somebody changed by hand since the last apply; reading only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias, assert_never

from reconciler.model.change import Action, Change, FieldChange, MemberChange, ValueChange
from reconciler.model.drift import Drift, Finding
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.renaming import labels_of, relabelled_document
from reconciler.model.resource import identity_field
from reconciler.pipeline.planning import compare, fetch_needed
from reconciler.session import Session

_Applied: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Any]]]  # fields by section and identity


async def drift(session: Session) -> Drift:
    """Compare, reading only: what was changed by hand, and what is wished but not yet applied."""
    async with session.client() as client:
        live = await fetch_needed(session, client)
    differences = compare(session, live)
    store = session.store(create=False)
    kept = store.applied(session.tenant) if store is not None else None
    applied = kept if kept is None else _as_called(kept, live, session)
    findings = []
    pending = []
    for change in differences.changes:
        if change.action is Action.UPDATE and not session.provider.kinds[change.section].readable:
            pending.append(change)  # can't be read, so nobody can tell that it was changed by hand
            continue
        found: Change | None = change
        if kept is not None and applied is not None:
            kind = session.provider.kinds[change.section]
            found = _by_hand(change, applied, kind, renamed=_renamed(change, kept, live))
        if found is None:
            pending.append(change)
        else:
            findings.append(Finding(change=found))
    return Drift(
        contact_center=session.desired.contact_center,
        provider=session.provider.name,
        findings=tuple(findings),
        pending=tuple(pending),
        unmanaged=differences.unmanaged,
        warnings=differences.warnings,
        known=applied is not None,
    )


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
            if not mine:
                return None
            only = ({member: side[member] for member in mine} for side in (before, after))
            return ValueChange(path=item.path, before=next(only), after=next(only))
        case ValueChange():
            return item if applied != item.before else None
        case MemberChange():
            add = tuple(member for member in item.add if member in applied)
            remove = tuple(member for member in item.remove if member not in applied)
            return replace(item, add=add, remove=remove) if add or remove else None
        case _:
            assert_never(item)
