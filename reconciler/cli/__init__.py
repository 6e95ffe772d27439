"""
Arguments in, exit code out.

Only click is imported here; what a command needs is imported when it runs, so that `--help` and completion stay fast.
Results go to stdout, everything else to stderr. This is the only place that knows exit codes.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

import click

from reconciler._version import __version__
from reconciler.cli.absorbing import absorb
from reconciler.cli.app import DONE, ERROR, INTERRUPTED, App, complain, show_error
from reconciler.cli.applying import apply
from reconciler.cli.drifting import drift
from reconciler.cli.graph import graph
from reconciler.cli.history import history
from reconciler.cli.live import export, fetch, unlock
from reconciler.cli.offline import init, schema, simulate
from reconciler.cli.output import hush
from reconciler.cli.planning import plan, show, validate
from reconciler.cli.reviewing import review
from reconciler.cli.rollback import rollback

_CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Group(click.Group):
    """A group whose commands are listed in the order in which people meet them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List in order of definition."""
        del ctx
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an interrupt is told by `run`, where click would write an empty line of its own."""
        try:
            return super().invoke(ctx)
        except (EOFError, KeyboardInterrupt) as interrupt:
            raise click.Abort from interrupt


@click.group(
    cls=_Group,
    context_settings=_CONTEXT,
    epilog="""\b
Exit codes:  0 done, or nothing to do      3 refused by a guard
             1 error, nothing changed      4 an apply that stopped part way
             2 changes or drift found    130 interrupted

\b
Example:     reconciler plan examples/udesk

\b
Completion:  eval "$(_RECONCILER_COMPLETE=bash_source reconciler)"
             eval "$(_RECONCILER_COMPLETE=zsh_source reconciler)"
             _RECONCILER_COMPLETE=fish_source reconciler | source""",
)
@click.option(
    "--state",
    metavar="URL",
    help="The store: sqlite:///PATH or postgresql://… (also RECONCILER_STATE). "
    "Default: .reconciler/state.db beside the configuration.",
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colour.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="How stderr is written.")
@click.option("-v", "--verbose", count=True, help="Show more, and each call; -vv each attempt.")
@click.option("-q", "--quiet", is_flag=True, help="Show errors and results only.")
@click.version_option(__version__, message="reconciler %(version)s")
@click.pass_obj
def cli(  # noqa: PLR0913 - each is an option
    app: App, *, state: str | None, color: str, log_format: str, verbose: int, quiet: bool
) -> None:
    """Configuration as code for contact centers."""  # noqa: D401 - the title of the help
    app.state = state
    app.color = color
    app.log_format = log_format
    app.verbosity = -1 if quiet else verbose


_COMMANDS: Final = (
    init,
    validate,
    plan,
    show,
    apply,
    rollback,
    drift,
    review,
    graph,
    history,
    fetch,
    export,
    absorb,
    schema,
    simulate,
    unlock,
)
for _command in _COMMANDS:
    cli.add_command(_command)


def run(arguments: Sequence[str]) -> int:
    """Run the command line; give the exit code. Nothing is raised."""
    app = App(log_format=_log_format(arguments))
    with _only_events(app):
        return _run(app, arguments)


@contextlib.contextmanager
def _only_events(app: App) -> Iterator[None]:
    """Where stderr holds JSON alone, have libraries keep to it too."""
    if not app.for_machines:
        yield
        return
    from reconciler.report.log import libraries_heard

    with libraries_heard(lambda: app.events):
        yield


def _run(app: App, arguments: Sequence[str]) -> int:
    try:
        code = cli.main(list(arguments), prog_name="reconciler", standalone_mode=False, obj=app)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        _show_usage(app, error)
        return ERROR  # click's own for a wrong command line is 2, which says "changes found" here
    except (click.Abort, KeyboardInterrupt):
        complain(app, "interrupted" if app.for_machines else "\ninterrupted", name="interrupted")
        return INTERRUPTED
    except OSError as error:  # of the world around us: no space, no such device
        hush()
        if not isinstance(error, BrokenPipeError):
            complain(app, str(error))
        return ERROR
    except Exception as error:  # noqa: BLE001 - the last line of defence: no input may end in a traceback
        return _last_resort(app, error)
    return code if isinstance(code, int) else DONE


def _log_format(arguments: Sequence[str]) -> str:
    """Find out how to speak before the command line is understood: it may be what is wrong."""
    wanted = "--log-format=json" in arguments or ("--log-format", "json") in itertools.pairwise(arguments)
    return "json" if wanted else "text"


def _show_usage(app: App, error: click.ClickException) -> None:
    if app.for_machines:
        path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else ""
        complain(app, error.format_message(), name="usage", remedy=f"See `{path} --help`." if path else "")
        return
    with contextlib.suppress(OSError, ValueError):
        error.show()


def _last_resort(app: App, error: Exception) -> int:
    from reconciler.model.errors import ReconcilerError

    if isinstance(error, ReconcilerError):
        return show_error(app, error)
    if "RECONCILER_TRACEBACK" in app.environ:
        raise error
    name = type(error).__name__
    complain(
        app,
        f"a mistake of ours ({name}); please report it. RECONCILER_TRACEBACK=1 shows where it happened.",
    )
    return ERROR
