"""The commands that look back: `history list` and `history show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler.cli.app import DONE, App
from reconciler.cli.options import examples, form_option
from reconciler.cli.output import write_json

if TYPE_CHECKING:
    from reconciler.model.drift import Look


@click.group(
    epilog=examples("reconciler history list examples/udesk", "reconciler history show 4f2a"),
    short_help="Look at past applies and drift.",
)
def history() -> None:
    """
    Look at past applies (who, when, what it changed, how each call went) and at past looks for drift.

    All of it comes from the store; no configuration is loaded, and no network is touched.
    """


@history.command(
    "list",
    epilog=examples("reconciler history list examples/udesk"),
    short_help="List the last runs and looks for drift.",
)
@click.option("--limit", metavar="N", type=click.IntRange(1, 10_000), default=20, help="How many (default 20).")
@form_option("text", "json")
@click.argument("path", type=click.Path(), required=False)
@click.pass_obj
def list_runs(app: App, path: str | None, limit: int, form: str) -> int:
    """
    List the last applies and looks for drift, newest first; looks that saw the same are one.

    PATH is a configuration: the store lies beside it; default: the current folder.
    """
    from reconciler import history as past

    where = past.place(path, state=app.state, environ=app.environ)
    applies, looked = past.runs(where, limit=limit), past.looks(where, limit=limit)
    room = limit - min(len(applies), limit // 2)  # a night of looks that failed hides no apply
    found = [(run.started, run) for run in applies] + [(look.last, look) for look in looked[: max(room, 1)]]
    shown = [item for _, item in sorted(found, key=lambda item: item[0], reverse=True)[:limit]]
    if form == "json":
        from reconciler.model.drift import Look
        from reconciler.report.document import dumps
        from reconciler.report.history import history_document

        looks = [item for item in shown if isinstance(item, Look)]
        runs = [item for item in shown if not isinstance(item, Look)]
        write_json(dumps(history_document(runs, looks=looks, mask=app.mask)))
    else:
        from reconciler.report.history import render_history

        render_history(app.out, shown, where=past.said(where), mask=app.mask)
    return DONE


@history.command(
    "show",
    epilog=examples("reconciler history show last", "reconciler history show 4f2a"),
    short_help="Show one of them in full.",
)
@form_option("text", "json")
@click.argument("run")
@click.argument("path", type=click.Path(), required=False)
@click.pass_obj
def show_run(app: App, run: str, path: str | None, form: str) -> int:
    """
    Show a run: what it changed, each attempt at a call, where passwords went, and what is open.

    Of a look for drift, what it found, since when, and what was resolved.

    RUN is its id, or the start of it, or `last` (or `latest`): the last one that may have written. PATH is a
    configuration: the store lies beside it; default: the current folder.
    """
    from reconciler import history as past
    from reconciler.model.drift import Look

    found = past.entry(past.place(path, state=app.state, environ=app.environ), run)
    if isinstance(found, Look):
        _show_look(app, found, form)
    elif form == "json":
        from reconciler.report.document import dumps
        from reconciler.report.history import run_document

        write_json(dumps(run_document(found, mask=app.mask)))
    else:
        from reconciler.report.history import render_run

        render_run(app.out, found, mask=app.mask, verbose=app.verbosity > 0)
    return DONE


def _show_look(app: App, found: Look, form: str) -> None:
    if form == "json":
        from reconciler.report.document import dumps
        from reconciler.report.looks import look_document

        write_json(dumps(look_document(found, mask=app.mask)))
    else:
        from reconciler.report.looks import render_look

        render_look(app.out, found, mask=app.mask, verbose=app.verbosity > 0)
