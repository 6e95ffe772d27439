"""The commands that write: `apply`."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.app import DONE, ERROR, INTERRUPTED, REFUSED, STOPPED, App, complain, fail, say, show_error, warn
from reconciler.cli.options import carrying_out, configuration, examples, form_option, scope
from reconciler.cli.showing import show_plan, show_result
from reconciler.cli.work import loaded_from, opened, progress, request_of, run_async, stoppable

if TYPE_CHECKING:
    from reconciler.model.live import Live
    from reconciler.model.outcome import Result
    from reconciler.model.plan import Plan
    from reconciler.model.secret import Mask
    from reconciler.session import Request, Session


@click.command(
    epilog=examples("reconciler apply examples/udesk --yes", "reconciler apply plan.json"),
    short_help="Make the files true.",
)
@configuration
@scope
@form_option("text", "json")
@carrying_out
@click.option("--config", metavar="PATH", type=click.Path(), help="With a saved plan: where its configuration is now.")
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
    elif not yes and (app.for_machines or not on_terminal()):
        where = "--log-format json leaves no place to ask" if app.for_machines else "there is no terminal to ask on"
        return fail(app, f"apply asks before it changes anything, and {where}", "Add --yes.")
    else:
        request = request_of(app, **asked)
    loaded = loaded_from(app, request)
    with opened(app, loaded, request, form, writes=True) as session:
        from reconciler import pipeline

        run_async(pipeline.lock(session, timeout_s=lock_timeout, waiting=lambda text: say(app, text)))
        settled = run_async(pipeline.settle_earlier(session, tell=lambda text: warn(app, text)))
        made, live = _plan_to_apply(app, session, saved, form)
        if form == "text" or made.refusals:
            show_plan(app, made, loaded.mask, form, desired=session.desired)
        if made.refusals:
            return REFUSED
        if made.calls and saved is None and not yes and not confirmed(app, made, session, loaded.mask, form):
            say(app, "Nothing was changed.")
            return ERROR
        work = pipeline.apply(session, made, live, fail_fast=fail_fast, settled=settled)
        return carry_out(app, session, made, form, work)


def _saved(app: App, path: str) -> Any:
    """Read PATH as a saved plan, where it is one: a file that is named .json, or that looks like one."""
    from reconciler.report.document import is_plan_file

    if not is_plan_file(path):
        return None
    from reconciler.model.errors import ReconcilerError
    from reconciler.report.saved import read_plan_file

    try:
        return read_plan_file(path)
    except ReconcilerError as error:
        raise click.exceptions.Exit(show_error(app, error)) from error


def _saved_request(app: App, saved: Any, config: str | None, asked: Mapping[str, Any]) -> Request:
    if asked["targets"] or asked["prune"] or asked["allowed"]:
        raise click.UsageError(
            "a saved plan says by itself what it changes: --target, --prune and --allow-deletes go with `plan`"
        )
    origin = saved.origin
    if origin is None and config is None:
        raise click.UsageError("the plan does not say where its configuration is: add --config PATH")
    return request_of(
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


def _plan_to_apply(app: App, session: Session, saved: Any, form: str) -> tuple[Plan, Live]:
    from reconciler import pipeline

    with progress(app, session, "Reading"):
        work = pipeline.plan(session) if saved is None else pipeline.plan_saved(session, saved)
        made: Plan
        live: Live
        made, live = run_async(work)
    return (pipeline.fingerprinted(session, made, live) if form == "json" else made), live


def carry_out(app: App, session: Session, made: Plan, form: str, work: Awaitable[Result]) -> int:
    """Wait for an apply's *work*, stoppable, and show its result; give the exit code."""
    from reconciler.model.errors import ReconcilerError

    with progress(app, session, "Applying", total=len(made.calls)):
        result = run_async(stoppable(app, session, work))
    try:
        show_result(app, result, made, session.desired.mask, form)
    except (ReconcilerError, OSError) as error:  # the exit code speaks of the tenant, even when nobody can be told more
        complain(app, f"the result can't be shown: {error}")
    if session.stopping:
        if result.complete:
            say(app, "All calls were made when the stop came, and it was read back; the run counts as interrupted.")
        return INTERRUPTED
    if result.complete:
        return DONE
    return STOPPED if result.wrote else ERROR


def on_terminal() -> bool:
    """Whether somebody can be asked."""
    from reconciler.report.console import is_terminal

    return sys.stdin is not None and is_terminal(sys.stdin)


def confirmed(app: App, made: Plan, session: Session, mask: Mask, form: str) -> bool:
    """Ask whether to make a plan's calls, which somebody has seen by then."""
    count = len(made.calls)
    if form != "text":  # stdout is for the result; nobody should agree to what they have not seen
        from reconciler.report.plan_text import render_plan

        render_plan(app.err, made, desired=session.desired, mask=mask)
    return click.confirm(f"Make {'this call' if count == 1 else f'these {count} calls'}?", default=False, err=True)
