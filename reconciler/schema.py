"""
JSON Schema of what people write, for their editors; `schemas/` holds what it prints.

It is made from the same declarations that `load` reads, and errs on the side of accepting: an editor looks at one
file of a folder, reads `9001` as a number where we read text, and can't know what `${env:NAME}` stands for.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from reconciler.model.desired import Manage, Safety, SecretStores
from reconciler.model.kind import Kind, Shape
from reconciler.model.resource import FieldSpec, Resource, identity_field, specs
from reconciler.providers import BUILT_IN, provider

if TYPE_CHECKING:
    from pydantic import BaseModel

    from reconciler.providers.base import Provider

Schema = dict[str, Any]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
MODELINE: Final = "# yaml-language-server: $schema={}\n"  # on top of a file: its schema, for editors
SUBSTITUTION: Final = r"\$\{(?:env|file):"
_TEXT: Final = ("string", "number", "boolean")  # what an editor may take an unquoted text for
_BOUNDS: Final = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_OF_OBJECTS: Final = ("minProperties", "maxProperties")


class _Quiet(GenerateJsonSchema):
    """A secret's default is no part of a schema, and needs no warning."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as in the base


def schema(vendor: Provider) -> Schema:
    """
    Describe a whole configuration of one vendor.

    Nothing is required at the top: in a folder, each file holds a part.
    """
    kinds = [kind for kind in vendor.kinds.values() if not kind.external]
    return {
        "$schema": DRAFT,
        "title": f"A contact center at {vendor.name}, as reconciler reads it",
        "description": "One file, or one of a folder's files; each may hold any part.",
        "type": "object",
        "properties": {
            "version": {"description": "The form of these files; always 1, and required once.", "const": 1},
            "contact_center": {
                "description": "Names the tenant in reports, locks and history: a-z, 0-9 and -; required once.",
                **_text({"pattern": "^[a-z0-9][a-z0-9-]{0,62}$"}),
            },
            "provider": {**_model(vendor.settings), "description": "How to reach the vendor; stands once."},
            "manage": _by_section(
                "What may be done to objects that the files do not name, by section.",
                {kind.section: _managed(kind) for kind in kinds if kind.collection},
            ),
            "safety": _model(Safety),
            "secrets": _model(SecretStores),
            "defaults": _by_section(
                "Fields for every entry of a section that does not have them.",
                {kind.section: _defaults(kind) for kind in kinds if kind.shape is Shape.NAMED},
            ),
            **{kind.section: _section(kind) for kind in kinds},
        },
        "additionalProperties": False,
    }


def plan_schema() -> Schema:
    """Describe the document that `plan --format json` prints."""
    from reconciler.report.plan_shape import PlanDocument  # noqa: PLC0415  (only this schema needs it)

    return {"$schema": DRAFT, "title": "A plan of reconciler", **_untitled(PlanDocument.model_json_schema())}


