"""Results, shown in the form that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reconciler.cli.app import App, say_written
from reconciler.cli.output import write_file, write_json

if TYPE_CHECKING:
    from reconciler.model.explanation import Explanation
    from reconciler.model.plan import Plan
    from reconciler.model.secret import Mask
    from reconciler.session import Session


def show_plan(  # noqa: PLR0913 - what to show, and how
    app: App, made: Plan, session: Session, mask: Mask, form: str, *, explanations: Sequence[Explanation] = ()
) -> None:
    """Show a plan, with what was asked to be explained of it."""
    if form == "json":
        from reconciler.report.document import dumps, plan_document

        document = plan_document(made, mask=mask)
        if explanations:
            from reconciler.report.explain import explanations_document

            document["explanations"] = explanations_document(explanations, mask=mask)
        write_json(dumps(document))
        return
    from reconciler.report.plan_text import render_plan

    render_plan(app.out, made, desired=session.desired, explanations=explanations, verbose=app.verbosity > 0, mask=mask)


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
