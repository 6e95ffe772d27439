"""A finished draft as a wish, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.model.desired import Desired, Entry, Manage
from reconciler.model.resource import Resource, identity_field, specs
from reconciler.rollback.draft import Draft, Key, said


def wish(draft: Draft) -> Desired:
    """
    Give the wish: every live object by name, so that none goes but those that leave, and what goes back.

    Sections that the files manage are there too, since what is tied to them is planned with an eye on them.
    """
    touched = {section for section, _ in (*draft.wanted, *draft.leaving)}
    sections = {
        name: _entries(draft, name)
        for name, kind in draft.kinds.items()
        if not kind.external
        and (name in draft.live.sections or not kind.readable)
        and (name in touched or draft.desired.manages(name))
    }
    implied: dict[str, dict[str, Entry]] = {}
    for section, identity in _implied(draft):
        resource = draft.kinds[section].resource
        named = identity_field(resource)
        entry = _entry(draft, (section, identity), resource.live({named: identity} if named else {}))
        implied.setdefault(section, {})[identity] = replace(entry, implied=True)
    return replace(draft.desired, sections=sections, implied=implied, manage=_rules(draft))


def what_is_new(draft: Draft) -> Iterator[str]:
    """Say what comes back otherwise than it was."""
    for key, wanted in draft.wanted.items():
        for spec in specs(draft.kinds[key[0]].resource).values() if wanted.new else ():
            value = wanted.values.get(spec.name)
            if spec.computed and value and value != key[1]:
                yield (
                    f"{wanted.image.address} comes back without its {spec.name} {said(value)}, which is the vendor's "
                    "to give and can't be restored."
                )
    made = {key for key, wanted in draft.wanted.items() if wanted.new} | _implied(draft)
    for section, kind in draft.kinds.items():
        names = sorted(identity for other, identity in made if other == section)
        if kind.once and len(names) == 1:
            yield f"{kind.one} {names[0]} is made again with a new {kind.once}; its old one can't be restored."
        elif kind.once and names:
            yield (
                f"{section} {', '.join(names)} are made again, each with a new {kind.once}; the old ones can't be "
                "restored."
            )


def still_asked(draft: Draft) -> bool:
    """Whether the files still ask for some of what is taken back."""
    return any(_asked(draft))


def _asked(draft: Draft) -> Iterator[bool]:
    for section, identity in draft.leaving:
        yield (section, identity) in draft.names or identity in draft.desired.implied.get(section, {})
    for key, wanted in draft.wanted.items():
        section = key[0]
        entry = draft.desired.of(section).get(draft.name(key)) if key in draft.names else None
        if entry is None:
            prunes = draft.kinds[section].whole or draft.desired.rule(section).prune
            yield wanted.new and prunes and draft.desired.manages(section)
            continue
        wishes = entry.resource.__dict__
        yield identity_field(type(entry.resource)) in wanted.written  # it gets another name back
        yield any(wishes[name] != wanted.values.get(name) for name in wanted.written & entry.written)


def _implied(draft: Draft) -> set[Key]:
    """Find what must be made again because what goes back names it."""
    return {
        (spec.ref.section, member)
        for key, wanted in draft.wanted.items()
        for spec in specs(draft.kinds[key[0]].resource).values()
        if spec.ref is not None and spec.ref.implied
        for member in draft.gains(wanted, spec)
        if draft.final((spec.ref.section, member)) is None
    }


def _entries(draft: Draft, section: str) -> dict[str, Entry]:
    resource = draft.kinds[section].resource
    found = {}
    for identity, now in draft.live.of(section).items():
        key = (section, identity)
        if key in draft.leaving:
            continue
        wanted = draft.wanted.get(key)
        if wanted is None:
            entry = _entry(draft, key, now)
        else:
            entry = _entry(draft, key, resource.model_construct(**wanted.values), frozenset(wanted.written))
        found[entry.name] = entry
    for key, wanted in draft.wanted.items():
        if key[0] == section and wanted.new:
            entry = _entry(draft, key, resource.live(wanted.values), frozenset(wanted.written))
            found[entry.name] = entry
    return found


def _entry(draft: Draft, key: Key, item: Resource, written: frozenset[str] = frozenset()) -> Entry:
    section, identity = key
    return Entry(section=section, name=draft.name(key), identity=identity, resource=item, source=None, written=written)


def _rules(draft: Draft) -> dict[str, Manage]:
    """Let go what goes and nothing else; every list is written out whole, so nothing is additive."""
    going = {section for section, _ in draft.leaving}
    return {
        name: draft.desired.rule(name).model_copy(update={"prune": name in going, "additive": ()})
        for name in draft.kinds
    }
