"""The command for pull requests that no secret may reach: `review`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler.cli.app import DONE, ERROR, FOUND, App, show_problems
from reconciler.cli.home import here
from reconciler.cli.options import code_quality, configuration, examples, form_option
from reconciler.cli.output import write_json
from reconciler.cli.showing import FORMS, PICTURED, save_code_quality, show_sheet
from reconciler.cli.work import failure_sheet, reporting, request_of

if TYPE_CHECKING:
    from reconciler.load import Loaded
    from reconciler.model.review import Review
    from reconciler.review.loading import At
    from reconciler.session import Request


@click.command(
    epilog=examples(
        "reconciler review . --base origin/main",
        "reconciler review config --base v1.4 --head v1.5 --format markdown",
    ),
    short_help="Show what a git change means.",
)
@configuration
@click.option("--base", required=True, metavar="REV", help="The git revision to compare with, such as origin/main.")
@click.option("--head", metavar="REV", help="The revision that is reviewed (default: the files as they are).")
@form_option(*FORMS)
@code_quality
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when anything changes.")
@click.pass_obj
def review(  # noqa: PLR0913 - each is an option
    app: App,
    /,
    *,
    path: str,
    base: str,
    head: str | None,
    overlays: tuple[str, ...],
    assignments: tuple[str, ...],
    form: str,
    quality: str | None,
    detailed_exitcode: bool,
) -> int:
    """
    Show what changes between two git revisions of a configuration, without network and credentials.

    What the files mean is compared: moved or reformatted YAML is no change. No environment variable is read; ${env:}
    stands for itself on both sides.
    """
    from reconciler.load import Loaded
    from reconciler.model.diagnostics import Diagnostics
    from reconciler.model.secret import Mask
    from reconciler.review import loading

    request = request_of(app, path, overlays, assignments)
    nothing = Loaded(desired=None, provider=None, diagnostics=Diagnostics(), mask=Mask())
    with reporting(app, nothing, form, request=request, quality=quality):
        after = loading.reviewed(request, head)
    assert after.loaded is not None, "what is reviewed is there"
    app.masks.append(after.loaded.mask)
    with reporting(app, after.loaded, form, request=request, quality=quality):
        if after.loaded.diagnostics.failed:
            _show_invalid(app, after.loaded, request, form, quality)
            return ERROR
        made, before = loading.review(request, after, base, pictured=form in PICTURED)
        if before.loaded is not None:
            app.masks.append(before.loaded.mask)
        _show(app, made, request, form, quality)
        return FOUND if detailed_exitcode and not made.empty else DONE


def _show_invalid(app: App, loaded: Loaded, request: Request, form: str, quality: str | None) -> None:
    """Show what is wrong with what is reviewed."""
    from reconciler.model.errors import Invalid

    if form == "json":
        from reconciler.report.document import diagnostics_document, dumps

        write_json(dumps(diagnostics_document(loaded.diagnostics, mask=loaded.mask)))
    elif form != "text":
        show_sheet(form, failure_sheet(Invalid(loaded.diagnostics), loaded, request))
    if form in {"text", "html"}:
        show_problems(app, loaded.diagnostics, loaded.mask)
    if quality is not None:
        save_code_quality(app, quality, failure_sheet(Invalid(loaded.diagnostics), loaded, request))


def _show(app: App, made: Review, request: Request, form: str, quality: str | None) -> None:
    """Show a review."""
    if quality is not None:
        from reconciler.report.review_sheet import review_sheet

        save_code_quality(app, quality, review_sheet(made, mask=app.mask, origin=request.origin, here=here()))
    if form == "json":
        from reconciler.report.document import dumps
        from reconciler.report.review_document import review_document

        write_json(dumps(review_document(made, mask=app.mask)))
    elif form == "text":
        from reconciler.report.review_text import render_review

        render_review(app.out, made, mask=app.mask, verbose=app.verbosity > 0)
    else:
        from reconciler.report.review_sheet import review_sheet

        show_sheet(form, review_sheet(made, mask=app.mask, origin=request.origin, here=here()))


def based_on(app: App, request: Request, rev: str) -> At:
    """Load the configuration as it was at a revision; its secrets are masked from now on."""
    from reconciler.review import loading

    found = loading.at_revision(request, rev)
    if found.loaded is not None:
        app.masks.append(found.loaded.mask)
    return found
