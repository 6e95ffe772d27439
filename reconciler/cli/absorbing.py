"""The command that goes the other way: `absorb`, from the live tenant into the files."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.app import DONE, REFUSED, App, say_written
from reconciler.cli.options import configuration, examples, form_option
from reconciler.cli.output import write_bytes, write_json
from reconciler.cli.work import loaded_from, opened, progress, request_of, run_async


@click.command(
    epilog=examples(
        "reconciler absorb . --dry-run",
        "reconciler absorb . --target queues/sales",
        "reconciler absorb . --dry-run | git apply",
    ),
    short_help="Write drift back into the files.",
)
@configuration
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="ADDRESS",
    help="Only this object, such as queues/sales; one that the files lack is added. Repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Show a unified diff, and write nothing.")
@click.option("--live", metavar="SNAPSHOT", type=click.Path(), help="Take a saved live state, offline.")
@form_option("text", "json")
@click.pass_obj
def absorb(  # noqa: PLR0913 - each is an option
    app: App,
    /,
    *,
    path: str,
    overlays: tuple[str, ...],
    assignments: tuple[str, ...],
    targets: tuple[str, ...],
    dry_run: bool,
    live: str | None,
    form: str,
) -> int:
    """
    Write what was changed by hand into the YAML files, where the values stand; nothing else in them is touched.

    Comments, order, quotes and anchors stay. What can't be written in place safely is left, and named; the rest is
    written all the same, and the exit code is 3.
    """
    request = request_of(app, path, overlays, assignments, targets, live=live)
    loaded = loaded_from(app, request)
    with opened(app, loaded, request, form) as session:
        from reconciler import absorb as absorbing

        with progress(app, session, "Reading"):
            found = run_async(absorbing.absorb(session, loaded, dry_run=dry_run))
        if form == "json":
            from reconciler.report.absorb_text import absorption_document
            from reconciler.report.document import dumps

            write_json(dumps(absorption_document(found, mask=loaded.mask)))
        else:
            from reconciler.report.absorb_text import render_absorption

            if dry_run:
                write_bytes(found.diff.encode("utf-8", "surrogateescape"))
            else:
                for file in found.files:
                    say_written(app, _seen_from_here(file.path))
            render_absorption(app.err if dry_run else app.out, found, mask=loaded.mask, verbose=app.verbosity > 0)
        return REFUSED if found.left else DONE


def _seen_from_here(path: str) -> str:
    """Name a file as a person in this folder would."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (OSError, ValueError):  # it lies elsewhere, or the folder is gone
        return path
