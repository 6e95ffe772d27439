"""
Who made each difference of a plan: the files, since an earlier revision of them, or a hand at the vendor's.

Three values are compared: what the files said at the revision (*base*), what they say now, and what is live.

- *yours*: live is as the base said, or the base said nothing of it; the files have changed.
- *drift*: the files say what they said; live differs, so a hand changed it, or nobody ever applied it.
- *conflict*: both differ from the base, and from each other.

Members of a list, and values that belong to members, count one by one: someone who joined by hand is drift, whatever
the files do with others. A field has the worst cause of its parts, and an object that of its fields. So *yours* means
that nothing of anybody else's is overwritten, and *drift* that nothing clashes, though some of it may be yours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, assert_never

from reconciler.model.change import Action, Cause, Change, FieldChange, MemberChange, ValueChange, pairs_of
from reconciler.model.desired import Desired, Entry, Manage
from reconciler.model.kind import Kind
from reconciler.model.live import plain_value
from reconciler.model.plan import Plan
from reconciler.model.renaming import rename_field
from reconciler.model.resource import Resource, identity_field, specs
from reconciler.review.loading import At
from reconciler.review.objects import Entries, renamed, wanted
from reconciler.session import Session

Kinds = Mapping[str, Kind[Any]]

_WORSE: Final = (Cause.YOURS, Cause.DRIFT, Cause.CONFLICT)


def marked(made: Plan, base: At, session: Session) -> Plan:
    """Say of each difference of a plan who made it, seen from the configuration at a revision."""
    return caused(made, base.desired, session.desired, session.provider.kinds, rev=base.name)


def caused(made: Plan, base: Desired | None, desired: Desired, kinds: Kinds, *, rev: str) -> Plan:
    """
    Say of each difference who made it.

    Args:
        made: The plan.
        base: The configuration at the revision; None where it had none.
        desired: The configuration that the plan is for.
        kinds: The vendor's kinds.
        rev: What the user calls the revision.
    """
    entries: Entries = {}
    if base is not None and base.settings.type == desired.settings.type:
        _, entries = renamed(wanted(base), desired, kinds)
    changes = tuple(
        _marked(
            change,
            entries.get(change.section, {}),
            kinds[change.section],
            base.rule(change.section) if base is not None else Manage(),
            reach=_reach(base, desired, kinds[change.section]),
        )
        for change in made.changes
    )
    notes = made.notes
    if not entries:
        notes = (*notes, f"The files at {rev} say nothing of this tenant, so whatever they name now is yours.")
    return replace(made, changes=changes, notes=notes, base=rev)


def worst(causes: Iterable[Cause]) -> Cause:
    """Give the worst of some causes; nothing at all is yours."""
    return max(causes, key=_WORSE.index, default=Cause.YOURS)


def _reach(base: Desired | None, desired: Desired, kind: Kind[Any]) -> bool:
    """Whether the files delete what they do not name, and those at the base did not."""
    if kind.whole:
        return base is None or not base.manages(kind.section)
    return desired.rule(kind.section).prune and (base is None or not base.rule(kind.section).prune)


def _marked(change: Change, entries: Mapping[str, Entry], kind: Kind[Any], rule: Manage, *, reach: bool) -> Change:
    was = entries.get(change.identity)
    match change.action:
        case Action.CREATE:
            return _creation(change, was, kind)
        case Action.UPDATE:
            return _update(change, was, kind)
        case Action.DELETE:
            # What comes within reach by `prune: true` goes by the files, whoever made it.
            return replace(change, cause=Cause.YOURS if was is None and reach else _deletion(change, was, kind, rule))
        case _:
            assert_never(change.action)


def _creation(change: Change, was: Entry | None, kind: Kind[Any]) -> Change:
    """Judge an object that is to come: one that the base had is gone by hand."""
    # What no list shows (a spare telephone) may well be there: that it is not seen says nothing.
    unseen = kind.read is None and kind.derive is not None
    if was is None or unseen or not kind.readable:
        fields = tuple(replace(item, cause=Cause.YOURS) for item in change.fields)
        return replace(change, fields=fields, cause=Cause.YOURS)
    wish = change.desired.__dict__ if change.desired is not None else {}
    fields = tuple(
        replace(item, cause=_since(was, item.path, plain_value(wish.get(item.path)))) for item in change.fields
    )
    dropped = any(name not in change.written for name in was.written)
    clash = dropped or any(item.cause is not Cause.DRIFT for item in fields)
    return replace(change, fields=fields, cause=Cause.CONFLICT if clash else Cause.DRIFT)


def _since(was: Entry, path: str, now: Any) -> Cause:
    """Judge a field of an object that is gone: the files changed what they said of it, or did not."""
    if path not in was.written:
        return Cause.YOURS
    return Cause.DRIFT if plain_value(was.resource.__dict__[path]) == now else Cause.CONFLICT


def _update(change: Change, was: Entry | None, kind: Kind[Any]) -> Change:
    if not kind.readable:  # what was last applied stands for it, and no hand can be seen there
        fields = tuple(replace(item, cause=Cause.YOURS) for item in change.fields)
        return replace(change, fields=fields, cause=Cause.YOURS)
    met = _met(was, change.live, kind)
    own = identity_field(kind.resource)
    fields = tuple(replace(item, cause=_field(item, was, met, own)) for item in change.fields)
    return replace(change, fields=fields, cause=worst(item.cause for item in fields if item.cause is not None))


def _met(was: Entry | None, live: Resource | None, kind: Kind[Any]) -> frozenset[str]:
    """Name the fields in which what the base said counts as live: a vendor may spell it anew, or not show it."""
    if was is None or live is None or kind.review is None:
        return frozenset()
    said = kind.review(was, live)
    return said.skip if said is not None else frozenset()


def _field(item: FieldChange, was: Entry | None, met: frozenset[str], own: str | None) -> Cause:
    if was is None:
        return Cause.YOURS
    if item.path == own and isinstance(item, ValueChange):  # the name under which the vendor has it
        return _three(was.identity, item.after, item.before)
    if item.path not in was.written:
        return Cause.YOURS
    said = was.resource.__dict__[item.path]
    match item:
        case MemberChange():
            added = (Cause.DRIFT if member in said else Cause.YOURS for member in item.add)
            removed = (Cause.YOURS if member in said else Cause.DRIFT for member in item.remove)
            return worst((*added, *removed))
        case ValueChange(after=dict()):
            return worst(
                _three(said[member], after, before) if member in said else Cause.YOURS
                for member, before, after in pairs_of(item)
            )
        case ValueChange():
            return Cause.YOURS if item.path in met else _three(plain_value(said), item.after, item.before)
        case _:
            assert_never(item)


def _three(said: Any, says: Any, live: Any) -> Cause:
    """Compare what the base said, what the files say, and what is live; the last two differ."""
    if said == says:
        return Cause.DRIFT
    return Cause.YOURS if said == live else Cause.CONFLICT


def _deletion(change: Change, was: Entry | None, kind: Kind[Any], rule: Manage) -> Cause:
    """Judge an object that is to go: one that the base never had was made by hand; one changed by hand clashes."""
    if was is None or change.live is None:
        return Cause.DRIFT
    live, rules, met = change.live.__dict__, specs(kind.resource), _met(was, change.live, kind)
    names = (name for name in was.written if rules[name].compared and name not in met)
    held = all(_holds(was.resource.__dict__[name], live[name], more=name in rule.additive) for name in names)
    own = identity_field(kind.resource) if rename_field(kind.resource) is not None else None
    return Cause.YOURS if held and (own is None or live[own] == was.identity) else Cause.CONFLICT


def _holds(said: Any, live: Any, *, more: bool) -> bool:
    """Whether live is as the base said; *more*: members that it did not name may be there."""
    match said:
        case dict() if isinstance(live, dict):  # of members that it leaves out it says nothing
            return all(live.get(member) == value for member, value in said.items())
        case tuple() if more:
            return {*said} <= {*live}
        case _:
            return bool(said == live)
