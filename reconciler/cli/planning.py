"""The commands that look ahead: `validate`, `plan`, and `show` of a saved plan."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.app import DONE, ERROR, FOUND, REFUSED, App, say, show_problems
from reconciler.cli.options import code_quality, configuration, examples, form_option, scope
from reconciler.cli.output import write_json
from reconciler.cli.reviewing import based_on
from reconciler.cli.showing import FORMS, PICTURED, save_plan, show_plan, show_sheet
from reconciler.cli.work import failure_sheet, loaded_from, opened, progress, reporting, request_of, run_async


@click.command(
    epilog=examples("reconciler validate examples/udesk"),
    short_help="Check a configuration, offline.",
)
@configuration
@form_option(*(form for form in FORMS if form != "html"))
@click.pass_obj
def validate(app: App, path: str, overlays: tuple[str, ...], assignments: tuple[str, ...], form: str) -> int:
    """Check everything that can be known offline: no network is touched."""
    request = request_of(app, path, overlays, assignments)
    loaded = loaded_from(app, request)
    with reporting(app, loaded):
        if form == "json":
            from reconciler.report.document import diagnostics_document, dumps

            write_json(dumps(diagnostics_document(loaded.diagnostics, mask=loaded.mask)))
        elif form != "text":
            from reconciler.model.errors import Invalid

            show_sheet(form, failure_sheet(Invalid(loaded.diagnostics), loaded, request))
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
@form_option(*FORMS)
@code_quality
@click.option("--out", metavar="FILE", type=click.Path(), help="Save the plan, for `apply FILE`.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there is something to do.")
@click.option("--base", metavar="REV", help="Tell your changes from drift: those of the files since this git revision.")
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
def plan(  # noqa: PLR0913 - each is an option
    app: App,
    /,
    *,
    form: str,
    quality: str | None,
    out: str | None,
    detailed_exitcode: bool,
    base: str | None,
    explained: tuple[str, ...],
    **asked: Any,
) -> int:
    """Fetch the live state, compare, and show the calls that would make the files true. Nothing is changed."""
    request = request_of(app, **asked)
    loaded = loaded_from(app, request)
    with opened(app, loaded, request, form, quality=quality) as session:
        from reconciler import pipeline

        before = based_on(app, request, base) if base is not None else None
        with progress(app, session, "Reading"):
            made, live = run_async(pipeline.plan(session))
        if before is not None:
            from reconciler.pipeline.causes import marked

            made = marked(made, before, session)
        for line in pipeline.left_open(session):
            say(app, line)
        explanations = pipeline.explain(session, made, live, explained) if explained else ()
        if out is not None or form in PICTURED:
            made = pipeline.fingerprinted(session, made, live)
        if out is not None:
            save_plan(app, out, made, loaded.mask)
        show_plan(
            app,
            made,
            loaded.mask,
            form,
            desired=session.desired,
            explanations=explanations,
            saved_as=out or "",
            quality=quality,
        )
        if made.refusals:
            return REFUSED
        return FOUND if made.changes and detailed_exitcode else DONE


@click.command(
    epilog=examples("reconciler show plan.json", "reconciler show plan.json --format markdown"),
    short_help="Show a saved plan.",
)
@click.argument("file", metavar="PLAN", type=click.Path())
@form_option(*FORMS)
@code_quality
@click.pass_obj
def show(app: App, file: str, form: str, quality: str | None) -> int:
    """Show a plan that `plan --out` saved, in any form; nothing is read but the file."""
    from reconciler.load import Loaded
    from reconciler.model.diagnostics import Diagnostics
    from reconciler.model.secret import Mask

    nothing = Loaded(desired=None, provider=None, diagnostics=Diagnostics(), mask=Mask())
    with reporting(app, nothing, form, quality=quality):
        from reconciler.providers import provider
        from reconciler.report.restore import restored
        from reconciler.report.saved import read_plan_file

        saved = read_plan_file(file)
        vendor = provider(saved.provider)
        made = restored(saved, vendor.kinds if vendor is not None else {})
        show_plan(app, made, Mask(), form, saved_as=file, quality=quality, document=saved.whole)
    return DONE
