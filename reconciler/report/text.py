"""What people read on a terminal: plans, diagnostics, results, drift, errors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never

from rich.console import Console
from rich.text import Text

from reconciler.model.change import Action, Change, FieldChange, MemberChange, Risk, ValueChange
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostics
from reconciler.model.errors import DefectError, Invalid, ReconcilerError, Refused, Unexpected, VendorError
from reconciler.model.plan import Differences
from reconciler.model.secret import Mask
from reconciler.report.pen import Pen, count, sentence
from reconciler.report.plan_text import counted, render_plan, write_changes, write_refusals
from reconciler.report.problems import error_words, request_words, write_problem, write_warnings
from reconciler.report.result_text import render_result

__all__ = [
    "render_diagnostics",
    "render_drift",
    "render_error",
    "render_line",
    "render_note",
    "render_plan",
    "render_result",
    "render_told",
    "render_valid",
]

_PROBLEMS_SHOWN: Final = 1_000
_ERROR_CELLS: Final = 1_000
_AS_WISHED: Final = "No drift. The live tenant is as the files say."
_FLIPPED: Final = {Action.CREATE: Action.DELETE, Action.UPDATE: Action.UPDATE, Action.DELETE: Action.CREATE}


def render_diagnostics(
    console: Console, diagnostics: Diagnostics, *, mask: Mask | None = None, verbose: bool = False
) -> None:
    """Show every problem, in the order of the files, and how many there are; nothing where there is none."""
    pen = Pen(console=console, mask=mask or Mask())
    shown = diagnostics.items if verbose else diagnostics.items[:_PROBLEMS_SHOWN]
    for item in shown:
        write_problem(pen, item)
        console.print()
    if len(shown) < len(diagnostics):
        pen.line(f"and {count(len(diagnostics) - len(shown), 'more problem')} (-v shows all)")
    if diagnostics.items:
        errors, warnings = len(diagnostics.errors), len(diagnostics.warnings)
        told = [count(errors, "error")] if errors else []
        told += [count(warnings, "warning")] if warnings else []
        pen.line(Text(", ".join(told), "bold red" if errors else "bold yellow"))


def render_line(console: Console, text: str, *, mask: Mask | None = None) -> None:
    """Say one thing, such as where a file was written; on one line, so that a path can be copied."""
    pen = Pen(console=console, mask=mask or Mask())
    console.print(Text(pen.clean(text)), soft_wrap=True)


def render_told(console: Console, text: str, *, mask: Mask | None = None) -> None:
    """Say one thing whole; what does not fit goes on below, broken between words alone: some are paths."""
    pen = Pen(console=console, mask=mask or Mask())
    pen.words(text)


def render_note(console: Console, text: str, *, mask: Mask | None = None) -> None:
    """Say one thing that nobody will copy; what does not fit goes on below."""
    pen = Pen(console=console, mask=mask or Mask())
    pen.line(pen.clean(text, _ERROR_CELLS), hang=2)


def render_valid(console: Console, desired: Desired) -> None:
    """Say in a line that a configuration is valid, and what it names."""
    pen = Pen(console=console, mask=desired.mask)
    what = f": {', '.join(counted(desired))}" if desired.sections else ""
    name = f"{pen.clean(desired.contact_center, 64)} ({pen.clean(desired.settings.type, 32)})"
    pen.line(Text.assemble(("Valid: ", "bold green"), f"{name}{what}."), hang=7)


def render_drift(  # noqa: PLR0913  (what to show, and how much of it)
    console: Console,
    differences: Differences,
    *,
    names: Mapping[tuple[str, str], str] | None = None,
    pending: Collection[str] = (),
    known: bool = True,
    mask: Mask | None = None,
    verbose: bool = False,
) -> None:
    """
    Show what someone changed by hand, from what the files say to what is live.

    Args:
        console: Where to.
        differences: What an apply would do; here it is told from the other side.
        names: People's names for objects, by section and identity.
        pending: Addresses that differ because the files changed and were not applied yet: no drift.
        known: Whether the store knows what was last applied.
        mask: Hides secrets.
        verbose: Show all of it.
    """
    pen = Pen(console=console, mask=mask or Mask(), names=names or {})
    drifted = [_flip(change) for change in differences.changes if change.address not in pending]
    waiting = len(differences.changes) - len(drifted)
    if drifted:
        pen.line(f"Changed by hand (files {pen.arrow} live):")
        console.print()
        write_changes(pen, drifted, verbose=verbose, gone="missing", new="not in the files")
        console.print()
    if differences.warnings:
        write_warnings(pen, differences.warnings, verbose=verbose)
        console.print()
    pen.line(_drift_sum(drifted, waiting), hang=2)
    if not known and drifted:
        pen.line("No apply is recorded here: what was never applied counts too, since nobody can tell.", hang=2)
    if waiting:
        differ = count(waiting, "object differs", "objects differ")
        pen.line(f"{differ} from the files: not applied yet, or rolled back.", hang=2)
    if differences.unmanaged:
        kinds = dict.fromkeys(pen.clean(sentence(item.partition("/")[0])) for item in differences.unmanaged)
        objects = f"{count(len(differences.unmanaged), 'live object')} in {', '.join(kinds)}"
        pen.line(f"Unmanaged: {objects} that the files do not name.", hang=2)
    write_refusals(pen, differences.refusals)


def _drift_sum(drifted: Sequence[Change], waiting: int) -> Text:
    if not drifted:
        return Text("No drift: nobody changed anything by hand." if waiting else _AS_WISHED)
    actions = [change.action for change in drifted]
    changed, gone, new = (actions.count(action) for action in (Action.UPDATE, Action.DELETE, Action.CREATE))
    return Text.assemble(
        ("Drift: ", "bold yellow"), f"{changed:,} changed, {gone:,} missing, {new:,} that should not be there"
    )


def _flip(change: Change) -> Change:
    """Tell a change from the other side: what the hand did, rather than what an apply would do."""
    return replace(
        change,
        action=_FLIPPED[change.action],
        fields=tuple(_flip_field(item) for item in change.fields),
        risk=Risk.LOW,  # an apply's risk says nothing of what the hand did
    )


def _flip_field(item: FieldChange) -> FieldChange:
    match item:
        case ValueChange():
            return replace(item, before=item.after, after=item.before)
        case MemberChange():
            return replace(item, add=item.remove, remove=item.add)
        case _:
            assert_never(item)


def render_error(console: Console, error: ReconcilerError, *, mask: Mask | None = None) -> None:
    """Show an error: a sentence, what to do next, and what a vendor or a guard has to say."""
    pen = Pen(console=console, mask=mask or Mask())
    if isinstance(error, Invalid):
        render_diagnostics(console, error.diagnostics, mask=mask)
        return
    pen.line(Text.assemble(("error", "bold red"), f": {error_words(pen, error)}"), hang=2)
    call = f"in the call {pen.clean(error.call, 200)}" if isinstance(error, VendorError) and error.call else ""
    where = ", ".join(filter(None, (call, request_words(pen, error))))
    if where:
        pen.line(where, indent=2, hang=2)
    if isinstance(error, Unexpected) and error.reply:
        pen.line(f"the answer begins: {pen.clean(error.reply, 300)}", indent=2, hang=2)
    if error.remedy:
        pen.line(pen.clean(error.remedy, _ERROR_CELLS), indent=2)
    if isinstance(error, DefectError) and error.file:
        pen.whole(error.file, indent=2)
    elif isinstance(error, DefectError) and error.report:
        console.print()
        for row in error.report.splitlines()[:200]:
            pen.line(pen.clean(row, 400), indent=2)
    if isinstance(error, Refused):
        write_refusals(pen, error.refusals)
