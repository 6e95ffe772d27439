"""
Write the reference pages: the YAML from its schema, the command line from click, the plan from its schema.

Nothing in `docs/reference/` is written by hand; what is wrong there is wrong in the code that it is read off.
`scripts/docs.py` writes the files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import click

from reconciler.cli import cli
from reconciler.model.kind import Kind, Shape
from reconciler.model.resource import identity_field, specs
from reconciler.providers import provider
from reconciler.providers.base import Provider
from reconciler.schema import SUBSTITUTION, Schema, plan_schema, schema
from scripts.vendors import TITLES

MADE: Final = "<!-- Written by scripts/reference.py. Don't edit: run `make docs`. -->\n"
_HEAD: Final = ("version", "contact_center", "provider", "manage", "safety", "secrets", "defaults")
_SHAPES: Final = {
    Shape.NAMED: "A mapping of local names to entries.",
    Shape.LISTED: "A list of identities.",
    Shape.SINGLE: "A mapping of fields.",
    Shape.SCALAR: "One value.",
}
_PATTERNS: Final = {
    r"^https?://\S+$": "an http or https address",
    r"^(|https?://\S+)$": "an http or https address, or empty",
}
_ANY_TEXT: Final = ["string", "number", "boolean"]


def pages() -> Mapping[str, Callable[[], str]]:
    """Name the pages, and what writes each."""
    return {
        "udesk.md": lambda: yaml_page("udesk"),
        "tencent.md": lambda: yaml_page("tencent"),
        "commands.md": commands_page,
        "plan.md": plan_page,
    }


def yaml_page(name: str) -> str:
    """Describe every section and field of a vendor's YAML, with type, default and meaning."""
    vendor = provider(name)
    assert vendor is not None, "a built-in vendor is there"
    return "\n".join(_yaml_lines(vendor)) + "\n"


def _yaml_lines(vendor: Provider) -> Iterator[str]:
    title = TITLES[vendor.name]
    document = schema(vendor)
    sections: Mapping[str, Schema] = document["properties"]
    kinds = {kind.section: kind for kind in vendor.kinds.values() if not kind.external}
    yield f"{MADE}\n# YAML for {title}\n"
    yield (
        "Every section and field. A section that is absent is not managed, nor is a field that an entry leaves out;\n"
        "where an entry is made and leaves a field out, the vendor has its *default*. Any value may hold\n"
        "`${env:NAME}`, `${env:NAME:-fallback}` or `${file:path}`.\n"
        f"`reconciler schema {vendor.name}` prints the same as JSON Schema, for editors.\n"
    )
    yield "## The head\n"
    for section in ("version", "contact_center"):
        yield f"- `{section}`: {_sentence(sections[section]['description'])} {_form(sections[section]).capitalize()}.\n"
    yield f"### provider\n\n{_sentence(sections['provider']['description'])}\n"
    yield from _fields(sections["provider"])
    yield from _managed(sections["manage"])
    yield f"### safety\n\n{_sentence(sections['safety']['description'])}\n"
    yield from _fields(sections["safety"])
    yield f"### secrets\n\n{_sentence(sections['secrets']['description'])}\n"
    for field, part in sections["secrets"]["properties"].items():
        yield f"`{field}`: {_sentence(part['description'])}\n"
        yield from _fields(part)
    yield f"### defaults\n\n{_sentence(sections['defaults']['description'])}\n"
    yield from _table(
        ("section", "fields that it may have"),
        [(f"`{name}`", _listed(part["properties"])) for name, part in sections["defaults"]["properties"].items()],
    )
    yield "## The sections\n"
    for section, kind in kinds.items():
        yield from _section(kind, sections[section])
    assert {*_HEAD, *kinds} == {*sections}, "each part of the schema is on the page"


def _managed(part: Schema) -> Iterator[str]:
    """Describe `manage` once, since it is the same for each section but for the fields it may name."""
    yield f"### manage\n\n{_sentence(part['description'])}\n"
    sections = part["properties"]
    first = next(iter(sections.values()))
    yield from _fields({**first, "properties": {name: _plain(field) for name, field in first["properties"].items()}})
    yield "What the last two may name, by section:\n"
    yield from _table(
        ("section", "`ignore_fields`", "`additive`"),
        [
            (f"`{name}`", *(_listed(_choices(managed["properties"][field]["items"])) for field in _OF_FIELDS))
            for name, managed in sections.items()
        ],
    )


_OF_FIELDS: Final = ("ignore_fields", "additive")


def _plain(field: Schema) -> Schema:
    return {**field, "items": {"type": _ANY_TEXT}} if "items" in field else field


