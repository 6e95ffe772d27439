"""What pydantic found, in plain words: what is wrong, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from reconciler.load.problems import given, nearest, shown, suggestion
from reconciler.load.substitute import PutIn
from reconciler.load.tree import At, Map
from reconciler.model.resource import Resource, specs

MAPPING_REMEDY: Final = "write `key: value` lines below it, or {key: value}"
_QUOTED: Final = re.compile(r"'([^']*)'")
_YES_NO: Final = {
    "yes": "true",
    "on": "true",
    "y": "true",
    "1": "true",
    "no": "false",
    "off": "false",
    "n": "false",
    "0": "false",
}
_BOUNDS: Final = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """The parts of a problem; *at_key* says that the key is to be underlined, not the value."""

    code: str
    summary: str
    remedy: str = ""
    at_key: bool = False


def writable(model: type[BaseModel]) -> list[str]:
    """List the fields of *model* that YAML may hold."""
    if issubclass(model, Resource):
        return [name for name, spec in specs(model).items() if spec.written]
    return list(model.model_fields)


def described(model: type[BaseModel] | None, name: str) -> str:
    """Give a field's description, as a remedy."""
    info = model.model_fields.get(name) if model is not None else None
    return info.description or "" if info is not None else ""


def unknown_field(
    owner: str, name: str, model: type[BaseModel] | None, unsupported: Mapping[str, str] | None = None
) -> Message:
    """
    Say that *owner* ("a queue") has no field *name*.

    *unsupported* are fields that people look for, and why the vendor's API can't set them.
    """
    known = writable(model) if model is not None else []
    if unsupported and name in unsupported:
        remedy = f"remove it; {owner} has {', '.join(known)}" if known else "remove it"
        return Message("unsupported-field", f"{owner}'s {name} can't be set: {unsupported[name]}", remedy, at_key=True)
    pair = specs(model)[name].paired_with if model and issubclass(model, Resource) and name in specs(model) else None
    if pair is not None:
        remedy = f"write it with each member: {pair.field}: {{NAME: {{{pair.word}: …}}}}"
        return Message("unknown-field", f"{owner} has no field {shown(name)}", remedy, at_key=True)
    return unknown_of(owner, name, {field: described(model, field) for field in known})


def unknown_of(owner: str, name: str, known: Mapping[str, str]) -> Message:
    """Say that *owner* has no field *name*; *known* are those that it has, and what they are."""
    near = nearest(name, known)
    remedy = suggestion(name, [*known], otherwise="its fields are")
    if near is not None and known[near]:
        remedy = f"{remedy} {known[near]}"
    return Message("unknown-field", f"{owner} has no field {shown(name)}", remedy, at_key=True)


def unsupported_section(vendor: str, name: str, reason: str) -> Message:
    """Say that *vendor* has no call that sets the section *name*, and why."""
    summary = f"{vendor} has no section {shown(name)}: {reason}"
    remedy = "remove it; what the API can't set, the vendor's console may"
    return Message("unsupported-section", summary, remedy, at_key=True)


def explain(  # noqa: C901, PLR0911, PLR0912 - a table, whose rows differ too much for one
    error: Any, owner: str, model: type[BaseModel], *, secret: bool = False
) -> Message:
    """
    Put one of pydantic's errors in plain words.

    Args:
        error: One of `ValidationError.errors()`.
        owner: What the fields are of: "a queue".
        model: What was checked.
        secret: Whether the value must not be repeated.
    """
    path = [part for part in error["loc"] if isinstance(part, str)]
    inner = _inner(model, path[:-1])
    name = ".".join(path)
    kind: str = error["type"]
    context = error.get("ctx", {})
    value = error["input"]
    # An item of a list is not what the field's name means.
    field = f"an item of {name}" if error["loc"] and not isinstance(error["loc"][-1], str) else name
    quoted = f"{field} {shown(value)}" if isinstance(value, str) and not secret else field
    description = described(inner, path[-1]) if path else ""
    match kind:
        case "extra_forbidden":
            return unknown_field(owner if len(path) == 1 else path[-2], path[-1], inner)
        case "missing":
            return Message("missing-field", f"{owner} needs {name}", description, at_key=True)
        case "string_type":
            return Message("not-a-text", f"{field} is {given(value)}, and a text is due", description)
        case "tuple_type" | "list_type":
            remedy = (
                f"write [{value}]" if isinstance(value, str) and not secret and len(value) < 40 else "put it in [ ]"
            )
            return Message("not-a-list", f"{field} is {given(value)}, and a list is due", remedy)
        case "model_type" | "dict_type" | "mapping_type" | "model_attributes_type":
            return Message(
                "not-a-mapping", f"{field} is {given(value)}, and a mapping is due", description or MAPPING_REMEDY
            )
        case "quoted-number" | "quoted-boolean":
            remedy = "remove the quotes"
            if isinstance(value, PutIn):
                remedy += f"; inside of {{ }} or [ ], write `{path[-1]}: ${{…}}` on a line of its own instead"
            return Message(kind, f"{field}: {error['msg']}", remedy)
        case "not-a-number":
            return Message(kind, f"{quoted} is no whole number", description)
        case "not-a-boolean":
            right = _YES_NO.get(value.lower()) if isinstance(value, str) else None
            return Message(kind, f"{quoted} is neither true nor false", f"write {right or 'true or false'}")
        case "string_pattern_mismatch":
            if value == "":
                return Message("bad-form", f"{field} is empty", description)
            return Message("bad-form", f"{quoted} does not have the form that is due", description)
        case "string_too_short":
            return Message(
                "empty-text" if not value else "too-short",
                f"{field} is {'empty' if not value else 'too short'}",
                description,
            )
        case "string_too_long":
            most = context.get("max_length")
            return Message("too-long", f"{field} has {len(value)} characters, and {most} is the most", description)
        case "too_long":
            most, count = context.get("max_length"), context.get("actual_length")
            return Message("too-many", f"{field} has {count} items, and {most} is the most", description)
        case "too_short":
            return Message("too-few", f"{field} needs at least {context.get('min_length')} items", description)
        case "literal_error" | "enum":
            known = _QUOTED.findall(str(context.get("expected", "")))
            remedy = suggestion(value, known, otherwise="known are") if isinstance(value, str) else ""
            if isinstance(value, str):
                return Message("unknown-value", f"{quoted} is not known", remedy or description)
            return Message("not-a-text", f"{field} is {given(value)}, and a text is due", description)
        case "string_unicode":
            return Message("bad-text", f"{field} is no valid text", description)
        case _ if kind in _BOUNDS:
            bound, words = _BOUNDS[kind]
            return Message("out-of-range", f"{quoted} is out of range: {words} {context.get(bound)}", description)
        case _:
            message = str(error["msg"])
            return Message(kind.replace("_", "-"), f"{field}: {message}" if field else message, description)


def locate(mapping: Map, loc: Sequence[Any], *, at_key: bool) -> At | None:
    """Find the place of pydantic's *loc*; None where it speaks of the whole, or of what is not there."""
    where: At | None = None
    value: Any = mapping
    for step in loc:
        if isinstance(value, Map):
            if step not in value:
                return where
            where = At(value, step, "key" if at_key else "value")
            value = value[step]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value) and where is not None:
            where = At(where.map, where.key, "value", (*where.trail, step))
            value = value[step]
        else:
            return where
    return where


def _inner(model: type[BaseModel] | None, path: Sequence[str]) -> type[BaseModel] | None:
    """Find the model that *path* leads to."""
    for name in path:
        info = model.model_fields.get(name) if model is not None else None
        annotation = info.annotation if info is not None else None
        model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    return model
