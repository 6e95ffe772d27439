"""
Write the table that completion reads from `reconciler/cli/`, or with `--check` say whether it is out of date.

    python scripts/commands.py [--check]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from reconciler.cli import cli

PATH: Final = Path(__file__).resolve().parent.parent / "reconciler" / "_commands.py"

_HEAD: Final = '''\
"""The commands, for completion. Written by `scripts/commands.py` from `cli/`: don't edit, run `make schemas`."""

from __future__ import annotations

from reconciler.completion import Command, Parameter

# fmt: off
ROOT = '''


class Unsupported(Exception):
    """The command line has something that `reconciler/completion.py` doesn't know how to complete."""


def table(root: click.Command, name: str = "reconciler") -> str:
    """
    Write a command line as a module.

    Raises:
        Unsupported: `reconciler/completion.py` must learn something first; says what and where.
    """
    context = click.Context(root, info_name=name, **root.context_settings)
    return _HEAD + "\n".join(_command(context, name, "")).removesuffix(",") + "\n"


def _command(context: click.Context, name: str, indent: str) -> Iterator[str]:
    command = context.command
    short_help = command.get_short_help_str() if context.parent else ""
    _check(context, short_help)
    yield f"{indent}Command({_call(name, help=short_help, hidden=command.hidden)},"
    yield f"{indent}    parameters=("
    for parameter in command.get_params(context):
        yield f"{indent}        Parameter({_parameter(context, parameter)}),"
    yield f"{indent}    ),"
    if isinstance(command, click.Group):
        yield f"{indent}    commands=("
        for each in command.list_commands(context):
            child = command.get_command(context, each)
            assert child is not None, "a listed command exists"
            inner = click.Context(child, parent=context, info_name=each, **child.context_settings)
            yield from _command(inner, each, f"{indent}        ")
        yield f"{indent}    ),"
    yield f"{indent}),"


def _parameter(context: click.Context, parameter: click.Parameter) -> str:
    where = f"{context.command_path} {parameter.human_readable_name}"
    flag = isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count)
    takes, choices = ("", ()) if flag else _takes(context, parameter, where)
    if isinstance(parameter, click.Option):
        if parameter.nargs != 1 or parameter.prompt is not None:
            raise Unsupported(f"{where}: an option with several values, or one that asks")
        names = (*parameter.opts, *parameter.secondary_opts)
        if not all(name.startswith("-") for name in names):
            raise Unsupported(f"{where}: an option that starts with no dash")
        if "\n" in (parameter.help or ""):
            raise Unsupported(f"{where}: its help has several lines, and shells show one")
        return _call(
            *names,
            takes=takes,
            choices=choices,
            many=parameter.multiple,
            hidden=parameter.hidden,
            help=parameter.help or "",
        )
    if parameter.nargs not in (1, -1):
        raise Unsupported(f"{where}: an argument of {parameter.nargs} words")
    arguments = [each for each in context.command.params if isinstance(each, click.Argument)]
    if parameter.nargs == -1 and parameter is not arguments[-1]:
        raise Unsupported(f"{where}: something after an argument of any number of words")
    return _call(takes=takes, choices=choices, many=parameter.nargs == -1)


def _takes(context: click.Context, parameter: click.Parameter, where: str) -> tuple[str, tuple[str, ...]]:
    """Say what a parameter's value is, from what click itself would offer."""
    if isinstance(parameter.type, click.Choice) and not parameter.type.case_sensitive:
        raise Unsupported(f"{where}: choices in any case")
    offers = parameter.shell_complete(context, "")
    match [offer.type for offer in offers]:
        case []:
            return "text", ()
        case [("file" | "dir") as kind]:
            return kind, ()
        case [*kinds] if set(kinds) == {"plain"} and not any(offer.help for offer in offers):
            return "choice", tuple(offer.value for offer in offers)
        case _:
            raise Unsupported(f"{where}: its values have a kind or help of their own")


def _check(context: click.Context, short_help: str) -> None:
    """Refuse a command whose words are read in another way than usual."""
    command = context.command
    group = command if isinstance(command, click.Group) else None
    if "\n" in short_help:
        raise Unsupported(f"{context.command_path}: its short help has several lines, and shells show one")
    if group is not None and (group.chain or not group.list_commands(context)):
        raise Unsupported(f"{context.command_path}: a chain of commands, or a group without any")
    if (
        context.token_normalize_func is not None
        or context.ignore_unknown_options
        or context.allow_interspersed_args is (group is not None)
    ):
        raise Unsupported(f"{context.command_path}: settings that change how its words are read")


def _call(*names: str, **fields: Any) -> str:
    """Write a call's arguments; what is empty or False is the default, and left out."""
    return ", ".join([*map(_literal, names), *(f"{key}={_literal(value)}" for key, value in fields.items() if value)])


def _literal(value: str | bool | tuple[str, ...]) -> str:  # noqa: FBT001 - a value to write, not a choice of ways
    match value:
        case bool():
            return repr(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"


def main() -> int:
    """Write or check the table."""
    text = table(cli)
    if PATH.is_file() and PATH.read_text(encoding="utf-8") == text:
        return 0
    if sys.argv[1:] == ["--check"]:
        print(f"{PATH.name} is out of date; run `make schemas`", file=sys.stderr)
        return 1
    PATH.write_text(text, encoding="utf-8")
    print(f"{PATH} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