def printed(document: Schema) -> str:
    """Give a schema as the command prints it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def documents() -> dict[str, Schema]:
    """Make every schema that `schemas/` holds, by name."""
    vendors = {name: vendor for name in sorted(BUILT_IN) if (vendor := provider(name)) is not None}
    return {**{name: schema(vendor) for name, vendor in vendors.items()}, "plan": plan_schema()}


def write(directory: str | Path) -> None:
    """Write every schema to `DIRECTORY/NAME.json`."""
    for name, document in documents().items():
        Path(directory, f"{name}.json").write_text(printed(document), encoding="utf-8")


def _by_section(description: str, sections: Mapping[str, Schema]) -> Schema:
    return {
        "description": description,
        "type": "object",
        "properties": dict(sections),
        "additionalProperties": False,
    }


def _section(kind: Kind[Any]) -> Schema:
    """Describe one section by its shape."""
    described: Schema = {"description": kind.description}
    match kind.shape:
        case Shape.NAMED:
            entry = _entry(kind)
            if kind.names:
                names = {name: {"description": f"The {kind.one} {name}.", **entry} for name in kind.names}
                return {**described, "type": "object", "properties": names, "additionalProperties": False}
            return {**described, "type": "object", "additionalProperties": entry}
        case Shape.LISTED:
            items = _fields(kind.resource)[identity_field(kind.resource) or ""]
            return {**described, "type": "array", "items": items, "uniqueItems": True}
        case Shape.SINGLE:
            return {**_entry(kind), **described}
        case Shape.SCALAR:
            (value,) = _fields(kind.resource).values()
            return {**value, "description": f"{kind.description} {value['description']}"}


def _entry(kind: Kind[Any]) -> Schema:
    """Describe one entry; the local name may stand for the identity, so that is never required."""
    resource: type[Resource] = kind.resource
    entry = _object(resource)
    required = [name for name, rule in specs(resource).items() if rule.needed and rule.write_only]
    if required:
        entry["required"] = required
    if kind.scalars:
        return {"anyOf": [{"enum": [*kind.scalars]}, entry]}
    return entry


def _defaults(kind: Kind[Any]) -> Schema:
    """Describe what every entry may get: any of its fields but the identities, and none of them must be there."""
    fields = _fields(kind.resource)
    identities = {identity_field(kind.resource), *(spec.name for spec in _rules(kind) if spec.renamed_from)}
    fields = {name: part for name, part in fields.items() if name not in identities}
    return {
        "description": f"Fields for every {kind.one}.",
        "type": "object",
        "properties": fields,
        "additionalProperties": False,
    }


def _managed(kind: Kind[Any]) -> Schema:
    """Describe a section's `manage` entry; where it names fields, an editor can offer them."""
    managed = _model(Manage)
    managed["description"] = f"How {kind.section.replace('_', ' ')} are managed."
    identity = identity_field(kind.resource)
    written = [rule for rule in _rules(kind) if rule.written and rule.name != identity]
    lists = [rule.name for rule in written if rule.is_list]
    fields = [*(rule.name for rule in written), *(rule.name for rule in _rules(kind) if rule.paired_with is not None)]
    for name, known in (("ignore_fields", fields), ("additive", lists)):
        if known:
            managed["properties"][name]["items"] = _choice(known)
    return managed


def _object(resource: type[Resource]) -> Schema:
    whole = resource.model_json_schema(schema_generator=_Quiet)
    limits: Schema = {name: whole[name] for name in _OF_OBJECTS if name in whole}
    return {
        "description": whole.get("description", ""),
        "type": "object",
        "properties": _fields(resource),
        **limits,
        "additionalProperties": False,
    }


def _fields(resource: type[Resource]) -> dict[str, Schema]:
    """Describe the fields that YAML may hold."""
    rules = specs(resource)
    parts = _properties(resource, {name for name, rule in rules.items() if rule.written})
    for name, members in _members(resource).items():
        outside: Schema = {key: parts[name].pop(key) for key in ("description", "default") if key in parts[name]}
        parts[name] = {**outside, "anyOf": [parts[name], members]}
    return {name: _vendors_default(part, rules[name]) for name, part in parts.items()}


def _rules(kind: Kind[Any]) -> list[FieldSpec]:
    resource: type[Resource] = kind.resource
    return [*specs(resource).values()]


def _members(resource: type[Resource]) -> dict[str, Schema]:
    """Describe the other form of lists whose members have values of their own: a mapping of members."""
    words: dict[str, dict[str, Schema]] = {}
    whole = resource.model_json_schema(schema_generator=_Quiet)["properties"]
    for name, rule in specs(resource).items():
        if rule.paired_with is None:
            continue
        info = resource.model_fields[name]
        _, value = get_args(info.annotation)
        bounds = _bounds(part for item in get_args(value)[1:] for part in getattr(item, "metadata", (item,)))
        described = {"description": info.description or "", **_tolerant(whole[name]["additionalProperties"] | bounds)}
        words.setdefault(rule.paired_with.field, {})[rule.paired_with.word] = described
    return {
        name: {
            "type": "object",
            "additionalProperties": {
                "description": f"One of its {name}, and what holds of it there.",
                "type": "object",
                "properties": fields,
                "additionalProperties": False,
            },
        }
        for name, fields in words.items()
    }