def _section(kind: Kind[Any], part: Schema) -> Iterator[str]:
    yield f"### {kind.section}\n\n{_sentence(part['description'])} {_SHAPES[kind.shape]}\n"
    entry = part
    match kind.shape:
        case Shape.NAMED if kind.names:
            yield f"Its names are {_listed(kind.names)}.\n"
            entry = next(iter(part["properties"].values()))
        case Shape.NAMED:
            entry = part["additionalProperties"]
        case Shape.LISTED:
            yield f"Each is {_form(part['items'])}: {_sentence(part['items']['description'])}\n"
        case Shape.SCALAR:
            yield f"It is {_form(part)}.\n"
        case Shape.SINGLE:
            pass
    if kind.scalars:
        yield f"An entry may be the word {_listed(kind.scalars)} instead of fields.\n"
        entry = entry["anyOf"][-1]
    if "properties" in entry:
        yield from _fields(entry, kind)
    if kind.unsupported:
        yield f"What the vendor has no call for: {_listed(kind.unsupported)}; `validate` says why.\n"


def _fields(part: Schema, kind: Kind[Any] | None = None) -> Iterator[str]:
    """Write a table of fields; a field that is a mapping has its own fields below it, as `field.inner`."""
    rows = [row for name, field in part["properties"].items() for row in _rows(name, field, part, kind)]
    yield from _table(("field", "type", "default", "what it is"), rows)


def _rows(name: str, field: Schema, part: Schema, kind: Kind[Any] | None) -> Iterator[tuple[str, ...]]:
    said = _sentence(field.get("description", ""))
    default = "required" if name in part.get("required", ()) else _default(field)
    if kind is not None:
        rule = specs(kind.resource)[name]
        if name == identity_field(kind.resource):
            said += " The identity; left out, it is the local name."
            default = ""
        elif rule.needed and not rule.write_only:
            default = "needed to make one"
        if rule.immutable is not None:
            said += " Can't be changed later."
    yield f"`{name}`", _form(field), default, said
    for inner, deeper in _inside(field).items():
        yield f"`{name}.*.{inner}`", _form(deeper), _default(deeper), _sentence(deeper.get("description", ""))


def _inside(field: Schema) -> Mapping[str, Schema]:
    """Find the fields of members, where a list may also be written as a mapping of members."""
    for form in field.get("anyOf", ()):
        if isinstance(form.get("additionalProperties"), dict):
            found: Mapping[str, Schema] = form["additionalProperties"]["properties"]
            return found
    return {}


def _form(part: Schema) -> str:  # noqa: PLR0911 - one for each form
    """Say what a value may be."""
    match part:
        case {"const": value}:
            return f"`{value}`"
        case {"enum": [*values]}:
            return _listed(values)
        case {"anyOf": [*forms]}:
            said = [_form(form) for form in forms if form.get("pattern") != SUBSTITUTION]
            return " or ".join(dict.fromkeys(said))
        case {"type": "array", "items": items}:
            sizes = f", at most {part['maxItems']}" if "maxItems" in part else ""
            inner = _form(items)
            return f"list of {'texts' if inner == 'text' else inner}{sizes}"
        case {"type": "object"}:
            return "mapping"
        case {"type": [*types]} if types == _ANY_TEXT:
            return _text(part)
        case {"type": ["integer", _]} | {"type": "integer"}:
            return _number(part)
        case {"type": ["boolean", _]} | {"type": "boolean"}:
            return "`true` or `false`"
        case _:
            raise AssertionError(f"a form that the page can't say: {part}")


def _text(part: Schema) -> str:
    pattern = part.get("pattern", "").removesuffix(f"|{SUBSTITUTION}")
    if not pattern:
        return "text"
    return _PATTERNS.get(pattern, f"text, `{pattern}`")


def _number(part: Schema) -> str:
    match part.get("minimum"), part.get("maximum"):
        case None, None:
            return "number"
        case least, None:
            return f"number, at least {least}"
        case None, most:
            return f"number, at most {most:,}"
        case least, most:
            return f"number, {least} to {most:,}"


def _default(field: Schema) -> str:
    match field.get("default"):
        case None | [] | "":
            return ""
        case bool() as value:
            return f"`{str(value).lower()}`"
        case value:
            return f"`{value}`"


def _choices(items: Schema) -> Sequence[str]:
    return items["anyOf"][0]["enum"] if "anyOf" in items else ()


def commands_page() -> str:
    """Describe every command: usage, what it does, arguments, options, examples."""
    root = click.Context(cli, info_name="reconciler", **cli.context_settings)
    return "\n".join(_command_lines(root)) + "\n"


