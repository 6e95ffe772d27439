"""The commands that look back: `history list` and `history show`."""

from __future__ import annotations

import click

from reconciler.cli.app import DONE, App
from reconciler.cli.options import examples, form_option
from reconciler.cli.output import write_json


@click.group(
    epilog=examples("reconciler history list examples/udesk", "reconciler history show 4f2a"),
    short_help="Look at past applies.",
)
def history() -> None:
    """
    Look at past applies: who, when, what it changed, and how each call went.

    All of it comes from the store; no configuration is loaded, and no network is touched.
    """


@history.command("list", epilog=examples("reconciler history list examples/udesk"), short_help="List the last runs.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 10_000), default=20, help="How many runs (default 20).")
@form_option("text", "json")
@click.argument("path", type=click.Path(), required=False)
@click.pass_obj
def list_runs(app: App, path: str | None, limit: int, form: str) -> int:
    """
    List the last runs, newest first.

    PATH is a configuration: the store lies beside it; default: the current folder.
    """
    from reconciler import history as past

    where = past.place(path, state=app.state, environ=app.environ)
    runs = past.runs(where, limit=limit)
    if form == "json":
        from reconciler.report.document import dumps
        from reconciler.report.history import history_document

        write_json(dumps(history_document(runs, mask=app.mask)))
    else:
        from reconciler.report.history import render_history

        render_history(app.out, runs, where=past.said(where), mask=app.mask)
    return DONE


@history.command(
    "show",
    epilog=examples("reconciler history show last", "reconciler history show 4f2a"),
    short_help="Show one run in full.",
)
@form_option("text", "json")
@click.argument("run")
@click.argument("path", type=click.Path(), required=False)
@click.pass_obj
def show_run(app: App, run: str, path: str | None, form: str) -> int:
    """
    Show a run: what it changed, each attempt at a call, where passwords went, and what is open.

    RUN is its id, or the start of it, or `last` (or `latest`): the last one that may have written. PATH is a
    configuration: the store lies beside it; default: the current folder.
    """
    from reconciler import history as past

    found = past.run(past.place(path, state=app.state, environ=app.environ), run)
    if form == "json":
        from reconciler.report.document import dumps
        from reconciler.report.history import run_document

        write_json(dumps(run_document(found, mask=app.mask)))
    else:
        from reconciler.report.history import render_run

        render_run(app.out, found, mask=app.mask, verbose=app.verbosity > 0)
    return DONE
