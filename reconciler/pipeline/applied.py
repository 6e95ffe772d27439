"""What was last applied, so that a change made by hand can be told from a wish to come."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from reconciler.diff import diff
from reconciler.model.change import Action, Change
from reconciler.model.desired import Desired, Entry, entry_values
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.renaming import labels_of, relabelled_document
from reconciler.model.resource import specs
from reconciler.renames import carried_out
from reconciler.session import Session


def remember_applied(session: Session, live: Live) -> None:
    """Keep what is applied now, entry by entry, so that a change made by hand can be told from a wish to come."""
    store = session.store(create=True)
    assert store is not None, "asked to create it"
    found = diff(session.desired, live, session.provider.kinds, prune=session.request.prune).changes
    open_ = {(change.section, change.identity) for change in found}
    stored = store.applied(session.tenant) or {}
    before = _as_called(stored, session, live)
    if session.going_back is not None:
        document = _taken_back(session.desired, session.going_back, before, open_)
        if document != stored:
            store.set_applied(session.tenant, document)
        return
    document = _applied_now(session, live, found, before)
    if document != stored:
        store.set_applied(session.tenant, document)


def _applied_now(
    session: Session, live: Live, found: Sequence[Change], before: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Gather what is as the files want it; of what still differs, what was applied before."""
    open_ = {(change.section, change.identity) for change in found}
    document: dict[str, dict[str, Any]] = {}
    for section, entries in _all_entries(session.desired).items():
        document[section] = {
            identity: entry_values(entry)
            if (section, identity) not in open_
            else before.get(section, {}).get(identity, {})
            for identity, entry in entries.items()
            if (section, identity) not in open_ or identity in before.get(section, {})
        }
    # What is still to be renamed is known under its old name.
    for section, names in labels_of(live, session.provider.kinds).items():
        for name in names:
            if name in before.get(section, {}):
                document.setdefault(section, {}).setdefault(name, before[section][name])
    for change in found:  # what the files no longer name and is still to go was ours, and is nobody's doing
        if change.action is Action.DELETE and change.identity in before.get(change.section, {}):
            document.setdefault(change.section, {})[change.identity] = before[change.section][change.identity]
    for section, identity in _held(session.desired, live, session.provider.kinds, open_):
        document.setdefault(section, {}).setdefault(identity, {})
    return document


def _as_called(stored: Mapping[str, Any], session: Session, live: Live) -> Mapping[str, Any]:
    """Call what was applied before by the names that renames gave it meanwhile."""
    kinds = session.provider.kinds
    open_ = labels_of(live, kinds)
    labels = {
        section: {name: new for name, new in names.items() if name not in open_.get(section, {})}
        for section, names in carried_out(session.desired, stored, kinds).items()
    }
    labels = {section: names for section, names in labels.items() if names}
    return relabelled_document(stored, labels, kinds) if labels else stored


def _taken_back(
    wish: Desired, moved: Collection[tuple[str, str]], before: Mapping[str, Any], open_: set[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """
    Keep what was applied but for what a rollback changed: the files are ahead of that now, and nobody drifted.

    The wish names every live object, and writes only what went back; *moved* are the objects that came or went for it.
    """
    settled = {
        (section, identity): entry
        for section, entries in _all_entries(wish).items()
        for identity, entry in entries.items()
        if (section, identity) not in open_
    }
    document = {
        section: {
            identity: values
            for identity, values in items.items()
            if (section, identity) not in moved or (section, identity) in settled or (section, identity) in open_
        }
        for section, items in before.items()
    }
    for (section, identity), entry in settled.items():
        if entry.written or (section, identity) in moved:
            was = document.setdefault(section, {}).get(identity, {})
            document[section][identity] = {**was, **entry_values(entry)}
    return document


def document_of(session: Session, applied: Desired, live: Live) -> Mapping[str, Any]:
    """Give what would be kept if *applied*, an earlier state of the files, had been applied and nothing since."""
    kinds = session.provider.kinds
    document: dict[str, dict[str, Any]] = {
        section: {identity: entry_values(entry) for identity, entry in entries.items()}
        for section, entries in _all_entries(applied).items()
    }
    for section, identity in _held(applied, live, kinds, set()):
        document.setdefault(section, {}).setdefault(identity, {})
    return _as_called(document, session, live)


def _held(
    desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]], open_: set[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Find what belongs to applied entries and that no entry names: an extension that the system made by itself."""
    for kind in kinds.values():
        for spec in specs(kind.resource).values():
            if spec.ref is None or not spec.ref.implied:
                continue
            for entry in desired.of(kind.section).values():
                item = live.of(kind.section).get(entry.identity)
                if item is None or spec.name in entry.written or (entry.section, entry.identity) in open_:
                    continue
                yield from ((spec.ref.section, identity) for identity in item.__dict__[spec.name])


def _all_entries(desired: Desired) -> Mapping[str, Mapping[str, Entry]]:
    found: dict[str, dict[str, Entry]] = {}
    for section, entries in desired.sections.items():
        found[section] = {entry.identity: entry for entry in entries.values()}
    for section, implied in desired.implied.items():
        found.setdefault(section, {}).update(implied)
    return found