def _command_lines(root: click.Context) -> Iterator[str]:
    yield f"{MADE}\n# Commands\n"
    yield (
        "Each command as `--help` tells it. What all of them exit with is on [a page of its own](../exit-codes.md).\n"
        "Results go to stdout, everything else to stderr.\n"
    )
    children = [child for _, child in _children(root)]
    yield from _table(
        ("command", "does"),
        [
            (f"[`{child.info_name}`](#reconciler-{child.info_name})", child.command.get_short_help_str())
            for child in children
        ],
    )
    yield "## For every command\n\nThese stand before the command's name.\n"
    yield from _options(root)
    for child in children:
        yield from _command(child)


def _children(context: click.Context) -> Iterator[tuple[str, click.Context]]:
    group = context.command
    assert isinstance(group, click.Group), "only a group has commands"
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, "a listed command exists"
        if not command.hidden:
            yield name, click.Context(command, parent=context, info_name=name, **command.context_settings)


def _command(context: click.Context, level: int = 2) -> Iterator[str]:
    command = context.command
    yield f"{'#' * level} {context.command_path}\n"
    yield f"```text\n{' '.join((context.command_path, *command.collect_usage_pieces(context)))}\n```\n"
    yield from _prose(command.help or "")
    yield from _options(context)
    yield from _prose(command.epilog or "")
    if isinstance(command, click.Group):
        for _, child in _children(context):
            yield from _command(child, level + 1)


def _options(context: click.Context) -> Iterator[str]:
    rows = []
    for parameter in context.command.get_params(context):
        if not isinstance(parameter, click.Option) or parameter.hidden or "--help" in parameter.opts:
            continue
        names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
        said = _escaped(parameter.help or "")
        if parameter.required:
            said = f"{said} Required.".strip()
        rows.append((names, _value(parameter, context), said))
    if rows:
        yield from _table(("option", "value", "what it does"), rows)


def _value(option: click.Option, context: click.Context) -> str:
    if option.is_flag or option.count:
        return ""
    if isinstance(option.type, click.Choice):
        shown = ", ".join(f"**{each}**" if each == option.default else str(each) for each in option.type.choices)
        return shown.replace("_", "\\_")
    return f"`{option.make_metavar(context)}`"


def _prose(text: str) -> Iterator[str]:
    """Write help as Markdown; what click must not wrap stands as it is."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = paragraph.splitlines()
        if lines and lines[0].strip() == "\b":
            head, *rest = [line.rstrip() for line in lines[1:]]
            whole = "\n".join(line.removeprefix("  ") for line in rest)
            yield f"{head.strip()}\n\n```text\n{whole}\n```\n"
        elif lines:
            yield _escaped(" ".join(line.strip() for line in lines)) + "\n"


def plan_page() -> str:
    """Describe the document that `plan --format json` prints, part by part."""
    return "\n".join(_plan_lines()) + "\n"


def _plan_lines() -> Iterator[str]:
    document = plan_schema()
    yield f"{MADE}\n# The plan as JSON\n"
    yield (
        "What `plan --format json` prints and `--out` saves; `reconciler schema plan` prints the JSON Schema.\n"
        "The same configuration and live state give the same bytes.\n"
    )
    yield "## The plan\n"
    yield from _part(document)
    for name, part in document["$defs"].items():
        yield f"## {name}\n\n{_escaped(_sentence(part.get('description', '')))}\n"
        yield from _part(part)


def _part(part: Schema) -> Iterator[str]:
    required = part.get("required", ())
    yield from _table(
        ("field", "type", "always there", "what it is"),
        [
            (
                f"`{name}`",
                _json_form(field),
                "yes" if name in required else "",
                _escaped(_sentence(field.get("description", ""))),
            )
            for name, field in part.get("properties", {}).items()
        ],
    )


def _json_form(field: Schema) -> str:  # noqa: PLR0911 - one for each form
    match field:
        case {"$ref": str() as ref}:
            name = ref.rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        case {"const": value}:
            return f"`{value}`"
        case {"enum": [*values]}:
            return _listed(values)
        case {"anyOf": [*forms]}:
            return " or ".join(dict.fromkeys(_json_form(form) for form in forms))
        case {"type": "array", "items": items}:
            return f"list of {_json_form(items)}"
        case {"type": "object", "additionalProperties": dict() as inner}:
            return f"object of {_json_form(inner)}"
        case {"type": str() as plain}:
            return plain
        case _:
            return "any"


def _listed(values: Any) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return f"{text}." if text and text[-1] not in ".!?" else text


def _escaped(text: str) -> str:
    """Keep a sentence from being read as markup: help has words such as <FILE> and *."""
    return re.sub(r"(?<!`)([<*])(?!`)", r"\\\1", text)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    lines = (head, ["---"] * len(head), *rows)
    yield "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
