"""
Changes → Plan: lowered by the vendor, ordered by what the calls state, guarded.

Order knows no vendor and no kind: see `order`. What a plan must not do is `guard`'s; whether it works is `rehearse`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler.model.call import Call
from reconciler.model.change import Action, Change, MemberChange, Risk
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import warning
from reconciler.model.kind import Kind, Lowered
from reconciler.model.live import Live
from reconciler.model.plan import Differences, Origin, Plan, Summary
from reconciler.model.resource import specs
from reconciler.plan.guard import guard
from reconciler.plan.order import Ordered, closure, order
from reconciler.plan.staffing import left_alone
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
    impossible = (*differences.refusals, *lowered.refusals)
    guards = guard(changes, desired, live, provider.kinds, live_counts=differences.live_counts, allowed=allowed or {})
    ordered = Ordered(calls=()) if impossible else order(lowered.calls)
    changes, lonely = _lonely(changes, desired, live, provider.kinds)
    settings = desired.settings.__dict__
    return Plan(
        contact_center=desired.contact_center,
        provider=provider.name,
        summary=_summary(changes, ordered.calls, provider, desired, live, counted=not impossible),
        changes=changes,
        calls=ordered.calls,
        refusals=(*impossible, *guards),
        warnings=(*differences.warnings, *lonely),
        unmanaged=differences.unmanaged,
        notes=(*notes, *lowered.notes, *_forced(ordered)),
        calls_per_second=float(settings.get("rate_limit", 10)),
        origin=origin,
        names=_names(changes, desired, live, provider.kinds),
    )


def _targeted(
    changes: tuple[Change, ...], targets: Sequence[str], desired: Desired, live: Live, provider: Provider
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    if not targets:
        return changes, ()
    asked = frozenset(targets)
    lowered: Lowered = provider.lower(changes, desired, live)
    wanted = closure(lowered.calls, asked & {change.address for change in changes})
    kept = tuple(change for change in changes if change.address in wanted)
    also = sorted(change.address for change in kept if change.address not in asked)
    notes = []
    if also:
        notes.append(f"Besides what --target names, these must change for it: {', '.join(also)}.")
    left = len(changes) - len(kept)
    if left:
        notes.append(f"{left} more {'change is' if left == 1 else 'changes are'} left out by --target.")
    return kept, tuple(notes)


def _lonely(
    changes: tuple[Change, ...], desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]
) -> tuple[tuple[Change, ...], tuple[Any, ...]]:
    """Raise the risk of changes that take the last one who answers, and say so."""
    alone = left_alone(changes, live, kinds)
    if not alone:
        return changes, ()
    by_section = {section for section, _ in alone}
    raised = tuple(
        replace(change, risk=Risk.HIGH) if _takes_last(change, frozenset(alone), by_section, kinds) else change
        for change in changes
    )
    warnings = tuple(
        warning("left-alone", f"{section}/{desired.local_name(section, identity)} will have nobody who answers")
        for section, identity in alone
    )
    return raised, warnings


def _takes_last(
    change: Change, alone: frozenset[tuple[str, str]], sections: set[str], kinds: Mapping[str, Kind[Any]]
) -> bool:
    for spec in specs(kinds[change.section].resource).values():
        if spec.ref is None or not spec.ref.staffs or spec.ref.section not in sections:
            continue
        removed = change.members(spec.name).remove
        if change.action is Action.DELETE and change.live is not None:
            removed = change.live.__dict__[spec.name]
        if any((spec.ref.section, identity) in alone for identity in removed):
            return True
    return False


def _summary(  # noqa: PLR0913 - all that is counted
    changes: Sequence[Change],
    calls: Sequence[Call],
    provider: Provider,
    desired: Desired,
    live: Live,
    *,
    counted: bool,
) -> Summary:
    actions = Counter(change.action for change in changes)
    bind = unbind = 0
    for change in changes:
        for spec in specs(provider.kinds[change.section].resource).values():
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
        calls=len(calls),
        minimum_calls=provider.minimum_calls(changes, desired, live) if counted and changes else 0,
    )


def _forced(ordered: Ordered) -> tuple[str, ...]:
    """Say where the old had to go before the new."""
    calls = {call.id: call for call in ordered.calls}
    shown = [
        f"{late} ({calls[late].why}) can't wait for {soon} ({calls[soon].why})"
        for late, soon in ordered.broken[:_SHOWN]
    ]
    if len(ordered.broken) > _SHOWN:
        shown.append(f"and {len(ordered.broken) - _SHOWN} more like these")
    return (f"A limit lets the old go before the new stands: {'; '.join(shown)}.",) if shown else ()


def _names(
    changes: Sequence[Change], desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]
) -> Mapping[tuple[str, str], str]:
    """Find names for the objects that the changes refer to."""
    wanted: set[tuple[str, str]] = set()
    for change in changes:
        for spec in specs(kinds[change.section].resource).values():
            if spec.ref is None:
                continue
            item = change.field_change(spec.name)
            if isinstance(item, MemberChange):
                wanted.update((spec.ref.section, identity) for identity in (*item.add, *item.remove))
            elif item is not None:
                wanted.update((spec.ref.section, str(value)) for value in (item.before, item.after) if value)
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
