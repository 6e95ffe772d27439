"""
Objects that are identified by a name, while their names change: the same states in other names.

Between a read and the end of a plan an object is called what the files call it (its *label*); what the vendor calls it
stands in its own identity field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.resource import Resource, specs

Labels: TypeAlias = Mapping[str, Mapping[str, str]]
"""By section: another name for some of the names. No two names get the same one."""


def parked_name(name: str, number: str) -> str:
    """
    Spell the name that an object takes before it lets another one have *name*; *number* is the vendor's id for it.

    Objects that hand their names round in a circle need it for a moment. A plan that is cut just then leaves it there,
    and the next one knows by this spelling what the object was called.
    """
    return f"{name} ({number})"


def rename_field(resource: type[Resource]) -> str | None:
    """Name the field that holds what an object was called before, where its identity is a name that can change."""
    return next((spec.name for spec in specs(resource).values() if spec.renamed_from), None)


def labels_of(live: Live, kinds: Mapping[str, Kind[Any]]) -> Labels:
    """Find which objects of *live* go by another name than the vendor's: `{section: {vendor's: label}}`."""
    found = {
        section: {name: label for label, item in items.items() if (name := kinds[section].identity(item)) != label}
        for section, items in live.sections.items()
        if rename_field(kinds[section].resource) is not None
    }
    return {section: names for section, names in found.items() if names}


def relabelled(live: Live, labels: Labels, kinds: Mapping[str, Kind[Any]]) -> Live:
    """
    Call objects by other names: where they stand, and wherever they are named.

    Their own identity fields keep what the vendor calls them.
    """
    if not any(labels.values()):
        return live
    sections: dict[str, Mapping[str, Resource]] = {}
    for section, items in live.sections.items():
        names = labels.get(section, {})
        fields = tuple(naming_fields(kinds[section].resource, labels))
        sections[section] = {names.get(key, key): _relabelled(item, fields, labels) for key, item in items.items()}
    return Live(sections, live.memory)


def as_read(live: Live, kinds: Mapping[str, Kind[Any]]) -> Live:
    """Call all objects again what the vendor calls them."""
    labels = labels_of(live, kinds)
    names = {section: {label: name for name, label in items.items()} for section, items in labels.items()}
    return relabelled(live, names, kinds)


def called_as(planned: Live, live: Live, kinds: Mapping[str, Kind[Any]]) -> Live:
    """
    Call objects of *live* what *planned* calls them, by the vendor's ids.

    While names are on their way from object to object, they tell nothing. What *planned* does not know keeps the name
    that it has, with its id where another object is called so.
    """
    labels: dict[str, dict[str, str]] = {}
    for section, items in live.sections.items():
        if rename_field(kinds[section].resource) is None:
            continue
        known = {number: label for label, item in planned.of(section).items() if (number := _number(item))}
        numbers = {name: _number(item) for name, item in items.items()}
        taken = {known[number] for number in numbers.values() if number in known}
        labels[section] = {
            name: known.get(number, f"{name}#{number}" if name in taken else name) for name, number in numbers.items()
        }
    changed = {
        section: {name: label for name, label in names.items() if name != label} for section, names in labels.items()
    }
    return relabelled(live, {section: names for section, names in changed.items() if names}, kinds)


def _number(item: Resource) -> str:
    """Give the vendor's own id of an object, where it has one beside its name."""
    return str(item.__dict__.get("id") or "")


def naming_fields(resource: type[Resource], labels: Labels) -> Iterator[tuple[str, str]]:
    """List the fields that name objects of sections in *labels*, each with the section: references, and pairs."""
    rules = specs(resource)
    for spec in rules.values():
        ref = rules[spec.paired_with.field].ref if spec.paired_with is not None else spec.ref
        if ref is not None and ref.section in labels:
            yield spec.name, ref.section


def renamed_value(value: Any, names: Mapping[str, str]) -> Any:
    """Put other names into what a field holds: one name, some, or one for each value."""
    match value:
        case str():
            return names.get(value, value)
        case tuple() | list() if not names.keys().isdisjoint(value):
            made = [names.get(item, item) for item in value]
            return type(value)(sorted(made) if [*value] == sorted(value) else made)
        case dict() if not names.keys().isdisjoint(value):
            return {names.get(key, key): item for key, item in value.items()}
        case _:
            return value


def _relabelled(item: Resource, fields: tuple[tuple[str, str], ...], labels: Labels) -> Resource:
    values = item.__dict__
    changed = {
        name: made for name, section in fields if (made := renamed_value(values[name], labels[section])) != values[name]
    }
    if not changed:
        return item
    return type(item).live({**{name: values[name] for name in item.model_fields_set}, **changed})


def relabelled_document(
    document: Mapping[str, Mapping[str, Mapping[str, Any]]], labels: Labels, kinds: Mapping[str, Kind[Any]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Do the same to plain data, `{section: {identity: {field: value}}}`; strange sections stay as they are."""
    made: dict[str, dict[str, dict[str, Any]]] = {}
    for section, items in document.items():
        names = labels.get(section, {})
        fields = dict(naming_fields(kinds[section].resource, labels)) if section in kinds else {}
        made[section] = {
            names.get(key, key): {
                name: renamed_value(value, labels[fields[name]]) if name in fields else value
                for name, value in values.items()
            }
            for key, values in items.items()
        }
    return made
