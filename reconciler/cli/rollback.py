"""The way back: `rollback`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.app import DONE, ERROR, FOUND, REFUSED, App, say, warn
from reconciler.cli.applying import carry_out, confirmed, on_terminal
from reconciler.cli.options import allow_deletes, carrying_out, examples, form_option, overriding
from reconciler.cli.showing import show_plan
from reconciler.cli.work import loaded_from, opened, progress, request_of, run_async

if TYPE_CHECKING:
    from reconciler.model.history import Run
    from reconciler.session import Request, Session


@click.command(
    epilog=examples("reconciler rollback last", "reconciler rollback 4f2a --config examples/udesk --yes"),
    short_help="Go back to what a run found.",
)
@click.argument("run")
@click.option(
    "--config",
    metavar="PATH",
    type=click.Path(),
    help="Where the run's configuration is now, and the store beside it; default: where it was, and the store in the "
    "current folder.",
)
@overriding
@carrying_out
@allow_deletes
@form_option("text", "json")
@click.option(
    "--detailed-exitcode", is_flag=True, help="Where it only shows: exit with 2 when there is something to do."
)
@click.pass_obj
def rollback(  # noqa: PLR0913 - the command's options
    app: App,
    /,
    *,
    run: str,
    config: str | None,
    form: str,
    yes: bool,
    fail_fast: bool,
    lock_timeout: int,
    detailed_exitcode: bool,
    **asked: Any,
) -> int:
    """
    Plan back to what a run found, from its record; show the plan, ask, carry it out, and read back.

    RUN is its id, or the start of it, or `last` (or `latest`): the last one that may have written. What somebody
    changed since is left as it is; that, and what can't be restored, stands in the plan. Without --yes and without a
    terminal the plan is only shown.
    """
    found, request = _found(app, run, config, asked)
    asks = not yes and not app.for_machines and on_terminal()
    loaded = loaded_from(app, request)
    with opened(app, loaded, request, form, writes=True) as session:
        from reconciler import pipeline

        pipeline.check_tenant(session, found)
        if not yes and not asks:
            return _show(app, session, found, form, detailed_exitcode=detailed_exitcode)
        run_async(pipeline.lock(session, timeout_s=lock_timeout, waiting=lambda text: say(app, text)))
        settled = run_async(pipeline.settle_earlier(session, tell=lambda text: warn(app, text)))
        with progress(app, session, "Reading"):
            # The record once more, since what it left open may just have been settled.
            made, live = run_async(pipeline.plan_back(session, pipeline.recorded(session, found.id)))
        if form == "text" or made.refusals:
            show_plan(app, made, loaded.mask, form, desired=session.desired)
        if made.refusals:
            return REFUSED
        if made.calls and asks and not confirmed(app, made, session, loaded.mask, form):
            say(app, "Nothing was changed.")
            return ERROR
        work = pipeline.apply(session, made, live, fail_fast=fail_fast, command="rollback", settled=settled)
        return carry_out(app, session, made, form, work)


def _found(app: App, name: str, config: str | None, asked: Mapping[str, Any]) -> tuple[Run, Request]:
    """Find the run, and the request that loads its configuration and opens the very store that the run is in."""
    from reconciler import history as past
    from reconciler.model.errors import ReconcilerError

    where = past.place(config, state=app.state, environ=app.environ)
    found = past.run(where, name)
    if config is None and not Path(found.configuration).exists():
        raise ReconcilerError(
            f"run {found.id} was made from {found.configuration}, and nothing is there now",
            remedy="Say where its configuration is: --config PATH.",
        )
    if isinstance(where, Path):
        app.state = f"sqlite:///{where.absolute()}"
    overlays, assignments = past.put_over(found)
    request = request_of(
        app,
        config or found.configuration,
        # As with a saved plan: overlays may lie elsewhere, and assignments under `provider` are never recorded.
        asked["overlays"] or overlays,
        assignments + asked["assignments"],
        allowed=asked["allowed"],
    )
    return found, request


def _show(app: App, session: Session, found: Run, form: str, *, detailed_exitcode: bool) -> int:
    from reconciler import pipeline

    with progress(app, session, "Reading"):
        made, live = run_async(pipeline.plan_back(session, found))
    if form == "json":
        made = pipeline.fingerprinted(session, made, live)
    show_plan(app, made, session.desired.mask, form, desired=session.desired)
    if made.refusals:
        return REFUSED
    if made.calls:
        say(app, "Nothing was changed; --yes carries it out.")
    return FOUND if made.changes and detailed_exitcode else DONE
