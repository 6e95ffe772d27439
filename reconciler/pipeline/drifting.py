"""What somebody changed by hand since the last apply; reading only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, assert_never

from reconciler.model.change import Action, Change, FieldChange, MemberChange, ValueChange
from reconciler.model.drift import Drift, Finding
from reconciler.pipeline.planning import compare, fetch_needed
from reconciler.session import Session


async def drift(session: Session) -> Drift:
    """Compare, reading only: what was changed by hand, and what is wished but not yet applied."""
    async with session.client() as client:
        live = await fetch_needed(session, client)
    differences = compare(session, live)
    store = session.store(create=False)
    applied = store.applied(session.tenant) if store is not None else None
    findings = []
    pending = []
    for change in differences.changes:
        if change.action is Action.UPDATE and not session.provider.kinds[change.section].readable:
            pending.append(change)  # can't be read, so nobody can tell that it was changed by hand
            continue
        by_hand = change if applied is None else _by_hand(change, applied)
        if by_hand is None:
            pending.append(change)
        else:
            findings.append(Finding(change=by_hand))
    return Drift(
        contact_center=session.desired.contact_center,
        provider=session.provider.name,
        findings=tuple(findings),
        pending=tuple(pending),
        unmanaged=differences.unmanaged,
        warnings=differences.warnings,
        known=applied is not None,
    )


def _by_hand(change: Change, applied: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Change | None:
    """Reduce a change to what somebody changed by hand since the last apply; None when the files are merely ahead."""
    was = applied.get(change.section, {}).get(change.identity)
    match change.action:
        case Action.CREATE:
            return change if was is not None else None  # it was there, and is gone
        case Action.DELETE:
            return change if was is None else None  # it was never ours
        case Action.UPDATE:
            if was is None:
                return None  # the files name it since, and no apply has made it so yet
            fields = tuple(found for item in change.fields if (found := _field_by_hand(item, was)) is not None)
            return replace(change, fields=fields) if fields else None


def _field_by_hand(item: FieldChange, was: Mapping[str, Any]) -> FieldChange | None:
    """Reduce a field's change to what is no longer as it was applied; a field that never was can't have drifted."""
    if item.path not in was:
        return None
    applied = was[item.path]
    match item:
        case ValueChange():
            return item if applied != item.before else None
        case MemberChange():
            add = tuple(member for member in item.add if member in applied)
            remove = tuple(member for member in item.remove if member not in applied)
            return replace(item, add=add, remove=remove) if add or remove else None
        case _:
            assert_never(item)
