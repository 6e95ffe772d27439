"""
Changes → Plan: lowered by the vendor, ordered by what the calls state, guarded.

Order knows no vendor and no kind: see `order`. What a plan must not do is `guard`'s; whether it works is `rehearse`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler.model.change import Action, Change, MemberChange, pairs_of
from reconciler.model.desired import Desired
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.plan import Differences, Origin, Plan, Summary
from reconciler.model.resource import specs
from reconciler.plan.guard import guard
from reconciler.plan.order import Ordered, order
from reconciler.plan.staffing import lonely
from reconciler.plan.target import concerns, targeted
from reconciler.providers.base import Provider

_SHOWN: Final = 5


def plan(  # noqa: PLR0913 - what to plan from, and how far it may go
    differences: Differences,
    desired: Desired,
    live: Live,
    provider: Provider,
    *,
    origin: Origin | None = None,
    targets: Sequence[str] = (),
    allowed: Mapping[str, int] | None = None,
) -> Plan:
    """
    Make the plan.

    Args:
        differences: What the diff found.
        desired: The wish.
        live: What is there.
        provider: The vendor.
        origin: How the configuration was loaded, kept in the plan for `apply plan.json`.
        targets: Addresses to restrict the plan to; what legality needs besides comes along.
        allowed: Deletions that the user allowed, by section.
    """
    changes, notes = _targeted(differences.changes, targets, desired, live, provider)
    lowered = provider.lower(changes, desired, live)
    standing = differences.refusals
    if targets:
        standing = tuple(item for item in standing if concerns(item, changes, frozenset(targets)))
    impossible = (*standing, *lowered.refusals)
    guards = guard(changes, desired, live, provider.kinds, live_counts=differences.live_counts, allowed=allowed or {})
    ordered = Ordered(calls=()) if impossible else order(lowered.calls)
    changes, alone = lonely(changes, desired, live, provider.kinds)
    return Plan(
        contact_center=desired.contact_center,
        provider=provider.name,
        summary=replace(
            summary_of(changes, provider.kinds),
            calls=len(ordered.calls),
            minimum_calls=provider.minimum_calls(changes, desired, live) if changes and not impossible else 0,
        ),
        changes=changes,
        calls=ordered.calls,
        refusals=(*impossible, *guards),
        warnings=(*differences.warnings, *alone),
        unmanaged=differences.unmanaged,
        notes=(*notes, *lowered.notes, *_forced(ordered)),
        pace=provider.pace(ordered.calls, desired.settings),
        origin=origin,
        names=names_of(changes, desired, live, provider.kinds),
    )


def _targeted(
    changes: tuple[Change, ...], targets: Sequence[str], desired: Desired, live: Live, provider: Provider
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    if not targets:
        return changes, ()
    asked = frozenset(targets)
    kept = targeted(changes, asked, desired, live, provider)
    also = sorted(change.address for change in kept if change.address not in asked)
    notes = []
    if also:
        notes.append(f"Besides what --target names, these must change for it: {', '.join(also)}.")
    left = len(changes) - len(kept)
    if left:
        notes.append(f"{left} more {'change is' if left == 1 else 'changes are'} left out by --target.")
    return kept, tuple(notes)


def summary_of(changes: Sequence[Change], kinds: Mapping[str, Kind[Any]]) -> Summary:
    """Count changes, and the pairs that they bind and unbind; calls are not known here."""
    actions = Counter(change.action for change in changes)
    bind = unbind = 0
    for change in changes:
        for spec in specs(kinds[change.section].resource).values():
            if spec.ref is None or not spec.unordered:
                continue
            if change.action is Action.DELETE and change.live is not None:
                unbind += len(change.live.__dict__[spec.name])
            else:
                members = change.members(spec.name)
                bind += len(members.add)
                unbind += len(members.remove)
    return Summary(
        create=actions[Action.CREATE],
        update=actions[Action.UPDATE],
        delete=actions[Action.DELETE],
        bind=bind,
        unbind=unbind,
    )


def _forced(ordered: Ordered) -> tuple[str, ...]:
    """Say where the old had to go before the new."""
    calls = {call.id: call for call in ordered.calls}
    shown = [
        f"{late} ({calls[late].why}) can't wait for {soon} ({calls[soon].why})"
        + (f"; {calls[late].meanwhile}" if calls[late].meanwhile else "")
        for late, soon in ordered.broken[:_SHOWN]
    ]
    if len(ordered.broken) > _SHOWN:
        shown.append(f"and {len(ordered.broken) - _SHOWN} more like these")
    return (f"A limit lets the old go before the new stands: {'; '.join(shown)}.",) if shown else ()


def names_of(
    changes: Sequence[Change], desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]
) -> Mapping[tuple[str, str], str]:
    """Find names for the objects that the changes refer to."""
    wanted: set[tuple[str, str]] = set()
    for change in changes:
        rules = specs(kinds[change.section].resource)
        for spec in rules.values():
            ref = rules[spec.paired_with.field].ref if spec.paired_with is not None else spec.ref
            if ref is None:
                continue
            item = change.field_change(spec.name)
            if isinstance(item, MemberChange):
                wanted.update((ref.section, identity) for identity in (*item.add, *item.remove))
            elif item is not None and spec.paired_with is not None:
                wanted.update((ref.section, member) for member, _, _ in pairs_of(item))
            elif item is not None:
                wanted.update((ref.section, str(value)) for value in (item.before, item.after) if value)
    entries = {
        section: {entry.identity: entry for entry in desired.of(section).values()} for section, _ in sorted(wanted)
    }
    found = {}
    for section, identity in sorted(wanted):
        field = kinds[section].resource.label_field
        if field is None:
            continue
        entry = entries[section].get(identity)
        item = live.of(section).get(identity)
        label = (entry.resource.__dict__.get(field) if entry else "") or (item.__dict__.get(field) if item else "")
        if label:
            found[section, identity] = str(label)
    return found
