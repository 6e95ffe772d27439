"""
Arguments in, exit code out.

Only click is imported here; what a command needs is imported when it runs, so that `--help` and completion stay fast.
Results go to stdout, everything else to stderr. This is the only place that knows exit codes.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from reconciler._version import __version__

if TYPE_CHECKING:
    from rich.console import Console

    from reconciler.load import Loaded
    from reconciler.model.explanation import Explanation
    from reconciler.model.plan import Plan
    from reconciler.model.secret import Mask
    from reconciler.session import Request, Session

DONE: Final = 0
ERROR: Final = 1
FOUND: Final = 2
REFUSED: Final = 3
STOPPED: Final = 4
INTERRUPTED: Final = 130

_VENDORS: Final = ("udesk",)
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(slots=True)
class App:
    """The options that all commands share, and where their words go."""

    state: str | None = None
    color: str = "auto"
    log_format: str = "text"
    verbosity: int = 0
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    masks: list[Mask] = field(default_factory=list)  # of all that this run has loaded: whatever is said passes them

    def console(self, stream: Any) -> Console:
        """Make a console for a stream."""
        from reconciler.report.console import make_console

        return make_console(stream, self.color, self.environ)  # type: ignore[arg-type]

    @property
    def mask(self) -> Mask:
        """Hide every secret that this run has met."""
        from reconciler.model.secret import Mask

        return Mask.of(secret for mask in self.masks for secret in mask.secrets)

    @property
    def out(self) -> Console:
        """Where results go."""
        return self.console(sys.stdout)

    @property
    def err(self) -> Console:
        """Where everything else goes."""
        return self.console(sys.stderr)


class _Group(click.Group):
    """A group whose commands are listed in the order in which people meet them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List in order of definition."""
        del ctx
        return list(self.commands)


_CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _examples(*lines: str) -> str:
    """Write examples below a command's help, each on a line of its own."""
    return "\n".join(("\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)))


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
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", help="How logs are written.")
@click.option("-v", "--verbose", count=True, help="Show more; -vv shows every call.")
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


def _configuration(command: F) -> F:
    """Add the arguments of commands that load a configuration."""
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
        click.argument("path", type=click.Path()),
    ):
        command = decorate(command)
    return command


def _scope(command: F) -> F:
    """Add the options that say how far a plan may go."""
    for decorate in (
        click.option(
            "--allow-deletes",
            "allowed",
            multiple=True,
            metavar="SECTION=N",
            callback=_allowed,
            help="Let exactly N deletions in a section pass the safety limit; repeatable.",
        ),
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


def _allowed(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, int]:
    found = {}
    for value in values:
        section, equals, number = value.partition("=")
        if not section or not equals or not (number.isascii() and number.isdigit()):
            msg = f"{value!r} is not SECTION=N, such as agents=7"
            raise click.BadParameter(msg)
        found[section] = int(number)
    return found


def _form(*forms: str) -> Callable[[F], F]:
    return click.option("--format", "form", type=click.Choice(forms), default="text", help="How the result is written.")


@cli.command(
    epilog=_examples("reconciler init my-center", "reconciler validate my-center"),
    short_help="Write a small working configuration.",
)
@click.option("--provider", "vendor", type=click.Choice(_VENDORS), default="udesk", help="The vendor.")
@click.argument("directory", metavar="DIR", type=click.Path())
@click.pass_obj
def init(app: App, vendor: str, directory: str) -> int:
    """Write a small working configuration to DIR, with a schema that editors understand."""
    from reconciler.init import write

    for path in write(vendor, directory):
        _say(app, f"wrote {path}")
    return DONE


@cli.command(
    epilog=_examples("reconciler validate examples/udesk"),
    short_help="Check a configuration, offline.",
)
@_configuration
@_form("text", "json")
@click.pass_obj
def validate(app: App, path: str, overlays: tuple[str, ...], assignments: tuple[str, ...], form: str) -> int:
    """Check everything that can be known offline: no network is touched."""
    loaded = _load(app, _request(app, path, overlays, assignments))
    with _reporting(app, loaded):
        if form == "json":
            from reconciler.report.document import diagnostics_document, dumps

            _write_json(dumps(diagnostics_document(loaded.diagnostics, mask=loaded.mask)))
        else:
            _show_diagnostics(app, loaded)
            if loaded.desired is not None and not loaded.diagnostics.failed:
                from reconciler.report.text import render_valid

                render_valid(app.out, loaded.desired)
        return ERROR if loaded.diagnostics.failed else DONE


@cli.command(
    epilog=_examples(
        "reconciler plan examples/udesk",
        "reconciler plan . --out plan.json --detailed-exitcode",
        "reconciler plan . --explain queues/sales",
    ),
    short_help="Show what apply would do.",
)
@_configuration
@_scope
@_form("text", "json")
@click.option("--out", metavar="FILE", type=click.Path(), help="Save the plan, for `apply FILE`.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there is something to do.")
@click.option("--live", metavar="SNAPSHOT", type=click.Path(), help="Plan against a saved live state, offline.")
@click.option(
    "--explain",
    "explained",
    multiple=True,
    metavar="ADDRESS",
    help="Say why this object changes or not, why its calls stand where they stand, and what would happen "
    "elsewhere; repeatable.",
)
@click.pass_obj
def plan(
    app: App, /, *, form: str, out: str | None, detailed_exitcode: bool, explained: tuple[str, ...], **asked: Any
) -> int:
    """Fetch the live state, compare, and show the calls that would make the files true. Nothing is changed."""
    request = _request(app, **asked)
    loaded = _load(app, request)
    with _session(app, loaded, request) as session:
        from reconciler import pipeline

        with _progress(app, session, "Reading"):
            made, live = _await(pipeline.plan(session))
        explanations = pipeline.explain(session, made, live, explained) if explained else ()
        if out is not None or form == "json":
            made = pipeline.fingerprinted(session, made, live)
        if out is not None:
            _save(app, out, made, loaded.mask)
        _show_plan(app, made, session, loaded.mask, form, explanations=explanations)
        if made.refusals:
            return REFUSED
        return FOUND if made.changes and detailed_exitcode else DONE


@cli.command(
    epilog=_examples("reconciler apply examples/udesk --yes", "reconciler apply plan.json"),
    short_help="Make the files true.",
)
@_configuration
@_scope
@_form("text", "json")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--fail-fast", is_flag=True, help="Start nothing more after the first failure.")
@click.option("--config", metavar="PATH", type=click.Path(), help="With a saved plan: where its configuration is now.")
@click.option(
    "--lock-timeout",
    metavar="SECONDS",
    type=click.IntRange(min=0),
    default=0,
    help="How long to wait for another run that writes to the same tenant (default 0).",
)
@click.pass_obj
def apply(  # noqa: PLR0913 - the command's options
    app: App, /, *, form: str, yes: bool, fail_fast: bool, config: str | None, lock_timeout: int, **asked: Any
) -> int:
    """
    Show the plan, ask, carry it out, and read back.

    PATH is a configuration, or a plan that `plan --out` saved; a saved plan is not asked about again, and is refused
    when what it touches, or the configuration, has changed since.
    """
    saved = _saved(app, asked["path"])
    if saved is not None:
        request = _saved_request(app, saved, config, asked)
    elif config is not None:
        raise click.UsageError("--config goes with a saved plan")
    elif not yes and not _on_terminal():
        return _fail(app, "apply asks before it changes anything, and there is no terminal to ask on", "Add --yes.")
    else:
        request = _request(app, **asked)
    loaded = _load(app, request)
    with _session(app, loaded, request) as session:
        from reconciler import pipeline

        _await(pipeline.lock(session, timeout_s=lock_timeout, waiting=lambda text: _say(app, text)))
        made = _plan_to_apply(app, session, saved, form)
        if form == "text" or made.refusals:
            _show_plan(app, made, session, loaded.mask, form)
        if made.refusals:
            return REFUSED
        if made.calls and saved is None and not yes and not _confirmed(app, made, session, loaded.mask, form):
            _say(app, "Nothing was changed.")
            return ERROR
        return _carry_out(app, session, made, form, fail_fast=fail_fast)


@cli.command(
    epilog=_examples("reconciler drift examples/udesk", "reconciler drift . --format json > drift.json"),
    short_help="Find what was changed by hand.",
)
@_configuration
@_form("text", "json")
@click.pass_obj
def drift(app: App, path: str, overlays: tuple[str, ...], assignments: tuple[str, ...], form: str) -> int:
    """Compare with the live state, reading only. Exits with 2 when somebody changed something by hand."""
    request = _request(app, path, overlays, assignments)
    loaded = _load(app, request)
    with _session(app, loaded, request) as session:
        from reconciler import pipeline
        from reconciler.model.plan import Differences

        with _progress(app, session, "Reading"):
            found = _await(pipeline.drift(session))
        differences = Differences(
            changes=(*(item.change for item in found.findings), *found.pending),
            unmanaged=found.unmanaged,
            warnings=found.warnings,
        )
        pending = {change.address for change in found.pending}
        if form == "json":
            from reconciler.report.document import drift_document, dumps

            _write_json(
                dumps(
                    drift_document(
                        differences,
                        contact_center=found.contact_center,
                        provider=found.provider,
                        mask=loaded.mask,
                        pending=pending,
                    )
                )
            )
        else:
            from reconciler.report.text import render_drift

            render_drift(app.out, differences, pending=pending, mask=loaded.mask, verbose=app.verbosity > 0)
        return FOUND if found.findings else DONE


@cli.command(
    epilog=_examples("reconciler fetch examples/udesk --out live.json"),
    short_help="Save the live state as a file.",
)
@_configuration
@click.option("--out", required=True, metavar="SNAPSHOT", type=click.Path(), help="Where to write it; - for stdout.")
@click.pass_obj
def fetch(app: App, path: str, overlays: tuple[str, ...], assignments: tuple[str, ...], out: str) -> int:
    """Read the whole tenant into a file, for `plan --live` and `simulate --seed`."""
    request = _request(app, path, overlays, assignments)
    loaded = _load(app, request)
    with _session(app, loaded, request) as session:
        from reconciler import pipeline, snapshot

        with _progress(app, session, "Reading"):
            live = _await(pipeline.fetch_all(session))
        text = snapshot.dumps(live, session.desired, session.provider)
        if out == "-":
            _write_json(text)
        else:
            _write_file(out, text)
            _say(app, f"wrote {out}")
        return DONE


@cli.command(
    epilog=_examples("reconciler export --provider-file provider.yaml --out my-center"),
    short_help="Write the live tenant as YAML.",
)
@click.option(
    "--provider-file",
    required=True,
    metavar="FILE",
    type=click.Path(),
    help="YAML with version, contact_center and provider.",
)
@click.option("--out", required=True, metavar="DIR", type=click.Path(), help="A folder that is new or empty.")
@click.pass_obj
def export(app: App, provider_file: str, out: str) -> int:
    """Write the live tenant as YAML files; `plan` right after shows nothing to do."""
    request = _request(app, provider_file)
    loaded = _load(app, request)
    with _session(app, loaded, request) as session:
        from reconciler import export as exporting

        with _progress(app, session, "Reading"):
            written = _await(exporting.export(session, out))
        for path in written.paths:
            _say(app, f"wrote {path}")
        for note in written.notes:
            _say(app, note)
        _write(f"{written.summary}\n")
        return DONE


@cli.command(
    epilog=_examples("reconciler schema udesk > udesk.json"),
    short_help="Print the JSON Schema of the YAML, or of plans.",
)
@click.argument("of", metavar="[udesk|plan]", type=click.Choice([*_VENDORS, "plan"]), default="udesk")
def schema(of: str) -> int:
    """Print the JSON Schema of a vendor's YAML (the default: udesk), or of the plan's JSON."""
    from reconciler.schema import documents, printed

    _write_json(printed(documents()[of]))
    return DONE


@cli.command(
    epilog=_examples(
        "reconciler simulate udesk --port 8080",
        "reconciler simulate udesk --seed examples/udesk-before.json",
    ),
    short_help="Serve a vendor's API on localhost.",
)
@click.argument("vendor", type=click.Choice(_VENDORS))
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@click.option("--seed", metavar="STATE", type=click.Path(), help="The state to start from: a snapshot.")
@click.option("--dump", metavar="FILE", type=click.Path(), help="Write the state there on exit.")
@click.option("--app-id", metavar="ID", help="The tenant; default: the seed's.")
@click.option("--sid", default="demo-sid", help="The account it accepts.")
@click.option("--auth-token", default="demo-token", help="The token it accepts.")
@click.option(
    "--dialect",
    "dialects",
    multiple=True,
    metavar="NAME=VALUE",
    help="Settle a point that the vendor's page leaves open; repeatable. `--dialect help` lists them.",
)
@click.option(
    "--fault", "faults", multiple=True, metavar="JSON", help="Break something; repeatable. See GET /_control."
)
@click.option("--latency-ms", default=0, type=click.IntRange(0, 600_000), help="Answer this much later.")
def simulate(vendor: str, **asked: Any) -> int:
    """
    Serve the vendor's API on localhost until interrupted; prints one line when it listens.

    It checks signatures and keeps every limit of the vendor's page. GET /_control says how to look inside.
    """
    from reconciler import simulate as simulating

    asked["dialect"] = asked.pop("dialects")
    if "help" in asked["dialect"]:
        _write(simulating.dialects(vendor))
        return DONE
    simulating.serve(vendor, announce=lambda line: _write(f"{line}\n"), **asked)
    return DONE


@cli.command(
    epilog=_examples("reconciler unlock examples/udesk"),
    short_help="Free a lock left by a dead run.",
)
@_configuration
@click.pass_obj
def unlock(app: App, path: str, overlays: tuple[str, ...], assignments: tuple[str, ...]) -> int:
    """
    Free the lock of a tenant whose run is dead.

    A lock ends by itself a minute after its run has died, and at once when that was on this machine. A run that is
    not dead after all stops before its next write.
    """
    request = _request(app, path, overlays, assignments)
    loaded = _load(app, request)
    with _session(app, loaded, request) as session:
        from reconciler import pipeline

        had = pipeline.unlock(session)
        _write(f"Unlocked: {had} held the lock.\n" if had else "Nobody holds the lock.\n")
        return DONE


def _request(  # noqa: PLR0913 - what the command line gave, one by one
    app: App,
    path: str,
    overlays: tuple[str, ...] = (),
    assignments: tuple[str, ...] = (),
    targets: tuple[str, ...] = (),
    *,
    prune: bool = False,
    allowed: Mapping[str, int] | None = None,
    live: str | None = None,
) -> Request:
    from reconciler.session import Request

    return Request(
        path=path,
        overlays=overlays,
        assignments=assignments,
        targets=targets,
        prune=prune,
        allowed=allowed or {},
        snapshot=live,
        state=app.state,
        command=click.get_current_context().info_name or "",
        environ=app.environ,
    )


def _load(app: App, request: Request) -> Loaded:
    from reconciler.session import read

    loaded = read(request)
    app.masks.append(loaded.mask)
    return loaded


@contextlib.contextmanager
def _reporting(app: App, loaded: Loaded) -> Iterator[None]:
    """Show our own errors, masked; the exit code is the exception's."""
    from reconciler.model.errors import Invalid, ReconcilerError

    try:
        yield
    except Invalid as error:
        _show_problems(app, error.diagnostics, loaded.mask)
        raise click.exceptions.Exit(ERROR) from error
    except ReconcilerError as error:
        raise click.exceptions.Exit(_show_error(app, error)) from error


@contextlib.contextmanager
def _session(app: App, loaded: Loaded, request: Request) -> Iterator[Session]:
    from reconciler.session import open_session

    with _reporting(app, loaded):
        session = open_session(loaded, request)
        try:
            yield session
        finally:
            session.close()


@contextlib.contextmanager
def _progress(app: App, session: Session, what: str, total: int | None = None) -> Iterator[None]:
    from reconciler.report.console import Progress
    from reconciler.session import Progress as Reached

    with Progress(
        sys.stderr,
        what,
        total=total,
        enabled=app.verbosity == 0 and app.log_format == "text",
        color=app.color,  # type: ignore[arg-type]
        environ=app.environ,
    ) as bar:
        events = _events(app)

        def outcome(item: Any) -> None:
            bar.advance()
            events.info("call", id=item.call.id, title=item.call.title, verdict=item.verdict.value)

        session.progress = Reached(read=bar.advance, outcome=outcome)
        yield


def _events(app: App) -> Any:
    import time

    from reconciler.report.log import Events

    events = Events(sys.stderr, form=app.log_format, clock=time.time, verbosity=app.verbosity)  # type: ignore[arg-type]
    events.hide(app.mask)
    return events


def _await(work: Any) -> Any:
    import asyncio

    return asyncio.run(work)


async def _stoppable(app: App, session: Session, work: Awaitable[Any]) -> Any:
    """Have Ctrl-C and SIGTERM let calls in flight finish: their answers may carry passwords. A second one ends it."""
    import asyncio
    import signal

    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"

    def stop() -> None:
        if session.stopping:
            task.cancel()
        else:
            session.stopping = True
            _say(app, "Finishing the calls in flight, starting no more; once more ends it at once.")

    signals = (signal.SIGINT, signal.SIGTERM)
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread, or not POSIX
        for number in signals:
            loop.add_signal_handler(number, stop)
    try:
        return await work
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            for number in signals:
                loop.remove_signal_handler(number)


def _show_diagnostics(app: App, loaded: Loaded) -> None:
    _show_problems(app, loaded.diagnostics, loaded.mask)


def _show_problems(app: App, diagnostics: Any, mask: Mask) -> None:
    if not len(diagnostics):
        return
    from reconciler.report.text import render_diagnostics

    render_diagnostics(app.err, diagnostics, mask=mask, verbose=app.verbosity > 0)


def _show_plan(  # noqa: PLR0913 - what to show, and how
    app: App, made: Plan, session: Session, mask: Mask, form: str, *, explanations: Sequence[Explanation] = ()
) -> None:
    if form == "json":
        from reconciler.report.document import dumps, plan_document

        document = plan_document(made, mask=mask)
        if explanations:
            from reconciler.report.explain import explanations_document

            document["explanations"] = explanations_document(explanations, mask=mask)
        _write_json(dumps(document))
        return
    from reconciler.report.plan_text import render_plan

    render_plan(app.out, made, desired=session.desired, explanations=explanations, verbose=app.verbosity > 0, mask=mask)


def _show_result(app: App, result: Any, made: Plan, mask: Mask, form: str) -> None:
    if form == "json":
        from reconciler.report.document import dumps, result_document

        _write_json(dumps(result_document(result, made, mask=mask)))
        return
    from reconciler.report.text import render_result

    render_result(app.out, result, made, mask=mask, verbose=app.verbosity > 0)


def _show_error(app: App, error: Any) -> int:
    from reconciler.model.errors import Refused
    from reconciler.report.text import render_error

    render_error(app.err, error, mask=app.mask)
    return REFUSED if isinstance(error, Refused) else ERROR


def _save(app: App, path: str, made: Plan, mask: Mask) -> None:
    from reconciler.report.document import dumps, plan_document

    _write_file(path, dumps(plan_document(made, mask=mask)))
    _say(app, f"wrote {path}")


def _saved(app: App, path: str) -> Any:
    """Read PATH as a saved plan, where it is one: a file that is named .json, or that looks like one."""
    from reconciler.report.saved import is_plan_file

    if not is_plan_file(path):
        return None
    from reconciler.model.errors import ReconcilerError
    from reconciler.report.saved import read_plan_file

    try:
        return read_plan_file(path)
    except ReconcilerError as error:
        raise click.exceptions.Exit(_show_error(app, error)) from error


def _saved_request(app: App, saved: Any, config: str | None, asked: Mapping[str, Any]) -> Request:
    if asked["targets"] or asked["prune"] or asked["allowed"]:
        raise click.UsageError(
            "a saved plan says by itself what it changes: --target, --prune and --allow-deletes go with `plan`"
        )
    origin = saved.origin
    if origin is None and config is None:
        raise click.UsageError("the plan does not say where its configuration is: add --config PATH")
    return _request(
        app,
        config or origin.path,
        # Overlays lie elsewhere when the configuration does. Assignments under `provider` are never in a plan, so more
        # of them may be needed. Either way the plan's digest says whether the configuration is the same.
        asked["overlays"] or tuple(origin.overlays if origin else ()),
        tuple(origin.assignments if origin else ()) + asked["assignments"],
        tuple(origin.targets if origin else ()),
        prune=origin.prune if origin else False,
        allowed=origin.allow_deletes if origin else {},
    )


def _plan_to_apply(app: App, session: Session, saved: Any, form: str) -> Plan:
    from reconciler import pipeline

    with _progress(app, session, "Reading"):
        work = pipeline.plan(session) if saved is None else pipeline.plan_saved(session, saved)
        made: Plan
        made, live = _await(work)
    return pipeline.fingerprinted(session, made, live) if form == "json" else made


def _carry_out(app: App, session: Session, made: Plan, form: str, *, fail_fast: bool) -> int:
    from reconciler import pipeline
    from reconciler.model.errors import ReconcilerError

    with _progress(app, session, "Applying", total=len(made.calls)):
        result = _await(_stoppable(app, session, pipeline.apply(session, made, fail_fast=fail_fast)))
    try:
        _show_result(app, result, made, session.desired.mask, form)
    except (ReconcilerError, OSError) as error:  # the exit code speaks of the tenant, even when nobody can be told more
        _complain(f"error: the result can't be shown: {error}")
    if session.stopping:
        return INTERRUPTED
    if result.complete:
        return DONE
    return STOPPED if result.wrote else ERROR


def _on_terminal() -> bool:
    """Whether somebody can be asked."""
    from reconciler.report.console import is_terminal

    return sys.stdin is not None and is_terminal(sys.stdin)


def _confirmed(app: App, made: Plan, session: Session, mask: Mask, form: str) -> bool:
    count = len(made.calls)
    if form != "text":  # stdout is for the result; nobody should agree to what they have not seen
        from reconciler.report.plan_text import render_plan

        render_plan(app.err, made, desired=session.desired, mask=mask)
    return click.confirm(f"Make {'this call' if count == 1 else f'these {count} calls'}?", default=False, err=True)


def _fail(app: App, message: str, remedy: str) -> int:
    from reconciler.model.errors import ReconcilerError

    return _show_error(app, ReconcilerError(message, remedy=remedy))


def _say(app: App, text: str) -> None:
    """Tell what happens, on stderr."""
    if app.verbosity >= 0:
        from reconciler.report.text import render_line

        render_line(app.err, text)


def _write(text: str) -> None:
    """Write a result to stdout, whole. When its reader left (`| head`), the run still ends with its own exit code."""
    from reconciler.model.errors import ReconcilerError

    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as cause:
        _hush()
        if not isinstance(cause, BrokenPipeError):
            raise ReconcilerError(f"the result can't be written: {cause.strerror}") from cause


def _write_json(text: str) -> None:
    """Write a JSON document; where stdout can't spell a character, as JSON escapes it."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        text = "".join(letter if letter.isascii() else _escaped(letter) for letter in text)
    _write(text)


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[start : start + 2].hex()}" for start in range(0, len(units), 2))


def _hush() -> None:
    """Let stdout lead nowhere, so that Python does not complain of it again at exit."""
    with contextlib.suppress(OSError, ValueError):
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)


def _complain(text: str) -> None:
    """Write a line to stderr, if anybody listens."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def _write_file(path: str, text: str) -> None:
    from reconciler.model.errors import ReconcilerError
    from reconciler.snapshot import write_file

    try:
        write_file(path, text)
    except (OSError, ValueError) as cause:
        why = getattr(cause, "strerror", None) or "a bad name"
        raise ReconcilerError(f"{path} can't be written: {why}", remedy="Name another file.") from cause


def run(arguments: Sequence[str]) -> int:
    """Run the command line; give the exit code. Nothing is raised."""
    app = App()
    try:
        code = cli.main(list(arguments), prog_name="reconciler", standalone_mode=False, obj=app)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        with contextlib.suppress(OSError, ValueError):
            error.show()
        return ERROR  # click's own for a wrong command line is 2, which says "changes found" here
    except (click.Abort, KeyboardInterrupt):
        _complain("\ninterrupted")
        return INTERRUPTED
    except OSError as error:  # of the world around us: no space, no such device
        _hush()
        if not isinstance(error, BrokenPipeError):
            _complain(f"error: {app.mask.text(str(error))}")
        return ERROR
    except Exception as error:  # noqa: BLE001 - the last line of defence: no input may end in a traceback
        return _last_resort(app, error)
    return code if isinstance(code, int) else DONE


def _last_resort(app: App, error: Exception) -> int:
    from reconciler.model.errors import ReconcilerError

    if isinstance(error, ReconcilerError):
        return _show_error(app, error)
    if "RECONCILER_TRACEBACK" in app.environ:
        raise error
    name = type(error).__name__
    _complain(f"error: a mistake of ours ({name}); please report it. RECONCILER_TRACEBACK=1 shows where it happened.")
    return ERROR
