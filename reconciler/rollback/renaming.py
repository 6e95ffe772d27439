"""Objects that a run renamed: found again whatever they are called by now, and given their names back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from reconciler.model.desired import Desired, Entry
from reconciler.model.history import Image, Run
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.renaming import Labels, naming_fields, relabelled, rename_field, renamed_value
from reconciler.model.resource import Resource, identity_field
from reconciler.rollback.draft import Draft, Key


def as_recorded(run: Run, live: Live, kinds: Mapping[str, Kind[Any]]) -> Live:
    """Call what the run renamed, or was to rename, what the record calls it; the vendor's own id tells which it is."""
    labels: dict[str, dict[str, str]] = {}
    for image in run.images:
        own = _own(image.section, kinds)
        if own is None or own not in image.fields or image.before is None or image.section not in live.sections:
            continue
        name = _name_now(image, own, live.of(image.section))
        if name:
            labels.setdefault(image.section, {})[name] = image.identity
    for section, names in labels.items():
        items = live.of(section)
        while blocked := [name for name, label in names.items() if label in items and label not in names]:
            for name in blocked:  # somebody else's by now
                del names[name]
    return relabelled(live, {section: names for section, names in labels.items() if names}, kinds)


def _name_now(image: Image, own: str, items: Mapping[str, Resource]) -> str | None:
    before = image.before or {}
    number = before.get("id")
    if number:
        return next((name for name, item in items.items() if item.__dict__.get("id") == number), None)
    return next((name for name in (image.identity, str(before.get(own, ""))) if name in items), None)


def drop_taken_names(draft: Draft) -> bool:
    """Leave those their new names whose old ones are others' by now; say whether there were any."""
    found = False
    for key, wanted in draft.wanted.items():
        own = _own(key[0], draft.kinds)
        if own is None or wanted.new or own not in wanted.written:
            continue
        name = wanted.values[own]
        if name in _taken(draft, key[0], own):
            wanted.written.discard(own)
            wanted.values[own] = draft.live.of(key[0])[key[1]].__dict__[own]
            draft.lost_field(wanted.image, own, f"another {draft.kinds[key[0]].one} is called {name} by now")
            found = True
    return found


def _taken(draft: Draft, section: str, own: str) -> Iterator[str]:
    """List the names of a section that nobody gives up."""
    for identity, item in draft.live.of(section).items():
        wanted = draft.wanted.get((section, identity))
        if wanted is None or own not in wanted.written:
            yield item.__dict__[own]
    yield from (identity for other, identity in draft.wanted if other == section and draft.wanted[other, identity].new)


def renames_back(draft: Draft) -> Mapping[Key, Key]:
    """Give the keys that objects will have for those that they have in *draft*, where these differ."""
    found: dict[Key, Key] = {}
    for section in draft.live.sections:
        own = _own(section, draft.kinds)
        for identity in draft.live.of(section) if own is not None else ():
            final = draft.final((section, identity))
            if own is not None and final is not None and final[own] != identity:
                found[section, identity] = section, str(final[own])
    return found


def with_final_names(desired: Desired, draft: Draft) -> Desired:
    """Put into a wish in the record's names those that objects will have, and from which they get them."""
    labels: dict[str, dict[str, str]] = {}
    for (section, identity), (_, name) in renames_back(draft).items():
        labels.setdefault(section, {})[identity] = name
    if not any(wanted.written & {_own(key[0], draft.kinds)} for key, wanted in draft.wanted.items()) and not labels:
        return desired
    sections = {
        section: {name: _entry(entry, labels, draft) for name, entry in entries.items()}
        for section, entries in desired.sections.items()
    }
    return replace(desired, sections=sections)


def _entry(entry: Entry, labels: Labels, draft: Draft) -> Entry:
    resource = type(entry.resource)
    values = entry.resource.__dict__
    changed = {name: renamed_value(values[name], labels[section]) for name, section in naming_fields(resource, labels)}
    identity = labels.get(entry.section, {}).get(entry.identity, entry.identity)
    own = _own(entry.section, draft.kinds)
    if own is not None:
        now = draft.live.of(entry.section).get(entry.identity)
        was = now.__dict__[own] if now is not None else identity
        changed |= {own: identity, str(rename_field(resource)): was if was != identity else ""}
    made = resource.model_construct(**{**values, **changed})
    return replace(entry, identity=identity, resource=made, written=entry.written - {own})


def _own(section: str, kinds: Mapping[str, Kind[Any]]) -> str | None:
    """Name the field that holds the name of a section's objects, where that can change."""
    resource = kinds[section].resource if section in kinds else None
    return identity_field(resource) if resource is not None and rename_field(resource) is not None else None
