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

from reconciler.load.defaults import read_defaults
from reconciler.load.messages import explain
from reconciler.load.problems import a
from reconciler.load.section import Scene, Section
from reconciler.load.substitute import Placeholder
from reconciler.load.tree import At
from reconciler.model.desired import Entry
from reconciler.model.kind import Kind
from reconciler.model.resource import Resource, identity_field, specs


@dataclass(frozen=True, slots=True)
class Sections:
    """What the sections hold: their entries by local name, and by identity what only references ask for."""

    entries: Mapping[str, Mapping[str, Entry]]
    implied: Mapping[str, Mapping[str, Entry]]


def read_sections(scene: Scene) -> Sections:
    """Read them all; they come out in the order in which people read the kinds."""
    scene.defaults = defaults = read_defaults(scene)
    for section in _by_reference(scene.kinds):
        kind = scene.kinds[section]
        if section in scene.whole and not kind.external:
            scene.entries[section] = Section(scene, kind, defaults.get(section)).read(scene.whole[section])
        elif scene.prunes(section):
            scene.entries[section] = {}
    entries = {section: scene.entries[section] for section in scene.kinds if section in scene.entries}
    return Sections(entries, _implied(scene))


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
            if not isinstance(identity, Placeholder):
                error = failed.errors(include_url=False)[0]
                message = explain(error, a(kind.one), kind.resource)
                scene.problems.error(message.code, message.summary, At(values, name), message.remedy)
                continue
            resource = kind.resource.live({key: identity})
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
