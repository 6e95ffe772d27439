"""`defaults`: fields for every entry of a section, each checked once rather than at each entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from reconciler.load import pairs
from reconciler.load.head import report
from reconciler.load.messages import MAPPING_REMEDY, Message, unknown_field, unsupported_section
from reconciler.load.names import renaming
from reconciler.load.pairs import Members
from reconciler.load.problems import a, given, shown, suggestion
from reconciler.load.section import Scene, is_placeholder
from reconciler.load.tree import At, Map
from reconciler.model.kind import Kind, Shape
from reconciler.model.resource import identity_field, specs


def read_defaults(scene: Scene) -> dict[str, Map]:
    """Check `defaults`, and give each section's; what is wrong is left out."""
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
        if name in scene.unsupported:
            message = unsupported_section(scene.vendor, name, scene.unsupported[name])
            scene.problems.error(message.code, message.summary, key, message.remedy)
        elif name not in takers:
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
            made[name] = _checked(scene, scene.kinds[name], value)
    return made


def _checked(scene: Scene, kind: Kind[Any], value: Map) -> Map:
    bad: set[str] = set()
    for name in value:
        message = _no_default(kind, name)
        if message is not None:
            scene.problems.error(message.code, message.summary, At(value, name, "key"), message.remedy)
            bad.add(name)
    raw = {name: item for name, item in value.items() if name not in bad}
    members = _members(scene, kind, raw)
    bad.update(name for name, found in members.items() if found.wrong)
    try:
        kind.resource.model_validate(raw)
    except ValidationError as failed:
        bad.update(_report(scene, kind, value, raw, members, failed))
    if not bad:
        return value
    made = value.twin()
    for name in bad:
        made.pop(name, None)
    return made


def _no_default(kind: Kind[Any], name: str) -> Message | None:
    """Say why a field can't have a default, if so."""
    rules = specs(kind.resource)
    old = renaming(kind.resource)
    if name == identity_field(kind.resource) or (old is not None and name == old.name):
        what = "old identity" if old is not None and name == old.name else "identity"
        summary = f"{name} is {a(kind.one)}'s {what}, and can't be the same for all"
        return Message("identity-field", summary, "remove it")
    if name not in rules or not rules[name].written:
        return unknown_field(a(kind.one), name, kind.resource, kind.unsupported)
    return None


def _members(scene: Scene, kind: Kind[Any], raw: dict[str, Any]) -> dict[str, Members]:
    """Read lists that are written as mappings, in *raw*, too; names are resolved where the entries take them."""
    made: dict[str, Members] = {}
    for name, pairing in pairs.pairings(kind.resource).items():
        found = raw.get(name)
        if isinstance(found, Map):
            made[name] = pairs.read(pairing, found, lambda text, _: text, scene.problems)
            raw.update(made[name].raw())
    return made


def _report(  # noqa: PLR0913, PLR0917 - the parts of one section's defaults
    scene: Scene, kind: Kind[Any], value: Map, raw: dict[str, Any], members: dict[str, Members], failed: ValidationError
) -> Iterator[str]:
    """Add pydantic's errors, one for each field, and give the fields that they are of."""
    said: set[str] = {name for name, found in members.items() if found.wrong}
    for error in failed.errors(include_url=False):
        # What is missing comes from the entries, and so may what does not fit together.
        name = str(error["loc"][0]) if error["loc"] else ""
        if name not in raw or name in said or is_placeholder(raw[name], error["loc"][1:]):
            continue
        of_member = pairs.explained(error, members)
        if of_member is not None:
            message, where = of_member
            scene.problems.error(message.code, message.summary, where, message.remedy)
            name = next(taker for taker, found in members.items() if name in found.raw())
        else:
            report(error, value, a(kind.one), kind.resource, scene.problems)
        said.add(name)
        yield name
