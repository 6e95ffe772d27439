"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click

VENDORS: Final = ("udesk", "tencent")
F = TypeVar("F", bound=Callable[..., Any])


def examples(*lines: str) -> str:
    """Write examples below a command's help, each on a line of its own."""
    return "\n".join(("\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)))


def configuration(command: F) -> F:
    """Add the arguments of commands that load a configuration."""
    return click.argument("path", type=click.Path())(overriding(command))


def overriding(command: F) -> F:
    """Add the options that say what goes over a configuration."""
    for decorate in (
        click.option(
            "--set",
            "assignments",
            multiple=True,
            metavar="SECTION.NAME.FIELD=VALUE",
            help="Set one value, after everything else; repeatable.",
        ),
        click.option(
            "--overlay",
            "overlays",
            multiple=True,
            metavar="FILE",
            type=click.Path(),
            help="A YAML file to merge over the configuration; repeatable.",
        ),
    ):
        command = decorate(command)
    return command


def scope(command: F) -> F:
    """Add the options that say how far a plan may go."""
    for decorate in (
        allow_deletes,
        click.option("--prune", is_flag=True, help="Delete live objects that the files' sections do not name."),
        click.option(
            "--target",
            "targets",
            multiple=True,
            metavar="ADDRESS",
            help="Only this object, such as queues/sales, and what it needs; repeatable.",
        ),
    ):
        command = decorate(command)
    return command


def code_quality(command: F) -> F:
    """Add `--code-quality`."""
    return click.option(
        "--code-quality",
        "quality",
        metavar="FILE",
        type=click.Path(),
        help="Also write GitLab's Code Quality report, which --format gitlab of a plan has no room for.",
    )(command)


def allow_deletes(command: F) -> F:
    """Add `--allow-deletes`."""
    return click.option(
        "--allow-deletes",
        "allowed",
        multiple=True,
        metavar="SECTION=N",
        callback=_allowed,
        help="Let exactly N deletions in a section pass the safety limit; repeatable.",
    )(command)


def carrying_out(command: F) -> F:
    """Add the options of commands that write."""
    for decorate in (
        click.option(
            "--lock-timeout",
            metavar="SECONDS",
            type=click.IntRange(min=0),
            default=0,
            help="How long to wait for another run that writes to the same tenant (default 0).",
        ),
        click.option("--fail-fast", is_flag=True, help="Start nothing more after the first failure."),
        click.option("--yes", is_flag=True, help="Do not ask."),
    ):
        command = decorate(command)
    return command


def _allowed(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, int]:
    found = {}
    for value in values:
        section, equals, number = value.partition("=")
        if not section or not equals or not (number.isascii() and number.isdigit()):
            msg = f"{value!r} is not SECTION=N, such as agents=7"
            raise click.BadParameter(msg)
        found[section] = int(number)
    return found


def form_option(*forms: str) -> Callable[[F], F]:
    """Add `--format`, text unless said otherwise."""
    return click.option("--format", "form", type=click.Choice(forms), default="text", help="How the result is written.")