def _vendors_default(part: Schema, rule: FieldSpec) -> Schema:
    """Keep a default only where it is the vendor's own, rather than our way to say that nothing is there."""
    if rule.needed or part.get("default") in ("", []):
        part.pop("default", None)
    return part


def _model(model: type[BaseModel]) -> Schema:
    """Describe a fixed part of the YAML."""
    whole = model.model_json_schema(schema_generator=_Quiet)
    described: Schema = {
        "description": whole.get("description", "").split(" Source:")[0],
        "type": "object",
        "properties": _properties(model),
        "additionalProperties": False,
    }
    if "required" in whole:
        described["required"] = whole["required"]
    return described


def _properties(model: type[BaseModel], names: Container[str] | None = None) -> dict[str, Schema]:
    """Describe each field of *model*, or those of *names*, tolerantly."""
    whole = model.model_json_schema(schema_generator=_Quiet)
    shared = whole.get("$defs", {})
    described = {}
    for name, part in whole["properties"].items():
        if names is not None and name not in names:
            continue
        info = model.model_fields[name]
        if isinstance(info.annotation, type) and part.get("$ref", "").removeprefix("#/$defs/") in shared:
            described[name] = {**_model(info.annotation), "description": part.get("description", "")}
            continue
        bounds = _bounds(info.metadata)
        kept: Schema = {"description": part.get("description", "")}
        kept |= _tolerant({**part, **(bounds if part.get("type") == "integer" else {})})
        if part.get("default") is not None:
            kept["default"] = part["default"]
        described[name] = kept
    return described


def _bounds(metadata: Iterable[Any]) -> Schema:
    """Find a number's bounds: what makes text a number also hides them from pydantic's own schema."""
    return {word: getattr(item, short) for item in metadata for short, word in _BOUNDS.items() if hasattr(item, short)}


def _tolerant(part: Schema) -> Schema:  # noqa: PLR0911  (one for each form)
    """Accept what `load` accepts: unquoted texts, substitutions, and words that stand for the value."""
    match part:
        case {"words": [*words], **rest}:  # a field's `json_schema_extra`: `extensions: auto`
            return {"anyOf": [{"enum": words}, _tolerant(rest)]}
        case {"const": value}:
            return {"const": value}
        case {"enum": [*values]}:
            return _choice(values)
        case {"anyOf": [*parts]}:  # an optional value: left out, never null
            (only,) = (item for item in parts if item.get("type") != "null")
            return _tolerant(only)
        case {"type": "array"}:
            sizes: Schema = {name: part[name] for name in ("minItems", "maxItems") if name in part}
            return {"type": "array", "items": _tolerant(part["items"]), **sizes, "uniqueItems": True}
        case {"type": "string"}:
            return _text(part)
        case {"type": "integer" | "boolean" as plain}:
            bounds = {name: part[name] for name in _BOUNDS.values() if name in part}
            return {"type": [plain, "string"], **bounds, "pattern": SUBSTITUTION}
        case _:
            raise AssertionError(f"a field of the YAML has a form that no editor was told of: {part}")


def _text(part: Schema) -> Schema:
    """Describe a text. A pattern and the least length hold for texts alone, so they mind no unquoted number."""
    text: Schema = {"type": [*_TEXT]}
    if "pattern" in part:
        text["pattern"] = f"{part['pattern']}|{SUBSTITUTION}"
    if "minLength" in part:
        text["minLength"] = part["minLength"]
    return text


def _choice(values: list[Any]) -> Schema:
    return {"anyOf": [{"enum": values}, {"type": "string", "pattern": SUBSTITUTION}]}


def _untitled(part: Any) -> Any:
    """Drop the titles that pydantic makes of field names; a property may itself be called `title`."""
    match part:
        case dict():
            return {
                key: {name: _untitled(item) for name, item in value.items()}
                if key in {"properties", "$defs"}
                else _untitled(value)
                for key, value in part.items()
                if key != "title"
            }
        case list():
            return [_untitled(item) for item in part]
        case _:
            return part
