"""
Results, shown in the form that was asked for.

`text` is for the terminal and `json` the value itself; every other form is written from a sheet.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from reconciler.cli.app import App, say_written
from reconciler.cli.home import here, home
from reconciler.cli.output import write_file, write_json, write_utf8

if TYPE_CHECKING:
    from reconciler.model.desired import Desired
    from reconciler.model.explanation import Explanation
    from reconciler.model.plan import Plan
    from reconciler.model.secret import Mask
    from reconciler.report.sheet import Sheet

FORMS: Final = ("text", "json", "markdown", "html", "sarif", "github", "gitlab", "junit")
PICTURED: Final = frozenset({"json", "html", "markdown"})  # the forms that show how callers reach people
_JSON: Final = frozenset({"sarif", "gitlab"})


def show_sheet(form: str, sheet: Sheet) -> None:
    """Show a sheet in any form but text and JSON; in a pipeline its files are linked to where they can be read."""
    from reconciler.report.forms import written

    text = written(form, replace(sheet, home=home(os.environ, here())))
    if form in _JSON:
        write_json(text)
    else:
        write_utf8(text)


def save_code_quality(app: App, path: str, sheet: Sheet) -> None:
    """Write GitLab's Code Quality report of a sheet to a file."""
    from reconciler.report.gitlab import code_quality

    write_file(path, code_quality(sheet))
    say_written(app, path)


def show_plan(  # noqa: PLR0913 - what to show, and how
    app: App,
    made: Plan,
    mask: Mask,
    form: str,
    *,
    desired: Desired | None = None,
    explanations: Sequence[Explanation] = (),
    saved_as: str = "",
    quality: str | None = None,
    document: Mapping[str, Any] | None = None,
) -> None:
    """
    Show a plan, with what was asked to be explained of it.

    *saved_as* is the file that holds it, *quality* the one that gets GitLab's Code Quality report,
    *document* the plan's JSON where it was read from a file: it is shown as it is, explanations and all.
    """
    if quality is not None:
        from reconciler.report.writer import plan_sheet

        save_code_quality(app, quality, plan_sheet(made, mask=mask, saved_as=saved_as, here=here()))
    if form == "json":
        from reconciler.report.document import dumps

        write_json(dumps(_document(made, mask, explanations) if document is None else document))
        return
    if form != "text":
        from reconciler.report.writer import plan_sheet

        show_sheet(form, plan_sheet(made, mask=mask, saved_as=saved_as, here=here()))
        return
    from reconciler.report.plan_text import render_plan

    render_plan(app.out, made, desired=desired, explanations=explanations, verbose=app.verbosity > 0, mask=mask)


def _document(made: Plan, mask: Mask, explanations: Sequence[Explanation]) -> Mapping[str, Any]:
    from reconciler.report.document import plan_document

    document = plan_document(made, mask=mask)
    if explanations:
        from reconciler.report.explain import explanations_document

        document["explanations"] = explanations_document(explanations, mask=mask)
    return document


def show_result(app: App, result: Any, made: Plan, mask: Mask, form: str) -> None:
    """Show how an apply went."""
    if form == "json":
        from reconciler.report.document import dumps, result_document

        write_json(dumps(result_document(result, made, mask=mask)))
        return
    from reconciler.report.text import render_result

    render_result(app.out, result, made, mask=mask, verbose=app.verbosity > 0)


def save_plan(app: App, path: str, made: Plan, mask: Mask) -> None:
    """Save a plan, for `apply FILE`."""
    from reconciler.report.document import dumps, plan_document

    write_file(path, dumps(plan_document(made, mask=mask)))
    say_written(app, path)
