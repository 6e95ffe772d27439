"""
Who is reached how: number → key → queue → agents → extensions, read off the kinds' declarations.

Pure, and no vendor is known here: a kind's `route` says which part its objects play, their references what leads where.
`drawing` makes nodes and edges, `judging` says what is broken, `folding` makes a large tenant fit for reading. What a
picture does not know (a field that the files leave out, a section that was not read) is never called broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.graph.drawing import Drawing, Kinds, Unsaid, referring
from reconciler.graph.folding import folded, folded_alike
from reconciler.graph.judging import judged
from reconciler.model.change import Action, Change
from reconciler.model.desired import Desired
from reconciler.model.live import Live
from reconciler.model.resource import Resource, specs
from reconciler.model.routing import Routing

__all__ = ["after", "folded", "folded_alike", "names_of", "of_desired", "of_live"]


def of_desired(desired: Desired, kinds: Kinds) -> Routing:
    """Draw what the files want; what they leave to the live tenant is open."""
    found: dict[str, dict[str, Resource]] = {}
    for section, entries in (*desired.sections.items(), *desired.implied.items()):
        found.setdefault(section, {}).update({entry.identity: entry.resource for entry in entries.values()})
    fields, made, lists, sections = set(), set(), set(), set()
    for section, names in referring(kinds).items():
        for entry in desired.of(section).values():
            made |= _made_besides(section, entry.identity, entry.resource)
        rule = desired.rule(section)
        lists |= {(section, name) for name in names if name in rule.additive or name in rule.ignore_fields}
        if rule.ignore:
            sections.add(section)
        fields |= {
            (section, entry.identity, name)
            for entry in desired.of(section).values()
            for name in names
            if name not in entry.written
        }
    made &= fields
    unsaid = Unsaid(
        fields=frozenset(fields - made), made=frozenset(made), lists=frozenset(lists), sections=frozenset(sections)
    )
    return judged(Drawing.of(found, kinds, names_of(desired), sure=False), unsaid)


def of_live(live: Live, desired: Desired, kinds: Kinds) -> Routing:
    """Draw what is there, under the names that the files give."""
    return judged(Drawing.of(live.sections, kinds, names_of(desired)), _not_shown(live.sections, kinds))


def after(changes: Iterable[Change], live: Live, desired: Desired, kinds: Kinds) -> Routing:
    """Draw what will be there once *changes* are made."""
    found = {section: dict(items) for section, items in live.sections.items()}
    gone: set[tuple[str, str]] = set()
    made: set[tuple[str, str, str]] = set()
    for change in changes:
        items = found.setdefault(change.section, {})
        if change.action is Action.DELETE:
            items.pop(change.identity, None)
            gone.add((change.section, change.identity))
        elif change.desired is not None:
            items[change.identity] = change.desired
            if change.action is Action.CREATE:
                made |= _made_besides(change.section, change.identity, change.desired)
    unsaid = _not_shown(live.sections, kinds)
    there = frozenset(item for item in unsaid.fields if item[1] in found[item[0]])
    unsaid = Unsaid(fields=there, made=frozenset(made))
    return judged(Drawing.of(found, kinds, names_of(desired), gone=frozenset(gone)), unsaid)


def names_of(desired: Desired) -> dict[tuple[str, str], str]:
    """Give the local names of the files."""
    return {
        (section, entry.identity): entry.name
        for section, entries in desired.sections.items()
        for entry in entries.values()
    }


def _not_shown(sections: Mapping[str, Mapping[str, Resource]], kinds: Kinds) -> Unsaid:
    """Find the fields that the vendor did not show of an object."""
    return Unsaid(
        fields=frozenset(
            (section, identity, name)
            for section, names in referring(kinds).items()
            for identity, item in sections.get(section, {}).items()
            for name in names
            if name not in item.model_fields_set
        )
    )


def _made_besides(section: str, identity: str, wish: Resource) -> set[tuple[str, str, str]]:
    """Name the fields into which the vendor will put something of its own choice: `extensions: auto`."""
    names = [spec.name for spec in specs(type(wish)).values() if spec.creates]
    if not any(wish.__dict__[name] is True for name in names):
        return set()
    return {
        (section, identity, spec.name)
        for spec in specs(type(wish)).values()
        if spec.ref is not None and spec.ref.implied and not wish.__dict__[spec.name]
    }
