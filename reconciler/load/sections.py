"""
All sections together: in which order they are read, their defaults, and what only references ask for.

Sections are read in the order of their references, so that a name can be resolved before the field that holds it is
checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from reconciler.load.head import report
from reconciler.load.messages import MAPPING_REMEDY, explain, unknown_field
from reconciler.load.problems import a, given, shown, suggestion
from reconciler.load.section import Scene, Section, is_placeholder
from reconciler.load.tree import At, Map
from reconciler.model.desired import Entry
from reconciler.model.kind import Kind, Shape
from reconciler.model.resource import Resource, identity_field, specs


@dataclass(frozen=True, slots=True)
class Sections:
    """What the sections hold: their entries by local name, and by identity what only references ask for."""

    entries: Mapping[str, Mapping[str, Entry]]
    implied: Mapping[str, Mapping[str, Entry]]


def read_sections(scene: Scene) -> Sections:
    """Read them all; they come out in the order in which people read the kinds."""
    defaults = _defaults(scene)
    for section in _by_reference(scene.kinds):
        kind = scene.kinds[section]
        if section in scene.whole and not kind.external:
            scene.entries[section] = Section(scene, kind, defaults.get(section)).read(scene.whole[section])
        elif scene.prunes(section):
            scene.entries[section] = {}
    entries = {section: scene.entries[section] for section in scene.kinds if section in scene.entries}
    return Sections(entries, _implied(scene))


def _defaults(scene: Scene) -> dict[str, Map]:
    """Check `defaults`, each once rather than at each entry; leave out what is wrong."""
    section = scene.whole.get("defaults")
    if section is None:
        return {}
    if not isinstance(section, Map):
        where = At(scene.whole, "defaults")
        scene.problems.error(
            "not-a-mapping", f"defaults is {given(section)}, and a mapping of sections is due", where, MAPPING_REMEDY
        )
        return {}
    takers = [name for name, kind in scene.kinds.items() if kind.shape is Shape.NAMED and not kind.external]
    made = {}
    for name, value in section.items():
        key = At(section, name, "key")
        if name not in takers:
            scene.problems.error(
                "unknown-section",
                f"defaults has no section {shown(name)}"
                if name not in scene.kinds
                else f"defaults are for sections of named entries, and {name} is none",
                key,
                suggestion(name, takers, otherwise="it takes"),
            )
        elif not isinstance(value, Map):
            where = At(section, name)
            scene.problems.error(
                "not-a-mapping", f"defaults.{name} is {given(value)}, and a mapping is due", where, MAPPING_REMEDY
            )
        else:
            made[name] = _checked_defaults(scene, scene.kinds[name], value)
    return made


def _checked_defaults(scene: Scene, kind: Kind[Any], value: Map) -> Map:
    model: type[Resource] = kind.resource
    identity = identity_field(model)
    fields = specs(model)
    bad: set[str] = set()
    for name in value:
        where = At(value, name, "key")
        if name == identity:
            scene.problems.error(
                "identity-field",
                f"{name} is {a(kind.one)}'s identity, and can't be the same for all",
                where,
                "remove it",
            )
            bad.add(name)
        elif name not in fields or not fields[name].written:
            message = unknown_field(a(kind.one), name, model)
            scene.problems.error(message.code, message.summary, where, message.remedy)
            bad.add(name)
    try:
        kind.resource.model_validate({name: item for name, item in value.items() if name not in bad})
    except ValidationError as failed:
        for error in failed.errors(include_url=False):
            # What is missing comes from the entries, and so may what does not fit together.
            name = str(error["loc"][0]) if error["loc"] else ""
            if name in value and name not in bad and not is_placeholder(value[name]):
                report(error, value, a(kind.one), model, scene.problems)
                bad.add(name)
    if not bad:
        return value
    made = value.twin()
    for name in bad:
        made.pop(name, None)
    return made


def _implied(scene: Scene) -> dict[str, dict[str, Entry]]:
    """Make the objects that only references ask for."""
    made: dict[str, dict[str, Entry]] = {}
    for (section, identity), (entry, values, name) in scene.owners.items():
        own = scene.named(section).known
        if identity in own:
            continue
        kind = scene.kinds[section]
        key = identity_field(kind.resource)
        assert key is not None, "what a reference implies has an identity"
        try:
            resource = kind.resource.model_validate({key: identity})
        except ValidationError as failed:
            error = failed.errors(include_url=False)[0]
            message = explain(error, a(kind.one), kind.resource)
            scene.problems.error(message.code, message.summary, At(values, name), message.remedy)
            continue
        made.setdefault(section, {})[identity] = Entry(
            section=section,
            name=identity,
            identity=identity,
            resource=resource,
            source=entry.source,
            written=frozenset(),
            implied=True,
        )
    return made


def _by_reference(kinds: Mapping[str, Kind[Any]]) -> list[str]:
    """Order sections so that what is referred to comes first; where they refer to each other, as declared."""
    done: dict[str, None] = {}
    open_: set[str] = set()

    def visit(section: str) -> None:
        if section in done or section in open_ or section not in kinds:
            return
        open_.add(section)
        model: type[Resource] = kinds[section].resource
        for spec in specs(model).values():
            if spec.ref is not None:
                visit(spec.ref.section)
        done[section] = None

    for section in kinds:
        visit(section)
    return list(done)
