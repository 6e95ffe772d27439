"""The commands that look ahead: `validate` and `plan`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.app import DONE, ERROR, FOUND, REFUSED, App, say, show_problems
from reconciler.cli.options import configuration, examples, form_option, scope
from reconciler.cli.output import write_json
from reconciler.cli.showing import save_plan, show_plan
from reconciler.cli.work import loaded_from, opened, progress, reporting, request_of, run_async


@click.command(
    epilog=examples("reconciler validate examples/udesk"),
    short_help="Check a configuration, offline.",
)
@configuration
@form_option("text", "json")
@click.pass_obj
def validate(app: App, path: str, overlays: tuple[str, ...], assignments: tuple[str, ...], form: str) -> int:
    """Check everything that can be known offline: no network is touched."""
    loaded = loaded_from(app, request_of(app, path, overlays, assignments))
    with reporting(app, loaded):
        if form == "json":
            from reconciler.report.document import diagnostics_document, dumps

            write_json(dumps(diagnostics_document(loaded.diagnostics, mask=loaded.mask)))
        else:
            show_problems(app, loaded.diagnostics, loaded.mask)
            if loaded.desired is not None and not loaded.diagnostics.failed:
                from reconciler.report.text import render_valid

                render_valid(app.out, loaded.desired)
        return ERROR if loaded.diagnostics.failed else DONE


@click.command(
    epilog=examples(
        "reconciler plan examples/udesk",
        "reconciler plan . --out plan.json --detailed-exitcode",
        "reconciler plan . --explain queues/sales",
    ),
    short_help="Show what apply would do.",
)
@configuration
@scope
@form_option("text", "json")
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
    request = request_of(app, **asked)
    loaded = loaded_from(app, request)
    with opened(app, loaded, request, form) as session:
        from reconciler import pipeline

        with progress(app, session, "Reading"):
            made, live = run_async(pipeline.plan(session))
        for line in pipeline.left_open(session):
            say(app, line)
        explanations = pipeline.explain(session, made, live, explained) if explained else ()
        if out is not None or form == "json":
            made = pipeline.fingerprinted(session, made, live)
        if out is not None:
            save_plan(app, out, made, loaded.mask)
        show_plan(app, made, session, loaded.mask, form, explanations=explanations)
        if made.refusals:
            return REFUSED
        return FOUND if made.changes and detailed_exitcode else DONE
